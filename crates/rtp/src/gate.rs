//! Who may send into a stream.

use crate::{Source, Time};
use core::time::Duration;
use std::net::{IpAddr, SocketAddr};

/// Checks from where packets come: one for RTP and, with its own addresses, one for RTCP.
///
/// Nobody but the peer can inject sound or draw the stream to himself. With [`Source::Signalled`] only
/// the signalled address and port are let in. With [`Source::Latch`] the first packet from the phone's
/// public address within [`LATCH_WITHIN`] fixes the port, and only [`Gate::renew`], after a re-INVITE,
/// opens the choice again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gate {
    signalled: SocketAddr,
    source: Source,
    latch: Latch,
    sender: Sender,
    counts: GateCounts,
}

/// From where packets are let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Latch {
    /// From any port of this address, until then. Meanwhile we send to `remote`.
    Open {
        from: IpAddr,
        until: Time,
        remote: SocketAddr,
    },
    /// From here only.
    Fixed(SocketAddr),
    /// From anywhere: ICE has looked at it. We send to this one.
    Anywhere(SocketAddr),
}

/// Whose packets are taken (SSRC).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sender {
    Unknown,
    Known(u32),
    /// Another one sent the last packet.
    Challenged {
        known: u32,
        new: u32,
    },
}

/// What to do with a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Use it.
    Accept,
    /// Use it, and send to where it comes from; its sequence and timestamp may begin anew.
    Latched,
    /// Use it; the peer sends under another SSRC from here on, so sequence and timestamp begin anew.
    NewSender,
    /// Drop it: it comes from somewhere else.
    Foreign,
    /// Drop it: the moment in which a port could be learned is over.
    TooLate,
    /// Drop it: one packet of another SSRC may be a stray one, the next is taken.
    Stray,
    /// Drop it: it carries our own SSRC, so it is a loop or a collision (RFC 3550 §8.2).
    Looped,
}

impl Verdict {
    /// Whether the packet is to be used.
    #[must_use]
    pub const fn accepts(self) -> bool {
        match self {
            Self::Accept | Self::Latched | Self::NewSender => true,
            Self::Foreign | Self::TooLate | Self::Stray | Self::Looped => false,
        }
    }
}

/// How often each verdict was given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GateCounts {
    /// Used, for whatever reason.
    pub accepted: u64,
    /// From a wrong address or port.
    pub foreign: u64,
    /// From the public address, after the moment for it.
    pub too_late: u64,
    /// Of another SSRC, once.
    pub stray: u64,
    /// With our own SSRC.
    pub looped: u64,
}

/// How long the first packet of a phone behind NAT is waited for. A stream that stays silent so long is
/// hung up anyway (SI-07), so no phone is shut out of a call that still goes on.
pub const LATCH_WITHIN: Duration = Duration::from_secs(30);

impl Gate {
    /// The gate of a stream that begins, for a [`crate::Stream`]'s `remote` or `remote_rtcp`.
    #[must_use]
    pub fn new(now: Time, remote: SocketAddr, source: Source) -> Self {
        Self {
            signalled: remote,
            source,
            latch: Latch::new(now, remote, source),
            sender: Sender::Unknown,
            counts: GateCounts::default(),
        }
    }

    /// Decides on an RTP packet of `ssrc`; `own` is the SSRC that we send with. To be asked about packets
    /// that parse, so that no other datagram fixes the port.
    pub fn check(&mut self, now: Time, from: SocketAddr, ssrc: u32, own: u32) -> Verdict {
        let verdict = if ssrc == own {
            Verdict::Looped
        } else {
            let address = self.latch.admit(now, from);
            if address == Verdict::Latched {
                self.sender = Sender::Known(ssrc);
            }
            if address == Verdict::Accept {
                self.sender.admit(ssrc)
            } else {
                address
            }
        };
        self.counts.add(verdict);
        verdict
    }

    /// Whether a packet from there is dropped whatever it says, so that it need not even be decrypted. It is then
    /// counted.
    pub fn turns_away(&mut self, now: Time, from: SocketAddr) -> bool {
        // On a copy: nothing is learned from a packet of which only the address is known.
        let mut latch = self.latch;
        let verdict = latch.admit(now, from);
        if !verdict.accepts() {
            self.counts.add(verdict);
        }
        !verdict.accepts()
    }

    /// Decides on an RTCP packet, whose senders are many.
    pub fn check_address(&mut self, now: Time, from: SocketAddr) -> Verdict {
        let verdict = self.latch.admit(now, from);
        self.counts.add(verdict);
        verdict
    }

