//! Real phones on the real binary.
//!
//! Each test starts a server of its own, with the extensions it needs. Linphone is the phone with a person at
//! it; baresip is the phone that tells exactly what it was told.

mod api;
mod calls;
mod codes;
mod conference;
mod in_call;
mod lamps;
mod load;
mod music;
mod protected;
mod queue;
mod refusals;
mod registration;
mod restart;
mod sound_check;
mod transfers;
mod transports;
mod trunks;
mod voicemail;
mod wake_up;

use peers::{Baresip, Linphone, PATIENCE, Server, Site, until};
use serde_json::Value;
use std::time::Duration;

/// A site in English without mailboxes, so that who is not reached is not reached.
fn office<'a>(extensions: impl IntoIterator<Item = &'a str> + Clone) -> Site {
    let site = Site::with(extensions.clone()).system("language = \"en\"");
    let no_mailbox = |site: Site, number| site.extension(number, "voicemail = false");
    extensions.into_iter().fold(site, no_mailbox)
}

/// A phone with a person at it.
fn linphone(server: &Server, number: &str) -> peers::LinphoneSetup {
    Linphone::with(server.login(number))
}

/// A phone that tells what it was told.
fn baresip(server: &Server, number: &str) -> peers::BaresipSetup {
    Baresip::with(server.login(number))
}

/// A text of a JSON object.
fn text<'a>(object: &'a Value, key: &str) -> &'a str {
    object.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Waits until a call is in a state, as `bellwire calls` tells it.
fn is_in(server: &Server, state: &str) {
    until(&format!("a call is in {state}"), PATIENCE, || {
        server
            .calls()
            .iter()
            .any(|call| text(call, "state") == state)
    });
}

/// A conversation long enough to tell who is heard.
const CONVERSATION: Duration = Duration::from_secs(2);
