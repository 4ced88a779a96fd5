//! Lamps, presence, waiting messages, registered phones: who is told what, and when.

use crate::support::{Line, Office, PBX, body, header, number};
use model::{Cause, ExtensionState, Fact, LegEvent, MessageCounts, Party};
use sip::Transport;
use sip::message::{Name, Request};
use std::fmt::Write as _;
use std::time::Duration;

const DIALOG: &str = "Event: dialog\r\nAccept: application/dialog-info+xml\r\n";

/// The state of the one dialog that a notification speaks of.
fn state(notify: &Request) -> String {
    let body = body(notify);
    let (_, rest) = body.split_once("<state>").unwrap();
    rest.split_once("</state>").unwrap().0.to_owned()
}

fn version(notify: &Request) -> u32 {
    attribute(&body(notify), "version")
        .unwrap()
        .parse()
        .unwrap()
}

/// The value of the first attribute of that name, behind the XML declaration.
fn attribute(text: &str, name: &str) -> Option<String> {
    let (_, text) = text.split_once("?>")?;
    let (_, rest) = text.split_once(&format!(" {name}=\""))?;
    Some(rest.split_once('"')?.0.to_owned())
}

fn standing(notify: &Request) -> String {
    header(notify, Name::SubscriptionState)
}

impl Office {
    fn is(&mut self, extension: &str, state: ExtensionState) {
        let fact = Fact::Extension(number(extension), state);
        self.tell(|edge, now, _| edge.fact(now, &fact));
    }

    fn messages(&mut self, mailbox: &str, new: u32, old: u32) {
        let counts = MessageCounts { new, old };
        self.tell(|edge, now, _| edge.messages(now, number(mailbox), counts));
    }

    /// The phone answers a request that is part of no dialog.
    fn answer(&mut self, request: &Request, status: u16) {
        let line = Line::called("100b", request, 99);
        let answer = line.reply(request, status, "", "");
        self.say("100b", &answer);
    }

    fn lamp(&mut self, slot: &str, party: Option<&Party>) {
        let fact = Fact::Lamp(number(slot), party.cloned());
        self.tell(|edge, now, _| edge.fact(now, &fact));
    }

    /// The phone sends something in the dialog of its subscription and hears this.
    fn again(&mut self, line: &mut Line, headers: &str, status: u16) -> sip::message::Response {
        let again = line.request("SUBSCRIBE", headers, "");
        self.say(line.phone, &again);
        self.hear_status(line.phone, status)
    }
}

/// SI-09
#[test]
fn a_lamp_follows_its_extension_from_the_first_ring_to_the_end() {
    let mut office = Office::with(&["100", "101", "102"]);
    office.is("101", ExtensionState::Idle);
    let line = office.subscribe("102", "101", DIALOG);
    let first = office.told_of(&line);
    assert_eq!((state(&first).as_str(), version(&first)), ("terminated", 0));
    assert_eq!(header(&first, Name::Event), "dialog");
    assert_eq!(standing(&first), "active;expires=3600");
    assert_eq!(
        attribute(&body(&first), "entity").unwrap(),
        format!("sip:101@{PBX}")
    );

    office.after(Duration::from_secs(1));
    office.dial("100", "101", &crate::support::sdp(1));
    let caller = office.incoming().leg;
    let callee = office.ring("101", Some(caller));
    office.is("101", ExtensionState::Ringing);
    let early = office.told_of(&line);
    assert_eq!((state(&early).as_str(), version(&early)), ("early", 1));
    let text = body(&early);
    assert!(
        text.contains(&format!(
            "<identity display=\"张三\">sip:100@{PBX}</identity>"
        )),
        "{text}"
    );
    assert_eq!(attribute(&text, "direction").as_deref(), Some("recipient"));
    for name in ["call-id", "local-tag", "remote-tag"] {
        assert!(
            attribute(&text, name).is_some_and(|value| value.len() > 8),
            "{name}"
        );
    }

    office.after(Duration::from_secs(1));
    let (invite, phone) = office.rung("101");
    let answer = phone.reply(&invite, 200, "", &crate::support::sdp(2));
    office.say("101", &answer);
    office.expect(callee, LegEvent::Answered);
    office.is("101", ExtensionState::InUse);
    let confirmed = office.told_of(&line);
    assert_eq!(
        (state(&confirmed).as_str(), version(&confirmed)),
        ("confirmed", 2)
    );
    assert!(
        !body(&confirmed).contains("sip:100@"),
        "with whom is nobody's business"
    );

    office.after(Duration::from_secs(1));
    office.hang_up(callee, Cause::Normal);
    office.is("101", ExtensionState::Idle);
    let over = office.told_of(&line);
    assert_eq!((state(&over).as_str(), version(&over)), ("terminated", 3));
}

