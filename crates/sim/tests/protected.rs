//! Calls whose sound is encrypted: heard by those who have the keys, and by nobody else.

mod support;

use model::{Duration, SrtpPolicy};
use sim::{Datagram, Encrypts, Happened, Office, Way};
use std::net::IpAddr;
use support::{SECOND, talk};

/// SI-06
#[test]
fn phones_hear_each_other_whether_one_or_both_or_none_encrypts() {
    let all = [Encrypts::No, Encrypts::Offers, Encrypts::Demands];
    for (seed, caller) in (1..).zip(all) {
        for callee in [Encrypts::No, Encrypts::Demands] {
            let mut office = Office::new(seed);
            let [anna, bob] = office.phones(["100", "101"]);
            office[anna].encrypts = caller;
            office[bob].encrypts = callee;
            if callee == Encrypts::Demands {
                office.configure_extension("101", |bob| bob.srtp = SrtpPolicy::Required);
            }
            talk(&mut office, anna, bob);
            office.run_for(5 * SECOND);
            assert!(office[anna].hears(&office[bob]), "{caller:?} {callee:?}");
            assert!(office[bob].hears(&office[anna]), "{caller:?} {callee:?}");
            office[bob].hang_up();
            assert!(office.run_until_idle(60 * SECOND));
            assert_eq!(office.left_over(), None);
        }
    }
}

/// SI-06, SI-04
#[test]
fn an_encrypted_call_is_held_and_taken_again() {
    for hold in Way::HOLDS {
        let mut office = Office::new(7);
        let [anna, bob] = office.phones(["100", "101"]);
        office[anna].encrypts = Encrypts::Demands;
        talk(&mut office, anna, bob);
        office[anna].turn(hold);
        office.run_for(5 * SECOND);
        assert!(office.hears_music(bob), "{hold:?}");
        office[anna].turn(Way::Talk);
        office.run_for(5 * SECOND);
        assert!(office[anna].hears(&office[bob]), "{hold:?}");
        assert!(office[bob].hears(&office[anna]), "{hold:?}");
    }
}

/// SI-06
#[test]
fn who_must_be_encrypted_is_refused_in_clear() {
    let mut office = Office::new(8);
    let [anna, _] = office.phones(["100", "101"]);
    office.configure_extension("100", |anna| anna.srtp = SrtpPolicy::Required);
    office[anna].dial("101");
    assert!(office.run_until_idle(30 * SECOND));
    assert!(office[anna].saw(&Happened::Refused(488)));
    assert_eq!(office.left_over(), None);
}

/// SI-06: someone who sees the network, and sends as if he were the phone.
#[test]
fn who_has_no_key_is_not_heard_even_from_the_right_address() {
    let mut office = Office::new(9);
    let [anna, bob, mallory] = office.phones(["100", "101", "102"]);
    office[anna].encrypts = Encrypts::Demands;
    talk(&mut office, anna, bob);
    office[mallory].dial("*43");
    office.run_for(15 * SECOND);
    let sent_by = |office: &Office, ip: IpAddr, length: usize| -> Vec<Datagram> {
        let all = office.network().latest();
        let sound = all.map(|(_, datagram)| datagram.clone());
        let theirs = sound.filter(|it| it.from.ip() == ip && it.bytes.len() == length);
        theirs.take(50).collect()
    };
    let plain = sent_by(&office, office[mallory].address().ip(), 172);
    let real = sent_by(&office, office[anna].address().ip(), 182);
    assert_eq!((plain.len(), real.len()), (50, 50));
    let first = real[0].clone();
    for (plain, real) in plain.into_iter().rev().zip(real) {
        // His own sound as it is, in place of the encrypted one, and what was sent before once more.
        let (from, to) = (first.from, first.to);
        let mut mixed = real.bytes[..12].to_vec();
        mixed.extend(&plain.bytes[12..]);
        mixed.extend(&real.bytes[172..]);
        for bytes in [plain.bytes.clone(), mixed, real.bytes.clone()] {
            office.inject(Datagram { from, to, bytes });
        }
        office.run_for(Duration::from_millis(20));
    }
    assert!(office[bob].is_deaf_to(&office[mallory]));
    assert!(office[bob].hears(&office[anna]), "the call goes on");
    assert!(office[anna].hears(&office[bob]));
}
