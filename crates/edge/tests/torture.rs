//! The messages of RFC 4475 and RFC 5118 through the whole server. What each of them is due stands in
//! `crates/sip/tests/torture/VERDICTS.tsv`.

mod common;

use common::{Algorithm, Phone, World, udp};
use sip::Flow;
use std::fs;
use std::path::PathBuf;

struct Torture {
    file: String,
    bytes: Vec<u8>,
    verdicts: Vec<String>,
}

/// SI-10
#[test]
fn a_stranger_gets_the_verdict_that_the_rfc_wants_for_every_torture_message() {
    let table = table();
    assert_eq!(table.len(), 49 + 12);
    let wrong: Vec<_> = table
        .iter()
        .filter_map(|torture| {
            let mut world = World::new();
            world.receive_bytes(stranger(), &torture.bytes);
            assert!(world.sent.len() <= 1, "{}: {:?}", torture.file, world.sent);
            assert_eq!(world.edge.next_deadline(), None, "{} is kept", torture.file);
            let said = match world.sent.pop_front() {
                Some(answer) => answer.status().to_string(),
                None => "drop".to_owned(),
            };
            let due = torture.verdicts.contains(&said);
            (!due).then(|| format!("{}: {said}, not {:?}", torture.file, torture.verdicts))
        })
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
}

/// SI-10
#[test]
fn all_of_it_in_one_server_leaves_nothing_behind() {
    let mut world = World::new();
    for torture in table() {
        world.receive_bytes(stranger(), &torture.bytes);
    }
    assert_eq!(world.edge.next_deadline(), None);
    assert_eq!(world.edge.registered(), 0);
    assert_eq!(world.told(), []);
    let mut phone = Phone::new("100", udp("192.0.2.100:5060"));
    phone.algorithm = Algorithm::Md5;
    assert_eq!(phone.register(&mut world, "").status(), 200);
}

/// SI-10
#[test]
fn torture_messages_cut_anywhere_are_survived() {
    for torture in table() {
        let mut world = World::new();
        for end in 0..torture.bytes.len() {
            world.receive_bytes(stranger(), &torture.bytes[..end]);
        }
        assert_eq!(world.edge.next_deadline(), None, "{}", torture.file);
    }
}

/// Not at the server's usual address, which some of the messages name.
fn stranger() -> Flow {
    Flow {
        local: ([198, 51, 100, 1], 5060).into(),
        ..udp("198.51.100.200:5060")
    }
}

fn table() -> Vec<Torture> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../sip/tests/torture");
    let table = fs::read_to_string(folder.join("VERDICTS.tsv")).expect("the table is there");
    let rows = table.lines().filter(|line| !line.starts_with('#'));
    rows.map(|row| {
        let fields: Vec<_> = row.split('\t').collect();
        Torture {
            file: fields[0].to_owned(),
            bytes: fs::read(folder.join(fields[0])).expect("the message is there"),
            verdicts: fields[2].split('/').map(str::to_owned).collect(),
        }
    })
    .collect()
}
