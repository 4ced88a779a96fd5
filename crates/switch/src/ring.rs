//! Calling out: phones of extensions, and numbers outside.

use crate::cx::Cx;
use crate::mix::Voice;
use crate::routing::{Exit, Journey, Urgency, View};
use crate::state::{Direction, Leg, Stage};
use alloc::string::String;
use alloc::vec::Vec;
use model::{
    AutoAnswer, Duration, Effect, Fact, Keys, LegId, Number, Origin, Party, Ring, Sound, Target,
    Tone,
};

impl Cx<'_> {
    /// What a way is chosen from.
    pub(crate) fn view(&self) -> View<'_> {
        self.switch.view()
    }

    /// Rings an extension for a call that has come a way; the new leg belongs to this call.
    pub(crate) fn ring_on(
        &mut self,
        extension: Number,
        on_behalf: LegId,
        journey: &Journey,
    ) -> LegId {
        self.ring_phone(extension, on_behalf, AutoAnswer::No, journey)
    }

    /// Rings an extension, whose phones show somebody else than who waits for it.
    pub(crate) fn ring_as(&mut self, extension: Number, on_behalf: LegId, shown: Party) -> LegId {
        let ring = Ring {
            leg: self.switch.state.ids.leg(),
            target: Target::Extension(extension),
            caller: shown,
            on_behalf: Some(on_behalf),
            auto_answer: AutoAnswer::No,
            forwarded_by: Vec::new(),
        };
        let party = self.party_of(extension);
        self.call_out(ring, Origin::Extension(extension), party, None)
    }

    /// Rings an extension whose phone is asked to answer by itself.
    pub(crate) fn ring_through(&mut self, extension: Number, on_behalf: LegId) -> LegId {
        let journey = Journey::begin(self.extension(on_behalf), 0);
        self.ring_phone(extension, on_behalf, AutoAnswer::Yes, &journey)
    }

    /// Rings an extension for nobody, and asks its phone to answer by itself.
    pub(crate) fn ring_alone(&mut self, extension: Number) -> LegId {
        let party = self.party_of(extension);
        let ring = Ring {
            leg: self.switch.state.ids.leg(),
            target: Target::Extension(extension),
            caller: party.clone(),
            on_behalf: None,
            auto_answer: AutoAnswer::Yes,
            forwarded_by: Vec::new(),
        };
        self.call_out(ring, Origin::Extension(extension), party, None)
    }

    /// Rings an extension for nobody who waits, showing somebody.
    pub(crate) fn ring_for(&mut self, extension: Number, shown: Party) -> LegId {
        let ring = Ring {
            leg: self.switch.state.ids.leg(),
            target: Target::Extension(extension),
            caller: shown,
            on_behalf: None,
            auto_answer: AutoAnswer::No,
            forwarded_by: Vec::new(),
        };
        let party = self.party_of(extension);
        self.call_out(ring, Origin::Extension(extension), party, None)
    }

    fn ring_phone(
        &mut self,
        extension: Number,
        on_behalf: LegId,
        auto_answer: AutoAnswer,
        journey: &Journey,
    ) -> LegId {
        let ring = Ring {
            leg: self.switch.state.ids.leg(),
            target: Target::Extension(extension),
            caller: self.party(on_behalf),
            on_behalf: Some(on_behalf),
            auto_answer,
            forwarded_by: journey.forwarded_by.clone(),
        };
        let party = self.party_of(extension);
        self.call_out(ring, Origin::Extension(extension), party, None)
    }

    /// Calls a number on a trunk. `None`: the trunk is gone or takes no more calls.
    pub(crate) fn ring_out(
        &mut self,
        exit: &Exit,
        urgency: Urgency,
        on_behalf: LegId,
        journey: &Journey,
    ) -> Option<LegId> {
        let shown = self.shown_outside(on_behalf, &exit.trunk);
        self.ring_trunk(exit, urgency, (Some(on_behalf), shown), journey)
    }

    /// Rings an extension for a conference, which its phones show.
    pub(crate) fn ring_for_room(&mut self, extension: Number, room: Number) -> LegId {
        let ring = Ring {
            leg: self.switch.state.ids.leg(),
            target: Target::Extension(extension),
            caller: self.party_of(room),
            on_behalf: None,
            auto_answer: AutoAnswer::No,
            forwarded_by: Vec::new(),
        };
        let party = self.party_of(extension);
        self.call_out(ring, Origin::Extension(extension), party, None)
    }

    /// Calls a number on a trunk for a conference, as the extension with whose rights it is called.
    pub(crate) fn ring_out_for_room(
        &mut self,
        exit: &Exit,
        room: Number,
        journey: &Journey,
    ) -> Option<LegId> {
        let party = self.party_of(room);
        let shown = self.number_outside(journey.as_whom, party, &exit.trunk);
        self.ring_trunk(exit, Urgency::Usual, (None, shown), journey)
    }

    fn ring_trunk(
        &mut self,
        exit: &Exit,
        urgency: Urgency,
        (on_behalf, caller): (Option<LegId>, Party),
        journey: &Journey,
    ) -> Option<LegId> {
        let trunk = self.directory().trunks.get(&exit.trunk)?;
        let full = self
            .switch
            .state
            .usage
            .is_full(&exit.trunk, trunk.max_calls);
        // Whether the line is really full is the provider's to say when it matters.
        if full && urgency == Urgency::Usual {
            return None;
        }
        let party = Party {
            number: Some(exit.number),
            name: String::new(),
        };
        let ring = Ring {
            leg: self.switch.state.ids.leg(),
            target: Target::Trunk {
                trunk: exit.trunk.clone(),
                number: exit.number,
            },
            caller,
            on_behalf,
            auto_answer: AutoAnswer::No,
            forwarded_by: journey.sent_by(),
        };
        let who = Origin::Trunk(exit.trunk.clone());
        let payer = journey.as_whom.filter(|_| urgency == Urgency::Usual);
        Some(self.call_out(ring, who, party, payer))
    }

    fn call_out(&mut self, ring: Ring, who: Origin, party: Party, payer: Option<Number>) -> LegId {
        let id = ring.leg;
        let shown = Some(ring.caller.clone());
        self.switch.effects.push(Effect::Ring(ring));
        self.switch.fact(Fact::Joined {
            call: self.call,
            leg: id,
            party: party.clone(),
        });
        let leg = Leg {
            payer,
            shown,
            ..Leg::begin(self.call, who, party, Direction::Out)
        };
        self.switch.add_leg(id, leg);
        id
    }

    /// Whom a trunk shows as the caller: for an extension its number outside, else the trunk's own; for a caller
    /// from outside himself, whoever forwarded him (CF-13, FM-11).
    fn shown_outside(&self, leg: LegId, trunk: &str) -> Party {
        let party = self.party(leg);
        match self.extension(leg) {
            Some(extension) => self.number_outside(Some(extension), party, trunk),
            None => party,
        }
    }

    fn number_outside(&self, extension: Option<Number>, party: Party, trunk: &str) -> Party {
        let own = extension.and_then(|own| self.directory().extension(&own));
        let trunk = self.directory().trunks.get(trunk);
        let first = trunk.and_then(|trunk| trunk.numbers.first().copied());
        let number = own.and_then(|own| own.caller_id).or(first);
        Party {
            number: number.or(party.number),
            name: party.name,
        }
    }

    /// Whom others see at a leg's end.
    pub(crate) fn party(&self, leg: LegId) -> Party {
        let leg = self.switch.state.legs.get(&leg);
        leg.map(|leg| leg.party.clone()).unwrap_or_default()
    }

    /// Lets a leg be heard by nobody.
    pub(crate) fn mute(&mut self, leg: LegId) {
        if let Some(leg) = self.switch.state.legs.get_mut(&leg) {
            leg.voice = Voice::Unheard;
            self.switch.remixed.extend(leg.room);
        }
    }

    /// Ends a leg after so long a talk (AD-07).
    pub(crate) fn limit(&mut self, leg: LegId, so_long: Duration) {
        self.switch.limit(leg, so_long);
    }

    /// Whether a leg has been answered, whoever called whom.
    pub(crate) fn is_answered(&self, leg: LegId) -> bool {
        let leg = self.switch.state.legs.get(&leg);
        leg.is_some_and(|leg| leg.stage == Stage::Answered)
    }

    /// Whether the trunk of a leg that comes in has more calls with it than it takes.
    pub(crate) fn trunk_is_over_full(&self, leg: LegId) -> bool {
        let Some(Origin::Trunk(name)) = self.origin(leg) else {
            return false;
        };
        let most = self.directory().trunks.get(name);
        let most = most.and_then(|trunk| trunk.max_calls);
        most.is_some_and(|most| self.switch.state.usage.calls(name) > most.get())
    }

    /// Lets a party that has been answered hear ringing, as sound: it can be told no other way.
    pub(crate) fn play_ringing(&mut self, leg: LegId) {
        self.play(leg, Vec::from([Sound::Tone(Tone::Ring)]), Keys::Report);
    }

    /// Notes that somebody calls for help.
    pub(crate) fn calls_for_help(&mut self, by: Option<Number>, number: Number) {
        let state = &mut self.switch.state;
        if let Some(by) = by {
            let now = state.now.mono;
            state.called_for_help.insert(by, now);
            state
                .called_for_help
                .retain(|_, at| now.since(*at) < HELP_CALLS_BACK);
        }
        let call = self.call;
        self.switch.fact(Fact::Emergency { call, by, number });
    }

    /// Notes that a caller on the blacklist was refused.
    pub(crate) fn blocked(&mut self, listed: Number) {
        self.switch.fact(Fact::Blocked(listed));
    }
}

/// How long after a call for help an extension is called back although it does not want to be disturbed (DN-05).
pub(crate) const HELP_CALLS_BACK: Duration = Duration::from_secs(30 * 60);
