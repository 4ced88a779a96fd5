//! Any site that can be set up.

use model::{
    Announce, BlacklistScope, Blacklisted, CivilDate, CodecName, Contact, Department, Destination,
    Digit, Directory, Dtmf, Duration, Extension, InboundRoute, Language, Mail, MailSecurity, Menu,
    MusicName, Number, OpenHours, OutboundRoute, Parking, Password, Queue, QueueStrategy,
    RecordPolicy, RecordingFormat, RingGroup, RingStrategy, Role, Room, Schedule, Secret, Site,
    SrtpPolicy, System, TlsTrust, Trunk, TrunkHealth, TrunkKind, TrunkMedia, TrunkTransport, User,
};
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Objects refer only to what is there.
pub(super) fn site() -> impl Strategy<Value = Site> {
    let names = (btree_set(word(), 1..4), btree_set(word(), 1..4));
    let numbers = btree_set(number(), 6..16);
    (names, numbers).prop_flat_map(|((departments, trunks), numbers)| {
        let numbers: Vec<_> = numbers.into_iter().collect();
        let (extensions, others) = numbers.split_at(numbers.len() / 2);
        let lines = (
            trunks_of(trunks.clone()),
            routes(trunks.clone(), &numbers, extensions),
        );
        let inside = (
            system(&numbers),
            people(extensions, departments.clone()),
            groups(others, &numbers, extensions),
        );
        (inside, lines, contacts(), users(), mail()).prop_map(
            move |(
                ((system, parking), extensions, groups),
                (trunks, routes),
                (contacts, blacklist),
                users,
                mail,
            )| {
                let departments = departments.iter().map(|name| {
                    let department = Department { name: name.clone() };
                    (name.clone(), Arc::new(department))
                });
                let directory = Directory {
                    system,
                    parking,
                    departments: departments.collect(),
                    extensions,
                    trunks,
                    outbound_routes: routes.0,
                    inbound_routes: routes.1,
                    contacts,
                    blacklist,
                    feature_codes: BTreeMap::from([(String::from("park"), String::from("*49"))]),
                    ..groups
                };
                Site {
                    directory: Arc::new(directory),
                    users,
                    mail,
                }
            },
        )
    })
}

/// A name: anything printable that does not begin or end in a blank.
fn word() -> impl Strategy<Value = String> {
    let letter = any::<char>().prop_filter("printable", |letter| !letter.is_control());
    vec(letter, 1..12)
        .prop_map(|letters| letters.into_iter().collect::<String>().trim().to_owned())
        .prop_filter("not empty", |name| !name.is_empty())
}

fn number() -> impl Strategy<Value = Number> {
    "[0-9]{4,6}".prop_map(|text| Number::parse(&text).expect("digits"))
}

fn one_of(numbers: &[Number]) -> impl Strategy<Value = Number> + use<> {
    select(numbers.to_vec())
}

fn maybe(numbers: &[Number]) -> impl Strategy<Value = Option<Number>> + use<> {
    option::of(one_of(numbers))
}

fn some_of(numbers: &[Number]) -> impl Strategy<Value = Vec<Number>> + use<> {
    let count = numbers.len();
    subsequence(numbers.to_vec(), 0..=count).prop_shuffle()
}

fn seconds(range: std::ops::Range<u64>) -> impl Strategy<Value = Duration> {
    range.prop_map(Duration::from_secs)
}

fn system(numbers: &[Number]) -> impl Strategy<Value = (System, Parking)> + use<> {
    let flags = any::<[bool; 5]>();
    (
        word(),
        maybe(numbers),
        flags,
        seconds(1..600),
        1_u16..90,
        (0_u16..9, codecs()),
    )
        .prop_map(
            |(
                name,
                operator,
                [portal, features, english, scope, opus],
                ring_time,
                first,
                (more, codecs),
            )| {
                let system = System {
                    name,
                    language: if english {
                        Language::English
                    } else {
                        Language::Chinese
                    },
                    portal,
                    ring_time,
                    operator,
                    codecs,
                    outbound_call_features: features,
                    blacklist_scope: if scope {
                        BlacklistScope::Extension
                    } else {
                        BlacklistScope::System
                    },
                    block_anonymous: opus,
                    abroad: Some(String::from("+44"))
                        .filter(|_| scope)
                        .into_iter()
                        .collect(),
                    outside_calls_max: std::num::NonZeroU32::new(more.into()),
                    outside_calls_a_minute: std::num::NonZeroU32::new(first.into()),
                    recording_format: if opus {
                        RecordingFormat::Opus
                    } else {
                        RecordingFormat::Wav
                    },
                    music: scope.then(|| MusicName::parse("choir").expect("a name")),
                    ..System::default()
                };
                let parking = Parking {
                    first,
                    last: first + more,
                    wait: ring_time + Duration::from_secs(5),
                    ..Parking::default()
                };
                (system, parking)
            },
        )
}

