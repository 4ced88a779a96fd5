//! From the answer to the end: what is agreed anew, hold, keys, the connected line, hanging up.

use super::Legs;
use super::branch::SessionId;
use super::cause;
use super::cx::Cx;
use super::identity;
use super::leg::Stage;
use super::refer::Referral;
use crate::hub::Hub;
use crate::output::MediaOrder;
use model::{Cause, Digit, Dtmf, LegEvent, LegId, Now, Origin, Party};
use rtp::event::{InfoKey, KeySender};
use rtp::sdp::{Agreed, Change, Negotiation};
use sip::Flow;
use sip::message::{Header, Name};
use sip::session::{Body, Wanted};

/// A leg that is answered.
#[derive(Debug)]
pub(super) struct Talking {
    /// Its session.
    pub(super) branch: SessionId,
    /// Whether the switch knows that the party holds us.
    pub(super) hold: Hold,
    /// The transfer that the party asked for by REFER.
    pub(super) referral: Option<Referral>,
}

/// Whether the party has put us on hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hold {
    /// It has.
    Held,
    /// It has not.
    Not,
}

impl Talking {
    /// An answered leg of which no hold is known.
    pub(super) const fn begin(branch: SessionId) -> Self {
        Self {
            branch,
            hold: Hold::Not,
            referral: None,
        }
    }
}

/// Offers and answers.
impl Legs {
    /// The peer offers anew.
    pub(super) fn offered(&mut self, cx: &mut Cx<'_>, id: SessionId, offer: &Body) {
        let Some(branch) = self.branches.get_mut(&id) else {
            return;
        };
        match branch.answer_to(offer) {
            Ok((answer, agreed)) => {
                if let Some(leg) = self.leg_of(id) {
                    self.agreed(cx, leg, agreed);
                }
                self.command(cx, id, |session, now, tx| session.answer(now, tx, answer));
            }
            Err(why) => {
                let host = cx.hub.settings.host(&branch.session.flow());
                let headers = why.headers(&host);
                self.command(cx, id, |session, now, tx| {
                    session.refuse(now, tx, why.status(), &headers);
                });
            }
        }
    }

    /// An answer to our last offer came.
    pub(super) fn answer_came(&mut self, cx: &mut Cx<'_>, id: SessionId, answer: &Body) {
        let Some(branch) = self.branches.get_mut(&id) else {
            return;
        };
        let accepted = branch.accept(answer);
        let silent = branch.stream().is_none();
        let Some(leg) = self.leg_of(id) else { return };
        match accepted {
            // Whether a phone that we ring has won is not known before it has answered.
            Ok(_) if self.ringing(leg).is_some() => {}
            Ok(agreed) => self.agreed(cx, leg, agreed),
            // What was agreed before still holds; if that is nothing, there is no call.
            Err(_) if silent && self.ringing(leg).is_none() => {
                self.end(cx, leg, LegEvent::HungUp(Cause::NotAcceptable));
                self.leave(cx, id, Cause::NotAcceptable);
            }
            Err(_) => {}
        }
    }

    /// An offer of ours is due.
    pub(super) fn offer_wanted(&mut self, cx: &mut Cx<'_>, id: SessionId, wanted: Wanted) {
        let sound = self.branches.get_mut(&id).and_then(|it| it.sound.as_mut());
        let Some(sound) = sound else {
            return self.command(cx, id, |session, now, tx| {
                session.refuse(now, tx, NOT_ACCEPTABLE, &[]);
            });
        };
        let offer = match wanted {
            Wanted::Asked => sound.offer(),
            Wanted::Possible | Wanted::Refresh => sound.refresh(),
        };
        let offer = Body::sdp(offer.to_string());
        let mut refused = false;
        self.command(cx, id, |session, now, tx| {
            refused = session.offer(now, tx, offer).is_err();
        });
        if refused {
            self.offer_failed(id);
        }
    }

    /// Our offer was refused or met one of the peer's.
    pub(super) fn offer_failed(&mut self, id: SessionId) {
        if let Some(sound) = self.branches.get_mut(&id).and_then(|it| it.sound.as_mut()) {
            sound.abandon();
        }
    }

    /// Sound goes differently from here on, or not.
    pub(super) fn agreed(&mut self, cx: &mut Cx<'_>, leg: LegId, agreed: Agreed) {
        if agreed.change == Change::Changed {
            cx.media(MediaOrder::Stream(leg, Box::new(agreed.stream)));
        }
        self.tell_hold(cx, leg);
    }

    /// Tells the switch of an answered leg whether the party holds us, when that has changed.
    pub(super) fn tell_hold(&mut self, cx: &mut Cx<'_>, leg: LegId) {
        let held = self
            .branch_of(leg)
            .and_then(|(_, branch)| branch.sound.as_ref())
            .is_some_and(Negotiation::is_held);
        let hold = if held { Hold::Held } else { Hold::Not };
        let Some(talking) = self.talking(leg) else {
            return;
        };
        if talking.hold != hold {
            talking.hold = hold;
            cx.tell(
                leg,
                match hold {
                    Hold::Held => LegEvent::Held,
                    Hold::Not => LegEvent::Resumed,
                },
            );
        }
    }

