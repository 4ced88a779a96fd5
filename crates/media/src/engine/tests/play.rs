//! Play-lists.

use super::studio::{LEVEL_DBFS, Studio, TONES, cut_short, digit, finished};
use crate::ear;
use model::{Effect, Keys, LegId, Sound, Tone};
use rtp::{Codec, Direction};

#[test]
fn sounds_follow_each_other_without_a_gap() {
    let mut studio = Studio::with_phones(1);
    // Pieces that end within a frame: 1 ms is 8 samples.
    let pieces = (0..40).map(|n| studio.file(&format!("{n}.wav"), 1_000.0, 21));
    let pieces: Vec<_> = pieces.collect();
    studio.play(1, 1, pieces, Keys::CutShort);
    studio.run(1_100);
    let sound = studio.phone_of(1).sound();
    // It may begin amid a packet.
    let begin = sound.iter().position(|sample| sample.unsigned_abs() > 8);
    let played = &sound[begin.unwrap()..][..830 * 8];
    // A whole number of periods fits into each piece, so that the tone goes on through all of them.
    let level = ear::tone_dbfs(played, 8_000, 1_000.0);
    assert!((level - LEVEL_DBFS).abs() < 0.3, "{level}");
    let rest = ear::rest_dbfs(played, 8_000, &[1_000.0]);
    assert!(rest < -50.0, "a gap would be heard: {rest} dBFS");
    assert_eq!(studio.told(1), [finished(1)]);
    studio.phone_of(1).assert_seamless();
}

#[test]
fn a_play_list_is_heard_instead_of_the_room_and_then_the_room_again() {
    let mut studio = Studio::with_phones(2);
    studio.talk(1, &[1, 2]);
    studio.run(200);
    let sound = studio.file("a.wav", TONES[2], 500);
    studio.play(1, 1, vec![sound], Keys::CutShort);
    studio.listen();
    studio.run(480);
    studio.assert_hears(1, &TONES[2..3]);
    studio.assert_hears(2, &TONES[..1]);
    studio.run(200);
    studio.listen();
    studio.run(500);
    studio.assert_hears(1, &TONES[1..2]);
    studio.phone_of(1).assert_seamless();
    assert_eq!(studio.told(1), [finished(1)]);
}

#[test]
fn one_play_list_replaces_another_whose_end_is_told() {
    let mut studio = Studio::with_phones(1);
    studio.play(1, 1, vec![Sound::Music], Keys::Report);
    studio.run(500);
    let sound = studio.file("a.wav", TONES[2], 300);
    studio.play(1, 2, vec![sound], Keys::CutShort);
    assert_eq!(studio.told(1), [cut_short(1)]);
    studio.listen();
    studio.run(280);
    studio.assert_hears(1, &TONES[2..3]);
    studio.run(500);
    assert_eq!(studio.told(1), [finished(2)]);
}

#[test]
fn silence_stops_it_and_tells_its_end_once() {
    let mut studio = Studio::with_phones(1);
    studio.play(1, 1, vec![Sound::Tone(Tone::Ring)], Keys::Report);
    studio.run(300);
    studio.perform(&Effect::Silence(LegId(1)));
    studio.perform(&Effect::Silence(LegId(1)));
    studio.run(100);
    studio.listen();
    studio.run(500);
    assert_eq!(studio.phone_of(1).packets.len(), 0);
    assert_eq!(studio.told(1), [cut_short(1)]);
}

/// FC-08
#[test]
fn a_key_does_to_a_play_list_what_it_says() {
    for (keys, told) in [
        (Keys::CutShort, vec![cut_short(1), digit('5')]),
        (Keys::Report, vec![digit('5'), finished(1)]),
        (Keys::Drop, vec![finished(1)]),
    ] {
        let mut studio = Studio::with_phones(1);
        let sound = studio.file("a.wav", TONES[2], 1_000);
        studio.play(1, 1, vec![sound], keys);
        studio.run(300);
        studio.press(1, '5', 100);
        studio.run(1_500);
        assert_eq!(studio.told(1), told, "{keys:?}");
    }
}

