//! National, international and local spellings of one telephone number (ITU-T E.164).

use crate::{Directory, Number};
use core::fmt;

/// How numbers outside are spelled where the site is, so that the spellings of one number can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbering {
    plan: Plan,
    /// A number of the site's own with its country code: its beginning completes local numbers.
    home: Option<Digits>,
}

/// The rules of one country.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Plan {
    /// ISO 3166, lower case.
    country: &'static str,
    /// The country code.
    code: &'static str,
    /// What is dialled before an area code.
    national: &'static str,
    /// What is dialled before a country code.
    international: &'static str,
    /// How many digits a number has from its area code on, at least and at most.
    length: (usize, usize),
}

/// Digits with the country code, without anything in front.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Digits {
    digits: [u8; Number::LENGTH_MAX],
    length: usize,
}

/// The spellings of one number: as it came, then whatever else it may be written like.
#[derive(Clone, Debug)]
pub struct Spellings {
    numbers: [Option<Number>; SPELLINGS_MAX],
}

impl Numbering {
    /// The rules of the site's country; local numbers are those of the place of its first number outside, or of
    /// `trunk`'s if that has one.
    #[must_use]
    pub fn of(directory: &Directory, trunk: Option<&str>) -> Self {
        let own = trunk.and_then(|name| directory.trunks.get(name));
        let mut numbers = own
            .into_iter()
            .chain(directory.trunks.values())
            .flat_map(|trunk| &trunk.numbers);
        let numbering = Self {
            plan: Plan::of(&directory.system.country),
            home: None,
        };
        Self {
            home: numbers.find_map(|number| numbering.digits(number)),
            ..numbering
        }
    }

    /// Whether two spellings are of one number. Numbers that are none of the outside are compared as they are.
    #[must_use]
    pub fn same(&self, one: &Number, other: &Number) -> bool {
        let (bytes, others) = (one.as_bytes(), other.as_bytes());
        // All spellings of a number end alike: most pairs are told apart by that.
        let ending = bytes.get(bytes.len().saturating_sub(ENDING)..);
        one == other
            || ending.is_some_and(|ending| others.ends_with(ending))
                && self
                    .digits(one)
                    .is_some_and(|digits| Some(digits) == self.digits(other))
    }

    /// Every way in which the number may have been written.
    #[must_use]
    pub fn spellings(&self, number: &Number) -> Spellings {
        let mut spellings = Spellings {
            numbers: [None; SPELLINGS_MAX],
        };
        spellings.add(Some(*number));
        let Some(digits) = self.digits(number) else {
            return spellings;
        };
        let digits = digits.as_str();
        spellings.add(joined("+", digits));
        spellings.add(joined("", digits));
        spellings.add(joined(self.plan.international, digits));
        if let Some(national) = self.national(digits) {
            spellings.add(joined(self.plan.national, national));
            spellings.add(joined("", national));
        }
        spellings.add(self.local(digits).and_then(|local| joined("", local)));
        spellings
    }

    /// The number with its country code: `+862885337106`. `None`: it is no number of the outside.
    #[must_use]
    pub fn international(&self, number: &str) -> Option<Number> {
        joined("+", self.digits(number)?.as_str())
    }

    /// Whether the number leads abroad.
    #[must_use]
    pub fn is_abroad(&self, number: &str) -> bool {
        let begun = number.starts_with('+') || self.begins_abroad(number);
        let digits = self.digits(number);
        begun && digits.is_some_and(|digits| !digits.as_str().starts_with(self.plan.code))
    }

    fn begins_abroad(&self, number: &str) -> bool {
        !self.plan.international.is_empty() && number.starts_with(self.plan.international)
    }

    /// What follows the country code, if it is this country's.
    fn national<'a>(&self, digits: &'a str) -> Option<&'a str> {
        let rest = digits.strip_prefix(self.plan.code)?;
        (!self.plan.code.is_empty() && self.plan.has(rest)).then_some(rest)
    }

    /// What is dialled in the same place.
    fn local<'a>(&self, digits: &'a str) -> Option<&'a str> {
        let (home, place) = self.place()?;
        let same_length = home.len() == digits.len();
        digits.strip_prefix(place).filter(|_| same_length)
    }

    /// The site's own number, and how all numbers of its place begin.
    fn place(&self) -> Option<(&str, &str)> {
        let home = self.home.as_ref()?.as_str();
        let area = self.plan.area(self.national(home)?)?;
        let place = home.get(..self.plan.code.len().checked_add(area)?)?;
        Some((home, place))
    }

    /// The digits from the country code on.
    fn digits(&self, number: &str) -> Option<Digits> {
        let plan = &self.plan;
        if let Some(digits) = number.strip_prefix('+') {
            return Digits::new("", digits).filter(|digits| digits.length >= ABROAD_MIN);
        }
        if self.begins_abroad(number) {
            let digits = number.strip_prefix(plan.international)?;
            return Digits::new("", digits).filter(|digits| digits.length >= ABROAD_MIN);
        }
        if plan.code.is_empty() {
            return None;
        }
        let national = number.strip_prefix(plan.national);
        let from_area = national.filter(|rest| !plan.national.is_empty() && plan.has(rest));
        let with_code = number
            .strip_prefix(plan.code)
            .filter(|rest| plan.has(rest))
            .filter(|_| !plan.has(number));
        match (from_area, with_code) {
            (Some(rest), _) | (None, Some(rest)) => Digits::new(plan.code, rest),
            (None, None) if plan.has(number) => Digits::new(plan.code, number),
            (None, None) => self.completed(number),
        }
    }

    /// A local number with the beginning of the site's own.
    fn completed(&self, number: &str) -> Option<Digits> {
        let (home, place) = self.place()?;
        let digits = Digits::new(place, number)?;
        (digits.length == home.len()).then_some(digits)
    }
}

