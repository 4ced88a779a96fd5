//! Offer and answer between a leg of ours and phones as they are (RFC 3264, RFC 4317).
#![allow(
    clippy::unwrap_used,
    clippy::unwrap_in_result,
    reason = "what does not hold here fails the test"
)]

use rtp::sdp::{
    Agreed, Capabilities, Capability, Change, HoldChange, Local, Negotiation, NotAcceptable, Order,
    Session,
};
use rtp::{Codec, Direction, Encoding, Metrics, Source, TelephoneEvents};
use std::net::SocketAddr;

#[test]
fn the_first_codec_of_the_offer_that_we_have_is_answered_under_its_number() {
    let mut leg = leg();
    let offer = audio(
        "49170 RTP/AVP 18 0 8 97",
        "a=rtpmap:97 telephone-event/8000\r\n",
    );
    let (answer, agreed) = answer(&mut leg, &offer).unwrap();
    assert_eq!(
        answer,
        "v=0\r\no=- 7 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n\
         m=audio 10002 RTP/AVP 0 97\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:97 telephone-event/8000\r\n\
         a=fmtp:97 0-15\r\na=ptime:20\r\na=sendrecv\r\n"
    );
    assert_eq!(agreed.stream.remote, at("198.51.100.7:49170"));
    assert_eq!(agreed.stream.remote_rtcp, at("198.51.100.7:49171"));
    assert_eq!(agreed.stream.codec, Codec::PCMU);
    assert_eq!(agreed.stream.receives, [Codec::PCMU]);
    assert_eq!(
        agreed.stream.telephone_event,
        Some(TelephoneEvents {
            send: 97,
            receive: 97,
            clock_rate: 8_000
        })
    );
    assert_eq!((agreed.change, agreed.hold), (Change::Changed, None));
}

#[test]
fn the_order_that_is_set_decides_which_codec_of_an_offer_is_answered() {
    let offer = audio("4000 RTP/AVP 8 0", "");
    let mut ours = Capabilities::g711();
    ours.codecs.reverse();
    ours.order = Order::Ours;
    for (order, payload_type) in [(Order::Theirs, 8), (Order::Ours, 0)] {
        let capabilities = Capabilities {
            order,
            ..ours.clone()
        };
        let mut leg = Negotiation::new(LOCAL, capabilities);
        let (_, agreed) = answer(&mut leg, &offer).unwrap();
        assert_eq!(agreed.stream.codec.payload_type, payload_type, "{order:?}");
    }
}

#[test]
fn what_the_other_leg_has_is_answered_before_what_it_has_not_whatever_the_order() {
    for order in [Order::Theirs, Order::Ours] {
        let capabilities = Capabilities {
            order,
            ..Capabilities::g711()
        };
        let capabilities = capabilities.sharing(&[Capability::of(Codec::PCMU)]);
        let mut leg = Negotiation::new(LOCAL, capabilities);
        let (_, agreed) = answer(&mut leg, &audio("4000 RTP/AVP 8 0", "")).unwrap();
        assert_eq!(agreed.stream.codec, Codec::PCMU, "{order:?}");
    }
}

#[test]
fn what_a_peer_wishes_of_opus_is_known_to_who_sends_it() {
    let mut leg = Negotiation::new(LOCAL, with_opus());
    let offer = audio(
        "4000 RTP/AVP 109 101",
        "a=rtpmap:109 opus/48000/2\r\na=fmtp:109 maxaveragebitrate=20000;useinbandfec=1;minptime=20\r\n\
         a=rtpmap:101 telephone-event/8000\r\na=ptime:30\r\n",
    );
    let (answer, agreed) = answer(&mut leg, &offer).unwrap();
    let codec = agreed.stream.codec;
    assert_eq!(
        (codec.opus.bitrate_max, codec.opus.inband_fec),
        (Some(20_000), true)
    );
    assert_eq!(codec.ptime_ms, 20, "Opus has no 30 ms");
    let events = agreed.stream.telephone_event.unwrap();
    assert_eq!(
        (events.send, events.clock_rate),
        (101, 8_000),
        "the only ones there are"
    );
    assert!(
        answer.contains("m=audio 10002 RTP/AVP 109 101\r\n"),
        "{answer}"
    );
}

