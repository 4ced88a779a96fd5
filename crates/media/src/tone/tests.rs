use super::country::{self, CONTINUOUS};
use super::*;
use crate::Rate;
use crate::ear;

/// SI-08
#[test]
fn every_country_keeps_its_cadences_and_frequencies() {
    for row in country::ROWS.iter().chain([&country::RECOMMENDED]) {
        for tone in [
            Tone::Dial,
            Tone::Ring,
            Tone::Busy,
            Tone::Congestion,
            Tone::CallWaiting,
            Tone::SpecialInformation,
        ] {
            for rate_hz in [8000, 16_000, 48_000] {
                let (cadence, _) = cadence(row.country, tone);
                listen(row.country, tone, cadence, rate_hz);
            }
        }
    }
}

/// SI-08: what a caller hears most, as the exchanges of each country sound.
#[test]
fn nine_countries_sound_as_their_exchanges_do() {
    for (country, tone, bursts, hz) in [
        ("cn", Tone::Ring, &[(1000, 4000)][..], &[450.0][..]),
        ("cn", Tone::Busy, &[(350, 350)], &[450.0]),
        ("cn", Tone::Congestion, &[(700, 700)], &[450.0]),
        ("us", Tone::Ring, &[(2000, 4000)], &[440.0, 480.0]),
        ("us", Tone::Busy, &[(500, 500)], &[480.0, 620.0]),
        ("us", Tone::Congestion, &[(250, 250)], &[480.0, 620.0]),
        (
            "uk",
            Tone::Ring,
            &[(400, 200), (400, 2000)],
            &[400.0, 450.0],
        ),
        ("uk", Tone::Busy, &[(375, 375)], &[400.0]),
        ("uk", Tone::Congestion, &[(400, 350), (225, 525)], &[400.0]),
        ("de", Tone::Ring, &[(1000, 4000)], &[425.0]),
        ("de", Tone::Busy, &[(480, 480)], &[425.0]),
        ("de", Tone::Congestion, &[(240, 240)], &[425.0]),
        ("fr", Tone::Ring, &[(1500, 3500)], &[440.0]),
        ("fr", Tone::Busy, &[(500, 500)], &[440.0]),
        ("jp", Tone::Ring, &[(1000, 2000)], &[384.0, 400.0, 416.0]),
        ("jp", Tone::Busy, &[(500, 500)], &[400.0]),
        (
            "au",
            Tone::Ring,
            &[(400, 200), (400, 2000)],
            &[413.0, 438.0],
        ),
        ("au", Tone::Busy, &[(375, 375)], &[425.0]),
        (
            "in",
            Tone::Ring,
            &[(400, 200), (400, 2000)],
            &[375.0, 400.0, 425.0],
        ),
        ("in", Tone::Busy, &[(750, 750)], &[400.0]),
        ("in", Tone::Congestion, &[(250, 250)], &[400.0]),
        (
            "ae",
            Tone::Ring,
            &[(400, 200), (400, 2000)],
            &[400.0, 450.0],
        ),
        ("ae", Tone::Busy, &[(375, 375)], &[400.0]),
    ] {
        let round: u32 = bursts.iter().map(|(on, off)| on + off).sum();
        let sound = heard(country, tone, 8000, 2 * round);
        let mut at = 0;
        for (on_ms, off_ms) in bursts.iter().chain(bursts) {
            let (on, off) = (*on_ms as usize * 8, *off_ms as usize * 8);
            let burst = &sound[at + 40..at + on - 40];
            let rest = ear::rest_dbfs(burst, 8000, hz);
            assert!(rest < -55.0, "{country} {tone:?}: {rest}");
            let silence = &sound[at + on..at + on + off];
            assert!(silence.iter().all(|&s| s == 0), "{country} {tone:?}");
            at += on + off;
        }
    }
}

#[test]
fn beeps_are_over_by_themselves() {
    for (tone, ms, hz, dbfs) in [
        (Tone::Beep, 250, 1000.0, -20.0),
        (Tone::BeepError, 500, 400.0, -20.0),
        (Tone::BeepStart, 280, 1200.0, -20.0),
        (Tone::BeepStop, 280, 800.0, -20.0),
        (Tone::Join, 220, 750.0, -30.0),
        (Tone::Leave, 220, 500.0, -30.0),
        (Tone::SpecialInformation, 990, 1800.0, -20.0),
    ] {
        for rate in Rate::ALL {
            let (rate_hz, per_ms) = (rate.hz(), rate.slot() / 10);
            let mut generator = Generator::new("cn", tone, rate_hz);
            let mut sound = vec![0; 2000 * per_ms];
            let made = generator.fill(&mut sound);
            assert_eq!(made, ms * per_ms, "{tone:?}");
            assert_eq!(generator.fill(&mut sound), 0);
            // The last 100 ms carry the last note.
            let last = &sound[made - 105 * per_ms..made - 5 * per_ms];
            let level = ear::tone_dbfs(last, rate_hz, hz);
            assert!((level - dbfs).abs() < 1.0, "{tone:?} at {rate_hz}: {level}");
        }
    }
}

