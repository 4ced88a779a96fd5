//! `bellwire admin …`: the way back in.

use super::client::{Client, escaped};
use super::{Output, Place};
use crate::admin::people::{NewToken, PasswordSet, new_token, set_password};
use crate::print;
use crate::site::random_password;
use anyhow::{Context, Result};
use clap::{Subcommand, ValueEnum};
use model::Role;
use std::io::{BufRead, IsTerminal, Write};
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub(super) enum Admin {
    /// Gives somebody who administers a password; adds him as an administrator when there is none of that name
    ///
    /// The password is read from stdin: `echo SECRET | bellwire admin set-password`, or typed without being shown. An
    /// empty line makes one up and prints it once. Sessions with the old password end at once.
    SetPassword {
        /// Whose
        #[arg(long, value_name = "NAME", default_value = "admin")]
        user: String,
        #[command(flatten)]
        place: Place,
    },
    /// Makes a bearer token for scripts and prints it once; one of that name is replaced
    Token {
        /// Its name
        name: String,
        /// What it may do
        #[arg(long, value_enum, default_value_t = TokenRole::Admin)]
        role: TokenRole,
        #[command(flatten)]
        output: Output,
        #[command(flatten)]
        place: Place,
    },
}

/// What a token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum TokenRole {
    /// Everything
    Admin,
    /// Contacts, blacklist, call records
    Operator,
}

impl Admin {
    pub(super) fn run(self) -> Result<ExitCode> {
        match self {
            Self::SetPassword { user, place } => password(&place, &user)?,
            Self::Token {
                name,
                role,
                output,
                place,
            } => token(&place, &name, role, output)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn password(place: &Place, user: &str) -> Result<()> {
    let typed = typed()?;
    let made_up = typed.is_empty().then(random_password);
    let password = made_up.as_deref().unwrap_or(&typed);
    let set = match Client::find(&place.data)? {
        Some(client) => {
            let path = format!("/users/{}/password", escaped(user));
            client.send("PUT", &path, password)?
        }
        None => {
            let (_folder, store) = super::site::open(place)?;
            let set = crate::block_on(set_password(&store, user, password));
            store.close();
            set?
        }
    };
    print::line(&match set {
        PasswordSet::Added => format!("{user} was added as an administrator"),
        PasswordSet::Changed => format!("{user} has another password; earlier sessions have ended"),
    });
    if let Some(password) = &made_up {
        print::line(&format!("password: {password}"));
    }
    Ok(())
}

/// One line of stdin; what is typed at a terminal is not shown.
fn typed() -> Result<String> {
    let stdin = std::io::stdin();
    let hidden = if stdin.is_terminal() {
        // stdout may go to a file.
        let mut stderr = std::io::stderr();
        write!(stderr, "new password (empty: one is made up): ")?;
        stderr.flush()?;
        Some(Hidden::begin()?)
    } else {
        None
    };
    let mut line = String::new();
    stdin
        .lock()
        .read_line(&mut line)
        .context("the password cannot be read from stdin")?;
    if hidden.is_some() {
        print::note("");
    }
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// A terminal that does not show what is typed, for as long as this lives.
struct Hidden(rustix::termios::Termios);

impl Hidden {
    fn begin() -> Result<Self> {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let shown = tcgetattr(std::io::stdin())?;
        let mut hidden = shown.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        tcsetattr(std::io::stdin(), OptionalActions::Now, &hidden)?;
        Ok(Self(shown))
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        use rustix::termios::{OptionalActions, tcsetattr};
        // There is nothing else to do about a terminal that went away.
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &self.0);
    }
}

fn token(place: &Place, name: &str, role: TokenRole, output: Output) -> Result<()> {
    let (role, word) = match role {
        TokenRole::Admin => (Role::Admin, "admin"),
        TokenRole::Operator => (Role::Operator, "operator"),
    };
    let made = match Client::find(&place.data)? {
        Some(client) => {
            let path = format!("/tokens/{}?role={word}", escaped(name));
            client.send("PUT", &path, "")?
        }
        None => {
            let (_folder, store) = super::site::open(place)?;
            let token = new_token(name, role)?;
            let put = store.put_token(token.row).wait();
            store.close();
            put?;
            NewToken {
                token: token.secret,
            }
        }
    };
    if output.json {
        print::line(&serde_json::to_string_pretty(&made)?);
    } else {
        print::line(&made.token);
    }
    Ok(())
}
