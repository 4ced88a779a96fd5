//! Transactions with a peer whose every message the test writes (RFC 3261 §17, RFC 6026).
#![allow(clippy::unwrap_used, reason = "these are tests")]

use sip::message::{Message, Method, Request, RequestBuilder, Response};
use sip::transaction::{
    Arrived, ClientId, Full, Limits, Output, Owner, ServerId, Transactions, reply_flow,
};
use sip::{Flow, Ids, Time, Transport};
use std::time::Duration;

const ME: Owner = Owner(7);

/// Our transactions, and what they send.
struct Desk {
    tx: Transactions,
    now: Time,
    flow: Flow,
}

impl Desk {
    fn new() -> Self {
        Self::over(Transport::Udp)
    }

    fn over(transport: Transport) -> Self {
        Self::limited(transport, Limits::default())
    }

    fn limited(transport: Transport, limits: Limits) -> Self {
        Self {
            tx: Transactions::new(Ids::new(1_u64), limits),
            now: Time(1_000_000),
            flow: Flow {
                transport,
                local: "192.0.2.1:5060".parse().unwrap(),
                remote: "192.0.2.2:40000".parse().unwrap(),
                connection: None,
            },
        }
    }

    /// Something arrives.
    fn hand(&mut self, message: &[u8]) -> Option<Arrived> {
        self.tx
            .receive(self.now, self.flow, Message::parse(message).unwrap())
    }

    /// A request arrives and is let in.
    fn let_in(&mut self, request: &Request) -> ServerId {
        let Some(Arrived::Request(request)) = self.hand(request.bytes()) else {
            panic!("it is new");
        };
        self.tx.accept(self.now, self.flow, &request, ME).unwrap()
    }

    fn respond(&mut self, server: ServerId, request: &Request, status: u16) {
        let response = Response::to(request, status).to_tag("ours").finish();
        self.tx.respond(self.now, server, &response);
    }

    /// A request of ours is sent.
    fn ask(&mut self, method: Method) -> (ClientId, Request) {
        let via = self.tx.via(self.flow.transport, "192.0.2.1");
        let request = request(method, &via).finish();
        let client = self.tx.request(self.now, self.flow, &request, ME).unwrap();
        (client, request)
    }

    fn answer(&mut self, request: &Request, status: u16) -> Option<Arrived> {
        let response = Response::to(request, status).to_tag("theirs").finish();
        self.hand(response.bytes())
    }

    /// What was done since the last time: `INVITE`, `200 BYE`, `TimedOut`.
    fn done(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.tx.poll())
            .map(|output| title(&output))
            .collect()
    }

    /// Lets time pass; gives when things were sent during it, in milliseconds from here.
    fn pass(&mut self, time: Duration) -> Vec<(u64, String)> {
        self.done();
        let (start, until) = (self.now, self.now + time);
        let mut done = Vec::new();
        while let Some(at) = self.tx.next_deadline().filter(|&at| at <= until) {
            assert!(at >= self.now, "deadlines lie ahead");
            self.now = at;
            self.tx.timeout(at);
            let ms = u64::try_from(at.since(start).as_millis()).unwrap();
            done.extend(self.done().into_iter().map(|title| (ms, title)));
        }
        self.now = until;
        done
    }

    fn pass_s(&mut self, s: u64) -> Vec<(u64, String)> {
        self.pass(Duration::from_secs(s))
    }
}

fn title(output: &Output) -> String {
    match output {
        Output::Send { bytes, .. } => match Message::parse(bytes).unwrap() {
            Message::Request(request) => request.method().to_string(),
            Message::Response(response) => {
                format!("{} {}", response.status(), response.cseq().unwrap().method)
            }
        },
        Output::TimedOut(..) => "TimedOut".to_owned(),
        Output::Failed(..) => "Failed".to_owned(),
        Output::NoAck(..) => "NoAck".to_owned(),
    }
}

