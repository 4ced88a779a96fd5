//! A story of calls with a hostile peer: messages, silence and commands, as the bytes tell.

use sip::message::{Header, Message, Method, Request, Response};
use sip::session::{Body, Ended, Event, Invite, Local, Session};
use sip::transaction::{Arrived, Limits, Output, Owner, Transactions};
use sip::{Flow, Ids, Time, Transport};
use std::time::Duration;

/// Takes any bytes; panics when a session or transaction is left after everybody has hung up, or when
/// there are more than there may be.
pub(crate) fn run(story: &[u8]) {
    let mut churn = Churn::new();
    let mut words = Words(story);
    for _ in 0..STEPS_MAX {
        if words.0.is_empty() {
            break;
        }
        churn.step(&mut words);
    }
    churn.end();
}

struct Churn {
    tx: Transactions,
    now: Time,
    flow: Flow,
    sessions: Vec<Session>,
    /// What we sent last, which the peer may answer or repeat.
    sent: Vec<Message>,
}

/// The story, taken byte by byte; when it is over there are only zeros.
struct Words<'a>(&'a [u8]);

impl<'a> Words<'a> {
    fn byte(&mut self) -> u8 {
        let Some((&first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        first
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::from(self.byte()) % choices.len()]
    }

    fn bytes(&mut self, many: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(many.min(self.0.len()));
        self.0 = rest;
        taken
    }
}

impl Churn {
    fn new() -> Self {
        let limits = Limits {
            total: TRANSACTIONS_MAX,
            per_source: TRANSACTIONS_MAX,
        };
        Self {
            tx: Transactions::new(Ids::new(1_u64), limits),
            now: Time(1_000_000),
            flow: Flow {
                transport: Transport::Udp,
                local: "192.0.2.1:5060".parse().expect("an address"),
                remote: "192.0.2.2:5060".parse().expect("an address"),
                connection: None,
            },
            sessions: Vec::new(),
            sent: Vec::new(),
        }
    }

    fn step(&mut self, words: &mut Words<'_>) {
        match words.byte() % 8 {
            0 => self.pass(Duration::from_millis(u64::from(
                words.of(&[1_u32, 100, 600, 5_000, 33_000, 1_000_000]),
            ))),
            1 => self.call(words),
            2 => self.peer_asks(words),
            3 | 4 => self.peer_answers(words),
            5 => self.peer_repeats(words),
            6 => self.command(words),
            _ => {
                let many = usize::from(words.byte());
                self.deliver(words.bytes(many));
            }
        }
        self.settle();
        assert!(
            self.tx.len() <= TRANSACTIONS_MAX + SESSIONS_MAX,
            "CANCEL needs no room of its own"
        );
    }

    /// We call.
    fn call(&mut self, words: &mut Words<'_>) {
        if self.sessions.len() >= SESSIONS_MAX {
            return;
        }
        let invite = Invite {
            uri: "sip:peer@192.0.2.2".to_owned(),
            from: "<sip:us@192.0.2.1>".to_owned(),
            to: "<sip:peer@192.0.2.2>".to_owned(),
            routes: Vec::new(),
            headers: Vec::new(),
            offer: words.of(&[Some("offer"), None]).map(Body::sdp),
        };
        let session = Session::outgoing(self.now, &mut self.tx, OURS, self.flow, invite, local());
        self.sessions.extend(session);
    }

    /// The peer sends a request, within a dialog or not.
    fn peer_asks(&mut self, words: &mut Words<'_>) {
        let method = Method::parse(words.of(&[
            "INVITE", "ACK", "CANCEL", "BYE", "PRACK", "UPDATE", "INFO", "REFER", "OPTIONS",
            "NONSENSE",
        ]));
        let nth = usize::from(words.byte()) % (self.sessions.len() + 1);
        let session = self.sessions.get(nth);
        let dialog = session.and_then(Session::dialog);
        let cseq = match dialog {
            Some(dialog) => {
                dialog
                    .remote_cseq
                    .unwrap_or(1)
                    .saturating_add(words.of(&[1, 0, 2, u32::MAX]))
            }
            None => u32::from(words.byte()),
        };
        let tagged = |address: &str, tag: &str| format!("<sip:{address}>;tag={tag}");
        let mut request = Request::build(method.clone(), "sip:us@192.0.2.1")
            .header(
                "Via",
                format_args!("SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK{}", words.byte() % 16),
            )
            .header("Max-Forwards", 70)
            .header(
                "From",
                tagged(
                    "peer@192.0.2.2",
                    dialog.map_or("peer", |dialog| &dialog.remote_tag),
                ),
            )
            .header(
                "To",
                match dialog {
                    Some(dialog) => tagged("us@192.0.2.1", &dialog.local_tag),
                    None => "<sip:us@192.0.2.1>".to_owned(),
                },
            )
            .header("Call-ID", session.map_or("call", Session::call_id))
            .header("CSeq", format_args!("{cseq} {method}"));
        for (name, value) in [
            words.of(&[
                ("Contact", "<sip:peer@192.0.2.2>"),
                ("Contact", "nonsense"),
                ("Subject", "none"),
            ]),
            words.of(&[
                ("Supported", "timer"),
                ("Require", "100rel"),
                ("Supported", "100rel"),
                ("Allow", "UPDATE"),
            ]),
            words.of(&[
                ("Session-Expires", "90;refresher=uac"),
                ("Session-Expires", "1;refresher=x"),
                ("Min-SE", "4000000000"),
                ("Session-Expires", "1800;refresher=uas"),
            ]),
            words.of(&[
                ("Subject", "none"),
                ("Record-Route", "<sip:p@192.0.2.9>"),
                ("Record-Route", "nonsense,,"),
                ("Reason", "SIP"),
            ]),
        ] {
            request = request.header(name, value);
        }
        if let Some(Message::Response(last)) = self
            .sent
            .iter()
            .rev()
            .find(|it| it.header("RSeq").is_some())
        {
            let rack = format!(
                "{} {}",
                last.rseq().unwrap_or_default(),
                last.header("CSeq").unwrap_or_default()
            );
            request = request.header("RAck", rack);
        }
        if words.byte().is_multiple_of(2) {
            request = request.body("application/sdp", "body");
        }
        self.deliver(request.finish().bytes());
    }

