//! A telephone: real SIP and RTP in bytes, driven by whoever plays its user.

mod seen;

use crate::Datagram;
use crate::describe::{self, Codecs, Described, Encrypts, Own, Way};
use crate::ears::{Attention, Ears};
use crate::registration::Registration;
use crate::voice::{Heard, Says, Tone, Voice};
use model::{Duration, Time};
use sip::digest;
use sip::message::{Message, Method, Request, Response};
use sip::session::{Body, Ended, Event, Invite, Local, Session};
use sip::transaction::{Arrived, Limits, Output, Owner, Transactions};
use sip::{Flow, Ids, Transport};
use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::rc::Rc;

/// A telephone. Its user acts on the newest of its calls.
#[derive(Debug)]
pub struct Phone {
    pub(crate) now: Time,
    pub(crate) extension: String,
    pub(crate) flow: Flow,
    tone: Rc<Tone>,
    pub(crate) tx: Transactions,
    calls: BTreeMap<u64, Call>,
    /// Our tag of each call.
    tags: BTreeMap<String, u64>,
    pub(crate) registration: Registration,
    outbox: VecDeque<Datagram>,
    last_call: u64,
    power: Power,
    ears: Ears,
    /// What happened at it, and when.
    log: Vec<(Time, Happened)>,
    /// What it does when it is called.
    pub manner: Manner,
    /// What it speaks.
    pub codecs: Codecs,
    /// Whether it encrypts its sound.
    pub encrypts: Encrypts,
    /// The methods that it takes, for Allow.
    pub allow: &'static str,
    /// What it proves itself with.
    pub password: String,
}

/// What a phone does when it is called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Manner {
    /// It rings until its user does something.
    #[default]
    Rings,
    /// It rings and is answered after a while.
    AnswersAfter(Duration),
    /// It refuses with this status.
    Refuses(u16),
}

/// What happened at a phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happened {
    /// It is registered, anew or still.
    Registered,
    /// Its registration was refused; 408 when nobody answered.
    NotRegistered(u16),
    /// It is called, by whom its display shows.
    Rings(String),
    /// The phone at the other end rings (180).
    RingsBack,
    /// The other end makes progress otherwise (183).
    Progress,
    /// Its call was answered.
    Answered,
    /// Its call was refused.
    Refused(u16),
    /// It rings no longer; the value of Reason.
    Cancelled(Option<String>),
    /// The other end hung up.
    HungUp,
    /// It hung up, cancelled or refused, and the other end knows.
    Over,
    /// The other end is gone.
    Lost,
    /// The other end described its sound anew.
    Offered,
    /// What it offered was taken.
    OfferTaken,
    /// What it offered was refused.
    OfferRefused(u16),
    /// It heard a key (RFC 4733).
    Key(char),
}

/// How far the newest call of a phone is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It is called.
    Ringing,
    /// It calls.
    Calling,
    /// Both talk.
    Talking,
    /// It ended the call.
    Leaving,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Power {
    On,
    Off,
}

/// What a caller wants.
#[derive(Clone, Debug)]
enum Offered {
    /// He leaves the offer to the callee.
    Nothing,
    /// What the phone does not have.
    Unknown,
    This(Described),
}

#[derive(Debug)]
struct Call {
    session: Session,
    stage: Stage,
    uri: String,
    client: digest::Client,
    voice: Voice,
    version: u32,
    /// What was offered and is not answered.
    offered: Offered,
    answers_at: Option<Time>,
}

/// What its user does.
impl Phone {
    /// Registers, or says that it is still there.
    pub fn register(&mut self) {
        let (now, flow) = (self.now, self.flow);
        self.registration.begin(now, &mut self.tx, flow);
        self.collect();
    }

    /// Takes its registration back.
    pub fn unregister(&mut self) {
        let (now, flow) = (self.now, self.flow);
        self.registration.end(now, &mut self.tx, flow);
        self.collect();
    }

    /// Dials.
    pub fn dial(&mut self, number: &str) {
        let (id, voice) = self.next_call();
        let offer = describe::offer(&self.own(&voice, 1));
        self.invite(id, voice, number, Some(offer));
    }

