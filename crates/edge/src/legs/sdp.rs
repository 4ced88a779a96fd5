//! Session descriptions in messages: found, judged, refused.

use super::protection;
use crate::Settings;
use crate::capabilities::ACCEPT;
use crate::hub::Hub;
use model::{CodecName, Dtmf, Origin};
use rtp::sdp::{
    Address, Capabilities, Capability, Invalid, Kind, Local, Negotiation, NotAcceptable, Order,
    Session,
};
use rtp::{Codec, Encoding, InBand, Source};
use sip::Flow;
use sip::message::{Header, Name};
use sip::session::Body;
use std::net::{IpAddr, SocketAddr};

/// Why a body that should describe sound is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unacceptable {
    /// It is no session description, nor contains one.
    #[error("the body is no session description")]
    Type,
    /// It is one, but cannot be read.
    #[error("the session description is broken")]
    Broken(#[from] Invalid),
    /// It describes nothing that can be agreed to.
    #[error("the session description fits nothing of ours")]
    Media(#[from] NotAcceptable),
}

impl Unacceptable {
    /// The status that is due for the request that carried it.
    pub(super) const fn status(self) -> u16 {
        match self {
            Self::Type => 415,
            Self::Broken(_) => 400,
            Self::Media(why) => why.status(),
        }
    }

    /// What is said besides; `host` is who says it (RFC 3261 §20.43).
    pub(super) fn headers(self, host: &str) -> Vec<Header> {
        match self {
            Self::Type => vec![Header::new(Name::Accept, ACCEPT)],
            Self::Broken(_) => vec![warning(399, host, &self)],
            Self::Media(why) => vec![warning(why.warning(), host, &why)],
        }
    }
}

/// A Warning header: that media did not fit, and why.
pub(super) fn warning(code: u16, host: &str, why: &dyn std::fmt::Display) -> Header {
    Header::new(Name::Warning, format_args!("{code} {host} \"{why}\""))
}

/// Reads the description in a body, also where it is one part of several (RFC 5621 §3.1).
pub(super) fn read(body: &Body) -> Result<Session<'static>, Unacceptable> {
    let description = find(&body.content_type, &body.bytes).ok_or(Unacceptable::Type)?;
    Ok(Session::parse(description)?.into_owned())
}

/// From where the sound of a peer on `flow` is taken that says `description` of itself: from where it
/// says if that is where it signals from, and a browser's from where ICE finds it; else it sits behind an
/// address translator, and its first packets from the address that it signals from tell the port (SI-03). A
/// trunk's sound often comes from another machine than its signalling: its word is taken for where.
pub(super) fn source(description: &Session<'_>, flow: &Flow, end: End) -> Source {
    let seen = flow.remote.ip().to_canonical();
    let audio = description
        .media
        .iter()
        .find(|media| media.kind == Kind::Audio && media.port != 0);
    if audio.is_some_and(|audio| audio.protocol.is_dtls()) {
        return Source::Ice;
    }
    match audio.and_then(|audio| description.address_of(audio)) {
        Some(Address::Ip(ip)) if ip.is_unspecified() || ip.to_canonical() == seen => {
            Source::Signalled
        }
        None => Source::Signalled,
        Some(Address::Ip(ip)) if end == End::Trunk && (is_private(seen) || !is_private(*ip)) => {
            Source::Signalled
        }
        Some(Address::Ip(_) | Address::Host { .. }) => Source::Latch(seen),
    }
}

/// Who is at the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// A phone.
    Phone,
    /// A trunk.
    Trunk,
}

impl End {
    const fn of(party: &Origin) -> Self {
        match party {
            Origin::Extension(_) => Self::Phone,
            Origin::Trunk(_) => Self::Trunk,
        }
    }
}

/// Whether an address means nothing outside a house (RFC 1918, RFC 6598, RFC 4193).
fn is_private(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(v4) => {
            let [first, second, ..] = v4.octets();
            let is_shared = first == 100 && second & 0xc0 == 64;
            v4.is_private() || v4.is_loopback() || v4.is_link_local() || is_shared
        }
        IpAddr::V6(v6) => v6.is_unique_local() || v6.is_loopback() || v6.is_unicast_link_local(),
    }
}

