//! Transactions: requests that reach their answer over a network that loses, repeats and reorders
//! (RFC 3261 §17, RFC 6026).
//!
//! [`Transactions`] holds all of them. It is told what arrives and when, and says what is to be sent and
//! reported; it reads no clock and opens no socket. After every call [`Transactions::poll`] is drained.
//!
//! A request that arrives is no transaction yet: whoever is at the door looks at it first and either
//! replies without remembering anything ([`Transactions::reply`]) or lets it in ([`Transactions::accept`]).

mod client;
mod key;
mod route;
mod server;
mod table;
mod timing;

pub use route::reply_flow;
pub(crate) use timing::Repeat;
pub use timing::{T1, T2, T4, TRIED_FOR};

use crate::message::{Header, Message, Method, Request, Response};
use crate::{Flow, Ids, Time, Transport};
use client::{Client, Heard};
use key::Key;
use server::{Acked, Begin, Cancelled, Server};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::IpAddr;
use table::{Entry as _, Table};

/// Names a server transaction: a request that arrived and was let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerId(u64);

/// Names a client transaction: a request of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(u64);

/// Whose transaction it is. The owner chooses the number (a leg's, say) and gets it back with everything
/// that concerns its transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner(pub u64);

/// What a message turned out to be.
#[derive(Debug)]
pub enum Arrived {
    /// A new request, with `received` and `rport` filled in. It is no transaction until it is accepted.
    Request(Request),
    /// The ACK of a 2xx. Its dialog is found by the tag of To.
    Ack(Request),
    /// An INVITE without a final response is cancelled. The CANCEL itself is answered already.
    Cancel {
        /// The INVITE's transaction.
        invite: ServerId,
        /// The INVITE's owner.
        owner: Owner,
        /// The CANCEL, for its Reason.
        cancel: Request,
    },
    /// A response to a request of ours, provisional or final; a 2xx to an INVITE as often as it comes.
    Response {
        /// The request's transaction.
        client: ClientId,
        /// The request's owner.
        owner: Owner,
        /// What came.
        response: Response,
    },
    /// A 2xx to an INVITE whose transaction is over. Somebody may still have to acknowledge it.
    StrayResponse(Response),
}

/// What is to be done, in order.
#[derive(Debug, PartialEq, Eq)]
pub enum Output {
    /// A message is sent.
    Send {
        /// Which way.
        flow: Flow,
        /// The whole message.
        bytes: Vec<u8>,
    },
    /// A request of ours got no final response in time; it counts as 408 (RFC 3261 §8.1.3.1).
    TimedOut(ClientId, Owner),
    /// A request of ours could not be delivered; it counts as 503 (RFC 3261 §8.1.3.1).
    Failed(ClientId, Owner),
    /// Nobody acknowledged our refusal of an INVITE (timer H).
    NoAck(ServerId, Owner),
}

/// Why there is no room for a further transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Full {
    /// There are [`Limits::total`] of them, or nearly as many and the request would begin something new.
    #[error("there are too many transactions")]
    Total,
    /// One address has [`Limits::per_source`] of them.
    #[error("there are too many transactions of one address")]
    Source,
}

/// How many transactions there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// All together. Requests outside a dialog are refused when seven eighths are used, so that a flood of
    /// new calls cannot keep the old ones from ending.
    pub total: usize,
    /// Server transactions of one IP address.
    pub per_source: usize,
}

impl Default for Limits {
    /// Room for 4,000 calls a second, each of which leaves about 100 s of lingering transactions; half of
    /// it for one address, which may be a trunk.
    fn default() -> Self {
        Self {
            total: 400_000,
            per_source: 200_000,
        }
    }
}

/// All transactions.
#[derive(Debug)]
pub struct Transactions {
    ids: Ids,
    limits: Limits,
    last_id: u64,
    clients: Table<ClientId, Client>,
    servers: Table<ServerId, Server>,
    /// Requests outside a dialog by what their copies have in common.
    originals: BTreeMap<Key, ServerId>,
    /// Client transactions that wait for a final response, by the way that may fail.
    waiting: BTreeSet<(Flow, ClientId)>,
    /// Server transactions of each address.
    sources: BTreeMap<IpAddr, usize>,
    outputs: VecDeque<Output>,
}

