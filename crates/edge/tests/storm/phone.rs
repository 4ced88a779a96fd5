//! A phone with a will of its own.

use super::{Dice, EXTENSIONS};
use edge::{Binding, Nat};
use model::{Now, Time};
use sip::digest;
use sip::message::{Message, Method, Name};
use sip::session::{Body, Ended, Event, Invite, Local, Session, Wanted};
use sip::transaction::{Arrived, Limits, Output, Owner, Transactions};
use sip::{Flow, Ids, Transport};
use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

pub const PASSWORD: &str = "secret";

pub struct Phone {
    dice: Dice,
    extension: &'static str,
    flow: Flow,
    tx: Transactions,
    calls: BTreeMap<u64, Call>,
    /// Our tag of each call.
    tags: BTreeMap<String, u64>,
    outbox: VecDeque<(Flow, Vec<u8>)>,
    last: u64,
    /// When it does the next thing that comes to its mind.
    next: Option<Time>,
    power: Power,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Power {
    On,
    Off,
}

struct Call {
    session: Session,
    stage: Stage,
    client: digest::Client,
    version: u32,
    port: u16,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Ringing,
    Calling,
    Talking,
}

impl Phone {
    pub fn new(extension: &'static str, host: u8, seed: u64) -> Self {
        let seed = seed.wrapping_mul(31).wrapping_add(u64::from(host));
        Self {
            dice: Dice::new(seed),
            extension,
            flow: Flow {
                transport: Transport::Udp,
                local: SocketAddr::from(([198, 51, 100, host], 5060)),
                remote: SocketAddr::from(([192, 0, 2, 1], 5060)),
                connection: None,
            },
            tx: Transactions::new(Ids::new(seed), Limits::default()),
            calls: BTreeMap::new(),
            tags: BTreeMap::new(),
            outbox: VecDeque::new(),
            last: 0,
            next: Some(Time(u64::from(host) * 400_000)),
            power: Power::On,
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.flow.local
    }

    pub fn binding(&self, now: Now) -> Binding {
        Binding {
            extension: self.extension.parse().unwrap(),
            contact: format!("sip:{}@{}", self.extension, self.flow.local),
            flow: Flow {
                local: self.flow.remote,
                remote: self.flow.local,
                ..self.flow
            },
            path: Vec::new(),
            instance: None,
            reg_id: None,
            q: 1_000,
            nat: Nat::Direct,
            call_id: self.flow.local.to_string(),
            cseq: 1,
            user_agent: "storm".to_owned(),
            expires: now.wall + Duration::from_secs(100_000),
        }
    }

    /// It calls nobody any more and does nothing by itself.
    pub fn calm_down(&mut self) {
        self.next = None;
    }

    /// It is heard of no more.
    pub fn switch_off(&mut self) {
        self.power = Power::Off;
    }

    pub fn next_deadline(&self) -> Option<Time> {
        if self.power == Power::Off {
            return None;
        }
        let sessions = self
            .calls
            .values()
            .filter_map(|call| call.session.next_deadline());
        let sip = sessions.chain(self.tx.next_deadline()).min();
        sip.map(|at| Time(at.0)).into_iter().chain(self.next).min()
    }

    pub fn poll(&mut self) -> Option<(Flow, Vec<u8>)> {
        self.outbox.pop_front()
    }

    pub fn receive(&mut self, now: Time, bytes: &[u8]) {
        if self.power == Power::Off {
            return;
        }
        let message = Message::parse(bytes).expect("the edge sends what can be read");
        let time = sip::Time(now.0);
        let Some(arrived) = self.tx.receive(time, self.flow, message) else {
            return self.collect(now);
        };
        let id = match &arrived {
            Arrived::Request(request) | Arrived::Ack(request) => {
                let tag = request.to().ok().and_then(|to| to.tag());
                match tag {
                    Some(tag) => self.tags.get(tag).copied(),
                    None => return self.invited(now, arrived),
                }
            }
            Arrived::Cancel { owner, .. } | Arrived::Response { owner, .. } => Some(owner.0),
            Arrived::StrayResponse(response) => {
                let tag = response.from().ok().and_then(|from| from.tag());
                tag.and_then(|tag| self.tags.get(tag)).copied()
            }
        };
        if let Some(call) = id.and_then(|id| self.calls.get_mut(&id)) {
            call.session.receive(time, &mut self.tx, self.flow, arrived);
        } else if let Arrived::Request(request) = &arrived {
            let gone = sip::message::Response::to(request, 481).finish();
            self.tx.reply(self.flow, request, &gone);
        }
        self.settle(now, id);
    }

    /// Somebody wants something that is part of no call.
    fn invited(&mut self, now: Time, arrived: Arrived) {
        let Arrived::Request(request) = arrived else {
            return;
        };
        let time = sip::Time(now.0);
        if request.method().as_str() != "INVITE" {
            let ok = sip::message::Response::to(&request, 200)
                .to_tag("x")
                .finish();
            self.tx.reply(self.flow, &request, &ok);
            return self.collect(now);
        }
        self.last += 1;
        let (id, owner) = (self.last, Owner(self.last));
        let Ok(server) = self.tx.accept(time, self.flow, &request, owner) else {
            return;
        };
        let local = self.local();
        let (session, _) =
            Session::incoming(time, &mut self.tx, server, owner, self.flow, request, local)
                .expect("the edge's INVITE begins a call");
        self.begin(id, session, Stage::Ringing);
        self.settle(now, Some(id));
    }

    pub fn timeout(&mut self, now: Time) {
        if self.power == Power::Off {
            return;
        }
        let time = sip::Time(now.0);
        self.tx.timeout(time);
        let due: Vec<_> = self
            .calls
            .iter()
            .filter(|(_, call)| call.session.next_deadline().is_some_and(|at| at <= time))
            .map(|(id, _)| *id)
            .collect();
        for id in due {
            if let Some(call) = self.calls.get_mut(&id) {
                call.session.timeout(time, &mut self.tx);
            }
            self.settle(now, Some(id));
        }
        if self.next.is_some_and(|at| at <= now) {
            self.next = Some(now + Duration::from_millis(200 + self.dice.below(3_000)));
            self.act(now);
        }
        self.collect(now);
    }

    /// Does something.
    fn act(&mut self, now: Time) {
        let count = u64::try_from(self.calls.len()).unwrap();
        if count == 0 || (count < 3 && self.dice.percent(10)) {
            return self.dial(now);
        }
        let nth = usize::try_from(self.dice.below(count)).unwrap();
        let id = *self.calls.keys().nth(nth).unwrap();
        let (time, tx) = (sip::Time(now.0), &mut self.tx);
        let chance = self.dice.below(100);
        let call = self.calls.get_mut(&id).unwrap();
        match (call.stage, chance) {
            (Stage::Ringing, 0..25) => call.session.ring(time, tx),
            (Stage::Ringing, 25..35) => {
                let body = call.describe("sendrecv");
                call.session.progress(time, tx, body);
            }
            (Stage::Ringing, 35..70) => {
                let body = call.describe("sendrecv");
                call.stage = Stage::Talking;
                call.session.accept(time, tx, Some(body));
            }
            (Stage::Ringing, 70..80) => {
                let status = [486, 480, 404, 603, 302][usize::try_from(chance % 5).unwrap()];
                call.session.reject(time, tx, status, Vec::new());
            }
            (Stage::Calling, 0..20) => call.session.cancel(time, tx, Vec::new()),
            (Stage::Talking, 0..15) => call.session.bye(time, tx, Vec::new()),
            (Stage::Talking, 15..45) => call.session.renegotiate(time, tx),
            (Stage::Talking, 45..60) => call.session.info(
                time,
                tx,
                Body {
                    content_type: "application/dtmf".to_owned(),
                    bytes: b"1".to_vec(),
                },
            ),
            (Stage::Talking, 60..70) => {
                let to = [
                    "<sip:102@x>",
                    "<sip:x>",
                    "<sip:1?Replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2>",
                ];
                let to = to[usize::try_from(chance % 3).unwrap()];
                let headers = vec![sip::message::Header::new(Name::ReferTo, to)];
                call.session.send(time, tx, Method::Refer, headers, None);
            }
            (Stage::Ringing | Stage::Calling | Stage::Talking, _) => {}
        }
        self.settle(now, Some(id));
    }

    fn dial(&mut self, now: Time) {
        let to = EXTENSIONS[usize::try_from(self.dice.below(4)).unwrap()];
        self.last += 1;
        let (id, port) = (self.last, 4_000);
        let offer = self
            .dice
            .percent(85)
            .then(|| describe(self.flow.local, port, 1, "sendrecv"));
        let headers = vec![sip::message::Header::new(Name::Subject, "storm")];
        let invite = Invite {
            uri: format!("sip:{to}@192.0.2.1"),
            from: format!("<sip:{}@192.0.2.1>", self.extension),
            to: format!("<sip:{to}@192.0.2.1>"),
            routes: Vec::new(),
            headers,
            offer,
        };
        let (time, local) = (sip::Time(now.0), self.local());
        let session =
            Session::outgoing(time, &mut self.tx, Owner(id), self.flow, invite, local).unwrap();
        self.begin(id, session, Stage::Calling);
        self.settle(now, Some(id));
    }

    fn begin(&mut self, id: u64, session: Session, stage: Stage) {
        self.tags.insert(session.local_tag().to_owned(), id);
        let client = digest::Client::new(self.extension, PASSWORD);
        let call = Call {
            session,
            stage,
            client,
            version: 1,
            port: 4_000,
        };
        self.calls.insert(id, call);
    }

    /// Takes up what happened in a call, and what is to be sent.
    fn settle(&mut self, now: Time, id: Option<u64>) {
        let time = sip::Time(now.0);
        while let Some((id, call)) = id.and_then(|id| Some((id, self.calls.get_mut(&id)?))) {
            let Some(event) = call.session.poll() else {
                if call.session.is_over() {
                    self.calls.remove(&id);
                }
                break;
            };
            let tx = &mut self.tx;
            match event {
                Event::Challenged { request, response } => {
                    let fits = call.client.challenged(&response).is_ok();
                    let invite = fits.then(|| challenged_request(&response));
                    let header = invite.and_then(|invite| call.client.answer(&invite, "cnonce"));
                    let headers = header.map(|header| vec![header]);
                    call.session.authorize(time, tx, request, headers);
                }
                Event::Answered(_) => call.stage = Stage::Talking,
                Event::Offered(_) => {
                    if self.dice.percent(10) {
                        call.session.refuse(time, tx, 488, &[]);
                    } else {
                        let answer = call.describe("sendrecv");
                        call.session.answer(time, tx, answer);
                    }
                }
                Event::OfferWanted(wanted) => {
                    let way = match (wanted, self.dice.below(3)) {
                        (Wanted::Refresh, _) | (_, 0) => "sendrecv",
                        (_, 1) => "sendonly",
                        (_, _) => "inactive",
                    };
                    let offer = call.describe(way);
                    // When it is not possible the event comes again.
                    let _ = call.session.offer(time, tx, offer);
                }
                Event::Asked { server, request } => {
                    let ok = sip::message::Response::to(&request, 200).finish();
                    tx.respond(time, server, &ok);
                }
                Event::Ended(Ended::HungUp(hung_up)) => {
                    tx.respond(time, hung_up.server, &hung_up.answer);
                }
                _ => {}
            }
        }
        self.collect(now);
    }

    fn collect(&mut self, now: Time) {
        let time = sip::Time(now.0);
        while let Some(output) = self.tx.poll() {
            let owner = match output {
                Output::Send { flow, bytes } => {
                    self.outbox.push_back((flow, bytes));
                    continue;
                }
                Output::TimedOut(_, owner) | Output::Failed(_, owner) | Output::NoAck(_, owner) => {
                    owner
                }
            };
            if let Some(call) = self.calls.get_mut(&owner.0) {
                call.session.notice(time, &mut self.tx, &output);
                self.settle(now, Some(owner.0));
            }
        }
    }

    fn local(&self) -> Local {
        Local {
            sent_by: self.flow.local.to_string(),
            contact: format!("<sip:{}@{}>", self.extension, self.flow.local),
            product: "storm".to_owned(),
            allow: "INVITE, ACK, CANCEL, BYE, PRACK, UPDATE, INFO, OPTIONS",
        }
    }
}

impl Call {
    fn describe(&mut self, direction: &str) -> Body {
        self.version += 1;
        describe(
            self.session.flow().local,
            self.port,
            self.version,
            direction,
        )
    }
}

fn describe(address: SocketAddr, port: u16, version: u32, direction: &str) -> Body {
    let ip = address.ip();
    Body::sdp(format!(
        "v=0\r\no=- 1 {version} IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\n\
         m=audio {port} RTP/AVP 0 8\r\na={direction}\r\n"
    ))
}

/// What the credentials are made for: the method and the URI of the INVITE that was challenged.
fn challenged_request(response: &sip::message::Response) -> sip::message::Request {
    let to = response.to().unwrap();
    sip::message::Request::build(Method::Invite, to.uri_text()).finish()
}
