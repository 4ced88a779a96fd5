//! `[[ring_group]]`, `[[queue]]`, `[[room]]`, `[[menu]]` and `[[schedule]]`.

use super::refer::Refers;
use super::system::{RING_SECONDS_MAX, seconds};
use super::{Reader, filled, music, pin, plain};
use crate::document::{Fields, Found};
use model::{
    Announce, CivilDate, Digit, Duration, Menu, Number, OpenHours, Queue, QueueStrategy, RingGroup,
    RingStrategy, Room, Schedule,
};
use std::collections::BTreeMap;
use std::num::NonZeroU32;

impl<'r> Reader<'r> {
    pub(super) fn ring_groups(&mut self, root: &Fields<'r>) {
        let groups = self.numbered(root, "ring_group", |reader, fields, number| {
            let strategies = [("all", RingStrategy::All), ("linear", RingStrategy::Linear)];
            let strategy = fields.choice("strategy", &strategies);
            Some(RingGroup {
                number,
                name: name(fields),
                members: reader.numbers_referred(fields, "members", Refers::Extension),
                strategy: strategy.map_or(RingStrategy::All, |strategy| strategy.value),
                ring_time: time(fields, "ring_seconds", 1..=RING_SECONDS_MAX, 30),
                then: reader.number_referred(fields, "then", Refers::Inside),
            })
        });
        if let Some(groups) = groups {
            self.directory.ring_groups = groups;
        }
    }

    pub(super) fn queues(&mut self, root: &Fields<'r>) {
        let queues = self.numbered(root, "queue", |reader, fields, number| {
            let strategies = [
                ("ring-all", QueueStrategy::RingAll),
                ("round-robin", QueueStrategy::RoundRobin),
                ("least-recent", QueueStrategy::LeastRecent),
                ("fewest-calls", QueueStrategy::FewestCalls),
                ("random", QueueStrategy::Random),
                ("linear", QueueStrategy::Linear),
            ];
            let strategy = fields.choice("strategy", &strategies);
            let some = |duration: Duration| (duration > Duration::ZERO).then_some(duration);
            let mailbox = reader.number_referred(fields, "mailbox", Refers::Extension);
            let exit_key = reader.exit_key(fields, mailbox);
            let weight = fields.whole("weight", 0..=u32::from(u16::MAX));
            let announcement = fields.parsed("announcement", plain);
            Some(Queue {
                number,
                name: name(fields),
                strategy: strategy.map_or(QueueStrategy::RingAll, |strategy| strategy.value),
                static_agents: reader.numbers_referred(fields, "static_agents", Refers::Extension),
                dynamic_agents: reader.numbers_referred(
                    fields,
                    "dynamic_agents",
                    Refers::Extension,
                ),
                agent_ring_time: time(fields, "agent_ring_seconds", 1..=RING_SECONDS_MAX, 15),
                retry: time(fields, "retry_seconds", 0..=RING_SECONDS_MAX, 5),
                wrap_up: time(fields, "wrap_up_seconds", 0..=DAY_SECONDS, 0),
                max_wait: some(time(fields, "max_wait_seconds", 0..=DAY_SECONDS, 0)),
                max_callers: most(fields, "max_callers"),
                announce_position: fields.flag("announce_position").unwrap_or(true),
                announce_every: some(time(fields, "announce_every_seconds", 0..=DAY_SECONDS, 30)),
                announce_wait: fields.flag("announce_wait").unwrap_or(true),
                announcement: announcement.map(|found| found.value).unwrap_or_default(),
                then: reader.number_referred(fields, "then", Refers::Inside),
                weight: weight.map_or(0, |found| u16::try_from(found.value).unwrap_or(u16::MAX)),
                join_empty: fields.flag("join_empty").unwrap_or(true),
                leave_empty: fields.flag("leave_empty").unwrap_or(false),
                exit_key,
                exit_to: reader.number_referred(fields, "exit_to", Refers::Inside),
                mailbox,
                service_level: time(fields, "service_level_seconds", 1..=DAY_SECONDS, 60),
                music: fields
                    .parsed_or_empty("music", music)
                    .and_then(|found| found.value),
            })
        });
        if let Some(queues) = queues {
            self.directory.queues = queues;
        }
    }

