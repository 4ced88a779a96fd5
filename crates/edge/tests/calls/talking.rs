//! What happens while two parties talk.

use crate::support::{Line, Office, Talk, body, header, number, sdp, sdp_with};
use edge::{LegDirection, LegState, MediaOrder};
use model::{AutoAnswer, Cause, Digit, Dtmf, Effect, LegEvent, Party};
use rtp::{Direction, InBand};
use sip::message::Name;
use std::time::Duration;

/// SI-04
#[test]
fn every_spelling_of_hold_is_told_once_and_taken_back_once() {
    let plain = sdp(1);
    let spellings = [
        (
            sdp_with(1, "4000 RTP/AVP 0", "a=sendonly\r\n"),
            Direction::RecvOnly,
        ),
        (
            sdp_with(1, "4000 RTP/AVP 0", "a=inactive\r\n"),
            Direction::Inactive,
        ),
        (
            plain.replace("c=IN IP4 198.51.100.1", "c=IN IP4 0.0.0.0"),
            Direction::RecvOnly,
        ),
        (
            plain.replace("t=0 0\r\n", "t=0 0\r\na=sendonly\r\n"),
            Direction::RecvOnly,
        ),
        (
            plain.replace("m=audio 4000", "m=audio 0"),
            Direction::Inactive,
        ),
    ];
    for (hold, direction) in spellings {
        for method in ["INVITE", "UPDATE"] {
            let mut office = Office::with(&["100", "101"]);
            let Talk { mut a, caller, .. } = office.talk();
            let mut offer = |office: &mut Office, body: &str| {
                let text = a.request(method, "", body);
                office.say("100", &text);
                let answer = office.hear_status("100", 200);
                if method == "INVITE" {
                    let ack = a.ack("");
                    office.say("100", &ack);
                }
                answer
            };
            offer(&mut office, &hold);
            office.expect(caller, LegEvent::Held);
            assert_eq!(office.stream(caller).direction, direction, "{hold}");
            assert!(office.edge.legs().any(|leg| leg.state == LegState::Held));
            offer(&mut office, &hold);
            office.expect_nothing();
            assert_eq!(office.media(), [], "a repeated hold changes nothing");
            offer(&mut office, &plain);
            office.expect(caller, LegEvent::Resumed);
            assert_eq!(office.stream(caller).direction, Direction::SendRecv);
            office.expect_nothing();
            office.hear_nothing("101");
        }
    }
}

/// SI-04
#[test]
fn a_phone_that_answers_on_hold_is_answered_and_then_held() {
    let mut office = Office::with(&["101"]);
    let leg = office.ring("101", None);
    let (invite, line) = office.rung("101");
    let answer = sdp_with(1, "4000 RTP/AVP 0", "a=sendonly\r\n");
    office.say("101", &line.reply(&invite, 200, "", &answer));
    office.expect(leg, LegEvent::Answered);
    office.expect(leg, LegEvent::Held);
}

/// SI-04
#[test]
fn a_re_invite_without_an_offer_gets_ours() {
    let mut office = Office::with(&["100", "101"]);
    let Talk { mut a, caller, .. } = office.talk();
    let again = a.invite("", "");
    office.say("100", &again);
    let offer = office.hear_status("100", 200);
    assert!(
        body(&offer).contains("m=audio 10004 RTP/AVP"),
        "{}",
        body(&offer)
    );
    let ack = a.ack(&sdp_with(1, "4400 RTP/AVP 8", ""));
    office.say("100", &ack);
    let stream = office.stream(caller);
    assert_eq!((stream.remote.port(), stream.codec.payload_type), (4400, 8));
    office.expect_nothing();
}

/// SI-05
#[test]
fn an_offer_that_fits_nothing_leaves_everything_as_it_was() {
    let mut office = Office::with(&["100", "101"]);
    let Talk { mut a, caller, .. } = office.talk();
    let again = a.invite("", &sdp_with(1, "4000 RTP/AVP 18", ""));
    office.say("100", &again);
    let refusal = office.hear_status("100", 488);
    assert!(header(&refusal, Name::Warning).starts_with("305 "));
    office.say("100", &a.ack_refusal(&refusal));
    assert_eq!(office.media(), []);
    office.expect_nothing();
    let back = a.invite("", &sdp_with(1, "4002 RTP/AVP 0", ""));
    office.say("100", &back);
    office.hear_status("100", 200);
    assert_eq!(office.stream(caller).remote.port(), 4002);
}

