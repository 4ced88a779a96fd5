//! Why a fax failed, in words for people.

use serde::{Deserialize, Serialize};

/// Why a fax failed. The list is closed: each has a code that stays, and words in both languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// No line to dial on: no trunk is up, or none leads there.
    NoDialtone,
    /// The other number is in a call.
    Busy,
    /// Nobody answered.
    NoAnswer,
    /// The call was refused.
    Refused,
    /// The extension may not call that number.
    NotAllowed,
    /// There is no such number.
    UnknownNumber,
    /// The network has no room for the call.
    Congestion,
    /// Somebody or something answered that is no fax machine.
    NoFaxTone,
    /// No speed worked.
    CannotTrain,
    /// The other machine cannot receive this, or not receive at all.
    Incompatible,
    /// The other machine did not accept a page, however often it was sent.
    PageRefused,
    /// The other machine stopped answering.
    NoResponse,
    /// The other machine ended the call.
    EndedByPeer,
    /// The line went away.
    Dropped,
    /// Both sides were silent.
    Silence,
    /// A page took longer than any page may.
    TooSlow,
    /// The pages cannot be read or written.
    BadFile,
    /// The fax engine broke.
    Broken,
    /// Somebody cancelled it.
    Cancelled,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 19] = [
        Self::NoDialtone,
        Self::Busy,
        Self::NoAnswer,
        Self::Refused,
        Self::NotAllowed,
        Self::UnknownNumber,
        Self::Congestion,
        Self::NoFaxTone,
        Self::CannotTrain,
        Self::Incompatible,
        Self::PageRefused,
        Self::NoResponse,
        Self::EndedByPeer,
        Self::Dropped,
        Self::Silence,
        Self::TooSlow,
        Self::BadFile,
        Self::Broken,
        Self::Cancelled,
    ];

    /// The code that programs see.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.row().0
    }

    /// What an English reader sees; `No local dialtone` and `Busy signal detected` are the manual's (§1.6).
    #[must_use]
    pub const fn en(self) -> &'static str {
        self.row().1
    }

    /// What a Chinese reader sees.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        self.row().2
    }

    /// Reads a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }

    /// Whether the same call may succeed a few minutes later without anybody changing anything.
    #[must_use]
    pub const fn may_pass(self) -> bool {
        match self {
            Self::NoDialtone
            | Self::Busy
            | Self::NoAnswer
            | Self::Congestion
            | Self::NoFaxTone
            | Self::CannotTrain
            | Self::PageRefused
            | Self::NoResponse
            | Self::EndedByPeer
            | Self::Dropped
            | Self::Silence
            | Self::TooSlow
            | Self::Broken => true,
            Self::Refused
            | Self::NotAllowed
            | Self::UnknownNumber
            | Self::Incompatible
            | Self::BadFile
            | Self::Cancelled => false,
        }
    }

    /// What the final answer to an INVITE means for a fax (RFC 3261 §21); nothing for one that is no failure.
    #[must_use]
    pub const fn of_sip(status: u16) -> Option<Self> {
        Some(match status {
            0..300 => return None,
            486 | 600 => Self::Busy,
            408 | 480 | 487 => Self::NoAnswer,
            404 | 410 | 484 | 604 => Self::UnknownNumber,
            403 => Self::NotAllowed,
            488 | 606 | 415 => Self::Incompatible,
            500 | 502..=504 => Self::Congestion,
            _ => Self::Refused,
        })
    }

    /// What a completion code of the modem means (`spandsp/t30.h`, `T30_ERR_…`); nothing for success.
    #[must_use]
    pub const fn of_t30(code: i32) -> Option<Self> {
        Some(match code {
            0 => return None,
            1..=3 | 19 => Self::NoFaxTone,
            6 | 14 => Self::CannotTrain,
            8..=12 | 50..=61 => Self::Incompatible,
            15 | 16 | 18 | 23 | 48 => Self::PageRefused,
            4 | 5 | 13 | 20..=22 | 25..=34 => Self::NoResponse,
            7 | 17 | 24 | 35..=40 => Self::EndedByPeer,
            41..=46 => Self::BadFile,
            49 => Self::Dropped,
            _ => Self::Broken,
        })
    }

    /// Code, English, Chinese.
    const fn row(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::NoDialtone => ("no_dialtone", "No local dialtone", "线路无拨号音"),
            Self::Busy => ("busy", "Busy signal detected", "对方占线"),
            Self::NoAnswer => ("no_answer", "No answer", "无人接听"),
            Self::Refused => ("refused", "The call was refused", "对方拒接"),
            Self::NotAllowed => (
                "not_allowed",
                "Not allowed to call this number",
                "无权拨打该号码",
            ),
            Self::UnknownNumber => ("unknown_number", "There is no such number", "号码不存在"),
            Self::Congestion => ("congestion", "The network is congested", "网络拥塞"),
            Self::NoFaxTone => ("no_fax_tone", "No fax machine answered", "对方不是传真机"),
            Self::CannotTrain => (
                "cannot_train",
                "The machines found no speed that works",
                "线路质量差，无法协商速率",
            ),
            Self::Incompatible => (
                "incompatible",
                "The other machine cannot receive this",
                "对方传真机不支持",
            ),
            Self::PageRefused => (
                "page_refused",
                "The other machine did not accept a page",
                "对方未能正确接收页面",
            ),
            Self::NoResponse => (
                "no_response",
                "The other machine stopped answering",
                "对方无响应",
            ),
            Self::EndedByPeer => (
                "ended_by_peer",
                "The other machine ended the call",
                "对方中断传真",
            ),
            Self::Dropped => ("dropped", "The line was dropped", "线路中断"),
            Self::Silence => ("silence", "The line fell silent", "线路无信号"),
            Self::TooSlow => ("too_slow", "A page took too long", "传输超时"),
            Self::BadFile => ("bad_file", "The pages cannot be read", "传真文件无法读取"),
            Self::Broken => ("broken", "The fax engine failed", "传真引擎故障"),
            Self::Cancelled => ("cancelled", "Cancelled", "已取消"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// FAX-07
    #[test]
    fn every_reason_has_a_code_of_its_own_and_words_in_both_languages() {
        let codes: BTreeSet<_> = Reason::ALL.iter().map(|reason| reason.code()).collect();
        assert_eq!(codes.len(), Reason::ALL.len());
        for reason in Reason::ALL {
            assert_eq!(Reason::from_code(reason.code()), Some(reason));
            let json = serde_json::to_string(&reason).expect("a name");
            assert_eq!(json, format!("\"{}\"", reason.code()));
            assert!(reason.en().is_ascii() && !reason.en().is_empty());
            assert!(!reason.zh().is_empty() && !reason.zh().is_ascii());
        }
        assert_eq!(Reason::from_code("lunch"), None);
    }

    /// FAX-07
    #[test]
    fn the_manuals_own_words_are_kept() {
        assert_eq!(Reason::NoDialtone.en(), "No local dialtone");
        assert_eq!(Reason::Busy.en(), "Busy signal detected");
    }

    /// FAX-07
    #[test]
    fn what_sip_answers_becomes_a_reason() {
        for (status, reason) in [
            (200, None),
            (486, Some(Reason::Busy)),
            (600, Some(Reason::Busy)),
            (480, Some(Reason::NoAnswer)),
            (404, Some(Reason::UnknownNumber)),
            (403, Some(Reason::NotAllowed)),
            (488, Some(Reason::Incompatible)),
            (503, Some(Reason::Congestion)),
            (603, Some(Reason::Refused)),
            (999, Some(Reason::Refused)),
        ] {
            assert_eq!(Reason::of_sip(status), reason, "{status}");
        }
    }

    #[test]
    fn what_the_modem_says_becomes_a_reason() {
        for (code, reason) in [
            (0, None),
            (2, Some(Reason::NoFaxTone)),    // T0 expired
            (6, Some(Reason::CannotTrain)),  // no modem trained
            (17, Some(Reason::EndedByPeer)), // DCN instead of DIS
            (21, Some(Reason::NoResponse)),  // nothing after a page
            (41, Some(Reason::BadFile)),     // no file
            (48, Some(Reason::PageRefused)), // retries used up
            (49, Some(Reason::Dropped)),     // the call dropped
            (-1, Some(Reason::Broken)),
            (99, Some(Reason::Broken)),
        ] {
            assert_eq!(Reason::of_t30(code), reason, "{code}");
        }
    }
}
