//! Lines to carriers and to other telephone systems, as far as they are not calls: where they are, whether
//! they answer, and that they know where we are.
//!
//! - [`book`]: what calls are looked up in.
//! - [`lookup`]: asks the shell where a trunk is, and again when that may have changed.

mod book;
mod lookup;

pub(crate) use book::{Book, Revision};
pub use lookup::{Found, Lookup};

/// The parameter of the Contact that we register, by which a call from there is known.
pub(crate) const TOKEN: &str = "line";

use crate::hub::Hub;
use crate::output::Output;
use lookup::Looking;
use model::{Now, Time};
use std::collections::BTreeMap;

/// What is done about trunks besides calls.
#[derive(Debug, Default)]
pub(crate) struct Trunks {
    watched: BTreeMap<String, Watched>,
    /// When the first of them has something to do.
    due: Option<Time>,
}

/// What is done about one trunk.
#[derive(Debug)]
struct Watched {
    looking: Looking,
}

impl Trunks {
    /// Takes the trunks of a configuration.
    pub(crate) fn revise(&mut self, hub: &mut Hub, now: Now) {
        let ids = hub.transactions.ids();
        for revision in hub.book.revise(&hub.directory, ids) {
            match revision {
                Revision::Begun(name, _before) => {
                    let looking = Looking::begin(now.mono);
                    self.watched.insert(name, Watched { looking });
                }
                Revision::Ended(entry) => {
                    self.watched.remove(&entry.trunk.name);
                }
            }
        }
        self.plan();
        self.timeout(hub, now);
    }

    /// The shell has looked a trunk up.
    pub(crate) fn found(&mut self, hub: &mut Hub, now: Now, name: &str, found: Option<Found>) {
        let Some(watched) = self.watched.get_mut(name) else {
            return;
        };
        let found = found.filter(|found| !found.flows.is_empty());
        match found {
            Some(found) => {
                watched.looking.found(now.mono, found.valid_for);
                if let Some(entry) = hub.book.entry_mut(name) {
                    entry.found(&found.flows);
                }
            }
            // Where it was is still the best guess.
            None => {
                tracing::warn!(trunk = name, "the trunk's host has no address");
                watched.looking.failed(now.mono);
            }
        }
        self.plan();
    }

    /// Does what is due.
    pub(crate) fn timeout(&mut self, hub: &mut Hub, now: Now) {
        if self.due.is_none_or(|due| now.mono < due) {
            return;
        }
        for (name, watched) in &mut self.watched {
            if watched.looking.is_due(now.mono)
                && let Some(entry) = hub.book.entry(name)
            {
                let lookup = Lookup::of(&entry.trunk);
                watched.looking.asked(now.mono);
                hub.output(Output::Resolve(lookup));
            }
        }
        self.plan();
    }

    /// When [`Self::timeout`] has something to do.
    pub(crate) const fn next_deadline(&self) -> Option<Time> {
        self.due
    }

    fn plan(&mut self) {
        let due = self.watched.values().map(|watched| watched.looking.due());
        self.due = due.min();
    }
}
