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
        let mut from_s = 0.0;
        for id in prompts {
            let known = spoken(id);
            let rest = self.part(crate::Span {
                from_s,
                to_s: self.length_s(),
            });
            // A phone loses the end of what was said when the call ends with it.
            let rest = rest.followed_by(Self::of("", vec![0; LOST], self.rate_hz()));
            let found = rest.recognises(&known, RATE_HZ);
            let (at_s, alike) = found.unwrap_or_default();
            assert!(
                alike >= ALIKE,
                "{self:?} should say {id} after {from_s:.1} s of {prompts:?}, but is only {alike:.2} like it"
            );
            // The same prompt twice in a row is two prompts.
            from_s += at_s + known.len() as f64 / f64::from(RATE_HZ) * 0.9;
        }
    }

    /// Fails if a prompt is heard.
    ///
    /// # Panics
    /// When it is.
    pub fn does_not_say(&self, id: &str) {
        let found = self.recognises(&spoken(id), RATE_HZ);
        let (at_s, alike) = found.unwrap_or_default();
        assert!(
            alike < ALIKE,
            "{self:?} should not say {id}, but is {alike:.2} like it at {at_s:.1} s"
        );
    }
}

/// A prompt in English.
fn spoken(id: &str) -> std::sync::Arc<[i16]> {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    let library = LIBRARY.get_or_init(|| Library::open(Path::new("/nonexistent")));
    let phrase = Phrase(id.to_owned().into());
    library
        .get(Language::English, &phrase, RATE_HZ)
        .unwrap_or_else(|| panic!("there is no prompt {id}"))
}

/// How alike a prompt must be: G.711 leaves it above 0.95, another prompt is below 0.5.
const ALIKE: f64 = 0.75;
/// Samples at the end of a call that a phone may lose: what waits for its turn in the jitter buffer.
const LOST: usize = 3_200;
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
            samples.extend(spoken(id).iter());
            samples.extend(vec![0; 40_000]);
            let heard = Recording::of(id, samples, RATE_HZ);
            heard.says(&[id]);
            for other in ids.iter().filter(|other| **other != id) {
                heard.does_not_say(other);
            }
        }
    }
}
