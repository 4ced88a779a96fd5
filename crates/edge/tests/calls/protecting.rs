//! Calls whose sound is encrypted, with keys in the descriptions.

use crate::support::{Office, body, header, sdp};
use model::{LegEvent, SrtpPolicy};
use rtp::Security;
use sip::message::Name;
use sip::{ConnectionId, Transport};

/// SI-06
#[test]
fn what_a_caller_offers_is_decided_by_its_extension() {
    for (policy, offer, status) in [
        (SrtpPolicy::Off, sdp(1), 200),
        (SrtpPolicy::Off, secure(1), 488),
        (SrtpPolicy::Off, opportunistic(1), 200),
        (SrtpPolicy::Allowed, sdp(1), 200),
        (SrtpPolicy::Allowed, secure(1), 200),
        (SrtpPolicy::Required, secure(1), 200),
        (SrtpPolicy::Required, opportunistic(1), 200),
        (SrtpPolicy::Required, sdp(1), 488),
    ] {
        let mut office = Office::with(&["100"]);
        office.set_up("100", |extension| extension.srtp = policy);
        office.dial("100", "101", &offer);
        if status == 488 {
            let refusal = office.hear_status("100", 488);
            let warning = header(&refusal, Name::Warning);
            let said = if policy == SrtpPolicy::Off {
                "302 192.0.2.1:5060 \"audio is offered with SRTP only\""
            } else {
                "302 192.0.2.1:5060 \"audio is offered without SRTP, which is required\""
            };
            assert_eq!(warning, said);
            office.expect_nothing();
            continue;
        }
        let caller = office.incoming().leg;
        office.perform(model::Effect::Answer(caller));
        let answer = office.hear_status("100", 200);
        let keys = body(&answer).matches("a=crypto:2 ").count();
        let is_secure = office.stream(caller).security != Security::Plain;
        let wanted = policy != SrtpPolicy::Off && offer.contains("a=crypto");
        assert_eq!(
            (keys, is_secure),
            (usize::from(wanted), wanted),
            "{policy:?} {offer}"
        );
    }
}

/// SI-06: what a phone is offered, by its policy and by whether anybody reads the keys on the way.
#[test]
fn keys_are_offered_unasked_only_where_nobody_reads_them() {
    for (policy, transport, line, keys) in [
        (SrtpPolicy::Off, Transport::Tls, "RTP/AVP", 0),
        (SrtpPolicy::Allowed, Transport::Udp, "RTP/AVP", 0),
        (SrtpPolicy::Allowed, Transport::Tcp, "RTP/AVP", 0),
        (SrtpPolicy::Allowed, Transport::Tls, "RTP/AVP", 4),
        (SrtpPolicy::Required, Transport::Udp, "RTP/SAVP", 4),
        (SrtpPolicy::Required, Transport::Tls, "RTP/SAVP", 4),
    ] {
        let mut office = registered(transport, &["101"]);
        office.set_up("101", |extension| extension.srtp = policy);
        office.ring("101", None);
        let (invite, _) = office.rung("101");
        let offer = body(&invite);
        assert!(offer.contains(&format!(" {line} ")), "{policy:?} {offer}");
        assert_eq!(
            offer.matches("a=crypto:").count(),
            keys,
            "{policy:?} {transport:?}"
        );
    }
}

/// SI-06: a phone that does not know of keys beside RTP/AVP just answers.
#[test]
fn a_phone_that_passes_over_the_keys_is_talked_to_in_clear() {
    for (answer, is_secure) in [(sdp(2), false), (chosen(2, "RTP/AVP"), true)] {
        let mut office = registered(Transport::Tls, &["101"]);
        let callee = office.ring("101", None);
        let (invite, b) = office.rung("101");
        let answer = b.reply(&invite, 200, "", &answer);
        office.say("101", &answer);
        office.expect(callee, LegEvent::Answered);
        let secured = office.stream(callee).security != Security::Plain;
        assert_eq!(secured, is_secure);
    }
}

