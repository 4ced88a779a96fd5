//! Sessions: one call between us and one peer, from the INVITE to the BYE (RFC 3261 §13-§15).
//!
//! A [`Session`] is the INVITE usage as seen from our end, in either direction. Its owner commands it
//! (ring, accept, offer, bye …), passes it what arrives for it, and drains [`Session::poll`] after every
//! call. It sends through the [`Transactions`] that every call is given.
//!
//! Bodies are opaque: the session knows which one is an offer and which an answer, in whatever message
//! they travel (INVITE, reliable 18x, PRACK, 2xx, ACK, UPDATE, re-INVITE; RFC 3264, RFC 6337), and keeps
//! the order of offers and answers. What is in them is the owner's.
//!
//! - `invited`: the peer calls us; 100rel, CANCEL, 2xx until its ACK.
//! - `inviting`: we call; forks, PRACK, CANCEL that waits, 2xx that crosses it.
//! - `offers`: re-INVITE and UPDATE in both directions, glare.
//! - `refresh`: session timers (RFC 4028).
//! - `requests`: everything else within the dialog, and the end.

mod event;
mod invited;
mod inviting;
mod offers;
mod refresh;
mod requests;

pub use event::{Body, Busy, Ended, Event, Failure, HungUp, Wanted};
pub use inviting::{Invite, dismiss};

use crate::dialog::Dialog;
use crate::message::{Fields, Header, Name, Request, RequestBuilder, Response, ResponseBuilder};
use crate::transaction::{Arrived, Output, Owner, Transactions};
use crate::{Flow, Time};
use invited::{Invited, Unacked};
use inviting::{Inviting, Rack};
use offers::{Exchange, Pending};
use refresh::Refresh;
use requests::{Sent, TIMED_OUT, UNAVAILABLE};
use std::collections::VecDeque;

/// What a session says about our end in its requests and responses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Local {
    /// For Via: our `host` or `host:port`.
    pub sent_by: String,
    /// The whole value of Contact.
    pub contact: String,
    /// The value of User-Agent and Server.
    pub product: String,
    /// The methods that are taken within the call, for Allow.
    pub allow: &'static str,
}

/// The option tags that sessions support (RFC 3262, RFC 4028), for 420. Of `replaces` and `norefersub` (RFC 3891,
/// RFC 4488), which Supported names too, the owner does all there is to do.
pub const OPTION_TAGS: &[&str] = &["100rel", "timer", "replaces", "norefersub"];

/// One call between us and one peer.
#[derive(Debug)]
pub struct Session {
    owner: Owner,
    flow: Flow,
    local: Local,
    call_id: String,
    local_tag: String,
    side: Side,
    stage: Stage,
    /// What the other end may do: told by its last Allow.
    peer: Peer,
    /// The dialogs: one, or while our INVITE is unanswered as many as it was forked to.
    branches: Vec<Branch>,
    /// Headers about our party that go with every response and target refresh (P-Asserted-Identity …).
    identity: Vec<Header>,
    /// Requests of ours within the dialog that wait for their response.
    sent: Vec<Sent>,
    /// A re-INVITE or UPDATE of the peer's that the owner has to answer.
    pending: Option<Pending>,
    /// Our 2xx until its ACK comes.
    unacked: Option<Unacked>,
    /// Our last ACK of a 2xx, for 2xx that are repeated.
    acked: Option<Acked>,
    /// The reliable provisional response whose PRACK waits for our answer, and the peer's tag in it.
    prack_due: Option<(String, Rack)>,
    /// The INVITE of ours whose ACK waits for our answer.
    ack_due: Option<u32>,
    /// An offer that has to wait.
    wanted: Option<Wanted>,
    /// Until when an offer that met one of the peer's is held back (RFC 3261 §14.1).
    held_back: Option<Time>,
    refresh: Refresh,
    events: VecDeque<Event>,
}

/// Who called. It decides who waits longer after both offered at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    /// We did: the Call-ID is ours.
    Caller,
    /// The peer did.
    Callee,
}

