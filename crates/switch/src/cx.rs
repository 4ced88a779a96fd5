//! What a phase may do: the whole vocabulary of call features.

use crate::Switch;
use crate::features::Phase;
use crate::features::codes::{self, Code, Keyed, Place};
use crate::handover::Given;
use crate::line::Stands;
use crate::speech::Speech;
use crate::state::{Direction, Leg, NewCalls, Stage};
use alloc::string::ToString;
use alloc::vec::Vec;
use model::{
    CallId, Cause, Civil, Digit, Directory, Duration, Effect, Fact, FinalCallee, Keys, LegId, Now,
    Number, Origin, Party, PlayId, Question, QuestionId, Sound, Switched, TimerId,
    TransferProgress, Wall,
};

/// One call, while it takes one step.
///
/// A leg that is gone is no error anywhere: what is asked of it has no effect.
pub(crate) struct Cx<'a> {
    pub(crate) switch: &'a mut Switch,
    pub(crate) call: CallId,
}

/// What a phase may know.
impl Cx<'_> {
    pub(crate) fn directory(&self) -> &Directory {
        &self.switch.directory
    }

    pub(crate) const fn new_calls(&self) -> NewCalls {
        self.switch.state.new_calls
    }

    pub(crate) fn origin(&self, leg: LegId) -> Option<&Origin> {
        self.leg(leg).map(|leg| &leg.who)
    }

    pub(crate) const fn now(&self) -> Now {
        self.switch.state.now
    }

    /// What the clocks of the site show at a moment.
    pub(crate) fn civil(&self, at: Wall) -> Option<Civil> {
        self.switch.state.zone.civil(at)
    }

    /// When the clocks of the site show this.
    pub(crate) fn wall(&self, civil: Civil) -> Wall {
        self.switch.state.zone.wall(civil)
    }

    /// The extension whose leg it is.
    pub(crate) fn extension(&self, leg: LegId) -> Option<Number> {
        match self.origin(leg)? {
            Origin::Extension(number) => Some(*number),
            Origin::Trunk(_) => None,
        }
    }

    /// How an extension stands for a call that would ring it.
    pub(crate) fn stands(&self, number: &Number) -> Stands {
        self.switch.state.lines.stands(number)
    }

    pub(crate) fn held(&self, leg: LegId) -> Switched {
        self.leg(leg).map_or(Switched::Off, |leg| leg.held)
    }

    /// Begins something to say in the language of whoever hears it (FC-06).
    pub(crate) fn speech(&self, to: LegId) -> Speech {
        let listener = self.extension(to);
        Speech::new(self.directory().language(listener.as_ref()))
    }

    /// Which codes are read that a party presses in a conversation: those of extensions, unless the other is outside
    /// and was called from here (P-09, FC-07). Who invites somebody has codes for that, and no others.
    pub(crate) fn codes_of(&self, leg: LegId, other: LegId) -> Option<Place> {
        if self.is_consultation() {
            let invites = self.invitation().is_some_and(|(by, _)| by == leg);
            return invites.then_some(Place::Invite);
        }
        let other = self.leg(other)?;
        let called_outside =
            matches!(other.who, Origin::Trunk(_)) && other.direction == Direction::Out;
        let may = self.extension(leg).is_some()
            && (!called_outside || self.directory().system.outbound_call_features);
        may.then_some(Place::Talk)
    }

    /// Whether a key brings a party back from whom he wanted to ask (`*`, P-07).
    pub(crate) fn cancels(&self, key: Digit) -> bool {
        let codes = &self.directory().feature_codes;
        let pressed = key.as_char().to_string();
        codes::keyed(&pressed, Place::Consult, codes) == Keyed::Code(Code::CancelTransfer)
    }

    /// The leg that rings longest at an extension, of those whose call can be picked up.
    pub(crate) fn ringing(&self, extension: &Number) -> Option<LegId> {
        let legs = self.switch.state.lines.legs_of(extension);
        legs.into_iter()
            .flatten()
            .copied()
            .find(|leg| self.rings_here(*leg))
    }

    /// Whether a leg rings, and its call can be picked up.
    pub(crate) fn rings_here(&self, id: LegId) -> bool {
        self.leg(id).is_some_and(|leg| {
            leg.direction == Direction::Out
                && leg.stage < Stage::Answered
                && self.would_take(leg.call, Given::PicksUp(id))
        })
    }

    fn leg(&self, leg: LegId) -> Option<&Leg> {
        self.switch.state.legs.get(&leg)
    }
}

