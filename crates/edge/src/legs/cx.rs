//! What everything about legs works with.

use super::identity;
use crate::capabilities::ALLOW;
use crate::hub::{Hub, sip_time};
use crate::output::{MediaOrder, Output};
use model::{Input, LegEvent, LegId, Now, Number};
use sip::Flow;
use sip::session::Local;

/// The hub and the time of one event.
pub(super) struct Cx<'a> {
    pub(super) hub: &'a mut Hub,
    pub(super) now: Now,
}

impl Cx<'_> {
    /// The time of the event.
    pub(super) const fn time(&self) -> sip::Time {
        sip_time(self.now.mono)
    }

    /// Tells the switch what happened on a leg.
    pub(super) fn tell(&mut self, leg: LegId, event: LegEvent) {
        self.hub.output(Output::Switch(Input::Leg(leg, event)));
    }

    /// Commands media.
    pub(super) fn media(&mut self, order: MediaOrder) {
        self.hub.output(Output::Media(order));
    }

    /// Ties the messages of a call to its leg.
    pub(super) fn trace(&mut self, leg: LegId, call_id: &str) {
        let call_id = call_id.to_owned();
        self.hub.output(Output::Dialog { leg, call_id });
    }

    /// Whether somebody is at the other end whom we know: a phone or a trunk.
    pub(super) fn is_known(&self, flow: &Flow) -> bool {
        let is_phone = self.hub.registrar.registered_over(flow).next().is_some();
        is_phone || self.hub.book.at(flow).is_some()
    }

    /// What we say of ourselves on a flow, `user` being the number under which the peer reaches whom it
    /// talks with.
    pub(super) fn local(&self, flow: &Flow, user: Option<&Number>) -> Local {
        self.local_as(flow, user.map(Number::as_str))
    }

    /// The same with any user part.
    pub(super) fn local_as(&self, flow: &Flow, user: Option<&str>) -> Local {
        let host = self.hub.settings.host(flow);
        Local {
            contact: identity::contact(user, &host, flow.transport),
            sent_by: host,
            product: self.hub.settings.product.clone(),
            allow: ALLOW,
        }
    }
}
