//! What lamps cost: 10,000 subscriptions to the dialogs of extensions, 100 of which change their state each second.
//!
//! `cargo run --release -p bellwire-edge --example lamps`
//!
//! Everything of the edge is counted: what it writes, its transactions, and the phones' answers. Sockets are not part of
//! it; what they cost at least is measured beside it and added.
#![expect(clippy::print_stdout, reason = "it is there to print a table")]

#[path = "../tests/common/mod.rs"]
mod common;

use common::{Phone, World, number, secret, udp};
use model::{Directory, Duration, Extension, ExtensionState, Fact};
use std::fmt::Write as _;
use std::net::UdpSocket;
use std::sync::Arc;
use std::time::Instant;

fn main() {
    let bare = bare();
    println!(
        "{:<58}{:>9}{:>18}{:>8}{:>9}{:>9}",
        "lamps [% of a core]", "figure", "bare sockets", "ratio", "reach", "reached"
    );
    for watchers in [10, 100] {
        let mut office = Office::new(SUBSCRIPTIONS / watchers, watchers);
        let mut times = Times::default();
        for _ in 0..ROUNDS {
            office.second(&mut times);
        }
        let told = times.answer.len() / ROUNDS;
        let least = bare * 1e2 * told as f64;
        let is = times.second() * 1e2 + least;
        let what =
            format!("10,000 subscriptions, 100 changes/s, {watchers} watch each: {told} told");
        println!(
            "{what:<58}{is:>9.2}{least:>18.2}{:>8.1}{REACH:>9}{:>9}",
            is / least,
            if is <= REACH { "yes" } else { "NO" }
        );
    }
}

/// An office in which everybody watches others.
struct Office {
    world: World,
    watched: usize,
    next: usize,
}

/// How long everything took. Neighbours on the machine disturb the mean, so the middle of each kind counts.
#[derive(Default)]
struct Times {
    change: Vec<Duration>,
    timeout: Vec<Duration>,
    answer: Vec<Duration>,
}

impl Times {
    /// How long a second's work takes, in seconds.
    fn second(&mut self) -> f64 {
        let kinds = [&mut self.change, &mut self.timeout, &mut self.answer];
        kinds
            .into_iter()
            .map(|times| median(times) * times.len() as f64 / ROUNDS as f64)
            .sum()
    }
}

fn median(times: &mut [Duration]) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64()
}

impl Office {
    fn new(watched: usize, watchers: usize) -> Self {
        let mut site = Directory::default();
        for n in 0..watched.max(watchers) {
            let user = user(n);
            let secret = secret(&user, &format!("secret-{user}"));
            let extension = Extension::new(number(&user), "", secret);
            site.extensions.insert(number(&user), Arc::new(extension));
        }
        let mut world = World::with(site, Vec::new());
        let mut phones: Vec<_> = (0..watched.max(watchers))
            .map(|n| Phone::new(&user(n), udp(&format!("10.{}.{}.7:5060", n / 250, n % 250))))
            .collect();
        let people = phones.len();
        for target in 0..watched {
            for nth in 1..=watchers {
                let watcher = &mut phones[(target + nth) % people];
                watcher.call_id = format!("{target}-{nth}");
                subscribe(&mut world, watcher, target);
            }
            world.pass(Duration::from_millis(20));
            answer_all(&mut world);
        }
        world.pass(Duration::from_secs(40));
        assert_eq!(world.edge.subscriptions(), SUBSCRIPTIONS);
        Self {
            world,
            watched,
            next: 0,
        }
    }

    /// A hundred extensions change their state, and those who watch them are told and say so.
    fn second(&mut self, times: &mut Times) {
        for _ in 0..CHANGES {
            let state = match self.next / self.watched % 2 {
                0 => ExtensionState::InUse,
                _ => ExtensionState::Idle,
            };
            let changed = number(&user(self.next % self.watched));
            self.next += 1;
            let begin = clock();
            let world = &mut self.world;
            world.edge.fact(world.now, &Fact::Extension(changed, state));
            times.change.push(begin.elapsed());
            world.drain();
            self.tell(times);
            let step = Duration::from_micros(1_000_000 / CHANGES);
            self.world.now.mono = self.world.now.mono + step;
            self.world.now.wall = self.world.now.wall + step;
            let begin = clock();
            self.world.edge.timeout(self.world.now);
            times.timeout.push(begin.elapsed());
            self.world.drain();
            self.tell(times);
        }
    }

    fn tell(&mut self, times: &mut Times) {
        for (flow, answer) in answers(&mut self.world) {
            let begin = clock();
            let world = &mut self.world;
            world.edge.receive(world.now, flow, answer.as_bytes());
            times.answer.push(begin.elapsed());
            world.drain();
        }
    }
}

fn subscribe(world: &mut World, watcher: &mut Phone, target: usize) {
    let uri = format!("sip:{}@pbx", user(target));
    let contact = watcher.contact.clone();
    let headers = format!("Contact: {contact}\r\nEvent: dialog\r\nExpires: 7200\r\n");
    let answer = watcher.ask(world, "SUBSCRIBE", &uri, &format!("<{uri}>"), &headers);
    assert_eq!(answer.status(), 200);
    answer_all(world);
}

fn answer_all(world: &mut World) {
    for (flow, answer) in answers(world) {
        world.receive(flow, &answer);
    }
}

/// The answers of phones to what they were sent.
fn answers(world: &mut World) -> Vec<(sip::Flow, String)> {
    let sent = std::mem::take(&mut world.sent);
    let requests = sent.iter().filter(|sent| sent.text.starts_with("NOTIFY"));
    let answers = requests.map(|notify| {
        let mut answer = String::from("SIP/2.0 200 OK\r\n");
        for name in ["Via", "From", "To", "Call-ID", "CSeq"] {
            let value = notify.header(name).unwrap_or_default();
            // Writing to a String cannot fail.
            let _ = write!(answer, "{name}: {value}\r\n");
        }
        (
            notify.flow,
            answer + "User-Agent: Desk phone 7/1.2.3\r\nContent-Length: 0\r\n\r\n",
        )
    });
    answers.collect()
}

fn user(n: usize) -> String {
    (10_000 + n).to_string()
}

/// What sending a notification and receiving its answer costs at least.
fn bare() -> f64 {
    let open = || UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let (here, there) = (open(), open());
    let to = there.local_addr().expect("an address");
    let (notify, answer) = ([0; 1_000], [0; 400]);
    let mut buffer = [0; 2_048];
    let (mut sending, mut receiving) = (Vec::new(), Vec::new());
    for _ in 0..BARE {
        let begin = clock();
        here.send_to(&notify, to).expect("a datagram is sent");
        sending.push(begin.elapsed());
        there.recv_from(&mut buffer).expect("a datagram comes");
        let back = here.local_addr().expect("an address");
        there.send_to(&answer, back).expect("a datagram is sent");
        let begin = clock();
        here.recv_from(&mut buffer).expect("a datagram comes");
        receiving.push(begin.elapsed());
    }
    median(&mut sending) + median(&mut receiving)
}

#[allow(clippy::disallowed_methods, reason = "this measures real time")]
fn clock() -> Instant {
    Instant::now()
}

const SUBSCRIPTIONS: usize = 10_000;
/// Changes a second.
const CHANGES: u64 = 100;
/// Seconds that are measured.
const ROUNDS: usize = 15;
const BARE: u32 = 20_000;
/// In percent of a core.
const REACH: f64 = 20.0;
