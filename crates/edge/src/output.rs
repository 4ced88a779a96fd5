//! What the edge wants done.

use crate::{Binding, Trace};
use model::{Digit, Duration, Input, LegId, Number};
use sip::Flow;
use std::net::{IpAddr, SocketAddr};

/// One thing to do. The shell does them in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Sends one SIP message.
    Send {
        /// Which way. A stream flow without a connection is opened first.
        flow: Flow,
        /// The whole message.
        bytes: Vec<u8>,
    },
    /// Closes a stream connection, once what was sent on it is written.
    Close(Flow),
    /// Gives this to the switch and performs its effects before the next output.
    Switch(Input),
    /// Commands media.
    Media(MediaOrder),
    /// Stores a registration, over the one of the same extension and [`Binding::key`].
    Bind(Binding),
    /// Forgets a stored registration.
    Unbind {
        /// Whose it was.
        extension: Number,
        /// Its [`Binding::key`].
        contact: String,
    },
    /// Calls [`crate::Edge::committed`] once everything put out before is on disk.
    Barrier(Ticket),
    /// What happened, for `bellwire trace`. Only the association of legs with Call-IDs comes while tracing
    /// is off.
    Trace(Trace),
    /// A message came or went, for metrics.
    Counted(Counted),
    /// Somebody gave a wrong password with a nonce that was his, for metrics.
    AuthFailed {
        /// Who.
        address: IpAddr,
        /// For how long he is not heard, when it was once too often.
        banned: Option<Duration>,
    },
}

/// What media has to do for a leg.
#[derive(Clone, Debug, PartialEq)]
pub enum MediaOrder {
    /// Sends and receives the leg's sound like this from here on.
    Stream(LegId, Box<rtp::Stream>),
    /// Ends the leg's sound and frees its port.
    Close(LegId),
    /// The phone pressed a key and said so by INFO; counts once with what RFC 4733 says of the same key.
    Key(LegId, Digit),
    /// Sends a key to the phone by RFC 4733.
    SendKey(LegId, Digit),
}

/// What media tells the edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaNotice {
    /// Nothing was heard for 30 s from a phone that should send (SI-07).
    Silent,
}

/// Names an [`Output::Barrier`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// One SIP message, as metrics count it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Which way it went.
    pub way: Way,
    /// Its method; of a response, that of its request.
    pub method: &'static str,
    /// Of a response.
    pub status: Option<u16>,
}

impl Counted {
    /// What a message on the wire counts as; `None` when it is none.
    pub(crate) fn read(way: Way, bytes: &[u8]) -> Option<Self> {
        let mut lines = bytes.split(|&byte| byte == b'\n');
        let first = lines.next()?;
        let Some(rest) = first.strip_prefix(b"SIP/2.0 ") else {
            let method = first.split(|&byte| byte == b' ').next()?;
            return Some(Self {
                way,
                method: method_label(method),
                status: None,
            });
        };
        let status = std::str::from_utf8(rest.get(..3)?).ok()?.parse().ok()?;
        let cseq = lines.find_map(|line| {
            let (name, value) = line.split_at_checked(b"CSeq:".len())?;
            name.eq_ignore_ascii_case(b"CSeq:").then_some(value)
        });
        let method = cseq.and_then(|cseq| cseq.trim_ascii().rsplit(|&byte| byte == b' ').next());
        Some(Self {
            way,
            method: method_label(method.unwrap_or_default()),
            status: Some(status),
        })
    }
}

/// A method as a label, of which there must not be any number.
fn method_label(method: &[u8]) -> &'static str {
    const KNOWN: [&str; 14] = [
        "INVITE",
        "ACK",
        "BYE",
        "CANCEL",
        "OPTIONS",
        "REGISTER",
        "PRACK",
        "UPDATE",
        "INFO",
        "REFER",
        "NOTIFY",
        "SUBSCRIBE",
        "MESSAGE",
        "PUBLISH",
    ];
    KNOWN
        .into_iter()
        .find(|known| known.as_bytes() == method)
        .unwrap_or("other")
}

/// Which way a message went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    /// To us.
    In,
    /// From us.
    Out,
}

/// Where the edge gets RTP ports from.
pub trait Ports {
    /// Binds the leg's RTP and RTCP ports and returns the RTP address to write into SDP: unspecified when
    /// the address of the flow is to be used. `None` when no port is left.
    fn open(&mut self, leg: LegId) -> Option<SocketAddr>;
}
