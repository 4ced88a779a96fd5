//! The messages that somebody goes through, one after another.

use super::Session;
use crate::cx::Cx;
use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;
use model::{Heard, MailboxChange, Message, Question, RecordingId};
use serde::{Deserialize, Serialize};

/// The messages of one kind as they were when the listener began, and which of them he hears.
///
/// A message that he deletes is gone when he leaves the round, however he does that; until then he may restore it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Round {
    pub(super) session: Session,
    /// The one he hears.
    pub(super) message: Message,
    messages: Vec<Message>,
    at: usize,
    deleted: BTreeSet<RecordingId>,
}

/// Where in a round a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Position {
    First,
    /// Counted from 1.
    Nth(u32),
    Last,
}

impl Round {
    /// Begins with the first; `None`: there are no messages.
    pub(super) fn begin(session: Session, messages: Vec<Message>) -> Option<Self> {
        Some(Self {
            session,
            message: messages.first()?.clone(),
            messages,
            at: 0,
            deleted: BTreeSet::new(),
        })
    }

    /// Goes to the message after this one, if there is one.
    pub(super) fn next(self) -> Result<Self, Self> {
        let to = self.at.checked_add(1);
        self.go(to)
    }

    /// Goes to the message before this one, if there is one.
    pub(super) fn previous(self) -> Result<Self, Self> {
        let to = self.at.checked_sub(1);
        self.go(to)
    }

    fn go(mut self, to: Option<usize>) -> Result<Self, Self> {
        let there = to.and_then(|to| Some((to, self.messages.get(to)?.clone())));
        match there {
            Some((at, message)) => {
                (self.at, self.message) = (at, message);
                Ok(self)
            }
            None => Err(self),
        }
    }

    pub(super) fn position(&self) -> Position {
        match self.at {
            0 => Position::First,
            at if at + 1 == self.messages.len() => Position::Last,
            at => Position::Nth(u32::try_from(at).unwrap_or(u32::MAX).saturating_add(1)),
        }
    }

    /// The listener hears the message: it is no longer new, on all his phones and in the portal.
    pub(super) fn is_heard(&mut self, cx: &mut Cx<'_>) {
        if self.message.heard == Heard::New {
            self.message.heard = Heard::Old;
            if let Some(message) = self.messages.get_mut(self.at) {
                message.heard = Heard::Old;
            }
            self.change(MailboxChange::Mark(vec![self.message.id], Heard::Old), cx);
        }
    }

    /// Deletes the message, or restores it. `true`: it is deleted.
    pub(super) fn toggle(&mut self) -> bool {
        let id = self.message.id;
        let restored = self.deleted.remove(&id);
        if !restored {
            self.deleted.insert(id);
        }
        !restored
    }

    /// Keeps the message, also if it was deleted.
    pub(super) fn keep(&mut self) {
        self.deleted.remove(&self.message.id);
    }

    /// The round is over.
    pub(super) fn finish(self, cx: &mut Cx<'_>) {
        if !self.deleted.is_empty() {
            let deleted = self.deleted.iter().copied().collect();
            self.change(MailboxChange::Delete(deleted), cx);
        }
    }

    fn change(&self, change: MailboxChange, cx: &mut Cx<'_>) {
        cx.tell(Question::MailboxChange(self.session.owner, change));
    }
}
