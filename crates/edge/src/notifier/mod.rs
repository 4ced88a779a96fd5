//! Who wants to be told of what, and the telling (RFC 6665, as notifier): lamps beside keys, presence, waiting
//! messages, registered phones.
//!
//! - [`asked`]: what a SUBSCRIBE asks for, and whether its sender may have it.
//! - [`table`]: all subscriptions and how they are found.
//! - [`subscription`]: one of them: its dialog, and how far telling it is.
//! - [`lamp`]: what is known of numbers; [`document`]: how that is written.
//!
//! What changes is written once for all who are told the same. A subscriber is told one thing at a time and not too
//! often; of a burst of changes it hears the last state. Nothing of this outlives a restart: phones then find that
//! their dialog is unknown (481) and subscribe anew.

mod asked;
mod document;
mod lamp;
mod package;
mod subscription;
mod table;
mod throttle;
mod unasked;

pub(crate) use package::{ALLOW_EVENTS, Aspect};
pub(crate) use subscription::SubscriptionId;

use crate::hub::{Hub, sip_time};
use crate::legs::Legs;
use crate::owner::Owner;
use crate::refusal::Refusal;
use crate::register;
use crate::registrar::PhoneId;
use asked::Asked;
use document::{Document, Phones, Subject};
use lamp::{Known, Lamp, Rung};
use model::{Directory, Duration, Fact, MessageCounts, Now, Number, Time};
use package::Package;
use sip::Flow;
use sip::dialog::Dialog;
use sip::message::Request;
use sip::transaction::ServerId;
use std::collections::BTreeMap;
use subscription::{Begin, Reason, Standing, Subscription, Telling};
use table::Table;
use throttle::Throttle;
use unasked::Unasked;

/// All subscriptions and what they are about.
#[derive(Debug, Default)]
pub(crate) struct Notifier {
    table: Table,
    known: Known,
    /// What is watched, and what was last told of it.
    watched: BTreeMap<Number, Watched>,
    throttle: Throttle,
    /// How many messages each mailbox has that has any.
    messages: BTreeMap<Number, MessageCounts>,
    unasked: Unasked,
}

/// A number that somebody watches.
#[derive(Debug)]
struct Watched {
    /// What its lamp shows.
    lamp: Lamp,
    /// What was written of it since that changed, for each package and each of our names.
    written: BTreeMap<(Package, String), Document>,
}

/// What the notifier looks at besides its own.
pub(crate) struct Cx<'a> {
    pub(crate) hub: &'a mut Hub,
    pub(crate) legs: &'a Legs,
    pub(crate) now: Now,
}

/// SUBSCRIBE.
impl Notifier {
    /// An extension that proved who it is wants to be told of something.
    pub(crate) fn subscribe(
        &mut self,
        cx: &mut Cx<'_>,
        flow: Flow,
        request: &Request,
        watcher: Number,
    ) -> Result<(), Refusal> {
        let asked = asked::read(request, watcher, &cx.hub.directory)?;
        let source = flow.remote.ip();
        self.table.has_room(&watcher, &source)?;
        // Only the tag is missing, which the transaction has.
        let mut dialog = Dialog::uas(request, "").map_err(|why| Refusal::new(why.status()))?;
        let Some(server) = cx.hub.accept(cx.now, flow, request, Owner::Nobody) else {
            return Ok(());
        };
        cx.hub
            .transactions
            .tag(server)
            .unwrap_or_default()
            .clone_into(&mut dialog.local_tag);
        let Asked {
            target,
            package,
            id,
            host,
            lasts,
        } = asked;
        let subscription = Subscription::begin(Begin {
            watcher,
            target,
            package,
            id,
            host: host.unwrap_or_else(|| cx.hub.settings.host(&flow)),
            flow: register::reached(flow, request, &dialog.remote_target),
            dialog,
            source,
            ends: cx.now.mono + lasts,
        });
        self.watch(cx, target);
        let subscription = self.table.insert(subscription);
        self.granted(cx, request, server, subscription, lasts);
        Ok(())
    }

    /// The subscription whose dialog a request belongs to.
    pub(crate) fn of(&self, request: &Request) -> Option<SubscriptionId> {
        self.table.of_tag(request.to().ok()?.tag()?)
    }

