//! The text of a scenario: one step a line.

use crate::document::nearest;
use jiff::civil::DateTime;
use model::{Cause, Number};
use std::time::Duration;

/// A step, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) number: usize,
    pub(super) text: String,
    pub(super) step: Step,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// `wait 30s`
    Wait(Duration),
    /// `clock 2026-03-06T14:56`
    Clock(DateTime),
    /// `trunk carrier is down`
    Trunk(String, Stands),
    /// `100 dials 101`
    Does(String, Act),
    /// `expect …`
    Expect(Expectation),
}

/// How a trunk stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stands {
    Up,
    Down,
}

/// What somebody does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Dials(Number),
    /// Calls in on a trunk.
    Calls(Number, String),
    Answers,
    Refuses,
    IsBusy,
    HangsUp,
    Holds,
    Resumes,
    Presses(String),
    TransfersTo(Number),
    Registers,
    Unregisters,
}

/// What should be so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Expectation {
    /// `expect 101 rings`
    Rings(String),
    /// `expect 101 is free`
    IsFree(String),
    /// `expect 100 talks with 101`
    Talk(String, String),
    /// `expect 100 hears 101`
    Hears(String, String),
    /// `expect 100 does not hear 101`
    DoesNotHear(String, String),
    HearsMusic(String),
    HearsRinging(String),
    /// `expect 100 is told N-03`: the last things said.
    IsTold(String, Vec<String>),
    /// `expect 101 sees 100`: the number its display shows.
    Sees(String, String),
    /// `expect 85337106 is called on carrier`
    IsCalledOn(String, String),
    /// `expect 100 ended busy`
    Ended(String, Cause),
    /// `expect no calls`
    NoCalls,
}

/// Reads a scenario. The error is everything that cannot be read, a line each.
pub(super) fn read(name: &str, text: &str) -> Result<Vec<Line>, Vec<String>> {
    let (mut lines, mut errors) = (Vec::new(), Vec::new());
    for (number, text) in (1..).zip(text.lines()) {
        let code = text.split_once(" #").map_or(text, |(code, _)| code).trim();
        if code.is_empty() || code.starts_with('#') {
            continue;
        }
        let words: Vec<_> = code.split_whitespace().collect();
        match step(&words) {
            Ok(step) => lines.push(Line {
                number,
                text: words.join(" "),
                step,
            }),
            Err(why) => errors.push(format!("{name}:{number}: {why}")),
        }
    }
    if errors.is_empty() {
        Ok(lines)
    } else {
        Err(errors)
    }
}

fn step(words: &[&str]) -> Result<Step, String> {
    match words {
        ["wait", so_long] => duration(so_long).map(Step::Wait),
        ["clock", moment] => moment.parse().map(Step::Clock).map_err(|_| {
            format!("{moment:?} is no time of the site's clocks; write it as 2026-03-06T14:56")
        }),
        ["trunk", name, "is", "up"] => Ok(Step::Trunk(String::from(*name), Stands::Up)),
        ["trunk", name, "is", "down"] => Ok(Step::Trunk(String::from(*name), Stands::Down)),
        ["expect", rest @ ..] => expectation(rest).map(Step::Expect),
        [party, act @ ..] => self::act(act).map(|act| Step::Does(String::from(*party), act)),
        [] => Err(String::from("there is nothing")),
    }
}

fn act(words: &[&str]) -> Result<Act, String> {
    Ok(match words {
        ["dials", number] => Act::Dials(self::number(number)?),
        ["calls", number, "on", trunk] => Act::Calls(self::number(number)?, String::from(*trunk)),
        ["answers"] => Act::Answers,
        ["refuses"] => Act::Refuses,
        ["is", "busy"] => Act::IsBusy,
        ["hangs", "up"] => Act::HangsUp,
        ["holds"] => Act::Holds,
        ["resumes"] => Act::Resumes,
        ["presses", keys] => Act::Presses(String::from(*keys)),
        ["transfers", "to", number] => Act::TransfersTo(self::number(number)?),
        ["registers"] => Act::Registers,
        ["unregisters"] => Act::Unregisters,
        _ => return Err(unknown("done", words, &ACTS)),
    })
}

