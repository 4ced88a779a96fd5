//! Two parties with one codec: their packets go on as they are.

use super::studio::{Fate, LEVEL_DBFS, Studio, TONES, address};
use crate::g711::{self, Law};
use model::{Effect, Keys, LegId, Sound, Switched};
use rtp::{Codec, Direction, Encoding, Header, Marker, Source};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

#[test]
fn two_phones_hear_each_other_and_not_themselves() {
    let mut studio = Studio::with_phones(2);
    studio.talk(1, &[1, 2]);
    studio.run(1_000);
    studio.assert_hears(1, &TONES[1..2]);
    studio.assert_hears(2, &TONES[..1]);
    for leg in [1, 2] {
        studio.phone_of(leg).assert_seamless();
    }
}

#[test]
fn relayed_sound_is_not_changed_by_a_bit() {
    let mut studio = Studio::with_phones(2);
    studio.talk(1, &[1, 2]);
    let mut sent = Vec::new();
    studio.run_through(500, |leg, packet| {
        if leg == LegId(1) {
            sent.push(packet[Header::SIZE..].to_vec());
        }
        Fate::Arrives
    });
    let heard = studio
        .phone_of(2)
        .packets
        .iter()
        .map(|heard| heard.payload.clone());
    assert_eq!(heard.collect::<Vec<_>>(), sent);
}

#[test]
fn one_law_becomes_the_other_byte_by_byte_and_at_once() {
    let mut studio = Studio::new();
    for (leg, codec) in [(1, Codec::PCMU), (2, Codec::PCMA), (3, Codec::PCMU)] {
        studio.phone(LegId(leg), codec, TONES[0]);
    }
    // One who hears what was said as it was said does not disturb the other.
    studio.mix(1, &[1, 2, 3], &[(&[1], &[2, 3])]);
    assert_eq!(studio.decoded(), [0; 0], "nothing is decoded for that");
    let (mut said, mut at) = (Vec::new(), Vec::new());
    studio.run_through(500, |leg, packet| {
        if leg == LegId(1) {
            said.push(packet[Header::SIZE..].to_vec());
        }
        Fate::Arrives
    });
    let mut heard = |leg| {
        let packets = studio.phone_of(leg).packets.iter();
        at = packets.clone().map(|heard| heard.at).collect();
        let payloads = packets.map(|heard| heard.payload.clone());
        payloads.collect::<Vec<_>>()
    };
    let translated = said.iter().map(|bytes| {
        let mut translated = vec![0; bytes.len()];
        g711::translate(Law::A, bytes, &mut translated);
        translated
    });
    assert_eq!(heard(2), translated.collect::<Vec<_>>());
    assert_eq!(heard(3), said);
    let evenly = at.windows(2).all(|pair| pair[1].0 - pair[0].0 == 20_000);
    assert!(evenly, "nobody waits for a slot");
    studio.phone_of(2).assert_seamless();
}

#[test]
fn each_leg_is_one_sender_of_its_own() {
    let mut studio = Studio::with_phones(2);
    studio.talk(1, &[1, 2]);
    studio.run(200);
    let one = studio.phone_of(1).packets[0].header;
    let two = studio.phone_of(2).packets[0].header;
    assert_ne!(one.ssrc, two.ssrc);
    for (leg, header) in [(1, one), (2, two)] {
        assert!(
            ![1_001, 1_002].contains(&header.ssrc),
            "nobody's own number"
        );
        assert_eq!(header.marker, Marker::Set, "the first packet to leg {leg}");
        let marked = studio.phone_of(leg).packets.iter();
        assert_eq!(
            marked
                .filter(|heard| heard.header.marker == Marker::Set)
                .count(),
            1
        );
    }
}

#[test]
fn different_numbers_of_one_codec_are_translated() {
    let mut studio = Studio::with_phones(2);
    let numbered = |payload_type| {
        let encoding = Encoding::parse("iLBC").unwrap();
        Codec::new(encoding, payload_type, 8_000, 1)
    };
    studio.agree(LegId(1), |stream| {
        stream.codec = numbered(97);
        stream.receives = vec![numbered(96)];
    });
    studio.agree(LegId(2), |stream| {
        stream.codec = numbered(111);
        stream.receives = vec![numbered(112)];
    });
    studio.quiet(1);
    studio.quiet(2);
    studio.talk(1, &[1, 2]);
    let packet = |payload_type| {
        let header = Header {
            payload_type,
            ssrc: 5,
            ..Header::default()
        };
        [&header.to_bytes()[..], b"unknown"].concat()
    };
    studio.receive(1, address(LegId(1)), &packet(96));
    studio.receive(1, address(LegId(1)), &packet(97));
    let heard = &studio.phone_of(2).packets;
    assert_eq!(heard.len(), 1, "a number that was not agreed on is nothing");
    assert_eq!(
        (heard[0].header.payload_type, &heard[0].payload[..]),
        (111, &b"unknown"[..])
    );
}

