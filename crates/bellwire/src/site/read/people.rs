//! `[[user]]`, `[[department]]`, `[[extension]]`, `[[contact]]` and `[[blacklist]]`.

use super::refer::Refers;
use super::system::{LANGUAGES, RING_SECONDS_MAX, seconds, set};
use super::{DTMF, Reader, email, filled, music, plain};
use crate::document::{Fields, Found, nearest};
use crate::site::secret;
use model::{
    Blacklisted, Contact, Department, Extension, Number, RecordPolicy, Role, Secret, SrtpPolicy,
    User,
};
use std::collections::BTreeSet;
use std::sync::Arc;

impl<'r> Reader<'r> {
    pub(super) fn users(&mut self, root: &Fields<'r>) {
        let users = self.named(root, "user", |reader, fields| {
            let name = fields.required("name", fields.parsed("name", filled));
            let roles = [("admin", Role::Admin), ("operator", Role::Operator)];
            let role = fields.choice("role", &roles);
            let password = reader.user_password(fields, name.as_ref());
            let name = name?;
            let user = User {
                name: name.value.clone(),
                role: role.map_or(Role::Admin, |role| role.value),
                password: password?,
            };
            Some((name.value.clone(), name, user))
        });
        if let Some(users) = users {
            self.draft.site.users = users;
        }
    }

    /// The hash of a user's password: that in force when the file names none, or the same one.
    fn user_password(&self, fields: &Fields<'r>, name: Option<&Found<String>>) -> Option<String> {
        let known = name.and_then(|name| self.base.users.get(&name.value));
        let password = fields.secret("password", self.from);
        let Some(password) = password else {
            if known.is_none() {
                fields.required("password", None::<()>);
            }
            return known.map(|user| user.password.clone());
        };
        if let Err(message) = secret::is_password(&password.value) {
            self.report
                .add(password.place, format!("`user.password` {message}"));
            return None;
        }
        let unchanged =
            known.filter(|user| api::password::is_of_hash(&password.value, &user.password));
        match unchanged {
            Some(user) => Some(user.password.clone()),
            None => api::password::hash(&password.value),
        }
    }

    pub(super) fn departments(&mut self, root: &Fields<'r>) {
        let departments = self.named(root, "department", |_, fields| {
            let name = fields.required("name", fields.parsed("name", filled))?;
            let department = Department {
                name: name.value.clone(),
            };
            Some((name.value.clone(), name, department))
        });
        if let Some(departments) = departments {
            self.directory.departments = departments;
        }
    }

    pub(super) fn extensions(&mut self, root: &Fields<'r>) {
        let extensions = self.numbered(root, "extension", Self::extension);
        if let Some(extensions) = extensions {
            self.directory.extensions = extensions;
        }
    }

    fn extension(&mut self, fields: &Fields<'r>, number: Number) -> Option<Extension> {
        let known = self.base.directory.extension(&number);
        let name = fields.parsed("name", plain);
        let name = name.map(|name| name.value).filter(|name| !name.is_empty());
        let secret = self.extension_secret(fields, number, known);
        let mut extension =
            Extension::new(number, &name.unwrap_or_else(|| number.to_string()), secret);
        if let Some(known) = known {
            extension.voicemail_pin.clone_from(&known.voicemail_pin);
            extension.do_not_disturb = known.do_not_disturb;
            extension.forwarding.clone_from(&known.forwarding);
            extension.follow_me.clone_from(&known.follow_me);
        }
        self.extension_rights(fields, &mut extension);
        set(&mut extension.email, fields.parsed("email", email));
        if let Some(language) = fields.parsed_or_empty("language", language) {
            extension.language = language.value;
        }
        if let Some(pin) = fields.secret("voicemail_pin", self.from) {
            match super::pin(&pin.value) {
                Ok(pin) => extension.voicemail_pin = pin,
                Err(message) => self
                    .report
                    .add(pin.place, format!("`extension.voicemail_pin` {message}")),
            }
        }
        if let Some(ring) = fields.whole("ring_seconds", 0..=RING_SECONDS_MAX) {
            extension.ring_time = (ring.value > 0).then(|| seconds(ring.value));
        }
        if let Some(most) = fields.whole("max_contacts", 1..=CONTACTS_MAX) {
            extension.max_contacts = u8::try_from(most.value).unwrap_or(u8::MAX);
        }
        if let Some(shown) = fields.number_or_empty("caller_id") {
            extension.caller_id = shown.value;
        }
        let records = [
            ("off", RecordPolicy::Off),
            ("all", RecordPolicy::All),
            ("internal", RecordPolicy::Internal),
            ("outside", RecordPolicy::Outside),
        ];
        set(&mut extension.record, fields.choice("record", &records));
        if let Some(codecs) = self.codecs(fields) {
            extension.codecs = codecs;
        }
        set(&mut extension.dtmf, fields.choice("dtmf", &DTMF));
        let policies = [
            ("off", SrtpPolicy::Off),
            ("allowed", SrtpPolicy::Allowed),
            ("required", SrtpPolicy::Required),
        ];
        set(&mut extension.srtp, fields.choice("srtp", &policies));
        if let Some(music) = fields.parsed_or_empty("music", music) {
            extension.music = music.value;
        }
        Some(extension)
    }