fn people(
    numbers: &[Number],
    departments: BTreeSet<String>,
) -> impl Strategy<Value = BTreeMap<Number, Arc<Extension>>> + use<> {
    let departments: Vec<_> = departments.into_iter().collect();
    let extensions: Vec<_> = numbers
        .iter()
        .map(|number| extension(*number, departments.clone()))
        .collect();
    extensions.prop_map(|extensions| {
        let keyed = |extension: Extension| (extension.number, Arc::new(extension));
        extensions.into_iter().map(keyed).collect()
    })
}

fn extension(number: Number, departments: Vec<String>) -> impl Strategy<Value = Extension> {
    let count = departments.len();
    let words = (word(), subsequence(departments, 0..=count), "[0-9]{0,8}");
    let records = select(vec![
        RecordPolicy::Off,
        RecordPolicy::All,
        RecordPolicy::Internal,
        RecordPolicy::Outside,
    ]);
    let srtp = select(vec![
        SrtpPolicy::Off,
        SrtpPolicy::Allowed,
        SrtpPolicy::Required,
    ]);
    let language = option::of(select(vec![Language::Chinese, Language::English]));
    let rest = (
        option::of(seconds(1..600)),
        1_u8..=20,
        (records, dtmf(), codecs(), srtp),
        language,
        option::of(self::number()),
    );
    (
        words,
        any::<[bool; 7]>(),
        rest,
        any::<([u8; 16], [u8; 32])>(),
    )
        .prop_map(
            move |(
                (name, departments, pin),
                flags,
                (ring_time, most, (record, dtmf, codecs, srtp), language, shown),
                (md5, sha256),
            )| {
                let [
                    portal,
                    voicemail,
                    waiting,
                    monitor,
                    monitored,
                    may_record,
                    disturb,
                ] = flags;
                Extension {
                    departments: departments.into_iter().collect(),
                    email: if portal {
                        String::from("a@b")
                    } else {
                        String::new()
                    },
                    language,
                    portal,
                    voicemail,
                    voicemail_pin: pin,
                    ring_time,
                    call_waiting: waiting,
                    max_contacts: most,
                    outbound_routes: if waiting {
                        BTreeSet::new()
                    } else {
                        BTreeSet::from([String::from("*")])
                    },
                    caller_id: shown,
                    may_monitor: monitor,
                    may_be_monitored: monitored,
                    may_record,
                    record,
                    codecs,
                    dtmf,
                    srtp,
                    voicemail_mail_only: monitor,
                    music: portal.then(|| MusicName::parse("jazz-2").expect("a name")),
                    do_not_disturb: disturb,
                    ..Extension::new(number, &name, Secret { md5, sha256 })
                }
            },
        )
}

fn codecs() -> impl Strategy<Value = Vec<CodecName>> {
    let all = vec![
        CodecName::Opus,
        CodecName::G722,
        CodecName::Pcma,
        CodecName::Pcmu,
        CodecName::L16,
        CodecName::Other,
    ];
    subsequence(all, 0..=6).prop_shuffle()
}

fn dtmf() -> impl Strategy<Value = Dtmf> {
    select(vec![Dtmf::Auto, Dtmf::Rfc4733, Dtmf::Info, Dtmf::Inband])
}

fn trunks_of(names: BTreeSet<String>) -> impl Strategy<Value = BTreeMap<String, Arc<Trunk>>> {
    let trunks: Vec<_> = names.into_iter().map(trunk).collect();
    trunks.prop_map(|trunks| {
        let keyed = |trunk: Trunk| (trunk.name.clone(), Arc::new(trunk));
        trunks.into_iter().map(keyed).collect()
    })
}

