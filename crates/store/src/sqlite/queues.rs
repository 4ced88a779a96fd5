//! Callers of queues: what became of them is noted as it happens, and counted when somebody asks.

use super::read::{Reader, bad_row};
use super::write::{Session, json, word};
use crate::{AgentTotals, QueueQuery, QueueStatistics, QueueTotals, ReadError};
use model::{Duration, Number, Party, QueueEvent, QueueFact, Ticket, Wall};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Error, Row, Sqlite};
use std::collections::BTreeMap;

type Query = sqlx::query::Query<'static, Sqlite, SqliteArguments>;

impl Session {
    /// Notes what happened to a caller.
    pub(crate) async fn note_queue(&mut self, at: Wall, fact: &QueueFact) -> Result<(), Error> {
        match &fact.event {
            QueueEvent::Joined(caller) => self.enter(at, fact, caller, (WAITING, None)).await,
            QueueEvent::TurnedAway { caller, because } => {
                let because = word(because)?;
                self.enter(at, fact, caller, (&because, Some(Duration::ZERO)))
                    .await
            }
            QueueEvent::Offered(agent) => self.run_query(offer(fact.ticket, agent, 1)).await,
            QueueEvent::Missed(agent) => {
                let missed = sqlx::query(
                    "UPDATE queue_offer SET missed = missed + 1 WHERE ticket = ?1 AND agent = ?2",
                );
                self.run_query(missed.bind(id(fact.ticket)).bind(agent.to_string()))
                    .await
            }
            QueueEvent::Answered { by, waited } => {
                // Whoever picks a call up was not rung for it.
                self.run_query(offer(fact.ticket, by, 0)).await?;
                let answered = sqlx::query(
                    "UPDATE queue_call SET outcome = 'answered', agent = ?2, waited_ms = ?3, answered_ms = ?4
                     WHERE ticket = ?1",
                );
                let answered = answered.bind(id(fact.ticket)).bind(by.to_string());
                self.run_query(answered.bind(ms(*waited)).bind(at.0)).await
            }
            QueueEvent::Done { talked } => {
                let done = sqlx::query("UPDATE queue_call SET talked_ms = ?2 WHERE ticket = ?1");
                self.run_query(done.bind(id(fact.ticket)).bind(ms(*talked)))
                    .await
            }
            QueueEvent::Left { because, waited } => {
                let left = sqlx::query(
                    "UPDATE queue_call SET outcome = ?2, waited_ms = ?3 WHERE ticket = ?1",
                );
                let left = left.bind(id(fact.ticket)).bind(word(because)?);
                self.run_query(left.bind(ms(*waited))).await
            }
        }
    }

    async fn enter(
        &mut self,
        at: Wall,
        fact: &QueueFact,
        caller: &Party,
        (outcome, waited): (&str, Option<Duration>),
    ) -> Result<(), Error> {
        let number = caller.number.map(|number| number.to_string());
        sqlx::query(
            "INSERT INTO queue_call (ticket, run, queue, call, caller, caller_name, entered_ms, outcome, waited_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING",
        )
        .bind(id(fact.ticket))
        .bind(self.run())
        .bind(fact.queue.as_str())
        .bind(fact.call.0.cast_signed())
        .bind(number.unwrap_or_default())
        .bind(&*caller.name)
        .bind(at.0)
        .bind(outcome)
        .bind(waited.map(ms))
        .execute(self.connection())
        .await
        .map(drop)
    }

    /// Ends what earlier runs left unfinished, at the last moment of which is known that they were alive.
    pub(crate) async fn close_queue_calls(&mut self) -> Result<(), Error> {
        for unfinished in [
            "UPDATE queue_call SET outcome = 'interrupted', waited_ms = max(0, alive_ms - entered_ms)
             FROM run WHERE run.id = queue_call.run AND run <> ?1 AND outcome = 'waiting' AND callback = 0",
            "UPDATE queue_call SET talked_ms = max(0, alive_ms - answered_ms)
             FROM run WHERE run.id = queue_call.run AND run <> ?1 AND outcome = 'answered' AND talked_ms IS NULL",
        ] {
            let run = self.run();
            self.run_query(sqlx::query(unfinished).bind(run)).await?;
        }
        Ok(())
    }

    async fn run_query(&mut self, query: Query) -> Result<(), Error> {
        query.execute(self.connection()).await.map(drop)
    }
}

fn offer(ticket: Ticket, agent: &Number, times: i64) -> Query {
    let offer = sqlx::query(
        "INSERT INTO queue_offer (ticket, agent, offered, missed)
         SELECT ?1, ?2, ?3, 0 WHERE EXISTS (SELECT 1 FROM queue_call WHERE ticket = ?1)
         ON CONFLICT (ticket, agent) DO UPDATE SET offered = offered + excluded.offered",
    );
    offer.bind(id(ticket)).bind(agent.to_string()).bind(times)
}

