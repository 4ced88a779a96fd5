//! A fax over sound: linear samples, 8,000 a second, as they come from and go to G.711.

use super::call::{Call, Progress};
use super::spandsp::Modem;
use super::{Error, Job};
use crate::Reason;

/// One end of a fax over sound.
#[derive(Debug)]
pub struct Audio {
    modem: Modem,
    call: Call,
    /// What was heard last, for what is lost.
    last: Vec<i16>,
}

impl Audio {
    /// Begins a call that is answered.
    ///
    /// # Errors
    /// When the job cannot be done by any machine.
    pub fn new(job: &Job) -> Result<Self, Error> {
        let (modem, t30) = Modem::new(job)?;
        Ok(Self {
            modem,
            call: Call::new(t30),
            last: Vec::new(),
        })
    }

    /// Takes what the line brings.
    pub fn hear(&mut self, samples: &[i16]) {
        if self.call.ended() {
            return;
        }
        if samples.iter().any(|sample| sample.unsigned_abs() > AUDIBLE) {
            self.call.life();
        }
        self.last.clear();
        self.last.extend(samples.iter().take(BLOCK_MAX).copied());
        self.modem.hear(samples);
        self.call.elapse(samples.len());
    }

    /// Takes that as many samples are lost on the way. They are made up by those before: a modem that hears
    /// silence believes that the carrier ended.
    pub fn miss(&mut self, samples: usize) {
        let mut block = std::mem::take(&mut self.last);
        if block.is_empty() {
            block.push(0);
        }
        let made_up: Vec<i16> = block
            .iter()
            .cycle()
            .take(samples.min(BLOCK_MAX))
            .copied()
            .collect();
        self.hear(&made_up);
    }

    /// Gives what the line takes; silence when there is nothing to say.
    pub fn speak(&mut self, samples: &mut [i16]) {
        samples.fill(0);
        if self.call.ended() {
            return;
        }
        self.modem.speak(samples);
        if samples.iter().any(|sample| sample.unsigned_abs() > AUDIBLE) {
            self.call.life();
        }
        self.call.look();
    }

    /// What happened since it was asked last.
    pub fn progress(&mut self) -> Option<Progress> {
        self.call.next()
    }

    /// The line is gone.
    pub fn hang_up(&mut self) {
        self.call.abandon(Reason::Dropped);
    }

    /// Ends it because somebody wants so.
    pub fn cancel(&mut self) {
        self.call.abandon(Reason::Cancelled);
    }
}

/// Louder than the noise of a line, about -54 dBm0.
const AUDIBLE: u16 = 64;

/// Samples of a block that are kept for what may be lost: 100 ms.
const BLOCK_MAX: usize = 800;
