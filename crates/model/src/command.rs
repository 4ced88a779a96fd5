//! What people ask of calls in progress from outside a call: the portal and the console.

use serde::{Deserialize, Serialize};

/// One request. What comes of it is told by facts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {}
