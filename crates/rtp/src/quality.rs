//! How a conversation is likely to be judged, by the E-model (ITU-T G.107): from codec, loss and delay to a rating and
//! to a mean opinion.
//!
//! All other parameters have the default values of G.107 table 2. Wideband codecs are rated on the scale of narrow
//! ones, which ends where a faultless telephone call is: they are better than their rating says.

use crate::{Codec, Encoding};
use core::time::Duration;

/// What a conversation suffers from in one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Path {
    /// How sound is encoded.
    pub codec: Codec,
    /// What never arrives, or too late to be heard.
    pub loss: Loss,
    /// From mouth to ear: half of the round trip, what a packet takes to fill, and what it waits to be heard.
    pub delay: Duration,
}

/// Packets that are missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Loss {
    /// How many there should have been.
    pub expected: u64,
    /// How many of them are missing.
    pub lost: u64,
    /// How often some were missing in a row; one alone is a row too.
    pub bursts: u64,
}

/// The rating factor R: 0 (hopeless) to 93.2 (a faultless telephone call).
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Rating(f64);

impl Path {
    /// How it is rated.
    #[must_use]
    pub fn rating(&self) -> Rating {
        let rating = FAULTLESS - delay_impairment(self.delay) - self.equipment_impairment();
        Rating(rating.clamp(0.0, 100.0))
    }

    /// Ie-eff: codec and loss (G.107 §7.4).
    fn equipment_impairment(&self) -> f64 {
        let Equipment {
            impairment,
            robustness,
        } = Equipment::of(self.codec.encoding);
        let percent = self.loss.share() * 100.0;
        let effective = percent / (percent / self.loss.burst_ratio() + robustness);
        impairment + (95.0 - impairment) * effective
    }
}

impl Loss {
    /// None at all.
    pub const NONE: Self = Self {
        expected: 0,
        lost: 0,
        bursts: 0,
    };

    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            expected: self.expected.saturating_add(other.expected),
            lost: self.lost.saturating_add(other.lost),
            bursts: self.bursts.saturating_add(other.bursts),
        }
    }

    /// The share of all packets that is missing, 0 to 1.
    #[must_use]
    pub fn share(&self) -> f64 {
        if self.expected == 0 {
            return 0.0;
        }
        (self.lost as f64 / self.expected as f64).min(1.0)
    }

    /// How long rows of missing packets are beside those of as much loss by mere chance; 1 when they are as long or
    /// shorter (G.107 §7.4, BurstR).
    #[must_use]
    pub fn burst_ratio(&self) -> f64 {
        if self.bursts == 0 {
            return 1.0;
        }
        let length = self.lost as f64 / self.bursts as f64;
        (length * (1.0 - self.share())).max(1.0)
    }
}

impl Rating {
    /// R itself, 0 to 100.
    #[must_use]
    pub const fn value(self) -> f64 {
        self.0
    }

    /// What people would say on average, 1 (bad) to 4.5 (excellent) (G.107 annex B).
    #[must_use]
    pub fn mean_opinion(self) -> f64 {
        let r = self.0;
        let opinion = 1.0 + 0.035 * r + r * (r - 60.0) * (100.0 - r) * 7e-6;
        opinion.clamp(1.0, 4.5)
    }
}

/// What a codec costs without loss, and how it bears loss (ITU-T G.113 appendix I, with concealment).
struct Equipment {
    /// Ie.
    impairment: f64,
    /// Bpl.
    robustness: f64,
}

impl Equipment {
    fn of(encoding: Encoding) -> Self {
        let (impairment, robustness) = match encoding {
            // Opus has no figures there; with what its packets tell of the one before it bears loss no worse.
            Encoding::Pcmu
            | Encoding::Pcma
            | Encoding::L16
            | Encoding::G722
            | Encoding::Opus
            | Encoding::ComfortNoise => (0.0, 25.1),
            Encoding::Other(name) => match name.as_str() {
                "G729" => (11.0, 19.0),
                "G723" => (15.0, 16.1),
                "GSM" => (20.0, 10.0),
                "AMR" => (5.0, 10.0),
                "ILBC" => (11.0, 32.0),
                _ => (10.0, 10.0),
            },
        };
        Self {
            impairment,
            robustness,
        }
    }
}

/// Id: what delay does to a conversation (G.107 §7.3).
fn delay_impairment(delay: Duration) -> f64 {
    let ms = delay.as_secs_f64() * 1_000.0;
    (talker_echo(ms) + listener_echo(2.0 * ms) - listener_echo(0.0) + slowness(ms)).max(0.0)
}

/// Idte: the talker hears himself come back.
fn talker_echo(ms: f64) -> f64 {
    let masking = TALKER_ECHO_LOSS - 40.0 * ((1.0 + ms / 10.0) / (1.0 + ms / 150.0)).log10()
        + 6.0 * (-0.3 * ms * ms).exp();
    let rating = 80.0 + 2.5 * (masking - 14.0);
    let apart = (NOISE_RATING - rating) / 2.0;
    (apart + (apart * apart + 100.0).sqrt() - 1.0) * (1.0 - (-ms).exp())
}

