//! From the INVITE to the answer.

use crate::support::{Office, body, header, number, sdp};
use edge::{LegState, MediaOrder};
use model::{Cause, Effect, LegEvent, Origin};
use sip::message::Name;

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
