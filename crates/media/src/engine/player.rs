//! Play-lists: sounds one after another without a gap.

use super::Sounds;
use crate::tone::Generator;
use model::{Keys, PlayId, Sound};
use std::sync::Arc;

/// What is being played to one leg.
#[derive(Debug)]
pub(super) struct Player {
    play: PlayId,
    keys: Keys,
    /// The last first.
    sounds: Vec<Playing>,
}

#[derive(Debug)]
enum Playing {
    Samples { samples: Arc<[i16]>, place: usize },
    Endless { samples: Arc<[i16]>, place: usize },
    Tone(Generator),
    Pause(usize),
}

impl Player {
    /// Begins a play-list. What cannot be had is left out: silence would tell nobody anything.
    pub(super) fn begin(play: PlayId, sounds: &[Sound], keys: Keys, from: &Sounds) -> Self {
        let sounds = sounds.iter().rev().filter_map(|sound| open(sound, from));
        Self {
            play,
            keys,
            sounds: sounds.collect(),
        }
    }

    /// Its name.
    pub(super) const fn play(&self) -> PlayId {
        self.play
    }

    /// What a key does to it.
    pub(super) const fn keys(&self) -> Keys {
        self.keys
    }

    /// The next samples. Returns how many; fewer than asked for means that it has ended.
    pub(super) fn fill(&mut self, into: &mut [i16]) -> usize {
        let mut filled = 0;
        while let Some(playing) = self.sounds.last_mut() {
            let Some(rest) = into.get_mut(filled..) else {
                break;
            };
            let wanted = rest.len();
            let got = playing.fill(rest);
            filled += got;
            if got == wanted {
                break;
            }
            self.sounds.pop();
        }
        filled
    }
}

impl Playing {
    fn fill(&mut self, into: &mut [i16]) -> usize {
        match self {
            Self::Samples { samples, place } => {
                let left = samples.get(*place..).unwrap_or_default();
                let count = copy(left, into);
                *place += count;
                count
            }
            Self::Endless { samples, place } => {
                let mut filled = 0;
                while filled < into.len() && !samples.is_empty() {
                    let left = samples.get(*place..).unwrap_or_default();
                    let count = copy(left, into.get_mut(filled..).unwrap_or_default());
                    filled += count;
                    *place = (*place + count) % samples.len();
                }
                filled
            }
            Self::Tone(generator) => generator.fill(into),
            Self::Pause(left) => {
                let count = into.len().min(*left);
                into.iter_mut().take(count).for_each(|sample| *sample = 0);
                *left -= count;
                count
            }
        }
    }
}

fn copy(from: &[i16], into: &mut [i16]) -> usize {
    let count = from.len().min(into.len());
    for (to, sample) in into.iter_mut().zip(from) {
        *to = *sample;
    }
    count
}

fn open(sound: &Sound, from: &Sounds) -> Option<Playing> {
    let samples = |samples| Playing::Samples { samples, place: 0 };
    let opened = match sound {
        Sound::Phrase(language, phrase) => from
            .library
            .get(*language, phrase, super::RATE_HZ)
            .map(samples),
        Sound::File(path) => from.library.file(path, super::RATE_HZ).map(samples),
        Sound::Music => Some(Playing::Endless {
            samples: from.library.music(super::RATE_HZ),
            place: 0,
        }),
        Sound::Tone(tone) => Some(Playing::Tone(Generator::new(
            &from.country,
            *tone,
            super::RATE_HZ,
        ))),
        Sound::Pause(ms) => {
            let samples = u32::from(*ms) * super::RATE_HZ / 1_000;
            Some(Playing::Pause(usize::try_from(samples).unwrap_or(0)))
        }
    };
    if opened.is_none() {
        tracing::error!(?sound, "a sound is missing and was left out");
    }
    opened
}
