//! A mail that came, and what is in it.

/// A mail that came.
#[derive(Clone, Debug, Default)]
pub struct Mail {
    /// Whether it came by TLS.
    pub encrypted: bool,
    /// Whether its sender said the right password.
    pub authenticated: bool,
    /// Whom it is for.
    pub to: Vec<String>,
    /// All of it.
    pub(super) text: String,
}

impl Mail {
    /// A header, unfolded, with its words decoded.
    ///
    /// # Panics
    /// When the mail is no mail.
    #[must_use]
    pub fn header(&self, name: &str) -> String {
        let (head, _) = self.text.split_once("\r\n\r\n").expect("a head");
        let head = head.replace("\r\n ", " ");
        let mut lines = head.lines().filter_map(|line| line.split_once(": "));
        let found = lines.find(|(found, _)| *found == name);
        found.map(|(_, value)| words(value)).unwrap_or_default()
    }

    /// The content of the part of that type.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn part(&self, kind: &str) -> Vec<u8> {
        let (_, boundary) = self.text.split_once("boundary=\"").expect("parts");
        let (boundary, _) = boundary.split_once('"').expect("an end");
        let boundary = format!("--{boundary}");
        let mut parts = self.text.split(&boundary);
        let part = parts
            .find(|part| part.contains(&format!("Content-Type: {kind}")))
            .expect("a part of that type");
        let (head, body) = part.split_once("\r\n\r\n").expect("a head");
        let body = body.trim_end_matches("\r\n");
        match head.contains("base64") {
            true => base64(&body.replace("\r\n", "")),
            false => quoted(body),
        }
    }
}

/// Encoded words (RFC 2047) as text: a space between two of them is none.
fn words(header: &str) -> String {
    let mut bytes = Vec::new();
    let mut was_encoded = true;
    for word in header.split(' ') {
        let inner = word
            .strip_prefix("=?utf-8?b?")
            .and_then(|word| word.strip_suffix("?="));
        if !(was_encoded && (inner.is_some() || bytes.is_empty())) {
            bytes.push(b' ');
        }
        bytes.extend(inner.map_or_else(|| word.as_bytes().to_vec(), base64));
        was_encoded = inner.is_some();
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn base64(text: &str) -> Vec<u8> {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for letter in text.bytes().filter(|letter| *letter != b'=') {
        let value = letters.iter().position(|known| *known == letter);
        bits = bits << 6 | value.expect("a letter of base64") as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff) as u8);
        }
    }
    bytes
}

fn quoted(text: &str) -> Vec<u8> {
    let text = text.replace("=\r\n", "");
    let mut parts = text.split('=');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (hex, rest) = part.split_at(2);
        bytes.push(u8::from_str_radix(hex, 16).expect("two digits"));
        bytes.extend(rest.as_bytes());
    }
    bytes
}
