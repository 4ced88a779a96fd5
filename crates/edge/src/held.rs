//! Answers that wait until what they say is on disk (DESIGN §11: commit, then acknowledge).

use crate::Ticket;
use model::{Duration, Time};
use sip::message::Response;
use sip::transaction::ServerId;
use std::collections::BTreeMap;

/// Answers that wait for a commit.
#[derive(Debug, Default)]
pub(crate) struct Held {
    answers: BTreeMap<Ticket, Answer>,
    last: u64,
}

#[derive(Debug)]
struct Answer {
    to: ServerId,
    response: Response,
    until: Time,
}

impl Held {
    /// Holds an answer; the ticket is for [`crate::Output::Barrier`].
    pub(crate) fn hold(&mut self, now: Time, to: ServerId, response: Response) -> Ticket {
        self.last += 1;
        let ticket = Ticket(self.last);
        let until = now + HELD_FOR;
        self.answers.insert(
            ticket,
            Answer {
                to,
                response,
                until,
            },
        );
        ticket
    }

    /// What may be sent after the commit that carries this ticket.
    pub(crate) fn committed(&mut self, ticket: Ticket) -> Option<(ServerId, Response)> {
        self.answers
            .remove(&ticket)
            .map(|answer| (answer.to, answer.response))
    }

    /// What has waited for long enough: a slow disk must not make phones repeat themselves.
    pub(crate) fn timeout(&mut self, now: Time) -> Option<(ServerId, Response)> {
        // Tickets are given in order of time, so the first waits longest.
        let (&ticket, answer) = self.answers.first_key_value()?;
        if answer.until > now {
            return None;
        }
        self.committed(ticket)
    }

    /// When [`Self::timeout`] has something to do.
    pub(crate) fn next_deadline(&self) -> Option<Time> {
        self.answers
            .first_key_value()
            .map(|(_, answer)| answer.until)
    }
}

/// How long an answer waits for the disk.
const HELD_FOR: Duration = Duration::from_millis(500);
