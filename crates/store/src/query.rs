//! Questions about call records.

use model::{CallRecord, CallStatus, CallType, Number, Wall};
use serde::Serialize;

/// Which call records are wanted; what is `None` does not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallQuery {
    /// Calls that began at this moment or later.
    pub from: Option<Wall>,
    /// Calls that began before this moment.
    pub until: Option<Wall>,
    /// Calls that went this way.
    pub call_type: Option<CallType>,
    /// Calls that name this number as caller, callee or final callee, or in which it took part.
    pub number: Option<Number>,
    /// Calls in which this extension took part (CDR-14).
    pub extension: Option<Number>,
    /// Calls that ended so.
    pub status: Option<CallStatus>,
    /// Calls of which something was recorded; the recording may be gone.
    pub recorded: bool,
    /// From 1; 0 is read as 1.
    pub page: u32,
    /// Up to [`PER_PAGE_MAX`]; 0 is read as 50.
    pub per_page: u32,
}

impl CallQuery {
    pub(crate) const fn limit(&self) -> u32 {
        match self.per_page {
            0 => PER_PAGE_DEFAULT,
            1..=PER_PAGE_MAX => self.per_page,
            _ => PER_PAGE_MAX,
        }
    }

    pub(crate) fn offset(&self) -> i64 {
        i64::from(self.page.saturating_sub(1)).saturating_mul(i64::from(self.limit()))
    }
}

/// Some of many.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Page<T> {
    /// Those on this page.
    pub items: Vec<T>,
    /// How many there are on all pages.
    pub total: u64,
}

/// A call record as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StoredCall {
    /// Names the record for ever.
    pub id: i64,
    /// What it says.
    #[serde(flatten)]
    pub record: CallRecord,
}

/// The most records on a page.
pub const PER_PAGE_MAX: u32 = 200;
const PER_PAGE_DEFAULT: u32 = 50;