    /// A subscriber refreshes or ends its subscription (RFC 6665 §4.1.2.2). The tags of the dialog vouch for it.
    pub(crate) fn refresh(
        &mut self,
        cx: &mut Cx<'_>,
        flow: Flow,
        request: &Request,
        id: SubscriptionId,
    ) -> Result<(), Refusal> {
        let it = self.table.get(id).ok_or_else(|| Refusal::new(481))?;
        let same_tag = request
            .from()
            .is_ok_and(|from| from.tag().unwrap_or_default() == it.dialog.remote_tag);
        if !same_tag || request.call_id() != Some(&it.dialog.call_id) {
            return Err(Refusal::new(481));
        }
        if (it.package, it.id.clone()) != asked::event(request)? {
            return Err(Refusal::new(481));
        }
        let lasts = asked::lasts(request)?;
        let Some(server) = cx.hub.accept(cx.now, flow, request, Owner::Nobody) else {
            return Ok(());
        };
        let ends = cx.now.mono + lasts;
        let received = self.table.change(id, |it| {
            it.dialog.receive(request)?;
            it.dialog.refresh_target(request);
            it.flow = register::reached(flow, request, &it.dialog.remote_target);
            it.ends = ends;
            Ok(())
        });
        match received {
            Some(Err(why)) => {
                let why: sip::dialog::Refusal = why;
                let refusal = Refusal::new(why.status());
                let response = refusal.response(request, "", &cx.hub.settings.product);
                cx.hub.respond(cx.now, server, response);
            }
            Some(Ok(())) | None => self.granted(cx, request, server, id, lasts),
        }
        Ok(())
    }

    /// Answers a SUBSCRIBE and tells its sender what there is to know, once for ever if that is all it asks for.
    fn granted(
        &mut self,
        cx: &mut Cx<'_>,
        request: &Request,
        server: ServerId,
        id: SubscriptionId,
        lasts: Duration,
    ) {
        let Some(it) = self.table.get(id) else { return };
        let response = it.accept(cx.hub, cx.now, request, &it.dialog.local_tag);
        cx.hub.respond(cx.now, server, response);
        if lasts == Duration::ZERO {
            self.end(cx, id, Reason::Timeout);
        } else {
            self.table
                .change(id, |it| it.telling = it.news(cx.now.mono));
        }
    }
}

/// What happens elsewhere.
impl Notifier {
    /// The switch says what numbers are doing.
    pub(crate) fn fact(&mut self, cx: &Cx<'_>, fact: &Fact) {
        match fact {
            Fact::Extension(number, state) => {
                self.known.state(*number, *state);
                self.changed(cx, *number, Aspect::Calls);
            }
            Fact::Lamp(number, party) => {
                self.known.party(*number, party.clone());
                self.changed(cx, *number, Aspect::Calls);
            }
            Fact::Began { .. }
            | Fact::Joined { .. }
            | Fact::Entered { .. }
            | Fact::Recording { .. }
            | Fact::RecordingEnded { .. }
            | Fact::Merged { .. }
            | Fact::Blocked(_)
            | Fact::Emergency { .. }
            | Fact::Room(..)
            | Fact::CodeUsed { .. }
            | Fact::MessageBegun { .. }
            | Fact::WokenUp { .. }
            | Fact::MailboxFull(_)
            | Fact::PinRefused { .. }
            | Fact::Queue(_)
            | Fact::Ended(_) => {}
        }
    }

    /// A mailbox has so many messages.
    pub(crate) fn messages(&mut self, cx: &Cx<'_>, mailbox: Number, counts: MessageCounts) {
        let before = if counts == MessageCounts::default() {
            self.messages.remove(&mailbox)
        } else {
            self.messages.insert(mailbox, counts)
        };
        if before.unwrap_or_default() != counts {
            self.changed(cx, mailbox, Aspect::Messages);
        }
    }

