//! We call: forks and their early dialogs, PRACK, CANCEL, the final response (RFC 3261 §13.2, RFC 3262).

use super::offers::{Exchange, Pending, Place};
use super::requests::{
    NOT_ACCEPTABLE, NOT_UNDERSTOOD, Purpose, REQUEST_TERMINATED, UNAVAILABLE, request_with_body,
};
use super::{Acked, Body, Branch, Ended, Event, Failure, Local, Session, Side, Stage};
use crate::dialog::{Dialog, MAX_FORWARDS};
use crate::message::{Header, Method, Name, Request, Response};
use crate::transaction::{ClientId, Full, Owner, TRIED_FOR, Transactions};
use crate::{Flow, Time};

/// A call to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invite {
    /// The Request-URI.
    pub uri: String,
    /// The value of From, without a tag.
    pub from: String,
    /// The value of To.
    pub to: String,
    /// Values of Route, if the call has to pass proxies.
    pub routes: Vec<String>,
    /// Further headers. Those that belong to the session (Contact, Allow, Supported, Session-Expires …)
    /// are added by it.
    pub headers: Vec<Header>,
    /// Our offer. Without one the peer is asked for its offer.
    pub offer: Option<Body>,
}

impl Invite {
    /// What every branch begins with.
    const fn exchange(&self) -> Exchange {
        match self.offer {
            Some(_) => Exchange::Ours(Place::Invite),
            None => Exchange::TheirsDue,
        }
    }
}

/// An INVITE of ours without a final response.
#[derive(Debug)]
pub(super) struct Inviting {
    invite: Invite,
    cseq: u32,
    step: Step,
    /// Set once the call is not wanted any longer: the headers of CANCEL and of the BYE that follows a
    /// 2xx that crossed it.
    given_up: Option<Vec<Header>>,
}

#[derive(Debug)]
enum Step {
    /// Under way.
    Sent(ClientId),
    /// Refused for want of credentials, which the owner is asked for.
    Challenged {
        client: ClientId,
        response: Response,
        until: Time,
    },
}

impl Inviting {
    pub(super) const fn deadline(&self) -> Option<Time> {
        match &self.step {
            Step::Sent(_) => None,
            Step::Challenged { until, .. } => Some(*until),
        }
    }

    pub(super) fn is(&self, id: ClientId) -> bool {
        matches!(self.step, Step::Sent(client) if client == id)
    }
}

impl Session {
    /// Makes a call.
    ///
    /// # Errors
    /// When there is no room for its transaction.
    pub fn outgoing(
        now: Time,
        tx: &mut Transactions,
        owner: Owner,
        flow: Flow,
        invite: Invite,
        local: Local,
    ) -> Result<Self, Full> {
        let (call_id, tag) = (tx.ids().call_id(), tx.ids().tag());
        let mut session = Self::new(owner, flow, local, Side::Caller, call_id, tag);
        let client = session.send_invite(now, tx, &invite, FIRST_CSEQ)?;
        session.stage = Stage::Inviting(Box::new(Inviting {
            invite,
            cseq: FIRST_CSEQ,
            step: Step::Sent(client),
            given_up: None,
        }));
        Ok(session)
    }

    /// Gives up a call that is not answered, with further headers (Reason). A 2xx that crosses the CANCEL
    /// is acknowledged and ended. A call that is answered by now ends with a BYE.
    pub fn cancel(&mut self, now: Time, tx: &mut Transactions, headers: Vec<Header>) {
        let Stage::Inviting(inviting) = &mut self.stage else {
            return self.bye(now, tx, headers);
        };
        if inviting.given_up.is_some() {
            return;
        }
        inviting.given_up = Some(headers.clone());
        match inviting.step {
            Step::Sent(client) => tx.cancel(now, client, headers),
            Step::Challenged { .. } => self.finish(now, tx, Ended::Finished),
        }
    }