    /// Dials without saying what sound it wants: it answers the offer that comes back.
    pub fn dial_without_offer(&mut self, number: &str) {
        let (id, voice) = self.next_call();
        self.invite(id, voice, number, None);
    }

    /// Answers.
    pub fn answer(&mut self) {
        if let Some(id) = self.newest(Stage::Ringing) {
            self.accept(id);
        }
    }

    /// Lets the caller hear something before it answers.
    pub fn play_early(&mut self) {
        let Some(id) = self.newest(Stage::Ringing) else {
            return;
        };
        let body = self.describe(id);
        let (now, tx) = (time(self.now), &mut self.tx);
        if let (Some(call), Some(body)) = (self.calls.get_mut(&id), body) {
            call.session.progress(now, tx, body);
            if let Offered::This(offer) = call.offered.clone() {
                call.voice.learn(self.now, offer);
            }
        }
        self.settle(id);
    }

    /// Refuses the call that comes in.
    pub fn refuse(&mut self, status: u16) {
        let (now, id) = (time(self.now), self.newest(Stage::Ringing));
        self.on(id, |call, tx| {
            call.stage = Stage::Leaving;
            call.session.reject(now, tx, status, Vec::new());
        });
    }

    /// Gives up a call that is not answered yet.
    pub fn cancel(&mut self) {
        let (now, id) = (time(self.now), self.newest(Stage::Calling));
        self.on(id, |call, tx| {
            call.stage = Stage::Leaving;
            call.session.cancel(now, tx, Vec::new());
        });
    }

    /// Hangs up, however far the call is.
    pub fn hang_up(&mut self) {
        let now = time(self.now);
        let id = self
            .calls
            .iter()
            .rev()
            .find(|(_, call)| call.stage != Stage::Leaving)
            .map(|(id, _)| *id);
        self.on(id, |call, tx| {
            call.stage = Stage::Leaving;
            call.voice.peer = None;
            call.session.bye(now, tx, Vec::new());
        });
    }

    /// Hangs up all its calls.
    pub fn hang_up_all(&mut self) {
        while self.calls.values().any(|call| call.stage != Stage::Leaving) {
            self.hang_up();
        }
    }

    /// Wants sound to go another way: hold, or talk again.
    pub fn turn(&mut self, way: Way) {
        let (now, id) = (time(self.now), self.newest(Stage::Talking));
        self.on(id, |call, tx| {
            call.voice.way = way;
            call.session.renegotiate(now, tx);
        });
    }

    /// From here on the user says this in the newest call.
    pub fn say(&mut self, says: Says) {
        if let Some(call) = self.calls.values_mut().next_back() {
            call.voice.says = says;
        }
    }

    /// Presses a key for 100 ms (RFC 4733).
    pub fn press(&mut self, key: char) {
        self.press_for(key, Duration::from_millis(100));
    }

    /// Presses a key for a while (RFC 4733).
    pub fn press_for(&mut self, key: char, length: Duration) {
        if let Some(call) = self.calls.values_mut().next_back() {
            call.voice.press(key, length);
        }
    }

    /// Presses a key, and says so by SIP INFO.
    pub fn press_by_info(&mut self, key: char) {
        let (now, id) = (time(self.now), self.newest(Stage::Talking));
        self.on(id, |call, tx| {
            let body = Body {
                content_type: "application/dtmf-relay".to_owned(),
                bytes: format!("Signal={key}\r\nDuration=100\r\n").into_bytes(),
            };
            call.session.info(now, tx, body);
        });
    }

    /// From here on nothing is heard of it, and it hears nothing.
    pub const fn vanish(&mut self) {
        self.power = Power::Off;
    }

    /// It is switched on again and remembers no call.
    pub fn restart(&mut self) {
        self.power = Power::On;
        self.calls.clear();
        self.tags.clear();
        let seed = self.now.0 ^ u64::from(self.flow.local.port());
        self.tx = Transactions::new(Ids::new(seed), Limits::default());
        self.register();
    }

