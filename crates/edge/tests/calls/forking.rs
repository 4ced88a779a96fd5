//! Several phones of one extension ring at once.

use crate::support::{Office, body, header, number, sdp, sdp_with};
use edge::MediaOrder;
use model::{AutoAnswer, Cause, Effect, LegEvent, LegId, Party, Ring, SrtpPolicy, Target};
use sip::message::Name;
use std::time::Duration;

/// DIAL-07
#[test]
fn the_first_phone_to_answer_takes_the_call_and_the_others_are_told_so() {
    let mut office = Office::with(&["101a", "101b", "101c"]);
    let leg = office.ring("101", None);
    let (invite_a, a) = office.rung("101a");
    let (invite_b, b) = office.rung("101b");
    let (_, _) = office.rung("101c");
    assert_ne!(a.call_id, b.call_id, "each is a call of its own");
    office.say("101a", &a.reply(&invite_a, 180, "", ""));
    office.say("101b", &b.reply(&invite_b, 180, "", ""));
    office.expect(leg, LegEvent::Ringing);
    office.expect_nothing();

    office.say("101b", &b.reply(&invite_b, 200, "", &sdp(2)));
    office.expect(leg, LegEvent::Answered);
    office.expect_nothing();
    office.hear_request("101b", "ACK");
    let cancel = office.hear_request("101a", "CANCEL");
    assert_eq!(
        header(&cancel, Name::Reason),
        "SIP;cause=200;text=\"Call completed elsewhere\""
    );
    // Nothing came from this one yet, so its CANCEL waits (RFC 3261 §9.1).
    office.hear_nothing("101c");

    office.say("101a", &a.reply(&cancel, 200, "", ""));
    office.say("101a", &a.reply(&invite_a, 487, "", ""));
    office.hear_request("101a", "ACK");
    assert_eq!(office.ports.opened, 1, "one port, however many phones ring");
    office.expect_nothing();
}

#[test]
fn a_second_answer_that_crosses_the_cancel_is_ended() {
    let mut office = Office::with(&["101a", "101b"]);
    let leg = office.ring("101", None);
    let (invite_a, a) = office.rung("101a");
    let (invite_b, b) = office.rung("101b");
    office.say("101a", &a.reply(&invite_a, 180, "", ""));
    office.expect(leg, LegEvent::Ringing);
    office.say("101b", &b.reply(&invite_b, 200, "", &sdp(2)));
    office.expect(leg, LegEvent::Answered);
    office.hear_request("101a", "CANCEL");
    office.media();

    office.say("101a", &a.reply(&invite_a, 200, "", &sdp(1)));
    office.hear_request("101a", "ACK");
    let bye = office.hear_request("101a", "BYE");
    assert!(header(&bye, Name::Reason).starts_with("SIP;cause=200"));
    office.say("101a", &a.reply(&bye, 200, "", ""));
    office.expect_nothing();
    assert_eq!(
        office.media(),
        [],
        "the sound stays with who answered first"
    );
    assert_eq!(office.edge.legs().count(), 1);
}

/// IX-22
#[test]
fn one_phone_rings_on_when_the_others_refuse() {
    let mut office = Office::with(&["101a", "101b", "101c"]);
    let leg = office.ring("101", None);
    let (invite_a, a) = office.rung("101a");
    let (invite_b, b) = office.rung("101b");
    let (invite_c, c) = office.rung("101c");
    office.say("101c", &c.reply(&invite_c, 180, "", ""));
    office.expect(leg, LegEvent::Ringing);
    office.say("101a", &a.reply(&invite_a, 486, "", ""));
    office.say("101b", &b.reply(&invite_b, 480, "", ""));
    office.hear_request("101a", "ACK");
    office.hear_request("101b", "ACK");
    office.expect_nothing();
    office.say("101c", &c.reply(&invite_c, 200, "", &sdp(3)));
    office.expect(leg, LegEvent::Answered);
}