    fn send_invite(
        &self,
        now: Time,
        tx: &mut Transactions,
        invite: &Invite,
        cseq: u32,
    ) -> Result<ClientId, Full> {
        let via = tx.via(self.flow.transport, &self.local.sent_by);
        let mut request = Request::build(Method::Invite, &invite.uri)
            .header(Name::Via, via)
            .header(Name::MaxForwards, MAX_FORWARDS)
            .header(
                Name::From,
                format_args!("{};tag={}", invite.from, self.local_tag),
            )
            .header(Name::To, &invite.to)
            .header(Name::CallId, &self.call_id)
            .header(Name::CSeq, format_args!("{cseq} INVITE"));
        for route in &invite.routes {
            request = request.header(Name::Route, route);
        }
        let request = self.target_headers(request).headers(&invite.headers);
        let request = request_with_body(request, invite.offer.as_ref()).finish();
        tx.request(now, self.flow, &request, self.owner)
    }

    /// Sends the INVITE once more, as a new request of the same call.
    fn invite_again(&mut self, now: Time, tx: &mut Transactions) {
        let Stage::Inviting(inviting) = &self.stage else {
            return;
        };
        let cseq = inviting.cseq.saturating_add(1);
        let sent = self.send_invite(now, tx, &inviting.invite, cseq);
        let Stage::Inviting(inviting) = &mut self.stage else {
            return;
        };
        inviting.cseq = cseq;
        match sent {
            Ok(client) => inviting.step = Step::Sent(client),
            Err(_) => self.fail(now, tx, UNAVAILABLE, None),
        }
    }
}

/// What becomes of our INVITE.
impl Session {
    pub(super) fn receive_invite_response(
        &mut self,
        now: Time,
        tx: &mut Transactions,
        response: Response,
    ) {
        let Stage::Inviting(inviting) = &mut self.stage else {
            return;
        };
        match response.status() {
            ..=100 => {}
            101..200 => self.receive_provisional(now, tx, response),
            200..300 => self.receive_success(now, tx, response),
            _ if inviting.given_up.is_some() => self.finish(now, tx, Ended::Finished),
            401 | 407 => {
                let Step::Sent(client) = inviting.step else {
                    return;
                };
                inviting.step = Step::Challenged {
                    client,
                    response: response.clone(),
                    until: now + TRIED_FOR,
                };
                self.branches.clear();
                self.events.push_back(Event::Challenged {
                    request: client,
                    response,
                });
            }
            422 if self.refresh.raise(&response) => {
                self.branches.clear();
                self.invite_again(now, tx);
            }
            status => self.fail(now, tx, status, Some(response)),
        }
    }

    /// No response came to our INVITE, or it could not be sent.
    pub(super) fn receive_invite_silence(&mut self, now: Time, tx: &mut Transactions, status: u16) {
        match &self.stage {
            Stage::Inviting(inviting) if inviting.given_up.is_some() => {
                self.finish(now, tx, Ended::Finished)
            }
            Stage::Inviting(_) => self.fail(now, tx, status, None),
            Stage::Invited(_)
            | Stage::Established
            | Stage::Leaving(_)
            | Stage::Left
            | Stage::Over => {}
        }
    }

    /// Our INVITE, if it is the request that was challenged.
    pub(super) fn challenged_invite(&self, request: ClientId) -> Option<Request> {
        let Stage::Inviting(inviting) = &self.stage else {
            return None;
        };
        let Step::Challenged { client, .. } = &inviting.step else {
            return None;
        };
        let invite = &inviting.invite;
        (*client == request).then(|| {
            let request = Request::build(Method::Invite, &invite.uri).headers(&invite.headers);
            request_with_body(request, invite.offer.as_ref()).finish()
        })
    }

