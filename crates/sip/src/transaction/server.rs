//! Server transactions (RFC 3261 §17.2, RFC 6026 §7.1).

use super::Owner;
use super::key::Key;
use super::table::Entry;
use super::timing::{Repeat, T2, T4, TRIED_FOR, TRYING_AFTER};
use crate::message::{Method, Request, Response};
use crate::{Flow, Time};
use std::net::IpAddr;

/// One request that was let in and what was answered.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) owner: Owner,
    /// Where responses go.
    pub(super) flow: Flow,
    /// Where the request came from, for the limit of each source.
    pub(super) source: IpAddr,
    key: Key,
    /// `None` for requests within a dialog, which cannot be merged.
    pub(super) merged: Option<Key>,
    /// The tag of To in every response.
    pub(super) tag: Box<str>,
    state: State,
}

#[derive(Debug)]
enum State {
    /// An INVITE without a final response.
    Proceeding {
        last: Vec<u8>,
        trying_at: Option<Time>,
    },
    /// An INVITE answered with 2xx: its repetitions are absorbed until timer L. The 2xx itself is
    /// repeated by who owns the dialog.
    Accepted { until: Time },
    /// An INVITE refused: timer G repeats the response, timer H ends the wait for its ACK.
    Refused {
        last: Vec<u8>,
        resend: Option<Repeat>,
        until: Time,
    },
    /// An INVITE whose refusal was acknowledged; timer I absorbs repetitions of the ACK.
    Confirmed { until: Time },
    /// Any other request without a final response.
    Trying { last: Option<Vec<u8>>, until: Time },
    /// Any other request, answered; timer J answers its repetitions.
    Answered { last: Vec<u8>, until: Time },
    /// Nothing is left to do.
    Over,
}

/// What a deadline asks for.
#[derive(Debug)]
pub(super) enum Due {
    /// The response is sent (again).
    Send(Vec<u8>),
    /// Nobody acknowledged the refusal of an INVITE.
    NoAck,
    /// Nothing, or the transaction is over.
    Nothing,
}

/// What an ACK does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Acked {
    /// It ends the repetitions of a refusal and concerns nobody else.
    Here,
    /// It belongs to the dialog that a 2xx made.
    Dialog,
}

/// Whether a CANCEL can still do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cancelled {
    /// The INVITE has no final response.
    InTime,
    /// It has one.
    TooLate,
}

/// What every server transaction begins with.
pub(super) struct Begin<'a> {
    pub(super) owner: Owner,
    pub(super) flow: Flow,
    pub(super) source: IpAddr,
    pub(super) key: Key,
    pub(super) merged: Option<Key>,
    pub(super) tag: String,
    pub(super) request: &'a Request,
}

impl Entry for Server {
    fn key(&self) -> &Key {
        &self.key
    }

    fn deadline(&self) -> Option<Time> {
        match &self.state {
            State::Proceeding { trying_at, .. } => *trying_at,
            State::Refused { resend, until, .. } => {
                Some(resend.map_or(*until, |resend| resend.at.min(*until)))
            }
            State::Accepted { until }
            | State::Confirmed { until }
            | State::Trying { until, .. }
            | State::Answered { until, .. } => Some(*until),
            State::Over => None,
        }
    }

    fn is_over(&self) -> bool {
        matches!(self.state, State::Over)
    }
}

impl Server {
    pub(super) fn begin(now: Time, begin: Begin<'_>) -> Self {
        let state = if begin.request.method() == Method::Invite {
            State::Proceeding {
                last: Response::to(begin.request, 100).finish().bytes().to_vec(),
                trying_at: Some(now + TRYING_AFTER),
            }
        } else {
            State::Trying {
                last: None,
                until: now + TRIED_FOR,
            }
        };
        Self {
            owner: begin.owner,
            flow: begin.flow,
            source: begin.source,
            key: begin.key,
            merged: begin.merged,
            tag: begin.tag.into_boxed_str(),
            state,
        }
    }

