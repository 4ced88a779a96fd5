//! A transfer that a phone asked for by itself (REFER, RFC 3515): the same as with keys, but the phone stays in the
//! call until it knows that the transfer works, and has the call back when it does not (XF-08).

use super::{Event, Feature, Phase, Talk};
use crate::cx::Cx;
use crate::handover::{Ahead, Given, Returns, Sending};
use alloc::vec;
use alloc::vec::Vec;
use model::{CallId, Cause, LegEvent, LegId, Number, TransferProgress};
use serde::{Deserialize, Serialize};

/// A phone waits to hear how its transfer goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Referral {
    by: LegId,
    /// The call in which the other party is on its way.
    ahead: CallId,
}

impl Referral {
    /// Sends a party to a number, as the other asked.
    pub(crate) fn begin(
        kept: LegId,
        by: LegId,
        number: Number,
        rights: Number,
        cx: &mut Cx<'_>,
    ) -> Phase {
        cx.silence(by);
        cx.aside(by);
        let music = cx.music_by(by);
        cx.hold(kept, music);
        let ahead = cx.send_ahead(kept, number, rights, Sending::Blind);
        Self { by, ahead }.into()
    }

    fn failed(self, cause: Cause, cx: &mut Cx<'_>) {
        cx.transfer_progress(self.by, TransferProgress::Failed(cause));
    }
}

impl Feature for Referral {
    fn on(self, event: Event, cx: &mut Cx<'_>) -> Phase {
        match event {
            Event::Ahead(Ahead::Rings) => {
                cx.transfer_progress(self.by, TransferProgress::Ringing);
                self.into()
            }
            Event::Ahead(Ahead::Arrived) => {
                cx.transfer_progress(self.by, TransferProgress::Done);
                cx.hang_up(self.by, Cause::Normal);
                cx.goes_on_as(self.ahead);
                Phase::Ended
            }
            Event::Given(kept, Given::Returns(why)) => {
                let by = self.by;
                self.failed(cause(why), cx);
                Talk::begin(kept, by, cx)
            }
            Event::Ahead(Ahead::Over) => {
                self.failed(Cause::Normal, cx);
                cx.end(Cause::Normal)
            }
            // It does not wait to hear how it goes.
            Event::Leg(_, LegEvent::HungUp(_)) => {
                cx.goes_on_as(self.ahead);
                Phase::Ended
            }
            _ => self.into(),
        }
    }

    fn takes(&self, given: Given) -> bool {
        matches!(given, Given::Returns(_))
    }

    fn legs(&self) -> Vec<LegId> {
        vec![self.by]
    }
}

const fn cause(why: Returns) -> Cause {
    match why {
        Returns::Failed(cause) => cause,
        Returns::Cancelled | Returns::HungUp | Returns::Confirmed => Cause::Normal,
    }
}