impl Transactions {
    /// No transactions yet.
    #[must_use]
    pub fn new(ids: Ids, limits: Limits) -> Self {
        Self {
            ids,
            limits,
            last_id: 0,
            clients: Table::new(),
            servers: Table::new(),
            originals: BTreeMap::new(),
            waiting: BTreeSet::new(),
            sources: BTreeMap::new(),
            outputs: VecDeque::new(),
        }
    }

    /// The generator of branches, tags, Call-IDs and random delays.
    pub const fn ids(&mut self) -> &mut Ids {
        &mut self.ids
    }

    /// How many transactions there are, lingering ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.clients.len().saturating_add(self.servers.len())
    }

    /// Whether there is no transaction at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A value for Via with a fresh branch, asking for the response on the port that the request came
    /// from (RFC 3581). `sent_by` is our `host` or `host:port`.
    pub fn via(&mut self, transport: Transport, sent_by: &str) -> String {
        let branch = self.ids.branch();
        format!(
            "SIP/2.0/{} {sent_by};rport;branch={branch}",
            transport.name()
        )
    }

    /// Takes a message that arrived. `None` when it is dealt with: a repetition, an ACK of a refusal, a
    /// response to nothing.
    pub fn receive(&mut self, now: Time, flow: Flow, message: Message) -> Option<Arrived> {
        match message {
            Message::Request(request) => self.receive_request(now, flow, request),
            Message::Response(response) => self.receive_response(now, response),
        }
    }

    /// Whether a request is a copy of one that was let in and came another way, which is answered with
    /// 482 (RFC 3261 §8.2.2.2). Requests within a dialog never are.
    #[must_use]
    pub fn is_merged(&self, request: &Request) -> bool {
        Key::of_merged(request).is_some_and(|key| self.originals.contains_key(&key))
    }

    /// Lets a request in. From here on its repetitions are answered with the last response; an INVITE
    /// that is not answered within 200 ms gets a 100.
    ///
    /// # Errors
    /// When there is no room; [`Transactions::reply`] with 503 answers it.
    pub fn accept(
        &mut self,
        now: Time,
        flow: Flow,
        request: &Request,
        owner: Owner,
    ) -> Result<ServerId, Full> {
        let merged = Key::of_merged(request);
        self.has_room(if merged.is_some() {
            Purpose::New
        } else {
            Purpose::Known
        })?;
        let source = flow.remote.ip();
        if self
            .sources
            .get(&source)
            .is_some_and(|&used| used >= self.limits.per_source)
        {
            return Err(Full::Source);
        }
        let id = ServerId(self.next_id());
        let server = Server::begin(
            now,
            Begin {
                owner,
                flow: reply_flow(flow, request),
                source,
                key: Key::of_received(request).unwrap_or_default(),
                merged,
                tag: self.ids.tag(),
                request,
            },
        );
        *self.sources.entry(source).or_default() += 1;
        self.originals.extend(merged.map(|key| (key, id)));
        self.servers.insert(id, server);
        Ok(id)
    }

    /// The tag of To that all responses of this transaction carry; it is ours in the dialog that they make.
    #[must_use]
    pub fn tag(&self, server: ServerId) -> Option<&str> {
        self.servers.get(server).map(|server| &*server.tag)
    }

    /// Answers a request that was let in. After a final response only a 2xx to an INVITE may be repeated.
    pub fn respond(&mut self, now: Time, id: ServerId, response: &Response) {
        let sent = self.servers.change(id, |server| {
            let bytes = server.respond(now, response)?;
            Some(Output::Send {
                flow: server.flow,
                bytes,
            })
        });
        self.outputs.extend(sent.flatten());
        self.forget_server_if_over(id);
    }

    /// Answers a request without remembering it: challenges, refusals.
    pub fn reply(&mut self, flow: Flow, request: &Request, response: &Response) {
        self.send(reply_flow(flow, request), response.bytes().to_vec());
    }

    /// Sends what is no transaction: the ACK of a 2xx.
    pub fn send(&mut self, flow: Flow, bytes: Vec<u8>) {
        self.outputs.push_back(Output::Send { flow, bytes });
    }

    /// Sends a request, whose top Via is from [`Transactions::via`].
    ///
    /// # Errors
    /// When there is no room.
    pub fn request(
        &mut self,
        now: Time,
        flow: Flow,
        request: &Request,
        owner: Owner,
    ) -> Result<ClientId, Full> {
        let begins = request.to().is_ok_and(|to| to.tag().is_none());
        self.has_room(if begins { Purpose::New } else { Purpose::Known })?;
        Ok(self.begin_client(now, flow, request, Some(owner)))
    }

    /// Sends a request whose outcome interests nobody. Without room it is sent once.
    pub(crate) fn request_for_nobody(&mut self, now: Time, flow: Flow, request: &Request) {
        match self.has_room(Purpose::Known) {
            Ok(()) => {
                self.begin_client(now, flow, request, None);
            }
            Err(_) => self.send(flow, request.bytes().to_vec()),
        }
    }

    /// Gives up an INVITE. Its CANCEL, with `extra` headers, waits for the first provisional response
    /// (RFC 3261 §9.1). The INVITE still ends with a response: mostly 487, 200 when that crossed the CANCEL.
    pub fn cancel(&mut self, now: Time, id: ClientId, extra: Vec<Header>) {
        let cancel = self
            .clients
            .change(id, |client| Some((client.flow, client.cancel(now, extra)?)));
        if let Some((flow, cancel)) = cancel.flatten() {
            self.begin_client(now, flow, &cancel, None);
        }
    }

    /// A way is gone: every request that waits for its response on it has failed (RFC 3261 §17.1.4).
    pub fn transport_failed(&mut self, flow: Flow) {
        let (first, last) = ((flow, ClientId(0)), (flow, ClientId(u64::MAX)));
        let failed: Vec<_> = self
            .waiting
            .range(first..=last)
            .map(|&(_, id)| id)
            .collect();
        for id in failed {
            let client = self.forget_client(id);
            let owner = client.and_then(|client| client.owner);
            self.outputs
                .extend(owner.map(|owner| Output::Failed(id, owner)));
        }
    }

    /// When [`Transactions::timeout`] wants to be called.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Time> {
        let deadlines = [self.clients.deadline(), self.servers.deadline()];
        deadlines.into_iter().flatten().min()
    }

    /// Does everything that is due by `now`.
    pub fn timeout(&mut self, now: Time) {
        while let Some(id) = self.clients.due(now) {
            self.client_timeout(now, id);
        }
        while let Some(id) = self.servers.due(now) {
            self.server_timeout(now, id);
        }
    }

    /// The next thing to do.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }
}

