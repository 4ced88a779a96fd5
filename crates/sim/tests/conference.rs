//! A conference by ear: each phone sends a tone of its own, and each one's ears say who hears whom.

mod support;

use model::Room;
use sim::{Office, PhoneId, Stage};
use std::sync::Arc;
use support::{SECOND, dials, press};

/// CO-03 CO-04 CO-05 CO-06 CO-10: three confer, the administrator calls a fourth, drops him, calls again and brings him in.
#[test]
fn three_confer_and_a_fourth_is_brought_in() {
    let mut office = Office::new(11);
    let phones @ [anna, bob, carl, dora] = office.phones(["100", "101", "102", "103"]);
    set_up(&mut office);
    join(&mut office, anna, "9911#");
    join(&mut office, bob, "1111#");
    join(&mut office, carl, "1111#");
    office.run_for(12 * SECOND);
    let three = pairs(&[0, 1, 2]);
    matrix(&office, &phones, &three, "three");

    // The room goes on without the administrator, who hears a dial tone and then whom he calls.
    press(&mut office, anna, "0");
    office.run_for(4 * SECOND);
    assert!(office.hears_prompt(anna, "CO-11"));
    matrix(&office, &phones, &pairs(&[1, 2]), "he dials");
    press(&mut office, anna, "103#");
    office.run_for(SECOND);
    assert_eq!(office[dora].stage(), Some(Stage::Ringing));
    office[dora].answer();
    office.run_for(8 * SECOND);
    assert!(office.hears_prompt(anna, "CO-12"));
    let apart = [pairs(&[1, 2]), pairs(&[0, 3])].concat();
    matrix(&office, &phones, &apart, "he asks");
    press(&mut office, anna, "*#");
    office.run_for(8 * SECOND);
    assert!(office.hears_prompt(anna, "CO-13"));
    assert_eq!(office[dora].calls(), 0);
    matrix(&office, &phones, &three, "dropped");

    press(&mut office, anna, "0103#");
    office.run_for(SECOND);
    office[dora].answer();
    office.run_for(SECOND);
    press(&mut office, anna, "**");
    office.run_for(12 * SECOND);
    assert!(office.hears_prompt(dora, "CO-15"));
    matrix(&office, &phones, &pairs(&[0, 1, 2, 3]), "four");
    assert_eq!(office[dora].keys(), "", "keys of a code are not heard");

    // Muted, he hears all the same.
    press(&mut office, bob, "*1");
    office.run_for(6 * SECOND);
    assert!(office.hears_prompt(bob, "CO-20"));
    let muted: Vec<_> = pairs(&[0, 1, 2, 3])
        .into_iter()
        .filter(|(speaker, _)| *speaker != 1)
        .collect();
    matrix(&office, &phones, &muted, "muted");

    office[anna].hang_up();
    office[carl].hang_up();
    office.run_for(2 * SECOND);
    matrix(&office, &phones, &[(3, 1)], "two are left");
    office[dora].hang_up();
    office.run_for(8 * SECOND);
    assert!(office.hears_prompt(bob, "CO-06") && office.hears_music(bob));
    office[bob].hang_up();
    assert!(office.run_until_idle(5 * SECOND));
    assert_eq!(office.left_over(), None);
}

/// CO-09: nobody hears anybody until the administrator is there.
#[test]
fn members_wait_with_music() {
    let mut office = Office::new(12);
    let phones @ [anna, bob, carl, _] = office.phones(["100", "101", "102", "103"]);
    set_up(&mut office);
    office.configure(|directory| {
        for room in directory.rooms.values_mut() {
            Arc::make_mut(room).wait_for_admin = true;
        }
    });
    join(&mut office, bob, "1111#");
    join(&mut office, carl, "1111#");
    office.run_for(8 * SECOND);
    assert!(office.hears_prompt(bob, "CO-22"));
    assert!(office.hears_music(bob) && office.hears_music(carl));
    matrix(&office, &phones, &[], "they wait");
    join(&mut office, anna, "9911#");
    office.run_for(12 * SECOND);
    assert!(!office.hears_music(bob) && !office.hears_music(carl));
    matrix(&office, &phones, &pairs(&[0, 1, 2]), "it begins");
    for phone in [anna, bob, carl] {
        office[phone].hang_up();
    }
    assert!(office.run_until_idle(5 * SECOND));
    assert_eq!(office.left_over(), None);
}

fn set_up(office: &mut Office) {
    office.configure(|directory| {
        let room = Room {
            admin_pin: "9911".to_owned(),
            user_pin: "1111".to_owned(),
            ..Room::new("700".parse().expect("a number"))
        };
        directory.rooms.insert(room.number, Arc::new(room));
    });
}

fn join(office: &mut Office, phone: PhoneId, pin: &str) {
    dials(office, phone, "700");
    press(office, phone, pin);
}

/// Everybody of these hears every other.
fn pairs(who: &[usize]) -> Vec<(usize, usize)> {
    let speakers = who.iter().copied();
    let pairs = speakers.flat_map(|speaker| who.iter().map(move |listener| (speaker, *listener)));
    pairs
        .filter(|(speaker, listener)| speaker != listener)
        .collect()
}

/// Who hears whom in the last second, each pair of it: the others hear nothing at all.
fn matrix(office: &Office, phones: &[PhoneId; 4], heard: &[(usize, usize)], when: &str) {
    for (speaker, from) in phones.iter().enumerate() {
        for (listener, to) in phones.iter().enumerate() {
            let (from, to) = (&office[*from], &office[*to]);
            let hears = heard.contains(&(speaker, listener));
            let is_so = match hears {
                true => to.hears(from),
                false => speaker == listener || to.is_deaf_to(from),
            };
            assert!(is_so, "{when}: {listener} hears {speaker}: {}", !hears);
        }
    }
}
