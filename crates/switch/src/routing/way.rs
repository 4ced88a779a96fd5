//! Which way a call takes (CHECKLIST §1.3): decided from what is set up and how everybody stands, without doing
//! anything. What carries calls out and what explains them ask here.

use super::notes::Notes;
use super::outside::Out;
use crate::Switch;
use crate::features::Refusal;
use crate::features::codes::{self, Code, Place, Reading};
use crate::line::Stands;
use crate::ring::HELP_CALLS_BACK;
use crate::state::State;
use alloc::format;
use alloc::vec::Vec;
use model::{Directory, Duration, Extension, ForwardWhen, Now, Number, Numbering, Parking};
use serde::{Deserialize, Serialize};

/// What is known when a way is chosen.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) directory: &'a Directory,
    pub(crate) state: &'a State,
    pub(crate) now: Now,
    /// How many seconds the clocks of the site are ahead of UTC.
    pub(crate) zone: i32,
}

/// Where one number of a follow-me list leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Step {
    /// The phones of an extension, whatever forwarding it has.
    Extension(Number),
    /// A number outside.
    Outside(Out),
}

/// Where a call goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// The phones of an extension ring, for so long.
    Ring {
        callee: Number,
        time: Duration,
    },
    /// It goes out.
    Out(Out),
    /// The numbers are rung, one after another, that an extension listed.
    FollowMe(Number),
    /// A code, with what was dialled behind it.
    Code(Code, Option<Number>),
    /// A parking slot: who waits in it is taken up, and who is sent there waits in it.
    Slot(u16),
    /// The caller waits in a queue.
    Queue(Number),
    /// The members of a ring group ring.
    RingGroup(Number),
    /// A menu that the site set up.
    Menu(Number),
    /// A conference room.
    Room(Number),
    /// A message is left for an extension, because of this.
    Mailbox {
        of: Number,
        why: Refusal,
    },
    /// Something that exists, but that the switch cannot do.
    NotEnabled,
    Refuse(Refusal),
    /// It is refused without a word.
    Block {
        listed: Number,
    },
}

/// How a call came to where it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Journey {
    /// The extension that calls; `None`: somebody outside.
    pub(crate) caller: Option<Number>,
    /// The extension with whose rights it goes on: the caller, or who forwarded or transferred it.
    pub(crate) as_whom: Option<Number>,
    /// Who forwarded it, the first of them first. None of them is called again.
    pub(crate) forwarded_by: Vec<Number>,
    /// How often it was forwarded, also before it came here.
    pub(crate) hops: u8,
    /// The extensions it came to that its record does not name yet, whether or not their phones rang (CDR-14).
    pub(crate) called: Vec<Number>,
}

impl Journey {
    /// A call that somebody begins.
    pub(crate) const fn begin(caller: Option<Number>, hops: u8) -> Self {
        Self {
            caller,
            as_whom: caller,
            forwarded_by: Vec::new(),
            hops,
            called: Vec::new(),
        }
    }

    /// The same call, sent on by an extension.
    pub(crate) fn by(&self, forwarder: Number) -> Self {
        let mut on = self.clone();
        on.as_whom = Some(forwarder);
        on.forwarded_by.push(forwarder);
        on.hops = on.hops.saturating_add(1);
        on
    }

    /// Who sent the call out, as it is told outside: who forwarded it, and who transferred it.
    pub(crate) fn sent_by(&self) -> Vec<Number> {
        let mut by = self.forwarded_by.clone();
        let sender = self.as_whom.filter(|whom| self.caller != Some(*whom));
        by.extend(sender.filter(|whom| !self.forwarded_by.contains(whom)));
        by
    }
}

impl Switch {
    /// What a way is chosen from at this moment.
    pub(crate) fn view(&self) -> View<'_> {
        View {
            directory: &self.directory,
            state: &self.state,
            now: self.state.now,
            zone: self.state.zone.offset_at(self.state.now.wall),
        }
    }
}

impl<'a> View<'a> {
    /// Steps 1 and 2 of CHECKLIST §1.3: an exact number inside wins over codes and routes (P-11), a code over a
    /// number outside.
    pub(crate) fn way(&self, number: Number, journey: &mut Journey, notes: &mut Notes) -> Way {
        if let Some(way) = self.inside(number, journey, notes) {
            return way;
        }
        let directory = self.directory;
        match codes::read(&number, Place::Idle, &directory.feature_codes) {
            // Codes are for who dials them and proved who he is (FC-07).
            Reading::Code(code, argument) if journey.caller == journey.as_whom => {
                notes.add(|| format!("{number} is the code {}", code.row().name));
                Way::Code(code, argument)
            }
            Reading::Code(..) | Reading::Unknown => {
                notes.add(|| format!("{number} is no code that can be used here"));
                Way::Refuse(Refusal::InvalidCode)
            }
            Reading::NoCode => {
                notes.add(|| format!("{number} is no number inside and no code"));
                self.outside(&number, journey, notes)
            }
        }
    }

