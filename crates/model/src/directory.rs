//! The site's configuration as the switch and the edge read it.

mod agent;
mod codec;
mod dtmf;
mod extension;
mod forward;
mod group;
mod people;
mod route;
mod system;
mod trunk;

pub use agent::{AgentRefusal, AgentWish};
pub use codec::CodecName;
pub use dtmf::Dtmf;
pub use extension::{Department, Extension, RecordPolicy, Secret, SrtpPolicy};
pub use forward::{FollowMe, FollowStep, ForwardWhen, Forwarding};
pub use group::{
    Agent, Announce, CivilDate, Menu, OpenHours, Queue, QueueStrategy, RingGroup, RingStrategy,
    Room, RoomRole, Schedule, Weekday,
};
pub use people::{Blacklisted, Contact, Mail, MailSecurity, Password, Role, User};
pub use route::{Destination, InboundRoute, OutboundRoute};
pub use system::{BlacklistScope, Language, Parking, System};
pub use trunk::{TlsTrust, Trunk, TrunkHealth, TrunkKind, TrunkMedia, TrunkTransport};

use crate::{Duration, MusicName, Number, Sound, WakeUp, WakeUpId};
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Everything that is configured, swapped whole. A call never waits for the database.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Directory {
    /// Settings of the whole site.
    pub system: System,
    /// Departments by name.
    pub departments: BTreeMap<String, Arc<Department>>,
    /// Extensions by number.
    pub extensions: BTreeMap<Number, Arc<Extension>>,
    /// Where calls wait that somebody put down for another to take up.
    #[serde(default)]
    pub parking: Parking,
    /// The feature codes that differ from their defaults, by name; an empty text switches one off.
    #[serde(default)]
    pub feature_codes: BTreeMap<String, String>,
    /// Lines to the outside by name.
    #[serde(default)]
    pub trunks: BTreeMap<String, Arc<Trunk>>,
    /// Ways out, tried in this order.
    #[serde(default)]
    pub outbound_routes: Vec<Arc<OutboundRoute>>,
    /// Ways in, tried in this order.
    #[serde(default)]
    pub inbound_routes: Vec<Arc<InboundRoute>>,
    /// Ring groups by number.
    #[serde(default)]
    pub ring_groups: BTreeMap<Number, Arc<RingGroup>>,
    /// Queues by number.
    #[serde(default)]
    pub queues: BTreeMap<Number, Arc<Queue>>,
    /// Conference rooms by number.
    #[serde(default)]
    pub rooms: BTreeMap<Number, Arc<Room>>,
    /// Spoken menus by number.
    #[serde(default)]
    pub menus: BTreeMap<Number, Arc<Menu>>,
    /// Opening hours by number.
    #[serde(default)]
    pub schedules: BTreeMap<Number, Arc<Schedule>>,
    /// The company phone book.
    #[serde(default)]
    pub contacts: Vec<Arc<Contact>>,
    /// Callers from outside that are refused.
    #[serde(default)]
    pub blacklist: BTreeMap<Number, Arc<Blacklisted>>,
    /// Which agents take calls of queues, by extension; who is not in it is logged in nowhere and not paused.
    #[serde(default)]
    pub agents: BTreeMap<Number, Arc<Agent>>,
    /// The wake-up calls that are booked.
    #[serde(default)]
    pub wake_ups: BTreeMap<WakeUpId, Arc<WakeUp>>,
}

impl Directory {
    /// The extension of that number.
    #[must_use]
    pub fn extension(&self, number: &Number) -> Option<&Extension> {
        self.extensions.get(number).map(|extension| &**extension)
    }

    /// What a number inside is called; empty when it has no name.
    #[must_use]
    pub fn name_of(&self, number: &Number) -> &str {
        let extension = self.extension(number).map(|extension| &extension.name);
        let group = || self.ring_groups.get(number).map(|group| &group.name);
        let queue = || self.queues.get(number).map(|queue| &queue.name);
        let room = || self.rooms.get(number).map(|room| &room.name);
        let menu = || self.menus.get(number).map(|menu| &menu.name);
        let schedule = || self.schedules.get(number).map(|schedule| &schedule.name);
        let name = extension.or_else(group).or_else(queue).or_else(room);
        let name = name.or_else(menu).or_else(schedule);
        name.map(String::as_str).unwrap_or_default()
    }

    /// The language in which an extension is spoken to (FC-06).
    #[must_use]
    pub fn language(&self, number: Option<&Number>) -> Language {
        number
            .and_then(|number| self.extension(number))
            .and_then(|extension| extension.language)
            .unwrap_or(self.system.language)
    }

    /// The music of somebody's choice, else the system's, else what is built in.
    #[must_use]
    pub fn music(&self, chosen: Option<&MusicName>) -> Sound {
        let chosen = chosen.or(self.system.music.as_ref());
        chosen.map_or(Sound::Music, |name| Sound::MusicOf(name.clone()))
    }

    /// Whether a number is one for emergencies, which goes out whatever stands in its way (SI-12). A number inside
    /// that is the same goes first.
    #[must_use]
    pub fn is_emergency(&self, number: &str) -> bool {
        EMERGENCY.contains(&number)
            && Number::parse(number).is_ok_and(|number| !self.extensions.contains_key(&number))
    }

    /// Whether a number ends in one for emergencies, as it does behind the prefix of a route.
    #[must_use]
    pub fn ends_in_emergency(&self, number: &str) -> bool {
        EMERGENCY
            .iter()
            .any(|emergency| number.ends_with(emergency))
    }

    /// The wake-up calls of an extension, the next of them first.
    #[must_use]
    pub fn wake_ups_of(&self, extension: &Number) -> Vec<&WakeUp> {
        let all = self.wake_ups.values().map(|wake_up| &**wake_up);
        let mut own: Vec<_> = all.filter(|one| one.extension == *extension).collect();
        own.sort_by_key(|wake_up| (wake_up.at, wake_up.id));
        own
    }

    /// Drops what is kept of extensions that are gone.
    pub fn forget_the_gone(&mut self) {
        let extensions = &self.extensions;
        self.agents
            .retain(|number, _| extensions.contains_key(number));
        self.wake_ups
            .retain(|_, wake_up| extensions.contains_key(&wake_up.extension));
    }

    /// How long an extension rings.
    #[must_use]
    pub fn ring_time(&self, number: &Number) -> Duration {
        self.extension(number)
            .and_then(|extension| extension.ring_time)
            .unwrap_or(self.system.ring_time)
    }
}

/// Police, fire, ambulance and road accidents in China, and the numbers that mobile phones know everywhere.
const EMERGENCY: [&str; 6] = ["110", "119", "120", "122", "112", "911"];

/// The whole configuration: what calls need, and what only the administration needs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Site {
    /// What the switch and the edge read.
    pub directory: Arc<Directory>,
    /// Who administers, by name.
    pub users: BTreeMap<String, Arc<User>>,
    /// How mail is sent.
    pub mail: Mail,
}
