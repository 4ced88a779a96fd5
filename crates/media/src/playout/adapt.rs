//! Keeps the wait of packets what it should be while somebody talks.

use super::delay::TARGET_MAX_US;
use super::queue::Carries;
use super::state::{State, Talking};
use super::{Decode, Playout, stretch};
use rtp::Time;
use std::time::Duration;

impl Playout {
    /// How long packets should wait. Where some are lost and the next ones tell of them, these must be there in time.
    pub(super) fn target_us(&self, now: Time) -> i64 {
        let target_us = self.delay.target_us();
        if now < self.recovers_until {
            (target_us + self.clock.step_us()).min(TARGET_MAX_US)
        } else {
            target_us
        }
    }

    /// Packets are lost, and the ones after them tell of them.
    pub(super) fn expect_losses(&mut self, now: Time) {
        self.recovers_until = now + RECOVERS_FOR;
    }

    /// Shortens or lengthens what waits, when packets wait too long or too short.
    pub(super) fn adapt(&mut self, now: Time, decoder: &mut impl Decode, mut talking: Talking) {
        if talking.rest > 0 {
            talking.rest -= 1;
            self.state = State::Talking(talking);
            return;
        }
        let slots = self.sound.waiting() / self.slot();
        let needed = now + SLOT_TIME * u32::try_from(slots).unwrap_or(0);
        let spare_us = self.lateness_us(needed, self.end) - self.target_us(now);
        talking.long = match spare_us {
            SPARE_US.. => talking.long.saturating_add(1),
            _ => 0,
        };
        let alike_min = alike_min(talking.tried, spare_us);
        let (changed, rest) = if spare_us < 0 {
            let added = stretch::lengthen(&mut self.sound, self.rate_hz, alike_min);
            self.figures.lengthened += self.time(added);
            (added, REST_SLOTS_LONGER)
        } else if spare_us >= SPARE_MAX_US || talking.long > LONG_SLOTS {
            self.look_ahead(decoder, &mut talking);
            // Whole slots that can go, and what is over.
            let slots = usize::try_from(spare_us / SLOT_US).unwrap_or(0);
            let most = self.sound.waiting() % self.slot() + slots * self.slot();
            let taken = stretch::shorten(&mut self.sound, self.rate_hz, most, alike_min);
            self.figures.shortened += self.time(taken);
            (taken, REST_SLOTS_SHORTER)
        } else {
            talking.tried = 0;
            self.state = State::Talking(talking);
            return;
        };
        if changed > 0 {
            (talking.tried, talking.rest) = (0, rest);
        } else {
            talking.tried = talking.tried.saturating_add(1);
        }
        self.state = State::Talking(talking);
    }

    /// Decodes what follows, as far as stretching needs it.
    fn look_ahead(&mut self, decoder: &mut impl Decode, talking: &mut Talking) {
        while self.sound.waiting() < stretch::ahead_needed(self.rate_hz)
            && let Some((kept, 0)) = self.queue.first()
            && kept.carries == Carries::Sound
            && kept.at == self.end
        {
            self.decode(decoder, &kept, talking);
        }
    }
}

/// How much sound must be like itself to be stretched: the less, the longer nothing was and the more it matters.
fn alike_min(tried: u32, spare_us: i64) -> f32 {
    let most = if spare_us.abs() >= URGENT_US {
        0.6
    } else {
        0.9
    };
    let patience = tried.min(PATIENCE_SLOTS) as f32 / PATIENCE_SLOTS as f32;
    most - (most - ALIKE_MIN) * patience
}

/// After a loss, for so long the next one is expected.
const RECOVERS_FOR: Duration = Duration::from_secs(20);
const SLOT_US: i64 = 10_000;
const SLOT_TIME: Duration = Duration::from_micros(SLOT_US as u64);
/// A wait that is longer than it should be by this is shortened, once it was so for [`LONG_SLOTS`].
const SPARE_US: i64 = SLOT_US;
/// A wait that is longer by this is shortened at once: no pitch period is longer, so that it is not too short then.
const SPARE_MAX_US: i64 = 2 * SLOT_US;
const LONG_SLOTS: u32 = 200;
/// From here on, haste is worth a rough edge.
const URGENT_US: i64 = 60_000;
/// Slots from one change of the wait to the next: quick up, slow down.
const REST_SLOTS_LONGER: u32 = 1;
const REST_SLOTS_SHORTER: u32 = 4;
/// After so many slots any sound that is not quite unlike itself will do.
const PATIENCE_SLOTS: u32 = 100;
const ALIKE_MIN: f32 = 0.4;
