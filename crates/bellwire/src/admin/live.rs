//! What is live at this moment: asked of whoever runs the calls.

use crate::explain::Question;
use model::{LegQuality, Number};
use serde::{Deserialize, Serialize};
use std::future::Future;
use std::pin::Pin;
use store::{TokenRow, WriteError};

/// An answer that comes when the threads that know it have been asked.
pub(crate) type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The running server, as commands see it.
pub(crate) trait Live: Send + Sync + 'static {
    /// Calls in progress.
    fn calls(&self) -> Later<'_, Vec<LiveCall>>;
    /// Registered phones.
    fn registrations(&self) -> Later<'_, Vec<LiveRegistration>>;
    /// Trunks.
    fn trunks(&self) -> Later<'_, Vec<LiveTrunk>>;
    /// Legs.
    fn channels(&self) -> Later<'_, Vec<LiveChannel>>;
    /// The signalling of a call, by its number or by a SIP Call-ID; `None` when nothing is known of it.
    fn trace(&self, call: String) -> Later<'_, Option<Trace>>;
    /// Takes a token for scripts, in place of the one of its name.
    fn put_token(&self, token: TokenRow) -> Later<'_, Result<(), WriteError>>;
    /// Which way a call would take, a line a step; or a sentence that says what is wrong with the question. `None`:
    /// the server ends.
    fn explain(&self, question: Question) -> Later<'_, Option<Result<Vec<String>, String>>>;
    /// A phone of the extension is called, to see in its channel whether sound goes both ways.
    fn check_sound(&self, extension: Number);
}

/// A call in progress.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LiveCall {
    /// Its number.
    pub(crate) call: u64,
    /// When it came in, RFC 3339.
    pub(crate) start: String,
    /// The caller's number; empty when anonymous.
    pub(crate) caller: String,
    /// The caller's name.
    pub(crate) caller_name: String,
    /// What was dialled.
    pub(crate) callee: String,
    /// The phase it is in: `dial`, `talk`.
    pub(crate) state: String,
    /// Whole seconds since it came in.
    pub(crate) seconds: u64,
    /// Its legs.
    pub(crate) legs: Vec<u64>,
    /// What people would say of each leg's sound so far, 100 (bad) to 450, in the same order; nothing before anything
    /// was heard.
    #[serde(default)]
    pub(crate) mos_x100: Vec<Option<u16>>,
}

/// A registered phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LiveRegistration {
    /// Whose it is.
    pub(crate) extension: String,
    /// The owner's name.
    pub(crate) name: String,
    /// Where it wants calls to go.
    pub(crate) contact: String,
    /// `udp`, `tcp`, `tls`, `ws`, `wss`.
    pub(crate) transport: String,
    /// Where it was seen.
    pub(crate) address: String,
    /// What it calls itself.
    pub(crate) user_agent: String,
    /// Whole seconds until it ends.
    pub(crate) expires_seconds: u64,
    /// Whether it answers.
    pub(crate) reachable: bool,
}

/// A trunk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LiveTrunk {
    /// Its name.
    pub(crate) name: String,
    /// `peer` or `register`.
    pub(crate) kind: String,
    /// Its host, as it is set up.
    pub(crate) host: String,
    /// `up`, `not-found`, `not-registered`, `no-answer`.
    pub(crate) state: String,
    /// Its addresses in the order in which they are tried.
    pub(crate) places: Vec<LivePlace>,
    /// Whole seconds for which it knows us, where we register.
    pub(crate) registered_seconds: Option<u64>,
    /// Why the registration failed last; empty when it did not.
    pub(crate) trouble: String,
}

/// An address of a trunk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LivePlace {
    /// `udp`, `tcp`, `tls`.
    pub(crate) transport: String,
    /// Address and port.
    pub(crate) address: String,
    /// Whether it answers.
    pub(crate) answers: bool,
}

/// A leg.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LiveChannel {
    /// Its number.
    pub(crate) leg: u64,
    /// The call it belongs to.
    pub(crate) call: Option<u64>,
    /// Extension or trunk.
    pub(crate) party: String,
    /// `in` when the party called us, `out` when we called it.
    pub(crate) direction: String,
    /// `ringing`, `answered`, `held`.
    pub(crate) state: String,
    /// The codec that was agreed; empty before that.
    pub(crate) codec: String,
    /// How its sound comes in; nothing before anything was heard.
    #[serde(default)]
    pub(crate) quality: Option<LegQuality>,
    /// Where its sound goes; empty before that is known.
    pub(crate) remote: String,
    /// Whole seconds since it began.
    pub(crate) seconds: u64,
}

/// What happened in one call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Trace {
    /// The call's number.
    pub(crate) call: u64,
    /// In order.
    pub(crate) lines: Vec<TraceLine>,
}

/// One message or event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TraceLine {
    /// When, RFC 3339 with milliseconds.
    pub(crate) at: String,
    /// What.
    #[serde(flatten)]
    pub(crate) what: TraceWhat,
}

/// What a line of a trace is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub(crate) enum TraceWhat {
    /// A SIP message came in.
    Received {
        /// The party's name in the ladder: extension, trunk or address.
        from: String,
        /// The address it came from, with the transport in front.
        address: String,
        /// The message, without credentials.
        message: String,
    },
    /// A SIP message went out.
    Sent {
        /// The party's name in the ladder.
        to: String,
        /// The address it went to.
        address: String,
        /// The message, without credentials.
        message: String,
    },
    /// The switch did something: a phase was entered, a code was used.
    Event {
        /// In words.
        text: String,
    },
}