/// IX-23
#[test]
fn one_who_declines_declines_for_all_phones() {
    let mut office = Office::with(&["101a", "101b"]);
    let leg = office.ring("101", None);
    let (invite_a, a) = office.rung("101a");
    let (invite_b, b) = office.rung("101b");
    office.say("101b", &b.reply(&invite_b, 180, "", ""));
    office.expect(leg, LegEvent::Ringing);
    office.say("101a", &a.reply(&invite_a, 603, "", ""));
    office.expect(leg, LegEvent::Failed(Cause::Declined));
    let cancel = office.hear_request("101b", "CANCEL");
    office.say("101b", &b.reply(&cancel, 200, "", ""));
    office.say("101b", &b.reply(&invite_b, 487, "", ""));
    assert_eq!(office.media(), [MediaOrder::Close(leg)]);
    office.expect_idle();
}

#[test]
fn when_all_refuse_the_refusal_that_says_most_is_told() {
    let table: [(&[u16], Cause); 8] = [
        (&[486, 480], Cause::Busy),
        (&[480, 486], Cause::Busy),
        (&[404, 488], Cause::NotAcceptable),
        (&[302, 503], Cause::Unavailable),
        (&[401, 407], Cause::Unavailable),
        (&[600, 180], Cause::Busy),
        (&[403, 480], Cause::Declined),
        (&[500, 481], Cause::Unavailable),
    ];
    for (statuses, cause) in table {
        let mut office = Office::with(&["101a", "101b"]);
        // Nobody is called once more with keys.
        office.set_up("101", |extension| extension.srtp = SrtpPolicy::Off);
        let leg = office.ring("101", None);
        for (phone, status) in ["101a", "101b"].into_iter().zip(statuses) {
            let (invite, line) = office.rung(phone);
            if *status >= 200 {
                office.say(phone, &line.reply(&invite, *status, "", ""));
                office.hear_request(phone, "ACK");
            }
        }
        office.expect(leg, LegEvent::Failed(cause));
        office.expect_idle();
    }
}

#[test]
fn nobody_can_be_rung_who_has_no_phone() {
    let mut office = Office::with(&["100"]);
    let leg = office.ring("101", None);
    office.expect(leg, LegEvent::Failed(Cause::Unavailable));
    let trunk = LegId::outbound(99);
    office.perform(Effect::Ring(Ring {
        leg: trunk,
        target: Target::Trunk {
            trunk: "carrier".to_owned(),
            number: number("02885337106"),
        },
        caller: Party::default(),
        on_behalf: None,
        auto_answer: AutoAnswer::No,
        forwarded_by: Vec::new(),
    }));
    office.expect(trunk, LegEvent::Failed(Cause::Unavailable));
    assert_eq!(office.media(), [], "no port was opened");
    office.expect_idle();
}

#[test]
fn a_phone_that_does_not_answer_at_all_is_unavailable() {
    let mut office = Office::with(&["101"]);
    let leg = office.ring("101", None);
    office.after(Duration::from_millis(31_900));
    office.expect_nothing();
    let invites = std::iter::from_fn(|| office.hear("101")).count();
    assert_eq!(invites, 7, "the INVITE and its repetitions over UDP");
    office.after(Duration::from_millis(200));
    office.expect(leg, LegEvent::Failed(Cause::Unavailable));
    assert_eq!(office.media(), [MediaOrder::Close(leg)]);
    office.expect_idle();
}

#[test]
fn a_phone_that_rang_and_gives_up_means_no_answer() {
    let mut office = Office::with(&["101"]);
    let leg = office.ring("101", None);
    let (invite, line) = office.rung("101");
    office.say("101", &line.reply(&invite, 180, "", ""));
    office.expect(leg, LegEvent::Ringing);
    office.say("101", &line.reply(&invite, 480, "", ""));
    office.expect(leg, LegEvent::Failed(Cause::NoAnswer));
    office.expect_idle();
}

