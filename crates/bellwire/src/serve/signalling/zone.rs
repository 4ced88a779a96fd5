//! How far the site's clocks are ahead of UTC.

use super::Signalling;
use crate::serve::clock;
use model::{Input, Now, Time};
use std::time::Duration;

/// What the switch was told of the site's clocks.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Zone {
    pub(super) told: Option<model::Zone>,
    /// When they are looked at again.
    pub(super) due: Time,
}

impl Signalling {
    /// Tells the switch when the clocks of the site are changed: its zone is another, or daylight saving time began.
    pub(super) fn look_at_the_clock(&mut self, now: Now) {
        let timezone = &self.site.directory.system.timezone;
        let zone = clock::zone(timezone, now.wall);
        if self.zone.told.as_ref() != Some(&zone) {
            self.next.push_back(Input::Zone(zone.clone()));
        }
        self.zone = Zone {
            told: Some(zone),
            due: now.mono + LOOK_AT_THE_CLOCK_EVERY,
        };
    }
}

/// How often it is looked at whether daylight saving time has begun or ended.
const LOOK_AT_THE_CLOCK_EVERY: Duration = Duration::from_secs(60);
