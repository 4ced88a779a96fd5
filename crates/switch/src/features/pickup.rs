//! Taking a call that rings elsewhere (manual §2.2): `**` and an extension, or `*8` for one of the own department;
//! phones with a key for it send an INVITE with Replaces.

use super::{Farewell, Phase, Refusal, Talk};
use crate::cx::Cx;
use crate::handover::Given;
use crate::phrase;
use model::{LegId, Number, Phrase};

/// Takes the call that rings an extension, whichever department it belongs to (PU-01).
pub(crate) fn directed(picker: LegId, extension: Number, cx: &mut Cx<'_>) -> Phase {
    let own = cx.extension(picker);
    let ringing = cx.ringing(&extension).filter(|_| own != Some(extension));
    match ringing {
        Some(rung) => pick_up(picker, rung, cx),
        None => refuse(picker, phrase::NOTHING_TO_PICK_UP, cx),
    }
}

/// Takes the call that has rung longest at somebody of the own department (PU-02).
pub(crate) fn of_department(picker: LegId, cx: &mut Cx<'_>) -> Phase {
    let Some(own) = cx.extension(picker) else {
        return refuse(picker, phrase::NOTHING_TO_PICK_UP, cx);
    };
    let directory = cx.directory();
    let Some(departments) = directory.extension(&own).map(|own| &own.departments) else {
        return refuse(picker, phrase::NO_DEPARTMENT, cx);
    };
    if departments.is_empty() {
        return refuse(picker, phrase::NO_DEPARTMENT, cx);
    }
    let colleagues = directory
        .extensions
        .values()
        .filter(|other| other.number != own && !other.departments.is_disjoint(departments));
    let ringing = colleagues.filter_map(|colleague| cx.ringing(&colleague.number));
    // Legs are numbered as they come about.
    match ringing.min() {
        Some(rung) => pick_up(picker, rung, cx),
        None => refuse(picker, phrase::NOTHING_TO_PICK_UP, cx),
    }
}

/// A call that takes the place of a leg (INVITE with Replaces, RFC 3891): one that rings is picked up, and from one
/// phone to another of the same extension a conversation moves. Nobody else's conversation can be taken (PU-07).
pub(crate) fn replace(caller: LegId, leg: LegId, cx: &mut Cx<'_>) -> Phase {
    if cx.rings_here(leg) {
        return pick_up(caller, leg, cx);
    }
    let own = cx.origin(caller).is_some() && cx.origin(caller) == cx.origin(leg);
    let given = Given::InPlaceOf(leg);
    match cx
        .call_of(leg)
        .filter(|call| own && cx.would_take(*call, given))
    {
        Some(call) => cx.give_up_to(caller, call, given),
        None => Farewell::refuse(caller, Refusal::Forbidden, cx),
    }
}

fn pick_up(picker: LegId, rung: LegId, cx: &mut Cx<'_>) -> Phase {
    match cx.call_of(rung) {
        Some(call) => cx.give_up_to(picker, call, Given::PicksUp(rung)),
        None => refuse(picker, phrase::NOTHING_TO_PICK_UP, cx),
    }
}

/// The caller and whoever picked his call up are together.
pub(super) fn connect(caller: LegId, picker: LegId, cx: &mut Cx<'_>) -> Phase {
    if let Some(number) = cx.extension(picker) {
        cx.taken_by(number);
    }
    // Both are shown to one another by the answers themselves, where they have not been answered (PU-04).
    cx.introduce(caller, picker);
    cx.answer(caller);
    cx.answer(picker);
    Talk::begin(caller, picker, cx)
}

fn refuse(picker: LegId, why: Phrase, cx: &mut Cx<'_>) -> Phase {
    cx.answer(picker);
    let speech = cx.speech(picker).phrase(why);
    Farewell::say(picker, speech, cx)
}