#[test]
fn how_a_tone_is_cut_does_not_matter() {
    let whole = heard("in", Tone::Ring, 8000, 7000);
    let mut generator = Generator::new("in", Tone::Ring, 8000);
    let mut pieces = Vec::new();
    while pieces.len() < whole.len() {
        let mut piece = [0; 160];
        assert_eq!(generator.fill(&mut piece), 160);
        pieces.extend(piece);
    }
    assert_eq!(pieces, whole);
}

#[test]
fn no_edge_clicks() {
    for country in countries() {
        for tone in [Tone::Ring, Tone::Busy, Tone::SpecialInformation] {
            let sound = heard(country, tone, 16_000, 3000);
            // No step is steeper than a 1.8 kHz sine of the tones' peak level itself is.
            let peak = 3276.7 * 2.0;
            let steepest = peak * (std::f64::consts::TAU * 1800.0 / 16_000.0);
            let step = sound
                .windows(2)
                .map(|pair| (i32::from(pair[1]) - i32::from(pair[0])).abs())
                .max()
                .unwrap();
            assert!(f64::from(step) < steepest, "{country} {tone:?}: {step}");
            assert!(
                sound[0].abs() < 100,
                "{country} {tone:?} begins at {}",
                sound[0]
            );
        }
    }
}

#[test]
fn a_dial_tone_does_not_drift() {
    let mut generator = Generator::new("us", Tone::Dial, 8000);
    let mut sound = vec![0; 8000];
    for _ in 0..600 {
        assert_eq!(generator.fill(&mut sound), 8000);
    }
    assert!((ear::tone_dbfs(&sound, 8000, 350.0) + 23.0).abs() < 0.2);
    assert!((ear::tone_dbfs(&sound, 8000, 440.0) + 23.0).abs() < 0.2);
    assert!(ear::rest_dbfs(&sound, 8000, &[350.0, 440.0]) < -70.0);
}

#[test]
fn a_country_without_a_row_sounds_as_recommended() {
    assert!(!is_country("zz"));
    assert_eq!(
        heard("zz", Tone::Busy, 8000, 2000),
        heard("", Tone::Busy, 8000, 2000)
    );
    assert!(is_country("cn"));
    assert_eq!(
        heard("gb", Tone::Ring, 8000, 4000),
        heard("uk", Tone::Ring, 8000, 4000)
    );
}

/// Hears each part of a cadence: its frequencies at −20 dBFS together and nothing else, or silence.
fn listen(country: &str, tone: Tone, cadence: Cadence, rate_hz: u32) {
    let per_ms = rate_hz as usize / 1000;
    let length = |part: &Part| match *part {
        Part::On(_, CONTINUOUS) => 2000,
        Part::On(_, ms) | Part::Soft(_, ms) | Part::Off(ms) => usize::from(ms),
    };
    let total: usize = cadence.iter().map(length).sum();
    let rounds = if tone == Tone::SpecialInformation {
        1
    } else {
        2
    };
    let sound = heard(country, tone, rate_hz, (rounds * total) as u32);
    assert_eq!(sound.len(), rounds * total * per_ms, "{country} {tone:?}");
    let mut at = 0;
    for part in cadence.iter().cycle().take(rounds * cadence.len()) {
        let samples = &sound[at..at + length(part) * per_ms];
        at += samples.len();
        let inner = &samples[5 * per_ms..samples.len() - 5 * per_ms];
        let (mix, expected) = match *part {
            Part::On(mix, _) => (mix, -20.0),
            Part::Soft(mix, _) => (mix, -30.0),
            Part::Off(_) => {
                assert!(
                    samples.iter().all(|&s| s == 0),
                    "{country} {tone:?} {part:?}"
                );
                continue;
            }
        };
        let frequencies = match mix {
            Mix::One(hz) => vec![hz],
            Mix::Sum(one, other) => vec![one, other],
            Mix::Modulated(carrier, by) => vec![carrier - by, carrier, carrier + by],
        };
        let what = format!("{country} {tone:?} {part:?} at {rate_hz}");
        // A sine of full scale is 0 dBFS, and 3 dB less as RMS.
        let level = ear::rms_dbfs(inner) + 3.01;
        assert!((level - expected).abs() < 1.0, "{what}: level {level}");
        if inner.len() >= 150 * per_ms {
            let rest = ear::rest_dbfs(inner, rate_hz, &frequencies) + 3.01;
            assert!(rest < expected - 30.0, "{what}: rest {rest}");
            for hz in &frequencies {
                let share = ear::tone_dbfs(inner, rate_hz, *hz);
                assert!(share > expected - 10.0, "{what}: {hz} Hz {share}");
            }
        }
    }
}

fn heard(country: &str, tone: Tone, rate_hz: u32, ms: u32) -> Vec<i16> {
    let mut sound = vec![0; (rate_hz / 1000 * ms) as usize];
    let made = Generator::new(country, tone, rate_hz).fill(&mut sound);
    sound.truncate(made);
    sound
}
