//! An edge in a world of bytes and virtual time, and phones that speak to it.
#![allow(dead_code, reason = "each story uses some of it")]

use edge::{Binding, Edge, Output, Settings, Ticket};
use md5::Md5;
use model::{Directory, Duration, Extension, Input, Now, Number, Secret, Time, Wall};
use sha2::{Digest, Sha256};
use sip::{ConnectionId, Flow, Transport};
use std::collections::VecDeque;
use std::sync::Arc;

/// The address of the server.
pub(crate) const SERVER: &str = "192.0.2.1:5060";

/// A server: its edge, and what it did.
pub(crate) struct World {
    pub(crate) edge: Edge,
    pub(crate) now: Now,
    /// What was sent and not yet looked at.
    pub(crate) sent: VecDeque<Sent>,
    /// What the switch was told.
    pub(crate) inputs: Vec<Input>,
    /// Registrations as they are on disk.
    pub(crate) stored: Vec<Binding>,
    /// Whether the disk is fast, or never done.
    pub(crate) disk: Disk,
    /// Barriers that a slow disk has not passed.
    pub(crate) waiting: Vec<Ticket>,
    /// Everything else that came out.
    pub(crate) others: Vec<Output>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Disk {
    Fast,
    Stuck,
}

/// A message that the edge sent.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) flow: Flow,
    pub(crate) text: String,
}

impl Sent {
    /// Of a response.
    pub(crate) fn status(&self) -> u16 {
        self.text
            .strip_prefix("SIP/2.0 ")
            .and_then(|rest| rest.get(..3))
            .and_then(|status| status.parse().ok())
            .unwrap_or_else(|| panic!("no response: {}", self.text))
    }

    /// The value of the first header of that name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers(name).next()
    }

    /// The values of all headers of that name.
    pub(crate) fn headers(&self, name: &str) -> impl Iterator<Item = &str> + use<'_> {
        let name = name.to_owned();
        self.text.lines().filter_map(move |line| {
            let (found, value) = line.split_once(':')?;
            let is_it = found.trim().eq_ignore_ascii_case(&name);
            is_it.then_some(value.trim())
        })
    }
}

/// An hour after the epoch, so that nothing is zero by chance.
pub(crate) const START: Now = Now {
    mono: Time(3_600_000_000),
    wall: Wall(3_600_000),
};

impl World {
    /// A site with extensions 100, 101 and 102, whose password is `secret-` and the number.
    pub(crate) fn new() -> Self {
        Self::with(directory(), Vec::new())
    }

    pub(crate) fn with(directory: Directory, bindings: Vec<Binding>) -> Self {
        let settings = Settings::new([7; 32]);
        let edge = Edge::new(
            settings,
            Arc::new(directory),
            bindings.clone(),
            1_u64,
            START,
        );
        let mut world = Self {
            edge,
            now: START,
            sent: VecDeque::new(),
            inputs: Vec::new(),
            stored: bindings,
            disk: Disk::Fast,
            waiting: Vec::new(),
            others: Vec::new(),
        };
        world.drain();
        world
    }

    /// The same server after a restart `later`.
    pub(crate) fn restarted(self, later: Duration) -> Self {
        // What is stored goes through its stored form.
        let stored = self
            .stored
            .iter()
            .map(|binding| {
                Binding::read(binding.extension, binding.expires, &binding.body())
                    .expect("what was written can be read")
            })
            .collect::<Vec<_>>();
        let now = Now {
            mono: Time(1),
            wall: self.now.wall + later,
        };
        let settings = Settings::new([7; 32]);
        let edge = Edge::new(settings, Arc::new(directory()), stored.clone(), 2_u64, now);
        let mut world = Self {
            edge,
            now,
            stored,
            sent: VecDeque::new(),
            inputs: Vec::new(),
            disk: Disk::Fast,
            waiting: Vec::new(),
            others: Vec::new(),
        };
        world.drain();
        world
    }

    /// A message arrives.
    pub(crate) fn receive(&mut self, flow: Flow, message: &str) {
        self.receive_bytes(flow, message.as_bytes());
    }

    pub(crate) fn receive_bytes(&mut self, flow: Flow, message: &[u8]) {
        self.edge.receive(self.now, flow, message);
        self.drain();
    }

    /// Time passes.
    pub(crate) fn pass(&mut self, time: Duration) {
        let end = Now {
            mono: self.now.mono + time,
            wall: self.now.wall + time,
        };
        while let Some(next) = self.edge.next_deadline()
            && next <= end.mono
        {
            let step = next.since(self.now.mono);
            self.now.mono = self.now.mono.max(next);
            self.now.wall = self.now.wall + step;
            self.edge.timeout(self.now);
            assert!(
                self.edge.next_deadline().is_none_or(|after| after > next),
                "the edge does not do what is due"
            );
            self.drain();
        }
        self.now = end;
    }

