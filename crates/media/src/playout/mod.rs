//! Sound that comes over the network, until it is its turn to be heard.
//!
//! Packets wait in a [`queue`] by sequence number; a [`clock`] puts them on one unbroken timeline; [`delay`] learns
//! how long they should wait. Every 10 ms [`Playout::pull`] decodes what is due into one piece of [`sound`]. What is
//! missing is made up by the codec or by [`conceal`]; when packets wait longer or shorter than they should, [`stretch`]
//! leaves out or repeats a pitch period, so that nobody hears the wait change. In silence that is not sent the wait
//! is put right for nothing.
//!
//! **Invariant:** after it was made, it allocates nothing.

mod adapt;
mod clock;
mod conceal;
mod delay;
mod pace;
mod pitch;
mod queue;
mod sound;
mod state;
mod stretch;
#[cfg(test)]
mod tests;
mod turn;

use crate::Rate;
use crate::codec::{self, Decoder, Noise};
use clock::{Clock, PACKET_MS_MAX};
use conceal::{Concealer, of_ms};
use delay::Delay;
use queue::{Carries, Outcome, Queue};
use rtp::{Codec, Packet, Time};
use sound::Sound;
use state::State;
use std::time::Duration;

/// What turns payloads into samples, at one rate.
pub trait Decode {
    /// Decodes a payload; returns the count of samples, 0 when it cannot be decoded.
    fn decode(&mut self, payload: &[u8], samples: &mut [i16]) -> usize;

    /// Decodes what the next payload tells of the packet before it, which was lost; `samples` is as long as that.
    /// Returns the count of samples, 0 when it tells nothing.
    fn recover(&mut self, next_payload: &[u8], samples: &mut [i16]) -> usize;

    /// Whether [`Self::recover`] would find something in a payload.
    fn tells_of_the_one_before(&self, payload: &[u8]) -> bool;

    /// Whether the codec has a way of its own to make up what was lost.
    fn conceals(&self) -> bool;

    /// Makes up what was lost; returns the count of samples.
    fn conceal(&mut self, samples: &mut [i16]) -> usize;
}

impl Decode for Decoder {
    fn decode(&mut self, payload: &[u8], samples: &mut [i16]) -> usize {
        Self::decode(self, payload, samples)
    }

    fn recover(&mut self, next_payload: &[u8], samples: &mut [i16]) -> usize {
        Self::recover(self, next_payload, samples)
    }

    fn tells_of_the_one_before(&self, payload: &[u8]) -> bool {
        Self::tells_of_the_one_before(self, payload)
    }

    fn conceals(&self) -> bool {
        matches!(self, Self::Opus(_))
    }

    fn conceal(&mut self, samples: &mut [i16]) -> usize {
        Self::conceal(self, samples)
    }
}

/// The sound of one sender on its way from the network to the mixer.
#[derive(Debug)]
pub struct Playout {
    rate_hz: usize,
    queue: Queue,
    clock: Clock,
    delay: Delay,
    sound: Sound,
    concealer: Concealer,
    noise: Noise,
    /// Until when what is lost can be expected to be found in the packet after it, if that is waited for.
    recovers_until: Time,
    /// Packets of another number are of another codec.
    payload_type: Option<u8>,
    state: State,
    /// Where on the timeline the next packet begins, in ticks.
    end: i64,
    /// When it last gave a slot.
    gave: Time,
    figures: Figures,
}

/// What a playout did so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// How long the sound that is heard waited, compared with the fastest packet. 0 to 300 ms, and more after a jam.
    pub delay: Duration,
    /// How long it should wait: 10 to 200 ms.
    pub target: Duration,
    /// Sound that was lost, and made up.
    pub concealed: Duration,
    /// Sound that was lost, and found in the packet after it.
    pub recovered: Duration,
    /// Sound that was left out because packets waited too long.
    pub shortened: Duration,
    /// Sound that was repeated because they waited too short.
    pub lengthened: Duration,
    /// Packets whose turn was over when they came.
    pub late: u64,
    /// Packets that came in time and were not used: doubles, what piled up, what could not be read.
    pub discarded: u64,
}

