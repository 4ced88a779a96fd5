//! Mailboxes, as calls see them: the store keeps them, media writes their files.

use super::Signalling;
use crate::serve::inbox::Event;
use model::{Effect, MailboxChange, Message, Number, QuestionId, RecordingId, Reply};
use store::WriteError;

impl Signalling {
    /// Tells the switch what is in a mailbox.
    pub(super) fn look_into(&self, question: QuestionId, mailbox: Number) {
        let (store, inbox) = (self.store.clone(), self.inbox.clone());
        self.streams.runtime().spawn(async move {
            let reply = match store.mailbox(&mailbox).await {
                Ok(mailbox) => Reply::Mailbox(mailbox),
                Err(error) => {
                    tracing::error!(%error, %mailbox, "a mailbox cannot be read");
                    Reply::NotSaved
                }
            };
            inbox.tell(Event::Known(question, reply));
        });
    }

    /// Changes a mailbox. A message is delivered when its file is whole, and is as long as that.
    pub(super) fn change_mailbox(
        &self,
        question: QuestionId,
        mailbox: Number,
        change: MailboxChange,
    ) {
        let (store, inbox) = (self.store.clone(), self.inbox.clone());
        let told = move |outcome: Result<(), WriteError>| {
            let reply = match outcome {
                Ok(()) => Reply::Saved,
                Err(error) => {
                    tracing::warn!(%error, %mailbox, "a mailbox was not changed");
                    Reply::NotSaved
                }
            };
            inbox.tell(Event::Known(question, reply));
        };
        match change {
            MailboxChange::Deliver(message) => {
                self.plane
                    .when_written(message.id, move |length| match length {
                        Some(length) => {
                            let change = MailboxChange::Deliver(Message { length, ..message });
                            store.change_mailbox_then(mailbox, change, told);
                        }
                        None => told(Err(WriteError::Gone)),
                    });
            }
            MailboxChange::Greet(kind, Some(greeting)) => {
                self.plane
                    .when_written(greeting, move |length| match length {
                        Some(_) => {
                            let change = MailboxChange::Greet(kind, Some(greeting));
                            store.change_mailbox_then(mailbox, change, told);
                        }
                        None => told(Err(WriteError::Gone)),
                    });
            }
            change @ (MailboxChange::Mark(..)
            | MailboxChange::Delete(_)
            | MailboxChange::Forward { .. }
            | MailboxChange::Greet(_, None)) => {
                store.change_mailbox_then(mailbox, change, told);
            }
        }
    }

    /// What was taken down is of no use.
    pub(super) fn discard(&mut self, recording: RecordingId) {
        self.store.discard_message(recording);
        self.plane.perform(&Effect::Discard(recording));
    }
}
