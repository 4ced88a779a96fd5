//! The front door: what is let in, and what the others are told.

mod common;

use common::{Algorithm, Phone, Sent, World, number, tcp, udp};
use edge::Output;
use model::{Directory, Duration, Extension, Input, Secret, Trunk};
use std::sync::Arc;

const INVITE: &str = "INVITE sip:101@pbx SIP/2.0\r\n\
    Via: SIP/2.0/UDP 192.0.2.100:5060;branch=z9hG4bKdoor;rport\r\n\
    Max-Forwards: 70\r\n\
    From: <sip:100@pbx>;tag=f\r\n\
    To: <sip:101@pbx>\r\n\
    Call-ID: door\r\n\
    CSeq: 1 INVITE\r\n\
    Contact: <sip:100@192.0.2.100>\r\n\
    Content-Length: 0\r\n\r\n";

/// What a stranger hears who sends this.
fn stranger_sends(message: &str) -> Option<Sent> {
    let mut world = World::new();
    world.receive(udp("192.0.2.100:5060"), message);
    assert_eq!(
        world.edge.next_deadline(),
        None,
        "something is kept of {message}"
    );
    assert!(world.sent.len() <= 1, "{:?}", world.sent);
    world.sent.pop_front()
}

fn status_of(message: &str) -> Option<u16> {
    stranger_sends(message).map(|sent| sent.status())
}

/// SI-11
#[test]
fn a_call_without_a_password_is_challenged_whether_its_target_exists_or_not() {
    for target in ["101", "999", "alice", "%00"] {
        assert_eq!(
            status_of(&INVITE.replace("101", target)),
            Some(401),
            "{target}"
        );
    }
}

/// SI-11
#[test]
fn methods_that_begin_something_need_a_password() {
    for method in [
        "INVITE",
        "SUBSCRIBE",
        "REFER",
        "REGISTER",
        "MESSAGE",
        "PUBLISH",
    ] {
        assert_eq!(
            status_of(&INVITE.replace("INVITE", method)),
            Some(401),
            "{method}"
        );
    }
}

/// SI-10
#[test]
fn methods_that_are_not_served_are_refused_with_those_that_are() {
    for (method, status) in [("FROB", 501), ("invite", 501)] {
        let answer = stranger_sends(&INVITE.replace("INVITE", method)).expect("an answer");
        assert_eq!(answer.status(), status, "{method}");
        assert!(
            answer
                .header("Allow")
                .is_some_and(|allow| allow.contains("INVITE, ACK"))
        );
    }
}

#[test]
fn what_belongs_to_no_dialog_is_told_so() {
    for method in ["BYE", "INFO", "UPDATE", "PRACK", "NOTIFY"] {
        assert_eq!(
            status_of(&INVITE.replace("INVITE", method)),
            Some(481),
            "{method}"
        );
    }
    let tagged = INVITE.replace("To: <sip:101@pbx>", "To: <sip:101@pbx>;tag=x");
    for method in ["INVITE", "BYE", "INFO", "REFER", "SUBSCRIBE", "OPTIONS"] {
        assert_eq!(
            status_of(&tagged.replace("INVITE", method)),
            Some(481),
            "{method}"
        );
    }
    assert_eq!(status_of(&tagged.replace("INVITE", "ACK")), None);
    assert_eq!(status_of(&INVITE.replace("INVITE", "CANCEL")), Some(481));
}

/// SI-10
#[test]
fn requests_that_cannot_be_served_are_told_why() {
    let cases = [
        ("SIP/2.0\r\nVia", "SIP/7.0\r\nVia", 505),
        ("sip:101@pbx SIP", "soap.beep://192.0.2.103:3002 SIP", 416),
        ("Max-Forwards: 70", "Max-Forwards: 0", 483),
        ("Max-Forwards: 70", "Max-Forwards: many", 400),
        (
            "Contact",
            "Require: nothingSupportsThis, timer\r\nContact",
            420,
        ),
        (
            "Contact",
            "Proxy-Require: noProxiesSupportThis\r\nContact",
            420,
        ),
        ("Contact", "Content-Encoding: gzip\r\nContact", 415),
        ("Contact", "Accept: text/nobodyKnowsThis\r\nContact", 406),
        (
            "Content-Length: 0\r\n\r\n",
            "Content-Type: text/x\r\nContent-Length: 2\r\n\r\nhi",
            415,
        ),
        ("Content-Length: 0", "Content-Length: 2", 400),
        ("Content-Length: 0", "Content-Length: -1", 400),
        ("Call-ID: door\r\n", "", 400),
        ("CSeq: 1 INVITE", "CSeq: 1 BYE", 400),
        ("CSeq: 1 INVITE", "CSeq: 4294967296 INVITE", 400),
        ("From: <sip:100@pbx>", "From: <sip:100@pbx", 400),
        (
            "Via: SIP/2.0/UDP 192.0.2.100",
            "Via: SIP/2.0/UDP 192.0.2.1",
            482,
        ),
    ];
    for (from, to, status) in cases {
        assert!(INVITE.contains(from), "{from}");
        assert_eq!(
            status_of(&INVITE.replacen(from, to, 1)),
            Some(status),
            "{to}"
        );
    }
    let refused = stranger_sends(&INVITE.replace("Contact", "Require: a, timer, b\r\nContact"));
    assert_eq!(
        refused.expect("an answer").header("Unsupported"),
        Some("a, b")
    );
}

