//! Calls that come in on trunks: who is refused, and where the others go (§1.3 step 1, AD-08, BL-01).

use super::notes::Notes;
use super::way::{Journey, View, Way};
use crate::features::Refusal;
use alloc::format;
use model::{Destination, Incoming, Number, Numbering, Spellings};

impl View<'_> {
    /// Where a call from outside goes: first the block on anonymous callers, then the blacklist, then the ways in.
    pub(crate) fn come_in(
        &self,
        trunk: &str,
        incoming: &Incoming,
        journey: &mut Journey,
        notes: &mut Notes,
    ) -> Way {
        let numbering = self.numbering(Some(trunk));
        let caller = incoming.caller.number;
        if caller.is_none() && self.directory.system.block_anonymous {
            notes.add(|| "anonymous callers are refused".into());
            return Way::Refuse(Refusal::Anonymous);
        }
        let spellings = caller.map(|caller| numbering.spellings(&caller));
        if let Some(listed) = spellings.as_ref().and_then(|all| self.listed(all)) {
            notes.add(|| format!("{listed} is on the blacklist"));
            return Way::Block { listed };
        }
        match self.way_in(trunk, incoming, &numbering, spellings.as_ref(), notes) {
            Some(Destination::Number(number)) => match self.inside(number, journey, notes) {
                // What is inside but no person cannot be reached yet.
                Some(Way::NotEnabled) => Way::Refuse(Refusal::Unavailable),
                Some(way) => way,
                None => Way::Refuse(Refusal::NotFound),
            },
            Some(Destination::Fax(_)) => Way::Refuse(Refusal::Unavailable),
            None => Way::Refuse(Refusal::NotFound),
        }
    }

    /// The entry of the blacklist that a number is on, however either is spelled.
    pub(crate) fn listed(&self, spellings: &Spellings) -> Option<Number> {
        let listed = |number: &&Number| self.directory.blacklist.contains_key(*number);
        spellings.iter().find(listed).copied()
    }

    /// The first way in that fits: by trunk, by the number called, by the beginning of the caller's.
    fn way_in(
        &self,
        trunk: &str,
        incoming: &Incoming,
        numbering: &Numbering,
        spellings: Option<&Spellings>,
        notes: &mut Notes,
    ) -> Option<Destination> {
        let begins = |begin: &str| {
            let mut all = spellings.into_iter().flat_map(Spellings::iter);
            begin.is_empty() || all.any(|number| number.starts_with(begin))
        };
        for (nth, way) in self.directory.inbound_routes.iter().enumerate() {
            let fits = way.trunk == trunk
                && way
                    .number
                    .is_none_or(|number| numbering.same(&number, &incoming.dialled))
                && begins(&way.caller);
            notes.add(|| {
                let fits = if fits { "fits" } else { "does not fit" };
                format!("inbound route {} to {}: {fits}", nth + 1, way.to)
            });
            if fits {
                return Some(way.to);
            }
        }
        None
    }
}