fn trunk(name: String) -> impl Strategy<Value = Trunk> {
    let transports = vec![
        TrunkTransport::Udp,
        TrunkTransport::Tcp,
        TrunkTransport::Tls,
        TrunkTransport::Auto,
    ];
    let trusts = vec![
        TlsTrust::System,
        TlsTrust::Anyone,
        TlsTrust::File(String::from("/etc/carrier.pem")),
    ];
    let rest = (
        1_u16..,
        select(transports),
        vec(number(), 0..3),
        0_u32..9,
        (dtmf(), codecs(), select(trusts)),
    );
    (any::<[bool; 5]>(), word(), rest).prop_map(
        move |(
            [registers, srtp, t38, authenticate_inbound, watched],
            word,
            (port, transport, numbers, most, (dtmf, codecs, tls_trust)),
        )| {
            Trunk {
                name: name.clone(),
                kind: if registers {
                    TrunkKind::Register
                } else {
                    TrunkKind::Peer
                },
                host: String::from("sip-1.example.org"),
                port,
                transport,
                username: word.clone(),
                password: Password(word),
                from_domain: String::new(),
                numbers,
                max_calls: std::num::NonZeroU32::new(most),
                media: if srtp {
                    TrunkMedia::Srtp
                } else {
                    TrunkMedia::Rtp
                },
                t38,
                codecs,
                dtmf,
                authenticate_inbound,
                health: if watched {
                    TrunkHealth::Options
                } else {
                    TrunkHealth::None
                },
                tls_trust,
            }
        },
    )
}

type Routes = (Vec<Arc<OutboundRoute>>, Vec<Arc<InboundRoute>>);

fn routes(
    trunks: BTreeSet<String>,
    numbers: &[Number],
    extensions: &[Number],
) -> impl Strategy<Value = Routes> + use<> {
    let trunks: Vec<_> = trunks.into_iter().collect();
    let count = trunks.len();
    let ways_out = (
        subsequence(trunks.clone(), 1..=count),
        "[0-9*+]{0,1}[0-9]{0,3}",
        "[XZN0-9]{0,6}\\.?",
        0_u8..32,
        any::<bool>(),
    )
        .prop_map(|(trunks, prefix, pattern, strip, emergency)| {
            (trunks, prefix, pattern, strip, emergency)
        });
    let to = prop_oneof![
        one_of(numbers).prop_map(Destination::Number),
        one_of(extensions).prop_map(Destination::Fax)
    ];
    let ways_in = (select(trunks), option::of(number()), "[0-9]{0,5}", to).prop_map(
        |(trunk, number, caller, to)| {
            Arc::new(InboundRoute {
                trunk,
                number,
                caller,
                to,
            })
        },
    );
    let ways_out = btree_map(word(), ways_out, 0..3).prop_map(|ways| {
        let route = |(name, (trunks, prefix, pattern, strip, emergency)): (
            String,
            (Vec<String>, String, String, u8, bool),
        )| {
            Arc::new(OutboundRoute {
                name,
                prepend: prefix.clone(),
                prefix,
                strip,
                pattern,
                trunks,
                emergency,
                open: OpenHours::parse("mon-fri 09:00-18:00")
                    .filter(|_| emergency)
                    .into_iter()
                    .collect(),
                max_minutes: std::num::NonZeroU32::new(strip.into()),
            })
        };
        ways.into_iter().map(route).rev().collect()
    });
    (ways_out, vec(ways_in, 0..3))
}

