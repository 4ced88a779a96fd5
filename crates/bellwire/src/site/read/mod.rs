//! Reading a site file onto the configuration in force, every error at once.

mod groups;
mod lines;
mod people;
mod plan;
mod refer;
mod system;

use crate::document::{Document, Fields, Found, Names, Place, Report, SecretsFrom};
use model::{CodecName, Directory, Dtmf, MusicName, Number, Site};
use plan::Planned;
use refer::{Referred, Refers};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The configuration that a site file leads to.
#[derive(Debug)]
pub(crate) struct Draft {
    /// The configuration.
    pub(crate) site: Site,
    /// New extensions for which the file names no password, and the one that each was given.
    pub(crate) generated: BTreeMap<Number, String>,
    /// What is allowed but may surprise, a line each, with place.
    pub(crate) warnings: Vec<String>,
}

impl Draft {
    /// Reads the text of that name onto `base`.
    pub(crate) fn read(
        name: &str,
        text: &str,
        base: &Site,
        from: SecretsFrom,
    ) -> Result<Self, Report> {
        let report = Report::new(name, text);
        let document = Document::parse(text, &report);
        let mut reader = Reader {
            base,
            from,
            report: &report,
            directory: (*base.directory).clone(),
            refers: Vec::new(),
            planned: Vec::new(),
            draft: Self {
                site: base.clone(),
                generated: BTreeMap::new(),
                warnings: Vec::new(),
            },
        };
        reader.read(document.root(&report));
        let mut draft = reader.draft;
        draft.site.directory = Arc::new(reader.directory);
        draft.warnings = report.warnings();
        if report.is_clean() {
            Ok(draft)
        } else {
            Err(report)
        }
    }

    /// Reads a text by itself. A text that lists extensions must be a whole site: what it refers to must
    /// be in it. Any other is only a part, and may refer to what it does not contain.
    pub(crate) fn check(name: &str, text: &str) -> Result<Self, Report> {
        Self::read(name, text, &Site::default(), SecretsFrom::Machine)
    }
}

/// Reads section by section into `directory` and `draft`.
struct Reader<'r> {
    base: &'r Site,
    from: SecretsFrom,
    report: &'r Report,
    directory: Directory,
    refers: Vec<Referred>,
    /// The internal numbers of the file.
    planned: Vec<Planned>,
    draft: Draft,
}

impl<'r> Reader<'r> {
    fn read(&mut self, root: Fields<'r>) {
        self.system(&root);
        self.parking(&root);
        self.feature_codes(&root);
        self.mail(&root);
        self.users(&root);
        self.departments(&root);
        self.extensions(&root);
        self.trunks(&root);
        self.outbound_routes(&root);
        self.inbound_routes(&root);
        self.ring_groups(&root);
        self.queues(&root);
        self.rooms(&root);
        self.menus(&root);
        self.schedules(&root);
        self.contacts(&root);
        self.blacklist(&root);
        root.finish();
        self.check_references();
        self.check_plan();
    }