impl Playout {
    /// A playout for a decoder of a rate.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        let rate = rate.slot() * 100;
        let past = Concealer::past_needed(rate);
        Self {
            rate_hz: rate,
            queue: Queue::new(rate * BYTES_PER_SAMPLE * QUEUE_MS / 1_000),
            clock: Clock::new(0, 0),
            delay: Delay::new(),
            sound: Sound::new(past, of_ms(rate, AHEAD_MS_MAX)),
            concealer: Concealer::new(rate),
            noise: Noise::new(NOISE_SEED),
            recovers_until: Time(0),
            payload_type: None,
            state: State::default(),
            end: 0,
            gave: Time(0),
            figures: Figures::default(),
        }
    }

    /// Keeps a packet of a codec until it is its turn.
    pub fn push(&mut self, now: Time, packet: &Packet<'_>, codec: &Codec) {
        if self.payload_type != Some(codec.payload_type) {
            self.begin(codec);
        }
        let length = codec::ticks(codec, packet.payload);
        self.keep(now, packet, length, Carries::Sound);
    }

    /// Takes note of a packet that is not to be heard, such as that of a key: it is not missing.
    pub fn skip(&mut self, now: Time, packet: &Packet<'_>) {
        if self.payload_type.is_some() {
            self.keep(now, packet, None, Carries::Nothing);
        }
    }

    /// Keeps a packet that says how the silence sounds which begins with it (RFC 3389). It is heard from its turn on
    /// until that of the next sound.
    pub fn fall_silent(&mut self, now: Time, packet: &Packet<'_>) {
        if self.payload_type.is_some() {
            self.keep(now, packet, None, Carries::Noise);
        }
    }

    /// Gives the next 10 ms, at the decoder's rate; silence where nothing is.
    pub fn pull(&mut self, now: Time, decoder: &mut impl Decode, slot: &mut [i16]) {
        self.gave = now;
        if slot.len() == self.slot() {
            self.prepare(now, decoder);
            self.sound.give(slot);
        } else {
            slot.fill(0);
        }
    }

    /// Another sender begins; what it was told of the network stays.
    pub fn clear(&mut self) {
        self.figures.discarded += self.queue.clear() as u64;
        self.payload_type = None;
        self.state = State::default();
        self.noise.end();
        self.recovers_until = Time(0);
        self.delay.restart();
    }

    /// What it did so far, and how long the sound waited that it gave last.
    #[must_use]
    pub fn figures(&self) -> Figures {
        let waiting_us = self.sound.waiting() * 1_000_000 / self.rate_hz;
        let begin_us = self.clock.to_us(self.end) - waiting_us as i64;
        let delay_us = self
            .delay
            .lateness_us(self.gave + Duration::from_millis(10), begin_us);
        Figures {
            delay: Duration::from_micros(u64::try_from(delay_us).unwrap_or(0)),
            target: Duration::from_micros(u64::try_from(self.target_us(self.gave)).unwrap_or(0)),
            ..self.figures
        }
    }

    fn begin(&mut self, codec: &Codec) {
        self.clear();
        self.payload_type = Some(codec.payload_type);
        self.clock = Clock::new(codec.clock_rate, codec.ticks_per_packet());
        self.end = 0;
    }

    fn keep(&mut self, now: Time, packet: &Packet<'_>, length: Option<u32>, carries: Carries) {
        let header = &packet.header;
        let on_time = self.delay.on_time_us(now).map(|us| self.clock.of_us(us));
        let at = match carries {
            Carries::Sound => self.clock.place(header, length, on_time),
            Carries::Noise | Carries::Nothing => Some(self.end),
        };
        let Some(at) = at else {
            self.figures.discarded += 1;
            return;
        };
        if carries == Carries::Sound {
            self.delay.arrived(now, self.clock.to_us(at));
        }
        let sequence = header.sequence;
        match self.queue.push(sequence, at, packet.payload, carries) {
            Outcome::Kept { displaced } => self.figures.discarded += displaced as u64,
            Outcome::Late => self.figures.late += 1,
            Outcome::Twice | Outcome::Large => self.figures.discarded += 1,
        }
    }

    /// Samples of 10 ms.
    const fn slot(&self) -> usize {
        self.rate_hz / 100
    }
}

/// Noise is the same every time; nobody hears the difference.
const NOISE_SEED: u32 = 1;
/// What payloads take at most: 16-bit samples.
const BYTES_PER_SAMPLE: usize = 2;
/// How much of the largest payloads can wait.
const QUEUE_MS: usize = 400;
/// How much can be decoded and wait: the longest packet, and what stretching needs and adds.
const AHEAD_MS_MAX: usize = PACKET_MS_MAX as usize + 60;
