//! Listening to messages (VM-08): each is introduced and played; its keys work while it is, and after it.
//!
//! While it is played `*` goes back three seconds, `#` goes on as much, and `0` pauses.

use super::message::{Does, MESSAGE};
use super::round::Round;
use super::{MailboxForward, details};
use crate::choice::{Choice, Chosen};
use crate::cx::Cx;
use crate::features::{Event, Feature, Phase};
use crate::phrase;
use crate::routing;
use crate::saying::{PHRASES_MAX, Saying};
use crate::speech::Speech;
use alloc::vec;
use alloc::vec::Vec;
use model::{Duration, Keys, LegEvent, LegId, Number, Phrase, Sound, Time, TimerId, voice_file};
use serde::{Deserialize, Serialize};

/// Somebody listens to messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MailboxListen {
    round: Round,
    stage: Stage,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Stage {
    /// It is said which message follows.
    Introduces(Saying),
    /// The message is heard, from so far into it, since then.
    Plays(Saying, Duration, Time),
    /// It is not, and goes on from so far into it.
    Pauses(Duration, TimerId),
    /// He says what becomes of it.
    Chooses(Choice),
}

impl MailboxListen {
    /// Begins with the message where a round is.
    pub(super) fn begin(round: Round, cx: &mut Cx<'_>) -> Phase {
        let speech = cx.speech(round.session.caller);
        let speech = details::introduction(&round, speech, cx);
        let caller = round.session.caller;
        let saying = Saying::begin(caller, speech, Keys::CutShort, PHRASES_MAX, cx);
        Self {
            round,
            stage: Stage::Introduces(saying),
        }
        .into()
    }

    /// Says something, and what can be done with the message.
    pub(super) fn menu(round: Round, before: Speech, cx: &mut Cx<'_>) -> Phase {
        let choice = Choice::menu(round.session.caller, before, &MESSAGE, cx);
        Self {
            round,
            stage: Stage::Chooses(choice),
        }
        .into()
    }

    fn menu_after(round: Round, what: Phrase, cx: &mut Cx<'_>) -> Phase {
        let speech = cx.speech(round.session.caller).phrase(what);
        Self::menu(round, speech, cx)
    }

    /// Plays the message from so far into it.
    fn play(mut round: Round, from: Duration, cx: &mut Cx<'_>) -> Phase {
        round.is_heard(cx);
        let rest = round.message.length.saturating_sub(from);
        if rest.is_zero() && !from.is_zero() {
            let nothing = cx.speech(round.session.caller);
            return Self::menu(round, nothing, cx);
        }
        let caller = round.session.caller;
        let speech = cx.speech(caller).sound(part(&round, from));
        let saying = Saying::begin(caller, speech, Keys::CutShort, rest + GRACE, cx);
        let stage = Stage::Plays(saying, from, cx.now().mono);
        Self { round, stage }.into()
    }

    /// A key while the message is not at rest. `heard`: how much of it was.
    fn key_during(round: Round, key: char, heard: Duration, cx: &mut Cx<'_>) -> Phase {
        match key {
            '*' => Self::play(round, heard.saturating_sub(STEP), cx),
            '#' => Self::play(round, heard + STEP, cx),
            key => Self::does(round, key, cx),
        }
    }

    fn does(mut round: Round, key: char, cx: &mut Cx<'_>) -> Phase {
        let speech = cx.speech(round.session.caller);
        match MESSAGE.does(key) {
            Some(Does::Repeat) => Self::play(round, Duration::ZERO, cx),
            Some(Does::Next) => Self::go(round.next(), cx),
            Some(Does::Previous) => Self::go(round.previous(), cx),
            Some(Does::Details) => {
                let speech = details::all(&round.message, speech, cx);
                Self::menu(round, speech, cx)
            }
            Some(Does::Delete) => {
                let what = match round.toggle() {
                    true => phrase::MESSAGE_DELETED,
                    false => phrase::MESSAGE_RESTORED,
                };
                Self::menu_after(round, what, cx)
            }
            Some(Does::Save) => {
                round.keep();
                round.is_heard(cx);
                Self::menu_after(round, phrase::MESSAGE_SAVED, cx)
            }
            Some(Does::Forward) => MailboxForward::begin(round, cx),
            Some(Does::CallBack) => Self::call_back(round, cx),
            Some(Does::Main) => {
                let session = round.session;
                round.finish(cx);
                session.main(cx)
            }
            Some(Does::Options) => Self::menu(round, speech, cx),
            None => Self::menu_after(round, phrase::INVALID_ENTRY, cx),
        }
    }

    fn go(there: Result<Round, Round>, cx: &mut Cx<'_>) -> Phase {
        match there {
            Ok(round) => Self::begin(round, cx),
            Err(round) => Self::menu_after(round, phrase::NO_MORE_MESSAGES, cx),
        }
    }

