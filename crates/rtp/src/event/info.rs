//! Keys in the bodies of SIP INFO, as most phones spell them.

use super::{KeySender, event_of, key_of};
use core::time::Duration;

/// A key that came, or goes, in a SIP INFO.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InfoKey {
    /// Which (RFC 4733 §3.2).
    pub event: u8,
    /// How long it was pressed.
    pub length: Duration,
}

/// Why an INFO carries no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAKey {
    /// Its body is of another type: 415, or 200 without effect.
    #[error("the body is not one of keys")]
    ContentType,
    /// Its body names no key.
    #[error("the body names no key")]
    Key,
}

impl InfoKey {
    /// `Signal=5` and `Duration=160` in lines.
    pub const RELAY: &'static str = "application/dtmf-relay";
    /// One character.
    pub const PLAIN: &'static str = "application/dtmf";

    /// Reads a body. Spaces, the order of lines, their ends and unknown lines do not matter; `*` and `#`
    /// may be written as their events, 10 and 11.
    ///
    /// # Errors
    /// When the content type is neither [`Self::RELAY`] nor [`Self::PLAIN`], or there is no key.
    pub fn parse(content_type: &str, body: &[u8]) -> Result<Self, NotAKey> {
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        let is = |known: &str| media_type.eq_ignore_ascii_case(known);
        if !is(Self::RELAY) && !is(Self::PLAIN) {
            return Err(NotAKey::ContentType);
        }
        let body = body.get(..body.len().min(BODY_MAX)).unwrap_or_default();
        let text = core::str::from_utf8(body).map_err(|_| NotAKey::Key)?;
        let value = |name: &str| {
            text.split(['\r', '\n'])
                .filter_map(|line| line.split_once('='))
                .find(|(key, _)| key.trim().eq_ignore_ascii_case(name))
                .map(|(_, value)| value.trim())
        };
        let plain = || is(Self::PLAIN).then(|| one_key(text.trim())).flatten();
        let event = value("Signal")
            .and_then(signal)
            .or_else(plain)
            .ok_or(NotAKey::Key)?;
        let millis = value("Duration").and_then(|millis| millis.parse().ok());
        let length = millis.map_or(KeySender::LENGTH, Duration::from_millis);
        Ok(Self {
            event,
            length: length.clamp(KeySender::LENGTH_MIN, KeySender::LENGTH_MAX),
        })
    }

    /// The body of type [`Self::RELAY`]; `None` when the event is no key.
    #[must_use]
    pub fn to_relay(&self) -> Option<String> {
        let key = key_of(self.event)?;
        let millis = self.length.as_millis();
        Some(format!("Signal={key}\r\nDuration={millis}\r\n"))
    }

    /// The body of type [`Self::PLAIN`]; `None` when the event is no key.
    #[must_use]
    pub fn to_plain(&self) -> Option<String> {
        key_of(self.event).map(String::from)
    }
}

/// Bytes of a body that are looked at.
const BODY_MAX: usize = 256;

/// A key as itself or as its event.
fn signal(written: &str) -> Option<u8> {
    let numbered = || {
        written
            .parse()
            .ok()
            .filter(|event| (10..=15).contains(event))
    };
    one_key(written).or_else(numbered)
}

/// A key as itself, and nothing beside it.
fn one_key(written: &str) -> Option<u8> {
    let mut characters = written.chars();
    let key = characters.next().filter(|_| characters.next().is_none())?;
    event_of(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FC-08
    #[test]
    fn keys_are_read_in_every_usual_spelling() {
        let table: [(&str, &str, u8, u64); 11] = [
            (InfoKey::RELAY, "Signal=5\r\nDuration=160\r\n", 5, 160),
            (InfoKey::RELAY, "Signal= *\nDuration= 250", 10, 250),
            (InfoKey::RELAY, "Duration=100\r\nSignal=#", 11, 100),
            (InfoKey::RELAY, "signal=10\r\nduration=100", 10, 100),
            (InfoKey::RELAY, "Signal=11", 11, 100),
            (InfoKey::RELAY, "Signal=d\r\nDuration=x", 15, 100),
            (InfoKey::RELAY, "Signal=1\r\nDuration=1", 1, 40),
            (InfoKey::RELAY, "Signal=1\r\nDuration=99999999", 1, 30_000),
            (InfoKey::PLAIN, "7", 7, 100),
            (InfoKey::PLAIN, " #\r\n", 11, 100),
            (
                "Application/DTMF; charset=utf-8",
                "Signal=0\r\nDuration=90",
                0,
                90,
            ),
        ];
        for (content_type, body, event, millis) in table {
            let length = Duration::from_millis(millis);
            let key = InfoKey::parse(content_type, body.as_bytes());
            assert_eq!(key, Ok(InfoKey { event, length }), "{body:?}");
        }
    }

    #[test]
    fn what_names_no_key_is_refused() {
        for body in [
            "",
            "Signal=",
            "Signal=E",
            "Signal=16",
            "Signal=55",
            "Duration=5",
        ] {
            let key = InfoKey::parse(InfoKey::RELAY, body.as_bytes());
            assert_eq!(key, Err(NotAKey::Key), "{body:?}");
        }
        assert_eq!(InfoKey::parse(InfoKey::PLAIN, b"12"), Err(NotAKey::Key));
        assert_eq!(InfoKey::parse(InfoKey::PLAIN, &[0xff]), Err(NotAKey::Key));
        let other = InfoKey::parse("application/media_control+xml", b"5");
        assert_eq!(other, Err(NotAKey::ContentType));
    }

    #[test]
    fn a_long_body_is_not_read_to_its_end() {
        let body = format!("{}\r\nSignal=5", "x".repeat(BODY_MAX));
        assert_eq!(
            InfoKey::parse(InfoKey::RELAY, body.as_bytes()),
            Err(NotAKey::Key)
        );
    }

    #[test]
    fn what_is_written_is_read_again() {
        for event in 0..16 {
            let key = InfoKey {
                event,
                length: KeySender::LENGTH,
            };
            let relay = key.to_relay().unwrap();
            assert_eq!(InfoKey::parse(InfoKey::RELAY, relay.as_bytes()), Ok(key));
            let plain = key.to_plain().unwrap();
            assert_eq!(InfoKey::parse(InfoKey::PLAIN, plain.as_bytes()), Ok(key));
        }
        let flash = InfoKey {
            event: 16,
            length: KeySender::LENGTH,
        };
        assert_eq!((flash.to_relay(), flash.to_plain()), (None, None));
    }
}
