//! A party asks that the other be transferred: REFER within the call (RFC 3515), and what it is told of how that goes.
//!
//! Where to is read from Refer-To; who asks is who the leg is, whatever Referred-By says (RFC 3892). What cannot be
//! done at all is refused with a status that leaves the call alone (RFC 5057 §5.1); what turns out to lead nowhere is
//! told as any other outcome.

use super::Legs;
use super::branch::SessionId;
use super::cause;
use super::cx::Cx;
use super::requests::Served;
use crate::refusal::Refusal;
use model::{LegEvent, LegId, Origin, TransferProgress, TransferTo};
use sip::Scheme;
use sip::message::{Header, Method, Name, NameAddr, Replaces, Request, reason};
use sip::session::Body;
use sip::transaction::ClientId;

/// A transfer that a party asked for and has not heard the outcome of.
#[derive(Debug)]
pub(super) struct Referral {
    /// The number of its REFER, which tells its subscription from later ones (RFC 3515 §2.4.6).
    id: u32,
    /// How it goes, as a status.
    status: u16,
    /// The last notification.
    told: Option<ClientId>,
    interest: Interest,
}

/// Whether the party wants to hear how its transfer goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Interest {
    /// It does.
    Subscribed,
    /// It asked not to be told (RFC 4488), or has heard enough.
    None,
}

/// Where a REFER leads.
enum Lead {
    /// There.
    To(TransferTo),
    /// Nowhere, for the reason that the status gives.
    Nowhere(u16),
}

/// What is asked.
impl Legs {
    /// Takes a REFER. What it leads to follows the answer: see [`Self::referred`].
    pub(super) fn refer(&mut self, id: SessionId, request: &Request) -> Result<Served, Refusal> {
        let leg = self.leg_of(id).ok_or_else(|| Refusal::new(481))?;
        let party = self.legs.get(&leg).map(|leg| &leg.party);
        match party {
            Some(Origin::Extension(_)) => {}
            // Who calls from outside does not send others anywhere.
            Some(Origin::Trunk(_)) | None => return Err(Refusal::new(403)),
        }
        let cseq = request.cseq().map_err(|_| Refusal::new(400))?.number;
        let lead = self.lead(leg, request)?;
        let talking = self.talking(leg).ok_or_else(|| Refusal::new(403))?;
        if talking.referral.is_some() {
            return Err(Refusal::new(491));
        }
        let wants_none = request
            .header(Name::ReferSub)
            .is_some_and(|value| value.trim().eq_ignore_ascii_case("false"));
        let interest = match lead {
            Lead::To(_) if wants_none => Interest::None,
            Lead::To(_) | Lead::Nowhere(_) => Interest::Subscribed,
        };
        talking.referral = Some(Referral {
            id: cseq,
            status: TRYING,
            told: None,
            interest,
        });
        let unsubscribed = interest == Interest::None;
        Ok(Served::Referred {
            headers: unsubscribed
                .then(|| Header::new(Name::ReferSub, "false"))
                .into_iter()
                .collect(),
            then: match lead {
                Lead::To(to) => Then::Transfer(to),
                Lead::Nowhere(status) => Then::Fail(status),
            },
        })
    }

    /// What follows the answer to a REFER.
    pub(super) fn referred(&mut self, cx: &mut Cx<'_>, id: SessionId, then: Then) {
        let Some(leg) = self.leg_of(id) else { return };
        match then {
            Then::Transfer(to) => {
                self.tell_referrer(cx, leg, TRYING);
                cx.tell(leg, LegEvent::Transfer(to));
            }
            Then::Fail(status) => self.tell_referrer(cx, leg, status),
        }
    }

    /// Where a REFER leads. Of its URI only the number counts, and the dialog that it names.
    fn lead(&self, leg: LegId, request: &Request) -> Result<Lead, Refusal> {
        let address = request.refer_to().map_err(|_| Refusal::new(400))?;
        let uri = address.uri();
        match uri.scheme() {
            Scheme::Sip | Scheme::Sips | Scheme::Tel => {}
            Scheme::Other(_) => return Err(Refusal::new(400)),
        }
        let methods = [uri.param("method").map(Into::into), uri.header("method")];
        let invites = |method: &str| method == "INVITE" || method.is_empty();
        if methods
            .into_iter()
            .flatten()
            .any(|method| !invites(&method))
        {
            return Err(Refusal::new(403));
        }
        let Some(replaces) = uri.header("Replaces") else {
            return Ok(number(&address));
        };
        let replaces = Replaces::parse(&replaces).map_err(|_| Refusal::new(400))?;
        let own = |other: &LegId| {
            let party = |leg| self.legs.get(leg).map(|leg| &leg.party);
            *other != leg && party(other) == party(&leg)
        };
        Ok(match self.in_dialog(&replaces).filter(own) {
            Some(other) => Lead::To(TransferTo::Leg(other)),
            None => Lead::Nowhere(NO_SUCH_CALL),
        })
    }

