//! What browsers offer and are answered, and what they are offered.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on says so by its panic"
)]

use rtp::dtls::{CertificateHash, Dtls, Fingerprint, Ice, Role};
use rtp::sdp::{
    Agreed, BrowserSide, Capabilities, HoldChange, Local, Negotiation, NotAcceptable, Session, Srtp,
};
use rtp::srtp::KeySource;
use rtp::{Direction, Security, Source};

/// As Chromium offers sound, a picture and data, with a group, names, extensions and a candidate without address.
const OFFER: &str = "v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n\
a=group:BUNDLE a1 v2 d3\r\na=extmap-allow-mixed\r\na=msid-semantic: WMS s\r\n\
m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\n\
a=candidate:1 1 udp 2113937151 4f1c9a70-5f0c-4d35-b5d4-63e8a0c5a1d2.local 51234 typ host generation 0\r\n\
a=ice-ufrag:tJ5a\r\na=ice-pwd:kv0mZ1sJcQ3n9pXw7aTf2LdE\r\na=ice-options:trickle\r\n\
a=fingerprint:sha-256 7B:8B:F0:65:5F:78:E2:51:3B:AC:6F:F3:3F:46:1B:35:DC:B8:5F:64:1A:24:C2:43:F0:A1:58:D0:A1:2C:19:08\r\n\
a=setup:actpass\r\na=mid:a1\r\na=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\na=sendrecv\r\n\
a=msid:s t\r\na=rtcp-mux\r\na=rtcp-rsize\r\na=rtpmap:111 opus/48000/2\r\na=rtcp-fb:111 transport-cc\r\n\
a=fmtp:111 minptime=10;useinbandfec=1\r\na=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\na=rtpmap:9 G722/8000\r\n\
a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:13 CN/8000\r\na=rtpmap:110 telephone-event/48000\r\n\
a=rtpmap:126 telephone-event/8000\r\na=ssrc:1 cname:x\r\na=ssrc:1 msid:s t\r\n\
m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:tJ5a\r\na=ice-pwd:kv0mZ1sJcQ3n9pXw7aTf2LdE\r\n\
a=setup:actpass\r\na=mid:v2\r\na=sendrecv\r\na=rtcp-mux\r\na=rtpmap:96 VP8/90000\r\n\
m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=mid:d3\r\na=sctp-port:5000\r\n";

#[test]
fn a_browser_is_answered_with_our_one_candidate_and_its_names() {
    let (answer, agreed) = leg().answer(&parse(OFFER), Source::Ice).unwrap();
    let text = answer.to_string();
    assert_eq!(&answer.attributes[0].name, "ice-lite");
    assert!(text.contains("a=group:BUNDLE a1\r\n"), "{text}");
    let [audio, video, data] = &answer.media[..] else {
        panic!("{text}")
    };
    assert_eq!(audio.protocol.name(), "UDP/TLS/RTP/SAVPF");
    assert_eq!((audio.port, video.port, data.port), (10_000, 0, 0));
    for (media, mid) in [(audio, "a1"), (video, "v2"), (data, "d3")] {
        assert_eq!(media.values("mid").collect::<Vec<_>>(), [mid]);
    }
    for (name, value) in [
        ("setup", "passive"),
        ("fingerprint", &*fingerprint().to_string()),
        ("candidate", "1 1 udp 2130706431 192.0.2.1 10000 typ host"),
        ("end-of-candidates", ""),
        ("rtcp-mux", ""),
    ] {
        assert_eq!(audio.values(name).collect::<Vec<_>>(), [value], "{text}");
    }
    for name in ["extmap", "rtcp-fb", "crypto", "ssrc", "ice-options"] {
        assert!(!audio.has(name), "{name} in {text}");
    }
    let dtls = dtls(&agreed);
    assert_eq!((dtls.role, dtls.ice), (Role::Server, Ice::Lite));
    assert_eq!(dtls.remote.ufrag(), "tJ5a");
    assert_eq!(
        dtls.local.ufrag(),
        audio.values("ice-ufrag").next().unwrap()
    );
    assert!(dtls.candidates.is_empty(), "a name is no address");
    assert_eq!(agreed.stream.direction, Direction::SendRecv);
    assert_eq!(agreed.hold, None, "0.0.0.0 is no hold here");
    assert_eq!(agreed.stream.remote, agreed.stream.remote_rtcp);
}

