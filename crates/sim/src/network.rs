//! A network that delays, loses, doubles and reorders, the same way each time for the same seed.

use crate::random::Random;
use model::{Duration, Time};
use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;

/// Datagrams on their way.
#[derive(Debug)]
pub struct Network {
    link: Link,
    random: Random,
    /// By arrival; those of one moment in the order in which they were sent.
    underway: BTreeMap<(Time, u64), Datagram>,
    sent: u64,
    translators: Vec<Translator>,
    capture: VecDeque<Captured>,
    capture_max: usize,
}

/// How datagrams fare.
#[derive(Clone, Copy, Debug, Default)]
pub struct Link {
    /// How long each takes at least.
    pub latency: Duration,
    /// How much longer one may take: with more than the distance between two, they overtake each other.
    pub jitter: Duration,
    /// How many of a thousand are lost.
    pub loss_permille: u32,
    /// How many of a thousand arrive twice.
    pub doubled_permille: u32,
}

/// One datagram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Datagram {
    /// From where, as whoever gets it sees.
    pub from: SocketAddr,
    /// Where to, as whoever gets it sees.
    pub to: SocketAddr,
    /// What.
    pub bytes: Vec<u8>,
}

/// One datagram as the capture keeps it.
#[derive(Clone, Debug)]
pub(crate) struct Captured {
    pub(crate) at: Time,
    pub(crate) datagram: Datagram,
}

/// An address translator: whoever stands behind it is seen from outside under the public address, each of
/// his ports under another, and only those that he has written to lately can write to him (RFC 4787,
/// address-and-port-dependent filtering).
#[derive(Debug)]
struct Translator {
    inside: std::net::IpAddr,
    public: std::net::IpAddr,
    /// Inside port to public port.
    ports: BTreeMap<u16, u16>,
    /// Public port and who may write to it, and when he was last written to.
    holes: BTreeMap<(u16, SocketAddr), Time>,
}

impl Network {
    /// A network in which every datagram fares as `link` says.
    #[must_use]
    pub fn new(link: Link, seed: u64) -> Self {
        Self {
            link,
            random: Random::new(seed),
            underway: BTreeMap::new(),
            sent: 0,
            translators: Vec::new(),
            capture: VecDeque::new(),
            capture_max: CAPTURE_MAX,
        }
    }

    /// From here on everything fares like this.
    pub const fn set_link(&mut self, link: Link) {
        self.link = link;
    }

    /// Puts a host behind an address translator.
    pub fn translate(&mut self, inside: std::net::IpAddr, public: std::net::IpAddr) {
        self.translators.push(Translator {
            inside,
            public,
            ports: BTreeMap::new(),
            holes: BTreeMap::new(),
        });
    }

    /// Sends a datagram.
    pub fn send(&mut self, now: Time, datagram: Datagram) {
        let Some(datagram) = self.outward(now, datagram) else {
            return;
        };
        self.keep(now, &datagram);
        let copies = match self.random.below(1_000) {
            chance if chance < u64::from(self.link.loss_permille) => 0,
            chance if chance < u64::from(self.link.loss_permille + self.link.doubled_permille) => 2,
            _ => 1,
        };
        for _ in 0..copies {
            let jitter = u64::try_from(self.link.jitter.as_micros()).unwrap_or(u64::MAX);
            let late = Duration::from_micros(self.random.below(jitter.saturating_add(1)));
            let arrives = now + self.link.latency + late;
            self.sent += 1;
            self.underway.insert((arrives, self.sent), datagram.clone());
        }
    }

    /// The next datagram that has arrived by now.
    pub fn receive(&mut self, now: Time) -> Option<Datagram> {
        loop {
            let entry = self.underway.first_entry()?;
            if entry.key().0 > now {
                return None;
            }
            let datagram = entry.remove();
            if let Some(datagram) = self.inward(now, datagram) {
                return Some(datagram);
            }
        }
    }

    /// Keeps no capture from here on.
    pub fn forget_capture(&mut self) {
        self.capture_max = 0;
        self.capture = VecDeque::new();
    }

    /// What was sent last, of what the capture keeps; the latest first.
    pub fn latest(&self) -> impl Iterator<Item = (Time, &Datagram)> {
        self.capture.iter().rev().map(|c| (c.at, &c.datagram))
    }

