//! Two things at once: whatever a network with random delays makes of the order, one of them wins, and nothing is
//! left over. `N=1000` runs each race so often.

mod support;

use model::Duration;
use sim::{Link, Office, PhoneId, Random, Stage};
use support::{SECOND, press, talk};

/// PU-03: the phone that rings is answered while somebody picks its call up.
#[test]
fn one_of_answering_and_picking_up_wins() {
    race(1, |office, [anna, bob, carl], chance| {
        office[anna].dial("101");
        rings(office, bob);
        both(
            office,
            chance,
            |office| office[bob].answer(),
            |office| office[carl].dial("**101"),
        );
        office.run_for(SECOND);
        with(office, anna, [bob, carl])
    });
}

/// PK-03: two take up the same parked call.
#[test]
fn one_of_two_takes_the_parked_call_up() {
    race(2, |office, [anna, bob, carl], chance| {
        talk(office, anna, bob);
        press(office, anna, "*4");
        office[anna].hang_up();
        office.run_for(SECOND);
        both(
            office,
            chance,
            |office| office[anna].dial("41"),
            |office| office[carl].dial("41"),
        );
        office.run_for(SECOND);
        with(office, bob, [anna, carl])
    });
}

/// XF-07: `*` while the third party answers: the two are together again, or all hear that by `*` once more.
#[test]
fn cancelling_and_answering_at_once_leaves_the_two_together() {
    race(3, |office, [anna, bob, carl], chance| {
        talk(office, anna, bob);
        press(office, bob, "*2102#");
        rings(office, carl);
        both(
            office,
            chance,
            |office| office[carl].answer(),
            |office| office[bob].press('*'),
        );
        office.run_for(SECOND);
        let back = talks(office, anna) && talks(office, bob) && office[carl].calls() == 0;
        assert!(back, "{}", office.story(60));
        true
    });
}

/// IX-10
#[test]
fn when_both_press_the_key_one_transfers() {
    race(4, |office, [anna, bob, carl], chance| {
        talk(office, anna, bob);
        both(
            office,
            chance,
            |office| office[anna].press('#'),
            |office| office[bob].press('#'),
        );
        office.run_for(SECOND / 2);
        let (one, other) = (office.hears_music(anna), office.hears_music(bob));
        assert!(one != other, "{}", office.story(60));
        let by = if one { bob } else { anna };
        press(office, by, "102#");
        rings(office, carl);
        office[carl].answer();
        office.run_for(SECOND);
        with(office, carl, [anna, bob])
    });
}

/// XF-06: the third party answers while whoever transfers hangs up.
#[test]
fn hanging_up_while_it_is_answered_transfers() {
    race(5, |office, [anna, bob, carl], chance| {
        talk(office, anna, bob);
        press(office, bob, "*2102#");
        rings(office, carl);
        both(
            office,
            chance,
            |office| office[carl].answer(),
            |office| office[bob].hang_up(),
        );
        office.run_for(SECOND);
        assert!(office[bob].calls() == 0);
        talks(office, anna) && talks(office, carl)
    });
}

/// SI-04: the caller gives up while the callee answers.
#[test]
fn giving_up_and_answering_at_once_ends_the_call() {
    race(6, |office, [anna, bob, _], chance| {
        office[anna].dial("101");
        rings(office, bob);
        both(
            office,
            chance,
            |office| office[bob].answer(),
            |office| office[anna].cancel(),
        );
        office.run_for(SECOND);
        office[anna].hang_up_all();
        office.run_for(SECOND);
        office[anna].calls() == 0 && office[bob].calls() == 0
    });
}

type Three = [PhoneId; 3];

fn race(seed: u64, mut once: impl FnMut(&mut Office, Three, &mut Random) -> bool) {
    let times = std::env::var("N").ok().and_then(|n| n.parse().ok());
    let mut office = Office::new(seed);
    let phones = office.phones(["100", "101", "102"]);
    office.set_link(Link {
        latency: Duration::from_millis(2),
        jitter: Duration::from_millis(15),
        ..Link::default()
    });
    let mut chance = Random::new(seed);
    for nth in 0..times.unwrap_or(25_u32) {
        assert!(
            once(&mut office, phones, &mut chance),
            "{nth}: {}",
            office.story(60)
        );
        for phone in phones {
            office[phone].hang_up_all();
        }
        assert!(
            office.run_until_idle(60 * SECOND),
            "{nth}: {}",
            office.story(60)
        );
        assert_eq!(office.left_over(), None, "{nth}");
        office.forget_capture();
    }
}

/// Two things within 20 ms, in any order.
fn both(
    office: &mut Office,
    chance: &mut Random,
    first: impl FnOnce(&mut Office),
    second: impl FnOnce(&mut Office),
) {
    let apart = Duration::from_micros(chance.below(20_000));
    if chance.below(2) == 0 {
        first(office);
        office.run_for(apart);
        second(office);
    } else {
        second(office);
        office.run_for(apart);
        first(office);
    }
}

fn rings(office: &mut Office, phone: PhoneId) {
    let rings = |office: &Office| office[phone].stage() == Some(Stage::Ringing);
    assert!(office.run_until(5 * SECOND, rings), "{}", office.story(60));
}

fn talks(office: &Office, phone: PhoneId) -> bool {
    office[phone].stage() == Some(Stage::Talking)
}

/// Whether one hears exactly one of two.
fn with(office: &mut Office, one: PhoneId, two: [PhoneId; 2]) -> bool {
    office.run_for(SECOND);
    let heard =
        two.map(|other| office[one].hears(&office[other]) && office[other].hears(&office[one]));
    heard[0] != heard[1]
}
