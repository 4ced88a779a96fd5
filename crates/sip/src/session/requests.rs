//! Requests within the call in both directions, and its end (RFC 3261 §12.2, §15).

use super::inviting::replace_headers;
use super::{Body, Capability, Ended, Event, HungUp, Session, Stage};
use crate::message::{
    Fields, Header, Method, Name, Request, RequestBuilder, Response, ResponseBuilder,
};
use crate::transaction::{ClientId, ServerId, TRIED_FOR, Transactions};
use crate::{Flow, Time};

/// A request of ours within the dialog that waits for its final response.
#[derive(Debug)]
pub(super) struct Sent {
    client: ClientId,
    cseq: u32,
    pub(super) purpose: Purpose,
    method: Method,
    /// The peer's tag: which branch it went to.
    tag: String,
    headers: Vec<Header>,
    body: Option<Body>,
    /// Set while the owner is asked for credentials.
    pub(super) challenged: Option<Challenged>,
}

/// A request that was refused for want of credentials.
#[derive(Debug)]
pub(super) struct Challenged {
    status: u16,
    pub(super) until: Time,
}

/// What a request of ours is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A re-INVITE with an offer.
    Offer,
    /// An UPDATE without one: to refresh the session, or to tell who speaks.
    Refresh,
    /// It acknowledges a reliable provisional response.
    Prack,
    /// It ends the call.
    Bye,
    /// The owner's.
    Owners,
}

/// What the owner asks for.
impl Session {
    /// Ends the call, with further headers (Reason). A call that is not answered is cancelled, or refused
    /// with 480. While our 2xx waits for its ACK, BYE waits too (RFC 3261 §15).
    pub fn bye(&mut self, now: Time, tx: &mut Transactions, headers: Vec<Header>) {
        match &self.stage {
            Stage::Invited(_) => self.reject(now, tx, UNAVAILABLE_FOR_NOW, headers),
            Stage::Inviting(_) => self.cancel(now, tx, headers),
            Stage::Established if self.unacked.is_some() => self.stage = Stage::Leaving(headers),
            Stage::Established => self.send_bye(now, tx, headers),
            Stage::Leaving(_) | Stage::Left | Stage::Over => {}
        }
    }

    /// Sends an INFO (RFC 6086), such as a key.
    pub fn info(&mut self, now: Time, tx: &mut Transactions, body: Body) {
        self.send(now, tx, Method::Info, Vec::new(), Some(body));
    }

    /// Sends a request within the dialog that is not about the call itself (INFO, NOTIFY, REFER,
    /// MESSAGE …); [`Event::Replied`] tells what became of it. `None` when there is no dialog, or too many
    /// requests wait already.
    pub fn send(
        &mut self,
        now: Time,
        tx: &mut Transactions,
        method: Method,
        headers: Vec<Header>,
        body: Option<Body>,
    ) -> Option<ClientId> {
        if matches!(self.stage, Stage::Left | Stage::Over) {
            return None;
        }
        self.send_request(now, tx, method, Purpose::Owners, headers, body)
    }

    /// Tells the peer whom it talks with (RFC 3325, RFC 4916): `headers` go with every response and target
    /// refresh from here on, and at once if the call is answered: by an UPDATE, or by a re-INVITE where
    /// the peer has none ([`Event::OfferWanted`] comes).
    pub fn identify(&mut self, now: Time, tx: &mut Transactions, headers: Vec<Header>) {
        self.identity = headers;
        if matches!(self.stage, Stage::Established) {
            match self.peer.update {
                Capability::Present => {
                    self.send_request(now, tx, Method::Update, Purpose::Refresh, Vec::new(), None);
                }
                Capability::Unknown => self.renegotiate(now, tx),
            }
        }
    }

    /// The request of [`Event::Challenged`] as far as credentials are computed from it: method, URI, body, and
    /// the credentials that it carried already.
    #[must_use]
    pub fn challenged(&self, request: ClientId) -> Option<Request> {
        if let Some(invite) = self.challenged_invite(request) {
            return Some(invite);
        }
        let sent = self.sent.iter().find(|sent| sent.client == request)?;
        let branch = self
            .branches
            .iter()
            .find(|branch| branch.dialog.remote_tag == sent.tag)?;
        let uri = &branch.dialog.remote_target;
        let request = Request::build(sent.method.clone(), uri).headers(&sent.headers);
        Some(request_with_body(request, sent.body.as_ref()).finish())
    }

