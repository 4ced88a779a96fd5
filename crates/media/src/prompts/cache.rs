//! Sounds ready to be played.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::SystemTime;

use model::{Language, MusicName, Phrase};

/// What is kept, each at the rate that was asked for.
#[derive(Debug, Default)]
pub(super) struct Cache {
    sounds: HashMap<Key, Arc<[i16]>>,
    samples: usize,
    generation: Generation,
}

/// Changes whenever something is forgotten, so that a sound unpacked before is not kept after.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Generation(u64);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Phrase(Language, Phrase, u32),
    Music(u32),
    /// Of a file that was changed then and is that long.
    MusicOf(MusicName, (SystemTime, u64), u32),
}

impl Cache {
    pub(super) fn get(&self, key: &Key) -> Option<Arc<[i16]>> {
        self.sounds.get(key).map(Arc::clone)
    }

    pub(super) fn generation(&self) -> Generation {
        self.generation
    }

    /// Keeps a sound, unless something was forgotten since `generation`. When the cache is full, everything that nobody is hearing goes.
    pub(super) fn keep(&mut self, key: Key, sound: Arc<[i16]>, generation: Generation) {
        if generation != self.generation {
            return;
        }
        if self.samples + sound.len() > SAMPLES_MAX {
            self.sounds.retain(|_, kept| Arc::strong_count(kept) > 1);
            self.samples = self.sounds.values().map(|kept| kept.len()).sum();
        }
        self.samples += sound.len();
        if let Some(replaced) = self.sounds.insert(key, sound) {
            self.samples -= replaced.len();
        }
    }

    /// Drops a phrase at every rate, because another sound takes its place.
    pub(super) fn forget(&mut self, language: Language, id: &str) {
        self.generation.0 += 1;
        self.sounds.retain(|key, _| {
            !matches!(key, Key::Phrase(of, phrase, _) if *of == language && phrase.0 == id)
        });
        self.samples = self.sounds.values().map(|kept| kept.len()).sum();
    }
}

/// 16 MB: all prompts of one language at 8 kHz, with music. What is being heard may exceed it.
const SAMPLES_MAX: usize = 8_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_cache_keeps_what_is_heard() {
        let mut cache = Cache::default();
        let heard: Arc<[i16]> = vec![1; SAMPLES_MAX / 2].into();
        cache.keep(Key::Music(8000), Arc::clone(&heard), cache.generation());
        cache.keep(
            key("N-01"),
            vec![2; SAMPLES_MAX / 2].into(),
            cache.generation(),
        );
        cache.keep(key("N-02"), vec![3; 10].into(), cache.generation());
        assert!(cache.get(&Key::Music(8000)).is_some());
        assert_eq!(cache.get(&key("N-01")), None);
        assert!(cache.get(&key("N-02")).is_some());
        assert_eq!(cache.samples, SAMPLES_MAX / 2 + 10);
    }

    #[test]
    fn the_same_sound_twice_counts_once() {
        let mut cache = Cache::default();
        cache.keep(key("N-01"), vec![2; 10].into(), cache.generation());
        cache.keep(key("N-01"), vec![2; 10].into(), cache.generation());
        assert_eq!(cache.samples, 10);
        cache.forget(Language::English, "N-01");
        assert_eq!(cache.samples, 10);
        cache.forget(Language::Chinese, "N-01");
        assert_eq!((cache.samples, cache.sounds.len()), (0, 0));
    }

    #[test]
    fn what_was_unpacked_before_a_change_is_not_kept_after_it() {
        let mut cache = Cache::default();
        let before = cache.generation();
        cache.forget(Language::Chinese, "N-01");
        cache.keep(key("N-01"), vec![2; 10].into(), before);
        assert_eq!(cache.get(&key("N-01")), None);
    }

    fn key(id: &'static str) -> Key {
        Key::Phrase(Language::Chinese, Phrase::named(id), 8000)
    }
}
