//! What the running server knows and the store does not.

use crate::studio::Studio;
use model::{
    CallId, Command, Directory, ExtensionState, LegId, LiveQueue, Number, Party, RoomRole, Secret,
    Switched, Wall,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use utoipa::ToSchema;

/// An answer that comes when the threads that know it have been asked.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The running server, as the interface sees it.
pub trait Backend: Send + Sync + 'static {
    /// The time of the wall.
    fn now(&self) -> Wall;
    /// Calls in progress.
    fn calls(&self) -> Later<'_, Vec<LiveCall>>;
    /// The state of every extension.
    fn states(&self) -> Later<'_, BTreeMap<Number, ExtensionState>>;
    /// The conferences in progress.
    fn rooms(&self) -> Later<'_, Vec<LiveRoom>>;
    /// All queues: who waits, and what their agents do.
    fn queues(&self) -> Later<'_, Vec<LiveQueue>>;
    /// Asks something of a call; what comes of it is told by facts, and seen by whoever looks after that.
    fn command(&self, command: Command);
    /// What is kept of an extension's password.
    fn secret(&self, extension: &Number, password: &str) -> Secret;
    /// Lets a page prove itself as a phone with this from here on; the user that it names then.
    fn admit(&self, pass: Pass) -> String;
    /// A session is over: what was admitted for it is so no longer, and what is connected by it is cut off.
    fn revoke(&self, session: u64);
    /// The signalling of a call that came in at that moment; `None` when nothing is known of it.
    fn trace(&self, call: CallId, start: Wall) -> Later<'_, Option<Trace>>;
    /// Where a number leads when an extension's calls are sent there.
    fn reach(&self, from: Number, to: Number) -> Later<'_, Reach>;
    /// The feature codes in force, in the order of the manual; those that are switched off are left out.
    fn codes(&self, directory: &Directory) -> Vec<FeatureCode>;
    /// Its prompts, announcements and music.
    fn studio(&self) -> Arc<dyn Studio>;
    /// The configuration as a site file.
    fn site_text(&self) -> String;
    /// Makes the system equal to a site file, in one transaction, or only says what would change.
    fn apply_site(&self, text: String, mode: Mode) -> Later<'_, Result<Applied, NotApplied>>;
}

/// What a page proves itself with as a phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pass {
    /// The session that it belongs to.
    pub session: u64,
    /// For whom it speaks.
    pub extension: Number,
    /// Tells it from the session's others.
    pub random: String,
    /// Its password.
    pub password: String,
    /// How long it is good, in seconds.
    pub lasts_s: u32,
}

/// Where a number leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// To an extension, group, queue, room, menu or schedule.
    Inside,
    /// Out on a line.
    Outside,
    /// Out on a line that the extension may not use.
    NotAllowed,
    /// To a feature.
    Code,
    /// Nowhere.
    Nowhere,
}

/// A call in progress.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveCall {
    /// Its number in this run of the server.
    pub call: CallId,
    /// When it came in.
    pub start: Wall,
    /// The caller's number; empty when anonymous.
    pub caller: String,
    /// The caller's name.
    pub caller_name: String,
    /// What was dialled.
    pub callee: Number,
    /// The phase it is in: `dial`, `talk`.
    pub state: String,
    /// Who is in it: numbers, or nothing for whoever does not show one.
    pub parties: Vec<String>,
}

/// A conference in progress.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveRoom {
    /// The number of its room.
    pub number: Number,
    /// Whether only administrators are let in.
    pub locked: Switched,
    /// Who is in it, in the order in which they came.
    pub members: Vec<LiveMember>,
}

/// A party of a conference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveMember {
    /// Its leg.
    pub leg: LegId,
    /// Who it is.
    pub party: Party,
    /// What it may do.
    pub role: RoomRole,
    /// Whether nobody hears it.
    pub muted: Switched,
    /// When it came.
    pub since: Wall,
}

/// A feature code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FeatureCode {
    /// Its name in the site file.
    #[schema(value_type = String, example = "dnd_on")]
    pub name: &'static str,
    /// What is dialled.
    #[schema(example = "*74")]
    pub code: String,
    /// Where it works: `idle` dialled like a number, `talk` pressed in a conversation, `consult` while another party is
    /// being asked, `room` in a conference, `invite` while somebody is being invited to one.
    #[schema(value_type = String, example = "idle")]
    pub place: &'static str,
    /// What is dialled behind it: `nothing`, `extension`, `number`, `moment` (month, day, hour, minute).
    #[schema(value_type = String, example = "nothing")]
    pub argument: &'static str,
    /// Its section of the manual; empty when the manual does not know it.
    #[schema(value_type = String, example = "2.11")]
    pub section: &'static str,
    /// Its name in English.
    #[schema(value_type = String)]
    pub english: &'static str,
    /// Its name in Chinese.
    #[schema(value_type = String)]
    pub chinese: &'static str,
    /// Whether it listens to others' calls: shown to whom that is allowed.
    #[serde(skip)]
    pub monitors: bool,
}

/// Whether a site file is applied, or only looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It is.
    Apply,
    /// What would change is told.
    DryRun,
}

/// What came of applying a site file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Applied {
    /// What changes, a line each.
    pub changes: Vec<String>,
    /// The passwords of new extensions for which the file names none, by number; told this once.
    pub generated: BTreeMap<String, String>,
    /// What is allowed but may surprise, a line each.
    pub warnings: Vec<String>,
}

/// Why a site file was not applied; nothing of it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotApplied {
    /// The file is wrong: a line each, with line and column.
    #[error("{}", .0.join("\n"))]
    Content(Vec<String>),
    /// Others change the configuration all the time.
    #[error("the configuration changes all the time, nothing was changed; apply the file again")]
    Raced,
    /// It could not be made durable.
    #[error("{0}")]
    NotSaved(String),
}

/// What happened in one call, line by line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Trace {
    /// The call's number in this run of the server.
    pub call: u64,
    /// Messages and events in order.
    pub lines: Vec<TraceLine>,
}

/// One message or event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TraceLine {
    /// When, RFC 3339 with milliseconds.
    pub at: String,
    /// `received`, `sent` or `event`.
    #[schema(value_type = String)]
    pub what: &'static str,
    /// The other end of a message: extension, trunk or address; empty for an event.
    pub party: String,
    /// The other end's address with the transport in front; empty for an event.
    pub address: String,
    /// The message without credentials, or the event in words.
    pub text: String,
}
