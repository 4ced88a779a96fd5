//! Numbers that lead to several people, or to a machine: ring groups, queues, rooms, menus, schedules.

use crate::{Digit, Duration, MusicName, Number};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::num::NonZeroU32;
use serde::{Deserialize, Serialize};

/// A number that rings several extensions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RingGroup {
    /// Its number.
    pub number: Number,
    /// Its name.
    pub name: String,
    /// Who rings, in this order where order counts.
    pub members: Vec<Number>,
    /// All at once, or one after another.
    pub strategy: RingStrategy,
    /// How long it rings; of members that ring one after another each of them.
    pub ring_time: Duration,
    /// Where the call goes when nobody answers.
    pub then: Option<Number>,
}

/// In which order a ring group rings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RingStrategy {
    /// All at once.
    All,
    /// One after another.
    Linear,
}

/// A number where callers wait for an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queue {
    /// Its number.
    pub number: Number,
    /// Its name.
    pub name: String,
    /// Whom the next call rings.
    pub strategy: QueueStrategy,
    /// Agents who are always logged in.
    pub static_agents: Vec<Number>,
    /// Agents who log in and out.
    pub dynamic_agents: Vec<Number>,
    /// How long an agent rings.
    pub agent_ring_time: Duration,
    /// How long the phone of an agent who did not answer is left alone; others ring meanwhile.
    pub retry: Duration,
    /// How long an agent rests after a call.
    pub wrap_up: Duration,
    /// How long a caller waits; `None`: without end.
    pub max_wait: Option<Duration>,
    /// How many callers wait; `None`: any number.
    pub max_callers: Option<NonZeroU32>,
    /// Whether a caller hears how many are before him.
    pub announce_position: bool,
    /// How often he hears it, and the other announcements, at least [`Self::ANNOUNCE_EVERY_MIN`]; `None`: once.
    pub announce_every: Option<Duration>,
    /// Whether he hears how long he will probably wait.
    #[serde(default = "yes")]
    pub announce_wait: bool,
    /// What he hears besides, by the name of its prompt; empty: nothing.
    #[serde(default)]
    pub announcement: String,
    /// Where a caller goes who waited too long, or found the queue full or without agents.
    pub then: Option<Number>,
    /// Of queues with a common agent the one with the greater weight is served first.
    #[serde(default)]
    pub weight: u16,
    /// Whether callers may begin to wait when no agent is there.
    #[serde(default = "yes")]
    pub join_empty: bool,
    /// Whether those who wait are sent on when the last agent has left.
    #[serde(default)]
    pub leave_empty: bool,
    /// The key with which a caller stops waiting; `None`: there is none.
    #[serde(default)]
    pub exit_key: Option<Digit>,
    /// Where he goes then; `None`: to [`Self::then`].
    #[serde(default)]
    pub exit_to: Option<Number>,
    /// Whose mailbox a caller may leave a message in instead of waiting, by pressing 1.
    #[serde(default)]
    pub mailbox: Option<Number>,
    /// A call counts as served well when it was answered within this.
    #[serde(default = "service_level")]
    pub service_level: Duration,
    /// What callers hear while they wait; `None`: the system's.
    #[serde(default)]
    pub music: Option<MusicName>,
}

impl Queue {
    /// The shortest time between two announcements.
    pub const ANNOUNCE_EVERY_MIN: Duration = Duration::from_secs(15);

    /// A queue without agents, set up as a site file that says nothing else sets it up.
    #[must_use]
    pub const fn new(number: Number) -> Self {
        Self {
            number,
            name: String::new(),
            strategy: QueueStrategy::RingAll,
            static_agents: Vec::new(),
            dynamic_agents: Vec::new(),
            agent_ring_time: Duration::from_secs(15),
            retry: Duration::from_secs(5),
            wrap_up: Duration::ZERO,
            max_wait: None,
            max_callers: None,
            announce_position: true,
            announce_every: Some(Duration::from_secs(30)),
            announce_wait: true,
            announcement: String::new(),
            then: None,
            weight: 0,
            join_empty: true,
            leave_empty: false,
            exit_key: None,
            exit_to: None,
            mailbox: None,
            service_level: service_level(),
            music: None,
        }
    }