    /// The key that ends the waiting; 1 leaves a message where there is a mailbox for that.
    fn exit_key(&self, fields: &Fields<'r>, mailbox: Option<Number>) -> Option<Digit> {
        let found = fields.parsed_or_empty("exit_key", telephone_key)?;
        let leaves_message = mailbox.and_then(|_| Digit::parse('1'));
        if found.value.is_some() && found.value == leaves_message {
            let message = "`queue.exit_key` is the key for leaving a message; use another one";
            self.report.add(found.place, message);
        }
        found.value
    }

    pub(super) fn rooms(&mut self, root: &Fields<'r>) {
        let mut known_pins = BTreeMap::new();
        let rooms = self.numbered(root, "room", |reader, fields, number| {
            let known = reader.base.directory.rooms.get(&number);
            let announces = [("tones", Announce::Tones), ("none", Announce::None)];
            let announce = fields.choice("announce", &announces);
            let admin_pin = reader.room_pin(fields, "admin_pin");
            let user_pin = reader.room_pin(fields, "user_pin");
            reader.check_room_pins(number, [&admin_pin, &user_pin], &mut known_pins);
            Some(Room {
                number,
                name: name(fields),
                admin_pin: admin_pin
                    .map(|pin| pin.value)
                    .or_else(|| known.map(|room| room.admin_pin.clone()))
                    .unwrap_or_default(),
                user_pin: user_pin
                    .map(|pin| pin.value)
                    .or_else(|| known.map(|room| room.user_pin.clone()))
                    .unwrap_or_default(),
                max_members: most(fields, "max_members"),
                record: fields.flag("record").unwrap_or(false),
                wait_for_admin: fields.flag("wait_for_admin").unwrap_or(false),
                end_with_admin: fields.flag("end_with_admin").unwrap_or(false),
                announce: announce.map_or_else(Announce::default, |found| found.value),
                music: fields
                    .parsed_or_empty("music", music)
                    .and_then(|found| found.value),
            })
        });
        if let Some(rooms) = rooms {
            self.directory.rooms = rooms;
        }
    }

    /// Reports a room whose PINs are the same (CO-01), and warns of PINs that open several rooms (CO-08).
    fn check_room_pins(
        &self,
        number: Number,
        pins: [&Option<Found<String>>; 2],
        known: &mut BTreeMap<String, Number>,
    ) {
        if let [Some(admin), Some(user)] = pins
            && admin.value == user.value
            && !user.value.is_empty()
        {
            let message = "`room.user_pin` is the administrator's; give members another one";
            return self.report.add(user.place.clone(), message);
        }
        for pin in pins.into_iter().flatten() {
            if pin.value.is_empty() {
                continue;
            }
            if let Some(other) = known.insert(pin.value.clone(), number) {
                self.report.warn(
                    pin.place.clone(),
                    format!("this PIN also opens room {other}: `*0` takes the one with fewer people in it"),
                );
            }
        }
    }

    fn room_pin(&self, fields: &Fields<'r>, key: &'static str) -> Option<Found<String>> {
        let Found { value, place } = fields.secret(key, self.from)?;
        match pin(&value) {
            Ok(value) => Some(Found { value, place }),
            Err(message) => {
                self.report.add(place, format!("`room.{key}` {message}"));
                None
            }
        }
    }

