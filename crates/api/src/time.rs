//! Times as people and programs read them.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use model::{System, Wall};

/// The site's own time zone.
#[derive(Clone, Debug)]
pub(crate) struct Zone(TimeZone);

impl Zone {
    /// That of a site; UTC when its name is unknown to this machine.
    pub(crate) fn of(system: &System) -> Self {
        Self(TimeZone::get(&system.timezone).unwrap_or(TimeZone::UTC))
    }

    /// RFC 3339 with offset, to the second.
    pub(crate) fn written(&self, wall: Wall) -> String {
        let timestamp = Timestamp::from_millisecond(wall.0).unwrap_or_default();
        let civil = timestamp.to_zoned(self.0.clone());
        civil.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }

    /// The first moment that a text means: RFC 3339, or the beginning of a day.
    pub(crate) fn beginning(&self, text: &str) -> Result<Wall, NotATime> {
        match parse(text)? {
            Moment::Day(day) => self.midnight(day),
            Moment::Time(time) => Ok(time),
        }
    }

    /// The first moment after those that a text means: the day counts whole (CDR-07).
    pub(crate) fn end(&self, text: &str) -> Result<Wall, NotATime> {
        match parse(text)? {
            Moment::Day(day) => self.midnight(day.tomorrow().map_err(|_| NotATime)?),
            Moment::Time(time) => Ok(Wall(time.0.saturating_add(1))),
        }
    }

    /// The days from one text to another, both of them whole: `YYYY-MM-DD`, today unless they say something. Each with
    /// its name; there are at most `most`.
    pub(crate) fn days(
        &self,
        (from, until): (Option<&str>, Option<&str>),
        now: Wall,
        most: usize,
    ) -> Result<Days, NoDays> {
        let now = Timestamp::from_millisecond(now.0).unwrap_or_default();
        let today = now.to_zoned(self.0.clone()).date();
        let day = |text: Option<&str>| text.map_or(Ok(today), str::parse);
        let last = day(until).map_err(|_| NoDays::Until)?;
        let first = match from {
            None => last.min(today),
            from => day(from).map_err(|_| NoDays::From)?,
        };
        let mut days = Days::default();
        let midnight = |day: Date| self.midnight(day).map_err(|_| NoDays::From);
        for day in first.series(1.day()).take_while(|day| *day <= last) {
            if days.names.len() == most {
                return Err(NoDays::TooMany);
            }
            days.midnights.push(midnight(day)?);
            days.names.push(day.to_string());
        }
        if days.names.is_empty() {
            return Err(NoDays::Backwards);
        }
        days.midnights
            .push(midnight(last.tomorrow().map_err(|_| NoDays::Until)?)?);
        Ok(days)
    }

    fn midnight(&self, day: Date) -> Result<Wall, NotATime> {
        let zoned = day.to_zoned(self.0.clone()).map_err(|_| NotATime)?;
        Ok(Wall(zoned.timestamp().as_millisecond()))
    }
}

/// Days one after another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Days {
    /// `YYYY-MM-DD`.
    pub(crate) names: Vec<String>,
    /// When each begins, and when the last is over.
    pub(crate) midnights: Vec<Wall>,
}

/// What is wrong with two texts that should mean days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoDays {
    /// The first is none.
    From,
    /// The last is none.
    Until,
    /// The last is before the first.
    Backwards,
    /// There are too many.
    TooMany,
}

/// The text is neither `YYYY-MM-DD` nor RFC 3339.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotATime;

enum Moment {
    Day(Date),
    Time(Wall),
}

fn parse(text: &str) -> Result<Moment, NotATime> {
    if text.len() == DATE_LENGTH {
        return text.parse().map(Moment::Day).map_err(|_| NotATime);
    }
    // A plus that somebody forgot to escape in an address comes as a space.
    let text = text.replace(' ', "+");
    let time: Timestamp = text.parse().map_err(|_| NotATime)?;
    Ok(Moment::Time(Wall(time.as_millisecond())))
}

/// `YYYY-MM-DD`.
const DATE_LENGTH: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> Zone {
        Zone::of(&System {
            timezone: name.to_owned(),
            ..System::default()
        })
    }

    /// CDR-02 CDR-07
    #[test]
    fn a_day_counts_whole_in_the_zone_of_the_site() {
        let shanghai = zone("Asia/Shanghai");
        let from = shanghai.beginning("2026-03-14").expect("a day");
        let until = shanghai.end("2026-03-14").expect("a day");
        assert_eq!(shanghai.written(from), "2026-03-14T00:00:00+08:00");
        assert_eq!(until.0 - from.0, 24 * 3_600_000);
        let berlin = zone("Europe/Berlin");
        let spring = berlin.end("2026-03-29").expect("a day").0
            - berlin.beginning("2026-03-29").expect("a day").0;
        assert_eq!(spring, 23 * 3_600_000, "the clock goes forward");
    }

    /// QU-13: of each day of the site's zone one, however long it is.
    #[test]
    fn days_begin_at_midnight_of_the_site() {
        let berlin = zone("Europe/Berlin");
        let now = berlin.beginning("2026-03-29T12:00:00+02:00").expect("noon");
        let days = |from, until| berlin.days((from, until), now, 3);
        let weekend = days(Some("2026-03-28"), Some("2026-03-29")).expect("days");
        assert_eq!(weekend.names, ["2026-03-28", "2026-03-29"]);
        let [saturday, sunday, monday] = weekend.midnights[..] else {
            panic!("{weekend:?}")
        };
        assert_eq!(sunday.0 - saturday.0, 24 * 3_600_000);
        assert_eq!(monday.0 - sunday.0, 23 * 3_600_000);
        assert_eq!(days(None, None).expect("today").names, ["2026-03-29"]);
        let yesterday = days(None, Some("2026-03-28")).expect("a day");
        assert_eq!(yesterday.names, ["2026-03-28"]);
        assert_eq!(days(Some("2026-03-30"), None), Err(NoDays::Backwards));
        assert_eq!(days(Some("2026-03-26"), None), Err(NoDays::TooMany));
        assert_eq!(days(Some("2026-3"), None), Err(NoDays::From));
        assert_eq!(days(None, Some("2026-02-30")), Err(NoDays::Until));
    }

    #[test]
    fn a_moment_is_itself_and_nonsense_is_none() {
        let zone = zone("Asia/Shanghai");
        let text = "2026-03-14T08:00:00+08:00";
        let at = zone.beginning(text).expect("a moment");
        assert_eq!(zone.written(at), text);
        assert_eq!(zone.beginning("2026-03-14T08:00:00 08:00"), Ok(at));
        assert_eq!(zone.end("2026-03-14T00:00:00Z"), Ok(Wall(at.0 + 1)));
        for bad in [
            "",
            "2026-02-30",
            "14.03.2026",
            "now",
            "' OR 1=1 --",
            "2026-03-14T25:00:00Z",
        ] {
            assert_eq!(zone.beginning(bad), Err(NotATime), "{bad}");
        }
    }
}
