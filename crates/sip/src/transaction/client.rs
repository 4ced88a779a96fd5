//! Client transactions (RFC 3261 §17.1, RFC 6026 §7.2).

use super::Owner;
use super::key::Key;
use super::table::Entry;
use super::timing::{Repeat, T2, T4, TIMER_D, TRIED_FOR};
use crate::dialog::MAX_FORWARDS;
use crate::message::{Header, Method, Name, Request, RequestBuilder, Response};
use crate::{Flow, Time};

/// One request of ours and what became of it.
#[derive(Debug)]
pub(super) struct Client {
    /// `None` for a CANCEL, whose answer nobody waits for.
    pub(super) owner: Option<Owner>,
    pub(super) flow: Flow,
    key: Key,
    state: State,
}

#[derive(Debug)]
enum State {
    /// An INVITE without any response: timer A repeats it, timer B ends it.
    Calling {
        invite: Box<Request>,
        resend: Option<Repeat>,
        until: Time,
        cancel: Cancel,
    },
    /// An INVITE that got a provisional response. Only a CANCEL limits it (§9.1).
    Proceeding {
        invite: Box<Request>,
        until: Option<Time>,
    },
    /// An INVITE that got a 2xx; timer M lets its repetitions and those of other branches through.
    Accepted { until: Time },
    /// An INVITE that got another final response; timer D answers its repetitions with the same ACK.
    Refused { ack: Vec<u8>, until: Time },
    /// Any other request: timer E repeats it, timer F ends it.
    Trying {
        request: Vec<u8>,
        resend: Option<Repeat>,
        until: Time,
    },
    /// Any other request after its final response; timer K absorbs repetitions.
    Answered { until: Time },
    /// Nothing is left to do.
    Over,
}

/// Whether a CANCEL waits for the first provisional response (§9.1).
#[derive(Debug)]
enum Cancel {
    NotWanted,
    Wanted(Vec<Header>),
}

/// What a response asks for.
#[derive(Debug)]
pub(super) enum Heard {
    /// The owner gets it.
    Report,
    /// The owner gets it, and the CANCEL that waited is sent.
    ReportAndCancel(Request),
    /// The owner gets it, and it is acknowledged.
    ReportAndAck(Vec<u8>),
    /// A repetition that is acknowledged once more.
    Ack(Vec<u8>),
    /// A repetition, or out of place.
    Ignore,
}

/// What a deadline asks for.
#[derive(Debug)]
pub(super) enum Due {
    /// The request is repeated.
    Resend(Vec<u8>),
    /// No final response came in time.
    TimedOut,
    /// Nothing, or the transaction is over.
    Nothing,
}

impl Entry for Client {
    fn key(&self) -> &Key {
        &self.key
    }

    fn deadline(&self) -> Option<Time> {
        match &self.state {
            State::Calling { resend, until, .. } | State::Trying { resend, until, .. } => {
                Some(resend.map_or(*until, |resend| resend.at.min(*until)))
            }
            State::Proceeding { until, .. } => *until,
            State::Accepted { until }
            | State::Refused { until, .. }
            | State::Answered { until } => Some(*until),
            State::Over => None,
        }
    }

    fn is_over(&self) -> bool {
        matches!(self.state, State::Over)
    }
}

impl Client {
    /// The transaction of a request that is being sent for the first time.
    pub(super) fn begin(
        now: Time,
        flow: Flow,
        key: Key,
        request: &Request,
        owner: Option<Owner>,
    ) -> Self {
        let resend = (!flow.transport.is_reliable()).then(|| Repeat::begin(now));
        let until = now + TRIED_FOR;
        let state = if request.method() == Method::Invite {
            State::Calling {
                invite: Box::new(request.clone()),
                resend,
                until,
                cancel: Cancel::NotWanted,
            }
        } else {
            State::Trying {
                request: request.bytes().to_vec(),
                resend,
                until,
            }
        };
        Self {
            owner,
            flow,
            key,
            state,
        }
    }

    /// Whether a final response is still to come, so that a failing transport matters.
    pub(super) const fn waits(&self) -> bool {
        matches!(
            self.state,
            State::Calling { .. } | State::Proceeding { .. } | State::Trying { .. }
        )
    }

    /// Takes a response that belongs here.
    pub(super) fn receive(&mut self, now: Time, response: &Response) -> Heard {
        let class = Class::of(response.status());
        let state = std::mem::replace(&mut self.state, State::Over);
        let (state, heard) = match state {
            State::Calling { invite, cancel, .. } => match class {
                Class::Provisional => proceeding(now, invite, cancel),
                Class::Success => (
                    State::Accepted {
                        until: now + TRIED_FOR,
                    },
                    Heard::Report,
                ),
                Class::Failure => self.refused(now, &invite, response),
            },
            State::Proceeding { invite, until } => match class {
                Class::Provisional => (State::Proceeding { invite, until }, Heard::Report),
                Class::Success => (
                    State::Accepted {
                        until: now + TRIED_FOR,
                    },
                    Heard::Report,
                ),
                Class::Failure => self.refused(now, &invite, response),
            },
            State::Refused { ack, until } if class == Class::Failure => (
                State::Refused {
                    ack: ack.clone(),
                    until,
                },
                Heard::Ack(ack),
            ),
            State::Accepted { until } if class == Class::Success => {
                (State::Accepted { until }, Heard::Report)
            }
            State::Trying {
                request,
                resend,
                until,
            } => match class {
                Class::Provisional => {
                    let mut resend = resend;
                    resend.iter_mut().for_each(Repeat::slow_down);
                    (
                        State::Trying {
                            request,
                            resend,
                            until,
                        },
                        Heard::Report,
                    )
                }
                Class::Success | Class::Failure => (self.answered(now), Heard::Report),
            },
            other @ (State::Accepted { .. }
            | State::Refused { .. }
            | State::Answered { .. }
            | State::Over) => (other, Heard::Ignore),
        };
        self.state = state;
        heard
    }

