//! The only clock of a running server: it is read when something enters, and passed on from there.

use model::{Now, Time, Wall, Zone};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The time since the server began, and the time of the wall.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    began: Instant,
}

impl Clock {
    /// A clock that begins here.
    pub(crate) fn start() -> Self {
        Self {
            began: Instant::now(),
        }
    }

    /// Both times at this moment.
    pub(crate) fn now(&self) -> Now {
        let mono = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
        let wall = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or(Duration::ZERO);
        Now {
            mono: Time(mono),
            wall: Wall(i64::try_from(wall.as_millis()).unwrap_or(i64::MAX)),
        }
    }
}

/// What clocks of a time zone show from a moment on; UTC where nobody knows the zone.
pub(crate) fn zone(timezone: &str, wall: Wall) -> Zone {
    let zone = jiff::tz::TimeZone::get(timezone).ok();
    let moment = jiff::Timestamp::from_millisecond(wall.0).ok();
    let Some((zone, moment)) = zone.zip(moment) else {
        return Zone::default();
    };
    let changes = zone.following(moment).take(CHANGES_KNOWN).map(|change| {
        let at = Wall(change.timestamp().as_millisecond());
        (at, change.offset().seconds())
    });
    Zone {
        offset: zone.to_offset(moment).seconds(),
        changes: changes.collect(),
    }
}

/// Two years: a wake-up call is booked for a year at most.
const CHANGES_KNOWN: usize = 4;

/// RFC 3339 with milliseconds, in the machine's own time zone.
pub(super) fn written(wall: Wall) -> String {
    let Ok(timestamp) = jiff::Timestamp::from_millisecond(wall.0) else {
        return String::new();
    };
    timestamp
        .to_zoned(jiff::tz::TimeZone::system())
        .strftime("%Y-%m-%dT%H:%M:%S.%3f%:z")
        .to_string()
}