    /// Whether what it hears is kept.
    pub const fn listen(&mut self, attention: Attention) {
        self.ears.attention = attention;
    }
}

/// What the network and the clock do to it.
impl Phone {
    pub(crate) fn new(extension: &str, local: SocketAddr, server: SocketAddr, hz: u32) -> Self {
        let seed = u64::from(hz) << 32 ^ u64::from(u16::from(local.is_ipv4()));
        let seed = seed ^ hash(local);
        let flow = Flow {
            transport: Transport::Udp,
            local,
            remote: server,
            connection: None,
        };
        let mut tx = Transactions::new(Ids::new(seed), Limits::default());
        let registration = Registration::new(extension, &mut tx);
        Self {
            now: Time(0),
            extension: extension.to_owned(),
            flow,
            tone: Tone::new(hz),
            tx,
            calls: BTreeMap::new(),
            tags: BTreeMap::new(),
            registration,
            outbox: VecDeque::new(),
            last_call: 0,
            power: Power::On,
            ears: Ears::default(),
            log: Vec::new(),
            manner: Manner::default(),
            codecs: Codecs::default(),
            encrypts: Encrypts::default(),
            allow: "INVITE, ACK, CANCEL, BYE, PRACK, UPDATE, INFO, OPTIONS",
            password: password(extension),
        }
    }

    pub(crate) fn next_deadline(&self) -> Option<Time> {
        if self.power == Power::Off {
            return None;
        }
        let calls = self.calls.values().flat_map(|call| {
            let session = call.session.next_deadline().map(|at| Time(at.0));
            [session, call.voice.next_deadline(), call.answers_at]
        });
        let tx = self.tx.next_deadline().map(|at| Time(at.0));
        calls
            .chain([tx, self.registration.next_deadline()])
            .flatten()
            .min()
    }

    pub(crate) fn poll(&mut self) -> Option<Datagram> {
        self.outbox.pop_front()
    }

    pub(crate) fn receive(&mut self, datagram: &Datagram) {
        if self.power == Power::Off {
            return;
        }
        if datagram.to.port() == self.flow.local.port() {
            self.signal(&datagram.bytes);
        } else {
            self.sound(datagram);
        }
    }

    pub(crate) fn timeout(&mut self) {
        if self.power == Power::Off {
            return;
        }
        let now = self.now;
        for call in self.calls.values_mut() {
            if let Some((to, bytes)) = call.voice.packet(now) {
                let from = call.voice.local;
                self.outbox.push_back(Datagram { from, to, bytes });
            }
        }
        if self.tx.next_deadline().is_some_and(|at| at <= time(now)) {
            self.tx.timeout(time(now));
            self.collect();
        }
        if self
            .registration
            .next_deadline()
            .is_some_and(|at| at <= now)
        {
            self.register();
        }
        let is_due = |call: &Call| {
            call.session
                .next_deadline()
                .is_some_and(|at| at <= time(now))
                || call.answers_at.is_some_and(|at| at <= now)
        };
        let due: Vec<u64> = self
            .calls
            .iter()
            .filter(|(_, call)| is_due(call))
            .map(|(id, _)| *id)
            .collect();
        for id in due {
            let mut answers = false;
            self.on(Some(id), |call, tx| {
                call.session.timeout(time(now), tx);
                if call.answers_at.is_some_and(|at| at <= now) {
                    call.answers_at = None;
                    answers = call.stage == Stage::Ringing;
                }
            });
            if answers {
                self.accept(id);
            }
        }
    }
}

impl Phone {
    fn sound(&mut self, datagram: &Datagram) {
        let to = datagram.to.port();
        let call = self
            .calls
            .values_mut()
            .find(|call| call.voice.local.port() == to);
        let Some(call) = call else { return };
        match call
            .voice
            .receive(self.now, &datagram.bytes, &mut self.ears)
        {
            Heard::Key(key) => self.log.push((self.now, Happened::Key(key))),
            Heard::Sound | Heard::Nothing => {}
        }
    }

