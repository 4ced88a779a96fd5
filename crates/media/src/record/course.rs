//! Recordings that are in progress: whose each is at present, and who stands on which side of it.

use model::{LegId, MixPlan, RecordingFormat, RecordingId, RecordingLayout, Switched};
use std::collections::{BTreeMap, BTreeSet};

/// Where recordings are in progress.
///
/// A recording that is begun again with another leg goes on in the same file with that leg: after a transfer, the
/// conversation goes on with somebody else. Whoever was in it before keeps his channel. Left is the leg that it was
/// begun with, or who took his place.
#[derive(Debug, Default)]
pub(crate) struct Courses {
    courses: BTreeMap<RecordingId, Course>,
    /// Those whose leg is gone. Another may take its place.
    left_behind: BTreeSet<RecordingId>,
    recorded: BTreeMap<LegId, RecordingId>,
    /// Whom each leg of a conversation hears, or heard last.
    heard: BTreeMap<LegId, Vec<LegId>>,
}

/// One recording.
#[derive(Clone, Debug)]
struct Course {
    leg: LegId,
    manner: Manner,
    /// Whom the leg heard when it went away.
    heard: Vec<LegId>,
}

/// How a leg is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Manner {
    pub(crate) layout: RecordingLayout,
    pub(crate) format: RecordingFormat,
    pub(crate) sides: Sides,
    pub(crate) paused: Switched,
}

/// What is left, and what is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sides {
    /// What the leg says, and what it hears.
    SaidHeard,
    /// What it hears, and what it says.
    HeardSaid,
}

/// What is to be done to record a leg.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It is recorded already.
    Nothing,
    /// It is recorded from here on; the leg that was before is let go.
    Record {
        manner: Manner,
        before: Option<LegId>,
    },
}

impl Courses {
    /// A room is as planned from here on.
    pub(crate) fn mix(&mut self, plan: &MixPlan) {
        if plan.seats.len() > CONVERSATION_MAX {
            return;
        }
        for seat in &plan.seats {
            let groups = plan.groups.iter();
            let groups = groups.filter(|group| group.listeners.contains(seat));
            let speakers = groups.flat_map(|group| &group.speakers);
            let heard: Vec<_> = speakers.filter(|leg| *leg != seat).copied().collect();
            // Who waits for somebody else has not forgotten with whom he spoke.
            if !heard.is_empty() {
                self.heard.insert(*seat, heard);
            }
        }
    }

    /// A leg is to be recorded.
    pub(crate) fn record(
        &mut self,
        leg: LegId,
        recording: RecordingId,
        (layout, format): (RecordingLayout, RecordingFormat),
    ) -> Step {
        let mut manner = Manner {
            layout,
            format,
            sides: Sides::SaidHeard,
            paused: Switched::Off,
        };
        let mut before = None;
        if let Some(course) = self.courses.get(&recording) {
            let is_here = !self.left_behind.contains(&recording);
            if is_here && course.leg == leg {
                return Step::Nothing;
            }
            let heard = match is_here {
                true => self.heard.get(&course.leg).unwrap_or(&course.heard),
                false => &course.heard,
            };
            manner = course.manner;
            if heard.contains(&leg) {
                manner.sides = manner.sides.opposite();
            }
            before = is_here.then_some(course.leg);
        }
        self.forget_of(leg);
        if let Some(before) = before {
            self.recorded.remove(&before);
        }
        self.left_behind.remove(&recording);
        self.recorded.insert(leg, recording);
        let heard = Vec::new();
        self.courses
            .insert(recording, Course { leg, manner, heard });
        Step::Record { manner, before }
    }

    /// A recording pauses, or goes on. Returns whose it is.
    pub(crate) fn pause(&mut self, recording: RecordingId, paused: Switched) -> Option<LegId> {
        let course = self.courses.get_mut(&recording)?;
        course.manner.paused = paused;
        Some(course.leg)
    }

    /// A recording is over. Returns whose it was.
    pub(crate) fn stop(&mut self, recording: RecordingId) -> Option<LegId> {
        let course = self.courses.remove(&recording)?;
        let is_gone = self.left_behind.remove(&recording);
        if !is_gone {
            self.recorded.remove(&course.leg);
        }
        Some(course.leg)
    }