    /// Reads a list of objects that have names; a second object of a name is refused. `None` when the
    /// file does not mention the list.
    fn named<K: Ord, T>(
        &mut self,
        root: &Fields<'r>,
        list: &'static str,
        mut read: impl FnMut(&mut Self, &Fields<'r>) -> Option<(K, Found<String>, T)>,
    ) -> Option<BTreeMap<K, Arc<T>>> {
        let tables = root.tables(list)?;
        let mut names = Names::default();
        let mut objects = BTreeMap::new();
        for fields in tables {
            if let Some((key, name, object)) = read(self, &fields) {
                if let Place::At(at) = name.place {
                    names.take(list, &name.value, at, self.report);
                }
                objects.insert(key, Arc::new(object));
            }
            fields.finish();
        }
        Some(objects)
    }

    /// Reads a list of objects that have numbers of the numbering plan.
    fn numbered<T>(
        &mut self,
        root: &Fields<'r>,
        list: &'static str,
        mut read: impl FnMut(&mut Self, &Fields<'r>, Number) -> Option<T>,
    ) -> Option<BTreeMap<Number, Arc<T>>> {
        self.named(root, list, |reader, fields| {
            let number = fields.required("number", fields.number("number"));
            // Without a number the rest is read all the same, for its errors.
            let key = match &number {
                Some(number) => number.value,
                None => Number::parse("0").ok()?,
            };
            let object = read(reader, fields, key);
            let number = number?;
            reader.planned.push(Planned {
                number: number.value,
                list,
                place: number.place.clone(),
            });
            Some((
                number.value,
                number.map(|number| number.to_string()),
                object?,
            ))
        })
    }

    /// Remembers that something must exist.
    fn refer<T: ToString>(&mut self, to: Refers, found: &Found<T>) {
        self.refers.push(Referred {
            to,
            name: found.value.to_string(),
            place: found.place.clone(),
        });
    }

    /// Reads a number that must exist; empty is none.
    fn number_referred(
        &mut self,
        fields: &Fields<'r>,
        key: &'static str,
        to: Refers,
    ) -> Option<Number> {
        let found = fields.number_or_empty(key)?;
        let number = found.value?;
        self.refer(
            to,
            &Found {
                value: number,
                place: found.place,
            },
        );
        Some(number)
    }

    /// The codecs that are spoken with a party, each once.
    fn codecs(&self, fields: &Fields<'r>) -> Option<Vec<CodecName>> {
        let mut codecs = Vec::new();
        for found in fields.choices("codecs", &CODECS)? {
            if codecs.contains(&found.value) {
                let mut known = CODECS.iter();
                let name = known.find(|known| known.1 == found.value);
                let name = name.map_or("", |(name, _)| name);
                let message = format!("{name:?} stands twice in `codecs`; remove one");
                self.report.add(found.place, message);
            } else {
                codecs.push(found.value);
            }
        }
        Some(codecs)
    }

    /// Reads a list of numbers that must exist and stand there once.
    fn numbers_referred(
        &mut self,
        fields: &Fields<'r>,
        key: &'static str,
        to: Refers,
    ) -> Vec<Number> {
        let mut numbers = Vec::new();
        for found in fields.numbers(key).unwrap_or_default() {
            if numbers.contains(&found.value) {
                let message = format!("{} stands twice in `{key}`; remove one", found.value);
                self.report.add(found.place, message);
                continue;
            }
            self.refer(to, &found);
            numbers.push(found.value);
        }
        numbers
    }
}

/// Reads text that must not be empty.
fn filled(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err(String::from("is empty; write something"));
    }
    plain(text)
}

/// Reads the name of some music; it may be put in later.
fn music(text: &str) -> Result<MusicName, String> {
    MusicName::parse(text)
        .ok_or_else(|| String::from("is no name of music; use small letters, digits and hyphens"))
}

/// Reads text of one line that is not too long.
fn plain(text: &str) -> Result<String, String> {
    if text.chars().count() > TEXT_MAX {
        return Err(format!("is longer than {TEXT_MAX} characters; shorten it"));
    }
    if text.chars().any(char::is_control) {
        return Err(String::from("has control characters in it; remove them"));
    }
    Ok(text.to_owned())
}

/// Reads an e-mail address, or nothing.
fn email(text: &str) -> Result<String, String> {
    let text = plain(text)?;
    let (local, domain) = text.rsplit_once('@').unwrap_or_default();
    let is_one = !local.is_empty() && !domain.is_empty() && !text.contains(char::is_whitespace);
    if text.is_empty() || is_one {
        Ok(text)
    } else {
        Err(format!(
            "is {text:?}; it must be an address such as \"name@example.org\""
        ))
    }
}

/// Reads a PIN, or nothing.
fn pin(text: &str) -> Result<String, String> {
    let is_one = text.len() <= PIN_MAX && text.bytes().all(|digit| digit.is_ascii_digit());
    if is_one {
        Ok(text.to_owned())
    } else {
        Err(format!("must be up to {PIN_MAX} digits"))
    }
}

/// Codecs, as `codecs` spells them.
const CODECS: [(&str, CodecName); 6] = [
    ("opus", CodecName::Opus),
    ("g722", CodecName::G722),
    ("pcma", CodecName::Pcma),
    ("pcmu", CodecName::Pcmu),
    ("l16", CodecName::L16),
    ("other", CodecName::Other),
];
/// The longest name or note.
const TEXT_MAX: usize = 128;
/// How keys are told, as `dtmf` spells it.
const DTMF: [(&str, Dtmf); 4] = [
    ("auto", Dtmf::Auto),
    ("rfc4733", Dtmf::Rfc4733),
    ("info", Dtmf::Info),
    ("inband", Dtmf::Inband),
];
/// The longest PIN.
const PIN_MAX: usize = 16;
