//! What a peer's reports of losses change in what it is sent.

use super::studio::{Studio, TONES, address};
use crate::Rate;
use crate::codec::Decoder;
use model::LegId;
use rtp::rtcp::{Farewell, Report, ReportBlock};
use rtp::{Codec, Opus};
use std::net::SocketAddr;

/// SI-05
#[test]
fn a_peer_that_loses_packets_is_told_of_each_in_the_next() {
    // Alone it gets packets of its own; in a conference, those that all silent ones get.
    for others in [&[1][..], &[1, 3, 4]] {
        let mut studio = Studio::with_phones(1);
        let opus = Opus {
            inband_fec: true,
            ..Opus::default()
        };
        studio.phone(
            LegId(2),
            Codec {
                opus,
                ..Codec::OPUS
            },
            TONES[1],
        );
        for leg in [3, 4] {
            studio.phone(LegId(leg), Codec::G722, TONES[1]);
        }
        (2..=4).for_each(|leg| studio.quiet(leg));
        studio.talk(1, &[others, &[2]].concat());
        assert!(told(&mut studio) > 10, "before anything is known");
        (0..4).for_each(|_| report(&mut studio, 0));
        assert_eq!(told(&mut studio), 0, "nothing is lost");
        report(&mut studio, 26);
        assert!(told(&mut studio) > 10, "one in ten is lost");
        (0..3).for_each(|_| report(&mut studio, 0));
        assert!(told(&mut studio) > 10, "it was not long ago");
        report(&mut studio, 0);
        assert_eq!(told(&mut studio), 0, "it was long ago");
    }
}

/// How many packets of some seconds of syllables tell the second phone of the one before.
fn told(studio: &mut Studio) -> usize {
    let mut count = 0;
    let decoder = Decoder::of(&Codec::OPUS, Rate::Full).unwrap();
    for syllable in 0..8 {
        studio.speak(1, TONES[0]);
        studio.run(200);
        studio.quiet(1);
        studio.run(200);
        let packets = studio.phone_of(2).packets.get(1..).unwrap_or_default();
        let tells = |payload: &[u8]| decoder.tells_of_the_one_before(payload);
        // Those first ones were made of what was reported before.
        if syllable > 0 {
            count += packets.iter().filter(|heard| tells(&heard.payload)).count();
        }
        // One stays, whose number is asked for.
        studio.phone_of(2).packets.truncate(1);
    }
    count
}

/// The second phone reports that it lost so many of 256 packets.
fn report(studio: &mut Studio, fraction_lost: u8) {
    let block = ReportBlock {
        ssrc: studio.ssrc_to(2),
        fraction_lost,
        ..ReportBlock::default()
    };
    let report = Report {
        ssrc: 1_002,
        sent: None,
        received: Some(block),
        voice: None,
        cname: "phone",
        farewell: Farewell::None,
    };
    let mut bytes = [0; Report::BYTES_MAX];
    let length = report.write(&mut bytes).unwrap();
    let from = address(LegId(2));
    let from = SocketAddr::new(from.ip(), from.port() + 1);
    let now = studio.now;
    studio
        .engine
        .receive_rtcp(now, LegId(2), from, &mut bytes[..length]);
}