#[test]
fn a_key_cuts_sound_off_at_once() {
    let mut studio = Studio::with_phones(1);
    studio.play(1, 1, vec![Sound::Tone(Tone::Busy)], Keys::CutShort);
    studio.run(300);
    studio.press(1, '#', 100);
    studio.run(60);
    studio.listen();
    studio.run(500);
    assert_eq!(studio.phone_of(1).packets.len(), 0);
}

#[test]
fn a_pause_lasts_as_long_as_it_says() {
    let mut studio = Studio::with_phones(1);
    let tone = studio.file("a.wav", 1_000.0, 100);
    studio.play(
        1,
        1,
        vec![tone.clone(), Sound::Pause(300), tone],
        Keys::CutShort,
    );
    studio.run(700);
    let sound = studio.phone_of(1).sound();
    let level = |ms: std::ops::Range<usize>| ear::rms_dbfs(&sound[ms.start * 8..ms.end * 8]);
    assert!(level(10..90) > -30.0);
    assert!(level(110..390) < -60.0);
    assert!(level(410..490) > -30.0);
    assert_eq!(studio.told(1), [finished(1)]);
}

#[test]
fn music_and_progress_tones_have_no_end() {
    for sound in [Sound::Music, Sound::Tone(Tone::Dial)] {
        let mut studio = Studio::with_phones(1);
        studio.quiet(1);
        studio.agree(LegId(1), |stream| stream.direction = Direction::SendOnly);
        studio.play(1, 1, vec![sound], Keys::Report);
        studio.run(300_000);
        studio.listen();
        studio.run(2_000);
        let sound = studio.phone_of(1).sound();
        assert!(ear::rms_dbfs(&sound) > -50.0);
        assert_eq!(studio.told(1), []);
    }
}

#[test]
fn the_tones_are_those_of_the_country() {
    let mut studio = Studio::with_phones(1);
    studio.play(1, 1, vec![Sound::Tone(Tone::Dial)], Keys::Report);
    studio.run(1_000);
    assert!(studio.level(1, 450.0) > -25.0);
}

#[test]
fn what_cannot_be_played_is_left_out_and_ended() {
    let mut studio = Studio::with_phones(1);
    let tone = studio.file("a.wav", TONES[2], 400);
    let missing = Sound::File("missing.wav".into());
    studio.play(1, 1, vec![missing.clone(), tone], Keys::CutShort);
    studio.run(390);
    studio.assert_hears(1, &TONES[2..3]);
    studio.run(200);
    studio.play(1, 2, vec![missing], Keys::CutShort);
    studio.play(1, 3, vec![], Keys::CutShort);
    studio.run(100);
    assert_eq!(studio.told(1), [finished(1), cut_short(2), finished(3)]);
}

#[test]
fn a_play_list_for_nobody_ends_at_once() {
    let mut studio = Studio::new();
    studio.play(9, 1, vec![Sound::Music], Keys::CutShort);
    assert_eq!(studio.told(9), [cut_short(1)]);
}

#[test]
fn a_play_list_waits_for_the_answer_and_is_heard_from_its_beginning() {
    let mut studio = Studio::new();
    let tone = studio.file("a.wav", TONES[2], 200);
    studio.engine.open(studio.now, LegId(1), 7);
    studio.play(1, 1, vec![tone], Keys::CutShort);
    studio.run(1_000);
    assert_eq!(studio.told(1), []);
    studio.answer(LegId(1), Codec::PCMA, TONES[0]);
    studio.run(400);
    assert!(studio.phone_of(1).sound().len() >= 1_600);
    assert_eq!(studio.told(1), [finished(1)]);
}

#[test]
fn a_phone_that_holds_does_not_stop_the_time() {
    let mut studio = Studio::with_phones(1);
    let tone = studio.file("a.wav", TONES[2], 500);
    studio.play(1, 1, vec![tone], Keys::CutShort);
    studio.run(100);
    studio.agree(LegId(1), |stream| stream.direction = Direction::RecvOnly);
    studio.listen();
    studio.run(600);
    assert_eq!(studio.phone_of(1).packets.len(), 0);
    assert_eq!(studio.told(1), [finished(1)]);
}
