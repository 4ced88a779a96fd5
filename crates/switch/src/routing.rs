//! Where a call goes: what its number leads to, then what stands in its way (CHECKLIST §1.3).
//!
//! `way.rs` decides without doing anything; here what it decided is done. `explain.rs` tells of it instead.

mod explain;
mod inbound;
mod notes;
mod onward;
mod outside;
mod target;
mod way;

pub use explain::{Asked, Moment};
pub(crate) use outside::{Exit, Out, Urgency};
pub use target::Target;
pub(crate) use way::{Journey, Step, View, Way};

use crate::cx::Cx;
use crate::features::{
    self, ConferenceDoor, Dial, Farewell, FollowMe, Ivr, LeaveMessage, Parked, Phase, Queued,
    Refusal, RingGroup,
};
use crate::state::NewCalls;
use model::{Incoming, LegId, Number, Origin};
use notes::Notes;

/// The first phase of a call that comes in.
pub(crate) fn enter(incoming: &Incoming, cx: &mut Cx<'_>) -> Phase {
    let caller = incoming.leg;
    if cx.new_calls() == NewCalls::Refused || cx.trunk_is_over_full(caller) {
        return Farewell::refuse_silently(caller, Refusal::Congestion, cx);
    }
    if let Some(leg) = incoming.replaces {
        return features::replace(caller, leg, cx);
    }
    let mut journey = Journey::begin(cx.extension(caller), incoming.hops);
    let way = first(&cx.view(), incoming, &mut journey, &mut Notes::none());
    if let (Way::Code(..), Some(by)) = (&way, journey.caller) {
        cx.code_used(by, incoming.dialled);
    }
    take(way, caller, journey, cx)
}

/// Sends a party, answered or not, to a number with the rights of an extension: what a transfer, a menu or a
/// forwarding does. Nobody is sent to a code: it would change his settings, not those of who sends him.
pub(crate) fn send(leg: LegId, number: Number, as_whom: Number, cx: &mut Cx<'_>) -> Phase {
    let mut journey = Journey::begin(cx.extension(leg), 0);
    journey.as_whom = Some(as_whom);
    let way = cx.view().way(number, &mut journey, &mut Notes::none());
    match way {
        Way::Code(..) => Farewell::refuse(leg, Refusal::InvalidCode, cx),
        // Who is sent to a slot waits there (PK-08).
        Way::Slot(slot) if cx.is_free(slot) => Parked::at(leg, slot, as_whom, cx),
        Way::Slot(_) => Farewell::refuse(leg, Refusal::Busy, cx),
        way => take(way, leg, journey, cx),
    }
}

/// What a number leads to for whoever is sent there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reaches {
    /// Somebody who can be asked, with the rights of this extension.
    Somebody(Number),
    /// A place: there is nobody to ask.
    Something(Number),
}

/// Whether a leg may be sent to a number with the rights of an extension.
pub(crate) fn reaches(number: Number, rights: Number, cx: &Cx<'_>) -> Result<Reaches, Refusal> {
    let view = cx.view();
    let directory = view.directory;
    if directory.extensions.contains_key(&number) || directory.ring_groups.contains_key(&number) {
        return Ok(Reaches::Somebody(rights));
    }
    if way::slot(&number, &view.directory.parking).is_some_and(|slot| !cx.is_free(slot)) {
        return Err(Refusal::Busy);
    }
    if view.is_service(&number) {
        return Ok(Reaches::Something(rights));
    }
    view.may_call_out(&rights, &number)?;
    Ok(Reaches::Somebody(rights))
}

/// Goes on with a call whose callee was rung in vain.
pub(crate) fn rung_in_vain(
    caller: LegId,
    callee: Number,
    why: Refusal,
    mut journey: Journey,
    cx: &mut Cx<'_>,
) -> Phase {
    let view = cx.view();
    let way = view.rung_in_vain(&callee, why, &mut journey, &mut Notes::none());
    take(way, caller, journey, cx)
}

/// Goes on with a call that nobody of a ring group took.
pub(crate) fn behind_group(
    caller: LegId,
    group: Number,
    why: Refusal,
    journey: Journey,
    cx: &mut Cx<'_>,
) -> Phase {
    let group = cx.directory().ring_groups.get(&group);
    send_on(caller, group.and_then(|group| group.then), why, journey, cx)
}

/// Sends a caller, wherever he is from, on to a number inside: what a menu, a ring group or a queue does with those it
/// is done with. Without such a number, or for who only asks somebody, the call has come to nothing.
pub(crate) fn send_on(
    caller: LegId,
    to: Option<Number>,
    otherwise: Refusal,
    mut journey: Journey,
    cx: &mut Cx<'_>,
) -> Phase {
    if cx.is_consultation() {
        return Farewell::refuse(caller, otherwise, cx);
    }
    let view = cx.view();
    let way = view.onward(to, otherwise, &mut journey, &mut Notes::none());
    take(way, caller, journey, cx)
}

