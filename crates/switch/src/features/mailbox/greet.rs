//! Recording a greeting (VM-10). The one there was stays until another is accepted.

use super::greeting::{Does, GREETING};
use super::options::Desk;
use crate::asking::{Asking, Told};
use crate::choice::{Choice, Chosen};
use crate::cx::Cx;
use crate::features::{Event, Feature, Phase, save};
use crate::phrase;
use crate::saying::{PHRASES_MAX, Saying};
use crate::speech::Speech;
use crate::take::{End, Limits, Spoken, Take, Taken};
use alloc::vec;
use alloc::vec::Vec;
use model::{
    Duration, GreetingKind, Keys, LegEvent, LegId, MailboxChange, Phrase, Question, QuestionId,
    RecordingId, Reply, Sound, TimerId, Tone, voice_file,
};
use serde::{Deserialize, Serialize};

/// An owner records a greeting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MailboxGreeting {
    desk: Desk,
    kind: GreetingKind,
    /// What he has just recorded.
    taken: Option<RecordingId>,
    stage: Stage,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Stage {
    /// He hears what to do, up to the tone.
    Tells(Saying),
    /// He speaks.
    Takes(Take),
    /// He says what becomes of it.
    Chooses(Choice),
    /// He listens to it.
    Hears(Saying),
    /// It becomes the greeting, or there is none any more.
    Saves(Option<RecordingId>, Asking),
}

impl MailboxGreeting {
    /// Asks what becomes of the greeting that there is, or has one recorded.
    pub(super) fn begin(desk: Desk, kind: GreetingKind, cx: &mut Cx<'_>) -> Phase {
        let there_is_one = desk.greetings.contains_key(&kind);
        let nothing = cx.speech(desk.session.caller);
        match there_is_one {
            true => Self::menu(desk, kind, None, nothing, cx),
            false => Self::record(desk, kind, cx),
        }
    }

    fn record(desk: Desk, kind: GreetingKind, cx: &mut Cx<'_>) -> Phase {
        let caller = desk.session.caller;
        let speech = cx.speech(caller).phrase(phrase::RECORD_AFTER_TONE);
        let speech = speech.sound(Sound::Tone(Tone::Beep));
        let saying = Saying::begin(caller, speech, Keys::Report, PHRASES_MAX, cx);
        Self {
            desk,
            kind,
            taken: None,
            stage: Stage::Tells(saying),
        }
        .into()
    }

    fn menu(
        desk: Desk,
        kind: GreetingKind,
        taken: Option<RecordingId>,
        before: Speech,
        cx: &mut Cx<'_>,
    ) -> Phase {
        let choice = Choice::menu(desk.session.caller, before, &GREETING, cx);
        Self {
            desk,
            kind,
            taken,
            stage: Stage::Chooses(choice),
        }
        .into()
    }

    fn telling(mut self, saying: Saying, event: &Event, cx: &mut Cx<'_>) -> Phase {
        let key = match event {
            Event::Leg(_, LegEvent::Digit(key)) => Some(key.as_char()),
            _ => None,
        };
        if saying.is_over(event, cx) {
            let recording = cx.new_recording();
            let take = Take::begin(self.desk.session.caller, recording, LIMITS, cx);
            self.stage = Stage::Takes(take);
        } else if key == Some('#') {
            saying.stop(cx);
            let caller = self.desk.session.caller;
            let tone = cx.speech(caller).sound(Sound::Tone(Tone::Beep));
            let saying = Saying::begin(caller, tone, Keys::Report, PHRASES_MAX, cx);
            self.stage = Stage::Tells(saying);
        }
        self.into()
    }

    fn taken(self, spoken: &Spoken, cx: &mut Cx<'_>) -> Phase {
        let recording = spoken.recording;
        let why = match spoken.end {
            End::Failed => Some(phrase::STORAGE_IS_FULL),
            _ if spoken.said < LENGTH_MIN => Some(phrase::NOTHING_RECORDED),
            End::Finished | End::Silent | End::Full | End::Stopped => None,
        };
        if let Some(why) = why {
            cx.discard(recording);
            return self.desk.menu_after(why, cx);
        }
        let nothing = cx.speech(self.desk.session.caller);
        Self::menu(self.desk, self.kind, Some(recording), nothing, cx)
    }

    fn choosing(mut self, choice: Choice, event: Event, cx: &mut Cx<'_>) -> Phase {
        match choice.on(event, cx) {
            Chosen::More(choice) => {
                self.stage = Stage::Chooses(choice);
                self.into()
            }
            Chosen::Key(key) => self.does(key, cx),
            Chosen::GaveUp => {
                let session = self.desk.session;
                self.put_away(cx);
                session.leave(phrase::THANK_YOU_GOODBYE, cx)
            }
        }
    }

    fn hearing(self, saying: Saying, event: &Event, cx: &mut Cx<'_>) -> Phase {
        if saying.is_over(event, cx) {
            let nothing = cx.speech(self.desk.session.caller);
            return Self::menu(self.desk, self.kind, self.taken, nothing, cx);
        }
        let Event::Leg(_, LegEvent::Digit(key)) = event else {
            return self.into();
        };
        saying.stop(cx);
        self.does(key.as_char(), cx)
    }

