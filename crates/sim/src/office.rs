//! An office: the whole server with its phones on one network, in virtual time.

mod alarms;
mod mailboxes;
mod seen;
mod server;

pub use server::Disk;

use crate::phone::{Happened, Phone, TONES_HZ, password};
use crate::sound::Sound;
use crate::{Datagram, Link, Network};
use alarms::Alarms;
use edge::{Binding, Edge, Settings};
use mailboxes::Mailboxes;
use model::{
    Destination, Directory, Duration, Extension, Fact, InboundRoute, Input, Now, Number,
    OutboundRoute, Secret, Time, Trunk, TrunkHealth, Wall,
};
use server::Write;
use sip::{Flow, Transport, digest};
use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::{Index, IndexMut};
use std::sync::Arc;
use switch::Switch;
use tempfile::TempDir;

/// A server and its phones. `office[anna]` is a phone; what its user does reaches the network when time passes.
#[derive(Debug)]
pub struct Office {
    now: Now,
    seed: u64,
    network: Network,
    edge: Edge,
    switch: Switch,
    sound: Sound,
    /// The folder of messages and greetings.
    files: TempDir,
    mailboxes: Mailboxes,
    directory: Arc<Directory>,
    phones: Vec<Phone>,
    /// Who lives where.
    hosts: BTreeMap<IpAddr, usize>,
    /// When a phone has something to do.
    alarms: Alarms,
    edge_deadline: Option<Time>,
    /// For the switch, as soon as it has done what it is doing.
    next: VecDeque<Input>,
    disk: Disk,
    writes: BTreeMap<(Time, u64), Write>,
    last_write: u64,
    stored: BTreeMap<(Number, String), Binding>,
    facts: Vec<Fact>,
    restarts: u64,
    /// By how much civil time has jumped.
    jumped_ms: i64,
    /// Steps since the clock last moved.
    steps_here: u32,
}

/// Names a phone of an office.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PhoneId(usize);

