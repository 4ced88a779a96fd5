//! `[system]`, `[parking]`, `[feature_codes]` and `[smtp]`.

use super::{Reader, email, filled, music, plain};
use crate::document::{Fields, nearest};
use crate::site::read::refer::Refers;
use model::{BlacklistScope, Duration, Language, MailSecurity, Password, RecordingFormat};
use std::collections::BTreeMap;
use std::num::NonZeroU32;
use switch::codes::CODES;

impl<'r> Reader<'r> {
    pub(super) fn system(&mut self, root: &Fields<'r>) {
        let Some(fields) = root.table("system") else {
            return;
        };
        let operator = fields.number_or_empty("operator");
        let codecs = self.codecs(&fields);
        let system = &mut self.directory.system;
        set(&mut system.name, fields.parsed("name", filled));
        set(&mut system.language, fields.choice("language", &LANGUAGES));
        set(&mut system.timezone, fields.parsed("timezone", timezone));
        set(&mut system.country, fields.parsed("country", country));
        if let Some(portal) = fields.flag("portal") {
            system.portal = portal;
        }
        set(
            &mut system.ring_time,
            fields
                .whole("ring_seconds", 1..=RING_SECONDS_MAX)
                .map(|found| found.map(seconds)),
        );
        if let Some(music) = fields.parsed_or_empty("music", music) {
            system.music = music.value;
        }
        if let Some(codecs) = codecs {
            system.codecs = codecs;
        }
        if let Some(on) = fields.flag("outbound_call_features") {
            system.outbound_call_features = on;
        }
        if let Some(on) = fields.flag("block_anonymous") {
            system.block_anonymous = on;
        }
        if let Some(countries) = fields.parsed_list("abroad", country_code) {
            system.abroad = countries.into_iter().map(|found| found.value).collect();
        }
        for (key, most) in [
            ("outside_calls_max", &mut system.outside_calls_max),
            ("outside_calls_a_minute", &mut system.outside_calls_a_minute),
        ] {
            if let Some(found) = fields.whole(key, 0..=OUTSIDE_CALLS_MAX) {
                *most = NonZeroU32::new(found.value);
            }
        }
        let scopes = [
            ("system", BlacklistScope::System),
            ("extension", BlacklistScope::Extension),
        ];
        set(
            &mut system.blacklist_scope,
            fields.choice("blacklist_scope", &scopes),
        );
        set(
            &mut system.recording_format,
            fields.choice("recording_format", &RECORDING_FORMATS),
        );
        if let Some(found) = operator {
            system.operator = found.value;
            if let Some(number) = found.value {
                self.refer(Refers::Inside, &found.map(|_| number));
            }
        }
        fields.finish();
    }

    pub(super) fn parking(&mut self, root: &Fields<'r>) {
        let Some(fields) = root.table("parking") else {
            return;
        };
        let parking = &mut self.directory.parking;
        if let Some(slots) = fields.parsed("slots", slots) {
            (parking.first, parking.last) = slots.value;
        }
        set(
            &mut parking.wait,
            fields
                .whole("seconds", 5..=3_600)
                .map(|found| found.map(seconds)),
        );
        set(
            &mut parking.recall,
            fields
                .whole("recall_seconds", 5..=RING_SECONDS_MAX)
                .map(|found| found.map(seconds)),
        );
        fields.finish();
    }

    pub(super) fn feature_codes(&mut self, root: &Fields<'r>) {
        let Some(pairs) = root.text_map("feature_codes") else {
            return;
        };
        let mut codes = BTreeMap::new();
        for (name, code) in pairs {
            let known = CODES.iter().map(|row| row.name);
            if !known.clone().any(|code| code == name.value) {
                let remedy = match nearest(&name.value, known.clone()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("known: {}", known.collect::<Vec<_>>().join(", ")),
                };
                let message = format!("there is no feature `{}`; {remedy}", name.value);
                self.report.add(name.place, message);
            } else if let Err(message) = code_text(&code.value) {
                let message = format!("`feature_codes.{}` {message}", name.value);
                self.report.add(code.place, message);
            } else {
                codes.insert(name.value, code.value);
            }
        }
        self.directory.feature_codes = codes;
    }

