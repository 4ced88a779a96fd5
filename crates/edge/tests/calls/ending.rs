//! How calls end.

use crate::support::{Disk, Office, Talk, body, header, sdp, sdp_with};
use edge::{MediaNotice, MediaOrder};
use model::{Cause, Digit, Effect, LegEvent};
use sip::Transport;
use sip::message::Name;
use std::time::Duration;

#[test]
fn the_callee_may_hang_up_first() {
    let mut office = Office::with(&["100", "101"]);
    let Talk {
        caller,
        a,
        callee,
        mut b,
    } = office.talk();
    let bye = b.request("BYE", "Reason: Q.850;cause=16\r\n", "");
    office.say("101", &bye);
    office.expect(callee, LegEvent::HungUp(Cause::Normal));
    office.hear_status("101", 200);
    office.hang_up(caller, Cause::Normal);
    let bye = office.hear_request("100", "BYE");
    office.say("100", &a.reply(&bye, 200, "", ""));
    let orders = [MediaOrder::Close(callee), MediaOrder::Close(caller)];
    assert_eq!(office.media(), orders);
    office.expect_idle();
}

#[test]
fn both_may_hang_up_at_once() {
    let mut office = Office::with(&["100", "101"]);
    let Talk { caller, mut a, .. } = office.talk();
    office.hang_up(caller, Cause::Normal);
    let ours = office.hear_request("100", "BYE");
    let theirs = a.request("BYE", "", "");
    office.say("100", &theirs);
    office.hear_status("100", 200);
    office.say("100", &a.reply(&ours, 200, "", ""));
    office.expect_nothing();
}

/// DESIGN §11: commit, then acknowledge.
#[test]
fn the_answer_to_a_bye_waits_until_the_end_of_the_call_is_stored() {
    let mut office = Office::with(&["100", "101"]);
    let Talk { caller, mut a, .. } = office.talk();
    office.disk = Disk::Stuck;
    let bye = a.request("BYE", "", "");
    office.say("100", &bye);
    office.expect(caller, LegEvent::HungUp(Cause::Normal));
    office.after(Duration::from_millis(400));
    office.hear_nothing("100");
    office.commit();
    office.hear_status("100", 200);
    office.hear_nothing("100");
}

/// DESIGN §11: at most 500 ms.
#[test]
fn the_answer_to_a_bye_does_not_wait_for_a_stuck_disk() {
    let mut office = Office::with(&["100", "101"]);
    let Talk { caller, mut a, .. } = office.talk();
    office.disk = Disk::Stuck;
    let bye = a.request("BYE", "", "");
    office.say("100", &bye);
    office.expect(caller, LegEvent::HungUp(Cause::Normal));
    office.after(Duration::from_millis(499));
    office.hear_nothing("100");
    office.after(Duration::from_millis(2));
    office.hear_status("100", 200);
    office.commit();
    office.hear_nothing("100");
}

#[test]
fn a_bye_waits_for_the_ack_of_our_answer() {
    let mut office = Office::with(&["100"]);
    let mut a = office.dial("100", "101", &sdp(1));
    let caller = office.incoming().leg;
    office.perform(Effect::Answer(caller));
    let answer = office.hear_status("100", 200);
    office.hang_up(caller, Cause::Normal);
    office.hear_nothing("100");
    a.learn(&answer);
    let ack = a.ack("");
    office.say("100", &ack);
    office.hear_request("100", "BYE");
    office.expect_idle();
}

/// GEN-01 IX-24: whoever administers switches the portal off while one page talks and another calls.
#[test]
fn the_calls_of_pages_end_with_the_portal() {
    let mut office = Office::with_transport(Transport::Wss, &["100", "101"]);
    let mut talks = office.dial("100", "102", &sdp(1));
    let talking = office.incoming().leg;
    office.perform(Effect::Answer(talking));
    let answer = office.hear_status("100", 200);
    talks.learn(&answer);
    let ack = talks.ack("");
    office.say("100", &ack);
    let _line = office.dial("101", "102", &sdp(2));
    let calling = office.incoming().leg;
    office.set_up("100", |_| {});
    for leg in [talking, calling] {
        office.expect(leg, LegEvent::HungUp(Cause::Forbidden));
    }
    office.hear_request("100", "BYE");
    office.hear_status("101", 403);
    office.expect_nothing();
}

