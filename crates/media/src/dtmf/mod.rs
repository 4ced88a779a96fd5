//! Keys as sound: each is a pair of tones, one of the low group and one of the high (ITU-T Q.23).
//!
//! [`Detector`] hears them in a party's sound, by the limits of ITU-T Q.24; [`Generator`] makes them.

mod decimator;
mod detector;
mod generator;
#[cfg(test)]
mod tests;

pub use detector::{Detector, Heard};
pub use generator::{Generator, QueueFull};
use model::Digit;

/// The low group in Hz: the rows of a keypad (ITU-T Q.23 §3).
const LOW_HZ: [u16; 4] = [697, 770, 852, 941];
/// The high group in Hz: its columns.
const HIGH_HZ: [u16; 4] = [1209, 1336, 1477, 1633];

/// The event of RFC 4733 at each place of the keypad.
const EVENTS: [[u8; 4]; 4] = [[1, 2, 3, 12], [4, 5, 6, 13], [7, 8, 9, 14], [10, 0, 11, 15]];

/// The key where a row and a column meet.
fn key_at(row: usize, column: usize) -> Option<Digit> {
    let event = EVENTS.get(row)?.get(column)?;
    Digit::of_event(*event)
}

/// The two frequencies of a key, low and high.
fn frequencies(digit: Digit) -> (f64, f64) {
    let place = EVENTS.iter().zip(LOW_HZ).find_map(|(row, low)| {
        let column = row.iter().position(|event| *event == digit.event())?;
        Some((low, *HIGH_HZ.get(column)?))
    });
    // Each of the sixteen events has its place.
    let (low, high) = place.unwrap_or_default();
    (low.into(), high.into())
}
