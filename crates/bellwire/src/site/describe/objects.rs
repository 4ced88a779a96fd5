//! Each object as a table.

use super::{Table, TableKind, Value, quoted};
use model::{
    Announce, BlacklistScope, Blacklisted, CodecName, Contact, Department, Dtmf, Extension,
    InboundRoute, Language, Mail, MailSecurity, Menu, OutboundRoute, Parking, Queue, QueueStrategy,
    RecordPolicy, RecordingFormat, RingGroup, RingStrategy, Role, Room, Schedule, SrtpPolicy,
    System, TlsTrust, Trunk, TrunkHealth, TrunkKind, TrunkMedia, TrunkTransport, User,
};
use std::collections::BTreeMap;
use switch::codes::CODES;

pub(super) fn system(system: &System) -> Table {
    Table::single("system")
        .key("name", &system.name)
        .key("language", language(Some(system.language)))
        .key("timezone", &system.timezone)
        .key("country", &system.country)
        .key("portal", &system.portal)
        .key("ring_seconds", &system.ring_time)
        .key("operator", &system.operator)
        .unless("[]", "codecs", &codecs(&system.codecs))
        .unless("", "music", &system.music)
        .key("outbound_call_features", &system.outbound_call_features)
        .key(
            "blacklist_scope",
            match system.blacklist_scope {
                BlacklistScope::System => "system",
                BlacklistScope::Extension => "extension",
            },
        )
        .key("block_anonymous", &system.block_anonymous)
        .unless("[]", "abroad", &system.abroad)
        .unless("10", "outside_calls_max", &system.outside_calls_max)
        .unless(
            "60",
            "outside_calls_a_minute",
            &system.outside_calls_a_minute,
        )
        .key(
            "recording_format",
            match system.recording_format {
                RecordingFormat::Wav => "wav",
                RecordingFormat::Opus => "opus",
            },
        )
}

pub(super) fn mail(mail: &Mail) -> Table {
    let security = match mail.security {
        MailSecurity::None => "none",
        MailSecurity::StartTls => "starttls",
        MailSecurity::Tls => "tls",
    };
    Table::single("smtp")
        .key("host", &mail.host)
        .key("port", &mail.port)
        .key("user", &mail.user)
        .secret("password", &mail.password.0)
        .key("from", &mail.from)
        .key("security", security)
}

pub(super) fn parking(parking: &Parking) -> Table {
    Table::single("parking")
        .key("slots", &format!("{}-{}", parking.first, parking.last))
        .key("seconds", &parking.wait)
        .key("recall_seconds", &parking.recall)
}

pub(super) fn feature_codes(codes: &BTreeMap<String, String>) -> Table {
    let mut table = Table::single("feature_codes");
    for row in CODES {
        if let Some(code) = codes.get(row.name) {
            table = table.key(row.name, code);
        }
    }
    table
}

pub(super) fn user(user: &User) -> Table {
    let role = match user.role {
        Role::Admin => "admin",
        Role::Operator => "operator",
    };
    Table::listed("user", &user.name)
        .key("name", &user.name)
        .key("role", role)
        .secret("password", &user.password)
}

pub(super) fn department(department: &Department) -> Table {
    Table::listed("department", &department.name).key("name", &department.name)
}

pub(super) fn extension(extension: &Extension) -> Table {
    let record = match extension.record {
        RecordPolicy::Off => "off",
        RecordPolicy::All => "all",
        RecordPolicy::Internal => "internal",
        RecordPolicy::Outside => "outside",
    };
    let srtp = match extension.srtp {
        SrtpPolicy::Off => "off",
        SrtpPolicy::Allowed => "allowed",
        SrtpPolicy::Required => "required",
    };
    let number = &extension.number;
    Table::listed("extension", number)
        .key("number", number)
        .unless(number.as_str(), "name", extension.name.as_str())
        .secret("password", "…")
        .unless("[]", "departments", &extension.departments)
        .unless("", "email", extension.email.as_str())
        .unless("", "language", language(extension.language))
        .unless("true", "portal", &extension.portal)
        .unless("true", "voicemail", &extension.voicemail)
        .unless("1234", "voicemail_pin", extension.voicemail_pin.as_str())
        .unless(
            "false",
            "voicemail_mail_only",
            &extension.voicemail_mail_only,
        )
        .unless("0", "ring_seconds", &extension.ring_time)
        .unless("false", "call_waiting", &extension.call_waiting)
        .unless("5", "max_contacts", &extension.max_contacts)
        .unless("[\"*\"]", "outbound_routes", &extension.outbound_routes)
        .unless("", "caller_id", &extension.caller_id)
        .unless("false", "may_monitor", &extension.may_monitor)
        .unless("false", "may_be_monitored", &extension.may_be_monitored)
        .unless("true", "may_record", &extension.may_record)
        .unless("off", "record", record)
        .unless("[]", "codecs", &codecs(&extension.codecs))
        .unless("auto", "dtmf", dtmf(extension.dtmf))
        .unless("allowed", "srtp", srtp)
        .unless("", "music", &extension.music)
}

