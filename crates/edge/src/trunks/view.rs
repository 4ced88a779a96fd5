//! Trunks as the administrator sees them.

use super::book::{Entry, Presence, Registered};
use super::{Trunks, Watched};
use crate::hub::Hub;
use model::{Duration, Now, TrunkKind};
use sip::Transport;
use std::net::SocketAddr;

/// A trunk and how it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrunkView {
    /// Its name.
    pub name: String,
    /// How the two sides know each other.
    pub kind: TrunkKind,
    /// Its host, as it is set up.
    pub host: String,
    /// Whether calls can go out on it, and if not, why.
    pub state: TrunkState,
    /// Its addresses in the order in which they are tried, and whether each answers.
    pub places: Vec<(Transport, SocketAddr, bool)>,
    /// For how long it knows us, where we register.
    pub registered_for: Option<Duration>,
    /// What went wrong last with the registration; empty when nothing did.
    pub trouble: String,
}

/// Whether calls can go out on a trunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrunkState {
    /// They can.
    Up,
    /// Its host has no address.
    NotFound,
    /// It does not know where we are.
    NotRegistered,
    /// None of its addresses answers.
    NoAnswer,
}

impl Trunks {
    /// Every trunk, by name.
    pub(crate) fn views<'t>(
        &'t self,
        hub: &'t Hub,
        now: Now,
    ) -> impl Iterator<Item = TrunkView> + 't {
        hub.book.entries().map(move |entry| {
            let mut watched = self.watched.values();
            let watched = watched.find(|watched| watched.token == entry.token);
            view(entry, watched, now)
        })
    }
}

fn view(entry: &Entry, watched: Option<&Watched>, now: Now) -> TrunkView {
    let registration = watched.and_then(|watched| watched.registration.as_ref());
    let places = entry.places.iter().map(|place| {
        let is_there = place.presence == Presence::There;
        (place.flow.transport, place.flow.remote, is_there)
    });
    TrunkView {
        name: entry.trunk.name.clone(),
        kind: entry.trunk.kind,
        host: entry.trunk.host.clone(),
        state: state(entry),
        places: places.collect(),
        registered_for: registration.and_then(|it| it.lasts(now.mono)),
        trouble: entry.trouble.clone(),
    }
}

fn state(entry: &Entry) -> TrunkState {
    if entry.places.is_empty() {
        TrunkState::NotFound
    } else if entry.registered == Registered::No {
        TrunkState::NotRegistered
    } else if entry.is_up() {
        TrunkState::Up
    } else {
        TrunkState::NoAnswer
    }
}