    /// Something about a number is different, or may be.
    pub(crate) fn changed(&mut self, cx: &Cx<'_>, number: Number, aspect: Aspect) {
        let tells_at = match aspect {
            Aspect::Messages => Some(cx.now.mono),
            // A phone that hears something before the answer to its REGISTER may not know what to do with it.
            Aspect::Phones => Some(cx.now.mono + REGISTERED_WITHIN),
            Aspect::Calls => None,
        };
        if let Some(at) = tells_at {
            let counts = self.messages.get(&number).copied().unwrap_or_default();
            self.unasked.changed(cx.hub, at, number, counts);
        }
        let Some(watched) = self.watched.get_mut(&number) else {
            return;
        };
        let before = watched.lamp.clone();
        if aspect == Aspect::Calls {
            let lamp = self.known.lamp(&number, rung(cx.legs, &number));
            if !lamp.is_news_after(&before) {
                return;
            }
            watched.lamp = lamp;
        }
        let lamp = &watched.lamp;
        let is_told = |package: Package| {
            package.tells_of(aspect)
                && (aspect != Aspect::Calls || lamp.differs_from(&before, package))
        };
        watched
            .written
            .retain(|(package, _), _| !package.tells_of(aspect));
        let told: Vec<_> = self
            .table
            .watching(number)
            .filter(|(package, _)| is_told(*package))
            .collect();
        for (_, id) in told {
            self.table
                .change(id, |it| it.telling = it.news(cx.now.mono));
        }
    }

    /// The site is another: what is gone is not watched any longer, and who has lost his password watches nothing.
    pub(crate) fn directory(&mut self, cx: &mut Cx<'_>, old: &Directory) {
        let new = &cx.hub.directory;
        self.known.retain(new);
        self.messages
            .retain(|number, _| new.extensions.contains_key(number));
        let secret = |directory: &Directory, number: &Number| {
            let extension = directory.extension(number);
            extension.map(|extension| extension.secret.clone())
        };
        let over = |it: &Subscription| {
            let now = secret(new, &it.watcher);
            if now.is_none() || now != secret(old, &it.watcher) {
                Some(Reason::Rejected)
            } else if asked::is_there(&it.target, it.package, new) {
                None
            } else {
                Some(Reason::NoResource)
            }
        };
        let over: Vec<_> = self
            .table
            .all()
            .filter_map(|(id, it)| Some((id, over(it)?)))
            .collect();
        for (id, reason) in over {
            self.end(cx, id, reason);
        }
    }

    /// A connection is gone, and with it whoever was told over it.
    pub(crate) fn disconnected(&mut self, flow: Flow) {
        if flow.connection.is_some() {
            for id in self.table.over(flow) {
                self.forget(id);
            }
        }
    }

    /// A notification was answered. Who knows of no subscription has none (RFC 6665 §4.2.2).
    pub(crate) fn answered(&mut self, now: Now, id: SubscriptionId, status: u16) {
        match status {
            ..200 => {}
            404 | 405 | 410 | 416 | 480..=485 | 489 | 501 | 604 => self.forget(id),
            _ => {
                self.table
                    .change(id, |it| it.telling = it.answered(now.mono));
            }
        }
    }

    /// A notification could not be delivered.
    pub(crate) fn unanswered(&mut self, id: SubscriptionId) {
        self.forget(id);
    }

    /// Does what is due: tells, and ends what nobody refreshed.
    pub(crate) fn timeout(&mut self, cx: &mut Cx<'_>) {
        while let Some(id) = self.table.ended(cx.now.mono) {
            self.end(cx, id, Reason::Timeout);
        }
        while let Some(id) = self.table.due(cx.now.mono) {
            if !self.throttle.lets_one_through(cx.now.mono) {
                return;
            }
            self.tell(cx, id);
        }
        while let Some(phone) = self.unasked.due(cx.now.mono) {
            if !self.throttle.lets_one_through(cx.now.mono) {
                return;
            }
            self.tell_unasked(cx, phone);
        }
    }

    /// When [`Self::timeout`] has something to do.
    pub(crate) fn next_deadline(&self) -> Option<Time> {
        let due = self
            .table
            .next_due()
            .map(|due| self.throttle.not_before(due));
        let unasked = self.unasked.next_due();
        let unasked = unasked.map(|due| self.throttle.not_before(due));
        [due, unasked, self.table.next_end()]
            .into_iter()
            .flatten()
            .min()
    }

    /// How many subscriptions there are.
    pub(crate) fn len(&self) -> usize {
        self.table.len()
    }
}