fn request(method: Method, via: &str) -> RequestBuilder {
    let cseq = if method == Method::Ack || method == Method::Cancel {
        &Method::Invite
    } else {
        &method
    };
    let cseq = if method == Method::Cancel {
        &Method::Cancel
    } else {
        cseq
    };
    let cseq = if method == Method::Ack {
        "1 ACK".to_owned()
    } else {
        format!("1 {cseq}")
    };
    Request::build(method, "sip:ben@192.0.2.2")
        .header("Via", via)
        .header("Max-Forwards", 70)
        .header("From", "<sip:anna@192.0.2.1>;tag=from")
        .header("To", "<sip:ben@192.0.2.2>")
        .header("Call-ID", "call")
        .header("CSeq", cseq)
}

/// A request of the peer's.
fn theirs(method: Method, branch: &str) -> Request {
    let via = format!("SIP/2.0/UDP 192.0.2.2:5090;rport;branch={branch}");
    request(method, &via).finish()
}

fn millis(done: &[(u64, String)], what: &str) -> Vec<u64> {
    done.iter()
        .filter(|(_, title)| title == what)
        .map(|&(ms, _)| ms)
        .collect()
}

#[test]
fn an_options_is_repeated_doubling_up_to_4_s_and_times_out_after_32_s() {
    let mut desk = Desk::new();
    desk.ask(Method::Options);
    assert_eq!(desk.done(), ["OPTIONS"]);
    let done = desk.pass_s(100);
    assert_eq!(
        millis(&done, "OPTIONS"),
        [
            500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500
        ]
    );
    assert_eq!(millis(&done, "TimedOut"), [32_000]);
    assert!(desk.tx.is_empty());
    assert_eq!(desk.tx.next_deadline(), None);
}

#[test]
fn a_provisional_response_slows_an_options_down_to_every_4_s() {
    let mut desk = Desk::new();
    let (_, options) = desk.ask(Method::Options);
    assert!(matches!(
        desk.answer(&options, 100),
        Some(Arrived::Response { .. })
    ));
    let done = desk.pass_s(100);
    assert_eq!(millis(&done, "OPTIONS")[..3], [500, 4_500, 8_500]);
    assert_eq!(millis(&done, "TimedOut"), [32_000]);
}

#[test]
fn an_answered_options_absorbs_repetitions_for_5_s() {
    let mut desk = Desk::new();
    let (client, options) = desk.ask(Method::Options);
    let arrived = desk.answer(&options, 200);
    assert!(
        matches!(arrived, Some(Arrived::Response { client: it, owner: ME, .. }) if it == client)
    );
    assert!(desk.answer(&options, 200).is_none());
    desk.pass(Duration::from_millis(4_999));
    assert_eq!(desk.tx.len(), 1);
    desk.pass(Duration::from_millis(1));
    assert!(desk.tx.is_empty());
}

#[test]
fn on_a_connection_nothing_is_repeated_and_nothing_lingers() {
    let mut desk = Desk::over(Transport::Tls);
    let (_, options) = desk.ask(Method::Options);
    let (_, invite) = desk.ask(Method::Invite);
    desk.answer(&options, 200);
    desk.answer(&invite, 486);
    assert_eq!(desk.done(), ["OPTIONS", "INVITE", "ACK"]);
    assert!(desk.tx.is_empty());
    let bye = theirs(Method::Bye, "z9hG4bKbye");
    let server = desk.let_in(&bye);
    desk.respond(server, &bye, 200);
    assert!(desk.tx.is_empty());
    desk.ask(Method::Options);
    let done = desk.pass_s(40);
    assert_eq!(
        done,
        [(32_000, "TimedOut".to_owned())],
        "but it is waited for"
    );
}

