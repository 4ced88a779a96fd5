//! What comes next: a packet, what was lost, or silence.

use super::clock::PACKET_MS_MAX;
use super::conceal::of_ms;
use super::queue::{Carries, Kept};
use super::state::{Pause, Seam, State, Talking};
use super::{Decode, Playout};
use rtp::Time;
use std::time::Duration;

impl Playout {
    /// Sees to it that a slot of sound waits.
    pub(super) fn prepare(&mut self, now: Time, decoder: &mut impl Decode) {
        // Each step brings some samples, takes a packet, or changes the state.
        for _ in 0..STEPS_MAX {
            if self.sound.waiting() >= self.slot() {
                break;
            }
            match self.state {
                State::Silent { noise } => self.be_silent(now, decoder, noise),
                State::Talking(talking) => self.talk_on(now, decoder, talking),
            }
        }
        if let State::Talking(talking) = self.state
            && talking.open == 0
        {
            self.adapt(now, decoder, talking);
        }
    }

    fn be_silent(&mut self, now: Time, decoder: &mut impl Decode, noise: u32) {
        self.drop_what_piled_up(now);
        if let Some((kept, _)) = self.queue.first() {
            if kept.carries != Carries::Sound {
                self.pass(&kept);
                return;
            }
            if self.lateness_us(now, kept.at) >= self.target_us(now) {
                self.noise.end();
                self.queue.give_up_until(&kept);
                self.end = kept.at;
                self.state = State::Talking(Talking {
                    seam: Seam::Open,
                    ..Talking::default()
                });
                return;
            }
        }
        let missing = self.slot() - self.sound.waiting();
        if noise > 0 && decoder.conceal(self.sound.room(missing)) == missing {
            self.sound.filled(missing);
            self.state = State::Silent { noise: noise - 1 };
        } else {
            self.concealer.extend(&mut self.sound, missing);
            let (all, _) = self.sound.all_mut();
            let made = all.len().saturating_sub(missing);
            self.noise.fill(all.get_mut(made..).unwrap_or_default());
        }
    }

    /// Takes out a packet that is no sound.
    fn pass(&mut self, kept: &Kept) {
        self.queue.remove(kept);
        if kept.carries == Carries::Noise {
            self.noise.begin(self.queue.payload(kept));
        }
    }

    fn talk_on(&mut self, now: Time, decoder: &mut impl Decode, mut talking: Talking) {
        self.drop_what_piled_up(now);
        let Some((kept, missing)) = self.queue.first() else {
            if talking.pause == Pause::Yes && decoder.conceals() {
                self.state = State::Silent { noise: NOISE_SLOTS };
                return;
            }
            talking.open += self.slot();
            self.make_up(decoder, &mut talking, self.slot());
            self.go_on(talking);
            return;
        };
        if kept.carries != Carries::Sound {
            self.pass(&kept);
            self.pause();
            return;
        }
        if missing > 0 && decoder.tells_of_the_one_before(self.queue.payload(&kept)) {
            self.expect_losses(now);
        }
        self.settle(now, &kept, missing, &mut talking);
        let gap = self.samples(kept.at - self.end);
        if gap == 0 {
            self.decode(decoder, &kept, &mut talking);
            self.state = State::Talking(talking);
        } else if missing == 0 {
            // Nothing is lost: the sender was silent, or its clock jumped.
            self.pause();
        } else if self.recover(decoder, &kept, gap, &mut talking)
            || self.bridge(decoder, &kept, gap, &mut talking)
        {
            self.state = State::Talking(talking);
        } else {
            let count = gap.min(self.slot());
            self.make_up(decoder, &mut talking, count);
            self.end += self.ticks(count);
            self.go_on(talking);
        }
    }

    /// A packet came, so it shows whether what was made up meanwhile was lost or late. What was lost is in its
    /// place. What was late could all be heard later; but a little is better replaced than heard twice, unless it
    /// brings the wait that is needed anyway.
    fn settle(&mut self, now: Time, kept: &Kept, missing: u16, talking: &mut Talking) {
        let open = std::mem::take(&mut talking.open);
        if open == 0 || (missing == 0 && kept.at > self.end) {
            return;
        }
        let lost = match missing {
            0 => 0,
            _ => self.samples(kept.at - self.end).min(open),
        };
        self.end += self.ticks(lost);
        let late = open - lost;
        if late <= self.slot() * REPLACED_SLOTS_MAX {
            let spare_us = self.lateness_us(now, self.end) - self.target_us(now);
            let spare = u64::try_from(spare_us).unwrap_or(0) * self.rate_hz as u64 / 1_000_000;
            let spare = usize::try_from(spare).unwrap_or(usize::MAX);
            self.end += self.ticks(spare.min(late));
        }
    }

    /// Decodes a packet, without what was made up in its place.
    pub(super) fn decode(&mut self, decoder: &mut impl Decode, kept: &Kept, talking: &mut Talking) {
        self.queue.remove(kept);
        let payload = self.queue.payload(kept);
        talking.pause = match payload.len() {
            0..=PAUSE_BYTES_MAX => Pause::Yes,
            _ => Pause::No,
        };
        let count = decoder.decode(payload, self.sound.room(self.packet_max()));
        let over = self.samples(self.end - kept.at).min(count);
        if count == 0 {
            self.figures.discarded += 1;
            self.make_up(decoder, talking, self.slot());
            self.end = kept.at + self.ticks(self.slot());
            return;
        }
        self.end = self.end.max(kept.at + self.ticks(count));
        self.append(count, over, talking);
    }

