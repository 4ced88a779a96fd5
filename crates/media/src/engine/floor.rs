//! Who is heard in a mix.

use super::Legs;
use super::limiter::Fade;
use super::voice::{LEVEL_UNIT, Voice};
use model::LegId;

/// Those who are heard. In a small room that is everybody who says anything; in a big one the loudest, and nobody takes
/// turns with somebody as loud.
#[derive(Debug, Default)]
pub(super) struct Floor {
    holders: Vec<Holder>,
}

/// Somebody who is heard.
#[derive(Clone, Copy, Debug)]
pub(super) struct Holder {
    pub(super) leg: LegId,
    pub(super) fade: Fade,
    /// Slots for which nothing was heard of him.
    quiet: u32,
}

impl Floor {
    /// Has room for as many as may ever hold it, so that none is made while they speak.
    pub(super) fn reserve(&mut self, speakers: usize) {
        let most = if speakers <= EVERYBODY_MAX {
            EVERYBODY_MAX
        } else {
            // The loudest, and those who are just fading.
            2 * LOUDEST_MAX
        };
        self.holders
            .reserve(most.saturating_sub(self.holders.len()));
    }

    /// Those who are heard in this slot.
    pub(super) fn holders(&self) -> &[Holder] {
        &self.holders
    }

    /// How somebody is heard; `None` when he is not.
    pub(super) fn fade_of(&self, leg: LegId) -> Option<Fade> {
        let holder = self.holders.iter().find(|holder| holder.leg == leg);
        holder.map(|holder| holder.fade)
    }

    /// Decides for the next slot.
    pub(super) fn choose(&mut self, speakers: &[LegId], legs: &Legs) {
        if speakers.len() > EVERYBODY_MAX {
            self.choose_loudest(speakers, legs);
            return;
        }
        self.holders.clear();
        let heard = speakers.iter().filter(|leg| {
            let voice = voice_of(legs, **leg);
            voice.is_some_and(Voice::is_heard)
        });
        self.holders.extend(heard.map(|leg| Holder {
            leg: *leg,
            fade: Fade::Whole,
            quiet: 0,
        }));
    }

    fn choose_loudest(&mut self, speakers: &[LegId], legs: &Legs) {
        let loudness = |leg| voice_of(legs, leg).map_or(0, Voice::loudness);
        self.holders.retain_mut(|holder| {
            let was = std::mem::replace(&mut holder.fade, Fade::Whole);
            let still = was != Fade::Out && speakers.binary_search(&holder.leg).is_ok();
            holder.quiet = if loudness(holder.leg) < QUIET {
                holder.quiet + 1
            } else {
                0
            };
            if holder.quiet > QUIET_SLOTS_MAX {
                holder.fade = Fade::Out;
            }
            still
        });
        let mut challenger = None;
        for leg in speakers {
            let loud = loudness(*leg);
            if loud < QUIET || self.fade_of(*leg).is_some() {
                continue;
            }
            if self.standing() < LOUDEST_MAX {
                self.enter(*leg);
            } else if challenger.is_none_or(|(_, most)| loud > most) {
                challenger = Some((*leg, loud));
            }
        }
        let standing = self.holders.iter_mut();
        let standing = standing.filter(|holder| holder.fade == Fade::Whole);
        let quietest = standing.min_by_key(|holder| loudness(holder.leg));
        if let (Some((leg, loud)), Some(quietest)) = (challenger, quietest)
            && loud > LOUDER * loudness(quietest.leg)
        {
            quietest.fade = Fade::Out;
            self.enter(leg);
        }
    }

    /// How many hold it who are not just leaving.
    fn standing(&self) -> usize {
        let leaving = |holder: &&Holder| holder.fade != Fade::Out;
        self.holders.iter().filter(leaving).count()
    }

    fn enter(&mut self, leg: LegId) {
        if self.holders.len() < 2 * LOUDEST_MAX {
            self.holders.push(Holder {
                leg,
                fade: Fade::In,
                quiet: 0,
            });
        }
    }
}

fn voice_of(legs: &Legs, leg: LegId) -> Option<&Voice> {
    legs.get(&leg)?.voice.as_deref()
}

/// So many speakers are all heard.
const EVERYBODY_MAX: usize = 16;
/// Of more, so many are.
const LOUDEST_MAX: usize = 8;
/// −55 dBFS: what does not stand out from a quiet room's noise.
const QUIET: u32 = 50 * LEVEL_UNIT;
/// Half a second after the last word, the place is free.
const QUIET_SLOTS_MAX: u32 = 50;
/// Whoever takes another's place must be twice as loud: 6 dB.
const LOUDER: u32 = 2;
