//! What a REGISTER asks for (RFC 3261 §10.3), and the answer to it.

use crate::refusal::Refusal;
use crate::registrar::{Registrar, Wanted};
use crate::{Binding, Nat};
use model::{Duration, Now, Number, Time};
use sip::message::{Name, NameAddr, Request, Response, Via};
use sip::{Flow, Scheme, Transport, Uri};
use std::net::SocketAddr;

/// What a REGISTER asks for.
#[derive(Debug, PartialEq)]
pub(crate) enum Asked {
    /// Which phones are registered.
    List,
    /// To forget all of them (`Contact: *`).
    ForgetAll {
        /// Of this registration.
        call_id: String,
        /// Of this request.
        cseq: u32,
    },
    /// To add, refresh or forget these.
    Change(Vec<Wanted>),
}

/// Reads a REGISTER of an extension that proved who it is.
pub(crate) fn read(
    now: Now,
    extension: Number,
    flow: Flow,
    request: &Request,
    contacts_max: usize,
) -> Result<Asked, Refusal> {
    let bad = |_| Refusal::new(400);
    let call_id = request.call_id().ok_or(Refusal::new(400))?;
    let cseq = request.cseq().map_err(bad)?.number;
    if request.values(Name::Contact).any(|value| value == "*") {
        return forget_all(request, call_id, cseq);
    }
    let registration = Registration {
        now,
        extension,
        flow,
        call_id,
        cseq,
        path: read_path(request)?,
        user_agent: one_line(
            request.header(Name::UserAgent).unwrap_or_default(),
            USER_AGENT_BYTES_MAX,
        ),
        outbound: match request.lists(Name::Supported, "outbound") {
            true => Outbound::Supported,
            false => Outbound::Unsaid,
        },
        answers_from: AnswersFrom::of(&request.via().map_err(bad)?),
        // What cannot be read counts as unsaid (RFC 3261 §10.2.1.1).
        expires: request.expires(),
    };
    let mut wanted = Vec::new();
    for contact in request.contacts() {
        if wanted.len() >= contacts_max {
            return Err(Refusal::new(403));
        }
        wanted.push(registration.contact(&contact.map_err(bad)?)?);
    }
    if wanted.is_empty() {
        return Ok(Asked::List);
    }
    Ok(Asked::Change(wanted))
}

/// RFC 3261 §10.2.2: `*` stands alone and with `Expires: 0`.
fn forget_all(request: &Request, call_id: &str, cseq: u32) -> Result<Asked, Refusal> {
    if request.has_star_contact() && request.expires() == Some(0) {
        Ok(Asked::ForgetAll {
            call_id: call_id.to_owned(),
            cseq,
        })
    } else {
        Err(Refusal::new(400))
    }
}

/// What all contacts of a REGISTER share.
struct Registration<'a> {
    now: Now,
    extension: Number,
    flow: Flow,
    call_id: &'a str,
    cseq: u32,
    path: Vec<String>,
    user_agent: String,
    answers_from: AnswersFrom,
    outbound: Outbound,
    expires: Option<u32>,
}

/// Where a phone takes requests, as far as its REGISTER tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AnswersFrom {
    /// Where it sends from: it said `rport` (RFC 3581).
    WhereItSends,
    /// Perhaps only at the port of its contact.
    Unsaid,
}

/// Whether a phone keeps its flows open (RFC 5626).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outbound {
    Supported,
    Unsaid,
}

impl Registration<'_> {
    fn contact(&self, contact: &NameAddr<'_>) -> Result<Wanted, Refusal> {
        let text = contact.uri_text();
        if text.len() > CONTACT_BYTES_MAX {
            return Err(Refusal::new(400));
        }
        let place = self.place(contact.uri())?;
        let wanted = contact.param("expires").and_then(seconds).or(self.expires);
        let expires = granted(wanted, place.nat, self.flow.transport)?;
        let instance = contact.param("+sip.instance").map(instance);
        let binding = Binding {
            extension: self.extension,
            contact: text.to_owned(),
            flow: place.flow,
            path: self.path.clone(),
            reg_id: match (&instance, self.outbound) {
                (Some(_), Outbound::Supported) => contact.param("reg-id").and_then(seconds),
                (Some(_), Outbound::Unsaid) | (None, _) => None,
            },
            instance,
            q: contact.param("q").map_or(Q_MAX, thousandths),
            nat: place.nat,
            call_id: one_line(self.call_id, CALL_ID_BYTES_MAX),
            cseq: self.cseq,
            user_agent: self.user_agent.clone(),
            expires: self.now.wall + expires.unwrap_or_default(),
        };
        Ok(match expires {
            Some(_) => Wanted::Bind(binding),
            None => Wanted::Unbind(binding),
        })
    }

    /// Which way requests to a contact travel. A phone behind NAT knows only its private address, so they
    /// go where the registration came from; so do all that say `rport`, and everything over a stream.
    fn place(&self, uri: &Uri<'_>) -> Result<Place, Refusal> {
        match uri.scheme() {
            Scheme::Sip | Scheme::Sips => Ok(place(self.flow, self.answers_from, uri)),
            Scheme::Tel | Scheme::Other(_) => Err(Refusal::new(400)),
        }
    }
}

