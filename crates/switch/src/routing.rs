//! Where a call goes: what its number leads to, then what stands in its way (CHECKLIST §1.3).

use crate::cx::Cx;
use crate::features::codes::{self, Code, Place, Reading};
use crate::features::{self, Dial, Farewell, Phase, Refusal};
use crate::line::Stands;
use crate::state::NewCalls;
use model::{Destination, Directory, Extension, Incoming, LegId, Number, Origin, Parking};

/// The first phase of a call that comes in.
pub(crate) fn enter(incoming: &Incoming, cx: &mut Cx<'_>) -> Phase {
    let caller = incoming.leg;
    if cx.new_calls() == NewCalls::Refused {
        return Farewell::refuse_silently(caller, Refusal::Congestion, cx);
    }
    match lead(incoming, cx.directory()) {
        Lead::Extension(callee) => call(caller, callee, cx),
        Lead::Code(code, argument) => {
            if let Origin::Extension(by) = &incoming.origin {
                cx.code_used(*by, incoming.dialled);
            }
            features::use_code(code, argument, caller, cx)
        }
        Lead::NotEnabled => features::not_enabled(caller, cx),
        Lead::Nowhere(refusal) => Farewell::refuse(caller, refusal, cx),
    }
}

/// A call to an extension: its phone rings, or the caller hears why not.
pub(crate) fn call(caller: LegId, callee: Number, cx: &mut Cx<'_>) -> Phase {
    cx.called(callee);
    let by = cx.extension(caller);
    let stands = cx.stands(&callee);
    let Some(extension) = cx.directory().extension(&callee) else {
        return Farewell::refuse(caller, Refusal::NotFound, cx);
    };
    match decide(extension, by, stands) {
        Ok(()) => Dial::begin(caller, callee, cx),
        Err(refusal) => Farewell::refuse(caller, refusal, cx),
    }
}

/// What a dialled number leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lead {
    Extension(Number),
    /// A code, with what was dialled behind it.
    Code(Code, Option<Number>),
    /// Something that exists, but that the switch cannot do.
    NotEnabled,
    Nowhere(Refusal),
}

/// Step 1 of CHECKLIST §1.3 and the first half of step 2: an exact number inside wins over codes and
/// routes (P-11), a code over a number outside. Codes are for extensions that proved who they are (FC-07).
fn lead(incoming: &Incoming, directory: &Directory) -> Lead {
    if incoming.hops > HOPS_MAX {
        return Lead::Nowhere(Refusal::NotFound);
    }
    let number = match &incoming.origin {
        Origin::Extension(caller) if directory.extension(caller).is_none() => {
            return Lead::Nowhere(Refusal::Forbidden);
        }
        Origin::Extension(_) => incoming.dialled,
        // The block on anonymous callers and the blacklist come first here.
        Origin::Trunk(trunk) => match inbound(trunk, incoming, directory) {
            Some(Destination::Number(number)) => number,
            Some(Destination::Fax(_)) => return Lead::Nowhere(Refusal::Unavailable),
            None => return Lead::Nowhere(Refusal::NotFound),
        },
    };
    if directory.extensions.contains_key(&number) {
        return Lead::Extension(number);
    }
    match (&incoming.origin, leads_to_a_service(&number, directory)) {
        (Origin::Extension(_), true) => return Lead::NotEnabled,
        (Origin::Extension(_), false) => {}
        (Origin::Trunk(_), true) => return Lead::Nowhere(Refusal::Unavailable),
        (Origin::Trunk(_), false) => return Lead::Nowhere(Refusal::NotFound),
    }
    match codes::read(&number, Place::Idle, &directory.feature_codes) {
        Reading::Code(code, argument) => Lead::Code(code, argument),
        Reading::Unknown => Lead::Nowhere(Refusal::InvalidCode),
        // Ways out come here: they are tried for what is neither a number inside nor a code.
        Reading::NoCode => Lead::Nowhere(Refusal::NotFound),
    }
}

/// Where a trunk's call leads: the first way in that fits (AD-08).
fn inbound(trunk: &str, incoming: &Incoming, directory: &Directory) -> Option<Destination> {
    let caller = incoming.caller.number.as_deref().unwrap_or_default();
    let mut ways = directory.inbound_routes.iter();
    let way = ways.find(|way| {
        way.trunk == trunk
            && way.number.is_none_or(|number| number == incoming.dialled)
            && caller.starts_with(&way.caller)
    });
    way.map(|way| way.to)
}

/// Whether the number is that of a ring group, queue, room, menu, schedule or parking slot.
fn leads_to_a_service(number: &Number, directory: &Directory) -> bool {
    directory.ring_groups.contains_key(number)
        || directory.queues.contains_key(number)
        || directory.rooms.contains_key(number)
        || directory.menus.contains_key(number)
        || directory.schedules.contains_key(number)
        || is_slot(number, &directory.parking)
}

/// Whether the number is that of a parking slot. `041` is none: numbers are texts.
fn is_slot(number: &Number, parking: &Parking) -> bool {
    let slot = number
        .parse()
        .ok()
        .filter(|_| !number.starts_with(['0', '+']));
    slot.is_some_and(|slot: u16| (parking.first..=parking.last).contains(&slot))
}

