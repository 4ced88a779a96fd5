//! A leg's network side: what was agreed, who may send, what arrives, and reports about it.

use super::losses::Losses;
use crate::Rate;
use crate::codec::Decoder;
use crate::playout::Figures;
use rtp::event::{KeyReceiver, KeySender};
use rtp::quality::{Loss, Path, Rating};
use rtp::rtcp::{Compound, Item, Place, Reception, Timing, VoiceReport};
use rtp::{
    Codec, Encoding, Gate, Header, InBand, Metrics, NotRtp, Packet, Stream, TelephoneEvents, Time,
    Verdict,
};
use std::net::SocketAddr;
use std::time::Duration;

/// What offer and answer came to, and what it is used for.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) stream: Stream,
    /// The rate that what is sent can be encoded at; `None` when nobody here can.
    pub(super) hears: Option<Rate>,
    /// What the peer says at present, one of the codecs agreed on.
    pub(super) says: Codec,
    /// The rate that it can be decoded at; `None` when nobody here can.
    pub(super) speaks: Option<Rate>,
    pub(super) key_receiver: Option<KeyReceiver>,
    pub(super) key_sender: Option<KeySender>,
    pub(super) reception: Reception,
    gate: Gate,
    rtcp_gate: Gate,
    /// Since when the peer should send and has not.
    silent_since: Time,
    peer_lost: i32,
    losses: Losses,
    peer_opinion_x10: Option<u8>,
    round_trip: Option<Duration>,
}

/// A packet that was let in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Received {
    pub(super) what: What,
    pub(super) header: Header,
    /// Where in its sender's order it belongs.
    pub(super) place: Place,
    /// Who speaks may have changed: what is left of the one before is of no use.
    pub(super) sender: Sender,
}

/// What a packet carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// Sound in the codec that was said before.
    Sound,
    /// Sound in another codec that was agreed on.
    Switched,
    /// How silence sounds that is not sent.
    Noise,
    /// A part of a key.
    Key,
}

/// Who sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sender {
    /// The one before.
    Same,
    /// Another, or the same from the beginning.
    New,
}

/// How a leg's sound fares on the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quality {
    /// What the peer says, the codec that it used last.
    pub codec: Codec,
    /// Packets of the peer that never came.
    pub loss: Loss,
    /// How unevenly they come.
    pub jitter: Duration,
    /// Packets of ours that never came, as the peer says.
    pub peer_lost: i32,
    /// What a conversation is worth to the peer, in tenths, as it says itself (RFC 3611 §4.7.5).
    pub peer_opinion_x10: Option<u8>,
    /// To the peer and back, when it said so.
    pub round_trip: Option<Duration>,
    /// How its sound waited, and what was made up; only while it is decoded here.
    pub playout: Option<Figures>,
}

impl Quality {
    /// What the peer's sound suffers from until it is heard.
    #[must_use]
    pub fn path(&self) -> Path {
        let late = self.playout.map_or(0, |figures| figures.late);
        // Wherever it is heard, it waits for as long as packets may be late.
        let waits = match self.playout {
            Some(figures) => figures.delay,
            None => Duration::from_millis(self.codec.ptime_ms.into()) + self.jitter * 2,
        };
        let fills = Duration::from_millis(self.codec.ptime_ms.into());
        Path {
            codec: self.codec,
            loss: Loss {
                expected: self.loss.expected,
                lost: self.loss.lost.saturating_add(late),
                bursts: self.loss.bursts.saturating_add(late),
            },
            delay: self.round_trip.unwrap_or_default() / 2 + fills + waits,
        }
    }

    /// How what the peer says is likely to be judged (ITU-T G.107).
    #[must_use]
    pub fn rating(&self) -> Rating {
        self.path().rating()
    }
}

impl Line {
    /// What was agreed the first time.
    pub(super) fn new(now: Time, stream: Stream) -> Self {
        let says = stream.receives.first().copied().unwrap_or(stream.codec);
        let events = stream.telephone_event;
        Self {
            hears: Decoder::native_rate(&stream.codec),
            speaks: Decoder::native_rate(&says),
            key_receiver: events.map(|events| key_receiver(events, &says)),
            key_sender: None,
            reception: Reception::new(says.clock_rate),
            gate: Gate::new(now, stream.remote, stream.source),
            rtcp_gate: Gate::new(now, stream.remote_rtcp, stream.source),
            silent_since: now,
            peer_lost: 0,
            losses: Losses::new(),
            peer_opinion_x10: None,
            round_trip: None,
            says,
            stream,
        }
    }

