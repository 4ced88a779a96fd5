//! One SIP session of a leg, and what was said in it about sound.

use super::cause::Rang;
use super::identity::Dialect;
use super::outbound::Callee;
use super::sdp::{self, End, Unacceptable};
use crate::credentials::Credentials;
use model::LegId;
use rtp::sdp::{Agreed, Capability, Negotiation, NotAcceptable};
use rtp::{Codec, Stream};
use sip::Flow;
use sip::message::Request;
use sip::session::{Body, Session};

/// Names a session; transactions carry it as their owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SessionId(pub(crate) u64);

/// One SIP session of a leg: its only one, or one phone of those that ring together.
#[derive(Debug)]
pub(super) struct Branch {
    /// The leg, which may be gone already.
    pub(super) leg: LegId,
    /// The session.
    pub(super) session: Session,
    /// What was said about sound; `None` until something was.
    pub(super) sound: Option<Negotiation>,
    /// Whether the phone rang.
    pub(super) rang: Rang,
    /// Who is at the other end.
    pub(super) end: End,
    /// What proves who we are, to a trunk.
    pub(super) credentials: Option<Credentials>,
    /// What is needed to call once more, with keys insisted upon.
    pub(super) again: Option<Box<Callee>>,
    /// Whether anything came from the other end.
    heard: Heard,
    /// How its phone learns whom it talks with.
    pub(super) dialect: Dialect,
    /// When the session wants to be called.
    pub(super) due: Option<sip::Time>,
}

/// Whether anything came from the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heard {
    Something,
    Nothing,
}

impl Branch {
    /// A branch of `leg`.
    pub(super) const fn new(leg: LegId, session: Session, sound: Option<Negotiation>) -> Self {
        Self {
            leg,
            session,
            sound,
            rang: Rang::No,
            end: End::Phone,
            credentials: None,
            again: None,
            heard: Heard::Nothing,
            dialect: Dialect::Asserted,
            due: None,
        }
    }

    /// It is a trunk's, with an account there or none.
    pub(super) fn on_trunk(&mut self, credentials: Option<Credentials>) {
        self.end = End::Trunk;
        self.credentials = credentials;
    }

    /// Something came from the other end.
    pub(super) const fn hear(&mut self) {
        self.heard = Heard::Something;
    }

    /// Whether anything came from the other end.
    pub(super) fn is_heard(&self) -> bool {
        self.heard == Heard::Something
    }

    /// Sends to where the peer's requests come from, once it changed: a stream connection was made anew,
    /// or an address translator forgot the old way. The tags of the dialog vouch for the sender.
    pub(super) fn follow(&mut self, flow: Flow, request: &Request) {
        let tag = request.from().ok().and_then(|from| from.tag());
        let vouched = self
            .session
            .dialog()
            .is_some_and(|dialog| Some(dialog.remote_tag.as_str()) == tag);
        if vouched && self.session.flow() != flow {
            self.session.reroute(flow);
        }
    }

    /// How sound goes, once that is agreed.
    pub(super) fn stream(&self) -> Option<&Stream> {
        self.sound.as_ref()?.stream()
    }

    /// The codec that is agreed.
    pub(super) fn codec(&self) -> Option<&Codec> {
        self.stream().map(|stream| &stream.codec)
    }

    /// The codec that is agreed, as the peer wishes it.
    pub(super) fn agreed(&self) -> Option<Capability> {
        let codec = *self.codec()?;
        let mut peer = self.sound.as_ref()?.peer().iter();
        let known = peer.find(|known| known.codec.matches(&codec));
        let parameters = known.map(|known| known.parameters.clone());
        Some(Capability {
            codec,
            parameters: parameters.unwrap_or_default(),
        })
    }

    /// Answers an offer of the peer's.
    pub(super) fn answer_to(&mut self, offer: &Body) -> Result<(Body, Agreed), Unacceptable> {
        let offer = sdp::read(offer)?;
        let source = sdp::source(&offer, &self.session.flow(), self.end);
        let sound = self.sound.as_mut().ok_or(NotAcceptable::NothingOffered)?;
        let (answer, agreed) = sound.answer(&offer, source)?;
        Ok((Body::sdp(answer.to_string()), agreed))
    }

    /// Takes the peer's answer to our offer.
    pub(super) fn accept(&mut self, answer: &Body) -> Result<Agreed, Unacceptable> {
        let taken = sdp::read(answer);
        let flow = self.session.flow();
        let sound = self.sound.as_mut().ok_or(NotAcceptable::NothingOffered)?;
        match taken {
            Ok(answer) => {
                let source = sdp::source(&answer, &flow, self.end);
                Ok(sound.accept(&answer, source)?)
            }
            Err(why) => {
                sound.abandon();
                Err(why)
            }
        }
    }
}