    /// A leg is gone. What is recorded of it may go on with another, if that comes soon.
    pub(crate) fn close(&mut self, leg: LegId) {
        let heard = self.heard.remove(&leg).unwrap_or_default();
        let Some(recording) = self.recorded.remove(&leg) else {
            return;
        };
        if let Some(course) = self.courses.get_mut(&recording) {
            course.heard = heard;
            self.left_behind.insert(recording);
        }
        if self.left_behind.len() > LEFT_BEHIND_MAX
            && let Some(oldest) = self.left_behind.pop_first()
        {
            self.courses.remove(&oldest);
        }
    }

    /// Another recording takes the place of the one that a leg had.
    fn forget_of(&mut self, leg: LegId) {
        if let Some(recording) = self.recorded.remove(&leg) {
            self.courses.remove(&recording);
        }
    }
}

impl Sides {
    const fn opposite(self) -> Self {
        match self {
            Self::SaidHeard => Self::HeardSaid,
            Self::HeardSaid => Self::SaidHeard,
        }
    }
}

/// In bigger rooms nobody has a side.
const CONVERSATION_MAX: usize = 8;
/// So many recordings may be without a leg. The oldest are over long since.
const LEFT_BEHIND_MAX: usize = 1_024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_goes_on_in_a_conversation_keeps_his_side() {
        let mut courses = talking();
        assert_eq!(record(&mut courses, 1), (Sides::SaidHeard, None));
        // 1 hands 2 over to 3.
        courses.mix(&MixPlan::talk([LegId(2), LegId(3)]));
        courses.mix(&MixPlan::talk([LegId(1)]));
        assert_eq!(record(&mut courses, 2), (Sides::HeardSaid, Some(LegId(1))));
        // 3 hands 2 over to 4: who is recorded is still there.
        courses.mix(&MixPlan::talk([LegId(2), LegId(4)]));
        assert_eq!(
            courses.record(LegId(2), RECORDING, AS_WAV),
            Step::Nothing,
            "it is the same leg"
        );
        // 2 hands 4 over to 5.
        courses.close(LegId(2));
        assert_eq!(record(&mut courses, 4), (Sides::SaidHeard, None));
    }

    #[test]
    fn whoever_takes_the_place_of_a_leg_takes_its_side() {
        let mut courses = talking();
        record(&mut courses, 1);
        courses.mix(&MixPlan::talk([LegId(3), LegId(2)]));
        assert_eq!(record(&mut courses, 3), (Sides::SaidHeard, Some(LegId(1))));
    }

    #[test]
    fn a_pause_goes_on_with_another_leg() {
        let mut courses = talking();
        record(&mut courses, 1);
        assert_eq!(courses.pause(RECORDING, Switched::On), Some(LegId(1)));
        courses.close(LegId(1));
        let Step::Record { manner, .. } = courses.record(LegId(2), RECORDING, AS_WAV) else {
            panic!("it is another leg");
        };
        assert_eq!(manner.paused, Switched::On);
    }

    #[test]
    fn what_is_over_is_begun_anew_and_not_gone_on_with() {
        let mut courses = talking();
        record(&mut courses, 1);
        assert_eq!(courses.stop(RECORDING), Some(LegId(1)));
        assert_eq!(courses.stop(RECORDING), None);
        assert_eq!(record(&mut courses, 2), (Sides::SaidHeard, None));
        courses.close(LegId(2));
        assert_eq!(courses.stop(RECORDING), Some(LegId(2)));
        assert!(courses.left_behind.is_empty() && courses.recorded.is_empty());
    }

    #[test]
    fn those_without_a_leg_do_not_pile_up() {
        let mut courses = Courses::default();
        for number in 1..=2_000 {
            courses.record(LegId(number), RecordingId(number), AS_WAV);
            courses.close(LegId(number));
        }
        assert_eq!(courses.courses.len(), LEFT_BEHIND_MAX);
        assert!(courses.heard.is_empty());
    }

    const RECORDING: RecordingId = RecordingId(7);
    const AS_WAV: (RecordingLayout, RecordingFormat) =
        (RecordingLayout::Stereo, RecordingFormat::Wav);

    fn talking() -> Courses {
        let mut courses = Courses::default();
        courses.mix(&MixPlan::talk([LegId(1), LegId(2)]));
        courses
    }

    fn record(courses: &mut Courses, leg: u64) -> (Sides, Option<LegId>) {
        match courses.record(LegId(leg), RECORDING, AS_WAV) {
            Step::Record { manner, before } => (manner.sides, before),
            Step::Nothing => panic!("it is recorded already"),
        }
    }
}
