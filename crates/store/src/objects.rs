//! The configuration as rows: one object a row, its secrets apart from its body.

use crate::keep::{Keep, Unopened, from_hex, hex};
use model::{
    Agent, Blacklisted, Contact, Department, Directory, Extension, InboundRoute, Mail, Menu,
    Number, OutboundRoute, Password, Queue, RingGroup, Room, Schedule, Secret, Site, Trunk, User,
    WakeUp,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One object of the configuration as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ObjectRow {
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) position: i64,
    pub(crate) body: String,
    pub(crate) sealed: Option<Vec<u8>>,
}

/// What must be written so that the rows say the new configuration.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ObjectChanges {
    pub(crate) put: Vec<ObjectRow>,
    /// Kind and name.
    pub(crate) removed: Vec<(&'static str, String)>,
}

/// A row that cannot be read back.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BadRow {
    #[error("{kind} {name:?}: {detail}")]
    Unreadable {
        kind: String,
        name: String,
        detail: String,
    },
    #[error("{kind} {name:?} does not open")]
    Sealed { kind: String, name: String },
}

/// Whatever is kept as one row.
trait Object: Serialize + DeserializeOwned + PartialEq {
    const KIND: &'static str;
    /// Its secrets as text, if it has any, and itself without them.
    fn part(&self) -> (Option<String>, Option<Self>) {
        (None, None)
    }
    /// Takes its secrets back.
    fn join(&mut self, _secrets: &str) -> Option<()> {
        None
    }
}

