//! How a phone keeps itself registered.

use crate::phone::{Happened, time};
use model::{Duration, Time};
use sip::Flow;
use sip::digest;
use sip::message::{Header, Method, Name, Request, Response};
use sip::transaction::{Owner, Transactions};

/// The registration of one phone.
#[derive(Debug)]
pub(crate) struct Registration {
    extension: String,
    call_id: String,
    tag: String,
    cseq: u32,
    expires_s: u32,
    /// What waits for its response, and who answered the challenge before it.
    sent: Option<(Request, Option<digest::Client>)>,
    due: Option<Time>,
}

impl Registration {
    /// Owns the transactions of registrations.
    pub(crate) const OWNER: Owner = Owner(u64::MAX);

    pub(crate) fn new(extension: &str, tx: &mut Transactions) -> Self {
        Self {
            extension: extension.to_owned(),
            call_id: tx.ids().call_id(),
            tag: tx.ids().tag(),
            cseq: 0,
            expires_s: EXPIRES_S,
            sent: None,
            due: None,
        }
    }

    pub(crate) const fn next_deadline(&self) -> Option<Time> {
        self.due
    }

    pub(crate) fn begin(&mut self, now: Time, tx: &mut Transactions, flow: Flow) {
        self.expires_s = EXPIRES_S;
        self.send(now, tx, flow, None);
    }

    pub(crate) fn end(&mut self, now: Time, tx: &mut Transactions, flow: Flow) {
        self.expires_s = 0;
        self.send(now, tx, flow, None);
    }

    pub(crate) fn answered(
        &mut self,
        now: Time,
        tx: &mut Transactions,
        flow: Flow,
        response: &Response,
        password: &str,
    ) -> Option<Happened> {
        if response.is_provisional() {
            return None;
        }
        // An older registration may be answered late.
        if response.cseq().ok()?.number != self.cseq {
            return None;
        }
        let (request, client) = self.sent.take()?;
        if response.is_success() {
            let lasts = Duration::from_secs(u64::from(self.expires_s) * 4 / 5);
            self.due = (self.expires_s > 0).then(|| now + lasts);
            return Some(Happened::Registered);
        }
        // One that was challenged before knows whether it makes sense to answer again.
        let new = || digest::Client::new(&*self.extension, password);
        let mut client = client.unwrap_or_else(new);
        if response.status() != 401 || client.challenged(response).is_err() {
            self.unanswered(now);
            return Some(Happened::NotRegistered(response.status()));
        }
        let cnonce = tx.ids().tag();
        let credentials = client.answer(&request, &cnonce);
        self.send(now, tx, flow, credentials.map(|header| (header, client)));
        None
    }

    /// It tries again later.
    pub(crate) fn unanswered(&mut self, now: Time) {
        self.due = Some(now + AGAIN_AFTER);
    }

    fn send(
        &mut self,
        now: Time,
        tx: &mut Transactions,
        flow: Flow,
        credentials: Option<(Header, digest::Client)>,
    ) {
        self.cseq += 1;
        let (server, local) = (flow.remote.ip(), flow.local);
        let who = format!("<sip:{}@{server}>", self.extension);
        let via = tx.via(flow.transport, &local.to_string());
        let mut request = Request::build(Method::Register, format!("sip:{server}"))
            .header(Name::Via, via)
            .header(Name::MaxForwards, 70)
            .header(Name::From, format!("{who};tag={}", self.tag))
            .header(Name::To, &who)
            .header(Name::CallId, &self.call_id)
            .header(Name::CSeq, format!("{} REGISTER", self.cseq))
            .header(Name::Contact, format!("<sip:{}@{local}>", self.extension))
            .header(Name::Expires, self.expires_s);
        let client = match credentials {
            Some((header, client)) => {
                request = request.headers(&[header]);
                Some(client)
            }
            None => None,
        };
        let request = request.finish();
        self.due = None;
        if tx.request(time(now), flow, &request, Self::OWNER).is_ok() {
            self.sent = Some((request, client));
        }
    }
}

const EXPIRES_S: u32 = 600;
const AGAIN_AFTER: Duration = Duration::from_secs(30);
