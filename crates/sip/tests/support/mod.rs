//! Two ends of a call and the network between them, in virtual time.
#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    reason = "it is compiled into each test"
)]

use sip::message::{Header, Message, Method, Request, Response};
use sip::session::{Body, Ended, Event, Invite, Local, Session};
use sip::transaction::{Arrived, Limits, Output, Owner, Transactions};
use sip::{Flow, Ids, Time, Transport};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

/// The one who calls.
pub const ANNA: usize = 0;
/// The one who is called.
pub const BEN: usize = 1;

/// What the ends do by themselves.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Manners {
    /// Nothing: the test says everything.
    Silent,
    /// Offers are answered, wanted offers are made, requests get 200.
    Helpful,
}

/// Two ends and the network.
pub struct World {
    pub now: Time,
    pub ends: [End; 2],
    pub manners: Manners,
    /// How long a message travels.
    pub latency: Duration,
    /// What happens to every message; nothing by default.
    pub noise: Noise,
    air: BTreeMap<(Time, u64), (usize, Vec<u8>)>,
    sent: u64,
    rules: Vec<Rule>,
    /// Texts that are replaced in every message on its way.
    pub replaced: Vec<(&'static str, &'static str)>,
    /// Every message as `ANNA INVITE`, `BEN 200 INVITE`, with the time in milliseconds.
    pub ladder: Vec<(u64, String)>,
    /// The whole messages of the ladder.
    pub messages: Vec<Message>,
}

/// One end.
pub struct End {
    pub tx: Transactions,
    pub session: Option<Session>,
    /// What its session reported, in words.
    pub heard: Vec<String>,
    /// Requests that wait for an answer of the test.
    pub asked: Vec<(sip::transaction::ServerId, Request)>,
    pub challenged: Vec<sip::transaction::ClientId>,
    flow: Flow,
    offers: u32,
}

/// A network that loses, doubles and delays, by the seed.
#[derive(Clone, Debug)]
pub struct Noise {
    ids: Ids,
    pub lost_percent: u32,
    pub doubled_percent: u32,
    pub delayed_ms: u32,
}

struct Rule {
    what: String,
    times: usize,
    fate: Fate,
}

#[derive(Clone, Copy)]
enum Fate {
    Lost,
    Delayed(Duration),
    Doubled,
}

impl World {
    /// Anna and Ben over UDP, 10 ms apart.
    pub fn new() -> Self {
        Self::over(Transport::Udp)
    }

    pub fn over(transport: Transport) -> Self {
        Self::seeded(transport, 1)
    }

    pub fn seeded(transport: Transport, seed: u64) -> Self {
        let addresses: [SocketAddr; 2] = [
            "192.0.2.1:5060".parse().unwrap(),
            "192.0.2.2:5060".parse().unwrap(),
        ];
        let end = |me: usize, other: usize| End {
            tx: Transactions::new(Ids::new(seed * 2 + me as u64), Limits::default()),
            session: None,
            heard: Vec::new(),
            asked: Vec::new(),
            challenged: Vec::new(),
            flow: Flow {
                transport,
                local: addresses[me],
                remote: addresses[other],
                connection: None,
            },
            offers: 0,
        };
        Self {
            now: Time(1_000_000),
            ends: [end(ANNA, BEN), end(BEN, ANNA)],
            manners: Manners::Helpful,
            latency: Duration::from_millis(10),
            noise: Noise {
                ids: Ids::new(seed),
                lost_percent: 0,
                doubled_percent: 0,
                delayed_ms: 0,
            },
            air: BTreeMap::new(),
            sent: 0,
            rules: Vec::new(),
            replaced: Vec::new(),
            ladder: Vec::new(),
            messages: Vec::new(),
        }
    }

    /// Loses the next `times` messages called `what`, such as `BEN 200 INVITE`.
    pub fn lose(&mut self, what: &str, times: usize) {
        self.rule(what, times, Fate::Lost);
    }

    /// Delays the next message called `what`.
    pub fn delay(&mut self, what: &str, by: Duration) {
        self.rule(what, 1, Fate::Delayed(by));
    }

    /// Doubles the next message called `what`.
    pub fn double(&mut self, what: &str) {
        self.rule(what, 1, Fate::Doubled);
    }

    fn rule(&mut self, what: &str, times: usize, fate: Fate) {
        self.rules.push(Rule {
            what: what.to_owned(),
            times,
            fate,
        });
    }

    /// Anna calls Ben with an offer.
    pub fn call(&mut self) {
        self.call_with(Some("anna's offer"), Vec::new());
    }

