//! What is known of a number, as a lamp beside a key shows it.

use super::package::Package;
use crate::legs::Pickup;
use model::{Directory, ExtensionState, Number, Party};
use std::collections::BTreeMap;

/// What a lamp shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Lamp {
    /// Nobody is there.
    Away,
    /// Nothing is going on.
    Free,
    /// It rings, for somebody who can be picked up; `None` when that is not known.
    Ringing(Option<Rung>),
    /// There is a call, or somebody waits, who may be shown.
    Busy(Option<Party>),
    /// It does not want to be disturbed.
    Dnd,
}

impl Lamp {
    /// Whether it shows something else than before. That a call does not ring any longer says nothing yet: the switch
    /// is about to say what became of it.
    pub(super) fn is_news_after(&self, before: &Self) -> bool {
        match (before, self) {
            (Self::Ringing(_), Self::Ringing(None)) => false,
            (before, after) => before != after,
        }
    }

    /// Whether who is told by a package sees a difference to before.
    pub(super) fn differs_from(&self, before: &Self, package: Package) -> bool {
        match (package, before, self) {
            (Package::Dialog, Self::Away | Self::Free, Self::Away | Self::Free)
            | (Package::Dialog, Self::Busy(None) | Self::Dnd, Self::Busy(None) | Self::Dnd)
            | (Package::Presence, Self::Ringing(_), Self::Ringing(_))
            | (Package::Presence, Self::Busy(_), Self::Busy(_)) => false,
            (_, before, after) => before != after,
        }
    }
}

/// Who rings, and what to name to take his call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rung {
    /// Who rings.
    pub(super) caller: Party,
    /// How the call is named in Replaces.
    pub(super) pickup: Pickup,
}

/// What the switch has said of numbers.
#[derive(Debug, Default)]
pub(super) struct Known {
    states: BTreeMap<Number, ExtensionState>,
    parties: BTreeMap<Number, Party>,
}

impl Known {
    /// An extension does something else.
    pub(super) fn state(&mut self, number: Number, state: ExtensionState) {
        self.states.insert(number, state);
    }

    /// Somebody waits at a number, or nobody does any longer.
    pub(super) fn party(&mut self, number: Number, party: Option<Party>) {
        match party {
            Some(party) => self.parties.insert(number, party),
            None => self.parties.remove(&number),
        };
    }

    /// Forgets extensions that are gone.
    pub(super) fn retain(&mut self, directory: &Directory) {
        self.states
            .retain(|number, _| directory.extensions.contains_key(number));
    }

    /// What the lamp of a number shows while `rung` rings there.
    pub(super) fn lamp(&self, number: &Number, rung: Option<Rung>) -> Lamp {
        if let Some(party) = self.parties.get(number) {
            return Lamp::Busy(Some(party.clone()));
        }
        match self.states.get(number) {
            Some(ExtensionState::Idle) => Lamp::Free,
            Some(ExtensionState::Ringing) => Lamp::Ringing(rung),
            // With whom somebody talks is not everybody's business.
            Some(ExtensionState::InUse) => Lamp::Busy(None),
            Some(ExtensionState::Dnd) => Lamp::Dnd,
            Some(ExtensionState::Unavailable) | None => Lamp::Away,
        }
    }
}