    /// The peer answers one of our requests.
    fn peer_answers(&mut self, words: &mut Words<'_>) {
        let nth = usize::from(words.byte());
        let requests = self.sent.iter().rev().filter_map(|message| match message {
            Message::Request(request) => Some(request),
            Message::Response(_) => None,
        });
        let requests: Vec<&Request> = requests.collect();
        let Some(request) = requests.get(nth % requests.len().max(1)) else {
            return;
        };
        let status = words.of(&[
            100, 180, 183, 200, 202, 302, 401, 407, 408, 422, 481, 487, 491, 500, 501, 503, 603,
            199,
        ]);
        let mut response = Response::to(request, status)
            .to_tag(words.of(&["one", "two", "three"]))
            .header("Contact", "<sip:peer@192.0.2.2>");
        if words.byte().is_multiple_of(3) {
            response = response
                .header("Require", "100rel")
                .header("RSeq", words.of(&[1, 2, 3, u32::MAX]));
        }
        for (name, value) in [
            words.of(&[
                ("Session-Expires", "90;refresher=uac"),
                ("Session-Expires", "0"),
                ("Min-SE", "7200"),
                ("Subject", "none"),
            ]),
            words.of(&[
                ("Retry-After", "0"),
                ("Retry-After", "99999999999"),
                ("Allow", "UPDATE"),
                ("Record-Route", "<sip:r@192.0.2.9;lr>"),
            ]),
        ] {
            response = response.header(name, value);
        }
        if words.byte().is_multiple_of(2) {
            response = response.body("application/sdp", "body");
        }
        let response = response.finish();
        self.deliver(response.bytes());
    }

    /// Something of ours comes back to us, or something old comes again.
    fn peer_repeats(&mut self, words: &mut Words<'_>) {
        let nth = usize::from(words.byte()) % self.sent.len().max(1);
        if let Some(message) = self.sent.get(nth).cloned() {
            self.deliver(message.bytes());
        }
    }

    /// Our side does something.
    fn command(&mut self, words: &mut Words<'_>) {
        let nth = usize::from(words.byte()) % self.sessions.len().max(1);
        let (now, tx) = (self.now, &mut self.tx);
        let Some(session) = self.sessions.get_mut(nth) else {
            return;
        };
        let headers = vec![Header::new("Reason", "SIP")];
        match words.byte() % 12 {
            0 => session.ring(now, tx),
            1 => session.progress(now, tx, Body::sdp("progress")),
            2 => session.accept(now, tx, Some(Body::sdp("accept"))),
            3 => session.reject(now, tx, 486, headers),
            4 => session.cancel(now, tx, headers),
            5 => session.bye(now, tx, headers),
            6 => session.renegotiate(now, tx),
            7 => session.answer(now, tx, Body::sdp("answer")),
            8 => session.refuse(now, tx, 488, &headers),
            9 => session.info(now, tx, Body::sdp("info")),
            10 => session.identify(now, tx, headers),
            _ => tx.transport_failed(self.flow),
        }
    }