    /// The owner answers a challenge of the INVITE: with credentials, or by giving up.
    pub(super) fn authorize_invite(
        &mut self,
        now: Time,
        tx: &mut Transactions,
        request: ClientId,
        credentials: Option<Vec<Header>>,
    ) {
        let Stage::Inviting(inviting) = &mut self.stage else {
            return;
        };
        let Step::Challenged {
            client, response, ..
        } = &inviting.step
        else {
            return;
        };
        if *client != request {
            return;
        }
        match credentials {
            Some(credentials) => {
                replace_headers(&mut inviting.invite.headers, credentials);
                self.invite_again(now, tx);
            }
            None => {
                let response = response.clone();
                self.fail(now, tx, response.status(), Some(response));
            }
        }
    }

    pub(super) fn invite_challenge_timeout(&mut self, now: Time, tx: &mut Transactions) {
        let Stage::Inviting(inviting) = &self.stage else {
            return;
        };
        let Step::Challenged {
            response, until, ..
        } = &inviting.step
        else {
            return;
        };
        if *until <= now {
            let response = response.clone();
            self.fail(now, tx, response.status(), Some(response));
        }
    }

    fn fail(&mut self, now: Time, tx: &mut Transactions, status: u16, response: Option<Response>) {
        self.close(now, tx);
        self.events
            .push_back(Event::Failed(Failure { status, response }));
    }

    fn receive_provisional(&mut self, now: Time, tx: &mut Transactions, response: Response) {
        self.learn(&response);
        let Stage::Inviting(inviting) = &self.stage else {
            return;
        };
        let (cseq, given_up) = (inviting.cseq, inviting.given_up.is_some());
        let body = Body::of_response(&response);
        let rseq = response
            .rseq()
            .filter(|_| response.lists(Name::Require, "100rel"));
        if let Some(branch) = self.branch_of(&response) {
            if let Some(rseq) = rseq {
                // One that is repeated or out of order is not acknowledged (RFC 3262 §4).
                if branch
                    .rseq
                    .is_some_and(|before| rseq != before.saturating_add(1))
                {
                    return;
                }
                branch.rseq = Some(rseq);
            }
            let heard = branch.hear(body, rseq);
            let tag = branch.dialog.remote_tag.clone();
            if let Some(rseq) = rseq
                && !matches!(heard, Some(Description::Offer(_)))
            {
                self.prack(now, tx, &tag, Rack { rseq, cseq }, None);
            }
            if given_up {
                return;
            }
            self.report_progress(response);
            match heard {
                Some(Description::Answer(answer)) => {
                    self.events.push_back(Event::EarlyAnswer(answer))
                }
                Some(Description::Offer(offer)) => {
                    if let Some(rseq) = rseq {
                        self.prack_due = Some((tag, Rack { rseq, cseq }));
                    }
                    self.events.push_back(Event::Offered(offer));
                }
                None => {}
            }
        } else if !given_up {
            self.report_progress(response);
        }
    }

    fn report_progress(&mut self, response: Response) {
        self.events.push_back(match response.status() {
            180 => Event::Ringing,
            _ => Event::Progress(response),
        });
    }

    /// The branch that a response belongs to, made by it if it is the first, and moved to the end. `None`
    /// for a response that makes no dialog and for more branches than anybody needs.
    fn branch_of(&mut self, response: &Response) -> Option<&mut Branch> {
        let Stage::Inviting(inviting) = &self.stage else {
            return None;
        };
        let tag = response.to().ok()?.tag()?.to_owned();
        let known = self
            .branches
            .iter()
            .position(|branch| branch.dialog.remote_tag == tag);
        match known {
            Some(index) => {
                let branch = self.branches.remove(index);
                self.branches.push(branch);
            }
            None if self.branches.len() >= FORKS_MAX => return None,
            None => {
                let dialog = Dialog::uac(&inviting.invite.uri, response).ok()?;
                let branch = Branch::new(dialog, inviting.invite.exchange());
                self.branches.push(branch);
            }
        }
        self.branches.last_mut()
    }

    /// Acknowledges a reliable provisional response, with our answer if it brought an offer.
    pub(super) fn prack(
        &mut self,
        now: Time,
        tx: &mut Transactions,
        tag: &str,
        rack: Rack,
        answer: Option<Body>,
    ) {
        let header = Header::new(
            Name::RAck,
            format_args!("{} {} INVITE", rack.rseq, rack.cseq),
        );
        self.send_in(
            now,
            tx,
            tag,
            Method::Prack,
            Purpose::Prack,
            vec![header],
            answer,
        );
    }