/// PK-08
#[test]
fn the_lamp_of_a_slot_shows_who_waits_there() {
    let mut office = Office::with(&["100", "101"]);
    let line = office.subscribe("101", "41", DIALOG);
    assert_eq!(state(&office.told_of(&line)), "terminated");
    office.after(Duration::from_secs(1));
    let waits = Party {
        number: Some(number("02885337106")),
        name: "Müller & \"Söhne\" <Bad>".to_owned(),
    };
    office.lamp("41", Some(&waits));
    let lit = office.told_of(&line);
    assert_eq!(state(&lit), "confirmed");
    let text = body(&lit);
    assert!(
        text.contains("display=\"Müller &amp; &quot;Söhne&quot; &lt;Bad&gt;\">sip:02885337106@"),
        "{text}"
    );
    office.after(Duration::from_secs(1));
    office.lamp("41", None);
    assert_eq!(state(&office.told_of(&line)), "terminated");
}

/// SI-09, DN-06
#[test]
fn presence_says_who_can_be_reached_and_why_not() {
    let mut office = Office::with(&["100", "101"]);
    let line = office.subscribe("101", "100", "Event: presence\r\n");
    let table = [
        (ExtensionState::Idle, "open", "Available"),
        (ExtensionState::Ringing, "open", "Ringing"),
        (ExtensionState::InUse, "open", "On the phone"),
        (ExtensionState::Dnd, "open", "Do not disturb"),
        (ExtensionState::Unavailable, "closed", "Unavailable"),
    ];
    let first = office.told_of(&line);
    assert!(
        body(&first).contains("<basic>closed</basic>"),
        "nothing is known of it yet"
    );
    for (state, basic, note) in table {
        office.after(Duration::from_secs(1));
        office.is("100", state);
        let notify = office.told_of(&line);
        assert!(notify.is_content("application/pidf+xml"));
        let text = body(&notify);
        assert!(text.contains(&format!("<basic>{basic}</basic>")), "{text}");
        assert!(text.contains(&format!("<note>{note}</note>")), "{text}");
        assert_eq!(text.contains("<rpid:busy/>"), state == ExtensionState::Dnd);
    }
}

/// DN-06
#[test]
fn the_lamp_of_an_extension_that_is_not_to_be_disturbed_is_lit() {
    let mut office = Office::with(&["100", "101"]);
    office.is("100", ExtensionState::Dnd);
    let line = office.subscribe("101", "100", DIALOG);
    assert_eq!(state(&office.told_of(&line)), "confirmed");
}

/// SI-09
#[test]
fn a_phone_without_messages_is_told_so() {
    let mut office = Office::with(&["100"]);
    let headers = "Event: message-summary\r\nExpires: 600\r\n";
    let line = office.subscribe("100", "100", headers);
    let notify = office.told_of(&line);
    assert!(notify.is_content("application/simple-message-summary"));
    assert_eq!(standing(&notify), "active;expires=600");
    let text = body(&notify);
    assert!(text.starts_with("Messages-Waiting: no\r\n"), "{text}");
    assert!(text.contains("Voice-Message: 0/0 (0/0)\r\n"), "{text}");
}

/// VM-13: a phone that asked hears it in its subscription, the other one all the same, and one that comes later at once.
#[test]
fn every_phone_of_an_extension_hears_of_messages() {
    let mut office = Office::with(&["100", "100b"]);
    let line = office.subscribe("100", "100", "Event: message-summary\r\nExpires: 600\r\n");
    office.told_of(&line);
    office.after(Duration::from_secs(1));
    office.messages("100", 2, 1);
    let asked = office.told_of(&line);
    assert!(body(&asked).contains("Voice-Message: 2/1 (0/0)\r\n"));
    office.hear_nothing("100");
    let unasked = office.hear_request("100b", "NOTIFY");
    assert_eq!(header(&unasked, Name::Event), "message-summary");
    assert!(unasked.is_content("application/simple-message-summary"));
    assert_eq!(body(&unasked), body(&asked));
    assert!(body(&unasked).starts_with("Messages-Waiting: yes\r\n"));
    // It does not know what to do with it, and is told again all the same.
    office.answer(&unasked, 489);
    office.messages("100", 2, 1);
    office.hear_nothing("100b");
    office.messages("100", 0, 3);
    let unasked = office.hear_request("100b", "NOTIFY");
    assert!(body(&unasked).starts_with("Messages-Waiting: no\r\n"));
    office.answer(&unasked, 200);
    office.after(Duration::from_secs(1));
    office.forget("100b");
    office.register("100b", "Expires: 0\r\n");
    office.register("100b", "");
    office.after(Duration::from_secs(1));
    let again = office.hear_request("100b", "NOTIFY");
    assert!(body(&again).contains("Voice-Message: 0/3 (0/0)\r\n"));
}

