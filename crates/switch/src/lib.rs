//! The switch: every call of one site, as one deterministic state machine.
//!
//! Nothing here reads a clock, a socket, a file or a random source. Time and events come in through
//! [`Switch::handle`], what should happen outside comes out as [`model::Effect`]s, and the same inputs
//! always lead to the same effects. A call is in one phase at a time; each phase is one feature of the
//! manual and one file in `features/`.
//!
//! **Invariant:** after each event the legs, timers and questions that a phase names are exactly those its
//! call owns, every seat is in one room, and nothing is left over ([`Switch::check`]).
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod asking;
mod check;
mod choice;
mod conferences;
mod curfew;
mod cx;
mod dialogue;
mod features;
mod handover;
mod keys;
mod line;
mod live;
pub mod menu;
mod mix;
mod phrase;
mod pins;
mod queues;
mod record;
mod ring;
mod routing;
mod saying;
mod seats;
mod shadow;
mod slots;
pub mod speech;
mod state;
mod take;
mod tape;
mod timers;
mod usage;
mod wake_ups;

pub use features::codes;
pub use live::{LiveCall, LiveLeg, LiveMeeting, LiveMember};
pub use phrase::PHRASES;
pub use routing::{Asked, Moment, Target};
pub use state::State;

use alloc::collections::{BTreeSet, VecDeque};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::mem;
use cx::Cx;
use features::{Event, Invited, Phase, SoundCheck};
use model::{
    CallId, Cause, Command, Directory, Effect, Fact, Incoming, Input, LegEvent, LegId, Now, Number,
    Origin, Party, QuestionId, Reply, RoomId, TalkCommand, Time, TransferProgress,
};
use queues::Rosters;
use record::Draft;
use state::{Call, Direction, Leg, NewCalls};

/// Every call of one site.
#[derive(Clone, Debug)]
pub struct Switch {
    directory: Arc<Directory>,
    state: State,
    // What follows is empty between two events.
    inbox: VecDeque<(CallId, Event)>,
    effects: Vec<Effect>,
    remixed: BTreeSet<RoomId>,
    touched: BTreeSet<Number>,
    /// Whether somebody joined or left a queue, or an agent rings no longer.
    queues_changed: bool,
    /// Which agents could take a call: what is in `directory` and `state`, made ready.
    rosters: Rosters,
}

impl Switch {
    /// A switch without calls, at which no phone can be reached yet. Whatever is chosen by chance is
    /// drawn from `seed`.
    #[must_use]
    pub fn new(directory: Arc<Directory>, seed: u64) -> Self {
        let state = State::new(&directory, seed);
        Self::restore(directory, state)
    }

    /// The switch that [`Self::snapshot`] described: it goes on as if nothing had happened.
    #[must_use]
    pub fn restore(directory: Arc<Directory>, state: State) -> Self {
        Self {
            rosters: Rosters::new(&directory, &state),
            directory,
            state,
            inbox: VecDeque::new(),
            effects: Vec::new(),
            remixed: BTreeSet::new(),
            touched: BTreeSet::new(),
            queues_changed: false,
        }
    }

    /// Everything that must survive a restart, as plain data. The directory is not part of it.
    #[must_use]
    pub fn snapshot(&self) -> State {
        self.state.clone()
    }

    /// Advances to `now`, takes in one event and returns everything that should happen because of it, in
    /// order. What makes no sense (a late event of a dead leg, an answer nobody asked for) has no effect.
    pub fn handle(&mut self, now: Now, input: Input) -> Vec<Effect> {
        self.state.advance(now);
        match input {
            Input::Incoming(incoming) => self.incoming(incoming),
            Input::Leg(leg, event) => self.leg(leg, event),
            Input::Reachable(number, reachable) => {
                if self.state.lines.reachable(number, reachable) {
                    self.touched.insert(number);
                }
            }
            Input::Directory(directory) => self.replace_directory(directory),
            Input::Zone(zone) => self.state.zone = zone,
            Input::Answer(question, reply) => self.answer(question, reply),
            Input::SoundCheck(extension) => self.check_sound(extension),
            Input::Command(Command::Room(number, command)) => self.command_room(number, command),
            Input::Command(Command::Talk { by, call, what }) => self.command_talk(by, call, what),
            Input::Command(Command::End(call)) => self.hang_up_call(call, Cause::Normal),
            Input::Timeout => {}
            Input::Drain => self.state.drain(),
            Input::HangUpAll => self.hang_up_all(),
        }
        self.settle();
        self.tell_mixes();
        self.tell_states();
        debug_assert_eq!(self.check(), Ok(()));
        mem::take(&mut self.effects)
    }

