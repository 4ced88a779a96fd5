//! What can be done with a greeting (VM-10).

use crate::menu::{Item, Menu};
use crate::phrase;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::features) enum Does {
    Accept,
    Listen,
    Again,
    Delete,
}

pub(in crate::features) const GREETING: Menu<Does> = Menu {
    name: "mailbox: a greeting",
    items: &[
        Item {
            key: '1',
            says: Some(phrase::ACCEPT_LISTEN_OR_AGAIN),
            does: Does::Accept,
            leads: "it is the greeting",
        },
        Item {
            key: '2',
            says: None,
            does: Does::Listen,
            leads: "it is played",
        },
        Item {
            key: '3',
            says: None,
            does: Does::Again,
            leads: "another is recorded",
        },
        Item {
            key: '4',
            says: Some(phrase::DELETE_GREETING_KEY),
            does: Does::Delete,
            leads: "the system's greeting is heard",
        },
    ],
};
