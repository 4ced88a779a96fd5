//! Parking slots: which call waits in each (manual §2.3).

use crate::Switch;
use crate::cx::Cx;
use crate::handover::Given;
use alloc::string::ToString;
use model::{CallId, Fact, LegId, Number, Party};

impl Cx<'_> {
    /// The lowest slot that is free.
    pub(crate) fn free_slot(&self) -> Option<u16> {
        let mut slots = self.directory().parking.slots();
        slots.find(|slot| !self.switch.state.slots.contains_key(slot))
    }

    pub(crate) fn is_free(&self, slot: u16) -> bool {
        !self.switch.state.slots.contains_key(&slot)
    }

    /// The call that waits in a slot.
    pub(crate) fn parked_at(&self, slot: u16) -> Option<CallId> {
        let call = *self.switch.state.slots.get(&slot)?;
        Some(call).filter(|call| self.would_take(*call, Given::Retrieves))
    }

    /// Puts this call into a slot, which is free.
    pub(crate) fn park(&mut self, slot: u16, waiting: LegId) {
        self.switch.state.slots.insert(slot, self.call);
        let party = self.party(waiting);
        self.switch.lamp(slot, Some(party));
    }

    /// Takes this call out of its slot.
    pub(crate) fn unpark(&mut self) {
        self.switch.unpark(self.call);
    }
}

impl Switch {
    /// Frees the parking slot of a call.
    pub(crate) fn unpark(&mut self, call: CallId) {
        let mut slots = self.state.slots.iter();
        let slot = slots.find(|(_, parked)| **parked == call);
        if let Some(slot) = slot.map(|(slot, _)| *slot) {
            self.state.slots.remove(&slot);
            self.lamp(slot, None);
        }
    }

    fn lamp(&mut self, slot: u16, party: Option<Party>) {
        if let Ok(number) = Number::parse(&slot.to_string()) {
            self.fact(Fact::Lamp(number, party));
        }
    }
}
