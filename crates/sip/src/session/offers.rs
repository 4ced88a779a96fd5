//! Offers and answers within the call: re-INVITE and UPDATE in both directions (RFC 3261 §14, RFC 3311,
//! RFC 3264, RFC 6337).

use super::invited::Answers;
use super::requests::{NOT_ACCEPTABLE, Purpose, UNAVAILABLE, response_with_body};
use super::{Body, Busy, Event, Session, Side, Stage, Wanted};
use crate::Time;
use crate::message::{Header, Method, Name, Request, Response};
use crate::transaction::{ServerId, Transactions};
use std::time::Duration;

/// Where one dialog stands between offer and answer. At most one offer is open at a time (RFC 3264 §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exchange {
    /// Nothing is open.
    Settled,
    /// The peer sent an INVITE without an offer: ours goes into our response.
    OursDue,
    /// We sent an INVITE without an offer: the peer's comes in its response.
    TheirsDue,
    /// Our offer waits for its answer.
    Ours(Place),
    /// The peer's offer waits for our answer.
    Theirs(Place),
}

/// What an offer travelled in, which says where its answer goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// An INVITE or re-INVITE; answered in its response.
    Invite,
    /// A reliable provisional response; answered in the PRACK.
    Reliable,
    /// A PRACK; answered in its response.
    Prack,
    /// A 2xx to an INVITE; answered in the ACK.
    Success,
    /// An UPDATE; answered in its response.
    Update,
}

/// A request of the peer's with an offer, or asking for one, that waits for the owner.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) server: ServerId,
    pub(super) request: Request,
}

/// What the owner asks for.
impl Session {
    /// Asks for [`Event::OfferWanted`] as soon as an offer is possible, which may be at once.
    pub fn renegotiate(&mut self, now: Time, tx: &mut Transactions) {
        self.wanted = Some(Wanted::Possible);
        self.go_on(now, tx);
    }

    /// Makes an offer: by a re-INVITE, or in the response to the peer's re-INVITE that asked for one.
    ///
    /// # Errors
    /// When another exchange is open. Nothing is sent or kept then; [`Event::OfferWanted`] comes when the
    /// way is free.
    pub fn offer(&mut self, now: Time, tx: &mut Transactions, offer: Body) -> Result<(), Busy> {
        if self.exchange() == Some(Exchange::OursDue)
            && let Some(pending) = self.pending.take()
        {
            self.set_exchange(Exchange::Ours(Place::Success));
            self.succeed(
                now,
                tx,
                pending.server,
                &pending.request,
                Some(offer),
                Answers::Again,
            );
            return Ok(());
        }
        if !self.can_offer() {
            self.wanted = Some(Wanted::Possible);
            return Err(Busy);
        }
        self.wanted = None;
        let headers = Vec::new();
        if self
            .send_request(
                now,
                tx,
                Method::Invite,
                Purpose::Offer,
                headers,
                Some(offer),
            )
            .is_some()
        {
            self.set_exchange(Exchange::Ours(Place::Invite));
        } else {
            self.events.push_back(Event::OfferFailed(UNAVAILABLE));
        }
        Ok(())
    }

    /// Answers the peer's offer ([`Event::Offered`]). Does nothing when it is not open any longer.
    pub fn answer(&mut self, now: Time, tx: &mut Transactions, answer: Body) {
        let Some(Exchange::Theirs(place)) = self.exchange() else {
            return;
        };
        match place {
            Place::Reliable => {
                if let Some((tag, rack)) = self.prack_due.take() {
                    self.settle();
                    self.prack(now, tx, &tag, rack, Some(answer));
                }
            }
            Place::Success => {
                if let Some(cseq) = self.ack_due.take() {
                    self.settle();
                    self.ack(tx, cseq, Some(answer));
                }
            }
            Place::Invite => {
                if let Some(pending) = self.pending.take() {
                    self.settle();
                    self.succeed(
                        now,
                        tx,
                        pending.server,
                        &pending.request,
                        Some(answer),
                        Answers::Again,
                    );
                }
            }
            Place::Prack | Place::Update => {
                if let Some(pending) = self.pending.take() {
                    self.settle();
                    let response = self.refreshed_response(now, &pending.request);
                    let response = response_with_body(response, Some(&answer)).finish();
                    tx.respond(now, pending.server, &response);
                }
            }
        }
        self.go_on(now, tx);
    }