    pub(super) fn talking(&mut self, leg: LegId) -> Option<&mut Talking> {
        match &mut self.legs.get_mut(&leg)?.stage {
            Stage::Talking(talking) => Some(talking),
            Stage::Calling(_) | Stage::Ringing(_) => None,
        }
    }
}

/// Keys and names.
impl Legs {
    /// Sends a key as it is set for the party; where nothing is set as an RTP event if that was agreed, else by INFO
    /// if the phone says that it takes one. Media makes tones of it where no RTP events were agreed (FC-08).
    pub(super) fn send_digit(&mut self, cx: &mut Cx<'_>, leg: LegId, digit: Digit) {
        let Some(dtmf) = self.legs.get(&leg).map(|leg| cx.hub.dtmf_of(&leg.party)) else {
            return;
        };
        let Some((id, branch)) = self.branch_of(leg) else {
            return;
        };
        let Some(stream) = branch.stream() else {
            return;
        };
        let by_info = match dtmf {
            Dtmf::Auto => stream.telephone_event.is_none() && branch.session.takes_info(),
            Dtmf::Info => true,
            Dtmf::Rfc4733 | Dtmf::Inband => false,
        };
        if !by_info {
            return cx.media(MediaOrder::SendKey(leg, digit));
        }
        let key = InfoKey {
            event: digit.event(),
            length: KeySender::LENGTH,
        };
        if let Some(body) = key.to_relay() {
            let body = Body {
                content_type: InfoKey::RELAY.to_owned(),
                bytes: body.into_bytes(),
            };
            self.command(cx, id, |session, now, tx| session.info(now, tx, body));
        }
    }

    /// Tells the party with whom it talks from here on, unless it knows (RFC 3325, RFC 4916).
    pub(super) fn identify(&mut self, cx: &mut Cx<'_>, leg: LegId, party: &Party) {
        let Some(it) = self.legs.get_mut(&leg) else {
            return;
        };
        if let Stage::Ringing(ringing) = &mut it.stage {
            ringing.identify(party.clone());
            return Self::rings_for_another(cx, it);
        }
        if it.shown.as_ref() == Some(party) || matches!(it.party, Origin::Trunk(_)) {
            // A carrier is told nothing: it knows whom it called, and what number we have inside is not its
            // business.
            return;
        }
        it.shown = Some(party.clone());
        let direction = it.direction;
        let Some((id, branch)) = self.branch_of(leg) else {
            return;
        };
        let host = cx.hub.settings.host(&branch.session.flow());
        let mut headers = identity::headers(party, &host);
        let older = identity::remote_party(party, &host, branch.dialect, direction);
        headers.extend(older);
        self.command(cx, id, |session, now, tx| {
            session.identify(now, tx, headers);
        });
    }
}

/// The end.
impl Legs {
    /// The switch hangs up.
    pub(super) fn hang_up(&mut self, cx: &mut Cx<'_>, leg: LegId, cause: Cause) {
        match self.take_off(cx, leg) {
            Some(Stage::Calling(calling)) => self.refuse(cx, calling.branch, cause),
            Some(Stage::Ringing(ringing)) => {
                for id in ringing.branches {
                    self.dismiss(cx, id, cause);
                }
            }
            Some(Stage::Talking(talking)) => self.leave(cx, talking.branch, cause),
            None => {}
        }
    }

    /// Nothing is heard of a party that should send (SI-07).
    pub(super) fn fell_silent(&mut self, cx: &mut Cx<'_>, leg: LegId) {
        let Some(id) = self.talking(leg).map(|talking| talking.branch) else {
            return;
        };
        self.end(cx, leg, LegEvent::HungUp(Cause::Vanished));
        self.leave(cx, id, Cause::Vanished);
    }

    /// Whoever comes over these flows may not be here any longer: his calls end, and nothing rings for him (GEN-01).
    pub(crate) fn cut(&mut self, hub: &mut Hub, now: Now, of: impl Fn(&Flow) -> bool) {
        let cx = &mut Cx { hub, now };
        let branches = self.branches.iter();
        let theirs: Vec<_> = branches
            .filter(|(_, branch)| of(&branch.session.flow()))
            .map(|(id, _)| *id)
            .collect();
        for id in theirs {
            let Some(leg) = self.leg_of(id) else {
                continue;
            };
            match self.legs.get(&leg).map(|leg| &leg.stage) {
                Some(Stage::Calling(_)) => {
                    self.end(cx, leg, LegEvent::HungUp(Cause::Forbidden));
                    self.refuse(cx, id, Cause::Forbidden);
                }
                Some(Stage::Ringing(_)) => {
                    self.refused(cx, id, GONE);
                    self.dismiss(cx, id, Cause::Forbidden);
                }
                Some(Stage::Talking(_)) => {
                    self.end(cx, leg, LegEvent::HungUp(Cause::Forbidden));
                    self.leave(cx, id, Cause::Forbidden);
                }
                None => {}
            }
        }
    }

    /// Ends an answered call with a BYE.
    fn leave(&mut self, cx: &mut Cx<'_>, id: SessionId, cause: Cause) {
        let reason = vec![Header::new(Name::Reason, cause::reason(cause))];
        self.command(cx, id, |session, now, tx| session.bye(now, tx, reason));
    }
}

/// There is nothing that could be offered.
const NOT_ACCEPTABLE: u16 = 488;
/// A phone that may not be rung any longer counts as one that is not there.
const GONE: u16 = 480;
