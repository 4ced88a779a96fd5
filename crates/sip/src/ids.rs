//! Branches, tags and Call-IDs from a seeded generator.

use sha2::{Digest, Sha256};

/// Makes every identifier and random delay of this crate from one seed, so that the same seed and the
/// same events give the same bytes.
///
/// Identifiers cannot be foretold from those already seen: each is cut from SHA-256(seed, counter).
/// RFC 3261 §19.3 asks that of tags, and a response or a BYE is believed because it knows them.
#[derive(Clone, Debug)]
pub struct Ids {
    seed: u64,
    blocks: u64,
    rest: Vec<u8>,
}

impl Ids {
    /// A generator that is as hard to guess as its seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self {
            seed,
            blocks: 0,
            rest: Vec::new(),
        }
    }

    /// A branch with the magic cookie (RFC 3261 §8.1.1.7).
    pub fn branch(&mut self) -> String {
        self.identifier(MAGIC_COOKIE)
    }

    /// A tag for From or To.
    pub fn tag(&mut self) -> String {
        self.identifier("")
    }

    /// A Call-ID. It names no host, which would tell strangers about the network (RFC 3261 §8.1.1.4).
    pub fn call_id(&mut self) -> String {
        self.identifier("")
    }

    /// A number from 0 to `bound` - 1, near enough to evenly spread for delays; 0 when `bound` is 0.
    pub fn below(&mut self, bound: u32) -> u32 {
        let number = (0..4).fold(0, |number: u32, _| number << 8 | u32::from(self.byte()));
        number.checked_rem(bound).unwrap_or_default()
    }

    fn identifier(&mut self, prefix: &str) -> String {
        let mut identifier = String::with_capacity(prefix.len() + IDENTIFIER_CHARS);
        identifier.push_str(prefix);
        for _ in 0..IDENTIFIER_CHARS {
            let letter = char::from_digit(u32::from(self.byte()) % LETTERS, LETTERS);
            identifier.extend(letter);
        }
        identifier
    }

    fn byte(&mut self) -> u8 {
        if self.rest.is_empty() {
            let block = Sha256::new()
                .chain_update(self.seed.to_be_bytes())
                .chain_update(self.blocks.to_be_bytes())
                .finalize();
            self.blocks = self.blocks.wrapping_add(1);
            self.rest.extend_from_slice(&block);
        }
        self.rest.pop().unwrap_or_default()
    }
}

/// Marks a branch as unique to its transaction (RFC 3261 §8.1.1.7).
pub(crate) const MAGIC_COOKIE: &str = "z9hG4bK";

/// Characters of an identifier: 20 of 32 letters are 100 bits.
const IDENTIFIER_CHARS: usize = 20;

/// 0-9 and a-v: Call-IDs and tags are compared by case, branches are not.
const LETTERS: u32 = 32;

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_same_seed_gives_the_same_identifiers() {
        let (mut one, mut other) = (Ids::new(7), Ids::new(7));
        for _ in 0..100 {
            assert_eq!(one.branch(), other.branch());
            assert_eq!(one.below(1_000), other.below(1_000));
        }
        assert_ne!(Ids::new(7).tag(), Ids::new(8).tag());
    }

    #[test]
    fn identifiers_do_not_repeat_and_are_tokens() {
        let mut ids = Ids::new(1);
        let tags: BTreeSet<String> = (0..10_000).map(|_| ids.tag()).collect();
        assert_eq!(tags.len(), 10_000);
        assert!(
            tags.iter()
                .all(|tag| tag.len() == 20 && tag.chars().all(|c| c.is_ascii_alphanumeric()))
        );
        assert!(ids.branch().starts_with("z9hG4bK"));
    }

    #[test]
    fn a_number_below_a_bound_reaches_every_value_and_not_the_bound() {
        let mut ids = Ids::new(1);
        let seen: BTreeSet<u32> = (0..1_000).map(|_| ids.below(10)).collect();
        assert_eq!(seen, (0..10).collect());
        assert_eq!(ids.below(0), 0);
    }
}