    fn signal(&mut self, bytes: &[u8]) {
        let Ok(message) = Message::parse(bytes) else {
            return;
        };
        let arrived = self.tx.receive(time(self.now), self.flow, message);
        let Some(arrived) = arrived else {
            return self.collect();
        };
        let id = match &arrived {
            Arrived::Request(request) | Arrived::Ack(request) => {
                let tag = request.to().ok().and_then(|to| to.tag());
                match tag {
                    Some(tag) => self.tags.get(tag).copied(),
                    None => return self.asked(arrived),
                }
            }
            Arrived::Response {
                owner, response, ..
            } if *owner == Registration::OWNER => return self.registered(&response.clone()),
            Arrived::Cancel { owner, .. } | Arrived::Response { owner, .. } => Some(owner.0),
            Arrived::StrayResponse(response) => {
                let tag = response.from().ok().and_then(|from| from.tag());
                tag.and_then(|tag| self.tags.get(tag)).copied()
            }
        };
        let (now, flow) = (time(self.now), self.flow);
        match id.and_then(|id| Some((id, self.calls.get_mut(&id)?))) {
            Some((id, call)) => {
                call.session.receive(now, &mut self.tx, flow, arrived);
                self.settle(id);
            }
            None => {
                if let Arrived::Request(request) = &arrived {
                    let gone = Response::to(request, 481).finish();
                    self.tx.reply(flow, request, &gone);
                }
                self.collect();
            }
        }
    }

    /// Somebody wants something that is part of no call.
    fn asked(&mut self, arrived: Arrived) {
        let Arrived::Request(request) = arrived else {
            return self.collect();
        };
        match request.method() {
            Method::Invite => self.called(request),
            _ => {
                let ok = Response::to(&request, 200).to_tag("phone").finish();
                self.tx.reply(self.flow, &request, &ok);
                self.collect();
            }
        }
    }

    fn called(&mut self, request: Request) {
        let now = time(self.now);
        let (id, voice) = self.next_call();
        let caller = request.from().ok().map(|from| from.uri_text().to_owned());
        let (owner, flow) = (Owner(id), self.flow);
        let Ok(server) = self.tx.accept(now, flow, &request, owner) else {
            return;
        };
        let local = self.local();
        let incoming = Session::incoming(now, &mut self.tx, server, owner, flow, request, local);
        let Ok((session, offer)) = incoming else {
            return self.collect();
        };
        self.begin(id, session, Stage::Ringing, voice, String::new());
        let call = self.calls.get(&id);
        let own = call.map(|call| self.own(&call.voice, call.version));
        if let (Some(call), Some(own)) = (self.calls.get_mut(&id), own) {
            call.offered = offer.map_or(Offered::Nothing, |offer| {
                own.taken(&offer).map_or(Offered::Unknown, Offered::This)
            });
        }
        let caller = caller.unwrap_or_default();
        self.log.push((self.now, Happened::Rings(caller)));
        let manner = self.manner;
        let at = self.now;
        self.on(Some(id), |call, tx| match manner {
            Manner::Rings => call.session.ring(now, tx),
            Manner::AnswersAfter(patience) => {
                call.session.ring(now, tx);
                call.answers_at = Some(at + patience);
            }
            Manner::Refuses(status) => {
                call.stage = Stage::Leaving;
                call.session.reject(now, tx, status, Vec::new());
            }
        });
    }

    fn accept(&mut self, id: u64) {
        let body = self.describe(id);
        let now = self.now;
        self.on(Some(id), |call, tx| match body {
            Some(body) => {
                call.stage = Stage::Talking;
                call.session.accept(time(now), tx, Some(body));
                if let Offered::This(offer) = call.offered.clone() {
                    call.voice.learn(now, offer);
                }
            }
            None => call.session.reject(time(now), tx, 488, Vec::new()),
        });
    }

