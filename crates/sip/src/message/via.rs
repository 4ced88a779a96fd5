//! Via: the way a request came (RFC 3261 §20.42).

use crate::lex;
use crate::uri::{Host, Params};
use std::fmt;
use std::net::IpAddr;

/// One hop of a request.
#[derive(Clone, Copy, Debug)]
pub struct Via<'a> {
    transport: &'a str,
    host: Host<'a>,
    port: Option<u16>,
    params: Params<'a>,
}

/// Where a hop wants its responses: a host and perhaps a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SentBy<'a> {
    /// The host.
    pub host: Host<'a>,
    /// The port, where one is written.
    pub port: Option<u16>,
}

impl<'a> Via<'a> {
    pub(super) fn read(text: &'a str) -> Option<Self> {
        let rest = match text.strip_prefix("SIP/2.0/") {
            Some(rest) => lex::trim(rest),
            None => after_spaced_version(text)?,
        };
        let end = rest.bytes().position(lex::is_blank)?;
        let (transport, rest) = rest.split_at_checked(end)?;
        let (sent_by, params) = lex::cut(rest, b';');
        let (host, port) = Host::with_port(lex::trim(sent_by)).ok()?;
        let params = Params::new(params.unwrap_or_default());
        (lex::all_token(transport) && params.are_well_formed()).then_some(Self {
            transport,
            host,
            port,
            params,
        })
    }

    /// The transport as written, such as `UDP`.
    #[must_use]
    pub const fn transport(&self) -> &'a str {
        self.transport
    }

    /// Where the sender wants responses.
    #[must_use]
    pub const fn sent_by(&self) -> SentBy<'a> {
        SentBy {
            host: self.host,
            port: self.port,
        }
    }

    /// The host of `sent-by`.
    #[must_use]
    pub const fn host(&self) -> Host<'a> {
        self.host
    }

    /// The port of `sent-by`, where one is written.
    #[must_use]
    pub const fn port(&self) -> Option<u16> {
        self.port
    }

    /// Its parameters.
    #[must_use]
    pub const fn params(&self) -> Params<'a> {
        self.params
    }

    /// The value of a parameter, `""` when it has none.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&'a str> {
        self.params.get(name)
    }

    /// What identifies the transaction; an empty one is none.
    #[must_use]
    pub fn branch(&self) -> Option<&'a str> {
        self.params
            .get("branch")
            .filter(|branch| !branch.is_empty())
    }

    /// The address that the request came from, if the next hop said so, with or without the brackets of
    /// IPv6 (RFC 5118 §4.5).
    #[must_use]
    pub fn received(&self) -> Option<IpAddr> {
        let text = self.params.get("received")?;
        text.trim_start_matches('[')
            .trim_end_matches(']')
            .parse()
            .ok()
    }

    /// Whether the sender wants responses at the port that the request came from (RFC 3581 §3).
    #[must_use]
    pub fn has_rport(&self) -> bool {
        self.params.has("rport")
    }

    /// The port that the request came from, if the next hop said so.
    #[must_use]
    pub fn rport(&self) -> Option<u16> {
        crate::uri::number(self.params.get("rport")?)
    }
}

/// What follows `SIP / 2.0 /`, in any case and with the blanks that RFC 3261 §25.1 allows.
fn after_spaced_version(text: &str) -> Option<&str> {
    let (name, rest) = lex::split(text, b'/');
    let (version, rest) = lex::split(rest?, b'/');
    let is_ours = lex::trim(name).eq_ignore_ascii_case("SIP") && lex::trim(version) == "2.0";
    rest.map(lex::trim).filter(|_| is_ours)
}

impl fmt::Display for SentBy<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => write!(f, "{}:{port}", self.host),
            None => write!(f, "{}", self.host),
        }
    }
}
