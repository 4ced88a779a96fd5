//! Conferences (manual §2.8): everybody in a room hears everybody else. Each party is a call of its own.
//!
//! `0` invites somebody (`invite.rs`), `*` is the menu; both are the administrator's and the menu is everybody's.

use super::{Event, Farewell, Feature, Invite, Phase};
use crate::choice::{Choice, Chosen};
use crate::conferences::Company;
use crate::cx::Cx;
use crate::features::codes::{Code, Place};
use crate::handover::Given;
use crate::keys::{Pressed, Read};
use crate::menu::{Item, Menu};
use crate::phrase;
use crate::speech::Speech;
use alloc::vec;
use alloc::vec::Vec;
use model::{
    Announce, Cause, Digit, Keys, LegEvent, LegId, Number, Phrase, PlayId, RoomRole, Sound,
    Switched, TimerId, Tone,
};
use serde::{Deserialize, Serialize};

/// A party is in a conference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Conference {
    leg: LegId,
    room: Number,
    role: RoomRole,
    stage: Stage,
    pressed: Pressed,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Stage {
    /// Hears music until an administrator is there.
    Waits,
    /// Is told something; the others are heard as well.
    Told(PlayId),
    /// Hears the others.
    Confers,
    /// Hears music: there is nobody else.
    Alone,
    /// Is asked what it wants.
    Chooses(Choice),
}

/// What a party wants of a conference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    Mute,
    Lock,
    RemoveLast,
    Leave,
}

/// CO-10
pub(super) const OF_MEMBERS: Menu<Wish> = Menu {
    name: "conference: a member",
    items: &[
        Item {
            key: '1',
            says: Some(phrase::MUTE_OR_LEAVE),
            does: Wish::Mute,
            leads: "he is muted, or no longer",
        },
        LEAVE,
    ],
};

/// CO-10
pub(super) const OF_ADMINISTRATORS: Menu<Wish> = Menu {
    name: "conference: an administrator",
    items: &[
        Item {
            key: '1',
            says: Some(phrase::MUTE_LOCK_OR_REMOVE),
            does: Wish::Mute,
            leads: "he is muted, or no longer",
        },
        Item {
            key: '2',
            says: None,
            does: Wish::Lock,
            leads: "the conference is locked, or no longer",
        },
        Item {
            key: '3',
            says: None,
            does: Wish::RemoveLast,
            leads: "who came last is removed",
        },
        LEAVE,
    ],
};

const LEAVE: Item<Wish> = Item {
    key: '8',
    says: None,
    does: Wish::Leave,
    leads: "he leaves the conference",
};

impl Conference {
    /// A party that is about to join.
    pub(super) const fn of(leg: LegId, room: Number, role: RoomRole) -> Self {
        Self {
            leg,
            room,
            role,
            stage: Stage::Confers,
            pressed: Pressed::new(),
        }
    }

    /// Joins, and hears how many are here.
    pub(super) fn join(self, cx: &mut Cx<'_>) -> Phase {
        self.enter(None, cx)
    }

    /// Joins because somebody wanted it, and hears so.
    pub(super) fn join_invited(self, cx: &mut Cx<'_>) -> Phase {
        self.enter(Some(phrase::YOU_ARE_INVITED), cx)
    }

    /// Hears the others again after having been away, and why.
    pub(super) fn come_back(self, why: Option<Phrase>, cx: &mut Cx<'_>) -> Phase {
        cx.silence(self.leg);
        cx.sit(self.leg, self.room);
        match why {
            Some(why) => self.tell(why, cx),
            None => self.settle(cx),
        }
    }

    fn enter(mut self, first: Option<Phrase>, cx: &mut Cx<'_>) -> Phase {
        cx.answer(self.leg);
        cx.silence(self.leg);
        cx.join_conference(self.leg, self.room, self.role);
        if cx.waits_for_administrator(&self.room, self.role) {
            cx.aside(self.leg);
            let speech = cx
                .speech(self.leg)
                .phrase(phrase::WAITING_FOR_ADMINISTRATOR);
            cx.play(self.leg, self.with_music(speech, cx), Keys::Report);
            self.stage = Stage::Waits;
            return self.into();
        }
        self.welcome(first, cx)
    }

    fn welcome(self, first: Option<Phrase>, cx: &mut Cx<'_>) -> Phase {
        cx.sit(self.leg, self.room);
        let speech = first.into_iter().fold(cx.speech(self.leg), Speech::phrase);
        let speech = speech.phrase(match self.role {
            RoomRole::Administrator => phrase::JOINING_AS_ADMINISTRATOR,
            RoomRole::Member => phrase::JOINING,
        });
        let speech = match cx.conference_size(&self.room) {
            0 | 1 => speech.phrase(phrase::NOBODY_ELSE_HERE),
            present => {
                let speech = speech.phrase(phrase::THERE_ARE);
                speech.cardinal(present).phrase(phrase::PEOPLE_HERE)
            }
        };
        let room = cx.directory().rooms.get(&self.room);
        let speech = match room.is_some_and(|room| room.record) {
            true => speech.phrase(phrase::CONFERENCE_IS_RECORDED),
            false => speech,
        };
        self.say(speech, cx)
    }