#[test]
fn a_refused_invite_is_acknowledged_as_often_as_the_refusal_comes_for_32_s() {
    let mut desk = Desk::new();
    let (_, invite) = desk.ask(Method::Invite);
    desk.done();
    assert!(matches!(
        desk.answer(&invite, 486),
        Some(Arrived::Response { .. })
    ));
    let Some(Output::Send { bytes, .. }) = desk.tx.poll() else {
        panic!("an ACK")
    };
    let Message::Request(ack) = Message::parse(&bytes).unwrap() else {
        panic!("an ACK")
    };
    assert_eq!(
        ack.header("Via"),
        invite.header("Via"),
        "RFC 3261 §17.1.1.3"
    );
    assert_eq!(ack.to().unwrap().tag(), Some("theirs"));
    assert_eq!(ack.header("CSeq"), Some("1 ACK"));
    assert!(desk.answer(&invite, 486).is_none());
    assert_eq!(desk.done(), ["ACK"]);
    desk.pass(Duration::from_millis(31_999));
    desk.answer(&invite, 486);
    assert_eq!(desk.done(), ["ACK"]);
    desk.pass_s(1);
    assert!(desk.tx.is_empty());
}

/// RFC 6026 §7.2
#[test]
fn every_2xx_to_an_invite_is_reported_for_32_s_and_is_a_stray_afterwards() {
    let mut desk = Desk::new();
    let (_, invite) = desk.ask(Method::Invite);
    desk.done();
    for _ in 0..3 {
        assert!(matches!(
            desk.answer(&invite, 200),
            Some(Arrived::Response { .. })
        ));
    }
    assert!(desk.done().is_empty(), "its ACK is the dialog's");
    assert!(desk.answer(&invite, 486).is_none(), "too late");
    desk.pass_s(33);
    assert!(desk.tx.is_empty());
    assert!(matches!(
        desk.answer(&invite, 200),
        Some(Arrived::StrayResponse(_))
    ));
    assert!(desk.answer(&invite, 486).is_none());
}

#[test]
fn a_ringing_invite_waits_for_as_long_as_it_takes() {
    let mut desk = Desk::new();
    let (_, invite) = desk.ask(Method::Invite);
    desk.answer(&invite, 180);
    desk.done();
    assert_eq!(desk.tx.next_deadline(), None);
    assert!(desk.pass_s(3_600).is_empty());
    assert!(matches!(
        desk.answer(&invite, 200),
        Some(Arrived::Response { .. })
    ));
}

#[test]
fn a_response_is_ours_by_branch_and_method_and_has_one_via() {
    let mut desk = Desk::new();
    let (_, options) = desk.ask(Method::Options);
    let response = Response::to(&options, 200).to_tag("x").finish();
    let text = String::from_utf8(response.bytes().to_vec()).unwrap();
    let other_branch = text.replace("z9hG4bK", "z9hG4bKx");
    let other_method = text.replace("CSeq: 1 OPTIONS", "CSeq: 1 BYE");
    let second_via = text.replacen(
        "From:",
        "Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKy\r\nFrom:",
        1,
    );
    for not_ours in [other_branch, other_method, second_via] {
        assert_ne!(not_ours, text);
        assert!(desk.hand(not_ours.as_bytes()).is_none(), "{not_ours}");
    }
    assert!(desk.hand(text.as_bytes()).is_some());
}

#[test]
fn a_request_is_new_once_and_its_repetitions_get_the_last_response() {
    let mut desk = Desk::new();
    let info = theirs(Method::Info, "z9hG4bKinfo");
    let server = desk.let_in(&info);
    assert!(desk.hand(info.bytes()).is_none());
    assert!(desk.done().is_empty(), "there is nothing to say");
    desk.respond(server, &info, 200);
    desk.respond(server, &info, 500);
    assert!(desk.hand(info.bytes()).is_none());
    assert_eq!(
        desk.done(),
        ["200 INFO", "200 INFO"],
        "there is one final response"
    );
    desk.pass_s(32);
    assert!(desk.tx.is_empty());
    assert!(matches!(desk.hand(info.bytes()), Some(Arrived::Request(_))));
}

#[test]
fn a_request_that_nobody_answers_is_forgotten_after_32_s() {
    let mut desk = Desk::new();
    desk.let_in(&theirs(Method::Info, "z9hG4bKinfo"));
    desk.pass_s(32);
    assert!(desk.tx.is_empty());
}

