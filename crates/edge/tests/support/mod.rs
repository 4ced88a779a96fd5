//! An office in virtual time: an edge, a switch that the test plays, and phones that do as they are told.
//!
//! What phones and edge say to each other are real SIP messages, delivered at once and in order; a test
//! that wants a worse network takes it into its own hands. Nothing reads a clock: [`Office::after`] lets
//! time pass, from one deadline of the edge to the next.
#![allow(
    clippy::unwrap_used,
    clippy::unwrap_in_result,
    clippy::indexing_slicing,
    dead_code,
    unreachable_pub,
    missing_docs,
    reason = "what does not hold here fails the test, and not every test needs everything"
)]

pub mod line;

pub use line::Line;

use edge::{Binding, Edge, Found, MediaOrder, Nat, Output, Ports, Settings, Ticket};
use model::{
    AutoAnswer, Cause, CodecName, Directory, Dtmf, Effect, Extension, Incoming, Input, LegEvent,
    LegId, Now, Number, Party, Ring, Secret, Target, Time, Trunk, Wall,
};
use sip::digest;
use sip::message::{Message, Name, Request, Response};
use sip::{Flow, Transport};
use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// Where phones send.
pub const PBX: &str = "192.0.2.1:5060";

/// A description of a phone that can do G.711, at 198.51.100.n port 4000.
pub fn sdp(host: u8) -> String {
    sdp_with(
        host,
        "4000 RTP/AVP 0 8 101",
        "a=rtpmap:101 telephone-event/8000\r\n",
    )
}

/// A description with an audio line and attributes of one's own.
pub fn sdp_with(host: u8, line: &str, attributes: &str) -> String {
    format!(
        "v=0\r\no=- {host} 1 IN IP4 198.51.100.{host}\r\ns=-\r\nc=IN IP4 198.51.100.{host}\r\n\
         t=0 0\r\nm=audio {line}\r\n{attributes}"
    )
}

/// An edge with its phones, and the test as its switch, media and store.
pub struct Office {
    pub edge: Edge,
    pub now: Now,
    pub ports: Counter,
    phones: BTreeMap<&'static str, Phone>,
    told: VecDeque<Input>,
    media: Vec<MediaOrder>,
    barriers: VecDeque<Ticket>,
    /// Whether the disk is as fast as it should be.
    pub disk: Disk,
    directory: Directory,
    /// Messages sent to where no phone is.
    pub astray: u32,
    /// Where trunks are, for whoever asks.
    pub places: BTreeMap<String, Vec<Flow>>,
    /// How long that is said to hold.
    pub valid_for: Duration,
    next_leg: u64,
}

/// What becomes of [`Output::Barrier`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Disk {
    /// Everything is stored at once.
    Fast,
    /// Nothing ever is.
    Stuck,
}

/// A phone: what it was told and has not looked at.
pub struct Phone {
    pub extension: Number,
    pub flow: Flow,
    inbox: VecDeque<Message>,
    /// Whether it says that it is there, when it is asked.
    pub tells: Tells,
}

/// What becomes of OPTIONS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tells {
    /// 200.
    ThatItIsThere,
    /// It is a message like any other.
    Nothing,
}

/// RTP ports, counted.
pub struct Counter {
    pub opened: u16,
    pub most: u16,
}

impl Ports for Counter {
    fn open(&mut self, _leg: LegId) -> Option<SocketAddr> {
        if self.opened >= self.most {
            return None;
        }
        self.opened += 1;
        Some(SocketAddr::from((
            [0, 0, 0, 0],
            10_000 + 2 * (self.opened % 20_000),
        )))
    }
}

pub fn number(text: &str) -> Number {
    text.parse().unwrap()
}