/// CON-09
#[test]
fn the_display_follows_when_somebody_else_takes_over() {
    let party = Party {
        number: Some(number("102")),
        name: "王五".to_owned(),
    };
    let shown = "\"王五\" <sip:102@192.0.2.1:5060>";
    // This phone knows no UPDATE, so it is told by a re-INVITE that changes nothing else.
    let mut office = Office::with(&["100", "101"]);
    let Talk { callee, b, .. } = office.talk();
    office.perform(Effect::Identify(callee, party.clone()));
    let again = office.hear_request("101", "INVITE");
    assert_eq!(header(&again, Name::PAssertedIdentity), shown);
    office.say("101", &b.reply(&again, 200, "", &sdp(2)));
    office.hear_request("101", "ACK");
    assert_eq!(office.media(), []);
    office.expect_nothing();
    office.perform(Effect::Identify(callee, party.clone()));
    office.hear_nothing("101");

    // This one knows it.
    let mut office = Office::with(&["101"]);
    let leg = office.ring("101", None);
    let (invite, line) = office.rung("101");
    office.perform(Effect::Identify(leg, party));
    office.hear_nothing("101");
    office.say(
        "101",
        &line.reply(&invite, 200, "Allow: INVITE, ACK, BYE, UPDATE\r\n", &sdp(1)),
    );
    office.expect(leg, LegEvent::Answered);
    office.hear_request("101", "ACK");
    let update = office.hear_request("101", "UPDATE");
    assert_eq!(header(&update, Name::PAssertedIdentity), shown);
    assert_eq!(body(&update), "");
}

/// XF-09
#[test]
fn a_phone_that_knows_only_remote_party_id_is_told_by_it() {
    let party = Party {
        number: Some(number("102")),
        name: "王五".to_owned(),
    };
    let mut office = Office::with(&["100"]);
    office.dial_with("100", "101", "User-Agent: Cisco-CP7941G/9.4\r\n", &sdp(1));
    let caller = office.incoming().leg;
    office.perform(Effect::Identify(caller, party.clone()));
    office.perform(Effect::Alert(caller));
    let ringing = office.hear_status("100", 180);
    assert_eq!(
        header(&ringing, Name::RemotePartyId),
        "\"王五\" <sip:102@192.0.2.1:5060>;party=called;privacy=off;screen=yes"
    );
    office.after(Duration::from_secs(1));
    office.register("100", "User-Agent: Linksys/SPA942-6.1.5\r\n");
    office.ring_as("100", None, Party::default(), AutoAnswer::No);
    let (invite, _) = office.rung("100");
    let shown = header(&invite, Name::RemotePartyId);
    assert!(
        shown.ends_with(";party=calling;privacy=full;screen=yes"),
        "{shown}"
    );
}

/// SI-04
#[test]
fn when_both_ends_offer_at_once_the_peer_is_refused_and_ours_comes_again() {
    let mut office = Office::with(&["100", "101"]);
    let Talk { callee, mut b, .. } = office.talk();
    office.perform(Effect::Identify(callee, Party::default()));
    let ours = office.hear_request("101", "INVITE");
    let theirs = b.invite("", &sdp_with(2, "4000 RTP/AVP 0", "a=sendonly\r\n"));
    office.say("101", &theirs);
    let refusal = office.hear_status("101", 491);
    office.say("101", &b.ack_refusal(&refusal));
    office.say("101", &b.reply(&ours, 491, "", ""));
    office.hear_request("101", "ACK");
    office.expect_nothing();
    // The peer is quicker the second time.
    let theirs = b.invite("", &sdp_with(2, "4000 RTP/AVP 0", "a=sendonly\r\n"));
    office.say("101", &theirs);
    office.hear_status("101", 200);
    let ack = b.ack("");
    office.say("101", &ack);
    office.expect(callee, LegEvent::Held);
    // RFC 3261 §14.1: who made the call waits for 2.1 to 4 s.
    office.after(Duration::from_millis(2_050));
    office.hear_nothing("101");
    office.after_until("101", Duration::from_secs(2));
    let ours = office.hear_request("101", "INVITE");
    assert!(body(&ours).contains("m=audio"));
    office.say(
        "101",
        &b.reply(
            &ours,
            200,
            "",
            &sdp_with(2, "4000 RTP/AVP 0", "a=sendonly\r\n"),
        ),
    );
    office.hear_request("101", "ACK");
    office.expect_nothing();
}