    /// When [`Input::Timeout`] is due; `None` while nothing waits.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Time> {
        let timers = self.state.timers.next_deadline();
        let curfews = self.state.curfews.next_deadline();
        let wakes = self.state.wakes_next();
        let queues = self.state.queues.next_deadline();
        [timers, curfews, wakes, queues].into_iter().flatten().min()
    }

    fn incoming(&mut self, incoming: Incoming) {
        let leg = incoming.leg;
        // An id of ours, or one that is in use, is no new leg.
        if !is_inbound(leg) || self.state.legs.contains_key(&leg) {
            return;
        }
        if self.state.calls.len() >= CALLS_MAX {
            self.effects.push(Effect::HangUp(leg, Cause::Congestion));
            return;
        }
        let id = self.state.ids.call();
        self.fact(Fact::Began {
            call: id,
            leg,
            origin: incoming.origin.clone(),
            dialled: incoming.dialled,
        });
        let draft = Draft::begin(self.state.now, &incoming);
        self.state.calls.insert(id, Call::new(draft, Phase::Ended));
        self.add_leg(
            leg,
            Leg::begin(
                id,
                incoming.origin.clone(),
                incoming.caller.clone(),
                Direction::In,
            ),
        );
        self.step(id, |_, cx| routing::enter(&incoming, cx));
    }

    /// Does what a party wants of its conversation; anywhere else it makes no sense and has no effect.
    fn command_talk(&mut self, by: Number, id: CallId, what: TalkCommand) {
        let Some(call) = self.state.calls.get(&id) else {
            return;
        };
        let whose = Origin::Extension(by);
        let is_own = |leg: &LegId| {
            let leg = self.state.legs.get(leg);
            leg.is_some_and(|leg| leg.who == whose)
        };
        let leg = call.legs.iter().copied().find(is_own);
        if let (Some(leg), Phase::Talk(_)) = (leg, &call.phase) {
            self.step(id, |phase, cx| match phase {
                Phase::Talk(talk) => talk.asked(leg, what, cx),
                other => other,
            });
        }
    }

    /// Calls a phone for nobody's sake but its own.
    fn check_sound(&mut self, dialled: Number) {
        let is_full = self.state.calls.len() >= CALLS_MAX;
        let is_taken = self.state.new_calls == NewCalls::Taken && !is_full;
        if !is_taken || self.directory.extension(&dialled).is_none() {
            return;
        }
        let origin = Origin::Extension(dialled);
        let draft = Draft::of(self.state.now, &origin, Party::default(), dialled);
        let id = self.state.ids.call();
        self.state.calls.insert(id, Call::new(draft, Phase::Ended));
        self.fact(Fact::Began {
            call: id,
            // The one that is about to be rung.
            leg: self.state.ids.clone().leg(),
            origin,
            dialled,
        });
        self.step(id, |_, cx| SoundCheck::begin(dialled, cx));
    }

    /// Takes in what happened on a leg, if it can happen to a leg that stands as this one does.
    fn leg(&mut self, id: LegId, event: LegEvent) {
        let Some(leg) = self.state.legs.get_mut(&id) else {
            return;
        };
        if !leg.take(event) {
            return;
        }
        let call = leg.call;
        if let Origin::Extension(number) = &leg.who {
            self.touched.insert(*number);
        }
        match event {
            LegEvent::HungUp(_) | LegEvent::Failed(_) => {
                let leaves = self.leaves_its_place(id, call);
                self.remove_leg(id);
                if leaves {
                    return;
                }
            }
            LegEvent::RecordingFailed(recording) => {
                let phase = self.state.calls.get(&call).map(|call| &call.phase);
                let taken_down = matches!(
                    phase,
                    Some(Phase::LeaveMessage(_) | Phase::MailboxGreeting(_))
                );
                let of_a_conference = self.conference_tape_failed(recording);
                if of_a_conference || !self.tape_failed(call, recording) && !taken_down {
                    return;
                }
            }
            LegEvent::Digit(key) => {
                if self.comes_back(id, call, key) {
                    return self.step(call, |_, cx| cx.end(Cause::Normal));
                }
            }
            LegEvent::Held | LegEvent::Resumed => {
                let (room, meeting) = (leg.room, leg.meeting);
                self.remixed.extend(room);
                if let Some(number) = meeting {
                    self.tape_conference(number);
                }
            }
            LegEvent::Transfer(_) => {
                let phase = self.state.calls.get(&call).map(|call| &call.phase);
                if !matches!(phase, Some(Phase::Talk(_))) {
                    // Only who talks with somebody has somebody to send elsewhere.
                    let failed = TransferProgress::Failed(Cause::Forbidden);
                    return self.effects.push(Effect::TransferProgress(id, failed));
                }
            }
            LegEvent::Ringing
            | LegEvent::EarlyMedia
            | LegEvent::Answered
            | LegEvent::Played(..)
            | LegEvent::Silent(_) => {}
        }
        self.inbox.push_back((call, Event::Leg(id, event)));
    }

    /// Calls somebody into a conference for nobody's sake but its own.
    pub(crate) fn invite(&mut self, room: Number, number: Number, rights: Option<Number>) {
        let is_full = self.state.calls.len() >= CALLS_MAX;
        let is_taken = self.state.new_calls == NewCalls::Taken && !is_full;
        if !is_taken || !self.directory.rooms.contains_key(&room) {
            return;
        }
        let origin = Origin::Extension(rights.unwrap_or(room));
        let id = self.state.ids.call();
        let caller = Cx {
            switch: self,
            call: id,
        }
        .party_of(room);
        let draft = Draft::of(self.state.now, &origin, caller, number);
        self.state.calls.insert(id, Call::new(draft, Phase::Ended));
        self.fact(Fact::Began {
            call: id,
            // The one that is about to be rung.
            leg: self.state.ids.clone().leg(),
            origin,
            dialled: number,
        });
        self.step(id, |_, cx| Invited::begin(room, number, rights, cx));
    }

    fn answer(&mut self, question: QuestionId, reply: Reply) {
        let Some(id) = self.state.questions.remove(&question) else {
            return;
        };
        if let Some(call) = self.state.calls.get_mut(&id) {
            call.questions.retain(|asked| *asked != question);
        }
        self.inbox.push_back((id, Event::Answer(question, reply)));
    }

    fn replace_directory(&mut self, directory: Arc<Directory>) {
        self.touched.extend(self.directory.extensions.keys());
        self.touched.extend(directory.extensions.keys());
        self.state.lines.replace(&directory);
        self.state.wake_ups.replace(&directory);
        self.directory = directory;
        self.replace_queues();
    }

    fn hang_up_all(&mut self) {
        self.state.drain();
        let calls: Vec<_> = self.state.calls.keys().copied().collect();
        for call in calls {
            self.hang_up_call(call, Cause::Restarted);
        }
    }

    fn hang_up_call(&mut self, call: CallId, cause: Cause) {
        self.step(call, |phase, cx| {
            let legs = phase.legs();
            phase.put_away(cx);
            for leg in legs {
                cx.hang_up(leg, cause);
            }
            cx.end(cause)
        });
    }

    /// Handles what waits in the inbox and whatever follows from it, then the timers that are due, the
    /// earliest first: an event that comes at the same time as a deadline comes before it. Who waits in a queue is
    /// offered to agents when nothing else is due.
    fn settle(&mut self) {
        loop {
            while let Some((call, event)) = self.inbox.pop_front() {
                self.step(call, |phase, cx| phase.on(event, cx));
            }
            if self.keep_curfew().is_some() || self.wake().is_some() {
                continue;
            }
            let Some((timer, call)) = self.state.timers.pop_due(self.state.now.mono) else {
                if self.offer() {
                    continue;
                }
                break;
            };
            if let Some(call) = self.state.calls.get_mut(&call) {
                call.timers.retain(|&(id, _)| id != timer);
            }
            self.inbox.push_back((call, Event::Timer(timer)));
        }
    }

    /// Lets a call take one step from its phase to the next, which may be the same.
    fn step(&mut self, id: CallId, next: impl FnOnce(Phase, &mut Cx<'_>) -> Phase) {
        let Some(call) = self.state.calls.get_mut(&id) else {
            return;
        };
        let phase = mem::replace(&mut call.phase, Phase::Ended);
        let was = phase.name();
        let mut cx = Cx {
            switch: self,
            call: id,
        };
        let phase = next(phase, &mut cx);
        let name = phase.name();
        match phase {
            Phase::Ended => self.end(id),
            phase => {
                if let Some(call) = self.state.calls.get_mut(&id) {
                    call.phase = phase;
                }
                self.tell_ahead(id);
                if name != was {
                    self.fact(Fact::Entered {
                        call: id,
                        phase: name.into(),
                    });
                }
            }
        }
    }

    /// Ends a call: what it still owns is let go, and its record is complete.
    fn end(&mut self, id: CallId) {
        self.send_back(id);
        self.stop_recording(id);
        self.unpark(id);
        self.stop_waiting(id);
        let Some(call) = self.state.calls.get(&id) else {
            return;
        };
        for leg in call.legs.clone() {
            Cx {
                switch: self,
                call: id,
            }
            .hang_up(leg, Cause::Normal);
        }
        let Some(call) = self.state.calls.remove(&id) else {
            return;
        };
        for (timer, at) in call.timers {
            self.state.timers.remove(timer, at, id);
        }
        for question in call.questions {
            self.state.questions.remove(&question);
        }
        self.fact(match call.merged {
            Some(into) => Fact::Merged { call: id, into },
            None => Fact::Ended(call.draft.finish(id, self.state.now)),
        });
    }

    /// Makes a leg part of its call and of its party's line.
    fn add_leg(&mut self, id: LegId, leg: Leg) {
        if let Some(call) = self.state.calls.get_mut(&leg.call) {
            call.legs.insert(id);
            call.draft.leg(id, &leg.who);
        }
        if let Origin::Extension(number) = &leg.who {
            self.state.lines.take_up(*number, id);
            self.touched.insert(*number);
        }
        if let Origin::Trunk(name) = &leg.who {
            let now = self.state.now.mono;
            self.state.usage.take_up(name, leg.payer, now);
        }
        self.state.legs.insert(id, leg);
    }

    /// Takes a leg out of its call, its room and its party's line. `None`: it was gone already.
    fn remove_leg(&mut self, id: LegId) -> Option<Leg> {
        let leg = self.state.legs.remove(&id)?;
        self.served(id);
        self.pass_tape_on(id, leg.call, None);
        if let Some(call) = self.state.calls.get_mut(&leg.call) {
            call.legs.remove(&id);
        }
        if let Some(room) = leg.room {
            self.unseat(id, room);
        }
        if let Some(number) = leg.meeting {
            self.forget_member(id, number);
        }
        self.unwatch(id, leg.watches);
        if let Origin::Extension(number) = &leg.who {
            self.state.lines.put_down(number, id);
            self.touched.insert(*number);
        }
        if let Origin::Trunk(name) = &leg.who {
            let now = self.state.now.mono;
            self.state.usage.put_down(name, leg.payer, now);
        }
        if let Some(curfew) = leg.curfew {
            self.state.curfews.remove(id, curfew);
        }
        Some(leg)
    }

    /// Says of each extension that something happened to whether its state is another.
    fn tell_states(&mut self) {
        for number in mem::take(&mut self.touched) {
            let legs = &self.state.legs;
            let extension = self.directory.extension(&number);
            if let Some(state) = self.state.lines.changed(&number, extension, legs) {
                self.fact(Fact::Extension(number, state));
            }
        }
    }

    fn fact(&mut self, fact: Fact) {
        self.effects.push(Effect::Fact(fact));
    }
}

const fn is_inbound(leg: LegId) -> bool {
    leg.0 & 1 == 1
}

/// The most calls at a time; more are refused before they are calls.
pub const CALLS_MAX: usize = 50_000;
