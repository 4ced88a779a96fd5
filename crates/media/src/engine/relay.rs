//! Packets that go on without being decoded.

use super::leg::PACKET_MAX;
use super::line::{Port, Received};
use super::{Engine, Out};
use crate::g711::{self, Law};
use model::LegId;
use rtp::{Codec, Encoding, Header, Time};
use std::ops::Range;

/// What becomes of the payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Payload {
    /// It stays as it is.
    AsItIs,
    /// It is G.711 of the other law: a byte for a byte.
    Into(Law),
}

impl Payload {
    /// How packets of one codec become packets of another; `None` when they must be decoded for that.
    pub(super) fn between(says: &Codec, hears: &Codec) -> Option<Self> {
        if says.matches(hears) {
            return Some(Self::AsItIs);
        }
        let is_narrow = |codec: &Codec| (codec.clock_rate, codec.channels) == (8_000, 1);
        if !is_narrow(says) || !is_narrow(hears) {
            return None;
        }
        match (says.encoding, hears.encoding) {
            (Encoding::Pcmu, Encoding::Pcma) => Some(Self::Into(Law::A)),
            (Encoding::Pcma, Encoding::Pcmu) => Some(Self::Into(Law::Mu)),
            _ => None,
        }
    }
}

/// Packets on their way.
impl Engine {
    /// Sends a leg's packet on to those who get it without its being decoded. The payload is in this part of the
    /// datagram and lasts for so many ticks.
    pub(super) fn relay(
        &mut self,
        now: Time,
        leg: LegId,
        received: &Received,
        (datagram, payload, ticks): (&mut [u8], Range<usize>, u32),
        out: &mut impl Out,
    ) {
        let bytes = payload.len();
        self.for_listeners(leg, |engine, id| {
            let Some(listener) = engine.legs.get_mut(&id) else {
                return;
            };
            let relayed = listener.relay(now, received, (ticks, bytes));
            let Some((to, header, becomes)) = relayed else {
                return;
            };
            let to = (to, Port::Rtp);
            match becomes {
                Payload::AsItIs => {
                    if header.overwrite(datagram).is_err() {
                        return;
                    }
                    listener.guard.send(id, to, datagram, out);
                }
                Payload::Into(law) => {
                    let said = datagram.get(payload.clone()).unwrap_or_default();
                    let mut packet = [0; PACKET_MAX];
                    let Some(packet) = packet.get_mut(..Header::SIZE + said.len()) else {
                        return;
                    };
                    let Some((head, translated)) = packet.split_first_chunk_mut() else {
                        return;
                    };
                    *head = header.to_bytes();
                    g711::translate(law, said, translated);
                    listener.guard.send(id, to, packet, out);
                }
            }
            engine.counts.sent += 1;
        });
    }

    /// A packet of a key does not go on, and its number is not missed.
    pub(super) fn keep_back(&mut self, leg: LegId, received: &Received) {
        if let rtp::rtcp::Place::Next { .. } = received.place {
            self.for_listeners(leg, |engine, id| {
                if let Some(listener) = engine.legs.get_mut(&id) {
                    listener.sender.skip(received.header.ssrc);
                }
            });
        }
    }

    /// Does something for each who gets a leg's packets. That changes nobody's list.
    fn for_listeners(&mut self, leg: LegId, mut each: impl FnMut(&mut Self, LegId)) {
        let Some(speaker) = self.legs.get_mut(&leg) else {
            return;
        };
        // Taken out meanwhile, for a listener may be the speaker himself.
        let listeners = std::mem::take(&mut speaker.relays_to);
        for listener in &listeners {
            each(self, *listener);
        }
        if let Some(speaker) = self.legs.get_mut(&leg) {
            speaker.relays_to = listeners;
        }
    }
}
