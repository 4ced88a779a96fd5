//! Keys that must be heard, and those that must not (ITU-T Q.24).

use super::signal::{KEYS, Press, Sound, keys_in, listen};
use crate::Rate;
use crate::dtmf::{Detector, Generator, Heard};
use model::Digit;
use std::fmt::Write;

/// FC-08: every key, at every level, twist, noise and frequency error that a line may make of it.
#[test]
fn every_key_is_heard_once_within_the_limits_of_q24() {
    let mut missed = String::new();
    for level in [0.0, -6.0, -12.0, -18.0, -24.0, -30.0, -36.0] {
        for twist in [-8.0, -4.0, 0.0, 2.0, 4.0] {
            for snr in [None, Some(15.0)] {
                for off in OFFS {
                    let mut sound = Sound::new(Rate::Narrow, 1);
                    for key in KEYS.chars() {
                        sound.any_silence();
                        sound.press(Press {
                            level,
                            twist,
                            off,
                            ..Press::of(key)
                        });
                    }
                    if let Some(snr) = snr {
                        sound.noise(level - snr);
                    }
                    let heard = keys_in(&sound.coded(), Rate::Narrow);
                    if heard != KEYS {
                        let _ = writeln!(
                            missed,
                            "{level} dBm0, twist {twist} dB, snr {snr:?} dB, off {off:?} %: {heard}"
                        );
                    }
                }
            }
        }
    }
    assert_eq!(missed, "");
}

#[test]
fn a_key_is_heard_wherever_it_begins_and_at_every_rate() {
    for rate in Rate::ALL {
        for start in 0..40 {
            let mut sound = Sound::new(rate, start);
            sound.silence(20.0 + start as f64 / 4.0);
            for key in KEYS.chars() {
                sound.press(Press {
                    level: -25.0,
                    twist: -8.0,
                    off: [1.5, -1.5],
                    ..Press::of(key)
                });
            }
            sound.noise(-40.0);
            assert_eq!(keys_in(&sound.samples(), rate), KEYS, "{rate:?}, {start}");
        }
    }
}

#[test]
fn tones_off_by_three_and_a_half_percent_are_no_keys() {
    for off in [-3.5, 3.5, 5.0, -5.0] {
        for off in [[off, 0.0], [0.0, off], [off, off], [off, -off]] {
            for (level, twist) in [(-3.0, 0.0), (-20.0, -8.0), (-20.0, 4.0), (-36.0, 0.0)] {
                for noise in [-90.0, level - 15.0] {
                    let mut sound = Sound::new(Rate::Narrow, 3);
                    for key in KEYS.chars() {
                        sound.any_silence();
                        sound.press(Press {
                            level,
                            twist,
                            off,
                            on_ms: 100.0,
                            ..Press::of(key)
                        });
                    }
                    sound.noise(noise);
                    let heard = keys_in(&sound.coded(), Rate::Narrow);
                    assert_eq!(
                        heard, "",
                        "{off:?} %, {level} dBm0, twist {twist}, noise {noise}"
                    );
                }
            }
        }
    }
}

#[test]
fn one_tone_too_loud_too_quiet_or_too_short_is_no_key() {
    for (what, press) in [
        ("twist", Press { twist: 8.0, ..LONG }),
        (
            "twist",
            Press {
                twist: -12.0,
                ..LONG
            },
        ),
        (
            "one tone",
            Press {
                twist: 60.0,
                ..LONG
            },
        ),
        (
            "one tone",
            Press {
                twist: -60.0,
                ..LONG
            },
        ),
        (
            "quiet",
            Press {
                level: -46.0,
                ..LONG
            },
        ),
        (
            "short",
            Press {
                on_ms: 18.0,
                ..LONG
            },
        ),
    ] {
        let mut sound = Sound::new(Rate::Narrow, 4);
        for key in KEYS.chars() {
            sound.any_silence();
            sound.press(Press { key, ..press });
        }
        assert_eq!(
            keys_in(&sound.coded(), Rate::Narrow),
            "",
            "{what}: {press:?}"
        );
    }
}

