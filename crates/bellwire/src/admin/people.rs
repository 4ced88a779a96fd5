//! The way back in for whoever owns the data folder: passwords of users, tokens for scripts.

use crate::site::is_password;
use anyhow::{Context, Result, bail};
use model::{Role, Site, User, Wall};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use store::Store;

/// What became of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum PasswordSet {
    /// He is new, and an administrator.
    Added,
    /// He has another password; his sessions have ended.
    Changed,
}

/// A token, told once.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct NewToken {
    /// The token.
    pub(crate) token: String,
}

/// Gives a user a password; one who does not exist becomes an administrator.
pub(crate) async fn set_password(store: &Store, name: &str, password: &str) -> Result<PasswordSet> {
    is_name(name)?;
    if let Err(message) = is_password(password) {
        bail!("the password {message}");
    }
    let password = password.to_owned();
    let hash = tokio::task::spawn_blocking(move || api::password::hash(&password));
    let hash = hash
        .await
        .ok()
        .flatten()
        .context("this machine has no random numbers")?;
    let set = match store.site().users.contains_key(name) {
        true => PasswordSet::Changed,
        false => PasswordSet::Added,
    };
    let name = name.to_owned();
    let changed = store.change(move |site| {
        let mut users = site.users.clone();
        let role = users.get(&name).map_or(Role::Admin, |user| user.role);
        let user = User {
            name: name.clone(),
            role,
            password: hash,
        };
        users.insert(name, Arc::new(user));
        Some(Site {
            users,
            ..site.clone()
        })
    });
    changed.await?;
    Ok(set)
}

/// A token of that name.
pub(crate) fn new_token(name: &str, role: Role) -> Result<api::Token> {
    is_name(name)?;
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let now = Wall(i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
    api::Token::new(name, role, now).context("this machine has no random numbers")
}

fn is_name(name: &str) -> Result<()> {
    let fits = !name.trim().is_empty() && name.chars().count() <= NAME_MAX;
    if !fits || name.chars().any(char::is_control) {
        bail!("{name:?} is no name; write one of up to {NAME_MAX} characters");
    }
    Ok(())
}

/// The longest name.
const NAME_MAX: usize = 128;
