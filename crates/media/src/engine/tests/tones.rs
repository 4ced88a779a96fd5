//! Keys as tones, in and out.

use super::studio::{Studio, TONES, cut_short, digit};
use crate::{dtmf, ear};
use model::{Digit, Effect, Keys, LegId, Sound, Switched};
use rtp::{Codec, Direction, InBand};

/// FC-08
#[test]
fn keys_pressed_as_tones_are_told_once_and_in_order() {
    for codec in [Codec::PCMA, Codec::PCMU, Codec::G722] {
        let mut studio = Studio::new();
        studio.phone(LegId(1), codec, TONES[0]);
        in_band(&mut studio, 1);
        studio.run(200);
        studio.press_tones(1, "0123456789*#ABCD55");
        studio.run(4_200);
        assert_eq!(studio.keys_told(1), "0123456789*#ABCD55", "{codec:?}");
    }
}

/// FC-08: what was already sent of a tone is cut within 40 ms of its beginning.
#[test]
fn the_other_hears_at_most_40_ms_of_a_key() {
    for others in [
        &[Codec::PCMA][..],
        &[Codec::PCMU],
        &[Codec::G722],
        &[Codec::PCMA, Codec::PCMU],
    ] {
        for begin_ms in 0..20 {
            let mut studio = Studio::new();
            studio.phone(LegId(1), Codec::PCMA, TONES[0]);
            let legs: Vec<_> = (1..).take(others.len() + 1).collect();
            for (codec, leg) in others.iter().zip(2..) {
                studio.phone(LegId(leg), *codec, TONES[leg as usize - 1]);
            }
            in_band(&mut studio, 1);
            studio.talk(1, &legs);
            studio.run(500 + begin_ms);
            studio.listen();
            studio.press_tones(1, "5");
            studio.run(500);
            assert_eq!(studio.keys_told(1), "5");
            let heard_ms = key_ms(&mut studio, 2);
            assert!(
                heard_ms <= 40,
                "{others:?}, {begin_ms}: {heard_ms} ms are heard"
            );
            studio.listen();
            studio.run(500);
            assert!(studio.level(2, TONES[0]) > -20.6, "and the voice again");
        }
    }
}

#[test]
fn an_echo_gives_no_keys_back() {
    let mut studio = Studio::with_phones(1);
    in_band(&mut studio, 1);
    studio.perform(&Effect::Echo(LegId(1), Switched::On));
    studio.run(500);
    studio.listen();
    studio.press_tones(1, "7");
    studio.run(500);
    assert_eq!(studio.keys_told(1), "7");
    let heard_ms = key_ms(&mut studio, 1);
    assert!(heard_ms <= 40, "{heard_ms} ms");
    studio.listen();
    studio.run(500);
    studio.assert_hears(1, &TONES[..1]);
}

/// A party with RTP events is not listened to, and its sound goes on without being decoded.
#[test]
fn only_who_has_no_other_form_is_listened_to() {
    let mut studio = Studio::with_phones(2);
    studio.talk(1, &[1, 2]);
    studio.run(300);
    assert_eq!(studio.decoded(), []);
    studio.listen();
    studio.press_tones(1, "5");
    studio.run(500);
    assert_eq!(studio.keys_told(1), "");
    assert!(key_ms(&mut studio, 2) >= 80, "it passes as sound");
    // What is agreed anew counts from then on.
    in_band(&mut studio, 1);
    assert!(studio.decoded().contains(&1));
    studio.run(200);
    studio.press_tones(1, "6");
    studio.run(500);
    assert_eq!(studio.keys_told(1), "6");
    studio.agree(LegId(1), |_| {});
    assert_eq!(studio.decoded(), []);
}

/// FC-08
#[test]
fn a_tone_cuts_a_prompt_short_as_any_key_does() {
    let mut studio = Studio::with_phones(1);
    in_band(&mut studio, 1);
    studio.play(1, 1, vec![Sound::Music], Keys::CutShort);
    studio.run(300);
    studio.press_tones(1, "3");
    studio.run(300);
    assert_eq!(studio.told(1), [cut_short(1), digit('3')]);
}