/// Setting up.
impl Office {
    /// An office without phones, on a good network. It does the same each time for the same seed.
    ///
    /// # Panics
    /// When there is no room for a temporary folder.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let now = Now {
            mono: START,
            wall: WALL_START,
        };
        let directory = Arc::new(Directory::default());
        let files = tempfile::tempdir().expect("a folder for messages");
        let link = Link {
            latency: Duration::from_millis(5),
            ..Link::default()
        };
        Self {
            now,
            seed,
            network: Network::new(link, seed),
            edge: edge(&directory, Vec::new(), seed, now),
            switch: Switch::new(Arc::clone(&directory), seed),
            sound: Sound::new(SERVER, &directory.system.country, files.path(), seed),
            mailboxes: Mailboxes::new(files.path().to_owned()),
            files,
            directory,
            phones: Vec::new(),
            hosts: BTreeMap::new(),
            alarms: Alarms::default(),
            edge_deadline: None,
            next: VecDeque::new(),
            disk: Disk::Takes(Duration::from_millis(3)),
            writes: BTreeMap::new(),
            last_write: 0,
            stored: BTreeMap::new(),
            facts: Vec::new(),
            restarts: 0,
            jumped_ms: 0,
            steps_here: 0,
        }
    }

    /// Phones of these extensions, which are registered when this returns.
    ///
    /// # Panics
    /// When one is not registered within a second.
    pub fn phones<const N: usize>(&mut self, extensions: [&str; N]) -> [PhoneId; N] {
        let ids = extensions.map(|extension| self.phone(extension));
        self.run_for(Duration::from_secs(1));
        for id in ids {
            let log = self[id].log();
            assert!(self[id].saw(&Happened::Registered), "{log:?}");
        }
        ids
    }

    /// One more phone of an extension, which is made when there is none. It registers.
    pub fn phone(&mut self, extension: &str) -> PhoneId {
        let [.., c, d] = u32::try_from(self.phones.len() + 1)
            .unwrap_or(0)
            .to_be_bytes();
        self.phone_at(extension, IpAddr::from([198, 18 + (c >> 7), c & 0x7f, d]))
    }

    /// The far end of an outside line: a phone that registers nowhere, at an address that the site knows as a trunk. What
    /// is dialled with a 9 before it leads there; what it calls rings at the extension `inside`.
    ///
    /// # Panics
    /// When `inside` is no number.
    pub fn carrier(&mut self, name: &str, inside: &str) -> PhoneId {
        let place = self.phones.len();
        let host = u8::try_from(place + 1).unwrap_or(0);
        let ip = IpAddr::from([203, 0, 113, host]);
        let (local, server) = (SocketAddr::new(ip, SIP), SocketAddr::new(SERVER, SIP));
        let hz = TONES_HZ.get(place % TONES_HZ.len());
        let phone = Phone::new(name, local, server, hz.copied().unwrap_or(520));
        self.phones.push(phone);
        self.hosts.insert(ip, place);
        let trunk = Trunk {
            health: TrunkHealth::None,
            ..Trunk::to(name, &ip.to_string())
        };
        let inside = inside.parse().expect("the number of an extension");
        self.configure(|directory| {
            directory.outbound_routes.push(Arc::new(OutboundRoute {
                name: name.to_owned(),
                prefix: String::from("9"),
                strip: 1,
                prepend: String::new(),
                pattern: String::new(),
                trunks: vec![name.to_owned()],
                emergency: false,
                open: Vec::new(),
                max_minutes: None,
            }));
            directory.inbound_routes.push(Arc::new(InboundRoute {
                trunk: name.to_owned(),
                number: None,
                caller: String::new(),
                to: Destination::Number(inside),
            }));
            directory.trunks.insert(name.to_owned(), Arc::new(trunk));
        });
        PhoneId(place)
    }

    /// A phone behind an address translator of its own.
    pub fn phone_behind_nat(&mut self, extension: &str) -> PhoneId {
        let host = u8::try_from(self.phones.len() + 1).unwrap_or(0);
        let inside = IpAddr::from([192, 168, 1, host]);
        self.network
            .translate(inside, IpAddr::from([203, 0, 113, host]));
        self.phone_at(extension, inside)
    }

    fn phone_at(&mut self, extension: &str, ip: IpAddr) -> PhoneId {
        self.extension(extension);
        let place = self.phones.len();
        let tones = TONES_HZ.len();
        // Of many phones several have the same tone, but not those that are likely to talk to one another.
        let hz = TONES_HZ.get(place % tones).copied().unwrap_or(520);
        let (local, server) = (SocketAddr::new(ip, SIP), SocketAddr::new(SERVER, SIP));
        self.phones.push(Phone::new(extension, local, server, hz));
        self.hosts.insert(ip, place);
        let id = PhoneId(place);
        self[id].register();
        id
    }

    /// Sees to it that there is an extension of that number.
    fn extension(&mut self, number: &str) {
        let parsed: Number = number.parse().expect("the number of an extension");
        if self.directory.extensions.contains_key(&parsed) {
            return;
        }
        let secret = digest::Secret::new(number, "bellwire", &password(number));
        let secret = Secret {
            md5: secret.md5,
            sha256: secret.sha256,
        };
        let mut owner = Extension::new(parsed, &format!("Owner of {number}"), secret);
        // Who wants a mailbox is given one.
        owner.voicemail = false;
        self.configure(|directory| {
            directory.extensions.insert(parsed, Arc::new(owner));
        });
    }

    /// Changes the configuration.
    pub fn configure(&mut self, change: impl FnOnce(&mut Directory)) {
        let mut directory = Directory::clone(&self.directory);
        change(&mut directory);
        self.directory = Arc::new(directory);
        self.edge.directory(self.now, Arc::clone(&self.directory));
        let input = Input::Directory(Arc::clone(&self.directory));
        self.next.push_back(input);
        self.work();
    }

    /// Changes one extension's configuration.
    pub fn configure_extension(&mut self, number: &str, change: impl FnOnce(&mut Extension)) {
        self.configure(|directory| {
            let number = number.parse().expect("the number of an extension");
            if let Some(extension) = directory.extensions.get_mut(&number) {
                change(Arc::make_mut(extension));
            }
        });
    }

    /// From here on datagrams fare like this.
    pub const fn set_link(&mut self, link: Link) {
        self.network.set_link(link);
    }

    /// From here on the disk is like this.
    pub const fn set_disk(&mut self, disk: Disk) {
        self.disk = disk;
    }

    /// Keeps no capture: for long runs.
    pub fn forget_capture(&mut self) {
        self.network.forget_capture();
    }

    /// Sends a datagram from anywhere to anywhere.
    pub fn inject(&mut self, datagram: Datagram) {
        self.network.send(self.now.mono, datagram);
    }

    /// Civil time jumps, as when somebody sets the clock; durations do not notice.
    pub fn jump(&mut self, by_ms: i64) {
        self.jumped_ms += by_ms;
        self.set_clock(self.now.mono);
    }

    /// The server takes no new calls from here on (SIGTERM).
    pub fn drain(&mut self) {
        self.edge.drain(self.now);
        self.next.push_back(Input::Drain);
        self.work();
    }

    /// The server hangs up every call.
    pub fn hang_up_all(&mut self) {
        self.next.push_back(Input::HangUpAll);
        self.work();
    }

    /// The server is killed and started again: of what it knew only what is on disk is left.
    pub fn restart(&mut self) {
        self.restarts += 1;
        let seed = self.seed ^ self.restarts << 32;
        let stored = self.stored.values().map(|binding| {
            let body = binding.body();
            Binding::read(binding.extension, binding.expires, &body).expect("what was written")
        });
        let stored = stored.collect();
        self.writes.clear();
        self.next.clear();
        self.edge = edge(&self.directory, stored, seed, self.now);
        self.switch = Switch::new(Arc::clone(&self.directory), seed);
        let country = &self.directory.system.country;
        self.sound = Sound::new(SERVER, country, self.files.path(), seed);
        self.mailboxes.recover();
        self.show_messages();
        self.edge_deadline = None;
        self.work();
    }
}