    fn does(mut self, key: char, cx: &mut Cx<'_>) -> Phase {
        let caller = self.desk.session.caller;
        let old = self.desk.greetings.get(&self.kind).copied();
        match (GREETING.does(key), self.taken.or(old)) {
            (Some(Does::Accept), _) => match self.taken {
                Some(taken) => self.save(Some(taken), cx),
                None => self.done(phrase::GREETING_SAVED, cx),
            },
            (Some(Does::Listen), Some(heard)) => {
                let speech = cx.speech(caller).sound(Sound::File(voice_file(heard)));
                let longest = LIMITS.longest + GRACE;
                let saying = Saying::begin(caller, speech, Keys::CutShort, longest, cx);
                self.stage = Stage::Hears(saying);
                self.into()
            }
            (Some(Does::Again), _) => {
                self.discard(cx);
                Self::record(self.desk, self.kind, cx)
            }
            (Some(Does::Delete), _) => {
                self.discard(cx);
                match old {
                    Some(_) => self.save(None, cx),
                    None => self.done(phrase::GREETING_DELETED, cx),
                }
            }
            (Some(Does::Listen), None) | (None, _) => {
                let speech = cx.speech(caller).phrase(phrase::INVALID_ENTRY);
                Self::menu(self.desk, self.kind, self.taken, speech, cx)
            }
        }
    }

    fn save(mut self, greeting: Option<RecordingId>, cx: &mut Cx<'_>) -> Phase {
        let change = MailboxChange::Greet(self.kind, greeting);
        let question = Question::MailboxChange(self.desk.session.owner, change);
        let asking = Asking::begin(question, save::SAVING_MAX, cx);
        self.stage = Stage::Saves(greeting, asking);
        self.into()
    }

    fn saving(
        mut self,
        greeting: Option<RecordingId>,
        asking: Asking,
        event: Event,
        cx: &mut Cx<'_>,
    ) -> Phase {
        match (asking.on(event, cx), greeting) {
            (Told::More(asking), greeting) => {
                self.stage = Stage::Saves(greeting, asking);
                self.into()
            }
            (Told::Reply(Reply::Saved), Some(recording)) => {
                self.desk.greetings.insert(self.kind, recording);
                self.done(phrase::GREETING_SAVED, cx)
            }
            (Told::Reply(Reply::Saved), None) => {
                self.desk.greetings.remove(&self.kind);
                self.done(phrase::GREETING_DELETED, cx)
            }
            (Told::Reply(_) | Told::Late, _) => self.done(phrase::SYSTEM_ERROR, cx),
        }
    }

    /// Back to what else can be set.
    fn done(self, what: Phrase, cx: &mut Cx<'_>) -> Phase {
        self.desk.menu_after(what, cx)
    }

    /// What he has just recorded is of no use.
    fn discard(&mut self, cx: &mut Cx<'_>) {
        if let Some(taken) = self.taken.take() {
            cx.discard(taken);
        }
    }
}

impl Feature for MailboxGreeting {
    fn on(self, event: Event, cx: &mut Cx<'_>) -> Phase {
        if let Event::Leg(_, LegEvent::HungUp(cause)) = event {
            self.put_away(cx);
            return cx.end(cause);
        }
        match self.stage.clone() {
            Stage::Tells(saying) => self.telling(saying, &event, cx),
            Stage::Takes(take) => match take.on(event, cx) {
                Taken::More(take) => Self {
                    stage: Stage::Takes(take),
                    ..self
                }
                .into(),
                Taken::Done(spoken) => self.taken(&spoken, cx),
            },
            Stage::Chooses(choice) => self.choosing(choice, event, cx),
            Stage::Hears(saying) => self.hearing(saying, &event, cx),
            Stage::Saves(greeting, asking) => self.saving(greeting, asking, event, cx),
        }
    }

    /// Who hangs up before he has accepted it keeps the greeting he had.
    fn put_away(mut self, cx: &mut Cx<'_>) {
        match self.stage.clone() {
            Stage::Takes(take) => {
                let spoken = take.stop(cx);
                cx.discard(spoken.recording);
            }
            Stage::Chooses(_) | Stage::Hears(_) => self.discard(cx),
            Stage::Tells(_) | Stage::Saves(..) => {}
        }
    }

    fn legs(&self) -> Vec<LegId> {
        vec![self.desk.session.caller]
    }

    fn timers(&self) -> Vec<TimerId> {
        vec![match &self.stage {
            Stage::Tells(saying) | Stage::Hears(saying) => saying.timer(),
            Stage::Takes(take) => take.timer(),
            Stage::Chooses(choice) => choice.timer(),
            Stage::Saves(_, asking) => asking.timer(),
        }]
    }

    fn questions(&self) -> Vec<QuestionId> {
        match &self.stage {
            Stage::Saves(_, asking) => vec![asking.question()],
            Stage::Tells(_) | Stage::Takes(_) | Stage::Chooses(_) | Stage::Hears(_) => Vec::new(),
        }
    }
}

/// How long a greeting may be, and when its end is heard (VM-10). The silence is part of what callers hear.
const LIMITS: Limits = Limits {
    longest: Duration::from_secs(60),
    silence: Duration::from_secs(5),
};
/// What is shorter is nothing.
const LENGTH_MIN: Duration = Duration::from_secs(1);
/// How much later than it should the end of a greeting may be reported.
const GRACE: Duration = Duration::from_secs(10);