/// What we can do with a party with which these codecs are spoken, while the other leg of its call can do `other`:
/// codecs that both have come first.
pub(super) fn capabilities(
    (names, order): (&[CodecName], Order),
    other: &[Capability],
) -> Capabilities {
    let codecs = names.iter().flat_map(|name| match name {
        CodecName::Opus => vec![Capability::of(Codec::OPUS)],
        CodecName::G722 => vec![Capability::of(Codec::G722)],
        CodecName::Pcma => vec![Capability::of(Codec::PCMA)],
        CodecName::Pcmu => vec![Capability::of(Codec::PCMU)],
        CodecName::L16 => LINEAR.map(Capability::of).into(),
        CodecName::Other => other
            .iter()
            .filter(|theirs| !is_ours(&theirs.codec))
            .cloned()
            .collect(),
    });
    let capabilities = Capabilities {
        codecs: codecs.collect(),
        order,
        ..Capabilities::g711()
    };
    let mut capabilities = capabilities.sharing(other);
    if !other.is_empty() && !other.iter().any(|theirs| is_ours(&theirs.codec)) {
        // Nothing of what the other leg says could be translated.
        capabilities.codecs.truncate(capabilities.shared);
    } else if order == Order::Theirs {
        // What is ours can also be recorded and mixed, and prompts can be heard in it.
        capabilities.codecs.sort_by_key(|it| !is_ours(&it.codec));
        let foreign = capabilities.codecs.iter().filter(|it| !is_ours(&it.codec));
        capabilities.shared = capabilities.shared.saturating_sub(foreign.count());
    }
    capabilities
}

/// Whether a codec can be decoded and encoded here.
fn is_ours(codec: &Codec) -> bool {
    [Codec::OPUS, Codec::G722, Codec::PCMA, Codec::PCMU]
        .iter()
        .chain(&LINEAR)
        .any(|ours| ours.matches(codec))
}

/// Linear samples at the rates that there are here.
const LINEAR: [Codec; 3] = [
    Codec::new(Encoding::L16, 118, 16_000, 1),
    Codec::new(Encoding::L16, 119, 48_000, 1),
    Codec::new(Encoding::L16, 120, 8_000, 1),
];

/// The same for a party whose keys are told like this.
pub(super) fn with_keys(capabilities: Capabilities, dtmf: Dtmf) -> Capabilities {
    let (telephone_event, in_band) = match dtmf {
        Dtmf::Auto => (capabilities.telephone_event, InBand::Heard),
        Dtmf::Rfc4733 => (capabilities.telephone_event, InBand::Ignored),
        Dtmf::Info => (None, InBand::Ignored),
        Dtmf::Inband => (None, InBand::Heard),
    };
    Capabilities {
        telephone_event,
        in_band,
        ..capabilities
    }
}

/// Where our side of a leg is that has the RTP address `port` and talks over `flow`.
pub(super) fn local(settings: &Settings, flow: &Flow, port: SocketAddr, session_id: u32) -> Local {
    let reached = settings.reached(port, flow);
    Local {
        session_id: u64::from(session_id),
        address: reached.ip(),
        port: reached.port(),
    }
}

/// What the party can do that makes an offer, if that comes to anything, without a port of our own yet.
pub(super) fn probe(
    hub: &mut Hub,
    offer: &Session<'_>,
    party: &Origin,
    flow: &Flow,
) -> Result<Vec<Capability>, NotAcceptable> {
    let nowhere = Local {
        session_id: 0,
        address: flow.local.ip().to_canonical(),
        port: DISCARD_PORT,
    };
    let offered = offer.capabilities();
    // What is not ours the party that is called may have.
    let trial = Negotiation::new(nowhere, capabilities(hub.codecs_of(party), &offered));
    protection::protect(trial, hub, party, flow)
        .judge(offer, source(offer, flow, End::of(party)))?;
    Ok(offered)
}

/// The description in a body of this type.
fn find<'b>(content_type: &str, bytes: &'b [u8]) -> Option<&'b [u8]> {
    let (media_type, parameters) = content_type.split_once(';').unwrap_or((content_type, ""));
    let media_type = media_type.trim();
    if media_type.eq_ignore_ascii_case("application/sdp") {
        return Some(bytes);
    }
    if !media_type.to_ascii_lowercase().starts_with("multipart/") {
        return None;
    }
    let boundary = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let named = name.trim().eq_ignore_ascii_case("boundary");
        named.then(|| value.trim().trim_matches('"'))
    })?;
    part(bytes, boundary)
}

