//! One side of ICE (RFC 8445) for one browser, by the `is` crate.

use aws_lc_rs::hmac;
use is::stun::{StunMessage, StunPacket};
use is::{Candidate, CandidateKind, IceAgent, IceAgentEvent, IceCreds, Protocol, Sha1HmacProvider};
use rtp::Time;
use rtp::dtls::{self, Credentials, Dtls};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// The checks of one browser.
#[derive(Debug)]
pub(super) struct Ice {
    agent: IceAgent,
    began: Instant,
    /// Where we said that we are. Whichever address of the machine a check came to, it came to us.
    local: SocketAddr,
    /// Addresses that the peer has chosen, the latest last (RFC 8445 §8.1.1).
    chosen: Vec<SocketAddr>,
    /// From where checks came.
    seen: Vec<SocketAddr>,
    /// Where to send from here on, until that was taken note of.
    selected: Option<SocketAddr>,
}

impl Ice {
    /// Begins with what was agreed.
    pub(super) fn new(now: Time, began: Instant, agreed: &Dtls) -> Self {
        let mut agent = IceAgent::with_hmac(credentials(&agreed.local), &Sha1);
        agent.set_ice_lite(agreed.ice == dtls::Ice::Lite);
        agent.set_controlling(agreed.ice == dtls::Ice::Full);
        agent.set_max_candidate_pairs(PAIRS_MAX);
        let local = agreed.address;
        if let Ok(candidate) = Candidate::host(local, Protocol::Udp) {
            agent.add_local_candidate(candidate);
        }
        let mut ice = Self {
            agent,
            began,
            local,
            chosen: Vec::new(),
            seen: Vec::new(),
            selected: None,
        };
        ice.take_remote(agreed);
        ice.timeout(now);
        ice
    }

    /// Begins anew where the peer or we did (RFC 8445 §9). Until the new way is found, the old one is kept.
    pub(super) fn agree(&mut self, now: Time, agreed: &Dtls) {
        let local = credentials(&agreed.local);
        let remote = credentials(&agreed.remote);
        let known = self.agent.remote_credentials() == Some(&remote);
        if !known || *self.agent.local_credentials() != local {
            self.agent.ice_restart(local, true);
            self.chosen.clear();
            self.seen.clear();
        }
        self.take_remote(agreed);
        self.timeout(now);
    }

    fn take_remote(&mut self, agreed: &Dtls) {
        self.agent
            .set_remote_credentials(credentials(&agreed.remote));
        // Who only answers needs no addresses: checks bring them.
        if agreed.ice == dtls::Ice::Full {
            for candidate in &agreed.candidates {
                self.agent.add_remote_candidate(remote(candidate));
            }
        }
    }

    /// Takes a check, or the answer to one of ours; says whether it is genuine.
    pub(super) fn receive(&mut self, now: Time, from: SocketAddr, datagram: &[u8]) -> Genuine {
        let Ok(message) = StunMessage::parse(datagram) else {
            return Genuine::No;
        };
        if !self.agent.accepts_message(&message) {
            return Genuine::No;
        }
        if message.is_binding_request() {
            // A peer that knows the password still has only so many addresses.
            if !self.seen.contains(&from) {
                if self.seen.len() >= ADDRESSES_MAX {
                    return Genuine::No;
                }
                self.seen.push(from);
            }
            if message.use_candidate() && self.chosen.last() != Some(&from) {
                self.chosen.retain(|address| *address != from);
                self.chosen.push(from);
            }
        }
        let packet = StunPacket {
            proto: Protocol::Udp,
            source: from,
            destination: self.local,
            message,
        };
        self.agent.handle_packet(self.instant(now), packet);
        // The agent looks at what was chosen only then.
        self.timeout(now);
        Genuine::Yes
    }

    /// Does what is due.
    pub(super) fn timeout(&mut self, now: Time) {
        let now = self.instant(now);
        self.agent.handle_timeout(now);
        self.take_up();
    }

    /// When [`Self::timeout`] has something to do.
    pub(super) fn next_deadline(&mut self) -> Option<Time> {
        let at = self.agent.poll_timeout()?;
        Some(Time(0) + at.saturating_duration_since(self.began))
    }

    /// A check or an answer to send.
    pub(super) fn poll(&mut self) -> Option<(SocketAddr, impl AsRef<[u8]> + use<>)> {
        let transmit = self.agent.poll_transmit()?;
        Some((transmit.destination, Vec::from(transmit.contents)))
    }

    /// Where to send, when that was chosen since it was asked last.
    pub(super) const fn take_selected(&mut self) -> Option<SocketAddr> {
        self.selected.take()
    }

    /// Whether the peer has chosen this address.
    pub(super) fn is_chosen(&self, address: SocketAddr) -> bool {
        self.chosen.contains(&address)
    }

    fn take_up(&mut self) {
        while let Some(event) = self.agent.poll_event() {
            if let IceAgentEvent::NominatedSend { destination, .. } = event {
                self.selected = Some(destination);
            }
        }
    }

    fn instant(&self, now: Time) -> Instant {
        self.began + Duration::from_micros(now.0)
    }
}

/// Whether a message proves that its sender knows the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Genuine {
    Yes,
    No,
}

/// Whether a check or an answer is keyed with this password (RFC 8489 §9.1).
pub(super) fn is_keyed(message: &StunMessage<'_>, password: &str) -> Genuine {
    let keyed = message.verify(password.as_bytes(), |key, parts| Sha1.sha1_hmac(key, parts));
    if keyed { Genuine::Yes } else { Genuine::No }
}

fn credentials(of: &Credentials) -> IceCreds {
    IceCreds {
        ufrag: of.ufrag().to_owned(),
        pass: of.password().to_owned(),
    }
}

fn remote(candidate: &dtls::Candidate) -> Candidate {
    let kind = match candidate.kind {
        dtls::CandidateKind::Host => CandidateKind::Host,
        dtls::CandidateKind::Reflexive => CandidateKind::ServerReflexive,
        dtls::CandidateKind::Relayed => CandidateKind::Relayed,
    };
    let (address, priority) = (candidate.address, candidate.priority);
    let foundation = address.to_string();
    Candidate::from_parts(
        foundation,
        1,
        Protocol::Udp,
        priority,
        address,
        kind,
        None,
        None,
        None,
    )
}

/// HMAC-SHA1 by the one cryptographic library that we have. STUN's integrity is made of it (RFC 8489 §14.5), and it
/// is not known to be weak there.
#[derive(Debug)]
pub(super) struct Sha1;

impl Sha1HmacProvider for Sha1 {
    fn sha1_hmac(&self, key: &[u8], payloads: &[&[u8]]) -> [u8; 20] {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key);
        let mut context = hmac::Context::with_key(&key);
        for payload in payloads {
            context.update(payload);
        }
        let mut tag = [0; 20];
        tag.copy_from_slice(context.sign().as_ref());
        tag
    }
}

/// Addresses from which one peer's checks are answered.
const ADDRESSES_MAX: usize = 32;
/// Pairs of addresses that are tried: one of ours with each of the peer's.
const PAIRS_MAX: usize = 64;
