//! The prompts as they should be heard.

use crate::Recording;
use media::prompts::Library;
use model::{Language, Phrase};
use std::path::Path;
use std::sync::OnceLock;

impl Recording {
    /// Fails unless these prompts (ids of `PROMPTS.tsv`) are heard in this order, in English.
    ///
    /// # Panics
    /// When one is not heard after the one before it.
    pub fn says(&self, prompts: &[&str]) {
        self.says_in(Language::English, prompts);
    }

    /// As [`Recording::says`], in another language.
    ///
    /// # Panics
    /// When one is not heard after the one before it.
    pub fn says_in(&self, language: Language, prompts: &[&str]) {
        let mut from_s = 0.0;
        for id in prompts {
            let known = spoken(language, id);
            let rest = self.part(crate::Span {
                from_s,
                to_s: self.length_s(),
            });
            // A phone loses the end of what was said when the call ends with it.
            let rest = rest.followed_by(Self::of("", vec![0; LOST], self.rate_hz()));
            let (at_s, alike) = rest.finds(&known);
            assert!(
                alike >= ALIKE,
                "{self:?} should say {id} after {from_s:.1} s of {prompts:?}, but is only {alike:.2} like it"
            );
            // The same prompt twice in a row is two prompts.
            from_s += at_s + known.len() as f64 / f64::from(RATE_HZ) * 0.9;
        }
    }

    /// Where a prompt is, in seconds, and how alike what is heard there is. Over a long one the jitter buffer of a phone
    /// on a busy machine may leave out or repeat a moment, and what follows is early or late by that: then it is enough
    /// that two thirds of it are heard, each where it belongs.
    fn finds(&self, known: &[i16]) -> (f64, f64) {
        let whole = self.recognises(known, RATE_HZ).unwrap_or_default();
        if whole.1 >= ALIKE || known.len() < LONG {
            return whole;
        }
        let length = known.len() / 3;
        let thirds = known.chunks_exact(length).zip(0_u32..);
        let found = thirds.filter_map(|(third, nth)| {
            let (at_s, alike) = self.recognises(third, RATE_HZ)?;
            let before_s = f64::from(nth) * length as f64 / f64::from(RATE_HZ);
            (alike >= ALIKE).then_some((at_s - before_s, alike))
        });
        let found: Vec<_> = found.collect();
        let mut pairs = found.windows(2);
        let heard = pairs.find(|pair| (pair[0].0 - pair[1].0).abs() < SLIP_S);
        heard.map_or(whole, |pair| pair[0])
    }

    /// Fails if a prompt is heard.
    ///
    /// # Panics
    /// When it is.
    pub fn does_not_say(&self, id: &str) {
        let found = self.recognises(&spoken(Language::English, id), RATE_HZ);
        let (at_s, alike) = found.unwrap_or_default();
        assert!(
            alike < ALIKE,
            "{self:?} should not say {id}, but is {alike:.2} like it at {at_s:.1} s"
        );
    }
}

/// A prompt.
fn spoken(language: Language, id: &str) -> std::sync::Arc<[i16]> {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    let library = LIBRARY.get_or_init(|| Library::open(Path::new("/nonexistent")));
    let phrase = Phrase(id.to_owned().into());
    library
        .get(language, &phrase, RATE_HZ)
        .unwrap_or_else(|| panic!("there is no prompt {id}"))
}

/// How alike a prompt must be: G.711 leaves it above 0.95, another prompt is below 0.5.
const ALIKE: f64 = 0.75;
/// Samples at the end of a call that a phone may lose: what waits for its turn in the jitter buffer.
const LOST: usize = 3_200;
/// Samples of a prompt that is recognised in parts too: 1 s.
const LONG: usize = 8_000;
/// By how much a jitter buffer may move what it plays within a prompt.
const SLIP_S: f64 = 0.3;
/// The rate of telephones.
const RATE_HZ: u32 = 8_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_are_told_from_each_other() {
        let ids = [
            "N-01", "N-02", "N-03", "N-04", "N-05", "N-08", "MI-03", "DN-01", "D-1",
        ];
        for id in ids {
            let mut samples = vec![0; 3_000];
            samples.extend(spoken(Language::English, id).iter());
            samples.extend(vec![0; 40_000]);
            let heard = Recording::of(id, samples, RATE_HZ);
            heard.says(&[id]);
            for other in ids.iter().filter(|other| **other != id) {
                heard.does_not_say(other);
            }
        }
    }

    #[test]
    fn a_prompt_of_which_a_phone_left_out_a_moment_is_known_all_the_same() {
        let ids = ["N-01", "VM-33", "VM-34", "VM-41", "VM-52", "VM-53"];
        for id in ids {
            let mut samples = spoken(Language::English, id).to_vec();
            let middle = samples.len() / 2;
            samples.drain(middle..middle + 160);
            samples.extend(vec![0; 40_000]);
            let heard = Recording::of(id, samples, RATE_HZ);
            for other in ids {
                let (_, alike) = heard.finds(&spoken(Language::English, other));
                assert_eq!(alike >= ALIKE, id == other, "{id} {other} {alike}");
            }
        }
    }
}