/// GEN-01
#[test]
fn the_calls_of_desk_phones_do_not_end_with_the_portal() {
    let mut office = Office::with(&["100", "101"]);
    let _talk = office.talk();
    office.set_up("100", |_| {});
    office.expect_nothing();
    office.hear_nothing("100");
}

/// SI-07
#[test]
fn a_party_that_falls_silent_is_hung_up() {
    let mut office = Office::with(&["100", "101"]);
    let Talk { callee, .. } = office.talk();
    office.tell(|edge, now, _| edge.media(now, callee, MediaNotice::Silent));
    office.expect(callee, LegEvent::HungUp(Cause::Vanished));
    let bye = office.hear_request("101", "BYE");
    assert!(header(&bye, Name::Reason).contains("cause=27"));
    assert_eq!(office.media(), [MediaOrder::Close(callee)]);
    office.tell(|edge, now, _| edge.media(now, callee, MediaNotice::Silent));
    office.expect_nothing();
}

/// SI-04
#[test]
fn a_phone_that_is_gone_is_noticed_by_the_session_timer() {
    let mut office = Office::with(&["101"]);
    let leg = office.ring("101", None);
    let (invite, line) = office.rung("101");
    assert_eq!(header(&invite, Name::SessionExpires), "1800");
    // It leaves refreshing to us.
    let timer = "Session-Expires: 1800;refresher=uac\r\n";
    office.say("101", &line.reply(&invite, 200, timer, &sdp(1)));
    office.expect(leg, LegEvent::Answered);
    office.hear_request("101", "ACK");
    office.after(Duration::from_secs(899));
    office.hear_nothing("101");
    office.after(Duration::from_secs(2));
    let refresh = office.hear_request("101", "INVITE");
    assert_eq!(
        sdp_version(&refresh),
        sdp_version(&invite),
        "nothing changes"
    );
    office.expect_nothing();
    office.after(Duration::from_secs(33));
    office.expect(leg, LegEvent::HungUp(Cause::Vanished));
    office.expect_idle();
}

/// SI-04
#[test]
fn a_phone_that_refreshes_is_not_taken_for_gone() {
    let mut office = Office::with(&["100"]);
    let timer = "Supported: timer\r\nSession-Expires: 90;refresher=uac\r\n";
    let mut a = office.dial_with("100", "101", timer, &sdp(1));
    let caller = office.incoming().leg;
    office.perform(Effect::Answer(caller));
    let answer = office.hear_status("100", 200);
    assert_eq!(header(&answer, Name::SessionExpires), "90;refresher=uac");
    a.learn(&answer);
    let ack = a.ack("");
    office.say("100", &ack);
    office.media();
    for _ in 0..3 {
        office.after(Duration::from_secs(45));
        let update = a.request("UPDATE", timer, "");
        office.say("100", &update);
        office.hear_status("100", 200);
    }
    office.expect_nothing();
    assert_eq!(office.media(), [], "a refresh changes nothing");
    office.after(Duration::from_secs(91));
    office.expect(caller, LegEvent::HungUp(Cause::Vanished));
    office.hear_request("100", "BYE");
    office.expect_idle();
}

#[test]
fn a_bye_of_somebody_who_knows_only_half_of_the_call_ends_nothing() {
    let mut office = Office::with(&["100", "101"]);
    let Talk { mut a, .. } = office.talk();
    a.local = a.local.replace("tag=phone", "tag=forged");
    let bye = a.request("BYE", "", "");
    office.say("100", &bye);
    office.hear_status("100", 481);
    a.remote = "<sip:101@pbx>;tag=guessed".to_owned();
    let bye = a.request("BYE", "", "");
    office.say("100", &bye);
    office.hear_status("100", 481);
    office.expect_nothing();
    assert_eq!(office.edge.legs().count(), 2);
}