impl Plan {
    fn of(country: &str) -> Self {
        let known = PLANS.iter().find(|plan| plan.country == country);
        known.copied().unwrap_or(Self::UNKNOWN)
    }

    /// Whether so many digits follow a country code here.
    const fn has(&self, rest: &str) -> bool {
        let (least, most) = self.length;
        least <= rest.len() && rest.len() <= most
    }

    /// How many digits of a number are its area code, in countries where local numbers are dialled without.
    fn area(&self, national: &str) -> Option<usize> {
        match (self.code, national.as_bytes()) {
            ("86", [b'1' | b'2', ..]) => Some(2),
            ("86" | "1", _) => Some(3),
            _ => None,
        }
    }

    /// Of a country without rules here only international spellings are known.
    const UNKNOWN: Self = plan("", "", "", "00", (0, 0));
}

impl Digits {
    /// `None`: it is too long, or there is something but digits in it.
    fn new(code: &str, rest: &str) -> Option<Self> {
        let length = code.len().checked_add(rest.len())?;
        let mut digits = [0; Number::LENGTH_MAX];
        let places = digits.get_mut(..length)?.iter_mut();
        for (place, byte) in places.zip(code.bytes().chain(rest.bytes())) {
            if !byte.is_ascii_digit() {
                return None;
            }
            *place = byte;
        }
        Some(Self { digits, length })
    }

    fn as_str(&self) -> &str {
        let digits = self.digits.get(..self.length);
        digits
            .and_then(|digits| core::str::from_utf8(digits).ok())
            .unwrap_or_default()
    }
}

impl fmt::Debug for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Spellings {
    /// Each of them once, the one that came first.
    pub fn iter(&self) -> impl Iterator<Item = &Number> {
        self.numbers.iter().flatten()
    }

    fn add(&mut self, number: Option<Number>) {
        if number.is_none() || self.numbers.contains(&number) {
            return;
        }
        if let Some(place) = self.numbers.iter_mut().find(|place| place.is_none()) {
            *place = number;
        }
    }
}

fn joined(front: &str, digits: &str) -> Option<Number> {
    let mut text = [0; Number::LENGTH_MAX];
    let length = front.len().checked_add(digits.len())?;
    let (head, tail) = text.get_mut(..length)?.split_at_mut(front.len());
    head.copy_from_slice(front.as_bytes());
    tail.copy_from_slice(digits.as_bytes());
    Number::parse(core::str::from_utf8(text.get(..length)?).ok()?).ok()
}

const fn plan(
    country: &'static str,
    code: &'static str,
    national: &'static str,
    international: &'static str,
    length: (usize, usize),
) -> Plan {
    Plan {
        country,
        code,
        national,
        international,
        length,
    }
}

/// Country codes, prefixes and lengths as the national numbering plans give them to the ITU (E.129).
const PLANS: [Plan; 20] = [
    plan("cn", "86", "0", "00", (10, 11)),
    plan("hk", "852", "", "001", (8, 8)),
    plan("mo", "853", "", "00", (8, 8)),
    plan("tw", "886", "0", "002", (8, 9)),
    plan("sg", "65", "", "00", (8, 8)),
    plan("jp", "81", "0", "010", (9, 10)),
    plan("kr", "82", "0", "00", (8, 10)),
    plan("in", "91", "0", "00", (10, 10)),
    plan("us", "1", "1", "011", (10, 10)),
    plan("ca", "1", "1", "011", (10, 10)),
    plan("uk", "44", "0", "00", (9, 10)),
    plan("gb", "44", "0", "00", (9, 10)),
    plan("de", "49", "0", "00", (9, 11)),
    plan("at", "43", "0", "00", (9, 13)),
    plan("ch", "41", "0", "00", (9, 9)),
    plan("fr", "33", "0", "00", (9, 9)),
    plan("it", "39", "", "00", (9, 11)),
    plan("es", "34", "", "00", (9, 9)),
    plan("nl", "31", "0", "00", (9, 9)),
    plan("au", "61", "0", "0011", (9, 9)),
];