/// SI-10
#[test]
fn floods_of_headers_and_bytes_are_refused() {
    let many = "X: y\r\n".repeat(400);
    assert_eq!(
        status_of(&INVITE.replace("Contact", &format!("{many}Contact"))),
        Some(400)
    );
    let long = format!("X: {}\r\nContact", "y".repeat(20_000));
    assert_eq!(status_of(&INVITE.replace("Contact", &long)), Some(400));
    let body = "z".repeat(65_536);
    let fat = INVITE.replace(
        "Content-Length: 0\r\n\r\n",
        &format!("Content-Length: 65536\r\n\r\n{body}"),
    );
    assert_eq!(status_of(&fat), Some(413));
}

/// SI-10
#[test]
fn what_cannot_be_answered_is_dropped() {
    for message in [
        "",
        "\r\n\r\n",
        "hello",
        "\0\0\0\0",
        "GET / HTTP/1.1\r\nHost: pbx\r\n\r\n",
        "INVITE sip:101@pbx SIP/2.0\r\n\r\n",
        "SIP/2.0 200 OK\r\n\r\n",
        &INVITE.replace("INVITE", "ACK"),
        &INVITE
            .replace("INVITE", "ACK")
            .replace("Call-ID: door\r\n", ""),
        &INVITE.replacen("INVITE sip:101@pbx SIP/2.0", "SIP/2.0 200 OK", 1),
    ] {
        assert_eq!(status_of(message), None, "{message}");
    }
}

/// SI-02
#[test]
fn everybody_may_ask_what_we_can_do() {
    let options = INVITE
        .replace("INVITE", "OPTIONS")
        .replace("Max-Forwards: 70", "Max-Forwards: 0");
    for target in ["101@pbx", "999@pbx", "pbx"] {
        let answer = stranger_sends(&options.replace("101@pbx", target)).expect("an answer");
        assert_eq!(answer.status(), 200, "{target}");
        assert!(
            answer
                .header("Allow")
                .is_some_and(|allow| allow.contains("INVITE"))
        );
        assert!(
            answer
                .header("Accept")
                .is_some_and(|accept| accept.contains("application/sdp"))
        );
        assert!(
            answer
                .header("Supported")
                .is_some_and(|supported| supported.contains("100rel"))
        );
    }
}

/// SI-11
#[test]
fn a_wrong_password_and_an_unknown_extension_are_told_the_same() {
    let answers: Vec<_> = [
        ("100", "wrong"),
        ("999", "secret-999"),
        ("999", "wrong"),
        ("alice", "x"),
    ]
    .into_iter()
    .map(|(user, password)| {
        let mut world = World::new();
        let mut phone = Phone::new("100", udp("192.0.2.77:5060"));
        phone.user = user.to_owned();
        phone.call_id = "call".to_owned();
        phone.password = password.to_owned();
        let answer = phone.register(&mut world, "");
        assert_eq!(answer.status(), 401);
        assert_eq!(
            world.others,
            [Output::AuthFailed {
                address: phone.flow.remote.ip(),
                banned: None,
            }]
        );
        let nonce = phone.nonce.clone().unwrap_or_default();
        answer.text.replace(user, "USER").replace(&nonce, "NONCE")
    })
    .collect();
    let without_tag = |text: &String| {
        text.lines()
            .filter(|line| !line.starts_with("To:") && !line.starts_with("WWW"))
            .collect::<Vec<_>>()
            .join("\n")
    };
    for answer in &answers[1..] {
        assert_eq!(without_tag(answer), without_tag(&answers[0]));
        assert_eq!(answer.len(), answers[0].len());
    }
}