#[test]
fn a_browser_that_names_no_lines_is_answered_without_names() {
    let offer = without(OFFER, &["a=mid", "a=group", "m=video", "m=application"]);
    let (answer, _) = leg().answer(&parse(&offer), Source::Ice).unwrap();
    let text = answer.to_string();
    assert!(
        !text.contains("a=mid") && !text.contains("a=group"),
        "{text}"
    );
    assert!(text.contains("a=setup:passive"), "{text}");
}

#[test]
fn what_the_session_says_counts_for_its_media() {
    let mut lines: Vec<_> = OFFER.lines().collect();
    let moved = |line: &&str| {
        line.starts_with("a=fingerprint")
            || line.starts_with("a=setup")
            || line.starts_with("a=ice-")
    };
    let of_session: Vec<_> = lines.iter().copied().filter(moved).collect();
    lines.retain(|line| !moved(line));
    let at = lines
        .iter()
        .position(|line| line.starts_with("m="))
        .unwrap();
    lines.splice(at..at, of_session);
    let offer = lines.join("\r\n") + "\r\n";
    let (_, agreed) = leg().answer(&parse(&offer), Source::Ice).unwrap();
    assert_eq!(dtls(&agreed).remote.ufrag(), "tJ5a");
}

#[test]
fn who_begins_the_handshake_is_what_the_browser_leaves_us() {
    for (says, answered, role) in [
        ("actpass", "passive", Role::Server),
        ("active", "passive", Role::Server),
        ("passive", "active", Role::Client),
    ] {
        let offer = OFFER.replace("a=setup:actpass", &format!("a=setup:{says}"));
        let (answer, agreed) = leg().answer(&parse(&offer), Source::Ice).unwrap();
        let setup = answer.media[0].values("setup").next();
        assert_eq!((setup, dtls(&agreed).role), (Some(answered), role));
    }
}

#[test]
fn a_browser_that_cannot_be_reached_or_known_is_refused() {
    for (without_line, why) in [
        ("a=rtcp-mux", NotAcceptable::TwoPorts),
        ("a=fingerprint", NotAcceptable::NoHandshake),
        ("a=ice-ufrag", NotAcceptable::NoIce),
        ("a=ice-pwd", NotAcceptable::NoIce),
    ] {
        let offer = parse_without(OFFER, &[without_line]);
        assert_eq!(leg().answer(&offer, Source::Ice).unwrap_err(), why);
        assert_eq!(why.status(), 488);
    }
    let sha1 = OFFER.replace("sha-256", "sha-1");
    let why = leg().answer(&parse(&sha1), Source::Ice).unwrap_err();
    assert_eq!(why, NotAcceptable::NoHandshake);
    let phone = Negotiation::new(local(), Capabilities::g711());
    let why = phone.judge(&parse(OFFER), Source::Signalled).unwrap_err();
    assert_eq!(
        why,
        NotAcceptable::Secure,
        "where there is no side towards browsers"
    );
}

#[test]
fn a_server_that_only_answers_checks_is_checked_by_us() {
    let offer = OFFER.replace("a=group", "a=ice-lite\r\na=group").replace(
        "a=rtcp-rsize",
        "a=candidate:2 1 udp 2130706431 198.51.100.7 40000 typ host",
    );
    let (answer, agreed) = leg().answer(&parse(&offer), Source::Ice).unwrap();
    assert!(!answer.to_string().contains("ice-lite"));
    let dtls = dtls(&agreed);
    assert_eq!(dtls.ice, Ice::Full);
    assert_eq!(dtls.candidates.len(), 1);
}

#[test]
fn hold_and_resume_change_the_direction_and_nothing_of_the_way() {
    let mut leg = leg();
    let (first, begun) = leg.answer(&parse(OFFER), Source::Ice).unwrap();
    let held = OFFER.replacen("a=sendrecv", "a=sendonly", 1);
    let (answer, agreed) = leg.answer(&parse(&held), Source::Ice).unwrap();
    assert_eq!(agreed.hold, Some(HoldChange::Held));
    assert_eq!(agreed.stream.direction, Direction::RecvOnly);
    assert_eq!(agreed.stream.security, begun.stream.security);
    assert_ne!(answer.origin.version, first.origin.version);
    let (answer, agreed) = leg.answer(&parse(OFFER), Source::Ice).unwrap();
    assert_eq!(agreed.hold, Some(HoldChange::Resumed));
    assert_eq!(agreed.stream, begun.stream);
    assert_eq!(answer.media, first.media);
}

