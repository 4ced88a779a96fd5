//! A trunk that answers whatever it likes, or does not, to REGISTER, OPTIONS and INVITE.
//!
//! The input is cut at empty lines into answers: a line with the seconds that pass before and the status (0: none), then
//! lines of headers.

use edge::{Edge, Found, Output, Ports, Settings};
use model::{
    AutoAnswer, Directory, Duration, Effect, LegId, Now, Number, Party, Password, Ring, Target,
    Time, Trunk, TrunkKind, Wall,
};
use sip::message::{Message, Name, Request};
use sip::{Flow, Transport};
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

/// Takes any bytes; panics when something does not hold that must.
pub(crate) fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut line = Line::new();
    for (turn, answer) in text.split("\n\n").take(ANSWERS_MAX).enumerate() {
        let (head, headers) = answer.split_once('\n').unwrap_or((answer, ""));
        let mut figures = head
            .split(' ')
            .map(|figure| figure.parse::<u16>().unwrap_or(0));
        let pause = figures.next().unwrap_or(0);
        let status = figures.next().unwrap_or(0);
        line.pass(Duration::from_secs(pause.min(PAUSE_MAX_S).into()));
        if turn % 4 == 3 {
            line.call(turn as u64);
        }
        if status != 0 {
            line.answer(status, headers);
        }
    }
    line.pass(Duration::from_secs(7_200));
    let most = REQUESTS_AT_LEAST + line.passed.as_secs() / 8;
    let sent = line.branches.len() as u64;
    assert!(sent <= most, "{sent} requests in {:?}", line.passed);
}

/// An edge with one trunk, in virtual time.
struct Line {
    edge: Edge,
    now: Now,
    passed: Duration,
    /// The requests that were sent, each once however often it was repeated.
    branches: BTreeSet<String>,
    last: Vec<Request>,
}

/// One port is enough for everybody.
struct OnePort;

impl Ports for OnePort {
    fn open(&mut self, _leg: LegId) -> Option<SocketAddr> {
        Some(SocketAddr::new(HERE, 10_000))
    }
}

impl Line {
    fn new() -> Self {
        let mut directory = Directory::default();
        let trunk = Trunk {
            kind: TrunkKind::Register,
            username: String::from("me"),
            password: Password(String::from("secret")),
            ..Trunk::to("carrier", "carrier.example")
        };
        directory.trunks.insert(trunk.name.clone(), Arc::new(trunk));
        let now = Now {
            mono: Time(1_000_000),
            wall: Wall(1_700_000_000_000),
        };
        let settings = Settings::new([7; 32]);
        let mut line = Self {
            edge: Edge::new(settings, Arc::new(directory), Vec::new(), 1_u64, now),
            now,
            passed: Duration::ZERO,
            branches: BTreeSet::new(),
            last: Vec::new(),
        };
        line.drain();
        line
    }

    fn pass(&mut self, time: Duration) {
        let end = self.now.mono + time;
        while let Some(at) = self.edge.next_deadline().filter(|at| *at <= end) {
            self.now.mono = at.max(self.now.mono);
            self.edge.timeout(self.now);
            let again = self.edge.next_deadline();
            assert!(again.is_none_or(|again| again > at), "what is due is done");
            self.drain();
        }
        self.now.mono = end;
        self.passed += time;
    }

    fn call(&mut self, nth: u64) {
        let ring = Ring {
            leg: LegId::outbound(nth),
            target: Target::Trunk {
                trunk: String::from("carrier"),
                number: Number::parse("119").expect("a number"),
            },
            caller: Party::default(),
            on_behalf: None,
            auto_answer: AutoAnswer::No,
            forwarded_by: Vec::new(),
        };
        self.edge
            .perform(self.now, &Effect::Ring(ring), &mut OnePort);
        self.drain();
    }

    /// Every request that was not answered is, like this.
    fn answer(&mut self, status: u16, headers: &str) {
        for request in std::mem::take(&mut self.last) {
            let copied = |name: Name| {
                let value = request.header(name.clone()).unwrap_or_default();
                format!("{name}: {value}\r\n")
            };
            let headers = headers.lines().map(|line| format!("{line}\r\n"));
            let text = format!(
                "SIP/2.0 {status} X\r\n{}{}To: <sip:x>;tag=t\r\n{}{}{}Content-Length: 0\r\n\r\n",
                copied(Name::Via),
                copied(Name::From),
                copied(Name::CallId),
                copied(Name::CSeq),
                headers.collect::<String>(),
            );
            self.edge.receive(self.now, there(), text.as_bytes());
            self.drain();
        }
    }

    fn drain(&mut self) {
        while let Some(output) = self.edge.poll() {
            match output {
                Output::Send { bytes, .. } => {
                    if let Ok(Message::Request(request)) = Message::parse(&bytes) {
                        let via = request.header(Name::Via).unwrap_or_default();
                        self.branches.insert(via.to_owned());
                        self.last.push(request);
                        self.last.truncate(KEPT_MAX);
                    }
                }
                Output::Resolve(lookup) => {
                    let found = Found {
                        flows: vec![there()],
                        valid_for: Duration::from_secs(3_600),
                    };
                    self.edge.resolved(self.now, &lookup.trunk, Some(found));
                }
                Output::Barrier(ticket) => self.edge.committed(self.now, ticket),
                _ => {}
            }
        }
    }
}

fn there() -> Flow {
    let carrier = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 1));
    Flow {
        transport: Transport::Udp,
        local: SocketAddr::new(HERE, 5060),
        remote: SocketAddr::new(carrier, 5060),
        connection: None,
    }
}

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
const ANSWERS_MAX: usize = 40;
const PAUSE_MAX_S: u16 = 3_600;
/// Requests that are answered together.
const KEPT_MAX: usize = 8;
/// What may be sent in no time at all.
const REQUESTS_AT_LEAST: u64 = 400;
