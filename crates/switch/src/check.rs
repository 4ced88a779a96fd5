//! What holds after every event.

use crate::Switch;
use crate::features::Phase;
use crate::state::{Call, Leg};
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use model::{LegId, Origin, TimerId};

impl Switch {
    /// Checks the invariants of the switch, and says which one does not hold. Builds with debug assertions
    /// do so after each event.
    pub fn check(&self) -> Result<(), String> {
        self.check_calls()?;
        self.check_legs()?;
        self.check_seats()?;
        self.check_watchers()?;
        self.check_waiting()?;
        self.check_outside()?;
        self.check_queues()?;
        self.check_lines()
    }

    /// The legs that a phase names are exactly the legs its call owns, and there is at least one.
    fn check_calls(&self) -> Result<(), String> {
        for (id, call) in &self.state.calls {
            if matches!(call.phase, Phase::Ended) {
                return Err(format!("call {id} has ended but is kept"));
            }
            let named: BTreeSet<LegId> = call.phase.legs().into_iter().collect();
            if named != call.legs {
                return Err(format!(
                    "call {id} owns {:?} but its phase names {:?}",
                    call.legs, call.phase
                ));
            }
            let mut calls = self.state.calls.values();
            let is_away = |call: &Call| call.back.as_ref().is_some_and(|back| back.leads_to(*id));
            if call.legs.is_empty() && !calls.any(is_away) {
                return Err(format!("call {id} has no legs"));
            }
            if let Some(dead) = call.legs.iter().find(|leg| !self.is_live(leg)) {
                return Err(format!("call {id} owns leg {dead}, which is gone"));
            }
        }
        Ok(())
    }

    /// Each leg belongs to one call.
    fn check_legs(&self) -> Result<(), String> {
        for (id, leg) in &self.state.legs {
            let owner = self.state.calls.get(&leg.call);
            if !owner.is_some_and(|call| call.legs.contains(id)) {
                return Err(format!("leg {id} is unknown to its call {}", leg.call));
            }
        }
        Ok(())
    }

    /// Each seat is in one room, and each room has one.
    fn check_seats(&self) -> Result<(), String> {
        for (room, seats) in &self.state.rooms {
            if seats.is_empty() {
                return Err(format!("room {room} is empty"));
            }
            let seated = |leg: &&LegId| self.leg_is(leg, |leg| leg.room == Some(*room));
            if let Some(stray) = seats.iter().find(|leg| !seated(leg)) {
                return Err(format!("leg {stray} is elsewhere than in room {room}"));
            }
        }
        for (id, leg) in &self.state.legs {
            let seats = leg.room.map(|room| self.state.rooms.get(&room));
            if seats.is_some_and(|seats| !seats.is_some_and(|seats| seats.contains(id))) {
                return Err(format!("leg {id} has no seat in its room"));
            }
        }
        Ok(())
    }

    /// Who watches is where the one is whom he watches, and everybody who is watched knows by whom.
    fn check_watchers(&self) -> Result<(), String> {
        let mut watched = 0;
        for (whom, watchers) in &self.state.watchers {
            watched += watchers.len();
            let target = self.state.legs.get(whom);
            let room = target
                .ok_or_else(|| format!("leg {whom} is watched and gone"))?
                .room;
            let there =
                |leg: &Leg| leg.room == room && leg.watches.is_some_and(|it| it.whom == *whom);
            if let Some(stray) = watchers.iter().find(|leg| !self.leg_is(leg, there)) {
                return Err(format!("leg {stray} does not watch leg {whom}"));
            }
        }
        let watch = self.state.legs.values().filter(|leg| leg.watches.is_some());
        if watch.count() != watched {
            return Err(format!("{watched} legs are known to watch"));
        }
        self.check_conferences()
    }

    /// Each conference has members, who know that they are, and its seats are where some of them sit.
    fn check_conferences(&self) -> Result<(), String> {
        let mut members = 0;
        for (number, meeting) in &self.state.conferences {
            members += meeting.members.len();
            if meeting.members.is_empty() {
                return Err(format!("nobody is in conference {number}"));
            }
            let own = |leg: &Leg| leg.meeting == Some(*number);
            let legs = meeting.members.iter().map(|member| member.leg);
            if let Some(stray) = legs.into_iter().find(|leg| !self.leg_is(leg, own)) {
                return Err(format!("leg {stray} is no member of conference {number}"));
            }
            if let Some(room) = meeting
                .room
                .filter(|room| !self.state.rooms.contains_key(room))
            {
                return Err(format!(
                    "conference {number} is in room {room}, which is closed"
                ));
            }
        }
        let legs = self.state.legs.values();
        let known = legs.filter(|leg| leg.meeting.is_some()).count();
        if known != members {
            return Err(format!("{known} legs are members, {members} are known"));
        }
        Ok(())
    }