/// VM-13: nobody without a mailbox is told that it is empty, and nobody of the mailbox of somebody else.
#[test]
fn phones_do_not_hear_of_mailboxes_that_are_not_theirs() {
    let mut office = Office::with(&["100", "101"]);
    office.messages("100", 1, 0);
    office.hear_request("100", "NOTIFY");
    office.hear_nothing("101");
    office.messages("101", 0, 0);
    office.hear_nothing("101");
}

#[test]
fn a_phone_hears_of_the_other_phones_of_its_extension() {
    let mut office = Office::with(&["100", "100b"]);
    let line = office.subscribe("100", "100", "Event: reg\r\n");
    let first = office.told_of(&line);
    assert_eq!(body(&first).matches("<contact ").count(), 2);
    assert!(body(&first).contains("state=\"active\">"));
    office.after(Duration::from_secs(1));
    office.register("100b", "");
    let second = office.told_of(&line);
    assert_eq!(version(&second), 1);
    assert_eq!(body(&second).matches("<contact ").count(), 3);
}

#[test]
fn who_may_not_know_or_asks_for_nonsense_is_refused() {
    let mut office = Office::with(&["100", "101"]);
    for (target, headers, status) in [
        ("999", DIALOG, 404),
        ("40", DIALOG, 404),
        ("alice", DIALOG, 404),
        ("sip:pbx", DIALOG, 404),
        ("41", "Event: presence\r\n", 404),
        ("101", "Event: message-summary\r\n", 403),
        ("101", "Event: reg\r\n", 403),
        ("101", "", 489),
        ("101", "Event: refer\r\n", 489),
        ("101", "Event: presence.winfo\r\n", 489),
        ("101", "Event: dialog\r\nEvent: dialog\r\n", 489),
        ("101", "Event: dialog\r\nExpires: 59\r\n", 423),
        ("101", "Event: dialog\r\nAccept: text/plain\r\n", 406),
    ] {
        office.ask("100", "SUBSCRIBE", target, headers);
        let refusal = office.hear_status("100", status);
        match status {
            489 => {
                let events = header(&refusal, Name::AllowEvents);
                assert!(
                    events.contains("dialog") && events.contains("presence"),
                    "{events}"
                );
            }
            423 => assert_eq!(header(&refusal, Name::MinExpires), "60"),
            _ => {}
        }
        office.hear_nothing("100");
    }
    assert_eq!(office.edge.subscriptions(), 0);
}

#[test]
fn a_subscription_lasts_as_long_as_is_granted_and_no_longer() {
    let mut office = Office::with(&["100", "101"]);
    for (asked, granted) in [
        ("", "3600"),
        ("Expires: 60\r\n", "60"),
        ("Expires: 4294967296\r\n", "7200"),
    ] {
        let headers = format!("{DIALOG}{asked}");
        office.ask("100", "SUBSCRIBE", "101", &headers);
        let answer = office.hear_status("100", 200);
        assert_eq!(header(&answer, Name::Expires), granted);
        let mut line = Line::calling("100", "100", "101", 0);
        line.learn(&answer);
        office.told_of(&line);
        office.after(Duration::from_secs(granted.parse::<u64>().unwrap() - 1));
        office.hear_nothing("100");
        office.after(Duration::from_secs(1));
        let last = office.told_of(&line);
        assert_eq!(standing(&last), "terminated;reason=timeout");
        assert_eq!(office.edge.subscriptions(), 0);
    }
}

