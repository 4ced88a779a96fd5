//! Do not disturb (manual §2.11): `*74` on, `*074` off.
//!
//! What it does to calls is decided in `routing/way.rs`.

use super::Phase;
use super::save::{Save, fail};
use crate::cx::Cx;
use crate::phrase;
use model::{Change, LegId, Switched};

/// Switches it for the caller's own extension.
pub(super) fn switch(caller: LegId, switched: Switched, cx: &mut Cx<'_>) -> Phase {
    cx.answer(caller);
    let Some(number) = cx.extension(caller) else {
        return fail(caller, cx);
    };
    let confirmed = match switched {
        Switched::On => phrase::DO_NOT_DISTURB_ON,
        Switched::Off => phrase::DO_NOT_DISTURB_OFF,
    };
    let confirmed = cx.speech(caller).phrase(confirmed);
    let change = Change::DoNotDisturb(number, switched);
    Save::begin(caller, change, confirmed, cx)
}