    /// When the next datagram arrives.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Time> {
        self.underway.first_key_value().map(|((at, _), _)| *at)
    }

    /// What was sent so far, as a file for Wireshark.
    #[must_use]
    pub fn pcap(&self) -> Vec<u8> {
        crate::pcap::file(self.capture.iter())
    }

    /// Passes a datagram through the sender's translator.
    fn outward(&mut self, now: Time, mut datagram: Datagram) -> Option<Datagram> {
        let inside = datagram.from.ip();
        if let Some(translator) = self.translators.iter_mut().find(|t| t.inside == inside) {
            let next = PUBLIC_PORTS + u16::try_from(translator.ports.len()).ok()?;
            let port = *translator.ports.entry(datagram.from.port()).or_insert(next);
            translator.holes.insert((port, datagram.to), now);
            datagram.from = SocketAddr::new(translator.public, port);
        }
        Some(datagram)
    }

    /// Passes a datagram through the receiver's translator; `None` when it does not let it in.
    fn inward(&self, now: Time, mut datagram: Datagram) -> Option<Datagram> {
        let public = datagram.to.ip();
        let mut behind = self.translators.iter().filter(|t| t.public == public);
        let Some(first) = behind.next() else {
            return Some(datagram);
        };
        let inside = std::iter::once(first)
            .chain(behind)
            .find_map(|translator| {
                let hole = (datagram.to.port(), datagram.from);
                let mapped = translator
                    .ports
                    .iter()
                    .find(|(_, public)| **public == datagram.to.port());
                let open = |written: &Time| now.since(*written) <= HOLE_LASTS;
                let is_open = translator.holes.get(&hole).is_some_and(open);
                let (port, _) = mapped.filter(|_| is_open)?;
                Some(SocketAddr::new(translator.inside, *port))
            })?;
        datagram.to = inside;
        Some(datagram)
    }

    fn keep(&mut self, at: Time, datagram: &Datagram) {
        if self.capture_max == 0 {
            return;
        }
        if self.capture.len() >= self.capture_max {
            self.capture.pop_front();
        }
        let datagram = datagram.clone();
        self.capture.push_back(Captured { at, datagram });
    }
}

/// How long a translator lets answers in: less than it should (RFC 4787 REQ-5), as many do.
const HOLE_LASTS: Duration = Duration::from_secs(45);
/// The first public port that a translator gives.
const PUBLIC_PORTS: u16 = 40_000;
/// Datagrams that a capture keeps: the last ones of a run.
const CAPTURE_MAX: usize = 200_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> SocketAddr {
        text.parse().expect("an address")
    }

    fn datagram(from: &str, to: &str, byte: u8) -> Datagram {
        Datagram {
            from: at(from),
            to: at(to),
            bytes: vec![byte],
        }
    }

    #[test]
    fn a_perfect_link_keeps_the_order() {
        let link = Link {
            latency: Duration::from_millis(10),
            ..Link::default()
        };
        let mut network = Network::new(link, 1);
        for byte in 0..3 {
            network.send(Time(0), datagram("10.0.0.1:1", "10.0.0.2:2", byte));
        }
        assert_eq!(network.receive(Time(9_999)), None);
        assert_eq!(network.next_deadline(), Some(Time(10_000)));
        let bytes = [(); 3].map(|()| network.receive(Time(10_000)).expect("arrived").bytes);
        assert_eq!(bytes, [[0], [1], [2]]);
    }

    #[test]
    fn a_bad_link_loses_doubles_and_reorders_the_same_way_for_a_seed() {
        let run = |seed| {
            let link = Link {
                latency: Duration::from_millis(10),
                jitter: Duration::from_millis(30),
                loss_permille: 200,
                doubled_permille: 200,
            };
            let mut network = Network::new(link, seed);
            for byte in 0..100 {
                network.send(Time(0), datagram("10.0.0.1:1", "10.0.0.2:2", byte));
            }
            std::iter::from_fn(|| network.receive(Time(1_000_000)))
                .map(|datagram| datagram.bytes[0])
                .collect::<Vec<_>>()
        };
        let one = run(7);
        assert_eq!(one, run(7));
        assert_ne!(one, run(8));
        let distinct: std::collections::BTreeSet<_> = one.iter().collect();
        assert!(distinct.len() < 100 && one.len() > distinct.len());
        assert!(one.windows(2).any(|pair| pair[0] > pair[1]));
    }

    #[test]
    fn a_translator_hides_the_inside_and_lets_only_answers_in() {
        let mut network = Network::new(Link::default(), 1);
        let (inside, public) = (at("192.168.1.5:0").ip(), at("203.0.113.5:0").ip());
        network.translate(inside, public);
        network.send(Time(0), datagram("192.168.1.5:5060", "10.0.0.1:5060", 1));
        let seen = network.receive(Time(0)).expect("let out");
        assert_eq!(seen.from, at("203.0.113.5:40000"));
        network.send(Time(0), datagram("10.0.0.1:5060", "203.0.113.5:40000", 2));
        let answered = network.receive(Time(0)).expect("let in");
        assert_eq!(answered.to, at("192.168.1.5:5060"));
        network.send(Time(0), datagram("10.0.0.9:5060", "203.0.113.5:40000", 3));
        assert_eq!(network.receive(Time(0)), None, "a stranger");
        let late = Time(0) + HOLE_LASTS + Duration::from_secs(1);
        network.send(late, datagram("10.0.0.1:5060", "203.0.113.5:40000", 4));
        assert_eq!(network.receive(late), None, "nobody wrote there for long");
    }
}
