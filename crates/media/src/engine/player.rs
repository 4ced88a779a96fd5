//! Play-lists: sounds one after another without a gap.

use super::slot::{Converter, Slot};
use crate::Rate;
use crate::prompts::Library;
use crate::tone::Generator;
use model::{Keys, PlayId, Sound};
use std::sync::{Arc, OnceLock};

/// What can be played.
#[derive(Clone, Debug)]
pub struct Sounds {
    /// Prompts, music and files.
    pub library: Arc<Library>,
    /// Whose tones are played, ISO 3166 in lower case.
    pub country: String,
}

impl Sounds {
    /// Makes a sound ready to be played. This may decode and read a file, so that a media thread does not do it.
    pub(crate) fn open(&self, sound: &Sound, rate: Rate) -> Piece {
        match sound {
            Sound::Tone(tone) => Piece::Tone(Generator::new(&self.country, *tone, rate.hz())),
            Sound::Pause(ms) => Piece::Pause(u32::from(*ms) * rate.hz() / 1_000),
            Sound::Phrase(..) | Sound::File(_) | Sound::FileFrom(..) => {
                Piece::Once(Loaded(self.load(sound, rate)))
            }
            Sound::Music | Sound::MusicOf(_) => Piece::Endless(Loaded(self.load(sound, rate))),
        }
    }

    /// The same, while another thread [`Self::load`]s what must be loaded into the places given with it.
    pub(crate) fn open_later(
        &self,
        sound: &Sound,
        rate: Rate,
        mut load: impl FnMut(Sound, Rate, Place),
    ) -> Piece {
        let mut later = || {
            let place = Place::default();
            load(sound.clone(), rate, Arc::clone(&place));
            Later(place)
        };
        match sound {
            Sound::Tone(_) | Sound::Pause(_) => self.open(sound, rate),
            Sound::Phrase(..) | Sound::File(_) | Sound::FileFrom(..) => Piece::Once(later()),
            Sound::Music | Sound::MusicOf(_) => Piece::Endless(later()),
        }
    }

    /// The samples of a sound that has some; `None`, and a word in the log, when they cannot be had.
    pub(crate) fn load(&self, sound: &Sound, rate: Rate) -> Option<Arc<[i16]>> {
        let samples = match sound {
            Sound::Phrase(language, phrase) => self.library.get(*language, phrase, rate.hz()),
            Sound::File(path) => self.library.file(path, rate.hz()),
            Sound::FileFrom(path, from) => {
                let whole = self.library.file(path, rate.hz());
                let skipped = from.as_millis() * u128::from(rate.hz()) / 1_000;
                let skipped = usize::try_from(skipped).unwrap_or(usize::MAX);
                let rest = whole.map(|whole| Arc::from(whole.get(skipped..).unwrap_or_default()));
                if rest
                    .as_ref()
                    .is_some_and(|rest: &Arc<[i16]>| rest.is_empty())
                {
                    return None;
                }
                rest
            }
            Sound::Music => Some(self.library.music(rate.hz())),
            Sound::MusicOf(name) => Some(self.library.music_of(name, rate.hz())),
            Sound::Tone(_) | Sound::Pause(_) => None,
        };
        // An endless nothing would never give a sample.
        let samples = samples.filter(|samples| !samples.is_empty());
        if samples.is_none() {
            tracing::error!(?sound, "a sound is missing and is left out");
        }
        samples
    }
}

/// Where samples will be once they are loaded; `None` there when they cannot be had.
pub(crate) type Place = Arc<OnceLock<Option<Arc<[i16]>>>>;

/// Sounds one after another, all at one rate.
#[derive(Debug)]
pub(crate) struct PlayList {
    pub(crate) rate: Rate,
    pub(crate) pieces: Vec<Piece>,
}

/// One sound of a play-list.
#[derive(Debug)]
pub(crate) enum Piece {
    Once(Material),
    Endless(Material),
    Tone(Generator),
    /// Samples of silence.
    Pause(u32),
}

/// The samples of a piece.
#[derive(Debug)]
pub(crate) enum Material {
    Loaded(Option<Arc<[i16]>>),
    Later(Place),
}

use Material::{Later, Loaded};

/// What is being played to one leg.
#[derive(Debug)]
pub(super) struct Player {
    name: PlayId,
    keys: Keys,
    rate: Rate,
    /// The last first.
    pieces: Vec<Piece>,
    /// Samples of the piece that were played.
    at: usize,
    converter: Converter,
}

impl Player {
    /// A play-list from its beginning.
    pub(super) fn new(name: PlayId, list: PlayList, keys: Keys) -> Self {
        let PlayList { rate, mut pieces } = list;
        pieces.reverse();
        Self {
            name,
            keys,
            rate,
            pieces,
            at: 0,
            converter: Converter::default(),
        }
    }