    /// The call is not wanted any longer. Gives the CANCEL when it can be sent at once; before the first
    /// provisional response it waits (§9.1), after a final one there is nothing to cancel.
    pub(super) fn cancel(&mut self, now: Time, extra: Vec<Header>) -> Option<Request> {
        match &mut self.state {
            State::Calling { cancel, .. } => {
                *cancel = Cancel::Wanted(extra);
                None
            }
            // Cancelled once already.
            State::Proceeding { until: Some(_), .. } => None,
            State::Proceeding { invite, until } => {
                *until = Some(now + TRIED_FOR);
                Some(cancel_of(invite, &extra))
            }
            State::Accepted { .. }
            | State::Refused { .. }
            | State::Trying { .. }
            | State::Answered { .. }
            | State::Over => None,
        }
    }

    /// Does what is due by `now`.
    pub(super) fn timeout(&mut self, now: Time) -> Due {
        match &mut self.state {
            State::Calling { until, .. } | State::Trying { until, .. } if *until <= now => {
                self.state = State::Over;
                Due::TimedOut
            }
            State::Calling {
                invite,
                resend: Some(resend),
                ..
            } if resend.at <= now => {
                resend.double(now);
                Due::Resend(invite.bytes().to_vec())
            }
            State::Trying {
                request,
                resend: Some(resend),
                ..
            } if resend.at <= now => {
                resend.double_to(now, T2);
                Due::Resend(request.clone())
            }
            State::Proceeding {
                until: Some(until), ..
            } if *until <= now => {
                self.state = State::Over;
                Due::TimedOut
            }
            State::Accepted { until }
            | State::Refused { until, .. }
            | State::Answered { until }
                if *until <= now =>
            {
                self.state = State::Over;
                Due::Nothing
            }
            State::Calling { .. }
            | State::Proceeding { .. }
            | State::Accepted { .. }
            | State::Refused { .. }
            | State::Trying { .. }
            | State::Answered { .. }
            | State::Over => Due::Nothing,
        }
    }

    fn refused(&self, now: Time, invite: &Request, response: &Response) -> (State, Heard) {
        let ack = ack_of(invite, response).bytes().to_vec();
        let state = if self.flow.transport.is_reliable() {
            State::Over
        } else {
            State::Refused {
                ack: ack.clone(),
                until: now + TIMER_D,
            }
        };
        (state, Heard::ReportAndAck(ack))
    }

    fn answered(&self, now: Time) -> State {
        if self.flow.transport.is_reliable() {
            State::Over
        } else {
            State::Answered { until: now + T4 }
        }
    }
}

fn proceeding(now: Time, invite: Box<Request>, cancel: Cancel) -> (State, Heard) {
    match cancel {
        Cancel::NotWanted => (
            State::Proceeding {
                invite,
                until: None,
            },
            Heard::Report,
        ),
        Cancel::Wanted(extra) => {
            let cancel = cancel_of(&invite, &extra);
            let until = Some(now + TRIED_FOR);
            (
                State::Proceeding { invite, until },
                Heard::ReportAndCancel(cancel),
            )
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Provisional,
    Success,
    Failure,
}

impl Class {
    const fn of(status: u16) -> Self {
        match status {
            ..200 => Self::Provisional,
            200..300 => Self::Success,
            300.. => Self::Failure,
        }
    }
}

/// The ACK of a failure (RFC 3261 §17.1.1.3).
fn ack_of(invite: &Request, response: &Response) -> Request {
    follow(invite, Method::Ack, response.header(Name::To)).finish()
}

/// The CANCEL of an INVITE (RFC 3261 §9.1).
fn cancel_of(invite: &Request, extra: &[Header]) -> Request {
    follow(invite, Method::Cancel, invite.header(Name::To))
        .headers(extra)
        .finish()
}

/// A request that goes the same way as the INVITE that it is about.
fn follow(invite: &Request, method: Method, to: Option<&str>) -> RequestBuilder {
    let number = invite.cseq().map_or(0, |cseq| cseq.number);
    let copied = |name| invite.header(name).unwrap_or_default();
    let mut request = Request::build(method.clone(), invite.uri())
        .header(Name::Via, copied(Name::Via))
        .header(Name::MaxForwards, MAX_FORWARDS)
        .header(Name::From, copied(Name::From))
        .header(Name::To, to.unwrap_or_default())
        .header(Name::CallId, copied(Name::CallId))
        .header(Name::CSeq, format_args!("{number} {method}"));
    for route in invite.headers(Name::Route) {
        request = request.header(Name::Route, route);
    }
    request
}
