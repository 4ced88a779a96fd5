//! Which counts of which nonces were used (RFC 7616 §3.3, nonce count).

use super::nonce::Nonce;
use std::collections::BTreeMap;

/// The counts that were used. Only who has proved himself gets a place here, and the number of places is
/// bounded: when they run out, the oldest nonce and all before it are forgotten and no longer taken.
#[derive(Clone, Debug, Default)]
pub(super) struct UsedCounts {
    by_nonce: BTreeMap<Nonce, Window>,
    /// The latest nonce that was forgotten.
    forgotten: Option<Nonce>,
}

/// The counts of one nonce. They may overtake each other on the way, a little.
#[derive(Clone, Copy, Debug, Default)]
struct Window {
    /// The greatest used.
    top: u32,
    /// Bit n stands for `top - n`.
    used: u64,
}

impl UsedCounts {
    /// Whether a count can still be used.
    pub(super) fn is_unused(&self, nonce: Nonce, count: u32) -> bool {
        if self.forgotten.is_some_and(|forgotten| nonce <= forgotten) {
            return false;
        }
        self.by_nonce
            .get(&nonce)
            .is_none_or(|window| window.is_unused(count))
    }

    /// Uses a count.
    pub(super) fn note(&mut self, nonce: Nonce, count: u32) {
        self.by_nonce.entry(nonce).or_default().note(count);
        while self.by_nonce.len() > NONCES_MAX {
            self.forget_first();
        }
    }

    /// Forgets those that were made before `oldest`; their time is over.
    pub(super) fn forget_before(&mut self, oldest: Nonce) {
        while self
            .by_nonce
            .first_key_value()
            .is_some_and(|(nonce, _)| *nonce < oldest)
        {
            self.forget_first();
        }
    }

    fn forget_first(&mut self) {
        if let Some((nonce, _)) = self.by_nonce.pop_first() {
            self.forgotten = Some(nonce);
        }
    }
}

impl Window {
    const fn is_unused(self, count: u32) -> bool {
        if count > self.top {
            return true;
        }
        let behind = self.top - count;
        behind < u64::BITS && self.used >> behind & 1 == 0
    }

    const fn note(&mut self, count: u32) {
        if count > self.top {
            self.used = match self.used.checked_shl(count - self.top) {
                Some(used) => used | 1,
                None => 1,
            };
            self.top = count;
        } else if let Some(bit) = 1_u64.checked_shl(self.top - count) {
            self.used |= bit;
        }
    }
}

/// Nonces in use at a time. Beyond it phones are challenged once more often than they need be.
pub(super) const NONCES_MAX: usize = 32_768;
