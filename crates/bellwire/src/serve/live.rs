//! What is live at this moment, asked of the signalling thread.

use super::clock::written;
use super::inbox::{Event, Inbox};
use super::signalling::Signalling;
use crate::admin::{
    Later, Live, LiveCall, LiveChannel, LivePlace, LiveRegistration, LiveTrunk, Trace,
};
use crate::explain::Question;
use api::Api;
use edge::{LegDirection, LegState, TrunkState};
use model::{Number, Reachability, TrunkKind};
use store::{TokenRow, WriteError};
use tokio::sync::oneshot;

/// The way to the signalling thread.
pub(super) struct Window(pub(super) Inbox);

impl Window {
    /// Asks; whoever answers does so between two events.
    pub(super) fn look<T: Send + Default + 'static>(
        &self,
        look: impl FnOnce(&Signalling) -> T + Send + 'static,
    ) -> Later<'_, T> {
        let (tell, told) = oneshot::channel();
        self.0.tell(Event::Look(Box::new(move |signalling| {
            // Whoever asked may have gone.
            let _ = tell.send(look(signalling));
        })));
        // A server that ends shows nothing.
        Box::pin(async { told.await.unwrap_or_default() })
    }
}

/// The running server, as commands see it.
pub(super) struct Commands {
    pub(super) window: Window,
    pub(super) api: Api,
}

impl Live for Commands {
    fn calls(&self) -> Later<'_, Vec<LiveCall>> {
        self.window.look(calls)
    }

    fn registrations(&self) -> Later<'_, Vec<LiveRegistration>> {
        self.window.look(registrations)
    }

    fn trunks(&self) -> Later<'_, Vec<LiveTrunk>> {
        self.window.look(trunks)
    }

    fn channels(&self) -> Later<'_, Vec<LiveChannel>> {
        self.window.look(channels)
    }

    fn trace(&self, call: String) -> Later<'_, Option<Trace>> {
        self.window
            .look(move |signalling| signalling.traces.of(&call))
    }

    fn put_token(&self, token: TokenRow) -> Later<'_, Result<(), WriteError>> {
        Box::pin(self.api.put_token(token))
    }

    fn explain(&self, question: Question) -> Later<'_, Option<Result<Vec<String>, String>>> {
        self.window.look(move |signalling| {
            let directory = &signalling.site.directory;
            let asked = question.asked(directory, signalling.clock.now().wall);
            Some(asked.map(|asked| signalling.switch.explain(&asked)))
        })
    }

    fn check_sound(&self, extension: Number) {
        self.window.0.tell(Event::SoundCheck(extension));
    }
}

fn calls(signalling: &Signalling) -> Vec<LiveCall> {
    let now = signalling.clock.now();
    let calls = signalling.switch.live().map(|call| LiveCall {
        call: call.call.0,
        start: written(call.start),
        caller: call
            .caller
            .number
            .map(|number| number.to_string())
            .unwrap_or_default(),
        caller_name: call.caller.name,
        callee: call.dialled.to_string(),
        state: call.phase.to_owned(),
        seconds: now.mono.since(call.began).as_secs(),
        legs: call.legs.iter().map(|leg| leg.leg.0).collect(),
        mos_x100: call
            .legs
            .iter()
            .map(|leg| Some(signalling.plane.quality(leg.leg)?.mos_x100))
            .collect(),
    });
    calls.collect()
}

fn registrations(signalling: &Signalling) -> Vec<LiveRegistration> {
    let now = signalling.clock.now();
    let phones = signalling.edge.registrations(now);
    let phones = phones.map(|phone| LiveRegistration {
        extension: phone.extension.to_string(),
        name: phone.name,
        contact: phone.contact,
        transport: phone.transport.name().to_ascii_lowercase(),
        address: phone.address.to_string(),
        user_agent: phone.user_agent,
        expires_seconds: phone.expires.as_secs(),
        reachable: phone.reachability == Reachability::Available,
    });
    phones.collect()
}

fn trunks(signalling: &Signalling) -> Vec<LiveTrunk> {
    let now = signalling.clock.now();
    let trunks = signalling.edge.trunks(now).map(|trunk| LiveTrunk {
        name: trunk.name,
        kind: match trunk.kind {
            TrunkKind::Peer => String::from("peer"),
            TrunkKind::Register => String::from("register"),
        },
        host: trunk.host,
        state: String::from(match trunk.state {
            TrunkState::Up => "up",
            TrunkState::NotFound => "not-found",
            TrunkState::NotRegistered => "not-registered",
            TrunkState::NoAnswer => "no-answer",
        }),
        places: trunk
            .places
            .iter()
            .map(|(transport, address, answers)| LivePlace {
                transport: transport.name().to_ascii_lowercase(),
                address: address.to_string(),
                answers: *answers,
            })
            .collect(),
        registered_seconds: trunk.registered_for.map(|time| time.as_secs()),
        trouble: trunk.trouble,
    });
    trunks.collect()
}

fn channels(signalling: &Signalling) -> Vec<LiveChannel> {
    let now = signalling.clock.now().mono;
    let legs = signalling.edge.legs().map(|leg| LiveChannel {
        leg: leg.leg.0,
        call: signalling.switch.call_of(leg.leg).map(|call| call.0),
        party: leg.party,
        direction: match leg.direction {
            LegDirection::In => String::from("in"),
            LegDirection::Out => String::from("out"),
        },
        state: match leg.state {
            LegState::Ringing => String::from("ringing"),
            LegState::Answered => String::from("answered"),
            LegState::Held => String::from("held"),
        },
        codec: leg.codec.unwrap_or_default(),
        remote: leg
            .remote
            .map(|remote| remote.to_string())
            .unwrap_or_default(),
        quality: signalling.plane.quality(leg.leg),
        seconds: now.since(leg.since).as_secs(),
    });
    legs.collect()
}