/// SI-11
#[test]
fn who_guesses_passwords_is_not_heard_for_ten_minutes() {
    let mut world = World::new();
    let mut guesser = Phone::new("100", udp("198.51.100.66:5060"));
    guesser.password = "wrong".to_owned();
    for _ in 0..5 {
        assert_eq!(guesser.register(&mut world, "").status(), 401);
    }
    assert_eq!(world.edge.bans(world.now), 1);
    let probe = guesser.request("REGISTER", "sip:pbx", "<sip:100@pbx>", "");
    world.receive(guesser.flow, &probe);
    world.receive(udp("198.51.100.66:9999"), "hello");
    assert!(world.sent.is_empty(), "silence");
    let connection = tcp("198.51.100.66:40000", 7);
    world.others.clear();
    world.receive(connection, &probe);
    assert_eq!(world.others, [Output::Close(connection)]);
    // Others are heard.
    let mut phone = Phone::new("100", udp("192.0.2.100:5060"));
    assert_eq!(phone.register(&mut world, "").status(), 200);
    world.pass(Duration::from_secs(599));
    world.sent.clear();
    world.receive(guesser.flow, &probe);
    assert!(world.sent.is_empty(), "still silence");
    world.pass(Duration::from_secs(1));
    world.sent.clear();
    world.receive(guesser.flow, &probe);
    assert_eq!(world.answer().status(), 401);
    assert_eq!(world.edge.bans(world.now), 0);
}

/// SI-11
#[test]
fn nobody_bans_a_phone_by_writing_its_address_into_datagrams() {
    let mut world = World::new();
    // The attacker has nonces of his own, but not one that was sent to the victim.
    let mut attacker = Phone::new("100", udp("198.51.100.66:5060"));
    let request = attacker.request("REGISTER", "sip:pbx", "<sip:100@pbx>", "");
    world.receive(attacker.flow, &request);
    attacker.take_challenge(&world.answer());
    attacker.password = "wrong".to_owned();
    let victim = udp("192.0.2.100:5060");
    for _ in 0..20 {
        let credentials = attacker.authorization("REGISTER", "sip:pbx");
        let request = attacker.request("REGISTER", "sip:pbx", "<sip:100@pbx>", &credentials);
        world.receive(victim, &request);
        assert_eq!(world.answer().status(), 401);
    }
    assert_eq!(world.edge.bans(world.now), 0);
    assert_eq!(world.others, []);
    assert_eq!(
        Phone::new("100", victim).register(&mut world, "").status(),
        200
    );
}

/// SI-11
#[test]
fn a_registered_phone_is_heard_although_its_neighbour_behind_the_same_address_is_banned() {
    let mut world = World::new();
    let mut phone = Phone::new("100", udp("198.51.100.66:40001"));
    assert_eq!(phone.register(&mut world, "").status(), 200);
    let mut guesser = Phone::new("101", udp("198.51.100.66:40002"));
    guesser.password = "wrong".to_owned();
    for _ in 0..5 {
        guesser.register(&mut world, "");
    }
    assert_eq!(world.edge.bans(world.now), 1);
    world.sent.clear();
    let probe = guesser.request("REGISTER", "sip:pbx", "<sip:101@pbx>", "");
    world.receive(guesser.flow, &probe);
    assert!(world.sent.is_empty());
    assert_eq!(phone.register(&mut world, "").status(), 200);
    // But it is not heard as somebody else, or it would guess on.
    guesser.flow = phone.flow;
    guesser.nonce.clone_from(&phone.nonce);
    guesser.nonce_count = 100;
    let credentials = guesser.authorization("REGISTER", "sip:pbx");
    let guess = guesser.request("REGISTER", "sip:pbx", "<sip:101@pbx>", &credentials);
    world.receive(guesser.flow, &guess);
    assert!(world.sent.is_empty(), "{:?}", world.sent);
}

/// SI-01
#[test]
fn a_nonce_is_used_once_at_each_count_and_renewed_when_stale() {
    let mut world = World::new();
    let mut phone = Phone::new("100", udp("192.0.2.100:5060"));
    phone.register(&mut world, "");
    // The same credentials again, in a new request: a replay.
    phone.nonce_count -= 1;
    let credentials = phone.authorization("REGISTER", "sip:pbx");
    let replay = phone.request("REGISTER", "sip:pbx", "<sip:100@pbx>", &credentials);
    world.receive(phone.flow, &replay);
    assert_eq!(world.answer().status(), 401);
    assert_eq!(world.others, [], "a replay is no wrong password");
    // From another address the nonce is worth nothing.
    let mut thief = phone.clone();
    thief.flow = udp("198.51.100.66:5060");
    let credentials = thief.authorization("REGISTER", "sip:pbx");
    let stolen = thief.request("REGISTER", "sip:pbx", "<sip:100@pbx>", &credentials);
    world.receive(thief.flow, &stolen);
    let answer = world.answer();
    assert_eq!(answer.status(), 401);
    // After a day it is stale, which the phone is told, so that it does not ask its user.
    world.pass(Duration::from_secs(24 * 3600));
    world.sent.clear();
    let credentials = phone.authorization("REGISTER", "sip:pbx");
    let late = phone.request("REGISTER", "sip:pbx", "<sip:100@pbx>", &credentials);
    world.receive(phone.flow, &late);
    let answer = world.answer();
    assert_eq!(answer.status(), 401);
    assert!(
        answer
            .headers("WWW-Authenticate")
            .all(|c| c.to_lowercase().contains("stale=true"))
    );
}

