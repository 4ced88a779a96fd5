//! A description as lines.

/// The lines of a description without their ends: CR LF, or a bare LF or CR as some phones write.
/// Blank lines, and everything after a NUL byte with which some phones end the body, are left out.
pub(super) fn lines(text: &str) -> impl Iterator<Item = &str> {
    let text = text.split_once('\0').map_or(text, |(before, _)| before);
    text.split(['\r', '\n'])
        .map(str::trim_end)
        .filter(|line| !line.is_empty())
}

/// The type letter and value of a line.
pub(super) fn split(line: &str) -> Option<(char, &str)> {
    let (letter, value) = line.split_once('=')?;
    let mut letters = letter.chars();
    let letter = letters.next().filter(char::is_ascii_alphabetic)?;
    letters
        .next()
        .is_none()
        .then(|| (letter, value.trim_start()))
}