    /// Finds the packet before `kept` in it, which was lost; says whether it did.
    fn recover(
        &mut self,
        decoder: &mut impl Decode,
        kept: &Kept,
        gap: usize,
        talking: &mut Talking,
    ) -> bool {
        if gap > talking.packet {
            return false;
        }
        let room = self.sound.room(talking.packet);
        let count = decoder.recover(self.queue.payload(kept), room);
        if count < gap {
            return false;
        }
        self.append(count, count - gap, talking);
        self.queue.give_up_until(kept);
        self.end = kept.at;
        self.figures.recovered += self.time(gap);
        true
    }

    /// Makes up what is missing before `kept` from what lies on both sides of it; says whether it did.
    fn bridge(
        &mut self,
        decoder: &mut impl Decode,
        kept: &Kept,
        gap: usize,
        talking: &mut Talking,
    ) -> bool {
        if gap > of_ms(self.rate_hz, BRIDGE_MS_MAX) || decoder.conceals() {
            return false;
        }
        let room = self.sound.room(gap + self.packet_max());
        let Some(room) = room.get_mut(gap..) else {
            return false;
        };
        let count = decoder.decode(self.queue.payload(kept), room);
        if count == 0 {
            return false;
        }
        self.queue.remove(kept);
        self.concealer.bridge(&mut self.sound, gap, count);
        self.sound.filled(gap + count);
        self.end = kept.at + self.ticks(count);
        self.figures.concealed += self.time(gap);
        talking.joined(count);
        true
    }

    /// Puts real sound that was decoded into the room, without the first `over` samples, behind what was heard.
    fn append(&mut self, count: usize, over: usize, talking: &mut Talking) {
        if over > 0 {
            talking.seam = Seam::Open;
            self.sound.room(count).copy_within(over.., 0);
        }
        talking.packet = count;
        let left = count - over;
        if left == 0 {
            return;
        }
        if self.concealer.is_concealing() || talking.seam == Seam::Open {
            self.concealer.fade_into(&mut self.sound, left);
        }
        self.sound.filled(left);
        talking.joined(count);
    }

    /// Makes up so many samples.
    fn make_up(&mut self, decoder: &mut impl Decode, talking: &mut Talking, count: usize) {
        let made = if decoder.conceals() && !self.concealer.is_concealing() {
            decoder.conceal(self.sound.room(count))
        } else {
            0
        };
        if made < count {
            self.concealer.extend(&mut self.sound, count);
        } else {
            self.sound.filled(count);
        }
        talking.made += count;
        self.figures.concealed += self.time(count);
    }

    const fn packet_max(&self) -> usize {
        of_ms(self.rate_hz, PACKET_MS_MAX as usize)
    }

    fn go_on(&mut self, talking: Talking) {
        if talking.made >= of_ms(self.rate_hz, MADE_UP_MS_MAX) {
            self.pause();
        } else {
            self.state = State::Talking(talking);
        }
    }

    fn pause(&mut self) {
        self.state = State::default();
    }

    /// After a jam more may wait than anybody wants to hear late.
    fn drop_what_piled_up(&mut self, now: Time) {
        let mut most_us = PILE_MAX_US;
        while let Some(kept) = self.queue.first_of_many()
            && self.lateness_us(now, kept.at) > most_us
        {
            self.queue.remove(&kept);
            self.figures.discarded += 1;
            most_us = self.target_us(now);
        }
    }

    pub(super) fn lateness_us(&self, now: Time, at: i64) -> i64 {
        self.delay.lateness_us(now, self.clock.to_us(at))
    }

    /// Ticks in samples; 0 for none and fewer.
    fn samples(&self, ticks: i64) -> usize {
        let ticks = u64::try_from(ticks).unwrap_or(0);
        let samples = ticks.saturating_mul(self.rate_hz as u64) / u64::from(self.clock.rate());
        usize::try_from(samples).unwrap_or(usize::MAX)
    }

    fn ticks(&self, samples: usize) -> i64 {
        let ticks = samples as u64 * u64::from(self.clock.rate()) / self.rate_hz as u64;
        i64::try_from(ticks).unwrap_or(0)
    }

    pub(super) fn time(&self, samples: usize) -> Duration {
        Duration::from_micros(samples as u64 * 1_000_000 / self.rate_hz as u64)
    }
}

/// What was made up for so many slots replaces what came late.
const REPLACED_SLOTS_MAX: usize = 2;
/// So much is made up before it is taken for silence; it has faded by then.
const MADE_UP_MS_MAX: usize = 60;
/// The longest gap that is made up from both sides, with silence in its middle.
const BRIDGE_MS_MAX: usize = 120;
/// A packet of Opus that is so short says that the sender goes silent.
const PAUSE_BYTES_MAX: usize = 2;
/// Another such packet comes every 400 ms; when none does, the noise ends.
const NOISE_SLOTS: u32 = 50;
/// What waited longer is dropped, down to what should wait.
const PILE_MAX_US: i64 = 300_000;
/// More than all packets that can wait.
const STEPS_MAX: usize = 2 * super::queue::PACKETS_MAX;