/// FC-08
#[test]
fn keys_come_by_info() {
    let mut office = Office::with(&["100", "101"]);
    let Talk { mut a, caller, .. } = office.talk();
    for (text, key) in [
        ("Signal=5\r\nDuration=160\r\n", '5'),
        ("Signal=*\r\nDuration=100\r\n", '*'),
        ("Signal=11\r\n", '#'),
        ("7", '7'),
    ] {
        let info = a.request("INFO", "", text);
        office.say("100", &info);
        office.hear_status("100", 200);
        let digit = Digit::parse(key).unwrap();
        assert_eq!(office.media(), [MediaOrder::Key(caller, digit)], "{text}");
    }
    for (headers, text, status) in [
        ("", "", 200),
        ("", "Signal=X\r\n", 400),
        ("", "hello", 415),
        ("Info-Package: foo\r\n", "Signal=5\r\n", 469),
    ] {
        let info = a.request("INFO", headers, text);
        office.say("100", &info);
        office.hear_status("100", status);
        assert_eq!(office.media(), [], "{text}");
    }
    office.expect_nothing();
}

/// FC-08
#[test]
fn keys_go_as_rtp_events_else_by_info_where_the_phone_takes_it_else_as_tones() {
    let mut office = Office::with(&["100", "101"]);
    let Talk { mut a, caller, .. } = office.talk();
    let digit = Digit::parse('#').unwrap();
    office.perform(Effect::SendDigit(caller, digit));
    assert_eq!(office.media(), [MediaOrder::SendKey(caller, digit)]);
    office.hear_nothing("100");

    let stream = again(&mut office, &mut a, "Allow: INVITE, ACK, BYE\r\n", "0");
    assert_eq!(
        (stream.telephone_event, stream.in_band),
        (None, InBand::Heard)
    );
    office.perform(Effect::SendDigit(caller, digit));
    assert_eq!(office.media(), [MediaOrder::SendKey(caller, digit)]);
    office.hear_nothing("100");

    again(
        &mut office,
        &mut a,
        "Allow: INVITE, ACK, BYE, INFO\r\n",
        "8",
    );
    office.perform(Effect::SendDigit(caller, digit));
    assert_eq!(office.media(), []);
    let info = office.hear_request("100", "INFO");
    assert_eq!(header(&info, Name::ContentType), "application/dtmf-relay");
    assert!(body(&info).starts_with("Signal=#\r\n"));
}

/// FC-08
#[test]
fn keys_go_and_come_as_it_is_set_for_the_extension() {
    let digit = Digit::parse('1').unwrap();
    for (dtmf, events, in_band, by_info) in [
        (Dtmf::Auto, Some(101), InBand::Ignored, false),
        (Dtmf::Rfc4733, Some(101), InBand::Ignored, false),
        (Dtmf::Info, None, InBand::Ignored, true),
        (Dtmf::Inband, None, InBand::Heard, false),
    ] {
        let mut office = Office::with(&["100", "101"]);
        office.set_dtmf("101", dtmf);
        let mut a = office.dial("100", "101", &sdp(1));
        let caller = office.incoming().leg;
        let callee = office.ring("101", Some(caller));
        let (invite, b) = office.rung("101");
        let offered = body(&invite).contains("telephone-event");
        assert_eq!(offered, events.is_some(), "{dtmf:?}");
        let answer = b.reply(&invite, 200, "", &sdp(2));
        office.say("101", &answer);
        office.expect(callee, LegEvent::Answered);
        office.hear_request("101", "ACK");
        let orders = office.media();
        let stream = stream_in(&orders);
        assert_eq!(
            stream.telephone_event.map(|events| events.send),
            events,
            "{dtmf:?}"
        );
        assert_eq!(stream.in_band, in_band, "{dtmf:?}");
        office.perform(Effect::SendDigit(callee, digit));
        if by_info {
            assert_eq!(office.media(), []);
            office.hear_request("101", "INFO");
        } else {
            assert_eq!(office.media(), [MediaOrder::SendKey(callee, digit)]);
        }
        // What is set for one extension changes nothing for another.
        office.perform(Effect::Answer(caller));
        let answer = office.hear_status("100", 200);
        assert!(body(&answer).contains("telephone-event"), "{dtmf:?}");
        a.learn(&answer);
    }
}

#[test]
fn what_is_not_served_in_a_call_is_refused_and_the_call_goes_on() {
    let mut office = Office::with(&["100", "101"]);
    let Talk { mut a, .. } = office.talk();
    for (method, headers, status) in [
        ("OPTIONS", "", 200),
        (
            "NOTIFY",
            "Event: refer\r\nSubscription-State: active\r\n",
            481,
        ),
        ("SUBSCRIBE", "Event: dialog\r\n", 489),
        ("INVITE", "Require: precondition\r\n", 420),
    ] {
        let request = a.request(method, headers, "");
        office.say("100", &request);
        let response = office.hear_status("100", status);
        if status == 200 {
            let allow = header(&response, Name::Allow);
            assert!(allow.contains("REFER") && allow.contains("INFO"), "{allow}");
        }
        if method == "INVITE" {
            office.say("100", &a.ack_refusal(&response));
        }
    }
    office.expect_nothing();
    assert_eq!(office.edge.legs().count(), 2);
}

