//! An extension's own settings (manual §1.9).

use crate::account::Owner;
use crate::extract::Body;
use crate::problem::{Problem, Refused};
use crate::state::Api;
use crate::text::Checks;
use crate::version::{IfMatch, Versioned};
use axum::extract::State;
use model::Extension;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an extension's owner sets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// Do not disturb: calls are refused, calling works (SET-02).
    dnd: bool,
    /// Where voicemail is sent; several addresses with commas between them, or none (SET-03).
    #[schema(example = "name@example.org")]
    email: String,
    /// Whether calls that nobody takes reach a mailbox (SET-04).
    voicemail: bool,
    /// The mailbox's PIN, 4 to 10 digits; only written, and kept when it is missing (SET-05).
    #[serde(default, skip_serializing)]
    #[schema(write_only, pattern = "^[0-9]{4,10}$")]
    voicemail_pin: Option<String>,
}

impl Settings {
    /// Those of an extension.
    pub(crate) fn of(extension: &Extension) -> Self {
        Self {
            dnd: extension.do_not_disturb,
            email: extension.email.clone(),
            voicemail: extension.voicemail,
            voicemail_pin: None,
        }
    }

    fn checked(self) -> Result<Self, Problem> {
        let mut checks = Checks::default();
        let email = checks.emails("email", &self.email);
        if let Some(pin) = &self.voicemail_pin {
            let digits = pin.bytes().all(|digit| digit.is_ascii_digit());
            if !digits || !(PIN_MIN..=PIN_MAX).contains(&pin.len()) {
                checks.add("voicemail_pin", "not-a-pin", "must be 4 to 10 digits");
            }
        }
        checks.done()?;
        Ok(Self { email, ..self })
    }
}

/// Tells an extension's settings.
#[utoipa::path(get, path = "/settings", tag = "settings",
    responses((status = 200, body = Settings), Refused))]
pub(crate) async fn settings(owner: Owner) -> Versioned<Settings> {
    Versioned(Settings::of(&owner.extension))
}

/// Replaces an extension's settings; star codes and phones show them at once.
#[utoipa::path(put, path = "/settings", tag = "settings", request_body = Settings,
    params(("If-Match" = Option<String>, Header, description = "The version that `ETag` gave")),
    responses((status = 200, body = Settings),
        (status = 412, body = Problem, content_type = "application/problem+json",
            description = "Something else was saved meanwhile"),
        Refused))]
pub(crate) async fn set_settings(
    owner: Owner,
    State(api): State<Api>,
    version: IfMatch,
    Body(settings): Body<Settings>,
) -> Result<Versioned<Settings>, Problem> {
    version.holds(&Settings::of(&owner.extension))?;
    let settings = settings.checked()?;
    let saved = api.edit(owner.number, move |extension| {
        extension.do_not_disturb = settings.dnd;
        extension.email = settings.email;
        extension.voicemail = settings.voicemail;
        if let Some(pin) = settings.voicemail_pin {
            extension.voicemail_pin = pin;
        }
    });
    Ok(Versioned(Settings::of(&*saved.await?)))
}

const PIN_MIN: usize = 4;
const PIN_MAX: usize = 10;