/// Time.
impl Office {
    /// Lets time pass.
    pub fn run_for(&mut self, time: Duration) {
        self.run_until(time, |_| false);
    }

    /// Lets time pass until something is so; says whether it came to be within `time`.
    pub fn run_until(&mut self, time: Duration, so: impl Fn(&Self) -> bool) -> bool {
        let end = self.now.mono + time;
        let is_so = loop {
            if so(self) {
                break true;
            }
            if !self.step(end) {
                break so(self);
            }
        };
        for phone in &mut self.phones {
            phone.now = self.now.mono;
        }
        is_so
    }

    /// Lets time pass until no call is left at any end; says whether that came to be within `time`.
    pub fn run_until_idle(&mut self, time: Duration) -> bool {
        let is_idle = |phone: &Phone| phone.calls() == 0 || !phone.is_on();
        let phones_are_idle = |office: &Self| office.phones.iter().all(is_idle);
        self.run_until(time, |office| {
            office.switch.call_count() == 0
                && office.edge.sessions() == 0
                && phones_are_idle(office)
        })
    }

    /// What the clocks show.
    #[must_use]
    pub const fn now(&self) -> Now {
        self.now
    }

    /// Goes to the next moment at which something happens, and lets it happen; `false` when that is `end`.
    fn step(&mut self, end: Time) -> bool {
        self.settle_phones();
        self.work();
        let due = [
            self.network.next_deadline(),
            self.edge_deadline,
            self.switch.next_deadline(),
            self.sound.next_deadline(),
            self.alarms.next(),
            self.writes.first_key_value().map(|((at, _), _)| *at),
        ];
        let next = due.into_iter().flatten().min().unwrap_or(end);
        let next = next.max(self.now.mono).min(end);
        let is_last = next >= end && due.into_iter().flatten().all(|at| at > end);
        self.steps_here = if next == self.now.mono {
            self.steps_here + 1
        } else {
            0
        };
        assert!(
            self.steps_here < STEPS_MAX,
            "time stands still: what is due is not done"
        );
        self.set_clock(next);
        if is_last {
            return false;
        }
        self.happen();
        true
    }

