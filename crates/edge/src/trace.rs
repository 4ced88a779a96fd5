//! Messages as they may be shown by `bellwire trace`: without credentials and keys.

/// A message as it may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its Call-ID; empty when it has none.
    pub call_id: String,
    /// The message, of at most [`TRACED_BYTES_MAX`] bytes.
    pub text: String,
}

impl Shown {
    /// Leaves out what nobody must see.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let (head, body) = split(bytes);
        let mut text = String::with_capacity(bytes.len().min(TRACED_BYTES_MAX));
        let mut call_id = String::new();
        let mut secret = Secret::No;
        for line in String::from_utf8_lossy(head).lines() {
            if !line.starts_with([' ', '\t']) {
                let (name, value) = line.split_once(':').unwrap_or((line, ""));
                let name = name.trim();
                if ["call-id", "i"]
                    .iter()
                    .any(|id| name.eq_ignore_ascii_case(id))
                {
                    value.trim().clone_into(&mut call_id);
                }
                secret = match SECRETS.iter().any(|known| name.eq_ignore_ascii_case(known)) {
                    true => Secret::Yes,
                    false => Secret::No,
                };
                if secret == Secret::Yes {
                    text.push_str(name);
                    text.push_str(": …\r\n");
                }
            }
            if secret == Secret::No {
                text.push_str(line);
                text.push_str("\r\n");
            }
        }
        text.push_str("\r\n");
        text.push_str(&String::from_utf8_lossy(body));
        // Also what stands above the body: of a message that is no message, nobody knows where it begins.
        let mut text = without_keys(&text);
        text.truncate(text.floor_char_boundary(TRACED_BYTES_MAX));
        Self { call_id, text }
    }
}

/// Whether the lines being read belong to a header that must not be shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Secret {
    Yes,
    No,
}

/// The header part and the body.
fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    const EMPTY_LINE: &[u8] = b"\r\n\r\n";
    bytes
        .windows(EMPTY_LINE.len())
        .position(|window| window == EMPTY_LINE)
        .and_then(|at| Some((bytes.get(..at)?, bytes.get(at + EMPTY_LINE.len()..)?)))
        .unwrap_or((bytes, &[]))
}

/// A message without the keys of SRTP (RFC 4568 §9.1) and the keys that people press.
fn without_keys(message: &str) -> String {
    message
        .split_inclusive('\n')
        .map(|line| match line.to_ascii_lowercase().find("inline:") {
            Some(at) => format!("{}inline:…\r\n", line.get(..at).unwrap_or_default()),
            None if line
                .trim_start()
                .to_ascii_lowercase()
                .starts_with("signal=") =>
            {
                "Signal=…\r\n".to_owned()
            }
            None => line.to_owned(),
        })
        .collect()
}

/// Headers that carry a digest response, or a nonce to try one with.
const SECRETS: [&str; 2] = ["Authorization", "Proxy-Authorization"];

/// A longer message is cut.
pub const TRACED_BYTES_MAX: usize = 8 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn traced(message: &str) -> (String, String) {
        let Shown { call_id, text } = Shown::of(message.as_bytes());
        (call_id, text)
    }

    #[test]
    fn a_trace_shows_no_credentials_and_no_keys() {
        let (call_id, text) = traced(
            "INVITE sip:101@pbx SIP/2.0\r\n\
             i: abc\r\n\
             authorization: Digest username=\"100\",\r\n response=\"5ec7e7\"\r\n\
             Proxy-Authorization : Digest response=\"5ec7e7\"\r\n\
             Content-Type: application/sdp\r\n\r\n\
             v=0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:5ec7e7\r\na=sendrecv\r\n",
        );
        assert_eq!(call_id, "abc");
        assert!(!text.contains("5ec7e7"), "{text}");
        assert!(text.contains("authorization: …\r\nProxy-Authorization: …\r\nContent-Type"));
        assert!(text.contains("SHA1_80 inline:…\r\na=sendrecv\r\n"));
        let (_, text) = traced("INVITE sip:x SIP/2.0\n\nv=0\na=crypto:1 F8 INLINE:5ec7e7|2^20\n");
        assert!(
            text.contains("F8 inline:…\r\n") && !text.contains("5ec7e7"),
            "{text}"
        );
        let (_, text) =
            traced("INFO sip:x SIP/2.0\r\nCall-ID: k\r\n\r\nSignal=7\r\nDuration=100\r\n");
        assert!(
            text.ends_with("\r\n\r\nSignal=…\r\nDuration=100\r\n"),
            "{text}"
        );
    }

    #[test]
    fn a_trace_of_anything_has_a_limit() {
        assert_eq!(traced(&"é".repeat(100_000)).1.len(), TRACED_BYTES_MAX);
        assert_eq!(traced("").1, "\r\n");
    }
}
