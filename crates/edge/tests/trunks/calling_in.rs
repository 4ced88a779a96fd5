//! A carrier calls.

use super::support::{Line, Office, sdp};
use super::{account, carrier, office, party};
use model::{Incoming, Input, Origin, Trunk};
use sip::Flow;
use sip::message::Name;

/// What the switch is told of an INVITE of the carrier's.
fn told(office: &mut Office, uri: &str, to: &str, headers: &str) -> Option<Incoming> {
    let flow = office.phone("carrier").flow;
    told_from(office, flow, uri, to, headers)
}

fn told_from(
    office: &mut Office,
    flow: Flow,
    uri: &str,
    to: &str,
    headers: &str,
) -> Option<Incoming> {
    while office.told().is_some() {}
    let serial = office.edge.sessions() as u64 + 100;
    let mut line = Line::calling("carrier", "01012345678", uri, serial);
    line.remote = to.to_owned();
    let (from, rest) = match headers.split_once("From: ") {
        Some((before, from)) => {
            let (from, after) = from.split_once("\r\n")?;
            (from.to_owned(), format!("{before}{after}"))
        }
        None => (
            "<sip:01012345678@carrier.example>".to_owned(),
            headers.to_owned(),
        ),
    };
    line.local = format!("{from};tag=c{serial}");
    let invite = line.invite(&rest, &sdp(9));
    office.say_over(flow, &invite);
    match office.told()? {
        Input::Incoming(incoming) => Some(incoming),
        other => panic!("{other:?}"),
    }
}

/// AD-08
#[test]
fn the_number_called_is_read_in_every_spelling_that_carriers_have() {
    let mut office = office(carrier());
    let to = "<sip:88@carrier.example>";
    for (uri, did) in [
        ("sip:02885337100@192.0.2.1", "02885337100"),
        ("sip:+862885337100@192.0.2.1;user=phone", "+862885337100"),
        ("sip:%2B862885337100@192.0.2.1", "+862885337100"),
        (
            "sip:+86-28-8533.7100;npdi@192.0.2.1;user=phone",
            "+862885337100",
        ),
        ("tel:+86-28-8533-7100", "+862885337100"),
        ("tel:7100;phone-context=+862885", "7100"),
        ("sips:100@192.0.2.1", "100"),
        // No number there: To has it.
        ("sip:192.0.2.1:5060", "88"),
        ("sip:s@192.0.2.1", "88"),
    ] {
        let incoming = told(&mut office, uri, to, "").unwrap_or_else(|| panic!("{uri}"));
        assert_eq!(incoming.dialled.as_str(), did, "{uri}");
        assert_eq!(incoming.origin, Origin::Trunk("carrier".to_owned()));
    }
    for uri in ["sip:nobody@192.0.2.1", "sip:192.0.2.1"] {
        assert_eq!(told(&mut office, uri, "<sip:nobody@x>", ""), None, "{uri}");
    }
}

/// BL-09
#[test]
fn who_calls_is_what_the_carrier_asserts_else_what_from_says() {
    let mut office = office(carrier());
    let uri = "sip:02885337100@192.0.2.1";
    for (headers, caller) in [
        ("", party("01012345678", "")),
        (
            "From: \"Ann\" <sip:+8613800000000@x>\r\n",
            party("+8613800000000", "Ann"),
        ),
        (
            "From: \"Ann\" <sip:+8613800000000@x>\r\nP-Asserted-Identity: \"Ben\" <tel:+8613911111111>\r\n",
            party("+8613911111111", "Ben"),
        ),
        (
            "From: \"Anonymous\" <sip:anonymous@anonymous.invalid>\r\n",
            party("", ""),
        ),
        ("From: <sip:Restricted@carrier.example>\r\n", party("", "")),
        ("From: \"Alice\" <sip:alice@x>\r\n", party("", "Alice")),
        (
            "P-Asserted-Identity: \"Ben\" <tel:+8613911111111>\r\nPrivacy: id\r\n",
            party("", ""),
        ),
        (
            "P-Asserted-Identity: <tel:+8613911111111>\r\nPrivacy: critical; ID\r\n",
            party("", ""),
        ),
        (
            "P-Asserted-Identity: <tel:+8613911111111>\r\nPrivacy: none\r\n",
            party("+8613911111111", ""),
        ),
        (
            "From: \"Anonymous\" <sip:anonymous@anonymous.invalid>\r\nP-Asserted-Identity: <sip:139@x>\r\n",
            party("139", ""),
        ),
    ] {
        let incoming = told(&mut office, uri, "<sip:1@x>", headers);
        assert_eq!(incoming.map(|it| it.caller), Some(caller), "{headers}");
    }
}

/// SI-11
#[test]
fn who_calls_from_elsewhere_is_a_stranger_whatever_he_says() {
    let mut office = office(carrier());
    let flow = office.phone("carrier").flow;
    for remote in ["203.0.113.1:5061", "203.0.113.77:5060"] {
        let remote = remote.parse().unwrap();
        let elsewhere = Flow { remote, ..flow };
        let incoming = told_from(
            &mut office,
            elsewhere,
            "sip:100@192.0.2.1",
            "<sip:100@x>",
            "",
        );
        assert_eq!(incoming, None);
    }
}

/// AD-07
#[test]
fn every_place_of_a_trunk_may_call_in_also_one_that_is_found_later() {
    let mut office = Office::with(&["100"]);
    office.valid_for = std::time::Duration::from_secs(60);
    office.trunk(carrier(), &["carrier", "second"]);
    let uri = "sip:02885337100@192.0.2.1";
    let second = office.phone("second").flow;
    assert!(told_from(&mut office, second, uri, "<sip:1@x>", "").is_some());
    let third = super::support::place(3);
    assert!(told_from(&mut office, third, uri, "<sip:1@x>", "").is_none());
    office.places.insert("carrier".to_owned(), vec![third]);
    office.after(std::time::Duration::from_secs(61));
    assert!(told_from(&mut office, third, uri, "<sip:1@x>", "").is_some());
    assert!(told_from(&mut office, second, uri, "<sip:1@x>", "").is_none());
}

/// AD-07
#[test]
fn a_trunk_may_have_to_prove_its_password_to_us() {
    let mut office = office(Trunk {
        authenticate_inbound: true,
        ..account()
    });
    let mut line = Line::calling("carrier", "01012345678", "02885337100", 1);
    let invite = line.invite("", &sdp(9));
    office.say("carrier", &invite);
    let challenge = office.hear_status("carrier", 401);
    office.say("carrier", &line.ack_refusal(&challenge));
    office.expect_nothing();
    for (password, taken) in [("wrong", false), ("secret", true)] {
        let mut client = sip::digest::Client::new("me", password);
        client.challenged(&challenge).unwrap();
        let request = sip::message::Request::build(
            sip::message::Method::Invite,
            "sip:02885337100@192.0.2.1:5060",
        );
        let proof = client.answer(&request.finish(), "c").unwrap();
        let proof = format!("{}: {}\r\n", Name::Authorization, proof.value);
        let again = line.invite(&proof, &sdp(9));
        office.say("carrier", &again);
        assert_eq!(office.told().is_some(), taken, "{password}");
        office.forget("carrier");
    }
}
