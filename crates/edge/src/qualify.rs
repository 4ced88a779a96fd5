//! Whether registered phones are still there: an OPTIONS now and then (SI-02, EXT-01).

use crate::Nat;
use crate::hub::{Hub, sip_time};
use crate::owner::Owner;
use crate::registrar::PhoneId;
use model::{Duration, Now, Reachability, Time};
use sip::message::{Method, Name, Request};
use sip::{Flow, Transport};
use std::collections::{BTreeMap, BTreeSet};

/// Asks every phone that cannot tell by its connection whether it is still there.
#[derive(Debug, Default)]
pub(crate) struct Qualify {
    phones: BTreeMap<PhoneId, State>,
    due: BTreeSet<(Time, PhoneId)>,
}

/// Where the questioning of a phone stands; each has the time at which it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// It is asked then.
    Resting(Time),
    /// It was asked, and counts as gone then.
    Asked(Time),
    /// It did not answer in time. The transaction goes on asking until it ends, at the latest then.
    Silent(Time),
}

impl State {
    const fn due(self) -> Time {
        match self {
            Self::Resting(due) | Self::Asked(due) | Self::Silent(due) => due,
        }
    }
}

impl Qualify {
    /// A phone is registered, or has registered again, which shows that it is there.
    pub(crate) fn bound(&mut self, hub: &mut Hub, now: Now, id: PhoneId) {
        let Some(phone) = hub.registrar.phone(id) else {
            return;
        };
        let flow = phone.binding.flow;
        if flow.transport != Transport::Udp && flow.connection.is_some() {
            self.unbound(id);
            return;
        }
        match (phone.reachability, self.phones.get(&id)) {
            (Reachability::Available, Some(State::Resting(_))) => {}
            (Reachability::Available, Some(State::Asked(_) | State::Silent(_)) | None) => {
                // Spread over the interval, or everybody who came back after a restart is asked at once.
                let spread =
                    u32::try_from(every(phone.binding.nat).as_millis()).unwrap_or(u32::MAX);
                let wait = hub.transactions.ids().below(spread);
                self.set(
                    id,
                    State::Resting(now.mono + Duration::from_millis(wait.into())),
                );
            }
            (Reachability::Unavailable, _) => self.set(id, State::Resting(now.mono)),
        }
    }

    /// A phone is no longer registered.
    pub(crate) fn unbound(&mut self, id: PhoneId) {
        if let Some(state) = self.phones.remove(&id) {
            self.due.remove(&(state.due(), id));
        }
    }

    /// A phone answered, whatever it said: also an error is a sign of life (RFC 3261 §11.2).
    pub(crate) fn answered(&mut self, hub: &mut Hub, now: Now, id: PhoneId, flow: Flow) {
        let Some(phone) = hub.registrar.phone(id) else {
            return;
        };
        let rest = every(phone.binding.nat);
        let opened = (phone.binding.flow.transport != Transport::Udp).then_some(flow);
        let extension = phone.binding.extension;
        hub.registrar.seen(id, Reachability::Available, opened);
        hub.tell_reachability(extension);
        match opened {
            Some(_) => self.unbound(id),
            None => self.set(id, State::Resting(now.mono + rest)),
        }
    }

    /// A question could not be delivered, or was never answered. One from before the phone registered again
    /// says nothing about it.
    pub(crate) fn unanswered(&mut self, hub: &mut Hub, now: Now, id: PhoneId) {
        match self.phones.get(&id) {
            Some(State::Asked(_) | State::Silent(_)) => {
                lost(hub, id);
                self.set(id, State::Resting(now.mono + SILENT_EVERY));
            }
            Some(State::Resting(_)) | None => {}
        }
    }

    /// Asks whom it is time to ask, and gives up whoever has not answered.
    pub(crate) fn timeout(&mut self, hub: &mut Hub, now: Now) {
        while let Some(&(due, id)) = self.due.first()
            && due <= now.mono
        {
            let next = match self.phones.get(&id) {
                Some(State::Resting(_)) => match ask(hub, now, id) {
                    Asked::Sent => State::Asked(now.mono + ANSWER_WITHIN),
                    Asked::NoRoom => State::Resting(now.mono + SILENT_EVERY),
                    Asked::NotRegistered => {
                        self.unbound(id);
                        continue;
                    }
                },
                Some(State::Asked(_)) => {
                    lost(hub, id);
                    State::Silent(now.mono + sip::transaction::TRIED_FOR)
                }
                Some(State::Silent(_)) => State::Resting(now.mono),
                None => {
                    self.due.pop_first();
                    continue;
                }
            };
            self.set(id, next);
        }
    }

    /// When [`Self::timeout`] has something to do.
    pub(crate) fn next_deadline(&self) -> Option<Time> {
        self.due.first().map(|&(due, _)| due)
    }

    fn set(&mut self, id: PhoneId, state: State) {
        if let Some(old) = self.phones.insert(id, state) {
            self.due.remove(&(old.due(), id));
        }
        self.due.insert((state.due(), id));
    }
}

/// What became of a question.
enum Asked {
    Sent,
    NoRoom,
    NotRegistered,
}

fn ask(hub: &mut Hub, now: Now, id: PhoneId) -> Asked {
    let Some(phone) = hub.registrar.phone(id) else {
        return Asked::NotRegistered;
    };
    let binding = &phone.binding;
    let flow = binding.flow;
    let host = hub.settings.host(&flow);
    let via = hub.transactions.via(flow.transport, &host);
    let ids = hub.transactions.ids();
    let (tag, call_id) = (ids.tag(), ids.call_id());
    let mut request = Request::build(Method::Options, &binding.contact)
        .header(Name::Via, via)
        .header(Name::MaxForwards, 70)
        .header(Name::From, format_args!("<sip:{host}>;tag={tag}"))
        .header(Name::To, format_args!("<{}>", binding.contact))
        .header(Name::CallId, call_id)
        .header(Name::CSeq, "1 OPTIONS")
        .header(Name::Accept, "application/sdp")
        .header(Name::UserAgent, &hub.settings.product);
    for proxy in &binding.path {
        request = request.header(Name::Route, proxy);
    }
    let request = request.finish();
    let owner = Owner::Phone(id).into();
    match hub
        .transactions
        .request(sip_time(now.mono), flow, &request, owner)
    {
        Ok(_) => Asked::Sent,
        Err(_) => Asked::NoRoom,
    }
}

fn lost(hub: &mut Hub, id: PhoneId) {
    let Some(phone) = hub.registrar.phone(id) else {
        return;
    };
    let extension = phone.binding.extension;
    hub.registrar.seen(id, Reachability::Unavailable, None);
    hub.tell_reachability(extension);
}

/// How often a phone is asked. Behind an address translator each question also keeps the way open:
/// many forget a UDP mapping after 30 s of silence.
const fn every(nat: Nat) -> Duration {
    match nat {
        Nat::Direct => EVERY,
        Nat::Behind => EVERY_BEHIND_NAT,
    }
}

/// Together with [`ANSWER_WITHIN`] below the 60 s in which a dead phone must be noticed (EXT-01).
const EVERY: Duration = Duration::from_secs(50);
/// See [`every`].
const EVERY_BEHIND_NAT: Duration = Duration::from_secs(25);
/// How long a phone may take to answer: it is asked five times in this time (RFC 3261 §17.1.2.2).
const ANSWER_WITHIN: Duration = Duration::from_secs(8);
/// The pause after a question that nobody answered.
const SILENT_EVERY: Duration = Duration::from_secs(20);
