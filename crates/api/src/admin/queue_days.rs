//! What became of the callers of a queue, as numbers that people compare (QU-13).

use crate::problem::Problem;
use crate::time::{Days, NoDays, Zone};
use model::{Directory, Duration, Number, Queue, Wall};
use serde::Serialize;
use store::{AgentTotals, QueueQuery, QueueStatistics, QueueTotals};
use utoipa::ToSchema;

/// What became of those who came on some days.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Statistics {
    /// Who is answered within so many seconds is served well.
    service_level_seconds: u64,
    /// All days together.
    total: Totals,
    /// Each day.
    days: Vec<Day>,
    /// What each agent did for those who came on these days.
    agents: Vec<AgentTotal>,
}

/// One day.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Day {
    /// `YYYY-MM-DD`.
    #[schema(example = "2026-03-14")]
    day: String,
    #[serde(flatten)]
    totals: Totals,
}

/// What became of those who came.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Totals {
    /// All who came.
    offered: u64,
    /// Those who talked with somebody.
    answered: u64,
    /// Those who hung up.
    abandoned: u64,
    /// Those who were sent on: the queue was full, nobody was there, or they had waited too long.
    overflowed: u64,
    /// Those who pressed the key for it.
    left_by_key: u64,
    /// Those who left a message instead.
    left_message: u64,
    /// Those who asked to be called back and were not reached.
    not_reached: u64,
    /// Those who were cut off because the server stopped, or the queue was removed.
    interrupted: u64,
    /// Those who still wait.
    waiting: u64,
    /// All who asked to be called back, whatever became of it.
    callbacks: u64,
    /// Of those who do not wait any more, the hundredths that were answered within the service level; `null`: nobody came.
    service_level_percent: Option<f64>,
    /// How long those who were answered waited on average; `null`: nobody was.
    mean_waited_seconds: Option<f64>,
    /// How long anybody waited at most.
    max_waited_seconds: f64,
    /// How long was talked with those who were answered on average; `null`: nobody was.
    mean_talked_seconds: Option<f64>,
}

/// What one agent did.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct AgentTotal {
    /// His extension.
    #[schema(value_type = String, example = "100")]
    number: Number,
    /// His name; empty when he is gone.
    name: String,
    #[serde(flatten)]
    total: AgentDay,
    /// Each day, as many as those of the queue.
    days: Vec<AgentDay>,
}

/// What an agent did for those who came on a day, or on all.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct AgentDay {
    /// How often he was rung.
    offered: u64,
    /// How often he did not take the call, nor did anybody else meanwhile.
    missed: u64,
    /// How many callers he took.
    answered: u64,
    /// How long he talked with them on average; `null`: there were none.
    mean_talked_seconds: Option<f64>,
}

/// The days that somebody asks for, and what the store is asked.
pub(crate) fn query(
    queue: &Queue,
    range: (Option<&str>, Option<&str>),
    zone: &Zone,
    now: Wall,
) -> Result<(Days, QueueQuery), Problem> {
    let days = zone.days(range, now, DAYS_MAX).map_err(|why| match why {
        NoDays::From => Problem::field("from", "not-a-date", "is no day; write YYYY-MM-DD"),
        NoDays::Until => Problem::field("to", "not-a-date", "is no day; write YYYY-MM-DD"),
        NoDays::Backwards => Problem::field("to", "from-after-to", "is before `from`"),
        NoDays::TooMany => {
            Problem::field("from", "out-of-range", "is more than 366 days before `to`")
        }
    })?;
    let query = QueueQuery {
        queue: queue.number,
        midnights: days.midnights.clone(),
        service_level: queue.service_level,
    };
    Ok((days, query))
}

/// What was found, as it is told.
pub(crate) fn statistics(
    days: Days,
    query: &QueueQuery,
    found: QueueStatistics,
    directory: &Directory,
) -> Statistics {
    let mut total = QueueTotals::default();
    for day in &found.days {
        total += *day;
    }
    let days = days.names.into_iter().zip(&found.days);
    let agents = found.agents.into_iter();
    Statistics {
        service_level_seconds: query.service_level.as_secs(),
        total: Totals::of(&total),
        days: days
            .map(|(day, totals)| Day {
                day,
                totals: Totals::of(totals),
            })
            .collect(),
        agents: agents
            .map(|(number, days)| agent(number, &days, directory))
            .collect(),
    }
}

fn agent(number: Number, days: &[AgentTotals], directory: &Directory) -> AgentTotal {
    let mut total = AgentTotals::default();
    for day in days {
        total += *day;
    }
    let extension = directory.extension(&number);
    AgentTotal {
        number,
        name: extension
            .map(|known| known.name.clone())
            .unwrap_or_default(),
        total: AgentDay::of(&total),
        days: days.iter().map(AgentDay::of).collect(),
    }
}

impl Totals {
    fn of(totals: &QueueTotals) -> Self {
        let over = totals.offered - totals.waiting;
        Self {
            offered: totals.offered,
            answered: totals.answered,
            abandoned: totals.abandoned,
            overflowed: totals.overflowed,
            left_by_key: totals.left_by_key,
            left_message: totals.left_message,
            not_reached: totals.not_reached,
            interrupted: totals.interrupted,
            waiting: totals.waiting,
            callbacks: totals.callbacks,
            service_level_percent: ratio(totals.within_level * 1_000, over).map(tenths),
            mean_waited_seconds: mean(totals.waited, totals.answered),
            max_waited_seconds: seconds(totals.longest),
            mean_talked_seconds: mean(totals.talked, totals.answered),
        }
    }
}

impl AgentDay {
    fn of(totals: &AgentTotals) -> Self {
        Self {
            offered: totals.offered,
            missed: totals.missed,
            answered: totals.answered,
            mean_talked_seconds: mean(totals.talked, totals.answered),
        }
    }
}

fn mean(all: Duration, count: u64) -> Option<f64> {
    let all = u64::try_from(all.as_millis()).unwrap_or(u64::MAX);
    ratio(all, count).map(|ms| seconds(Duration::from_millis(ms)))
}

/// Rounded to the nearest.
fn ratio(all: u64, count: u64) -> Option<u64> {
    (count > 0).then(|| (all + count / 2) / count)
}

/// To the tenth.
fn seconds(duration: Duration) -> f64 {
    tenths(u64::try_from((duration.as_millis() + 50) / 100).unwrap_or(u64::MAX))
}

fn tenths(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / 10.0
}

/// A year.
const DAYS_MAX: usize = 366;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_to_the_tenth_and_nobody_is_no_average() {
        let told = Totals::of(&QueueTotals {
            offered: 4,
            answered: 2,
            abandoned: 1,
            waiting: 1,
            within_level: 2,
            waited: Duration::from_millis(10_300),
            longest: Duration::from_millis(9_949),
            ..QueueTotals::default()
        });
        assert_eq!(told.service_level_percent, Some(66.7));
        assert_eq!(told.mean_waited_seconds, Some(5.2));
        assert!((told.max_waited_seconds - 9.9).abs() < f64::EPSILON);
        let nobody = Totals::of(&QueueTotals::default());
        assert_eq!(
            (nobody.service_level_percent, nobody.mean_talked_seconds),
            (None, None)
        );
    }
}
