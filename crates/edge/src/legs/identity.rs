//! Who calls, as SIP says it: From, P-Asserted-Identity, Privacy, Contact, and the wish that a phone
//! answers by itself.

use super::LegDirection;
use model::{Number, Party};
use sip::Transport;
use sip::message::{Header, Name};
use std::fmt::Write as _;

/// The value of From without a tag, `host` being what the phone knows us by (RFC 3261 §20.20). A caller
/// who is anonymous is so in the way of RFC 3323 §4.1.
pub(super) fn from(party: &Party, host: &str) -> String {
    address(party, host)
        .unwrap_or_else(|| r#""Anonymous" <sip:anonymous@anonymous.invalid>"#.to_owned())
}

/// The value of P-Asserted-Identity; `None` when the party is anonymous.
fn asserted(party: &Party, host: &str) -> Option<String> {
    address(party, host)
}

/// What tells a phone whom it talks with, besides From: the asserted identity, or that there is to be none
/// (RFC 3325 §9.1, §9.3).
pub(super) fn headers(party: &Party, host: &str) -> Vec<Header> {
    vec![match asserted(party, host) {
        Some(identity) => Header::new(Name::PAssertedIdentity, identity),
        None => Header::new(Name::Privacy, "id"),
    }]
}

/// How a phone learns whom it talks with, besides From.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Dialect {
    /// By P-Asserted-Identity.
    #[default]
    Asserted,
    /// By the older Remote-Party-ID, and by nothing else.
    RemoteParty,
}

impl Dialect {
    /// That of a phone which calls itself so.
    pub(super) fn of(agent: &str) -> Self {
        if REMOTE_PARTY_ONLY
            .iter()
            .any(|known| agent.starts_with(known))
        {
            Self::RemoteParty
        } else {
            Self::Asserted
        }
    }
}

/// What a phone of an older dialect needs besides [`headers`]. Who calls us talks with the called party, whom we call
/// with the calling one.
pub(super) fn remote_party(
    party: &Party,
    host: &str,
    dialect: Dialect,
    direction: LegDirection,
) -> Option<Header> {
    let role = match direction {
        LegDirection::In => "called",
        LegDirection::Out => "calling",
    };
    let privacy = match party.number {
        Some(_) => "off",
        None => "full",
    };
    let value = format_args!(
        "{};party={role};privacy={privacy};screen=yes",
        from(party, host)
    );
    (dialect == Dialect::RemoteParty).then(|| Header::new(Name::RemotePartyId, value))
}

/// What tells the called side by whom a call was forwarded before it came to `number`: Diversion with the last one
/// first (RFC 5806), History-Info from where it was meant to go to where it goes (RFC 7044).
pub(super) fn forwarded(by: &[Number], number: &Number, host: &str) -> Vec<Header> {
    let diversions = by.iter().rev().take(FORWARDED_MAX).map(|number| {
        let uri = uri(number, host);
        Header::new(
            Name::Diversion,
            format_args!("<{uri}>;reason=unknown;counter=1"),
        )
    });
    let unnamed = by.len().saturating_sub(FORWARDED_MAX);
    let reached = (!by.is_empty()).then_some(number);
    let ways = by.iter().skip(unnamed).chain(reached);
    let history = ways.enumerate().map(|(nth, number)| {
        let (uri, index) = (uri(number, host), index_of(nth));
        // Each but the first was put in the place of the one before.
        let mapped = nth.checked_sub(1).map(index_of);
        let mapped = mapped.map(|from| format!(";mp={from}")).unwrap_or_default();
        Header::new(
            Name::HistoryInfo,
            format_args!("<{uri}>;index={index}{mapped}"),
        )
    });
    diversions.chain(history).collect()
}

/// The index of the `nth` hop of a call that was never forked: `1`, `1.1`, `1.1.1` (RFC 7044 §10.3).
fn index_of(nth: usize) -> String {
    "1".to_owned() + &".1".repeat(nth)
}

