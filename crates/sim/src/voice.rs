//! The sound of one call at a phone: it sends its tone, or keys, every 20 ms.

use crate::describe::{Described, SUITE, Way};
use crate::ears::Ears;
use media::g711::{self, Law};
use model::{Duration, Time};
use rtp::event::KeySender;
use rtp::srtp::{Inbound, MasterKey, Outbound, Suite};
use rtp::{Header, Marker, Packet};
use std::net::SocketAddr;
use std::rc::Rc;

/// What a phone says all the time: one pure tone, as packets of both laws.
#[derive(Debug)]
pub(crate) struct Tone {
    pub(crate) hz: u32,
    /// A tenth of a second, after which every whole number of ten hertz begins anew.
    mu: Vec<[u8; PACKET]>,
    a: Vec<[u8; PACKET]>,
}

impl Tone {
    pub(crate) fn new(hz: u32) -> Rc<Self> {
        let turn = std::f64::consts::TAU * f64::from(hz) / f64::from(RATE_HZ);
        let samples: Vec<i16> = (0..RATE_HZ / 10)
            .map(|place| ((turn * f64::from(place)).sin() * LOUD * f64::from(i16::MAX)) as i16)
            .collect();
        let encoded = |law| {
            let packets = samples.chunks_exact(PACKET).map(|part| {
                let mut bytes = [0; PACKET];
                g711::encode(law, part, &mut bytes);
                bytes
            });
            packets.collect()
        };
        Rc::new(Self {
            hz,
            mu: encoded(Law::Mu),
            a: encoded(Law::A),
        })
    }

    fn packet(&self, law: Law, place: usize) -> &[u8] {
        let packets = match law {
            Law::Mu => &self.mu,
            Law::A => &self.a,
        };
        packets.get(place % packets.len()).map_or(&[], |p| &p[..])
    }
}

/// The sound of one call.
#[derive(Debug)]
pub(crate) struct Voice {
    pub(crate) local: SocketAddr,
    pub(crate) way: Way,
    pub(crate) peer: Option<Described>,
    /// What the phone protects with, where it does.
    pub(crate) key: MasterKey,
    contexts: Option<(Outbound, Inbound)>,
    tone: Rc<Tone>,
    pub(crate) says: Says,
    due: Option<Time>,
    ssrc: u32,
    sequence: u16,
    timestamp: u32,
    place: usize,
    marker: Marker,
    keys: KeySender,
    /// When the last key that was heard began, in ticks.
    last_key: Option<(u32, u32)>,
}

/// What the user of a phone says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Says {
    /// The phone's own tone.
    #[default]
    Tone,
    /// Nothing: the packets that go on hold silence.
    Nothing,
}

/// What a packet turned out to be.
pub(crate) enum Heard {
    Sound,
    Key(char),
    Nothing,
}

impl Voice {
    pub(crate) fn new(local: SocketAddr, tone: Rc<Tone>, random: u64) -> Self {
        let [a, b, c, d, e, f, ..] = random.to_be_bytes();
        Self {
            local,
            way: Way::Talk,
            peer: None,
            key: MasterKey::new(SUITE, &random.to_be_bytes().repeat(4)[..30])
                .expect("so many bytes are a key"),
            contexts: None,
            tone,
            says: Says::Tone,
            due: None,
            ssrc: u32::from_be_bytes([a, b, c, d]),
            sequence: u16::from_be_bytes([e, f]),
            timestamp: u32::from_be_bytes([f, e, d, c]),
            place: 0,
            marker: Marker::Set,
            keys: KeySender::new(RATE_HZ),
            last_key: None,
        }
    }

    /// The peer has described itself, the first time or again.
    pub(crate) fn learn(&mut self, now: Time, peer: Described) {
        self.contexts = match (self.contexts.take(), &peer.crypto) {
            (_, None) => None,
            (Some((outbound, inbound)), Some(theirs)) if *inbound.key() == theirs.key => {
                Some((outbound, inbound))
            }
            (_, Some(theirs)) => Some((Outbound::new(&self.key), Inbound::new(&theirs.key))),
        };
        self.peer = Some(peer);
        self.start_or_stop(now);
    }

