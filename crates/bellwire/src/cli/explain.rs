//! `bellwire explain`: which way a call would take, and why, from the code that routes.

use super::client::{Client, escaped};
use super::{Output, Place, site};
use crate::explain::Question;
use crate::print;
use crate::serve::clock;
use anyhow::{Result, bail};
use model::{Input, Reachability};
use std::process::ExitCode;
use std::sync::Arc;
use switch::Switch;

/// Asks the running server, which knows who is registered and in a call; of a stopped one it is assumed that every
/// phone is free.
pub(super) fn explain(place: &Place, question: &Question, output: Output) -> Result<ExitCode> {
    let lines: Vec<String> = match Client::find(&place.data)? {
        Some(client) => client.get(&format!(
            "/explain?number={}&from={}&caller={}&at={}",
            escaped(&question.number),
            escaped(&question.from),
            escaped(&question.caller),
            escaped(&question.at),
        ))?,
        None => stopped(place, question)?,
    };
    if output.json {
        print::line(&serde_json::to_string_pretty(&lines)?);
    } else {
        lines.iter().for_each(|line| print::line(line));
    }
    Ok(ExitCode::SUCCESS)
}

fn stopped(place: &Place, question: &Question) -> Result<Vec<String>> {
    let (_folder, store) = site::open(place)?;
    let directory = Arc::clone(&store.site().directory);
    store.close();
    let now = clock::Clock::start().now();
    let asked = match question.asked(&directory, now.wall) {
        Ok(asked) => asked,
        Err(sentence) => bail!(sentence),
    };
    let mut switch = Switch::new(Arc::clone(&directory), 0);
    for number in directory.extensions.keys() {
        switch.handle(now, Input::Reachable(*number, Reachability::Available));
    }
    Ok(switch.explain(&asked))
}