#[test]
fn an_invite_gets_100_after_200_ms_and_at_once_when_it_is_repeated() {
    let mut desk = Desk::new();
    let invite = theirs(Method::Invite, "z9hG4bKone");
    desk.let_in(&invite);
    assert_eq!(desk.pass_s(1), [(200, "100 INVITE".to_owned())]);
    let invite = theirs(Method::Invite, "z9hG4bKtwo");
    desk.let_in(&invite);
    desk.hand(invite.bytes());
    assert_eq!(desk.done(), ["100 INVITE"]);
    assert!(desk.pass_s(1).is_empty());
}

#[test]
fn a_refusal_is_repeated_until_its_ack_which_is_absorbed_for_5_s() {
    let mut desk = Desk::new();
    let invite = theirs(Method::Invite, "z9hG4bKinvite");
    let server = desk.let_in(&invite);
    desk.respond(server, &invite, 486);
    let done = desk.pass_s(4);
    assert_eq!(millis(&done, "486 INVITE"), [500, 1_500, 3_500]);
    let ack = theirs(Method::Ack, "z9hG4bKinvite");
    assert!(desk.hand(ack.bytes()).is_none(), "it concerns nobody else");
    assert!(desk.hand(ack.bytes()).is_none());
    assert!(desk.hand(invite.bytes()).is_none());
    assert!(desk.done().iter().all(|title| title == "486 INVITE"));
    assert!(desk.pass_s(5).is_empty());
    assert!(desk.tx.is_empty());
}

#[test]
fn a_refusal_that_nobody_acknowledges_is_reported_after_32_s() {
    let mut desk = Desk::new();
    let invite = theirs(Method::Invite, "z9hG4bKinvite");
    let server = desk.let_in(&invite);
    desk.respond(server, &invite, 486);
    let done = desk.pass_s(100);
    assert_eq!(millis(&done, "NoAck"), [32_000]);
    assert_eq!(
        millis(&done, "486 INVITE"),
        [
            500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500
        ]
    );
    assert!(desk.tx.is_empty());
}

/// RFC 6026 §7.1
#[test]
fn an_accepted_invite_absorbs_its_repetitions_and_passes_acks_and_2xx_on() {
    let mut desk = Desk::new();
    let invite = theirs(Method::Invite, "z9hG4bKinvite");
    let server = desk.let_in(&invite);
    desk.respond(server, &invite, 200);
    desk.respond(server, &invite, 200);
    desk.respond(server, &invite, 486);
    assert!(desk.hand(invite.bytes()).is_none());
    assert_eq!(desk.done(), ["200 INVITE", "200 INVITE"]);
    for branch in ["z9hG4bKinvite", "z9hG4bKother"] {
        let ack = theirs(Method::Ack, branch);
        assert!(
            matches!(desk.hand(ack.bytes()), Some(Arrived::Ack(_))),
            "{branch}"
        );
    }
    desk.pass_s(32);
    assert!(desk.tx.is_empty());
}

#[test]
fn a_cancel_finds_its_invite_and_is_answered() {
    let mut desk = Desk::new();
    let invite = theirs(Method::Invite, "z9hG4bKinvite");
    let server = desk.let_in(&invite);
    let cancel = theirs(Method::Cancel, "z9hG4bKinvite");
    let arrived = desk.hand(cancel.bytes());
    assert!(matches!(arrived, Some(Arrived::Cancel { invite: it, owner: ME, .. }) if it == server));
    desk.respond(server, &invite, 487);
    assert!(
        desk.hand(cancel.bytes()).is_none(),
        "it is too late for another"
    );
    assert_eq!(desk.done(), ["200 CANCEL", "487 INVITE", "200 CANCEL"]);
    let stranger = theirs(Method::Cancel, "z9hG4bKstranger");
    assert!(desk.hand(stranger.bytes()).is_none());
    assert_eq!(desk.done(), ["481 CANCEL"]);
}

