//! Hears keys sent as RTP events.

use super::{Payload, Stage};
use crate::{Header, Marker, Time};
use core::time::Duration;

/// Reports each key once, whatever of its packets is lost, duplicated or out of order (RFC 4733 §2.5.2).
///
/// A key is known by its timestamp: the packets of one key share it, two presses of the same key differ
/// in it. A press of several segments counts once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyReceiver {
    clock_rate: u32,
    /// The clock of the sound beside it, which some senders take for the timestamps of keys as well.
    beside: u32,
    ssrc: Option<u32>,
    /// The newest keys; the oldest is overwritten.
    known: [Option<Known>; KNOWN_MAX],
    oldest: usize,
    pressed: Option<Pressed>,
    last: Option<Last>,
}

/// What was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A key went down.
    Pressed {
        /// Which (RFC 4733 §3.2).
        event: u8,
        /// How loud, in dBm0 without the sign.
        volume: u8,
    },
    /// The key that was down went up.
    Released {
        /// Which.
        event: u8,
        /// How long it was down, as far as is known.
        length: Duration,
    },
}

/// A key that was reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Known {
    event: u8,
    timestamp: u32,
}

/// The key that is down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pressed {
    known: Known,
    /// Ticks of the segments before the current one.
    before: u32,
    duration: u16,
    heard_at: Time,
}

/// The newest key, also when it is up, for a segment that continues it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Last {
    known: Known,
    stage: Stage,
}

/// How many keys are remembered, lest a late packet of one counts as another press.
const KNOWN_MAX: usize = 16;
/// A key of which nothing is heard for so long is up: all its end packets were lost.
const RELEASED_AFTER: Duration = Duration::from_millis(200);
/// What the timestamps of two segments differ by at most: the greatest duration.
const SEGMENT_MAX: u32 = u16::MAX as u32;

impl KeyReceiver {
    /// A receiver at the clock that was agreed on for telephone events.
    #[must_use]
    pub const fn new(clock_rate: u32) -> Self {
        Self {
            clock_rate,
            beside: clock_rate,
            ssrc: None,
            known: [None; KNOWN_MAX],
            oldest: 0,
            pressed: None,
            last: None,
        }
    }

    /// The same beside sound of another clock: browsers have events at 8000 beside Opus at 48000, durations in the
    /// events' clock and timestamps in that of the sound.
    #[must_use]
    pub const fn beside(self, clock_rate: u32) -> Self {
        Self {
            beside: clock_rate,
            ..self
        }
    }

    /// Takes a packet of telephone events; at most three things are heard from one.
    pub fn receive(
        &mut self,
        now: Time,
        header: &Header,
        payload: &[u8],
    ) -> impl Iterator<Item = Heard> + use<> {
        self.hear(now, header, payload).into_iter().flatten()
    }

    /// Whether a key is down.
    #[must_use]
    pub const fn is_down(&self) -> bool {
        self.pressed.is_some()
    }