    /// The way to a number that is not outside.
    pub(crate) fn inside(
        &self,
        number: Number,
        journey: &mut Journey,
        notes: &mut Notes,
    ) -> Option<Way> {
        if let Some(extension) = self.directory.extension(&number) {
            notes.add(|| format!("{number} is an extension, {}", extension.name));
            return Some(self.arrive(extension, journey, notes));
        }
        if let Some(slot) = slot(&number, &self.directory.parking) {
            notes.add(|| format!("{number} is a parking slot"));
            // Who is parked is taken up by whoever dials, and nobody outside (PK-03).
            if journey.as_whom.is_none() || !journey.forwarded_by.is_empty() {
                return Some(Way::Refuse(Refusal::Unavailable));
            }
            return Some(Way::Slot(slot));
        }
        if self.directory.rooms.contains_key(&number) {
            notes.add(|| format!("{number} is a conference room"));
            return Some(Way::Room(number));
        }
        if self.directory.queues.contains_key(&number) {
            notes.add(|| format!("{number} is a queue"));
            return Some(Way::Queue(number));
        }
        if self.directory.ring_groups.contains_key(&number) {
            notes.add(|| format!("{number} is a ring group"));
            return Some(Way::RingGroup(number));
        }
        if self.directory.menus.contains_key(&number) {
            notes.add(|| format!("{number} is a menu"));
            return Some(Way::Menu(number));
        }
        if let Some(schedule) = self.directory.schedules.get(&number) {
            return Some(self.by_schedule(schedule, journey, notes));
        }
        if let Some(of) = self.mailbox(&number) {
            notes.add(|| format!("{number} is the mailbox of {of}"));
            journey.called.push(of);
            return Some(Way::Mailbox {
                of,
                why: Refusal::Unavailable,
            });
        }
        let service = self.service(&number)?;
        notes.add(|| format!("{number} is a {service}, which this system cannot do"));
        Some(Way::NotEnabled)
    }

