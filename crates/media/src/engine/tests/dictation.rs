//! What is taken down of what one party says.

use super::studio::{LEVEL_DBFS, Studio, TONES, digit};
use crate::ear;
use model::{
    Effect, Keys, LegEvent, LegId, RecordingFormat, RecordingId, RecordingLayout, Sound, Tone,
};
use rtp::{Codec, InBand};
use std::time::Duration;

/// VM-03 VM-15: also of a party in wideband, and while something is played to it.
#[test]
fn only_what_the_party_says_is_taken_down_at_its_level() {
    for codec in [Codec::PCMU, Codec::G722] {
        let mut studio = Studio::new();
        studio.phone(LegId(1), codec, TONES[0]);
        take_down(&mut studio, 10);
        studio.play(1, 1, vec![Sound::Tone(Tone::Dial)], Keys::Report);
        studio.run(2_000);
        let samples = stop(&mut studio);
        assert!(
            samples.len().abs_diff(16_000) <= 400,
            "{} samples of 2 s",
            samples.len()
        );
        let level = ear::tone_dbfs(&samples[1_600..], 8_000, TONES[0]);
        assert!((level - LEVEL_DBFS).abs() < 0.5, "{level} dBFS");
        let rest = ear::rest_dbfs(&samples[1_600..], 8_000, &[TONES[0]]);
        assert!(rest < -45.0, "something else is in it: {rest} dBFS");
    }
}

/// VM-03: the same party may be recorded with what it hears besides.
#[test]
fn a_conversation_that_is_recorded_does_not_get_into_it() {
    let mut studio = Studio::with_phones(2);
    studio.talk(1, &[1, 2]);
    studio.perform(&Effect::Record {
        leg: LegId(1),
        recording: RecordingId(2),
        layout: RecordingLayout::Mixed,
        format: RecordingFormat::Wav,
    });
    take_down(&mut studio, 10);
    studio.run(1_000);
    let samples = stop(&mut studio);
    assert!(ear::tone_dbfs(&samples[1_600..], 8_000, TONES[1]) < -50.0);
    studio.run(500);
    studio.perform(&Effect::StopRecording(RecordingId(2)));
    let both = &studio.wire.recordings[&RecordingId(2)].samples;
    assert!(both.len().abs_diff(12_000) <= 400);
    assert!(ear::tone_dbfs(&both[1_600..], 8_000, TONES[1]) > -25.0);
    studio.listen();
    studio.run(300);
    studio.assert_hears(1, &TONES[1..2]);
}

/// VM-03
#[test]
fn silence_is_told_of_once_and_packets_that_do_not_come_are_silence() {
    let mut studio = Studio::with_phones(1);
    take_down(&mut studio, 2);
    studio.run(3_000);
    assert_eq!(studio.told(1), [], "it speaks");
    studio.quiet(1);
    studio.run(1_800);
    assert_eq!(studio.told(1), []);
    studio.speak(1, TONES[0]);
    studio.run(200);
    studio.quiet(1);
    studio.run(1_800);
    assert_eq!(studio.told(1), [], "it said something");
    studio.run(500);
    assert_eq!(studio.told(1), [LegEvent::Silent(RecordingId(1))]);
    studio.run(5_000);
    assert_eq!(studio.told(1), []);
    let samples = stop(&mut studio);
    let expected = 12_300 * 8;
    assert!(samples.len().abs_diff(expected) <= 400, "it has its time");
}

/// VM-03: whether keys come as events, beside which some phones send the sound of them, or as tones alone.
#[test]
fn keys_are_not_in_it() {
    let mut studio = Studio::with_phones(1);
    take_down(&mut studio, 10);
    studio.run(1_000);
    studio.press(1, '5', 400);
    studio.run(1_000);
    assert_eq!(studio.told(1), [digit('5')]);
    let samples = stop(&mut studio);
    let quiet = ear::rms_dbfs(&samples[8_800..10_400]);
    assert!(quiet < -60.0, "{quiet} dBFS while the key is down");
    assert!(ear::rms_dbfs(&samples[14_000..15_600]) > -30.0);

    let mut studio = Studio::with_phones(1);
    studio.agree(LegId(1), |stream| {
        (stream.telephone_event, stream.in_band) = (None, InBand::Heard);
    });
    take_down(&mut studio, 10);
    studio.run(1_000);
    studio.press_tones(1, "5");
    studio.run(1_000);
    assert_eq!(studio.told(1), [digit('5')]);
    let samples = stop(&mut studio);
    let is_heard = |piece: &&[i16]| ear::tone_dbfs(piece, 8_000, 770.0) > -26.0;
    let heard = samples.chunks_exact(80).filter(is_heard).count();
    assert!(heard <= 3, "the key is heard for {heard}0 ms of 100");
}

#[test]
fn what_cannot_be_taken_down_is_told_of() {
    let mut studio = Studio::new();
    take_down(&mut studio, 10);
    assert_eq!(
        studio.told(1),
        [LegEvent::RecordingFailed(RecordingId(1))],
        "there is no such leg"
    );
}

#[test]
fn a_party_that_hangs_up_leaves_what_it_said() {
    let mut studio = Studio::with_phones(1);
    take_down(&mut studio, 10);
    studio.run(1_000);
    studio.close(1);
    let taken = &studio.wire.recordings[&RecordingId(1)];
    assert_eq!(taken.ended, 1);
    assert!(taken.samples.len().abs_diff(8_000) <= 400);
}

fn take_down(studio: &mut Studio, silence_seconds: u64) {
    studio.perform(&Effect::TakeDown {
        leg: LegId(1),
        recording: RecordingId(1),
        silence: Duration::from_secs(silence_seconds),
    });
}

fn stop(studio: &mut Studio) -> Vec<i16> {
    studio.perform(&Effect::StopRecording(RecordingId(1)));
    let taken = &studio.wire.recordings[&RecordingId(1)];
    assert_eq!(taken.ended, 1);
    taken.samples.clone()
}
