//! Whose datagram it is that came to the one port of all browsers.

use super::demux::Kind;
use super::ice::{Genuine, is_keyed};
use is::stun::StunMessage;
use model::LegId;
use rtp::dtls::{Dtls, Ice};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::SocketAddr;

/// Says whose each datagram is.
///
/// A check is found by the user name fragment in it, and must be keyed with the password that belongs to it; its
/// source is that leg's from then on. Anything else is found by its source. Strangers cost a look-up each, and a hash
/// if they know a fragment; nothing is remembered of them.
#[derive(Debug, Default)]
pub struct Router {
    legs: HashMap<LegId, Known>,
    /// By our user name fragment.
    ufrags: HashMap<String, LegId>,
    /// By a source that proved to belong there.
    sources: HashMap<SocketAddr, LegId>,
    /// By an address to which a leg sends checks of its own.
    asked: HashMap<SocketAddr, LegId>,
    counts: RouterCounts,
}

/// What a leg is found by.
#[derive(Debug)]
struct Known {
    /// Where the leg is: a number of the caller's.
    place: usize,
    agreed: Dtls,
    sources: Vec<SocketAddr>,
    asked: Vec<SocketAddr>,
}

/// How many datagrams were nobody's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RouterCounts {
    /// That are neither a check, a handshake nor media.
    pub unknown: u64,
    /// Checks with no fragment of ours, or not keyed with its password.
    pub unproven: u64,
    /// From a source that no check proved.
    pub strangers: u64,
}

impl Router {
    /// A leg is at `place` and is found by what was agreed, from here on.
    pub fn put(&mut self, leg: LegId, place: usize, agreed: &Dtls) {
        if let Some(known) = self.legs.get(&leg)
            && known.agreed == *agreed
        {
            return self.moved(leg, place);
        }
        let before = self.legs.remove(&leg);
        if let Some(before) = &before {
            // After a restart, checks carry the new fragment only; media still comes the old way.
            self.ufrags.remove(before.agreed.local.ufrag());
            self.forget_asked(leg, &before.asked);
        }
        let mut asked = Vec::new();
        if agreed.ice == Ice::Full {
            for candidate in &agreed.candidates {
                if let Entry::Vacant(place) = self.asked.entry(candidate.address) {
                    place.insert(leg);
                    asked.push(candidate.address);
                }
            }
        }
        self.ufrags.insert(agreed.local.ufrag().to_owned(), leg);
        let known = Known {
            place,
            agreed: agreed.clone(),
            sources: before.map(|before| before.sources).unwrap_or_default(),
            asked,
        };
        self.legs.insert(leg, known);
    }

    /// A leg is at another place.
    pub fn moved(&mut self, leg: LegId, place: usize) {
        if let Some(known) = self.legs.get_mut(&leg) {
            known.place = place;
        }
    }

    /// A leg is over.
    pub fn remove(&mut self, leg: LegId) {
        let Some(known) = self.legs.remove(&leg) else {
            return;
        };
        self.ufrags.remove(known.agreed.local.ufrag());
        self.forget_asked(leg, &known.asked);
        for source in &known.sources {
            self.sources.remove(source);
        }
    }

    /// Whose a datagram is, and where that leg is.
    pub fn route(&mut self, from: SocketAddr, datagram: &[u8]) -> Option<(LegId, usize)> {
        let leg = match Kind::of(datagram) {
            Some(Kind::Stun) => self.prove(from, datagram),
            Some(Kind::Dtls | Kind::Media) => {
                let leg = self.sources.get(&from).copied();
                self.counts.strangers += u64::from(leg.is_none());
                leg
            }
            None => {
                self.counts.unknown += 1;
                None
            }
        }?;
        Some((leg, self.legs.get(&leg)?.place))
    }

    /// How many datagrams were nobody's.
    #[must_use]
    pub const fn counts(&self) -> RouterCounts {
        self.counts
    }

    /// Whether nobody is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.legs.is_empty() && self.sources.is_empty() && self.ufrags.is_empty()
    }

    fn prove(&mut self, from: SocketAddr, datagram: &[u8]) -> Option<LegId> {
        let leg = self.proven(from, datagram);
        match leg {
            Some(leg) => self.learn(from, leg),
            None => self.counts.unproven += 1,
        }
        leg
    }

    fn proven(&self, from: SocketAddr, datagram: &[u8]) -> Option<LegId> {
        let message = StunMessage::parse(datagram).ok()?;
        let (leg, answers) = if message.is_binding_request() {
            let (ufrag, _) = message.split_username()?;
            (self.ufrags.get(ufrag)?, Answers::Us)
        } else {
            let asked = self.asked.get(&from).or_else(|| self.sources.get(&from))?;
            (asked, Answers::Them)
        };
        let agreed = &self.legs.get(leg)?.agreed;
        let password = match answers {
            Answers::Us => agreed.local.password(),
            Answers::Them => agreed.remote.password(),
        };
        (is_keyed(&message, password) == Genuine::Yes).then_some(*leg)
    }

    /// A source belongs to the leg that proved it first, for as long as that leg lives: nobody can draw to himself
    /// what another's browser sends.
    fn learn(&mut self, from: SocketAddr, leg: LegId) {
        let Some(known) = self.legs.get_mut(&leg) else {
            return;
        };
        if known.sources.len() < SOURCES_MAX
            && let Entry::Vacant(place) = self.sources.entry(from)
        {
            place.insert(leg);
            known.sources.push(from);
        }
    }

    fn forget_asked(&mut self, leg: LegId, asked: &[SocketAddr]) {
        for address in asked {
            if self.asked.get(address) == Some(&leg) {
                self.asked.remove(address);
            }
        }
    }
}

/// Whose password keys a message: a request with that of who is asked, an answer with that of who answers.
enum Answers {
    Us,
    Them,
}

/// Sources that one leg may have, over all its restarts.
const SOURCES_MAX: usize = 64;
