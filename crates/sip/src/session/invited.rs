//! The peer calls us: provisional responses, reliable ones (RFC 3262), the final one, and 2xx until its
//! ACK (RFC 3261 §13.3).

use super::offers::{Exchange, Place};
use super::refresh::Refresh;
use super::requests::{NO_SUCH_CALL, NOT_ACCEPTABLE, REQUEST_TERMINATED, response_with_body};
use super::{Body, Branch, Ended, Event, Local, Session, Side, Stage};
use crate::dialog::{self, Dialog, Refusal};
use crate::message::{Header, Method, Name, Request, Response, ResponseBuilder};
use crate::transaction::{Owner, Repeat, ServerId, T2, TRIED_FOR, Transactions};
use crate::{Flow, Time};
use std::collections::VecDeque;

/// An INVITE of the peer's without a final response.
#[derive(Debug)]
pub(super) struct Invited {
    pub(super) server: ServerId,
    request: Request,
    reliability: Reliability,
    /// What an unreliable 183 said; the 2xx must say the same (RFC 6337 §3.1.1).
    said: Option<Body>,
    /// The reliable response that waits for its PRACK. One at a time (RFC 3262 §3).
    waiting: Option<Reliable>,
    /// Reliable responses that come after it.
    queued: VecDeque<(u16, Option<Body>)>,
    /// The call was accepted while a description waited for its PRACK; 2xx must not overtake it.
    accepting: Option<Option<Body>>,
}

/// What the peer says about reliable provisional responses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reliability {
    Unsupported,
    Supported,
    Required,
}

/// A provisional response until its PRACK.
#[derive(Debug)]
struct Reliable {
    rseq: u32,
    response: Response,
    carries: Carries,
    repeat: Repeat,
    until: Time,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Carries {
    Nothing,
    Offer,
    Answer,
}

/// A 2xx until its ACK (RFC 3261 §13.3.1.4).
#[derive(Debug)]
pub(super) struct Unacked {
    server: ServerId,
    cseq: u32,
    response: Response,
    repeat: Repeat,
    until: Time,
    answers: Answers,
}

/// Which INVITE a 2xx answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answers {
    /// The one that began the call.
    First,
    /// A later one.
    Again,
}

impl Invited {
    pub(super) fn deadline(&self) -> Option<Time> {
        self.waiting
            .as_ref()
            .map(|waiting| waiting.repeat.at.min(waiting.until))
    }
}

impl Unacked {
    pub(super) fn begin(
        now: Time,
        server: ServerId,
        cseq: u32,
        response: Response,
        answers: Answers,
    ) -> Self {
        Self {
            server,
            cseq,
            response,
            repeat: Repeat::begin(now),
            until: now + TRIED_FOR,
            answers,
        }
    }

    pub(super) fn deadline(&self) -> Time {
        self.repeat.at.min(self.until)
    }
}

impl Session {
    /// A call that was let in as the transaction `server`, and the offer in it; without one, ours goes
    /// into [`Session::accept`] or, when the peer takes reliable responses, [`Session::progress`].
    ///
    /// # Errors
    /// When the INVITE makes no dialog or asks for too short a session interval (422). It is answered
    /// already then.
    pub fn incoming(
        now: Time,
        tx: &mut Transactions,
        server: ServerId,
        owner: Owner,
        flow: Flow,
        request: Request,
        local: Local,
    ) -> Result<(Self, Option<Body>), Refusal> {
        let tag = tx.tag(server).unwrap_or_default().to_owned();
        let refused = |tx: &mut Transactions, refusal: Refusal| {
            let mut response = Response::to(&request, refusal.status()).to_tag(&tag);
            if let Refusal::IntervalTooSmall = refusal {
                response = response.header(Name::MinSe, Refresh::INTERVAL_MIN_S);
            }
            tx.respond(now, server, &response.finish());
            refusal
        };
        let dialog = match Dialog::uas(&request, &tag) {
            Ok(dialog) => dialog,
            Err(refusal) => return Err(refused(tx, refusal)),
        };
        if Refresh::refuses(&request) {
            return Err(refused(tx, Refusal::IntervalTooSmall));
        }
        let offer = Body::of_request(&request);
        let exchange = match offer {
            Some(_) => Exchange::Theirs(Place::Invite),
            None => Exchange::OursDue,
        };
        let mut session = Self::new(
            owner,
            flow,
            local,
            Side::Callee,
            dialog.call_id.clone(),
            tag,
        );
        session.learn(&request);
        session.branches.push(Branch::new(dialog, exchange));
        session.stage = Stage::Invited(Box::new(Invited {
            server,
            reliability: Reliability::of(&request),
            request,
            said: None,
            waiting: None,
            queued: VecDeque::new(),
            accepting: None,
        }));
        Ok((session, offer))
    }