    fn tell(self, what: Phrase, cx: &mut Cx<'_>) -> Phase {
        let speech = cx.speech(self.leg).phrase(what);
        self.say(speech, cx)
    }

    fn say(mut self, speech: Speech, cx: &mut Cx<'_>) -> Phase {
        self.stage = Stage::Told(cx.say(self.leg, speech));
        self.into()
    }

    /// Everything was said: music for who is alone, and the others for who is not.
    fn settle(mut self, cx: &mut Cx<'_>) -> Phase {
        self.stage = if cx.is_alone_in(&self.room) {
            cx.play(self.leg, vec![self.music(cx)], Keys::Report);
            Stage::Alone
        } else {
            Stage::Confers
        };
        self.into()
    }

    /// What somebody hears who waits in the room.
    fn music(&self, cx: &Cx<'_>) -> Sound {
        let room = cx.directory().rooms.get(&self.room);
        cx.directory()
            .music(room.and_then(|room| room.music.as_ref()))
    }

    fn with_music(&self, speech: Speech, cx: &Cx<'_>) -> Vec<Sound> {
        let mut sounds = speech.finish();
        sounds.push(self.music(cx));
        sounds
    }

    fn company(mut self, what: Company, cx: &mut Cx<'_>) -> Phase {
        match what {
            Company::Removed => return self.leave(phrase::YOU_WERE_REMOVED, cx),
            Company::Deserted => return self.leave(phrase::ADMINISTRATOR_HAS_LEFT, cx),
            Company::Closed => return self.leave(phrase::THANK_YOU_GOODBYE, cx),
            Company::Muted(muted) => return self.muted(muted, cx),
            Company::Changed | Company::Joined | Company::Left => {}
        }
        let alone = cx.is_alone_in(&self.room);
        match self.stage {
            Stage::Waits if !cx.waits_for_administrator(&self.room, self.role) => {
                cx.silence(self.leg);
                return self.welcome(None, cx);
            }
            Stage::Alone if !alone => {
                cx.silence(self.leg);
                self.stage = Stage::Confers;
                self.sound(what, cx);
            }
            Stage::Confers if alone => {
                let speech = cx.speech(self.leg).phrase(phrase::NOBODY_ELSE_HERE);
                cx.play(self.leg, self.with_music(speech, cx), Keys::Report);
                self.stage = Stage::Alone;
            }
            Stage::Confers => self.sound(what, cx),
            Stage::Waits | Stage::Alone | Stage::Told(_) | Stage::Chooses(_) => {}
        }
        self.into()
    }

    /// Lets who listens hear that somebody came or went (CO-09).
    fn sound(&self, what: Company, cx: &mut Cx<'_>) {
        let tone = match what {
            Company::Joined => Tone::Join,
            Company::Left => Tone::Leave,
            _ => return,
        };
        let room = cx.directory().rooms.get(&self.room);
        match room.map(|room| room.announce).unwrap_or_default() {
            Announce::Tones => {
                cx.play(self.leg, vec![Sound::Tone(tone)], Keys::Report);
            }
            Announce::None => {}
        }
    }

    fn muted(self, muted: Switched, cx: &mut Cx<'_>) -> Phase {
        match self.stage {
            Stage::Waits | Stage::Chooses(_) => self.into(),
            Stage::Told(_) | Stage::Confers | Stage::Alone => self.tell(mute_phrase(muted), cx),
        }
    }

    fn read(mut self, read: Read, cx: &mut Cx<'_>) -> Phase {
        match read {
            Read::Code(Code::ConferenceInvite) => self.invite(cx),
            Read::Keys(keys) if keys.iter().any(|key| key.as_char() == MENU) => {
                self.pressed.stop(cx);
                let menu = menu_of(self.role);
                let nothing = cx.speech(self.leg);
                self.stage = Stage::Chooses(Choice::menu(self.leg, nothing, menu, cx));
                self.into()
            }
            Read::Code(_) | Read::Keys(_) | Read::More => self.into(),
        }
    }

    fn invite(mut self, cx: &mut Cx<'_>) -> Phase {
        self.pressed.stop(cx);
        match self.role {
            RoomRole::Member => self.tell(phrase::ONLY_ADMINISTRATORS_INVITE, cx),
            // Whoever is outside has no rights to call with.
            RoomRole::Administrator if cx.extension(self.leg).is_none() => {
                self.tell(phrase::NOT_ALLOWED, cx)
            }
            RoomRole::Administrator if cx.conference_is_full(&self.room) => {
                self.tell(phrase::CONFERENCE_FULL, cx)
            }
            RoomRole::Administrator => Invite::begin(self.leg, self.room, cx),
        }
    }

