//! Sound that is decoded: some of it was given already, the rest waits to be.

/// The last of what was given and what is to be given, in one piece.
#[derive(Debug)]
pub(super) struct Sound {
    samples: Box<[i16]>,
    /// What lies before was given.
    given: usize,
    /// What lies before is filled.
    end: usize,
    /// So many samples of the past stay.
    past: usize,
}

impl Sound {
    /// Room for `past` samples that were given and `most` that are to be, of which the first are silence.
    pub(super) fn new(past: usize, most: usize) -> Self {
        Self {
            samples: vec![0; past + most * 2].into(),
            given: past,
            end: past,
            past,
        }
    }

    /// Samples that are to be given.
    pub(super) const fn waiting(&self) -> usize {
        self.end - self.given
    }

    /// All there is: the past, which has at least the promised length, and what is to be given.
    pub(super) fn all(&self) -> &[i16] {
        &self.samples[..self.end]
    }

    /// The same, to be changed, with the count of samples that were given.
    pub(super) fn all_mut(&mut self) -> (&mut [i16], usize) {
        (&mut self.samples[..self.end], self.given)
    }

    /// Room for so many samples more, behind all there is. What does not fit is not there.
    pub(super) fn room(&mut self, count: usize) -> &mut [i16] {
        if self.end + count > self.samples.len() && self.given > self.past {
            let from = self.given - self.past;
            self.samples.copy_within(from..self.end, 0);
            self.given -= from;
            self.end -= from;
        }
        let to = (self.end + count).min(self.samples.len());
        &mut self.samples[self.end..to]
    }

    /// So much of the room was filled.
    pub(super) fn filled(&mut self, count: usize) {
        self.end = (self.end + count).min(self.samples.len());
    }

    /// Takes so many samples out of what is to be given, from `after` of them on.
    pub(super) fn cut(&mut self, after: usize, count: usize) {
        let from = (self.given + after).min(self.end);
        let to = (from + count).min(self.end);
        self.samples.copy_within(to..self.end, from);
        self.end -= to - from;
    }

    /// Makes a gap of so many samples in what is to be given; says whether there was room.
    pub(super) fn widen(&mut self, after: usize, count: usize) -> bool {
        if self.room(count).len() < count {
            return false;
        }
        let from = (self.given + after).min(self.end);
        self.samples.copy_within(from..self.end, from + count);
        self.end += count;
        true
    }

    /// Gives what is next.
    pub(super) fn give(&mut self, slot: &mut [i16]) {
        let count = slot.len().min(self.waiting());
        let (now, later) = slot.split_at_mut(count);
        now.copy_from_slice(&self.samples[self.given..self.given + count]);
        later.fill(0);
        self.given += count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_filled_in_is_given_and_stays_as_past() {
        let mut sound = Sound::new(4, 8);
        for round in 0..20 {
            let room = sound.room(3);
            assert_eq!(room.len(), 3);
            room.fill(round);
            sound.filled(3);
            let mut slot = [9; 3];
            sound.give(&mut slot);
            assert_eq!(slot, [round; 3]);
            let all = sound.all();
            assert_eq!(all[all.len() - 3..], [round; 3]);
            assert!(all.len() >= 4);
        }
        let mut slot = [9; 3];
        sound.give(&mut slot);
        assert_eq!(slot, [0; 3], "nothing is left");
    }

    #[test]
    fn it_can_be_cut_and_widened() {
        let mut sound = Sound::new(4, 8);
        sound.room(6).copy_from_slice(&[1, 2, 3, 4, 5, 6]);
        sound.filled(6);
        sound.cut(1, 2);
        assert_eq!(sound.all()[sound.given..], [1, 4, 5, 6]);
        assert!(sound.widen(2, 2));
        assert_eq!(sound.all()[sound.given..], [1, 4, 5, 6, 5, 6]);
        assert!(!sound.widen(0, 100));
    }
}