#[test]
fn a_subscription_is_refreshed_and_ended_in_its_dialog() {
    let mut office = Office::with(&["100", "101"]);
    let headers = "Event: dialog;id=7\r\nExpires: 100\r\nRecord-Route: <sip:192.0.2.77;lr>\r\n";
    let mut line = office.subscribe("100", "101", headers);
    let first = office.told_of(&line);
    assert_eq!(header(&first, Name::Event), "dialog;id=7");
    assert_eq!(header(&first, Name::Route), "<sip:192.0.2.77;lr>");
    assert_eq!(first.uri(), "sip:100@phone100.invalid");

    office.after(Duration::from_secs(90));
    let moved = "Event: dialog;id=7\r\nExpires: 200\r\n";
    let refreshed = office.again(&mut line, moved, 200);
    assert_eq!(header(&refreshed, Name::Expires), "200");
    let second = office.told_of(&line);
    assert_eq!(version(&second), 1);
    assert_eq!(
        second.cseq().unwrap().number,
        first.cseq().unwrap().number + 1
    );
    office.after(Duration::from_secs(150));
    office.hear_nothing("100");

    let ended = office.again(&mut line, "Event: dialog;id=7\r\nExpires: 0\r\n", 200);
    assert_eq!(header(&ended, Name::Expires), "0");
    let last = office.told_of(&line);
    assert_eq!(standing(&last), "terminated;reason=timeout");
    assert_eq!(office.edge.subscriptions(), 0);
    office.again(&mut line, "Event: dialog;id=7\r\n", 481);
}

#[test]
fn nobody_else_s_words_move_a_subscription() {
    let mut office = Office::with(&["100", "101"]);
    let mut line = office.subscribe("100", "101", DIALOG);
    office.told_of(&line);
    let mut stranger = line.clone();
    stranger.local = "<sip:101@pbx>;tag=other".to_owned();
    office.again(&mut stranger, "Event: dialog\r\nExpires: 0\r\n", 481);
    let mut stranger = line.clone();
    stranger.call_id = "other".to_owned();
    office.again(&mut stranger, "Event: dialog\r\nExpires: 0\r\n", 481);
    office.again(&mut line, "Event: presence\r\nExpires: 0\r\n", 481);
    assert_eq!(office.edge.subscriptions(), 1);
    office.after(Duration::from_secs(1));
    let late = line.request("SUBSCRIBE", "Event: dialog\r\n", "");
    office.again(&mut line, "Event: dialog\r\n", 200);
    office.told_of(&line);
    office.say("100", &late);
    office.hear_status("100", 500);
}

#[test]
fn who_asks_once_is_told_once() {
    let mut office = Office::with(&["100", "101"]);
    office.is("101", ExtensionState::InUse);
    let line = office.subscribe("100", "101", "Event: dialog\r\nExpires: 0\r\n");
    let only = office.told_of(&line);
    assert_eq!(
        (state(&only).as_str(), standing(&only).as_str()),
        ("confirmed", "terminated;reason=timeout")
    );
    assert_eq!(office.edge.subscriptions(), 0);
}

#[test]
fn of_a_burst_of_changes_the_last_is_told() {
    let mut office = Office::with(&["100", "101"]);
    office.is("101", ExtensionState::Idle);
    let line = office.subscribe("100", "101", DIALOG);
    office.told_of(&line);
    office.after(Duration::from_secs(1));
    for _ in 0..10 {
        office.is("101", ExtensionState::Ringing);
        office.is("101", ExtensionState::InUse);
    }
    // The first change is told at once; while nobody has confirmed it, nothing is added.
    let early = office.hear_request("100", "NOTIFY");
    assert_eq!(state(&early), "early");
    office.after(Duration::from_millis(400));
    office.hear_nothing("100");
    let answer = line.reply(&early, 200, "", "");
    office.say("100", &answer);
    assert_eq!(state(&office.told_of(&line)), "confirmed");
    office.is("101", ExtensionState::Idle);
    office.is("101", ExtensionState::Ringing);
    office.hear_nothing("100");
    office.after(Duration::from_millis(250));
    assert_eq!(state(&office.told_of(&line)), "early");
    office.after(Duration::from_secs(10));
    office.hear_nothing("100");
}

#[test]
fn what_a_lamp_does_not_show_is_not_told() {
    let mut office = Office::with(&["100", "101"]);
    let lamp = office.subscribe("100", "101", DIALOG);
    office.told_of(&lamp);
    let presence = office.subscribe("100", "101", "Event: presence\r\n");
    office.told_of(&presence);
    for state in [ExtensionState::Idle, ExtensionState::Unavailable] {
        office.after(Duration::from_secs(1));
        office.is("101", state);
        assert!(office.told_of(&presence).is_content("application/pidf+xml"));
        office.hear_nothing("100");
    }
    office.after(Duration::from_secs(1));
    office.is("101", ExtensionState::InUse);
    office.told_of(&lamp);
    office.told_of(&presence);
    office.after(Duration::from_secs(1));
    office.is("101", ExtensionState::Dnd);
    office.told_of(&presence);
    office.after(Duration::from_secs(1));
    office.is("101", ExtensionState::Idle);
    assert_eq!(state(&office.told_of(&lamp)), "terminated");
    office.told_of(&presence);
    office.hear_nothing("100");
}