/// The URI of a number at `host`.
pub(crate) fn uri(number: &Number, host: &str) -> String {
    user_uri(number, host)
}

/// The URI of a user at `host`. What may not stand in a user part is escaped (RFC 3261 §25.1).
pub(crate) fn user_uri(user: &str, host: &str) -> String {
    let mut uri = String::with_capacity(4 + user.len() + 1 + host.len());
    uri.push_str("sip:");
    for byte in user.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => uri.push(byte.into()),
            b'-' | b'_' | b'.' | b'!' | b'~' | b'*' | b'\'' | b'(' | b')' => uri.push(byte.into()),
            b'&' | b'=' | b'+' | b'$' | b',' | b';' | b'?' | b'/' => uri.push(byte.into()),
            other => {
                // Writing to a String cannot fail.
                let _ = write!(uri, "%{other:02X}");
            }
        }
    }
    uri.push('@');
    uri.push_str(host);
    uri
}

/// The value of Contact in our messages: where requests within the call are to go, and by which
/// transport (RFC 3261 §8.1.1.8, RFC 7118 §5.2).
pub(crate) fn contact(user: Option<&str>, host: &str, transport: Transport) -> String {
    format!("<{}>", contact_uri(user, host, transport))
}

/// The URI in it.
pub(crate) fn contact_uri(user: Option<&str>, host: &str, transport: Transport) -> String {
    let at_host = |host: &str| format!("sip:{host}");
    let uri = user.map_or_else(|| at_host(host), |user| user_uri(user, host));
    let transport = match transport {
        Transport::Udp => "",
        Transport::Tcp => ";transport=tcp",
        Transport::Tls => ";transport=tls",
        Transport::Ws | Transport::Wss => ";transport=ws",
    };
    format!("{uri}{transport}")
}

