//! The legs as the administrator sees them.

use super::Legs;
use super::branch::Branch;
use super::leg::{Leg, Stage};
use super::talk::Hold;
use model::{LegId, Origin, Time};
use std::net::SocketAddr;

/// A leg as the administrator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegView {
    /// The leg.
    pub leg: LegId,
    /// Extension or trunk.
    pub party: String,
    /// Who called whom.
    pub direction: LegDirection,
    /// How far it is.
    pub state: LegState,
    /// The codec that was agreed.
    pub codec: Option<String>,
    /// Where its sound goes.
    pub remote: Option<SocketAddr>,
    /// When it began.
    pub since: Time,
}

/// Who called whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LegDirection {
    /// The party called us.
    In,
    /// We called the party.
    Out,
}

/// How far a leg is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LegState {
    /// Not answered.
    Ringing,
    /// Answered.
    Answered,
    /// Answered, and the party put us on hold.
    Held,
}

impl Legs {
    /// The legs as the administrator sees them.
    pub(crate) fn views(&self) -> impl Iterator<Item = LegView> + '_ {
        self.legs.iter().map(|(&id, leg)| self.view(id, leg))
    }

    /// How many SIP sessions there are.
    pub(crate) fn sessions(&self) -> usize {
        self.branches.len()
    }

    fn view(&self, id: LegId, leg: &Leg) -> LegView {
        let branch = leg.stage.branch().and_then(|id| self.branches.get(&id));
        let stream = branch.and_then(Branch::stream);
        LegView {
            leg: id,
            party: match &leg.party {
                Origin::Extension(number) => number.to_string(),
                Origin::Trunk(name) => name.clone(),
            },
            direction: leg.direction,
            state: match &leg.stage {
                Stage::Calling(_) | Stage::Ringing(_) => LegState::Ringing,
                Stage::Talking(talking) => match talking.hold {
                    Hold::Held => LegState::Held,
                    Hold::Not => LegState::Answered,
                },
            },
            codec: stream.map(|stream| stream.codec.encoding.to_string()),
            remote: stream.map(|stream| stream.remote),
            since: leg.since,
        }
    }
}