    /// Refuses the peer's offer, mostly with 488 and a Warning in `headers`; everything stays as it was. In
    /// a response to our own INVITE it cannot be refused: the call ends.
    pub fn refuse(&mut self, now: Time, tx: &mut Transactions, status: u16, headers: &[Header]) {
        match self.exchange() {
            Some(Exchange::Theirs(Place::Reliable)) => {
                if let Some((tag, rack)) = self.prack_due.take() {
                    self.prack(now, tx, &tag, rack, None);
                }
                self.cancel(now, tx, Vec::new());
            }
            Some(Exchange::Theirs(Place::Success)) => self.bye(now, tx, Vec::new()),
            Some(
                Exchange::Theirs(Place::Invite | Place::Prack | Place::Update) | Exchange::OursDue,
            ) => {
                self.refuse_pending(now, tx, status, headers);
            }
            Some(Exchange::Settled | Exchange::TheirsDue | Exchange::Ours(_)) | None => {}
        }
        self.go_on(now, tx);
    }

    /// Whether a re-INVITE may be sent (RFC 3261 §14.1).
    pub(super) fn can_offer(&self) -> bool {
        matches!(self.stage, Stage::Established)
            && self.exchange() == Some(Exchange::Settled)
            && self.unacked.is_none()
            && self.pending.is_none()
            && self.held_back.is_none()
            && !self.sent.iter().any(|sent| sent.purpose == Purpose::Offer)
    }

    /// Tells the owner when an offer that had to wait is possible.
    pub(super) fn offer_when_possible(&mut self) {
        if self.wanted.is_some() && self.can_offer() {
            self.events
                .extend(self.wanted.take().map(Event::OfferWanted));
        }
    }
}

/// The peer's offers.
impl Session {
    /// A re-INVITE came.
    pub(super) fn receive_reinvite(
        &mut self,
        now: Time,
        tx: &mut Transactions,
        server: ServerId,
        request: Request,
    ) {
        let refused = match self.exchange() {
            // Both ends offer at once (RFC 3261 §14.2).
            Some(Exchange::Ours(_)) => Some(REQUEST_PENDING),
            _ if self.unacked.is_some() => Some(REQUEST_PENDING),
            Some(Exchange::Settled)
                if self.pending.is_none() && matches!(self.stage, Stage::Established) =>
            {
                None
            }
            // The one before is not answered (RFC 3261 §14.2).
            Some(
                Exchange::Settled | Exchange::OursDue | Exchange::TheirsDue | Exchange::Theirs(_),
            )
            | None => Some(BUSY),
        };
        if let Some(status) = refused {
            return self.refuse_for_now(now, tx, server, &request, status);
        }
        if self.refuse_short_interval(now, tx, server, &request) {
            return;
        }
        self.refresh_target(&request);
        self.identified(&request);
        match Body::of_request(&request) {
            Some(offer) => self.offered(server, request, Place::Invite, offer),
            None => {
                self.set_exchange(Exchange::OursDue);
                self.pending = Some(Pending { server, request });
                self.events.push_back(Event::OfferWanted(Wanted::Asked));
            }
        }
    }

    /// An UPDATE came (RFC 3311 §5.2): with an offer, or only to refresh.
    pub(super) fn receive_update(
        &mut self,
        now: Time,
        tx: &mut Transactions,
        server: ServerId,
        request: Request,
    ) {
        if self.refuse_short_interval(now, tx, server, &request) {
            return;
        }
        let Some(offer) = Body::of_request(&request) else {
            self.refresh_target(&request);
            self.identified(&request);
            let response = self.refreshed_response(now, &request).finish();
            return tx.respond(now, server, &response);
        };
        match self.exchange() {
            Some(Exchange::Settled) if self.pending.is_none() => {
                self.refresh_target(&request);
                self.identified(&request);
                self.offered(server, request, Place::Update, offer);
            }
            Some(Exchange::Ours(_)) => {
                self.refuse_for_now(now, tx, server, &request, REQUEST_PENDING)
            }
            Some(
                Exchange::Settled | Exchange::OursDue | Exchange::TheirsDue | Exchange::Theirs(_),
            )
            | None => {
                self.refuse_for_now(now, tx, server, &request, BUSY);
            }
        }
    }

    /// The peer may say who speaks (RFC 3325).
    fn identified(&mut self, request: &Request) {
        let says = |name| request.header(name).is_some();
        if says(Name::PAssertedIdentity) || says(Name::RemotePartyId) {
            self.events.push_back(Event::Identified(request.clone()));
        }
    }

