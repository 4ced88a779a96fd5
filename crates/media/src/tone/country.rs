//! The table of national tones, from ITU-T E.180 Supplement 2 and what national operators publish.

use Mix::{Modulated, One, Sum};
use Part::{Off, On, Soft};

/// One frequency or two, in Hz.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Mix {
    /// `f`
    One(f64),
    /// `f1+f2`, equally loud.
    Sum(f64, f64),
    /// `f1×f2`: the first, modulated in amplitude by the second.
    Modulated(f64, f64),
}

/// A stretch of a cadence, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Part {
    On(Mix, u16),
    /// 10 dB less than `On`.
    Soft(Mix, u16),
    Off(u16),
}

pub(super) type Cadence = &'static [Part];

/// The length of a tone that never pauses.
pub(super) const CONTINUOUS: u16 = u16::MAX;

/// How one country's exchanges sound.
pub(super) struct Row {
    /// ISO 3166-1 alpha-2, in small letters; Britain also as `uk`.
    pub(super) country: &'static str,
    pub(super) dial: Cadence,
    pub(super) ring: Cadence,
    pub(super) busy: Cadence,
    pub(super) congestion: Cadence,
    pub(super) call_waiting: Cadence,
    pub(super) special_information: Cadence,
}

/// The countries with a row of their own.
pub fn countries() -> impl Iterator<Item = &'static str> {
    ROWS.iter().map(|row| row.country)
}

/// Whether a country has a row of its own.
#[must_use]
pub fn is_country(country: &str) -> bool {
    countries().any(|known| known == country)
}

pub(super) fn row(country: &str) -> &'static Row {
    ROWS.iter()
        .find(|row| row.country == country)
        .unwrap_or(&RECOMMENDED)
}

/// ITU-T E.180 §§3 to 8: 425 Hz, and the middle of each recommended range.
pub(super) static RECOMMENDED: Row = Row {
    country: "",
    dial: &[On(One(425.0), CONTINUOUS)],
    ring: &[On(One(425.0), 1000), Off(4000)],
    busy: &[On(One(425.0), 500), Off(500)],
    congestion: &[On(One(425.0), 250), Off(250)],
    call_waiting: &[
        On(One(425.0), 200),
        Off(600),
        On(One(425.0), 200),
        Off(3000),
    ],
    special_information: SPECIAL,
};

/// ITU-T E.180 §7: three notes of 330 ms.
const SPECIAL: Cadence = &[
    On(One(950.0), 330),
    On(One(1400.0), 330),
    On(One(1800.0), 330),
];