/// A directory that has only groups: the `others` are divided among the kinds.
fn groups(
    others: &[Number],
    numbers: &[Number],
    extensions: &[Number],
) -> impl Strategy<Value = Directory> + use<> {
    let others = others.to_vec();
    let key = select("0123456789*#".chars().collect::<Vec<_>>())
        .prop_map(|key| Digit::parse(key).expect("a key"));
    let strategies = select(vec![
        QueueStrategy::RingAll,
        QueueStrategy::RoundRobin,
        QueueStrategy::LeastRecent,
        QueueStrategy::FewestCalls,
        QueueStrategy::Random,
        QueueStrategy::Linear,
    ]);
    let keys = btree_map(key, one_of(numbers), 0..4);
    let lists = (some_of(extensions), some_of(extensions), keys);
    let hours = select(vec![
        "mon-fri 09:00-18:00",
        "sat 09:00-12:00",
        "sun-mon 22:00-06:00",
    ]);
    let dates = select(vec!["2026-10-01", "2024-02-29", "1999-12-31"]);
    let times = (vec(hours, 0..3), btree_set(dates, 0..3));
    let rest = (
        maybe(numbers),
        maybe(numbers),
        0_u64..99,
        word(),
        any::<[bool; 2]>(),
    );
    (lists, times, rest, strategies).prop_map(
        move |((members, agents, keys), (open, closed), rest, strategy)| {
            let (then, other, count, name, [flag, record]) = rest;
            let some = std::num::NonZeroU32::new(u32::try_from(count).expect("small"));
            let time = Duration::from_secs(count);
            let long = Duration::from_secs(count + 1);
            let longer = (count > 0).then_some(time);
            let music =
                (count > 9).then(|| MusicName::parse(&format!("m-{count}")).expect("a name"));
            let mut directory = Directory::default();
            for (place, number) in others.iter().copied().enumerate() {
                let (name, members) = (name.clone(), members.clone());
                match place % 5 {
                    0 => {
                        let strategy = if flag {
                            RingStrategy::All
                        } else {
                            RingStrategy::Linear
                        };
                        let group = RingGroup {
                            number,
                            name,
                            members,
                            strategy,
                            ring_time: long,
                            then,
                        };
                        directory.ring_groups.insert(number, Arc::new(group));
                    }
                    1 => {
                        let queue = Queue {
                            number,
                            name,
                            strategy,
                            static_agents: members,
                            dynamic_agents: agents.clone(),
                            agent_ring_time: long,
                            retry: time,
                            wrap_up: time,
                            max_wait: longer,
                            max_callers: some,
                            announce_position: flag,
                            announce_every: longer,
                            announce_wait: record,
                            announcement: String::new(),
                            then,
                            weight: u16::try_from(count).expect("small"),
                            join_empty: flag,
                            leave_empty: record,
                            exit_key: keys.keys().next().copied(),
                            exit_to: other,
                            mailbox: None,
                            service_level: long,
                            music: music.clone(),
                        };
                        directory.queues.insert(number, Arc::new(queue));
                    }
                    2 => {
                        let room = Room {
                            number,
                            name,
                            admin_pin: count.to_string(),
                            user_pin: String::new(),
                            max_members: some,
                            record,
                            wait_for_admin: !record,
                            end_with_admin: record,
                            announce: match record {
                                true => Announce::Tones,
                                false => Announce::None,
                            },
                            music: music.clone(),
                        };
                        directory.rooms.insert(number, Arc::new(room));
                    }
                    3 => {
                        let menu = Menu {
                            number,
                            greeting: name.clone(),
                            name,
                            direct_dial: flag,
                            timeout: long,
                            tries: 1 + u8::from(record),
                            then,
                            keys: keys.clone(),
                        };
                        directory.menus.insert(number, Arc::new(menu));
                    }
                    _ => {
                        let schedule = Schedule {
                            number,
                            name,
                            open: open
                                .iter()
                                .filter_map(|text| OpenHours::parse(text))
                                .collect(),
                            closed_dates: closed
                                .iter()
                                .filter_map(|text| CivilDate::parse(text))
                                .collect(),
                            when_open: then,
                            when_closed: other,
                        };
                        directory.schedules.insert(number, Arc::new(schedule));
                    }
                }
            }
            directory
        },
    )
}

type Contacts = (Vec<Arc<Contact>>, BTreeMap<Number, Arc<Blacklisted>>);

fn contacts() -> impl Strategy<Value = Contacts> {
    let contact =
        (word(), option::of(number()), word()).prop_map(|(name, phone, company)| Contact {
            id: 0,
            name,
            phone,
            email: String::new(),
            company,
        });
    let contacts = vec(contact, 0..4).prop_map(|mut contacts| {
        Contact::identify(&mut contacts, &[]);
        contacts.into_iter().map(Arc::new).collect()
    });
    let listed = btree_map(number(), word(), 0..3).prop_map(|listed| {
        let listed = listed.into_iter();
        listed
            .map(|(number, note)| {
                (
                    number,
                    Arc::new(Blacklisted {
                        number,
                        note,
                        added_by: String::new(),
                        added_at: None,
                    }),
                )
            })
            .collect()
    });
    (contacts, listed)
}

fn users() -> impl Strategy<Value = BTreeMap<String, Arc<User>>> {
    btree_map(word(), any::<bool>(), 0..2).prop_map(|users| {
        let user = |(name, admin): (String, bool)| {
            let role = if admin { Role::Admin } else { Role::Operator };
            let password = String::from("$argon2id$…");
            (
                name.clone(),
                Arc::new(User {
                    name,
                    role,
                    password,
                }),
            )
        };
        users.into_iter().map(user).collect()
    })
}

fn mail() -> impl Strategy<Value = Mail> {
    let securities = select(vec![
        MailSecurity::None,
        MailSecurity::StartTls,
        MailSecurity::Tls,
    ]);
    (word(), 1_u16.., securities).prop_map(|(word, port, security)| Mail {
        host: word.clone(),
        port,
        user: word.clone(),
        password: Password(word),
        from: String::from("pbx@example.org"),
        security,
    })
}
