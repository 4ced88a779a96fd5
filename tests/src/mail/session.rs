//! One client of a mail server: SMTP (RFC 5321), STARTTLS (RFC 3207) or TLS at once, AUTH PLAIN and LOGIN.

use super::{Mail, MailState, locked};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufStream};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

/// Speaks with one client, which begins with TLS or asks for it later.
pub(super) async fn converse(stream: TcpStream, tls: TlsAcceptor, state: Arc<Mutex<MailState>>) {
    let mut first = [0];
    if locked(&state).down {
        return;
    }
    // A client of SMTP waits to be greeted; one of TLS does not.
    let waits = tokio::time::timeout(Duration::from_millis(50), stream.peek(&mut first)).await;
    let plain = match waits {
        Ok(_) => stream,
        Err(_) => match speak(BufStream::new(stream), &state, Encrypted::No).await {
            Some(stream) => stream,
            None => return,
        },
    };
    if let Ok(stream) = tls.accept(plain).await {
        let encrypted = match waits {
            Ok(_) => Encrypted::FromTheStart,
            Err(_) => Encrypted::Since,
        };
        speak(BufStream::new(stream), &state, encrypted).await;
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Encrypted {
    No,
    /// The greeting was before.
    Since,
    FromTheStart,
}

/// Gives the stream back when the client wants TLS on it.
async fn speak<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: BufStream<S>,
    state: &Mutex<MailState>,
    encrypted: Encrypted,
) -> Option<S> {
    if encrypted != Encrypted::Since {
        say(&mut stream, "220 localhost ESMTP").await?;
    }
    let mut letter = Mail {
        encrypted: encrypted != Encrypted::No,
        ..Mail::default()
    };
    loop {
        let line = hear(&mut stream).await?;
        let (command, rest) = line.split_once(' ').unwrap_or((&line, ""));
        let answer = match command.to_ascii_uppercase().as_str() {
            "EHLO" => {
                let (offers, offers_tls) = {
                    let state = locked(state);
                    (state.offers, state.offers_tls)
                };
                say(&mut stream, "250-localhost").await?;
                if encrypted == Encrypted::No && offers_tls {
                    say(&mut stream, "250-STARTTLS").await?;
                }
                if encrypted != Encrypted::No {
                    say(&mut stream, &format!("250-AUTH {offers}")).await?;
                }
                "250 8BITMIME"
            }
            "STARTTLS" => {
                say(&mut stream, "220 go ahead").await?;
                return Some(stream.into_inner());
            }
            "AUTH" => {
                letter.authenticated = match rest.split_once(' ') {
                    Some(("PLAIN", proof)) => proof == "AHBvc3QAZ2VoZWlt",
                    _ => {
                        say(&mut stream, "334 VXNlcm5hbWU6").await?;
                        let user = hear(&mut stream).await?;
                        say(&mut stream, "334 UGFzc3dvcmQ6").await?;
                        let password = hear(&mut stream).await?;
                        (&*user, &*password) == ("cG9zdA==", "Z2VoZWlt")
                    }
                };
                match letter.authenticated {
                    true => "235 welcome",
                    false => "535 5.7.8 who is it?",
                }
            }
            "MAIL" => {
                letter.to.clear();
                "250 yes"
            }
            "RCPT" => {
                let to = rest.split(['<', '>']).nth(1).unwrap_or_default();
                match locked(state).refuses.iter().any(|gone| gone == to) {
                    true => "550 5.1.1 nobody of that name",
                    false => {
                        letter.to.push(to.to_owned());
                        "250 yes"
                    }
                }
            }
            "DATA" => {
                say(&mut stream, "354 go on").await?;
                letter.text.clear();
                loop {
                    let line = hear(&mut stream).await?;
                    if line == "." {
                        break;
                    }
                    let line = line.strip_prefix('.').unwrap_or(&line);
                    letter.text.push_str(line);
                    letter.text.push_str("\r\n");
                }
                locked(state).taken.push(letter.clone());
                "250 taken"
            }
            "RSET" | "NOOP" => "250 yes",
            "QUIT" => {
                say(&mut stream, "221 bye").await?;
                return None;
            }
            _ => "500 what?",
        };
        say(&mut stream, answer).await?;
    }
}

async fn say<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufStream<S>,
    line: &str,
) -> Option<()> {
    stream
        .write_all(format!("{line}\r\n").as_bytes())
        .await
        .ok()?;
    stream.flush().await.ok()
}

async fn hear<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut BufStream<S>) -> Option<String> {
    let mut line = String::new();
    let length = stream.read_line(&mut line).await.ok()?;
    (length > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned())
}