/// What arrives.
impl Transactions {
    fn receive_request(&mut self, now: Time, flow: Flow, mut request: Request) -> Option<Arrived> {
        request.mark_received(flow.remote);
        let method = request.method();
        let known = Key::of_received(&request).and_then(|key| self.servers.find(&key));
        match known {
            Some(id) if method == Method::Ack => {
                let acked = self.servers.change(id, |server| server.acknowledged(now));
                self.forget_server_if_over(id);
                (acked == Some(Acked::Dialog)).then_some(Arrived::Ack(request))
            }
            Some(id) => {
                self.repeat_response(id);
                None
            }
            None if method == Method::Ack => Some(Arrived::Ack(request)),
            None if method == Method::Cancel => self.receive_cancel(flow, request),
            None => Some(Arrived::Request(request)),
        }
    }

    fn repeat_response(&mut self, id: ServerId) {
        let sent = self.servers.change(id, |server| {
            let bytes = server.repeated()?;
            Some(Output::Send {
                flow: server.flow,
                bytes,
            })
        });
        self.outputs.extend(sent.flatten());
    }

    /// A CANCEL is answered at once and alike however often it comes, so it needs no transaction (§9.2).
    fn receive_cancel(&mut self, flow: Flow, cancel: Request) -> Option<Arrived> {
        let invite = Key::of_cancelled(&cancel).and_then(|key| self.servers.find(&key));
        let Some((id, server)) = invite.and_then(|id| Some((id, self.servers.get(id)?))) else {
            let tag = self.ids.tag();
            let response = Response::to(&cancel, 481).to_tag(&tag).finish();
            self.reply(flow, &cancel, &response);
            return None;
        };
        let (owner, stands) = (server.owner, server.cancelled());
        let response = Response::to(&cancel, 200).to_tag(&server.tag).finish();
        self.reply(flow, &cancel, &response);
        match stands {
            Cancelled::InTime => Some(Arrived::Cancel {
                invite: id,
                owner,
                cancel,
            }),
            Cancelled::TooLate => None,
        }
    }

