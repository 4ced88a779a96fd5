//! What one leg says and hears, gathered for a recording.

use super::Out;
use super::playout::Playout;
use crate::record::Block;
use model::{RecordingId, RecordingLayout};

/// A recording in progress. The leg's sound goes on as if it were not there.
#[derive(Debug)]
pub(super) struct Tap {
    recording: RecordingId,
    layout: RecordingLayout,
    pub(super) said: Playout,
    pub(super) heard: Playout,
    block: Block,
}

impl Tap {
    /// A recording that begins here.
    pub(super) fn begin(recording: RecordingId, layout: RecordingLayout) -> Self {
        Self {
            recording,
            layout,
            said: Playout::default(),
            heard: Playout::default(),
            block: Block::new(recording),
        }
    }

    /// Its name.
    pub(super) const fn recording(&self) -> RecordingId {
        self.recording
    }

    /// Takes the next 20 ms of both sides.
    pub(super) fn tick(&mut self, out: &mut impl Out) {
        let (mut said, mut heard) = ([0; super::FRAME], [0; super::FRAME]);
        self.said.pull(&mut said);
        self.heard.pull(&mut heard);
        for (said, heard) in said.into_iter().zip(heard) {
            match self.layout {
                RecordingLayout::Stereo => self.block.samples.extend([said, heard]),
                RecordingLayout::Mixed => self.block.samples.push(said.saturating_add(heard)),
            }
        }
        if self.block.is_full() {
            self.hand_over(out);
        }
    }

    /// Gives away what is there.
    pub(super) fn hand_over(&mut self, out: &mut impl Out) {
        let next = out.empty_block(self.recording);
        out.recorded(std::mem::replace(&mut self.block, next));
    }
}