#[test]
fn a_phone_that_comes_back_from_another_port_is_followed() {
    let mut office = Office::with(&["100", "101"]);
    let Talk { mut a, caller, .. } = office.talk();
    let mut flow = office.phone("100").flow;
    flow.remote.set_port(6060);
    office.phone("100").flow = flow;
    let info = a.request("INFO", "", "5");
    office.say_over(flow, &info);
    office.hear_status("100", 200);
    // Somebody who knows only our tag is not followed.
    let mut elsewhere = flow;
    elsewhere.remote.set_port(7070);
    let local = a.local.clone();
    a.local = local.replace("tag=phone", "tag=forged");
    let forged = a.request("INFO", "", "5");
    office.say_over(elsewhere, &forged);
    office.forget("100");
    office.hang_up(caller, Cause::Normal);
    office.hear_request("100", "BYE");
}

#[test]
fn the_administrator_sees_who_talks_how() {
    let mut office = Office::with(&["100", "101"]);
    office.dial("100", "101", &sdp(1));
    let ringing: Vec<_> = office.edge.legs().collect();
    assert_eq!(ringing.len(), 1);
    assert_eq!(
        (ringing[0].state, ringing[0].codec.as_deref()),
        (LegState::Ringing, None)
    );

    let mut office = Office::with(&["100", "101"]);
    let Talk { caller, callee, .. } = office.talk();
    let legs: Vec<_> = office.edge.legs().collect();
    let seen: Vec<_> = legs
        .iter()
        .map(|leg| (leg.leg, &*leg.party, leg.direction, leg.state))
        .collect();
    let answered = LegState::Answered;
    let mut expected = [
        (caller, "100", LegDirection::In, answered),
        (callee, "101", LegDirection::Out, answered),
    ];
    expected.sort_by_key(|leg| leg.0);
    assert_eq!(seen, expected);
    assert!(legs.iter().all(|leg| leg.codec.as_deref() == Some("PCMU")));
    assert!(
        legs.iter()
            .all(|leg| leg.remote.is_some_and(|at| at.port() == 4000))
    );
}

/// SI-04
#[test]
fn a_caller_who_calls_on_hold_is_answered_and_then_held() {
    let mut office = Office::with(&["100"]);
    office.dial(
        "100",
        "101",
        &sdp_with(1, "4000 RTP/AVP 0", "a=sendonly\r\n"),
    );
    let caller = office.incoming().leg;
    office.perform(Effect::Answer(caller));
    office.expect(caller, LegEvent::Held);
}

#[test]
fn an_answer_that_cannot_be_read_does_not_block_what_comes_after() {
    let mut office = Office::with(&["100", "101"]);
    let Talk { callee, mut b, .. } = office.talk();
    office.perform(Effect::Identify(callee, Party::default()));
    let ours = office.hear_request("101", "INVITE");
    office.say("101", &b.reply(&ours, 200, "", "v=1\r\n"));
    office.hear_request("101", "ACK");
    let theirs = b.invite("", &sdp_with(2, "4002 RTP/AVP 0", ""));
    office.say("101", &theirs);
    office.hear_status("101", 200);
    assert_eq!(office.stream(callee).remote.port(), 4002);
}

/// CON-09
#[test]
fn telling_a_caller_who_he_talks_with_changes_nothing_of_the_sound() {
    let mut office = Office::with(&["100"]);
    let mut a = office.dial("100", "101", &sdp(1));
    let caller = office.incoming().leg;
    office.perform(Effect::Answer(caller));
    let answer = office.hear_status("100", 200);
    a.learn(&answer);
    let ack = a.ack("");
    office.say("100", &ack);
    office.perform(Effect::Identify(caller, Party::default()));
    let again = office.hear_request("100", "INVITE");
    assert_eq!(body(&again), body(&answer));
}

/// A re-INVITE that offers one codec without telephone events, and the stream that comes of it.
fn again(office: &mut Office, line: &mut Line, headers: &str, codec: &str) -> rtp::Stream {
    let invite = line.invite(headers, &sdp_with(1, &format!("4000 RTP/AVP {codec}"), ""));
    office.say("100", &invite);
    office.hear_status("100", 200);
    let ack = line.ack("");
    office.say("100", &ack);
    stream_in(&office.media()).clone()
}

fn stream_in(orders: &[MediaOrder]) -> &rtp::Stream {
    let streams = orders.iter().rev().find_map(|order| match order {
        MediaOrder::Stream(_, stream) => Some(&**stream),
        _ => None,
    });
    streams.unwrap()
}