    /// Calls whoever left the message, with the rights of the mailbox's owner. Nobody who came in from outside gets out
    /// again that way.
    fn call_back(round: Round, cx: &mut Cx<'_>) -> Phase {
        let (caller, owner) = (round.session.caller, round.session.owner);
        let Some(number) = round.message.from.number else {
            return Self::menu_after(round, phrase::FROM_UNKNOWN, cx);
        };
        let Some(to) = callable(number, caller, owner, cx) else {
            return Self::menu_after(round, phrase::NOT_ALLOWED, cx);
        };
        round.finish(cx);
        routing::send(caller, to, owner, cx)
    }

    fn choosing(round: Round, choice: Choice, event: Event, cx: &mut Cx<'_>) -> Phase {
        match choice.on(event, cx) {
            Chosen::More(choice) => Self {
                round,
                stage: Stage::Chooses(choice),
            }
            .into(),
            Chosen::Key(key) => Self::does(round, key, cx),
            Chosen::GaveUp => {
                let session = round.session;
                round.finish(cx);
                session.leave(phrase::THANK_YOU_GOODBYE, cx)
            }
        }
    }

    fn introducing(round: Round, saying: Saying, event: &Event, cx: &mut Cx<'_>) -> Phase {
        if saying.is_over(event, cx) {
            return Self::play(round, Duration::ZERO, cx);
        }
        let Some(key) = key(event) else {
            let stage = Stage::Introduces(saying);
            return Self { round, stage }.into();
        };
        saying.stop(cx);
        match key {
            '#' => Self::play(round, Duration::ZERO, cx),
            key => Self::does(round, key, cx),
        }
    }

    fn playing(
        round: Round,
        (saying, from, since): (Saying, Duration, Time),
        event: &Event,
        cx: &mut Cx<'_>,
    ) -> Phase {
        if saying.is_over(event, cx) {
            let nothing = cx.speech(round.session.caller);
            return Self::menu(round, nothing, cx);
        }
        let Some(key) = key(event) else {
            let stage = Stage::Plays(saying, from, since);
            return Self { round, stage }.into();
        };
        saying.stop(cx);
        let heard = from + cx.now().mono.since(since);
        match key {
            '0' => {
                let stage = Stage::Pauses(heard, cx.timer(PAUSE_MAX));
                Self { round, stage }.into()
            }
            key => Self::key_during(round, key, heard, cx),
        }
    }

    fn pausing(
        round: Round,
        heard: Duration,
        timer: TimerId,
        event: &Event,
        cx: &mut Cx<'_>,
    ) -> Phase {
        if *event == Event::Timer(timer) {
            let nothing = cx.speech(round.session.caller);
            return Self::menu(round, nothing, cx);
        }
        let Some(key) = key(event) else {
            let stage = Stage::Pauses(heard, timer);
            return Self { round, stage }.into();
        };
        cx.cancel(timer);
        match key {
            '0' => Self::play(round, heard, cx),
            key => Self::key_during(round, key, heard, cx),
        }
    }
}

/// A message without its beginning.
fn part(round: &Round, from: Duration) -> Sound {
    let file = voice_file(round.message.id);
    match from {
        Duration::ZERO => Sound::File(file),
        from => Sound::FileFrom(file, from),
    }
}

const fn key(event: &Event) -> Option<char> {
    match event {
        Event::Leg(_, LegEvent::Digit(key)) => Some(key.as_char()),
        _ => None,
    }
}

/// What is dialled to call somebody back who called from that number.
fn callable(number: Number, caller: LegId, owner: Number, cx: &Cx<'_>) -> Option<Number> {
    if cx.directory().extension(&number).is_some() {
        return Some(number);
    }
    cx.extension(caller)?;
    cx.view().dialled_to(&number, &owner)
}

impl Feature for MailboxListen {
    fn on(self, event: Event, cx: &mut Cx<'_>) -> Phase {
        if let Event::Leg(_, LegEvent::HungUp(cause)) = event {
            self.put_away(cx);
            return cx.end(cause);
        }
        let Self { round, stage } = self;
        match stage {
            Stage::Introduces(saying) => Self::introducing(round, saying, &event, cx),
            Stage::Plays(saying, from, since) => {
                Self::playing(round, (saying, from, since), &event, cx)
            }
            Stage::Pauses(heard, timer) => Self::pausing(round, heard, timer, &event, cx),
            Stage::Chooses(choice) => Self::choosing(round, choice, event, cx),
        }
    }

    fn put_away(self, cx: &mut Cx<'_>) {
        self.round.finish(cx);
    }

    fn legs(&self) -> Vec<LegId> {
        vec![self.round.session.caller]
    }

    fn timers(&self) -> Vec<TimerId> {
        vec![match &self.stage {
            Stage::Introduces(saying) | Stage::Plays(saying, ..) => saying.timer(),
            Stage::Pauses(_, timer) => *timer,
            Stage::Chooses(choice) => choice.timer(),
        }]
    }
}

/// How far a key goes back or on (CHECKLIST §4).
const STEP: Duration = Duration::from_secs(3);
/// How long a message may be paused.
const PAUSE_MAX: Duration = Duration::from_secs(300);
/// How much later than it should the end of a message may be reported.
const GRACE: Duration = Duration::from_secs(10);
