//! Ways out: which route a number takes, on which trunks, and who may (AD-07, SI-11, SI-12).

use super::notes::Notes;
use super::way::{Journey, View, Way};
use crate::features::Refusal;
use alloc::collections::VecDeque;
use alloc::format;
use alloc::string::String;
use model::{Duration, Extension, Number, OutboundRoute, Weekday};
use serde::{Deserialize, Serialize};

/// A way out of the house.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Out {
    /// As it was dialled.
    pub(crate) dialled: Number,
    /// The trunks, in the order in which they are tried, and what is dialled on them.
    pub(crate) exits: VecDeque<Exit>,
    /// How long the call may last.
    pub(crate) longest: Option<Duration>,
    pub(crate) urgency: Urgency,
}

/// A trunk, and what is dialled on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Exit {
    pub(crate) trunk: String,
    pub(crate) number: Number,
}

/// Whether anything may stand in the way of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Urgency {
    Usual,
    /// It goes out whatever rights and limits say (SI-12).
    Emergency,
}

impl View<'_> {
    /// The way out for a number that is dialled for somebody.
    pub(crate) fn way_out(&self, dialled: Number, journey: &Journey) -> Option<Out> {
        match self.outside(&dialled, journey, &mut Notes::none()) {
            Way::Out(out) => Some(out),
            _ => None,
        }
    }

    /// The way out for a number that is neither a number inside nor a code.
    pub(crate) fn outside(&self, dialled: &Number, journey: &Journey, notes: &mut Notes) -> Way {
        // Nobody gets out who came in, unless an extension sends him with its own rights.
        let Some(whose) = journey
            .as_whom
            .and_then(|whom| self.directory.extension(&whom))
        else {
            notes.add(|| format!("nobody vouches for the caller: he cannot call {dialled}"));
            return Way::Refuse(Refusal::NotFound);
        };
        if let Some(out) = self.emergency(dialled, notes) {
            return Way::Out(out);
        }
        let (route, number) = match self.route(dialled, whose, notes) {
            Ok(found) => found,
            Err(why) => return Way::Refuse(why),
        };
        if self.is_spent(&whose.number) {
            notes.add(|| format!("{} has as many calls outside as it may have", whose.number));
            return Way::Refuse(Refusal::Congestion);
        }
        let exits: VecDeque<_> = route
            .trunks
            .iter()
            .filter(|trunk| self.is_open(trunk, notes))
            .map(|trunk| Exit {
                trunk: trunk.clone(),
                number,
            })
            .collect();
        if exits.is_empty() {
            return Way::Refuse(Refusal::Congestion);
        }
        for exit in &exits {
            notes.add(|| format!("trunk {}: {} is dialled", exit.trunk, exit.number));
        }
        let minutes = route.max_minutes.map(|most| u64::from(most.get()));
        Way::Out(Out {
            dialled: *dialled,
            exits,
            longest: minutes.map(|most| Duration::from_secs(60 * most)),
            urgency: Urgency::Usual,
        })
    }

    /// Whether an extension may call a number outside at all, whatever the hour.
    pub(crate) fn may_call_out(&self, by: &Number, to: &Number) -> Result<(), Refusal> {
        let Some(by) = self.directory.extension(by) else {
            return Err(Refusal::Forbidden);
        };
        let mut refusal = Refusal::NotFound;
        for route in &self.directory.outbound_routes {
            let Some(number) = dialled_on(route, to) else {
                continue;
            };
            if may_use(by, route) && self.may_go(&number, route) {
                return Ok(());
            }
            refusal = Refusal::Forbidden;
        }
        Err(refusal)
    }

    /// What an extension dials to call a number as somebody outside shows it: with the prefix of the first route that it
    /// may use for it.
    pub(crate) fn dialled_to(&self, shown: &Number, by: &Number) -> Option<Number> {
        let routes = self.directory.outbound_routes.iter();
        let dialled = routes.filter_map(|route| match route.strip {
            0 => Some(*shown),
            _ => Number::parse(&format!("{}{shown}", route.prefix)).ok(),
        });
        let mut dialled = dialled.filter(|dialled| self.may_call_out(by, dialled).is_ok());
        dialled.next()
    }

    /// The first route in order that fits the number, is open and may be used.
    fn route(
        &self,
        dialled: &Number,
        whose: &Extension,
        notes: &mut Notes,
    ) -> Result<(&OutboundRoute, Number), Refusal> {
        let mut refusal = Refusal::NotFound;
        for route in &self.directory.outbound_routes {
            let name = &route.name;
            let Some(number) = dialled_on(route, dialled) else {
                notes.add(|| format!("route {name}: does not fit"));
                continue;
            };
            refusal = Refusal::Forbidden;
            if !may_use(whose, route) {
                notes.add(|| format!("route {name}: fits, but {} may not use it", whose.number));
            } else if !self.may_go(&number, route) {
                notes.add(|| format!("route {name}: fits, but nobody may call abroad there"));
            } else if !self.is_in_hours(route) {
                notes.add(|| format!("route {name}: fits, but is closed at this time"));
            } else {
                notes.add(|| format!("route {name}: fits"));
                return Ok((route, number));
            }
        }
        Err(refusal)
    }

    /// The way out for an emergency number, with a route's prefix or without (SI-12): on routes for that, then on
    /// any that fits, then on every trunk there is.
    fn emergency(&self, dialled: &Number, notes: &mut Notes) -> Option<Out> {
        let alone = self.directory.is_emergency(dialled);
        let behind_a_prefix = self.directory.ends_in_emergency(dialled);
        // Of most numbers only the routes for that need to be looked at.
        let routes = || {
            let routes = self.directory.outbound_routes.iter();
            routes.filter(move |route| alone || behind_a_prefix || route.emergency)
        };
        let fitting = || {
            routes().filter_map(|route| {
                // Without a prefix nothing is taken off: 911 is not 11.
                let number = match route.strip {
                    1.. if alone => *dialled,
                    _ => dialled_on(route, dialled)?,
                };
                let urgent = alone || route.emergency || self.directory.is_emergency(&number);
                urgent.then_some((route, number))
            })
        };
        let for_that = fitting().filter(|(route, _)| route.emergency);
        let others = fitting().filter(|(route, _)| !route.emergency);
        let on_routes = for_that
            .chain(others)
            .flat_map(|(route, number)| route.trunks.iter().map(move |trunk| (trunk, number)));
        let on_any = self.directory.trunks.keys().filter(|_| alone);
        let on_any = on_any.map(|trunk| (trunk, *dialled));
        let mut exits = VecDeque::<Exit>::new();
        for (trunk, number) in on_routes.chain(on_any) {
            let known = self.directory.trunks.contains_key(trunk);
            if known && exits.iter().all(|exit| exit.trunk != *trunk) {
                exits.push_back(Exit {
                    trunk: trunk.clone(),
                    number,
                });
            }
        }
        if exits.is_empty() {
            return None;
        }
        notes.add(|| {
            format!("{dialled} is an emergency number: it goes out whatever stands in its way")
        });
        for exit in &exits {
            notes.add(|| format!("trunk {}: {} is dialled", exit.trunk, exit.number));
        }
        Some(Out {
            dialled: *dialled,
            exits,
            longest: None,
            urgency: Urgency::Emergency,
        })
    }

    /// Whether a trunk is there and takes another call.
    fn is_open(&self, trunk: &str, notes: &mut Notes) -> bool {
        let Some(known) = self.directory.trunks.get(trunk) else {
            return false;
        };
        let full = self.state.usage.is_full(trunk, known.max_calls);
        if full {
            notes.add(|| format!("trunk {trunk}: has as many calls as it takes"));
        }
        !full
    }

    fn is_spent(&self, extension: &Number) -> bool {
        let system = &self.directory.system;
        self.state.usage.is_spent(
            extension,
            system.outside_calls_max,
            system.outside_calls_a_minute,
            self.now.mono,
        )
    }

    /// Whether a number may be called on a route, as far as it lies abroad.
    fn may_go(&self, number: &Number, route: &OutboundRoute) -> bool {
        let numbering = self.numbering(route.trunks.first().map(String::as_str));
        if !numbering.is_abroad(number) {
            return true;
        }
        let number = numbering.international(number);
        let mut countries = self.directory.system.abroad.iter();
        countries.any(|country| {
            country == "*" || number.is_some_and(|number| number.starts_with(country.as_str()))
        })
    }

    fn is_in_hours(&self, route: &OutboundRoute) -> bool {
        let seconds = self.now.wall.0.div_euclid(1_000) + i64::from(self.zone);
        let day = Weekday::of_day(seconds.div_euclid(DAY_SECONDS));
        let minute = u16::try_from(seconds.rem_euclid(DAY_SECONDS) / 60).unwrap_or_default();
        route.open.is_empty() || route.open.iter().any(|hours| hours.contain(day, minute))
    }
}

