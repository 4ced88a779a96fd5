//! Who administers, who can be looked up, who is refused, and how mail is sent.

use crate::{Number, Wall};
use alloc::string::String;
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
    /// The name.
    pub name: String,
    /// The number to dial, if there is one.
    pub phone: Option<Number>,
    /// The mail address.
    pub email: String,
    /// The company.
    pub company: String,
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