    fn set_clock(&mut self, mono: Time) {
        let wall = WALL_START + mono.since(START);
        let wall = Wall(wall.0 + self.jumped_ms);
        self.now = Now { mono, wall };
        self.sound.set_now(mono);
    }

    /// Lets happen what is due.
    fn happen(&mut self) {
        let now = self.now;
        while let Some(datagram) = self.network.receive(now.mono) {
            self.deliver(datagram);
        }
        if self.edge_deadline.is_some_and(|at| at <= now.mono) {
            self.edge.timeout(now);
            self.edge_worked();
        }
        if self.switch.next_deadline().is_some_and(|at| at <= now.mono) {
            self.next.push_back(Input::Timeout);
        }
        if self.sound.next_deadline().is_some_and(|at| at <= now.mono) {
            self.sound.tick(now.mono);
        }
        while let Some(entry) = self.writes.first_entry()
            && entry.key().0 <= now.mono
        {
            let write = entry.remove();
            self.written(write);
        }
        while let Some(place) = self.alarms.due(now.mono) {
            if let Some(phone) = self.phones.get_mut(place) {
                phone.now = now.mono;
                phone.timeout();
                self.alarms.set(place, phone.next_deadline());
                post(phone, &mut self.network, now.mono);
            }
        }
        self.work();
    }

    fn deliver(&mut self, mut datagram: Datagram) {
        let now = self.now;
        if datagram.to.ip() != SERVER {
            let Some(&place) = self.hosts.get(&datagram.to.ip()) else {
                return;
            };
            if let Some(phone) = self.phones.get_mut(place) {
                phone.now = now.mono;
                phone.receive(&datagram);
                self.alarms.set(place, phone.next_deadline());
                post(phone, &mut self.network, now.mono);
            }
            return;
        }
        if datagram.to.port() == SIP {
            let flow = Flow {
                transport: Transport::Udp,
                local: datagram.to,
                remote: datagram.from,
                connection: None,
            };
            self.edge.receive(now, flow, &datagram.bytes);
            self.edge_worked();
            self.work();
        } else {
            let (port, from) = (datagram.to.port(), datagram.from);
            self.sound
                .receive(now.mono, port, from, &mut datagram.bytes);
            self.work();
        }
    }

    /// Takes up what users did since time last passed.
    fn settle_phones(&mut self) {
        for place in self.alarms.touched() {
            if let Some(phone) = self.phones.get_mut(place) {
                self.alarms.set(place, phone.next_deadline());
                post(phone, &mut self.network, self.now.mono);
            }
        }
    }
}

impl Index<PhoneId> for Office {
    type Output = Phone;
    fn index(&self, PhoneId(place): PhoneId) -> &Phone {
        &self.phones[place]
    }
}

impl IndexMut<PhoneId> for Office {
    fn index_mut(&mut self, PhoneId(place): PhoneId) -> &mut Phone {
        self.alarms.touch(place);
        let phone = &mut self.phones[place];
        phone.now = self.now.mono;
        phone
    }
}

fn post(phone: &mut Phone, network: &mut Network, now: Time) {
    while let Some(datagram) = phone.poll() {
        network.send(now, datagram);
    }
}

fn edge(directory: &Arc<Directory>, bindings: Vec<Binding>, seed: u64, now: Now) -> Edge {
    // Nonces of before a restart are known again, as with the key that a server keeps.
    let settings = Settings::new([7; 32]);
    Edge::new(settings, Arc::clone(directory), bindings, seed, now)
}

/// More happens in no moment.
const STEPS_MAX: u32 = 100_000;
/// Where the server is.
pub const SERVER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
/// The port of SIP.
pub const SIP: u16 = 5_060;
/// An hour after nothing, so that nothing is zero by chance.
const START: Time = Time(3_600_000_000);
/// 2026-03-02 09:00 UTC, a Monday.
const WALL_START: Wall = Wall(1_772_442_000_000);
