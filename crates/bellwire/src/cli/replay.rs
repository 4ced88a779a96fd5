//! `bellwire replay`: the past, handled again by the same switch.

use super::Output;
use crate::journal::{Reader, replay};
use crate::print;
use anyhow::{Context, Result};
use model::{Effect, Input, Now};
use serde::Serialize;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use switch::{State, Switch};

/// One input with what came of it.
#[derive(Serialize)]
struct Step<'s> {
    now: Now,
    input: &'s Input,
    effects: &'s [Effect],
}

pub(super) fn replay_file(file: &Path, output: Output) -> Result<ExitCode> {
    let journal = Reader::open(file)?;
    let header = journal.header();
    let directory = Arc::clone(&header.directory);
    let mut switch = match header.snapshot.clone() {
        None => Switch::new(directory, header.seed),
        Some(snapshot) => {
            let state: State = serde_json::from_value(snapshot).with_context(|| {
                format!(
                    "{}: the state at its beginning is not understood; replay it with bellwire {}",
                    file.display(),
                    header.version
                )
            })?;
            Switch::restore(directory, state)
        }
    };
    let replayed = replay(
        journal,
        |now, input| switch.handle(now, input),
        |now, input, effects| show(output, now, input, effects),
    )?;
    print::note(&format!(
        "{} inputs, {} lost, SHA-256 of the effects {}",
        replayed.inputs, replayed.lost, replayed.hash
    ));
    Ok(ExitCode::SUCCESS)
}

fn show(output: Output, now: Now, input: &Input, effects: &[Effect]) {
    let text = if output.json {
        let step = Step {
            now,
            input,
            effects,
        };
        // Inputs and effects are plain data: they are always JSON.
        serde_json::to_string(&step).unwrap_or_default()
    } else {
        let seconds = now.mono.0 / 1_000_000;
        let micros = now.mono.0 % 1_000_000;
        let effects = effects.iter().map(|effect| format!("\n    {effect:?}"));
        let effects: String = effects.collect();
        format!("{seconds:>6}.{micros:06}  {input:?}{effects}")
    };
    print::line(&text);
}
