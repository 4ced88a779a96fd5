//! An hour of speech, music and tones in which there is no key.

use super::signal::{Chance, listen};
use crate::Rate;
use crate::dtmf::Heard;
use crate::prompts::Library;
use crate::resample::resample;
use crate::tone::{self, Generator};
use model::{Phrase, Tone};
use std::f64::consts::TAU;
use std::path::Path;

/// FC-08: the prompts of both languages in several voices, music, noise that sounds like speech, chords, sweeps,
/// progress tones of every country and tones of fax machines, an hour together.
#[test]
fn an_hour_of_speech_and_music_has_no_key() {
    let mut hour = Hour::default();
    speech(&mut hour);
    let speech_ms = hour.ms;
    let speech_muted_ms = hour.muted_ms;
    let library = Library::open(Path::new("/nonexistent"));
    let music = library.music(RATE_HZ);
    for percent in [80, 90, 97, 100, 103, 112, 126] {
        hour.listen(&format!("music at {percent} %"), &at_speed(&music, percent));
    }
    progress(&mut hour);
    fax(&mut hour);
    sweeps(&mut hour);
    chords(&mut hour);
    let mut chance = Chance(11);
    while hour.ms < 3_600_000 {
        hour.listen("noise like speech", &babble(&mut chance, 60));
    }
    println!(
        "{} s, of them {} s speech: {} keys; {} ms of speech were suspected",
        hour.ms / 1_000,
        speech_ms / 1_000,
        hour.keys.len(),
        speech_muted_ms,
    );
    assert!(speech_ms >= 1_200_000, "{speech_ms} ms of speech");
    assert_eq!(hour.keys, Vec::<String>::new());
    assert!(
        speech_muted_ms * 1_000 <= speech_ms,
        "{speech_muted_ms} ms of {speech_ms} ms of speech were suspected"
    );
}

/// What was heard so far.
#[derive(Default)]
struct Hour {
    ms: usize,
    muted_ms: usize,
    keys: Vec<String>,
}

impl Hour {
    fn listen(&mut self, what: &str, samples: &[i16]) {
        self.ms += samples.len() / 8;
        listen(samples, Rate::Narrow, |at, heard| match heard {
            Heard::Nothing | Heard::Released => {}
            Heard::Suspicion | Heard::Down => self.muted_ms += 10,
            Heard::Pressed(digit) => {
                self.muted_ms += 10;
                let key = digit.as_char();
                self.keys.push(format!("{key} in {what} at {} ms", at * 10));
            }
        });
    }
}

/// Every prompt, slower and deeper, as it is, and faster and higher: other voices.
fn speech(hour: &mut Hour) {
    let library = Library::open(Path::new("/nonexistent"));
    for (language, id) in library.ids() {
        let prompt = library
            .get(language, &Phrase(id.to_owned().into()), RATE_HZ)
            .unwrap();
        for percent in [84, 100, 119] {
            let what = format!("{id} in {language:?} at {percent} %");
            hour.listen(&what, &at_speed(&prompt, percent));
        }
    }
}

/// Progress tones of every country.
fn progress(hour: &mut Hour) {
    for country in tone::countries() {
        for tone in [
            Tone::Dial,
            Tone::Ring,
            Tone::Busy,
            Tone::Congestion,
            Tone::CallWaiting,
            Tone::SpecialInformation,
            Tone::Beep,
            Tone::BeepError,
            Tone::BeepStart,
            Tone::BeepStop,
            Tone::Join,
            Tone::Leave,
        ] {
            let mut samples = vec![0; 5 * RATE_HZ as usize];
            let made = Generator::new(country, tone, RATE_HZ).fill(&mut samples);
            hour.listen(&format!("{tone:?} of {country}"), &samples[..made]);
        }
    }
}

/// A calling and a called fax machine (ITU-T T.30), the latter also with reversals of its phase, and the first notes
/// of a modem.
fn fax(hour: &mut Hour) {
    for tones in [
        &[1_100.0][..],
        &[2_100.0],
        &[1_650.0, 1_850.0],
        &[1_300.0],
        &[2_225.0],
    ] {
        hour.listen(&format!("{tones:?} Hz"), &chord(tones, &[1.0], 10.0));
    }
    let turned: Vec<i16> = chord(&[2_100.0], &[1.0], 10.0)
        .chunks(3_600)
        .enumerate()
        .flat_map(|(n, part)| {
            part.iter()
                .map(move |&sample| if n % 2 == 0 { sample } else { -sample })
        })
        .collect();
    hour.listen("2100 Hz with reversals", &turned);
}