fn expectation(words: &[&str]) -> Result<Expectation, String> {
    let text = |word: &&str| String::from(*word);
    Ok(match words {
        ["no", "calls"] => Expectation::NoCalls,
        [who, "rings"] => Expectation::Rings(text(who)),
        [who, "is", "free"] => Expectation::IsFree(text(who)),
        [who, "talks", "with", other] => Expectation::Talk(text(who), text(other)),
        [who, "hears", "music"] => Expectation::HearsMusic(text(who)),
        [who, "hears", "ringing"] => Expectation::HearsRinging(text(who)),
        [who, "hears", other] => Expectation::Hears(text(who), text(other)),
        [who, "does", "not", "hear", other] => Expectation::DoesNotHear(text(who), text(other)),
        [who, "is", "told", said @ ..] if !said.is_empty() => {
            Expectation::IsTold(text(who), said.iter().map(text).collect())
        }
        [who, "is", "called", "on", trunk] => Expectation::IsCalledOn(text(who), text(trunk)),
        [who, "sees", number] => Expectation::Sees(text(who), text(number)),
        [who, "ended", cause] => Expectation::Ended(text(who), self::cause(cause)?),
        [_, rest @ ..] => return Err(unknown("expected", rest, &EXPECTATIONS)),
        [] => {
            return Err(String::from(
                "nothing is expected; such as: expect no calls",
            ));
        }
    })
}

fn unknown(what: &str, words: &[&str], known: &[&'static str]) -> String {
    let words = words.join(" ");
    let first = words.split(' ').next().unwrap_or_default();
    let begins = known
        .iter()
        .map(|known| known.split(' ').next().unwrap_or(known));
    match nearest(first, begins) {
        Some(near) => {
            let near = known.iter().find(|known| known.starts_with(near));
            let near = near.copied().unwrap_or_default();
            format!("{words:?} cannot be {what}; did you mean {near:?}?")
        }
        None => format!(
            "{words:?} cannot be {what}; there are: {}",
            known.join(", ")
        ),
    }
}

fn number(text: &str) -> Result<Number, String> {
    let ended = text.strip_suffix('#').filter(|rest| !rest.is_empty());
    Number::parse(ended.unwrap_or(text))
        .map_err(|error| format!("{text:?} cannot be dialled: {error}"))
}

/// Reads `30s`, `2m` or `500ms`.
fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let count = digits.parse::<u32>().ok().map(u64::from);
    let unit = text.get(digits.len()..).unwrap_or_default();
    let length = count.and_then(|count| match unit {
        "ms" => Some(Duration::from_millis(count)),
        "s" => Some(Duration::from_secs(count)),
        "m" => Some(Duration::from_secs(60 * count)),
        "h" => Some(Duration::from_secs(3_600 * count)),
        _ => None,
    });
    length
        .filter(|length| *length <= WAIT_MAX)
        .ok_or_else(|| format!("{text:?} is no length of time up to a day; write it as 30s or 2m"))
}

fn cause(text: &str) -> Result<Cause, String> {
    let known = CAUSES.iter().find(|(name, _)| *name == text);
    known.map(|(_, cause)| *cause).ok_or_else(|| {
        let names: Vec<_> = CAUSES.iter().map(|(name, _)| *name).collect();
        format!(
            "{text:?} is no end of a call; there are: {}",
            names.join(", ")
        )
    })
}

const CAUSES: [(&str, Cause); 10] = [
    ("normally", Cause::Normal),
    ("busy", Cause::Busy),
    ("declined", Cause::Declined),
    ("unanswered", Cause::NoAnswer),
    ("unavailable", Cause::Unavailable),
    ("not-found", Cause::NotFound),
    ("forbidden", Cause::Forbidden),
    ("elsewhere", Cause::AnsweredElsewhere),
    ("congested", Cause::Congestion),
    ("failed", Cause::Failed),
];

const ACTS: [&str; 12] = [
    "dials NUMBER",
    "calls NUMBER on TRUNK",
    "answers",
    "refuses",
    "is busy",
    "hangs up",
    "holds",
    "resumes",
    "presses KEYS",
    "transfers to NUMBER",
    "registers",
    "unregisters",
];

const EXPECTATIONS: [&str; 10] = [
    "rings",
    "is free",
    "talks with NUMBER",
    "hears NUMBER",
    "hears music",
    "hears ringing",
    "does not hear NUMBER",
    "is told PROMPT …",
    "sees NUMBER",
    "ended HOW",
];

/// The longest wait.
const WAIT_MAX: Duration = Duration::from_secs(24 * 3_600);