    /// What was agreed anew. Whatever is the same goes on: ports that were learned, keys that are down.
    pub(super) fn update(&mut self, now: Time, stream: Stream) {
        self.gate.update(now, stream.remote, stream.source);
        self.rtcp_gate
            .update(now, stream.remote_rtcp, stream.source);
        if stream.codec != self.stream.codec {
            self.hears = Decoder::native_rate(&stream.codec);
        }
        if stream.telephone_event != self.stream.telephone_event {
            let events = stream.telephone_event;
            self.key_receiver = events.map(|events| key_receiver(events, &stream.codec));
            self.key_sender = None;
        }
        if !stream.receives.contains(&self.says) {
            self.say(stream.receives.first().copied().unwrap_or(stream.codec));
        }
        self.silent_since = now;
        self.stream = stream;
    }

    /// The peer may come from another port, after a re-INVITE (SI-03).
    pub(super) fn renew(&mut self, now: Time) {
        self.gate.renew(now);
        self.rtcp_gate.renew(now);
    }

    /// Whether a datagram is dropped for where it comes from, before anything else of it is looked at.
    pub(super) fn turns_away(&mut self, now: Time, from: SocketAddr, port: Port) -> bool {
        match port {
            Port::Rtp => self.gate.turns_away(now, from),
            Port::Rtcp => self.rtcp_gate.turns_away(now, from),
        }
    }