    /// Sends from here on, or no longer.
    pub(crate) fn start_or_stop(&mut self, now: Time) {
        let sends = self
            .peer
            .as_ref()
            .is_some_and(|peer| peer.is_sent_to() && self.way.sends());
        match (sends, self.due) {
            (true, None) => {
                self.due = Some(now);
                self.marker = Marker::Set;
            }
            (false, _) => self.due = None,
            (true, Some(_)) => {}
        }
    }

    pub(crate) fn press(&mut self, key: char, length: Duration) {
        if let Some(event) = rtp::event::event_of(key) {
            // More keys than may wait are a mistake of the test, which then hears too few.
            let _ = self.keys.push(event, length);
        }
    }

    pub(crate) const fn next_deadline(&self) -> Option<Time> {
        self.due
    }

    /// The packet that is due, and where to.
    pub(crate) fn packet(&mut self, now: Time) -> Option<(SocketAddr, Vec<u8>)> {
        let due = self.due.filter(|due| *due <= now)?;
        self.due = Some(due + Duration::from_millis(20));
        let peer = self.peer.as_ref()?;
        let ticks = u32::try_from(PACKET).unwrap_or(0);
        let key = peer
            .event
            .and_then(|event| Some((event, self.keys.next(self.timestamp, ticks)?)));
        let mut header = Header {
            marker: std::mem::take(&mut self.marker),
            payload_type: peer.payload_type,
            sequence: self.sequence,
            timestamp: self.timestamp,
            ssrc: self.ssrc,
        };
        let mut bytes = Vec::with_capacity(Header::SIZE + PACKET);
        match key {
            Some((event, key)) => {
                header.payload_type = event;
                header.marker = key.marker;
                header.timestamp = key.timestamp;
                bytes.extend(header.to_bytes());
                bytes.extend(key.payload);
            }
            None => {
                bytes.extend(header.to_bytes());
                let law = law(peer.payload_type);
                match self.says {
                    Says::Tone => bytes.extend(self.tone.packet(law, self.place)),
                    Says::Nothing => bytes.extend([law.silence(); PACKET]),
                }
            }
        }
        self.sequence = self.sequence.wrapping_add(1);
        self.timestamp = self.timestamp.wrapping_add(ticks);
        self.place += 1;
        if let Some((outbound, _)) = &mut self.contexts {
            let length = bytes.len();
            bytes.resize(length + Suite::OVERHEAD_MAX, 0);
            // A number that was used before is sent by nobody.
            let length = outbound.protect(&mut bytes, length).unwrap_or(0);
            bytes.truncate(length);
        }
        Some((peer.rtp, bytes))
    }

    /// Takes a packet that came.
    pub(crate) fn receive(&mut self, now: Time, datagram: &[u8], ears: &mut Ears) -> Heard {
        let mut datagram = datagram.to_vec();
        if let Some((_, inbound)) = &mut self.contexts {
            match inbound.unprotect(&mut datagram) {
                Ok(length) => datagram.truncate(length),
                Err(_) => return Heard::Nothing,
            }
        }
        let Ok(packet) = Packet::parse(&datagram) else {
            return Heard::Nothing;
        };
        match packet.header.payload_type {
            kind @ (0 | 8) => {
                let order = (packet.header.ssrc, packet.header.sequence);
                ears.hear(now, order, law(kind), packet.payload);
                Heard::Sound
            }
            EVENT => {
                let begun = (packet.header.ssrc, packet.header.timestamp);
                let [event, ..] = *packet.payload else {
                    return Heard::Nothing;
                };
                if self.last_key.replace(begun) == Some(begun) {
                    return Heard::Nothing;
                }
                model::Digit::of_event(event)
                    .map_or(Heard::Nothing, |digit| Heard::Key(digit.as_char()))
            }
            _ => Heard::Nothing,
        }
    }
}

const fn law(payload_type: u8) -> Law {
    match payload_type {
        8 => Law::A,
        _ => Law::Mu,
    }
}

/// The payload type under which phones receive keys.
pub(crate) const EVENT: u8 = 101;
pub(crate) const RATE_HZ: u32 = 8_000;
/// Samples, and bytes, of 20 ms.
const PACKET: usize = 160;
/// Of full scale: -12 dB.
const LOUD: f64 = 0.25;
