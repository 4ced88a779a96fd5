//! The phrases that features say, by what they mean. The texts are in `prompts/PROMPTS.tsv`.

use model::Phrase;

macro_rules! phrases { ($($name:ident = $id:literal,)*) => {
    $(pub(crate) const $name: Phrase = Phrase::named($id);)*

    /// The id of every phrase that a feature says; the atoms of numbers and times are in
    /// [`crate::speech::atoms`].
    pub const PHRASES: &[&str] = &[$($id),*];
} }

phrases! {
    NUMBER_NOT_VALID = "N-01",
    NOT_AVAILABLE = "N-02",
    BUSY = "N-03",
    NO_ANSWER = "N-04",
    NOT_TO_BE_DISTURBED = "N-05",
    ALL_LINES_BUSY = "N-06",
    NOT_ALLOWED = "N-07",
    INVALID_CODE = "N-08",
    NOT_ENABLED = "N-09",
    INVALID_ENTRY = "N-10",
    NOTHING_ENTERED = "N-11",
    ENTER_NUMBER = "N-12",
    ENTER_EXTENSION = "N-13",
    TOO_MANY_WRONG_ENTRIES = "N-16",
    NO_SUCH_NUMBER = "N-28",
    THANK_YOU_GOODBYE = "N-23",
    SYSTEM_ERROR = "N-25",
    SAVED = "N-19",
    ONE_MINUTE_LEFT = "N-32",
    NO_ANONYMOUS_CALLS = "N-33",
    ANONYMOUS = "N-34",
    CONNECTING_TO_OPERATOR = "N-27",
    LEAVE_MESSAGE = "VM-33",
    PERSON_AT_EXTENSION = "VM-34",
    IS_NOT_AVAILABLE = "VM-35",
    IS_ON_THE_PHONE = "VM-36",
    MAILBOX_FULL = "VM-37",
    MESSAGE_TOO_SHORT = "VM-38",
    MESSAGE_TOO_LONG = "VM-39",
    MESSAGE_TAKEN = "VM-40",
    SAVE_LISTEN_OR_AGAIN = "VM-41",
    NO_MAILBOX = "VM-58",
    NOTHING_TO_PICK_UP = "PU-01",
    NO_DEPARTMENT = "PU-03",
    PARKED_AT = "PK-01",
    NO_FREE_SLOT = "PK-02",
    NOTHING_PARKED = "PK-03",
    TRANSFER = "XF-01",
    ENTER_TRANSFER_NUMBER = "XF-02",
    TRANSFER_FAILED = "XF-03",
    TRANSFER_NOT_ANSWERED = "XF-04",
    TRANSFER_CANCELLED = "XF-05",
    OTHER_HAS_HUNG_UP = "XF-06",
    STORAGE_IS_FULL = "N-38",
    ENTER_NUMBER_TO_BLOCK = "BL-01",
    ENTER_NUMBER_TO_UNBLOCK = "BL-02",
    IS_BLOCKED = "BL-03",
    IS_UNBLOCKED = "BL-04",
    IS_BLOCKED_ALREADY = "BL-05",
    IS_NOT_BLOCKED = "BL-06",
    EXTENSIONS_ARE_NOT_BLOCKED = "BL-07",
    NO_LAST_CALLER = "BL-08",
    LAST_CALLER_IS_ANONYMOUS = "BL-09",
    LAST_CALL_CAME_FROM = "BL-10",
    CANNOT_BE_BLOCKED = "BL-12",
    FORWARD_ALWAYS = "CF-01",
    FORWARD_BUSY = "CF-02",
    FORWARD_NO_ANSWER = "CF-03",
    WILL_BE_FORWARDED_TO = "CF-04",
    SAVE_OR_ENTER_AGAIN = "CF-05",
    ENTER_NUMBER_TO_FORWARD_TO = "CF-06",
    IS_OFF = "CF-08",
    NOT_TO_YOUR_OWN_NUMBER = "CF-09",
    NOT_TO_THIS_NUMBER = "CF-10",
    NOTHING_WAS_SAVED = "CF-11",
    MONITORING_NOT_ALLOWED = "MO-01",
    NOT_IN_A_CALL = "MO-02",
    MAY_NOT_BE_MONITORED = "MO-03",
    MONITORING_ENDED = "MO-04",
    OWN_CALL = "MO-05",
    ENTER_CONFERENCE_PASSWORD = "CO-02",
    WRONG_PASSWORD = "CO-03",
    JOINING = "CO-04",
    JOINING_AS_ADMINISTRATOR = "CO-05",
    NOBODY_ELSE_HERE = "CO-06",
    THERE_ARE = "CO-07",
    PEOPLE_HERE = "CO-08",
    DIAL_NUMBER_TO_INVITE = "CO-11",
    CONFIRM_OR_CANCEL_INVITATION = "CO-12",
    INVITATION_CANCELLED = "CO-13",
    INVITED_DOES_NOT_ANSWER = "CO-14",
    YOU_ARE_INVITED = "CO-15",
    ONLY_ADMINISTRATORS_INVITE = "CO-16",
    CONFERENCE_LOCKED = "CO-17",
    IS_LOCKED_FROM_HERE = "CO-18",
    IS_UNLOCKED = "CO-19",
    YOU_ARE_MUTED = "CO-20",
    YOU_ARE_HEARD_AGAIN = "CO-21",
    WAITING_FOR_ADMINISTRATOR = "CO-22",
    ADMINISTRATOR_HAS_LEFT = "CO-23",
    YOU_WERE_REMOVED = "CO-24",
    CONFERENCE_FULL = "CO-25",
    NO_FREE_CONFERENCE = "CO-26",
    MUTE_OR_LEAVE = "CO-27",
    MUTE_LOCK_OR_REMOVE = "CO-28",
    CONFERENCE_IS_RECORDED = "CO-29",
    RETURNING_TO_CALL = "CO-31",
    WELCOME = "IV-01",
    OFFICE_IS_CLOSED = "IV-02",
    WAKE_UP_MENU = "WU-01",
    ENTER_MOMENT = "WU-02",
    WAKE_UP_CALL_BOOKED = "WU-03",
    TIME_NOT_VALID = "WU-04",
    NO_WAKE_UP_CALLS = "WU-05",
    YOU_HAVE_BOOKED = "WU-06",
    WAKE_UP_CALLS = "WU-07",
    WAKE_UP_CALL_NUMBER = "WU-08",
    CANCEL_OR_NEXT = "WU-09",
    WAKE_UP_CALL_CANCELLED = "WU-10",
    ALL_WAKE_UP_CALLS_CANCELLED = "WU-11",
    YOUR_WAKE_UP_CALL = "WU-12",
    THE_TIME_IS = "WU-13",
    CONFIRM_OR_SNOOZE = "WU-14",
    CALLED_AGAIN_IN = "WU-15",
    TOO_MANY_WAKE_UP_CALLS = "WU-16",
    WAKE_UP_CALL_EXISTS = "WU-17",
    OF_NEXT_YEAR = "WU-18",
    DO_NOT_DISTURB_ON = "DN-01",
    DO_NOT_DISTURB_OFF = "DN-02",
    CALL_FROM = "FM-02",
    ACCEPT_OR_REFUSE = "FM-03",
    COULD_NOT_REACH = "FM-04",
    WAN_ADDRESS_IS = "MI-01",
    LAN_ADDRESS_IS = "MI-02",
    YOUR_EXTENSION_IS = "MI-03",
    NO_SUCH_INTERFACE = "MI-04",
    ECHO_TEST = "MI-11",
}

/// `prompts/PROMPTS.tsv`: id, group, English, Chinese, pinyin.
#[cfg(test)]
pub(crate) fn prompt_list() -> std::string::String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../prompts/PROMPTS.tsv");
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// FC-03, N-01 to N-25: a phrase without a text would be silence.
    #[test]
    fn everything_that_can_be_said_is_in_the_list_of_prompts() {
        let list = prompt_list();
        let ids: BTreeSet<_> = list
            .lines()
            .filter_map(|row| row.split('\t').next())
            .collect();
        for id in PHRASES.iter().copied().chain(crate::speech::atoms()) {
            assert!(ids.contains(id), "{id}");
        }
    }
}