    pub(super) fn menus(&mut self, root: &Fields<'r>) {
        let menus = self.numbered(root, "menu", |reader, fields, number| {
            let greeting = fields.parsed("greeting", filled);
            let tries = fields.whole("tries", 1..=10);
            Some(Menu {
                number,
                name: name(fields),
                greeting: greeting.map_or_else(|| String::from("welcome"), |found| found.value),
                direct_dial: fields.flag("direct_dial").unwrap_or(true),
                timeout: time(fields, "timeout_seconds", 1..=120, 10),
                tries: tries.map_or(3, |tries| u8::try_from(tries.value).unwrap_or(3)),
                then: reader.number_referred(fields, "then", Refers::Inside),
                keys: reader.menu_keys(fields),
            })
        });
        if let Some(menus) = menus {
            self.directory.menus = menus;
        }
    }

    fn menu_keys(&mut self, fields: &Fields<'r>) -> BTreeMap<Digit, Number> {
        let mut keys = BTreeMap::new();
        for (key, to) in fields.text_map("keys").unwrap_or_default() {
            let digit = telephone_key(&key.value).ok();
            let number = crate::document::dialled(&to.value);
            match (digit, number) {
                (Some(digit), Ok(number)) => {
                    self.refer(Refers::Inside, &to.map(|_| number));
                    keys.insert(digit, number);
                }
                (None, _) => {
                    let message = format!("{:?} is no key of a telephone; use 0-9 * #", key.value);
                    self.report.add(key.place, message);
                }
                (_, Err(message)) => {
                    self.report
                        .add(to.place, format!("`menu.keys.{}` {message}", key.value));
                }
            }
        }
        keys
    }

    pub(super) fn schedules(&mut self, root: &Fields<'r>) {
        let schedules = self.numbered(root, "schedule", |reader, fields, number| {
            let open = fields.parsed_list("open", hours);
            let closed = fields.parsed_list("closed_dates", |text| {
                CivilDate::parse(text).ok_or_else(|| {
                    format!("is {text:?}; it must be a day of the calendar such as \"2026-10-01\"")
                })
            });
            Some(Schedule {
                number,
                name: name(fields),
                open: values(open),
                closed_dates: values(closed).into_iter().collect(),
                when_open: reader.number_referred(fields, "when_open", Refers::Inside),
                when_closed: reader.number_referred(fields, "when_closed", Refers::Inside),
            })
        });
        if let Some(schedules) = schedules {
            self.directory.schedules = schedules;
        }
    }
}

/// Reads a key of a telephone.
fn telephone_key(text: &str) -> Result<Digit, String> {
    let mut letters = text.chars();
    match (letters.next().and_then(Digit::parse), letters.next()) {
        (Some(digit), None) => Ok(digit),
        _ => Err(format!("{text:?} is no key of a telephone; use 0-9 * #")),
    }
}

/// Reads opening hours.
pub(super) fn hours(text: &str) -> Result<OpenHours, String> {
    OpenHours::parse(text)
        .ok_or_else(|| format!("is {text:?}; it must be such as \"mon-fri 09:00-18:00\""))
}

fn name(fields: &Fields<'_>) -> String {
    let name = fields.parsed("name", plain);
    name.map(|name| name.value).unwrap_or_default()
}

fn time(
    fields: &Fields<'_>,
    key: &'static str,
    limits: std::ops::RangeInclusive<u32>,
    default: u32,
) -> Duration {
    let found = fields.whole(key, limits);
    seconds(found.map_or(default, |found| found.value))
}

/// A limit, of which 0 is none.
fn most(fields: &Fields<'_>, key: &'static str) -> Option<NonZeroU32> {
    let found = fields.whole(key, 0..=MEMBERS_MAX)?;
    NonZeroU32::new(found.value)
}

pub(super) fn values<T>(found: Option<Vec<Found<T>>>) -> Vec<T> {
    let found = found.unwrap_or_default().into_iter();
    found.map(|found| found.value).collect()
}

const DAY_SECONDS: u32 = 86_400;
/// The most members of a room and callers of a queue.
const MEMBERS_MAX: u32 = 10_000;
