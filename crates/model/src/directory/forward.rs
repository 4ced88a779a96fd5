//! Where an extension's calls go when it does not take them (manual §1.7, §2.10).

use crate::{Duration, Number};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Forwarding of an extension: what the portal's page and the star codes set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forwarding {
    /// Whether it is set up at all (配置). What was set up stays when this is off, and does nothing (CFW-02).
    pub enabled: bool,
    /// Whether it is in force (激活, CFW-03).
    pub active: bool,
    /// Where every call goes.
    pub always: Option<Number>,
    /// Where calls go that come while the extension is busy.
    pub busy: Option<Number>,
    /// Where calls go that nobody answers.
    pub no_answer: Option<Number>,
}

impl Forwarding {
    /// Where calls go in a case; `None` where nothing is in force.
    #[must_use]
    pub fn to(&self, when: ForwardWhen) -> Option<Number> {
        let to = match when {
            ForwardWhen::Always => self.always,
            ForwardWhen::Busy => self.busy,
            ForwardWhen::NoAnswer => self.no_answer,
        };
        to.filter(|_| self.enabled && self.active)
    }

    /// Sets or clears one case, as a star code does: what is set is in force at once (CFW-01).
    pub fn set(&mut self, when: ForwardWhen, to: Option<Number>) {
        let place = match when {
            ForwardWhen::Always => &mut self.always,
            ForwardWhen::Busy => &mut self.busy,
            ForwardWhen::NoAnswer => &mut self.no_answer,
        };
        *place = to;
        if to.is_some() {
            (self.enabled, self.active) = (true, true);
        }
    }
}

/// In which case a call is forwarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ForwardWhen {
    /// Whatever the state of the extension.
    Always,
    /// While it is in a call, or refuses.
    Busy,
    /// When it was rung in vain, or has no phone to ring.
    NoAnswer,
}

/// Follow-me (一号通): who is rung, one after another, when an extension does not answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowMe {
    /// Whether the list is used.
    pub enabled: bool,
    /// How long the extension's own phones ring first; zero: not at all.
    pub ring_time: Duration,
    /// Who is rung then.
    pub steps: Vec<FollowStep>,
}

impl FollowMe {
    /// The most steps.
    pub const STEPS_MAX: usize = 10;
}

impl Default for FollowMe {
    fn default() -> Self {
        Self {
            enabled: false,
            ring_time: Duration::from_secs(30),
            steps: Vec::new(),
        }
    }
}

/// One number of follow-me.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowStep {
    /// As the extension would dial it.
    pub number: Number,
    /// How long it rings.
    pub time: Duration,
}