/// So many digits end all spellings of a number.
const ENDING: usize = 4;
/// No number with a country code has fewer digits.
const ABROAD_MIN: usize = 7;
const SPELLINGS_MAX: usize = 7;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Trunk;
    use alloc::string::{String, ToString};
    use alloc::vec;
    use alloc::vec::Vec;

    /// BL-01, CON-09
    #[test]
    fn the_spellings_of_a_number_are_one_number() {
        for (country, home, spellings) in [
            (
                "cn",
                "02885337100",
                &[
                    "85337106",
                    "02885337106",
                    "2885337106",
                    "+862885337106",
                    "00862885337106",
                    "862885337106",
                ][..],
            ),
            (
                "cn",
                "02885337100",
                &[
                    "13912345678",
                    "013912345678",
                    "+8613912345678",
                    "008613912345678",
                ],
            ),
            (
                "cn",
                "08162345678",
                &["2300001", "08162300001", "+868162300001"],
            ),
            (
                "us",
                "2125550100",
                &["5550123", "2125550123", "+12125550123"],
            ),
            (
                "us",
                "",
                &[
                    "5551234567",
                    "15551234567",
                    "+15551234567",
                    "01115551234567",
                ],
            ),
            (
                "de",
                "",
                &["03012345678", "+493012345678", "00493012345678"],
            ),
            ("xx", "", &["+493012345678", "00493012345678"]),
        ] {
            let numbering = numbering(country, home);
            for one in spellings {
                for other in spellings {
                    assert!(same(&numbering, one, other), "{country}: {one} is {other}");
                }
                let all = written(&numbering, one);
                for other in spellings {
                    assert!(all.iter().any(|n| n == other), "{country}: {one} {all:?}");
                }
            }
        }
    }

    #[test]
    fn other_numbers_are_other_numbers() {
        let numbering = numbering("cn", "02885337100");
        for (one, other) in [
            ("101", "0101"),
            ("101", "86101"),
            ("85337106", "01085337106"),
            ("02885337106", "02185337106"),
            ("+862885337106", "+12885337106"),
            ("13912345678", "+113912345678"),
            ("110", "0110"),
            ("5337106", "02885337106"),
            ("*85337106", "85337106"),
        ] {
            assert!(!same(&numbering, one, other), "{one} is not {other}");
        }
        assert_eq!(written(&numbering, "101"), ["101"]);
    }

    /// Without a number of the site's own nobody knows where a local number is.
    #[test]
    fn a_local_number_needs_a_place() {
        let numbering = numbering("cn", "");
        assert!(!same(&numbering, "85337106", "02885337106"));
        assert!(same(&numbering, "85337106", "85337106"));
    }

    #[test]
    fn only_another_country_is_abroad() {
        let numbering = numbering("cn", "02885337100");
        for abroad in ["0044201234567", "+44201234567", "+12025550123"] {
            assert!(numbering.is_abroad(abroad), "{abroad}");
        }
        for home in [
            "+8613912345678",
            "00862885337106",
            "01085337106",
            "85337106",
            "110",
        ] {
            assert!(!numbering.is_abroad(home), "{home}");
        }
    }

    #[test]
    fn the_longest_numbers_do_not_overflow() {
        let numbering = numbering("cn", "02885337100");
        for text in [
            "1".repeat(32),
            "0".repeat(32),
            alloc::format!("+{}", "9".repeat(31)),
        ] {
            let number = Number::parse(&text).unwrap();
            assert_eq!(written(&numbering, &text)[0], text);
            assert!(numbering.same(&number, &number));
        }
    }

    fn same(numbering: &Numbering, one: &str, other: &str) -> bool {
        let [one, other] = [one, other].map(|text| Number::parse(text).unwrap());
        numbering.same(&one, &other) && numbering.same(&other, &one)
    }

    fn written(numbering: &Numbering, number: &str) -> Vec<String> {
        let number = Number::parse(number).unwrap();
        let spellings = numbering.spellings(&number);
        spellings.iter().map(|number| number.to_string()).collect()
    }

    fn numbering(country: &str, home: &str) -> Numbering {
        let mut directory = Directory::default();
        directory.system.country = country.to_string();
        let trunk = Trunk {
            numbers: Number::parse(home)
                .map(|home| vec![home])
                .unwrap_or_default(),
            ..Trunk::to("carrier", "192.0.2.10")
        };
        directory.trunks.insert(trunk.name.clone(), trunk.into());
        Numbering::of(&directory, Some("carrier"))
    }
}