#[test]
fn a_long_key_is_one_key_and_a_gap_of_10_ms_does_not_split_it() {
    for gap_ms in [0.0, 5.0, 10.0] {
        for start in 0..20 {
            let mut sound = Sound::new(Rate::Narrow, 5);
            sound.silence(20.0 + f64::from(start) / 2.0);
            let half = Press {
                on_ms: 1_500.0,
                off_ms: gap_ms,
                ..Press::of('8')
            };
            sound.press(half);
            sound.press(half);
            sound.silence(60.0);
            sound.noise(-30.0);
            assert_eq!(
                keys_in(&sound.coded(), Rate::Narrow),
                "8",
                "{gap_ms} ms, {start}"
            );
        }
    }
}

#[test]
fn a_tone_is_suspected_within_20_ms_and_what_follows_a_key_is_no_part_of_it() {
    for start in 0..40 {
        let begin_ms = 20.0 + f64::from(start) / 4.0;
        let mut sound = Sound::new(Rate::Narrow, 6);
        sound.silence(begin_ms);
        sound.press(Press {
            on_ms: 100.0,
            off_ms: 100.0,
            ..Press::of('2')
        });
        let mut passed_ms = 0.0_f64;
        let mut silent_ms = 0.0_f64;
        let mut told = Vec::new();
        listen(&sound.samples(), Rate::Narrow, |at, heard| {
            let (from, to) = (at as f64 * 10.0, (at + 1) as f64 * 10.0);
            let of_key = (to.min(begin_ms + 100.0) - from.max(begin_ms)).max(0.0);
            match heard {
                Heard::Nothing | Heard::Released => passed_ms += of_key,
                Heard::Suspicion | Heard::Down => silent_ms += 10.0 - of_key,
                Heard::Pressed(digit) => {
                    silent_ms += 10.0 - of_key;
                    told.push((digit.as_char(), to - begin_ms));
                }
            }
        });
        assert!(passed_ms <= 20.0, "{start}: {passed_ms} ms are heard");
        assert!(
            silent_ms <= 30.0,
            "{start}: {silent_ms} ms around it are not"
        );
        let [(key, after_ms)] = told[..] else {
            panic!("{told:?}")
        };
        assert!(
            key == '2' && after_ms <= 40.0,
            "{start}: {key} after {after_ms} ms"
        );
    }
}

#[test]
fn what_the_generator_makes_is_heard() {
    for rate in Rate::ALL {
        let mut generator = Generator::default();
        for key in KEYS.chars() {
            generator.push(Digit::parse(key).unwrap()).unwrap();
        }
        let mut samples = vec![0; rate.slot() * 400];
        generator.fill(rate, &mut samples);
        assert_eq!(keys_in(&samples, rate), KEYS);
    }
}

#[test]
fn speech_right_after_a_key_is_heard() {
    let mut sound = Sound::new(Rate::Narrow, 7);
    sound.silence(20.0);
    sound.press(Press {
        on_ms: 100.0,
        off_ms: 500.0,
        ..Press::of('1')
    });
    let mut samples = sound.samples();
    // A voice of many harmonics, as loud as the key.
    for (at, sample) in samples.iter_mut().enumerate().skip(960) {
        let time = at as f64 / 8_000.0;
        let voice = (1..25).map(|n| (std::f64::consts::TAU * 125.0 * f64::from(n) * time).sin());
        *sample = (voice.sum::<f64>() * 2_000.0) as i16;
    }
    let mut lost = 0;
    listen(&samples, Rate::Narrow, |at, heard| {
        if at >= 12 && matches!(heard, Heard::Down | Heard::Suspicion) {
            lost += 1;
        }
    });
    assert!(lost <= 2, "{lost} slots");
}

#[test]
fn too_little_or_too_much_in_a_slot_is_no_reason_to_fail() {
    let mut detector = Detector::new(Rate::Narrow);
    assert_eq!(detector.hear(&[]), Heard::Nothing);
    assert_eq!(detector.hear(&[i16::MIN; 1_000]), Heard::Nothing);
}

/// Errors of frequency that must be taken, low and high, in percent.
const OFFS: [[f64; 2]; 7] = [
    [0.0, 0.0],
    [1.5, 1.5],
    [-1.5, -1.5],
    [1.5, -1.5],
    [-1.5, 1.5],
    [1.5, 0.0],
    [0.0, -1.5],
];

const LONG: Press = Press {
    on_ms: 100.0,
    ..Press::of('1')
};
