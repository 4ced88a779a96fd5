//! The switch calls a number on a trunk.

use super::support::{Line, Office, header, place, sdp};
use super::{account, carrier, office, party};
use model::{Cause, Effect, LegEvent, LegId, Trunk, TrunkKind};
use sip::message::{Fields, Name, Request};
use std::time::Duration;

/// A carrier asks for a password: a response to this request.
fn challenge(line: &Line, request: &Request, status: u16, more: &str) -> String {
    let name = if status == 407 {
        "Proxy-Authenticate"
    } else {
        "WWW-Authenticate"
    };
    let header = format!("{name}: Digest realm=\"carrier\", qop=\"auth\", {more}\r\n");
    line.reply(request, status, &header, "")
}

/// The carrier has answered; everything of that is read.
fn talk(office: &mut Office) -> (LegId, Line) {
    let leg = office.call_out("carrier", "02885337106", party("02885337100", ""));
    let (invite, line) = office.rung("carrier");
    office.say("carrier", &line.reply(&invite, 200, "", &sdp(9)));
    office.hear_request("carrier", "ACK");
    office.expect(leg, LegEvent::Answered);
    office.media();
    (leg, line)
}

/// AD-07
#[test]
fn a_number_is_called_on_a_trunk_with_the_caller_that_it_shall_show() {
    let mut office = office(carrier());
    let leg = office.call_out("carrier", "+862885337106", party("02885337100", "Bellwire"));
    let (invite, line) = office.rung("carrier");
    assert_eq!(invite.uri(), "sip:+862885337106@carrier.example");
    assert_eq!(
        header(&invite, Name::To),
        "<sip:+862885337106@carrier.example>"
    );
    let from = header(&invite, Name::From);
    assert!(
        from.starts_with("\"Bellwire\" <sip:02885337100@192.0.2.1:5060>;tag="),
        "{from}"
    );
    assert_eq!(
        header(&invite, Name::PAssertedIdentity),
        "\"Bellwire\" <sip:02885337100@192.0.2.1:5060>"
    );
    office.say("carrier", &line.reply(&invite, 100, "", ""));
    office.say("carrier", &line.reply(&invite, 180, "", ""));
    office.expect(leg, LegEvent::Ringing);
    office.say("carrier", &line.reply(&invite, 183, "", &sdp(9)));
    office.expect(leg, LegEvent::EarlyMedia);
    assert_eq!(
        office.stream(leg).remote,
        "198.51.100.9:4000".parse().unwrap()
    );
    office.say("carrier", &line.reply(&invite, 200, "", &sdp(9)));
    office.expect(leg, LegEvent::Answered);
    office.hear_request("carrier", "ACK");
    office.hang_up(leg, Cause::Normal);
    let bye = office.hear_request("carrier", "BYE");
    office.say("carrier", &line.reply(&bye, 200, "", ""));
    office.expect_idle();
}

/// AD-07
#[test]
fn the_domain_of_the_caller_is_set_or_that_of_whom_we_register_with() {
    let domain = |trunk: Trunk| {
        let mut office = office(trunk);
        office.call_out("carrier", "119", party("100", ""));
        let from = office.hear("carrier").map(|invite| {
            let from = Fields::header(&invite, Name::From).unwrap_or_default();
            from.split(['@', '>']).nth(1).unwrap_or_default().to_owned()
        });
        from.unwrap_or_default()
    };
    assert_eq!(domain(carrier()), "192.0.2.1:5060");
    let set = Trunk {
        from_domain: "pbx.example".to_owned(),
        ..carrier()
    };
    assert_eq!(domain(set), "pbx.example");
}

#[test]
fn a_port_and_an_address_of_version_6_stand_in_the_uri() {
    let uri = |trunk| {
        let mut office = office(trunk);
        office.call_out("carrier", "119", party("100", ""));
        office.hear_request("carrier", "INVITE").uri().to_owned()
    };
    let trunk = |host: &str, port| Trunk {
        host: host.to_owned(),
        port,
        ..carrier()
    };
    assert_eq!(uri(trunk("203.0.113.1", 5080)), "sip:119@203.0.113.1:5080");
    assert_eq!(uri(trunk("2001:db8::1", 5060)), "sip:119@[2001:db8::1]");
}

/// RFC 3323, RFC 3325
#[test]
fn who_wants_not_to_be_known_is_known_to_the_carrier_at_most() {
    let mut office = office(Trunk {
        numbers: vec![super::number("02885337100")],
        ..carrier()
    });
    office.call_out("carrier", "119", party("", ""));
    let invite = office.hear_request("carrier", "INVITE");
    assert!(header(&invite, Name::From).contains("sip:anonymous@anonymous.invalid"));
    assert_eq!(header(&invite, Name::Privacy), "id");
    assert_eq!(
        header(&invite, Name::PAssertedIdentity),
        "<sip:02885337100@192.0.2.1:5060>"
    );
}

