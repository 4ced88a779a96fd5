//! The one numbering plan: every number inside leads to one place.

use super::Reader;
use crate::document::Place;
use model::{Directory, Number};

/// A number of the file, what it is for, and where it stands.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) number: Number,
    pub(super) list: &'static str,
    pub(super) place: Place,
}

impl Reader<'_> {
    /// Reports numbers that lead to two places (P-11), and numbers that cannot be dialled among codes.
    pub(super) fn check_plan(&self) {
        for planned in &self.planned {
            if !planned.number.bytes().all(|key| key.is_ascii_digit()) {
                self.report.add(
                    planned.place.clone(),
                    format!(
                        "{} {} must have digits only; * # and + belong to codes and outside numbers",
                        planned.list, planned.number
                    ),
                );
            }
            self.warn_of_prefixes(planned);
            self.warn_of_emergencies(planned);
            if let Some(other) = self.other_place(planned) {
                self.report.add(
                    planned.place.clone(),
                    format!(
                        "{} is {other} and also {}; give one of them another number",
                        planned.number,
                        with_article(planned.list)
                    ),
                );
            }
        }
    }

    /// Warns of numbers that somebody who dials outside may reach instead (P-11): inside comes first.
    fn warn_of_prefixes(&self, planned: &Planned) {
        let routes = self.directory.outbound_routes.iter();
        let hidden = routes.filter(|route| {
            !route.prefix.is_empty() && planned.number.starts_with(route.prefix.as_str())
        });
        for route in hidden {
            self.report.warn(
                planned.place.clone(),
                format!(
                    "{} begins like the outbound route {:?}: whoever dials it calls the {}",
                    planned.number,
                    route.name,
                    planned.list.replace('_', " ")
                ),
            );
        }
    }

    /// Warns of numbers that somebody in need dials (SI-12): inside comes first.
    fn warn_of_emergencies(&self, planned: &Planned) {
        if !Directory::default().is_emergency(&planned.number) {
            return;
        }
        let number = planned.number;
        self.report.warn(
            planned.place.clone(),
            format!(
                "{number} is an emergency number: whoever dials it reaches the {} and no help, unless an outbound prefix \
                 is dialled before it",
                planned.list.replace('_', " ")
            ),
        );
    }

    /// What else the number leads to, of what precedes the number's own list in a file.
    fn other_place(&self, planned: &Planned) -> Option<String> {
        let (number, directory) = (&planned.number, &self.directory);
        let parked = number
            .parse()
            .is_ok_and(|slot: u16| directory.parking.slots().any(|known| known == slot));
        // `041` is no slot.
        if parked && !number.starts_with('0') {
            return Some(String::from("a parking slot"));
        }
        let lists = [
            ("extension", directory.extensions.contains_key(number)),
            ("ring_group", directory.ring_groups.contains_key(number)),
            ("queue", directory.queues.contains_key(number)),
            ("room", directory.rooms.contains_key(number)),
            ("menu", directory.menus.contains_key(number)),
            ("schedule", directory.schedules.contains_key(number)),
        ];
        let own = lists.iter().position(|(list, _)| *list == planned.list)?;
        let is_taken = |(place, (_, taken)): &(usize, &(&str, bool))| {
            // Of two in the file only the second is named; what is only in force yields to neither.
            let in_file = self.planned.iter().any(|other| {
                other.number == *number
                    && lists
                        .get(*place)
                        .is_some_and(|(list, _)| other.list == *list)
            });
            *taken && *place != own && (*place < own || !in_file)
        };
        let (_, (list, _)) = lists.iter().enumerate().find(is_taken)?;
        Some(with_article(list))
    }
}

fn with_article(list: &str) -> String {
    let list = list.replace('_', " ");
    match list.as_bytes().first() {
        Some(b'a' | b'e' | b'i' | b'o' | b'u') => format!("an {list}"),
        _ => format!("a {list}"),
    }
}
