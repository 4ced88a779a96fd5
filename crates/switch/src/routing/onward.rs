//! Numbers inside that are no person but lead on to others: schedules, ring groups, and whatever follows when nobody
//! there takes a call (AD-03, AD-08, AD-09).

use super::notes::Notes;
use super::way::{HOPS_MAX, Journey, View, Way};
use crate::features::Refusal;
use crate::line::Stands;
use alloc::format;
use alloc::vec::Vec;
use model::{Number, RingGroup, Schedule, Weekday, Zone};

impl View<'_> {
    /// Where a number leads whose destination depends on the hour.
    pub(super) fn by_schedule(
        &self,
        schedule: &Schedule,
        journey: &mut Journey,
        notes: &mut Notes,
    ) -> Way {
        let (stands, to, nobody) = match self.is_in_opening_hours(schedule) {
            true => ("open", schedule.when_open, Refusal::Unavailable),
            false => ("closed", schedule.when_closed, Refusal::Closed),
        };
        notes.add(|| format!("{} is a schedule, {stands} at this time", schedule.number));
        self.onward(to, nobody, journey, notes)
    }

    /// Where a call goes on from a number that is no person: to a number inside, and no further than calls may be
    /// forwarded.
    pub(crate) fn onward(
        &self,
        to: Option<Number>,
        otherwise: Refusal,
        journey: &mut Journey,
        notes: &mut Notes,
    ) -> Way {
        let Some(to) = to else {
            return Way::Refuse(otherwise);
        };
        if journey.hops >= HOPS_MAX {
            notes.add(|| format!("the call has been sent on {HOPS_MAX} times: that is enough"));
            return Way::Refuse(Refusal::Unavailable);
        }
        journey.hops += 1;
        let way = self.inside(to, journey, notes);
        way.unwrap_or_else(|| {
            notes.add(|| format!("{to} is no number inside"));
            Way::Refuse(Refusal::NotFound)
        })
    }

    /// The members of a ring group whose phones ring for a call. Their own forwarding, follow-me and mailbox are not
    /// for the calls of the group.
    pub(crate) fn members(&self, group: &RingGroup, journey: &Journey) -> Vec<Number> {
        let members = group.members.iter().copied();
        members
            .filter(|member| journey.caller != Some(*member) && self.would_ring(member))
            .collect()
    }

    /// Why nobody of a ring group rings, if nobody does.
    pub(crate) fn nobody_rings(&self, group: &RingGroup) -> Refusal {
        let mut members = group.members.iter();
        match members.any(|member| self.state.lines.stands(member) == Stands::InUse) {
            true => Refusal::Busy,
            false => Refusal::Unavailable,
        }
    }

    /// Whether the phones of an extension would ring for a call that is not for it alone.
    pub(crate) fn would_ring(&self, extension: &Number) -> bool {
        let known = self.directory.extension(extension);
        known.is_some_and(|known| match self.state.lines.stands(extension) {
            Stands::Free => !known.do_not_disturb,
            Stands::InUse => known.call_waiting && !known.do_not_disturb,
            Stands::Unavailable => false,
        })
    }

    fn is_in_opening_hours(&self, schedule: &Schedule) -> bool {
        let Some(shown) = Zone::fixed(self.zone).civil(self.now.wall) else {
            return false;
        };
        let day = Weekday::of_day(shown.date.days_since_1970());
        !schedule.closed_dates.contains(&shown.date)
            && schedule
                .open
                .iter()
                .any(|hours| hours.contain(day, shown.minute))
    }
}