struct Place {
    flow: Flow,
    nat: Nat,
}

/// See [`Registration::place`].
fn place(flow: Flow, answers_from: AnswersFrom, uri: &Uri<'_>) -> Place {
    let seen = canonical(flow.remote);
    let address = address(uri).map(canonical);
    let here = |nat| Place { flow, nat };
    match (address, flow.transport, answers_from) {
        // A name, such as a browser's `.invalid` (RFC 7118 §5.3).
        (None, _, _) => here(Nat::Direct),
        (Some(said), _, _) if said.ip() != seen.ip() => here(Nat::Behind),
        (Some(said), Transport::Udp, AnswersFrom::WhereItSends) if said != seen => {
            here(Nat::Behind)
        }
        (Some(said), Transport::Udp, AnswersFrom::Unsaid) => Place {
            flow: Flow {
                remote: SocketAddr::new(flow.remote.ip(), said.port()),
                ..flow
            },
            nat: Nat::Direct,
        },
        (Some(_), _, _) => here(Nat::Direct),
    }
}

/// Which way requests to the contact of somebody travel whose request came over `flow`: as to a registered phone.
pub(crate) fn reached(flow: Flow, request: &Request, contact: &str) -> Flow {
    match (Uri::parse(contact), request.via()) {
        (Ok(uri), Ok(via)) => place(flow, AnswersFrom::of(&via), &uri).flow,
        (Err(_), _) | (_, Err(_)) => flow,
    }
}

impl AnswersFrom {
    fn of(via: &Via<'_>) -> Self {
        if via.has_rport() {
            Self::WhereItSends
        } else {
            Self::Unsaid
        }
    }
}

/// An IPv4 address is the same on a socket of both families.
fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

/// The address that a URI names, unless it is a name.
pub(crate) fn address(uri: &Uri<'_>) -> Option<SocketAddr> {
    let transport = uri.param("transport").and_then(Transport::parse);
    let default = match (uri.scheme(), transport) {
        (Scheme::Sips, _) => Transport::Tls,
        (_, Some(named)) => named,
        (_, None) => Transport::Udp,
    };
    let port = uri.port().unwrap_or_else(|| default.default_port());
    Some(SocketAddr::new(uri.host().ip()?, port))
}

/// How long a contact is registered; `None` when it is to be forgotten.
fn granted(
    wanted: Option<u32>,
    nat: Nat,
    transport: Transport,
) -> Result<Option<Duration>, Refusal> {
    let longest = match (nat, transport) {
        (Nat::Behind, Transport::Udp) => EXPIRES_BEHIND_NAT_MAX,
        (Nat::Behind | Nat::Direct, _) => EXPIRES_MAX,
    };
    match wanted.map(|seconds| Duration::from_secs(seconds.into())) {
        None => Ok(Some(EXPIRES_DEFAULT.min(longest))),
        Some(Duration::ZERO) => Ok(None),
        Some(short) if short < EXPIRES_MIN => {
            Err(Refusal::new(423).with(Name::MinExpires, EXPIRES_MIN.as_secs()))
        }
        Some(wanted) => Ok(Some(wanted.min(longest))),
    }
}

/// Lists all phones of the extension (RFC 3261 §10.3 step 8), and the path of this one (RFC 3327 §5.3).
pub(crate) fn answer(
    now: Time,
    registrar: &Registrar,
    extension: &Number,
    request: &Request,
    to_tag: &str,
    product: &str,
) -> Response {
    let mut response = Response::to(request, 200)
        .to_tag(to_tag)
        .header(Name::Server, product);
    let mut outbound = false;
    for (_, phone) in registrar.phones(extension) {
        let binding = &phone.binding;
        let left = phone.ends.since(now).as_secs();
        let mut contact = format!("<{}>;expires={left}", binding.contact);
        if binding.q != Q_MAX {
            contact += &format!(";q={}.{:03}", binding.q / Q_MAX, binding.q % Q_MAX);
        }
        if let Some(instance) = &binding.instance {
            contact += &format!(";+sip.instance=\"{instance}\"");
        }
        if let Some(reg_id) = binding.reg_id {
            contact += &format!(";reg-id={reg_id}");
            outbound |= binding.call_id == request.call_id().unwrap_or_default();
        }
        response = response.header(Name::Contact, contact);
    }
    for path in request.headers(Name::Path) {
        response = response.header(Name::Path, path);
    }
    // RFC 5626 §6: tells the phone that its flows are kept apart here.
    if outbound {
        response = response.header(Name::Require, "outbound");
    }
    response.header(Name::Supported, "path, outbound").finish()
}

