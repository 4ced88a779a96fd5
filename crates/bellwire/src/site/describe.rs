//! The configuration as a site file would say it.

mod objects;
mod value;

use model::Site;
pub(super) use value::{Value, quoted};

/// One table of a site file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Table {
    /// Its name: `system`, `extension`.
    pub(crate) list: &'static str,
    /// Whether it is one of many.
    pub(crate) kind: TableKind,
    /// What tells it from the others of its list.
    pub(crate) name: String,
    /// Its keys in the order of the documentation.
    pub(crate) keys: Vec<(&'static str, String)>,
    /// Secrets that are not shown: their names and whether there is one.
    pub(crate) secrets: Vec<&'static str>,
}

/// How often a table stands in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TableKind {
    /// `[system]`.
    Single,
    /// `[[extension]]`.
    Listed,
}

/// The whole configuration. Keys of listed tables that have their default value are left out.
pub(crate) fn describe(site: &Site) -> Vec<Table> {
    let directory = &site.directory;
    let mut tables = vec![
        objects::system(&directory.system),
        objects::mail(&site.mail),
        objects::parking(&directory.parking),
        objects::feature_codes(&directory.feature_codes),
    ];
    tables.extend(site.users.values().map(|user| objects::user(user)));
    tables.extend(
        directory
            .departments
            .values()
            .map(|department| objects::department(department)),
    );
    tables.extend(
        directory
            .extensions
            .values()
            .map(|extension| objects::extension(extension)),
    );
    tables.extend(directory.trunks.values().map(|trunk| objects::trunk(trunk)));
    tables.extend(
        directory
            .outbound_routes
            .iter()
            .map(|route| objects::outbound_route(route)),
    );
    tables.extend(
        directory
            .inbound_routes
            .iter()
            .map(|route| objects::inbound_route(route)),
    );
    tables.extend(
        directory
            .ring_groups
            .values()
            .map(|group| objects::ring_group(group)),
    );
    tables.extend(directory.queues.values().map(|queue| objects::queue(queue)));
    tables.extend(directory.rooms.values().map(|room| objects::room(room)));
    tables.extend(directory.menus.values().map(|menu| objects::menu(menu)));
    tables.extend(
        directory
            .schedules
            .values()
            .map(|schedule| objects::schedule(schedule)),
    );
    tables.extend(
        directory
            .contacts
            .iter()
            .map(|contact| objects::contact(contact)),
    );
    tables.extend(
        directory
            .blacklist
            .values()
            .map(|listed| objects::blacklisted(listed)),
    );
    tables
}
