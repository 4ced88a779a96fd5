//! The mailboxes of an office, as the store of a real server keeps them.

use super::Office;
use crate::dictations::length;
use model::{
    Fact, Heard, Mailbox, MailboxChange, Message, MessageCounts, Number, RecordingId, voice_file,
};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// All mailboxes, with the folder of their files.
#[derive(Debug)]
pub(super) struct Mailboxes {
    files: PathBuf,
    mailboxes: BTreeMap<Number, Mailbox>,
    /// Messages that are being left.
    drafts: BTreeMap<RecordingId, (Number, Message)>,
    copies: u64,
}

impl Mailboxes {
    pub(super) const fn new(files: PathBuf) -> Self {
        Self {
            files,
            mailboxes: BTreeMap::new(),
            drafts: BTreeMap::new(),
            copies: 0,
        }
    }

    pub(super) fn of(&self, number: &Number) -> Mailbox {
        self.mailboxes.get(number).cloned().unwrap_or_default()
    }

    pub(super) fn note(&mut self, fact: &Fact) {
        if let Fact::MessageBegun { mailbox, message } = fact {
            let draft = (*mailbox, message.clone());
            self.drafts.insert(message.id, draft);
        }
    }

    /// A file is of no use.
    pub(super) fn discard(&mut self, recording: RecordingId) {
        self.drafts.remove(&recording);
        // Nothing may have been taken down.
        let _ = fs::remove_file(self.file(recording));
    }

    /// The server starts: whatever was being left is a message as long as its file.
    pub(super) fn recover(&mut self) {
        for (id, (number, mut message)) in std::mem::take(&mut self.drafts) {
            if let Some(length) = length(&self.file(id)) {
                message.length = length;
                let mailbox = self.mailboxes.entry(number).or_default();
                mailbox.messages.push(message);
            }
        }
    }

    /// Changes a mailbox; `None` when nothing of the kind is there.
    pub(super) fn change(&mut self, number: Number, change: MailboxChange) -> Option<()> {
        let mailbox = self.mailboxes.entry(number).or_default();
        match change {
            MailboxChange::Deliver(mut message) => {
                let file = self.files.join(voice_file(message.id));
                message.length = length(&file)?;
                self.drafts.remove(&message.id);
                mailbox.messages.push(message);
            }
            MailboxChange::Mark(ids, heard) => {
                let messages = mailbox.messages.iter_mut();
                for message in messages.filter(|message| ids.contains(&message.id)) {
                    message.heard = heard;
                }
            }
            MailboxChange::Delete(ids) => {
                mailbox
                    .messages
                    .retain(|message| !ids.contains(&message.id));
                ids.into_iter().for_each(|id| self.discard(id));
            }
            MailboxChange::Forward { message, to } => {
                let known = mailbox.messages.iter().find(|known| known.id == message);
                let mut copy = known?.clone();
                self.copies += 1;
                copy.id = RecordingId(COPIES + self.copies);
                copy.heard = Heard::New;
                fs::copy(self.file(message), self.file(copy.id)).ok()?;
                self.mailboxes.entry(to).or_default().messages.push(copy);
            }
            MailboxChange::Greet(kind, greeting) => {
                let before = match greeting {
                    Some(greeting) => mailbox.greetings.insert(kind, greeting),
                    None => mailbox.greetings.remove(&kind),
                };
                if let Some(before) = before {
                    self.discard(before);
                }
            }
        }
        Some(())
    }

    fn file(&self, recording: RecordingId) -> PathBuf {
        self.files.join(voice_file(recording))
    }
}

impl Office {
    /// What is in the mailbox of an extension.
    ///
    /// # Panics
    /// When the extension is no number.
    #[must_use]
    pub fn mailbox(&self, extension: &str) -> Mailbox {
        let number = extension.parse().expect("the number of an extension");
        self.mailboxes.of(&number)
    }

    /// Changes the mailbox of an extension, as its owner does in the portal.
    ///
    /// # Panics
    /// When the extension is no number.
    pub fn change_mailbox(&mut self, extension: &str, change: MailboxChange) {
        let number = extension.parse().expect("the number of an extension");
        let _ = self.mailboxes.change(number, change);
        self.show_messages();
        self.work();
    }

    /// Lets the edge know how many messages there are; it tells whom that is new.
    pub(super) fn show_messages(&mut self) {
        let mailboxes: Vec<_> = self.mailboxes.mailboxes.keys().copied().collect();
        for mailbox in mailboxes {
            let counts = self.messages(mailbox.as_str());
            self.edge.messages(self.now, mailbox, counts);
        }
        self.edge_worked();
    }

    /// How many messages are in the mailbox of an extension.
    ///
    /// # Panics
    /// When the extension is no number.
    #[must_use]
    pub fn messages(&self, extension: &str) -> MessageCounts {
        let mailbox = self.mailbox(extension);
        let count = |heard| {
            let messages = mailbox.messages.iter();
            messages.filter(|message| message.heard == heard).count() as u32
        };
        MessageCounts {
            new: count(Heard::New),
            old: count(Heard::Old),
        }
    }

    /// What is said in a message or greeting, at 8 kHz; nothing when there is no such file.
    #[must_use]
    pub fn taken_down(&self, recording: RecordingId) -> Vec<i16> {
        let file = self.mailboxes.file(recording);
        media::wav::read_file(Path::new(&file), crate::voice::RATE_HZ).unwrap_or_default()
    }

    /// Whether a phone has heard a message or greeting in the last half minute.
    #[must_use]
    pub fn hears_recording(&self, phone: super::PhoneId, recording: RecordingId) -> bool {
        let heard = self[phone].heard_within(model::Duration::from_secs(30));
        crate::ears::is_among(&self.taken_down(recording), &heard)
    }
}

/// Above all numbers of the switch.
const COPIES: u64 = 1 << 52;
