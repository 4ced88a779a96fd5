//! Where messages begin and end: in the stream of a connection (RFC 3261 §18.3, RFC 5626 §3.5.1) and in the
//! frames of a WebSocket (RFC 7118 §5). A datagram is one message by itself.

use crate::lex::is_token;
use crate::limits::{BODY_BYTES_MAX, HEAD_BYTES_MAX, MESSAGE_BYTES_MAX};
use crate::message::{BodyLength, body_length};

/// What keeps a connection alive and wants a [`PONG`].
pub const PING: &[u8] = b"\r\n\r\n";
/// The answer to a [`PING`].
pub const PONG: &[u8] = b"\r\n";

/// Something whole that a connection brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// The bytes of one message, for [`crate::message::Message::parse`].
    Message(Vec<u8>),
    /// A keep-alive that wants a [`PONG`].
    Ping,
    /// The answer to a keep-alive.
    Pong,
}

/// Why nothing more can be understood: the connection must be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// It is not SIP.
    #[error("this is not sip")]
    NotSip,
    /// A head is longer than [`HEAD_BYTES_MAX`].
    #[error("the headers of a message do not end within {HEAD_BYTES_MAX} bytes")]
    HeadTooLong,
    /// A body is longer than [`BODY_BYTES_MAX`].
    #[error("the body of a message is longer than {BODY_BYTES_MAX} bytes")]
    BodyTooLong,
    /// There is no telling where the body ends.
    #[error("the end of a message cannot be known")]
    NoEnd,
    /// A frame is longer than [`MESSAGE_BYTES_MAX`].
    #[error("a frame is longer than {MESSAGE_BYTES_MAX} bytes")]
    FrameTooLong,
}

/// Cuts what a TCP or TLS connection brings into messages.
///
/// Give it what was read with [`Self::push`], then take frames with [`Self::next_frame`] until there are
/// none. Then it holds one unfinished message at most: never more than [`MESSAGE_BYTES_MAX`].
#[derive(Clone, Debug, Default)]
pub struct Framer {
    buffer: Vec<u8>,
    /// What was taken off the front of the buffer already.
    taken: usize,
    /// Up to where no head ends.
    searched: usize,
    awaits: Awaits,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Awaits {
    /// A message or a line end.
    #[default]
    Anything,
    /// The same, after a line end that may be half a [`PING`].
    SecondLineEnd,
    /// The rest of a message whose length is known.
    Message { length: usize },
    /// Nothing: it is over.
    End(Broken),
}

impl Framer {
    /// Begins with nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds what was read.
    pub fn push(&mut self, bytes: &[u8]) {
        if matches!(self.awaits, Awaits::End(_)) {
            return;
        }
        self.buffer.drain(..self.taken);
        self.searched = self.searched.saturating_sub(self.taken);
        self.taken = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// The next frame, if one is whole.
    ///
    /// # Errors
    /// When the connection must be closed. The head of the message that is to blame, if it is whole, comes
    /// first, as a message that will be found malformed: its sender can be told why.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, Broken> {
        match self.awaits {
            Awaits::End(broken) => Err(broken),
            Awaits::Message { length } => Ok(self.message(length)),
            Awaits::Anything | Awaits::SecondLineEnd => self.anything(),
        }
    }

    /// How many bytes are kept for a message that is not whole yet.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.rest().len()
    }

    fn anything(&mut self) -> Result<Option<Frame>, Broken> {
        match self.rest() {
            [] | [b'\r'] => Ok(None),
            [b'\r', b'\n', ..] => Ok(self.line_end()),
            [first, ..] if is_token(*first) => self.head(),
            _ => self.end(Broken::NotSip),
        }
    }

    /// A line end between messages. Alone it answers our keep-alive or is a spare one before a message
    /// (RFC 3261 §7.5); two are a keep-alive.
    fn line_end(&mut self) -> Option<Frame> {
        self.take(PONG.len());
        if self.awaits == Awaits::SecondLineEnd {
            self.awaits = Awaits::Anything;
            return Some(Frame::Ping);
        }
        match self.rest() {
            [b'\r', b'\n', ..] => {
                self.take(PONG.len());
                Some(Frame::Ping)
            }
            [] | [b'\r'] => {
                self.awaits = Awaits::SecondLineEnd;
                Some(Frame::Pong)
            }
            _ => Some(Frame::Pong),
        }
    }

    fn head(&mut self) -> Result<Option<Frame>, Broken> {
        let Some(length) = self.head_length() else {
            return match self.rest().len() {
                0..HEAD_BYTES_MAX => Ok(None),
                _ => self.end(Broken::HeadTooLong),
            };
        };
        if length > HEAD_BYTES_MAX {
            return self.end(Broken::HeadTooLong);
        }
        match body_length(self.rest().get(..length).unwrap_or_default()) {
            BodyLength::Known(body) if body <= BODY_BYTES_MAX => Ok(self.message(length + body)),
            BodyLength::Known(_) => Ok(self.last_head(length, Broken::BodyTooLong)),
            BodyLength::Unknown => Ok(self.last_head(length, Broken::NoEnd)),
        }
    }

    /// The length of the head, the empty line included, by the same rule as the parser's: a line feed ends a
    /// line, with or without a carriage return before it.
    fn head_length(&mut self) -> Option<usize> {
        let mut at = self.searched.max(self.taken);
        loop {
            let rest = self.buffer.get(at..)?;
            let Some(line_feed) = rest.iter().position(|b| *b == b'\n') else {
                self.searched = self.buffer.len();
                return None;
            };
            let next = at + line_feed + 1;
            match self.buffer.get(next..).unwrap_or_default() {
                [b'\n', ..] => return Some(next + 1 - self.taken),
                [b'\r', b'\n', ..] => return Some(next + 2 - self.taken),
                [] | [b'\r'] => {
                    self.searched = next - 1;
                    return None;
                }
                _ => at = next,
            }
        }
    }

    fn message(&mut self, length: usize) -> Option<Frame> {
        match self.rest().get(..length) {
            Some(message) => {
                let message = message.to_vec();
                self.take(length);
                self.awaits = Awaits::Anything;
                Some(Frame::Message(message))
            }
            None => {
                self.awaits = Awaits::Message { length };
                None
            }
        }
    }

    fn last_head(&mut self, length: usize, broken: Broken) -> Option<Frame> {
        let head = self.rest().get(..length).map(<[u8]>::to_vec);
        let _ = self.end(broken);
        head.map(Frame::Message)
    }

    fn end(&mut self, broken: Broken) -> Result<Option<Frame>, Broken> {
        *self = Self {
            awaits: Awaits::End(broken),
            ..Self::default()
        };
        Err(broken)
    }

    fn rest(&self) -> &[u8] {
        self.buffer.get(self.taken..).unwrap_or_default()
    }

    fn take(&mut self, length: usize) {
        self.taken += length;
        self.searched = self.taken;
    }
}

/// Reads a WebSocket frame, which holds one whole message (RFC 7118 §5) or a keep-alive.
///
/// # Errors
/// When it is too long.
pub fn websocket(frame: &[u8]) -> Result<Frame, Broken> {
    match frame {
        PING => Ok(Frame::Ping),
        PONG | [] => Ok(Frame::Pong),
        _ if frame.len() > MESSAGE_BYTES_MAX => Err(Broken::FrameTooLong),
        _ => Ok(Frame::Message(frame.to_vec())),
    }
}