/// One tone and two, upwards through all frequencies at several speeds. Two tones as far apart as those of a key are
/// one for a moment when they rise slowly.
fn sweeps(hour: &mut Hour) {
    for hz_per_s in [50.0, 200.0, 1_000.0, 5_000.0] {
        for ratio in [None, Some(1.2), Some(1.5), Some(2.0), Some(2.5), Some(3.0)] {
            if hz_per_s < 5_000.0 && matches!(ratio, Some(1.5 | 2.0)) {
                continue;
            }
            let seconds = (3_300.0_f64 / hz_per_s).min(30.0);
            let samples: Vec<i16> = (0..(seconds * 8_000.0) as usize)
                .map(|at| {
                    let time = at as f64 / 8_000.0;
                    let turns = 300.0 * time + hz_per_s * time * time / 2.0;
                    let second = ratio.map_or(0.0, |ratio| (TAU * turns * ratio).sin());
                    (4_000.0 * ((TAU * turns).sin() + second)) as i16
                })
                .collect();
            hour.listen(&format!("{hz_per_s} Hz/s with {ratio:?}"), &samples);
        }
    }
}

/// Chords of three and four notes in every key, in several instruments.
fn chords(hour: &mut Hour) {
    let instruments: [&[f64]; 4] = [
        &[1.0, 0.5, 0.33, 0.25, 0.2, 0.16],
        &[1.0, 0.0, 0.33, 0.0, 0.2, 0.0],
        &[1.0, 0.8, 0.1],
        &[0.3, 1.0, 0.6, 0.4, 0.2],
    ];
    let shapes: [&[i32]; 6] = [
        &[0, 4, 7],
        &[0, 3, 7],
        &[0, 4, 7, 10],
        &[0, 3, 6, 9],
        &[0, 7],
        &[0, 12],
    ];
    for instrument in instruments {
        for shape in shapes {
            for root in 45..80 {
                let notes = shape
                    .iter()
                    .map(|step| 440.0 * 2_f64.powf(f64::from(root + step - 69) / 12.0));
                let notes: Vec<f64> = notes.collect();
                hour.listen(&format!("{notes:?} Hz"), &chord(&notes, instrument, 0.4));
            }
        }
    }
}

fn chord(notes: &[f64], harmonics: &[f64], seconds: f64) -> Vec<i16> {
    let loudest: f64 = harmonics.iter().sum::<f64>() * notes.len() as f64;
    (0..(seconds * 8_000.0) as usize)
        .map(|at| {
            let time = at as f64 / 8_000.0;
            let parts = notes.iter().flat_map(|note| {
                harmonics
                    .iter()
                    .zip(1..)
                    .map(move |(share, n)| (note * f64::from(n), share))
            });
            let audible = parts.filter(|(hz, _)| *hz < 3_800.0);
            let sum: f64 = audible
                .map(|(hz, share)| share * (TAU * hz * time).sin())
                .sum();
            (sum / loudest * 20_000.0) as i16
        })
        .collect()
}

/// Noise with the spectrum of speech, in syllables, with a voice of changing pitch under it.
fn babble(chance: &mut Chance, seconds: usize) -> Vec<i16> {
    let mut samples = Vec::with_capacity(seconds * 8_000);
    let (mut low, mut turns) = (0.0, 0.0);
    while samples.len() < seconds * 8_000 {
        let length = 800 + (chance.unit() * 1_600.0) as usize;
        let (pitch, glide) = (80.0 + 300.0 * chance.unit(), chance.unit() * 60.0 - 30.0);
        let formants = [
            300.0 + 700.0 * chance.unit(),
            900.0 + 1_400.0 * chance.unit(),
        ];
        let loud = 500.0 + 6_000.0 * chance.unit();
        for at in 0..length {
            let part = at as f64 / length as f64;
            let hz = pitch + glide * part;
            turns += hz / 8_000.0;
            low += 0.25 * (chance.normal() - low);
            let voice: f64 = (1..30)
                .take_while(|n| hz * f64::from(*n) < 3_600.0)
                .map(|n| {
                    let near = formants.iter().map(|formant| {
                        let apart = (hz * f64::from(n) - formant) / 120.0;
                        1.0 / (1.0 + apart * apart)
                    });
                    near.sum::<f64>() * (TAU * turns * f64::from(n)).sin()
                })
                .sum();
            let swell = (std::f64::consts::PI * part).sin();
            samples.push((loud * swell * (voice + 0.2 * low)) as i16);
        }
    }
    samples
}

fn at_speed(samples: &[i16], percent: u32) -> Vec<i16> {
    match percent {
        100 => samples.to_vec(),
        _ => resample(samples, RATE_HZ * percent / 100, RATE_HZ),
    }
}

const RATE_HZ: u32 = 8_000;
