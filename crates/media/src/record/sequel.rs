//! A recording that goes on with another leg: one reel after the other, in one file.

use super::{Begins, Reel};
use crate::Rate;
use crate::resample::Resampler;
use model::RecordingLayout;
use std::collections::VecDeque;
use std::io;
use std::time::{Duration, Instant};

/// The reels of one recording.
#[derive(Debug)]
pub(super) struct Wound {
    reel: Reel,
    /// From that reel's rate to that of the file, where they differ.
    converter: Option<Converter>,
    /// Those that follow.
    next: VecDeque<(Reel, Rate)>,
    rate: Rate,
    channels: usize,
    /// Since when a reel is awaited.
    waits: Option<Instant>,
    follows: Follows,
    /// Blocks that reels lost which are done with.
    lost: u64,
}

/// Whether another reel may follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Follows {
    Perhaps,
    Never,
}

/// How far a recording is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    GoesOn,
    IsOver,
}

impl Wound {
    pub(super) fn new(reel: Reel, begins: &Begins) -> Self {
        Self {
            reel,
            converter: None,
            next: VecDeque::new(),
            rate: begins.rate,
            channels: match begins.layout {
                RecordingLayout::Stereo => 2,
                RecordingLayout::Mixed => 1,
            },
            waits: None,
            follows: Follows::Perhaps,
            lost: 0,
        }
    }

    /// After what is on the reels so far, it goes on with this one. It has as many channels.
    pub(super) fn go_on(&mut self, reel: Reel, rate: Rate) {
        if self.next.len() < NEXT_MAX {
            self.next.push_back((reel, rate));
        }
    }

    /// No other reel will come.
    pub(super) const fn is_last(&mut self) {
        self.follows = Follows::Never;
    }

    /// Takes off what is there, at the rate of the first reel.
    ///
    /// # Errors
    /// Those of `take`.
    pub(super) fn take(
        &mut self,
        mut take: impl FnMut(&[i16]) -> io::Result<()>,
    ) -> io::Result<Progress> {
        loop {
            let goes_on = match &mut self.converter {
                Some(converter) => {
                    let converted = |samples: &[i16]| take(converter.convert(samples));
                    self.reel.take(converted)?
                }
                None => self.reel.take(&mut take)?,
            };
            if goes_on {
                return Ok(Progress::GoesOn);
            }
            let Some((next, rate)) = self.next.pop_front() else {
                return Ok(self.wait());
            };
            self.lost += self.reel.lost();
            self.reel = next;
            self.waits = None;
            let differs = rate != self.rate;
            self.converter = differs.then(|| Converter::new(rate, self.rate, self.channels));
        }
    }

    /// Blocks for which there was no room.
    pub(super) fn lost(&self) -> u64 {
        self.lost + self.reel.lost()
    }

    fn wait(&mut self) -> Progress {
        let since = *self.waits.get_or_insert_with(Instant::now);
        if self.reel.is_over() || self.follows == Follows::Never || since.elapsed() >= PATIENCE {
            Progress::IsOver
        } else {
            Progress::GoesOn
        }
    }
}

/// Changes the rate of sound of some channels.
#[derive(Debug)]
struct Converter {
    channels: Vec<Resampler>,
    converted: Vec<Vec<i16>>,
    woven: Vec<i16>,
}

impl Converter {
    fn new(from: Rate, to: Rate, channels: usize) -> Self {
        let one = || Resampler::new(from.hz(), to.hz());
        Self {
            channels: std::iter::repeat_with(one).take(channels).collect(),
            converted: vec![Vec::new(); channels],
            woven: Vec::new(),
        }
    }

    fn convert(&mut self, samples: &[i16]) -> &[i16] {
        let count = self.channels.len();
        for (place, (resampler, converted)) in self
            .channels
            .iter_mut()
            .zip(&mut self.converted)
            .enumerate()
        {
            let side: Vec<_> = samples.iter().copied().skip(place).step_by(count).collect();
            converted.clear();
            resampler.push(&side, converted);
        }
        let moments = self.converted.first().map_or(0, Vec::len);
        let converted = &self.converted;
        let moment = |at: usize| {
            converted
                .iter()
                .filter_map(move |side| side.get(at))
                .copied()
        };
        self.woven.clear();
        self.woven.extend((0..moments).flat_map(moment));
        &self.woven
    }
}

/// So long a recording whose leg is gone waits for another leg to go on with.
const PATIENCE: Duration = Duration::from_secs(1);
/// So many legs may take their turns within the time that the disk needs for one.
const NEXT_MAX: usize = 16;