/// The first part of a multipart body that is a description (RFC 2046 §5.1). Parts within parts are not
/// looked into.
fn part<'b>(bytes: &'b [u8], boundary: &str) -> Option<&'b [u8]> {
    if boundary.is_empty() {
        return None;
    }
    let delimiter = format!("--{boundary}");
    pieces(bytes, delimiter.as_bytes())
        .skip(1)
        .take(PARTS_MAX)
        .find_map(|piece| {
            let (head, body) = headers_and_body(piece)?;
            let head = std::str::from_utf8(head).ok()?;
            let is_sdp = head.lines().any(|line| {
                line.split_once(':').is_some_and(|(name, value)| {
                    let value = value.split(';').next().unwrap_or_default().trim();
                    name.trim().eq_ignore_ascii_case("content-type")
                        && value.eq_ignore_ascii_case("application/sdp")
                })
            });
            is_sdp.then_some(body)
        })
}

/// What stands between delimiters.
fn pieces<'b>(bytes: &'b [u8], delimiter: &[u8]) -> impl Iterator<Item = &'b [u8]> {
    let mut rest = Some(bytes);
    std::iter::from_fn(move || {
        let now = rest.take()?;
        match position(now, delimiter) {
            Some(at) => {
                rest = now.get(at.saturating_add(delimiter.len())..);
                now.get(..at)
            }
            None => Some(now),
        }
    })
}

fn headers_and_body(piece: &[u8]) -> Option<(&[u8], &[u8])> {
    ["\r\n\r\n", "\n\n"].iter().find_map(|empty_line| {
        let at = position(piece, empty_line.as_bytes())?;
        Some((
            piece.get(..at)?,
            piece.get(at.saturating_add(empty_line.len())..)?,
        ))
    })
}

fn position(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
}

/// Parts of a body that are looked at.
const PARTS_MAX: usize = 8;

/// A port that is never sent to: an offer is only tried on (RFC 863).
const DISCARD_PORT: u16 = 9;

#[cfg(test)]
mod tests {
    use super::*;
    use sip::Transport;

    const SDP: &str = "v=0\r\no=- 1 1 IN IP4 198.51.100.7\r\ns=-\r\nc=IN IP4 198.51.100.7\r\n\
                       t=0 0\r\nm=audio 4000 RTP/AVP 0\r\n";

    fn body(content_type: &str, bytes: &str) -> Body {
        Body {
            content_type: content_type.to_owned(),
            bytes: bytes.as_bytes().to_vec(),
        }
    }

    fn flow(remote: &str) -> Flow {
        Flow {
            transport: Transport::Udp,
            local: ([192, 0, 2, 1], 5060).into(),
            remote: remote.parse().unwrap(),
            connection: None,
        }
    }

    #[test]
    fn a_description_is_found_alone_or_among_others() {
        let mixed = format!(
            "preamble\r\n--x\r\nContent-Type: text/plain\r\n\r\nhello\r\n--x\r\n\
             content-type: application/sdp;v=1\r\n\r\n{SDP}\r\n--x--\r\n"
        );
        for (content_type, text) in [
            ("application/sdp", SDP),
            ("Application/SDP; charset=utf-8", SDP),
            ("multipart/mixed;boundary=x", &mixed),
            ("multipart/mixed; boundary=\"x\"", &mixed),
        ] {
            let session = read(&body(content_type, text)).unwrap();
            assert_eq!(session.media.len(), 1, "{content_type}");
        }
    }

    #[test]
    fn what_is_no_description_is_refused_with_what_would_be_taken() {
        for (content_type, text, status) in [
            ("text/plain", SDP, 415),
            ("", SDP, 415),
            ("multipart/mixed", SDP, 415),
            ("multipart/mixed;boundary=", SDP, 415),
            (
                "multipart/mixed;boundary=x",
                "--x\r\nContent-Type: text/plain\r\n\r\n",
                415,
            ),
            ("application/sdp", "v=1", 400),
        ] {
            let why = read(&body(content_type, text)).unwrap_err();
            assert_eq!(why.status(), status, "{content_type}");
            assert_eq!(why.headers("pbx").len(), 1);
        }
        let why = Unacceptable::Media(NotAcceptable::NoCommonCodec);
        let [warning] = &why.headers("pbx")[..] else {
            panic!("one header")
        };
        assert_eq!(warning.name, Name::Warning);
        assert_eq!(warning.value, "305 pbx \"there is no common codec\"");
    }