impl Office {
    /// An office with these phones: `"100"` is the phone of extension 100, `"101b"` another one of 101.
    /// The nth has the address 198.51.100.n.
    pub fn with(phones: &[&'static str]) -> Self {
        Self::with_transport(Transport::Udp, phones)
    }

    /// Lets an extension's phones tell keys like this.
    pub fn set_dtmf(&mut self, number: &str, dtmf: Dtmf) {
        self.set(number, |extension| extension.dtmf = dtmf);
    }

    /// Lets these codecs be spoken with an extension's phones.
    pub fn set_codecs(&mut self, number: &str, codecs: &[CodecName]) {
        self.set(number, |extension| extension.codecs = codecs.to_vec());
    }

    /// Lets these codecs be spoken with all phones.
    pub fn set_all_codecs(&mut self, codecs: &[CodecName]) {
        let mut directory = directory(self.phones.values());
        directory.system.codecs = codecs.to_vec();
        self.tell(|edge, now, _| edge.directory(now, Arc::new(directory)));
    }

    fn set(&mut self, number: &str, what: impl FnOnce(&mut Extension)) {
        let mut directory = directory(self.phones.values());
        let number = Number::parse(number).unwrap();
        let known = directory.extensions.get_mut(&number).unwrap();
        what(Arc::make_mut(known));
        self.tell(|edge, now, _| edge.directory(now, Arc::new(directory)));
    }

    /// The same over another transport.
    pub fn with_transport(transport: Transport, phones: &[&'static str]) -> Self {
        let now = Now {
            mono: Time(1_000_000),
            wall: Wall(1_700_000_000_000),
        };
        let phones: BTreeMap<_, _> = phones
            .iter()
            .zip(1..)
            .map(|(&name, host)| (name, Phone::at(name, host, transport)))
            .collect();
        let bindings = phones.values().map(|phone| phone.binding(now)).collect();
        let directory = directory(phones.values());
        let edge = Edge::new(
            Settings::new([7; 32]),
            Arc::new(directory.clone()),
            bindings,
            1_u64,
            now,
        );
        let mut office = Self {
            edge,
            now,
            ports: Counter {
                opened: 0,
                most: 1_000,
            },
            phones,
            told: VecDeque::new(),
            media: Vec::new(),
            barriers: VecDeque::new(),
            disk: Disk::Fast,
            directory,
            astray: 0,
            places: BTreeMap::new(),
            valid_for: Duration::from_secs(3_600),
            next_leg: 0,
        };
        office.drain();
        office.told.clear();
        office
    }

    /// The administrator changes an extension.
    pub fn set_up(&mut self, extension: &str, change: impl FnOnce(&mut Extension)) {
        let extensions = &mut self.directory.extensions;
        change(Arc::make_mut(
            extensions.get_mut(&number(extension)).unwrap(),
        ));
        let directory = Arc::new(self.directory.clone());
        self.tell(|edge, now, _| edge.directory(now, directory));
    }

    /// The administrator deletes an extension.
    pub fn remove(&mut self, extension: &str) {
        self.directory.extensions.remove(&number(extension));
        let directory = Arc::new(self.directory.clone());
        self.tell(|edge, now, _| edge.directory(now, directory));
    }

    /// A trunk is set up, and each of its places stands by a name for a phone; the nth has the address
    /// 203.0.113.n.
    pub fn trunk(&mut self, trunk: Trunk, places: &[&'static str]) {
        let known = self.places.values().map(Vec::len).sum::<usize>();
        let flows = places.iter().zip(known + 1..).map(|(&name, host)| {
            let flow = place(u8::try_from(host).unwrap());
            let mut place = Phone::at("0", 0, Transport::Udp);
            place.flow = flow;
            self.phones.insert(name, place);
            flow
        });
        let flows = flows.collect();
        self.places.insert(trunk.name.clone(), flows);
        self.set_trunk(trunk);
    }

    /// A trunk is set up differently.
    pub fn set_trunk(&mut self, trunk: Trunk) {
        let trunks = &mut self.directory.trunks;
        trunks.insert(trunk.name.clone(), Arc::new(trunk));
        let directory = Arc::new(self.directory.clone());
        self.tell(|edge, now, _| edge.directory(now, directory));
    }

    /// The switch calls a number on a trunk, on a new leg.
    pub fn call_out(&mut self, trunk: &str, number: &str, caller: Party) -> LegId {
        self.next_leg += 1;
        let leg = LegId::outbound(self.next_leg);
        self.perform(Effect::Ring(Ring {
            leg,
            target: Target::Trunk {
                trunk: trunk.to_owned(),
                number: self::number(number),
            },
            caller,
            on_behalf: None,
            auto_answer: AutoAnswer::No,
            forwarded_by: Vec::new(),
        }));
        leg
    }

    /// Lets time pass.
    pub fn after(&mut self, time: Duration) {
        let end = self.now.mono + time;
        while let Some(at) = self.edge.next_deadline().filter(|at| *at <= end) {
            self.set_clock(at.max(self.now.mono));
            self.edge.timeout(self.now);
            self.drain();
        }
        self.set_clock(end);
    }

    /// Lets time pass until a phone gets something, for this long at most.
    pub fn after_until(&mut self, phone: &str, time: Duration) {
        let end = self.now.mono + time;
        while self.now.mono < end && self.phone(phone).inbox.is_empty() {
            self.after(Duration::from_millis(10));
        }
    }

    fn set_clock(&mut self, at: Time) {
        self.now.wall = self.now.wall + at.since(self.now.mono);
        self.now.mono = at;
    }

    /// The edge is told of something by the test.
    pub fn tell<R>(&mut self, what: impl FnOnce(&mut Edge, Now, &mut Counter) -> R) -> R {
        let result = what(&mut self.edge, self.now, &mut self.ports);
        self.drain();
        result
    }

    /// The switch wants something.
    pub fn perform(&mut self, effect: Effect) {
        self.tell(|edge, now, ports| edge.perform(now, &effect, ports));
    }

    /// The switch rings an extension on a new leg.
    pub fn ring(&mut self, extension: &str, on_behalf: Option<LegId>) -> LegId {
        let caller = Party {
            number: Some(number("100")),
            name: "张三".to_owned(),
        };
        self.ring_as(extension, on_behalf, caller, AutoAnswer::No)
    }

    /// The same for any caller.
    pub fn ring_as(
        &mut self,
        extension: &str,
        on_behalf: Option<LegId>,
        caller: Party,
        auto_answer: AutoAnswer,
    ) -> LegId {
        self.next_leg += 1;
        let leg = LegId::outbound(self.next_leg);
        self.perform(Effect::Ring(Ring {
            leg,
            target: Target::Extension(number(extension)),
            caller,
            on_behalf,
            auto_answer,
            forwarded_by: Vec::new(),
        }));
        leg
    }

    /// What the disk says when it works again.
    pub fn commit(&mut self) {
        while let Some(ticket) = self.barriers.pop_front() {
            self.edge.committed(self.now, ticket);
        }
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.edge.poll() {
            match output {
                Output::Send { flow, bytes } => self.deliver(flow, &bytes),
                Output::Switch(input) => self.told.push_back(input),
                Output::Media(order) => self.media.push(order),
                Output::Barrier(ticket) => match self.disk {
                    Disk::Fast => self.edge.committed(self.now, ticket),
                    Disk::Stuck => self.barriers.push_back(ticket),
                },
                Output::Resolve(lookup) => {
                    let places = self.places.get(&lookup.trunk);
                    let found = places.map(|flows| Found {
                        flows: flows.clone(),
                        valid_for: self.valid_for,
                    });
                    self.edge.resolved(self.now, &lookup.trunk, found);
                }
                Output::Close(_)
                | Output::Bind(_)
                | Output::Unbind { .. }
                | Output::Dialog { .. }
                | Output::AuthFailed { .. } => {}
            }
        }
    }

    /// A message reaches a phone. That it is there, it always says.
    fn deliver(&mut self, flow: Flow, bytes: &[u8]) {
        let message = Message::parse(bytes).expect("the edge sends what can be read");
        let to = |phone: &&mut Phone| phone.flow.remote == flow.remote;
        let Some(phone) = self.phones.values_mut().find(to) else {
            self.astray += 1;
            return;
        };
        if let Message::Request(request) = &message
            && request.method().as_str() == "OPTIONS"
            && phone.tells == Tells::ThatItIsThere
        {
            let answer = Response::to(request, 200).to_tag("here").finish();
            self.edge.receive(self.now, flow, answer.bytes());
            return;
        }
        phone.inbox.push_back(message);
    }
}

/// What the switch and media see.
impl Office {
    /// The next thing that the switch is told.
    pub fn told(&mut self) -> Option<Input> {
        self.told.pop_front()
    }

    /// A call came in, and nothing before it.
    pub fn incoming(&mut self) -> Incoming {
        match self.told() {
            Some(Input::Incoming(incoming)) => incoming,
            other => panic!("no call came in but {other:?}"),
        }
    }

    /// This happened on a leg, and nothing before it.
    pub fn expect(&mut self, leg: LegId, event: LegEvent) {
        assert_eq!(self.told(), Some(Input::Leg(leg, event)));
    }

    /// The switch is told nothing further.
    pub fn expect_nothing(&self) {
        assert_eq!(self.told, []);
    }

    /// What media was told since the last time.
    pub fn media(&mut self) -> Vec<MediaOrder> {
        std::mem::take(&mut self.media)
    }

    /// The one stream that media was told of since the last time.
    pub fn stream(&mut self, leg: LegId) -> rtp::Stream {
        match &self.media()[..] {
            [MediaOrder::Stream(of, stream)] if *of == leg => (**stream).clone(),
            other => panic!("no stream of {leg} but {other:?}"),
        }
    }

    /// Nothing is left of any call, and nothing will happen to any.
    pub fn expect_idle(&self) {
        assert_eq!(self.edge.legs().count(), 0, "{:?}", self.edge.legs().next());
        self.expect_nothing();
    }
}

/// What phones do.
impl Office {
    pub fn phone(&mut self, name: &str) -> &mut Phone {
        self.phones.get_mut(name).expect("there is such a phone")
    }

    /// A phone sends something.
    pub fn say(&mut self, phone: &str, text: &str) {
        let flow = self.phone(phone).flow;
        self.say_over(flow, text);
    }

    /// Something arrives from a place.
    pub fn say_over(&mut self, flow: Flow, text: &str) {
        self.edge.receive(self.now, flow, text.as_bytes());
        self.drain();
    }

    /// The next message that a phone got.
    pub fn hear(&mut self, phone: &str) -> Option<Message> {
        self.phone(phone).inbox.pop_front()
    }

    /// The next message is this request.
    pub fn hear_request(&mut self, phone: &str, method: &str) -> Request {
        match self.hear(phone) {
            Some(Message::Request(request)) if request.method().as_str() == method => request,
            other => panic!("{phone} got no {method} but {}", shown(other.as_ref())),
        }
    }

    /// The next message is a response with this status.
    pub fn hear_status(&mut self, phone: &str, status: u16) -> Response {
        match self.hear(phone) {
            Some(Message::Response(response)) if response.status() == status => response,
            other => panic!("{phone} got no {status} but {}", shown(other.as_ref())),
        }
    }

    /// A phone got nothing further.
    pub fn hear_nothing(&mut self, phone: &str) {
        let message = self.hear(phone);
        assert!(message.is_none(), "{phone} got {}", shown(message.as_ref()));
    }

    /// A phone forgets what it got.
    pub fn forget(&mut self, phone: &str) {
        self.phone(phone).inbox.clear();
    }

    /// A phone calls, and proves who it is.
    pub fn dial(&mut self, phone: &'static str, target: &str, body: &str) -> Line {
        self.dial_with(phone, target, "", body)
    }

    /// The same with headers of its own.
    pub fn dial_with(
        &mut self,
        phone: &'static str,
        target: &str,
        headers: &str,
        body: &str,
    ) -> Line {
        let extension = self.phone(phone).extension.to_string();
        let serial = self.serial();
        let mut line = Line::calling(phone, &extension, target, serial);
        let first = line.invite(headers, body);
        self.say(phone, &first);
        let challenge = self.hear_status(phone, 401);
        self.say(phone, &line.ack_refusal(&challenge));
        let mut client = digest::Client::new(&*extension, PASSWORD);
        client.challenged(&challenge).unwrap();
        let again = line.invite(headers, body);
        let credentials = client.answer(&request(&again), "cnonce").unwrap();
        let headers = format!("{headers}{}: {}\r\n", credentials.name, credentials.value);
        let text = line.repeat("INVITE", &headers, body);
        self.say(phone, &text);
        line
    }

    /// A phone begins something else than a call, and proves who it is.
    pub fn ask(&mut self, phone: &'static str, method: &str, target: &str, headers: &str) -> Line {
        let extension = self.phone(phone).extension.to_string();
        let serial = self.serial();
        let mut line = Line::calling(phone, &extension, target, serial);
        let first = line.request(method, headers, "");
        self.say(phone, &first);
        let challenge = self.hear_status(phone, 401);
        let mut client = digest::Client::new(&*extension, PASSWORD);
        client.challenged(&challenge).unwrap();
        let again = line.request(method, headers, "");
        let credentials = client.answer(&request(&again), "cnonce").unwrap();
        let headers = format!("{headers}{}: {}\r\n", credentials.name, credentials.value);
        let text = line.repeat(method, &headers, "");
        self.say(phone, &text);
        line
    }

    /// A phone subscribes, and takes the answer.
    pub fn subscribe(&mut self, phone: &'static str, target: &str, headers: &str) -> Line {
        let mut line = self.ask(phone, "SUBSCRIBE", target, headers);
        let answer = self.hear_status(phone, 200);
        line.learn(&answer);
        line
    }

    /// A phone is told of something, and says that it knows.
    pub fn told_of(&mut self, line: &Line) -> Request {
        let notify = self.hear_request(line.phone, "NOTIFY");
        let answer = line.reply(&notify, 200, "", "");
        self.say(line.phone, &answer);
        notify
    }

    /// A phone registers, with headers of its own.
    pub fn register(&mut self, phone: &'static str, headers: &str) {
        let extension = self.phone(phone).extension.to_string();
        let serial = self.serial();
        let mut line = Line::calling(phone, &extension, &extension, serial);
        line.target = "sip:192.0.2.1".to_owned();
        let first = line.request("REGISTER", headers, "");
        self.say(phone, &first);
        let challenge = self.hear_status(phone, 401);
        let mut client = digest::Client::new(&*extension, PASSWORD);
        client.challenged(&challenge).unwrap();
        let again = line.request("REGISTER", headers, "");
        let credentials = client.answer(&request(&again), "cnonce").unwrap();
        let authorized = format!(
            "Max-Forwards: 70\r\n{}: {}\r\n",
            credentials.name, credentials.value
        );
        self.say(
            phone,
            &again.replacen("Max-Forwards: 70\r\n", &authorized, 1),
        );
        self.hear_status(phone, 200);
    }

    /// A phone that is rung: the INVITE that it got, and the call from its side.
    pub fn rung(&mut self, phone: &'static str) -> (Request, Line) {
        let invite = self.hear_request(phone, "INVITE");
        let serial = self.serial();
        let line = Line::called(phone, &invite, serial);
        (invite, line)
    }

    /// A number that no other call has.
    fn serial(&mut self) -> u64 {
        self.next_leg += 1;
        self.next_leg
    }
}

/// Two phones talk.
pub struct Talk {
    /// The caller's leg, and the call from its side.
    pub caller: LegId,
    pub a: Line,
    /// The callee's.
    pub callee: LegId,
    pub b: Line,
}

impl Office {
    /// Phone 100 has called 101, which answered; everything of that is read.
    pub fn talk(&mut self) -> Talk {
        let mut a = self.dial("100", "101", &sdp(1));
        let caller = self.incoming().leg;
        let callee = self.ring("101", Some(caller));
        let (invite, b) = self.rung("101");
        let answer = b.reply(&invite, 200, "", &sdp(2));
        self.say("101", &answer);
        self.expect(callee, LegEvent::Answered);
        self.hear_request("101", "ACK");
        self.perform(Effect::Answer(caller));
        let answer = self.hear_status("100", 200);
        a.learn(&answer);
        let ack = a.ack("");
        self.say("100", &ack);
        self.media();
        self.hear_nothing("100");
        self.hear_nothing("101");
        self.expect_nothing();
        Talk {
            caller,
            a,
            callee,
            b,
        }
    }

    /// The switch hangs up on a leg.
    pub fn hang_up(&mut self, leg: LegId, cause: Cause) {
        self.perform(Effect::HangUp(leg, cause));
    }
}

impl Phone {
    fn at(name: &str, host: u8, transport: Transport) -> Self {
        let digits = name.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        Self {
            extension: number(digits),
            flow: Flow {
                transport,
                local: PBX.parse().unwrap(),
                remote: SocketAddr::from(([198, 51, 100, host], 5060)),
                connection: None,
            },
            inbox: VecDeque::new(),
            tells: Tells::ThatItIsThere,
        }
    }

    fn binding(&self, now: Now) -> Binding {
        Binding {
            extension: self.extension,
            contact: format!("sip:{}@{}", self.extension, self.flow.remote),
            flow: self.flow,
            path: Vec::new(),
            instance: None,
            reg_id: None,
            q: 1_000,
            nat: Nat::Direct,
            call_id: self.flow.remote.to_string(),
            cseq: 1,
            user_agent: "phone".to_owned(),
            expires: now.wall + Duration::from_secs(100_000),
        }
    }
}

fn directory<'p>(phones: impl Iterator<Item = &'p Phone>) -> Directory {
    let mut directory = Directory::default();
    for phone in phones {
        let number = phone.extension;
        let secret = digest::Secret::new(&number, "bellwire", PASSWORD);
        let secret = Secret {
            md5: secret.md5,
            sha256: secret.sha256,
        };
        let name = format!("Name of {number}");
        let extension = Extension::new(number, &name, secret);
        directory.extensions.insert(number, Arc::new(extension));
    }
    directory
}

fn shown(message: Option<&Message>) -> String {
    message.map_or_else(
        || "nothing".to_owned(),
        |message| String::from_utf8_lossy(message.bytes()).into_owned(),
    )
}

fn request(text: &str) -> Request {
    match Message::parse(text.as_bytes()) {
        Ok(Message::Request(request)) => request,
        other => panic!("no request but {other:?}"),
    }
}

/// The nth place of trunks.
pub fn place(n: u8) -> Flow {
    Flow {
        transport: Transport::Udp,
        local: PBX.parse().unwrap(),
        remote: SocketAddr::from(([203, 0, 113, n], 5060)),
        connection: None,
    }
}

/// A header of a message, which must be there.
pub fn header(message: &sip::message::Fields, name: Name) -> String {
    message
        .header(name.clone())
        .unwrap_or_else(|| panic!("there is no {name}"))
        .to_owned()
}

/// The body of a message as text.
pub fn body(message: &sip::message::Fields) -> String {
    String::from_utf8(message.body().to_vec()).unwrap()
}

const PASSWORD: &str = "secret";
