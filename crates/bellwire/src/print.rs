//! The only place that writes to stdout and stderr.

use std::io::Write;

/// A line for whoever called the command. A closed pipe ends it quietly.
pub(crate) fn line(text: &str) {
    if writeln!(std::io::stdout().lock(), "{text}").is_err() {
        std::process::exit(0);
    }
}

/// A line beside the output.
pub(crate) fn note(text: &str) {
    // Nobody listens: nothing to be done.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// What went wrong and what to do, as one sentence.
pub(crate) fn error(error: &anyhow::Error) {
    note(&format!("bellwire: {}", sentence(error)));
}

/// The error with its reasons, each said once.
fn sentence(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for reason in error.chain().skip(1).map(ToString::to_string) {
        if !text.contains(&reason) {
            text.push_str(": ");
            text.push_str(&reason);
        }
    }
    text
}
