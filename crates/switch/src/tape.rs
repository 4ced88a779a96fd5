//! Recordings of calls: begun and ended by `*1` or by what the extension has set up, and going on with whoever stays
//! (manual §2.12, MI-04 to MI-06, XF-10).

use crate::Switch;
use crate::cx::Cx;
use crate::state::Call;
use model::{
    CallId, Effect, Fact, LegId, Number, Origin, RecordPolicy, RecordingId, RecordingLayout, Sound,
    Switched, Tone,
};
use serde::{Deserialize, Serialize};

/// What is recorded of a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Tape {
    /// Nothing was.
    #[default]
    Blank,
    /// What this leg says and hears.
    Runs { recording: RecordingId, leg: LegId },
    /// It was ended, or could not go on.
    Stopped,
}

impl Cx<'_> {
    /// Begins a recording of what two legs say, or ends it; both hear that by a tone.
    pub(crate) fn toggle_recording(&mut self, [a, b]: [LegId; 2]) {
        let tone = match self.tape() {
            Tape::Blank | Tape::Stopped => {
                self.record(a);
                Tone::BeepStart
            }
            Tape::Runs { .. } => {
                self.switch.stop_recording(self.call);
                Tone::BeepStop
            }
        };
        for leg in [a, b] {
            self.play(leg, [Sound::Tone(tone)].into(), model::Keys::Report);
        }
    }

    /// Begins a recording if one of the two always has such calls recorded.
    pub(crate) fn record_by_policy(&mut self, legs: [LegId; 2]) {
        let wanted = legs.iter().zip(legs.iter().rev());
        let wanted = wanted.into_iter().any(|(own, other)| {
            let extension = self.extension(*own);
            let extension = extension.and_then(|own| self.directory().extension(&own));
            let outside = matches!(self.origin(*other), Some(Origin::Trunk(_)));
            extension.is_some_and(|extension| match extension.record {
                RecordPolicy::Off => false,
                RecordPolicy::All => true,
                RecordPolicy::Internal => !outside,
                RecordPolicy::Outside => outside,
            })
        });
        if wanted && self.tape() == Tape::Blank {
            self.record(legs[0]);
        }
    }

    fn tape(&self) -> Tape {
        let call = self.switch.state.calls.get(&self.call);
        call.map(|call| call.tape).unwrap_or_default()
    }

    fn record(&mut self, leg: LegId) {
        let count = self.switch.state.ids.other();
        let recording = RecordingId::begun(self.switch.state.now.wall, count);
        if let Some(call) = self.switch.state.calls.get_mut(&self.call) {
            call.tape = Tape::Runs { recording, leg };
            call.draft.recorded(recording);
        }
        self.switch.run_tape(recording, leg);
        self.switch.fact(Fact::Recording {
            call: self.call,
            recording,
        });
    }
}

impl Switch {
    fn run_tape(&mut self, recording: RecordingId, leg: LegId) {
        self.run_tape_as(recording, leg, RecordingLayout::Stereo);
    }

    fn run_tape_as(&mut self, recording: RecordingId, leg: LegId, layout: RecordingLayout) {
        self.effects.push(Effect::Record {
            leg,
            recording,
            layout,
            format: self.directory.system.recording_format,
        });
    }

    /// Ends what is recorded of a call.
    pub(crate) fn stop_recording(&mut self, id: CallId) {
        let call = self.state.calls.get_mut(&id);
        if let Some(Call { tape, .. }) = call
            && let Tape::Runs { recording, .. } = *tape
        {
            *tape = Tape::Stopped;
            self.effects.push(Effect::StopRecording(recording));
            self.fact(Fact::RecordingEnded {
                call: id,
                recording,
            });
        }
    }

