//! The files that `prompts/build` made.

/// Prompts in Chinese.
pub(crate) static CHINESE: &[u8] = include_bytes!("../../../../prompts/zh-CN.pack");
/// Prompts in English.
pub(crate) static ENGLISH: &[u8] = include_bytes!("../../../../prompts/en.pack");
/// Music on hold.
pub(crate) static MUSIC: &[u8] = include_bytes!("../../../../prompts/music.flac");

/// Some prompt with its FLAC file.
#[cfg(test)]
pub(crate) fn any() -> (&'static str, &'static [u8]) {
    let pack = super::pack::Pack::read(CHINESE);
    ("N-01", pack.entry("N-01").expect("N-01 is built in").flac)
}
