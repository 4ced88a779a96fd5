//! What the edge wants done.

use crate::{Binding, Lookup};
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
    /// The messages with this Call-ID belong to this leg, for `bellwire trace`.
    Dialog {
        /// The leg.
        leg: LegId,
        /// The Call-ID of its dialogs.
        call_id: String,
    },
    /// Asks where a trunk is; [`crate::Edge::resolved`] takes the answer, now or later.
    Resolve(Lookup),
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

/// Where the edge gets RTP ports from.
pub trait Ports {
    /// Binds the leg's RTP and RTCP ports and returns the RTP address to write into SDP: unspecified when
    /// the address of the flow is to be used. `None` when no port is left.
    fn open(&mut self, leg: LegId) -> Option<SocketAddr>;
}