    /// Tells the caller that it rings (180).
    pub fn ring(&mut self, now: Time, tx: &mut Transactions) {
        self.provisional(now, tx, 180, None);
    }

    /// Opens sound towards the caller before the answer (183): `body` answers the offer of the INVITE, or
    /// is the offer when there was none. An offer can only travel reliably; without that the 183 goes
    /// without it, and it has to be given to [`Session::accept`] again.
    pub fn progress(&mut self, now: Time, tx: &mut Transactions, body: Body) {
        self.provisional(now, tx, 183, Some(body));
    }

    /// Answers the call (200). `body` is as for [`Session::progress`]; an answer that was given there is
    /// repeated as it was.
    pub fn accept(&mut self, now: Time, tx: &mut Transactions, body: Option<Body>) {
        let Stage::Invited(invited) = &mut self.stage else {
            return;
        };
        invited.accepting = Some(body);
        self.go_on(now, tx);
    }

    /// Refuses the call with a status from 300 on, and further headers (Contact, Retry-After, Reason …).
    /// A call that is answered by then ends with a BYE.
    pub fn reject(&mut self, now: Time, tx: &mut Transactions, status: u16, headers: Vec<Header>) {
        let Stage::Invited(_) = &self.stage else {
            return self.bye(now, tx, headers);
        };
        self.refuse_invite(now, tx, status, &headers);
        self.finish(now, tx, Ended::Finished);
    }

    /// Answers the unanswered INVITE of the peer's with a failure.
    pub(super) fn refuse_invite(
        &self,
        now: Time,
        tx: &mut Transactions,
        status: u16,
        headers: &[Header],
    ) {
        let Stage::Invited(invited) = &self.stage else {
            return;
        };
        let response = self.response(&invited.request, status).headers(headers);
        tx.respond(now, invited.server, &response.finish());
    }

    fn provisional(&mut self, now: Time, tx: &mut Transactions, status: u16, body: Option<Body>) {
        let (Stage::Invited(invited), Some(branch)) = (&mut self.stage, self.branches.last())
        else {
            return;
        };
        let reliable = match invited.reliability {
            Reliability::Required => true,
            Reliability::Supported => body.is_some() && branch.exchange == Exchange::OursDue,
            Reliability::Unsupported => false,
        };
        if reliable && invited.queued.len() < QUEUED_MAX {
            invited.queued.push_back((status, body));
            return self.send_next_reliable(now, tx);
        }
        let body = body.filter(|_| branch.exchange == Exchange::Theirs(Place::Invite));
        invited.said = body.clone().or_else(|| invited.said.take());
        let (server, response) = (invited.server, self.invite_response(status, body));
        if let Some(response) = response {
            tx.respond(now, server, &response.finish());
        }
    }

    /// Sends the next reliable provisional response when none waits for its PRACK.
    fn send_next_reliable(&mut self, now: Time, tx: &mut Transactions) {
        let (Stage::Invited(invited), Some(branch)) = (&mut self.stage, self.branches.last_mut())
        else {
            return;
        };
        if invited.waiting.is_some() {
            return;
        }
        let Some((status, body)) = invited.queued.pop_front() else {
            return;
        };
        let carries = match (&body, branch.exchange) {
            (Some(_), Exchange::Theirs(Place::Invite)) => Carries::Answer,
            (Some(_), Exchange::OursDue) => Carries::Offer,
            (Some(_) | None, _) => Carries::Nothing,
        };
        match carries {
            Carries::Answer => branch.exchange = Exchange::Settled,
            Carries::Offer => branch.exchange = Exchange::Ours(Place::Reliable),
            Carries::Nothing => {}
        }
        let rseq = match branch.rseq {
            Some(before) => before.saturating_add(1),
            None => tx.ids().below(FIRST_RSEQ_BELOW).saturating_add(1),
        };
        branch.rseq = Some(rseq);
        let body = body.filter(|_| carries != Carries::Nothing);
        let server = invited.server;
        let Some(response) = self.invite_response(status, body) else {
            return;
        };
        let response = response
            .header(Name::Require, "100rel")
            .header(Name::RSeq, rseq)
            .finish();
        tx.respond(now, server, &response);
        if let Stage::Invited(invited) = &mut self.stage {
            invited.waiting = Some(Reliable {
                rseq,
                response,
                carries,
                repeat: Repeat::begin(now),
                until: now + TRIED_FOR,
            });
        }
    }

