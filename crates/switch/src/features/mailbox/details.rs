//! What is said of a message: which it is, when it came, from whom, and how long it is (VM-09).

use super::round::{Position, Round};
use crate::cx::Cx;
use crate::phrase;
use crate::speech::Speech;
use model::{CivilDate, Duration, Message};

/// What is said before a message.
pub(super) fn introduction(round: &Round, speech: Speech, cx: &Cx<'_>) -> Speech {
    let speech = match round.position() {
        Position::First => speech.phrase(phrase::FIRST_MESSAGE),
        Position::Last => speech.phrase(phrase::LAST_MESSAGE),
        Position::Nth(nth) => speech.phrase(phrase::MESSAGE_NUMBER).cardinal(nth),
    };
    let speech = received(&round.message, speech, cx);
    if round.message.length < LONG {
        return speech;
    }
    length(&round.message, speech)
}

/// Everything that is known of a message.
pub(super) fn all(message: &Message, speech: Speech, cx: &Cx<'_>) -> Speech {
    let speech = from(message, received(message, speech, cx), cx);
    length(message, speech)
}

/// "Received today, two fifty-six p.m."
fn received(message: &Message, speech: Speech, cx: &Cx<'_>) -> Speech {
    let Some(then) = cx.civil(message.at) else {
        return speech;
    };
    let speech = speech.phrase(phrase::RECEIVED);
    let today = cx.civil(cx.now().wall).map(|now| now.date);
    let days = today.map(|today| today.days_since_1970() - then.date.days_since_1970());
    let speech = match days {
        Some(0) => speech.phrase(phrase::TODAY),
        Some(1) => speech.phrase(phrase::YESTERDAY),
        Some(_) | None => {
            let CivilDate { month, day, .. } = then.date;
            speech.date(month, day)
        }
    };
    speech.time_of(then)
}

/// "From extension one zero one."
fn from(message: &Message, speech: Speech, cx: &Cx<'_>) -> Speech {
    let Some(number) = message.from.number else {
        return speech.phrase(phrase::FROM_UNKNOWN);
    };
    let kind = match cx.directory().extension(&number) {
        Some(_) => phrase::EXTENSION,
        None => phrase::EXTERNAL_NUMBER,
    };
    speech.phrase(phrase::FROM).phrase(kind).digits(&number)
}

fn length(message: &Message, speech: Speech) -> Speech {
    speech
        .phrase(phrase::MESSAGE_LENGTH)
        .duration(message.length)
}

/// The length of a message is said without being asked for from here on (VM-09).
const LONG: Duration = Duration::from_secs(120);
