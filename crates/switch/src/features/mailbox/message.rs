//! What can be done with a message (VM-08).

use crate::menu::{Item, Menu};
use crate::phrase;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::features) enum Does {
    CallBack,
    Details,
    Previous,
    Repeat,
    Next,
    Delete,
    Forward,
    Save,
    Main,
    Options,
}

pub(in crate::features) const MESSAGE: Menu<Does> = Menu {
    name: "mailbox: a message",
    items: &[
        Item {
            key: '5',
            says: Some(phrase::REPEAT_DELETE_SAVE_KEYS),
            does: Does::Repeat,
            leads: "the message is played again",
        },
        Item {
            key: '7',
            says: None,
            does: Does::Delete,
            leads: "it is deleted when the messages are left; 7 again restores it",
        },
        Item {
            key: '9',
            says: None,
            does: Does::Save,
            leads: "it is kept",
        },
        Item {
            key: '4',
            says: Some(phrase::PREVIOUS_NEXT_KEYS),
            does: Does::Previous,
            leads: "the message before it",
        },
        Item {
            key: '6',
            says: None,
            does: Does::Next,
            leads: "the message after it",
        },
        Item {
            key: '3',
            says: Some(phrase::DETAILS_KEY),
            does: Does::Details,
            leads: "when it came, from whom, how long it is",
        },
        Item {
            key: '8',
            says: Some(phrase::FORWARD_KEY),
            does: Does::Forward,
            leads: "an extension is asked for, which gets a copy",
        },
        Item {
            key: '2',
            says: Some(phrase::CALL_BACK_KEY),
            does: Does::CallBack,
            leads: "whoever left it is called",
        },
        Item {
            key: '*',
            says: Some(phrase::PREVIOUS_MENU),
            does: Does::Main,
            leads: super::NAME,
        },
        Item {
            key: '#',
            says: Some(phrase::HEAR_OPTIONS_AGAIN),
            does: Does::Options,
            leads: "this menu again",
        },
        Item {
            key: '1',
            says: None,
            does: Does::Repeat,
            leads: "the message is played again",
        },
    ],
};
