//! Phones transfer and pick up calls by themselves: REFER, Replaces.

use crate::support::{Line, Office, Talk, body, header, number, sdp};
use model::{
    Cause, Effect, ExtensionState, Fact, Input, LegEvent, LegId, TransferProgress, TransferTo,
};
use sip::message::{Name, Request};
use std::time::Duration;

impl Office {
    /// A phone asks for a transfer within its call.
    fn refer(&mut self, line: &mut Line, to: &str, more: &str, status: u16) {
        let headers = format!("Refer-To: {to}\r\n{more}");
        let refer = line.request("REFER", &headers, "");
        self.say(line.phone, &refer);
        self.hear_status(line.phone, status);
    }

    fn progress(&mut self, leg: LegId, progress: TransferProgress) {
        self.perform(Effect::TransferProgress(leg, progress));
    }

    /// A phone hears how its transfer goes.
    fn outcome(&mut self, line: &Line) -> (String, String) {
        let notify = self.told_of(line);
        assert!(notify.is_content("message/sipfrag"));
        assert!(header(&notify, Name::Event).starts_with("refer;id="));
        let standing = header(&notify, Name::SubscriptionState);
        (body(&notify).trim_end().to_owned(), standing)
    }

    /// The lamp of an extension that rings, as another one sees it: what it writes into Replaces.
    fn pickup(&mut self, watcher: &'static str, extension: &str) -> String {
        let fact = Fact::Extension(number(extension), ExtensionState::Ringing);
        self.tell(|edge, now, _| edge.fact(now, &fact));
        let line = self.subscribe(watcher, extension, "Event: dialog\r\n");
        replaces(&self.told_of(&line))
    }
}

/// What a phone writes into Replaces that was told of a dialog.
fn replaces(notify: &Request) -> String {
    let text = body(notify);
    let value = |name: &str| {
        let (_, rest) = text.split_once(&format!(" {name}=\"")).unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    };
    format!(
        "{};to-tag={};from-tag={}",
        value("call-id"),
        value("local-tag"),
        value("remote-tag")
    )
}

/// The dialog of a call, as its phone writes it into Replaces.
fn dialog(line: &Line) -> String {
    let tag = |address: &str| address.split_once(";tag=").unwrap().1.to_owned();
    let (to_tag, from_tag) = (tag(&line.remote), tag(&line.local));
    format!("{};to-tag={to_tag};from-tag={from_tag}", line.call_id)
}

fn in_uri(replaces: &str) -> String {
    replaces.replace(';', "%3B").replace('=', "%3D")
}

const ACTIVE: &str = "active;expires=600";
const OVER: &str = "terminated;reason=noresource";

/// XF-08
#[test]
fn a_phone_transfers_to_a_number_and_hears_how_that_goes() {
    let mut office = Office::with(&["100", "101"]);
    let Talk { caller, mut a, .. } = office.talk();
    for (to, dialled) in [
        ("<sip:102@192.0.2.1:5060>", "102"),
        ("sip:*60%23@pbx;user=phone", "*60"),
        ("<tel:+86-28-8533-7106>", "+862885337106"),
        ("\"B\" <sip:41@elsewhere.example;method=INVITE>", "41"),
    ] {
        office.refer(&mut a, to, "Referred-By: <sip:999@pbx>\r\n", 202);
        assert_eq!(
            office.outcome(&a),
            ("SIP/2.0 100 Trying".to_owned(), ACTIVE.to_owned())
        );
        let to = TransferTo::Number(number(dialled));
        office.expect(caller, LegEvent::Transfer(to));
        office.progress(caller, TransferProgress::Ringing);
        assert_eq!(
            office.outcome(&a),
            ("SIP/2.0 180 Ringing".to_owned(), ACTIVE.to_owned())
        );
        office.progress(caller, TransferProgress::Done);
        assert_eq!(
            office.outcome(&a),
            ("SIP/2.0 200 OK".to_owned(), OVER.to_owned())
        );
        office.progress(caller, TransferProgress::Done);
        office.hear_nothing("100");
    }
    office.expect_nothing();
}