    /// The party asks for more or fewer notifications of its transfer, or for the last one again (RFC 6665 §4.1.2.2).
    pub(super) fn resubscribe(
        &mut self,
        id: SessionId,
        request: &Request,
    ) -> Result<Served, Refusal> {
        let event = request.event().map_err(|_| Refusal::new(489))?;
        if event.package() != PACKAGE {
            return Err(Refusal::new(489));
        }
        let leg = self.leg_of(id).ok_or_else(|| Refusal::new(481))?;
        let referral = self
            .talking(leg)
            .and_then(|talking| talking.referral.as_mut());
        let named = |referral: &&mut Referral| {
            let same = |id: &str| id.parse() == Ok(referral.id);
            referral.interest == Interest::Subscribed && event.id().is_none_or(same)
        };
        let referral = referral.filter(named).ok_or_else(|| Refusal::new(481))?;
        let seconds = request
            .expires()
            .unwrap_or(LASTS_SECONDS)
            .min(LASTS_SECONDS);
        if seconds == 0 {
            referral.interest = Interest::None;
        }
        Ok(Served::Resubscribed { seconds })
    }
}

/// How it goes.
impl Legs {
    /// The switch says how a transfer goes.
    pub(super) fn transfer_progress(
        &mut self,
        cx: &mut Cx<'_>,
        leg: LegId,
        progress: TransferProgress,
    ) {
        let status = match progress {
            TransferProgress::Ringing => RINGING,
            TransferProgress::Done => OK,
            TransferProgress::Failed(cause) => cause::refused(cause).status,
        };
        self.tell_referrer(cx, leg, status);
    }

    /// Tells the party that asked for a transfer how that goes. A final status ends the subscription.
    fn tell_referrer(&mut self, cx: &mut Cx<'_>, leg: LegId, status: u16) {
        let Some(talking) = self.talking(leg) else {
            return;
        };
        let branch = talking.branch;
        let Some(referral) = &mut talking.referral else {
            return;
        };
        referral.status = status;
        let (id, interest) = (referral.id, referral.interest);
        if status >= OK {
            talking.referral = None;
        }
        if interest == Interest::Subscribed {
            let told = self.notify_referrer(cx, branch, id, status, standing(status));
            if let Some(referral) = self.talking(leg).and_then(|it| it.referral.as_mut()) {
                referral.told = told;
            }
        }
    }

    /// Tells once more how a transfer goes, after the party has asked.
    pub(super) fn tell_again(&mut self, cx: &mut Cx<'_>, id: SessionId) {
        let Some(leg) = self.leg_of(id) else { return };
        let referral = self
            .talking(leg)
            .and_then(|talking| talking.referral.as_ref());
        let Some(Referral {
            id: number,
            status,
            interest,
            ..
        }) = referral
        else {
            return;
        };
        let (number, status) = (*number, *status);
        let standing = match interest {
            Interest::Subscribed => standing(status),
            Interest::None => "terminated;reason=timeout",
        };
        self.notify_referrer(cx, id, number, status, standing);
    }

    fn notify_referrer(
        &mut self,
        cx: &mut Cx<'_>,
        branch: SessionId,
        id: u32,
        status: u16,
        standing: &'static str,
    ) -> Option<ClientId> {
        let body = Body {
            content_type: "message/sipfrag;version=2.0".to_owned(),
            bytes: format!("SIP/2.0 {status} {}\r\n", reason(status)).into_bytes(),
        };
        let mut sent = None;
        self.command(cx, branch, |session, now, tx| {
            let headers = vec![
                Header::new(Name::Contact, session.contact()),
                Header::new(Name::Event, format_args!("{PACKAGE};id={id}")),
                Header::new(Name::SubscriptionState, standing),
            ];
            sent = session.send(now, tx, Method::Notify, headers, Some(body));
        });
        sent
    }

    /// A notification was refused: the party does not want to hear more.
    pub(super) fn replied(&mut self, id: SessionId, request: ClientId, status: u16) {
        let leg = self.leg_of(id);
        let talking = leg.and_then(|leg| self.talking(leg));
        let referral = talking.and_then(|talking| talking.referral.as_mut());
        if let Some(referral) = referral
            && referral.told == Some(request)
            && status >= REFUSED
        {
            referral.interest = Interest::None;
        }
    }
}

/// What follows the answer to a REFER.
#[derive(Debug)]
pub(super) enum Then {
    /// The switch is asked.
    Transfer(TransferTo),
    /// The party hears that it leads nowhere, with this status.
    Fail(u16),
}

fn number(address: &NameAddr<'_>) -> Lead {
    match address.uri().user().and_then(crate::dialled) {
        Some(number) => Lead::To(TransferTo::Number(number)),
        None => Lead::Nowhere(NO_SUCH_NUMBER),
    }
}

/// What a notification says of the subscription itself. It is not refreshed: a transfer is over before.
const fn standing(status: u16) -> &'static str {
    if status < OK {
        "active;expires=600"
    } else {
        "terminated;reason=noresource"
    }
}

/// The event package that REFER subscribes to.
const PACKAGE: &str = "refer";
/// How long the party is told of its transfer unless it asks again.
const LASTS_SECONDS: u32 = 600;

const TRYING: u16 = 100;
const RINGING: u16 = 180;
const OK: u16 = 200;
const REFUSED: u16 = 300;
const NO_SUCH_NUMBER: u16 = 404;
const NO_SUCH_CALL: u16 = 481;