#[test]
fn comfort_noise_is_not_agreed_on_but_understood() {
    let mut leg = leg();
    let (answer, agreed) = answer(&mut leg, &audio("4000 RTP/AVP 0 13", "")).unwrap();
    assert!(answer.contains("m=audio 10002 RTP/AVP 0\r\n"), "{answer}");
    assert_eq!(agreed.stream.received(13), Some(&Codec::COMFORT_NOISE));
    let opus = audio("4000 RTP/AVP 96", "a=rtpmap:96 opus/48000/2\r\n");
    let mut leg = Negotiation::new(LOCAL, with_opus());
    let (_, agreed) = self::answer(&mut leg, &opus).unwrap();
    assert_eq!(agreed.stream.received(13), None, "it has another clock");
}

#[test]
fn what_only_goes_beside_sound_is_nothing_that_a_peer_can_do() {
    let offer = audio(
        "4000 RTP/AVP 63 96 13 97 0",
        "a=rtpmap:63 red/48000/2\r\na=fmtp:63 96/96\r\na=rtpmap:96 opus/48000/2\r\na=fmtp:96 usedtx=1\r\n\
         a=rtpmap:97 telephone-event/8000\r\na=ptime:40\r\n",
    );
    let session = Session::parse(offer.as_bytes()).unwrap();
    let capabilities = session.capabilities();
    let said: Vec<_> = capabilities
        .iter()
        .map(|it| (it.codec.encoding.name(), &*it.parameters, it.codec.ptime_ms))
        .collect();
    assert_eq!(said, [("opus", "usedtx=1", 40), ("PCMU", "", 40)]);
}

#[test]
fn a_dynamic_number_may_differ_in_both_directions() {
    let mut leg = Negotiation::new(LOCAL, with_opus());
    let offer = leg.offer().to_string();
    assert!(
        offer.contains("m=audio 10002 RTP/AVP 96 8 0 101 97\r\n"),
        "{offer}"
    );
    assert!(
        offer.contains("a=rtpmap:96 opus/48000/2\r\na=rtpmap:8 PCMA/8000\r\n"),
        "{offer}"
    );
    assert!(offer.contains("a=fmtp:96 useinbandfec=1\r\n"), "{offer}");
    assert!(
        offer.contains("a=rtpmap:97 telephone-event/48000\r\n"),
        "{offer}"
    );
    let reply = audio(
        "4000 RTP/AVP 111 8 110",
        "a=rtpmap:111 OPUS/48000/2\r\na=rtpmap:110 telephone-event/48000\r\na=ptime:40\r\n",
    );
    let stream = accept(&mut leg, &reply).unwrap().stream;
    assert_eq!(
        (stream.codec.payload_type, stream.codec.ptime_ms),
        (111, 40)
    );
    assert_eq!(stream.receives[0].payload_type, 96);
    assert_eq!(stream.received(8).unwrap().encoding, Encoding::Pcma);
    assert_eq!(stream.received(111), None);
    assert_eq!(
        stream.telephone_event,
        Some(TelephoneEvents {
            send: 110,
            receive: 97,
            clock_rate: 48_000
        })
    );
}

/// SI-04
#[test]
fn every_spelling_of_hold_is_understood_and_taken_back() {
    let port = "5000 RTP/AVP 0";
    let nowhere = "v=0\r\no=p 1 2 IN IP4 198.51.100.7\r\ns=-\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\nm=audio 5000 RTP/AVP 0\r\n";
    let table = [
        (
            audio(port, "a=sendonly\r\n"),
            Direction::RecvOnly,
            "a=recvonly",
        ),
        (
            audio(port, "a=inactive\r\n"),
            Direction::Inactive,
            "a=inactive",
        ),
        (nowhere.to_owned(), Direction::RecvOnly, "a=recvonly"),
        (
            audio(port, "").replace("t=0 0\r\n", "t=0 0\r\na=sendonly\r\n"),
            Direction::RecvOnly,
            "a=recvonly",
        ),
        (
            audio("0 RTP/AVP 0", ""),
            Direction::Inactive,
            "m=audio 0 RTP/AVP 0",
        ),
    ];
    for (hold, direction, line) in table {
        let mut leg = leg();
        answer(&mut leg, &audio(port, "")).unwrap();
        let (reply, agreed) = answer(&mut leg, &hold).unwrap();
        assert_eq!(agreed.hold, Some(HoldChange::Held), "{hold}");
        assert_eq!(agreed.stream.direction, direction, "{hold}");
        assert!(reply.contains(line), "{reply}");
        assert!(leg.is_held());
        let (_, agreed) = answer(&mut leg, &hold).unwrap();
        assert_eq!(
            (agreed.hold, agreed.change),
            (None, Change::Same),
            "held twice"
        );
        let (_, agreed) = answer(&mut leg, &audio(port, "")).unwrap();
        assert_eq!(agreed.hold, Some(HoldChange::Resumed), "{hold}");
        assert_eq!(agreed.stream.direction, Direction::SendRecv);
    }
}