    /// Takes over what was agreed anew. Where nothing differs, a port that was learned stays and one that
    /// was not is waited for afresh; anything else begins from the start.
    pub fn update(&mut self, now: Time, remote: SocketAddr, source: Source) {
        let same = (self.signalled, self.source) == (remote, source);
        if same && matches!(self.latch, Latch::Fixed(_) | Latch::Anywhere(_)) {
            return;
        }
        self.signalled = remote;
        self.source = source;
        self.latch = Latch::new(now, remote, source);
    }

    /// Lets the phone choose its port again, after a re-INVITE. Until it sends, the learned port is kept
    /// for sending.
    pub fn renew(&mut self, now: Time) {
        if let Source::Latch(_) = self.source {
            self.latch = Latch::new(now, self.remote(), self.source);
        }
    }

    /// ICE has found where the peer is. It counts only where ICE is to find it.
    pub const fn reached(&mut self, remote: SocketAddr) {
        if let Latch::Anywhere(at) = &mut self.latch {
            *at = remote;
        }
    }

    /// Where to send.
    #[must_use]
    pub const fn remote(&self) -> SocketAddr {
        match self.latch {
            Latch::Open { remote, .. } | Latch::Fixed(remote) | Latch::Anywhere(remote) => remote,
        }
    }

    /// How often each verdict was given.
    #[must_use]
    pub const fn counts(&self) -> GateCounts {
        self.counts
    }
}

impl Latch {
    fn new(now: Time, remote: SocketAddr, source: Source) -> Self {
        match source {
            Source::Signalled => Self::Fixed(remote),
            Source::Ice => Self::Anywhere(remote),
            Source::Latch(from) => Self::Open {
                from,
                until: now + LATCH_WITHIN,
                remote,
            },
        }
    }

    fn admit(&mut self, now: Time, sender: SocketAddr) -> Verdict {
        match *self {
            Self::Fixed(remote) if is_same(remote, sender) => Verdict::Accept,
            Self::Open { from, until, .. } if from.to_canonical() == sender.ip().to_canonical() => {
                if now > until {
                    return Verdict::TooLate;
                }
                *self = Self::Fixed(sender);
                Verdict::Latched
            }
            Self::Anywhere(_) => Verdict::Accept,
            Self::Fixed(_) | Self::Open { .. } => Verdict::Foreign,
        }
    }
}

impl Sender {
    fn admit(&mut self, ssrc: u32) -> Verdict {
        let (next, verdict) = match *self {
            Self::Unknown => (Self::Known(ssrc), Verdict::Accept),
            Self::Known(known) | Self::Challenged { known, .. } if known == ssrc => {
                (Self::Known(known), Verdict::Accept)
            }
            Self::Challenged { new, .. } if new == ssrc => (Self::Known(new), Verdict::NewSender),
            Self::Known(known) | Self::Challenged { known, .. } => {
                (Self::Challenged { known, new: ssrc }, Verdict::Stray)
            }
        };
        *self = next;
        verdict
    }
}

impl GateCounts {
    const fn add(&mut self, verdict: Verdict) {
        let count = match verdict {
            Verdict::Accept | Verdict::Latched | Verdict::NewSender => &mut self.accepted,
            Verdict::Foreign => &mut self.foreign,
            Verdict::TooLate => &mut self.too_late,
            Verdict::Stray => &mut self.stray,
            Verdict::Looped => &mut self.looped,
        };
        *count = count.saturating_add(1);
    }
}

