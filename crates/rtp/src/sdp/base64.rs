//! Base64 (RFC 4648 §4), as far as keys in descriptions need it.

/// Bytes as text, padded.
pub(super) fn write(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3).saturating_mul(4));
    for group in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits: u32, at| {
            bits << 8 | u32::from(group.get(at).copied().unwrap_or_default())
        });
        for at in 0..4_usize {
            text.push(if at <= group.len() {
                letter(bits >> 18_usize.saturating_sub(at.saturating_mul(6)) & 63)
            } else {
                '='
            });
        }
    }
    text
}

/// Reads text, whose padding may be missing, into `room`; `None` when it is no Base64 or does not fill
/// the room exactly.
pub(super) fn read(text: &str, room: &mut [u8]) -> Option<()> {
    let text = text.trim_end_matches('=');
    // Each letter has six bits; fewer than six are left over at the end.
    if text.len().checked_mul(6)?.checked_div(8)? != room.len() || text.len() % 4 == 1 {
        return None;
    }
    let (mut bits, mut count) = (0_u32, 0_u32);
    let mut room = room.iter_mut();
    for byte in text.bytes() {
        bits = bits << 6 | value(byte)?;
        count = count.saturating_add(6);
        if let Some(left) = count.checked_sub(8) {
            *room.next()? = (bits >> left) as u8;
            bits &= (1_u32 << left).saturating_sub(1);
            count = left;
        }
    }
    (bits == 0).then_some(())
}

fn letter(value: u32) -> char {
    let at = usize::try_from(value).unwrap_or_default();
    char::from(ALPHABET.get(at).copied().unwrap_or(b'A'))
}

fn value(letter: u8) -> Option<u32> {
    let value = match letter {
        b'A'..=b'Z' => letter.wrapping_sub(b'A'),
        b'a'..=b'z' => letter.wrapping_sub(b'a').wrapping_add(26),
        b'0'..=b'9' => letter.wrapping_sub(b'0').wrapping_add(52),
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(value.into())
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_that_of_rfc_4648() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(write(bytes.as_bytes()), text);
            for text in [text, text.trim_end_matches('=')] {
                let mut room = vec![0; bytes.len()];
                assert_eq!(read(text, &mut room), Some(()), "{text}");
                assert_eq!(room, bytes.as_bytes());
            }
        }
        let all: Vec<u8> = (0..=255).collect();
        let mut room = [0; 256];
        assert_eq!(read(&write(&all), &mut room), Some(()));
        assert_eq!(room[..], all);
    }

    #[test]
    fn what_is_no_base64_or_of_another_length_is_refused() {
        for bad in [
            "Zm9", "Zm9vY", "Zm9!", "Zm9v Zg", "Zm9vZm9v", "Zh==", "=Zm9v",
        ] {
            assert_eq!(read(bad, &mut [0; 3]), None, "{bad}");
        }
        assert_eq!(read("Zh==", &mut [0; 1]), None, "bits are left over");
    }
}