    fn chooses(mut self, choice: Choice, event: Event, cx: &mut Cx<'_>) -> Phase {
        match choice.on(event, cx) {
            Chosen::More(choice) => {
                self.stage = Stage::Chooses(choice);
                self.into()
            }
            Chosen::GaveUp => self.settle(cx),
            Chosen::Key(key) => match menu_of(self.role).does(key) {
                Some(wish) => self.wishes(wish, cx),
                None => self.settle(cx),
            },
        }
    }

    fn wishes(self, wish: Wish, cx: &mut Cx<'_>) -> Phase {
        match wish {
            Wish::Mute => {
                let muted = cx.toggle_mute(self.leg, &self.room);
                self.tell(mute_phrase(muted), cx)
            }
            Wish::Lock => {
                let what = match cx.toggle_lock(&self.room) {
                    Switched::On => phrase::IS_LOCKED_FROM_HERE,
                    Switched::Off => phrase::IS_UNLOCKED,
                };
                self.tell(what, cx)
            }
            Wish::RemoveLast => {
                cx.remove_last(&self.room, self.leg);
                self.settle(cx)
            }
            Wish::Leave => self.leave(phrase::THANK_YOU_GOODBYE, cx),
        }
    }

    fn leave(mut self, why: Phrase, cx: &mut Cx<'_>) -> Phase {
        self.pressed.stop(cx);
        if let Stage::Chooses(choice) = &self.stage {
            choice.finish(cx);
        }
        cx.leave_conference(self.leg);
        let speech = cx.speech(self.leg).phrase(why);
        Farewell::say(self.leg, speech, cx)
    }

    /// A phone leaves its place to another: as administrator only if that is the same extension's.
    fn replace(mut self, new: LegId, old: LegId, cx: &mut Cx<'_>) -> Phase {
        self.pressed.stop(cx);
        if let Stage::Chooses(choice) = &self.stage {
            choice.finish(cx);
        }
        let role = match cx.origin(new) == cx.origin(old) {
            true => self.role,
            false => RoomRole::Member,
        };
        let phase = Self::of(new, self.room, role).join(cx);
        cx.hang_up(old, Cause::Normal);
        phase
    }

    fn key(mut self, key: Digit, cx: &mut Cx<'_>) -> Phase {
        let read = self.pressed.key(key, Place::Room, cx);
        self.read(read, cx)
    }

    fn waited(mut self, timer: TimerId, cx: &mut Cx<'_>) -> Phase {
        match self.pressed.waited(timer, Place::Room, cx) {
            Some(read) => self.read(read, cx),
            None => self.into(),
        }
    }
}

const fn mute_phrase(muted: Switched) -> Phrase {
    match muted {
        Switched::On => phrase::YOU_ARE_MUTED,
        Switched::Off => phrase::YOU_ARE_HEARD_AGAIN,
    }
}

const fn menu_of(role: RoomRole) -> &'static Menu<Wish> {
    match role {
        RoomRole::Administrator => &OF_ADMINISTRATORS,
        RoomRole::Member => &OF_MEMBERS,
    }
}

impl Feature for Conference {
    fn on(self, event: Event, cx: &mut Cx<'_>) -> Phase {
        match (self.stage.clone(), event) {
            (_, Event::Begin) => self.join(cx),
            (_, Event::Leg(_, LegEvent::HungUp(cause))) => cx.end(cause),
            (_, Event::Company(what)) => self.company(what, cx),
            (_, Event::Given(new, Given::InPlaceOf(old))) => self.replace(new, old, cx),
            (Stage::Chooses(choice), event) => self.chooses(choice, event, cx),
            (Stage::Told(told), Event::Leg(_, LegEvent::Played(play, _))) if told == play => {
                self.settle(cx)
            }
            (Stage::Waits, _) => self.into(),
            (_, Event::Leg(_, LegEvent::Digit(key))) => self.key(key, cx),
            (_, Event::Timer(timer)) => self.waited(timer, cx),
            _ => self.into(),
        }
    }

    fn takes(&self, given: Given) -> bool {
        matches!(given, Given::InPlaceOf(leg) if leg == self.leg)
    }

    fn legs(&self) -> Vec<LegId> {
        vec![self.leg]
    }

    fn timers(&self) -> Vec<TimerId> {
        let menu = match &self.stage {
            Stage::Chooses(choice) => Some(choice.timer()),
            Stage::Waits | Stage::Told(_) | Stage::Confers | Stage::Alone => None,
        };
        menu.into_iter().chain(self.pressed.timer()).collect()
    }
}

/// The key of the menu (CO-10).
const MENU: char = '*';
