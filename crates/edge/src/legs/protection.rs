//! What is done about SRTP on a leg.

use crate::hub::{Hub, Told};
use model::{Directory, Origin, SrtpPolicy, TrunkMedia};
use rtp::sdp::{BrowserSide, Negotiation, Srtp};
use rtp::srtp::KeySource;
use rtp::{Security, Stream};
use sip::{Flow, Transport};

/// Gives a negotiation with `party` on `flow` its policy and keys.
pub(super) fn protect(
    sound: Negotiation,
    hub: &mut Hub,
    party: &Origin,
    flow: &Flow,
) -> Negotiation {
    let srtp = srtp(policy(&hub.directory, party), flow.transport);
    secure(sound, hub, flow, srtp)
}

/// The same where nothing but keys will do: the party has refused what [`protect`] offers.
pub(super) fn insist(sound: Negotiation, hub: &mut Hub, flow: &Flow) -> Negotiation {
    secure(sound, hub, flow, Srtp::Required)
}

/// Whether a party that refuses what is offered may want `RTP/SAVP`, and may have it. Some phones that insist on keys
/// do not see those beside `RTP/AVP`.
pub(super) fn may_insist(hub: &Hub, party: &Origin, flow: &Flow) -> bool {
    // Trunks are called at another place instead, and browsers have keys of their own.
    let is_phone = matches!(party, Origin::Extension(_))
        && !matches!(flow.transport, Transport::Ws | Transport::Wss);
    is_phone && policy(&hub.directory, party) == SrtpPolicy::Allowed
}

fn secure(sound: Negotiation, hub: &mut Hub, flow: &Flow, srtp: Srtp) -> Negotiation {
    let sound = sound.secured(srtp, KeySource::new(hub.transactions.ids().secret()));
    match (&hub.settings.browsers, flow.transport) {
        // Who speaks SIP over WebSocket is a browser, unless it says otherwise.
        (Some(side), Transport::Ws | Transport::Wss) => sound.with_browser(BrowserSide {
            fingerprint: side.fingerprint.clone(),
            address: hub.settings.reached(side.address, flow),
        }),
        (Some(_) | None, _) => sound,
    }
}

/// Says once that keys can be read on the way, which makes the encryption worth little.
pub(super) fn warn(hub: &mut Hub, stream: &Stream, flow: &Flow) {
    let has_keys = matches!(stream.security, Security::Sdes { .. });
    if has_keys && !flow.transport.is_secure() && hub.keys_in_clear == Told::No {
        hub.keys_in_clear = Told::Yes;
        tracing::warn!(
            transport = ?flow.transport,
            "a call is encrypted with keys that travel in clear; let the phones register over TLS"
        );
    }
}

/// What is set up for a party; for one that is unknown, nothing is insisted upon.
fn policy(directory: &Directory, party: &Origin) -> SrtpPolicy {
    match party {
        Origin::Extension(number) => {
            let extension = directory.extension(number);
            extension.map(|it| it.srtp).unwrap_or_default()
        }
        Origin::Trunk(name) => match directory.trunks.get(name).map(|trunk| trunk.media) {
            Some(TrunkMedia::Srtp) => SrtpPolicy::Required,
            Some(TrunkMedia::Rtp) | None => SrtpPolicy::Allowed,
        },
    }
}

/// Keys are offered unasked only where nobody reads them on the way, and then beside `RTP/AVP` (RFC 8643):
/// a phone without SRTP passes over them, so that no call fails for it and no second INVITE is needed.
/// `RTP/SAVP` first would be refused by such phones, some with 488, others with port 0 or silence.
const fn srtp(policy: SrtpPolicy, transport: Transport) -> Srtp {
    match policy {
        SrtpPolicy::Off => Srtp::Off,
        SrtpPolicy::Allowed if transport.is_secure() => Srtp::Offered,
        SrtpPolicy::Allowed => Srtp::Answered,
        SrtpPolicy::Required => Srtp::Required,
    }
}