/// What is dialled on a route's trunks for a number; `None`: the number does not fit.
fn dialled_on(route: &OutboundRoute, dialled: &Number) -> Option<Number> {
    let rest = dialled.as_bytes().strip_prefix(route.prefix.as_bytes())?;
    if !fits(route.pattern.as_bytes(), rest) {
        return None;
    }
    let kept = dialled.get(usize::from(route.strip)..)?;
    if kept.is_empty() {
        return None;
    }
    if route.prepend.is_empty() {
        return Number::parse(kept).ok();
    }
    Number::parse(&format!("{}{kept}", route.prepend)).ok()
}

/// Whether a number looks like a pattern: `X` any digit, `Z` 1-9, `N` 2-9, a final `.` anything.
fn fits(pattern: &[u8], number: &[u8]) -> bool {
    if pattern.is_empty() {
        return true;
    }
    let (places, open) = match pattern.strip_suffix(b".") {
        Some(places) => (places, true),
        None => (pattern, false),
    };
    let long_enough = number.len() == places.len() || open && number.len() > places.len();
    let mut pairs = places.iter().zip(number);
    long_enough
        && pairs.all(|(&place, &key)| match place {
            b'X' => key.is_ascii_digit(),
            b'Z' => matches!(key, b'1'..=b'9'),
            b'N' => matches!(key, b'2'..=b'9'),
            place => place == key,
        })
}

