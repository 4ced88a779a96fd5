//! Where an extension may send its calls (CFW-04).

use crate::account::Owner;
use crate::backend::Reach;
use crate::state::Api;
use crate::text::Checks;
use model::Number;

/// Reads the number of a field that calls shall be sent to; what is wrong with it goes to `checks`.
pub(super) async fn target(
    api: &Api,
    owner: &Owner,
    (field, text): (&str, &str),
    checks: &mut Checks,
) -> Option<Number> {
    let number = checks.number(field, text)?;
    if number == owner.number {
        checks.add(field, "own-number", "is your own number");
        return None;
    }
    let (code, detail) = match api.backend().reach(owner.number, number).await {
        Reach::Inside | Reach::Outside => return Some(number),
        Reach::NotAllowed => ("not-allowed", "is a number that you may not call"),
        Reach::Code => ("feature-code", "is a code, not a number"),
        Reach::Nowhere => (
            "unknown-number",
            "is no number here, and no line leads to it",
        ),
    };
    checks.add(field, code, detail);
    None
}
