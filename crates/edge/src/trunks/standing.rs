//! How trunks stand, for calls to know and for the operator to read.

use super::book::{Presence, Registered};
use super::question::Asked;
use super::registration::{Registration, Say};
use super::{Trunks, WatchId, request};
use crate::hub::Hub;
use model::Now;
use sip::Flow;

impl Trunks {
    /// Sends what a registration has to say, if anything, and lets calls know how it stands.
    pub(super) fn say(&mut self, hub: &mut Hub, now: Now, id: WatchId, say: Option<Say>) {
        if let Some(say) = say
            && let Some(watched) = self.watched.get_mut(&id)
            && let Some(registration) = &mut watched.registration
        {
            let register =
                request::register(hub, (&watched.trunk, &watched.token), registration, &say);
            let of = (id, Asked::ToKnowUs);
            registration.said(&say, register.clone());
            let sent = self.questions.ask(hub, now, say.flow, &register, of);
            if sent.is_err() {
                // As when the network did not take it; there is no place that it could go to instead.
                let ids = hub.transactions.ids();
                let _ = registration.unanswered(now.mono, &[], ids);
            }
        }
        self.show(hub, id);
    }

    /// Lets calls know how a registration stands, and forgets it when it is over and its trunk is gone.
    fn show(&mut self, hub: &mut Hub, id: WatchId) {
        let Some(watched) = self.watched.get(&id) else {
            return;
        };
        let Some(registration) = &watched.registration else {
            return;
        };
        match hub.book.of_any_token(&watched.token) {
            Some(entry) => {
                let name = &entry.trunk.name;
                tell(name, (entry.registered, &entry.trouble), registration);
                entry.registered = registration.at().map_or(Registered::No, Registered::At);
                entry.trouble.clone_from(&registration.trouble);
            }
            None if registration.is_over() => drop(self.watched.remove(&id)),
            None => {}
        }
    }
}

/// Tells the operator what has changed.
fn tell(name: &str, (before, known): (Registered, &str), registration: &Registration) {
    let why = &registration.trouble;
    match (before, registration.at()) {
        (Registered::No, Some(flow)) => {
            tracing::info!(trunk = name, address = %flow.remote, "registered");
        }
        (Registered::At(_), None) => tracing::warn!(trunk = name, %why, "no longer registered"),
        (Registered::No, None) if *why != *known => {
            tracing::warn!(trunk = name, %why, "not registered");
        }
        (Registered::No, None) | (Registered::At(_), Some(_)) | (Registered::ByAddress, _) => {}
    }
}

/// A place answers, or does so no longer.
pub(super) fn note(hub: &mut Hub, token: &str, flow: &Flow, presence: Presence) {
    let Some(entry) = hub.book.of_any_token(token) else {
        return;
    };
    let name = entry.trunk.name.clone();
    let Some(place) = entry.place_mut(flow) else {
        return;
    };
    if place.presence == presence {
        return;
    }
    place.presence = presence;
    let address = flow.remote;
    match presence {
        Presence::There => tracing::info!(trunk = %name, %address, "the trunk answers again"),
        Presence::Gone => tracing::warn!(trunk = %name, %address, "the trunk does not answer"),
    }
}