macro_rules! plain {
    ($($object:ty = $kind:literal;)*) => { $(impl Object for $object { const KIND: &'static str = $kind; })* };
}

plain! {
    model::System = "system";
    model::Parking = "parking";
    FeatureCodes = "feature-codes";
    Department = "department";
    User = "user";
    OutboundRoute = "outbound-route";
    InboundRoute = "inbound-route";
    RingGroup = "ring-group";
    Queue = "queue";
    Menu = "menu";
    Schedule = "schedule";
    Contact = "contact";
    Blacklisted = "blacklist";
    AgentRow = "agent";
    WakeUp = "wake-up";
}

#[derive(PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
struct FeatureCodes(BTreeMap<String, String>);

/// An agent together with whose he is.
#[derive(PartialEq, Serialize, Deserialize)]
struct AgentRow {
    extension: Number,
    #[serde(flatten)]
    agent: Agent,
}

fn agents(directory: &Directory) -> BTreeMap<Number, Arc<AgentRow>> {
    let agents = directory.agents.iter();
    let row = |(extension, agent): (&Number, &Arc<Agent>)| AgentRow {
        extension: *extension,
        agent: Agent::clone(agent),
    };
    agents
        .map(|agent| (*agent.0, Arc::new(row(agent))))
        .collect()
}

#[derive(Serialize, Deserialize)]
struct ExtensionSecrets {
    md5: String,
    sha256: String,
    pin: String,
}

impl Object for Extension {
    const KIND: &'static str = "extension";
    fn part(&self) -> (Option<String>, Option<Self>) {
        let secrets = ExtensionSecrets {
            md5: hex(&self.secret.md5),
            sha256: hex(&self.secret.sha256),
            pin: self.voicemail_pin.clone(),
        };
        let bare = Self {
            secret: Secret::NONE,
            voicemail_pin: String::new(),
            ..self.clone()
        };
        (serde_json::to_string(&secrets).ok(), Some(bare))
    }
    fn join(&mut self, secrets: &str) -> Option<()> {
        let secrets: ExtensionSecrets = serde_json::from_str(secrets).ok()?;
        self.secret = Secret {
            md5: from_hex(&secrets.md5)?.try_into().ok()?,
            sha256: from_hex(&secrets.sha256)?.try_into().ok()?,
        };
        self.voicemail_pin = secrets.pin;
        Some(())
    }
}

impl Object for Room {
    const KIND: &'static str = "room";
    fn part(&self) -> (Option<String>, Option<Self>) {
        let pins = serde_json::to_string(&(&self.admin_pin, &self.user_pin)).ok();
        let bare = Self {
            admin_pin: String::new(),
            user_pin: String::new(),
            ..self.clone()
        };
        (pins, Some(bare))
    }
    fn join(&mut self, secrets: &str) -> Option<()> {
        (self.admin_pin, self.user_pin) = serde_json::from_str(secrets).ok()?;
        Some(())
    }
}

impl Object for Trunk {
    const KIND: &'static str = "trunk";
    fn part(&self) -> (Option<String>, Option<Self>) {
        (Some(self.password.0.clone()), None)
    }
    fn join(&mut self, secrets: &str) -> Option<()> {
        self.password = Password(secrets.to_owned());
        Some(())
    }
}

impl Object for Mail {
    const KIND: &'static str = "mail";
    fn part(&self) -> (Option<String>, Option<Self>) {
        (Some(self.password.0.clone()), None)
    }
    fn join(&mut self, secrets: &str) -> Option<()> {
        self.password = Password(secrets.to_owned());
        Some(())
    }
}

/// What must be written to get from one configuration to another.
pub(crate) fn changes(keep: &Keep, old: &Site, new: &Site) -> Result<ObjectChanges, BadRow> {
    let mut found = Collector {
        keep,
        changes: ObjectChanges::default(),
    };
    let (was, is) = (&*old.directory, &*new.directory);
    found.single(&was.system, &is.system)?;
    found.single(&was.parking, &is.parking)?;
    found.single(
        &FeatureCodes(was.feature_codes.clone()),
        &FeatureCodes(is.feature_codes.clone()),
    )?;
    found.single(&old.mail, &new.mail)?;
    found.map(&was.departments, &is.departments)?;
    found.map(&was.extensions, &is.extensions)?;
    found.map(&was.trunks, &is.trunks)?;
    found.list(&was.outbound_routes, &is.outbound_routes)?;
    found.list(&was.inbound_routes, &is.inbound_routes)?;
    found.map(&was.ring_groups, &is.ring_groups)?;
    found.map(&was.queues, &is.queues)?;
    found.map(&was.rooms, &is.rooms)?;
    found.map(&was.menus, &is.menus)?;
    found.map(&was.schedules, &is.schedules)?;
    found.list(&was.contacts, &is.contacts)?;
    found.map(&was.blacklist, &is.blacklist)?;
    found.map(&agents(was), &agents(is))?;
    found.map(&was.wake_ups, &is.wake_ups)?;
    found.map(&old.users, &new.users)?;
    Ok(found.changes)
}

struct Collector<'k> {
    keep: &'k Keep,
    changes: ObjectChanges,
}

impl Collector<'_> {
    fn single<T: Object>(&mut self, old: &T, new: &T) -> Result<(), BadRow> {
        if old == new {
            return Ok(());
        }
        self.put(new, String::new(), 0)
    }

    fn map<K: Ord + ToString, T: Object>(
        &mut self,
        old: &BTreeMap<K, Arc<T>>,
        new: &BTreeMap<K, Arc<T>>,
    ) -> Result<(), BadRow> {
        for (name, object) in new {
            let known = old.get(name);
            if !known.is_some_and(|known| Arc::ptr_eq(known, object) || known == object) {
                self.put(&**object, name.to_string(), 0)?;
            }
        }
        for name in old.keys().filter(|name| !new.contains_key(*name)) {
            self.changes.removed.push((T::KIND, name.to_string()));
        }
        Ok(())
    }

    fn list<T: Object>(&mut self, old: &[Arc<T>], new: &[Arc<T>]) -> Result<(), BadRow> {
        for (place, object) in new.iter().enumerate() {
            let known = old.get(place);
            if !known.is_some_and(|known| Arc::ptr_eq(known, object) || known == object) {
                let position = i64::try_from(place).unwrap_or(i64::MAX);
                self.put(&**object, place.to_string(), position)?;
            }
        }
        for place in new.len()..old.len() {
            self.changes.removed.push((T::KIND, place.to_string()));
        }
        Ok(())
    }

    fn put<T: Object>(&mut self, object: &T, name: String, position: i64) -> Result<(), BadRow> {
        let unreadable = |detail: String| BadRow::Unreadable {
            kind: T::KIND.to_owned(),
            name: name.clone(),
            detail,
        };
        let (secrets, bare) = object.part();
        let body = serde_json::to_string(bare.as_ref().unwrap_or(object))
            .map_err(|error| unreadable(error.to_string()))?;
        let sealed = secrets
            .map(|secrets| self.keep.seal(&seal_name(T::KIND, &name), &secrets))
            .transpose()
            .map_err(|Unopened| unreadable(String::from("its secrets cannot be encrypted")))?;
        self.changes.put.push(ObjectRow {
            kind: T::KIND.to_owned(),
            name,
            position,
            body,
            sealed,
        });
        Ok(())
    }
}

/// Reads the configuration back. Kinds that this version does not know are left alone.
pub(crate) fn site(keep: &Keep, rows: Vec<ObjectRow>) -> Result<Site, BadRow> {
    let mut kinds: BTreeMap<String, Vec<ObjectRow>> = BTreeMap::new();
    for row in rows {
        kinds.entry(row.kind.clone()).or_default().push(row);
    }
    let mut rows = Rows { keep, kinds };
    let directory = Directory {
        system: rows.single()?.unwrap_or_default(),
        parking: rows.single()?.unwrap_or_default(),
        feature_codes: rows
            .single::<FeatureCodes>()?
            .map(|codes| codes.0)
            .unwrap_or_default(),
        departments: rows.map(|department: &Department| department.name.clone())?,
        extensions: rows.map(|extension: &Extension| extension.number)?,
        trunks: rows.map(|trunk: &Trunk| trunk.name.clone())?,
        outbound_routes: rows.list::<OutboundRoute>()?,
        inbound_routes: rows.list::<InboundRoute>()?,
        ring_groups: rows.map(|group: &RingGroup| group.number)?,
        queues: rows.map(|queue: &Queue| queue.number)?,
        rooms: rows.map(|room: &Room| room.number)?,
        menus: rows.map(|menu: &Menu| menu.number)?,
        schedules: rows.map(|schedule: &Schedule| schedule.number)?,
        contacts: {
            // Older versions kept them without ids.
            let mut contacts = rows.objects::<Contact>()?;
            Contact::identify(&mut contacts, &[]);
            contacts.into_iter().map(Arc::new).collect()
        },
        blacklist: rows.map(|listed: &Blacklisted| listed.number)?,
        agents: {
            let agents = rows.objects::<AgentRow>()?.into_iter();
            agents
                .map(|row| (row.extension, Arc::new(row.agent)))
                .collect()
        },
        wake_ups: rows.map(|wake_up: &WakeUp| wake_up.id)?,
    };
    Ok(Site {
        directory: Arc::new(directory),
        users: rows.map(|user: &User| user.name.clone())?,
        mail: rows.single()?.unwrap_or_default(),
    })
}

/// The extensions that a change removes: what else is kept of them goes with them.
pub(crate) fn removed_extensions(old: &Site, new: &Site) -> BTreeSet<Number> {
    let (was, is) = (&old.directory.extensions, &new.directory.extensions);
    was.keys()
        .filter(|number| !is.contains_key(*number))
        .copied()
        .collect()
}

struct Rows<'k> {
    keep: &'k Keep,
    kinds: BTreeMap<String, Vec<ObjectRow>>,
}