    /// The disk has caught up.
    pub(crate) fn commit(&mut self) {
        for ticket in std::mem::take(&mut self.waiting) {
            self.edge.committed(self.now, ticket);
        }
        self.drain();
    }

    pub(crate) fn disconnect(&mut self, flow: Flow) {
        self.edge.disconnected(self.now, flow);
        self.drain();
    }

    pub(crate) fn configure(&mut self, directory: Directory) {
        self.edge.directory(self.now, Arc::new(directory));
        self.drain();
    }

    /// What is sent next; there must be something.
    pub(crate) fn next(&mut self) -> Sent {
        self.sent.pop_front().expect("something is sent")
    }

    /// The one answer to what was just received.
    pub(crate) fn answer(&mut self) -> Sent {
        let answer = self.next();
        assert!(self.sent.is_empty(), "more is sent: {:?}", self.sent);
        answer
    }

    /// What the switch was told since the last call.
    pub(crate) fn told(&mut self) -> Vec<Input> {
        std::mem::take(&mut self.inputs)
    }

    pub(crate) fn drain(&mut self) {
        while let Some(output) = self.edge.poll() {
            match output {
                Output::Send { flow, bytes } => self.sent.push_back(Sent {
                    flow,
                    text: String::from_utf8_lossy(&bytes).into_owned(),
                }),
                Output::Switch(input) => self.inputs.push(input),
                Output::Bind(binding) => {
                    self.forget(binding.extension, &binding.key());
                    self.stored.push(binding);
                }
                Output::Unbind { extension, contact } => self.forget(extension, &contact),
                Output::Barrier(ticket) if self.disk == Disk::Fast => {
                    self.edge.committed(self.now, ticket);
                }
                Output::Barrier(ticket) => self.waiting.push(ticket),
                other @ (Output::Close(_)
                | Output::Media(_)
                | Output::Resolve(_)
                | Output::Dialog { .. }
                | Output::AuthFailed { .. }) => self.others.push(other),
            }
        }
    }

    fn forget(&mut self, extension: Number, key: &str) {
        self.stored
            .retain(|old| old.extension != extension || old.key() != key);
    }
}

/// Extensions 100, 101 and 102.
pub(crate) fn directory() -> Directory {
    let mut directory = Directory::default();
    for text in ["100", "101", "102"] {
        let secret = secret(text, &format!("secret-{text}"));
        let extension = Extension::new(number(text), "", secret);
        directory
            .extensions
            .insert(number(text), Arc::new(extension));
    }
    directory
}

pub(crate) fn secret(user: &str, password: &str) -> Secret {
    let text = format!("{user}:bellwire:{password}");
    Secret {
        md5: Md5::digest(&text).into(),
        sha256: Sha256::digest(&text).into(),
    }
}

pub(crate) fn number(text: &str) -> Number {
    Number::parse(text).expect("a number")
}

pub(crate) fn udp(remote: &str) -> Flow {
    Flow {
        transport: Transport::Udp,
        local: SERVER.parse().expect("an address"),
        remote: remote.parse().expect("an address"),
        connection: None,
    }
}

pub(crate) fn tcp(remote: &str, connection: u64) -> Flow {
    Flow {
        transport: Transport::Tcp,
        connection: Some(ConnectionId(connection)),
        ..udp(remote)
    }
}

/// Which digest a phone computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Md5,
    Sha256,
}

