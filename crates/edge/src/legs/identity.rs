//! Who calls, as SIP says it: From, P-Asserted-Identity, Privacy, Contact, and the wish that a phone
//! answers by itself.

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

/// The URI of a number at `host`.
pub(crate) fn uri(number: &Number, host: &str) -> String {
    let mut uri = String::with_capacity(4 + number.len() + 1 + host.len());
    uri.push_str("sip:");
    for key in number.chars() {
        match key {
            // Of the keys only this one may not stand in the user part (RFC 3261 §25.1).
            '#' => uri.push_str("%23"),
            other => uri.push(other),
        }
    }
    uri.push('@');
    uri.push_str(host);
    uri
}

/// The value of Contact in our messages: where requests within the call are to go, and by which
/// transport (RFC 3261 §8.1.1.8, RFC 7118 §5.2).
pub(crate) fn contact(user: Option<&Number>, host: &str, transport: Transport) -> String {
    let at_host = |host: &str| format!("sip:{host}");
    let uri = user.map_or_else(|| at_host(host), |number| uri(number, host));
    let transport = match transport {
        Transport::Udp => "",
        Transport::Tcp => ";transport=tcp",
        Transport::Tls => ";transport=tls",
        Transport::Ws | Transport::Wss => ";transport=ws",
    };
    format!("<{uri}{transport}>")
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
        let number = Number::parse("100").ok();
        let table = [
            (Transport::Udp, "<sip:100@192.0.2.1:5060>"),
            (Transport::Tcp, "<sip:100@192.0.2.1:5060;transport=tcp>"),
            (Transport::Tls, "<sip:100@192.0.2.1:5060;transport=tls>"),
            (Transport::Wss, "<sip:100@192.0.2.1:5060;transport=ws>"),
        ];
        for (transport, value) in table {
            assert_eq!(contact(number.as_ref(), "192.0.2.1:5060", transport), value);
        }
        assert_eq!(contact(None, "pbx", Transport::Udp), "<sip:pbx>");
    }

    #[test]
    fn a_phone_is_asked_in_every_dialect_to_answer_by_itself() {
        let [info, alert, mode] = auto_answer("pbx");
        assert!(info.1.ends_with(">;answer-after=0"));
        assert!(alert.1.ends_with(">;info=alert-autoanswer"));
        assert_eq!(mode, ("Answer-Mode", "Auto".to_owned()));
    }
}
