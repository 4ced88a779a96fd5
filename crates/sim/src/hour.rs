//! An hour of an office, for measuring.

use crate::ears::Attention;
use crate::{Happened, Link, Manner, Office, PhoneId, Random};
use model::{Duration, Time};
use std::collections::BTreeMap;

/// What was done in an hour.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hour {
    /// Phones.
    pub phones: usize,
    /// Calls that were made.
    pub calls: usize,
    /// Those that were answered.
    pub answered: usize,
    /// Packets of sound that reached phones.
    pub packets: u64,
    /// Registrations that were granted.
    pub registrations: usize,
    /// What is left over of calls when all have hung up; there should be nothing.
    pub left_over: Option<String>,
}

/// Lets `phones` phones live through an hour: each registers every eight minutes, calls another one three times and
/// talks for a minute on average; one call in ten is not answered.
#[must_use]
pub fn virtual_hour(phones: usize, seed: u64) -> Hour {
    let mut office = Office::new(seed);
    office.forget_capture();
    office.set_link(Link {
        latency: Duration::from_millis(5),
        ..Link::default()
    });
    let mut random = Random::new(seed);
    let ids: Vec<PhoneId> = (0..phones)
        .map(|place| office.phone(&(1_000 + place).to_string()))
        .collect();
    for id in &ids {
        office[*id].listen(Attention::Counts);
        office[*id].manner =
            Manner::AnswersAfter(Duration::from_millis(2_000 + random.below(6_000)));
    }
    office.run_for(Duration::from_secs(5));
    let begin = office.now().mono;
    for (at, act) in plan(begin, &ids, &mut random) {
        office.run_for(at.since(office.now().mono));
        match act {
            Act::Dial(caller, callee) => {
                let number = office[callee].extension().to_owned();
                office[caller].dial(&number);
            }
            Act::HangUp(caller) => office[caller].hang_up(),
        }
    }
    let end = begin + Duration::from_secs(3_600);
    office.run_for(end.since(office.now().mono));
    for id in &ids {
        office[*id].hang_up_all();
    }
    office.run_for(Duration::from_secs(120));
    let count = |what: &Happened| ids.iter().map(|id| office[*id].count(what)).sum();
    Hour {
        phones,
        calls: office.records().len(),
        answered: count(&Happened::Answered),
        packets: ids.iter().map(|id| office[*id].packets_heard()).sum(),
        registrations: count(&Happened::Registered),
        left_over: office.left_over(),
    }
}

enum Act {
    Dial(PhoneId, PhoneId),
    HangUp(PhoneId),
}

/// Who does what when.
fn plan(begin: Time, ids: &[PhoneId], random: &mut Random) -> impl Iterator<Item = (Time, Act)> {
    let mut plan = BTreeMap::new();
    let calls = u64::try_from(ids.len()).unwrap_or(0) * CALLS;
    for number in 0..calls {
        let (Some(caller), Some(callee)) = (random.one_of(ids), random.one_of(ids)) else {
            continue;
        };
        let at = begin + Duration::from_millis(random.below(3_500_000));
        // One in ten gives up before anybody can answer.
        let lasts = match random.below(10) {
            0 => 1_500,
            _ => 10_000 + random.below(110_000),
        };
        plan.insert((at, number, 0), Act::Dial(*caller, *callee));
        let over = at + Duration::from_millis(lasts);
        plan.insert((over, number, 1), Act::HangUp(*caller));
    }
    plan.into_iter().map(|((at, ..), act)| (at, act))
}

/// Calls that a phone makes in an hour.
const CALLS: u64 = 3;
