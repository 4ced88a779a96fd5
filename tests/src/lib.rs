//! Real peers for the real binary: phones, servers and files that tests drive.
//!
//! [`Server`] is the product as people start it. [`Linphone`] and [`Baresip`] are phones, [`Sipp`] is a crowd
//! of them, [`Chromium`] is a browser with telephones in its pages, [`MailServer`] takes mail. What a phone heard is a [`Recording`]; each phone plays a tone of its own, so that a recording
//! tells who was heard, and when.
//!
//! Everything is of one test: ports come from a [`Lease`] that no other test on the machine has, files lie in
//! a folder that goes with the test, and processes end with the value that stands for them, also when the
//! test fails. Nothing sleeps for luck: a step waits for what it needs to see, until a deadline.

mod api;
mod baresip;
mod chromium;
mod ears;
mod linphone;
mod log;
mod login;
mod mail;
mod page;
mod ports;
mod process;
mod prompts;
mod server;
mod sipp;
mod site;
mod wav;

pub use api::ApiUser;
pub use baresip::{Baresip, BaresipSetup};
pub use chromium::{BrowserCall, BrowserPhone, Chromium};
pub use ears::{CLEAR_DBFS, HEARD_DBFS, Recording, Span};
pub use linphone::{Linphone, LinphoneSetup};
pub use log::Log;
pub use login::{Keys, Login, Transport};
pub use mail::{Mail, MailServer, MailState};
pub use page::Page;
pub use ports::Lease;
pub use process::Process;
pub use server::Server;
pub use sipp::{Outcome, Sipp, SippSetup};
pub use site::Site;
pub use wav::{read_wav, write_tone};

use std::time::Duration;

/// How long a step may take before the test fails. Machines that run tests are busy.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Tones of the parties (CHECKLIST 2.26): clear of each other, of progress tones, of keys and of fax.
pub mod tones {
    /// The first party.
    pub const ALICE: f64 = 520.0;
    /// The second party.
    pub const BOB: f64 = 1150.0;
    /// The third party.
    pub const CAROL: f64 = 1790.0;
    /// The fourth party.
    pub const DAVE: f64 = 2330.0;
}

/// Lets a conversation last. The one thing in a call that takes time because it is meant to.
pub fn talk(how_long: Duration) {
    std::thread::sleep(how_long);
}

/// Looks again and again until something is the case.
///
/// # Panics
/// When it is still not the case after `within`.
pub fn until(what: &str, within: Duration, mut look: impl FnMut() -> bool) {
    let deadline = std::time::Instant::now() + within;
    while !look() {
        assert!(
            std::time::Instant::now() < deadline,
            "waited {within:?} for this to be so: {what}"
        );
        std::thread::sleep(LOOK_EVERY);
    }
}

const LOOK_EVERY: Duration = Duration::from_millis(50);
