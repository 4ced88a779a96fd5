//! Who administers, who can be looked up, who is refused, and how mail is sent.

use crate::{Number, Wall};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Somebody who administers the system.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The name to log in with.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The Argon2id hash of the password, in PHC text form.
    pub password: String,
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "User({}, {:?})", self.name, self.role)
    }
}

/// What a user may do (AD-01).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Everything.
    Admin,
    /// Contacts, wake-up calls, blacklist, call and fax records; no settings of the system.
    Operator,
}

/// How mail is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// The SMTP server; empty when no mail is sent.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The account there; empty when it wants none.
    pub user: String,
    /// The account's password.
    pub password: Password,
    /// The sender's address.
    pub from: String,
    /// How the connection is protected.
    pub security: MailSecurity,
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            host: String::new(),
            port: 587,
            user: String::new(),
            password: Password::default(),
            from: String::new(),
            security: MailSecurity::StartTls,
        }
    }
}

/// How the connection to a mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailSecurity {
    /// Not at all.
    None,
    /// TLS after a plain greeting (RFC 3207).
    StartTls,
    /// TLS from the first byte (RFC 8314).
    Tls,
}

/// A password that Bellwire must present to others, so that it cannot be kept hashed.
///
/// It is never printed, and serde leaves it out: journals, traces and API answers do not contain it.
/// The store keeps it encrypted.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Password(pub String);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

impl Serialize for Password {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_unit()
    }
}

impl<'de> Deserialize<'de> for Password {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(serde::de::IgnoredAny)
            .map(|_| Self::default())
    }
}

/// Somebody in the company phone book.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Contact {
    /// Tells it from all others, and stays when it is edited; below 2^53. 0: it has none yet.
    #[serde(default)]
    pub id: u64,
    /// The name.
    pub name: String,
    /// The number to dial, if there is one.
    pub phone: Option<Number>,
    /// The mail address.
    pub email: String,
    /// The company.
    pub company: String,
}

impl Contact {
    /// Gives contacts without an id one: that of the same contact among those known so far, else one made of what they
    /// say.
    pub fn identify(contacts: &mut [Self], known: &[Arc<Self>]) {
        let mut known: BTreeMap<Self, BTreeSet<u64>> =
            known.iter().fold(BTreeMap::new(), |mut known, contact| {
                let same = Self {
                    id: 0,
                    ..(**contact).clone()
                };
                known.entry(same).or_default().insert(contact.id);
                known
            });
        let mut taken: BTreeSet<u64> = contacts.iter().map(|contact| contact.id).collect();
        taken.insert(0);
        for contact in contacts.iter_mut().filter(|contact| contact.id == 0) {
            let before = known.get_mut(contact).and_then(BTreeSet::pop_first);
            let mut id = before.unwrap_or_else(|| contact.digest());
            while !taken.insert(id) {
                id = id % Self::ID_MAX + 1;
            }
            contact.id = id;
        }
    }

    /// FNV-1a of what it says, as an id.
    fn digest(&self) -> u64 {
        let phone = self.phone.as_ref().map(|phone| phone.as_str());
        let said = [
            &*self.name,
            phone.unwrap_or_default(),
            &*self.email,
            &*self.company,
        ];
        let bytes = said.iter().flat_map(|text| text.bytes().chain([0]));
        let digest = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |digest, byte| {
            (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        digest % Self::ID_MAX + 1
    }

    /// Every JSON reader keeps a number up to here exactly.
    pub const ID_MAX: u64 = (1 << 53) - 1;
}

/// A caller from outside that is refused (manual §2.5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blacklisted {
    /// The number.
    pub number: Number,
    /// Why, in the words of who listed it.
    pub note: String,
    /// Who listed it: an extension's number or an administrator's name; empty: the site file.
    #[serde(default)]
    pub added_by: String,
    /// When; `None`: not known.
    #[serde(default)]
    pub added_at: Option<Wall>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;
    use std::vec;

    #[test]
    fn contacts_keep_their_ids_and_new_ones_get_others() {
        let named = |name: &str, id| Contact {
            id,
            name: name.to_string(),
            ..Contact::default()
        };
        let known = [Arc::new(named("Bob", 7)), Arc::new(named("Bob", 8))];
        let mut contacts = vec![
            named("Bob", 0),
            named("Ann", 0),
            named("Bob", 0),
            named("Bob", 0),
        ];
        Contact::identify(&mut contacts, &known);
        let ids: BTreeSet<_> = contacts.iter().map(|contact| contact.id).collect();
        assert_eq!(ids.len(), 4, "{contacts:?}");
        assert!(ids.is_superset(&BTreeSet::from([7, 8])));
        let mut again = vec![named("Ann", 0)];
        Contact::identify(&mut again, &[]);
        assert_eq!(again[0].id, contacts[1].id, "the same says the same");
    }
}
