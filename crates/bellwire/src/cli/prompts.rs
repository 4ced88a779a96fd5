//! `bellwire prompts …`: what is spoken.

use super::table::table;
use super::{Output, Place};
use crate::print;
use crate::texts::{Text, texts};
use anyhow::{Context, Result, bail};
use clap::Subcommand;
use media::prompts::{Library, Shelf, folder};
use model::{Language, Phrase};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use switch::menu::{Listed, ListedKey, menus};

#[derive(Debug, Subcommand)]
pub(super) enum Prompts {
    /// Lists all prompts with their texts, how long they are, and which are replaced by a recording
    List {
        #[command(flatten)]
        output: Output,
        #[command(flatten)]
        place: Place,
    },
    /// Draws the spoken menus: what each key does and where it leads
    Tree {
        #[command(flatten)]
        output: Output,
    },
    /// Looks for prompts that are missing and for recordings that cannot be used; exits with 1 when there are any
    Check {
        #[command(flatten)]
        place: Place,
    },
    /// Replaces prompts by recordings: zh-CN/ID.wav and en/ID.wav in a folder; all of them or none
    Import {
        /// The folder
        folder: PathBuf,
        #[command(flatten)]
        place: Place,
    },
}

impl Prompts {
    pub(super) fn run(self) -> Result<ExitCode> {
        match self {
            Self::List { output, place } => list(&place, output),
            Self::Tree { output } => tree(output),
            Self::Check { place } => check(&place),
            Self::Import { folder, place } => import(&place, &folder),
        }
    }
}

fn list(place: &Place, output: Output) -> Result<ExitCode> {
    let files = files(place)?;
    let library = Library::open(&files);
    let (replaced, _) = library.recordings(&files.join("prompts"));
    let replaced: BTreeSet<_> = replaced.into_iter().collect();
    let rows: Vec<_> = texts()
        .into_iter()
        .flat_map(|text| [(Language::Chinese, text), (Language::English, text)])
        .filter(|(language, text)| !text.in_language(*language).is_empty())
        .map(|(language, text)| {
            let is_replaced = replaced.contains(&(language, text.id.to_owned()));
            (
                language,
                text,
                milliseconds(&library, language, text.id),
                is_replaced,
            )
        })
        .collect();
    if output.json {
        let rows = rows.iter().map(|(language, text, ms, is_replaced)| {
            json!({
                "id": text.id, "language": folder(*language), "text": text.in_language(*language),
                "milliseconds": ms, "replaced": is_replaced,
            })
        });
        print::line(&serde_json::to_string_pretty(&rows.collect::<Vec<_>>())?);
        return Ok(ExitCode::SUCCESS);
    }
    let rows: Vec<_> = rows
        .into_iter()
        .map(|(language, text, ms, is_replaced)| {
            [
                text.id.to_owned(),
                folder(language).to_owned(),
                format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
                String::from(if is_replaced { "recording" } else { "built in" }),
                text.in_language(language).to_owned(),
            ]
        })
        .collect();
    print::line(&table(["Id", "Language", "Length", "From", "Text"], &rows));
    Ok(ExitCode::SUCCESS)
}

fn tree(output: Output) -> Result<ExitCode> {
    let menus = menus();
    if output.json {
        let menus = menus.iter().map(|menu| {
            let keys = menu.keys.iter().map(|key| {
                let says = key.says.as_ref().map(|phrase| &*phrase.0);
                json!({ "key": key.key, "says": says, "leads": key.leads })
            });
            json!({ "name": menu.name, "keys": keys.collect::<Vec<_>>() })
        });
        print::line(&serde_json::to_string_pretty(&menus.collect::<Vec<_>>())?);
        return Ok(ExitCode::SUCCESS);
    }
    print::line(&drawn(&menus));
    Ok(ExitCode::SUCCESS)
}

/// The menus with those below them that their keys lead to; each is drawn once, where it is first led to.
fn drawn(menus: &[Listed]) -> String {
    let mut drawing = Drawing {
        by_name: menus.iter().map(|menu| (menu.name, menu)).collect(),
        texts: texts().into_iter().map(|text| (text.id, text)).collect(),
        drawn: BTreeSet::new(),
        lines: Vec::new(),
    };
    for menu in menus {
        if drawing.drawn.insert(menu.name) {
            drawing.lines.push(menu.name.to_owned());
            drawing.keys(menu, "");
        }
    }
    drawing.lines.join("\n")
}

struct Drawing<'m> {
    by_name: BTreeMap<&'static str, &'m Listed>,
    texts: BTreeMap<&'static str, Text>,
    drawn: BTreeSet<&'static str>,
    lines: Vec<String>,
}

