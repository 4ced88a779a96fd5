//! Calls that may not last for ever: a leg on a route with a time limit ends when its time is over, wherever
//! it has been transferred meanwhile (AD-07, XF-11).

use crate::Switch;
use crate::phrase;
use crate::speech::Speech;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use model::{Duration, Effect, Keys, LegId, Origin, PlayId, Switched, Time};
use serde::{Deserialize, Serialize};

/// When something happens to legs whose time is limited.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Curfews(BTreeSet<(Time, LegId)>);

/// What is still to happen to a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Curfew {
    /// Those who talk with it are told that a minute is left.
    Warns(Time),
    /// It ends.
    Ends(Time),
}

impl Curfew {
    pub(crate) const fn at(self) -> Time {
        match self {
            Self::Warns(at) | Self::Ends(at) => at,
        }
    }
}

impl Curfews {
    pub(crate) fn next_deadline(&self) -> Option<Time> {
        self.0.first().map(|&(at, _)| at)
    }

    pub(crate) fn remove(&mut self, leg: LegId, curfew: Curfew) {
        self.0.remove(&(curfew.at(), leg));
    }

    pub(crate) fn contains(&self, leg: LegId, curfew: Curfew) -> bool {
        self.0.contains(&(curfew.at(), leg))
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl Switch {
    /// Ends a leg after so long.
    pub(crate) fn limit(&mut self, leg: LegId, so_long: Duration) {
        let now = self.state.now.mono;
        let curfew = match so_long.checked_sub(LAST_MINUTE) {
            Some(until) if !until.is_zero() => Curfew::Warns(now + until),
            Some(_) | None => Curfew::Ends(now + so_long),
        };
        self.set_curfew(leg, curfew);
    }

    /// Warns of or ends one leg whose time has come. `None`: there is none.
    pub(crate) fn keep_curfew(&mut self) -> Option<LegId> {
        let now = self.state.now.mono;
        let &(_, id) = self.state.curfews.0.first().filter(|(at, _)| *at <= now)?;
        let leg = self.state.legs.get_mut(&id)?;
        let curfew = leg.curfew.take()?;
        self.state.curfews.remove(id, curfew);
        match curfew {
            Curfew::Warns(at) => {
                self.set_curfew(id, Curfew::Ends(at + LAST_MINUTE));
                self.warn_room_of(id);
            }
            Curfew::Ends(_) => {
                self.dismiss(id);
            }
        }
        Some(id)
    }

    fn set_curfew(&mut self, id: LegId, curfew: Curfew) {
        if let Some(leg) = self.state.legs.get_mut(&id) {
            if let Some(old) = leg.curfew.replace(curfew) {
                self.state.curfews.remove(id, old);
            }
            self.state.curfews.0.insert((curfew.at(), id));
        }
    }

    /// Tells the extensions in a leg's room; who hears something already is not disturbed.
    fn warn_room_of(&mut self, id: LegId) {
        let room = self.state.legs.get(&id).and_then(|leg| leg.room);
        let seats = room.and_then(|room| self.state.rooms.get(&room));
        let others: Vec<_> = seats.into_iter().flatten().copied().collect();
        for other in others {
            let Some(leg) = self.state.legs.get_mut(&other) else {
                continue;
            };
            let Origin::Extension(number) = &leg.who else {
                continue;
            };
            if leg.playing.is_some() || leg.held == Switched::On {
                continue;
            }
            let play = PlayId(self.state.ids.other());
            leg.playing = Some(play);
            let speech = Speech::new(self.directory.language(Some(number)));
            self.effects.push(Effect::Play {
                leg: other,
                play,
                sounds: speech.phrase(phrase::ONE_MINUTE_LEFT).finish(),
                keys: Keys::Report,
            });
        }
    }
}

/// How long before the end those who talk are told.
const LAST_MINUTE: Duration = Duration::from_secs(60);
