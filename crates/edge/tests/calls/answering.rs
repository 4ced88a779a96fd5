//! From the INVITE to the answer.

use crate::support::{Line, Office, body, header, number, sdp, sdp_with};
use edge::{LegState, MediaOrder};
use model::{Cause, Directory, Effect, Input, LegEvent, Origin, Party, Trunk};
use sip::message::Name;
use std::sync::Arc;
use std::time::Duration;

#[test]
fn two_phones_talk_until_one_hangs_up() {
    let mut office = Office::with(&["100", "101"]);
    let mut a = office.dial("100", "101", &sdp(1));
    let incoming = office.incoming();
    assert_eq!(incoming.origin, Origin::Extension(number("100")));
    assert_eq!(incoming.dialled, number("101"));
    let caller = incoming.leg;
    let callee = office.ring("101", Some(caller));
    let (invite, b) = office.rung("101");
    assert_eq!(invite.uri(), "sip:101@198.51.100.2:5060");

    let ringing = b.reply(&invite, 180, "", "");
    office.say("101", &ringing);
    office.expect(callee, LegEvent::Ringing);
    office.perform(Effect::Alert(caller));
    office.hear_status("100", 180);

    let answer = b.reply(&invite, 200, "", &sdp(2));
    office.say("101", &answer);
    office.expect(callee, LegEvent::Answered);
    office.hear_request("101", "ACK");
    let stream = office.stream(callee);
    assert_eq!(stream.remote, "198.51.100.2:4000".parse().unwrap());

    office.perform(Effect::Answer(caller));
    let answer = office.hear_status("100", 200);
    assert!(body(&answer).contains("c=IN IP4 192.0.2.1\r\n"));
    assert_eq!(
        office.stream(caller).remote,
        "198.51.100.1:4000".parse().unwrap()
    );
    a.learn(&answer);
    let ack = a.ack("");
    office.say("100", &ack);
    let states: Vec<_> = office.edge.legs().map(|leg| leg.state).collect();
    assert_eq!(states, [LegState::Answered, LegState::Answered]);

    let bye = a.request("BYE", "", "");
    office.say("100", &bye);
    office.expect(caller, LegEvent::HungUp(Cause::Normal));
    office.hear_status("100", 200);
    office.hang_up(callee, Cause::Normal);
    let bye = office.hear_request("101", "BYE");
    assert!(header(&bye, Name::Reason).contains("cause=16"));
    let ok = b.reply(&bye, 200, "", "");
    office.say("101", &ok);
    assert_eq!(
        office.media(),
        [MediaOrder::Close(caller), MediaOrder::Close(callee)]
    );
    office.expect_idle();
}

/// SI-04
#[test]
fn a_caller_who_gives_up_is_told_so_and_so_is_the_switch() {
    let mut office = Office::with(&["100"]);
    let a = office.dial("100", "101", &sdp(1));
    let caller = office.incoming().leg;
    office.perform(Effect::Alert(caller));
    office.hear_status("100", 180);
    office.say("100", &a.cancel());
    office.hear_status("100", 200);
    let refusal = office.hear_status("100", 487);
    office.say("100", &a.ack_refusal(&refusal));
    office.expect(caller, LegEvent::HungUp(Cause::Normal));
    assert_eq!(office.media(), [], "no port was ever needed");
    office.expect_idle();
}

/// SI-04
#[test]
fn a_cancel_that_crosses_the_answer_changes_nothing() {
    let mut office = Office::with(&["100"]);
    let mut a = office.dial("100", "101", &sdp(1));
    let caller = office.incoming().leg;
    office.perform(Effect::Answer(caller));
    let answer = office.hear_status("100", 200);
    let cancel = a.cancel();
    a.learn(&answer);
    office.say("100", &cancel);
    office.forget("100");
    office.expect_nothing();
    let ack = a.ack("");
    office.say("100", &ack);
    let bye = a.request("BYE", "", "");
    office.say("100", &bye);
    office.hear_status("100", 200);
    office.expect(caller, LegEvent::HungUp(Cause::Normal));
    office.expect_idle();
}

