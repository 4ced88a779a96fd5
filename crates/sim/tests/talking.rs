//! What two people do while they talk: hold, keys, long calls.

mod support;

use model::Duration;
use sim::{Happened, Office, Way};
use support::{SECOND, talk};

/// SI-04: whoever is put on hold hears music, and the other one nothing.
#[test]
fn each_spelling_of_hold_holds_and_lets_go_again() {
    for (seed, hold) in (1..).zip(Way::HOLDS) {
        let mut office = Office::new(seed);
        let [anna, bob] = office.phones(["100", "101"]);
        talk(&mut office, anna, bob);
        office[anna].turn(hold);
        office.run_for(4 * SECOND);
        assert!(office.hears_music(bob), "{hold:?}");
        assert!(!office[bob].hears(&office[anna]), "{hold:?}");
        assert!(!office.hears_music(anna), "{hold:?}");
        assert!(office[anna].is_deaf_to(&office[bob]), "{hold:?}");
        office[anna].turn(Way::Talk);
        office.run_for(3 * SECOND);
        assert!(!office.hears_music(bob), "{hold:?}");
        assert!(office[bob].hears(&office[anna]), "{hold:?}");
        assert!(office[anna].hears(&office[bob]), "{hold:?}");
        office[anna].hang_up();
        assert!(office.run_until_idle(2 * SECOND));
        assert_eq!(office.left_over(), None);
    }
}

/// SI-07: a call on hold is silent for a reason.
#[test]
fn a_call_on_hold_does_not_end_for_want_of_sound() {
    let mut office = Office::new(4);
    let [anna, bob] = office.phones(["100", "101"]);
    talk(&mut office, anna, bob);
    office[anna].turn(Way::Inactive);
    office.run_for(300 * SECOND);
    office[anna].turn(Way::Talk);
    office.run_for(2 * SECOND);
    assert!(office[bob].hears(&office[anna]));
    assert!(office[anna].hears(&office[bob]));
}

/// SI-04: both put each other on hold in the same moment.
#[test]
fn both_may_hold_and_whoever_comes_back_first_hears_music() {
    let mut office = Office::new(5);
    let [anna, bob] = office.phones(["100", "101"]);
    talk(&mut office, anna, bob);
    office[anna].turn(Way::SendOnly);
    office[bob].turn(Way::SendOnly);
    office.run_for(3 * SECOND);
    assert!(office[anna].is_deaf_to(&office[bob]));
    assert!(office[bob].is_deaf_to(&office[anna]));
    office[anna].turn(Way::Talk);
    office.run_for(3 * SECOND);
    assert!(office.hears_music(anna));
    assert!(!office[anna].hears(&office[bob]));
    office[bob].turn(Way::Talk);
    office.run_for(2 * SECOND);
    assert!(office[anna].hears(&office[bob]));
    assert!(office[bob].hears(&office[anna]));
}

/// What a bad network does to a call is in its record, leg by leg.
#[test]
fn a_call_on_a_bad_network_is_rated_below_one_on_a_good_network() {
    let rated = |jitter_ms, loss_permille| {
        let mut office = Office::new(7);
        let [anna, bob] = office.phones(["100", "101"]);
        talk(&mut office, anna, bob);
        office.set_link(sim::Link {
            latency: Duration::from_millis(10),
            jitter: Duration::from_millis(jitter_ms),
            loss_permille,
            doubled_permille: 0,
        });
        office.run_for(30 * SECOND);
        office.set_link(sim::Link::default());
        office[anna].hang_up();
        assert!(office.run_until_idle(2 * SECOND));
        let record = office.record();
        let quality = record.quality.clone();
        let legs: Vec<_> = quality.iter().map(|quality| quality.leg).collect();
        assert_eq!(legs, record.legs);
        quality
    };
    for quality in rated(0, 0) {
        assert!(quality.mos_x100 > 430, "{quality:?}");
        assert_eq!((quality.lost, quality.jitter_ms), (0, 0));
        assert!((1_450..1_600).contains(&quality.received), "{quality:?}");
    }
    for quality in rated(30, 50) {
        assert!((300..400).contains(&quality.mos_x100), "{quality:?}");
        assert!((40..120).contains(&quality.lost), "{quality:?}");
        assert!((5..20).contains(&quality.jitter_ms), "{quality:?}");
    }
}

