//! What is configured survives, whole, with its secrets sealed.

use crate::support::{extension, number, open, with_extension};
use model::{
    Blacklisted, CivilDate, Contact, Destination, Digit, Directory, Duration, InboundRoute, Mail,
    MailSecurity, Menu, OpenHours, OutboundRoute, Password, Queue, QueueStrategy, RingGroup,
    RingStrategy, Role, Room, Schedule, Site, Switched, Trunk, TrunkKind, TrunkMedia,
    TrunkTransport, User, Wall,
};
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::sync::Arc;
use store::{BindingRow, OpenError};

/// One of everything.
fn everything() -> Site {
    let mut directory = Directory::default();
    directory.system.name = String::from("一号 \"site\"");
    directory.system.operator = Some(number("100"));
    directory.parking.last = 45;
    directory
        .feature_codes
        .insert(String::from("park"), String::from("*9"));
    directory.departments.insert(
        String::from("sales"),
        Arc::new(model::Department {
            name: String::from("sales"),
        }),
    );
    let mut first = extension("005");
    first.voicemail_pin = String::from("987654");
    first.ring_time = Some(Duration::from_secs(9));
    directory.extensions.insert(number("005"), Arc::new(first));
    directory.trunks.insert(
        String::from("carrier"),
        Arc::new(Trunk {
            kind: TrunkKind::Register,
            transport: TrunkTransport::Tls,
            username: String::from("me"),
            password: Password(String::from("trunk-secret")),
            numbers: vec![number("02885337100")],
            max_calls: NonZeroU32::new(4),
            media: TrunkMedia::Srtp,
            t38: false,
            ..Trunk::to("carrier", "sip.example.org")
        }),
    );
    for name in ["city", "abroad", "all"] {
        directory.outbound_routes.push(Arc::new(OutboundRoute {
            name: name.to_owned(),
            prefix: String::from("9"),
            strip: 1,
            prepend: String::new(),
            pattern: String::from("N."),
            trunks: vec![String::from("carrier")],
            emergency: false,
            open: Vec::new(),
            max_minutes: None,
        }));
    }
    directory.inbound_routes.push(Arc::new(InboundRoute {
        trunk: String::from("carrier"),
        number: None,
        caller: String::new(),
        to: Destination::Fax(number("005")),
    }));
    groups(&mut directory);
    directory.contacts.push(Arc::new(Contact {
        id: 17,
        name: String::from("王"),
        phone: Some(number("+862885337106")),
        ..Contact::default()
    }));
    directory.blacklist.insert(
        number("02800000000"),
        Arc::new(Blacklisted {
            number: number("02800000000"),
            note: String::from("spam"),
            added_by: String::from("100"),
            added_at: Some(Wall(1_764_000_000_000)),
        }),
    );
    Site {
        directory: Arc::new(directory),
        users: BTreeMap::from([(
            String::from("admin"),
            Arc::new(User {
                name: String::from("admin"),
                role: Role::Admin,
                password: String::from("$argon2id$…"),
            }),
        )]),
        mail: Mail {
            host: String::from("mail.example.org"),
            password: Password(String::from("mail-secret")),
            security: MailSecurity::Tls,
            ..Mail::default()
        },
    }
}

fn groups(directory: &mut Directory) {
    directory.ring_groups.insert(
        number("630"),
        Arc::new(RingGroup {
            number: number("630"),
            name: String::new(),
            members: vec![number("005")],
            strategy: RingStrategy::Linear,
            ring_time: Duration::from_secs(20),
            then: None,
        }),
    );
    directory.queues.insert(
        number("600"),
        Arc::new(Queue {
            name: String::from("support"),
            strategy: QueueStrategy::FewestCalls,
            static_agents: vec![number("005")],
            max_wait: Some(Duration::from_secs(60)),
            announce_every: None,
            then: Some(number("630")),
            ..Queue::new(number("600"))
        }),
    );
    directory.rooms.insert(
        number("700"),
        Arc::new(Room {
            admin_pin: String::from("424242"),
            record: true,
            wait_for_admin: true,
            ..Room::new(number("700"))
        }),
    );
    directory.menus.insert(
        number("610"),
        Arc::new(Menu {
            number: number("610"),
            name: String::new(),
            greeting: String::from("welcome"),
            direct_dial: true,
            timeout: Duration::from_secs(10),
            tries: 3,
            then: None,
            keys: BTreeMap::from([(Digit::parse('*').expect("a key"), number("600"))]),
        }),
    );
    directory.schedules.insert(
        number("620"),
        Arc::new(Schedule {
            number: number("620"),
            name: String::new(),
            open: vec![OpenHours::parse("mon-fri 09:00-18:00").expect("hours")],
            closed_dates: BTreeSet::from([CivilDate::parse("2026-10-01").expect("a day")]),
            when_open: Some(number("610")),
            when_closed: None,
        }),
    );
}

