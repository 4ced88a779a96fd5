//! The way in for those who must not wait.

use crate::limits::FACTS_MAX;
use model::{Fact, MessageCounts, Number, QueueEvent, Site, Wall};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::mpsc;

/// Something to be told.
#[derive(Debug)]
pub enum Told {
    /// Something happened in a call, or to an extension.
    Fact(Wall, Box<Fact>),
    /// A mailbox has so many messages.
    Messages(Number, MessageCounts),
    /// Another configuration is in force.
    Site(Arc<Site>),
    /// Some of what was told was lost; what is known must be asked for anew.
    Lost,
}

/// Tells what happens; copies tell the same.
#[derive(Clone, Debug)]
pub struct Teller {
    sender: mpsc::Sender<Told>,
    lost: Arc<AtomicBool>,
}

/// A teller, and what takes it in: [`crate::Api::listen`].
#[must_use]
pub fn teller() -> (Teller, mpsc::Receiver<Told>) {
    let (sender, receiver) = mpsc::channel(FACTS_MAX);
    let lost = Arc::default();
    (Teller { sender, lost }, receiver)
}

impl Teller {
    /// Tells a fact; what nobody is shown is left out.
    pub fn fact(&self, at: Wall, fact: &Fact) {
        if is_shown(fact) {
            self.tell(Told::Fact(at, Box::new(fact.clone())));
        }
    }

    /// Tells how many messages a mailbox has.
    pub fn messages(&self, mailbox: Number, counts: MessageCounts) {
        self.tell(Told::Messages(mailbox, counts));
    }

    /// Tells that another configuration is in force.
    pub fn site(&self, site: &Arc<Site>) {
        self.tell(Told::Site(Arc::clone(site)));
    }

    /// When there is no room, something is lost: that itself is told as soon as there is.
    fn tell(&self, told: Told) {
        if self.lost.load(Ordering::Relaxed) && self.sender.try_send(Told::Lost).is_ok() {
            self.lost.store(false, Ordering::Relaxed);
        }
        if let Err(mpsc::error::TrySendError::Full(_)) = self.sender.try_send(told)
            && !self.lost.swap(true, Ordering::Relaxed)
        {
            tracing::warn!("listeners of events do not keep up; they begin anew");
        }
    }
}

/// Whether [`super::Hub`] makes anything of it.
const fn is_shown(fact: &Fact) -> bool {
    match fact {
        Fact::Began { .. }
        | Fact::Joined { .. }
        | Fact::Entered { .. }
        | Fact::Merged { .. }
        | Fact::Recording { .. }
        | Fact::RecordingEnded { .. }
        | Fact::Extension(..)
        | Fact::Room(..)
        | Fact::Blocked(_)
        | Fact::Emergency { .. }
        | Fact::Ended(_) => true,
        Fact::Lamp(..)
        | Fact::CodeUsed { .. }
        | Fact::MessageBegun { .. }
        | Fact::MailboxFull(_)
        | Fact::PinRefused { .. }
        | Fact::WokenUp { .. } => false,
        // Who is rung shows in the states of extensions.
        Fact::Queue(fact) => !matches!(fact.event, QueueEvent::Offered(_) | QueueEvent::Missed(_)),
    }
}

/// Whom an event concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Parties {
    /// Everybody.
    All,
    /// The owner of an extension.
    Owner(Number),
    /// The owners of extensions that are in a call, and administrators.
    InCall(BTreeSet<Number>),
    /// The owners of extensions that were in a call, operators and administrators.
    OfRecord(BTreeSet<Number>),
    /// Operators and administrators.
    Operators,
    /// The agents of a queue, operators and administrators.
    OfQueue(Arc<BTreeSet<Number>>),
}
