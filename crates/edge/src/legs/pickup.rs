//! Calls that ring at an extension, and the name under which another phone can take them (RFC 3891, PU-07).

use super::Legs;
use super::cx::Cx;
use super::leg::{Leg, Stage};
use crate::hub::Hub;
use crate::notifier::Aspect;
use model::{LegId, Number, Origin, Party};

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
    pub(super) fn rings_at(&mut self, cx: &mut Cx<'_>, leg: LegId, extension: Number) {
        self.rung.insert((extension, leg));
        cx.hub.touch(extension, Aspect::Calls);
    }

    /// A leg does not ring any longer, or for somebody else.
    pub(super) fn rang_at(&mut self, cx: &mut Cx<'_>, id: LegId, party: &Origin) {
        let Origin::Extension(extension) = party else {
            return;
        };
        if self.rung.remove(&(*extension, id)) {
            cx.hub.touch(*extension, Aspect::Calls);
        }
    }

    /// A leg that rings does so for somebody else.
    pub(super) fn rings_for_another(cx: &mut Cx<'_>, leg: &Leg) {
        if let Origin::Extension(extension) = &leg.party {
            cx.hub.touch(*extension, Aspect::Calls);
        }
    }
}