impl Rows<'_> {
    fn single<T: Object>(&mut self) -> Result<Option<T>, BadRow> {
        Ok(self.objects()?.into_iter().next())
    }

    fn list<T: Object>(&mut self) -> Result<Vec<Arc<T>>, BadRow> {
        Ok(self.objects()?.into_iter().map(Arc::new).collect())
    }

    fn map<K: Ord, T: Object>(
        &mut self,
        key: impl Fn(&T) -> K,
    ) -> Result<BTreeMap<K, Arc<T>>, BadRow> {
        let objects = self.objects::<T>()?.into_iter();
        Ok(objects
            .map(|object| (key(&object), Arc::new(object)))
            .collect())
    }

    fn objects<T: Object>(&mut self) -> Result<Vec<T>, BadRow> {
        let mut rows = self.kinds.remove(T::KIND).unwrap_or_default();
        rows.sort_by_key(|row| row.position);
        rows.into_iter().map(|row| self.object(row)).collect()
    }

    fn object<T: Object>(&self, row: ObjectRow) -> Result<T, BadRow> {
        let ObjectRow {
            kind, name, body, ..
        } = row;
        let mut object: T = match serde_json::from_str(&body) {
            Ok(object) => object,
            Err(error) => {
                let detail = error.to_string();
                return Err(BadRow::Unreadable { kind, name, detail });
            }
        };
        let Some(sealed) = row.sealed else {
            return Ok(object);
        };
        let opened = self
            .keep
            .open_sealed(&seal_name(&kind, &name), &sealed)
            .ok()
            .and_then(|secrets| object.join(&secrets));
        match opened {
            Some(()) => Ok(object),
            None => Err(BadRow::Sealed { kind, name }),
        }
    }
}

fn seal_name(kind: &str, name: &str) -> String {
    format!("{kind}/{name}")
}
