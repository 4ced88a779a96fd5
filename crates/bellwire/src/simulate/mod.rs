//! `bellwire simulate`: a written scenario, run with the switch alone in virtual time, so that people can try
//! their own site as we try ours. The format is documented in `docs/simulate.md`.

mod script;
#[cfg(test)]
mod tests;
mod world;

use model::Directory;
use script::{Line, Step};
use std::time::Duration;
use world::World;

/// What came of a scenario.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// What happened, a line each, in order.
    pub(crate) lines: Vec<String>,
    /// How many expectations were not met, or steps not possible.
    pub(crate) failed: usize,
    /// How many expectations there were.
    pub(crate) expected: usize,
}

/// Runs a scenario on a site; the error is what cannot be read in it, a line each.
pub(crate) fn run(name: &str, text: &str, directory: Directory) -> Result<Outcome, Vec<String>> {
    let script = script::read(name, text)?;
    let mut world = World::new(directory);
    let mut outcome = Outcome::default();
    for Line { number, text, step } in script {
        let result = match step {
            Step::Wait(so_long) => {
                world.wait(so_long);
                Ok(())
            }
            Step::Clock(moment) => world.set_clock(moment),
            Step::Trunk(trunk, stands) => world.set_trunk(&trunk, stands),
            Step::Does(party, act) => world.act(&party, &act),
            Step::Expect(expectation) => {
                outcome.expected += 1;
                world.expect(&expectation)
            }
        };
        let (at, events) = (clock(world.elapsed()), world.take_log());
        for (when, event) in events {
            outcome.lines.push(format!("{}  {event}", clock(when)));
        }
        if let Err(why) = result {
            outcome.failed += 1;
            let line = format!("{at}  FAILED {name}:{number}: {text}: {why}");
            outcome.lines.push(line);
        }
    }
    Ok(outcome)
}

/// Minutes, seconds and tenths since the beginning.
fn clock(elapsed: Duration) -> String {
    let tenths = elapsed.as_millis() / 100;
    format!(
        "{:02}:{:02}.{}",
        tenths / 600,
        tenths / 10 % 60,
        tenths % 10
    )
}