#[test]
fn a_caller_who_is_not_answered_is_told_why() {
    let table = [
        (Cause::Busy, 486),
        (Cause::NoAnswer, 480),
        (Cause::NotFound, 404),
        (Cause::Forbidden, 403),
        (Cause::Declined, 603),
        (Cause::NotAcceptable, 488),
        (Cause::Congestion, 503),
    ];
    for (cause, status) in table {
        let mut office = Office::with(&["100"]);
        let a = office.dial("100", "101", &sdp(1));
        let caller = office.incoming().leg;
        office.hang_up(caller, cause);
        let refusal = office.hear_status("100", status);
        assert!(header(&refusal, Name::Reason).starts_with("Q.850;cause="));
        assert_eq!(refusal.header(Name::RetryAfter).is_some(), status == 503);
        assert_eq!(refusal.header(Name::Warning).is_some(), status == 488);
        office.say("100", &a.ack_refusal(&refusal));
        office.expect_idle();
    }
}

/// P-12, P-14
#[test]
fn what_is_dialled_arrives_as_a_number() {
    for (uri, dialled) in [
        ("sip:*60#@192.0.2.1", "*60"),
        ("sip:*60%23@192.0.2.1", "*60"),
        ("sip:%2A60@192.0.2.1", "*60"),
        ("sip:101@192.0.2.1;user=phone", "101"),
        ("sip:101;phone-context=x@192.0.2.1", "101"),
        ("sip:0306.14-56@192.0.2.1", "03061456"),
        ("sip:%EF%BC%91%EF%BC%90%EF%BC%91@192.0.2.1", "101"),
    ] {
        let mut office = Office::with(&["100"]);
        office.dial("100", uri, &sdp(1));
        assert_eq!(office.incoming().dialled, number(dialled), "{uri}");
    }
    for (uri, status) in [
        ("sip:alice@192.0.2.1", 404),
        ("sip:192.0.2.1", 484),
        ("sip:1111111111111111111111111111111111@192.0.2.1", 404),
    ] {
        let mut office = Office::with(&["100"]);
        office.dial("100", uri, &sdp(1));
        office.hear_status("100", status);
        office.expect_idle();
    }
}

#[test]
fn who_calls_is_who_proved_it_and_not_what_from_says() {
    let mut office = Office::with(&["100"]);
    office.dial_with(
        "100",
        "101",
        "P-Asserted-Identity: <sip:999@x>\r\nDiversion: <sip:1@x>\r\n",
        &sdp(1),
    );
    let incoming = office.incoming();
    let caller = Party {
        number: Some(number("100")),
        name: "Name of 100".to_owned(),
    };
    assert_eq!((incoming.caller, incoming.hops), (caller, 1));
}

/// SI-04
#[test]
fn an_invite_without_an_offer_gets_ours_and_brings_the_answer_in_its_ack() {
    let mut office = Office::with(&["100"]);
    let mut a = office.dial("100", "101", "");
    let caller = office.incoming().leg;
    // It takes no reliable responses, so it cannot hear anything yet.
    office.perform(Effect::Progress(caller));
    office.hear_status("100", 180);
    office.perform(Effect::Answer(caller));
    let answer = office.hear_status("100", 200);
    assert!(body(&answer).contains("m=audio 10002 RTP/AVP 111 9 8 0 101 96"));
    assert_eq!(office.media(), []);
    a.learn(&answer);
    let ack = a.ack(&sdp(1));
    office.say("100", &ack);
    assert_eq!(
        office.stream(caller).remote,
        "198.51.100.1:4000".parse().unwrap()
    );
    office.expect_nothing();
}

