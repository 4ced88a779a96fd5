//! Civil time: what clocks on the wall show, with the changes of daylight saving time.

use crate::{CivilDate, Wall};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// How far the clocks of a site are ahead of UTC, now and after their next changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zone {
    /// Seconds ahead of UTC until the first change.
    pub offset: i32,
    /// When clocks are changed, and how many seconds they are ahead from there on; earliest first.
    pub changes: Vec<(Wall, i32)>,
}

/// A moment as clocks and calendars show it, to the minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Civil {
    /// The day.
    pub date: CivilDate,
    /// Minutes since midnight by the clock, below 1440.
    pub minute: u16,
}

impl Zone {
    /// Clocks that are never changed.
    #[must_use]
    pub const fn fixed(offset: i32) -> Self {
        Self {
            offset,
            changes: Vec::new(),
        }
    }

    /// How many seconds the clocks are ahead of UTC at a moment.
    #[must_use]
    pub fn offset_at(&self, at: Wall) -> i32 {
        let past = self.changes.iter().rev().find(|(from, _)| *from <= at);
        past.map_or(self.offset, |(_, offset)| *offset)
    }

    /// What clocks show at a moment; `None` outside the years 1 to 9999.
    #[must_use]
    pub fn civil(&self, at: Wall) -> Option<Civil> {
        let seconds = at.0.div_euclid(1_000) + i64::from(self.offset_at(at));
        let date = CivilDate::of_day(seconds.div_euclid(DAY))?;
        let minute = u16::try_from(seconds.rem_euclid(DAY) / 60).ok()?;
        Some(Civil { date, minute })
    }

    /// The first moment at which clocks show this. What is skipped when they are put forward is later by as much.
    #[must_use]
    pub fn wall(&self, civil: Civil) -> Wall {
        let local = civil.date.days_since_1970() * DAY + i64::from(civil.minute) * 60;
        let mut offset = self.offset;
        for (change, after) in &self.changes {
            // Before the change, or skipped by it.
            if at(local, offset) < *change || at(local, *after) < *change {
                break;
            }
            offset = *after;
        }
        at(local, offset)
    }
}

/// When clocks that are `offset` seconds ahead show so many seconds since 1970.
const fn at(local: i64, offset: i32) -> Wall {
    Wall((local - offset as i64) * 1_000)
}

const DAY: i64 = 24 * 60 * 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_the_calendar_are_counted() {
        for (date, days) in [
            ("1970-01-01", 0),
            ("1969-12-31", -1),
            ("2000-02-29", 11_016),
            ("2000-03-01", 11_017),
            ("2026-11-25", 20_782),
            ("2100-03-01", 47_541),
            ("9999-12-31", 2_932_896),
        ] {
            let date = CivilDate::parse(date).unwrap();
            assert_eq!(date.days_since_1970(), days, "{date}");
            assert_eq!(CivilDate::of_day(days), Some(date));
        }
        assert_eq!(CivilDate::of_day(2_932_897), None);
        assert_eq!(CivilDate::of_day(i64::MAX), None);
        assert_eq!(CivilDate::of_day(i64::MIN), None);
    }

    /// WU-03: what is skipped and what comes twice.
    #[test]
    fn clocks_that_are_put_forward_and_back() {
        // Berlin in 2027: forward on 28 March at 01:00 UTC, back on 31 October at 01:00 UTC.
        let zone = Zone {
            offset: 3_600,
            changes: [
                (Wall(1_806_195_600_000), 7_200),
                (Wall(1_824_944_400_000), 3_600),
            ]
            .into(),
        };
        for (date, minute, utc) in [
            ("2027-03-27", 150, 1_806_111_000_000),
            ("2027-03-28", 119, 1_806_195_540_000),
            ("2027-03-28", 180, 1_806_195_600_000),
            ("2027-10-31", 119, 1_824_940_740_000),
            // Shown twice: the first time.
            ("2027-10-31", 150, 1_824_942_600_000),
            ("2027-10-31", 180, 1_824_948_000_000),
        ] {
            let date = CivilDate::parse(date).unwrap();
            let civil = Civil { date, minute };
            assert_eq!(zone.wall(civil), Wall(utc), "{civil:?}");
            assert_eq!(zone.civil(Wall(utc)), Some(civil));
        }
        let skipped = Civil {
            date: CivilDate::parse("2027-03-28").unwrap(),
            minute: 150,
        };
        let later = Civil {
            minute: 210,
            ..skipped
        };
        assert_eq!(zone.civil(zone.wall(skipped)), Some(later));
    }
}