#[test]
fn everything_that_can_be_configured_is_read_back_as_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let (taken, opened) = open(folder.path()).expect("open");
    assert_eq!(*opened.site, Site::default());
    let saved = opened.store.change(|_| Some(everything())).wait();
    assert_eq!(saved.as_deref(), Ok(&everything()));
    opened.store.close();
    drop(taken);
    let (taken, opened) = open(folder.path()).expect("open again");
    assert_eq!(*opened.site, everything());
    // And less again, with what was in order still in order.
    let less = |site: &Site| {
        let mut directory = (*site.directory).clone();
        directory.outbound_routes.remove(0);
        directory.trunks.clear();
        Some(Site {
            directory: Arc::new(directory),
            users: BTreeMap::new(),
            ..site.clone()
        })
    };
    let saved = opened.store.change(less).wait().expect("saved");
    opened.store.close();
    drop(taken);
    let (_taken, opened) = open(folder.path()).expect("open a third time");
    assert_eq!(opened.site, saved);
    let names: Vec<_> = saved
        .directory
        .outbound_routes
        .iter()
        .map(|route| &*route.name)
        .collect();
    assert_eq!(names, ["abroad", "all"]);
    opened.store.close();
}

#[test]
fn no_secret_lies_in_the_folder_in_clear() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_taken, opened) = open(folder.path()).expect("open");
    opened
        .store
        .change(|_| Some(everything()))
        .wait()
        .expect("saved");
    opened.store.close();
    for entry in std::fs::read_dir(folder.path()).expect("readable") {
        let path = entry.expect("an entry").path();
        let bytes = std::fs::read(&path).expect("a file");
        for secret in ["trunk-secret", "mail-secret", "987654", "424242"] {
            let found = bytes
                .windows(secret.len())
                .any(|part| part == secret.as_bytes());
            assert!(!found, "{secret} is in {}", path.display());
        }
        // The bytes of the HA1s, as JSON or in hexadecimal.
        for ha1 in ["7,7,7,7", "07070707"] {
            let found = bytes.windows(ha1.len()).any(|part| part == ha1.as_bytes());
            assert!(!found, "an HA1 is in {}", path.display());
        }
    }
}

#[test]
fn another_key_does_not_open_the_secrets() {
    let folder = tempfile::tempdir().expect("a folder");
    let (taken, opened) = open(folder.path()).expect("open");
    opened
        .store
        .change(|_| Some(everything()))
        .wait()
        .expect("saved");
    opened.store.close();
    drop(taken);
    std::fs::remove_file(folder.path().join("bellwire.key")).expect("removed");
    let error = open(folder.path()).expect_err("the key is another");
    assert!(matches!(error, OpenError::Key { .. }), "{error}");
    assert!(error.to_string().ends_with("put both back from one backup"));
}

#[test]
fn a_setting_changed_by_telephone_is_saved_and_reported() {
    let folder = tempfile::tempdir().expect("a folder");
    let (taken, opened) = open(folder.path()).expect("open");
    opened
        .store
        .change(|site| Some(with_extension(site, "100")))
        .wait()
        .expect("saved");
    let on = model::Change::DoNotDisturb(number("100"), Switched::On);
    let site = opened.store.save_change(on).wait().expect("saved");
    let disturb = |site: &Site| {
        let extension = site.directory.extension(&number("100")).expect("there");
        extension.do_not_disturb
    };
    assert!(disturb(&site));
    let nobody = model::Change::DoNotDisturb(number("999"), Switched::On);
    let unchanged = opened
        .store
        .save_change(nobody)
        .wait()
        .expect("nothing to save");
    assert_eq!(unchanged, site);
    opened.store.close();
    drop(taken);
    let (_taken, opened) = open(folder.path()).expect("open again");
    assert!(disturb(&opened.site));
    opened.store.close();
}

/// SI-13: registrations are there after a restart; those of a removed extension are not.
#[test]
fn bindings_survive_a_restart_until_they_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let (taken, opened) = open(folder.path()).expect("open");
    opened
        .store
        .change(|site| Some(with_extension(&with_extension(site, "100"), "101")))
        .wait()
        .expect("saved");
    let binding = |extension: &str, contact: &str, expires| BindingRow {
        extension: number(extension),
        contact: contact.to_owned(),
        expires: Wall(expires),
        body: String::from("{\"contact\":\"sip:x@192.0.2.1\"}"),
    };
    let far = i64::MAX;
    let store = &opened.store;
    for row in [
        binding("100", "a", far),
        binding("100", "b", far),
        binding("100", "ended", 1),
        binding("101", "c", far),
    ] {
        store.put_binding(row).wait().expect("written");
    }
    let mut again = binding("100", "a", far);
    again.body = String::from("{}");
    store.put_binding(again.clone()).wait().expect("written");
    store
        .remove_binding(number("100"), String::from("b"))
        .wait()
        .expect("removed");
    store
        .change(|site| {
            let mut directory = (*site.directory).clone();
            directory.extensions.remove(&number("101"));
            Some(Site {
                directory: Arc::new(directory),
                ..site.clone()
            })
        })
        .wait()
        .expect("saved");
    opened.store.close();
    drop(taken);
    let (_taken, opened) = open(folder.path()).expect("open again");
    assert_eq!(opened.bindings, [again]);
    opened.store.close();
}

#[test]
fn keys_for_other_purposes_stay_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let (taken, opened) = open(folder.path()).expect("open");
    let nonce = opened.store.derived("nonce");
    assert_ne!(nonce, opened.store.derived("demo"));
    opened.store.close();
    drop(taken);
    let (_taken, opened) = open(folder.path()).expect("open again");
    assert_eq!(opened.store.derived("nonce"), nonce);
    opened.store.close();
}