/// How far the call is.
#[derive(Debug)]
enum Stage {
    /// The peer called and has no final response.
    Invited(Box<Invited>),
    /// We called and got no final response.
    Inviting(Box<Inviting>),
    /// Answered.
    Established,
    /// It is to end as soon as our 2xx is acknowledged (RFC 3261 §15).
    Leaving(Vec<Header>),
    /// Our BYE waits for its response.
    Left,
    /// Nothing is left to do.
    Over,
}

/// What the peer may do.
#[derive(Clone, Copy, Debug, Default)]
struct Peer {
    update: Capability,
    info: Capability,
}

/// Whether the peer says that it can do something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Capability {
    #[default]
    Unknown,
    Present,
}

/// One dialog of the session and what was said in it.
#[derive(Debug)]
struct Branch {
    dialog: Dialog,
    exchange: Exchange,
    /// The number of the last reliable provisional response (RFC 3262).
    rseq: Option<u32>,
    /// The answer that a provisional response brought.
    answer: Option<Body>,
}

/// The ACK of the last 2xx.
#[derive(Debug)]
struct Acked {
    cseq: u32,
    bytes: Vec<u8>,
}

/// What arrives and what is due.
impl Session {
    /// Takes a message that belongs to this session: a request whose To has our tag, or what
    /// [`Transactions::receive`] says is its owner's.
    pub fn receive(&mut self, now: Time, tx: &mut Transactions, flow: Flow, arrived: Arrived) {
        match arrived {
            Arrived::Request(request) => self.receive_request(now, tx, flow, request),
            Arrived::Ack(ack) => self.receive_ack(now, tx, &ack),
            Arrived::Cancel { invite, cancel, .. } => self.receive_cancel(now, tx, invite, &cancel),
            Arrived::Response {
                client, response, ..
            } => {
                self.receive_response(now, tx, client, response);
            }
            Arrived::StrayResponse(response) => self.receive_stray(now, tx, &response),
        }
        self.go_on(now, tx);
    }

    /// Takes what [`Transactions::poll`] says of a transaction of this session.
    pub fn notice(&mut self, now: Time, tx: &mut Transactions, output: &Output) {
        match *output {
            Output::TimedOut(client, _) => self.receive_silence(now, tx, client, TIMED_OUT),
            Output::Failed(client, _) => self.receive_silence(now, tx, client, UNAVAILABLE),
            Output::Send { .. } | Output::NoAck(..) => {}
        }
        self.go_on(now, tx);
    }

    /// When [`Session::timeout`] wants to be called.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Time> {
        let invited = match &self.stage {
            Stage::Invited(invited) => invited.deadline(),
            Stage::Inviting(inviting) => inviting.deadline(),
            Stage::Over | Stage::Established | Stage::Leaving(_) | Stage::Left => None,
        };
        let challenged = self.sent.iter().filter_map(Sent::deadline).min();
        [
            invited,
            challenged,
            self.unacked.as_ref().map(Unacked::deadline),
            self.held_back,
            self.refresh.deadline(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Does everything that is due by `now`.
    pub fn timeout(&mut self, now: Time, tx: &mut Transactions) {
        self.reliable_timeout(now, tx);
        self.unacked_timeout(now, tx);
        self.challenge_timeout(now, tx);
        if self.held_back.is_some_and(|at| at <= now) {
            self.held_back = None;
        }
        self.refresh_timeout(now, tx);
        self.go_on(now, tx);
    }

    /// The next event.
    pub fn poll(&mut self) -> Option<Event> {
        self.events.pop_front()
    }
}

/// What can be asked of it.
impl Session {
    /// Our tag: the tag of To in the peer's requests, of From in responses to ours.
    #[must_use]
    pub fn local_tag(&self) -> &str {
        &self.local_tag
    }

    /// The Call-ID.
    #[must_use]
    pub fn call_id(&self) -> &str {
        &self.call_id
    }

    /// The dialog, once there is one; while our INVITE is unanswered the one heard of last.
    #[must_use]
    pub fn dialog(&self) -> Option<&Dialog> {
        self.branches.last().map(|branch| &branch.dialog)
    }

    /// The whole value of Contact that we give.
    #[must_use]
    pub fn contact(&self) -> &str {
        &self.local.contact
    }

    /// Whether the peer says that it takes INFO.
    #[must_use]
    pub fn takes_info(&self) -> bool {
        self.peer.info == Capability::Present
    }

    /// The way that our requests take.
    #[must_use]
    pub const fn flow(&self) -> Flow {
        self.flow
    }

    /// Sends over another way from here on: the peer came back on a new connection.
    pub const fn reroute(&mut self, flow: Flow) {
        self.flow = flow;
    }

    /// Whether the session is over and can be dropped. What may still arrive for it is dealt with by
    /// [`Transactions`] and [`dismiss`].
    #[must_use]
    pub const fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Over)
    }
}

