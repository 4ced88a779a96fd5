//! Calls that come in on trunks: who is refused, and where the others go (§1.3 step 1, AD-08, BL-01).

use super::notes::Notes;
use super::way::{Journey, View, Way};
use crate::features::Refusal;
use alloc::format;
use model::{BlacklistScope, Destination, Incoming, Number, Numbering, Spellings};

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
        let listed = spellings.as_ref().and_then(|all| self.listed(all));
        if let Some(listed) = listed.filter(|listed| self.is_for_everybody(listed)) {
            notes.add(|| format!("{listed} is on the blacklist"));
            return Way::Block { listed };
        }
        let to = self.way_in(trunk, incoming, &numbering, spellings.as_ref(), notes);
        if let (Some(listed), Some(Destination::Number(to))) = (listed, to)
            && self.added_by(&listed) == Some(to)
        {
            notes.add(|| format!("{listed} is on the blacklist of {to}"));
            return Way::Block { listed };
        }
        match to {
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

    /// Whether an entry of the blacklist holds for all extensions: all do, or those that no extension made (BL-02).
    fn is_for_everybody(&self, listed: &Number) -> bool {
        match self.directory.system.blacklist_scope {
            BlacklistScope::System => true,
            BlacklistScope::Extension => self.added_by(listed).is_none(),
        }
    }

    /// The extension that put a number on the blacklist.
    fn added_by(&self, listed: &Number) -> Option<Number> {
        let listed = self.directory.blacklist.get(listed)?;
        let by = Number::parse(&listed.added_by).ok()?;
        self.directory.extensions.contains_key(&by).then_some(by)
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
            let called = way
                .number
                .is_none_or(|number| numbering.same(&number, &incoming.dialled));
            let fits = called && way.trunk == trunk && begins(&way.caller);
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
