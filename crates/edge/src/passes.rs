//! Logins of pages: what a browser is given in place of the extension's password (DESIGN §7).
//!
//! A pass is good for a while, over a WebSocket alone. It belongs to a session of the portal: when that ends, its passes
//! end with it, and so do the connections that were opened with them.

use model::{Duration, Number, Secret, Time};
use sip::{ConnectionId, Flow, Transport};
use std::collections::{BTreeMap, VecDeque};

/// What a page proves itself with, in place of an extension and its password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pass {
    /// The session of the portal that it belongs to.
    pub session: u64,
    /// For whom it speaks.
    pub extension: Number,
    /// The user that it names: [`Pass::user`] of its session.
    pub user: String,
    /// What is kept of its password.
    pub secret: Secret,
    /// How long it is good.
    pub lasts: Duration,
}

impl Pass {
    /// A user's name for passes of a session; `random` tells them apart. It is no number, so it is no extension's.
    #[must_use]
    pub fn user(session: u64, random: &str) -> String {
        format!("{MARK}{session}.{random}")
    }
}

/// All passes that are good, and who came with them.
#[derive(Debug, Default)]
pub(crate) struct Passes {
    /// By session; the oldest first, and never none.
    good: BTreeMap<u64, VecDeque<(Time, Pass)>>,
    opened: BTreeMap<ConnectionId, (Flow, u64)>,
}

impl Passes {
    /// Takes a pass; the oldest of a session that has many gives way. Of sessions beyond
    /// [`SESSIONS_MAX`] none is taken.
    pub(crate) fn admit(&mut self, now: Time, pass: Pass) {
        if self.good.len() >= SESSIONS_MAX {
            let is_good = |(until, _): &(Time, Pass)| now < *until;
            self.good.retain(|_, passes| passes.iter().any(is_good));
        }
        if self.good.len() >= SESSIONS_MAX && !self.good.contains_key(&pass.session) {
            return;
        }
        let passes = self.good.entry(pass.session).or_default();
        passes.retain(|(until, _)| now < *until);
        if passes.len() >= PASSES_OF_SESSION_MAX {
            passes.pop_front();
        }
        passes.push_back((now + pass.lasts, pass));
    }

    /// The pass of a user who came over `flow`.
    pub(crate) fn of(&self, now: Time, flow: &Flow, user: &str) -> Option<&Pass> {
        if !Self::are_of(flow) {
            return None;
        }
        let (session, _) = user.strip_prefix(MARK)?.split_once('.')?;
        let passes = self.good.get(&session.parse().ok()?)?;
        let mut good = passes.iter().filter(|(until, _)| now < *until);
        good.find(|(_, pass)| pass.user == user)
            .map(|(_, pass)| pass)
    }

    /// Whether a user has the name of a pass, be it good or not. Whoever says such a name guesses nobody's password.
    pub(crate) fn is_pass(user: &str) -> bool {
        user.starts_with(MARK)
    }

    /// Whether passes are good for whoever comes over `flow`: a browser.
    pub(crate) fn are_of(flow: &Flow) -> bool {
        matches!(flow.transport, Transport::Ws | Transport::Wss)
    }

    /// Notes that somebody proved himself with a pass of a session.
    pub(crate) fn opened(&mut self, flow: Flow, session: u64) {
        if let Some(connection) = flow.connection {
            self.opened.insert(connection, (flow, session));
        }
    }

    /// Whether a connection is that of somebody with a pass.
    pub(crate) fn has_opened(&self, flow: &Flow) -> bool {
        let connection = flow.connection.as_ref();
        connection.is_some_and(|connection| self.opened.contains_key(connection))
    }

    /// A connection is gone.
    pub(crate) fn disconnected(&mut self, flow: &Flow) {
        if let Some(connection) = &flow.connection {
            self.opened.remove(connection);
        }
    }

    /// A session is over: its passes are no longer good. Says which connections were opened with them.
    pub(crate) fn revoke(&mut self, session: u64) -> Vec<Flow> {
        self.good.remove(&session);
        self.opened
            .extract_if(.., |_, (_, opener)| *opener == session)
            .map(|(_, (flow, _))| flow)
            .collect()
    }
}

/// How the users of passes begin.
const MARK: &str = "web.";
/// Sessions with passes: as many as there can be.
const SESSIONS_MAX: usize = 50_000;
/// Passes of one session; a page fetches a new one before the old one ends, and a browser may have several pages.
const PASSES_OF_SESSION_MAX: usize = 16;