/// What the parts share.
impl Session {
    fn new(
        owner: Owner,
        flow: Flow,
        local: Local,
        side: Side,
        call_id: String,
        local_tag: String,
    ) -> Self {
        Self {
            owner,
            flow,
            local,
            call_id,
            local_tag,
            side,
            stage: Stage::Over,
            peer: Peer::default(),
            branches: Vec::new(),
            identity: Vec::new(),
            sent: Vec::new(),
            pending: None,
            unacked: None,
            acked: None,
            prack_due: None,
            ack_due: None,
            wanted: None,
            held_back: None,
            refresh: Refresh::new(),
            events: VecDeque::new(),
        }
    }

    /// What is possible after anything happened.
    fn go_on(&mut self, now: Time, tx: &mut Transactions) {
        self.accept_when_possible(now, tx);
        self.offer_when_possible();
    }

    /// Where the dialog that counts stands between offer and answer.
    fn exchange(&self) -> Option<Exchange> {
        self.branches.last().map(|branch| branch.exchange)
    }

    fn set_exchange(&mut self, exchange: Exchange) {
        if let Some(branch) = self.branches.last_mut() {
            branch.exchange = exchange;
        }
    }

    fn settle(&mut self) {
        self.set_exchange(Exchange::Settled);
    }

    /// The branch that a request of the peer's belongs to, made the one that counts.
    fn branch_with(&mut self, request: &Request) -> Option<&mut Branch> {
        let from = request.from().ok()?;
        let tag = from.tag().unwrap_or_default();
        let index = self
            .branches
            .iter()
            .position(|branch| branch.dialog.remote_tag == tag)?;
        let branch = self.branches.remove(index);
        self.branches.push(branch);
        self.branches.last_mut()
    }

    /// Notes what the peer says that it can do.
    fn learn(&mut self, message: &Fields) {
        if message.header(Name::Allow).is_some() {
            let says = |method| {
                if message.lists(Name::Allow, method) {
                    Capability::Present
                } else {
                    Capability::Unknown
                }
            };
            self.peer = Peer {
                update: says("UPDATE"),
                info: says("INFO"),
            };
        }
    }

    /// A response in the dialog.
    fn response<'a>(&self, request: &'a Request, status: u16) -> ResponseBuilder<'a> {
        Response::to(request, status)
            .to_tag(&self.local_tag)
            .header(Name::Server, &self.local.product)
    }

    /// A response that makes or refreshes the dialog.
    fn target_response<'a>(&self, request: &'a Request, status: u16) -> ResponseBuilder<'a> {
        self.response(request, status)
            .record_route()
            .header(Name::Contact, &self.local.contact)
            .header(Name::Allow, self.local.allow)
            .header(Name::Supported, SUPPORTED)
            .headers(&self.identity)
    }

    /// Adds what a request says that makes or refreshes the dialog.
    fn target_headers(&self, request: RequestBuilder) -> RequestBuilder {
        request
            .header(Name::Contact, &self.local.contact)
            .header(Name::Allow, self.local.allow)
            .header(Name::Supported, SUPPORTED)
            .header(Name::UserAgent, &self.local.product)
            .headers(&self.refresh.ask())
            .headers(&self.identity)
    }
}

/// The value of Supported.
const SUPPORTED: &str = "100rel, timer, replaces, norefersub";
