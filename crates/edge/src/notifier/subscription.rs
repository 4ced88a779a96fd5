//! One subscription.

use super::package::Package;
use crate::hub::Hub;
use crate::legs::identity::contact;
use model::{Duration, Now, Number, Time};
use sip::Flow;
use sip::dialog::Dialog;
use sip::message::{Method, Name, Request, Response};
use std::net::IpAddr;

/// Names a subscription; the transactions of its notifications carry it as their owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SubscriptionId(pub(crate) u64);

/// Somebody wants to be told of something.
#[derive(Debug)]
pub(super) struct Subscription {
    /// Who: the extension that proved its password.
    pub(super) watcher: Number,
    /// Of which number.
    pub(super) target: Number,
    /// What of it.
    pub(super) package: Package,
    /// What the subscriber calls it.
    pub(super) id: Option<String>,
    /// What the subscriber calls us.
    pub(super) host: String,
    /// The dialog that it lives in.
    pub(super) dialog: Dialog,
    /// Which way notifications go.
    pub(super) flow: Flow,
    /// From which address it was made, where it is counted.
    pub(super) source: IpAddr,
    /// When it ends unless it is refreshed.
    pub(super) ends: Time,
    /// How far telling it is.
    pub(super) telling: Telling,
    /// When it was last told.
    told: Option<Time>,
    /// The number of the next notification that carries one.
    version: u32,
}

/// How far a subscriber is with what there is to know. Notifications go one at a time, so that none overtakes
/// another; what changes while one is on its way is told together by the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Telling {
    /// It knows everything.
    Done,
    /// There is something new, to be told then.
    Due(Time),
    /// A notification waits for its answer.
    Asked,
    /// And something new has come up since.
    AskedWithNews,
}

/// What a notification says of the subscription itself (RFC 6665 §4.1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It goes on.
    Active,
    /// It is over.
    Terminated(Reason),
}

/// Why a subscription is over, which tells the subscriber whether to come again (RFC 6665 §4.1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// Its time is over, or it was only to ask.
    Timeout,
    /// What was watched is no more.
    NoResource,
    /// Who watched may no longer do so.
    Rejected,
}

/// What a subscription is made of.
pub(super) struct Begin {
    pub(super) watcher: Number,
    pub(super) target: Number,
    pub(super) package: Package,
    pub(super) id: Option<String>,
    pub(super) host: String,
    pub(super) dialog: Dialog,
    pub(super) flow: Flow,
    pub(super) source: IpAddr,
    pub(super) ends: Time,
}

impl Subscription {
    /// A subscriber that has been told nothing.
    pub(super) fn begin(begin: Begin) -> Self {
        let Begin {
            watcher,
            target,
            package,
            id,
            host,
            dialog,
            flow,
            source,
            ends,
        } = begin;
        Self {
            watcher,
            target,
            package,
            id,
            host,
            dialog,
            flow,
            source,
            ends,
            telling: Telling::Done,
            told: None,
            version: 0,
        }
    }

    /// There is something new.
    pub(super) fn news(&self, now: Time) -> Telling {
        match self.telling {
            Telling::Done => Telling::Due(self.earliest(now)),
            due @ Telling::Due(_) => due,
            Telling::Asked | Telling::AskedWithNews => Telling::AskedWithNews,
        }
    }

    /// The last notification was answered.
    pub(super) fn answered(&self, now: Time) -> Telling {
        match self.telling {
            Telling::Asked => Telling::Done,
            Telling::AskedWithNews => Telling::Due(self.earliest(now)),
            other @ (Telling::Done | Telling::Due(_)) => other,
        }
    }

    /// When it may be told again: the first change at once, what follows it in a burst together.
    fn earliest(&self, now: Time) -> Time {
        self.told.map_or(now, |told| now.max(told + TOLD_EVERY))
    }

    /// The number of the notification that is about to be written.
    pub(super) const fn next_version(&mut self) -> u32 {
        let version = self.version;
        self.version = self.version.saturating_add(1);
        version
    }

    /// A notification of what `body` says.
    pub(super) fn notify(
        &mut self,
        hub: &mut Hub,
        now: Now,
        standing: Standing,
        body: String,
    ) -> Request {
        self.told = Some(now.mono);
        let host = hub.settings.host(&self.flow);
        let via = hub.transactions.via(self.flow.transport, &host);
        let contact = contact(Some(&self.target), &host, self.flow.transport);
        let request = self.dialog.request(Method::Notify, &via);
        let request = request
            .header(Name::Contact, contact)
            .header(Name::UserAgent, &hub.settings.product);
        let request = match &self.id {
            Some(id) => {
                request.header(Name::Event, format_args!("{};id={id}", self.package.name()))
            }
            None => request.header(Name::Event, self.package.name()),
        };
        let request = match standing {
            Standing::Active => request.header(
                Name::SubscriptionState,
                format_args!("active;expires={}", self.left(now)),
            ),
            Standing::Terminated(reason) => request.header(
                Name::SubscriptionState,
                format_args!("terminated;reason={}", reason.name()),
            ),
        };
        request.body(self.package.content_type(), body).finish()
    }

    /// The answer to a SUBSCRIBE that made or refreshed it (RFC 6665 §4.2.1.1).
    pub(super) fn accept(&self, hub: &Hub, now: Now, request: &Request, tag: &str) -> Response {
        let host = hub.settings.host(&self.flow);
        let contact = contact(Some(&self.target), &host, self.flow.transport);
        Response::to(request, 200)
            .to_tag(tag)
            .record_route()
            .header(Name::Contact, contact)
            .header(Name::Expires, self.left(now))
            .header(Name::Server, &hub.settings.product)
            .finish()
    }

    /// How many seconds it lasts.
    fn left(&self, now: Now) -> u64 {
        self.ends.since(now.mono).as_secs()
    }
}

impl Reason {
    const fn name(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::NoResource => "noresource",
            Self::Rejected => "rejected",
        }
    }
}

/// How often a subscriber is told at most, save when it asks.
const TOLD_EVERY: Duration = Duration::from_millis(250);