/// A socket for both families reports IPv4 addresses mapped into IPv6, and IPv6 ones with a scope.
fn is_same(one: SocketAddr, other: SocketAddr) -> bool {
    one.port() == other.port() && one.ip().to_canonical() == other.ip().to_canonical()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SI-03
    #[test]
    fn only_the_signalled_address_and_port_are_let_in() {
        let mut gate = Gate::new(START, at("192.0.2.9:4000"), Source::Signalled);
        for (from, verdict) in [
            ("192.0.2.9:4000", Verdict::Accept),
            ("[::ffff:192.0.2.9]:4000", Verdict::Accept),
            ("192.0.2.9:4001", Verdict::Foreign),
            ("192.0.2.10:4000", Verdict::Foreign),
            ("[2001:db8::1]:4000", Verdict::Foreign),
        ] {
            assert_eq!(gate.check(START, at(from), PEER, OWN), verdict, "{from}");
        }
        assert_eq!(gate.remote(), at("192.0.2.9:4000"));
        let counts = gate.counts();
        assert_eq!((counts.accepted, counts.foreign), (2, 3));
    }

    /// SI-03
    #[test]
    fn behind_nat_the_first_packet_fixes_the_port_for_good() {
        let mut gate = behind_nat();
        assert_eq!(gate.remote(), at("203.0.113.5:4000"), "a guess until then");
        assert_eq!(check(&mut gate, "198.51.100.1:4000"), Verdict::Foreign);
        assert_eq!(check(&mut gate, "203.0.113.5:61000"), Verdict::Latched);
        assert_eq!(check(&mut gate, "203.0.113.5:61000"), Verdict::Accept);
        assert_eq!(check(&mut gate, "203.0.113.5:4000"), Verdict::Foreign);
        assert_eq!(gate.remote(), at("203.0.113.5:61000"));
    }

    #[test]
    fn the_port_is_learned_in_the_first_moment_only() {
        let mut gate = behind_nat();
        let late = START + LATCH_WITHIN + Duration::from_micros(1);
        let from = at("203.0.113.5:61000");
        assert_eq!(gate.check(late, from, PEER, OWN), Verdict::TooLate);
        gate.update(late, at("203.0.113.5:4000"), SOURCE);
        assert_eq!(gate.check(late, from, PEER, OWN), Verdict::Latched);
    }

    #[test]
    fn the_port_is_learned_again_only_after_a_re_invite() {
        let mut gate = behind_nat();
        check(&mut gate, "203.0.113.5:61000");
        gate.update(START, at("203.0.113.5:4000"), SOURCE);
        assert_eq!(check(&mut gate, "203.0.113.5:62000"), Verdict::Foreign);
        gate.renew(START);
        assert_eq!(
            gate.remote(),
            at("203.0.113.5:61000"),
            "kept until it sends"
        );
        assert_eq!(check(&mut gate, "203.0.113.5:62000"), Verdict::Latched);
        gate.update(START, at("203.0.113.5:4002"), SOURCE);
        assert_eq!(gate.remote(), at("203.0.113.5:4002"));
        assert_eq!(check(&mut gate, "203.0.113.5:63000"), Verdict::Latched);
    }

    #[test]
    fn renewing_a_signalled_gate_opens_nothing() {
        let mut gate = Gate::new(START, at("192.0.2.9:4000"), Source::Signalled);
        gate.renew(START);
        assert_eq!(check(&mut gate, "192.0.2.9:4001"), Verdict::Foreign);
    }

    #[test]
    fn another_sender_is_taken_from_its_second_packet_in_a_row() {
        let mut gate = Gate::new(START, at("192.0.2.9:4000"), Source::Signalled);
        let mut of = |ssrc| gate.check(START, at("192.0.2.9:4000"), ssrc, OWN);
        let verdicts = [1, 2, 1, 2, 3, 3, 3, 1, OWN].map(&mut of);
        use Verdict::{Accept, Looped, NewSender, Stray};
        assert_eq!(
            verdicts,
            [
                Accept, Stray, Accept, Stray, Stray, NewSender, Accept, Stray, Looped
            ]
        );
    }

    #[test]
    fn a_packet_of_our_own_fixes_no_port() {
        let mut gate = behind_nat();
        let from = at("203.0.113.5:61000");
        assert_eq!(gate.check(START, from, OWN, OWN), Verdict::Looped);
        assert_eq!(gate.remote(), at("203.0.113.5:4000"));
    }

    #[test]
    fn who_is_turned_away_leaves_nothing_but_a_count() {
        let mut gate = behind_nat();
        assert!(gate.turns_away(START, at("198.51.100.1:4000")));
        assert!(!gate.turns_away(START, at("203.0.113.5:61000")));
        assert_eq!(gate.remote(), at("203.0.113.5:4000"), "no port was learned");
        assert_eq!(check(&mut gate, "203.0.113.5:62000"), Verdict::Latched);
        assert!(gate.turns_away(START, at("203.0.113.5:61000")));
        assert_eq!(gate.counts().foreign, 2);
    }

    #[test]
    fn rtcp_is_checked_by_address() {
        let mut gate = Gate::new(START, at("203.0.113.5:4001"), SOURCE);
        assert_eq!(
            gate.check_address(START, at("203.0.113.5:9")),
            Verdict::Latched
        );
        assert_eq!(
            gate.check_address(START, at("203.0.113.5:9")),
            Verdict::Accept
        );
        assert_eq!(
            gate.check_address(START, at("203.0.113.6:9")),
            Verdict::Foreign
        );
    }

    const START: Time = Time(5_000_000);
    const SOURCE: Source = Source::Latch(IpAddr::V4(core::net::Ipv4Addr::new(203, 0, 113, 5)));
    const PEER: u32 = 1;
    const OWN: u32 = 99;

    fn behind_nat() -> Gate {
        Gate::new(START, at("203.0.113.5:4000"), SOURCE)
    }

    fn check(gate: &mut Gate, from: &str) -> Verdict {
        gate.check(START, at(from), PEER, OWN)
    }

    fn at(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }
}
