//! Networks that lose and delay.

use crate::listeners::Listener;
use crate::talk::Talk;
use rtp::{Header, Time};
use std::collections::BTreeMap;

/// How packets fare.
#[derive(Clone, Copy)]
pub(crate) enum Network {
    /// 5 % are lost, one by one; each is up to 30 ms late.
    Random,
    /// 5 % are lost, three together on average; each is up to 30 ms late, and every 5 s nothing comes for 100 ms.
    Bursts,
}

impl Network {
    pub(crate) const ALL: [(&str, Self); 2] = [
        ("5 % lost, 30 ms", Self::Random),
        ("bursts, jams", Self::Bursts),
    ];

    /// Lets a listener hear a talk; what is heard begins when the first packet is sent.
    pub(crate) fn carry(self, talk: &Talk, listener: &mut dyn Listener) -> Vec<i16> {
        let mut random = Random(7);
        let mut is_burst = false;
        let mut arrivals = BTreeMap::new();
        for (number, payload) in talk.packets.iter().enumerate() {
            let is_lost = match self {
                Self::Random => random.below(1_000) < 50,
                Self::Bursts => {
                    let turns = if is_burst { 333 } else { 18 };
                    is_burst ^= random.below(1_000) < turns;
                    is_burst
                }
            };
            let late = random.below(30_000);
            let sent = number as u64 * 20_000;
            let jam = match self {
                Self::Random => 0,
                Self::Bursts => 100_000_u64.saturating_sub(sent % 5_000_000),
            };
            if !is_lost {
                arrivals.insert((sent + late.max(jam), number), payload);
            }
        }
        let ticks = talk.codec.ticks_per_packet();
        let slots = talk.packets.len() as u64 * 2 + 50;
        let mut heard = Vec::new();
        for slot in 0..slots {
            let now = slot * 10_000;
            while let Some(((at, number), payload)) = arrivals.pop_first() {
                if at > now {
                    arrivals.insert((at, number), payload);
                    break;
                }
                let header = Header {
                    payload_type: talk.codec.payload_type,
                    sequence: number as u16,
                    timestamp: number as u32 * ticks,
                    ..Header::default()
                };
                listener.receive(Time(START + at), header, payload);
            }
            let begin = heard.len();
            heard.resize(begin + talk.rate.slot(), 0);
            listener.hear(Time(START + now), &mut heard[begin..]);
        }
        heard
    }
}

/// The same numbers each time.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
        (self.0 >> 33) % limit
    }
}

const START: u64 = 1_000_000;