/// AD-07
#[test]
fn a_carrier_that_asks_for_the_password_gets_it() {
    for (status, name) in [(401, Name::Authorization), (407, Name::ProxyAuthorization)] {
        for algorithm in ["MD5", "SHA-256"] {
            let mut office = office(account());
            let leg = office.call_out("carrier", "119", party("100", ""));
            let (invite, line) = office.rung("carrier");
            assert_eq!(invite.header(name.clone()), None);
            let asks = format!("nonce=\"n\", algorithm={algorithm}");
            office.say("carrier", &challenge(&line, &invite, status, &asks));
            office.hear_request("carrier", "ACK");
            let again = office.hear_request("carrier", "INVITE");
            let proof = header(&again, name.clone());
            assert!(
                proof.contains("username=\"me\"") && proof.contains("nc=00000001"),
                "{proof}"
            );
            assert!(proof.contains("uri=\"sip:119@carrier.example\""), "{proof}");
            assert_eq!(again.call_id(), invite.call_id());
            office.expect_nothing();
            office.say("carrier", &line.reply(&again, 200, "", &sdp(9)));
            office.expect(leg, LegEvent::Answered);
        }
    }
}

#[test]
fn a_bye_that_is_challenged_is_proven_too() {
    let mut office = office(account());
    let (leg, line) = talk(&mut office);
    office.hang_up(leg, Cause::Normal);
    let bye = office.hear_request("carrier", "BYE");
    office.say("carrier", &challenge(&line, &bye, 407, "nonce=\"b\""));
    let again = office.hear_request("carrier", "BYE");
    let proof = header(&again, Name::ProxyAuthorization);
    assert!(proof.contains("nonce=\"b\""), "{proof}");
    office.say("carrier", &line.reply(&again, 200, "", ""));
    office.expect_idle();
}

/// Nobody is asked without end.
#[test]
fn a_carrier_that_never_has_enough_is_left_alone() {
    for more in ["nonce=\"N\"", "nonce=\"N\", stale=true"] {
        let mut office = office(account());
        let leg = office.call_out("carrier", "119", party("100", ""));
        let (mut invite, line) = office.rung("carrier");
        let mut asked = 0;
        loop {
            asked += 1;
            assert!(asked < 10, "{more}");
            let more = more.replace('N', &asked.to_string());
            office.say("carrier", &challenge(&line, &invite, 401, &more));
            office.hear_request("carrier", "ACK");
            match office.hear("carrier") {
                Some(sip::message::Message::Request(again)) => invite = again,
                Some(other) => panic!("{other:?}"),
                None => break,
            }
        }
        office.expect(leg, LegEvent::Failed(Cause::Unavailable));
        office.expect_idle();
    }
}

#[test]
fn a_carrier_that_asks_without_need_or_sense_fails_the_call() {
    for (trunk, asks) in [
        (carrier(), "nonce=\"n\""),
        (account(), "nonce=\"n\", algorithm=WHIRL"),
        (account(), ""),
    ] {
        let mut office = office(trunk);
        let leg = office.call_out("carrier", "119", party("100", ""));
        let (invite, line) = office.rung("carrier");
        office.say("carrier", &challenge(&line, &invite, 401, asks));
        office.hear_request("carrier", "ACK");
        office.expect(leg, LegEvent::Failed(Cause::Unavailable));
        office.expect_idle();
    }
}

/// AD-07
#[test]
fn what_a_carrier_says_of_a_call_is_told() {
    for (status, cause) in [
        (486, Cause::Busy),
        (404, Cause::NotFound),
        (603, Cause::Declined),
        (403, Cause::Forbidden),
        (480, Cause::NoAnswer),
        (500, Cause::Unavailable),
        (503, Cause::Congestion),
    ] {
        let mut office = office(carrier());
        let leg = office.call_out("carrier", "119", party("100", ""));
        let (invite, line) = office.rung("carrier");
        office.say("carrier", &line.reply(&invite, status, "", ""));
        office.hear_request("carrier", "ACK");
        office.expect(leg, LegEvent::Failed(cause));
        office.expect_idle();
    }
}

#[test]
fn a_trunk_that_is_nowhere_or_unknown_fails_the_call_at_once() {
    let mut office = office(carrier());
    let leg = office.call_out("other", "119", party("100", ""));
    office.expect(leg, LegEvent::Failed(Cause::Unavailable));
    office.places.clear();
    office.set_trunk(Trunk::to("lost", "lost.example"));
    let leg = office.call_out("lost", "119", party("100", ""));
    office.expect(leg, LegEvent::Failed(Cause::Unavailable));
    assert_eq!(office.media(), [], "no port was opened");
    office.expect_idle();
}