    /// The agents who take its calls, paused or not, in the order in which they are listed: those who need not log in,
    /// then those who did.
    pub fn logged_in<'a>(
        &'a self,
        agents: &'a BTreeMap<Number, Arc<Agent>>,
    ) -> impl Iterator<Item = Number> + 'a {
        let is_in = |agent: &&Number| {
            let known = agents.get(*agent);
            known.is_some_and(|known| known.logged_in.contains(&self.number))
        };
        let dynamic = self.dynamic_agents.iter().filter(is_in);
        let dynamic = dynamic.filter(|agent| !self.static_agents.contains(agent));
        self.static_agents.iter().chain(dynamic).copied()
    }

    /// Whether an extension is an agent of it, logged in or not.
    #[must_use]
    pub fn has_agent(&self, extension: &Number) -> bool {
        self.static_agents.contains(extension) || self.dynamic_agents.contains(extension)
    }
}

const fn yes() -> bool {
    true
}

/// How soon a call must be answered to count as served well, unless a queue says otherwise (QU-13).
const fn service_level() -> Duration {
    Duration::from_secs(60)
}

/// Whether somebody takes calls of queues. What is set stays over a restart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// The queues in which he is logged in, of those where agents log in.
    pub logged_in: BTreeSet<Number>,
    /// Whether he takes none for a while.
    pub paused: bool,
}

/// Whom the next call of a queue rings (QU-07).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum QueueStrategy {
    /// Everybody who is free.
    RingAll,
    /// In turn.
    RoundRobin,
    /// Who has been free the longest.
    LeastRecent,
    /// Who took the fewest calls.
    FewestCalls,
    /// Anybody.
    Random,
    /// The first of the list who is free.
    Linear,
}

/// A conference room.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    /// Its number.
    pub number: Number,
    /// Its name.
    pub name: String,
    /// The PIN of who may invite; empty: nobody.
    pub admin_pin: String,
    /// The PIN of everybody else; empty: none is asked for.
    pub user_pin: String,
    /// How many may be in it; `None`: any number.
    pub max_members: Option<NonZeroU32>,
    /// Whether it is recorded.
    pub record: bool,
    /// Whether members hear music until an administrator is there.
    #[serde(default)]
    pub wait_for_admin: bool,
    /// Whether it is over when the last administrator leaves.
    #[serde(default)]
    pub end_with_admin: bool,
    /// What those in it hear when somebody comes or goes.
    #[serde(default)]
    pub announce: Announce,
    /// What somebody hears who is alone in it; `None`: the system's.
    #[serde(default)]
    pub music: Option<MusicName>,
}

/// What those in a conference hear when somebody comes or goes (CO-09).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Announce {
    /// A tone, upwards or downwards.
    #[default]
    Tones,
    /// Nothing.
    None,
}

/// What a party may do in a conference (CO-01).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RoomRole {
    /// Invites, locks and removes.
    Administrator,
    /// Listens and speaks.
    Member,
}

impl Room {
    /// A room that nobody opens until it has a PIN or is meant to have none.
    #[must_use]
    pub fn new(number: Number) -> Self {
        Self {
            number,
            name: String::new(),
            admin_pin: String::new(),
            user_pin: String::new(),
            max_members: None,
            record: false,
            wait_for_admin: false,
            end_with_admin: false,
            announce: Announce::default(),
            music: None,
        }
    }

    /// How many digits the longer of its PINs has.
    #[must_use]
    pub fn pin_length(&self) -> usize {
        self.admin_pin.len().max(self.user_pin.len())
    }

    /// The role that a PIN gives; an empty PIN opens nothing.
    #[must_use]
    pub fn role(&self, pin: &str) -> Option<RoomRole> {
        let opens = |own: &str| !own.is_empty() && own == pin;
        if opens(&self.admin_pin) {
            Some(RoomRole::Administrator)
        } else {
            opens(&self.user_pin).then_some(RoomRole::Member)
        }
    }
}

impl fmt::Debug for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Room({}, {:?})", self.number, self.name)
    }
}

/// A spoken menu.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Menu {
    /// Its number.
    pub number: Number,
    /// Its name.
    pub name: String,
    /// The prompt that is played.
    pub greeting: String,
    /// Whether a caller may dial an extension.
    pub direct_dial: bool,
    /// How long it waits for a key.
    pub timeout: Duration,
    /// How often it is played.
    pub tries: u8,
    /// Where a caller goes who pressed nothing that leads on.
    pub then: Option<Number>,
    /// Where keys lead.
    pub keys: BTreeMap<Digit, Number>,
}

/// A number that leads to one place in opening hours and to another outside them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// Its number.
    pub number: Number,
    /// Its name.
    pub name: String,
    /// Opening hours, in the system's time zone.
    pub open: Vec<OpenHours>,
    /// Days on which it is closed all day.
    pub closed_dates: BTreeSet<CivilDate>,
    /// Where it leads in opening hours.
    pub when_open: Option<Number>,
    /// Where it leads otherwise.
    pub when_closed: Option<Number>,
}