/// XF-08
#[test]
fn a_transfer_that_fails_leaves_the_call_and_may_be_tried_again() {
    let mut office = Office::with(&["100", "101"]);
    let Talk { callee, mut b, .. } = office.talk();
    for (cause, fragment) in [
        (Cause::NotFound, "SIP/2.0 404 Not Found"),
        (Cause::Busy, "SIP/2.0 486 Busy Here"),
        (Cause::Forbidden, "SIP/2.0 403 Forbidden"),
        (Cause::Unavailable, "SIP/2.0 480 Temporarily Unavailable"),
    ] {
        office.refer(&mut b, "<sip:999@pbx>", "", 202);
        office.outcome(&b);
        let to = TransferTo::Number(number("999"));
        office.expect(callee, LegEvent::Transfer(to));
        office.progress(callee, TransferProgress::Failed(cause));
        assert_eq!(office.outcome(&b), (fragment.to_owned(), OVER.to_owned()));
    }
    assert_eq!(office.edge.legs().count(), 2);
}

/// XF-08
#[test]
fn a_phone_joins_its_two_calls() {
    let mut office = Office::with(&["100", "101", "102"]);
    let Talk { caller, mut a, .. } = office.talk();
    let (other, consult) = office.second_call("102");
    for replaces in [dialog(&consult), swapped(&consult)] {
        let to = format!("<sip:102@192.0.2.1?Replaces={}>", in_uri(&replaces));
        office.refer(&mut a, &to, "", 202);
        office.outcome(&a);
        office.expect(caller, LegEvent::Transfer(TransferTo::Leg(other)));
        office.progress(caller, TransferProgress::Done);
        assert_eq!(office.outcome(&a).0, "SIP/2.0 200 OK");
    }
}

fn swapped(line: &Line) -> String {
    dialog(line)
        .replace("to-tag", "x")
        .replace("from-tag", "to-tag")
        .replace(";x", ";from-tag")
}

impl Office {
    /// Phone 100 makes a second call, which is answered.
    fn second_call(&mut self, target: &str) -> (LegId, Line) {
        let mut line = self.dial("100", target, &sdp(1));
        let leg = self.incoming().leg;
        self.perform(Effect::Answer(leg));
        let answer = self.hear_status("100", 200);
        line.learn(&answer);
        let ack = line.ack("");
        self.say("100", &ack);
        self.hear_nothing("100");
        (leg, line)
    }
}

#[test]
fn a_dialog_that_is_none_of_one_s_own_leads_nowhere() {
    let mut office = Office::with(&["100", "101"]);
    let Talk { mut a, b, .. } = office.talk();
    let own = dialog(&a);
    for replaces in [
        "nothing;to-tag=1;from-tag=2".to_owned(),
        own.clone(),
        own.replace("call-", "cull-"),
        dialog(&b),
    ] {
        let to = format!("<sip:101@pbx?Replaces={}>", in_uri(&replaces));
        office.refer(&mut a, &to, "", 202);
        let (fragment, standing) = office.outcome(&a);
        assert_eq!(
            fragment, "SIP/2.0 481 Call/Transaction Does Not Exist",
            "{replaces}"
        );
        assert_eq!(standing, OVER);
    }
    office.refer(&mut a, "<sip:alice@pbx>", "", 202);
    assert_eq!(office.outcome(&a).0, "SIP/2.0 404 Not Found");
    office.expect_nothing();
    assert_eq!(office.edge.legs().count(), 2);
}