    /// Answers [`Event::Challenged`] with the headers that hold the credentials, or `None` to give up. A
    /// challenge that nobody answers counts as given up after 32 s.
    pub fn authorize(
        &mut self,
        now: Time,
        tx: &mut Transactions,
        request: ClientId,
        credentials: Option<Vec<Header>>,
    ) {
        self.authorize_invite(now, tx, request, credentials.clone());
        let challenge = |sent: &Sent| sent.challenged.as_ref().map(|challenged| challenged.status);
        if let Some(mut sent) = self.take_sent(request) {
            match (credentials, challenge(&sent)) {
                (Some(credentials), Some(_)) => {
                    replace_headers(&mut sent.headers, credentials);
                    self.send_in(
                        now,
                        tx,
                        &sent.tag,
                        sent.method,
                        sent.purpose,
                        sent.headers,
                        sent.body,
                    );
                }
                (None, Some(status)) => self.conclude(now, tx, &sent, status, None),
                // Nobody asked.
                (_, None) => self.sent.push(sent),
            }
        }
        self.go_on(now, tx);
    }
}

/// What comes from the peer.
impl Session {
    pub(super) fn receive_request(
        &mut self,
        now: Time,
        tx: &mut Transactions,
        flow: Flow,
        request: Request,
    ) {
        let Ok(server) = tx.accept(now, flow, &request, self.owner) else {
            let response = self
                .response(&request, UNAVAILABLE)
                .header(Name::RetryAfter, FULL_RETRY_AFTER_S);
            return tx.reply(flow, &request, &response.finish());
        };
        let Some(branch) = self.branch_with(&request) else {
            return self.answer_plainly(now, tx, server, &request, NO_SUCH_CALL);
        };
        if let Err(refusal) = branch.dialog.receive(&request) {
            return self.answer_plainly(now, tx, server, &request, refusal.status());
        }
        let method = request.method();
        if matches!(self.stage, Stage::Left | Stage::Over) && method != Method::Bye {
            return self.answer_plainly(now, tx, server, &request, NO_SUCH_CALL);
        }
        match method {
            Method::Bye => self.receive_bye(now, tx, server, &request),
            Method::Invite => self.receive_reinvite(now, tx, server, request),
            Method::Update => self.receive_update(now, tx, server, request),
            Method::Prack => self.receive_prack(now, tx, server, request),
            // Transactions deals with CANCEL, and ACK is no transaction.
            Method::Cancel | Method::Ack => {}
            Method::Register
            | Method::Options
            | Method::Subscribe
            | Method::Notify
            | Method::Publish
            | Method::Info
            | Method::Refer
            | Method::Message
            | Method::Other(_) => self.events.push_back(Event::Asked { server, request }),
        }
    }

    fn receive_bye(&mut self, now: Time, tx: &mut Transactions, server: ServerId, bye: &Request) {
        let hung_up = Ended::HungUp(HungUp {
            server,
            answer: self.response(bye, 200).finish(),
            reason: bye.header(Name::Reason).map(str::to_owned),
        });
        match &self.stage {
            // A caller may leave an early dialog so (RFC 3261 §15.1.2).
            Stage::Invited(_) => {
                self.refuse_invite(now, tx, REQUEST_TERMINATED, &[]);
                self.finish(now, tx, hung_up);
            }
            // A callee may not; only this branch is lost.
            Stage::Inviting(_) => {
                self.answer_plainly(now, tx, server, bye, 200);
                let tag = bye
                    .from()
                    .ok()
                    .and_then(|from| from.tag().map(str::to_owned));
                self.branches
                    .retain(|branch| Some(&branch.dialog.remote_tag) != tag.as_ref());
            }
            Stage::Established | Stage::Leaving(_) => {
                self.finish(now, tx, hung_up);
            }
            // Both hung up at once.
            Stage::Left => {
                self.answer_plainly(now, tx, server, bye, 200);
                self.finish(now, tx, Ended::Finished);
            }
            Stage::Over => self.answer_plainly(now, tx, server, bye, NO_SUCH_CALL),
        }
    }

    pub(super) fn receive_response(
        &mut self,
        now: Time,
        tx: &mut Transactions,
        client: ClientId,
        response: Response,
    ) {
        if matches!(&self.stage, Stage::Inviting(inviting) if inviting.is(client)) {
            return self.receive_invite_response(now, tx, response);
        }
        let status = response.status();
        let Some(sent) = self.sent.iter_mut().find(|sent| sent.client == client) else {
            let is_invite = response
                .cseq()
                .is_ok_and(|cseq| cseq.method == Method::Invite);
            if is_invite && (200..300).contains(&status) {
                self.receive_stray(now, tx, &response);
            }
            return;
        };
        if status < 200 {
            return;
        }
        if matches!(status, 401 | 407) {
            sent.challenged = Some(Challenged {
                status,
                until: now + TRIED_FOR,
            });
            return self.events.push_back(Event::Challenged {
                request: client,
                response,
            });
        }
        if let Some(sent) = self.take_sent(client) {
            self.conclude(now, tx, &sent, status, Some(&response));
        }
    }