    fn invite(&mut self, id: u64, voice: Voice, number: &str, offer: Option<Body>) {
        let server = self.flow.remote.ip();
        let uri = format!("sip:{}@{server}", number.replace('#', "%23"));
        let invite = Invite {
            uri: uri.clone(),
            from: format!("<sip:{}@{server}>", self.extension),
            to: format!("<{uri}>"),
            routes: Vec::new(),
            headers: Vec::new(),
            offer,
        };
        let (now, flow, local) = (time(self.now), self.flow, self.local());
        let outgoing = Session::outgoing(now, &mut self.tx, Owner(id), flow, invite, local);
        if let Ok(session) = outgoing {
            self.begin(id, session, Stage::Calling, voice, uri);
        }
        self.collect();
    }

    fn begin(&mut self, id: u64, session: Session, stage: Stage, voice: Voice, uri: String) {
        self.tags.insert(session.local_tag().to_owned(), id);
        let client = digest::Client::new(&*self.extension, &*self.password);
        let call = Call {
            session,
            stage,
            uri,
            client,
            voice,
            version: 1,
            offered: Offered::Nothing,
            answers_at: None,
        };
        self.calls.insert(id, call);
    }

    fn next_call(&mut self) -> (u64, Voice) {
        self.last_call += 1;
        let id = self.last_call;
        let port = RTP_PORT + u16::try_from(id % 500).unwrap_or(0) * 2;
        let local = SocketAddr::new(self.flow.local.ip(), port);
        let random = u64::from(self.tx.ids().below(u32::MAX)) << 20 ^ id;
        (id, Voice::new(local, Rc::clone(&self.tone), random))
    }

    fn newest(&self, stage: Stage) -> Option<u64> {
        let mut calls = self.calls.iter().rev();
        calls
            .find(|(_, call)| call.stage == stage)
            .map(|(id, _)| *id)
    }

    fn on(&mut self, id: Option<u64>, act: impl FnOnce(&mut Call, &mut Transactions)) {
        let Some(id) = id else { return };
        if let Some(call) = self.calls.get_mut(&id) {
            act(call, &mut self.tx);
        }
        self.settle(id);
    }

    fn registered(&mut self, response: &Response) {
        let (now, flow) = (self.now, self.flow);
        let what = self
            .registration
            .answered(now, &mut self.tx, flow, response, &self.password);
        if let Some(what) = what {
            self.log.push((now, what));
        }
        self.collect();
    }

    /// Takes up what happened in a call.
    fn settle(&mut self, id: u64) {
        while let Some(event) = self.calls.get_mut(&id).and_then(|call| call.session.poll()) {
            if let Some(what) = self.happened(id, event) {
                self.log.push((self.now, what));
            }
        }
        if let Some(call) = self.calls.get(&id)
            && call.session.is_over()
        {
            self.tags.remove(call.session.local_tag());
            self.calls.remove(&id);
        }
        self.collect();
    }