fn codecs(codecs: &[CodecName]) -> Vec<String> {
    let name = |codec: &CodecName| match codec {
        CodecName::Opus => "opus",
        CodecName::G722 => "g722",
        CodecName::Pcma => "pcma",
        CodecName::Pcmu => "pcmu",
        CodecName::L16 => "l16",
        CodecName::Other => "other",
    };
    codecs.iter().map(|codec| name(codec).to_owned()).collect()
}

const fn dtmf(dtmf: Dtmf) -> &'static str {
    match dtmf {
        Dtmf::Auto => "auto",
        Dtmf::Rfc4733 => "rfc4733",
        Dtmf::Info => "info",
        Dtmf::Inband => "inband",
    }
}

pub(super) fn trunk(trunk: &Trunk) -> Table {
    let kind = match trunk.kind {
        TrunkKind::Peer => "peer",
        TrunkKind::Register => "register",
    };
    let transport = match trunk.transport {
        TrunkTransport::Udp => "udp",
        TrunkTransport::Tcp => "tcp",
        TrunkTransport::Tls => "tls",
        TrunkTransport::Auto => "auto",
    };
    let media = match trunk.media {
        TrunkMedia::Rtp => "rtp",
        TrunkMedia::Srtp => "srtp",
    };
    let health = match trunk.health {
        TrunkHealth::Options => "options",
        TrunkHealth::None => "none",
    };
    let tls_trust = match &trunk.tls_trust {
        TlsTrust::System => "system",
        TlsTrust::Anyone => "anyone",
        TlsTrust::File(path) => path,
    };
    Table::listed("trunk", &trunk.name)
        .key("name", &trunk.name)
        .key("kind", kind)
        .key("host", &trunk.host)
        .key("port", &trunk.port)
        .key("transport", transport)
        .unless("", "username", trunk.username.as_str())
        .secret("password", &trunk.password.0)
        .unless("", "from_domain", trunk.from_domain.as_str())
        .unless("[]", "numbers", &trunk.numbers)
        .unless("0", "max_calls", &trunk.max_calls)
        .unless("rtp", "media", media)
        .unless("true", "t38", &trunk.t38)
        .unless("[]", "codecs", &codecs(&trunk.codecs))
        .unless("auto", "dtmf", dtmf(trunk.dtmf))
        .unless("false", "authenticate_inbound", &trunk.authenticate_inbound)
        .unless("options", "health", health)
        .unless("system", "tls_trust", tls_trust)
}

pub(super) fn outbound_route(route: &OutboundRoute) -> Table {
    Table::listed("outbound_route", &route.name)
        .key("name", &route.name)
        .unless("", "prefix", route.prefix.as_str())
        .unless("0", "strip", &route.strip)
        .unless("", "prepend", route.prepend.as_str())
        .unless("", "pattern", route.pattern.as_str())
        .key("trunks", &route.trunks)
        .unless("false", "emergency", &route.emergency)
        .unless("[]", "open", &written(&route.open))
        .unless("0", "max_minutes", &route.max_minutes)
}

pub(super) fn inbound_route(route: &InboundRoute) -> Table {
    let called = route.number.as_ref().map_or("any number", |number| number);
    let name = match route.caller.as_str() {
        "" => format!("{} {called}", route.trunk),
        caller => format!("{} {called} from {caller}", route.trunk),
    };
    Table::listed("inbound_route", &name)
        .key("trunk", &route.trunk)
        .unless("", "number", &route.number)
        .unless("", "caller", route.caller.as_str())
        .key("to", &route.to.to_string())
}

pub(super) fn ring_group(group: &RingGroup) -> Table {
    let strategy = match group.strategy {
        RingStrategy::All => "all",
        RingStrategy::Linear => "linear",
    };
    Table::listed("ring_group", &group.number)
        .key("number", &group.number)
        .unless("", "name", group.name.as_str())
        .key("members", &group.members)
        .unless("all", "strategy", strategy)
        .unless("30", "ring_seconds", &group.ring_time)
        .unless("", "then", &group.then)
}