/// AD-07
#[test]
fn a_place_that_says_nothing_at_all_is_given_up_after_6_s_and_the_next_one_tried() {
    let mut office = Office::with(&["100"]);
    office.trunk(carrier(), &["first", "second"]);
    let leg = office.call_out("carrier", "119", party("100", ""));
    office.hear_request("first", "INVITE");
    office.after(Duration::from_millis(5_900));
    office.hear_nothing("second");
    office.after(Duration::from_millis(200));
    let (invite, line) = office.rung("second");
    office.say("second", &line.reply(&invite, 200, "", &sdp(9)));
    office.expect(leg, LegEvent::Answered);
    // The next call does not wait again.
    office.call_out("carrier", "119", party("100", ""));
    office.forget("second");
    office.forget("first");
    office.after(Duration::from_secs(1));
    office.hear_nothing("first");
    // Whoever comes too late is told that nobody wants him.
    office.expect_nothing();
}

/// AD-07
#[test]
fn a_place_that_is_overloaded_sends_the_call_to_the_next() {
    let mut office = Office::with(&["100"]);
    office.trunk(carrier(), &["first", "second"]);
    let leg = office.call_out("carrier", "119", party("100", ""));
    for place in ["first", "second"] {
        let (invite, line) = office.rung(place);
        office.expect_nothing();
        office.say(
            place,
            &line.reply(&invite, 503, "Retry-After: 100000000\r\n", ""),
        );
        office.hear_request(place, "ACK");
    }
    office.expect(leg, LegEvent::Failed(Cause::Congestion));
    office.expect_idle();
    // Both are tried again, none for ever avoided.
    office.after(Duration::from_secs(31));
    office.call_out("carrier", "119", party("100", ""));
    office.hear_request("first", "INVITE");
}

#[test]
fn who_was_rung_decides_and_no_other_place_is_tried() {
    let mut office = Office::with(&["100"]);
    office.trunk(carrier(), &["first", "second"]);
    for status in [486, 404, 603] {
        let leg = office.call_out("carrier", "119", party("100", ""));
        let (invite, line) = office.rung("first");
        office.say("first", &line.reply(&invite, status, "", ""));
        office.hear_request("first", "ACK");
        office.hear_nothing("second");
        assert!(
            matches!(office.told(), Some(model::Input::Leg(of, LegEvent::Failed(_))) if of == leg)
        );
    }
    let leg = office.call_out("carrier", "119", party("100", ""));
    let (invite, line) = office.rung("first");
    office.say("first", &line.reply(&invite, 180, "", ""));
    office.expect(leg, LegEvent::Ringing);
    office.say("first", &line.reply(&invite, 503, "", ""));
    office.hear_request("first", "ACK");
    office.hear_nothing("second");
    office.expect(leg, LegEvent::Failed(Cause::Congestion));
}

#[test]
fn a_call_that_a_carrier_is_at_is_waited_for() {
    let mut office = Office::with(&["100"]);
    office.trunk(carrier(), &["first", "second"]);
    let leg = office.call_out("carrier", "119", party("100", ""));
    let (invite, line) = office.rung("first");
    office.say("first", &line.reply(&invite, 100, "", ""));
    office.after(Duration::from_secs(20));
    office.hear_nothing("second");
    office.expect_nothing();
    office.hang_up(leg, Cause::Normal);
    office.hear_nothing("second");
}

#[test]
fn a_call_that_is_taken_back_while_a_place_is_silent_rings_nowhere() {
    let mut office = Office::with(&["100"]);
    office.trunk(carrier(), &["first", "second"]);
    let leg = office.call_out("carrier", "119", party("100", ""));
    office.hang_up(leg, Cause::Normal);
    office.after(Duration::from_secs(40));
    office.hear_nothing("second");
    office.expect_idle();
    assert_eq!(office.edge.sessions(), 0);
}

#[test]
fn a_late_answer_of_a_place_that_was_given_up_is_ended() {
    let mut office = Office::with(&["100"]);
    office.trunk(carrier(), &["first", "second"]);
    office.call_out("carrier", "119", party("100", ""));
    let (invite, line) = office.rung("first");
    office.after(Duration::from_secs(7));
    office.forget("first");
    office.say("first", &line.reply(&invite, 200, "", &sdp(9)));
    office.hear_request("first", "ACK");
    office.hear_request("first", "BYE");
    office.expect_nothing();
}

/// SI-09: what goes on inside is not told outside.
#[test]
fn a_carrier_is_not_told_whom_it_talks_with_inside() {
    let mut office = office(carrier());
    let (leg, _) = talk(&mut office);
    office.perform(Effect::Identify(leg, party("101", "Secret")));
    office.hear_nothing("carrier");
}

#[test]
fn a_trunk_that_registers_is_not_called_on_before_it_has() {
    let mut office = Office::with(&["100"]);
    let trunk = Trunk {
        kind: TrunkKind::Register,
        ..account()
    };
    office.trunk(trunk, &["carrier"]);
    let leg = office.call_out("carrier", "119", party("100", ""));
    office.expect(leg, LegEvent::Failed(Cause::Unavailable));
    assert_eq!(place(1).remote, office.phone("carrier").flow.remote);
}