/// SI-04
#[test]
fn a_call_that_is_given_up_stops_ringing_as_soon_as_that_can_be() {
    let mut office = Office::with(&["101a", "101b"]);
    let leg = office.ring("101", None);
    let (invite_a, a) = office.rung("101a");
    let (invite_b, b) = office.rung("101b");
    office.say("101a", &a.reply(&invite_a, 180, "", ""));
    office.expect(leg, LegEvent::Ringing);
    office.hang_up(leg, Cause::NoAnswer);
    assert_eq!(office.media(), [MediaOrder::Close(leg)]);
    let cancel = office.hear_request("101a", "CANCEL");
    assert!(header(&cancel, Name::Reason).contains("cause=19"));
    office.hear_nothing("101b");
    // It answers at once, without ringing first: the CANCEL never was possible.
    office.say("101b", &b.reply(&invite_b, 200, "", &sdp(2)));
    office.hear_request("101b", "ACK");
    let bye = office.hear_request("101b", "BYE");
    office.say("101b", &b.reply(&bye, 200, "", ""));
    office.say("101a", &a.reply(&invite_a, 487, "", ""));
    office.expect_idle();
}

/// SI-04
#[test]
fn the_first_early_media_is_heard_until_somebody_answers() {
    let mut office = Office::with(&["101a", "101b"]);
    let leg = office.ring("101", None);
    let (invite_a, a) = office.rung("101a");
    let (invite_b, b) = office.rung("101b");
    office.say("101a", &a.reply(&invite_a, 183, "", &sdp(1)));
    office.expect(leg, LegEvent::EarlyMedia);
    assert_eq!(office.stream(leg).remote.port(), 4000);
    office.say(
        "101b",
        &b.reply(&invite_b, 183, "", &sdp_with(2, "5000 RTP/AVP 8", "")),
    );
    office.expect_nothing();
    assert_eq!(office.media(), [], "two voices at once would be a noise");
    // The first gives up, so the next one that has something to say is heard.
    office.say("101a", &a.reply(&invite_a, 480, "", ""));
    let tone = sdp_with(2, "5002 RTP/AVP 8", "");
    office.say("101b", &b.reply(&invite_b, 183, "", &tone));
    office.expect(leg, LegEvent::EarlyMedia);
    assert_eq!(office.stream(leg).remote.port(), 5002);
    office.say(
        "101b",
        &b.reply(&invite_b, 200, "", &sdp_with(2, "5000 RTP/AVP 8", "")),
    );
    office.expect(leg, LegEvent::Answered);
    assert_eq!(
        office.stream(leg).remote,
        "198.51.100.2:5000".parse().unwrap()
    );
}

/// SI-05
#[test]
fn a_phone_whose_answer_fits_nothing_is_hung_up_while_the_others_ring_on() {
    let mut office = Office::with(&["101a", "101b"]);
    let leg = office.ring("101", None);
    let (invite_a, a) = office.rung("101a");
    let (invite_b, b) = office.rung("101b");
    office.say(
        "101a",
        &a.reply(&invite_a, 200, "", &sdp_with(1, "4000 RTP/AVP 18", "")),
    );
    office.hear_request("101a", "ACK");
    let bye = office.hear_request("101a", "BYE");
    assert!(header(&bye, Name::Reason).contains("cause=88"));
    office.expect_nothing();
    office.say("101b", &b.reply(&invite_b, 486, "", ""));
    office.expect(leg, LegEvent::Failed(Cause::Busy));
    office.say("101a", &a.reply(&bye, 200, "", ""));
    office.expect_idle();
}

/// SI-05
#[test]
fn a_lone_phone_whose_answer_fits_nothing_is_not_acceptable() {
    for answer in [
        sdp_with(1, "4000 RTP/AVP 18", ""),
        "v=1\r\n".to_owned(),
        String::new(),
    ] {
        let mut office = Office::with(&["101"]);
        let leg = office.ring("101", None);
        let (invite, line) = office.rung("101");
        office.say("101", &line.reply(&invite, 200, "", &answer));
        office.hear_request("101", "ACK");
        office.hear_request("101", "BYE");
        office.expect(leg, LegEvent::Failed(Cause::NotAcceptable));
        office.expect_idle();
    }
}

#[test]
fn without_a_port_nobody_is_rung() {
    let mut office = Office::with(&["101"]);
    office.ports.most = 0;
    let leg = office.ring("101", None);
    office.expect(leg, LegEvent::Failed(Cause::Congestion));
    office.hear_nothing("101");
    office.expect_idle();
}