pub(super) fn queue(queue: &Queue) -> Table {
    let strategy = match queue.strategy {
        QueueStrategy::RingAll => "ring-all",
        QueueStrategy::RoundRobin => "round-robin",
        QueueStrategy::LeastRecent => "least-recent",
        QueueStrategy::FewestCalls => "fewest-calls",
        QueueStrategy::Random => "random",
        QueueStrategy::Linear => "linear",
    };
    Table::listed("queue", &queue.number)
        .key("number", &queue.number)
        .unless("", "name", queue.name.as_str())
        .unless("ring-all", "strategy", strategy)
        .unless("[]", "static_agents", &queue.static_agents)
        .unless("[]", "dynamic_agents", &queue.dynamic_agents)
        .unless("15", "agent_ring_seconds", &queue.agent_ring_time)
        .unless("5", "retry_seconds", &queue.retry)
        .unless("0", "wrap_up_seconds", &queue.wrap_up)
        .unless("0", "max_wait_seconds", &queue.max_wait)
        .unless("0", "max_callers", &queue.max_callers)
        .unless("true", "announce_position", &queue.announce_position)
        .unless("30", "announce_every_seconds", &queue.announce_every)
        .unless("true", "announce_wait", &queue.announce_wait)
        .unless("", "announcement", queue.announcement.as_str())
        .unless("", "then", &queue.then)
        .unless("0", "weight", &queue.weight)
        .unless("true", "join_empty", &queue.join_empty)
        .unless("false", "leave_empty", &queue.leave_empty)
        .unless("", "exit_key", &queue.exit_key)
        .unless("", "exit_to", &queue.exit_to)
        .unless("", "mailbox", &queue.mailbox)
        .unless("60", "service_level_seconds", &queue.service_level)
        .unless("", "music", &queue.music)
}

pub(super) fn room(room: &Room) -> Table {
    let announce = match room.announce {
        Announce::Tones => "tones",
        Announce::None => "none",
    };
    Table::listed("room", &room.number)
        .key("number", &room.number)
        .unless("", "name", room.name.as_str())
        .unless("", "admin_pin", room.admin_pin.as_str())
        .unless("", "user_pin", room.user_pin.as_str())
        .unless("0", "max_members", &room.max_members)
        .unless("false", "record", &room.record)
        .unless("false", "wait_for_admin", &room.wait_for_admin)
        .unless("false", "end_with_admin", &room.end_with_admin)
        .unless("tones", "announce", announce)
        .unless("", "music", &room.music)
}

pub(super) fn menu(menu: &Menu) -> Table {
    Table::listed("menu", &menu.number)
        .key("number", &menu.number)
        .unless("", "name", menu.name.as_str())
        .key("greeting", &menu.greeting)
        .unless("true", "direct_dial", &menu.direct_dial)
        .unless("10", "timeout_seconds", &menu.timeout)
        .unless("3", "tries", &menu.tries)
        .unless("", "then", &menu.then)
        .unless("{  }", "keys", &menu.keys)
}

pub(super) fn schedule(schedule: &Schedule) -> Table {
    let closed = written(&schedule.closed_dates);
    Table::listed("schedule", &schedule.number)
        .key("number", &schedule.number)
        .unless("", "name", schedule.name.as_str())
        .key("open", &written(&schedule.open))
        .unless("[]", "closed_dates", &closed)
        .unless("", "when_open", &schedule.when_open)
        .unless("", "when_closed", &schedule.when_closed)
}

fn written<T: ToString>(values: impl IntoIterator<Item = T>) -> Vec<String> {
    values.into_iter().map(|value| value.to_string()).collect()
}

pub(super) fn contact(contact: &Contact) -> Table {
    Table::listed("contact", &contact.name)
        .key("name", &contact.name)
        .unless("", "phone", &contact.phone)
        .unless("", "email", contact.email.as_str())
        .unless("", "company", contact.company.as_str())
}

pub(super) fn blacklisted(listed: &Blacklisted) -> Table {
    Table::listed("blacklist", &listed.number)
        .key("number", &listed.number)
        .unless("", "note", listed.note.as_str())
}

fn language(language: Option<Language>) -> &'static str {
    match language {
        None => "",
        Some(Language::Chinese) => "zh-CN",
        Some(Language::English) => "en",
    }
}

impl Table {
    fn single(list: &'static str) -> Self {
        Self {
            list,
            kind: TableKind::Single,
            name: String::new(),
            keys: Vec::new(),
            secrets: Vec::new(),
        }
    }

    fn listed(list: &'static str, name: &str) -> Self {
        Self {
            kind: TableKind::Listed,
            name: name.to_owned(),
            ..Self::single(list)
        }
    }

    fn key(mut self, key: &'static str, value: &(impl Value + ?Sized)) -> Self {
        self.keys.push((key, value.toml()));
        self
    }

    /// Leaves a key out that has its default, given as text or as TOML.
    fn unless(self, default: &str, key: &'static str, value: &(impl Value + ?Sized)) -> Self {
        let toml = value.toml();
        if toml == default || toml == quoted(default) {
            return self;
        }
        self.key(key, value)
    }

    /// Says that there is a secret, without saying it.
    fn secret(mut self, key: &'static str, secret: &str) -> Self {
        if !secret.is_empty() {
            self.secrets.push(key);
        }
        self
    }
}