/// FC-08
#[test]
fn a_key_that_comes_by_info_too_counts_once() {
    let five = Digit::parse('5').unwrap();
    for info_after_ms in [20, 100, 250] {
        let mut studio = Studio::with_phones(1);
        in_band(&mut studio, 1);
        studio.run(200);
        studio.press_tones(1, "5");
        studio.run(info_after_ms);
        studio
            .engine
            .key(studio.now, LegId(1), five, &mut studio.wire);
        studio.run(500);
        assert_eq!(studio.keys_told(1), "5", "INFO after {info_after_ms} ms");
    }
}

#[test]
fn who_is_not_to_be_heard_presses_no_keys() {
    let mut studio = Studio::with_phones(1);
    studio.agree(LegId(1), |stream| {
        stream.telephone_event = None;
        stream.in_band = InBand::Heard;
        stream.direction = Direction::SendOnly;
    });
    assert_eq!(studio.decoded(), []);
}

/// FC-08
#[test]
fn keys_are_sent_as_tones_to_who_knows_no_other_form() {
    for (codec, legs) in [
        (Codec::PCMA, &[1][..]),
        (Codec::PCMA, &[1, 2]),
        (Codec::G722, &[1, 2]),
        (Codec::PCMA, &[1, 2, 3]),
        (Codec::G722, &[1, 2, 3]),
    ] {
        let mut studio = Studio::new();
        studio.phone(LegId(1), codec, TONES[0]);
        for leg in 2..=3 {
            studio.phone(LegId(leg), Codec::PCMA, TONES[leg as usize - 1]);
        }
        in_band(&mut studio, 1);
        studio.talk(1, legs);
        studio.run(300);
        studio.listen();
        for key in "19*#".chars() {
            let key = Digit::parse(key).unwrap();
            studio.engine.send_key(studio.now, LegId(1), key);
        }
        studio.run(1_000);
        let phone = studio.phone_of(1);
        phone.assert_seamless();
        assert_eq!(keys_heard(&mut studio, 1), "19*#", "{codec:?} in {legs:?}");
        studio.listen();
        studio.run(500);
        let others: Vec<_> = legs[1..]
            .iter()
            .map(|leg| TONES[*leg as usize - 1])
            .collect();
        if !others.is_empty() {
            studio.assert_hears(1, &others);
        }
        studio.phone_of(1).assert_seamless();
    }
}

#[test]
fn a_key_is_heard_before_what_is_played_goes_on() {
    let mut studio = Studio::with_phones(1);
    in_band(&mut studio, 1);
    let sound = studio.file("a.wav", TONES[2], 600);
    studio.play(1, 1, vec![sound], Keys::Report);
    studio.run(200);
    studio.listen();
    studio
        .engine
        .send_key(studio.now, LegId(1), Digit::parse('2').unwrap());
    studio.run(220);
    assert_eq!(keys_heard(&mut studio, 1), "2");
    studio.run(700);
    assert_eq!(studio.told(1).len(), 1, "and it is played to its end");
}

/// The phone of a leg has no RTP events.
fn in_band(studio: &mut Studio, leg: u64) {
    studio.agree(LegId(leg), |stream| {
        stream.telephone_event = None;
        stream.in_band = InBand::Heard;
    });
}

/// The keys that a phone hears as tones.
fn keys_heard(studio: &mut Studio, leg: u64) -> String {
    let phone = studio.phone_of(leg);
    let (sound, rate) = (phone.sound(), phone.rate);
    let mut detector = dtmf::Detector::new(rate);
    let heard = sound.chunks(rate.slot()).map(|slot| detector.hear(slot));
    heard
        .filter_map(|heard| match heard {
            dtmf::Heard::Pressed(digit) => Some(digit.as_char()),
            _ => None,
        })
        .collect()
}

/// For how long a phone hears the high tone of some key.
fn key_ms(studio: &mut Studio, leg: u64) -> usize {
    let phone = studio.phone_of(leg);
    let (sound, rate) = (phone.sound(), phone.rate);
    let window = rate.slot();
    let step = window / 5;
    let is_key = |at: &usize| {
        let part = &sound[*at..*at + window];
        let level = |hz| ear::tone_dbfs(part, rate.hz(), hz);
        [1_209.0, 1_336.0, 1_477.0]
            .into_iter()
            .any(|hz| level(hz) > -30.0)
    };
    let count = (0..sound.len() - window)
        .step_by(step)
        .filter(is_key)
        .count();
    // A window hears a tone as long as half of it is in it.
    count * 2
}