    pub(super) fn mail(&mut self, root: &Fields<'r>) {
        let Some(fields) = root.table("smtp") else {
            return;
        };
        let mail = &mut self.draft.site.mail;
        set(&mut mail.host, fields.parsed("host", plain));
        if let Some(port) = fields.whole("port", 1..=65_535) {
            mail.port = u16::try_from(port.value).unwrap_or(mail.port);
        }
        set(&mut mail.user, fields.parsed("user", plain));
        set(
            &mut mail.password,
            fields
                .secret("password", self.from)
                .map(|found| found.map(Password)),
        );
        set(&mut mail.from, fields.parsed("from", email));
        let kinds = [
            ("none", MailSecurity::None),
            ("starttls", MailSecurity::StartTls),
            ("tls", MailSecurity::Tls),
        ];
        set(&mut mail.security, fields.choice("security", &kinds));
        if !mail.host.is_empty() && mail.from.is_empty() {
            fields.problem("`smtp.from` is missing; add the address that mail is sent from");
        }
        fields.finish();
    }
}

/// The languages by their names in the file.
pub(super) const LANGUAGES: [(&str, Language); 2] =
    [("zh-CN", Language::Chinese), ("en", Language::English)];

/// The formats of recordings by their names in the file.
const RECORDING_FORMATS: [(&str, RecordingFormat); 2] = [
    ("wav", RecordingFormat::Wav),
    ("opus", RecordingFormat::Opus),
];

/// Puts what was found in place of what was there.
pub(super) fn set<T>(target: &mut T, found: Option<crate::document::Found<T>>) {
    if let Some(found) = found {
        *target = found.value;
    }
}

pub(super) fn seconds(count: u32) -> Duration {
    Duration::from_secs(count.into())
}

fn timezone(text: &str) -> Result<String, String> {
    if jiff::tz::TimeZone::get(text).is_ok() {
        return Ok(text.to_owned());
    }
    let known: Vec<String> = jiff::tz::db()
        .available()
        .map(|name| name.to_string())
        .collect();
    Err(match nearest(text, known.iter().map(String::as_str)) {
        Some(near) => format!("is {text:?}; did you mean {near:?}?"),
        None => format!("is {text:?}; it must be a time zone such as \"Asia/Shanghai\""),
    })
}

/// Reads a country code, or `*` for all.
fn country_code(text: &str) -> Result<String, String> {
    let digits = text.strip_prefix('+').unwrap_or_default();
    let is_code = (1..=7).contains(&digits.len()) && digits.bytes().all(|key| key.is_ascii_digit());
    (is_code || text == "*")
        .then(|| text.to_owned())
        .ok_or_else(|| {
            format!("is {text:?}; it must be a country code such as \"+44\", or \"*\" for all")
        })
}

fn country(text: &str) -> Result<String, String> {
    let is_one = text.len() == 2 && text.bytes().all(|letter| letter.is_ascii_lowercase());
    is_one.then(|| text.to_owned()).ok_or_else(|| {
        format!("is {text:?}; it must be two small letters such as \"cn\" or \"us\"")
    })
}

/// Reads `41-49`.
fn slots(text: &str) -> Result<(u16, u16), String> {
    let wrong = || format!("is {text:?}; it must be a range such as \"41-49\"");
    let (first, last) = text.split_once('-').ok_or_else(wrong)?;
    let slot = |text: &str| {
        let is_plain = text.bytes().all(|digit| digit.is_ascii_digit()) && !text.starts_with('0');
        is_plain
            .then(|| text.parse().ok())
            .flatten()
            .ok_or_else(wrong)
    };
    let (first, last): (u16, u16) = (slot(first)?, slot(last)?);
    if last < first || last - first >= SLOTS_MAX {
        return Err(format!(
            "is {text:?}; its end must not be below its begin, and it may hold {SLOTS_MAX} slots"
        ));
    }
    Ok((first, last))
}

fn code_text(text: &str) -> Result<(), String> {
    let is_one = text.len() <= CODE_MAX
        && text
            .bytes()
            .all(|key| key.is_ascii_digit() || matches!(key, b'*' | b'#'));
    is_one.then_some(()).ok_or_else(|| {
        format!("is {text:?}; it must be up to {CODE_MAX} of the keys 0-9 * #, or empty to switch it off")
    })
}

/// The longest time that anything rings.
pub(super) const RING_SECONDS_MAX: u32 = 600;
const SLOTS_MAX: u16 = 100;
const CODE_MAX: usize = 8;
/// More than any line carries.
const OUTSIDE_CALLS_MAX: u32 = 10_000;
