//! The one table of feature codes: the dial plan, the portal's list of codes and the documentation are
//! made from it (CHECKLIST §1.1).

use alloc::collections::BTreeMap;
use alloc::string::String;
use model::Number;
use serde::{Deserialize, Serialize};

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// What it is.
    pub code: Code,
    /// Its name in the site file's `[feature_codes]`.
    pub name: &'static str,
    /// What is dialled, unless the site file says otherwise.
    pub default: &'static str,
    /// Where it works.
    pub place: Place,
    /// What is dialled behind it.
    pub argues: Argues,
    /// Its section of the manual; empty when the manual does not know it.
    pub section: &'static str,
    /// Its name in English.
    pub english: &'static str,
    /// Its name in Chinese.
    pub chinese: &'static str,
}

/// Where a code works. The same keys may mean different things in different places (P-06, P-07, P-10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// Dialled like a number.
    Idle,
    /// Pressed in a conversation.
    Talk,
    /// Pressed while another party is being asked.
    Consult,
    /// Pressed in a conference.
    Room,
    /// Pressed while somebody is being invited to a conference.
    Invite,
}

/// What is dialled behind a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Argues {
    /// Nothing.
    Nothing,
    /// An extension.
    Extension,
    /// Any number.
    Number,
    /// A queue, or nothing: all of them.
    Queue,
    /// Month, day, hour and minute, two digits each.
    Moment,
}

/// What a dialled number says as a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// A code, with what was dialled behind it; `None` when that is missing or it takes nothing.
    Code(Code, Option<Number>),
    /// It looks like a code, but there is none (FC-04).
    Unknown,
    /// It is a number like any other.
    NoCode,
}