impl Drawing<'_> {
    fn keys(&mut self, menu: &Listed, indent: &str) {
        let last = menu.keys.len().saturating_sub(1);
        for (place, key) in menu.keys.iter().enumerate() {
            let (branch, below) = if place == last {
                ("└─", "   ")
            } else {
                ("├─", "│  ")
            };
            self.lines
                .push(format!("{indent}{branch} {}", self.line(key)));
            let follows = self.by_name.get(key.leads).copied();
            if let Some(follows) = follows.filter(|follows| self.drawn.insert(follows.name)) {
                self.keys(follows, &format!("{indent}{below}"));
            }
        }
    }

    fn line(&self, key: &ListedKey) -> String {
        let said = key.says.as_ref().and_then(|phrase| {
            let text = self.texts.get(&*phrase.0)?;
            Some(format!(
                "   [{} {} {}]",
                text.id, text.chinese, text.english
            ))
        });
        format!("{}  {}{}", key.key, key.leads, said.unwrap_or_default())
    }
}

fn check(place: &Place) -> Result<ExitCode> {
    let files = files(place)?;
    let library = Library::open(&files);
    let mut wrong = Vec::new();
    for text in texts() {
        for language in [Language::Chinese, Language::English] {
            let wanted = !text.in_language(language).is_empty();
            if wanted && milliseconds(&library, language, text.id) == 0 {
                wrong.push(format!("{} has no sound in {}", text.id, folder(language)));
            }
        }
    }
    let (replaced, unusable) = library.recordings(&files.join("prompts"));
    wrong.extend(unusable.iter().map(ToString::to_string));
    for line in &wrong {
        print::line(line);
    }
    let count = replaced.len();
    print::line(&format!(
        "{} prompts, {count} replaced by recordings, {} wrong",
        texts().len(),
        wrong.len()
    ));
    Ok(if wrong.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn import(place: &Place, from: &Path) -> Result<ExitCode> {
    let files = files(place)?;
    let library = Library::open(&files);
    let (found, unusable) = library.recordings(from);
    if !unusable.is_empty() {
        for recording in &unusable {
            print::line(&format!(
                "{}: {}",
                recording.path.display(),
                recording.reason
            ));
        }
        bail!("nothing was replaced: correct these files, or take them away");
    }
    if found.is_empty() {
        bail!(
            "{} has no recordings; they belong into its folders zh-CN and en, named like N-01.wav",
            from.display()
        );
    }
    for (language, id) in &found {
        let file = from.join(folder(*language)).join(format!("{id}.wav"));
        let wav = fs::read(&file).with_context(|| format!("{} cannot be read", file.display()))?;
        library
            .put_in(Shelf::Prompt(*language), id, &wav, "")
            .with_context(|| file.display().to_string())?;
    }
    print::line(&format!(
        "{} prompts replaced; a running server says them within half a minute",
        found.len()
    ));
    Ok(ExitCode::SUCCESS)
}

/// The files folder of a data folder, in use or not.
fn files(place: &Place) -> Result<PathBuf> {
    let config = place.config()?;
    Ok(place.data.join(&config.store.files))
}

fn milliseconds(library: &Library, language: Language, id: &'static str) -> usize {
    let sound = library.get(language, &Phrase::named(id), RATE_HZ);
    sound.map_or(0, |sound| sound.len() * 1_000 / RATE_HZ as usize)
}

const RATE_HZ: u32 = 8_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn menus_are_drawn_below_those_that_lead_to_them_and_once() {
        let key = |key, leads| ListedKey {
            key,
            says: Some(Phrase::named("N-23")).filter(|_| key == '#'),
            leads,
        };
        let menu = |name, keys: &[ListedKey]| Listed {
            name,
            keys: keys.to_vec(),
        };
        let menus = [
            menu(
                "main",
                &[key('1', "below"), key('*', "main"), key('3', "below")],
            ),
            menu("below", &[key('1', "the end"), key('2', "main")]),
            menu("alone", &[key('#', "goodbye")]),
        ];
        let expected = "\
main
├─ 1  below
│  ├─ 1  the end
│  └─ 2  main
├─ *  main
└─ 3  below
alone
└─ #  goodbye   [N-23 谢谢，再见。 Thank you. Goodbye.]";
        assert_eq!(drawn(&menus), expected);
    }

    #[test]
    fn every_menu_says_texts_that_there_are() {
        let texts: BTreeSet<_> = texts().iter().map(|text| text.id).collect();
        for menu in menus() {
            for phrase in menu.keys.iter().filter_map(|key| key.says.as_ref()) {
                assert!(texts.contains(&*phrase.0), "{}", phrase.0);
            }
        }
    }
}
