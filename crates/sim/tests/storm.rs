//! Storms of calls. `SEED=7 N=1 cargo test -p bellwire-sim --test storm` repeats one.

use model::Duration;
use sim::storm::{Storm, Weathered};

/// SI-04, CDR-15, CHECKLIST 2.26 Races and fault run
#[test]
fn whatever_users_and_network_do_nothing_is_left_over_and_each_call_has_one_record() {
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let (first, count) = (number("SEED").unwrap_or(1), number("N").unwrap_or(STORMS));
    let mut all = Weathered::default();
    for seed in first..first + count {
        let storm = Storm {
            seed,
            phones: 8 + usize::try_from(seed % 9).expect("it is small"),
            lasts: Duration::from_secs(60),
        };
        let steps = storm.steps();
        match storm.run(&steps) {
            Ok(weathered) => {
                all.calls += weathered.calls;
                all.answered += weathered.answered;
            }
            Err(what) => {
                let wreck = storm.investigate("storm", what, steps);
                for step in &wreck.steps {
                    eprintln!("{step:?}");
                }
                let (steps, what) = (wreck.steps.len(), wreck.what);
                panic!("seed {seed}, {steps} steps, {}: {what}", wreck.capture);
            }
        }
    }
    eprintln!("{all:?}");
    let enough = usize::try_from(count).expect("it is small") * 10;
    assert!(all.calls > enough && all.answered > enough / 2, "{all:?}");
}

/// Storms of one run of the tests.
const STORMS: u64 = 30;
