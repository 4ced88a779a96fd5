//! What is sent: pages of one bit a pixel.

/// Pixels of a row (T.4 §2.2: 1,728 along 215 mm).
pub const WIDTH: u32 = 1_728;

/// Bytes of a row.
pub(crate) const ROW_BYTES: usize = WIDTH as usize / 8;

/// How many rows a page has; all have 204 pixels an inch across.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resolution {
    /// 98 rows an inch (T.4: 3.85 a millimetre).
    Standard,
    /// 196 rows an inch.
    Fine,
    /// 391 rows an inch.
    Superfine,
}

impl Resolution {
    /// All of them, coarsest first.
    pub const ALL: [Self; 3] = [Self::Standard, Self::Fine, Self::Superfine];

    /// Rows of a page of that many tenths of a millimetre.
    #[must_use]
    pub fn rows(self, tenths_mm: u32) -> u32 {
        tenths_mm * self.rows_per_m() / 10_000
    }

    /// Rows of one metre.
    #[must_use]
    pub const fn rows_per_m(self) -> u32 {
        match self {
            Self::Standard => 3_850,
            Self::Fine => 7_700,
            Self::Superfine => 15_400,
        }
    }

    /// Rows of one inch, as files say it.
    #[must_use]
    pub const fn dpi(self) -> u32 {
        match self {
            Self::Standard => 98,
            Self::Fine => 196,
            Self::Superfine => 391,
        }
    }

    /// The one with about so many rows an inch.
    #[must_use]
    pub fn from_dpi(dpi: f64) -> Self {
        if dpi < 140.0 {
            Self::Standard
        } else if dpi < 290.0 {
            Self::Fine
        } else {
            Self::Superfine
        }
    }
}

/// One page: rows of [`WIDTH`] pixels, black where a bit is set, the leftmost pixel in the highest bit.
#[derive(Clone, PartialEq, Eq)]
pub struct Page {
    resolution: Resolution,
    rows: Vec<u8>,
}

impl std::fmt::Debug for Page {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Page")
            .field("resolution", &self.resolution)
            .field("height", &self.height())
            .finish_non_exhaustive()
    }
}

impl Page {
    /// A white page; no higher than [`HEIGHT_MAX`].
    #[must_use]
    pub fn white(resolution: Resolution, height: u32) -> Self {
        let height = height.min(HEIGHT_MAX) as usize;
        Self {
            resolution,
            rows: vec![0; height * ROW_BYTES],
        }
    }

    /// How fine it is.
    #[must_use]
    pub const fn resolution(&self) -> Resolution {
        self.resolution
    }

    /// Its rows.
    #[must_use]
    pub fn height(&self) -> u32 {
        u32::try_from(self.rows.len() / ROW_BYTES).unwrap_or(HEIGHT_MAX)
    }

    /// The rows from the top, 216 bytes each.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.rows.chunks_exact(ROW_BYTES)
    }

    /// Makes a pixel black; none outside the page.
    pub fn blacken(&mut self, x: u32, y: u32) {
        if x < WIDTH
            && let Some(byte) = self.rows.get_mut(y as usize * ROW_BYTES + x as usize / 8)
        {
            *byte |= 0x80 >> (x % 8);
        }
    }

    /// Whether a pixel is black; outside the page all is white.
    #[must_use]
    pub fn is_black(&self, x: u32, y: u32) -> bool {
        x < WIDTH
            && self
                .rows
                .get(y as usize * ROW_BYTES + x as usize / 8)
                .is_some_and(|byte| byte & (0x80 >> (x % 8)) != 0)
    }

    /// Adds a row at the foot, of which black begins and ends where `changes` says, in ascending order.
    /// A page of [`HEIGHT_MAX`] rows stays as it is.
    pub(crate) fn push_changes(&mut self, changes: &[u32]) {
        if self.height() >= HEIGHT_MAX {
            return;
        }
        let start = self.rows.len();
        self.rows.resize(start + ROW_BYTES, 0);
        let y = self.height() - 1;
        for pair in changes.chunks(2) {
            let (from, to) = match *pair {
                [from, to] => (from, to),
                [from] => (from, WIDTH),
                _ => continue,
            };
            for x in from..to.min(WIDTH) {
                self.blacken(x, y);
            }
        }
    }
}

/// Rows of the longest page: a metre and a half, superfine.
pub const HEIGHT_MAX: u32 = 23_100;
