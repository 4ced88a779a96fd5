//! Branches, tags, Call-IDs and secrets from a seeded generator.

use core::fmt;
use sha2::{Digest as _, Sha256};

/// Makes every identifier and random delay of this crate from one seed, so that the same seed and the
/// same events give the same bytes.
///
/// Identifiers cannot be foretold from those already seen: they are cut from SHA-256 of the seed and a counter.
/// RFC 3261 §19.3 asks that of tags, and a response or a BYE is believed because it knows them.
#[derive(Clone)]
pub struct Ids {
    seed: Seed,
    blocks: u64,
    /// What is left of the newest block stands at its end.
    block: [u8; 32],
    left: usize,
}

/// What a generator begins with. `Debug` does not show it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Seed([u8; 32]);

/// 32 bytes from the system's generator: nobody guesses what is made of them.
impl From<[u8; 32]> for Seed {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

/// A number, for tests and simulations that are to do the same each time.
impl From<u64> for Seed {
    fn from(number: u64) -> Self {
        let mut bytes = [0; 32];
        for (byte, given) in bytes.iter_mut().zip(number.to_be_bytes()) {
            *byte = given;
        }
        Self(bytes)
    }
}

impl Seed {
    /// The bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(…)")
    }
}

impl Ids {
    /// A generator that is as hard to guess as its seed.
    #[must_use]
    pub fn new(seed: impl Into<Seed>) -> Self {
        Self {
            seed: seed.into(),
            blocks: 0,
            block: [0; 32],
            left: 0,
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
        let number = u32::from_be_bytes([0; 4].map(|_: u8| self.byte()));
        number.checked_rem(bound).unwrap_or_default()
    }

    /// 32 bytes that nobody guesses, to make keys from.
    pub fn secret(&mut self) -> [u8; 32] {
        [0; 32].map(|_: u8| self.byte())
    }

    fn identifier(&mut self, prefix: &str) -> String {
        let mut identifier = String::with_capacity(prefix.len() + IDENTIFIER_CHARS);
        identifier.push_str(prefix);
        for _ in 0..IDENTIFIER_CHARS {
            let letter = u32::from(self.byte()) % LETTERS;
            identifier.extend(char::from_digit(letter, LETTERS));
        }
        identifier
    }

    fn byte(&mut self) -> u8 {
        if self.left == 0 {
            let block = Sha256::new()
                .chain_update(self.seed.bytes())
                .chain_update(self.blocks.to_be_bytes());
            self.block = block.finalize().into();
            self.blocks += 1;
            self.left = self.block.len();
        }
        let place = self.block.len() - self.left;
        self.left -= 1;
        // Used bytes are forgotten.
        self.block
            .get_mut(place)
            .map(std::mem::take)
            .unwrap_or_default()
    }
}

impl fmt::Debug for Ids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ids(…)")
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
        let (mut one, mut other) = (Ids::new(7_u64), Ids::new(7_u64));
        for _ in 0..100 {
            assert_eq!(one.branch(), other.branch());
            assert_eq!(one.below(1_000), other.below(1_000));
            assert_eq!(one.secret(), other.secret());
        }
        assert_ne!(Ids::new(7_u64).tag(), Ids::new(8_u64).tag());
        let every_byte_counts = Ids::new(core::array::from_fn(|at| u8::from(at == 31)));
        assert_ne!(every_byte_counts.clone().tag(), Ids::new([0; 32]).tag());
        let shown = format!("{every_byte_counts:?}");
        assert_eq!(shown, "Ids(…)");
    }

    #[test]
    fn identifiers_do_not_repeat_and_are_tokens() {
        let mut ids = Ids::new(1_u64);
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
        let mut ids = Ids::new(1_u64);
        let seen: BTreeSet<u32> = (0..1_000).map(|_| ids.below(10)).collect();
        assert_eq!(seen, (0..10).collect());
        assert_eq!(ids.below(0), 0);
    }
}
