//! The words of Bellwire's domain, shared by every other crate.
//!
//! Nothing here does anything: numbers, extensions and codes are described, and the two languages in
//! which the switch speaks with the rest of the system are defined: [`Input`] and [`Effect`].
//!
//! **Invariant:** `no_std`. No clock, no socket, no thread, no unordered map.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod call;
mod change;
mod command;
mod directory;
mod effect;
mod fact;
mod ids;
mod input;
mod mailbox;
mod media;
mod mix;
mod number;
mod numbering;
mod queue;
mod sound;
mod time;
mod wake_up;
mod zone;

pub use call::{Cause, Digit, Origin, Party};
pub use change::Change;
pub use command::{Command, RoomCommand, TalkCommand};
pub use directory::{
    Agent, AgentRefusal, AgentWish, Announce, BlacklistScope, Blacklisted, CivilDate, CodecName,
    Contact, Department, Destination, Directory, Dtmf, Extension, FollowMe, FollowStep,
    ForwardWhen, Forwarding, InboundRoute, Language, Mail, MailSecurity, Menu, OpenHours,
    OutboundRoute, Parking, Password, Queue, QueueStrategy, RecordPolicy, RingGroup, RingStrategy,
    Role, Room, RoomRole, Schedule, Secret, Site, SrtpPolicy, System, TlsTrust, Trunk, TrunkHealth,
    TrunkKind, TrunkMedia, TrunkTransport, User, Weekday,
};
pub use effect::{
    AutoAnswer, Effect, Keys, Question, Reply, Ring, Switched, Target, TransferProgress,
};
pub use fact::{
    CallRecord, CallStatus, CallType, ExtensionState, Fact, FinalCallee, LegQuality, RoomFact,
    WakeUpOutcome,
};
pub use ids::{CallId, LegId, PlayId, QuestionId, RecordingId, RoomId, TimerId};
pub use input::{Incoming, Input, LegEvent, Reachability, TransferTo};
pub use mailbox::{
    GreetingKind, Heard, MESSAGES_MAX, Mailbox, MailboxChange, Message, MessageCounts, voice_file,
};
pub use media::{PlayEnd, RecordingFormat, RecordingLayout};
pub use mix::{Group, MixPlan};
pub use number::{NotANumber, Number};
pub use numbering::{Numbering, Spellings};
pub use queue::{
    AgentState, LeftBecause, LiveAgent, LiveCaller, LiveQueue, QueueEvent, QueueFact, Ticket,
};
pub use sound::{MusicName, Phrase, Sound, Tone};
pub use time::{Duration, Now, Time, Wall};
pub use wake_up::{WakeUp, WakeUpId};
pub use zone::{Civil, Zone};