    /// Looks at a datagram on the port of RTP; `None` when it is not let in, or means nothing.
    pub(super) fn receive<'d>(
        &mut self,
        now: Time,
        from: SocketAddr,
        datagram: &'d [u8],
        own: u32,
    ) -> Option<(Received, Packet<'d>)> {
        let packet = match Packet::parse(datagram) {
            Ok(packet) => packet,
            Err(NotRtp::Rtcp) if self.is_muxed() => {
                if self.gate.check_address(now, from).accepts() {
                    self.read_reports(now, datagram, own);
                }
                return None;
            }
            Err(_) => return None,
        };
        let verdict = self.gate.check(now, from, packet.header.ssrc, own);
        if !verdict.accepts() {
            return None;
        }
        self.silent_since = now;
        let events = self.stream.telephone_event;
        let payload_type = packet.header.payload_type;
        let is_key = events.is_some_and(|events| events.receive == payload_type);
        let timing = if is_key { Timing::Frozen } else { Timing::Runs };
        let place = self.reception.received(now, &packet.header, timing);
        if place == Place::Astray || !self.stream.direction.receives() {
            return None;
        }
        let what = if is_key {
            What::Key
        } else if payload_type == self.says.payload_type {
            What::Sound
        } else {
            let codec = *self.stream.received(payload_type)?;
            if codec.encoding == Encoding::ComfortNoise {
                What::Noise
            } else {
                self.say(codec);
                What::Switched
            }
        };
        let is_new =
            place == Place::First || matches!(verdict, Verdict::Latched | Verdict::NewSender);
        let received = Received {
            what,
            header: packet.header,
            place,
            sender: if is_new { Sender::New } else { Sender::Same },
        };
        Some((received, packet))
    }

    /// Looks at a datagram on the port of RTCP.
    pub(super) fn receive_rtcp(&mut self, now: Time, from: SocketAddr, datagram: &[u8], own: u32) {
        // Only what is RTCP may fix the port of a peer behind NAT.
        if Compound::parse(datagram).is_ok() && self.rtcp_gate.check_address(now, from).accepts() {
            self.read_reports(now, datagram, own);
        }
    }

    /// ICE has found where the peer is.
    pub(super) const fn reached(&mut self, remote: SocketAddr) {
        self.gate.reached(remote);
    }

    /// Where RTP goes; `None` while none is to be sent.
    pub(super) fn remote(&self) -> Option<SocketAddr> {
        let remote = self.gate.remote();
        let sends = self.stream.direction.sends() && can_be_sent_to(remote);
        sends.then_some(remote)
    }

    /// Where RTCP goes, and through which port.
    pub(super) fn remote_rtcp(&self) -> Option<(SocketAddr, Port)> {
        let (remote, port) = if self.is_muxed() {
            (self.gate.remote(), Port::Rtp)
        } else {
            (self.rtcp_gate.remote(), Port::Rtcp)
        };
        can_be_sent_to(remote).then_some((remote, port))
    }

    /// Whether the peer should have sent for `so_long`, and did not. It is asked after anew from here on.
    pub(super) fn is_silent(&mut self, now: Time, so_long: Duration) -> bool {
        if !self.stream.direction.receives() {
            self.silent_since = now;
        }
        let silent = now.since(self.silent_since) >= so_long;
        if silent {
            self.silent_since = now;
        }
        silent
    }

    /// Whether keys are listened for in what the peer says.
    pub(super) fn hears_keys(&self) -> bool {
        self.stream.in_band == InBand::Heard
            && self.stream.direction.receives()
            && self.speaks.is_some()
    }

    /// Of a hundred packets that are sent so many will be lost, by the peer's reports.
    pub(super) fn expected_loss(&self) -> u8 {
        self.losses.expected()
    }

    /// How it fares.
    pub(super) fn quality(&self) -> Quality {
        let ticks = u64::from(self.reception.jitter());
        let rate = u64::from(self.says.clock_rate.max(1));
        Quality {
            codec: self.says,
            loss: self.reception.loss(),
            jitter: Duration::from_micros(ticks * 1_000_000 / rate),
            peer_lost: self.peer_lost,
            peer_opinion_x10: self.peer_opinion_x10,
            round_trip: self.round_trip,
            playout: None,
        }
    }

    /// What the peer is told of how it is heard, if it wishes to know.
    pub(super) fn voice(&self, ssrc: u32, playout: Option<Figures>) -> Option<VoiceReport> {
        if self.stream.metrics == Metrics::Unasked {
            return None;
        }
        let quality = Quality {
            playout,
            ..self.quality()
        };
        let path = quality.path();
        let rating = path.rating();
        let share = |part: u64| (part * 256 / quality.loss.expected.max(1)).min(255) as u8;
        Some(VoiceReport {
            ssrc,
            fraction_lost: share(quality.loss.lost),
            fraction_discarded: share(playout.map_or(0, |figures| figures.late)),
            round_trip: self.round_trip.unwrap_or_default(),
            delay: path.delay - self.round_trip.unwrap_or_default() / 2,
            rating: Some(rating.value().round() as u8),
            opinion_x10: Some((rating.mean_opinion() * 10.0).round() as u8),
        })
    }

    fn say(&mut self, codec: Codec) {
        self.speaks = Decoder::native_rate(&codec);
        self.reception.set_clock_rate(codec.clock_rate);
        self.says = codec;
    }

    fn is_muxed(&self) -> bool {
        self.stream.remote == self.stream.remote_rtcp
    }

    fn read_reports(&mut self, now: Time, datagram: &[u8], own: u32) {
        let Ok(compound) = Compound::parse(datagram) else {
            return;
        };
        for item in compound.items() {
            self.reception.reported(now, &item);
            match item {
                Item::Sender { blocks, .. } | Item::Receiver { blocks, .. } => {
                    for block in blocks.iter().filter(|block| block.ssrc == own) {
                        self.peer_lost = block.lost;
                        self.losses.reported(block.fraction_lost);
                        self.round_trip = block.round_trip(now).or(self.round_trip);
                    }
                }
                Item::Voice { heard, .. } if heard.ssrc == own => {
                    self.peer_opinion_x10 = heard.opinion_x10.or(self.peer_opinion_x10);
                }
                Item::Voice { .. } | Item::Name { .. } | Item::Bye { .. } | Item::Other { .. } => {}
            }
        }
    }
}

const fn key_receiver(events: TelephoneEvents, says: &Codec) -> KeyReceiver {
    KeyReceiver::new(events.clock_rate).beside(says.clock_rate)
}

/// Which of a leg's two ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Port {
    /// That of RTP.
    Rtp,
    /// That of RTCP.
    Rtcp,
}

fn can_be_sent_to(remote: SocketAddr) -> bool {
    !remote.ip().is_unspecified() && remote.port() != 0
}
