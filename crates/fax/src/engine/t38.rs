//! A fax over the network: T.38 packets (IFP), whatever carries them.

use super::call::{Call, Progress};
use super::spandsp::Terminal;
use super::{Error, Job};
use crate::Reason;

/// One end of a fax over T.38.
#[derive(Debug)]
pub struct T38 {
    terminal: Terminal,
    call: Call,
}

impl T38 {
    /// Begins a call of which both sides agreed on T.38.
    ///
    /// # Errors
    /// When the job cannot be done by any machine.
    pub fn new(job: &Job) -> Result<Self, Error> {
        let (terminal, t30) = Terminal::new(job)?;
        Ok(Self {
            terminal,
            call: Call::new(t30),
        })
    }

    /// Takes a packet by its number, in order; packets that are missing are skipped.
    pub fn take(&mut self, number: u16, packet: &[u8]) {
        if self.call.ended() || packet.is_empty() || packet.len() > IFP_MAX {
            return;
        }
        self.call.life();
        self.terminal.take(number, packet);
        self.call.look();
    }

    /// Takes that time went by, in samples.
    pub fn elapse(&mut self, samples: usize) {
        if self.call.ended() {
            return;
        }
        self.terminal.elapse(samples);
        if self.terminal.has_packets() {
            self.call.life();
        }
        self.call.elapse(samples);
    }

    /// The packets to be sent, oldest first.
    pub fn packets(&mut self) -> Vec<Vec<u8>> {
        self.terminal.packets()
    }

    /// What happened since it was asked last.
    pub fn progress(&mut self) -> Option<Progress> {
        self.call.next()
    }

    /// The call is gone.
    pub fn hang_up(&mut self) {
        self.call.abandon(Reason::Dropped);
    }

    /// Ends it because somebody wants so.
    pub fn cancel(&mut self) {
        self.call.abandon(Reason::Cancelled);
    }
}

/// Bytes of a packet that is taken: what fits into a datagram and the library's buffers.
pub const IFP_MAX: usize = 400;