#[test]
fn a_phone_that_only_listens_holds_nobody() {
    let mut leg = leg();
    let (reply, agreed) = answer(&mut leg, &audio("5000 RTP/AVP 0", "a=recvonly\r\n")).unwrap();
    assert_eq!(
        (agreed.hold, agreed.stream.direction),
        (None, Direction::SendOnly)
    );
    assert!(reply.contains("a=sendonly"));
}

#[test]
fn the_version_grows_only_when_something_changed() {
    let mut leg = leg();
    let version = |body: &str| {
        let session = Session::parse(body.as_bytes()).unwrap();
        session.origin.version.parse::<u64>().unwrap()
    };
    let plain = audio("5000 RTP/AVP 0", "");
    assert_eq!(version(&answer(&mut leg, &plain).unwrap().0), 1);
    assert_eq!(version(&answer(&mut leg, &plain).unwrap().0), 1);
    let held = audio("5000 RTP/AVP 0", "a=sendonly\r\n");
    assert_eq!(version(&answer(&mut leg, &held).unwrap().0), 2);
    assert_eq!(version(&leg.refresh().to_string()), 2);
    let agreed = accept(&mut leg, &held).unwrap();
    assert_eq!((agreed.change, agreed.hold), (Change::Same, None));
    assert_eq!(version(&leg.offer().to_string()), 3, "everything again");
    leg.abandon();
    assert_eq!(version(&answer(&mut leg, &plain).unwrap().0), 4);
}

const LOCAL: Local = Local {
    session_id: 7,
    address: std::net::IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1)),
    port: 10_002,
};

/// RFC 3611 §5: each side is told how it is heard where it wished for that.
#[test]
fn metrics_are_wished_for_and_sent_to_who_wishes_for_them() {
    for (theirs, wished) in [
        (
            "a=rtcp-xr:rcvr-rtt=all:10 voip-metrics\r\n",
            Metrics::Wished,
        ),
        ("a=rtcp-xr:rcvr-rtt=all\r\n", Metrics::Unasked),
        ("", Metrics::Unasked),
    ] {
        let said = audio("4000 RTP/AVP 8", theirs);
        let mut offering = leg();
        let offer = offering.offer().to_string();
        assert!(offer.contains("a=rtcp-xr:voip-metrics\r\n"), "{offer}");
        let agreed = accept(&mut offering, &said).unwrap();
        assert_eq!(agreed.stream.metrics, wished, "in an answer: {theirs}");
        let (answered, agreed) = answer(&mut leg(), &said).unwrap();
        assert_eq!(agreed.stream.metrics, wished, "in an offer: {theirs}");
        let repeats = answered.contains("a=rtcp-xr:voip-metrics\r\n");
        assert_eq!(repeats, wished == Metrics::Wished);
    }
}

fn leg() -> Negotiation {
    Negotiation::new(LOCAL, Capabilities::g711())
}

fn with_opus() -> Capabilities {
    let mut capabilities = Capabilities::g711();
    let opus = Capability {
        codec: Codec::new(Encoding::Opus, 96, 48_000, 2),
        parameters: "useinbandfec=1".into(),
    };
    capabilities.codecs.insert(0, opus);
    capabilities
}

fn audio(line: &str, attributes: &str) -> String {
    format!(
        "v=0\r\no=phone 1 1 IN IP4 198.51.100.7\r\ns=-\r\nc=IN IP4 198.51.100.7\r\nt=0 0\r\n\
         m=audio {line}\r\n{attributes}"
    )
}

fn answer(leg: &mut Negotiation, offer: &str) -> Result<(String, Agreed), NotAcceptable> {
    let offer = Session::parse(offer.as_bytes()).unwrap();
    let (answer, agreed) = leg.answer(&offer, Source::Signalled)?;
    Ok((answer.to_string(), agreed))
}

fn accept(leg: &mut Negotiation, answer: &str) -> Result<Agreed, NotAcceptable> {
    let answer = Session::parse(answer.as_bytes()).unwrap();
    leg.accept(&answer, Source::Signalled)
}

fn at(text: &str) -> SocketAddr {
    text.parse().unwrap()
}
