//! Files of pages: TIFF as fax machines keep it, one image a page, coded by T.6 (RFC 3949's profile F).

mod directory;
mod read;
mod write;

pub use read::read;
pub use write::Writer;

use directory::{Directory, Tiff, tag};

/// Why a file holds no pages that can be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file could not be read.
    #[error("the file cannot be read")]
    Io(#[from] std::io::Error),
    /// It is something else, or damaged.
    #[error("this is no TIFF file, or it is damaged: {0}")]
    Damaged(&'static str),
    /// It has more pages than anything sends.
    #[error("the file has more than {PAGES_MAX} pages")]
    TooManyPages,
}

/// Pages of one file at most.
pub const PAGES_MAX: usize = 200;