#[test]
fn an_ack_that_should_bring_an_answer_and_brings_none_ends_the_call() {
    for answer in ["", &sdp_with(1, "4000 RTP/AVP 99", "")] {
        let mut office = Office::with(&["100"]);
        let mut a = office.dial("100", "101", "");
        let caller = office.incoming().leg;
        office.perform(Effect::Answer(caller));
        let offer = office.hear_status("100", 200);
        a.learn(&offer);
        let ack = a.ack(answer);
        office.say("100", &ack);
        office.hear_request("100", "BYE");
        let ended = office.told();
        assert!(
            matches!(ended, Some(Input::Leg(leg, LegEvent::HungUp(_))) if leg == caller),
            "{ended:?}"
        );
        assert_eq!(office.media(), [MediaOrder::Close(caller)]);
        office.expect_idle();
    }
}

/// SI-04
#[test]
fn an_invite_without_an_offer_hears_early_media_where_it_takes_reliable_responses() {
    let mut office = Office::with(&["100"]);
    let mut a = office.dial_with("100", "101", "Supported: 100rel\r\n", "");
    let caller = office.incoming().leg;
    office.perform(Effect::Progress(caller));
    let progress = office.hear_status("100", 183);
    assert!(body(&progress).contains("m=audio"));
    assert!(header(&progress, Name::Require).contains("100rel"));
    a.learn(&progress);
    let rack = format!("RAck: {} 2 INVITE\r\n", header(&progress, Name::RSeq));
    let prack = a.request("PRACK", &rack, &sdp(1));
    office.say("100", &prack);
    office.hear_status("100", 200);
    assert_eq!(office.stream(caller).remote.port(), 4000);
    office.perform(Effect::Answer(caller));
    let answer = office.hear_status("100", 200);
    assert_eq!(body(&answer), "", "everything is said");
    assert_eq!(office.media(), []);
}

/// SI-04
#[test]
fn early_media_answers_the_offer_and_the_answer_repeats_it() {
    let mut office = Office::with(&["100"]);
    office.dial("100", "101", &sdp(1));
    let caller = office.incoming().leg;
    office.perform(Effect::Progress(caller));
    let progress = office.hear_status("100", 183);
    assert_eq!(office.stream(caller).remote.port(), 4000);
    office.perform(Effect::Answer(caller));
    let answer = office.hear_status("100", 200);
    assert_eq!(body(&answer), body(&progress));
    assert_eq!((office.media(), office.ports.opened), (vec![], 1));
}

/// SI-05
#[test]
fn an_offer_that_fits_nothing_is_refused_before_anybody_rings() {
    let secure = sdp(1).replace("RTP/AVP", "RTP/SAVP");
    let table = [
        (sdp_with(1, "4000 RTP/AVP 99", ""), 488, Some("305")),
        (secure, 488, Some("302")),
        (
            sdp(1).replace("m=audio 4000", "m=video 4000"),
            488,
            Some("304"),
        ),
        ("v=1\r\n".to_owned(), 400, Some("399")),
    ];
    for (offer, status, warning) in table {
        let mut office = Office::with(&["100"]);
        office.dial("100", "101", &offer);
        let refusal = office.hear_status("100", status);
        let told = refusal.header(Name::Warning).and_then(|w| w.get(..3));
        assert_eq!(told, warning, "{offer}");
        office.expect_idle();
    }
}

