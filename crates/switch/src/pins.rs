//! Wrong PINs of mailboxes and rooms: whoever enters too many opens nothing for a while, so that nobody tries them all
//! (VM-05, SI-11). Nobody can shut a mailbox for its owner's own phone that way, or a room for others than himself; and no
//! address is banned for it, which may be a carrier's.

use crate::Switch;
use crate::cx::Cx;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use model::{Duration, Effect, Fact, LegId, Number, Time};
use serde::{Deserialize, Serialize};

/// The wrong PINs of the last while.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pins {
    /// Those that an extension entered, for whatever it wanted to open.
    inside: Guesses,
    /// Those that anybody outside entered for a mailbox.
    outside: Guesses,
    /// Those that somebody outside entered for rooms, by the number that he shows; by the room if he shows none.
    guests: Guesses,
}

type Guesses = BTreeMap<Number, Vec<Guess>>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Guess {
    of: Lock,
    at: Time,
}

/// What a PIN opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Lock {
    /// This mailbox.
    Mailbox(Number),
    /// This room.
    Room(Number),
    /// Whichever room has it (`*0`).
    SomeRoom,
}

/// Whose guesses count together.
enum Guesser {
    Inside(Number),
    Outside(Number),
    Guest(Number),
}

impl Cx<'_> {
    /// Notes that a PIN was wrong.
    pub(crate) fn pin_was_wrong(&mut self, caller: LegId, of: Lock) {
        let refused = match of {
            Lock::Mailbox(number) | Lock::Room(number) => Some(number),
            Lock::SomeRoom => None,
        };
        self.effect(Effect::Fact(Fact::PinRefused {
            leg: caller,
            of: refused,
        }));
        let guesser = self.guesser(caller, Some(of));
        let now = self.now().mono;
        // There is no end of mailboxes that do not exist.
        let exists = |number: &Number| self.directory().extensions.contains_key(number);
        let guesser = guesser.filter(|it| !matches!(it, Guesser::Outside(of) if !exists(of)));
        let pins = &mut self.switch.state.pins;
        for guesses in [&mut pins.inside, &mut pins.outside, &mut pins.guests] {
            guesses.retain(|_, of_one| {
                of_one.retain(|guess| now.since(guess.at) < REMEMBERED);
                !of_one.is_empty()
            });
        }
        let Some((guesses, who)) = guesser.map(|guesser| pins.of_mut(guesser)) else {
            return;
        };
        if guesses.len() >= GUESSERS_MAX && !guesses.contains_key(&who) {
            let oldest = guesses
                .iter()
                .min_by_key(|(_, of_one)| of_one.last().map(|it| it.at));
            if let Some(oldest) = oldest.map(|(who, _)| *who) {
                guesses.remove(&oldest);
            }
        }
        let of_one = guesses.entry(who).or_default();
        if of_one.len() < WRONG_MAX {
            of_one.push(Guess { of, at: now });
        }
    }

    /// Notes that a PIN was right: what its owner mistyped before is forgotten, what he guessed elsewhere is not.
    pub(crate) fn pin_was_right(&mut self, caller: LegId, of: Lock) {
        if let Some(extension) = self.extension(caller)
            && let Some(guesses) = self.switch.state.pins.inside.get_mut(&extension)
        {
            guesses.retain(|guess| guess.of != of);
        }
    }

    /// Whether a caller has entered too many wrong ones to open this now; `None`: whatever he would choose.
    pub(crate) fn is_locked_out(&self, caller: LegId, of: Option<Lock>) -> bool {
        let Switch { state, .. } = &*self.switch;
        let guesser = self.guesser(caller, of);
        let guesses = guesser.and_then(|guesser| match guesser {
            Guesser::Inside(who) => state.pins.inside.get(&who),
            Guesser::Outside(who) => state.pins.outside.get(&who),
            Guesser::Guest(who) => state.pins.guests.get(&who),
        });
        let now = state.now.mono;
        let recent = |guess: &&Guess| now.since(guess.at) < REMEMBERED;
        guesses.is_some_and(|it| it.iter().filter(recent).count() >= WRONG_MAX)
    }

    /// Whose guess it is; `None`: nobody's that could be named.
    fn guesser(&self, caller: LegId, of: Option<Lock>) -> Option<Guesser> {
        if let Some(extension) = self.extension(caller) {
            return Some(Guesser::Inside(extension));
        }
        let shown = || self.party(caller).number;
        match of? {
            Lock::Mailbox(mailbox) => Some(Guesser::Outside(mailbox)),
            Lock::Room(room) => Some(Guesser::Guest(shown().unwrap_or(room))),
            Lock::SomeRoom => shown().map(Guesser::Guest),
        }
    }
}

impl Pins {
    fn of_mut(&mut self, guesser: Guesser) -> (&mut Guesses, Number) {
        match guesser {
            Guesser::Inside(who) => (&mut self.inside, who),
            Guesser::Outside(who) => (&mut self.outside, who),
            Guesser::Guest(who) => (&mut self.guests, who),
        }
    }
}

/// So many wrong PINs are too many: three calls of three tries.
const WRONG_MAX: usize = 9;
/// How long a wrong PIN is remembered.
const REMEMBERED: Duration = Duration::from_secs(3_600);
/// Of how many callers of each kind: numbers from outside can be made up without end.
const GUESSERS_MAX: usize = 10_000;
