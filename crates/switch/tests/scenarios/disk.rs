//! The disk of a simulated office: mailboxes, and files of what was said.

use crate::office::{Office, number};
use model::{
    Effect, Fact, GreetingKind, Heard, Input, LegEvent, LegId, Mailbox, MailboxChange, Message,
    Number, Party, Question, RecordingId, Reply, Wall,
};
use std::collections::{BTreeMap, BTreeSet};

/// What is kept of voices.
#[derive(Debug, Default)]
pub(crate) struct Disk {
    pub(crate) mailboxes: BTreeMap<Number, Mailbox>,
    /// Files that were begun, and who still speaks into them.
    pub(crate) files: BTreeMap<RecordingId, Option<LegId>>,
    /// Messages that would be kept if the power failed.
    pub(crate) drafts: BTreeMap<RecordingId, Message>,
    /// Mailboxes that were too full for somebody.
    pub(crate) full: Vec<Number>,
    /// What did not open for somebody.
    pub(crate) refused: Vec<(LegId, Option<Number>)>,
}

impl Disk {
    pub(crate) fn perform(&mut self, effect: &Effect) {
        match effect {
            Effect::TakeDown { leg, recording, .. } => {
                let new = self.files.insert(*recording, Some(*leg));
                assert_eq!(new, None, "a file is begun once");
            }
            Effect::StopRecording(recording) => {
                if let Some(file) = self.files.get_mut(recording) {
                    assert!(file.take().is_some(), "a file is closed once");
                }
            }
            Effect::Discard(recording) => {
                let file = self.files.remove(recording);
                assert_eq!(file, Some(None), "what is discarded was closed");
                self.drafts.remove(recording);
            }
            Effect::Fact(Fact::MessageBegun { message, .. }) => {
                self.drafts.insert(message.id, message.clone());
            }
            Effect::Fact(Fact::MailboxFull(of)) => self.full.push(*of),
            Effect::Fact(Fact::PinRefused { leg, of }) => self.refused.push((*leg, *of)),
            _ => {}
        }
    }

    pub(crate) fn speaking(&self) -> Vec<RecordingId> {
        let open = self.files.iter().filter(|(_, leg)| leg.is_some());
        open.map(|(id, _)| *id).collect()
    }

    fn change(&mut self, of: Number, change: &MailboxChange) {
        let mailbox = self.mailboxes.entry(of).or_default();
        match change {
            MailboxChange::Deliver(message) => {
                assert_eq!(self.files.get(&message.id), Some(&None), "a closed file");
                assert!(self.drafts.remove(&message.id).is_some(), "delivered once");
                mailbox.messages.push(message.clone());
            }
            MailboxChange::Mark(ids, heard) => {
                let ids: BTreeSet<_> = ids.iter().collect();
                for message in &mut mailbox.messages {
                    if ids.contains(&message.id) {
                        message.heard = *heard;
                    }
                }
            }
            MailboxChange::Delete(ids) => {
                mailbox
                    .messages
                    .retain(|message| !ids.contains(&message.id));
            }
            MailboxChange::Forward { message, to } => {
                let copied = mailbox.messages.iter().find(|it| it.id == *message);
                let copied = Message {
                    heard: Heard::New,
                    ..copied.unwrap().clone()
                };
                self.mailboxes.entry(*to).or_default().messages.push(copied);
            }
            MailboxChange::Greet(kind, Some(file)) => {
                assert_eq!(self.files.get(file), Some(&None), "a closed file");
                mailbox.greetings.insert(*kind, *file);
            }
            MailboxChange::Greet(kind, None) => {
                mailbox.greetings.remove(kind);
            }
        }
    }
}

impl Office {
    /// The disk does all it was asked for about mailboxes.
    pub(crate) fn disk_works(&mut self) -> &mut Self {
        loop {
            let about_mailboxes = |question: &Question| {
                matches!(question, Question::Mailbox(_) | Question::MailboxChange(..))
            };
            let next = self
                .questions
                .iter()
                .position(|(_, it)| about_mailboxes(it));
            let Some(next) = next else {
                return self;
            };
            let (id, question) = self.questions.remove(next);
            let reply = match question {
                Question::Mailbox(of) => {
                    let mailbox = self.disk.mailboxes.get(&of).cloned();
                    Reply::Mailbox(mailbox.unwrap_or_default())
                }
                Question::MailboxChange(of, change) => {
                    self.disk.change(of, &change);
                    Reply::Saved
                }
                other => panic!("{other:?} is not about mailboxes"),
            };
            self.give(Input::Answer(id, reply));
        }
    }

    /// The disk cannot do what it was asked for last.
    pub(crate) fn disk_fails(&mut self) -> &mut Self {
        self.replies(Reply::NotSaved)
    }

    /// Nothing was said for too long into the file that somebody speaks into.
    pub(crate) fn falls_silent(&mut self, party: &str) -> &mut Self {
        self.file_event(party, LegEvent::Silent)
    }

    pub(crate) fn disk_is_full(&mut self, party: &str) -> &mut Self {
        let leg = self.leg(party);
        let file = self.disk.files.iter_mut().find(|(_, by)| **by == Some(leg));
        let (recording, by) = file.expect("somebody speaks");
        *by = None;
        let event = LegEvent::RecordingFailed(*recording);
        self.give(Input::Leg(leg, event))
    }

    fn file_event(&mut self, party: &str, event: fn(RecordingId) -> LegEvent) -> &mut Self {
        let leg = self.leg(party);
        let file = self.disk.files.iter().find(|(_, by)| **by == Some(leg));
        let recording = *file.expect("somebody speaks").0;
        self.give(Input::Leg(leg, event(recording)))
    }

    /// What is in a mailbox.
    pub(crate) fn mailbox(&mut self, of: &str) -> &mut Mailbox {
        self.disk.mailboxes.entry(number(of)).or_default()
    }

    /// A message from somebody is in a mailbox.
    pub(crate) fn has_message(&mut self, of: &str, id: u64, from: &str, heard: Heard) -> &mut Self {
        let at = Wall(self.now.wall.0 - 60_000);
        let message = Message {
            id: RecordingId(id),
            at,
            from: Party {
                number: Number::parse(from).ok(),
                name: String::new(),
            },
            length: model::Duration::from_secs(20),
            heard,
        };
        self.mailbox(of).messages.push(message);
        self
    }

    /// A greeting is recorded.
    pub(crate) fn has_greeting(&mut self, of: &str, kind: GreetingKind, id: u64) -> &mut Self {
        self.mailbox(of).greetings.insert(kind, RecordingId(id));
        self
    }
}