    fn receive_success(&mut self, now: Time, tx: &mut Transactions, response: Response) {
        self.learn(&response);
        let Some(mut branch) = self.winner(&response) else {
            return self.fail(now, tx, NOT_UNDERSTOOD, Some(response));
        };
        branch.dialog.confirm(&response);
        let early = branch.answer.take();
        let (exchange, tag) = (branch.exchange, branch.dialog.remote_tag.clone());
        self.let_go_of_losers(now, tx, &tag);
        self.branches = vec![branch];
        let Stage::Inviting(inviting) = std::mem::replace(&mut self.stage, Stage::Established)
        else {
            return;
        };
        let cseq = inviting.cseq;
        if let Some(headers) = inviting.given_up {
            self.ack(tx, cseq, None);
            return self.send_bye(now, tx, headers);
        }
        self.refresh.agreed(now, &response);
        match (exchange, Body::of_response(&response)) {
            (Exchange::Ours(Place::Invite), body) => match body.or(early) {
                Some(answer) => {
                    self.settle();
                    self.ack(tx, cseq, None);
                    self.events.push_back(Event::Answer(answer));
                    self.events.push_back(Event::Answered(response));
                }
                None => self.fail_without_media(now, tx, cseq, response),
            },
            (Exchange::TheirsDue, Some(offer)) => {
                self.set_exchange(Exchange::Theirs(Place::Success));
                self.ack_due = Some(cseq);
                self.events.push_back(Event::Answered(response));
                self.events.push_back(Event::Offered(offer));
            }
            (Exchange::TheirsDue, None) => self.fail_without_media(now, tx, cseq, response),
            // It was settled in the early dialog, or an UPDATE is under way there; a body says nothing new.
            (
                Exchange::Settled | Exchange::OursDue | Exchange::Ours(_) | Exchange::Theirs(_),
                _,
            ) => {
                self.ack(tx, cseq, None);
                self.events.extend(early.map(Event::Answer));
                self.events.push_back(Event::Answered(response));
            }
        }
    }

    /// The branch that a 2xx answers.
    fn winner(&mut self, response: &Response) -> Option<Branch> {
        if self.branch_of(response).is_some() {
            return self.branches.pop();
        }
        // Without a tag (RFC 2543), or of a branch too many.
        let Stage::Inviting(inviting) = &self.stage else {
            return None;
        };
        let dialog = Dialog::uac(&inviting.invite.uri, response).ok()?;
        Some(Branch::new(dialog, inviting.invite.exchange()))
    }

    /// Whatever waits for the owner in a branch that did not win will not be answered.
    fn let_go_of_losers(&mut self, now: Time, tx: &mut Transactions, winner: &str) {
        self.prack_due.take_if(|(tag, _)| tag != winner);
        let lost = |pending: &mut Pending| {
            let from = pending.request.from();
            from.is_ok_and(|from| from.tag().unwrap_or_default() != winner)
        };
        if let Some(pending) = self.pending.take_if(lost) {
            self.answer_plainly(
                now,
                tx,
                pending.server,
                &pending.request,
                REQUEST_TERMINATED,
            );
        }
    }

    /// A call about whose media nothing is known is none.
    fn fail_without_media(
        &mut self,
        now: Time,
        tx: &mut Transactions,
        cseq: u32,
        response: Response,
    ) {
        self.ack(tx, cseq, None);
        self.bye_for_nobody(now, tx);
        self.fail(now, tx, NOT_ACCEPTABLE, Some(response));
    }

