//! What requests and responses have in common: headers and a body.

use super::index::{Index, Line};
use super::name::Code;
use super::{Method, Name, NameAddr, Problem, Via};
use crate::lex::{self, List};
use std::{fmt, slice};

/// The headers and the body of a message.
#[derive(Clone, PartialEq, Eq)]
pub struct Fields {
    pub(super) index: Index,
}

/// The number and the method of CSeq (RFC 3261 §20.16).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CSeq {
    /// Below 2^31.
    pub number: u32,
    /// The method of the request.
    pub method: Method,
}

/// What a PRACK acknowledges (RFC 3262 §7.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RAck {
    /// The RSeq of the response.
    pub response: u32,
    /// The CSeq of the request that it answers.
    pub cseq: CSeq,
}

impl Fields {
    /// The whole message as it is sent. Of a received one, line ends within headers are blanks.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.index.bytes
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        self.index.body.of(&self.index.bytes)
    }

    /// All headers in order: names as they were spelled, and values.
    pub fn lines(&self) -> impl Iterator<Item = (&str, &str)> {
        let index = &self.index;
        index
            .lines
            .iter()
            .map(|line| (index.text(line.name), index.value(line)))
    }

    /// The value of the first header of that name. Bytes that are no UTF-8 are read as Latin-1.
    pub fn header(&self, name: impl Into<Name>) -> Option<&str> {
        self.index.first(&name.into())
    }

    /// The values of all headers of that name, one for each line.
    pub fn headers(&self, name: impl Into<Name>) -> Headers<'_> {
        let name = name.into();
        Headers {
            rest: self.index.lines.iter(),
            index: &self.index,
            code: name.code(),
            name,
        }
    }

    /// The values of all headers of that name, lists cut at their commas (RFC 3261 §7.3.1).
    pub fn values(&self, name: impl Into<Name>) -> Values<'_> {
        Values {
            lines: self.headers(name),
            list: List(None),
        }
    }

    /// Whether a list such as Supported or Require names an option, in any case.
    pub fn lists(&self, name: impl Into<Name>, option: &str) -> bool {
        self.values(name)
            .any(|value| value.eq_ignore_ascii_case(option))
    }

    /// The top Via: the last hop. It is the first thing said in the first Via line.
    ///
    /// # Errors
    /// When it is missing or unreadable.
    pub fn via(&self) -> Result<Via<'_>, Problem> {
        top_via(self.header(Name::Via))
    }

    /// Every Via, the last hop first.
    pub fn vias(&self) -> impl Iterator<Item = Result<Via<'_>, Problem>> {
        self.values(Name::Via)
            .map(|value| Via::read(value).ok_or(Problem::Unreadable("Via")))
    }

    /// Who sent the request.
    ///
    /// # Errors
    /// When it is missing or unreadable.
    pub fn from(&self) -> Result<NameAddr<'_>, Problem> {
        address(self.header(Name::From), "From")
    }

    /// Whom the request is meant for.
    ///
    /// # Errors
    /// When it is missing or unreadable.
    pub fn to(&self) -> Result<NameAddr<'_>, Problem> {
        address(self.header(Name::To), "To")
    }

    /// What all messages of one dialog or registration share.
    #[must_use]
    pub fn call_id(&self) -> Option<&str> {
        self.header(Name::CallId).filter(|id| !id.is_empty())
    }

    /// The place of the request in its dialog.
    ///
    /// # Errors
    /// When it is missing, unreadable, or 2^31 or more.
    pub fn cseq(&self) -> Result<CSeq, Problem> {
        read_cseq(self.header(Name::CSeq))
    }

    /// Which reliable response a PRACK acknowledges.
    ///
    /// # Errors
    /// When it is missing or unreadable.
    pub fn rack(&self) -> Result<RAck, Problem> {
        let value = self.header(Name::RAck).ok_or(Problem::Missing("RAck"))?;
        let read = || {
            let (response, rest) = value.split_once([' ', '\t'])?;
            Some(RAck {
                response: decimal(response)?,
                cseq: cseq(lex::trim(rest))?,
            })
        };
        read().ok_or(Problem::Unreadable("RAck"))
    }

    /// The number of a reliable provisional response (RFC 3262 §7.1).
    #[must_use]
    pub fn rseq(&self) -> Option<u32> {
        decimal(self.header(Name::RSeq)?)
    }

    /// Where the sender can be reached directly. The `*` of RFC 3261 §10.2.2 is unreadable here:
    /// [`Self::has_star_contact`] finds it.
    pub fn contacts(&self) -> impl Iterator<Item = Result<NameAddr<'_>, Problem>> {
        self.addresses(Name::Contact, "Contact")
    }

    /// Whether the one Contact is `*`.
    #[must_use]
    pub fn has_star_contact(&self) -> bool {
        let mut contacts = self.values(Name::Contact);
        contacts.next() == Some("*") && contacts.next().is_none()
    }

    /// Where the request must still go.
    pub fn routes(&self) -> impl Iterator<Item = Result<NameAddr<'_>, Problem>> {
        self.addresses(Name::Route, "Route")
    }

    /// Who wants to see the further requests of the dialog.
    pub fn record_routes(&self) -> impl Iterator<Item = Result<NameAddr<'_>, Problem>> {
        self.addresses(Name::RecordRoute, "Record-Route")
    }

    /// Who the sender says he is, to those who trust him (RFC 3325 §9.1).
    pub fn asserted_identities(&self) -> impl Iterator<Item = Result<NameAddr<'_>, Problem>> {
        self.addresses(Name::PAssertedIdentity, "P-Asserted-Identity")
    }

    fn addresses(
        &self,
        name: Name,
        called: &'static str,
    ) -> impl Iterator<Item = Result<NameAddr<'_>, Problem>> {
        self.values(name)
            .map(move |value| NameAddr::read(value).ok_or(Problem::Unreadable(called)))
    }

    /// How many hops are left, when it says so.
    ///
    /// # Errors
    /// When it is no number from 0 to 255 (RFC 3261 §20.22).
    pub fn max_forwards(&self) -> Result<Option<u8>, Problem> {
        let unreadable = Problem::Unreadable("Max-Forwards");
        match self.header(Name::MaxForwards) {
            Some(value) => {
                let hops = decimal(value).and_then(|hops| u8::try_from(hops).ok());
                hops.map(Some).ok_or(unreadable)
            }
            None => Ok(None),
        }
    }

    /// The seconds of Expires; more than 2^32-1 are that many (RFC 3261 §20.19). `None` when it is missing or
    /// no number.
    #[must_use]
    pub fn expires(&self) -> Option<u32> {
        seconds(self.header(Name::Expires)?.as_bytes())
    }

    /// The type of the body, with its parameters.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.header(Name::ContentType)
    }

    /// Whether the body is of that type, such as `application/sdp`; parameters and case do not count.
    #[must_use]
    pub fn is_content(&self, media_type: &str) -> bool {
        self.content_type().is_some_and(|value| {
            let (value, _) = lex::cut(value, b';');
            let mut parts = value.split('/').map(lex::trim);
            media_type.split('/').all(|part| {
                parts
                    .next()
                    .is_some_and(|there| there.eq_ignore_ascii_case(part))
            }) && parts.next().is_none()
        })
    }

    /// What the sender proves himself with, one for each line (RFC 3261 §22.2).
    pub fn authorization(&self) -> Headers<'_> {
        self.headers(Name::Authorization)
    }

    /// The same, for proxies (RFC 3261 §22.3).
    pub fn proxy_authorization(&self) -> Headers<'_> {
        self.headers(Name::ProxyAuthorization)
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(self.bytes()))
    }
}