/// Legs.
impl Cx<'_> {
    /// Tells the caller that it rings; once, and not after sound has begun.
    pub(crate) fn alert(&mut self, caller: LegId) {
        if self.reach(caller, Stage::Ringing) {
            self.switch.effects.push(Effect::Alert(caller));
        }
    }

    /// Opens sound towards the caller before the answer.
    pub(crate) fn progress(&mut self, caller: LegId) {
        if self.reach(caller, Stage::Early) {
            self.switch.effects.push(Effect::Progress(caller));
        }
    }

    /// Answers the caller; talk time runs from the first answer of a call.
    pub(crate) fn answer(&mut self, caller: LegId) {
        if self.reach(caller, Stage::Answered) {
            self.switch.effects.push(Effect::Answer(caller));
        }
        if self.is_answered(caller) {
            let now = self.switch.state.now.mono;
            self.draft(|draft| draft.answered(now));
        }
    }

    /// Answers a caller who only waits to talk with somebody: talk time does not run.
    pub(crate) fn take_in(&mut self, caller: LegId) {
        if self.reach(caller, Stage::Answered) {
            self.switch.effects.push(Effect::Answer(caller));
        }
    }

    pub(crate) fn hang_up(&mut self, leg: LegId, cause: Cause) {
        if self.switch.remove_leg(leg).is_some() {
            self.switch.effects.push(Effect::HangUp(leg, cause));
        }
    }

    /// Shows a leg's party with whom it talks (connected line).
    pub(crate) fn identify(&mut self, leg: LegId, other: Number) {
        let party = self.party_of(other);
        if let Some(known) = self.switch.state.legs.get_mut(&leg)
            && known.shown.as_ref() != Some(&party)
        {
            known.shown = Some(party.clone());
            self.switch.effects.push(Effect::Identify(leg, party));
        }
    }

    /// How a number inside is shown.
    pub(crate) fn party_of(&self, number: Number) -> Party {
        let directory = self.directory();
        let group = directory.ring_groups.get(&number);
        let group = || group.map(|group| &group.name);
        let room = || directory.rooms.get(&number).map(|room| &room.name);
        let queue = || directory.queues.get(&number).map(|queue| &queue.name);
        let owner = directory.extension(&number).map(|owner| &owner.name);
        let name = owner.or_else(group).or_else(room).or_else(queue);
        let name = name.filter(|name| !name.is_empty()).cloned();
        Party {
            number: Some(number),
            name: name.unwrap_or_else(|| number.to_string()),
        }
    }

    /// Takes a leg that the switch sets up to a stage. `false`: it is there, further, or not such a leg.
    fn reach(&mut self, caller: LegId, stage: Stage) -> bool {
        let leg = self.switch.state.legs.get_mut(&caller);
        leg.is_some_and(|leg| leg.direction == Direction::In && leg.reach(stage))
    }
}

/// Sound.
impl Cx<'_> {
    /// Plays something to a leg, instead of what is being played to it.
    pub(crate) fn play(&mut self, leg: LegId, sounds: Vec<Sound>, keys: Keys) -> PlayId {
        let play = PlayId(self.switch.state.ids.other());
        if let Some(listener) = self.switch.state.legs.get_mut(&leg) {
            listener.playing = Some(play);
            self.switch.effects.push(Effect::Play {
                leg,
                play,
                sounds,
                keys,
            });
        }
        play
    }

    /// Says something to a leg; a key cuts it short.
    pub(crate) fn say(&mut self, leg: LegId, speech: Speech) -> PlayId {
        self.play(leg, speech.finish(), Keys::CutShort)
    }

    /// Says something to a leg that it hears to the end; keys in the meantime are lost.
    pub(crate) fn say_all(&mut self, leg: LegId, speech: Speech) -> PlayId {
        self.play(leg, speech.finish(), Keys::Drop)
    }

    /// Stops what is being played to a leg.
    pub(crate) fn silence(&mut self, leg: LegId) {
        let listener = self.switch.state.legs.get_mut(&leg);
        if listener.is_some_and(|listener| listener.playing.take().is_some()) {
            self.switch.effects.push(Effect::Silence(leg));
        }
    }

    /// Lets a leg hear itself, or no longer.
    pub(crate) fn echo(&mut self, leg: LegId, switched: Switched) {
        if self.leg(leg).is_some() {
            self.switch.effects.push(Effect::Echo(leg, switched));
        }
    }

    pub(crate) fn send_digit(&mut self, leg: LegId, digit: Digit) {
        if self.leg(leg).is_some() {
            self.switch.effects.push(Effect::SendDigit(leg, digit));
        }
    }
}

