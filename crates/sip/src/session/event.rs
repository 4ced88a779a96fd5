//! What a session reports, and the words it needs for that.

use crate::message::{Request, Response};
use crate::transaction::{ClientId, ServerId};

/// A body with its type. Sessions never look into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// The value of Content-Type.
    pub content_type: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

impl Body {
    /// A session description (RFC 8866).
    #[must_use]
    pub fn sdp(bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            content_type: "application/sdp".to_owned(),
            bytes: bytes.into(),
        }
    }

    pub(super) fn of_request(request: &Request) -> Option<Self> {
        Self::read(request.content_type(), request.body())
    }

    pub(super) fn of_response(response: &Response) -> Option<Self> {
        Self::read(response.content_type(), response.body())
    }

    fn read(content_type: Option<&str>, bytes: &[u8]) -> Option<Self> {
        (!bytes.is_empty()).then(|| Self {
            content_type: content_type.unwrap_or_default().to_owned(),
            bytes: bytes.to_vec(),
        })
    }
}

/// What happened in a session. Nothing comes after [`Event::Ended`] or [`Event::Failed`].
#[derive(Debug)]
pub enum Event {
    /// The phone rings (180).
    Ringing,
    /// The call makes progress otherwise (181, 182, 183, 199), with the whole response.
    Progress(Response),
    /// An answer to the offer of our INVITE in a provisional response. Another branch or the final
    /// response may bring another one.
    EarlyAnswer(Body),
    /// The answer to our last offer. Comes before [`Event::Answered`] when it is in the same message.
    Answer(Body),
    /// The peer offers; [`super::Session::answer`] or [`super::Session::refuse`] must follow.
    Offered(Body),
    /// The peer's last offer is withdrawn (CANCEL) and waits for no answer.
    OfferWithdrawn,
    /// An offer of ours is due; [`super::Session::offer`] makes it.
    OfferWanted(Wanted),
    /// Our offer was refused, or no answer came; everything stays as it was before it. With 491 both ends
    /// offered at once and [`Event::OfferWanted`] comes again by itself.
    OfferFailed(u16),
    /// The call is answered (a 2xx came to our INVITE).
    Answered(Response),
    /// The peer has got our 2xx (its ACK came).
    Confirmed,
    /// Our INVITE failed. The session is over.
    Failed(Failure),
    /// A request of ours needs credentials; [`super::Session::authorize`] must follow.
    Challenged {
        /// Which request.
        request: ClientId,
        /// The challenge (401 or 407).
        response: Response,
    },
    /// The peer told more of itself by an UPDATE or re-INVITE, such as another identity. Comes before
    /// [`Event::Offered`].
    Identified(Request),
    /// A request that is not about the call itself (INFO, REFER, NOTIFY, MESSAGE, OPTIONS …). The
    /// owner answers it with [`crate::transaction::Transactions::respond`].
    Asked {
        /// Its transaction.
        server: ServerId,
        /// What was asked.
        request: Request,
    },
    /// A request that the owner sent with [`super::Session::send`] got its final response.
    Replied {
        /// Which request.
        request: ClientId,
        /// The status; 408 and 503 when there was no response.
        status: u16,
    },
    /// The session is over.
    Ended(Ended),
}

/// Why an offer of ours is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The peer asks for it by a re-INVITE without one.
    Asked,
    /// What was postponed is possible: [`super::Session::renegotiate`], or an offer that was refused with
    /// [`Busy`] or met one of the peer's.
    Possible,
    /// The session is refreshed; nothing should change (RFC 4028 §7.4).
    Refresh,
}

/// An offer is not possible at this moment; [`Event::OfferWanted`] says when it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an offer or an answer is pending")]
pub struct Busy;

/// How our INVITE failed.
#[derive(Debug)]
pub struct Failure {
    /// The status: of the response, or 408 for silence, 503 for a transport that failed (RFC 3261
    /// §8.1.3.1), 488 for a 2xx that lacked its answer.
    pub status: u16,
    /// The response, if there was one, with its contacts (3xx), Reason, Retry-After.
    pub response: Option<Response>,
}

/// Why a session is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The peer sent BYE, which waits for its answer.
    HungUp(HungUp),
    /// The caller gave up before the answer; the value of Reason, if any.
    Cancelled(Option<String>),
    /// We ended it (BYE, CANCEL or refusal), and the peer knows or will not answer.
    Finished,
    /// The peer is gone: it acknowledged nothing, knows no such call, or refreshed nothing.
    Vanished,
}

/// The peer's BYE, which its owner answers once what follows from it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HungUp {
    /// Its transaction.
    pub server: ServerId,
    /// The answer that is due: a 200.
    pub answer: Response,
    /// The value of Reason (RFC 3326), if any.
    pub reason: Option<String>,
}
