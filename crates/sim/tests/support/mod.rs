//! What many stories begin with.
#![allow(dead_code, unreachable_pub, reason = "each story uses some of it")]

use model::Duration;
use sim::{Office, PhoneId, Stage};

pub const SECOND: Duration = Duration::from_secs(1);

/// One calls the other, who answers at once.
pub fn talk(office: &mut Office, caller: PhoneId, callee: PhoneId) {
    let number = office[callee].extension().to_owned();
    office[caller].dial(&number);
    let rings = |office: &Office| office[callee].stage() == Some(Stage::Ringing);
    assert!(office.run_until(5 * SECOND, rings), "it does not ring");
    office[callee].answer();
    let talks = |office: &Office| office[caller].stage() == Some(Stage::Talking);
    assert!(office.run_until(5 * SECOND, talks), "it is not answered");
    office.run_for(SECOND / 4);
}

/// Presses keys one after another.
pub fn press(office: &mut Office, phone: PhoneId, keys: &str) {
    for key in keys.chars() {
        office[phone].press(key);
        office.run_for(SECOND / 4);
    }
}

/// Dials, and is answered.
pub fn dials(office: &mut Office, phone: PhoneId, number: &str) {
    office[phone].dial(number);
    let talks = |office: &Office| office[phone].stage() == Some(Stage::Talking);
    assert!(office.run_until(5 * SECOND, talks), "{}", office.story(40));
}
