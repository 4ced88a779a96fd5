//! Ways to hear what comes.

use crate::talk::{Talk, decode};
use media::codec::Decoder;
use media::playout::Playout;
use rtp::{Codec, Header, Packet, Time};
use std::collections::{BTreeMap, VecDeque};

/// One who hears.
pub(crate) trait Listener {
    /// A packet comes.
    fn receive(&mut self, now: Time, header: Header, payload: &[u8]);

    /// The next 10 ms are heard.
    fn hear(&mut self, now: Time, slot: &mut [i16]);

    /// What else there is to say.
    fn note(&self) -> String {
        String::new()
    }
}

/// The playout of this crate.
pub(crate) struct Ours {
    playout: Playout,
    decoder: Decoder,
    codec: Codec,
}

impl Ours {
    pub(crate) fn new(talk: &Talk) -> Self {
        Self {
            playout: Playout::new(talk.rate),
            decoder: talk.decoder(),
            codec: talk.codec,
        }
    }
}

impl Listener for Ours {
    fn receive(&mut self, now: Time, header: Header, payload: &[u8]) {
        let datagram = [&header.to_bytes(), payload].concat();
        let packet = Packet::parse(&datagram).unwrap();
        self.playout.push(now, &packet, &self.codec);
    }

    fn hear(&mut self, now: Time, slot: &mut [i16]) {
        self.playout.pull(now, &mut self.decoder, slot);
    }

    fn note(&self) -> String {
        let figures = self.playout.figures();
        format!(
            "target {} ms; ms concealed {}, recovered {}, shortened {}, lengthened {}; late {}, discarded {}",
            figures.target.as_millis(),
            figures.concealed.as_millis(),
            figures.recovered.as_millis(),
            figures.shortened.as_millis(),
            figures.lengthened.as_millis(),
            figures.late,
            figures.discarded,
        )
    }
}

/// Packets are played when they come, in that order, one behind the other.
pub(crate) struct AsTheyCome {
    decoder: Decoder,
    sound: VecDeque<i16>,
}

impl AsTheyCome {
    pub(crate) fn new(talk: &Talk) -> Self {
        Self {
            decoder: talk.decoder(),
            sound: VecDeque::new(),
        }
    }
}

impl Listener for AsTheyCome {
    fn receive(&mut self, _now: Time, _header: Header, payload: &[u8]) {
        let mut sound = Vec::new();
        decode(&mut self.decoder, payload, &mut sound);
        self.sound.extend(sound);
    }

    fn hear(&mut self, _now: Time, slot: &mut [i16]) {
        for sample in slot {
            *sample = self.sound.pop_front().unwrap_or(0);
        }
    }
}

/// Each packet is played 40 ms after it could have come; what is not there then is silence.
pub(crate) struct FixedWait {
    decoder: Decoder,
    packets: BTreeMap<u64, Vec<u8>>,
    sound: VecDeque<i16>,
    packet: usize,
}

impl FixedWait {
    pub(crate) fn new(talk: &Talk) -> Self {
        Self {
            decoder: talk.decoder(),
            packets: BTreeMap::new(),
            sound: VecDeque::new(),
            packet: talk.rate.samples(20),
        }
    }
}

impl Listener for FixedWait {
    fn receive(&mut self, _now: Time, header: Header, payload: &[u8]) {
        self.packets
            .insert(u64::from(header.sequence), payload.to_vec());
    }

    fn hear(&mut self, now: Time, slot: &mut [i16]) {
        let since = now.0.saturating_sub(1_000_000 + 40_000);
        if self.sound.len() < slot.len() && now.0 >= 1_040_000 {
            let due = since / 20_000;
            let mut sound = Vec::new();
            if let Some(payload) = self.packets.remove(&due) {
                decode(&mut self.decoder, &payload, &mut sound);
            }
            sound.resize(self.packet, 0);
            self.sound.extend(sound);
        }
        for sample in slot {
            *sample = self.sound.pop_front().unwrap_or(0);
        }
    }
}
