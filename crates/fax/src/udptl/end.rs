//! One end of a fax over the network, with datagrams in and out.

use super::{Inbound, Malformed, Outbound};
use crate::engine::{Error, Job, Progress, RATE, T38};

/// A fax over T.38 and the datagrams that carry it.
#[derive(Debug)]
pub struct End {
    t38: T38,
    inbound: Inbound,
    outbound: Outbound,
    last: Vec<u8>,
    /// Samples since the last new datagram, and how often that was sent.
    idle: usize,
    sent: u8,
}

impl End {
    /// Begins a call of which both sides agreed on T.38.
    ///
    /// # Errors
    /// When the job cannot be done by any machine.
    pub fn new(job: &Job, outbound: Outbound) -> Result<Self, Error> {
        Ok(Self {
            t38: T38::new(job)?,
            inbound: Inbound::default(),
            outbound,
            last: Vec::new(),
            idle: 0,
            sent: 0,
        })
    }

    /// Takes a datagram.
    ///
    /// # Errors
    /// When it is none; nothing changes then.
    pub fn take(&mut self, datagram: &[u8]) -> Result<(), Malformed> {
        for (number, packet) in self.inbound.take(datagram)? {
            self.t38.take(number, &packet);
        }
        Ok(())
    }

    /// Takes that time went by, in samples; returns the datagrams to be sent.
    ///
    /// The last datagram before a pause is repeated in it: nothing follows that would repeat its packet.
    pub fn elapse(&mut self, samples: usize) -> Vec<Vec<u8>> {
        self.t38.elapse(samples);
        let mut datagrams: Vec<Vec<u8>> = self
            .t38
            .packets()
            .iter()
            .map(|packet| self.outbound.datagram(packet))
            .collect();
        if let Some(last) = datagrams.last() {
            self.last.clone_from(last);
            (self.idle, self.sent) = (0, 1);
        } else {
            self.idle += samples;
            if (1..=REPEATS).contains(&self.sent)
                && self.idle >= REPEAT_AFTER * usize::from(self.sent)
            {
                self.sent += 1;
                datagrams.push(self.last.clone());
            }
        }
        datagrams
    }

    /// What happened since it was asked last.
    pub fn progress(&mut self) -> Option<Progress> {
        self.t38.progress()
    }

    /// The call is gone.
    pub fn hang_up(&mut self) {
        self.t38.hang_up();
    }

    /// Ends it because somebody wants so.
    pub fn cancel(&mut self) {
        self.t38.cancel();
    }
}

/// How often the last datagram before a pause is repeated.
const REPEATS: u8 = 3;

/// The time between: 60 ms, longer than data takes to follow.
const REPEAT_AFTER: usize = 60 * RATE as usize / 1_000;