/// The headers that ask a phone to answer by itself, in the three dialects that phones know (INTERFACES;
/// RFC 5373 for Answer-Mode).
pub(super) fn auto_answer(host: &str) -> [(&'static str, String); 3] {
    [
        ("Call-Info", format!("<sip:{host}>;answer-after=0")),
        (
            "Alert-Info",
            format!("<http://{host}>;info=alert-autoanswer"),
        ),
        ("Answer-Mode", "Auto".to_owned()),
    ]
}

fn address(party: &Party, host: &str) -> Option<String> {
    let uri = uri(party.number.as_ref()?, host);
    Some(if party.name.trim().is_empty() {
        format!("<{uri}>")
    } else {
        format!("{} <{uri}>", quoted(&party.name))
    })
}

/// A name as a quoted string in UTF-8 (RFC 3261 §25.1): without what would end it or the line.
fn quoted(name: &str) -> String {
    let mut quoted = String::with_capacity(name.len() + 2);
    quoted.push('"');
    for character in name.trim().chars().take(NAME_CHARS_MAX) {
        match character {
            '"' | '\\' => {
                let _ = write!(quoted, "\\{character}");
            }
            control if control.is_control() => quoted.push(' '),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// Phones that do not read P-Asserted-Identity, by how their User-Agent begins.
const REMOTE_PARTY_ONLY: [&str; 4] = ["Cisco-CP", "Cisco-SIPGateway", "Linksys/", "Sipura/"];

/// So many of those who forwarded a call are named, the last ones.
const FORWARDED_MAX: usize = 8;

/// What a display can show at most, and then some.
const NAME_CHARS_MAX: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    fn party(number: &str, name: &str) -> Party {
        Party {
            number: Number::parse(number).ok(),
            name: name.to_owned(),
        }
    }

    /// CON-09
    #[test]
    fn name_and_number_are_shown_whatever_the_name() {
        let table = [
            ("100", "张三", r#""张三" <sip:100@pbx:5060>"#),
            ("005", "", "<sip:005@pbx:5060>"),
            ("100", " ", "<sip:100@pbx:5060>"),
            (
                "100",
                r#"a "b" \ c"#,
                r#""a \"b\" \\ c" <sip:100@pbx:5060>"#,
            ),
            ("100", "a\r\nBad: x", r#""a  Bad: x" <sip:100@pbx:5060>"#),
            ("+86288#", "x", r#""x" <sip:+86288%23@pbx:5060>"#),
        ];
        for (number, name, value) in table {
            let party = party(number, name);
            assert_eq!(from(&party, "pbx:5060"), value);
            assert_eq!(asserted(&party, "pbx:5060").as_deref(), Some(value));
        }
        let long = from(&party("100", &"长".repeat(10_000)), "pbx");
        assert_eq!(long.chars().filter(|c| *c == '长').count(), NAME_CHARS_MAX);
    }

    /// CF-13, FM-11
    #[test]
    fn who_forwarded_a_call_is_named_in_both_dialects() {
        let number = |text: &str| Number::parse(text).unwrap();
        let shown = |by: &[&str]| {
            let by: Vec<_> = by.iter().map(|text| number(text)).collect();
            let headers = forwarded(&by, &number("103"), "pbx");
            let lines = headers
                .iter()
                .map(|header| format!("{}: {}", header.name, header.value));
            lines.collect::<Vec<_>>()
        };
        assert_eq!(shown(&[]), [""; 0]);
        assert_eq!(
            shown(&["101", "*102#"]),
            [
                "Diversion: <sip:*102%23@pbx>;reason=unknown;counter=1",
                "Diversion: <sip:101@pbx>;reason=unknown;counter=1",
                "History-Info: <sip:101@pbx>;index=1",
                "History-Info: <sip:*102%23@pbx>;index=1.1;mp=1",
                "History-Info: <sip:103@pbx>;index=1.1.1;mp=1.1",
            ]
        );
        let many = shown(&["101"; 1_000]);
        assert_eq!(many.len(), 2 * FORWARDED_MAX + 1);
    }

    #[test]
    fn an_anonymous_caller_is_asserted_to_nobody() {
        let unknown = party("", "张三");
        assert_eq!(asserted(&unknown, "pbx"), None);
        let headers = headers(&unknown, "pbx");
        assert_eq!(headers, [Header::new(Name::Privacy, "id")]);
        let from = from(&unknown, "pbx");
        assert!(from.contains("sip:anonymous@anonymous.invalid") && !from.contains('张'));
    }

    #[test]
    fn a_contact_names_the_transport_by_which_we_are_reached() {
        let table = [
            (Transport::Udp, "<sip:100@192.0.2.1:5060>"),
            (Transport::Tcp, "<sip:100@192.0.2.1:5060;transport=tcp>"),
            (Transport::Tls, "<sip:100@192.0.2.1:5060;transport=tls>"),
            (Transport::Wss, "<sip:100@192.0.2.1:5060;transport=ws>"),
        ];
        for (transport, value) in table {
            assert_eq!(contact(Some("100"), "192.0.2.1:5060", transport), value);
        }
        assert_eq!(contact(None, "pbx", Transport::Udp), "<sip:pbx>");
    }

    #[test]
    fn an_account_of_any_spelling_stands_in_a_uri() {
        let table = [
            ("02885337100", "sip:02885337100@pbx"),
            ("me@office", "sip:me%40office@pbx"),
            ("a b\r\n<x>", "sip:a%20b%0D%0A%3Cx%3E@pbx"),
            ("张", "sip:%E5%BC%A0@pbx"),
        ];
        for (user, uri) in table {
            assert_eq!(user_uri(user, "pbx"), uri);
        }
    }

    #[test]
    fn a_phone_is_asked_in_every_dialect_to_answer_by_itself() {
        let [info, alert, mode] = auto_answer("pbx");
        assert!(info.1.ends_with(">;answer-after=0"));
        assert!(alert.1.ends_with(">;info=alert-autoanswer"));
        assert_eq!(mode, ("Answer-Mode", "Auto".to_owned()));
    }
}
