//! What the switch cannot know or do by itself.

use super::Signalling;
use crate::serve::addresses;
use crate::serve::inbox::Event;
use model::{Input, Number, Question, QuestionId, Reply, Site};
use std::sync::Arc;
use store::WriteError;

impl Signalling {
    pub(super) fn ask(&mut self, question: QuestionId, what: Question) {
        match what {
            Question::Addresses => {
                let (wan, lan) = (addresses::wan(), addresses::lan());
                let reply = Reply::Addresses { wan, lan };
                self.next.push_back(Input::Answer(question, reply));
            }
            Question::LastCaller(extension) => self.ask_for_the_last_caller(question, extension),
            Question::Mailbox(number) => self.look_into(question, number),
            Question::MailboxChange(number, change) => {
                self.change_mailbox(question, number, change);
            }
            Question::Save(change) => {
                let inbox = self.inbox.clone();
                let told = move |outcome| inbox.tell(Event::Saved(question, outcome));
                self.store.save_change_then(change, told);
            }
        }
    }

    /// Asks the records, once those of the calls that have just ended are among them.
    pub(super) fn ask_for_the_last_caller(&self, question: QuestionId, extension: Number) {
        let (store, inbox) = (self.store.clone(), self.inbox.clone());
        let runtime = self.streams.runtime().clone();
        self.store.barrier_then(move |_| {
            runtime.spawn(async move {
                let reply = match store.last_caller(&extension).await {
                    Ok(last) => Reply::LastCaller(last),
                    Err(error) => {
                        tracing::error!(%error, "the last caller cannot be read");
                        Reply::NotSaved
                    }
                };
                inbox.tell(Event::Known(question, reply));
            });
        });
    }

    pub(super) fn saved(&mut self, question: QuestionId, outcome: Result<Arc<Site>, WriteError>) {
        let reply = match outcome {
            // The store has told of the new configuration before.
            Ok(_) => Reply::Saved,
            Err(error) => {
                tracing::error!(%error, "a setting was not saved");
                Reply::NotSaved
            }
        };
        self.next.push_back(Input::Answer(question, reply));
    }
}