/// Idle: the listener hears the talker twice.
fn listener_echo(round_trip_ms: f64) -> f64 {
    let rating = 10.5 * (ECHO_PATH_LOSS + 7.0) * (round_trip_ms + 1.0).powf(-0.25);
    let apart = (NOISE_RATING - rating) / 2.0;
    apart + (apart * apart + 169.0).sqrt()
}

/// Idd: both talk at once, even without any echo.
fn slowness(ms: f64) -> f64 {
    if ms <= 100.0 {
        return 0.0;
    }
    let x = (ms / 100.0).log2();
    let sixth_root = |base: f64| (1.0 + base.powi(6)).powf(1.0 / 6.0);
    25.0 * (sixth_root(x) - 3.0 * sixth_root(x / 3.0) + 2.0)
}

/// R of a call without loss and delay on a codec without impairment (G.107 §7.7).
const FAULTLESS: f64 = 93.2;
/// Ro, the signal-to-noise ratio of the default values; Roe differs by less than 0.1.
const NOISE_RATING: f64 = 94.77;
/// TELR in dB.
const TALKER_ECHO_LOSS: f64 = 65.0;
/// WEPL in dB.
const ECHO_PATH_LOSS: f64 = 110.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_faultless_call_is_rated_as_the_recommendation_says() {
        let rating = path(Codec::PCMA, 0, 0).rating();
        assert!((rating.value() - 93.2).abs() < 0.1, "{rating:?}");
        assert!((rating.mean_opinion() - 4.41).abs() < 0.01);
    }

    /// G.107 annex B, table B.1.
    #[test]
    fn ratings_and_opinions_belong_together_as_in_the_table() {
        for (rating, opinion) in [
            (90.0, 4.34),
            (80.0, 4.03),
            (70.0, 3.60),
            (60.0, 3.10),
            (50.0, 2.58),
        ] {
            let said = Rating(rating).mean_opinion();
            assert!((said - opinion).abs() < 0.01, "{rating}: {said}");
        }
        assert_eq!(Rating(0.0).mean_opinion(), 1.0);
        assert_eq!(Rating(100.0).mean_opinion(), 4.5);
    }

    #[test]
    fn loss_counts_more_in_bursts_and_on_codecs_that_bear_it_less() {
        let rated = |codec, loss| {
            let path = Path {
                loss,
                ..path(codec, 0, 0)
            };
            path.rating().value()
        };
        let single = loss(1_000, 20, 20);
        let in_rows = loss(1_000, 20, 5);
        assert!((rated(Codec::PCMA, single) - (93.2 - 7.01)).abs() < 0.1);
        assert!(rated(Codec::PCMA, in_rows) < rated(Codec::PCMA, single));
        let g729 = Codec::of_static(18).unwrap();
        assert!((rated(g729, Loss::default()) - 82.2).abs() < 0.1);
        assert!(rated(g729, single) < rated(Codec::PCMA, single) - 11.0);
        assert_eq!(in_rows.burst_ratio(), 4.0 * 0.98);
        assert_eq!(single.burst_ratio(), 1.0);
    }

    /// ITU-T G.114: up to 150 ms nobody minds, beyond 400 ms nobody is content.
    #[test]
    fn delay_is_borne_for_a_while_and_then_no_more() {
        let mut before = 100.0;
        for ms in (0..=1_000).step_by(10) {
            let rating = path(Codec::PCMA, 0, ms).rating().value();
            assert!(rating <= before + 0.01, "{ms} ms: {rating} after {before}");
            before = rating;
        }
        let at = |ms| path(Codec::PCMA, 0, ms).rating().value();
        assert!(at(150) > 85.0, "{}", at(150));
        assert!((60.0..80.0).contains(&at(300)), "{}", at(300));
        assert!(at(400) < 70.0, "{}", at(400));
    }

    #[test]
    fn nothing_is_rated_beyond_the_scale() {
        for loss in [loss(0, 0, 0), loss(0, 10, 1), loss(10, u64::MAX, 1)] {
            let path = Path {
                loss,
                ..path(Codec::PCMA, 0, 100_000)
            };
            let rating = path.rating();
            assert!((0.0..=100.0).contains(&rating.value()), "{loss:?}");
            assert!((1.0..=4.5).contains(&rating.mean_opinion()));
        }
    }

    fn path(codec: Codec, lost: u64, delay_ms: u64) -> Path {
        Path {
            codec,
            loss: loss(1_000, lost, lost),
            delay: Duration::from_millis(delay_ms),
        }
    }

    const fn loss(expected: u64, lost: u64, bursts: u64) -> Loss {
        Loss {
            expected,
            lost,
            bursts,
        }
    }
}
