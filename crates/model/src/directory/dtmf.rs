//! How keys are told.

use serde::{Deserialize, Serialize};

/// How a party's phone tells keys, and is told them (FC-08).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dtmf {
    /// As was agreed: RTP events, else SIP INFO where the phone takes it, else tones. Tones are listened for where
    /// no RTP events were agreed.
    #[default]
    Auto,
    /// As RTP events (RFC 4733). Tones are never listened for.
    Rfc4733,
    /// By SIP INFO. RTP events are not agreed, and tones are never listened for.
    Info,
    /// As tones in the sound. RTP events are not agreed.
    Inband,
}