#[test]
fn a_branch_of_another_host_is_another_transaction() {
    let mut desk = Desk::new();
    let options = theirs(Method::Options, "z9hG4bKsame");
    desk.let_in(&options);
    let text = String::from_utf8(options.bytes().to_vec()).unwrap();
    let other = text.replace("192.0.2.2:5090", "192.0.2.3:5090");
    assert!(matches!(
        desk.hand(other.as_bytes()),
        Some(Arrived::Request(_))
    ));
    let shouted = text.replace("z9hG4bKsame", "Z9HG4BKSAME");
    assert!(
        desk.hand(shouted.as_bytes()).is_none(),
        "tokens have no case (RFC 3261 §7.3.1)"
    );
}

/// RFC 3261 §17.2.3
#[test]
fn a_peer_of_rfc_2543_is_told_apart_by_everything_it_says() {
    let mut desk = Desk::new();
    let via = "SIP/2.0/UDP 192.0.2.2:5090";
    let invite = request(Method::Invite, via).finish();
    let server = desk.let_in(&invite);
    assert!(desk.hand(invite.bytes()).is_none());
    let other = request(Method::Invite, via)
        .set("CSeq", "2 INVITE")
        .finish();
    assert!(matches!(
        desk.hand(other.bytes()),
        Some(Arrived::Request(_))
    ));
    let cancel = request(Method::Cancel, via).finish();
    assert!(matches!(
        desk.hand(cancel.bytes()),
        Some(Arrived::Cancel { .. })
    ));
    desk.respond(server, &invite, 487);
    let ack = request(Method::Ack, via)
        .set("To", "<sip:ben@192.0.2.2>;tag=ours")
        .finish();
    assert!(desk.hand(ack.bytes()).is_none());
    desk.done();
    assert!(desk.pass_s(5).is_empty(), "the ACK ended the repetitions");
}

/// RFC 3261 §8.2.2.2
#[test]
fn the_same_request_by_another_way_is_a_merged_one() {
    let mut desk = Desk::new();
    desk.let_in(&theirs(Method::Invite, "z9hG4bKone"));
    let Some(Arrived::Request(copy)) = desk.hand(theirs(Method::Invite, "z9hG4bKtwo").bytes())
    else {
        panic!("it is another transaction");
    };
    assert!(desk.tx.is_merged(&copy));
    let next = request(Method::Invite, "SIP/2.0/UDP h;branch=z9hG4bK3").set("CSeq", "2 INVITE");
    assert!(!desk.tx.is_merged(&next.finish()), "another try is no copy");
    let within =
        request(Method::Invite, "SIP/2.0/UDP h;branch=z9hG4bK4").set("To", "<sip:b@h>;tag=t");
    assert!(!desk.tx.is_merged(&within.finish()), "nor is a re-INVITE");
}

/// RFC 3581, SI-03
#[test]
fn a_request_is_marked_with_where_it_came_from_and_answered_there() {
    let mut desk = Desk::new();
    let Some(Arrived::Request(options)) = desk.hand(theirs(Method::Options, "z9hG4bKa").bytes())
    else {
        panic!("it is new");
    };
    let via = options.via().unwrap();
    assert_eq!(via.received(), Some("192.0.2.2".parse().unwrap()));
    assert_eq!(via.rport(), Some(40_000));
    assert_eq!(reply_flow(desk.flow, &options), desk.flow);

    let plain = request(
        Method::Options,
        "SIP/2.0/UDP 10.0.0.1:5090;maddr=192.0.2.99;branch=z9hG4bKb",
    );
    let Some(Arrived::Request(plain)) = desk.hand(plain.finish().bytes()) else {
        panic!("it is new")
    };
    assert_eq!(
        plain.via().unwrap().received(),
        Some("192.0.2.2".parse().unwrap())
    );
    let back = reply_flow(desk.flow, &plain);
    assert_eq!(
        back.remote,
        "192.0.2.2:5090".parse().unwrap(),
        "the port of Via, and never maddr"
    );

    let bare = request(Method::Options, "SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKc").finish();
    assert_eq!(
        reply_flow(desk.flow, &bare).remote,
        "192.0.2.2:5060".parse().unwrap()
    );
    let tcp = Flow {
        transport: Transport::Tcp,
        ..desk.flow
    };
    assert_eq!(
        reply_flow(tcp, &bare),
        tcp,
        "a connection is its own way back"
    );
}