/// Opening hours on some days of the week: `mon-fri 09:00-18:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct OpenHours {
    /// The first day; the days may run over the end of the week (`sat-mon`).
    pub from_day: Weekday,
    /// The last day.
    pub to_day: Weekday,
    /// Minutes since midnight at which it opens.
    pub from_minute: u16,
    /// Minutes since midnight at which it closes, up to 1440. Below the start: on the next day.
    pub to_minute: u16,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Weekday {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
}

/// A day of the calendar, only made of days that exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CivilDate {
    /// The year.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
}

impl Weekday {
    /// The days from Monday.
    pub const ALL: [Self; 7] = [
        Self::Mon,
        Self::Tue,
        Self::Wed,
        Self::Thu,
        Self::Fri,
        Self::Sat,
        Self::Sun,
    ];

    /// The day of the week of a day counted from 1970-01-01, which was a Thursday.
    #[must_use]
    pub fn of_day(days_since_1970: i64) -> Self {
        let nth = usize::try_from((days_since_1970.rem_euclid(7) + 3) % 7).unwrap_or_default();
        Self::ALL.get(nth).copied().unwrap_or(Self::Mon)
    }

    fn before(self) -> Self {
        let nth = Self::ALL.iter().position(|day| *day == self);
        let before = nth.map_or(0, |nth| (nth + 6) % 7);
        Self::ALL.get(before).copied().unwrap_or(Self::Sun)
    }

    /// The day as the site file writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mon => "mon",
            Self::Tue => "tue",
            Self::Wed => "wed",
            Self::Thu => "thu",
            Self::Fri => "fri",
            Self::Sat => "sat",
            Self::Sun => "sun",
        }
    }

    /// Reads a day as the site file writes it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|day| day.as_str() == text)
    }
}

impl OpenHours {
    /// Whether it is open at a minute of a day of the week, counted from midnight.
    #[must_use]
    pub fn contain(&self, day: Weekday, minute: u16) -> bool {
        let today = self.has(day);
        if self.from_minute < self.to_minute {
            return today && (self.from_minute..self.to_minute).contains(&minute);
        }
        let yesterday = self.has(day.before());
        today && minute >= self.from_minute || yesterday && minute < self.to_minute
    }

    fn has(&self, day: Weekday) -> bool {
        if self.from_day <= self.to_day {
            (self.from_day..=self.to_day).contains(&day)
        } else {
            day >= self.from_day || day <= self.to_day
        }
    }

    /// Reads `mon-fri 09:00-18:00` or `sat 09:00-12:00`; `24:00` is the end of the day.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (days, hours) = text.trim().split_once(' ')?;
        let (from_day, to_day) = days.split_once('-').unwrap_or((days, days));
        let (from, to) = hours.trim().split_once('-')?;
        let hours = Self {
            from_day: Weekday::parse(from_day)?,
            to_day: Weekday::parse(to_day)?,
            from_minute: minute(from)?,
            to_minute: minute(to)?,
        };
        (hours.from_minute < DAY_MINUTES && hours.from_minute != hours.to_minute).then_some(hours)
    }
}

impl fmt::Display for OpenHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.from_day.as_str())?;
        if self.to_day != self.from_day {
            write!(f, "-{}", self.to_day.as_str())?;
        }
        let (from, to) = (self.from_minute, self.to_minute);
        write!(
            f,
            " {:02}:{:02}-{:02}:{:02}",
            from / 60,
            from % 60,
            to / 60,
            to % 60
        )
    }
}

impl CivilDate {
    /// A day, if there is such a one.
    #[must_use]
    pub const fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let leap =
            year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let last = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => return None,
        };
        if day >= 1 && day <= last {
            Some(Self { year, month, day })
        } else {
            None
        }
    }

    /// Reads `2026-10-01`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '-');
        let year = digits(parts.next()?, 4)?;
        let month = u8::try_from(digits(parts.next()?, 2)?).ok()?;
        let day = u8::try_from(digits(parts.next()?, 2)?).ok()?;
        Self::new(year, month, day)
    }

    /// The day so many days after 1970-01-01, of the years 0 to 9999.
    #[must_use]
    pub fn of_day(days_since_1970: i64) -> Option<Self> {
        // Years are counted from March, so that the day that is not always there is their last.
        let day = days_since_1970.checked_add(DAYS_TO_1970)?;
        let (era, day) = (day.div_euclid(ERA_DAYS), day.rem_euclid(ERA_DAYS));
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let day = day - (153 * month + 2) / 5 + 1;
        let (month, after) = if month < 10 {
            (month + 3, 0)
        } else {
            (month - 9, 1)
        };
        let year = u16::try_from(era * 400 + year + after).ok()?;
        let date = Self::new(year, u8::try_from(month).ok()?, u8::try_from(day).ok()?);
        date.filter(|date| date.year <= 9_999)
    }

    /// How many days it is after 1970-01-01.
    #[must_use]
    pub fn days_since_1970(&self) -> i64 {
        let (month, day) = (i64::from(self.month), i64::from(self.day));
        let year = i64::from(self.year) - i64::from(month <= 2);
        let month = (month + 9) % 12;
        let day = (153 * month + 2) / 5 + day - 1;
        let (era, year) = (year.div_euclid(400), year.rem_euclid(400));
        era * ERA_DAYS + year * 365 + year / 4 - year / 100 + day - DAYS_TO_1970
    }
}