/// SI-06: some phones that insist on keys do not see those beside RTP/AVP, and others are not even offered any.
#[test]
fn a_phone_that_refuses_what_is_offered_is_called_once_more_with_nothing_but_keys() {
    for (transport, answers) in [
        (Transport::Udp, true),
        (Transport::Tls, true),
        (Transport::Tls, false),
    ] {
        let mut office = match transport {
            Transport::Udp => Office::with(&["101"]),
            _ => registered(transport, &["101"]),
        };
        let callee = office.ring("101", None);
        let (first, a) = office.rung("101");
        office.say("101", &a.reply(&first, 488, "", ""));
        office.hear_request("101", "ACK");
        let (second, b) = office.rung("101");
        assert_ne!(
            header(&first, Name::CallId),
            header(&second, Name::CallId),
            "it is another call"
        );
        let offer = body(&second);
        assert!(offer.contains(" RTP/SAVP "), "{offer}");
        assert_eq!(offer.matches("a=crypto:").count(), 4);
        if answers {
            let answer = b.reply(&second, 200, "", &chosen(2, "RTP/SAVP"));
            office.say("101", &answer);
            office.expect(callee, LegEvent::Answered);
            office.hear_request("101", "ACK");
            assert!(office.stream(callee).security != Security::Plain);
        } else {
            office.say("101", &b.reply(&second, 488, "", ""));
            office.expect(callee, LegEvent::Failed(model::Cause::NotAcceptable));
            office.hear_request("101", "ACK");
        }
        office.expect_nothing();
    }
}

/// SI-06
#[test]
fn a_phone_is_not_called_once_more_where_its_policy_leaves_no_choice() {
    for policy in [SrtpPolicy::Off, SrtpPolicy::Required] {
        let mut office = registered(Transport::Tls, &["101"]);
        office.set_up("101", |extension| extension.srtp = policy);
        let callee = office.ring("101", None);
        let (invite, line) = office.rung("101");
        office.say("101", &line.reply(&invite, 488, "", ""));
        office.expect(callee, LegEvent::Failed(model::Cause::NotAcceptable));
        office.hear_request("101", "ACK");
        office.expect_nothing();
    }
}

/// SI-06
#[test]
fn a_phone_that_answers_in_clear_where_that_is_not_allowed_is_let_go() {
    let mut office = Office::with(&["101"]);
    office.set_up("101", |extension| extension.srtp = SrtpPolicy::Required);
    let callee = office.ring("101", None);
    let (invite, b) = office.rung("101");
    let answer = b.reply(&invite, 200, "", &sdp(2));
    office.say("101", &answer);
    office.expect(callee, LegEvent::Failed(model::Cause::NotAcceptable));
    office.hear_request("101", "ACK");
    office.hear_request("101", "BYE");
}

/// SI-06: each call has keys of its own.
#[test]
fn no_two_calls_have_the_same_key() {
    let mut office = registered(Transport::Tls, &["101", "102"]);
    let mut keys = Vec::new();
    for phone in ["101", "102", "101"] {
        office.ring(phone, None);
        let (invite, _) = office.rung(phone);
        let lines = body(&invite);
        let inline = lines
            .split("inline:")
            .skip(1)
            .filter_map(|it| it.lines().next());
        keys.extend(inline.map(str::to_owned));
    }
    let count = keys.len();
    keys.sort();
    keys.dedup();
    assert_eq!((count, keys.len()), (12, 12));
}

/// Phones that registered over connections that are there.
fn registered(transport: Transport, phones: &[&'static str]) -> Office {
    let mut office = Office::with_transport(transport, phones);
    for (&phone, connection) in phones.iter().zip(1..) {
        if transport != Transport::Udp {
            office.phone(phone).flow.connection = Some(ConnectionId(connection));
        }
        office.register(phone, "Expires: 3600\r\n");
        office.forget(phone);
    }
    while office.told().is_some() {}
    office
}

fn secure(host: u8) -> String {
    sdp(host).replace("RTP/AVP", "RTP/SAVP") + KEY
}

fn opportunistic(host: u8) -> String {
    sdp(host) + KEY
}

/// An answer to our offer with its second line.
fn chosen(host: u8, protocol: &str) -> String {
    sdp(host).replace("RTP/AVP", protocol) + KEY
}

const KEY: &str =
    "a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^31\r\n";