    fn extension_rights(&mut self, fields: &Fields<'r>, extension: &mut Extension) {
        for (key, flag) in [
            ("portal", &mut extension.portal),
            ("voicemail", &mut extension.voicemail),
            ("voicemail_mail_only", &mut extension.voicemail_mail_only),
            ("call_waiting", &mut extension.call_waiting),
            ("may_monitor", &mut extension.may_monitor),
            ("may_be_monitored", &mut extension.may_be_monitored),
            ("may_record", &mut extension.may_record),
        ] {
            if let Some(found) = fields.flag(key) {
                *flag = found;
            }
        }
        for (key, to, names) in [
            (
                "departments",
                Refers::Department,
                &mut extension.departments,
            ),
            (
                "outbound_routes",
                Refers::Route,
                &mut extension.outbound_routes,
            ),
        ] {
            let Some(found) = fields.texts(key) else {
                continue;
            };
            found.iter().for_each(|name| self.refer(to, name));
            *names = found
                .into_iter()
                .map(|name| name.value)
                .collect::<BTreeSet<_>>();
        }
    }

    /// What the extension's phones prove: from the password in the file, else what is in force, else
    /// from a password made up here.
    fn extension_secret(
        &mut self,
        fields: &Fields<'r>,
        number: Number,
        known: Option<&Extension>,
    ) -> Secret {
        if let Some(password) = fields.secret("password", self.from) {
            if let Err(message) = secret::is_password(&password.value) {
                self.report
                    .add(password.place, format!("`extension.password` {message}"));
                return Secret::NONE;
            }
            return secret::ha1(&number, &password.value);
        }
        if let Some(known) = known {
            return known.secret.clone();
        }
        let password = secret::random_password();
        let secret = secret::ha1(&number, &password);
        self.draft.generated.insert(number, password);
        secret
    }

    pub(super) fn contacts(&mut self, root: &Fields<'r>) {
        let Some(tables) = root.tables("contact") else {
            return;
        };
        let mut contacts = Vec::with_capacity(tables.len());
        for fields in tables {
            let name = fields.required("name", fields.parsed("name", filled));
            let phone = fields.parsed_or_empty("phone", pasted_number);
            let email = fields.parsed("email", email);
            let company = fields.parsed("company", plain);
            if let Some(name) = name {
                contacts.push(Contact {
                    id: 0,
                    name: name.value,
                    phone: phone.and_then(|phone| phone.value),
                    email: email.map(|email| email.value).unwrap_or_default(),
                    company: company.map(|company| company.value).unwrap_or_default(),
                });
            }
            fields.finish();
        }
        Contact::identify(&mut contacts, &self.base.directory.contacts);
        self.directory.contacts = contacts.into_iter().map(Arc::new).collect();
    }

    pub(super) fn blacklist(&mut self, root: &Fields<'r>) {
        let listed = self.named(root, "blacklist", |reader, fields| {
            let number = fields.required("number", fields.parsed("number", pasted_number));
            let note = fields.parsed("note", plain);
            let number = number?;
            let known = reader.base.directory.blacklist.get(&number.value);
            let listed = Blacklisted {
                number: number.value,
                note: note.map(|note| note.value).unwrap_or_default(),
                added_by: known
                    .map(|known| known.added_by.clone())
                    .unwrap_or_default(),
                added_at: known.and_then(|known| known.added_at),
            };
            Some((
                number.value,
                number.map(|number| number.to_string()),
                listed,
            ))
        });
        if let Some(listed) = listed {
            self.directory.blacklist = listed;
        }
    }
}

fn language(text: &str) -> Result<model::Language, String> {
    let words = LANGUAGES.iter().map(|(word, _)| *word);
    LANGUAGES
        .iter()
        .find(|(word, _)| *word == text)
        .map(|(_, language)| *language)
        .ok_or_else(|| match nearest(text, words.clone()) {
            Some(near) => format!("is {text:?}; did you mean {near:?}?"),
            None => format!(
                "is {text:?}; it must be one of {}",
                words.collect::<Vec<_>>().join(", ")
            ),
        })
}

/// Reads a number as people paste it (P-14).
fn pasted_number(text: &str) -> Result<Number, String> {
    Number::parse_pasted(text).map_err(|error| format!("is {text:?}: {error}"))
}

/// The most phones that one extension may have.
const CONTACTS_MAX: u32 = 20;
