//! How a command speaks to the running server: HTTP/1.1 on the socket in its data folder.

use crate::admin::Errors;
use anyhow::{Context, Result, anyhow, bail};
use serde::de::DeserializeOwned;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;
use store::DataFolder;

/// A running server.
pub(crate) struct Client {
    stream: UnixStream,
}

impl Client {
    /// The server that runs on a data folder; `None` when none does.
    pub(crate) fn find(data: &Path) -> Result<Option<Self>> {
        let socket = data.join(DataFolder::SOCKET);
        match UnixStream::connect(&socket) {
            Ok(stream) => {
                stream.set_read_timeout(Some(PATIENCE))?;
                Ok(Some(Self { stream }))
            }
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::NotFound | ErrorKind::ConnectionRefused
                ) =>
            {
                Ok(None)
            }
            Err(error) => Err(error).with_context(|| {
                format!(
                    "cannot speak to the server on {}; run this as the user who runs it",
                    socket.display()
                )
            }),
        }
    }

    /// The server that runs on a data folder.
    pub(crate) fn running(data: &Path) -> Result<Self> {
        Self::find(data)?.ok_or_else(|| {
            anyhow!(
                "no server runs on the data folder {}; start one with `bellwire serve`, or name its folder with --data",
                data.display()
            )
        })
    }

    /// Asks for a JSON value.
    pub(crate) fn get<T: DeserializeOwned>(self, path: &str) -> Result<T> {
        json(&self.ask("GET", path, "")?)
    }

    /// Asks for text.
    pub(crate) fn text(self, path: &str) -> Result<String> {
        self.ask("GET", path, "")
    }

    /// Sends text; the answer is a JSON value.
    pub(crate) fn send<T: DeserializeOwned>(
        self,
        method: &str,
        path: &str,
        body: &str,
    ) -> Result<T> {
        json(&self.ask(method, path, body)?)
    }

    fn ask(mut self, method: &str, path: &str, body: &str) -> Result<String> {
        let length = body.len();
        write!(
            self.stream,
            "{method} {path} HTTP/1.1\r\nHost: bellwire\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .context("the server went away")?;
        let (status, answer) =
            answer(BufReader::new(self.stream)).context("the server did not answer")?;
        if status == 200 {
            return Ok(answer);
        }
        match serde_json::from_str::<Errors>(&answer) {
            Ok(errors) => bail!("{}", errors.errors.join("\n")),
            Err(_) => bail!("the server answered with status {status}; is it of another version?"),
        }
    }
}

/// Reads a whole answer. Its length is always given: nothing is sent in chunks.
fn answer(mut from: impl BufRead) -> Result<(u16, String)> {
    let mut line = String::new();
    from.read_line(&mut line)?;
    let status = line
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| anyhow!("its answer is no HTTP"))?;
    let mut length = None;
    loop {
        line.clear();
        if from.read_line(&mut line)? == 0 || line.trim().is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').unwrap_or_default();
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().ok();
        }
    }
    let mut body = String::new();
    from.take(length.unwrap_or(u64::MAX))
        .read_to_string(&mut body)?;
    Ok((status, body))
}

fn json<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text)
        .context("the server's answer is not understood; is it of another version?")
}

/// How long an answer may take: a backup of many recordings takes its time.
const PATIENCE: Duration = Duration::from_secs(600);

/// A text as one part of a path or query.
pub(crate) fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}