macro_rules! codes { ($(
    $code:ident = $name:literal $default:literal, $place:ident $argues:ident $section:literal,
    $english:literal $chinese:literal;
)*) => {
    /// A feature code.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
    pub enum Code {
        $(#[doc = concat!($english, ".")] $code,)*
    }

    /// Every code, in the order of the manual.
    pub const CODES: &[Row] = &[$(Code::$code.row()),*];

    impl Code {
        /// What the table says of it.
        #[must_use]
        pub const fn row(self) -> Row {
            match self {
                $(Self::$code => Row {
                    code: self,
                    name: $name,
                    default: $default,
                    place: Place::$place,
                    argues: Argues::$argues,
                    section: $section,
                    english: $english,
                    chinese: $chinese,
                },)*
            }
        }
    }
} }

codes! {
    VoicemailMain = "voicemail_main" "*60", Idle Nothing "2.1", "Voicemail main menu" "语音信箱主菜单";
    VoicemailOwn = "voicemail_own" "*61", Idle Nothing "2.1", "Own mailbox" "本机语音信箱";
    VoicemailDirect = "voicemail_direct" "*63", Idle Extension "2.1", "Leave a message" "直接留言";
    PickupGroup = "pickup_group" "*8", Idle Nothing "2.2", "Pickup in the department" "一般代接";
    Pickup = "pickup" "**", Idle Extension "2.2", "Pickup of an extension" "指定代接";
    Park = "park" "*4", Talk Nothing "2.3", "Park the call" "停泊号码";
    BlindTransfer = "blind_transfer" "#", Talk Number "2.4", "Blind transfer" "盲转接";
    AttendedTransfer = "attended_transfer" "*2", Talk Number "2.4", "Attended transfer" "协商转接";
    CancelTransfer = "cancel_transfer" "*", Consult Nothing "2.4", "Cancel the transfer" "取消转接";
    BlacklistLast = "blacklist_last" "*76", Idle Nothing "2.5", "Block the last caller" "添加上一个来电号码";
    BlacklistAdd = "blacklist_add" "*75", Idle Number "2.5", "Block a number" "添加号码";
    BlacklistRemove = "blacklist_remove" "*075", Idle Number "2.5", "Unblock a number" "移除号码";
    Listen = "listen" "*90", Idle Extension "2.6", "Listen" "一般监听";
    Whisper = "whisper" "*91", Idle Extension "2.6", "Whisper" "悄悄话";
    Barge = "barge" "*92", Idle Extension "2.6", "Barge in" "强插监听";
    AgentLogin = "agent_login" "*62", Idle Queue "2.7", "Agent login" "坐席登录";
    AgentLogout = "agent_logout" "*062", Idle Queue "2.7", "Agent logout" "坐席登出";
    AgentPause = "agent_pause" "*95", Idle Nothing "2.7", "Agent pause" "坐席暂停";
    AgentResume = "agent_resume" "*095", Idle Nothing "2.7", "End of agent pause" "取消暂停";
    ConferenceInvite = "conference_invite" "0", Room Number "2.8", "Invite to the conference" "邀请与会者";
    ConferenceConfirm = "conference_confirm" "**", Invite Nothing "2.8", "Bring the invited in" "确认邀请";
    ConferenceDrop = "conference_drop" "*#", Invite Nothing "2.8", "Drop the invited" "放弃邀请";
    ConferenceCreate = "conference_create" "*0", Talk Nothing "2.8", "Make it a conference" "创建会议";
    WakeUpCancel = "wake_up_cancel" "*055", Idle Nothing "2.9", "Cancel all wake-up calls" "全部取消";
    WakeUpBook = "wake_up_book" "*55*", Idle Moment "2.9", "Book a wake-up call" "预约叫醒电话";
    WakeUpMenu = "wake_up_menu" "*55", Idle Nothing "2.9", "Wake-up menu" "主菜单";
    ForwardAlways = "forward_always" "*71", Idle Number "2.10", "Forward all calls" "开启无条件转移";
    ForwardAlwaysOff = "forward_always_off" "*071", Idle Nothing "2.10", "Forward all calls: off" "取消无条件转移";
    ForwardBusy = "forward_busy" "*72", Idle Number "2.10", "Forward when busy" "开启遇忙转移";
    ForwardBusyOff = "forward_busy_off" "*072", Idle Nothing "2.10", "Forward when busy: off" "取消遇忙转移";
    ForwardNoAnswer = "forward_no_answer" "*73", Idle Number "2.10", "Forward when not answered" "开启无应答转移";
    ForwardNoAnswerOff = "forward_no_answer_off" "*073", Idle Nothing "2.10", "Forward when not answered: off" "取消无应答转移";
    DndOn = "dnd_on" "*74", Idle Nothing "2.11", "Do not disturb" "开启免打扰";
    DndOff = "dnd_off" "*074", Idle Nothing "2.11", "Do not disturb: off" "取消免打扰";
    SayWan = "say_wan" "**11", Idle Nothing "2.12", "Say the WAN address" "播报WAN口IP";
    SayLan = "say_lan" "**12", Idle Nothing "2.12", "Say the LAN address" "播报LAN口IP";
    SayExtension = "say_extension" "**13", Idle Nothing "2.12", "Say the own extension" "播报分机号";
    Record = "record" "*1", Talk Nothing "2.12", "One-touch recording" "一键录音";
    Intercom = "intercom" "*50", Idle Extension "2.12", "Intercom" "单机对讲";
    Page = "page" "*51", Idle Extension "2.12", "Page" "单机寻呼";
    EchoTest = "echo_test" "*43", Idle Nothing "", "Echo test" "回声测试";
}

impl Code {
    /// What is dialled behind it.
    #[must_use]
    pub const fn argues(self) -> Argues {
        self.row().argues
    }
}

impl Row {
    /// What is dialled here, given the codes that differ from their defaults; `None`: switched off.
    #[must_use]
    pub fn dialled<'a>(&self, changed: &'a BTreeMap<String, String>) -> Option<&'a str> {
        let text = changed.get(self.name).map_or(self.default, String::as_str);
        Some(text).filter(|text| !text.is_empty())
    }
}

/// Reads a dialled number as a code that works in a place.
///
/// One final `#` only ends the number (P-12). A code that takes nothing must be dialled exactly, and wins
/// over one that takes the rest of the number (P-01, P-02); of those the longest wins (P-03). Behind a code
/// there are only digits. Codes of another place are unknown here (P-06).
#[must_use]
pub fn read(dialled: &str, place: Place, changed: &BTreeMap<String, String>) -> Reading {
    let dialled = match dialled.strip_suffix('#') {
        Some(ended) if !ended.is_empty() => ended,
        Some(_) | None => dialled,
    };
    let mut longest: Option<(usize, Code, Number)> = None;
    for row in CODES.iter().filter(|row| row.place == place) {
        let Some(rest) = row
            .dialled(changed)
            .and_then(|text| dialled.strip_prefix(text))
        else {
            continue;
        };
        if rest.is_empty() {
            return Reading::Code(row.code, None);
        }
        let digits = rest.bytes().all(|byte| byte.is_ascii_digit());
        let length = dialled.len() - rest.len();
        let longer = longest.is_none_or(|(longest, ..)| length > longest);
        if row.argues == Argues::Nothing || !digits || !longer {
            continue;
        }
        if let Ok(argument) = Number::parse(rest) {
            longest = Some((length, row.code, argument));
        }
    }
    match longest {
        Some((_, code, argument)) => Reading::Code(code, Some(argument)),
        None if dialled.starts_with(['*', '#']) => Reading::Unknown,
        None => Reading::NoCode,
    }
}