#[test]
fn losses_stay_losses_and_doubles_stay_doubles() {
    let mut studio = Studio::with_phones(2);
    studio.quiet(2);
    studio.talk(1, &[1, 2]);
    let mut count = 0;
    studio.run_through(400, |_, _| {
        count += 1;
        match count {
            5 | 6 => Fate::Lost,
            10 => Fate::Doubled,
            _ => Fate::Arrives,
        }
    });
    let sequences: Vec<_> = studio
        .phone_of(2)
        .packets
        .iter()
        .map(|heard| heard.header.sequence)
        .collect();
    let from = sequences[0];
    let places: Vec<_> = sequences
        .iter()
        .map(|sequence| sequence.wrapping_sub(from))
        .collect();
    assert_eq!(places[..9], [0, 1, 2, 3, 6, 7, 8, 9, 9]);
}

#[test]
fn packets_from_anywhere_else_are_not_heard() {
    let mut studio = Studio::with_phones(2);
    studio.talk(1, &[1, 2]);
    studio.run(100);
    studio.listen();
    studio.quiet(1);
    let (ssrc, sequence, timestamp) = {
        let phone = studio.phone_of(1);
        (phone.ssrc, phone.sequence, phone.timestamp)
    };
    let header = Header {
        payload_type: 8,
        sequence,
        timestamp,
        ssrc,
        ..Header::default()
    };
    let packet = [&header.to_bytes()[..], &[0x2a; 160]].concat();
    let phone = address(LegId(1));
    for stranger in [
        SocketAddr::new(phone.ip(), phone.port() + 2),
        SocketAddr::new(IpAddr::V4(Ipv4Addr::new(198, 51, 100, 1)), phone.port()),
    ] {
        studio.receive(1, stranger, &packet);
        studio.run(20);
    }
    assert_eq!(studio.phone_of(2).packets.len(), 0);
    // Nor does anything go to the stranger.
    studio.receive(1, phone, &packet);
    assert_eq!(studio.phone_of(2).packets.len(), 1);
    studio.run(100);
    assert!(studio.phone_of(1).packets.len() >= 5);
}

/// SI-03
#[test]
fn a_phone_behind_nat_is_heard_from_its_real_port_and_answered_there() {
    let mut studio = Studio::with_phones(2);
    let seen = address(LegId(1));
    studio.agree(LegId(1), |stream| {
        stream.remote = SocketAddr::new(seen.ip(), 9);
        stream.source = Source::Latch(seen.ip());
    });
    studio.talk(1, &[1, 2]);
    studio.run(500);
    studio.assert_hears(2, &TONES[..1]);
    studio.assert_hears(1, &TONES[1..2]);
}

#[test]
fn a_sender_that_begins_anew_goes_on_without_a_seam() {
    let mut studio = Studio::with_phones(2);
    studio.talk(1, &[1, 2]);
    studio.run(300);
    let phone = studio.phone_of(1);
    (phone.ssrc, phone.sequence, phone.timestamp) = (77, 12, 99_000_000);
    studio.run(300);
    // Its numbers jump again, under the same name.
    let phone = studio.phone_of(1);
    (phone.sequence, phone.timestamp) = (40_000, 5);
    studio.run(300);
    let phone = studio.phone_of(2);
    assert!(phone.packets.len() >= 40);
    phone.assert_seamless();
}

#[test]
fn after_silence_the_clock_has_gone_on() {
    let mut studio = Studio::with_phones(2);
    studio.talk(1, &[1, 2]);
    studio.run(300);
    studio.quiet(1);
    studio.run(2_000);
    studio.speak(1, TONES[0]);
    // A phone that was silent has let its own clock run.
    let phone = studio.phone_of(1);
    phone.timestamp = phone.timestamp.wrapping_add(16_000);
    studio.run(300);
    let packets = &studio.phone_of(2).packets;
    let apart = packets
        .windows(2)
        .map(|pair| {
            pair[1]
                .header
                .timestamp
                .wrapping_sub(pair[0].header.timestamp)
        })
        .max();
    assert!(
        apart.is_some_and(|apart| (15_500..16_800).contains(&apart)),
        "{apart:?}"
    );
}

/// SI-04
#[test]
fn whoever_is_on_hold_gets_nothing_and_whoever_only_sends_is_heard() {
    for (direction, sends, is_heard) in [
        (Direction::SendRecv, true, true),
        (Direction::SendOnly, true, false),
        (Direction::RecvOnly, false, true),
        (Direction::Inactive, false, false),
    ] {
        let mut studio = Studio::with_phones(2);
        studio.agree(LegId(1), |stream| stream.direction = direction);
        studio.talk(1, &[1, 2]);
        studio.run(300);
        assert_eq!(
            !studio.phone_of(1).packets.is_empty(),
            sends,
            "to {direction}"
        );
        assert_eq!(
            !studio.phone_of(2).packets.is_empty(),
            is_heard,
            "from {direction}"
        );
    }
}