    /// What a number inside is that is no extension.
    fn service(&self, number: &Number) -> Option<&'static str> {
        let directory = self.directory;
        let kinds = [
            (directory.ring_groups.contains_key(number), "ring group"),
            (directory.queues.contains_key(number), "queue"),
            (directory.rooms.contains_key(number), "room"),
            (directory.menus.contains_key(number), "menu"),
            (directory.schedules.contains_key(number), "schedule"),
            (slot(number, &directory.parking).is_some(), "parking slot"),
        ];
        kinds.into_iter().find(|(is, _)| *is).map(|(_, kind)| kind)
    }

    /// The extension whose mailbox is reached directly by a number, which is a code that works for everybody (VM-14).
    fn mailbox(&self, number: &Number) -> Option<Number> {
        match codes::read(number, Place::Idle, &self.directory.feature_codes) {
            Reading::Code(Code::VoicemailDirect, of) => of.filter(|of| self.has_mailbox(of)),
            Reading::Code(..) | Reading::Unknown | Reading::NoCode => None,
        }
    }

    /// Whether messages can be left for an extension.
    pub(crate) fn has_mailbox(&self, extension: &Number) -> bool {
        let extension = self.directory.extension(extension);
        extension.is_some_and(|extension| extension.voicemail)
    }

    /// Whether a number leads to something inside that is no person.
    pub(crate) fn is_service(&self, number: &Number) -> bool {
        self.service(number).is_some() || self.mailbox(number).is_some()
    }

    /// Steps 3 to 7 of CHECKLIST §1.3: a call comes to an extension.
    pub(crate) fn arrive(
        &self,
        callee: &Extension,
        journey: &mut Journey,
        notes: &mut Notes,
    ) -> Way {
        journey.called.push(callee.number);
        let stands = self.state.lines.stands(&callee.number);
        // 3: unconditional forwarding, whatever the state; it beats do-not-disturb.
        match self.follow(callee, ForwardWhen::Always, journey, notes) {
            Followed::To(way) => return way,
            // In circles or too far: what comes next does (CF-11).
            Followed::Nowhere => return nobody(callee, Refusal::Unavailable, notes),
            Followed::Unset | Followed::Back => {}
        }
        // 4: do not disturb is busy in other words.
        if callee.do_not_disturb && !self.may_be_help(callee, journey) {
            notes.add(|| format!("{} does not want to be disturbed", callee.number));
            let why = match journey.caller {
                Some(_) => Refusal::DoNotDisturb,
                None => Refusal::Busy,
            };
            return self.busy(callee, why, journey, notes);
        }
        let own = journey.caller == Some(callee.number) && journey.forwarded_by.is_empty();
        match stands {
            // Nobody reaches himself, whether or not a second call would ring.
            Stands::InUse if own => Way::Refuse(Refusal::Busy),
            // 5
            Stands::InUse if !callee.call_waiting => {
                notes.add(|| format!("{} is in a call", callee.number));
                self.busy(callee, Refusal::Busy, journey, notes)
            }
            // 6
            Stands::Unavailable => {
                notes.add(|| format!("{} has no phone that can be reached", callee.number));
                self.unanswered(callee, Refusal::Unavailable, journey, notes)
            }
            // 7: it rings; what follows when nobody answers is asked for then.
            Stands::InUse | Stands::Free => self.ring(callee, journey, notes),
        }
    }

    /// Whether somebody from outside may be calling back to help (DN-05).
    fn may_be_help(&self, callee: &Extension, journey: &Journey) -> bool {
        let called = self.state.called_for_help.get(&callee.number);
        journey.caller.is_none()
            && called.is_some_and(|at| self.now.mono.since(*at) < HELP_CALLS_BACK)
    }

    /// What follows when an extension was rung in vain.
    pub(crate) fn rung_in_vain(
        &self,
        callee: &Number,
        why: Refusal,
        journey: &mut Journey,
        notes: &mut Notes,
    ) -> Way {
        let Some(callee) = self.directory.extension(callee) else {
            return Way::Refuse(why);
        };
        match why {
            // Who refuses by hand is treated like one who is busy (CF-06, IX-23).
            Refusal::Busy | Refusal::Declined | Refusal::DoNotDisturb => {
                self.busy(callee, why, journey, notes)
            }
            Refusal::NoAnswer
            | Refusal::Unavailable
            | Refusal::OutOfReach
            | Refusal::NotAcceptable
            | Refusal::Congestion
            | Refusal::Failed
            | Refusal::NotFound
            | Refusal::InvalidCode
            | Refusal::Forbidden
            | Refusal::Anonymous
            | Refusal::QueueFull
            | Refusal::NobodyThere
            | Refusal::Closed => self.unanswered(callee, why, journey, notes),
        }
    }

    fn ring(&self, callee: &Extension, journey: &Journey, notes: &mut Notes) -> Way {
        let number = callee.number;
        let own = self.directory.ring_time(&number);
        let forwards = callee.forwarding.to(ForwardWhen::NoAnswer).is_some();
        let time = match self.follows(callee, journey) && !forwards {
            true if callee.follow_me.ring_time.is_zero() => {
                notes.add(|| format!("{number} is not rung itself: its follow-me begins at once"));
                return Way::FollowMe(number);
            }
            true => callee.follow_me.ring_time,
            false => own,
        };
        notes.add(|| format!("the phones of {number} ring for {} s", time.as_secs()));
        Way::Ring {
            callee: number,
            time,
        }
    }

    fn busy(
        &self,
        callee: &Extension,
        why: Refusal,
        journey: &mut Journey,
        notes: &mut Notes,
    ) -> Way {
        match self.follow(callee, ForwardWhen::Busy, journey, notes) {
            Followed::To(way) => way,
            Followed::Unset | Followed::Back | Followed::Nowhere => nobody(callee, why, notes),
        }
    }

    /// Forwarding when not answered, then follow-me.
    fn unanswered(
        &self,
        callee: &Extension,
        why: Refusal,
        journey: &mut Journey,
        notes: &mut Notes,
    ) -> Way {
        if let Followed::To(way) = self.follow(callee, ForwardWhen::NoAnswer, journey, notes) {
            return way;
        }
        if self.follows(callee, journey) {
            notes.add(|| format!("the follow-me of {} begins", callee.number));
            return Way::FollowMe(callee.number);
        }
        nobody(callee, why, notes)
    }

    /// What follows when nobody takes the call at any number on the list of who is looked for: a message is left for him,
    /// not for whoever was rung last (FM-06).
    pub(crate) fn followed_in_vain(&self, owner: &Number, notes: &mut Notes) -> Way {
        match self.directory.extension(owner) {
            Some(owner) => nobody(owner, Refusal::OutOfReach, notes),
            None => Way::Refuse(Refusal::OutOfReach),
        }
    }

    /// Whether an extension's follow-me is in force for a call. It is for calls that are made to somebody: one
    /// of whose list has been tried is not tried again.
    fn follows(&self, callee: &Extension, journey: &Journey) -> bool {
        let follow_me = &callee.follow_me;
        follow_me.enabled
            && !follow_me.steps.is_empty()
            && !journey.forwarded_by.contains(&callee.number)
    }

    /// Where one case of an extension's forwarding leads (step 8: hops and visited extensions).
    fn follow(
        &self,
        callee: &Extension,
        when: ForwardWhen,
        journey: &mut Journey,
        notes: &mut Notes,
    ) -> Followed {
        let by = callee.number;
        let Some(to) = callee.forwarding.to(when) else {
            return Followed::Unset;
        };
        let case = match when {
            ForwardWhen::Always => "all calls",
            ForwardWhen::Busy => "calls while busy",
            ForwardWhen::NoAnswer => "calls not answered",
        };
        notes.add(|| format!("{by} forwards {case} to {to}"));
        // Whom calls are forwarded to can still call who forwards them (CF-15).
        if journey.caller == Some(to) {
            notes.add(|| format!("{to} itself calls: the call is not forwarded back"));
            return Followed::Back;
        }
        if journey.forwarded_by.contains(&to) || to == by || journey.forwarded_by.contains(&by) {
            notes.add(|| format!("the call has been at {to}: it is not forwarded in circles"));
            return Followed::Nowhere;
        }
        if journey.hops >= HOPS_MAX {
            notes.add(|| format!("the call has been forwarded {HOPS_MAX} times: that is enough"));
            return Followed::Nowhere;
        }
        let mut on = journey.by(by);
        if let Err(why) = self.may_forward(&by, &to) {
            notes.add(|| format!("{by} may not forward to {to}: {why:?}"));
            return Followed::Nowhere;
        }
        let way = self.way(to, &mut on, notes);
        *journey = on;
        Followed::To(way)
    }

    /// Whether an extension may have its calls forwarded to a number: when it is set, and again at each call.
    pub(crate) fn may_forward(&self, by: &Number, to: &Number) -> Result<(), Refusal> {
        if by == to {
            return Err(Refusal::Busy);
        }
        if self.directory.extensions.contains_key(to) || self.is_service(to) {
            return Ok(());
        }
        if self.directory.is_emergency(to) {
            return Err(Refusal::Forbidden);
        }
        match codes::read(to, Place::Idle, &self.directory.feature_codes) {
            Reading::Code(..) | Reading::Unknown => return Err(Refusal::Forbidden),
            Reading::NoCode => {}
        }
        self.may_call_out(by, to)
    }

    /// Where a number on the list of who looks for somebody leads; `None`: it is passed over at once (FM-09).
    pub(crate) fn follow_step(&self, number: &Number, journey: &Journey) -> Option<Step> {
        if journey.caller == Some(*number) || journey.forwarded_by.contains(number) {
            return None;
        }
        if self.directory.extensions.contains_key(number) {
            return self.would_ring(number).then_some(Step::Extension(*number));
        }
        let owner = journey.as_whom?;
        if self.is_service(number) || self.may_forward(&owner, number).is_err() {
            return None;
        }
        match self.outside(number, journey, &mut Notes::none()) {
            Way::Out(out) => Some(Step::Outside(out)),
            Way::Ring { .. }
            | Way::FollowMe(_)
            | Way::Code(..)
            | Way::Slot(_)
            | Way::Queue(_)
            | Way::RingGroup(_)
            | Way::Menu(_)
            | Way::Room(_)
            | Way::Mailbox { .. }
            | Way::NotEnabled
            | Way::Refuse(_)
            | Way::Block { .. } => None,
        }
    }

    pub(crate) fn numbering(&self, trunk: Option<&str>) -> Numbering {
        Numbering::of(self.directory, trunk)
    }
}

/// What remains of a call that nobody takes: a message, or that the caller hears so (VM-01, SET-04).
fn nobody(callee: &Extension, why: Refusal, notes: &mut Notes) -> Way {
    let of = callee.number;
    if !callee.voicemail {
        notes.add(|| format!("{of} has no mailbox"));
        return Way::Refuse(why);
    }
    Way::Mailbox { of, why }
}

/// What came of looking at one case of forwarding.
enum Followed {
    To(Way),
    /// It is not in force.
    Unset,
    /// It leads to the caller himself.
    Back,
    /// It leads in circles, too far, or where its owner may not call.
    Nowhere,
}

/// The parking slot of that number. `041` is none: numbers are texts.
pub(crate) fn slot(number: &Number, parking: &Parking) -> Option<u16> {
    let slot = number.parse().ok();
    slot.filter(|slot| {
        !number.starts_with(['0', '+']) && (parking.first..=parking.last).contains(slot)
    })
}

/// How often a call may be forwarded (§1.3 step 8).
pub(crate) const HOPS_MAX: u8 = 5;