    /// Nobody waits for a dead call, and nothing that is due waits.
    fn check_waiting(&self) -> Result<(), String> {
        let (mut waiting, timers) = (0, &self.state.timers);
        for (id, call) in &self.state.calls {
            waiting += call.timers.len();
            let runs = |&(timer, at): &(TimerId, _)| timers.contains(timer, at, *id);
            if !call.timers.iter().all(runs) {
                return Err(format!("call {id} has a timer that does not run"));
            }
            let running: BTreeSet<TimerId> = call.timers.iter().map(|&(id, _)| id).collect();
            if running != call.phase.timers().into_iter().collect() {
                return Err(format!(
                    "call {id} has timers {running:?} but its phase names {:?}",
                    call.phase
                ));
            }
        }
        if waiting != timers.len() {
            return Err(format!("{} timers run for {waiting}", timers.len()));
        }
        if timers
            .next_deadline()
            .is_some_and(|at| at <= self.state.now.mono)
        {
            return Err(String::from("a timer is overdue"));
        }
        self.check_questions()
    }

    fn check_questions(&self) -> Result<(), String> {
        for (question, call) in &self.state.questions {
            let asker = self.state.calls.get(call);
            if !asker.is_some_and(|call| call.questions.contains(question)) {
                return Err(format!("question {question} is unknown to call {call}"));
            }
        }
        let mut asked = 0;
        for (id, call) in &self.state.calls {
            asked += call.questions.len();
            if call.questions != call.phase.questions() {
                return Err(format!(
                    "call {id} asks {:?} but its phase names {:?}",
                    call.questions, call.phase
                ));
            }
        }
        if asked != self.state.questions.len() {
            return Err(format!(
                "{} questions are open, {asked} are asked",
                self.state.questions.len()
            ));
        }
        Ok(())
    }

    /// Each leg on a trunk is counted there, and each curfew is a leg's.
    fn check_outside(&self) -> Result<(), String> {
        let legs = || self.state.legs.iter();
        let outside = legs().filter(|(_, leg)| matches!(leg.who, Origin::Trunk(_)));
        let (outside, counted) = (outside.count(), self.state.usage.total());
        if outside != counted {
            return Err(format!("{outside} legs on trunks, {counted} are counted"));
        }
        let mut limited = 0;
        for (id, leg) in legs() {
            let Some(curfew) = leg.curfew else { continue };
            limited += 1;
            if !self.state.curfews.contains(*id, curfew) {
                return Err(format!("leg {id} has a curfew that nobody keeps"));
            }
        }
        if limited != self.state.curfews.len() {
            return Err(format!("{limited} legs have a curfew, others are kept"));
        }
        Ok(())
    }

    /// Each extension's line has exactly its legs.
    fn check_lines(&self) -> Result<(), String> {
        let mut on_lines = 0;
        for (number, legs) in self.state.lines.legs() {
            on_lines += legs.len();
            let own = |leg: &&LegId| self.leg_is(leg, |leg| leg.who == Origin::Extension(*number));
            if let Some(stray) = legs.iter().find(|leg| !own(leg)) {
                return Err(format!("leg {stray} is none of {number}"));
            }
        }
        let all = self.state.legs.values();
        let of_extensions = all.filter(|leg| matches!(leg.who, Origin::Extension(_)));
        let of_extensions = of_extensions.count();
        if on_lines != of_extensions {
            return Err(format!(
                "{of_extensions} legs of extensions, {on_lines} on lines"
            ));
        }
        Ok(())
    }

    fn is_live(&self, leg: &LegId) -> bool {
        self.state.legs.contains_key(leg)
    }

    fn leg_is(&self, leg: &LegId, what: impl Fn(&Leg) -> bool) -> bool {
        self.state.legs.get(leg).is_some_and(what)
    }
}