    /// The peer offers in a request that waits for the owner's answer.
    pub(super) fn offered(
        &mut self,
        server: ServerId,
        request: Request,
        place: Place,
        offer: Body,
    ) {
        if let Some(branch) = self.branches.last_mut() {
            branch.exchange = Exchange::Theirs(place);
            branch.answer = None;
        }
        self.pending = Some(Pending { server, request });
        self.events.push_back(Event::Offered(offer));
    }

    /// Refuses a request that may come again soon: 491, or 500 with Retry-After (RFC 3261 §14.2).
    fn refuse_for_now(
        &self,
        now: Time,
        tx: &mut Transactions,
        server: ServerId,
        request: &Request,
        status: u16,
    ) {
        let mut response = self.response(request, status);
        if status == BUSY {
            response = response.header(Name::RetryAfter, tx.ids().below(RETRY_AFTER_MAX_S + 1));
        }
        tx.respond(now, server, &response.finish());
    }

    /// Refuses whatever request of the peer's waits for the owner.
    pub(super) fn refuse_pending(
        &mut self,
        now: Time,
        tx: &mut Transactions,
        status: u16,
        headers: &[Header],
    ) {
        if let Some(pending) = self.pending.take() {
            self.settle();
            let response = self.response(&pending.request, status).headers(headers);
            tx.respond(now, pending.server, &response.finish());
        }
    }
}

/// What becomes of our offers.
impl Session {
    /// A re-INVITE of ours got its final response.
    pub(super) fn receive_offer_response(
        &mut self,
        now: Time,
        tx: &mut Transactions,
        cseq: u32,
        response: &Response,
    ) {
        let status = response.status();
        if !(200..300).contains(&status) {
            return self.offer_failed(now, tx, status, Some(response));
        }
        self.ack(tx, cseq, None);
        self.settle();
        self.refresh.agreed(now, response);
        self.refresh_target(response);
        self.events.push_back(match Body::of_response(response) {
            Some(answer) => Event::Answer(answer),
            None => Event::OfferFailed(NOT_ACCEPTABLE),
        });
    }

    /// A re-INVITE of ours failed.
    pub(super) fn offer_failed(
        &mut self,
        now: Time,
        tx: &mut Transactions,
        status: u16,
        response: Option<&Response>,
    ) {
        self.settle();
        if status == INTERVAL_TOO_SMALL
            && response.is_some_and(|response| self.refresh.raise(response))
        {
            self.wanted = Some(Wanted::Possible);
        }
        let again_after = match status {
            REQUEST_PENDING => Some(self.glare_delay(tx)),
            BUSY => response.and_then(retry_after),
            _ => None,
        };
        if let Some(delay) = again_after {
            self.held_back = Some(now + delay);
            self.wanted = Some(Wanted::Possible);
        }
        self.events.push_back(Event::OfferFailed(status));
        if is_fatal(status) {
            self.vanish(now, tx);
        }
    }

    /// How long an offer that met one of the peer's waits, in steps of 10 ms (RFC 3261 §14.1).
    fn glare_delay(&self, tx: &mut Transactions) -> Duration {
        let steps = match self.side {
            Side::Caller => 210 + tx.ids().below(191),
            Side::Callee => tx.ids().below(201),
        };
        Duration::from_millis(10 * u64::from(steps))
    }
}

/// Whether a failure says that the peer knows no such call (RFC 3261 §12.2.1.2, RFC 5057 §5.1).
pub(super) const fn is_fatal(status: u16) -> bool {
    matches!(status, 408 | 481)
}

/// How soon the peer wants to be asked again, if it says so and that is soon enough to wait for.
fn retry_after(response: &Response) -> Option<Duration> {
    let value = response.header(Name::RetryAfter)?;
    let digits = value.trim().split(|c: char| !c.is_ascii_digit()).next()?;
    let seconds: u64 = digits.parse().ok()?;
    (seconds <= RETRY_AFTER_HEEDED_S).then(|| Duration::from_secs(seconds))
}

/// Both ends offered at once.
const REQUEST_PENDING: u16 = 491;

/// RFC 4028 §6.
const INTERVAL_TOO_SMALL: u16 = 422;

/// The request before this one is not answered.
const BUSY: u16 = 500;

/// The longest time that we ask a peer to wait (RFC 3261 §14.2).
const RETRY_AFTER_MAX_S: u32 = 10;

/// The longest time that we wait because a peer asks for it.
const RETRY_AFTER_HEEDED_S: u64 = 60;