/// CON-09
#[test]
fn the_phone_shows_who_calls() {
    let mut office = Office::with(&["101"]);
    office.ring("101", None);
    let (invite, _) = office.rung("101");
    let shown = "\"张三\" <sip:100@192.0.2.1:5060>";
    assert!(header(&invite, Name::From).starts_with(&format!("{shown};tag=")));
    assert_eq!(header(&invite, Name::PAssertedIdentity), shown);
    assert_eq!(header(&invite, Name::To), "<sip:101@192.0.2.1:5060>");
    assert_eq!(header(&invite, Name::Contact), "<sip:100@192.0.2.1:5060>");
    assert!(header(&invite, Name::Allow).contains("UPDATE"));
    assert!(header(&invite, Name::Supported).contains("100rel"));
    assert!(invite.header(Name::Privacy).is_none());
    assert!(invite.header(Name::AnswerMode).is_none());

    office.ring_as("101", None, Party::default(), AutoAnswer::Yes);
    let (invite, _) = office.rung("101");
    assert!(header(&invite, Name::From).contains("<sip:anonymous@anonymous.invalid>"));
    assert_eq!(header(&invite, Name::Privacy), "id");
    assert!(invite.header(Name::PAssertedIdentity).is_none());
    assert!(header(&invite, Name::CallInfo).ends_with(">;answer-after=0"));
    assert!(header(&invite, Name::AlertInfo).ends_with(">;info=alert-autoanswer"));
    assert_eq!(header(&invite, Name::AnswerMode), "Auto");
}

/// CF-13
#[test]
fn a_phone_is_told_who_forwarded_the_call_to_it() {
    let mut office = Office::with(&["101"]);
    let ring = |forwarded_by: &[&str]| {
        Effect::Ring(Ring {
            leg: LegId::outbound(77),
            target: Target::Extension(number("101")),
            caller: Party::default(),
            on_behalf: None,
            auto_answer: AutoAnswer::No,
            forwarded_by: forwarded_by.iter().map(|by| number(by)).collect(),
        })
    };
    office.perform(ring(&["105", "106"]));
    let (invite, _) = office.rung("101");
    let by: Vec<_> = invite.headers(Name::Diversion).collect();
    assert_eq!(by.len(), 2);
    assert!(by[0].starts_with("<sip:106@192.0.2.1:5060>"), "{by:?}");
    let ways: Vec<_> = invite.headers(Name::HistoryInfo).collect();
    assert_eq!(ways.len(), 3);
    assert!(
        ways[2].starts_with("<sip:101@192.0.2.1:5060>;index=1.1.1"),
        "{ways:?}"
    );
    office.hang_up(LegId::outbound(77), Cause::Normal);
    office.forget("101");
    office.perform(ring(&[]));
    let (invite, _) = office.rung("101");
    assert!(invite.header(Name::HistoryInfo).is_none() && invite.header(Name::Diversion).is_none());
}

/// SI-05
#[test]
fn the_callee_is_offered_first_what_the_caller_talks() {
    for (offered, wanted) in [
        ("0 8", "m=audio 10002 RTP/AVP 0 8 111 9 18 101 96"),
        ("8 0", "m=audio 10002 RTP/AVP 8 0 111 9 18 101 96"),
    ] {
        let mut office = Office::with(&["100", "101"]);
        let audio = sdp_with(1, &format!("4000 RTP/AVP 18 {offered}"), "");
        office.dial("100", "101", &audio);
        let caller = office.incoming().leg;
        office.ring("101", Some(caller));
        let (invite, _) = office.rung("101");
        assert!(body(&invite).contains(wanted), "{}", body(&invite));
    }
}