#[test]
fn what_is_no_transfer_is_refused_and_the_call_goes_on() {
    let mut office = Office::with(&["100", "101"]);
    let Talk { caller, mut a, .. } = office.talk();
    for (to, more, status) in [
        ("<sip:102@pbx", "", 400),
        ("<sip:102@pbx>", "Refer-To: <sip:103@pbx>\r\n", 400),
        ("<http://pbx/>", "", 400),
        ("<sip:102@pbx?Replaces=x>", "", 400),
        ("<sip:102@pbx;method=BYE>", "", 403),
        ("<sip:102@pbx?method=SUBSCRIBE>", "", 403),
    ] {
        office.refer(&mut a, to, more, status);
        office.hear_nothing("100");
    }
    let refer = a.request("REFER", "", "");
    office.say("100", &refer);
    office.hear_status("100", 400);
    office.expect_nothing();
    // One at a time.
    office.refer(&mut a, "<sip:102@pbx>", "", 202);
    office.outcome(&a);
    office.refer(&mut a, "<sip:103@pbx>", "", 491);
    let to = TransferTo::Number(number("102"));
    office.expect(caller, LegEvent::Transfer(to));
    office.expect_nothing();
}

#[test]
fn a_phone_that_does_not_want_to_hear_how_its_transfer_goes_does_not() {
    let mut office = Office::with(&["100", "101"]);
    let Talk { caller, mut a, .. } = office.talk();
    let headers = "Refer-To: <sip:102@pbx>\r\nRefer-Sub: false\r\nRequire: norefersub\r\n";
    let refer = a.request("REFER", headers, "");
    office.say("100", &refer);
    let accepted = office.hear_status("100", 202);
    assert_eq!(header(&accepted, Name::ReferSub), "false");
    let to = TransferTo::Number(number("102"));
    office.expect(caller, LegEvent::Transfer(to));
    office.progress(caller, TransferProgress::Done);
    office.hear_nothing("100");
}

#[test]
fn a_phone_asks_again_how_its_transfer_goes_or_has_heard_enough() {
    let mut office = Office::with(&["100", "101"]);
    let Talk { caller, mut a, .. } = office.talk();
    office.refer(&mut a, "<sip:102@pbx>", "", 202);
    let event = header(&office.told_of(&a), Name::Event);
    office.progress(caller, TransferProgress::Ringing);
    office.outcome(&a);
    for (expires, granted, standing) in [
        ("9999", "600", ACTIVE),
        ("0", "0", "terminated;reason=timeout"),
    ] {
        let headers = format!("Event: {event}\r\nExpires: {expires}\r\n");
        let subscribe = a.request("SUBSCRIBE", &headers, "");
        office.say("100", &subscribe);
        let answer = office.hear_status("100", 200);
        assert_eq!(header(&answer, Name::Expires), granted);
        let outcome = office.outcome(&a);
        assert_eq!(
            outcome,
            ("SIP/2.0 180 Ringing".to_owned(), standing.to_owned())
        );
    }
    office.progress(caller, TransferProgress::Done);
    office.hear_nothing("100");
}

#[test]
fn a_phone_that_knows_of_no_transfer_keeps_its_call() {
    let mut office = Office::with(&["100", "101"]);
    let Talk { caller, mut a, .. } = office.talk();
    office.refer(&mut a, "<sip:102@pbx>", "", 202);
    let notify = office.hear_request("100", "NOTIFY");
    let unknown = a.reply(&notify, 481, "", "");
    office.say("100", &unknown);
    let to = TransferTo::Number(number("102"));
    office.expect(caller, LegEvent::Transfer(to));
    office.expect_nothing();
    office.progress(caller, TransferProgress::Done);
    office.hear_nothing("100");
    assert_eq!(office.edge.legs().count(), 2);
}

