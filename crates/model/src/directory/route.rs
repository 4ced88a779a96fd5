//! Ways out and ways in.

use super::OpenHours;
use crate::Number;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::num::NonZeroU32;
use serde::{Deserialize, Serialize};

/// A way out: which dialled numbers leave on which trunks (AD-07).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboundRoute {
    /// Its name, which extensions' rights refer to.
    pub name: String,
    /// What a number must begin with.
    pub prefix: String,
    /// How many of its first characters are not dialled on.
    pub strip: u8,
    /// What is dialled before the rest.
    pub prepend: String,
    /// What the rest must look like: `X` any digit, `Z` 1-9, `N` 2-9, a final `.` anything; empty: all.
    pub pattern: String,
    /// The trunks in the order in which they are tried.
    pub trunks: Vec<String>,
    /// Whether everybody may call here, whatever his rights (SI-12).
    pub emergency: bool,
    /// When it may be used, in the site's time zone; empty: always.
    #[serde(default)]
    pub open: Vec<OpenHours>,
    /// After how many minutes of talking a call on it ends; `None`: never.
    #[serde(default)]
    pub max_minutes: Option<NonZeroU32>,
}

/// A way in: where a number called on a trunk leads (AD-08).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboundRoute {
    /// The trunk.
    pub trunk: String,
    /// The number called; `None`: any.
    pub number: Option<Number>,
    /// What the caller's number must begin with; empty: any.
    pub caller: String,
    /// Where it leads.
    pub to: Destination,
}

/// Where an inbound route leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Destination {
    /// Any internal number.
    Number(Number),
    /// The fax of an extension.
    Fax(Number),
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Fax(number) => write!(f, "fax:{number}"),
        }
    }
}
