//! The ways of the browsers whose legs are in one place, with the protection of their packets.
//!
//! It stands between the network and the engine, which sees plain packets: what comes is checked and decrypted, what
//! goes is protected, and checks and handshakes are dealt with here.

use super::{Identity, Keys, Kind, News, Session};
use model::LegId;
use rtp::srtp::{Inbound, Outbound, Suite};
use rtp::{Security, Stream, Time, is_rtcp};
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// The ways of some legs.
#[derive(Debug)]
pub struct Ways {
    identity: Option<Arc<Identity>>,
    legs: BTreeMap<LegId, Box<Way>>,
    /// When the first of them has something to do.
    next: Option<Time>,
    /// The packet that goes out.
    sealed: Box<[u8; PACKET_MAX]>,
}

/// One browser's way, with its keys.
#[derive(Debug)]
pub struct Way {
    session: Session,
    contexts: Option<Contexts>,
    /// When the session has something to do.
    due: Option<Time>,
}

#[derive(Debug)]
struct Contexts {
    keys: Keys,
    inbound: Inbound,
    outbound: Outbound,
}

/// How a packet leaves.
#[derive(Debug, PartialEq, Eq)]
pub enum Sealed<'p> {
    /// As it is: the leg is no browser's.
    Plain,
    /// Like this, through the port of the browsers at this address of ours.
    Protected(IpAddr, &'p [u8]),
    /// Not at all, for there are no keys yet.
    Withheld,
}

/// What is told of a leg.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WayEvent {
    /// Media goes there from here on.
    Reached(SocketAddr),
    /// Nothing can be heard of it or said to it.
    Failed(String),
}

impl Ways {
    /// No ways yet. Without an identity there will be none.
    #[must_use]
    pub fn new(identity: Option<Arc<Identity>>) -> Self {
        Self {
            identity,
            legs: BTreeMap::new(),
            next: None,
            sealed: Box::new([0; PACKET_MAX]),
        }
    }

    /// Whether a leg is a browser's.
    #[must_use]
    pub fn contains(&self, leg: LegId) -> bool {
        self.legs.contains_key(&leg)
    }

    /// Takes what was agreed for a leg, the first time or again. `send` gets what there is to send, here and below:
    /// from which address of ours, where to, and what.
    pub fn stream(
        &mut self,
        now: Time,
        leg: LegId,
        stream: &Stream,
        send: &mut impl FnMut(IpAddr, SocketAddr, &[u8]),
    ) {
        let agreed = match &stream.security {
            Security::Dtls(agreed) => &**agreed,
            Security::Plain | Security::Sdes { .. } => {
                self.legs.remove(&leg);
                return;
            }
        };
        match (self.legs.get_mut(&leg), &self.identity) {
            (Some(way), _) => {
                if way.session.agreed() != agreed {
                    let ours = agreed.address.ip();
                    let send = &mut |to, bytes: &[u8]| send(ours, to, bytes);
                    way.session.agree(now, agreed.clone(), send);
                }
            }
            (None, Some(identity)) => {
                let session = Session::new(now, identity, agreed.clone());
                let way = Way {
                    session,
                    contexts: None,
                    due: None,
                };
                self.legs.insert(leg, Box::new(way));
            }
            (None, None) => tracing::error!(%leg, "a browser's leg where there is no port for it"),
        }
        self.note(leg);
    }

    /// A leg is over, or goes on elsewhere with what this gives.
    pub fn take(&mut self, leg: LegId) -> Option<Box<Way>> {
        self.legs.remove(&leg)
    }

    /// A leg comes from elsewhere.
    pub fn put(&mut self, leg: LegId, way: Box<Way>) {
        self.legs.insert(leg, way);
        self.note(leg);
    }

    /// Takes a datagram of a leg's. Gives the length of the plain packet in it, if one was in it.
    pub fn receive(
        &mut self,
        now: Time,
        leg: LegId,
        from: SocketAddr,
        datagram: &mut [u8],
        send: &mut impl FnMut(IpAddr, SocketAddr, &[u8]),
    ) -> Option<usize> {
        let way = self.legs.get_mut(&leg)?;
        let ours = way.session.agreed().address.ip();
        let send = &mut |to, bytes: &[u8]| send(ours, to, bytes);
        match way.session.receive(now, from, datagram, send)? {
            Kind::Media => way.open(from, datagram),
            Kind::Stun | Kind::Dtls => {
                self.note(leg);
                None
            }
        }
    }

