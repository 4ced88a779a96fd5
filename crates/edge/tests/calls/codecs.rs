//! Which codecs two phones come to, each by what is set for it.

use crate::support::{Office, body, sdp_with};
use model::{CodecName, Effect, LegEvent};

/// SI-05
#[test]
fn the_caller_is_answered_with_what_the_callee_chose() {
    let call = Call::between("4000 RTP/AVP 0 8", "", "5000 RTP/AVP 8", "");
    assert_eq!(line(&call.answered), "m=audio 10004 RTP/AVP 8");
    let call = Call::between("4000 RTP/AVP 0 8", "", "5000 RTP/AVP 0", "");
    assert_eq!(line(&call.answered), "m=audio 10004 RTP/AVP 0");
}

/// SI-05
#[test]
fn what_only_the_two_phones_understand_goes_from_one_to_the_other_as_they_wish_it() {
    let call = Call::between(
        "4000 RTP/AVP 101 8",
        "a=rtpmap:101 AMR/8000\r\na=fmtp:101 octet-align=1; mode-set=0,2\r\na=ptime:40\r\n",
        "5000 RTP/AVP 96",
        "a=rtpmap:96 AMR/8000\r\na=fmtp:96 octet-align=1; mode-set=2\r\n",
    );
    assert_eq!(
        line(&call.offered),
        "m=audio 10002 RTP/AVP 8 111 9 0 101 96 97"
    );
    for expected in [
        "a=rtpmap:101 AMR/8000\r\n",
        "a=fmtp:101 octet-align=1; mode-set=0,2\r\n",
        "a=rtpmap:96 telephone-event/8000\r\n",
        "a=ptime:40\r\n",
    ] {
        assert!(
            call.offered.contains(expected),
            "{expected}{}",
            call.offered
        );
    }
    assert_eq!(line(&call.answered), "m=audio 10004 RTP/AVP 101");
    let as_the_callee_wishes = "a=fmtp:101 octet-align=1; mode-set=2\r\n";
    assert!(
        call.answered.contains(as_the_callee_wishes),
        "{}",
        call.answered
    );
}

/// SI-05
#[test]
fn a_caller_of_whom_nothing_is_understood_reaches_only_a_phone_that_does() {
    let call = Call::between(
        "4000 RTP/AVP 18",
        "a=fmtp:18 annexb=no\r\n",
        "5000 RTP/AVP 18",
        "",
    );
    assert_eq!(line(&call.offered), "m=audio 10002 RTP/AVP 18 101");
    assert!(
        call.offered.contains("a=fmtp:18 annexb=no\r\n"),
        "{}",
        call.offered
    );
    assert_eq!(line(&call.answered), "m=audio 10004 RTP/AVP 18");

    let mut office = Office::with(&["100"]);
    office.dial("100", "*43", &sdp_with(1, "4000 RTP/AVP 18", ""));
    let caller = office.incoming().leg;
    office.perform(Effect::Answer(caller));
    office.hear_status("100", 488);
}

/// SI-05
#[test]
fn the_codecs_of_an_extension_are_offered_and_answered_in_its_order() {
    let mut office = Office::with(&["100", "101"]);
    office.set_codecs("100", &[CodecName::G722, CodecName::Pcmu, CodecName::Opus]);
    office.dial("100", "*43", &sdp_with(1, "4000 RTP/AVP 8 0 9", ""));
    let caller = office.incoming().leg;
    office.perform(Effect::Answer(caller));
    let answer = office.hear_status("100", 200);
    assert_eq!(line(&body(&answer)), "m=audio 10002 RTP/AVP 9");

    office.set_codecs("101", &[CodecName::Opus, CodecName::L16, CodecName::Pcmu]);
    office.ring("101", None);
    let (invite, _) = office.rung("101");
    let offer = &body(&invite);
    assert_eq!(
        line(offer),
        "m=audio 10004 RTP/AVP 111 118 119 120 0 101 96 97"
    );
    assert!(offer.contains("a=rtpmap:111 opus/48000/2\r\n"), "{offer}");
    assert!(
        offer.contains("a=fmtp:111 minptime=10;useinbandfec=1\r\n"),
        "{offer}"
    );
}

/// SI-05
#[test]
fn what_one_phone_wishes_of_opus_the_other_is_told() {
    let mut office = Office::with(&["100", "101"]);
    office.set_all_codecs(&[CodecName::Pcma, CodecName::Opus]);
    let wishes = "a=rtpmap:96 opus/48000/2\r\na=fmtp:96 maxaveragebitrate=20000;usedtx=1\r\n";
    office.dial("100", "101", &sdp_with(1, "4000 RTP/AVP 96", wishes));
    let caller = office.incoming().leg;
    office.ring("101", Some(caller));
    let (invite, _) = office.rung("101");
    let offer = &body(&invite);
    assert_eq!(
        line(offer),
        "m=audio 10002 RTP/AVP 111 8 101 96",
        "relayed before translated"
    );
    assert!(
        offer.contains("a=fmtp:111 maxaveragebitrate=20000;usedtx=1\r\n"),
        "{offer}"
    );
}

struct Call {
    offered: String,
    answered: String,
}

impl Call {
    /// 100 offers, 101 is offered and answers, and 100 is answered.
    fn between(offer: &str, of_offer: &str, answer: &str, of_answer: &str) -> Self {
        let mut office = Office::with(&["100", "101"]);
        office.dial("100", "101", &sdp_with(1, offer, of_offer));
        let caller = office.incoming().leg;
        let callee = office.ring("101", Some(caller));
        let (invite, phone) = office.rung("101");
        office.say(
            "101",
            &phone.reply(&invite, 200, "", &sdp_with(2, answer, of_answer)),
        );
        office.expect(callee, LegEvent::Answered);
        office.hear_request("101", "ACK");
        office.perform(Effect::Answer(caller));
        let answered = office.hear_status("100", 200);
        Self {
            offered: body(&invite),
            answered: body(&answered),
        }
    }
}

fn line(description: &str) -> &str {
    let mut lines = description.lines();
    lines.find(|line| line.starts_with("m=audio")).unwrap()
}
