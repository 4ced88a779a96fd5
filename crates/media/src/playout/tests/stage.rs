//! A sender, a network and a listener in virtual time.

use super::super::{Decode, Figures, Playout};
use crate::Rate;
use rtp::{Codec, Encoding, Header, Marker, Packet, Time};
use std::collections::BTreeMap;

/// What is sent and what was heard.
pub(super) struct Stage {
    pub(super) playout: Playout,
    pub(super) decoder: Plain,
    pub(super) codec: Codec,
    pub(super) heard: Vec<i16>,
    pub(super) now: Time,
    pub(super) header: Header,
    rate: Rate,
    on_the_way: BTreeMap<(u64, u64), (Header, Vec<u8>)>,
    sent: u64,
}

impl Stage {
    pub(super) fn new(rate: Rate) -> Self {
        Self {
            playout: Playout::new(rate),
            decoder: Plain::default(),
            codec: Codec::new(Encoding::L16, 96, rate.hz(), 1),
            heard: Vec::new(),
            now: Time(1_000_000),
            header: Header {
                sequence: 65_500,
                timestamp: u32::MAX - 5_000,
                ssrc: 7,
                payload_type: 96,
                marker: Marker::Clear,
            },
            rate,
            on_the_way: BTreeMap::new(),
            sent: 0,
        }
    }

    /// Sends a packet that arrives at the listener so many microseconds from now; the next one follows it.
    pub(super) fn send(&mut self, samples: &[i16], after_us: u64) {
        self.send_as(self.header, samples, after_us);
        self.lose(samples.len());
    }

    /// A packet that never arrives.
    pub(super) fn lose(&mut self, samples: usize) {
        self.header.sequence = self.header.sequence.wrapping_add(1);
        self.header.timestamp = self.header.timestamp.wrapping_add(samples as u32);
    }

    pub(super) fn send_as(&mut self, header: Header, samples: &[i16], after_us: u64) {
        let payload = samples.iter().flat_map(|sample| sample.to_le_bytes());
        self.sent += 1;
        let at = (self.now.0 + after_us, self.sent);
        self.on_the_way.insert(at, (header, payload.collect()));
    }

    /// Sends `sound` in packets of `ms`, while the listener listens. For each packet it is asked how many
    /// microseconds late it is; `None` for a lost one.
    pub(super) fn talk(
        &mut self,
        sound: impl IntoIterator<Item = i16>,
        ms: u8,
        mut late: impl FnMut(u32) -> Option<u64>,
    ) {
        let mut sound = sound.into_iter();
        let length = self.rate.samples(ms);
        for packet in 0.. {
            let samples: Vec<_> = sound.by_ref().take(length).collect();
            if samples.len() < length {
                break;
            }
            match late(packet) {
                Some(late) => self.send(&samples, late),
                None => self.lose(length),
            }
            self.listen(u32::from(ms) / 10);
        }
    }

    /// So many slots go by.
    pub(super) fn listen(&mut self, slots: u32) {
        for _ in 0..slots {
            self.deliver();
            let mut slot = [1; 480];
            let slot = &mut slot[..self.rate.slot()];
            self.playout.pull(self.now, &mut self.decoder, slot);
            self.heard.extend_from_slice(slot);
            self.now.0 += 10_000;
        }
    }

    pub(super) fn figures(&self) -> Figures {
        self.playout.figures()
    }

    /// What was heard since this was asked before.
    pub(super) fn hear(&mut self) -> Vec<i16> {
        std::mem::take(&mut self.heard)
    }

    fn deliver(&mut self) {
        while let Some(((at, _), (header, payload))) = self.on_the_way.pop_first() {
            if at > self.now.0 {
                self.on_the_way.insert((at, 0), (header, payload));
                break;
            }
            let mut datagram = header.to_bytes().to_vec();
            datagram.extend_from_slice(&payload);
            let packet = Packet::parse(&datagram).unwrap();
            self.playout.push(Time(at), &packet, &self.codec);
        }
    }
}

/// Samples as they are; what it makes up for lost ones can be chosen.
#[derive(Default)]
pub(super) struct Plain {
    pub(super) concealed: Option<i16>,
    pub(super) recovered: Option<i16>,
}

impl Decode for Plain {
    fn decode(&mut self, payload: &[u8], samples: &mut [i16]) -> usize {
        let values = payload
            .as_chunks()
            .0
            .iter()
            .copied()
            .map(i16::from_le_bytes);
        let room = samples.iter_mut().zip(values);
        room.map(|(sample, value)| *sample = value).count()
    }

    fn recover(&mut self, _next_payload: &[u8], samples: &mut [i16]) -> usize {
        let Some(value) = self.recovered else {
            return 0;
        };
        samples.fill(value);
        samples.len()
    }

    fn tells_of_the_one_before(&self, _payload: &[u8]) -> bool {
        self.recovered.is_some()
    }

    fn conceals(&self) -> bool {
        self.concealed.is_some()
    }

    fn conceal(&mut self, samples: &mut [i16]) -> usize {
        let Some(value) = self.concealed else {
            return 0;
        };
        samples.fill(value);
        samples.len()
    }
}

/// A tone, endlessly.
pub(super) fn tone(rate: Rate, hz: f64, amplitude: f64) -> impl Iterator<Item = i16> {
    let turn = std::f64::consts::TAU * hz / f64::from(rate.hz());
    (0_u32..).map(move |at| (amplitude * (turn * f64::from(at)).sin()).round() as i16)
}

/// The largest second difference: a pure tone has little, a step or a kink much.
pub(super) fn roughest(sound: &[i16]) -> i32 {
    let bends = sound.windows(3).map(|three| {
        let [before, here, after] = [three[0], three[1], three[2]].map(i32::from);
        (before - 2 * here + after).abs()
    });
    bends.max().unwrap_or(0)
}