/// Steps 2 to 6 of CHECKLIST §1.3 for an extension that exists: whether its phone rings, or why not.
fn decide(callee: &Extension, caller: Option<Number>, stands: Stands) -> Result<(), Refusal> {
    // 3: unconditional forwarding comes here: it beats do-not-disturb.
    // 4: forwarding when busy, then voicemail, come before the refusal.
    if callee.do_not_disturb {
        return Err(match caller {
            Some(_) => Refusal::DoNotDisturb,
            None => Refusal::Busy,
        });
    }
    match stands {
        // 5: likewise. Nobody reaches himself, whether or not a second call would ring.
        Stands::InUse if !callee.call_waiting || caller == Some(callee.number) => {
            Err(Refusal::Busy)
        }
        // 6: forwarding when not answered, follow-me, then voicemail come before the refusal.
        Stands::Unavailable => Err(Refusal::Unavailable),
        // 7: it rings; what follows when nobody answers is in `features/dial.rs`.
        Stands::InUse | Stands::Free => Ok(()),
    }
}

/// How often a call may have been forwarded (§1.3 step 8).
const HOPS_MAX: u8 = 5;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;
    use alloc::sync::Arc;
    use model::{InboundRoute, Party, Secret};

    /// P-01 P-02 P-11, FC-04, FC-07
    #[test]
    fn a_number_leads_to_one_place() {
        let directory = office();
        let lead = |from: &str, dialled: &str| lead(&incoming(from, dialled), &directory);
        let nowhere = Lead::Nowhere;
        for (from, dialled, leads_to) in [
            ("100", "101", Lead::Extension(number("101"))),
            ("100", "005", Lead::Extension(number("005"))),
            ("100", "5", nowhere(Refusal::NotFound)),
            ("100", "999", nowhere(Refusal::NotFound)),
            ("100", "**13", Lead::Code(Code::SayExtension, None)),
            (
                "100",
                "**101",
                Lead::Code(Code::Pickup, Some(number("101"))),
            ),
            ("100", "*99", nowhere(Refusal::InvalidCode)),
            ("100", "#", nowhere(Refusal::InvalidCode)),
            ("100", "41", Lead::NotEnabled),
            ("100", "49", Lead::NotEnabled),
            ("100", "40", nowhere(Refusal::NotFound)),
            ("100", "041", nowhere(Refusal::NotFound)),
            ("100", "+41", nowhere(Refusal::NotFound)),
            ("100", "50", nowhere(Refusal::NotFound)),
            ("999", "101", nowhere(Refusal::Forbidden)),
            ("trunk", "5551000", Lead::Extension(number("101"))),
            ("trunk", "101", nowhere(Refusal::NotFound)),
            ("trunk", "*74", nowhere(Refusal::NotFound)),
            ("trunk", "5551074", nowhere(Refusal::NotFound)),
            ("trunk", "5551041", nowhere(Refusal::Unavailable)),
        ] {
            assert_eq!(lead(from, dialled), leads_to, "{from} dials {dialled}");
        }
    }

    /// §1.3 step 8
    #[test]
    fn a_call_that_was_forwarded_too_often_leads_nowhere() {
        let directory = office();
        let mut forwarded = incoming("trunk", "5551000");
        forwarded.hops = HOPS_MAX;
        assert_eq!(lead(&forwarded, &directory), Lead::Extension(number("101")));
        forwarded.hops += 1;
        assert_eq!(
            lead(&forwarded, &directory),
            Lead::Nowhere(Refusal::NotFound)
        );
    }

    /// §1.3 steps 4 to 7, D-10, DN-01, DN-04, DN-07: every pair of neighbouring steps.
    #[test]
    fn do_not_disturb_beats_busy_and_busy_beats_unavailable() {
        let (inside, outside) = (Some(number("100")), None);
        let own = Some(number("101"));
        let (free, in_use, away) = (Stands::Free, Stands::InUse, Stands::Unavailable);
        for (dnd, call_waiting, stands, caller, expected) in [
            (true, false, free, inside, Err(Refusal::DoNotDisturb)),
            (true, true, in_use, inside, Err(Refusal::DoNotDisturb)),
            (true, false, away, inside, Err(Refusal::DoNotDisturb)),
            (true, false, free, outside, Err(Refusal::Busy)),
            (false, false, in_use, inside, Err(Refusal::Busy)),
            (false, true, in_use, inside, Ok(())),
            (false, false, in_use, own, Err(Refusal::Busy)),
            (false, true, in_use, own, Err(Refusal::Busy)),
            (false, false, away, inside, Err(Refusal::Unavailable)),
            (false, true, away, inside, Err(Refusal::Unavailable)),
            (false, false, free, inside, Ok(())),
            (false, false, free, outside, Ok(())),
        ] {
            let mut callee = Extension::new(number("101"), "Li", Secret::NONE);
            callee.do_not_disturb = dnd;
            callee.call_waiting = call_waiting;
            assert_eq!(
                decide(&callee, caller, stands),
                expected,
                "dnd {dnd}, call waiting {call_waiting}, {stands:?}, from {caller:?}"
            );
        }
    }

    fn office() -> Directory {
        let mut directory = Directory::default();
        for number in ["100", "101", "005"].map(number) {
            let extension = Extension::new(number, &number, Secret::NONE);
            directory.extensions.insert(number, Arc::new(extension));
        }
        for (from, to) in [("5551000", "101"), ("5551074", "*74"), ("5551041", "41")] {
            directory.inbound_routes.push(Arc::new(InboundRoute {
                trunk: String::from("carrier"),
                number: Some(number(from)),
                caller: String::new(),
                to: Destination::Number(number(to)),
            }));
        }
        directory
    }

    fn incoming(from: &str, dialled: &str) -> Incoming {
        Incoming {
            leg: LegId::inbound(1),
            origin: match from {
                "trunk" => Origin::Trunk(String::from("carrier")),
                extension => Origin::Extension(number(extension)),
            },
            caller: Party::default(),
            dialled: number(dialled),
            hops: 0,
            replaces: None,
        }
    }

    fn number(text: &str) -> Number {
        Number::parse(text).unwrap()
    }
}
