//! The wait follows the network, and nobody hears it change.

use super::super::delay::{TARGET_MAX_US, TARGET_MIN_US};
use super::stage::{Stage, roughest, tone};
use crate::Rate;
use std::time::Duration;

#[test]
fn on_a_quiet_network_sound_waits_10_to_20_ms() {
    let mut stage = Stage::new(Rate::Narrow);
    stage.talk(
        tone(Rate::Narrow, 203.0, 9_000.0).take(8_000 * 20),
        20,
        |packet| Some(u64::from(packet * 7 % 4) * 1_000),
    );
    let figures = stage.figures();
    assert_eq!(figures.target, Duration::from_micros(TARGET_MIN_US as u64));
    assert!(figures.delay <= Duration::from_millis(30), "{figures:?}");
    assert!(figures.concealed.is_zero());
    let clean = roughest(
        &tone(Rate::Narrow, 203.0, 9_000.0)
            .take(800)
            .collect::<Vec<_>>(),
    );
    let bend = roughest(&stage.hear()[1_000..]);
    assert!(bend <= clean + 60, "{bend} against {clean}");
}

#[test]
fn with_jitter_it_waits_as_long_as_needed_and_hardly_anything_is_late() {
    for most in [30_000, 100_000] {
        let mut stage = Stage::new(Rate::Narrow);
        let mut random = 1_u32;
        let late = |_| {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            Some(u64::from(random >> 8) % most)
        };
        stage.talk(
            tone(Rate::Narrow, 203.0, 9_000.0).take(8_000 * 30),
            20,
            late,
        );
        let figures = stage.figures();
        let target = figures.target.as_micros() as u64;
        assert!(
            (most * 8 / 10..=most + 4_000).contains(&target),
            "{figures:?}"
        );
        assert!(
            figures.concealed < Duration::from_millis(600),
            "{figures:?}"
        );
        assert!(figures.target <= Duration::from_micros(TARGET_MAX_US as u64));
    }
}

#[test]
fn clocks_200_ppm_off_are_not_heard_in_an_hour() {
    for (rate, drift_us) in [(Rate::Narrow, -4_i64), (Rate::Narrow, 4), (Rate::Wide, 4)] {
        let hz = 203.0;
        let mut stage = Stage::new(rate);
        let clean = roughest(&tone(rate, hz, 9_000.0).take(2_000).collect::<Vec<_>>());
        let mut tone = tone(rate, hz, 9_000.0);
        let mut heard_before = Vec::new();
        let minutes = if rate == Rate::Narrow { 60 } else { 5 };
        for packet in 0..minutes * 3_000_i64 {
            let samples: Vec<_> = tone.by_ref().take(rate.samples(20)).collect();
            // The sender's packet of 20 ms takes it 20 ms of its own time.
            let drift = 1_000_000 + packet * drift_us;
            stage.send(&samples, drift as u64);
            stage.listen(2);
            if packet == 500 {
                heard_before = stage.hear();
            }
            if packet > 500 && packet % 500 == 0 {
                let heard = stage.hear();
                let bend = roughest(&heard);
                assert!(bend <= clean * 2 + 60, "{bend} against {clean} at {packet}");
                assert!(
                    stage.figures().delay < Duration::from_millis(40),
                    "{:?}",
                    stage.figures()
                );
                assert!(
                    heard
                        .chunks(rate.slot())
                        .all(|slot| slot.iter().any(|s| s.unsigned_abs() > 5_000))
                );
            }
        }
        assert!(!heard_before.is_empty());
        let figures = stage.figures();
        assert!(
            figures.concealed.is_zero() && figures.late == 0 && figures.discarded == 0,
            "{figures:?}"
        );
        let drifted = Duration::from_micros((drift_us.unsigned_abs()) * 3_000 * minutes as u64);
        let net = if drift_us < 0 {
            figures.shortened.saturating_sub(figures.lengthened)
        } else {
            figures.lengthened.saturating_sub(figures.shortened)
        };
        assert!(
            net + Duration::from_millis(60) > drifted && net < drifted + Duration::from_millis(60),
            "{figures:?} for {drifted:?}"
        );
    }
}
