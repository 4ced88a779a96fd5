//! One file per feature of the manual. A feature is a phase of a call.

mod agent;
mod announce;
mod argument;
mod attended_transfer;
mod blacklist;
mod blind_transfer;
pub mod codes;
mod conference;
mod conference_create;
mod conference_door;
mod dial;
mod do_not_disturb;
mod echo;
mod farewell;
mod follow_me;
mod forward;
mod intercom;
mod invite;
mod invited;
mod ivr;
mod leave_message;
mod mailbox;
mod message_review;
mod monitor;
mod operator;
mod park;
mod pickup;
mod queue;
mod queue_speech;
mod referral;
mod ring_group;
mod save;
mod sent;
mod sound_check;
mod talk;
mod wake_up;
mod wake_up_call;
mod wake_up_menu;

pub(crate) use announce::Announce;
pub(crate) use argument::Argument;
pub(crate) use attended_transfer::AttendedTransfer;
pub(crate) use blacklist::BlockLast;
pub(crate) use blind_transfer::BlindTransfer;
pub(crate) use conference::Conference;
pub(crate) use conference_create::ConferenceCreate;
pub(crate) use conference_door::ConferenceDoor;
pub(crate) use dial::Dial;
pub(crate) use echo::Echo;
pub(crate) use farewell::{Farewell, Refusal};
pub(crate) use follow_me::FollowMe;
pub(crate) use forward::Forward;
pub(crate) use intercom::Intercom;
pub(crate) use invite::Invite;
pub(crate) use invited::Invited;
pub(crate) use ivr::Ivr;
pub(crate) use leave_message::LeaveMessage;
pub(crate) use mailbox::{
    Mailbox, MailboxDoor, MailboxForward, MailboxGreeting, MailboxListen, MailboxOptions,
    MailboxPin,
};
pub(crate) use message_review::MessageReview;
pub(crate) use monitor::Monitor;
pub(crate) use operator::Operator;
pub(crate) use park::{Parked, retrieve};
pub(crate) use pickup::replace;
pub(crate) use queue::{Queued, Turn};
pub(crate) use referral::Referral;
pub(crate) use ring_group::RingGroup;
pub(crate) use save::Save;
pub(crate) use sent::Sent;
pub(crate) use sound_check::SoundCheck;
pub(crate) use talk::Talk;
pub(crate) use wake_up::BookWakeUp;
pub(crate) use wake_up_call::WakeUpCall;
pub(crate) use wake_up_menu::WakeUpMenu;

use crate::conferences::Company;
use crate::cx::Cx;
use crate::handover::{Ahead, Given};
use crate::menu::Listed;
use crate::phrase;
use alloc::vec::Vec;
use codes::{Argues, Code};
use model::{
    AgentWish, Cause, ForwardWhen, LegEvent, LegId, Number, Phrase, QuestionId, Reply, Switched,
    TimerId,
};
use serde::{Deserialize, Serialize};

/// What a phase is told.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Event {
    /// The call is there.
    Begin,
    /// Another call gave it this leg.
    Given(LegId, Given),
    /// How it goes with a leg of this call that was sent ahead.
    Ahead(Ahead),
    /// Something happened on a leg of the call. After `HungUp` and `Failed` the leg is gone.
    Leg(LegId, LegEvent),
    /// A timer of the call is due.
    Timer(TimerId),
    /// The leg that one of the call watched is gone.
    Lost(LegId),
    /// What happens in the conference.
    Company(Company),
    /// What happens to the call in the queue where it waits.
    Queue(Turn),
    /// The call ends: whoever waits for a leg of it has waited long enough.
    Recalled(Cause),
    /// The reply to a question of the call.
    Answer(QuestionId, Reply),
}

