//! References from one object of the file to another.

use super::Reader;
use crate::document::{Place, nearest};
use model::{Directory, Number};
use std::collections::{BTreeMap, BTreeSet};
use switch::codes::Code;

/// What must exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Refers {
    /// A department, by name.
    Department,
    /// An extension, by number.
    Extension,
    /// Anything that can be dialled inside, by number.
    Inside,
    /// A trunk, by name.
    Trunk,
    /// An outbound route, by name; `*` is all.
    Route,
}

/// A reference and where it stands.
#[derive(Debug)]
pub(super) struct Referred {
    pub(super) to: Refers,
    pub(super) name: String,
    pub(super) place: Place,
}

impl Reader<'_> {
    /// Reports every reference to something that is neither in the file nor in force.
    pub(super) fn check_references(&self) {
        let is_part =
            self.base.directory.extensions.is_empty() && self.directory.extensions.is_empty();
        if is_part {
            return;
        }
        let mut kinds = BTreeMap::new();
        for referred in &self.refers {
            let (what, known) = kinds
                .entry(referred.to)
                .or_insert_with(|| known(&self.directory, referred.to));
            if known.contains(&referred.name) {
                continue;
            }
            let remedy = match nearest(&referred.name, known.iter().map(String::as_str)) {
                Some(near) => format!("did you mean {near:?}? Otherwise add it"),
                None => String::from("add it, or remove the reference"),
            };
            self.report.add(
                referred.place.clone(),
                format!("there is no {what} {:?}; {remedy}", referred.name),
            );
        }
    }
}

/// The numbers that lead straight to a mailbox (VM-14).
fn mailboxes(directory: &Directory) -> Vec<String> {
    let code = Code::VoicemailDirect
        .row()
        .dialled(&directory.feature_codes);
    let owners = directory
        .extensions
        .values()
        .filter(|owner| owner.voicemail);
    let code = code.into_iter();
    code.flat_map(|code| {
        owners
            .clone()
            .map(move |owner| format!("{code}{}", owner.number))
    })
    .collect()
}

fn known(directory: &Directory, to: Refers) -> (&'static str, BTreeSet<String>) {
    let texts =
        |numbers: &mut dyn Iterator<Item = &Number>| numbers.map(Number::to_string).collect();
    match to {
        Refers::Department => (
            "department",
            directory.departments.keys().cloned().collect(),
        ),
        Refers::Extension => ("extension", texts(&mut directory.extensions.keys())),
        Refers::Trunk => ("trunk", directory.trunks.keys().cloned().collect()),
        Refers::Route => {
            let names = directory
                .outbound_routes
                .iter()
                .map(|route| route.name.clone());
            let all = std::iter::once(String::from("*"));
            ("outbound route", all.chain(names).collect())
        }
        Refers::Inside => {
            let numbers = directory
                .extensions
                .keys()
                .chain(directory.ring_groups.keys())
                .chain(directory.queues.keys())
                .chain(directory.rooms.keys())
                .chain(directory.menus.keys())
                .chain(directory.schedules.keys());
            let mut numbers: BTreeSet<_> = texts(&mut { numbers });
            numbers.extend(mailboxes(directory));
            ("internal number", numbers)
        }
    }
}
