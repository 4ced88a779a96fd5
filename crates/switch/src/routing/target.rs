//! Whether calls may be sent to a number, for whoever sets that up elsewhere than by telephone.

use crate::Switch;
use crate::features::Refusal;
use crate::features::codes::{self, Place, Reading};
use model::Number;

/// What a number is to an extension that wants its calls sent there (CFW-04, FM-03).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Somebody or something inside.
    Inside,
    /// A number outside that it may call.
    Outside,
    /// A number that it may not call, or may not have its calls sent to.
    NotAllowed,
    /// A code.
    Code,
    /// Nothing.
    Nowhere,
}

impl Switch {
    /// What a number is to an extension that wants its calls sent there. The same rules hold when a call comes.
    #[must_use]
    pub fn target(&self, by: &Number, to: &Number) -> Target {
        let view = self.view();
        if self.directory.extensions.contains_key(to) || view.is_service(to) {
            return Target::Inside;
        }
        match codes::read(to, Place::Idle, &self.directory.feature_codes) {
            Reading::Code(..) | Reading::Unknown => return Target::Code,
            Reading::NoCode => {}
        }
        match view.may_forward(by, to) {
            Ok(()) => Target::Outside,
            Err(Refusal::NotFound) => Target::Nowhere,
            Err(_) => Target::NotAllowed,
        }
    }
}