    /// A response to the INVITE that makes or confirms the dialog.
    fn invite_response(&self, status: u16, body: Option<Body>) -> Option<ResponseBuilder<'_>> {
        let Stage::Invited(invited) = &self.stage else {
            return None;
        };
        let response = self.target_response(&invited.request, status);
        Some(response_with_body(response, body.as_ref()))
    }

    /// Repeats a reliable provisional response; without a PRACK in time the call is refused (RFC 3262 §3).
    pub(super) fn reliable_timeout(&mut self, now: Time, tx: &mut Transactions) {
        let Stage::Invited(invited) = &mut self.stage else {
            return;
        };
        let Some(waiting) = &mut invited.waiting else {
            return;
        };
        if waiting.until <= now {
            self.refuse_invite(now, tx, 504, &[]);
            self.finish(now, tx, Ended::Vanished);
        } else if waiting.repeat.at <= now {
            waiting.repeat.double(now);
            tx.respond(now, invited.server, &waiting.response);
        }
    }

    /// A PRACK came (RFC 3262 §3): it ends the repetitions and may bring an answer or an offer.
    pub(super) fn receive_prack(
        &mut self,
        now: Time,
        tx: &mut Transactions,
        server: ServerId,
        prack: Request,
    ) {
        let body = Body::of_request(&prack);
        let known = self.branches.last().and_then(|branch| branch.rseq);
        let rseq = prack
            .rack()
            .ok()
            .filter(|rack| rack.cseq.method == Method::Invite)
            .map(|rack| rack.response);
        let Some(rseq) = rseq.filter(|rseq| known.is_some_and(|last| *rseq <= last)) else {
            return self.answer_plainly(now, tx, server, &prack, NO_SUCH_CALL);
        };
        let carried = match &mut self.stage {
            Stage::Invited(invited) => {
                let waiting = invited.waiting.take_if(|waiting| waiting.rseq == rseq);
                waiting.map(|waiting| waiting.carries)
            }
            Stage::Inviting(_) => {
                return self.answer_plainly(now, tx, server, &prack, NO_SUCH_CALL);
            }
            Stage::Established | Stage::Leaving(_) | Stage::Left | Stage::Over => None,
        };
        match (carried, body) {
            (Some(Carries::Offer), Some(answer)) => {
                self.settle();
                self.events.push_back(Event::Answer(answer));
                self.answer_plainly(now, tx, server, &prack, 200);
            }
            (Some(Carries::Offer), None) => {
                // The offer was not answered: it is due again, in the 2xx.
                self.set_exchange(Exchange::OursDue);
                self.answer_plainly(now, tx, server, &prack, 200);
            }
            (Some(Carries::Answer | Carries::Nothing), Some(offer)) => {
                self.offered(server, prack, Place::Prack, offer);
            }
            (Some(Carries::Answer | Carries::Nothing), None) | (None, _) => {
                self.answer_plainly(now, tx, server, &prack, 200);
            }
        }
        self.send_next_reliable(now, tx);
    }

    /// Sends the 2xx of a call that was accepted, as soon as nothing holds it back.
    pub(super) fn accept_when_possible(&mut self, now: Time, tx: &mut Transactions) {
        let Stage::Invited(invited) = &mut self.stage else {
            return;
        };
        let held_back = self.pending.is_some()
            || invited
                .waiting
                .as_ref()
                .is_some_and(|waiting| waiting.carries != Carries::Nothing);
        if held_back || invited.accepting.is_none() {
            return;
        }
        let given = invited.accepting.take().flatten();
        let said = invited.said.take();
        let server = invited.server;
        let Some(branch) = self.branches.last_mut() else {
            return;
        };
        let (exchange, body) = match branch.exchange {
            Exchange::Theirs(Place::Invite) => (Exchange::Settled, said.or(given)),
            Exchange::OursDue if given.is_some() => (Exchange::Ours(Place::Success), given),
            Exchange::Settled
            | Exchange::OursDue
            | Exchange::TheirsDue
            | Exchange::Ours(_)
            | Exchange::Theirs(_) => (branch.exchange, None),
        };
        branch.exchange = exchange;
        branch.dialog.stage = dialog::Stage::Confirmed;
        let Stage::Invited(invited) = std::mem::replace(&mut self.stage, Stage::Established) else {
            return;
        };
        self.succeed(now, tx, server, &invited.request, body, Answers::First);
    }

    /// Answers an INVITE with 200 and repeats it until the ACK comes.
    pub(super) fn succeed(
        &mut self,
        now: Time,
        tx: &mut Transactions,
        server: ServerId,
        invite: &Request,
        body: Option<Body>,
        answers: Answers,
    ) {
        let agreed = self.refresh.agree(now, invite);
        let response = self.target_response(invite, 200).headers(&agreed);
        let response = response_with_body(response, body.as_ref()).finish();
        tx.respond(now, server, &response);
        let cseq = invite.cseq().map_or(0, |cseq| cseq.number);
        self.unacked = Some(Unacked::begin(now, server, cseq, response, answers));
    }

    /// Repeats a 2xx; when nobody acknowledges it in time the call ends (RFC 3261 §13.3.1.4).
    pub(super) fn unacked_timeout(&mut self, now: Time, tx: &mut Transactions) {
        let Some(unacked) = &mut self.unacked else {
            return;
        };
        if unacked.until <= now {
            self.vanish(now, tx);
        } else if unacked.repeat.at <= now {
            unacked.repeat.double_to(now, T2);
            tx.respond(now, unacked.server, &unacked.response);
        }
    }

    /// An ACK came. One for an older 2xx, or one that comes again, does nothing.
    pub(super) fn receive_ack(&mut self, now: Time, tx: &mut Transactions, ack: &Request) {
        let cseq = ack.cseq().map(|cseq| cseq.number).ok();
        let Some(unacked) = self.unacked.take_if(|unacked| Some(unacked.cseq) == cseq) else {
            return;
        };
        if unacked.answers == Answers::First {
            self.events.push_back(Event::Confirmed);
        }
        if let Stage::Leaving(headers) = &mut self.stage {
            let headers = std::mem::take(headers);
            return self.send_bye(now, tx, headers);
        }
        if self.exchange() != Some(Exchange::Ours(Place::Success)) {
            return;
        }
        self.settle();
        match (Body::of_request(ack), unacked.answers) {
            (Some(answer), _) => self.events.push_back(Event::Answer(answer)),
            (None, Answers::Again) => self.events.push_back(Event::OfferFailed(NOT_ACCEPTABLE)),
            // A call about whose media nothing is known is none.
            (None, Answers::First) => self.vanish(now, tx),
        }
    }

    /// The peer gives up its INVITE: the one that began the call, or a later one.
    pub(super) fn receive_cancel(
        &mut self,
        now: Time,
        tx: &mut Transactions,
        invite: ServerId,
        cancel: &Request,
    ) {
        if matches!(&self.stage, Stage::Invited(invited) if invited.server == invite) {
            self.refuse_invite(now, tx, REQUEST_TERMINATED, &[]);
            let reason = cancel.header(Name::Reason).map(str::to_owned);
            self.finish(now, tx, Ended::Cancelled(reason));
        } else if self
            .pending
            .as_ref()
            .is_some_and(|pending| pending.server == invite)
        {
            self.refuse_pending(now, tx, REQUEST_TERMINATED, &[]);
            self.events.push_back(Event::OfferWithdrawn);
        }
    }
}

impl Reliability {
    fn of(invite: &Request) -> Self {
        if invite.lists(Name::Require, "100rel") {
            Self::Required
        } else if invite.lists(Name::Supported, "100rel") {
            Self::Supported
        } else {
            Self::Unsupported
        }
    }
}

/// The first RSeq is chosen at random, below 2^31 (RFC 3262 §3). Half of that leaves room to count.
const FIRST_RSEQ_BELOW: u32 = 1 << 30;

/// Reliable provisional responses that may wait for the one before; further ones go unreliably.
const QUEUED_MAX: usize = 8;
