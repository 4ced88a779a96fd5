//! Site files: what is wrong with them, what they do, and that what is exported changes nothing.

mod errors;
mod random;
mod semantics;

use super::{Draft, difference, export};
use crate::document::SecretsFrom;
use model::{Number, Site};
use proptest::prelude::*;

fn number(text: &str) -> Number {
    Number::parse(text).expect("a number")
}

/// The configuration that a text leads to from another.
fn onto(base: &Site, text: &str) -> Site {
    match Draft::read("s.toml", text, base, SecretsFrom::Text) {
        Ok(draft) => draft.site,
        Err(report) => panic!("{report}\n{text}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_is_exported_applies_as_no_change(site in random::site()) {
        let text = export(&site);
        let again = onto(&site, &text);
        prop_assert_eq!(&again, &site, "{}", text);
        prop_assert_eq!(difference(&site, &again), Vec::<String>::new());
    }

    /// All but the passwords, which are not in it.
    #[test]
    fn what_is_exported_sets_up_an_empty_system(site in random::site()) {
        let text = export(&site).replace("[[user]]", "[[user]]\npassword = \"x\"");
        let made = onto(&Site::default(), &text);
        prop_assert_eq!(export(&made), export(&without_trunk_passwords(&site)));
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in ".{0,200}") {
        let _ = Draft::check("s.toml", &text);
    }

    #[test]
    fn no_site_file_cut_or_changed_makes_the_reader_panic(
        site in random::site(), at in any::<prop::sample::Index>(), with in ".{0,3}"
    ) {
        let mut text = export(&site);
        let places: Vec<_> = text.char_indices().map(|(place, _)| place).collect();
        let place = places[at.index(places.len())];
        text.insert_str(place, &with);
        let _ = Draft::check("s.toml", &text);
        let _ = Draft::check("s.toml", &text[..place]);
    }
}

fn without_trunk_passwords(site: &Site) -> Site {
    let mut site = site.clone();
    let mut directory = (*site.directory).clone();
    for trunk in directory.trunks.values_mut() {
        let mut bare = (**trunk).clone();
        bare.password.0.clear();
        *trunk = std::sync::Arc::new(bare);
    }
    site.directory = std::sync::Arc::new(directory);
    site.mail.password.0.clear();
    site
}