/// What keys say that are pressed one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyed {
    /// A code, and no longer one begins like it.
    Code(Code),
    /// They may become a code, or a longer one than the one they are.
    Begun(Option<Code>),
    /// No code begins like this.
    Nothing,
}

/// Reads the keys pressed so far in a place where a code is complete as soon as no longer one begins like it
/// (P-06, P-07).
#[must_use]
pub fn keyed(pressed: &str, place: Place, changed: &BTreeMap<String, String>) -> Keyed {
    let (mut exact, mut longer) = (None, false);
    for row in CODES.iter().filter(|row| row.place == place) {
        let Some(code) = row.dialled(changed) else {
            continue;
        };
        if code == pressed {
            exact = exact.or(Some(row.code));
        } else {
            longer |= code.starts_with(pressed);
        }
    }
    match exact {
        Some(code) if !longer => Keyed::Code(code),
        None if !longer => Keyed::Nothing,
        begun => Keyed::Begun(begun),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// P-01 P-02 P-03 P-04 P-05 P-06 P-12 P-13, FC-02
    #[test]
    fn dialled_codes_are_read_by_the_rules() {
        use Code::{
            AgentLogin, BlacklistAdd, DndOff, DndOn, EchoTest, ForwardAlways, Intercom, Listen,
            Page, Pickup, PickupGroup, SayExtension, SayLan, SayWan, VoicemailMain, WakeUpBook,
            WakeUpCancel, WakeUpMenu,
        };
        for (dialled, code, argument) in [
            // Exactly a code: it wins over pickup of extension 11, 12 or 13.
            ("**11", SayWan, ""),
            ("**12", SayLan, ""),
            ("**13", SayExtension, ""),
            // One digit more, and it is pickup.
            ("**113", Pickup, "113"),
            ("**1", Pickup, "1"),
            ("**005", Pickup, "005"),
            // The longest prefix.
            ("*55", WakeUpMenu, ""),
            ("*55*03061456", WakeUpBook, "03061456"),
            ("*505", Intercom, "5"),
            ("*5100", Page, "00"),
            ("*055", WakeUpCancel, ""),
            // Neighbours.
            ("*75", BlacklistAdd, ""),
            ("*7585337106", BlacklistAdd, "85337106"),
            ("*90101", Listen, "101"),
            ("*74", DndOn, ""),
            ("*074", DndOff, ""),
            ("*43", EchoTest, ""),
            // The number is missing.
            ("*71", ForwardAlways, ""),
            ("**", Pickup, ""),
            ("*50", Intercom, ""),
            ("*90", Listen, ""),
            // With a queue behind it, or without.
            ("*62", AgentLogin, ""),
            ("*62600#", AgentLogin, "600"),
            // One final # ends the number.
            ("*60", VoicemailMain, ""),
            ("*60#", VoicemailMain, ""),
            ("*8#", PickupGroup, ""),
            ("**101#", Pickup, "101"),
            ("*71985337106#", ForwardAlways, "985337106"),
        ] {
            let argument = Number::parse(argument).ok();
            assert_eq!(idle(dialled), Reading::Code(code, argument), "{dialled}");
        }
        for unknown in [
            "*", "#", "*7", "*99", "*77", "*94", "*551", "*55*12*", "*951", "*742", "*60##",
            "#*60", "*60#123", "*71*61", "*1", "*2101", "*4", "*0", "*0600", "#101", "*#", "***",
            "**1*",
        ] {
            assert_eq!(idle(unknown), Reading::Unknown, "{unknown}");
        }
        for number in [
            "0",
            "5",
            "005",
            "100",
            "41",
            "41#",
            "9851",
            "+86108533",
            "60",
            "1*2",
        ] {
            assert_eq!(idle(number), Reading::NoCode, "{number}");
        }
    }

    /// P-06: each place has its own table.
    #[test]
    fn a_code_works_in_its_place_only() {
        let read = |dialled, place| read(dialled, place, &BTreeMap::new());
        let code = |code| Reading::Code(code, None);
        for (dialled, place, reading) in [
            ("*0", Place::Talk, code(Code::ConferenceCreate)),
            ("*062", Place::Talk, Reading::Unknown),
            ("*4#", Place::Talk, code(Code::Park)),
            ("*", Place::Consult, code(Code::CancelTransfer)),
            ("*2", Place::Consult, Reading::Unknown),
            ("**", Place::Invite, code(Code::ConferenceConfirm)),
            ("**", Place::Room, Reading::Unknown),
            ("0", Place::Room, code(Code::ConferenceInvite)),
            ("0", Place::Idle, Reading::NoCode),
        ] {
            assert_eq!(read(dialled, place), reading, "{dialled} in {place:?}");
        }
    }

    /// P-06 P-07 P-10: in a conversation a code is complete with its last key.
    #[test]
    fn keys_are_read_one_by_one() {
        let none = BTreeMap::new();
        for (pressed, place, read) in [
            ("#", Place::Talk, Keyed::Code(Code::BlindTransfer)),
            ("*", Place::Talk, Keyed::Begun(None)),
            ("*2", Place::Talk, Keyed::Code(Code::AttendedTransfer)),
            ("*0", Place::Talk, Keyed::Code(Code::ConferenceCreate)),
            ("*7", Place::Talk, Keyed::Nothing),
            ("5", Place::Talk, Keyed::Nothing),
            ("*", Place::Consult, Keyed::Code(Code::CancelTransfer)),
            ("*", Place::Invite, Keyed::Begun(None)),
            ("*#", Place::Invite, Keyed::Code(Code::ConferenceDrop)),
        ] {
            assert_eq!(keyed(pressed, place, &none), read, "{pressed} in {place:?}");
        }
        let changed = [("record", "*"), ("park", "")];
        let changed = changed.map(|(name, code)| (String::from(name), String::from(code)));
        let changed = changed.into();
        let begun = Keyed::Begun(Some(Code::Record));
        assert_eq!(keyed("*", Place::Talk, &changed), begun);
        assert_eq!(keyed("*4", Place::Talk, &changed), Keyed::Nothing);
    }

    /// FC-04 FC-10
    #[test]
    fn codes_can_be_changed_swapped_and_switched_off() {
        let changed = [
            ("dnd_on", "*074"),
            ("dnd_off", "*74"),
            ("echo_test", ""),
            ("say_lan", "88"),
            ("intercom", "*5"),
        ];
        let changed = changed
            .map(|(name, code)| (String::from(name), String::from(code)))
            .into();
        let read = |dialled| read(dialled, Place::Idle, &changed);
        assert_eq!(read("*74"), Reading::Code(Code::DndOff, None));
        assert_eq!(read("*074"), Reading::Code(Code::DndOn, None));
        assert_eq!(read("*43"), Reading::Unknown);
        assert_eq!(read("88"), Reading::Code(Code::SayLan, None));
        assert_eq!(read("**12"), Reading::Code(Code::Pickup, number("12")));
        assert_eq!(read("*5101"), Reading::Code(Code::Page, number("01")));
        assert_eq!(read("*5201"), Reading::Code(Code::Intercom, number("201")));
        assert_eq!(read("*55"), Reading::Code(Code::WakeUpMenu, None));
    }

    /// The names and defaults that the site file documents.
    #[test]
    fn the_table_is_the_documented_one() {
        let documented = "voicemail_main *60 voicemail_own *61 voicemail_direct *63 pickup_group *8 pickup ** park *4 \
            blind_transfer # attended_transfer *2 cancel_transfer * blacklist_last *76 \
            blacklist_add *75 blacklist_remove *075 listen *90 whisper *91 barge *92 agent_login *62 \
            agent_logout *062 agent_pause *95 agent_resume *095 conference_invite 0 \
            conference_confirm ** conference_drop *# conference_create *0 wake_up_cancel *055 \
            wake_up_book *55* wake_up_menu *55 forward_always *71 forward_always_off *071 \
            forward_busy *72 forward_busy_off *072 forward_no_answer *73 forward_no_answer_off *073 \
            dnd_on *74 dnd_off *074 say_wan **11 say_lan **12 say_extension **13 record *1 \
            intercom *50 page *51 echo_test *43";
        let mut words = documented.split_whitespace();
        for row in CODES {
            assert_eq!(words.next(), Some(row.name));
            assert_eq!(words.next(), Some(row.default), "{}", row.name);
        }
        assert_eq!(words.next(), None);
        let places: BTreeSet<_> = CODES.iter().map(|row| (row.place, row.default)).collect();
        assert_eq!(
            places.len(),
            CODES.len(),
            "no two codes of a place are equal"
        );
    }

    fn idle(dialled: &str) -> Reading {
        read(dialled, Place::Idle, &BTreeMap::new())
    }

    fn number(text: &str) -> Option<Number> {
        Number::parse(text).ok()
    }
}
