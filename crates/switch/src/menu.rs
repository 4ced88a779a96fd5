//! Spoken menus as tables: what each key does, what is said of it, and where it leads.
//!
//! A feature has its menus as constants beside what it does with them, and asks by [`crate::choice::Choice::menu`].
//! [`menus`] lists them all, for whoever draws them.

use crate::features;
use crate::speech::Speech;
use alloc::string::String;
use alloc::vec::Vec;
use model::Phrase;

/// A menu whose keys do an `A` each.
#[derive(Debug)]
pub(crate) struct Menu<A: 'static> {
    pub(crate) name: &'static str,
    pub(crate) items: &'static [Item<A>],
}

/// One key of a menu.
#[derive(Debug)]
pub(crate) struct Item<A> {
    pub(crate) key: char,
    /// What is said of it; `None` where what is said of another key names it too, or where it is for who knows it.
    pub(crate) says: Option<Phrase>,
    pub(crate) does: A,
    /// The name of the menu that follows, or what happens.
    pub(crate) leads: &'static str,
}

impl<A: Copy> Menu<A> {
    /// What a key does.
    pub(crate) fn does(&self, key: char) -> Option<A> {
        let item = self.items.iter().find(|item| item.key == key);
        item.map(|item| item.does)
    }

    /// Says what the keys are for.
    pub(crate) fn say(&self, speech: Speech) -> Speech {
        let said = self.items.iter().filter_map(|item| item.says.clone());
        said.fold(speech, Speech::phrase)
    }

    /// The keys, as [`crate::choice::Choice`] wants them.
    pub(crate) fn keys(&self) -> String {
        self.items.iter().map(|item| item.key).collect()
    }

    /// The menu as a drawing of it needs it.
    pub(crate) fn listed(&self) -> Listed {
        let keys = self.items.iter().map(|item| ListedKey {
            key: item.key,
            says: item.says.clone(),
            leads: item.leads,
        });
        Listed {
            name: self.name,
            keys: keys.collect(),
        }
    }
}

/// A menu as it is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: &'static str,
    /// Its keys, in the order in which they are named.
    pub keys: Vec<ListedKey>,
}

/// A key of a menu as it is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedKey {
    /// The key.
    pub key: char,
    /// What is said of it, if anything is.
    pub says: Option<Phrase>,
    /// The name of the menu that follows, or what happens.
    pub leads: &'static str,
}

/// Every spoken menu, one that leads to others before them.
#[must_use]
pub fn menus() -> Vec<Listed> {
    features::menus()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeSet;

    #[test]
    fn a_menu_has_each_key_once_and_names_are_unique() {
        let mut names = BTreeSet::new();
        for menu in menus() {
            assert!(names.insert(menu.name), "{} twice", menu.name);
            let keys: BTreeSet<char> = menu.keys.iter().map(|key| key.key).collect();
            assert_eq!(keys.len(), menu.keys.len(), "{}", menu.name);
            let said = menu.keys.iter().any(|key| key.says.is_some());
            assert!(said, "{} says nothing", menu.name);
        }
    }
}