impl Algorithm {
    fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
        }
    }

    fn hex(self, text: &str) -> String {
        let bytes: Vec<u8> = match self {
            Self::Md5 => Md5::digest(text).to_vec(),
            Self::Sha256 => Sha256::digest(text).to_vec(),
        };
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// A phone: enough of one to register and to ask.
#[derive(Clone, Debug)]
pub(crate) struct Phone {
    pub(crate) user: String,
    /// With what it proves itself.
    pub(crate) login: String,
    pub(crate) password: String,
    pub(crate) flow: Flow,
    pub(crate) contact: String,
    pub(crate) call_id: String,
    pub(crate) cseq: u32,
    pub(crate) algorithm: Algorithm,
    /// In place of the one that the password makes.
    pub(crate) ha1: Option<String>,
    /// Of the challenge in use.
    pub(crate) nonce: Option<String>,
    pub(crate) nonce_count: u32,
    branch: u32,
}

impl Phone {
    /// The phone of an extension at an address, with its right password.
    pub(crate) fn new(user: &str, flow: Flow) -> Self {
        Self {
            user: user.to_owned(),
            login: user.to_owned(),
            password: format!("secret-{user}"),
            flow,
            contact: format!("<sip:{user}@{}>", flow.remote),
            call_id: format!("{user}-{}", flow.remote),
            cseq: 0,
            algorithm: Algorithm::Sha256,
            ha1: None,
            nonce: None,
            nonce_count: 0,
            branch: 0,
        }
    }

    /// A request without credentials. `headers` end with CRLF each.
    pub(crate) fn request(&mut self, method: &str, uri: &str, to: &str, headers: &str) -> String {
        self.cseq += 1;
        self.branch += 1;
        let Self {
            user,
            flow,
            call_id,
            cseq,
            branch,
            ..
        } = self;
        let (via, remote) = (flow.transport.name(), flow.remote);
        format!(
            "{method} {uri} SIP/2.0\r\n\
             Via: SIP/2.0/{via} {remote};branch=z9hG4bK{user}{branch}{call_id};rport\r\n\
             Max-Forwards: 70\r\n\
             From: <sip:{user}@pbx>;tag=f{user}\r\n\
             To: {to}\r\n\
             Call-ID: {call_id}\r\n\
             CSeq: {cseq} {method}\r\n\
             {headers}Content-Length: 0\r\n\r\n"
        )
    }

    /// The Authorization header for a request, with the nonce in use.
    pub(crate) fn authorization(&mut self, method: &str, uri: &str) -> String {
        let Some(nonce) = self.nonce.clone() else {
            return String::new();
        };
        self.nonce_count += 1;
        let Self {
            login: user,
            password,
            algorithm,
            nonce_count,
            ha1,
            ..
        } = self;
        let ha1 = ha1
            .clone()
            .unwrap_or_else(|| algorithm.hex(&format!("{user}:bellwire:{password}")));
        let ha2 = algorithm.hex(&format!("{method}:{uri}"));
        let response = algorithm.hex(&format!(
            "{ha1}:{nonce}:{nonce_count:08x}:0a4f113b:auth:{ha2}"
        ));
        format!(
            "Authorization: Digest username=\"{user}\", realm=\"bellwire\", nonce=\"{nonce}\", \
             uri=\"{uri}\", response=\"{response}\", algorithm={}, cnonce=\"0a4f113b\", qop=auth, \
             nc={nonce_count:08x}\r\n",
            algorithm.name()
        )
    }

    /// Sends a request, with credentials once it has been asked for them, and returns the final answer.
    pub(crate) fn ask(
        &mut self,
        world: &mut World,
        method: &str,
        uri: &str,
        to: &str,
        headers: &str,
    ) -> Sent {
        for _ in 0..2 {
            let credentials = self.authorization(method, uri);
            let request = self.request(method, uri, to, &format!("{credentials}{headers}"));
            world.sent.clear();
            world.receive(self.flow, &request);
            let answer = world.next();
            if answer.status() != 401 || !self.take_challenge(&answer) {
                return answer;
            }
        }
        panic!("the server asks for credentials without end");
    }

    /// Takes the nonce of a challenge; says whether it is worth trying again.
    pub(crate) fn take_challenge(&mut self, answer: &Sent) -> bool {
        let mine = format!("algorithm={}", self.algorithm.name());
        let challenge = answer
            .headers("WWW-Authenticate")
            .find(|challenge| {
                challenge
                    .split([',', ' '])
                    .any(|part| part.replace('"', "") == mine)
            })
            .expect("a challenge with the phone's algorithm");
        let first = self.nonce.is_none();
        let stale = challenge.to_ascii_lowercase().contains("stale=true");
        self.nonce = challenge
            .split_once("nonce=\"")
            .and_then(|(_, rest)| rest.split_once('"'))
            .map(|(nonce, _)| nonce.to_owned());
        self.nonce_count = 0;
        first || stale
    }

    /// Registers the phone's contact with these parameters, such as `;expires=60`.
    pub(crate) fn register(&mut self, world: &mut World, params: &str) -> Sent {
        let contact = format!("Contact: {}{params}\r\n", self.contact);
        self.register_with(world, &contact)
    }

    /// Sends a REGISTER with these headers.
    pub(crate) fn register_with(&mut self, world: &mut World, headers: &str) -> Sent {
        let to = format!("<sip:{}@pbx>", self.user);
        self.ask(world, "REGISTER", "sip:pbx", &to, headers)
    }
}