/// SI-11
#[test]
fn what_is_not_served_is_told_to_those_with_a_password() {
    let mut world = World::new();
    let mut phone = Phone::new("100", udp("192.0.2.100:5060"));
    let event = "Event: conference\r\n";
    let answer = phone.ask(
        &mut world,
        "SUBSCRIBE",
        "sip:100@pbx",
        "<sip:100@pbx>",
        event,
    );
    assert_eq!(answer.status(), 489);
    let answer = phone.ask(&mut world, "REFER", "sip:101@pbx", "<sip:101@pbx>", "");
    assert_eq!(answer.status(), 403);
    for method in ["MESSAGE", "PUBLISH"] {
        let answer = phone.ask(&mut world, method, "sip:101@pbx", "<sip:101@pbx>", "");
        assert_eq!(answer.status(), 405, "{method}");
        assert!(
            answer
                .header("Allow")
                .is_some_and(|allow| allow.contains("INVITE, ACK"))
        );
    }
}

#[test]
fn a_server_about_to_end_takes_registrations_but_no_calls() {
    let mut world = World::new();
    world.edge.drain(world.now);
    let mut phone = Phone::new("100", udp("192.0.2.100:5060"));
    let answer = phone.ask(&mut world, "INVITE", "sip:101@pbx", "<sip:101@pbx>", "");
    assert_eq!(answer.status(), 503);
    assert!(answer.header("Retry-After").is_some());
    assert_eq!(phone.register(&mut world, "").status(), 200);
}

#[test]
fn an_answer_on_a_stream_goes_back_over_its_connection() {
    let mut world = World::new();
    let flow = tcp("192.0.2.100:40000", 7);
    world.receive(
        flow,
        &INVITE.replace("UDP 192.0.2.100:5060", "TCP 192.0.2.100:5060"),
    );
    assert_eq!(world.answer().flow, flow);
}

/// SI-11
#[test]
fn an_extension_without_a_password_is_opened_by_none() {
    let mut site = common::directory();
    let locked = Extension::new(number("103"), "", Secret::NONE);
    site.extensions.insert(number("103"), Arc::new(locked));
    let mut world = World::with(site, Vec::new());
    // An answer computed with what stands in place of the hashed password.
    for (algorithm, ha1_digits) in [(Algorithm::Md5, 32), (Algorithm::Sha256, 64)] {
        let mut phone = Phone::new("103", udp("192.0.2.103:5060"));
        phone.algorithm = algorithm;
        phone.ha1 = Some("0".repeat(ha1_digits));
        assert_eq!(phone.register(&mut world, "").status(), 401);
    }
    assert_eq!(world.edge.registered(), 0);
}

/// SI-11
#[test]
fn who_a_caller_is_does_not_depend_on_what_from_says() {
    let mut world = World::new();
    let mut phone = Phone::new("100", udp("192.0.2.100:5060"));
    phone.register(&mut world, "");
    // With the password of 100 in the name of 101: the answer is that to a wrong password.
    let credentials = phone.authorization("INVITE", "sip:102@pbx");
    let forged = credentials.replace("username=\"100\"", "username=\"101\"");
    let call = phone.request("INVITE", "sip:102@pbx", "<sip:102@pbx>", &forged);
    world.receive(phone.flow, &call);
    assert_eq!(world.answer().status(), 401);
    assert!(matches!(
        world.others[..],
        [Output::AuthFailed { banned: None, .. }]
    ));
}

fn trunk_site() -> Directory {
    let mut site = common::directory();
    site.trunks.insert(
        "carrier".to_owned(),
        Arc::new(Trunk::to("carrier", "203.0.113.5")),
    );
    site
}

#[test]
fn a_trunk_is_known_by_its_address_but_registers_nobody() {
    let mut world = World::with(trunk_site(), Vec::new());
    for (from, known) in [
        ("203.0.113.5:5060", true),
        ("203.0.113.5:5062", false),
        ("203.0.113.6:5060", false),
    ] {
        let invite = INVITE.replace("Call-ID: door", &format!("Call-ID: {from}"));
        world.receive(udp(from), &invite);
        let calls = |input: &Input| matches!(input, Input::Incoming(_));
        assert_eq!(world.told().iter().any(calls), known, "{from}");
        world.sent.clear();
        world.receive(udp(from), &INVITE.replace("INVITE", "REGISTER"));
        assert_eq!(world.answer().status(), 401, "{from}");
    }
    // Who gives credentials is a phone, wherever it is.
    let mut phone = Phone::new("100", udp("203.0.113.5:5060"));
    phone.nonce = Some("none".to_owned());
    assert_eq!(phone.register(&mut world, "").status(), 200);
}
