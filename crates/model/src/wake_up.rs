//! Wake-up calls (manual §2.9).

use crate::{Civil, CivilDate, Number, Wall, Weekday, Zone};
use alloc::collections::BTreeSet;
use core::fmt;
use serde::{Deserialize, Serialize};

/// A call that the system makes at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WakeUp {
    /// Its name, for ever.
    pub id: WakeUpId,
    /// Who is called.
    pub extension: Number,
    /// When; of one that repeats, the next time.
    pub at: Wall,
    /// The days on which it comes again at the same time of day; empty: it comes once.
    #[serde(default)]
    pub days: BTreeSet<Weekday>,
    /// How often it was put off since it first rang.
    #[serde(default)]
    pub snoozed: u8,
}

/// One wake-up call, for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WakeUpId(pub u64);

impl fmt::Display for WakeUpId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl WakeUpId {
    /// The wake-up call that is booked at `at` as the `count`th of anything in its run: like
    /// [`crate::RecordingId::begun`], it stays apart from those of other runs.
    #[must_use]
    pub fn booked(at: Wall, count: u64) -> Self {
        Self(crate::RecordingId::begun(at, count).0)
    }
}

impl WakeUp {
    /// The most of one extension (WU-09).
    pub const MAX: usize = 20;

    /// Whether another cannot be booked beside it: at the same time for the same extension, or of the same name for
    /// another.
    #[must_use]
    pub fn excludes(&self, other: &Self) -> bool {
        let (one, at_once) = (self.id == other.id, self.at == other.at);
        let for_one = self.extension == other.extension;
        (one && !for_one) || (!one && for_one && at_once)
    }

    /// What becomes of it once it rang: it comes again on one of its days, or is over (`None`).
    #[must_use]
    pub fn again(&self, after: Wall, zone: &Zone) -> Option<Self> {
        let last = zone.civil(self.at)?;
        let today = zone.civil(after)?.date.days_since_1970();
        // Eight days: today's time may be past, and next week's is the next.
        let next = (today..=today + 7).find_map(|day| {
            let date = CivilDate::of_day(day)?;
            let at = zone.wall(Civil { date, ..last });
            let is_one = self.days.contains(&Weekday::of_day(day)) && at > after;
            is_one.then_some(at)
        });
        next.map(|at| Self { at, ..self.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// WU-09: at the same time by the clock, whatever daylight saving time does to the hours between.
    #[test]
    fn a_wake_up_call_comes_again_on_its_days() {
        // Berlin, forward on Sunday 28 March 2027 at 01:00 UTC.
        let zone = Zone {
            offset: 3_600,
            changes: [(Wall(1_806_195_600_000), 7_200)].into(),
        };
        let wake_up = WakeUp {
            id: WakeUpId(1),
            extension: Number::parse("101").unwrap(),
            // Friday 26 March 2027, 07:00.
            at: Wall(1_806_040_800_000),
            days: [Weekday::Mon, Weekday::Fri].into(),
            snoozed: 0,
        };
        let monday = wake_up.again(wake_up.at, &zone).unwrap();
        // 71 hours later: 07:00 in summer is 05:00 UTC.
        assert_eq!(monday.at.0 - wake_up.at.0, 71 * 3_600_000);
        let friday = monday.again(monday.at, &zone).unwrap();
        assert_eq!(friday.at.0 - monday.at.0, 96 * 3_600_000);
        let before = Wall(friday.at.0 - 1);
        assert_eq!(wake_up.again(before, &zone), Some(friday));
        let once = WakeUp {
            days: BTreeSet::new(),
            ..wake_up
        };
        assert_eq!(once.again(once.at, &zone), None);
    }
}