/// A phase takes each event by value and returns the phase that follows.
pub(crate) trait Feature: Into<Phase> {
    fn on(self, event: Event, cx: &mut Cx<'_>) -> Phase;

    /// Whether it would take a leg.
    fn takes(&self, _: Given) -> bool {
        false
    }

    /// Whether its caller is still on the way to whom he called.
    fn is_on_its_way(&self) -> bool {
        false
    }

    /// Its call ends at once, because its party is gone or the server is: what must not be lost is put away.
    fn put_away(self, _: &mut Cx<'_>) {}

    /// The legs this phase counts on; the switch compares them with those the call owns.
    fn legs(&self) -> Vec<LegId>;

    /// The timers it waits for, likewise.
    fn timers(&self) -> Vec<TimerId> {
        Vec::new()
    }

    /// The questions whose replies it waits for, likewise.
    fn questions(&self) -> Vec<QuestionId> {
        Vec::new()
    }
}

macro_rules! phases { ($($name:ident = $text:literal),* $(,)?) => {
    /// What a call is doing.
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    pub(crate) enum Phase {
        $($name($name),)*
        Ended,
    }

    $(impl From<$name> for Phase {
        fn from(phase: $name) -> Self {
            Self::$name(phase)
        }
    })*

    impl Phase {
        pub(crate) fn on(self, event: Event, cx: &mut Cx<'_>) -> Self {
            if let Event::Recalled(why) = event {
                return cx.end(why);
            }
            match self {
                $(Self::$name(phase) => phase.on(event, cx),)*
                Self::Ended => Self::Ended,
            }
        }

        pub(crate) fn takes(&self, given: Given) -> bool {
            match self {
                $(Self::$name(phase) => phase.takes(given),)*
                Self::Ended => false,
            }
        }

        pub(crate) fn is_on_its_way(&self) -> bool {
            match self {
                $(Self::$name(phase) => phase.is_on_its_way(),)*
                Self::Ended => false,
            }
        }

        pub(crate) fn put_away(self, cx: &mut Cx<'_>) {
            match self {
                $(Self::$name(phase) => phase.put_away(cx),)*
                Self::Ended => {}
            }
        }

        pub(crate) fn legs(&self) -> Vec<LegId> {
            match self {
                $(Self::$name(phase) => phase.legs(),)*
                Self::Ended => Vec::new(),
            }
        }

        pub(crate) fn timers(&self) -> Vec<TimerId> {
            match self {
                $(Self::$name(phase) => phase.timers(),)*
                Self::Ended => Vec::new(),
            }
        }

        pub(crate) fn questions(&self) -> Vec<QuestionId> {
            match self {
                $(Self::$name(phase) => phase.questions(),)*
                Self::Ended => Vec::new(),
            }
        }

        /// The name of the phase, which is that of its file.
        pub(crate) const fn name(&self) -> &'static str {
            match self {
                $(Self::$name(_) => $text,)*
                Self::Ended => "ended",
            }
        }
    }
} }

phases! {
    Announce = "announce",
    Argument = "argument",
    AttendedTransfer = "attended_transfer",
    BlindTransfer = "blind_transfer",
    BlockLast = "blacklist",
    Conference = "conference",
    ConferenceCreate = "conference_create",
    ConferenceDoor = "conference_door",
    Dial = "dial",
    Echo = "echo",
    Farewell = "farewell",
    FollowMe = "follow_me",
    Monitor = "monitor",
    Parked = "park",
    Queued = "queue",
    Referral = "referral",
    RingGroup = "ring_group",
    Sent = "sent",
    SoundCheck = "sound_check",
    Forward = "forward",
    Intercom = "intercom",
    Invite = "invite",
    Invited = "invited",
    Ivr = "ivr",
    LeaveMessage = "leave_message",
    Mailbox = "mailbox",
    MailboxDoor = "mailbox_door",
    MailboxForward = "mailbox_forward",
    MailboxGreeting = "mailbox_greeting",
    MailboxListen = "mailbox_listen",
    MailboxOptions = "mailbox_options",
    MailboxPin = "mailbox_pin",
    MessageReview = "message_review",
    Operator = "operator",
    Save = "save",
    Talk = "talk",
    BookWakeUp = "wake_up",
    WakeUpCall = "wake_up_call",
    WakeUpMenu = "wake_up_menu",
}

/// Every spoken menu.
pub(crate) fn menus() -> Vec<Listed> {
    [
        conference::OF_MEMBERS.listed(),
        conference::OF_ADMINISTRATORS.listed(),
        follow_me::OFFER.listed(),
        forward::RIGHT.listed(),
        wake_up_menu::MAIN.listed(),
        wake_up_menu::CANCEL.listed(),
        wake_up_call::WISHES.listed(),
        message_review::REVIEW.listed(),
        mailbox::MAIN.listed(),
        mailbox::MESSAGE.listed(),
        mailbox::OPTIONS.listed(),
        mailbox::GREETING.listed(),
    ]
    .into()
}

/// Does what a code is for.
pub(crate) fn use_code(
    code: Code,
    argument: Option<Number>,
    caller: LegId,
    cx: &mut Cx<'_>,
) -> Phase {
    // A code without the number it needs asks for it (P-13, FC-05).
    match (argument, asked(code)) {
        (Some(argument), _) => use_code_with(code, argument, caller, cx),
        (None, Some(prompt)) => Argument::begin(code, prompt, caller, cx),
        (None, None) => use_code_alone(code, caller, cx),
    }
}

/// What a code asks for that was dialled without the number it needs.
const fn asked(code: Code) -> Option<Phrase> {
    match (code, code.argues()) {
        (Code::BlacklistAdd, _) => Some(phrase::ENTER_NUMBER_TO_BLOCK),
        (Code::BlacklistRemove, _) => Some(phrase::ENTER_NUMBER_TO_UNBLOCK),
        (Code::ForwardAlways | Code::ForwardBusy | Code::ForwardNoAnswer, _) => {
            Some(phrase::ENTER_NUMBER_TO_FORWARD_TO)
        }
        (_, Argues::Extension) => Some(phrase::ENTER_EXTENSION),
        (_, Argues::Number) => Some(phrase::ENTER_NUMBER),
        (_, Argues::Nothing | Argues::Moment | Argues::Queue) => None,
    }
}

/// Does what a code is for with the number behind it.
fn use_code_with(code: Code, argument: Number, caller: LegId, cx: &mut Cx<'_>) -> Phase {
    match code {
        Code::AgentLogin => agent::begin(caller, AgentWish::LogIn, Some(argument), cx),
        Code::AgentLogout => agent::begin(caller, AgentWish::LogOut, Some(argument), cx),
        Code::BlacklistAdd => blacklist::add(caller, argument, cx),
        Code::BlacklistRemove => blacklist::remove(caller, argument, cx),
        Code::ForwardAlways => Forward::begin(caller, ForwardWhen::Always, argument, cx),
        Code::ForwardBusy => Forward::begin(caller, ForwardWhen::Busy, argument, cx),
        Code::ForwardNoAnswer => Forward::begin(caller, ForwardWhen::NoAnswer, argument, cx),
        Code::Intercom => Intercom::begin(caller, argument, intercom::Kind::Talk, cx),
        Code::Pickup => pickup::directed(caller, argument, cx),
        Code::Page => Intercom::begin(caller, argument, intercom::Kind::Page, cx),
        Code::WakeUpBook => BookWakeUp::at(caller, argument, cx),
        Code::VoicemailDirect => leave_message::direct(caller, argument, cx),
        Code::Listen | Code::Whisper | Code::Barge => Monitor::begin(caller, code, argument, cx),
        code => use_code_alone(code, caller, cx),
    }
}

/// Does what a code is for that takes nothing.
fn use_code_alone(code: Code, caller: LegId, cx: &mut Cx<'_>) -> Phase {
    match code {
        Code::SayWan => Announce::wan(caller, cx),
        Code::SayLan => Announce::lan(caller, cx),
        Code::SayExtension => announce::extension(caller, cx),
        Code::DndOn => do_not_disturb::switch(caller, Switched::On, cx),
        Code::DndOff => do_not_disturb::switch(caller, Switched::Off, cx),
        Code::BlacklistLast => BlockLast::begin(caller, cx),
        Code::ForwardAlwaysOff => forward::off(caller, ForwardWhen::Always, cx),
        Code::ForwardBusyOff => forward::off(caller, ForwardWhen::Busy, cx),
        Code::ForwardNoAnswerOff => forward::off(caller, ForwardWhen::NoAnswer, cx),
        Code::AgentLogin => agent::begin(caller, AgentWish::LogIn, None, cx),
        Code::AgentLogout => agent::begin(caller, AgentWish::LogOut, None, cx),
        Code::AgentPause => agent::begin(caller, AgentWish::Pause, None, cx),
        Code::AgentResume => agent::begin(caller, AgentWish::Resume, None, cx),
        Code::EchoTest => Echo::begin(caller, cx),
        Code::PickupGroup => pickup::of_department(caller, cx),
        Code::WakeUpCancel => wake_up::cancel_all(caller, cx),
        Code::WakeUpBook => BookWakeUp::ask(caller, wake_up::Then::Goodbye, cx),
        Code::WakeUpMenu => WakeUpMenu::begin(caller, cx),
        Code::VoicemailMain => mailbox::any(caller, cx),
        Code::VoicemailOwn => mailbox::own(caller, cx),
        // What follows exists in the manual and in the table of codes; its feature does not exist.
        Code::VoicemailDirect
        | Code::Pickup
        | Code::BlacklistAdd
        | Code::BlacklistRemove
        | Code::ForwardAlways
        | Code::ForwardBusy
        | Code::ForwardNoAnswer
        | Code::Intercom
        | Code::Listen
        | Code::Whisper
        | Code::Barge
        | Code::Page => not_enabled(caller, cx),
        // Codes of a conversation lead nowhere when they are dialled (P-06).
        Code::Park
        | Code::BlindTransfer
        | Code::AttendedTransfer
        | Code::CancelTransfer
        | Code::ConferenceInvite
        | Code::ConferenceConfirm
        | Code::ConferenceDrop
        | Code::ConferenceCreate
        | Code::Record => Farewell::refuse(caller, Refusal::InvalidCode, cx),
    }
}

/// Something that is dialled in vain because the feature behind it does not exist here. A code that is
/// known always answers (FC-03).
pub(crate) fn not_enabled(caller: LegId, cx: &mut Cx<'_>) -> Phase {
    cx.answer(caller);
    let speech = cx.speech(caller).phrase(phrase::NOT_ENABLED);
    Farewell::say(caller, speech, cx)
}
