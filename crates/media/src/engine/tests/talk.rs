//! What must be decoded and mixed: several speakers, different codecs, different packet lengths.

use super::studio::{LEVEL_DBFS, Studio, TONES};
use crate::ear;
use model::{Effect, LegId, Switched};
use rtp::Codec;

#[test]
fn different_codecs_are_translated_at_the_same_level() {
    let mut studio = Studio::new();
    studio.phone(LegId(1), Codec::PCMA, TONES[0]);
    studio.phone(LegId(2), Codec::PCMU, TONES[1]);
    studio.talk(1, &[1, 2]);
    studio.run(300);
    studio.listen();
    studio.run(1_000);
    studio.assert_hears(1, &TONES[1..2]);
    studio.assert_hears(2, &TONES[..1]);
    for (leg, payload_type) in [(1, 8), (2, 0)] {
        let phone = studio.phone_of(leg);
        phone.assert_seamless();
        assert!(
            phone
                .packets
                .iter()
                .all(|heard| heard.header.payload_type == payload_type)
        );
    }
}

/// SI-05
#[test]
fn each_phone_gets_packets_of_the_length_that_it_wants() {
    for (one, other) in [(20, 10), (20, 30), (30, 20), (10, 60), (40, 50), (60, 60)] {
        let mut studio = Studio::new();
        let lasting = |ptime_ms| Codec {
            ptime_ms,
            ..Codec::PCMA
        };
        studio.phone(LegId(1), lasting(one), TONES[0]);
        studio.phone(LegId(2), lasting(other), TONES[1]);
        studio.talk(1, &[1, 2]);
        studio.run(400);
        studio.listen();
        studio.run(1_200);
        studio.assert_hears(1, &TONES[1..2]);
        studio.assert_hears(2, &TONES[..1]);
        for (leg, ptime_ms) in [(1, one), (2, other)] {
            let phone = studio.phone_of(leg);
            phone.assert_seamless();
            let bytes = usize::from(ptime_ms) * 8;
            assert!(
                phone
                    .packets
                    .iter()
                    .all(|heard| heard.payload.len() == bytes),
                "{one} and {other}"
            );
        }
    }
}

/// CO-03
#[test]
fn of_three_each_hears_the_two_others() {
    let mut studio = Studio::with_phones(3);
    studio.talk(1, &[1, 2, 3]);
    studio.run(300);
    studio.listen();
    studio.run(1_000);
    studio.assert_hears(1, &TONES[1..3]);
    studio.assert_hears(2, &[TONES[0], TONES[2]]);
    studio.assert_hears(3, &TONES[..2]);
    for leg in 1..=3 {
        studio.phone_of(leg).assert_seamless();
    }
}

/// MON-03
#[test]
fn a_whisper_is_heard_by_one_side_only() {
    let mut studio = Studio::with_phones(3);
    studio.mix(1, &[1, 2, 3], &[(&[1, 2], &[1, 2, 3]), (&[3], &[1])]);
    studio.run(300);
    studio.listen();
    studio.run(1_000);
    studio.assert_hears(1, &TONES[1..3]);
    studio.assert_hears(2, &TONES[..1]);
    studio.assert_hears(3, &TONES[..2]);
}

#[test]
fn one_who_is_heard_by_many_is_heard_by_each() {
    let mut studio = Studio::with_phones(4);
    studio.mix(1, &[1, 2, 3, 4], &[(&[1], &[2, 3, 4])]);
    studio.run(600);
    assert_eq!(studio.phone_of(1).packets.len(), 0);
    for leg in 2..=4 {
        studio.assert_hears(leg, &TONES[..1]);
        studio.phone_of(leg).assert_seamless();
    }
}

#[test]
fn many_loud_voices_stay_within_bounds() {
    let mut studio = Studio::with_phones(4);
    studio.talk(1, &[1, 2, 3, 4]);
    studio.run(500);
    // Nobody's sample wraps from loud to loud of the other sign.
    let sound = studio.phone_of(1).sound();
    let steepest = sound.windows(2).map(|pair| pair[0].abs_diff(pair[1])).max();
    assert!(steepest.is_some_and(|step| step < 30_000), "{steepest:?}");
}

#[test]
fn from_two_to_three_and_back_is_one_stream() {
    let mut studio = Studio::with_phones(3);
    studio.talk(1, &[1, 2]);
    studio.run(500);
    studio.talk(1, &[1, 2, 3]);
    studio.run(500);
    studio.talk(1, &[1, 2]);
    studio.run(500);
    studio.phone_of(1).assert_seamless();
    studio.phone_of(2).assert_seamless();
    studio.listen();
    studio.run(500);
    studio.assert_hears(1, &TONES[1..2]);
    assert_eq!(studio.phone_of(3).packets.len(), 0);
}

#[test]
fn a_mix_is_steady_although_packets_come_unevenly() {
    let mut studio = Studio::with_phones(3);
    studio.talk(1, &[1, 2, 3]);
    studio.run(300);
    studio.listen();
    studio.run(2_000);
    let sound = studio.phone_of(3).sound();
    let rest = ear::rest_dbfs(&sound, 8_000, &TONES[..2]);
    assert!(rest < -45.0, "what is no tone is at {rest} dBFS");
    let tone = ear::tone_dbfs(&sound, 8_000, TONES[0]);
    assert!((tone - LEVEL_DBFS).abs() < 0.5);
}

#[test]
fn a_speaker_who_falls_silent_leaves_silence_and_not_his_last_word() {
    let mut studio = Studio::with_phones(3);
    studio.talk(1, &[1, 2, 3]);
    studio.run(500);
    studio.quiet(1);
    studio.run(300);
    studio.listen();
    studio.run(1_000);
    studio.assert_hears(3, &TONES[1..2]);
    studio.speak(1, TONES[0]);
    studio.run(300);
    studio.listen();
    studio.run(1_000);
    studio.assert_hears(3, &TONES[..2]);
}

#[test]
fn an_echo_is_heard_besides_nobody() {
    let mut studio = Studio::with_phones(2);
    studio.talk(1, &[1, 2]);
    studio.perform(&Effect::Echo(LegId(1), Switched::On));
    studio.run(300);
    studio.listen();
    studio.run(500);
    studio.assert_hears(1, &TONES[..1]);
    studio.assert_hears(2, &TONES[..1]);
}