/// PU-07
#[test]
fn a_ringing_call_is_picked_up_by_what_its_lamp_says() {
    let mut office = Office::with(&["100", "101", "101b", "102"]);
    office.dial("100", "101", &sdp(1));
    let caller = office.incoming().leg;
    let callee = office.ring("101", Some(caller));
    let replaces = office.pickup("102", "101");
    for replaces in [
        format!("{replaces};early-only"),
        replaces.clone(),
        format!("{replaces};early-only")
            .replace("to-tag", "x")
            .replace("from-tag", "to-tag")
            .replace(";x", ";from-tag"),
    ] {
        let headers = format!("Replaces: {replaces}\r\nRequire: replaces\r\n");
        office.dial_with("102", "101", &headers, &sdp(3));
        let incoming = office.incoming();
        assert_eq!(incoming.replaces, Some(callee), "{replaces}");
        office.hang_up(incoming.leg, Cause::Busy);
        office.forget("102");
    }
}

/// PU-07
#[test]
fn a_call_that_was_answered_is_not_picked_up_any_more() {
    let mut office = Office::with(&["100", "101", "102"]);
    office.dial("100", "101", &sdp(1));
    let caller = office.incoming().leg;
    let callee = office.ring("101", Some(caller));
    let replaces = office.pickup("102", "101");
    let (invite, phone) = office.rung("101");
    let answer = phone.reply(&invite, 200, "", &sdp(2));
    office.say("101", &answer);
    office.expect(callee, LegEvent::Answered);
    for (replaces, status) in [
        (replaces, 481),
        (format!("{};early-only", dialog(&phone)), 486),
        ("x;to-tag=1;from-tag=2".to_owned(), 481),
        ("x".to_owned(), 400),
        (
            "x;to-tag=1;from-tag=2\r\nReplaces: y;to-tag=1;from-tag=2".to_owned(),
            400,
        ),
    ] {
        let headers = format!("Replaces: {replaces}\r\n");
        office.dial_with("102", "101", &headers, &sdp(3));
        office.hear_status("102", status);
        office.expect_nothing();
    }
    let headers = format!("Replaces: {}\r\n", dialog(&phone));
    office.dial_with("102", "101", &headers, &sdp(3));
    assert_eq!(office.incoming().replaces, Some(callee));
}

/// SI-11
#[test]
fn a_forged_replaces_takes_nobody_s_call() {
    let mut office = Office::with(&["100", "101", "102"]);
    let mut a = office.dial("100", "101", &sdp(1));
    let caller = office.incoming().leg;
    office.ring("101", Some(caller));
    let right = office.pickup("102", "101");
    office.perform(Effect::Alert(caller));
    let ringing = office.hear_status("100", 180);
    a.learn(&ringing);
    let (call_id, _) = right.split_once(';').unwrap();
    for replaces in [
        format!("{call_id};to-tag=1;from-tag=2"),
        right.replace("from-tag=", "from-tag=x"),
        right.replace("to-tag=", "to-tag=x"),
        // Who waits to be answered cannot be replaced.
        dialog(&a),
    ] {
        let headers = format!("Replaces: {replaces}\r\n");
        office.dial_with("102", "101", &headers, &sdp(3));
        office.hear_status("102", 481);
    }
    office.expect_nothing();
}

#[test]
fn the_lamp_names_the_next_call_when_the_first_has_given_up() {
    let mut office = Office::with(&["100", "101", "102"]);
    let first = office.ring("101", None);
    let second = office.ring("101", None);
    let fact = Fact::Extension(number("101"), ExtensionState::Ringing);
    office.tell(|edge, now, _| edge.fact(now, &fact));
    let line = office.subscribe("102", "101", "Event: dialog\r\n");
    let one = replaces(&office.told_of(&line));
    office.after(Duration::from_secs(1));
    office.hang_up(first, Cause::Normal);
    let two = replaces(&office.told_of(&line));
    assert_ne!(one, two);
    let headers = format!("Replaces: {two}\r\n");
    office.dial_with("102", "101", &headers, &sdp(3));
    assert!(matches!(
        office.told(),
        Some(Input::Incoming(incoming)) if incoming.replaces == Some(second)
    ));
}
