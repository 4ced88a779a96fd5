//! Legs that watch another: they are wherever it is, and hear what is said there (manual §2.6).

use crate::Switch;
use crate::cx::Cx;
use crate::features::Event;
use crate::state::Stage;
use model::{LegId, Number, Switched};
use serde::{Deserialize, Serialize};

/// Whom a leg watches, and who hears it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Watch {
    pub(crate) whom: LegId,
    pub(crate) how: Shadow,
}

/// Who hears a leg that watches another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Shadow {
    /// Nobody.
    Listens,
    /// Only whom it watches.
    Whispers,
    /// Everybody.
    Barges,
}

impl Cx<'_> {
    /// Lets a leg watch another until either is gone.
    pub(crate) fn watch(&mut self, leg: LegId, watch: Watch) {
        let state = &mut self.switch.state;
        let Some(room) = state.legs.get(&watch.whom).map(|whom| whom.room) else {
            return;
        };
        if let Some(leg) = state.legs.get_mut(&leg) {
            leg.watches = Some(watch);
        }
        state.watchers.entry(watch.whom).or_default().insert(leg);
        self.switch.seat(leg, room);
    }

    /// The leg of an extension that is in a conversation: of two the one that is not on hold.
    pub(crate) fn conversing(&self, extension: &Number) -> Option<LegId> {
        let state = &self.switch.state;
        let own = state.lines.legs_of(extension).into_iter().flatten();
        let talking = own.filter_map(|id| {
            let leg = state.legs.get(id)?;
            let converses = leg.stage == Stage::Answered && leg.room.is_some();
            (converses && leg.watches.is_none()).then_some((leg.held == Switched::On, *id))
        });
        talking.min().map(|(_, leg)| leg)
    }

    /// Whether an extension has a leg in the room of another leg.
    pub(crate) fn is_with(&self, extension: &Number, leg: LegId) -> bool {
        let state = &self.switch.state;
        let room = state.legs.get(&leg).and_then(|leg| leg.room);
        let mut own = state.lines.legs_of(extension).into_iter().flatten();
        own.any(|id| {
            let leg = state.legs.get(id);
            leg.is_some_and(|leg| leg.room.is_some() && leg.room == room && leg.watches.is_none())
        })
    }
}

impl Switch {
    /// A leg is gone: who watched it hears so, and nobody is watched by it any more.
    pub(crate) fn unwatch(&mut self, id: LegId, watch: Option<Watch>) {
        if let Some(watch) = watch
            && let Some(watchers) = self.state.watchers.get_mut(&watch.whom)
        {
            watchers.remove(&id);
            if watchers.is_empty() {
                self.state.watchers.remove(&watch.whom);
            }
        }
        for watcher in self.state.watchers.remove(&id).unwrap_or_default() {
            self.seat(watcher, None);
            if let Some(leg) = self.state.legs.get_mut(&watcher) {
                leg.watches = None;
                self.inbox.push_back((leg.call, Event::Lost(id)));
            }
        }
    }
}