/// SI-04
#[test]
fn early_media_that_comes_reliably_is_acknowledged_and_its_answer_holds() {
    let mut office = Office::with(&["101"]);
    let leg = office.ring("101", None);
    let (invite, line) = office.rung("101");
    let reliable = "Require: 100rel\r\nRSeq: 7\r\n";
    office.say("101", &line.reply(&invite, 183, reliable, &sdp(1)));
    office.expect(leg, LegEvent::EarlyMedia);
    let prack = office.hear_request("101", "PRACK");
    assert_eq!(header(&prack, Name::RAck), "7 1 INVITE");
    office.say("101", &line.reply(&prack, 200, "", ""));
    office.media();
    office.say("101", &line.reply(&invite, 200, "", ""));
    office.expect(leg, LegEvent::Answered);
    office.hear_request("101", "ACK");
    assert_eq!(office.stream(leg).remote.port(), 4000);
    office.expect_nothing();
}

/// SI-04
#[test]
fn behind_a_proxy_that_forks_the_dialog_that_answers_is_heard() {
    let mut office = Office::with(&["101"]);
    let leg = office.ring("101", None);
    let (invite, line) = office.rung("101");
    let mut other = line.clone();
    other.local = line.local.replace("tag=phone", "tag=other");
    office.say("101", &line.reply(&invite, 183, "", &sdp(1)));
    office.expect(leg, LegEvent::EarlyMedia);
    office.stream(leg);
    office.say("101", &other.reply(&invite, 180, "", ""));
    office.expect(leg, LegEvent::Ringing);
    office.say(
        "101",
        &other.reply(&invite, 200, "", &sdp_with(1, "7000 RTP/AVP 0", "")),
    );
    office.expect(leg, LegEvent::Answered);
    assert_eq!(office.stream(leg).remote.port(), 7000);
    let ack = office.hear_request("101", "ACK");
    assert!(header(&ack, Name::To).contains("tag=other"));
    // The first dialog answers as well: too late.
    office.say("101", &line.reply(&invite, 200, "", &sdp(1)));
    let ack = office.hear_request("101", "ACK");
    assert!(header(&ack, Name::To).contains("tag=phone"));
    office.hear_request("101", "BYE");
    office.expect_nothing();
    assert_eq!(office.media(), []);
}

#[test]
fn no_more_phones_ring_than_the_limit() {
    let names: Vec<&str> = (b'a'..=b'z')
        .map(|letter| &*format!("101{}", char::from(letter)).leak())
        .collect();
    let mut office = Office::with(&names);
    office.ring("101", None);
    let rung = names
        .iter()
        .filter(|name| office.hear(name).is_some())
        .count();
    assert_eq!(rung, 16);
}

#[test]
fn a_phone_whose_connection_breaks_while_it_rings_is_unavailable() {
    let mut office = Office::with_transport(sip::Transport::Tcp, &["101"]);
    // Whether the phone takes a connection is asked first.
    office.after(Duration::from_secs(60));
    while office.told().is_some() {}
    let leg = office.ring("101", None);
    let (invite, line) = office.rung("101");
    office.say("101", &line.reply(&invite, 180, "", ""));
    office.expect(leg, LegEvent::Ringing);
    let flow = office.phone("101").flow;
    office.tell(|edge, now, _| edge.disconnected(now, flow));
    let failed = std::iter::from_fn(|| office.told())
        .any(|input| input == model::Input::Leg(leg, LegEvent::Failed(Cause::Unavailable)));
    assert!(failed);
    office.expect_idle();
}

#[test]
fn a_phone_behind_a_proxy_is_called_through_it() {
    let mut office = Office::with(&["101"]);
    office.register(
        "101",
        "Supported: path\r\nPath: <sip:proxy.invalid;lr>\r\nExpires: 3600\r\n",
    );
    office.ring("101", None);
    let routes = std::iter::from_fn(|| office.hear("101"))
        .any(|invite| invite.header(Name::Route) == Some("<sip:proxy.invalid;lr>"));
    assert!(routes);
}

/// SI-05
#[test]
fn who_joins_a_talk_is_offered_first_what_is_talked() {
    let mut office = Office::with(&["100", "101"]);
    let caller = office.talk().caller;
    office.ring("101", Some(caller));
    let (invite, _) = office.rung("101");
    assert!(
        body(&invite).contains(" RTP/AVP 0 111 9 8 101 96"),
        "{}",
        body(&invite)
    );
}