#[test]
fn a_way_that_is_gone_fails_what_waits_on_it_and_nothing_else() {
    let mut desk = Desk::over(Transport::Tcp);
    let (_, answered) = desk.ask(Method::Invite);
    desk.answer(&answered, 200);
    let (waiting, _) = desk.ask(Method::Options);
    let elsewhere = Flow {
        remote: "192.0.2.3:5060".parse().unwrap(),
        ..desk.flow
    };
    desk.tx.transport_failed(elsewhere);
    desk.done();
    desk.tx.transport_failed(desk.flow);
    assert_eq!(desk.tx.poll(), Some(Output::Failed(waiting, ME)));
    assert_eq!(desk.tx.poll(), None);
    desk.pass_s(40);
    assert!(desk.tx.is_empty());
}

#[test]
fn strangers_leave_the_last_eighth_to_calls_that_exist() {
    let limits = Limits {
        total: 16,
        per_source: 100,
    };
    let mut desk = Desk::limited(Transport::Udp, limits);
    for nth in 0..14 {
        desk.let_in(&theirs(Method::Options, &format!("z9hG4bK{nth}")));
    }
    let stranger = theirs(Method::Options, "z9hG4bKx");
    let (now, flow) = (desk.now, desk.flow);
    assert_eq!(desk.tx.accept(now, flow, &stranger, ME), Err(Full::Total));
    let to = "<sip:ben@192.0.2.2>;tag=ours";
    for nth in 0..3 {
        let via = format!("SIP/2.0/UDP h;branch=z9hG4bKbye{nth}");
        let bye = request(Method::Bye, &via).set("To", to).finish();
        let expected = if nth < 2 { Ok(()) } else { Err(Full::Total) };
        assert_eq!(desk.tx.accept(now, flow, &bye, ME).map(drop), expected);
    }
    let bye = request(Method::Bye, "SIP/2.0/UDP h;branch=z9hG4bKours")
        .set("To", to)
        .finish();
    assert_eq!(desk.tx.request(now, flow, &bye, ME), Err(Full::Total));
    desk.pass_s(33);
    assert!(
        desk.tx.accept(desk.now, flow, &stranger, ME).is_ok(),
        "room comes back"
    );
}

#[test]
fn one_address_cannot_take_all_the_room() {
    let limits = Limits {
        total: 100,
        per_source: 3,
    };
    let mut desk = Desk::limited(Transport::Udp, limits);
    for nth in 0..3 {
        desk.let_in(&theirs(Method::Options, &format!("z9hG4bK{nth}")));
    }
    let fourth = theirs(Method::Options, "z9hG4bKx");
    let (now, flow) = (desk.now, desk.flow);
    let other_port = Flow {
        remote: "192.0.2.2:40001".parse().unwrap(),
        ..flow
    };
    assert_eq!(
        desk.tx.accept(now, other_port, &fourth, ME),
        Err(Full::Source)
    );
    let neighbour = Flow {
        remote: "192.0.2.3:40000".parse().unwrap(),
        ..flow
    };
    assert!(desk.tx.accept(now, neighbour, &fourth, ME).is_ok());
    desk.pass_s(33);
    assert!(
        desk.tx.accept(desk.now, flow, &fourth, ME).is_ok(),
        "room comes back"
    );
}

#[test]
fn many_transactions_end_in_the_order_of_their_deadlines() {
    let mut desk = Desk::new();
    for _ in 0..20_000 {
        desk.ask(Method::Options);
        desk.now = desk.now + Duration::from_micros(10);
    }
    assert_eq!(desk.done().len(), 20_000);
    let done = desk.pass_s(33);
    assert_eq!(millis(&done, "TimedOut").len(), 20_000);
    assert!(done.is_sorted_by_key(|&(ms, _)| ms));
    assert!(desk.tx.is_empty());
}