    fn receive_response(&mut self, now: Time, response: Response) -> Option<Arrived> {
        // A response with a second Via is not for us (RFC 3261 §8.1.3.3).
        if response.vias().nth(1).is_some() {
            return None;
        }
        let key = Key::of_response(&response)?;
        let Some(id) = self.clients.find(&key) else {
            let is_answer = response
                .cseq()
                .is_ok_and(|cseq| cseq.method == Method::Invite)
                && (200..300).contains(&response.status());
            return is_answer.then_some(Arrived::StrayResponse(response));
        };
        let (flow, owner, heard) = self.clients.change(id, |client| {
            (client.flow, client.owner, client.receive(now, &response))
        })?;
        self.forget_client_if_over(id);
        match heard {
            Heard::Report => {}
            Heard::ReportAndCancel(cancel) => {
                self.begin_client(now, flow, &cancel, None);
            }
            Heard::ReportAndAck(ack) => self.send(flow, ack),
            Heard::Ack(ack) => {
                self.send(flow, ack);
                return None;
            }
            Heard::Ignore => return None,
        }
        Some(Arrived::Response {
            client: id,
            owner: owner?,
            response,
        })
    }
}

/// What is due.
impl Transactions {
    fn client_timeout(&mut self, now: Time, id: ClientId) {
        let due = self.clients.change(id, |client| {
            (client.flow, client.owner, client.timeout(now))
        });
        match due {
            Some((flow, _, client::Due::Resend(bytes))) => self.send(flow, bytes),
            Some((_, Some(owner), client::Due::TimedOut)) => {
                self.outputs.push_back(Output::TimedOut(id, owner));
            }
            Some((_, None, client::Due::TimedOut) | (_, _, client::Due::Nothing)) | None => {}
        }
        self.forget_client_if_over(id);
    }

    fn server_timeout(&mut self, now: Time, id: ServerId) {
        let due = self.servers.change(id, |server| {
            (server.flow, server.owner, server.timeout(now))
        });
        match due {
            Some((flow, _, server::Due::Send(bytes))) => self.send(flow, bytes),
            Some((_, owner, server::Due::NoAck)) => {
                self.outputs.push_back(Output::NoAck(id, owner))
            }
            Some((_, _, server::Due::Nothing)) | None => {}
        }
        self.forget_server_if_over(id);
    }
}

/// What comes and goes.
impl Transactions {
    fn begin_client(
        &mut self,
        now: Time,
        flow: Flow,
        request: &Request,
        owner: Option<Owner>,
    ) -> ClientId {
        let id = ClientId(self.next_id());
        let key = Key::of_sent(request).unwrap_or_default();
        self.clients
            .insert(id, Client::begin(now, flow, key, request, owner));
        self.waiting.insert((flow, id));
        self.send(flow, request.bytes().to_vec());
        id
    }

    fn forget_client_if_over(&mut self, id: ClientId) {
        match self.clients.get(id) {
            Some(client) if client.is_over() => drop(self.forget_client(id)),
            Some(client) if !client.waits() => drop(self.waiting.remove(&(client.flow, id))),
            Some(_) | None => {}
        }
    }

    fn forget_client(&mut self, id: ClientId) -> Option<Client> {
        let client = self.clients.remove(id)?;
        self.waiting.remove(&(client.flow, id));
        Some(client)
    }

    fn forget_server_if_over(&mut self, id: ServerId) {
        if !self.servers.get(id).is_some_and(|server| server.is_over()) {
            return;
        }
        let Some(server) = self.servers.remove(id) else {
            return;
        };
        if let Some(key) = &server.merged
            && self.originals.get(key) == Some(&id)
        {
            self.originals.remove(key);
        }
        if let Entry::Occupied(mut used) = self.sources.entry(server.source) {
            match used.get().checked_sub(1) {
                None | Some(0) => drop(used.remove()),
                Some(left) => drop(used.insert(left)),
            }
        }
    }

    fn has_room(&self, purpose: Purpose) -> Result<(), Full> {
        let room = match purpose {
            Purpose::New => self.limits.total - self.limits.total / 8,
            Purpose::Known => self.limits.total,
        };
        if self.len() < room {
            Ok(())
        } else {
            Err(Full::Total)
        }
    }

    const fn next_id(&mut self) -> u64 {
        self.last_id = self.last_id.wrapping_add(1);
        self.last_id
    }
}

/// What a transaction is for, which decides whether it may use the reserved room.
#[derive(Clone, Copy)]
enum Purpose {
    /// It begins a dialog or stands alone.
    New,
    /// It belongs to a dialog that exists.
    Known,
}
