//! Requests to trunks outside calls, until they are answered.

use super::WatchId;
use crate::hub::{Hub, sip_time};
use crate::owner::Owner;
use model::Now;
use sip::Flow;
use sip::message::Request;
use std::collections::BTreeMap;

/// Names a request to a trunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct QuestionId(pub(crate) u64);

/// What was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// That it calls us here (REGISTER).
    ToKnowUs,
    /// Whether somebody is there (OPTIONS), for the how-manieth time.
    IfThere(Flow, u32),
}

/// The requests that wait for an answer. Each ends with its transaction, so there are as many as of those.
#[derive(Debug, Default)]
pub(super) struct Questions {
    last: u64,
    open: BTreeMap<QuestionId, (WatchId, Asked)>,
}

/// There is no room for a transaction.
pub(super) struct NoRoom;

impl Questions {
    /// Sends a request.
    pub(super) fn ask(
        &mut self,
        hub: &mut Hub,
        now: Now,
        flow: Flow,
        request: &Request,
        of: (WatchId, Asked),
    ) -> Result<(), NoRoom> {
        self.last += 1;
        let id = QuestionId(self.last);
        let owner = Owner::Trunk(id).into();
        let time = sip_time(now.mono);
        hub.transactions
            .request(time, flow, request, owner)
            .map_err(|_| NoRoom)?;
        self.open.insert(id, of);
        Ok(())
    }

    /// A request is answered or will never be.
    pub(super) fn close(&mut self, id: QuestionId) -> Option<(WatchId, Asked)> {
        self.open.remove(&id)
    }
}
