//! Crowds, lost packets and nonsense.

use crate::{baresip, linphone, office};
use model::CallStatus;
use peers::{Lease, PATIENCE, Server, Sipp, SippSetup, Site, Transport};
use std::io::Write;
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::time::Duration;

/// Callers 2000…, callees 3000…, each with a phone that one SIPp is.
struct Crowd {
    server: Server,
    pairs: u32,
    ports: Lease,
    callees: SocketAddr,
}

impl Crowd {
    fn of(pairs: u32) -> Self {
        let numbers: Vec<String> = (0..pairs)
            .flat_map(|pair| [2_000 + pair, 3_000 + pair])
            .map(|number| number.to_string())
            .collect();
        let site = office(numbers.iter().map(String::as_str));
        let server = Server::start(&site);
        let mut ports = Lease::of(10);
        let callees = ports.address();
        let crowd = Self {
            server,
            pairs,
            ports,
            callees,
        };
        crowd.registered()
    }

    /// The callees register the port where they will answer.
    fn registered(mut self) -> Self {
        let port = self.callees.port();
        let users = (0..self.pairs).map(|pair| {
            let number = (3_000 + pair).to_string();
            format!("{number};{};{port}", credentials(&number))
        });
        Sipp::scenario("register.xml", self.ports.address())
            .to(self.server.address(Transport::Udp))
            .calls(self.pairs, 100)
            .users(users.collect::<Vec<_>>())
            .run(PATIENCE)
            .all_went_well(u64::from(self.pairs));
        self
    }

    /// The callees, ready to take calls.
    fn answer(&self) -> Sipp {
        Sipp::scenario("answer.xml", self.callees).start()
    }

    /// The callers, each of whom calls his own callee in turn.
    fn callers(&mut self, scenario: &str) -> SippSetup {
        let users = (0..self.pairs).map(|pair| {
            let (caller, callee) = ((2_000 + pair).to_string(), 3_000 + pair);
            format!("{caller};{callee};{}", credentials(&caller))
        });
        Sipp::scenario(scenario, self.ports.address())
            .to(self.server.address(Transport::Udp))
            .users(users.collect::<Vec<_>>())
    }
}

/// Fails unless the callees took so many calls, and nothing else happened to them.
fn took(answering: Sipp, calls: u64) {
    let outcome = answering.stopped();
    let counts = (outcome.count("taken"), outcome.count("FailedCall"));
    assert_eq!(counts, (calls, 0), "{outcome:#?}");
}

/// What SIPp answers a challenge with.
fn credentials(number: &str) -> String {
    let password = Site::password(number);
    format!("[authentication username={number} password={password}]")
}

/// CDR-15: ten calls a second for 20 s; every one is set up, ended and written down.
#[test]
fn two_hundred_calls_at_ten_a_second_all_go_well() {
    let mut crowd = Crowd::of(40);
    let answering = crowd.answer();
    let calls = crowd.callers("call.xml").calls(200, 10).option("-d", 1_500);
    calls.run(Duration::from_secs(60)).all_went_well(200);
    took(answering, 200);
    crowd.server.is_quiet();
    let records = crowd.server.has_records(200);
    assert!(
        records
            .iter()
            .all(|record| record.status == CallStatus::Answered)
    );
}

/// SI-10
#[test]
fn nonsense_on_every_transport_does_not_disturb_the_calls_of_others() {
    let mut server = Server::start(&office(["100", "101"]));
    let mut bob = linphone(&server, "101").answering().start().registered();
    let mut alice = baresip(&server, "100").start().registered();
    alice.call("101");
    alice.up();
    bob.up();

    let to = server.address(Transport::Udp);
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    for message in nonsense(&to.to_string()) {
        socket.send_to(&message, to).expect("sent");
    }
    for transport in [Transport::Tcp, Transport::Tls] {
        for message in nonsense(&to.to_string()) {
            let mut stream = TcpStream::connect(server.address(transport)).expect("it listens");
            // The server may close as soon as it has read enough.
            let _ = stream.write_all(&message);
        }
    }

    assert!(server.runs());
    assert_eq!(server.calls().len(), 1);
    alice.hang_up();
    bob.call_ends();
    bob.call("100");
    alice.rings();
    alice.answer();
    alice.up();
    bob.up();
    bob.hang_up();
    alice.call_ends();
    server.is_quiet();
    let told = server.log();
    assert!(!told.iter().any(|line| line.contains("panic")), "{told:#?}");
}

/// Messages that are no messages, or no good ones.
fn nonsense(server: &str) -> Vec<Vec<u8>> {
    let invite = format!(
        "INVITE sip:101@{server} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKnonsense\r\n\
         From: <sip:100@{server}>;tag=1\r\nTo: <sip:101@{server}>\r\nCall-ID: nonsense\r\n\
         CSeq: 1 INVITE\r\nMax-Forwards: 70\r\n"
    );
    let with = |rest: &str| format!("{invite}{rest}").into_bytes();
    let mut every_byte: Vec<u8> = (0..=255).collect();
    every_byte.extend(b"\r\n\r\n");
    let mut messages = vec![
        Vec::new(),
        b"\0\0\0\0".to_vec(),
        every_byte,
        b"\r\n\r\n\r\n\r\n".to_vec(),
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_vec(),
        b"SIP/2.0 200 OK\r\n\r\n".to_vec(),
        b"SIP/2.0 999999999999 No\r\nVia: x\r\n\r\n".to_vec(),
        b"INVITE\r\n\r\n".to_vec(),
        b"INVITE sip:101@x SIP/7.0\r\nVia: SIP/2.0/UDP x\r\n\r\n".to_vec(),
        with("Content-Length: 999999999999999999999\r\n\r\n"),
        with("Content-Length: -1\r\n\r\nx"),
        with("Content-Length: 9999\r\n\r\nshort"),
        with(
            "Authorization: Digest username=\"100\", realm=\"bellwire\", nonce=\"\", response=\"\"\r\n\r\n",
        ),
        with("Authorization: Digest ,,,===\"\"\"\r\nContact: <<<>>>;;;,,,\r\n\r\n"),
        with(&format!("X-Long: {}\r\n\r\n", "x".repeat(60_000))),
        with(&format!("{}\r\n", "X-Many: 1\r\n".repeat(4_000))),
        with(&format!("Route: {}\r\n\r\n", "<sip:a@b;lr>,".repeat(3_000))),
        with(&format!(
            "Content-Type: multipart/mixed;boundary=a\r\n\r\n{}",
            "--a\r\n\r\n".repeat(5_000)
        )),
        invite
            .replace("CSeq: 1 INVITE", "CSeq: 4294967296 BYE")
            .into_bytes(),
        invite
            .replace("SIP/2.0/UDP", "SIP/2.0/CARRIER-PIGEON")
            .into_bytes(),
    ];
    // Every beginning of a good message.
    let good = with("Content-Length: 0\r\n\r\n");
    messages.extend(
        (0..good.len())
            .step_by(7)
            .map(|length| good[..length].to_vec()),
    );
    messages
}