    /// Acknowledges a 2xx and keeps the ACK for when it is repeated.
    pub(super) fn ack(&mut self, tx: &mut Transactions, cseq: u32, answer: Option<Body>) {
        let Some(branch) = self.branches.last() else {
            return;
        };
        let via = tx.via(self.flow.transport, &self.local.sent_by);
        let ack = request_with_body(branch.dialog.ack(&via, cseq), answer.as_ref()).finish();
        tx.send(self.flow, ack.bytes().to_vec());
        self.acked = Some(Acked {
            cseq,
            bytes: ack.bytes().to_vec(),
        });
    }

    /// A 2xx came after its INVITE was answered: the same one again, whose ACK was lost, or one of another
    /// branch, which is a call that nobody wants (RFC 3261 §13.2.2.4).
    pub(super) fn receive_stray(&mut self, now: Time, tx: &mut Transactions, response: &Response) {
        let (Ok(cseq), Ok(to), Some(branch)) =
            (response.cseq(), response.to(), self.branches.last())
        else {
            return;
        };
        if to.tag().unwrap_or_default() != branch.dialog.remote_tag {
            return dismiss(now, tx, self.flow, &self.local, response);
        }
        let again = self
            .acked
            .as_ref()
            .filter(|acked| acked.cseq == cseq.number);
        match again {
            Some(acked) => tx.send(self.flow, acked.bytes.clone()),
            // A re-INVITE that our BYE overtook.
            None if matches!(self.stage, Stage::Left | Stage::Over) => {
                self.ack(tx, cseq.number, None);
            }
            // The ACK waits for our answer.
            None => {}
        }
    }
}

/// Ends a call that nobody wants: a 2xx of a branch that came too late, or whose session is over. It is
/// acknowledged, and BYE follows.
pub fn dismiss(now: Time, tx: &mut Transactions, flow: Flow, local: &Local, response: &Response) {
    let (Ok(mut dialog), Ok(cseq)) = (Dialog::uac("", response), response.cseq()) else {
        return;
    };
    if dialog.remote_target.is_empty() {
        return;
    }
    let via = tx.via(flow.transport, &local.sent_by);
    let ack = dialog.ack(&via, cseq.number).finish();
    tx.send(flow, ack.bytes().to_vec());
    let via = tx.via(flow.transport, &local.sent_by);
    let bye = dialog.request(Method::Bye, &via).finish();
    tx.request_for_nobody(now, flow, &bye);
}

/// What a body in a response to our INVITE is.
enum Description {
    Answer(Body),
    Offer(Body),
}

impl Branch {
    pub(super) const fn new(dialog: Dialog, exchange: Exchange) -> Self {
        Self {
            dialog,
            exchange,
            rseq: None,
            answer: None,
        }
    }

    /// Takes the body of a provisional response. An answer in an unreliable one is a preview: it counts,
    /// but the final one is still to come (RFC 6337 §3.1.1). An offer can only come reliably.
    fn hear(&mut self, body: Option<Body>, rseq: Option<u32>) -> Option<Description> {
        let body = body?;
        match self.exchange {
            Exchange::Ours(Place::Invite) => {
                if rseq.is_some() {
                    self.exchange = Exchange::Settled;
                }
                if self.answer.as_ref() == Some(&body) {
                    return None;
                }
                self.answer = Some(body.clone());
                Some(Description::Answer(body))
            }
            Exchange::TheirsDue => {
                rseq?;
                self.exchange = Exchange::Theirs(Place::Reliable);
                Some(Description::Offer(body))
            }
            Exchange::Settled | Exchange::OursDue | Exchange::Ours(_) | Exchange::Theirs(_) => None,
        }
    }
}

/// The response that a PRACK is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rack {
    pub(super) rseq: u32,
    pub(super) cseq: u32,
}

/// Puts headers in place of those of the same name.
pub(super) fn replace_headers(headers: &mut Vec<Header>, new: Vec<Header>) {
    headers.retain(|header| !new.iter().any(|new| new.name == header.name));
    headers.extend(new);
}

/// Branches that one INVITE of ours may be forked to.
const FORKS_MAX: usize = 16;

const FIRST_CSEQ: u32 = 1;
