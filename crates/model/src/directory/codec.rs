//! Which codecs are spoken.

use serde::{Deserialize, Serialize};

/// A codec as the administrator names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CodecName {
    /// Opus: all that is audible, and robust where packets are lost.
    Opus,
    /// G.722: 16 kHz.
    G722,
    /// G.711 A-law.
    Pcma,
    /// G.711 µ-law.
    Pcmu,
    /// Linear samples of 8, 16 and 48 kHz.
    L16,
    /// Whatever else two phones have in common: it goes from one to the other as it is.
    Other,
}

impl CodecName {
    /// What is spoken with a party where nothing is set, most wanted first.
    pub const DEFAULT: [Self; 5] = [Self::Opus, Self::G722, Self::Pcma, Self::Pcmu, Self::Other];
}
