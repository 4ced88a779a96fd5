//! Datagrams into packets: in order, each once, those that were lost as far as they can be had again.

use super::read::{Datagram, Malformed, Recovery, read};
use std::collections::BTreeMap;

/// What came and what is waited for.
#[derive(Debug, Default)]
pub struct Inbound {
    /// The number of the next packet, counted without wrapping around.
    next: Option<u64>,
    /// The newest packets by number, for parities.
    kept: BTreeMap<u64, Vec<u8>>,
    /// Datagrams that look late although they follow one another: the other side began anew.
    stray: Option<(u16, u8)>,
}

impl Inbound {
    /// Takes a datagram; returns the packets that it brings, in order. Those before them that are still missing
    /// will not be had.
    ///
    /// # Errors
    /// When it is no datagram; nothing changes then.
    pub fn take(&mut self, bytes: &[u8]) -> Result<Vec<(u16, Vec<u8>)>, Malformed> {
        let datagram = read(bytes)?;
        let Some(number) = self.place(datagram.number) else {
            return Ok(Vec::new());
        };
        let first = self
            .next
            .unwrap_or_else(|| number.saturating_sub(BEFORE_FIRST));
        self.keep(number, datagram.packet);
        self.recover(number, first, &datagram);
        self.next = Some(number + 1);
        let packets = self
            .kept
            .range(first..=number)
            .filter(|(_, packet)| !packet.is_empty())
            .map(|(number, packet)| ((number & 0xFFFF) as u16, packet.clone()))
            .collect();
        self.kept = self.kept.split_off(&(number + 1).saturating_sub(KEPT_MAX));
        Ok(packets)
    }

    /// The number without wrapping around; nothing of one that came before.
    fn place(&mut self, number: u16) -> Option<u64> {
        let Some(next) = self.next else {
            return Some(START + u64::from(number));
        };
        let ahead = number.wrapping_sub((next & 0xFFFF) as u16);
        if ahead < AHEAD_MAX {
            self.stray = None;
            return Some(next + u64::from(ahead));
        }
        let follows = match self.stray {
            Some((expected, count)) if expected == number => count + 1,
            Some((expected, count)) if expected == number.wrapping_add(1) => count, // The same once more.
            _ => 1,
        };
        if follows < STRAYS_MAX {
            self.stray = Some((number.wrapping_add(1), follows));
            return None;
        }
        *self = Self::default();
        Some(START + u64::from(number))
    }

    fn keep(&mut self, number: u64, packet: &[u8]) {
        self.kept.entry(number).or_insert_with(|| packet.to_vec());
    }

    fn recover(&mut self, number: u64, first: u64, datagram: &Datagram<'_>) {
        match &datagram.recovery {
            Recovery::Packets(packets) => {
                for (packet, number) in packets.iter().zip((first..number).rev()) {
                    self.keep(number, packet);
                }
            }
            Recovery::Parities { span, parities } => {
                for (index, parity) in parities.iter().enumerate() {
                    self.undo(
                        number,
                        first,
                        usize::from(*span),
                        (index, parities.len()),
                        parity,
                    );
                }
            }
        }
    }

    /// Finds the one packet of a parity that is missing.
    fn undo(&mut self, number: u64, first: u64, span: usize, place: (usize, usize), parity: &[u8]) {
        let (index, step) = place;
        let back = (span * step) as u64;
        let Some(start) = (number + index as u64).checked_sub(back) else {
            return;
        };
        let members = || (0..span).map(|member| start + (member * step) as u64);
        let mut missing = members().filter(|member| !self.kept.contains_key(member));
        let (Some(lost), None) = (missing.next(), missing.next()) else {
            return;
        };
        if !(first..number).contains(&lost) {
            return;
        }
        let mut packet = parity.to_vec();
        for other in members().filter(|member| *member != lost) {
            let other = self.kept.get(&other).map_or(&[][..], Vec::as_slice);
            for (byte, known) in packet.iter_mut().zip(other) {
                *byte ^= known;
            }
        }
        self.keep(lost, &packet);
    }
}

/// Numbers begin here, so that none before the first is below zero.
const START: u64 = 1 << 16;

/// Packets before the first datagram that came, which it may repeat.
const BEFORE_FIRST: u64 = 3;

/// Packets that are remembered: more than any parity reaches back.
const KEPT_MAX: u64 = (super::ENTRIES_MAX * super::ENTRIES_MAX) as u64;

/// How far a number may be ahead; what is further looks late.
const AHEAD_MAX: u16 = 0x4000;

/// Datagrams in a row after which numbering is believed to have begun anew.
const STRAYS_MAX: u8 = 8;