#[rustfmt::skip]
pub(super) static ROWS: &[Row] = &[
    Row {
        country: "ae",
        dial: &[On(Sum(350.0, 440.0), CONTINUOUS)],
        ring: &[On(Sum(400.0, 450.0), 400), Off(200), On(Sum(400.0, 450.0), 400), Off(2000)],
        busy: &[On(One(400.0), 375), Off(375)],
        congestion: &[On(One(400.0), 400), Off(350), On(One(400.0), 225), Off(525)],
        call_waiting: &[On(One(425.0), 200), Off(600), On(One(425.0), 200), Off(3000)],
        special_information: SPECIAL,
    },
    Row {
        country: "au",
        dial: &[On(Sum(413.0, 438.0), CONTINUOUS)],
        ring: &[On(Sum(413.0, 438.0), 400), Off(200), On(Sum(413.0, 438.0), 400), Off(2000)],
        busy: &[On(One(425.0), 375), Off(375)],
        // Every other burst is softer; nothing else tells it from busy.
        congestion: &[On(One(425.0), 375), Off(375), Soft(One(425.0), 375), Off(375)],
        call_waiting: &[On(One(425.0), 200), Off(200), On(One(425.0), 200), Off(4400)],
        special_information: SPECIAL,
    },
    Row { country: "ca", ..NORTH_AMERICA },
    Row {
        country: "cn",
        dial: &[On(One(450.0), CONTINUOUS)],
        ring: &[On(One(450.0), 1000), Off(4000)],
        busy: &[On(One(450.0), 350), Off(350)],
        congestion: &[On(One(450.0), 700), Off(700)],
        call_waiting: &[On(One(450.0), 400), Off(4000)],
        special_information: SPECIAL,
    },
    Row {
        country: "de",
        dial: &[On(One(425.0), CONTINUOUS)],
        ring: &[On(One(425.0), 1000), Off(4000)],
        busy: &[On(One(425.0), 480), Off(480)],
        congestion: &[On(One(425.0), 240), Off(240)],
        call_waiting: &[On(One(425.0), 200), Off(200), On(One(425.0), 200), Off(5000)],
        special_information: SPECIAL,
    },
    Row {
        country: "fr",
        dial: &[On(One(440.0), CONTINUOUS)],
        ring: &[On(One(440.0), 1500), Off(3500)],
        busy: &[On(One(440.0), 500), Off(500)],
        congestion: &[On(One(440.0), 250), Off(250)],
        call_waiting: &[On(One(440.0), 300), Off(10_000)],
        special_information: SPECIAL,
    },
    Row { country: "gb", ..BRITAIN },
    Row {
        country: "hk",
        dial: &[On(Sum(350.0, 440.0), CONTINUOUS)],
        ring: &[On(Sum(440.0, 480.0), 400), Off(200), On(Sum(440.0, 480.0), 400), Off(3000)],
        busy: &[On(Sum(480.0, 620.0), 500), Off(500)],
        congestion: &[On(Sum(480.0, 620.0), 250), Off(250)],
        call_waiting: &[On(One(440.0), 300), Off(10_000)],
        special_information: SPECIAL,
    },
    Row {
        country: "in",
        dial: &[On(Modulated(400.0, 25.0), CONTINUOUS)],
        ring: &[On(Modulated(400.0, 25.0), 400), Off(200), On(Modulated(400.0, 25.0), 400), Off(2000)],
        busy: &[On(One(400.0), 750), Off(750)],
        congestion: &[On(One(400.0), 250), Off(250)],
        call_waiting: &[On(One(400.0), 200), Off(100), On(One(400.0), 200), Off(7500)],
        special_information: SPECIAL,
    },
    Row {
        country: "jp",
        dial: &[On(One(400.0), CONTINUOUS)],
        ring: &[On(Modulated(400.0, 16.0), 1000), Off(2000)],
        busy: &[On(One(400.0), 500), Off(500)],
        congestion: &[On(One(400.0), 500), Off(500)],
        call_waiting: &[On(Modulated(400.0, 16.0), 500), Off(8000)],
        special_information: SPECIAL,
    },
    Row {
        country: "kr",
        dial: &[On(Sum(350.0, 440.0), CONTINUOUS)],
        ring: &[On(Sum(440.0, 480.0), 1000), Off(2000)],
        busy: &[On(Sum(480.0, 620.0), 500), Off(500)],
        congestion: &[On(Sum(480.0, 620.0), 300), Off(200)],
        call_waiting: &[On(Sum(350.0, 440.0), 250), Off(250), On(Sum(350.0, 440.0), 250), Off(3250)],
        special_information: SPECIAL,
    },
    Row {
        country: "sg",
        dial: &[On(One(425.0), CONTINUOUS)],
        ring: &[On(Modulated(425.0, 24.0), 400), Off(200), On(Modulated(425.0, 24.0), 400), Off(2000)],
        busy: &[On(One(425.0), 750), Off(750)],
        congestion: &[On(One(425.0), 250), Off(250)],
        call_waiting: &[On(Modulated(425.0, 24.0), 300), Off(200), On(Modulated(425.0, 24.0), 300), Off(3200)],
        special_information: SPECIAL,
    },
    Row {
        country: "tw",
        dial: &[On(Sum(350.0, 440.0), CONTINUOUS)],
        ring: &[On(Sum(440.0, 480.0), 1000), Off(2000)],
        busy: &[On(Sum(480.0, 620.0), 500), Off(500)],
        congestion: &[On(Sum(480.0, 620.0), 250), Off(250)],
        call_waiting: &[On(Sum(350.0, 440.0), 250), Off(250), On(Sum(350.0, 440.0), 250), Off(5250)],
        special_information: SPECIAL,
    },
    Row { country: "uk", ..BRITAIN },
    Row { country: "us", ..NORTH_AMERICA },
];

#[rustfmt::skip]
const BRITAIN: Row = Row {
    country: "",
    dial: &[On(Sum(350.0, 440.0), CONTINUOUS)],
    ring: &[On(Sum(400.0, 450.0), 400), Off(200), On(Sum(400.0, 450.0), 400), Off(2000)],
    busy: &[On(One(400.0), 375), Off(375)],
    congestion: &[On(One(400.0), 400), Off(350), On(One(400.0), 225), Off(525)],
    call_waiting: &[On(One(400.0), 100), Off(4000)],
    special_information: SPECIAL,
};

/// The precise tone plan. Its special information tone is the one of an intercepted call, two short notes and a long one.
const NORTH_AMERICA: Row = Row {
    country: "",
    dial: &[On(Sum(350.0, 440.0), CONTINUOUS)],
    ring: &[On(Sum(440.0, 480.0), 2000), Off(4000)],
    busy: &[On(Sum(480.0, 620.0), 500), Off(500)],
    congestion: &[On(Sum(480.0, 620.0), 250), Off(250)],
    call_waiting: &[On(One(440.0), 300), Off(10_000)],
    special_information: &[
        On(One(913.8), 274),
        On(One(1370.6), 274),
        On(One(1776.7), 380),
    ],
};
