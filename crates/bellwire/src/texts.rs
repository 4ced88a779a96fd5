//! What the built-in prompts say.

use model::Language;

/// What one prompt says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text {
    pub(crate) id: &'static str,
    pub(crate) english: &'static str,
    pub(crate) chinese: &'static str,
}

impl Text {
    /// What it says in a language; empty where that has none.
    pub(crate) const fn in_language(&self, language: Language) -> &'static str {
        match language {
            Language::Chinese => self.chinese,
            Language::English => self.english,
        }
    }
}

/// All prompts, in the order of the list.
pub(crate) fn texts() -> Vec<Text> {
    let list = include_str!("../../../prompts/PROMPTS.tsv");
    let rows = list.lines().filter_map(|row| {
        let mut cells = row.split('\t');
        let (id, _, english, chinese) =
            (cells.next()?, cells.next()?, cells.next()?, cells.next()?);
        Some(Text {
            id,
            english,
            chinese,
        })
    });
    rows.collect()
}
