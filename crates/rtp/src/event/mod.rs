//! Keys of a telephone: as RTP events (RFC 4733) and in the bodies of SIP INFO.
//!
//! Events are numbered as in RFC 4733 §3.2: 0 to 9, 10 for `*`, 11 for `#`, 12 to 15 for `A` to `D`.

mod info;
mod receiver;
mod sender;

pub use info::{InfoKey, NotAKey};
pub use receiver::{Heard, KeyReceiver};
pub use sender::{KeyPacket, KeySender, QueueFull};

/// The event of a key, `0-9 * # A-D` in either case.
#[must_use]
pub fn event_of(key: char) -> Option<u8> {
    let key = u8::try_from(key.to_ascii_uppercase()).ok()?;
    let place = KEYS.iter().position(|&known| known == key)?;
    u8::try_from(place).ok()
}

/// The key of an event; `None` for events that are no keys.
#[must_use]
pub fn key_of(event: u8) -> Option<char> {
    KEYS.get(usize::from(event)).copied().map(char::from)
}

const KEYS: &[u8; 16] = b"0123456789*#ABCD";

/// What a packet of telephone events carries (RFC 4733 §2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payload {
    /// Which event.
    pub event: u8,
    /// Whether it is over.
    pub stage: Stage,
    /// How loud, in dBm0 without the sign: 0 (loud) to 63.
    pub volume: u8,
    /// How long so far, in ticks of the event's clock.
    pub duration: u16,
}

/// Whether an event goes on (its E bit).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// It does.
    Going,
    /// It is over.
    Ended,
}

impl Payload {
    /// Reads the first event of a payload; `None` when it is too short. Others that may follow it have
    /// been, or will be, sent on their own as well.
    #[must_use]
    pub fn parse(payload: &[u8]) -> Option<Self> {
        let &[event, flags, d0, d1] = payload.first_chunk()?;
        Some(Self {
            event,
            stage: if flags & END == 0 {
                Stage::Going
            } else {
                Stage::Ended
            },
            volume: flags & VOLUME,
            duration: u16::from_be_bytes([d0, d1]),
        })
    }

    /// The four bytes of a payload; a volume above 63 becomes 63.
    #[must_use]
    pub const fn to_bytes(&self) -> [u8; 4] {
        let volume = if self.volume > VOLUME {
            VOLUME
        } else {
            self.volume
        };
        let end = match self.stage {
            Stage::Going => 0,
            Stage::Ended => END,
        };
        let [d0, d1] = self.duration.to_be_bytes();
        [self.event, end | volume, d0, d1]
    }
}

const END: u8 = 0x80;
const VOLUME: u8 = 0x3f;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_events_are_each_others_inverse() {
        for (event, key) in (0..).zip("0123456789*#ABCD".chars()) {
            assert_eq!((event_of(key), key_of(event)), (Some(event), Some(key)));
        }
        assert_eq!(event_of('d'), Some(15));
        assert_eq!(
            (event_of('E'), event_of('五'), key_of(16)),
            (None, None, None)
        );
    }

    #[test]
    fn a_payload_is_read_as_it_was_written() {
        let payload = Payload {
            event: 11,
            stage: Stage::Ended,
            volume: 10,
            duration: 800,
        };
        assert_eq!(payload.to_bytes(), [11, 0x8a, 3, 0x20]);
        assert_eq!(Payload::parse(&payload.to_bytes()), Some(payload));
        assert_eq!(Payload::parse(&[11, 0x8a, 3]), None);
        let loud = Payload {
            volume: 200,
            ..payload
        };
        assert_eq!(loud.to_bytes()[1], 0xbf);
    }
}