/// SI-04
#[test]
fn hold_with_music_and_back_is_one_stream() {
    let mut studio = Studio::with_phones(2);
    studio.talk(1, &[1, 2]);
    studio.run(500);
    // The second phone holds: the first hears music, the second nothing.
    studio.agree(LegId(2), |stream| stream.direction = Direction::RecvOnly);
    studio.mix(1, &[1, 2], &[]);
    studio.play(1, 1, vec![Sound::Music], Keys::Report);
    studio.listen();
    studio.run(2_000);
    assert_eq!(studio.phone_of(2).packets.len(), 0);
    let music = studio.phone_of(1).sound();
    assert!(music.len() >= 15_000);
    assert!(crate::ear::rms_dbfs(&music) > -45.0, "there is music");
    assert!(studio.level(1, TONES[1]) < -40.0, "and not the other phone");
    studio.agree(LegId(2), |_| {});
    studio.talk(1, &[1, 2]);
    studio.perform(&Effect::Silence(LegId(1)));
    studio.run(500);
    studio.phone_of(1).assert_seamless();
    studio.listen();
    studio.run(500);
    studio.assert_hears(1, &TONES[1..2]);
    studio.assert_hears(2, &TONES[..1]);
}

#[test]
fn nobody_in_a_room_of_another_is_heard() {
    let mut studio = Studio::with_phones(4);
    studio.talk(1, &[1, 2]);
    studio.talk(2, &[3, 4]);
    studio.run(500);
    studio.assert_hears(1, &TONES[1..2]);
    studio.assert_hears(3, &TONES[3..4]);
    // The second phone goes over to the others' room, whose plan comes first.
    studio.talk(2, &[2, 3]);
    studio.mix(1, &[1], &[]);
    studio.listen();
    studio.run(500);
    studio.assert_hears(3, &TONES[1..2]);
    studio.assert_hears(2, &TONES[2..3]);
    for leg in [1, 4] {
        assert_eq!(studio.phone_of(leg).packets.len(), 0, "leg {leg}");
    }
}

#[test]
fn a_leg_that_is_closed_is_neither_heard_nor_sent_to() {
    let mut studio = Studio::with_phones(2);
    studio.talk(1, &[1, 2]);
    studio.run(100);
    studio.close(1);
    studio.listen();
    studio.run(200);
    for leg in [1, 2] {
        assert_eq!(studio.phone_of(leg).packets.len(), 0, "leg {leg}");
    }
    assert_eq!(studio.engine.leg_count(), 1);
}

#[test]
fn a_plan_may_come_before_its_legs() {
    let mut studio = Studio::new();
    studio.talk(1, &[1, 2]);
    studio.phone(LegId(1), Codec::PCMA, TONES[0]);
    studio.run(100);
    studio.phone(LegId(2), Codec::PCMA, TONES[1]);
    studio.run(500);
    studio.assert_hears(1, &TONES[1..2]);
    studio.assert_hears(2, &TONES[..1]);
}

#[test]
fn the_echo_test_gives_back_what_was_said() {
    let mut studio = Studio::with_phones(1);
    studio.perform(&Effect::Echo(LegId(1), Switched::On));
    studio.run(1_000);
    let level = studio.level(1, TONES[0]);
    assert!((level - LEVEL_DBFS).abs() < 0.5, "{level}");
    studio.perform(&Effect::Echo(LegId(1), Switched::Off));
    studio.run(100);
    studio.listen();
    studio.run(300);
    assert_eq!(studio.phone_of(1).packets.len(), 0);
}

/// SI-07
#[test]
fn a_phone_that_vanishes_is_told_of_after_30_s() {
    let mut studio = Studio::with_phones(2);
    studio.talk(1, &[1, 2]);
    studio.run(1_000);
    studio.quiet(1);
    studio.run(29_500);
    assert_eq!(studio.silences(1), 0);
    studio.run(1_500);
    assert_eq!((studio.silences(1), studio.silences(2)), (1, 0));
    studio.run(20_000);
    assert_eq!(studio.silences(1), 1, "said once");
}

/// SI-07
#[test]
fn a_phone_that_need_not_send_may_be_silent() {
    let mut studio = Studio::with_phones(1);
    studio.quiet(1);
    studio.agree(LegId(1), |stream| stream.direction = Direction::SendOnly);
    studio.run(60_000);
    assert_eq!(studio.silences(1), 0);
    // Taken off hold, it has its 30 s from there on.
    studio.agree(LegId(1), |_| {});
    studio.run(29_000);
    assert_eq!(studio.silences(1), 0);
    studio.run(2_000);
    assert_eq!(studio.silences(1), 1);
}

#[test]
fn what_is_no_rtp_does_no_harm() {
    let mut studio = Studio::with_phones(2);
    studio.talk(1, &[1, 2]);
    let from = address(LegId(1));
    for length in 0..64 {
        for first in [0_u8, 0x80, 0x90, 0xa0, 0xbf, 0xff] {
            let mut bytes = vec![0xff; length];
            if let Some(byte) = bytes.first_mut() {
                *byte = first;
            }
            studio.receive(1, from, &bytes);
        }
    }
    studio.listen();
    studio.run(500);
    studio.assert_hears(1, &TONES[1..2]);
}
