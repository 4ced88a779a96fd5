//! What a caller is told who waits in a queue (QU-09).

use super::ivr::greeting_sound;
use crate::cx::Cx;
use crate::phrase;
use crate::speech::Speech;
use alloc::vec::Vec;
use model::{Duration, LegId, Queue, Sound};

/// Where a caller stands, and how long he will probably wait. It is cut short when an agent answers.
pub(super) fn announcement(caller: LegId, queue: &Queue, when: When, cx: &Cx<'_>) -> Vec<Sound> {
    let mut speech = cx.speech(caller);
    if when == When::AtFirst && !cx.somebody_is_free(&queue.number) {
        speech = speech.phrase(phrase::ALL_AGENTS_BUSY);
    }
    if let Some((ahead, wait)) = cx.stands_in_queue() {
        if queue.announce_position {
            speech = position(speech, ahead);
        }
        if let Some(wait) = wait.filter(|_| queue.announce_wait) {
            speech = waiting_time(speech, wait);
        }
    }
    if when == When::Again {
        speech = speech.phrase(phrase::THANK_YOU_FOR_WAITING);
    }
    if queue.mailbox.is_some_and(|of| cx.view().has_mailbox(&of)) {
        speech = speech.phrase(phrase::LEAVE_A_MESSAGE_OR_WAIT);
    }
    let mut sounds = speech.finish();
    if !queue.announcement.is_empty() {
        let listener = cx.extension(caller);
        let language = cx.directory().language(listener.as_ref());
        sounds.push(greeting_sound(&queue.announcement, language));
    }
    sounds
}

/// Whether a caller hears it for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    AtFirst,
    Again,
}

fn position(speech: Speech, ahead: u32) -> Speech {
    match ahead {
        0 => speech.phrase(phrase::FIRST_IN_LINE),
        ahead => speech.phrase(phrase::CALLERS_BEFORE_YOU).count(
            ahead,
            phrase::CALLERS_AHEAD,
            phrase::CALLERS_AHEAD,
        ),
    }
}

fn waiting_time(speech: Speech, wait: Duration) -> Speech {
    let speech = speech.phrase(phrase::ESTIMATED_WAIT);
    let minutes = u32::try_from(wait.as_secs() / 60).unwrap_or(u32::MAX);
    match minutes {
        0 => speech.phrase(phrase::LESS_THAN_A_MINUTE),
        minutes => speech.count(minutes, phrase::WAIT_MINUTE, phrase::WAIT_MINUTES),
    }
}
