//! Where in the talk a playout is.

/// Where in the talk a playout is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Nobody talks. The next packet begins when it waited as long as it should.
    Silent {
        /// Slots for which the codec still makes the noise of the sender's room.
        noise: u32,
    },
    /// One packet follows the other.
    Talking(Talking),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Talking {
    /// Samples that were made up although no packet after them is there: whether they are lost or late is open.
    pub(super) open: usize,
    /// Samples that were made up since the last packet.
    pub(super) made: usize,
    /// Whether what follows does not follow from what was heard.
    pub(super) seam: Seam,
    /// Slots in which packets waited longer than they should.
    pub(super) long: u32,
    /// Slots in which the wait was to be changed, and nothing was alike enough.
    pub(super) tried: u32,
    /// Slots until the wait is looked at again.
    pub(super) rest: u32,
    /// Samples of the last packet.
    pub(super) packet: usize,
    /// Whether the sender said that it goes silent.
    pub(super) pause: Pause,
}

impl Talking {
    /// Real sound of a packet follows what was heard.
    pub(super) const fn joined(&mut self, packet: usize) {
        self.seam = Seam::None;
        self.made = 0;
        self.packet = packet;
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Seam {
    /// It follows.
    #[default]
    None,
    /// It must be faded in.
    Open,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Pause {
    /// It talks on.
    #[default]
    No,
    /// Its last packet was of the kind after which none may follow for long (Opus DTX, RFC 6716 §2.1.9).
    Yes,
}

impl Default for State {
    fn default() -> Self {
        Self::Silent { noise: 0 }
    }
}