    /// The request came once more: gives the response that answers it.
    pub(super) fn repeated(&mut self) -> Option<Vec<u8>> {
        match &mut self.state {
            State::Proceeding { last, trying_at } => {
                *trying_at = None;
                Some(last.clone())
            }
            State::Refused { last, .. } | State::Answered { last, .. } => Some(last.clone()),
            State::Trying { last, .. } => last.clone(),
            State::Accepted { .. } | State::Confirmed { .. } | State::Over => None,
        }
    }

    /// An ACK came that belongs to this INVITE.
    pub(super) fn acknowledged(&mut self, now: Time) -> Acked {
        match &self.state {
            State::Refused { .. } => {
                self.state = if self.flow.transport.is_reliable() {
                    State::Over
                } else {
                    State::Confirmed { until: now + T4 }
                };
                Acked::Here
            }
            State::Accepted { .. } => Acked::Dialog,
            State::Proceeding { .. }
            | State::Confirmed { .. }
            | State::Trying { .. }
            | State::Answered { .. }
            | State::Over => Acked::Here,
        }
    }

    /// A CANCEL came for this INVITE.
    pub(super) const fn cancelled(&self) -> Cancelled {
        match &self.state {
            State::Proceeding { .. } => Cancelled::InTime,
            State::Accepted { .. }
            | State::Refused { .. }
            | State::Confirmed { .. }
            | State::Trying { .. }
            | State::Answered { .. }
            | State::Over => Cancelled::TooLate,
        }
    }

    /// Takes a response of the owner; gives it back when it is to be sent. After a final response only a
    /// repeated 2xx is (RFC 6026 §7.1).
    pub(super) fn respond(&mut self, now: Time, response: &Response) -> Option<Vec<u8>> {
        let bytes = response.bytes().to_vec();
        let until = now + TRIED_FOR;
        let reliable = self.flow.transport.is_reliable();
        let state = match (&self.state, response.status()) {
            (State::Proceeding { .. }, ..200) => State::Proceeding {
                last: bytes.clone(),
                trying_at: None,
            },
            (State::Proceeding { .. }, 200..300) => State::Accepted { until },
            (State::Accepted { until }, 200..300) => State::Accepted { until: *until },
            (State::Proceeding { .. }, 300..) => State::Refused {
                last: bytes.clone(),
                resend: (!reliable).then(|| Repeat::begin(now)),
                until,
            },
            (State::Trying { until, .. }, ..200) => State::Trying {
                last: Some(bytes.clone()),
                until: *until,
            },
            (State::Trying { .. }, 200..) if reliable => State::Over,
            (State::Trying { .. }, 200..) => State::Answered {
                last: bytes.clone(),
                until,
            },
            (
                State::Accepted { .. }
                | State::Refused { .. }
                | State::Confirmed { .. }
                | State::Answered { .. }
                | State::Over,
                _,
            ) => return None,
        };
        self.state = state;
        Some(bytes)
    }

    /// Does what is due by `now`.
    pub(super) fn timeout(&mut self, now: Time) -> Due {
        match &mut self.state {
            State::Proceeding { last, trying_at } if trying_at.is_some_and(|at| at <= now) => {
                *trying_at = None;
                Due::Send(last.clone())
            }
            State::Refused { until, .. } if *until <= now => {
                self.state = State::Over;
                Due::NoAck
            }
            State::Refused {
                last,
                resend: Some(resend),
                ..
            } if resend.at <= now => {
                resend.double_to(now, T2);
                Due::Send(last.clone())
            }
            State::Accepted { until }
            | State::Confirmed { until }
            | State::Trying { until, .. }
            | State::Answered { until, .. }
                if *until <= now =>
            {
                self.state = State::Over;
                Due::Nothing
            }
            State::Proceeding { .. }
            | State::Accepted { .. }
            | State::Refused { .. }
            | State::Confirmed { .. }
            | State::Trying { .. }
            | State::Answered { .. }
            | State::Over => Due::Nothing,
        }
    }
}