/// Telling.
impl Notifier {
    /// Tells a subscriber what there is to know.
    fn tell(&mut self, cx: &mut Cx<'_>, id: SubscriptionId) {
        let Some(notification) = self.notification(cx, id, Standing::Active) else {
            return self.forget(id);
        };
        let (flow, request) = notification;
        let owner = Owner::Subscription(id).into();
        let tx = &mut cx.hub.transactions;
        let sent = tx.request(sip_time(cx.now.mono), flow, &request, owner);
        self.table.change(id, |it| {
            it.telling = match sent {
                Ok(_) => Telling::Asked,
                Err(_) => Telling::Due(cx.now.mono + FULL_RETRY_AFTER),
            };
        });
    }

    /// Tells a phone of messages that did not subscribe.
    fn tell_unasked(&mut self, cx: &mut Cx<'_>, (number, phone): (Number, PhoneId)) {
        let Self {
            table,
            messages,
            unasked,
            ..
        } = self;
        let counts = messages.get(&number).copied().unwrap_or_default();
        let body = |host: &str| {
            let number = &number;
            Document::of_mailbox(Subject { number, host }, counts).edition(0)
        };
        let package = Package::MessageSummary;
        let has_subscribed = |flow: Flow| {
            let mut subscribed = table.watching(number);
            subscribed
                .any(|(of, id)| of == package && table.get(id).is_some_and(|it| it.flow == flow))
        };
        let content = (body, package.content_type());
        unasked.tell(
            (cx.hub, cx.now),
            (number, phone),
            counts,
            content,
            has_subscribed,
        );
    }

    /// Ends a subscription and tells the subscriber why.
    fn end(&mut self, cx: &mut Cx<'_>, id: SubscriptionId, reason: Reason) {
        if let Some((flow, request)) = self.notification(cx, id, Standing::Terminated(reason)) {
            // Without room it hears nothing, and finds out when it refreshes.
            let owner = Owner::Nobody.into();
            let tx = &mut cx.hub.transactions;
            let _ = tx.request(sip_time(cx.now.mono), flow, &request, owner);
        }
        self.forget(id);
    }

    fn notification(
        &mut self,
        cx: &mut Cx<'_>,
        id: SubscriptionId,
        standing: Standing,
    ) -> Option<(Flow, Request)> {
        let it = self.table.get(id)?;
        let watched = self.watched.get_mut(&it.target)?;
        let subject = Subject {
            number: &it.target,
            host: &it.host,
        };
        let key = (it.package, it.host.clone());
        if !watched.written.contains_key(&key) && watched.written.len() >= WRITTEN_MAX {
            watched.written.clear();
        }
        let lamp = &watched.lamp;
        let document = watched
            .written
            .entry(key)
            .or_insert_with(|| match it.package {
                Package::Dialog | Package::Presence => Document::of_lamp(it.package, subject, lamp),
                Package::MessageSummary => Document::of_mailbox(
                    subject,
                    self.messages.get(&it.target).copied().unwrap_or_default(),
                ),
                Package::Reg => Document::of_phones(
                    subject,
                    Phones {
                        registrar: &cx.hub.registrar,
                        now: cx.now.mono,
                    },
                ),
            });
        self.table.change(id, |it| {
            let body = document.edition(it.next_version());
            (it.flow, it.notify(cx.hub, cx.now, standing, body))
        })
    }

    /// Begins to watch a number, unless somebody does already.
    fn watch(&mut self, cx: &Cx<'_>, number: Number) {
        let known = &self.known;
        self.watched.entry(number).or_insert_with(|| Watched {
            lamp: known.lamp(&number, rung(cx.legs, &number)),
            written: BTreeMap::new(),
        });
    }

    fn forget(&mut self, id: SubscriptionId) {
        let Some(it) = self.table.remove(id) else {
            return;
        };
        if self.table.watching(it.target).next().is_none() {
            self.watched.remove(&it.target);
        }
    }
}

fn rung(legs: &Legs, number: &Number) -> Option<Rung> {
    let (caller, pickup) = legs.rung_at(number)?;
    Some(Rung {
        caller: caller.clone(),
        pickup: pickup.clone(),
    })
}

/// How long the answer to a REGISTER may take.
const REGISTERED_WITHIN: Duration = Duration::from_secs(1);
/// When a notification that found no room is tried again.
const FULL_RETRY_AFTER: Duration = Duration::from_secs(1);
/// So many documents of one number are kept: more names than a server has.
const WRITTEN_MAX: usize = 16;