#[test]
fn an_answer_to_nothing_is_ended_for_a_phone_of_ours_and_ignored_from_a_stranger() {
    let mut office = Office::with(&["101"]);
    let leg = office.ring("101", None);
    let (invite, line) = office.rung("101");
    office.hang_up(leg, Cause::Normal);
    office.after(Duration::from_secs(200));
    office.forget("101");
    let late = line.reply(&invite, 200, "", &sdp(1));
    office.say("101", &late);
    office.hear_request("101", "ACK");
    office.hear_request("101", "BYE");
    let mut stranger = office.phone("101").flow;
    stranger.remote.set_port(9);
    office.say_over(stranger, &late.replace("tag=", "tag=x"));
    office.hear_nothing("101");
    assert_eq!(office.astray, 0);
}

#[test]
fn a_ringing_caller_whose_connection_breaks_is_gone() {
    let mut office = Office::with(&["100", "102"]);
    let mut flow = office.phone("100").flow;
    flow.transport = Transport::Tcp;
    flow.connection = Some(sip::ConnectionId(7));
    office.phone("100").flow = flow;
    office.dial("100", "101", &sdp(1));
    let caller = office.incoming().leg;
    office.dial("102", "101", &sdp(2));
    let other = office.incoming().leg;
    office.perform(Effect::Alert(caller));
    office.tell(|edge, now, _| edge.disconnected(now, flow));
    office.expect(caller, LegEvent::HungUp(Cause::Vanished));
    office.expect_nothing();
    let left: Vec<_> = office.edge.legs().map(|leg| leg.leg).collect();
    assert_eq!((left, office.edge.sessions()), (vec![other], 1));
}

#[test]
fn an_answer_that_is_repeated_after_the_end_is_acknowledged_and_ended_again() {
    let mut office = Office::with(&["101"]);
    let leg = office.ring("101", None);
    let (invite, line) = office.rung("101");
    let answer = line.reply(&invite, 200, "", &sdp(1));
    office.say("101", &answer);
    office.expect(leg, LegEvent::Answered);
    office.hear_request("101", "ACK");
    office.say("101", &answer);
    office.hear_request("101", "ACK");
    office.hang_up(leg, Cause::Normal);
    let bye = office.hear_request("101", "BYE");
    office.say("101", &line.reply(&bye, 200, "", ""));
    assert_eq!(office.edge.sessions(), 0);
    office.say("101", &answer);
    office.hear_request("101", "ACK");
    office.hear_request("101", "BYE");
}

#[test]
fn what_is_answered_after_the_end_begins_nothing() {
    let mut office = Office::with(&["100", "101"]);
    let Talk { caller, mut a, .. } = office.talk();
    let again = a.invite(
        "Allow: INVITE, BYE, INFO\r\n",
        &sdp_with(1, "4000 RTP/AVP 0", ""),
    );
    office.say("100", &again);
    office.hear_status("100", 200);
    let ack = a.ack("");
    office.say("100", &ack);
    office.perform(Effect::SendDigit(caller, Digit::parse('1').unwrap()));
    let info = office.hear_request("100", "INFO");
    let bye = a.request("BYE", "", "");
    office.say("100", &bye);
    office.hear_status("100", 200);
    office.say("100", &a.reply(&info, 200, "", ""));
    office.hear_nothing("100");
}

#[test]
fn there_is_a_most_of_legs() {
    let mut office = Office::with(&["100", "101"]);
    office.ports.most = u16::MAX;
    for _ in 0..20_000 {
        office.ring("101", None);
        office.forget("101");
    }
    office.expect_nothing();
    let one_more = office.ring("101", None);
    office.expect(one_more, LegEvent::Failed(Cause::Congestion));
    office.dial("100", "101", &sdp(1));
    let refusal = office.hear_status("100", 503);
    assert!(refusal.header(Name::RetryAfter).is_some());
    office.expect_nothing();
}

/// The `o=` line of a message's description.
fn sdp_version(message: &sip::message::Fields) -> String {
    let body = body(message);
    let origin = body.lines().find(|line| line.starts_with("o="));
    origin.unwrap().to_owned()
}