/// Time, questions and what is written down.
impl Cx<'_> {
    /// Starts a timer, which the phase hears of as `Event::Timer`.
    pub(crate) fn timer(&mut self, after: Duration) -> TimerId {
        let state = &mut self.switch.state;
        let (timer, at) = (TimerId(state.ids.other()), state.now.mono + after);
        if let Some(call) = state.calls.get_mut(&self.call) {
            call.timers.push((timer, at));
            state.timers.add(timer, at, self.call);
        }
        timer
    }

    pub(crate) fn cancel(&mut self, timer: TimerId) {
        let state = &mut self.switch.state;
        let Some(call) = state.calls.get_mut(&self.call) else {
            return;
        };
        if let Some(at) = call.timers.iter().position(|&(id, _)| id == timer) {
            let (_, due) = call.timers.swap_remove(at);
            state.timers.remove(timer, due, self.call);
        }
    }

    /// Asks what the switch cannot know; the phase hears the reply as `Event::Answer`.
    pub(crate) fn ask(&mut self, question: Question) -> QuestionId {
        let id = QuestionId(self.switch.state.ids.other());
        if let Some(call) = self.switch.state.calls.get_mut(&self.call) {
            call.questions.push(id);
            self.switch.state.questions.insert(id, self.call);
            self.switch.effects.push(Effect::Ask(id, question));
        }
        id
    }

    /// Takes a question back: its reply will not be heard.
    pub(crate) fn forget(&mut self, question: QuestionId) {
        if let Some(call) = self.switch.state.calls.get_mut(&self.call) {
            call.questions.retain(|asked| *asked != question);
            self.switch.state.questions.remove(&question);
        }
    }

    /// Asks for something to be done, whatever comes of it.
    pub(crate) fn tell(&mut self, question: Question) {
        let question = self.ask(question);
        self.forget(question);
    }

    pub(crate) fn effect(&mut self, effect: Effect) {
        self.switch.effects.push(effect);
    }

    /// Tells a phone how the transfer goes that it asked for.
    pub(crate) fn transfer_progress(&mut self, leg: LegId, progress: TransferProgress) {
        if self.leg(leg).is_some() {
            let effect = Effect::TransferProgress(leg, progress);
            self.switch.effects.push(effect);
        }
    }

    /// Notes that a code was used (FC-12).
    pub(crate) fn code_used(&mut self, by: Number, code: Number) {
        self.switch.fact(Fact::CodeUsed { by, code });
    }

    /// Notes that an extension is called: the call is in its list, whether or not it rings (CDR-14).
    pub(crate) fn called(&mut self, extension: Number) {
        self.draft(|draft| draft.extension(extension));
    }

    /// Notes that a phone rings for this call.
    pub(crate) fn rings(&mut self) {
        self.draft(crate::record::Draft::rang);
        self.switch.rings_ahead(self.call);
    }

    /// Notes who took the call (CDR-06).
    pub(crate) fn taken_by(&mut self, number: Number) {
        self.draft(|draft| draft.taken_by(FinalCallee::Number(number)));
    }

    /// Notes that a mailbox took the call (VM-18).
    pub(crate) fn taken_by_mailbox(&mut self, of: Number) {
        self.draft(|draft| draft.taken_by(FinalCallee::Voicemail(of)));
    }

    /// Notes why the call ends, unless that is known already.
    pub(crate) fn because(&mut self, cause: Cause) {
        self.draft(|draft| draft.because(cause));
    }

    /// Ends the call: what it still owns is hung up.
    pub(crate) fn end(&mut self, cause: Cause) -> Phase {
        self.because(cause);
        Phase::Ended
    }

    fn draft(&mut self, note: impl FnOnce(&mut crate::record::Draft)) {
        if let Some(call) = self.switch.state.calls.get_mut(&self.call) {
            note(&mut call.draft);
        }
    }
}
