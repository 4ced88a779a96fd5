//! Where a trunk is: asked of the shell, which has the sockets and the DNS.

use model::{Duration, Time, Trunk, TrunkTransport};
use sip::Flow;

/// Where is this trunk? [`crate::Edge::resolved`] takes the answer (RFC 3263 §4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lookup {
    /// The trunk.
    pub trunk: String,
    /// A name or an address.
    pub host: String,
    /// The port; `None` when it is the usual one, and SRV records may name another.
    pub port: Option<u16>,
    /// What it is reached by.
    pub transport: TrunkTransport,
}

/// Where a trunk is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The ways there, to be tried in this order; those of streams name no connection.
    pub flows: Vec<Flow>,
    /// How long that holds.
    pub valid_for: Duration,
}

impl Lookup {
    pub(super) fn of(trunk: &Trunk) -> Self {
        Self {
            trunk: trunk.name.clone(),
            host: trunk.host.clone(),
            port: (trunk.port != trunk.transport.default_port()).then_some(trunk.port),
            transport: trunk.transport,
        }
    }
}

/// How far the looking-up of one trunk is.
#[derive(Debug)]
pub(super) struct Looking {
    /// When it is looked up next.
    at: Time,
    /// How often it was not found.
    failures: u32,
}

impl Looking {
    pub(super) const fn begin(now: Time) -> Self {
        Self {
            at: now,
            failures: 0,
        }
    }

    pub(super) fn is_due(&self, now: Time) -> bool {
        self.at <= now
    }

    pub(super) const fn due(&self) -> Time {
        self.at
    }

    /// The shell was asked; if it says nothing it is asked again.
    pub(super) fn asked(&mut self, now: Time) {
        self.at = now + ANSWER_WITHIN;
    }

    pub(super) fn found(&mut self, now: Time, valid_for: Duration) {
        self.failures = 0;
        self.at = now + valid_for.clamp(VALID_MIN, VALID_MAX);
    }

    pub(super) fn failed(&mut self, now: Time) {
        let wait = RETRY_FIRST.saturating_mul(1 << self.failures.min(RETRY_DOUBLINGS));
        self.failures = self.failures.saturating_add(1);
        self.at = now + wait;
    }
}

/// DNS itself gives up long before.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);
/// What is valid for less is asked for no sooner.
const VALID_MIN: Duration = Duration::from_secs(15);
/// Our own addresses may change too.
const VALID_MAX: Duration = Duration::from_secs(3_600);
/// The wait after the first failure; it doubles up to 80 s.
const RETRY_FIRST: Duration = Duration::from_secs(5);
const RETRY_DOUBLINGS: u32 = 4;