    /// SI-03
    #[test]
    fn sound_is_taken_from_the_signalled_address_or_latched_behind_nat() {
        let session = Session::parse(SDP.as_bytes()).unwrap();
        let direct = source(&session, &flow("198.51.100.7:5060"), End::Phone);
        assert_eq!(direct, Source::Signalled);
        let public = "203.0.113.9:1024";
        let behind = source(&session, &flow(public), End::Phone);
        assert_eq!(behind, Source::Latch("203.0.113.9".parse().unwrap()));
        // A trunk's word is taken, unless what it says can be reached by nobody.
        let trunk = |text: &str, from: &str| {
            let session = Session::parse(text.as_bytes()).unwrap();
            source(&session, &flow(from), End::Trunk)
        };
        assert_eq!(trunk(SDP, public), Source::Signalled);
        let inside = SDP.replace("c=IN IP4 198.51.100.7", "c=IN IP4 192.168.1.7");
        assert_eq!(trunk(&inside, public), behind);
        assert_eq!(trunk(&inside, "192.168.1.1:5060"), Source::Signalled);
        let held = SDP.replace("c=IN IP4 198.51.100.7", "c=IN IP4 0.0.0.0");
        let held = Session::parse(held.as_bytes()).unwrap();
        assert_eq!(source(&held, &flow(public), End::Phone), Source::Signalled);
    }

    const DEFAULT: (&[CodecName], Order) = (&CodecName::DEFAULT, Order::Theirs);

    #[test]
    fn an_offer_is_judged_before_a_port_is_opened_for_it() {
        let flow = flow("198.51.100.7:5060");
        let party = Origin::Extension(model::Number::parse("100").unwrap());
        let mut directory = model::Directory::default();
        let mut probe = |formats: &str, names: &[CodecName]| {
            let text = SDP.replace("RTP/AVP 0", &format!("RTP/AVP {formats}"));
            let session = Session::parse(text.as_bytes()).unwrap();
            directory.system.codecs = names.to_vec();
            let site = std::sync::Arc::new(directory.clone());
            let mut hub = Hub::new(Settings::new([0; 32]), site, 1.into());
            probe(&mut hub, &session, &party, &flow)
        };
        let offered = probe("18 0 13", &[]).unwrap();
        let names: Vec<_> = offered.iter().map(|it| it.codec.encoding.name()).collect();
        assert_eq!(names, ["G729", "PCMU"]);
        assert!(probe("18", &[]).is_ok(), "who is called may have it");
        let none = Err(NotAcceptable::NoCommonCodec);
        assert_eq!(probe("18", &[CodecName::Pcma]), none);
        assert_eq!(probe("13 99", &[]), none);
    }

    #[test]
    fn what_the_other_leg_has_is_offered_first_and_what_is_not_ours_last() {
        let g729 = Codec::of_static(18).unwrap();
        let other = [g729, Codec::PCMU, Codec::G722].map(Capability::of);
        let offered = |codecs, other: &[Capability]| {
            let capabilities = capabilities(codecs, other);
            let names = capabilities.codecs.into_iter();
            names
                .map(|it| it.codec.encoding.to_string())
                .collect::<Vec<_>>()
        };
        assert_eq!(offered(DEFAULT, &[]), ["opus", "G722", "PCMA", "PCMU"]);
        assert_eq!(
            offered(DEFAULT, &other),
            ["PCMU", "G722", "opus", "PCMA", "G729"]
        );
        assert_eq!(
            offered(DEFAULT, &other[..1]),
            ["G729"],
            "nothing else could be heard"
        );
        let set = (
            &[CodecName::G722, CodecName::Opus, CodecName::Pcmu][..],
            Order::Ours,
        );
        assert_eq!(offered(set, &other), ["G722", "PCMU", "opus"]);
        let set = (&[CodecName::Other, CodecName::Pcmu][..], Order::Ours);
        assert_eq!(offered(set, &other), ["G729", "PCMU"], "where it is set");
    }

    #[test]
    fn our_address_is_what_media_binds_else_what_is_set_else_that_of_the_flow() {
        let flow = flow("198.51.100.7:5060");
        let any = "0.0.0.0:10002".parse().unwrap();
        let mut settings = Settings::new([0; 32]);
        let address = |settings: &Settings, port| local(settings, &flow, port, 1).address;
        assert_eq!(address(&settings, any), flow.local.ip());
        settings.external_address = Some([203, 0, 113, 1].into());
        assert_eq!(address(&settings, any), IpAddr::from([203, 0, 113, 1]));
        let bound = "10.1.1.1:10002".parse().unwrap();
        assert_eq!(address(&settings, bound), IpAddr::from([10, 1, 1, 1]));
    }
}
