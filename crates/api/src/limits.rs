//! Everything that is limited, in one place.

use std::time::Duration;

/// The longest body of JSON.
pub(crate) const BODY_MAX: usize = 64 << 10;
/// The longest site file.
pub(crate) const SITE_BODY_MAX: usize = 16 << 20;
/// The longest file of sound: five minutes of stereo at 48 kHz, or fifteen of mono at 16 kHz.
pub(crate) const SOUND_BODY_MAX: usize = 60_000_000;
/// Files of sound that are taken at the same time.
pub(crate) const SOUNDS_AT_ONCE_MAX: usize = 2;
/// How long a body may take to come in.
pub(crate) const BODY_WITHIN: Duration = Duration::from_secs(30);
/// The longest account name and password that are looked at.
pub(crate) const LOGIN_TEXT_MAX: usize = 256;
/// The shortest password that somebody can choose.
pub(crate) const PASSWORD_MIN: usize = 8;
/// Wrong passwords of one account and address within [`FAILURES_WITHIN_MS`]; further attempts are refused.
pub(crate) const FAILURES_MAX: usize = 5;
/// Wrong passwords of one address for whatever accounts.
pub(crate) const FAILURES_OF_ADDRESS_MAX: usize = 50;
/// How long a wrong password counts.
pub(crate) const FAILURES_WITHIN_MS: i64 = 5 * 60 * 1_000;
/// Accounts and addresses of which failures are remembered; beyond that the oldest are forgotten.
pub(crate) const THROTTLED_MAX: usize = 16_384;
/// Passwords that are checked at the same time: each takes 19 MiB for tens of milliseconds.
pub(crate) const CHECKS_MAX: usize = 2;
/// How long a login waits for its turn.
pub(crate) const CHECK_WITHIN: Duration = Duration::from_secs(5);
/// How long a session lasts without a request (GEN-06).
pub(crate) const IDLE_MS: i64 = 30 * 60 * 1_000;
/// How long a session lasts without a request on a device where somebody wants to stay logged in.
pub(crate) const STAY_MS: i64 = 30 * 24 * 60 * 60 * 1_000;
/// How exactly the last use of a session is known after a restart.
pub(crate) const SEEN_EVERY_MS: i64 = 60 * 1_000;
/// Sessions of one account; one more ends the oldest.
pub(crate) const SESSIONS_OF_ACCOUNT_MAX: usize = 20;
/// Sessions of all accounts.
pub(crate) const SESSIONS_MAX: usize = 50_000;
/// How long the login of a page as a phone is good.
pub(crate) const PASS_LASTS_S: u32 = 15 * 60;
/// Bars of the picture of a sound.
pub(crate) const PEAKS: usize = 200;
/// Tokens for scripts.
pub(crate) const TOKENS_MAX: usize = 1_000;
/// Contacts of one extension.
pub(crate) const CONTACTS_OF_OWNER_MAX: usize = 2_000;
/// Contacts of the company.
pub(crate) const COMPANY_CONTACTS_MAX: usize = 50_000;
/// Numbers on the blacklist.
pub(crate) const BLACKLIST_MAX: usize = 10_000;
/// The longest name or note, in characters.
pub(crate) const TEXT_MAX: usize = 128;
/// The longest list of mail addresses, in characters.
pub(crate) const EMAIL_MAX: usize = 254;
/// Records in one file of call records.
pub(crate) const CSV_RECORDS_MAX: usize = 1_000_000;
/// Facts that wait to be shown. More are lost, and whoever listens begins anew with a snapshot.
pub(crate) const FACTS_MAX: usize = 65_536;
/// Facts that are taken in at once.
pub(crate) const TOLD_AT_ONCE_MAX: usize = 1_024;
/// How long facts may wait for others before they are shown together: nobody sees the difference (UX: 300 ms).
pub(crate) const GATHERED_FOR: Duration = Duration::from_millis(20);
/// Events that are kept for whoever comes back after an interruption.
pub(crate) const EVENTS_KEPT: usize = 4_096;
/// Events that wait for one slow reader; beyond that it gets a snapshot in their place.
pub(crate) const EVENTS_WAITING_MAX: usize = 256;
/// Listeners of one account.
pub(crate) const LISTENERS_OF_ACCOUNT_MAX: usize = 16;
/// Listeners of all accounts.
pub(crate) const LISTENERS_MAX: usize = 4_096;
/// Live calls that are shown.
pub(crate) const LIVE_CALLS_MAX: usize = 65_536;
/// How often a listener hears that the line stands, and it is looked whether it may still listen.
pub(crate) const HEARTBEAT: Duration = Duration::from_secs(15);
/// How often sessions are looked through for those that ended.
pub(crate) const SWEEP_EVERY: Duration = Duration::from_secs(60);