/// The proxies before the phone.
fn read_path(request: &Request) -> Result<Vec<String>, Refusal> {
    let mut path = Vec::new();
    for value in request.values(Name::Path) {
        if path.len() >= PATHS_MAX || value.len() > CONTACT_BYTES_MAX {
            return Err(Refusal::new(400));
        }
        path.push(one_line(value, CONTACT_BYTES_MAX));
    }
    Ok(path)
}

/// Delta-seconds; a number too large to hold stands for the largest (RFC 4475 §3.1.2.4).
fn seconds(text: &str) -> Option<u32> {
    let text = text.trim();
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u32::MAX))
}

/// RFC 3261 §25.1 qvalue: 0 to 1 with up to three decimals. Anything else is as good as unsaid.
fn thousandths(q: &str) -> u16 {
    let q = q.trim();
    let (whole, decimals) = q.split_once('.').unwrap_or((q, ""));
    let digits = decimals.bytes().all(|byte| byte.is_ascii_digit());
    match (whole, decimals) {
        ("0" | "", decimals) if digits && decimals.len() <= 3 => {
            format!("{decimals:0<3}").parse().unwrap_or(Q_MAX)
        }
        _ => Q_MAX,
    }
}

/// `+sip.instance` without its quotes, cut to what is kept.
fn instance(quoted: &str) -> String {
    one_line(quoted.trim_matches('"'), INSTANCE_BYTES_MAX)
}

/// Text that stays within a line and a limit.
pub(crate) fn one_line(text: &str, bytes_max: usize) -> String {
    let end = text.floor_char_boundary(bytes_max);
    text.get(..end)
        .unwrap_or_default()
        .chars()
        .map(|c| if c.is_control() || c == '"' { ' ' } else { c })
        .collect()
}

/// The shortest registration (SI-01).
const EXPIRES_MIN: Duration = Duration::from_secs(60);
/// The longest registration (SI-01).
pub(crate) const EXPIRES_MAX: Duration = Duration::from_secs(7200);
/// What is granted when nothing is asked for (SI-01).
const EXPIRES_DEFAULT: Duration = Duration::from_secs(3600);
/// The longest registration over UDP through an address translator: it may forget its mapping, or get
/// another address, and only the next registration tells (CHECKLIST §4).
const EXPIRES_BEHIND_NAT_MAX: Duration = Duration::from_secs(300);
/// The longest contact and path.
const CONTACT_BYTES_MAX: usize = 512;
/// The longest device id kept.
const INSTANCE_BYTES_MAX: usize = 128;
/// The longest Call-ID kept.
const CALL_ID_BYTES_MAX: usize = 256;
/// The longest User-Agent kept.
const USER_AGENT_BYTES_MAX: usize = 128;
/// The most proxies before a phone.
const PATHS_MAX: usize = 4;
/// The q of a contact that names none (RFC 3261 §10.2.1.2 leaves it open).
const Q_MAX: u16 = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(uri: &str) -> Option<String> {
        let uri = Uri::parse(uri).expect("a URI");
        address(&uri).map(|address| address.to_string())
    }

    #[test]
    fn a_contact_without_a_port_has_that_of_its_transport() {
        for (uri, place) in [
            ("sip:100@192.0.2.1", "192.0.2.1:5060"),
            ("sip:100@192.0.2.1;transport=TCP", "192.0.2.1:5060"),
            ("sip:100@192.0.2.1;transport=tls", "192.0.2.1:5061"),
            ("sips:100@192.0.2.1", "192.0.2.1:5061"),
            ("sip:100@[2001:db8::1]:5070", "[2001:db8::1]:5070"),
        ] {
            assert_eq!(at(uri).as_deref(), Some(place), "{uri}");
        }
        assert_eq!(at("sip:100@df7jal23ls0d.invalid;transport=ws"), None);
    }

    /// SI-01
    #[test]
    fn q_is_read_in_thousandths_and_counts_as_one_when_it_is_none() {
        for (text, thousandth) in [
            ("0", 0),
            ("0.", 0),
            ("0.5", 500),
            (".25", 250),
            ("0.007", 7),
            ("1", 1000),
            ("1.000", 1000),
            ("0.0001", 1000),
            ("high", 1000),
            ("-1", 1000),
        ] {
            assert_eq!(thousandths(text), thousandth, "{text}");
        }
    }

    #[test]
    fn what_is_kept_of_a_phone_is_one_short_line() {
        assert_eq!(one_line("Desk\r\nphone \"7\"", 100), "Desk  phone  7 ");
        assert_eq!(one_line("电话机", 7), "电话");
        assert_eq!(instance("\"<urn:uuid:1>\""), "<urn:uuid:1>");
    }
}