/// SI-05
#[test]
fn video_and_what_else_is_offered_is_refused_in_its_place() {
    let mut office = Office::with(&["100"]);
    let offer = sdp(1).replace("m=audio", "m=video 6000 RTP/AVP 31\r\nm=audio")
        + "m=image 7000 udptl t38\r\n";
    office.dial("100", "101", &offer);
    let caller = office.incoming().leg;
    office.perform(Effect::Answer(caller));
    let answer = body(&office.hear_status("100", 200));
    let lines: Vec<_> = answer.lines().filter(|l| l.starts_with("m=")).collect();
    let expected = [
        "m=video 0 RTP/AVP 31",
        "m=audio 10002 RTP/AVP 0 101",
        "m=image 0 udptl t38",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn without_a_port_a_caller_is_asked_to_come_again() {
    let mut office = Office::with(&["100"]);
    office.ports.most = 0;
    office.dial("100", "101", &sdp(1));
    let caller = office.incoming().leg;
    office.perform(Effect::Answer(caller));
    let refusal = office.hear_status("100", 503);
    assert!(refusal.header(Name::RetryAfter).is_some());
    office.expect(caller, LegEvent::HungUp(Cause::Congestion));
    office.expect_idle();
}

#[test]
fn an_answer_is_repeated_until_its_ack_and_the_call_ends_without_one() {
    let mut office = Office::with(&["100"]);
    office.dial("100", "101", &sdp(1));
    let caller = office.incoming().leg;
    office.perform(Effect::Answer(caller));
    office.after(Duration::from_millis(31_900));
    let answers = std::iter::from_fn(|| office.hear("100")).count();
    assert!(answers >= 7, "{answers}");
    office.expect_nothing();
    office.after(Duration::from_millis(200));
    office.expect(caller, LegEvent::HungUp(Cause::Vanished));
    office.hear_request("100", "BYE");
    office.expect_idle();
}

/// CON-09
#[test]
fn a_caller_is_told_with_whom_it_will_talk() {
    let mut office = Office::with(&["100"]);
    office.dial("100", "600", &sdp(1));
    let caller = office.incoming().leg;
    let party = Party {
        number: Some(number("101")),
        name: "李四".to_owned(),
    };
    office.perform(Effect::Identify(caller, party));
    office.hear_nothing("100");
    for (effect, status) in [
        (Effect::Alert(caller), 180),
        (Effect::Progress(caller), 183),
        (Effect::Answer(caller), 200),
    ] {
        office.perform(effect);
        let response = office.hear_status("100", status);
        assert_eq!(
            header(&response, Name::PAssertedIdentity),
            "\"李四\" <sip:101@192.0.2.1:5060>"
        );
    }
}

/// SI-03
#[test]
fn a_phone_behind_nat_is_heard_from_its_public_address_only() {
    let mut office = Office::with(&["100"]);
    let private = sdp(1).replace("198.51.100.1", "10.0.0.7");
    office.dial("100", "101", &private);
    let caller = office.incoming().leg;
    office.perform(Effect::Answer(caller));
    let stream = office.stream(caller);
    assert_eq!(
        stream.source,
        rtp::Source::Latch("198.51.100.1".parse().unwrap())
    );
    assert_eq!(stream.remote, "198.51.100.1:4000".parse().unwrap());
}

#[test]
fn a_trunk_is_believed_who_calls_and_how_often_it_was_forwarded() {
    let mut office = Office::with(&["100"]);
    let mut directory = Directory::default();
    let carrier = Trunk::to("carrier", "203.0.113.5");
    directory
        .trunks
        .insert(carrier.name.clone(), Arc::new(carrier));
    office.tell(|edge, now, _| edge.directory(now, Arc::new(directory)));
    while office.told().is_some() {}
    let mut flow = office.phone("100").flow;
    flow.remote = "203.0.113.5:5060".parse().unwrap();
    let headers = "P-Asserted-Identity: \"Ann\" <sip:+862885337106@carrier>\r\n\
                   History-Info: <sip:1@x>;index=1, <sip:2@x>;index=1.1, <sip:3@x>;index=1.2\r\n";
    let invite = Line::calling("100", "anonymous", "02885337100", 1).invite(headers, &sdp(5));
    office.say_over(flow, &invite);
    let incoming = office.incoming();
    let caller = Party {
        number: Some(number("+862885337106")),
        name: "Ann".to_owned(),
    };
    assert_eq!(incoming.origin, Origin::Trunk("carrier".to_owned()));
    assert_eq!((incoming.caller, incoming.hops), (caller, 2));
}