    /// When [`Self::timeout`] has something to do.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Time> {
        Some(self.pressed?.heard_at + RELEASED_AFTER)
    }

    /// Lets the key go up of which nothing was heard any more.
    pub fn timeout(&mut self, now: Time) -> Option<Heard> {
        if now < self.next_deadline()? {
            return None;
        }
        self.release()
    }

    fn hear(&mut self, now: Time, header: &Header, payload: &[u8]) -> [Option<Heard>; 3] {
        let Some(payload) = Payload::parse(payload) else {
            return [None; 3];
        };
        let gone = self.follow(header.ssrc);
        let key = Known {
            event: payload.event,
            timestamp: header.timestamp,
        };
        if self.known.contains(&Some(key)) {
            return [gone, self.go_on(now, key, payload), None];
        }
        self.remember(key);
        if let Some(last) = self.last.filter(|last| self.continues(last, key, header)) {
            return [gone, self.next_segment(now, last, key, payload), None];
        }
        let [released, pressed, ended] = self.press(now, key, payload);
        [gone.or(released), pressed, ended]
    }

    /// Another sender has its own timestamps.
    fn follow(&mut self, ssrc: u32) -> Option<Heard> {
        if self.ssrc.replace(ssrc) == Some(ssrc) {
            return None;
        }
        self.known = [None; KNOWN_MAX];
        self.last = None;
        self.release()
    }

    fn press(&mut self, now: Time, key: Known, payload: Payload) -> [Option<Heard>; 3] {
        let pressed = Some(Heard::Pressed {
            event: key.event,
            volume: payload.volume,
        });
        let new = Pressed {
            known: key,
            before: 0,
            duration: payload.duration,
            heard_at: now,
        };
        if self.last.is_some_and(|last| is_older(key, last.known)) {
            // All of it comes after the next key has begun: it is certainly up.
            let ended = Some(self.released(&new));
            return [None, pressed, ended];
        }
        let released = self.release();
        self.last = Some(Last {
            known: key,
            stage: payload.stage,
        });
        self.pressed = Some(new);
        let ended = match payload.stage {
            Stage::Going => None,
            Stage::Ended => self.release(),
        };
        [released, pressed, ended]
    }

    /// A further packet of a known key.
    fn go_on(&mut self, now: Time, key: Known, payload: Payload) -> Option<Heard> {
        if let Some(last) = self.last.as_mut().filter(|last| last.known == key) {
            last.stage = last.stage.max(payload.stage);
        }
        let pressed = self
            .pressed
            .as_mut()
            .filter(|pressed| pressed.known == key)?;
        pressed.duration = pressed.duration.max(payload.duration);
        pressed.heard_at = now;
        match payload.stage {
            Stage::Going => None,
            Stage::Ended => self.release(),
        }
    }

    /// RFC 4733 §2.5.1.3: the segment before had the greatest duration and no end; the next one is not
    /// marked. Its sender may have cut the one before a little short.
    fn continues(&self, last: &Last, key: Known, header: &Header) -> bool {
        last.stage == Stage::Going
            && last.known.event == key.event
            && header.marker == Marker::Clear
            && self.segment_length(last.known, key).is_some()
    }

    /// How long the segment between two timestamps is, in ticks of the events' clock; `None` when that is not the
    /// greatest length there is, in neither clock.
    fn segment_length(&self, from: Known, to: Known) -> Option<u32> {
        let apart = to.timestamp.wrapping_sub(from.timestamp);
        let shortest = SEGMENT_MAX.saturating_sub(self.clock_rate / 10);
        let lengths = [self.clock_rate, self.beside].map(|clock| {
            let ticks = u64::from(apart) * u64::from(self.clock_rate) / u64::from(clock.max(1));
            u32::try_from(ticks).unwrap_or(u32::MAX)
        });
        lengths
            .into_iter()
            .find(|length| (shortest..=SEGMENT_MAX).contains(length))
    }

    fn next_segment(
        &mut self,
        now: Time,
        last: Last,
        key: Known,
        payload: Payload,
    ) -> Option<Heard> {
        self.last = Some(Last {
            known: key,
            stage: payload.stage,
        });
        let length = self.segment_length(last.known, key).unwrap_or(SEGMENT_MAX);
        let pressed = self.pressed.as_mut()?;
        *pressed = Pressed {
            known: key,
            before: pressed.before.saturating_add(length),
            duration: payload.duration,
            heard_at: now,
        };
        match payload.stage {
            Stage::Going => None,
            Stage::Ended => self.release(),
        }
    }

    fn remember(&mut self, key: Known) {
        if let Some(place) = self.known.get_mut(self.oldest) {
            *place = Some(key);
        }
        self.oldest = self.oldest.wrapping_add(1) % KNOWN_MAX;
    }

    fn release(&mut self) -> Option<Heard> {
        let pressed = self.pressed.take()?;
        Some(self.released(&pressed))
    }

    fn released(&self, pressed: &Pressed) -> Heard {
        let ticks = u64::from(pressed.before) + u64::from(pressed.duration);
        let micros = ticks * 1_000_000 / u64::from(self.clock_rate.max(1));
        Heard::Released {
            event: pressed.known.event,
            length: Duration::from_micros(micros),
        }
    }
}

/// Whether a key began before another, timestamps wrapping.
const fn is_older(key: Known, other: Known) -> bool {
    key.timestamp.wrapping_sub(other.timestamp) > u32::MAX / 2
}

#[cfg(test)]
mod tests;