    /// A request of ours got no response.
    pub(super) fn receive_silence(
        &mut self,
        now: Time,
        tx: &mut Transactions,
        client: ClientId,
        status: u16,
    ) {
        if matches!(&self.stage, Stage::Inviting(inviting) if inviting.is(client)) {
            return self.receive_invite_silence(now, tx, status);
        }
        if let Some(sent) = self.take_sent(client) {
            self.conclude(now, tx, &sent, status, None);
        }
    }

    /// Gives up on challenges that nobody answered.
    pub(super) fn challenge_timeout(&mut self, now: Time, tx: &mut Transactions) {
        self.invite_challenge_timeout(now, tx);
        let late = |sent: &Sent| {
            sent.challenged
                .as_ref()
                .is_some_and(|challenged| challenged.until <= now)
        };
        while let Some(index) = self.sent.iter().position(late) {
            let sent = self.sent.remove(index);
            let status = sent
                .challenged
                .as_ref()
                .map_or(TIMED_OUT, |challenged| challenged.status);
            self.conclude(now, tx, &sent, status, None);
        }
    }

    /// A request of ours within the dialog has its outcome.
    fn conclude(
        &mut self,
        now: Time,
        tx: &mut Transactions,
        sent: &Sent,
        status: u16,
        response: Option<&Response>,
    ) {
        match (sent.purpose, response) {
            (Purpose::Offer, Some(response)) => {
                self.receive_offer_response(now, tx, sent.cseq, response);
            }
            (Purpose::Offer, None) => self.offer_failed(now, tx, status, None),
            (Purpose::Refresh, response) => {
                self.receive_refresh_response(now, tx, status, response)
            }
            // The fate of the INVITE says the rest.
            (Purpose::Prack, _) => {}
            // Whatever the peer says, the call is over for us.
            (Purpose::Bye, _) => self.finish(now, tx, Ended::Finished),
            (Purpose::Owners, response) => {
                self.events.push_back(Event::Replied {
                    request: sent.client,
                    status,
                });
                // Only a response tells that the call is gone: silence may be about this method. One to NOTIFY
                // speaks of the subscription (RFC 5057 §5.1).
                if response.is_some()
                    && status == NO_SUCH_CALL
                    && sent.method != Method::Notify
                    && matches!(self.stage, Stage::Established)
                {
                    self.vanish(now, tx);
                }
            }
        }
    }
}

/// The end.
impl Session {
    /// Sends BYE and waits for its response.
    pub(super) fn send_bye(&mut self, now: Time, tx: &mut Transactions, headers: Vec<Header>) {
        self.leave(now, tx);
        self.stage = Stage::Left;
        if self
            .send_request(now, tx, Method::Bye, Purpose::Bye, headers, None)
            .is_none()
        {
            self.finish(now, tx, Ended::Finished);
        }
    }

    /// The peer is gone: it gets a BYE for politeness, but nobody waits for the response.
    pub(super) fn vanish(&mut self, now: Time, tx: &mut Transactions) {
        if matches!(self.stage, Stage::Over) {
            return;
        }
        self.leave(now, tx);
        self.bye_for_nobody(now, tx);
        self.finish(now, tx, Ended::Vanished);
    }

    pub(super) fn bye_for_nobody(&mut self, now: Time, tx: &mut Transactions) {
        let Some(branch) = self.branches.last_mut() else {
            return;
        };
        let via = tx.via(self.flow.transport, &self.local.sent_by);
        let bye = branch.dialog.request(Method::Bye, &via).finish();
        tx.request_for_nobody(now, self.flow, &bye);
    }

    /// Lets go of everything that is under way, as the call ends.
    fn leave(&mut self, now: Time, tx: &mut Transactions) {
        self.refuse_pending(now, tx, REQUEST_TERMINATED, &[]);
        if let Some(cseq) = self.ack_due.take() {
            self.ack(tx, cseq, None);
        }
        for sent in std::mem::take(&mut self.sent) {
            if sent.purpose == Purpose::Offer {
                tx.cancel(now, sent.client, Vec::new());
            }
        }
        self.prack_due = None;
        self.unacked = None;
        self.wanted = None;
        self.held_back = None;
        self.refresh.stop();
    }