    pub fn call_with(&mut self, offer: Option<&str>, headers: Vec<Header>) {
        let invite = Invite {
            uri: "sip:ben@192.0.2.2".to_owned(),
            from: "\"Anna\" <sip:anna@192.0.2.1>".to_owned(),
            to: "<sip:ben@192.0.2.2>".to_owned(),
            routes: Vec::new(),
            headers,
            offer: offer.map(Body::sdp),
        };
        let anna = &mut self.ends[ANNA];
        let session = Session::outgoing(
            self.now,
            &mut anna.tx,
            Owner(1),
            anna.flow,
            invite,
            local("anna", 1),
        );
        anna.session = Some(session.unwrap());
        self.settle(ANNA);
    }

    /// Tells one end's session to do something.
    pub fn at<R>(
        &mut self,
        end: usize,
        act: impl FnOnce(Time, &mut Transactions, &mut Session) -> R,
    ) -> R {
        let it = &mut self.ends[end];
        let result = act(
            self.now,
            &mut it.tx,
            it.session.as_mut().expect("there is a session"),
        );
        self.settle(end);
        result
    }

    pub fn ring(&mut self) {
        self.at(BEN, |now, tx, ben| ben.ring(now, tx));
    }

    pub fn accept(&mut self, answer: &str) {
        let body = Some(Body::sdp(answer));
        self.at(BEN, |now, tx, ben| ben.accept(now, tx, body));
    }

    pub fn progress(&mut self, answer: &str) {
        self.at(BEN, |now, tx, ben| ben.progress(now, tx, Body::sdp(answer)));
    }

    pub fn bye(&mut self, end: usize) {
        self.at(end, |now, tx, session| session.bye(now, tx, Vec::new()));
    }

    pub fn cancel(&mut self) {
        self.at(ANNA, |now, tx, anna| anna.cancel(now, tx, Vec::new()));
    }

    pub fn renegotiate(&mut self, end: usize) {
        self.at(end, |now, tx, session| session.renegotiate(now, tx));
    }

    /// Hands Ben or Anna a request within the dialog that the other end's session knows nothing of.
    pub fn forge(
        &mut self,
        from: usize,
        method: Method,
        headers: &[(&str, &str)],
        body: Option<&str>,
    ) -> Request {
        let it = &mut self.ends[from];
        let mut dialog = it
            .session
            .as_ref()
            .and_then(Session::dialog)
            .unwrap()
            .clone();
        dialog.local_cseq += 100;
        let via = it.tx.via(it.flow.transport, "192.0.2.9");
        let mut request = dialog
            .request(method, &via)
            .header("Contact", "<sip:forged@192.0.2.9>");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        if let Some(body) = body {
            request = request.body("application/sdp", body);
        }
        let request = request.finish();
        self.deliver(1 - from, request.bytes());
        request
    }

    /// A call that is answered and acknowledged.
    pub fn talking() -> Self {
        Self::talking_over(Transport::Udp)
    }

    pub fn talking_over(transport: Transport) -> Self {
        let mut world = Self::over(transport);
        world.call();
        world.run_ms(50);
        world.accept("ben's answer");
        world.run_ms(50);
        world.ends[ANNA].heard.clear();
        world.ends[BEN].heard.clear();
        world
    }

    /// Lets time pass.
    pub fn run(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some(at) = self.next().filter(|&at| at <= until) {
            self.now = self.now.max(at);
            self.step();
        }
        self.now = until;
    }

    pub fn run_ms(&mut self, ms: u64) {
        self.run(Duration::from_millis(ms));
    }

    pub fn run_s(&mut self, s: u64) {
        self.run(Duration::from_secs(s));
    }

    /// Lets time pass until nothing is left to happen, or for `limit`.
    pub fn run_dry(&mut self, limit: Duration) {
        let until = self.now + limit;
        while let Some(at) = self.next().filter(|&at| at <= until) {
            self.now = self.now.max(at);
            self.step();
        }
    }

    fn next(&self) -> Option<Time> {
        let arrival = self.air.first_key_value().map(|(&(at, _), _)| at);
        let ends = self.ends.iter().flat_map(|end| {
            let session = end.session.as_ref().and_then(Session::next_deadline);
            [end.tx.next_deadline(), session]
        });
        ends.chain([arrival]).flatten().min()
    }

    fn step(&mut self) {
        while let Some((&(at, nth), _)) = self.air.first_key_value()
            && at <= self.now
        {
            let (end, bytes) = self.air.remove(&(at, nth)).unwrap();
            self.deliver(end, &bytes);
        }
        for end in [ANNA, BEN] {
            let now = self.now;
            let it = &mut self.ends[end];
            if it.tx.next_deadline().is_some_and(|at| at <= now) {
                it.tx.timeout(now);
            }
            if let Some(session) = &mut it.session
                && session.next_deadline().is_some_and(|at| at <= now)
            {
                session.timeout(now, &mut it.tx);
            }
            self.settle(end);
        }
    }

