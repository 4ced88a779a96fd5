//! Calls that ring at an extension, and the name under which another phone can take them (RFC 3891, PU-07).

use super::Legs;
use super::cx::Cx;
use super::leg::{Leg, Stage};
use crate::hub::Hub;
use crate::notifier::Aspect;
use crate::refusal::Refusal;
use model::{LegId, Number, Origin, Party};
use sip::message::{Only, Replaces};

/// What a phone writes into Replaces to take a call that rings elsewhere. It names no dialog of any phone, because
/// several may ring for one call and each has one of its own; who is told of it is told by
/// [`crate::notifier`] and cannot guess it otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pickup {
    /// The Call-ID.
    pub(crate) call_id: String,
    /// The tag of the extension that rings.
    pub(crate) local_tag: String,
    /// The tag of who calls it.
    pub(crate) remote_tag: String,
}

impl Pickup {
    pub(super) fn new(hub: &mut Hub) -> Self {
        let ids = hub.transactions.ids();
        Self {
            call_id: ids.call_id(),
            local_tag: ids.tag(),
            remote_tag: ids.tag(),
        }
    }
}

impl Legs {
    /// The call that has been ringing longest at an extension: who calls, and how it is taken.
    pub(crate) fn rung_at(&self, extension: &Number) -> Option<(&Party, &Pickup)> {
        let first = (*extension, LegId(0));
        let last = (*extension, LegId(u64::MAX));
        let mut rung = self.rung.range(first..=last);
        let leg = rung.find_map(|(_, id)| self.legs.get(id))?;
        match &leg.stage {
            Stage::Ringing(ringing) => {
                Some((ringing.caller().or(leg.shown.as_ref())?, ringing.pickup()))
            }
            Stage::Calling(_) | Stage::Talking(_) => None,
        }
    }

    /// A leg rings an extension.
    pub(super) fn rings_at(&mut self, cx: &mut Cx<'_>, id: LegId) {
        if let Some((extension, call_id)) = self.legs.get(&id).and_then(rung) {
            self.pickups.insert(call_id.to_owned(), id);
            self.rung.insert((extension, id));
            cx.hub.touch(extension, Aspect::Calls);
        }
    }

    /// A leg is about to ring no longer, if it does.
    pub(super) fn rang_at(&mut self, cx: &mut Cx<'_>, id: LegId) {
        if let Some((extension, call_id)) = self.legs.get(&id).and_then(rung) {
            self.pickups.remove(call_id);
            self.rung.remove(&(extension, id));
            cx.hub.touch(extension, Aspect::Calls);
        }
    }

    /// A leg that rings does so for somebody else.
    pub(super) fn rings_for_another(cx: &mut Cx<'_>, leg: &Leg) {
        if let Some((extension, _)) = rung(leg) {
            cx.hub.touch(extension, Aspect::Calls);
        }
    }

    /// The leg whose place a caller takes who names it in Replaces (RFC 3891 §3): one that rings, which is thereby
    /// picked up, or one that is answered.
    pub(super) fn replaced(&self, replaces: &Replaces<'_>) -> Result<LegId, Refusal> {
        let picked_up = || {
            let id = *self.pickups.get(replaces.call_id)?;
            let Stage::Ringing(ringing) = &self.legs.get(&id)?.stage else {
                return None;
            };
            let Pickup {
                call_id: _,
                local_tag,
                remote_tag,
            } = ringing.pickup();
            is_between(replaces, local_tag, remote_tag).then_some(id)
        };
        let id = picked_up().or_else(|| self.in_dialog(replaces));
        let leg = id.and_then(|id| self.legs.get(&id).map(|leg| (id, leg)));
        match leg.map(|(id, leg)| (id, &leg.stage)) {
            Some((id, Stage::Ringing(_))) => Ok(id),
            Some((id, Stage::Talking(_))) => match replaces.only {
                Only::Any => Ok(id),
                Only::Early => Err(Refusal::new(486)),
            },
            // Who waits to be answered has not been called by us (RFC 3891 §3).
            Some((_, Stage::Calling(_))) | None => Err(Refusal::new(481)),
        }
    }

    /// The leg of the dialog that Replaces names. Either end may be the one that is asked: we stand between both.
    pub(super) fn in_dialog(&self, replaces: &Replaces<'_>) -> Option<LegId> {
        let tags = [replaces.to_tag, replaces.from_tag];
        tags.into_iter().find_map(|tag| {
            let id = *self.tags.get(tag)?;
            let session = &self.branches.get(&id)?.session;
            let remote_tag = &session.dialog()?.remote_tag;
            let named = session.call_id() == replaces.call_id
                && is_between(replaces, session.local_tag(), remote_tag);
            self.leg_of(id).filter(|_| named)
        })
    }
}

/// Whether Replaces names a dialog with these tags. The tag of an end that gave none is 0 (RFC 3891 §6.1).
fn is_between(replaces: &Replaces<'_>, local_tag: &str, remote_tag: &str) -> bool {
    let remote_tag = if remote_tag.is_empty() {
        "0"
    } else {
        remote_tag
    };
    let named = (replaces.to_tag, replaces.from_tag);
    named == (local_tag, remote_tag) || named == (remote_tag, local_tag)
}

/// The extension that a leg rings, and the Call-ID under which it is picked up.
fn rung(leg: &Leg) -> Option<(Number, &str)> {
    match (&leg.party, &leg.stage) {
        (Origin::Extension(extension), Stage::Ringing(ringing)) => {
            Some((*extension, &ringing.pickup().call_id))
        }
        (Origin::Extension(_) | Origin::Trunk(_), _) => None,
    }
}