    pub(super) fn finish(&mut self, now: Time, tx: &mut Transactions, ended: Ended) {
        if matches!(self.stage, Stage::Over) {
            return;
        }
        self.close(now, tx);
        self.events.push_back(Event::Ended(ended));
    }

    /// The session is over.
    pub(super) fn close(&mut self, now: Time, tx: &mut Transactions) {
        self.leave(now, tx);
        self.stage = Stage::Over;
    }
}

/// How requests of ours are sent.
impl Session {
    /// Sends a request in the dialog that counts.
    pub(super) fn send_request(
        &mut self,
        now: Time,
        tx: &mut Transactions,
        method: Method,
        purpose: Purpose,
        headers: Vec<Header>,
        body: Option<Body>,
    ) -> Option<ClientId> {
        let tag = self.branches.last()?.dialog.remote_tag.clone();
        self.send_in(now, tx, &tag, method, purpose, headers, body)
    }

    /// Sends a request in the dialog whose peer has this tag. `None` when there is none, or no room.
    #[expect(clippy::too_many_arguments, reason = "they are the request")]
    pub(super) fn send_in(
        &mut self,
        now: Time,
        tx: &mut Transactions,
        tag: &str,
        method: Method,
        purpose: Purpose,
        headers: Vec<Header>,
        body: Option<Body>,
    ) -> Option<ClientId> {
        if self.sent.len() >= SENT_MAX {
            return None;
        }
        let refreshes = matches!(purpose, Purpose::Offer | Purpose::Refresh);
        let via = tx.via(self.flow.transport, &self.local.sent_by);
        let branch = self
            .branches
            .iter_mut()
            .find(|branch| branch.dialog.remote_tag == tag)?;
        let request = branch.dialog.request(method.clone(), &via);
        let cseq = branch.dialog.local_cseq;
        let request = if refreshes {
            self.target_headers(request)
        } else {
            request.header(Name::UserAgent, &self.local.product)
        };
        let request = request_with_body(request.headers(&headers), body.as_ref()).finish();
        let client = tx.request(now, self.flow, &request, self.owner).ok()?;
        self.sent.push(Sent {
            client,
            cseq,
            purpose,
            method,
            tag: tag.to_owned(),
            headers,
            body,
            challenged: None,
        });
        Some(client)
    }

    fn take_sent(&mut self, client: ClientId) -> Option<Sent> {
        let index = self.sent.iter().position(|sent| sent.client == client)?;
        Some(self.sent.remove(index))
    }

    /// Answers a request with nothing but a status.
    pub(super) fn answer_plainly(
        &self,
        now: Time,
        tx: &mut Transactions,
        server: ServerId,
        request: &Request,
        status: u16,
    ) {
        tx.respond(now, server, &self.response(request, status).finish());
    }

    /// Takes a target refresh: Contact, Allow, and who the peer says it is.
    pub(super) fn refresh_target(&mut self, message: &Fields) {
        self.learn(message);
        if let Some(branch) = self.branches.last_mut() {
            branch.dialog.refresh_target(message);
        }
    }
}

impl Sent {
    pub(super) fn deadline(&self) -> Option<Time> {
        self.challenged.as_ref().map(|challenged| challenged.until)
    }
}

pub(super) fn request_with_body(request: RequestBuilder, body: Option<&Body>) -> RequestBuilder {
    match body {
        Some(body) => request.body(&body.content_type, body.bytes.clone()),
        None => request,
    }
}

pub(super) fn response_with_body<'a>(
    response: ResponseBuilder<'a>,
    body: Option<&Body>,
) -> ResponseBuilder<'a> {
    match body {
        Some(body) => response.body(&body.content_type, body.bytes.clone()),
        None => response,
    }
}

/// What silence counts as (RFC 3261 §8.1.3.1).
pub(super) const TIMED_OUT: u16 = 408;
/// What a transport that fails counts as (RFC 3261 §8.1.3.1), and what is said when there is no room.
pub(super) const UNAVAILABLE: u16 = 503;
/// No one can be reached at the moment.
const UNAVAILABLE_FOR_NOW: u16 = 480;
/// There is no such dialog.
pub(super) const NO_SUCH_CALL: u16 = 481;
/// A request that waited is not answered any longer.
pub(super) const REQUEST_TERMINATED: u16 = 487;
/// No description of the media came, or none that fits.
pub(super) const NOT_ACCEPTABLE: u16 = 488;
/// A response made no sense.
pub(super) const NOT_UNDERSTOOD: u16 = 500;

/// Requests of ours that may wait for their responses at once.
const SENT_MAX: usize = 32;

/// When a request that found no room may come again, in seconds.
const FULL_RETRY_AFTER_S: u32 = 5;