#[test]
fn a_phone_that_knows_of_no_subscription_is_told_nothing_further() {
    for status in [481, 404, 489] {
        let mut office = Office::with(&["100", "101"]);
        let line = office.subscribe("100", "101", DIALOG);
        let notify = office.hear_request("100", "NOTIFY");
        let answer = line.reply(&notify, status, "", "");
        office.say("100", &answer);
        assert_eq!(office.edge.subscriptions(), 0, "{status}");
        office.is("101", ExtensionState::InUse);
        office.after(Duration::from_secs(10));
        office.hear_nothing("100");
    }
}

#[test]
fn a_phone_that_answers_no_notification_is_forgotten() {
    let mut office = Office::with(&["100", "101"]);
    office.subscribe("100", "101", DIALOG);
    office.after(Duration::from_secs(31));
    assert_eq!(office.edge.subscriptions(), 1);
    office.after(Duration::from_secs(2));
    assert_eq!(office.edge.subscriptions(), 0);
}

#[test]
fn with_its_connection_a_subscription_is_gone() {
    let mut office = Office::with_transport(Transport::Tls, &["100", "101"]);
    office.phone("100").flow.connection = Some(sip::ConnectionId(7));
    let line = office.subscribe("100", "101", DIALOG);
    office.told_of(&line);
    let flow = office.phone("100").flow;
    office.tell(|edge, now, _| edge.disconnected(now, flow));
    assert_eq!(office.edge.subscriptions(), 0);
}

#[test]
fn who_has_another_password_or_watches_what_is_gone_is_told_so() {
    let mut office = Office::with(&["100", "101", "102"]);
    let one = office.subscribe("100", "102", DIALOG);
    office.told_of(&one);
    let two = office.subscribe("101", "100", DIALOG);
    office.told_of(&two);
    office.set_up("101", |extension| extension.secret.md5[0] ^= 1);
    assert_eq!(
        standing(&office.told_of(&two)),
        "terminated;reason=rejected"
    );
    office.remove("102");
    assert_eq!(
        standing(&office.told_of(&one)),
        "terminated;reason=noresource"
    );
    assert_eq!(office.edge.subscriptions(), 0);
}

#[test]
fn an_extension_has_500_subscriptions_and_no_more() {
    let mut office = Office::with(&["100", "101", "102"]);
    for _ in 0..500 {
        office.after(Duration::from_millis(1));
        let line = office.subscribe("100", "101", DIALOG);
        office.told_of(&line);
    }
    office.ask("100", "SUBSCRIBE", "101", DIALOG);
    let refusal = office.hear_status("100", 503);
    assert!(refusal.header(Name::RetryAfter).is_some());
    let line = office.subscribe("102", "101", DIALOG);
    office.told_of(&line);
    assert_eq!(office.edge.subscriptions(), 501);
}

/// SI-11
#[test]
fn a_stranger_learns_nothing_of_who_is_there() {
    let mut office = Office::with(&["100"]);
    for target in ["100", "999"] {
        let mut line = Line::calling("100", "100", target, 77);
        let text = line.request("SUBSCRIBE", DIALOG, "");
        office.say("100", &text);
        office.hear_status("100", 401);
    }
}

#[test]
fn hundreds_of_lamps_of_one_number_are_all_told() {
    let mut office = Office::with(&["100", "101", "102"]);
    let lines: Vec<_> = (0..450)
        .map(|_| {
            office.after(Duration::from_millis(1));
            let line = office.subscribe("100", "101", DIALOG);
            office.told_of(&line);
            line
        })
        .collect();
    office.after(Duration::from_secs(1));
    office.is("101", ExtensionState::InUse);
    let mut at_once = String::new();
    let mut told = 0;
    for _ in 0..5 {
        let mut now = 0;
        while let Some(message) = office.hear("100") {
            let sip::message::Message::Request(notify) = message else {
                panic!("only notifications come");
            };
            assert_eq!(state(&notify), "confirmed");
            let line = lines
                .iter()
                .find(|line| notify.call_id() == Some(&line.call_id))
                .unwrap();
            let answer = line.reply(&notify, 200, "", "");
            office.say("100", &answer);
            now += 1;
        }
        told += now;
        write!(at_once, "{now} ").unwrap();
        office.after(Duration::from_millis(10));
    }
    assert_eq!((told, at_once.as_str()), (450, "100 100 100 100 50 "));
    office.hear_nothing("100");
}