/// The values of the headers of one name, one for each line.
#[derive(Clone)]
pub struct Headers<'a> {
    rest: slice::Iter<'a, Line>,
    index: &'a Index,
    code: Code,
    name: Name,
}

impl<'a> Iterator for Headers<'a> {
    type Item = &'a str;
    fn next(&mut self) -> Option<&'a str> {
        let (index, code, name) = (self.index, self.code, &self.name);
        self.rest
            .find(|line| index.is_named(line, code, name))
            .map(|line| index.value(line))
    }
}

/// The values of the headers of one name, lists cut at their commas.
#[derive(Clone)]
pub struct Values<'a> {
    lines: Headers<'a>,
    list: List<'a>,
}

impl<'a> Iterator for Values<'a> {
    type Item = &'a str;
    fn next(&mut self) -> Option<&'a str> {
        loop {
            if let Some(value) = self.list.next() {
                return Some(value);
            }
            self.list = List(Some(self.lines.next()?));
        }
    }
}

pub(super) fn top_via(line: Option<&str>) -> Result<Via<'_>, Problem> {
    let (top, _) = lex::cut(line.ok_or(Problem::Missing("Via"))?, b',');
    Via::read(lex::trim(top)).ok_or(Problem::Unreadable("Via"))
}

pub(super) fn address<'a>(
    value: Option<&'a str>,
    called: &'static str,
) -> Result<NameAddr<'a>, Problem> {
    let value = value.ok_or(Problem::Missing(called))?;
    NameAddr::read(value).ok_or(Problem::Unreadable(called))
}

pub(super) fn read_cseq(value: Option<&str>) -> Result<CSeq, Problem> {
    let value = value.ok_or(Problem::Missing("CSeq"))?;
    cseq(value).ok_or(Problem::Unreadable("CSeq"))
}

fn cseq(text: &str) -> Option<CSeq> {
    let (number, method) = text.split_once([' ', '\t'])?;
    let number = decimal(number).filter(|number| *number <= CSEQ_MAX)?;
    let method = lex::trim(method);
    lex::all_token(method).then(|| CSeq {
        number,
        method: Method::parse(method),
    })
}

/// RFC 3261 §8.1.1.5.
const CSEQ_MAX: u32 = (1 << 31) - 1;

/// Digits and nothing else; leading zeros do not count.
fn decimal(text: &str) -> Option<u32> {
    is_digits(text.as_bytes()).then(|| text.parse().ok())?
}

/// Digits and nothing else; more than 2^32-1 are that many.
pub(super) fn seconds(text: &[u8]) -> Option<u32> {
    let digit = |b: &u8| u32::from(b.wrapping_sub(b'0'));
    let add = |number: u32, b: &u8| number.saturating_mul(10).saturating_add(digit(b));
    is_digits(text).then(|| text.iter().fold(0, add))
}

fn is_digits(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}