/// Goes on with a call whose callee was looked for in vain at all the numbers that he listed.
pub(crate) fn followed_in_vain(
    caller: LegId,
    owner: Number,
    journey: Journey,
    cx: &mut Cx<'_>,
) -> Phase {
    let way = cx.view().followed_in_vain(&owner, &mut Notes::none());
    take(way, caller, journey, cx)
}

/// Where a call that comes in goes.
fn first(view: &View<'_>, incoming: &Incoming, journey: &mut Journey, notes: &mut Notes) -> Way {
    if incoming.hops > way::HOPS_MAX {
        notes.add(|| "the call was forwarded too often before it came in".into());
        return Way::Refuse(Refusal::NotFound);
    }
    match &incoming.origin {
        Origin::Extension(caller) if view.directory.extension(caller).is_none() => {
            Way::Refuse(Refusal::Forbidden)
        }
        Origin::Extension(_) => view.way(incoming.dialled, journey, notes),
        Origin::Trunk(trunk) => view.come_in(trunk, incoming, journey, notes),
    }
}

/// Takes a way.
fn take(way: Way, caller: LegId, mut journey: Journey, cx: &mut Cx<'_>) -> Phase {
    for extension in core::mem::take(&mut journey.called) {
        cx.called(extension);
    }
    match way {
        Way::Ring { callee, time } => Dial::begin(caller, callee, time, journey, cx),
        Way::Out(out) => Dial::out(caller, out, journey, cx),
        Way::FollowMe(owner) => FollowMe::begin(caller, owner, journey, cx),
        Way::Code(code, argument) => features::use_code(code, argument, caller, cx),
        Way::Slot(slot) => features::retrieve(caller, slot, cx),
        Way::Queue(number) => Queued::begin(caller, number, journey, cx),
        Way::RingGroup(number) => RingGroup::begin(caller, number, journey, cx),
        Way::Menu(number) => Ivr::begin(caller, number, journey, cx),
        Way::Room(number) => ConferenceDoor::begin(caller, number, cx),
        // Who wants to ask somebody, or to bring him in, has nothing to say to his mailbox.
        Way::Mailbox { why, .. } if cx.is_consultation() => Farewell::refuse(caller, why, cx),
        Way::Mailbox { of, why } => LeaveMessage::begin(caller, of, why.greeting(), cx),
        Way::NotEnabled => features::not_enabled(caller, cx),
        Way::Refuse(why) => Farewell::refuse(caller, why, cx),
        Way::Block { listed } => {
            cx.blocked(listed);
            Farewell::refuse_silently(caller, Refusal::Declined, cx)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Switch;
    use crate::features::codes::Code;
    use alloc::string::String;
    use alloc::sync::Arc;
    use model::{
        Destination, Directory, Extension, ForwardWhen, InboundRoute, Input, Now, Party,
        Reachability, Secret,
    };

    /// P-01 P-02 P-11, FC-04, FC-07
    #[test]
    fn a_number_leads_to_one_place() {
        let switch = office();
        let refuse = Way::Refuse;
        for (from, dialled, leads_to) in [
            ("100", "101", rings("101")),
            ("100", "005", rings("005")),
            ("100", "5", refuse(Refusal::NotFound)),
            ("100", "999", refuse(Refusal::NotFound)),
            ("100", "**13", Way::Code(Code::SayExtension, None)),
            ("100", "**101", Way::Code(Code::Pickup, Some(number("101")))),
            ("100", "*99", refuse(Refusal::InvalidCode)),
            ("100", "#", refuse(Refusal::InvalidCode)),
            ("100", "41", Way::Slot(41)),
            ("100", "49", Way::Slot(49)),
            ("100", "40", refuse(Refusal::NotFound)),
            ("100", "041", refuse(Refusal::NotFound)),
            ("100", "+41", refuse(Refusal::NotFound)),
            ("100", "50", refuse(Refusal::NotFound)),
            ("999", "101", refuse(Refusal::Forbidden)),
            ("trunk", "5551000", rings("101")),
            ("trunk", "101", refuse(Refusal::NotFound)),
            ("trunk", "*74", refuse(Refusal::NotFound)),
            ("trunk", "5551074", refuse(Refusal::NotFound)),
            ("trunk", "5551041", refuse(Refusal::Unavailable)),
        ] {
            let way = way(&switch, &incoming(from, dialled));
            assert_eq!(way, leads_to, "{from} dials {dialled}");
        }
    }

    /// §1.3 step 8
    #[test]
    fn a_call_that_was_forwarded_too_often_leads_nowhere() {
        let switch = office();
        let mut forwarded = incoming("trunk", "5551000");
        forwarded.hops = way::HOPS_MAX;
        assert_eq!(way(&switch, &forwarded), rings("101"));
        forwarded.hops += 1;
        assert_eq!(way(&switch, &forwarded), Way::Refuse(Refusal::NotFound));
    }

    /// §1.3 steps 3 to 7, D-10, DN-01, DN-04, DN-07: every pair of neighbouring steps.
    #[test]
    fn forwarding_beats_do_not_disturb_beats_busy_beats_unavailable() {
        #[derive(Clone, Copy, PartialEq)]
        enum Stands {
            Free,
            InUse,
            Away,
        }
        use Stands::{Away, Free, InUse};
        let busy = Way::Refuse(Refusal::Busy);
        let disturbed = Way::Refuse(Refusal::DoNotDisturb);
        let away = Way::Refuse(Refusal::Unavailable);
        for (forwarded, dnd, call_waiting, stands, caller, expected) in [
            ("always", true, false, Free, "100", rings("005")),
            ("always", false, false, InUse, "100", rings("005")),
            ("always", false, false, Away, "trunk", rings("005")),
            ("", true, false, Free, "100", disturbed.clone()),
            ("", true, true, InUse, "100", disturbed.clone()),
            ("", true, false, Away, "100", disturbed.clone()),
            ("", true, false, Free, "trunk", busy.clone()),
            ("busy", true, false, Free, "100", rings("005")),
            ("no answer", true, false, Free, "100", disturbed),
            ("", false, false, InUse, "100", busy.clone()),
            ("busy", false, false, InUse, "100", rings("005")),
            ("busy", false, true, InUse, "100", rings("101")),
            ("busy", false, false, Away, "100", away.clone()),
            ("", false, true, InUse, "100", rings("101")),
            ("", false, false, InUse, "101", busy.clone()),
            ("", false, true, InUse, "101", busy),
            ("", false, false, Away, "100", away.clone()),
            ("", false, true, Away, "100", away),
            ("no answer", false, true, Away, "100", rings("005")),
            ("no answer", false, false, Free, "100", rings("101")),
            ("", false, false, Free, "100", rings("101")),
            ("", false, false, Free, "trunk", rings("101")),
        ] {
            let mut directory = Directory::clone(&office().directory);
            let callee = directory.extensions.get_mut(&number("101")).unwrap();
            let callee = Arc::make_mut(callee);
            callee.do_not_disturb = dnd;
            callee.call_waiting = call_waiting;
            let when = match forwarded {
                "always" => Some(ForwardWhen::Always),
                "busy" => Some(ForwardWhen::Busy),
                "no answer" => Some(ForwardWhen::NoAnswer),
                _ => None,
            };
            if let Some(when) = when {
                callee.forwarding.set(when, Some(number("005")));
            }
            let mut switch = of(directory);
            match stands {
                Free => {}
                InUse => {
                    let call = Input::Incoming(incoming("101", "*43"));
                    switch.handle(Now::default(), call);
                }
                Away => {
                    let away = Input::Reachable(number("101"), Reachability::Unavailable);
                    switch.handle(Now::default(), away);
                }
            }
            let dialled = if caller == "trunk" { "5551000" } else { "101" };
            let way = way(&switch, &incoming(caller, dialled));
            assert_eq!(
                way, expected,
                "forwarded {forwarded:?}, dnd {dnd}, call waiting {call_waiting}, from {caller}"
            );
        }
    }

    fn way(switch: &Switch, incoming: &Incoming) -> Way {
        let caller = match &incoming.origin {
            Origin::Extension(number) => Some(*number),
            Origin::Trunk(_) => None,
        };
        let mut journey = Journey::begin(caller, incoming.hops);
        first(&switch.view(), incoming, &mut journey, &mut Notes::none())
    }

    fn rings(callee: &str) -> Way {
        Way::Ring {
            callee: number(callee),
            time: model::Duration::from_secs(30),
        }
    }

    fn office() -> Switch {
        let mut directory = Directory::default();
        for number in ["100", "101", "005"].map(number) {
            let mut extension = Extension::new(number, &number, Secret::NONE);
            extension.voicemail = false;
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
        of(directory)
    }

    fn of(directory: Directory) -> Switch {
        let numbers: alloc::vec::Vec<_> = directory.extensions.keys().copied().collect();
        let mut switch = Switch::new(Arc::new(directory), 1);
        for number in numbers {
            switch.handle(
                Now::default(),
                Input::Reachable(number, Reachability::Available),
            );
        }
        switch
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