impl Reader {
    /// What happened in a queue. Days without callers are all zero.
    pub(crate) async fn queue_statistics(
        &self,
        query: &QueueQuery,
    ) -> Result<QueueStatistics, ReadError> {
        let midnights = query.midnights.iter();
        let days: Vec<_> = midnights
            .clone()
            .zip(midnights.skip(1))
            .map(|(from, until)| (from.0, until.0))
            .collect();
        let (count, days) = (days.len(), json(&days)?);
        let mut told = QueueStatistics {
            days: vec![QueueTotals::default(); count],
            agents: Vec::new(),
        };
        let rows = sqlx::query(DAYS)
            .bind(&*days)
            .bind(query.queue.to_string())
            .bind(ms(query.service_level))
            .fetch_all(self.pool())
            .await?;
        for row in &rows {
            if let Some(day) = told.days.get_mut(day_of(row)?) {
                *day = totals(row)?;
            }
        }
        let rows = sqlx::query(AGENTS)
            .bind(&*days)
            .bind(query.queue.to_string())
            .fetch_all(self.pool())
            .await?;
        let mut agents: BTreeMap<Number, Vec<AgentTotals>> = BTreeMap::new();
        for row in &rows {
            let agent: String = row.try_get(1)?;
            let agent = Number::parse(&agent)
                .map_err(|error| bad_row(String::from("an agent"), error.to_string()))?;
            let of_agent = agents.entry(agent);
            let of_agent = of_agent.or_insert_with(|| vec![AgentTotals::default(); count]);
            if let Some(day) = of_agent.get_mut(day_of(row)?) {
                *day = agent_totals(row)?;
            }
        }
        told.agents = agents.into_iter().collect();
        Ok(told)
    }
}

fn day_of(row: &SqliteRow) -> Result<usize, Error> {
    let day: i64 = row.try_get(0)?;
    Ok(usize::try_from(day).unwrap_or(usize::MAX))
}

fn totals(row: &SqliteRow) -> Result<QueueTotals, Error> {
    let (count, time) = (|column| count(row, column), |column| time(row, column));
    Ok(QueueTotals {
        offered: count(1)?,
        answered: count(2)?,
        abandoned: count(3)?,
        overflowed: count(4)?,
        left_by_key: count(5)?,
        left_message: count(6)?,
        not_reached: count(7)?,
        interrupted: count(8)?,
        waiting: count(9)?,
        callbacks: count(10)?,
        within_level: count(11)?,
        waited: time(12)?,
        longest: time(13)?,
        talked: time(14)?,
    })
}

fn agent_totals(row: &SqliteRow) -> Result<AgentTotals, Error> {
    Ok(AgentTotals {
        offered: count(row, 2)?,
        missed: count(row, 3)?,
        answered: count(row, 4)?,
        talked: time(row, 5)?,
    })
}

fn count(row: &SqliteRow, column: usize) -> Result<u64, Error> {
    row.try_get(column).map(i64::unsigned_abs)
}

fn time(row: &SqliteRow, column: usize) -> Result<Duration, Error> {
    count(row, column).map(Duration::from_millis)
}

/// Tickets stay far below the sign bit.
fn id(ticket: Ticket) -> i64 {
    ticket.0.cast_signed()
}

fn ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

const WAITING: &str = "waiting";

/// The columns of [`totals`] behind the day. CROSS JOIN keeps SQLite from walking through all callers first.
const DAYS: &str = "SELECT d.key, count(*), sum(outcome = 'answered'), sum(outcome = 'abandoned'),
        sum(outcome IN ('waited-too-long', 'full', 'nobody-there')), sum(outcome = 'pressed-key'),
        sum(outcome = 'leaves-message'), sum(outcome = 'not-reached'), sum(outcome = 'interrupted'),
        sum(outcome = 'waiting'), sum(callback), sum(outcome = 'answered' AND waited_ms <= ?3),
        sum(CASE outcome WHEN 'answered' THEN waited_ms ELSE 0 END), coalesce(max(waited_ms), 0),
        coalesce(sum(talked_ms), 0)
     FROM json_each(?1) AS d CROSS JOIN queue_call AS c
     WHERE c.queue = ?2 AND c.entered_ms >= d.value ->> 0 AND c.entered_ms < d.value ->> 1
     GROUP BY d.key";
/// The columns of [`agent_totals`] behind the day and the agent.
const AGENTS: &str = "SELECT d.key, o.agent, sum(o.offered), sum(o.missed), coalesce(sum(c.agent = o.agent), 0),
        sum(CASE WHEN c.agent = o.agent THEN coalesce(c.talked_ms, 0) ELSE 0 END)
     FROM json_each(?1) AS d CROSS JOIN queue_call AS c CROSS JOIN queue_offer AS o
     WHERE c.queue = ?2 AND c.entered_ms >= d.value ->> 0 AND c.entered_ms < d.value ->> 1 AND o.ticket = c.ticket
     GROUP BY d.key, o.agent";