/// The days of 400 years, after which the calendar repeats itself.
const ERA_DAYS: i64 = 146_097;
/// From 0000-03-01 to 1970-01-01.
const DAYS_TO_1970: i64 = 719_468;

impl fmt::Display for CivilDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// Reads `09:00` as minutes since midnight, up to `24:00`.
fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let (hour, minute) = (digits(hour, 2)?, digits(minute, 2)?);
    let of_day = hour.checked_mul(60)?.checked_add(minute)?;
    (minute < 60 && of_day <= DAY_MINUTES).then_some(of_day)
}

/// Reads exactly so many digits.
fn digits(text: &str, count: usize) -> Option<u16> {
    let whole = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    whole.then(|| text.parse().ok()).flatten()
}

const DAY_MINUTES: u16 = 24 * 60;

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn opening_hours_are_read_as_they_are_written() {
        for text in [
            "mon-fri 09:00-18:00",
            "sat 09:00-12:30",
            "sat-mon 22:00-06:00",
            "sun 00:00-24:00",
        ] {
            assert_eq!(
                OpenHours::parse(text).map(|hours| hours.to_string()),
                Some(text.to_string())
            );
        }
        for bad in [
            "",
            "mon",
            "mon-fri",
            "mo 09:00-10:00",
            "mon 9:00-10:00",
            "mon 09:60-10:00",
            "mon 24:00-24:00",
            "mon 09:00-24:01",
            "mon 09:00-09:00",
        ] {
            assert_eq!(OpenHours::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn opening_hours_may_run_over_midnight_and_over_the_end_of_the_week() {
        use Weekday::{Fri, Mon, Sat, Sun, Thu, Tue};
        let at = |hours: u16, minutes: u16| hours * 60 + minutes;
        for (hours, day, minute, open) in [
            ("mon-fri 09:00-18:00", Mon, at(8, 59), false),
            ("mon-fri 09:00-18:00", Mon, at(9, 0), true),
            ("mon-fri 09:00-18:00", Fri, at(17, 59), true),
            ("mon-fri 09:00-18:00", Fri, at(18, 0), false),
            ("mon-fri 09:00-18:00", Sat, at(12, 0), false),
            ("sat-mon 22:00-06:00", Sat, at(5, 0), false),
            ("sat-mon 22:00-06:00", Sat, at(22, 0), true),
            ("sat-mon 22:00-06:00", Sun, at(5, 59), true),
            ("sat-mon 22:00-06:00", Tue, at(5, 59), true),
            ("sat-mon 22:00-06:00", Tue, at(6, 0), false),
            ("sat-mon 22:00-06:00", Thu, at(23, 0), false),
            ("sun 00:00-24:00", Sun, at(23, 59), true),
        ] {
            let read = OpenHours::parse(hours).unwrap();
            assert_eq!(read.contain(day, minute), open, "{hours}: {day:?} {minute}");
        }
        assert_eq!(Weekday::of_day(0), Thu);
        assert_eq!(Weekday::of_day(-1), Weekday::Wed);
        assert_eq!(Weekday::of_day(4), Mon);
    }

    #[test]
    fn only_days_of_the_calendar_are_dates() {
        for good in ["2026-10-01", "2024-02-29", "2000-02-29"] {
            assert_eq!(
                CivilDate::parse(good).map(|date| date.to_string()),
                Some(good.to_string())
            );
        }
        for bad in [
            "2018-02-30",
            "2026-02-29",
            "1900-02-29",
            "2026-13-01",
            "2026-1-1",
            "26-01-01",
            "2026-00-10",
        ] {
            assert_eq!(CivilDate::parse(bad), None, "{bad}");
        }
    }
}
