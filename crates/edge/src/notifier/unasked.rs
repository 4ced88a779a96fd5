//! Phones that did not subscribe hear of messages all the same (RFC 3842 §3: many only show their lamp because of this).

use crate::hub::{Hub, sip_time};
use crate::owner::Owner;
use crate::registrar::{Phone, PhoneId};
use model::{MessageCounts, Now, Number, Time};
use sip::Flow;
use sip::message::{Method, Name, Request};
use std::collections::{BTreeMap, BTreeSet};

/// What phones were told without having asked.
#[derive(Debug, Default)]
pub(super) struct Unasked {
    told: BTreeMap<Pair, MessageCounts>,
    /// When those are told that do not know what there is.
    due: BTreeMap<Pair, Time>,
    /// The same by time.
    by_time: BTreeSet<(Time, Pair)>,
}

/// An extension and one of its phones.
type Pair = (Number, PhoneId);

impl Unasked {
    /// A mailbox has so many messages, or its owner has other phones: those that do not know it are to be told then. A
    /// phone that has never heard of any need not hear that there are none.
    pub(super) fn changed(&mut self, hub: &Hub, at: Time, number: Number, counts: MessageCounts) {
        let phones = hub.registrar.phones(&number);
        let phones: BTreeSet<_> = phones.iter().map(|(id, _)| *id).collect();
        let of_number = (number, PhoneId(0))..=(number, PhoneId(u64::MAX));
        let known = self.told.range(of_number).map(|(pair, _)| *pair);
        let gone: Vec<_> = known.filter(|(_, phone)| !phones.contains(phone)).collect();
        for pair in gone {
            self.told.remove(&pair);
            self.settle(pair);
        }
        for phone in phones {
            let pair = (number, phone);
            let knows = self.told.get(&pair).copied();
            if knows.unwrap_or_default() == counts {
                self.settle(pair);
            } else {
                let at = *self.due.entry(pair).or_insert(at);
                self.by_time.insert((at, pair));
            }
        }
    }

    /// The next phone that is to be told by `now`.
    pub(super) fn due(&self, now: Time) -> Option<Pair> {
        let (at, pair) = self.by_time.first()?;
        (*at <= now).then_some(*pair)
    }

    /// When the next phone is to be told.
    pub(super) fn next_due(&self) -> Option<Time> {
        self.by_time.first().map(|(at, _)| *at)
    }

    /// A phone need not be told.
    fn settle(&mut self, pair: Pair) {
        if let Some(at) = self.due.remove(&pair) {
            self.by_time.remove(&(at, pair));
        }
    }

    /// Tells a phone, unless it has subscribed. Whether it understands is its own business.
    pub(super) fn tell(
        &mut self,
        (hub, now): (&mut Hub, Now),
        pair @ (_, id): Pair,
        counts: MessageCounts,
        (body, content_type): (impl FnOnce(&str) -> String, &str),
        has_subscribed: impl FnOnce(Flow) -> bool,
    ) {
        self.settle(pair);
        let Some(phone) = hub.registrar.phone(id) else {
            return;
        };
        self.told.insert(pair, counts);
        let flow = phone.binding.flow;
        if has_subscribed(flow) {
            return;
        }
        let host = hub.settings.host(&flow);
        let request = notification(hub, id, &host, content_type, body(&host));
        if let Some(request) = request {
            let owner = Owner::Nobody.into();
            // Without room it hears of the next change.
            let _ = hub
                .transactions
                .request(sip_time(now.mono), flow, &request, owner);
        }
    }
}

/// A NOTIFY outside of any dialog.
fn notification(
    hub: &mut Hub,
    id: PhoneId,
    host: &str,
    content_type: &str,
    body: String,
) -> Option<Request> {
    let flow = hub.registrar.phone(id)?.binding.flow;
    let via = hub.transactions.via(flow.transport, host);
    let ids = hub.transactions.ids();
    let (tag, call_id) = (ids.tag(), ids.call_id());
    let Phone { binding, .. } = hub.registrar.phone(id)?;
    let number = binding.extension;
    let contact = crate::legs::identity::contact(Some(&number), host, flow.transport);
    let mut request = Request::build(Method::Notify, &binding.contact)
        .header(Name::Via, via)
        .header(Name::MaxForwards, 70)
        .header(Name::From, format_args!("<sip:{number}@{host}>;tag={tag}"))
        .header(Name::To, format_args!("<{}>", binding.contact))
        .header(Name::CallId, call_id)
        .header(Name::CSeq, "1 NOTIFY")
        .header(Name::Contact, contact)
        .header(Name::UserAgent, &hub.settings.product)
        .header(Name::Event, "message-summary")
        .header(Name::SubscriptionState, "active");
    for proxy in &binding.path {
        request = request.header(Name::Route, proxy);
    }
    Some(request.body(content_type, body).finish())
}