    fn deliver(&mut self, bytes: &[u8]) {
        let Ok(message) = Message::parse(bytes) else {
            return;
        };
        let (now, flow) = (self.now, self.flow);
        let Some(arrived) = self.tx.receive(now, flow, message) else {
            return;
        };
        let tag = match &arrived {
            Arrived::Request(request)
            | Arrived::Ack(request)
            | Arrived::Cancel {
                cancel: request, ..
            } => request.to(),
            Arrived::Response { response, .. } | Arrived::StrayResponse(response) => {
                response.from()
            }
        };
        let tag = tag
            .ok()
            .and_then(|address| address.tag().map(str::to_owned));
        match (&arrived, tag) {
            (Arrived::Request(request), None) => self.newcomer(request.clone()),
            (Arrived::Cancel { .. }, _) => {
                // Every session is asked: the one whose INVITE it is heeds it.
                let Arrived::Cancel {
                    invite,
                    owner,
                    cancel,
                } = arrived
                else {
                    return;
                };
                for session in &mut self.sessions {
                    let cancel = cancel.clone();
                    session.receive(
                        now,
                        &mut self.tx,
                        flow,
                        Arrived::Cancel {
                            invite,
                            owner,
                            cancel,
                        },
                    );
                }
            }
            (_, tag) => {
                let ours = self
                    .sessions
                    .iter_mut()
                    .find(|session| Some(session.local_tag()) == tag.as_deref());
                match (ours, arrived) {
                    (Some(session), arrived) => session.receive(now, &mut self.tx, flow, arrived),
                    (None, Arrived::Response { response, .. }) if response.is_success() => {
                        sip::session::dismiss(now, &mut self.tx, flow, &local(), &response);
                    }
                    (None, _) => {}
                }
            }
        }
    }

    fn newcomer(&mut self, request: Request) {
        let (now, flow) = (self.now, self.flow);
        let full = request.method() == Method::Invite && self.sessions.len() >= SESSIONS_MAX;
        if self.tx.is_merged(&request) || full {
            return self
                .tx
                .reply(flow, &request, &Response::to(&request, 482).finish());
        }
        let Ok(server) = self.tx.accept(now, flow, &request, OURS) else {
            return;
        };
        if request.method() == Method::Invite {
            let session =
                Session::incoming(now, &mut self.tx, server, OURS, flow, request, local());
            self.sessions.extend(session.map(|(session, _)| session));
        } else {
            self.tx
                .respond(now, server, &Response::to(&request, 200).finish());
        }
    }

    /// Time passes, deadline by deadline.
    fn pass(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some(at) = self.deadline().filter(|&at| at <= until) {
            self.now = self.now.max(at);
            self.tx.timeout(self.now);
            for session in &mut self.sessions {
                if session.next_deadline().is_some_and(|at| at <= self.now) {
                    session.timeout(self.now, &mut self.tx);
                    assert!(
                        session.next_deadline().is_none_or(|at| at > self.now),
                        "it would never end"
                    );
                }
            }
            self.settle();
        }
        self.now = until;
    }

    fn deadline(&self) -> Option<Time> {
        let sessions = self.sessions.iter().filter_map(Session::next_deadline);
        sessions.chain(self.tx.next_deadline()).min()
    }

    fn settle(&mut self) {
        let now = self.now;
        for session in &mut self.sessions {
            while let Some(event) = session.poll() {
                match event {
                    Event::Ended(Ended::HungUp(bye)) => {
                        self.tx.respond(now, bye.server, &bye.answer)
                    }
                    Event::Challenged { request, response } if response.status() == 401 => {
                        session.authorize(
                            now,
                            &mut self.tx,
                            request,
                            Some(vec![Header::new("Authorization", "x")]),
                        );
                    }
                    Event::OfferWanted(_) => {
                        // Busy is an answer as well.
                        let _ = session.offer(now, &mut self.tx, Body::sdp("offer"));
                    }
                    _ => {}
                }
            }
        }
        while let Some(output) = self.tx.poll() {
            match output {
                Output::Send { bytes, .. } => {
                    self.sent.extend(Message::parse(&bytes));
                    if self.sent.len() > SENT_MAX {
                        self.sent.remove(0);
                    }
                }
                output => {
                    for session in &mut self.sessions {
                        session.notice(now, &mut self.tx, &output);
                    }
                }
            }
        }
    }

    /// Everybody hangs up, and nobody answers any longer.
    fn end(mut self) {
        for session in &mut self.sessions {
            session.bye(self.now, &mut self.tx, Vec::new());
        }
        self.settle();
        self.pass(Duration::from_secs(400));
        let left: Vec<_> = self
            .sessions
            .iter()
            .filter(|session| !session.is_over())
            .collect();
        assert!(left.is_empty(), "sessions go on: {left:#?}");
        assert!(self.tx.is_empty(), "transactions are left: {:#?}", self.tx);
    }
}

fn local() -> Local {
    Local {
        sent_by: "192.0.2.1".to_owned(),
        contact: "<sip:us@192.0.2.1>".to_owned(),
        product: "churn".to_owned(),
        allow: "INVITE, ACK, CANCEL, BYE, PRACK, UPDATE, INFO",
    }
}

const OURS: Owner = Owner(1);
const TRANSACTIONS_MAX: usize = 64;
const SESSIONS_MAX: usize = 8;
const STEPS_MAX: usize = 2_000;
const SENT_MAX: usize = 64;