    /// Hands bytes to an end as if they came from the network.
    pub fn deliver(&mut self, end: usize, bytes: &[u8]) {
        let message = Message::parse(bytes).expect("we only write what can be read");
        let (now, it) = (self.now, &mut self.ends[end]);
        let Some(arrived) = it.tx.receive(now, it.flow, message) else {
            return self.settle(end);
        };
        let ours = it
            .session
            .as_ref()
            .map(|session| session.local_tag().to_owned());
        match &arrived {
            Arrived::Request(request) if request.to().unwrap().tag().is_none() => {
                it.newcomer(now, request.clone());
            }
            Arrived::Request(request) | Arrived::Ack(request)
                if ours.as_deref() != request.to().unwrap().tag() || it.session.is_none() =>
            {
                if request.method() != Method::Ack {
                    let response = Response::to(request, 481).finish();
                    it.tx.reply(it.flow, request, &response);
                }
            }
            Arrived::Request(_)
            | Arrived::Ack(_)
            | Arrived::Cancel { .. }
            | Arrived::Response { .. }
            | Arrived::StrayResponse(_) => {
                let flow = it.flow;
                if let Some(session) = &mut it.session {
                    session.receive(now, &mut it.tx, flow, arrived);
                }
            }
        }
        self.settle(end);
    }

    /// Takes out of an end whatever it wants to say, until it is silent.
    fn settle(&mut self, end: usize) {
        loop {
            let now = self.now;
            let it = &mut self.ends[end];
            if let Some(event) = it.session.as_mut().and_then(Session::poll) {
                it.hear(now, event, self.manners);
                continue;
            }
            match it.tx.poll() {
                None => return,
                Some(Output::Send { bytes, .. }) => self.send(end, bytes),
                Some(output) => {
                    if let Some(session) = &mut it.session {
                        session.notice(now, &mut it.tx, &output);
                    }
                }
            }
        }
    }

    fn send(&mut self, from: usize, bytes: Vec<u8>) {
        let message = Message::parse(&bytes).expect("we only write what can be read");
        let name = format!("{} {}", ["ANNA", "BEN"][from], title(&message));
        self.ladder.push((self.now.0 / 1_000, name.clone()));
        self.messages.push(message);
        let bytes = self.replaced.iter().fold(bytes, |bytes, (from, to)| {
            String::from_utf8(bytes)
                .unwrap()
                .replace(from, to)
                .into_bytes()
        });
        let rule = self
            .rules
            .iter_mut()
            .find(|rule| rule.times > 0 && rule.what == name);
        let fate = rule.map(|rule| {
            rule.times -= 1;
            rule.fate
        });
        let noise = &mut self.noise;
        let to = 1 - from;
        let mut arrive = |air: &mut BTreeMap<_, _>, extra: Duration| {
            let jitter = u64::from(noise.ids.below(noise.delayed_ms + 1));
            let at = self.now + self.latency + extra + Duration::from_millis(jitter);
            self.sent += 1;
            air.insert((at, self.sent), (to, bytes.clone()));
        };
        match fate {
            Some(Fate::Lost) => return,
            Some(Fate::Delayed(by)) => return arrive(&mut self.air, by),
            Some(Fate::Doubled) => arrive(&mut self.air, Duration::ZERO),
            None => {}
        }
        arrive(&mut self.air, Duration::ZERO);
        let last = self.sent;
        if noise.ids.below(100) < noise.lost_percent {
            self.air.retain(|&(_, nth), _| nth != last);
        } else if noise.ids.below(100) < noise.doubled_percent {
            self.sent += 1;
            self.air
                .insert((self.now + self.latency, self.sent), (to, bytes));
        }
    }

    /// How often a message was sent.
    pub fn count(&self, what: &str) -> usize {
        self.ladder.iter().filter(|(_, name)| name == what).count()
    }

    /// When a message was sent, in milliseconds since it was sent first.
    pub fn times_ms(&self, what: &str) -> Vec<u64> {
        let all: Vec<u64> = self
            .ladder
            .iter()
            .filter(|(_, name)| name == what)
            .map(|&(at, _)| at)
            .collect();
        all.iter().map(|at| at - all[0]).collect()
    }

    /// The last message of that name.
    pub fn last(&self, what: &str) -> &Message {
        let nth = self.ladder.iter().rposition(|(_, name)| name == what);
        &self.messages[nth.unwrap_or_else(|| panic!("no {what} in {:#?}", self.ladder))]
    }

    pub fn heard(&self, end: usize) -> Vec<&str> {
        self.ends[end].heard.iter().map(String::as_str).collect()
    }