    /// Protects a packet of RTP or RTCP that an engine made for a leg.
    pub fn seal(&mut self, leg: LegId, packet: &[u8]) -> Sealed<'_> {
        let Some(way) = self.legs.get_mut(&leg) else {
            return Sealed::Plain;
        };
        let Some(contexts) = &mut way.contexts else {
            return Sealed::Withheld;
        };
        let ours = way.session.agreed().address.ip();
        let Some(room) = self.sealed.get_mut(..packet.len()) else {
            return Sealed::Withheld;
        };
        room.copy_from_slice(packet);
        let whole = &mut self.sealed[..];
        let protected = if is_rtcp(packet) {
            contexts.outbound.protect_rtcp(whole, packet.len())
        } else {
            contexts.outbound.protect(whole, packet.len())
        };
        match protected.ok().and_then(|length| self.sealed.get(..length)) {
            Some(protected) => Sealed::Protected(ours, protected),
            None => Sealed::Withheld,
        }
    }

    /// Does what is due.
    pub fn timeout(&mut self, now: Time, send: &mut impl FnMut(IpAddr, SocketAddr, &[u8])) {
        if self.next.is_none_or(|next| next > now) {
            return;
        }
        self.next = None;
        for way in self.legs.values_mut() {
            if way.due.is_some_and(|due| due <= now) {
                let ours = way.session.agreed().address.ip();
                way.session
                    .timeout(now, &mut |to, bytes| send(ours, to, bytes));
                way.due = way.session.next_deadline();
            }
            self.next = earlier(self.next, way.due);
        }
    }

    /// When [`Self::timeout`] has something to do.
    #[must_use]
    pub const fn next_deadline(&self) -> Option<Time> {
        self.next
    }

    /// What happened to a leg, until there is nothing more. To be asked after each call that takes `send`.
    pub fn poll(&mut self, leg: LegId) -> Option<WayEvent> {
        let way = self.legs.get_mut(&leg)?;
        loop {
            match way.session.poll()? {
                News::Reached(remote) => return Some(WayEvent::Reached(remote)),
                News::Secured(keys) => way.secured(keys),
                News::Failed(why) => return Some(WayEvent::Failed(why.to_string())),
                // The browser says the same by SIP, or falls silent.
                News::Closed => {}
            }
        }
    }

    /// The legs that have ways.
    pub fn legs(&self) -> impl Iterator<Item = LegId> {
        self.legs.keys().copied()
    }

    fn note(&mut self, leg: LegId) {
        if let Some(way) = self.legs.get_mut(&leg) {
            way.due = way.session.next_deadline();
            self.next = earlier(self.next, way.due);
        }
    }
}

impl Way {
    /// Checks and decrypts; gives the length of what is in it.
    fn open(&mut self, from: SocketAddr, datagram: &mut [u8]) -> Option<usize> {
        let contexts = self.contexts.as_mut()?;
        let opened = if is_rtcp(datagram) {
            contexts.inbound.unprotect_rtcp(datagram)
        } else {
            contexts.inbound.unprotect(datagram)
        };
        let length = opened.ok()?;
        self.session.heard_from(from);
        Some(length)
    }

    /// A handshake came to keys. Another one gives others.
    fn secured(&mut self, keys: Keys) {
        if self.contexts.as_ref().is_some_and(|it| it.keys == keys) {
            return;
        }
        self.contexts = Some(Contexts {
            inbound: Inbound::new(&keys.receives),
            outbound: Outbound::new(&keys.sends),
            keys,
        });
    }
}

fn earlier(one: Option<Time>, other: Option<Time>) -> Option<Time> {
    one.into_iter().chain(other).min()
}

/// The longest packet that is protected: what an engine makes or passes on, with what protection adds.
const PACKET_MAX: usize = crate::batch::DATAGRAM_MAX + Suite::OVERHEAD_MAX;