#[test]
fn a_restart_of_ice_is_answered_with_new_credentials_in_the_same_role() {
    let offer = OFFER.replace("a=setup:actpass", "a=setup:passive");
    let mut leg = leg();
    let (_, begun) = leg.answer(&parse(&offer), Source::Ice).unwrap();
    let restart = OFFER
        .replace("tJ5a", "nEw1")
        .replace("kv0mZ1sJ", "00000000");
    let (_, agreed) = leg.answer(&parse(&restart), Source::Ice).unwrap();
    let (before, after) = (dtls(&begun), dtls(&agreed));
    assert_ne!(before.local, after.local);
    assert_eq!(after.remote.ufrag(), "nEw1");
    assert_eq!(after.role, before.role);
    assert_eq!(after.fingerprint, before.fingerprint);
}

#[test]
fn a_browser_is_offered_either_role_and_both_clocks_of_keys() {
    let mut leg = leg();
    let offer = leg.offer();
    let text = offer.to_string();
    let [audio] = &offer.media[..] else {
        panic!("{text}")
    };
    assert!(
        text.contains("a=ice-lite\r\n") && text.contains("a=group:BUNDLE 0\r\n"),
        "{text}"
    );
    assert_eq!(audio.protocol.name(), "UDP/TLS/RTP/SAVPF");
    for (name, value) in [("setup", "actpass"), ("mid", "0"), ("rtcp-mux", "")] {
        assert_eq!(audio.values(name).collect::<Vec<_>>(), [value], "{text}");
    }
    let answer = |setup: &str| {
        let lines = without(OFFER, &["m=video", "m=application"]);
        lines.replace("actpass", setup).replace("a1", "0")
    };
    for (setup, role) in [("active", Role::Server), ("passive", Role::Client)] {
        let agreed = leg
            .clone()
            .accept(&parse(&answer(setup)), Source::Ice)
            .unwrap();
        assert_eq!(dtls(&agreed).role, role);
        assert_eq!(
            dtls(&agreed).local.ufrag(),
            audio.values("ice-ufrag").next().unwrap()
        );
    }
    leg.accept(&parse(&answer("active")), Source::Ice).unwrap();
    let again = leg.refresh();
    assert_eq!(again.media, offer.media, "a refresh changes nothing");
}

#[test]
fn an_answer_without_dtls_to_an_offer_with_it_is_refused() {
    let mut leg = leg();
    leg.offer();
    let plain = "v=0\r\no=- 1 1 IN IP4 198.51.100.7\r\ns=-\r\nc=IN IP4 198.51.100.7\r\nt=0 0\r\n\
                 m=audio 4000 RTP/AVP 0\r\n";
    let why = leg.accept(&parse(plain), Source::Signalled).unwrap_err();
    assert_eq!(why, NotAcceptable::Secure);
}

#[test]
fn a_phone_on_a_browsers_transport_may_speak_plainly() {
    let plain = "v=0\r\no=- 1 1 IN IP4 198.51.100.7\r\ns=-\r\nc=IN IP4 198.51.100.7\r\nt=0 0\r\n\
                 m=audio 4000 RTP/AVP 0\r\n";
    let (answer, agreed) = leg().answer(&parse(plain), Source::Signalled).unwrap();
    assert_eq!(agreed.stream.security, Security::Plain);
    assert!(!answer.to_string().contains("ice"));
}

fn leg() -> Negotiation {
    let side = BrowserSide {
        fingerprint: fingerprint(),
        address: "192.0.2.1:10000".parse().unwrap(),
    };
    Negotiation::new(local(), Capabilities::g711())
        .secured(Srtp::Off, KeySource::new([7; 32]))
        .with_browser(side)
}

fn local() -> Local {
    Local {
        session_id: 1,
        address: [192, 0, 2, 1].into(),
        port: 10_000,
    }
}

fn fingerprint() -> Fingerprint {
    Fingerprint::new(CertificateHash::Sha256, vec![9; 32]).unwrap()
}

fn parse(text: &str) -> Session<'static> {
    Session::parse(text.as_bytes()).unwrap().into_owned()
}

fn parse_without(text: &str, prefixes: &[&str]) -> Session<'static> {
    parse(&without(text, prefixes))
}

/// The text without lines that begin so; without a media line, what belongs to it goes too.
fn without(text: &str, prefixes: &[&str]) -> String {
    let gone = |line: &str| prefixes.iter().any(|prefix| line.starts_with(prefix));
    let mut within = false;
    let kept = text.lines().filter(|line| {
        if line.starts_with("m=") {
            within = gone(line);
        }
        !within && !gone(line)
    });
    kept.flat_map(|line| [line, "\r\n"]).collect()
}

fn dtls(agreed: &Agreed) -> &Dtls {
    match &agreed.stream.security {
        Security::Dtls(dtls) => dtls,
        other => panic!("{other:?}"),
    }
}