    fn happened(&mut self, id: u64, event: Event) -> Option<Happened> {
        let own = self
            .calls
            .get(&id)
            .map(|call| self.own(&call.voice, call.version + 1))?;
        let now = time(self.now);
        let (call, tx) = (self.calls.get_mut(&id)?, &mut self.tx);
        match event {
            Event::Ringing => Some(Happened::RingsBack),
            Event::Progress(_) => Some(Happened::Progress),
            Event::EarlyAnswer(body) => {
                call.learn(self.now, &body, &own);
                None
            }
            Event::Answer(body) => {
                call.learn(self.now, &body, &own);
                (call.stage == Stage::Talking).then_some(Happened::OfferTaken)
            }
            Event::Answered(_) => {
                call.stage = match call.stage {
                    Stage::Leaving => Stage::Leaving,
                    Stage::Ringing | Stage::Calling | Stage::Talking => Stage::Talking,
                };
                Some(Happened::Answered)
            }
            Event::Offered(body) => {
                match own.taken(&body) {
                    Some(offer) => {
                        call.version += 1;
                        call.session.answer(now, tx, describe::answer(&own, &offer));
                        call.voice.learn(self.now, offer);
                    }
                    None => call.session.refuse(now, tx, 488, &[]),
                }
                Some(Happened::Offered)
            }
            Event::OfferWanted(_) => {
                call.version += 1;
                // When it is not possible the event comes again.
                let _ = call.session.offer(now, tx, describe::offer(&own));
                call.voice.start_or_stop(self.now);
                None
            }
            Event::OfferFailed(status) => Some(Happened::OfferRefused(status)),
            Event::Challenged { request, response } => {
                let fits = call.client.challenged(&response).is_ok();
                let invite = Request::build(Method::Invite, &call.uri).finish();
                let cnonce = tx.ids().tag();
                let header = fits.then(|| call.client.answer(&invite, &cnonce)).flatten();
                let headers = header.map(|header| vec![header]);
                call.session.authorize(now, tx, request, headers);
                None
            }
            Event::Asked { server, request } => {
                let ok = Response::to(&request, 200).finish();
                tx.respond(now, server, &ok);
                None
            }
            Event::Failed(failure) => Some(Happened::Refused(failure.status)),
            Event::Ended(ended) => Some(match ended {
                Ended::HungUp(hung_up) => {
                    tx.respond(now, hung_up.server, &hung_up.answer);
                    Happened::HungUp
                }
                Ended::Cancelled(reason) => Happened::Cancelled(reason),
                Ended::Finished => Happened::Over,
                Ended::Vanished => Happened::Lost,
            }),
            Event::OfferWithdrawn
            | Event::Confirmed
            | Event::Identified(_)
            | Event::Replied { .. } => None,
        }
    }

    /// The answer to what was offered, or an offer when nothing was; `None` when it has none of the codecs.
    fn describe(&self, id: u64) -> Option<Body> {
        let call = self.calls.get(&id)?;
        let own = self.own(&call.voice, call.version);
        match &call.offered {
            Offered::Nothing => Some(describe::offer(&own)),
            Offered::Unknown => None,
            Offered::This(offer) => Some(describe::answer(&own, offer)),
        }
    }

    fn own(&self, voice: &Voice, version: u32) -> Own {
        Own {
            at: voice.local,
            way: voice.way,
            codecs: self.codecs,
            version,
            encrypts: self.encrypts,
            key: voice.key.clone(),
        }
    }

    fn collect(&mut self) {
        while let Some(output) = self.tx.poll() {
            let owner = match output {
                Output::Send { flow, bytes } => {
                    let (from, to) = (flow.local, flow.remote);
                    self.outbox.push_back(Datagram { from, to, bytes });
                    continue;
                }
                Output::TimedOut(_, owner) | Output::Failed(_, owner) | Output::NoAck(_, owner) => {
                    owner
                }
            };
            if owner == Registration::OWNER {
                self.registration.unanswered(self.now);
                self.log.push((self.now, Happened::NotRegistered(408)));
            } else if let Some(call) = self.calls.get_mut(&owner.0) {
                call.session.notice(time(self.now), &mut self.tx, &output);
                self.settle(owner.0);
            }
        }
    }

    fn local(&self) -> Local {
        Local {
            sent_by: self.flow.local.to_string(),
            contact: format!("<sip:{}@{}>", self.extension, self.flow.local),
            product: "Simulated phone".to_owned(),
            allow: self.allow,
        }
    }
}

impl Call {
    fn learn(&mut self, now: Time, body: &Body, own: &Own) {
        if let Some(described) = own.taken(body) {
            self.voice.learn(now, described);
        }
    }
}

/// The password of an extension's phones.
pub(crate) fn password(extension: &str) -> String {
    format!("secret-{extension}")
}

pub(crate) const fn time(at: Time) -> sip::Time {
    sip::Time(at.0)
}

/// Tells the seeds of phones apart.
fn hash(address: SocketAddr) -> u64 {
    let text = address.to_string();
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    })
}

/// Clear of progress tones, of keys and of fax (CHECKLIST 2.26).
pub(crate) const TONES_HZ: [u32; 8] = [1_790, 2_330, 2_780, 1_150, 2_010, 2_960, 520, 640];
/// The first RTP port of a phone.
const RTP_PORT: u16 = 4_000;