    /// Its name.
    pub(super) const fn name(&self) -> PlayId {
        self.name
    }

    /// What a key does to it.
    pub(super) const fn keys(&self) -> Keys {
        self.keys
    }

    /// Plays the next slot, at a rate.
    pub(super) fn play(&mut self, rate: Rate) -> (Slot, Progress) {
        let mut slot = Slot::silence(self.rate);
        let progress = self.fill(slot.samples_mut());
        (self.converter.convert(&slot, rate).clone(), progress)
    }

    fn fill(&mut self, slot: &mut [i16]) -> Progress {
        let mut rest = slot;
        while let Some(piece) = self.pieces.last_mut() {
            let filled = piece.fill(&mut self.at, rest);
            rest = rest.get_mut(filled..).unwrap_or_default();
            if rest.is_empty() {
                return Progress::Goes;
            }
            self.pieces.pop();
            self.at = 0;
        }
        rest.fill(0);
        Progress::Ended
    }
}

/// How a play-list stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// It goes on.
    Goes,
    /// All of it was played.
    Ended,
}

impl Piece {
    /// Plays from `at` on; fewer samples than there is room for mean that the piece is over.
    fn fill(&mut self, at: &mut usize, into: &mut [i16]) -> usize {
        match self {
            Self::Once(material) => match material.samples() {
                Samples::There(samples) => copy(samples, at, into),
                Samples::Underway => silence(into),
                Samples::Missing => 0,
            },
            Self::Endless(material) => match material.samples() {
                Samples::There(samples) => {
                    let mut filled = 0;
                    while let Some(rest) = into.get_mut(filled..).filter(|rest| !rest.is_empty()) {
                        filled += copy(samples, at, rest);
                        if *at >= samples.len() {
                            *at = 0;
                        }
                    }
                    filled
                }
                Samples::Underway => silence(into),
                Samples::Missing => 0,
            },
            Self::Tone(generator) => generator.fill(into),
            Self::Pause(left) => {
                let count = into.len().min(*left as usize);
                *left = left.saturating_sub(u32::try_from(count).unwrap_or(u32::MAX));
                silence(into.get_mut(..count).unwrap_or_default())
            }
        }
    }
}

enum Samples<'a> {
    There(&'a [i16]),
    Underway,
    Missing,
}

impl Material {
    fn samples(&self) -> Samples<'_> {
        let loaded = match self {
            Loaded(samples) => Some(samples),
            Later(place) => place.get(),
        };
        match loaded {
            Some(Some(samples)) => Samples::There(samples),
            Some(None) => Samples::Missing,
            None => Samples::Underway,
        }
    }
}

fn copy(from: &[i16], at: &mut usize, into: &mut [i16]) -> usize {
    let left = from.get(*at..).unwrap_or_default();
    let count = left.len().min(into.len());
    for (to, sample) in into.iter_mut().zip(left) {
        *to = *sample;
    }
    *at += count;
    count
}

fn silence(into: &mut [i16]) -> usize {
    into.fill(0);
    into.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_underway_is_silence_until_it_is_there() {
        let place = Place::default();
        let pieces = vec![Piece::Once(Later(Arc::clone(&place)))];
        let mut player = player(pieces);
        let mut slot = [9; SLOT];
        assert_eq!(player.fill(&mut slot), Progress::Goes);
        assert_eq!(slot, [0; SLOT]);
        place.set(Some(Arc::from([5; SLOT]))).unwrap();
        assert_eq!(player.fill(&mut slot), Progress::Goes);
        assert_eq!(slot, [5; SLOT]);
        assert_eq!(player.fill(&mut slot), Progress::Ended);
        assert_eq!(slot, [0; SLOT]);
    }

    #[test]
    fn what_cannot_be_had_is_left_out_even_if_it_would_be_endless() {
        let pieces = vec![
            Piece::Endless(Loaded(None)),
            Piece::Once(Loaded(None)),
            Piece::Once(Loaded(Some(Arc::from([3; 10])))),
            Piece::Endless(Loaded(Some(Arc::from([1, 2])))),
        ];
        let mut player = player(pieces);
        let mut slot = [9; SLOT];
        assert_eq!(player.fill(&mut slot), Progress::Goes);
        assert_eq!(slot[8..14], [3, 3, 1, 2, 1, 2]);
    }

    fn player(pieces: Vec<Piece>) -> Player {
        let rate = Rate::Narrow;
        Player::new(PlayId(1), PlayList { rate, pieces }, Keys::Report)
    }

    const SLOT: usize = Rate::Narrow.slot();
}
