//! A leg on its way to a number: it was transferred, or asks somebody before it transfers.

use super::{Event, Feature, Phase};
use crate::cx::Cx;
use crate::routing;
use alloc::vec;
use alloc::vec::Vec;
use model::{LegEvent, LegId, Number};
use serde::{Deserialize, Serialize};

/// A leg that is about to go where a number leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sent {
    leg: LegId,
    number: Number,
    /// The extension whose rights it has.
    rights: Number,
}

impl Sent {
    pub(crate) const fn new(leg: LegId, number: Number, rights: Number) -> Self {
        Self {
            leg,
            number,
            rights,
        }
    }
}

impl Feature for Sent {
    fn on(self, event: Event, cx: &mut Cx<'_>) -> Phase {
        match event {
            Event::Begin => routing::send(self.leg, self.number, self.rights, cx),
            Event::Leg(_, LegEvent::HungUp(cause)) => cx.end(cause),
            _ => self.into(),
        }
    }

    fn is_on_its_way(&self) -> bool {
        true
    }

    fn legs(&self) -> Vec<LegId> {
        vec![self.leg]
    }
}