    /// Checks that both sessions are over and, once the last timers are out, no transaction is left.
    pub fn assert_nothing_is_left(&mut self) {
        self.run_dry(Duration::from_secs(200));
        for (name, end) in ["Anna", "Ben"].iter().zip(&self.ends) {
            let over = end.session.as_ref().is_none_or(Session::is_over);
            assert!(
                over,
                "{name}'s session goes on: {:#?}\n{:#?}",
                end.session, self.ladder
            );
            assert!(
                end.tx.is_empty(),
                "{name} has transactions left: {:#?}\n{:#?}",
                end.tx,
                self.ladder
            );
        }
    }
}

impl End {
    fn newcomer(&mut self, now: Time, request: Request) {
        if self.tx.is_merged(&request) {
            let response = Response::to(&request, 482).finish();
            return self.tx.reply(self.flow, &request, &response);
        }
        let server = self.tx.accept(now, self.flow, &request, Owner(2)).unwrap();
        if request.method() != Method::Invite {
            return self
                .tx
                .respond(now, server, &Response::to(&request, 200).finish());
        }
        let session = Session::incoming(
            now,
            &mut self.tx,
            server,
            Owner(2),
            self.flow,
            request,
            local("ben", 2),
        );
        match session {
            Ok((session, offer)) => {
                self.session = Some(session);
                self.heard.push(match offer {
                    Some(offer) => format!("Invited {}", text(&offer)),
                    None => "Invited".to_owned(),
                });
            }
            Err(refusal) => self.heard.push(format!("Refused {}", refusal.status())),
        }
    }

    fn hear(&mut self, now: Time, event: Event, manners: Manners) {
        let Some(session) = &mut self.session else {
            return;
        };
        let words = match event {
            Event::Ringing => "Ringing".to_owned(),
            Event::Progress(response) => format!("Progress {}", response.status()),
            Event::EarlyAnswer(body) => format!("EarlyAnswer {}", text(&body)),
            Event::Answer(body) => format!("Answer {}", text(&body)),
            Event::Offered(body) => {
                if manners == Manners::Helpful {
                    let answer = format!("re {}", text(&body));
                    session.answer(now, &mut self.tx, Body::sdp(answer));
                }
                format!("Offered {}", text(&body))
            }
            Event::OfferWithdrawn => "OfferWithdrawn".to_owned(),
            Event::OfferWanted(why) => {
                if manners == Manners::Helpful {
                    self.offers += 1;
                    let offer = format!("offer {}", self.offers);
                    let _ = session.offer(now, &mut self.tx, Body::sdp(offer));
                }
                format!("OfferWanted {why:?}")
            }
            Event::OfferFailed(status) => format!("OfferFailed {status}"),
            Event::Answered(_) => "Answered".to_owned(),
            Event::Confirmed => "Confirmed".to_owned(),
            Event::Failed(failure) => format!("Failed {}", failure.status),
            Event::Challenged { request, response } => {
                self.challenged.push(request);
                format!("Challenged {}", response.status())
            }
            Event::Identified(_) => "Identified".to_owned(),
            Event::Asked { server, request } => {
                let body = String::from_utf8_lossy(request.body());
                let words = format!("Asked {} {body}", request.method())
                    .trim_end()
                    .to_owned();
                if manners == Manners::Helpful {
                    self.tx
                        .respond(now, server, &Response::to(&request, 200).finish());
                } else {
                    self.asked.push((server, request));
                }
                words
            }
            Event::Replied { status, .. } => format!("Replied {status}"),
            Event::Ended(Ended::HungUp(bye)) => {
                self.tx.respond(now, bye.server, &bye.answer);
                format!("Ended HungUp({:?})", bye.reason)
            }
            Event::Ended(why) => format!("Ended {why:?}"),
        };
        self.heard.push(words);
    }
}

/// `INVITE`, `200 INVITE`.
pub fn title(message: &Message) -> String {
    match message {
        Message::Request(request) => request.method().to_string(),
        Message::Response(response) => {
            format!("{} {}", response.status(), response.cseq().unwrap().method)
        }
    }
}

pub fn text(body: &Body) -> String {
    String::from_utf8_lossy(&body.bytes).into_owned()
}

pub fn local(name: &str, host: u8) -> Local {
    Local {
        sent_by: format!("192.0.2.{host}:5060"),
        contact: format!("<sip:{name}@192.0.2.{host}:5060>"),
        product: "test".to_owned(),
        allow: "INVITE, ACK, CANCEL, BYE, PRACK, UPDATE, INFO, REFER, NOTIFY",
    }
}

pub fn header(name: &str, value: &str) -> Header {
    Header::new(name, value)
}