    /// A leg leaves its call, for another one or for good: what is recorded goes on with whoever stays, or comes along.
    pub(crate) fn pass_tape_on(&mut self, leg: LegId, from: CallId, to: Option<CallId>) {
        let Some(call) = self.state.calls.get_mut(&from) else {
            return;
        };
        let Tape::Runs { recording, leg: of } = call.tape else {
            return;
        };
        if of != leg {
            return;
        }
        if let Some(stays) = call.legs.iter().copied().find(|stays| *stays != leg) {
            call.tape = Tape::Runs {
                recording,
                leg: stays,
            };
            return self.run_tape(recording, stays);
        }
        let comes_along = to.and_then(|to| self.state.calls.get_mut(&to));
        if let Some(other) = comes_along.filter(|other| !matches!(other.tape, Tape::Runs { .. })) {
            other.tape = Tape::Runs { recording, leg };
            other.draft.recorded(recording);
            if let Some(call) = self.state.calls.get_mut(&from) {
                call.tape = Tape::Stopped;
            }
            self.fact(Fact::RecordingEnded {
                call: from,
                recording,
            });
            if let Some(call) = to {
                self.fact(Fact::Recording { call, recording });
            }
        } else {
            self.stop_recording(from);
        }
    }

    /// Records a conference that is to be recorded: what somebody says and hears who sits in it, and rather one who
    /// does not hold. It ends while nobody is there (CO-12).
    pub(crate) fn tape_conference(&mut self, number: Number) {
        let wanted = self.directory.rooms.get(&number);
        let wanted = wanted.is_some_and(|room| room.record);
        let Some(meeting) = self.state.conferences.get(&number) else {
            return;
        };
        let legs = &self.state.legs;
        let seated = meeting.room.into_iter().flat_map(|room| self.talkers(room));
        let holds = |leg: &LegId| legs.get(leg).is_some_and(|leg| leg.held == Switched::On);
        let running = match meeting.tape {
            Tape::Runs { leg, .. } => Some(leg),
            Tape::Blank | Tape::Stopped => None,
        };
        let best = seated.min_by_key(|leg| (holds(leg), Some(*leg) != running, *leg));
        let (tape, effect) = match (meeting.tape, best) {
            (Tape::Blank, Some(leg)) if wanted => {
                let count = self.state.ids.other();
                let recording = RecordingId::begun(self.state.now.wall, count);
                (Tape::Runs { recording, leg }, Some((recording, leg)))
            }
            (Tape::Runs { recording, leg: of }, Some(leg)) if of != leg => {
                (Tape::Runs { recording, leg }, Some((recording, leg)))
            }
            (Tape::Runs { recording, .. }, None) => {
                self.effects.push(Effect::StopRecording(recording));
                (Tape::Blank, None)
            }
            (tape, _) => (tape, None),
        };
        if let Some((recording, leg)) = effect {
            self.run_tape_as(recording, leg, RecordingLayout::Mixed);
        }
        if let Some(meeting) = self.state.conferences.get_mut(&number) {
            meeting.tape = tape;
        }
        if let Tape::Runs { recording, .. } = tape {
            self.note_conference_tape(number, recording);
        }
    }

    /// Everybody's record of a conference names its recording.
    fn note_conference_tape(&mut self, number: Number, recording: RecordingId) {
        let meeting = self.state.conferences.get(&number);
        let members = meeting.map(|meeting| meeting.members.clone());
        for member in members.unwrap_or_default() {
            let Some(id) = self.call_of(member.leg) else {
                continue;
            };
            let call = self.state.calls.get_mut(&id);
            if let Some(call) = call.filter(|call| !call.draft.has(recording)) {
                call.draft.recorded(recording);
                self.fact(Fact::Recording {
                    call: id,
                    recording,
                });
            }
        }
    }

    /// A recording failed. `true`: it was one of a conference, which goes on without.
    pub(crate) fn conference_tape_failed(&mut self, failed: RecordingId) -> bool {
        let mut meetings = self.state.conferences.values_mut();
        let is_of =
            |tape: Tape| matches!(tape, Tape::Runs { recording, .. } if recording == failed);
        match meetings.find(|meeting| is_of(meeting.tape)) {
            Some(meeting) => {
                meeting.tape = Tape::Stopped;
                true
            }
            None => false,
        }
    }

    /// A recording failed. `true`: it was one of this call.
    pub(crate) fn tape_failed(&mut self, call: CallId, failed: RecordingId) -> bool {
        let Some(of) = self.state.calls.get_mut(&call) else {
            return false;
        };
        match of.tape {
            Tape::Runs { recording, .. } if recording == failed => {
                of.tape = Tape::Stopped;
                self.fact(Fact::RecordingEnded { call, recording });
                true
            }
            Tape::Runs { .. } | Tape::Blank | Tape::Stopped => false,
        }
    }
}
