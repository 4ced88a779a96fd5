//! When a certificate ends: just so much of X.509 (RFC 5280 §4.1) as that takes.

use jiff::Timestamp;

/// The end of the first certificate of a PEM text.
pub(super) fn expires(pem: &str) -> Option<Timestamp> {
    let body = pem.split_once("-----BEGIN CERTIFICATE-----")?.1;
    let body = body.split_once("-----END CERTIFICATE-----")?.0;
    let der = base64(body)?;
    let certificate = inside(&der, SEQUENCE)?.0;
    let mut fields = inside(certificate, SEQUENCE)?.0;
    if let Some((_, rest)) = inside(fields, VERSION) {
        fields = rest;
    }
    // Serial number, signature algorithm, issuer.
    for tag in [INTEGER, SEQUENCE, SEQUENCE] {
        fields = inside(fields, tag)?.1;
    }
    let validity = inside(fields, SEQUENCE)?.0;
    let (_, rest) = any(validity)?;
    let (tag, after) = rest.split_first().map(|(tag, _)| *tag).zip(any(rest))?;
    let text = std::str::from_utf8(after.0).ok()?;
    // RFC 5280 §4.1.2.5.1: two digits of year up to 49 are of this century.
    let text = match (tag, text.get(..2)?.parse::<u8>().ok()?) {
        (GENERALIZED_TIME, _) => text.to_owned(),
        (UTC_TIME, ..50) => format!("20{text}"),
        (UTC_TIME, _) => format!("19{text}"),
        _ => return None,
    };
    let civil = jiff::civil::DateTime::strptime("%Y%m%d%H%M%SZ", &text).ok()?;
    let zoned = civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(zoned.timestamp())
}

/// The content of the element in front, if it is of that kind, and what follows it.
fn inside(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    (der.first() == Some(&tag)).then(|| any(der)).flatten()
}

/// The content of the element in front, and what follows it (X.690 §8.1.3).
fn any(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (first, rest) = der.get(1..)?.split_first()?;
    let (length, rest) = match first {
        short @ ..0x80 => (usize::from(*short), rest),
        long => {
            let (digits, rest) = rest.split_at_checked(usize::from(long & 0x7f))?;
            let digits = (digits.len() <= 4).then_some(digits)?;
            let length = digits
                .iter()
                .fold(0, |sum, digit| sum << 8 | usize::from(*digit));
            (length, rest)
        }
    };
    rest.split_at_checked(length)
}

/// RFC 4648 §4; line breaks are left out.
fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for letter in text.bytes().filter(|letter| !letter.is_ascii_whitespace()) {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' => break,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.extend(u8::try_from(bits >> count & 0xff));
        }
    }
    Some(bytes)
}

const INTEGER: u8 = 0x02;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;

#[cfg(test)]
mod tests {
    use super::*;

    /// Ends in UTCTime, made with `openssl req -x509 -newkey ec -days 3650`.
    const EC: &str = "-----BEGIN CERTIFICATE-----
MIIBbjCCAROgAwIBAgIUf6lgHoBT9TrwkC6ABkA6Pdi5gy4wCgYIKoZIzj0EAwIw
DDEKMAgGA1UEAwwBeDAeFw0yNjExMjQxMjUwMjVaFw0zNjExMjExMjUwMjVaMAwx
CjAIBgNVBAMMAXgwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASQRYp+OwIBGC/E
eQ8zZkXRRawFyc+2IULKZkcFn4CGLpCjrkYLjbWv1qt7MzQalp194mYnb7G/ZrPC
8n4PSCFro1MwUTAdBgNVHQ4EFgQUZZr+ORvjl9up+4KjOpP8l1G9IyQwHwYDVR0j
BBgwFoAUZZr+ORvjl9up+4KjOpP8l1G9IyQwDwYDVR0TAQH/BAUwAwEB/zAKBggq
hkjOPQQDAgNJADBGAiEA+5Y7eS/UHK4p87Dwd26pUANKJnWHN7W9kqWnUbbC5dQC
IQCFoWJWT0/Kxq6bctuanMTMwUDsJ2xEaE2J2iYS4hcL4Q==
-----END CERTIFICATE-----";

    /// Ends in GeneralizedTime, made with `openssl req -x509 -newkey ed25519 -days 10000`.
    const ED25519: &str = "-----BEGIN CERTIFICATE-----
MIIBLjCB4aADAgECAhR4GPye2z/y3ZU71h5o0ZFC3A5nWzAFBgMrZXAwDDEKMAgG
A1UEAwwBeDAgFw0yNjExMjQxMjUwMjZaGA8yMDU0MDQxMTEyNTAyNlowDDEKMAgG
A1UEAwwBeDAqMAUGAytlcAMhAA44clH2LLelHV6ONI3wTgD2V1p4payKLIpkjj6S
E7Ggo1MwUTAdBgNVHQ4EFgQUEYhKI+Urbobo4sNU0lKw1oGmjA4wHwYDVR0jBBgw
FoAUEYhKI+Urbobo4sNU0lKw1oGmjA4wDwYDVR0TAQH/BAUwAwEB/zAFBgMrZXAD
QQA/w6pxSIy/f8+dDrUbOuihv6QCPaD9RX17VioctEjhnOseiWDpK3tNJCpBNLaK
ZtTBL+wTL7xm/hJvwefUGH4H
-----END CERTIFICATE-----";

    #[test]
    fn certificates_are_read_up_to_their_end() {
        let ends = |pem| expires(pem).map(|end| end.to_string());
        assert_eq!(ends(EC).as_deref(), Some("2036-11-21T12:50:25Z"));
        assert_eq!(ends(ED25519).as_deref(), Some("2054-04-11T12:50:26Z"));
    }

    #[test]
    fn no_text_makes_it_panic() {
        assert_eq!(expires(""), None);
        for end in 0..EC.len() {
            let _ = expires(&EC[..end]);
            let mut changed = EC.as_bytes().to_vec();
            changed[end] = b'z';
            let _ = expires(&String::from_utf8_lossy(&changed));
        }
    }
}