fn may_use(extension: &Extension, route: &OutboundRoute) -> bool {
    let rights = &extension.outbound_routes;
    route.emergency || rights.contains("*") || rights.contains(&route.name)
}

const DAY_SECONDS: i64 = 24 * 60 * 60;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    /// AD-07
    #[test]
    fn patterns_are_read_place_by_place() {
        for (pattern, number, does) in [
            ("", "anything", true),
            ("X", "0", true),
            ("X", "", false),
            ("X", "00", false),
            ("ZX", "05", false),
            ("ZX", "15", true),
            ("NXX", "199", false),
            ("NXX", "299", true),
            ("1X.", "13", true),
            ("1X.", "139", true),
            ("1X.", "1", false),
            (".", "", true),
            ("00.", "0044", true),
            ("00.", "044", false),
            ("X", "*", false),
            ("*X", "*1", true),
        ] {
            assert_eq!(
                fits(pattern.as_bytes(), number.as_bytes()),
                does,
                "{pattern} {number}"
            );
        }
    }

    /// AD-07, CF-04
    #[test]
    fn a_route_strips_and_prepends() {
        for (prefix, strip, prepend, pattern, dialled, on_trunk) in [
            ("9", 1, "", "", "985337106", Some("85337106")),
            ("9", 1, "", "", "9", None),
            ("9", 1, "", "", "85337106", None),
            ("9", 0, "", "", "985337106", Some("985337106")),
            ("9", 1, "028", "NXXXXXXX", "985337106", Some("02885337106")),
            ("9", 1, "028", "NXXXXXXX", "9853371060", None),
            (
                "",
                0,
                "+86",
                "1XXXXXXXXXX",
                "13912345678",
                Some("+8613912345678"),
            ),
            ("", 3, "", "", "12", None),
            ("", 1, "", "", "+4412345678", Some("4412345678")),
        ] {
            let route = OutboundRoute {
                name: String::from("city"),
                prefix: String::from(prefix),
                strip,
                prepend: String::from(prepend),
                pattern: String::from(pattern),
                trunks: Vec::new(),
                emergency: false,
                open: Vec::new(),
                max_minutes: None,
            };
            let dialled = Number::parse(dialled).unwrap();
            let expected = on_trunk.map(|number| Number::parse(number).unwrap());
            assert_eq!(dialled_on(&route, &dialled), expected, "{dialled}");
        }
    }
}
