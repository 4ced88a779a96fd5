//! How a leg's packets are protected on the network.

use super::Out;
use super::line::Port;
use crate::batch::DATAGRAM_MAX;
use model::LegId;
use rtp::srtp::{Inbound, MasterKey, Outbound, Suite};
use rtp::{Security, is_rtcp};
use std::net::SocketAddr;

/// Stands between a leg and the network: what comes is checked and decrypted before anything else looks at it, what
/// goes is protected after everything else is done.
#[derive(Debug, Default)]
pub(super) enum Guard {
    /// Packets go as they are.
    #[default]
    Off,
    /// By SRTP.
    Srtp(Box<Contexts>),
}

#[derive(Debug)]
pub(super) struct Contexts {
    inbound: Inbound,
    outbound: Outbound,
    /// The packet that goes out: what is relayed goes to others as well, each with another key.
    sealed: [u8; SEALED_MAX],
}

impl Guard {
    /// Takes over what was agreed. A key that is the same as before goes on where it was; another begins anew.
    pub(super) fn agree(&mut self, security: &Security) {
        match (&mut *self, security) {
            // A browser's packets are opened and sealed where its handshake is, outside of the engine.
            (_, Security::Plain | Security::Dtls(_)) => *self = Self::Off,
            (Self::Off, Security::Sdes { sends, receives }) => {
                *self = Self::Srtp(Box::new(Contexts::new(sends, receives)));
            }
            (Self::Srtp(contexts), Security::Sdes { sends, receives }) => {
                if contexts.outbound.key() != sends {
                    contexts.outbound = Outbound::new(sends);
                }
                if contexts.inbound.key() != receives {
                    contexts.inbound = Inbound::new(receives);
                }
            }
        }
    }

    /// Checks and decrypts a packet of RTP or RTCP; `None` when it is not the peer's, or was seen before.
    pub(super) fn open<'d>(&mut self, datagram: &'d mut [u8]) -> Option<&'d mut [u8]> {
        let Self::Srtp(contexts) = self else {
            return Some(datagram);
        };
        let opened = if is_rtcp(datagram) {
            contexts.inbound.unprotect_rtcp(datagram)
        } else {
            contexts.inbound.unprotect(datagram)
        };
        opened.ok().and_then(|length| datagram.get_mut(..length))
    }

    /// Sends a packet of RTP or RTCP. One that cannot be protected is not sent.
    pub(super) fn send(
        &mut self,
        leg: LegId,
        (to, port): (SocketAddr, Port),
        packet: &[u8],
        out: &mut impl Out,
    ) {
        let packet = match self {
            Self::Off => Some(packet),
            Self::Srtp(contexts) => contexts.seal(packet),
        };
        match (packet, port) {
            (Some(packet), Port::Rtp) => out.rtp(leg, to, packet),
            (Some(packet), Port::Rtcp) => out.rtcp(leg, to, packet),
            (None, _) => tracing::debug!(%leg, "a packet cannot be protected and is not sent"),
        }
    }
}

impl Contexts {
    fn new(sends: &MasterKey, receives: &MasterKey) -> Self {
        Self {
            inbound: Inbound::new(receives),
            outbound: Outbound::new(sends),
            sealed: [0; SEALED_MAX],
        }
    }

    fn seal(&mut self, packet: &[u8]) -> Option<&[u8]> {
        self.sealed.get_mut(..packet.len())?.copy_from_slice(packet);
        let protected = if is_rtcp(packet) {
            self.outbound.protect_rtcp(&mut self.sealed, packet.len())
        } else {
            self.outbound.protect(&mut self.sealed, packet.len())
        };
        self.sealed.get(..protected.ok()?)
    }
}

const SEALED_MAX: usize = DATAGRAM_MAX + Suite::OVERHEAD_MAX;
