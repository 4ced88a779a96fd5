//! What a recording holds.

use super::studio::{LEVEL_DBFS, Studio, TONES};
use crate::ear;
use model::{Effect, Keys, LegId, RecordingFormat, RecordingId, RecordingLayout, Sound, Switched};
use rtp::Codec;

/// MI-06
#[test]
fn what_the_leg_says_is_left_and_what_it_hears_is_right() {
    for codecs in [[Codec::PCMA, Codec::PCMA], [Codec::PCMA, Codec::PCMU]] {
        let mut studio = talking(codecs);
        record(&mut studio, 1, RecordingLayout::Stereo);
        studio.run(1_000);
        studio.perform(&Effect::StopRecording(RecordingId(1)));
        let taken = &studio.wire.recordings[&RecordingId(1)];
        assert_eq!((taken.layout, taken.ended), (RecordingLayout::Stereo, 1));
        let (left, right) = sides(&taken.samples);
        assert!(
            left.len().abs_diff(8_000) <= 400,
            "{} samples of 1 s",
            left.len()
        );
        for (side, heard, not_heard) in [(left, TONES[0], TONES[1]), (right, TONES[1], TONES[0])] {
            let level = ear::tone_dbfs(&side[1_600..], 8_000, heard);
            assert!(
                (level - LEVEL_DBFS).abs() < 0.5,
                "{heard} Hz at {level} dBFS"
            );
            assert!(ear::tone_dbfs(&side[1_600..], 8_000, not_heard) < -50.0);
            let rest = ear::rest_dbfs(&side[1_600..], 8_000, &[heard]);
            assert!(rest < -45.0, "a gap would be heard: {rest} dBFS");
        }
    }
}

#[test]
fn both_sides_may_be_in_one_channel() {
    let mut studio = talking([Codec::PCMA; 2]);
    record(&mut studio, 1, RecordingLayout::Mixed);
    studio.run(1_000);
    studio.perform(&Effect::StopRecording(RecordingId(1)));
    let taken = &studio.wire.recordings[&RecordingId(1)];
    assert!(taken.samples.len().abs_diff(8_000) <= 400);
    for hz in &TONES[..2] {
        let level = ear::tone_dbfs(&taken.samples[1_600..], 8_000, *hz);
        assert!((level - LEVEL_DBFS).abs() < 0.5, "{hz} Hz at {level} dBFS");
    }
}

/// MI-04
#[test]
fn nobody_in_the_call_notices_that_it_is_recorded() {
    let mut studio = talking([Codec::PCMA; 2]);
    studio.listen();
    studio.run(200);
    record(&mut studio, 1, RecordingLayout::Stereo);
    studio.run(500);
    studio.perform(&Effect::StopRecording(RecordingId(1)));
    studio.run(300);
    for leg in [1, 2] {
        studio.phone_of(leg).assert_seamless();
    }
    studio.assert_hears(1, &TONES[1..2]);
    studio.assert_hears(2, &TONES[..1]);
}

#[test]
fn what_is_played_to_the_leg_is_recorded_as_heard() {
    let mut studio = talking([Codec::PCMA; 2]);
    record(&mut studio, 1, RecordingLayout::Stereo);
    let sound = studio.file("a.wav", TONES[2], 1_000);
    studio.play(1, 1, vec![sound], Keys::Report);
    studio.run(1_000);
    studio.perform(&Effect::StopRecording(RecordingId(1)));
    let (left, right) = sides(&studio.wire.recordings[&RecordingId(1)].samples);
    assert!((ear::tone_dbfs(&left[1_600..7_200], 8_000, TONES[0]) - LEVEL_DBFS).abs() < 0.5);
    assert!((ear::tone_dbfs(&right[1_600..7_200], 8_000, TONES[2]) - LEVEL_DBFS).abs() < 0.5);
    assert!(ear::tone_dbfs(&right[1_600..7_200], 8_000, TONES[1]) < -50.0);
}

#[test]
fn silence_takes_its_time_in_a_recording_too() {
    let mut studio = talking([Codec::PCMA; 2]);
    record(&mut studio, 1, RecordingLayout::Stereo);
    studio.run(1_000);
    studio.quiet(1);
    studio.quiet(2);
    studio.run(2_000);
    studio.speak(1, TONES[0]);
    studio.run(1_000);
    studio.perform(&Effect::StopRecording(RecordingId(1)));
    let (left, _) = sides(&studio.wire.recordings[&RecordingId(1)].samples);
    assert!(
        left.len().abs_diff(32_000) <= 800,
        "{} samples of 4 s",
        left.len()
    );
    let level = |from: usize, to: usize| ear::rms_dbfs(&left[from * 8..to * 8]);
    assert!(level(200, 900) > -30.0);
    assert!(level(1_300, 2_900) < -60.0);
    assert!(level(3_300, 3_900) > -30.0);
}

#[test]
fn what_is_said_during_a_pause_is_left_out_and_takes_no_time() {
    let mut studio = talking([Codec::PCMA; 2]);
    record(&mut studio, 1, RecordingLayout::Stereo);
    studio.run(1_000);
    studio.perform(&Effect::PauseRecording(RecordingId(1), Switched::On));
    studio.speak(1, TONES[2]);
    studio.run(1_000);
    studio.speak(1, TONES[0]);
    studio.run(300);
    // Of another recording.
    studio.perform(&Effect::PauseRecording(RecordingId(2), Switched::Off));
    studio.run(300);
    studio.perform(&Effect::PauseRecording(RecordingId(1), Switched::Off));
    studio.run(1_000);
    studio.perform(&Effect::StopRecording(RecordingId(1)));
    let (left, right) = sides(&studio.wire.recordings[&RecordingId(1)].samples);
    assert!(
        left.len().abs_diff(16_000) <= 400,
        "{} samples of 2 s",
        left.len()
    );
    let level = ear::tone_dbfs(&left[1_600..], 8_000, TONES[2]);
    assert!(level < -50.0, "said in the pause: {level} dBFS");
    for (side, hz) in [(left, TONES[0]), (right, TONES[1])] {
        for piece in [&side[1_600..7_600], &side[8_400..15_600]] {
            let level = ear::tone_dbfs(piece, 8_000, hz);
            assert!((level - LEVEL_DBFS).abs() < 0.5, "{hz} Hz at {level} dBFS");
        }
    }
}