/// FC-08
#[test]
fn a_key_is_heard_once_however_it_is_sent() {
    let mut office = Office::new(6);
    let [anna, bob] = office.phones(["100", "101"]);
    talk(&mut office, anna, bob);
    for key in "0123456789".chars() {
        office[anna].press(key);
        office.run_for(SECOND / 2);
    }
    assert_eq!(office[bob].keys(), "0123456789");
    for key in "123".chars() {
        office[anna].press_by_info(key);
        office.run_for(SECOND / 2);
    }
    office.run_for(2 * SECOND);
    assert_eq!(office[bob].keys(), "0123456789123");
    // Phones that do both mean one key, whichever comes first.
    office[anna].press('7');
    office[anna].press_by_info('7');
    office.run_for(3 * SECOND);
    office[anna].press('8');
    office.run_for(Duration::from_millis(60));
    office[anna].press_by_info('8');
    office.run_for(3 * SECOND);
    assert_eq!(office[bob].keys(), "012345678912378");
    assert!(office[bob].hears(&office[anna]), "the voice goes on");
}

/// FC-08, CHECKLIST 2.26: short keys, long keys, and a network that loses their ends.
#[test]
fn keys_are_counted_right_whatever_their_length_and_the_network() {
    for (seed, length_ms, loss) in [
        (1, 40, 0),
        (2, 50, 0),
        (3, 3_000, 0),
        (4, 100, 50),
        (5, 100, 100),
    ] {
        let mut office = Office::new(seed);
        let [anna, bob] = office.phones(["100", "101"]);
        talk(&mut office, anna, bob);
        office.set_link(sim::Link {
            latency: Duration::from_millis(10),
            jitter: Duration::from_millis(0),
            loss_permille: loss,
            doubled_permille: loss,
        });
        for key in "5551234".chars() {
            office[anna].press_for(key, Duration::from_millis(length_ms));
            office.run_for(Duration::from_millis(length_ms + 100));
        }
        office.run_for(25 * SECOND);
        assert_eq!(
            office[bob].keys(),
            "5551234",
            "{length_ms} ms, {loss} of a thousand lost"
        );
    }
}

/// SI-04: session timers 1800/90.
#[test]
fn an_hour_of_talk_is_refreshed_and_goes_on() {
    let mut office = Office::new(7);
    let [anna, bob] = office.phones(["100", "101"]);
    office.forget_capture();
    talk(&mut office, anna, bob);
    office.run_for(3_600 * SECOND);
    assert!(office[anna].hears(&office[bob]));
    assert!(office[bob].hears(&office[anna]));
    office[anna].hang_up();
    assert!(office.run_until_idle(2 * SECOND));
    assert_eq!(office.record().talked.as_secs(), 3_600);
}

/// SI-04: offers that cross are refused with 491 by both ends, and made again.
#[test]
fn offers_of_both_ends_that_cross_are_both_made_in_the_end() {
    let mut office = Office::new(8);
    let [anna, bob] = office.phones(["100", "101"]);
    // With a phone that takes no UPDATE the server refreshes by a re-INVITE.
    office[bob].allow = "INVITE, ACK, CANCEL, BYE, INFO, OPTIONS";
    talk(&mut office, anna, bob);
    let refreshes = |office: &Office| {
        let latest = office.network().latest().next();
        latest.is_some_and(|(_, datagram)| {
            datagram.to.ip() == office[bob].address().ip() && datagram.bytes.starts_with(b"INVITE ")
        })
    };
    assert!(office.run_until(2_000 * SECOND, refreshes));
    office[bob].turn(Way::SendOnly);
    office.run_for(20 * SECOND);
    assert_eq!(office[bob].count(&Happened::OfferRefused(491)), 1);
    assert!(office.hears_music(anna));
    office[bob].turn(Way::Talk);
    office.run_for(3 * SECOND);
    assert!(office[anna].hears(&office[bob]));
    assert!(office[bob].hears(&office[anna]));
}
