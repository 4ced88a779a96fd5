//! Files of sound, whole or in parts (RFC 9110 §14).

use crate::problem::Problem;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use std::fmt::Write as _;
use std::io::SeekFrom;
use std::ops::Range;
use std::path::PathBuf;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

/// A file that somebody wants to hear.
#[derive(Clone, Debug)]
pub(crate) struct SoundFile {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// `audio/…`.
    pub(crate) kind: &'static str,
    /// The name under which it is to be saved; `None`: it is to be played.
    pub(crate) saved_as: Option<String>,
}

impl SoundFile {
    /// The answer to a request for it, or for the part that its `Range` names.
    pub(crate) async fn send(
        self,
        method: &Method,
        headers: &HeaderMap,
    ) -> Result<Response, Problem> {
        let missing = |_| Problem::not_found();
        let file = File::open(&self.path).await.map_err(missing)?;
        let length = file.metadata().await.map_err(missing)?.len();
        let wanted = headers
            .get(header::RANGE)
            .and_then(|range| range.to_str().ok());
        let wanted = wanted.map_or(Wanted::All, |wanted| Wanted::read(wanted, length));
        let (status, range) = match wanted {
            Wanted::All => (StatusCode::OK, 0..length),
            Wanted::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
            Wanted::Nothing => return Ok(unsatisfiable(length)),
        };
        let body = match *method {
            Method::HEAD => Body::empty(),
            _ => read(file, range.clone()),
        };
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.kind));
        headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        headers.insert(
            header::CONTENT_LENGTH,
            HeaderValue::from(range.end - range.start),
        );
        if status == StatusCode::PARTIAL_CONTENT {
            let last = range.end.saturating_sub(1);
            let told = format!("bytes {}-{last}/{length}", range.start);
            insert(headers, header::CONTENT_RANGE, &told);
        }
        if let Some(name) = &self.saved_as {
            insert(headers, header::CONTENT_DISPOSITION, &disposition(name));
        }
        Ok(response)
    }
}

/// To be saved under a name; where that is not plain, it is told twice, as old programs understand it and as it is
/// (RFC 6266 §5, RFC 8187).
fn disposition(name: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    let plain: String = name
        .chars()
        .map(|letter| if is_plain(letter) { letter } else { '_' })
        .collect();
    let mut told = format!("attachment; filename=\"{plain}\"");
    if plain != name {
        told.push_str("; filename*=UTF-8''");
        for byte in name.bytes() {
            if is_plain(char::from(byte)) {
                told.push(char::from(byte));
            } else {
                // A string takes everything.
                let _ = write!(told, "%{byte:02X}");
            }
        }
    }
    told
}

fn insert(headers: &mut HeaderMap, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn unsatisfiable(length: u64) -> Response {
    let problem = Problem::new(
        StatusCode::RANGE_NOT_SATISFIABLE,
        "no-such-part",
        format_args!("the recording has {length} bytes"),
    );
    let mut response = problem.into_response();
    insert(
        response.headers_mut(),
        header::CONTENT_RANGE,
        &format!("bytes */{length}"),
    );
    response
}

/// What of a file is wanted.
#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    All,
    Part(Range<u64>),
    /// Nothing that there is.
    Nothing,
}

impl Wanted {
    /// Reads a `Range`. One that is not understood, or asks for several parts, asks for everything (RFC 9110 §14.2).
    fn read(text: &str, length: u64) -> Self {
        let Some((first, last)) = text
            .strip_prefix("bytes=")
            .and_then(|range| range.split_once('-'))
        else {
            return Self::All;
        };
        let number = |text: &str| {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| text.parse().unwrap_or(u64::MAX))
        };
        let range = match (number(first), number(last)) {
            (Some(first), Some(last)) if first <= last => first..last.saturating_add(1).min(length),
            (Some(first), None) if last.is_empty() => first..length,
            (None, Some(tail)) if first.is_empty() => length.saturating_sub(tail)..length,
            _ => return Self::All,
        };
        if range.start < range.end {
            Self::Part(range)
        } else {
            Self::Nothing
        }
    }
}

/// A part of a file, read while it is sent.
fn read(file: File, range: Range<u64>) -> Body {
    let left = range.end - range.start;
    Body::from_stream(unfold(
        (file, Some(range.start), left),
        async |(mut file, seek, left)| {
            if left == 0 {
                return None;
            }
            let piece = async {
                if let Some(start) = seek {
                    file.seek(SeekFrom::Start(start)).await?;
                }
                let size = usize::try_from(left).unwrap_or(usize::MAX).min(PIECE);
                let mut piece = vec![0; size];
                let read = file.read(&mut piece).await?;
                piece.truncate(read);
                if read == 0 {
                    return Err(std::io::ErrorKind::UnexpectedEof.into());
                }
                Ok::<_, std::io::Error>(piece)
            };
            match piece.await {
                Ok(piece) => {
                    let left = left.saturating_sub(u64::try_from(piece.len()).unwrap_or(left));
                    Some((Ok(Bytes::from(piece)), (file, None, left)))
                }
                Err(error) => Some((Err(error), (file, None, 0))),
            }
        },
    ))
}

/// So much of a file is in memory at a time.
const PIECE: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    /// VMW-05
    #[test]
    fn a_name_that_is_not_plain_is_told_twice() {
        assert_eq!(disposition("a-1.wav"), "attachment; filename=\"a-1.wav\"");
        let told = disposition("王\"\r\n.wav");
        let expected = "attachment; filename=\"____.wav\"; filename*=UTF-8''%E7%8E%8B%22%0D%0A.wav";
        assert_eq!(told, expected);
    }

    /// CDR-13
    #[test]
    fn ranges_are_read_as_players_write_them() {
        for (text, wanted) in [
            ("bytes=0-", Wanted::Part(0..100)),
            ("bytes=0-0", Wanted::Part(0..1)),
            ("bytes=10-19", Wanted::Part(10..20)),
            ("bytes=90-1000", Wanted::Part(90..100)),
            ("bytes=-10", Wanted::Part(90..100)),
            ("bytes=-1000", Wanted::Part(0..100)),
            ("bytes=99999999999999999999-", Wanted::Nothing),
            ("bytes=100-", Wanted::Nothing),
            ("bytes=-0", Wanted::Nothing),
            ("bytes=20-10", Wanted::All),
            ("bytes=0-1,5-6", Wanted::All),
            ("bytes=a-b", Wanted::All),
            ("pages=1-2", Wanted::All),
            ("bytes=+1-2", Wanted::All),
        ] {
            assert_eq!(Wanted::read(text, 100), wanted, "{text}");
        }
        assert_eq!(Wanted::read("bytes=0-", 0), Wanted::Nothing);
    }
}