#[test]
fn a_recording_ends_with_its_leg() {
    let mut studio = talking([Codec::PCMA; 2]);
    record(&mut studio, 1, RecordingLayout::Stereo);
    studio.run(500);
    studio.close(1);
    let taken = &studio.wire.recordings[&RecordingId(1)];
    assert_eq!(taken.ended, 1);
    assert!(taken.samples.len() >= 7_000);
}

#[test]
fn a_leg_without_a_room_is_recorded_as_in_voicemail() {
    let mut studio = Studio::with_phones(1);
    let beep = Sound::Tone(model::Tone::Beep);
    studio.play(1, 1, vec![beep], Keys::CutShort);
    studio.run(500);
    record(&mut studio, 1, RecordingLayout::Mixed);
    studio.run(1_000);
    studio.perform(&Effect::StopRecording(RecordingId(1)));
    let taken = &studio.wire.recordings[&RecordingId(1)];
    let level = ear::tone_dbfs(&taken.samples[1_600..], 8_000, TONES[0]);
    assert!((level - LEVEL_DBFS).abs() < 0.5, "{level}");
}

/// MI-06: 1 is recorded and hands 2 over to 3. Not a moment is missing, and 2 stays on his side.
#[test]
fn a_recording_goes_on_after_a_transfer_without_a_gap() {
    for goes_first in [GoesFirst::No, GoesFirst::Yes] {
        let mut studio = talking([Codec::PCMA; 2]);
        studio.phone(LegId(3), Codec::PCMA, TONES[2]);
        record(&mut studio, 1, RecordingLayout::Stereo);
        studio.run(1_000);
        if goes_first == GoesFirst::Yes {
            studio.close(1);
        }
        studio.talk(1, &[2, 3]);
        record(&mut studio, 2, RecordingLayout::Stereo);
        studio.run(1_000);
        studio.perform(&Effect::StopRecording(RecordingId(1)));
        let taken = &studio.wire.recordings[&RecordingId(1)];
        assert_eq!(taken.ended, 1);
        let (left, right) = sides(&taken.samples);
        assert!(
            left.len().abs_diff(16_000) <= 400,
            "{} samples of 2 s",
            left.len()
        );
        let rest = ear::rest_dbfs(&right[1_600..], 8_000, &TONES[1..2]);
        assert!(rest < -45.0, "a gap would be heard: {rest} dBFS");
        for (piece, hz) in [(&left[1_600..7_600], TONES[0]), (&left[9_000..], TONES[2])] {
            let level = ear::tone_dbfs(piece, 8_000, hz);
            assert!((level - LEVEL_DBFS).abs() < 0.5, "{hz} Hz at {level} dBFS");
            let rest = ear::rest_dbfs(piece, 8_000, &[hz]);
            assert!(rest < -45.0, "{hz} Hz alone: {rest} dBFS");
        }
    }
}

#[test]
fn a_recording_goes_on_with_who_takes_the_place_of_its_leg() {
    let mut studio = talking([Codec::PCMA; 2]);
    studio.phone(LegId(3), Codec::G722, TONES[2]);
    record(&mut studio, 1, RecordingLayout::Stereo);
    studio.run(1_000);
    studio.perform(&Effect::PauseRecording(RecordingId(1), Switched::On));
    studio.talk(2, &[3, 2]);
    record(&mut studio, 3, RecordingLayout::Stereo);
    studio.run(500);
    studio.perform(&Effect::PauseRecording(RecordingId(1), Switched::Off));
    studio.run(1_000);
    studio.perform(&Effect::StopRecording(RecordingId(1)));
    let (left, right) = sides(&studio.wire.recordings[&RecordingId(1)].samples);
    for (side, hz) in [(&left[8_000..], TONES[2]), (&right[8_000..], TONES[1])] {
        assert!(side.len().abs_diff(8_000) <= 400, "the pause is left out");
        let level = ear::tone_dbfs(&side[1_600..], 8_000, hz);
        assert!((level - LEVEL_DBFS).abs() < 0.5, "{hz} Hz at {level} dBFS");
    }
}

/// Whether the leg ends that is recorded, before the recording goes on with another.
#[derive(Clone, Copy, PartialEq)]
enum GoesFirst {
    No,
    Yes,
}

fn talking(codecs: [Codec; 2]) -> Studio {
    let mut studio = Studio::new();
    for ((leg, codec), hz) in (1..).zip(codecs).zip(TONES) {
        studio.phone(LegId(leg), codec, hz);
    }
    studio.talk(1, &[1, 2]);
    studio.run(500);
    studio
}

fn record(studio: &mut Studio, leg: u64, layout: RecordingLayout) {
    studio.perform(&Effect::Record {
        leg: LegId(leg),
        recording: RecordingId(1),
        layout,
        format: RecordingFormat::Wav,
    });
}

fn sides(samples: &[i16]) -> (Vec<i16>, Vec<i16>) {
    samples
        .as_chunks::<2>()
        .0
        .iter()
        .map(|&[left, right]| (left, right))
        .unzip()
}
