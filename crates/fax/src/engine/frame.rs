//! What the frames that both machines exchange say of the call.

use serde::{Deserialize, Serialize};

/// What the sender chose for the pages to come (T.30 §5.3.6.1.3, DCS).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Training {
    /// Bits a second.
    pub rate: u32,
    /// Whether damaged blocks are sent again.
    pub error_correction: bool,
}

/// Reads a DCS frame; nothing of any other.
pub(super) fn training(frame: &[u8]) -> Option<Training> {
    let [_address, control, kind, ref fields @ ..] = *frame else {
        return None;
    };
    // The lowest bit says whose frame it is (T.30 §5.3.6.1).
    if control & 0x03 != 0x03 || kind & 0xFE != DCS {
        return None;
    }
    Some(Training {
        rate: rate(*fields.get(1)?),
        error_correction: fields.get(3).is_some_and(|byte| byte & 0x04 != 0),
    })
}

/// Bits 11 to 14 of T.30, table 2.
const fn rate(octet: u8) -> u32 {
    match octet >> 2 & 0x0F {
        0b1000 => 14_400,
        0b1010 => 12_000,
        0b1001 | 0b0001 => 9_600,
        0b1011 | 0b0011 => 7_200,
        0b0010 => 4_800,
        _ => 2_400,
    }
}

/// Digital command signal.
const DCS: u8 = 0x82;
