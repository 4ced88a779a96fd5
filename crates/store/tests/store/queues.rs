//! What became of callers of queues, against somebody who counts with pencil and paper.

use crate::support::{block_on, number, open};
use model::{
    CallId, Duration, Fact, LeftBecause, Number, Party, QueueEvent, QueueFact, Ticket, Wall,
};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeMap;
use store::{AgentTotals, DataFolder, Opened, QueueQuery, QueueStatistics, QueueTotals, Store};
use tempfile::TempDir;

/// Somebody who came to a queue.
#[derive(Clone, Debug)]
struct Visit {
    queue: usize,
    entered_ms: i64,
    waited_ms: u64,
    /// The agents who were rung, and whether each did not take the call.
    rung: Vec<(usize, bool)>,
    fate: Fate,
}

#[derive(Clone, Copy, Debug)]
enum Fate {
    Served { by: usize, talked_ms: u64 },
    Left(LeftBecause),
    TurnedAway(LeftBecause),
}

fn fate() -> impl Strategy<Value = Fate> {
    use LeftBecause::{
        Abandoned, Full, Interrupted, LeavesMessage, NobodyThere, PressedKey, WaitedTooLong,
    };
    let left = [
        Abandoned,
        WaitedTooLong,
        NobodyThere,
        PressedKey,
        LeavesMessage,
        Interrupted,
    ];
    prop_oneof![
        4 => (0..AGENTS.len(), 0..600_000_u64).prop_map(|(by, talked_ms)| Fate::Served { by, talked_ms }),
        3 => proptest::sample::select(left.to_vec()).prop_map(Fate::Left),
        1 => proptest::sample::select(vec![Full, NobodyThere]).prop_map(Fate::TurnedAway),
    ]
}

fn visit() -> impl Strategy<Value = Visit> {
    let rung = vec((0..AGENTS.len(), any::<bool>()), 0..4);
    (
        0..QUEUES.len(),
        0..DAYS * DAY_MS,
        0..200_000_u64,
        rung,
        fate(),
    )
        .prop_map(|(queue, entered_ms, waited_ms, rung, fate)| Visit {
            queue,
            // Often exactly at midnight.
            entered_ms: if entered_ms % 7 == 0 {
                entered_ms / DAY_MS * DAY_MS
            } else {
                entered_ms
            },
            waited_ms,
            rung,
            fate,
        })
}

/// What happens to a visitor, and when.
fn story(visit: &Visit) -> Vec<(i64, QueueEvent)> {
    let caller = Party {
        number: None,
        name: String::from("somebody"),
    };
    let at = visit.entered_ms;
    let gone = at + visit.waited_ms.cast_signed();
    let waited = Duration::from_millis(visit.waited_ms);
    if let Fate::TurnedAway(because) = visit.fate {
        return vec![(at, QueueEvent::TurnedAway { caller, because })];
    }
    let mut story = vec![(at, QueueEvent::Joined(caller))];
    for (agent, missed) in &visit.rung {
        let agent = number(AGENTS[*agent]);
        story.push((at, QueueEvent::Offered(agent)));
        if *missed {
            story.push((gone, QueueEvent::Missed(agent)));
        }
    }
    match visit.fate {
        Fate::Served { by, talked_ms } => {
            let by = number(AGENTS[by]);
            let talked = Duration::from_millis(talked_ms);
            story.push((gone, QueueEvent::Answered { by, waited }));
            story.push((gone + talked_ms.cast_signed(), QueueEvent::Done { talked }));
        }
        Fate::Left(because) => story.push((gone, QueueEvent::Left { because, waited })),
        Fate::TurnedAway(_) => {}
    }
    story
}

/// All that happens, in order, with whose visit it belongs to.
fn stories(visits: &[Visit]) -> Vec<(i64, usize, QueueEvent)> {
    let mut all: Vec<_> = visits
        .iter()
        .enumerate()
        .flat_map(|(nth, visit)| {
            story(visit)
                .into_iter()
                .map(move |(at, event)| (at, nth, event))
        })
        .collect();
    all.sort_by_key(|(at, ..)| *at);
    all
}

fn tell(store: &Store, visits: &[Visit], (at, nth, event): &(i64, usize, QueueEvent)) {
    let fact = QueueFact {
        queue: number(QUEUES[visits[*nth].queue]),
        ticket: Ticket(u64::try_from(*nth).expect("a count") + 1),
        call: CallId(7),
        event: event.clone(),
    };
    store.note(Wall(BASE_MS + at), &Fact::Queue(fact));
}

/// Counts what was told, up to the crash and from there on.
fn counted(
    visits: &[Visit],
    told: &[(i64, usize, QueueEvent)],
    crash: usize,
    queue: usize,
) -> QueueStatistics {
    let mut days = vec![QueueTotals::default(); usize::try_from(DAYS).expect("a count")];
    let mut agents: BTreeMap<Number, Vec<AgentTotals>> = BTreeMap::new();
    for (nth, visit) in visits.iter().enumerate() {
        if visit.queue != queue {
            continue;
        }
        let own = |part: &[(i64, usize, QueueEvent)]| -> Vec<QueueEvent> {
            let own = part.iter().filter(|(_, of, _)| *of == nth);
            own.map(|(_, _, event)| event.clone()).collect()
        };
        let (before, after) = (own(&told[..crash]), own(&told[crash..]));
        let crashed = !before.is_empty() && !after.is_empty();
        let events = if before.is_empty() { after } else { before };
        let at = usize::try_from(visit.entered_ms / DAY_MS).expect("a day");
        let day = &mut days[at];
        day.offered += 1;
        let mut of_agent = |agent: &Number, count: &dyn Fn(&mut AgentTotals)| {
            let days = agents.entry(*agent).or_insert_with(|| {
                vec![AgentTotals::default(); usize::try_from(DAYS).expect("a count")]
            });
            count(&mut days[at]);
        };
        let mut ended = false;
        for event in &events {
            match event {
                QueueEvent::Joined(_) => {}
                QueueEvent::Offered(agent) => of_agent(agent, &|agent| agent.offered += 1),
                QueueEvent::Missed(agent) => of_agent(agent, &|agent| agent.missed += 1),
                QueueEvent::Answered { by, waited } => {
                    ended = true;
                    day.answered += 1;
                    day.waited += *waited;
                    day.longest = day.longest.max(*waited);
                    day.within_level += u64::from(*waited <= LEVEL);
                    of_agent(by, &|agent| agent.answered += 1);
                }
                QueueEvent::Done { talked } => {
                    day.talked += *talked;
                    if let Fate::Served { by, .. } = visit.fate {
                        of_agent(&number(AGENTS[by]), &|agent| {
                            agent.talked += *talked;
                        });
                    }
                }
                QueueEvent::TurnedAway { .. } => {
                    ended = true;
                    day.overflowed += 1;
                }
                QueueEvent::Left { because, waited } => {
                    ended = true;
                    day.longest = day.longest.max(*waited);
                    *match because {
                        LeftBecause::Abandoned => &mut day.abandoned,
                        LeftBecause::WaitedTooLong
                        | LeftBecause::Full
                        | LeftBecause::NobodyThere => &mut day.overflowed,
                        LeftBecause::PressedKey => &mut day.left_by_key,
                        LeftBecause::LeavesMessage => &mut day.left_message,
                        LeftBecause::Interrupted => &mut day.interrupted,
                    } += 1;
                }
            }
        }
        // All of it happens long after this test runs: at the crash nobody had waited or talked yet.
        day.interrupted += u64::from(crashed && !ended);
    }
    QueueStatistics {
        days,
        agents: agents.into_iter().collect(),
    }
}

fn crash(taken: DataFolder, opened: Opened, folder: &TempDir) -> (DataFolder, Opened) {
    opened.store.barrier().wait().expect("written");
    // As after SIGKILL: nothing is closed. The lock is freed as the kernel would.
    std::mem::forget(opened);
    drop(taken);
    open(folder.path()).expect("open again")
}

fn statistics(store: &Store, queue: &str) -> QueueStatistics {
    let query = QueueQuery {
        queue: number(queue),
        midnights: (0..=DAYS).map(|day| Wall(BASE_MS + day * DAY_MS)).collect(),
        service_level: LEVEL,
    };
    block_on(store.queue_statistics(&query)).expect("an answer")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// QU-13: what a queue and its agents did on each day of a random week, with a crash somewhere in it.
    #[test]
    fn statistics_are_what_was_seen_whenever_the_server_was_killed(
        visits in vec(visit(), 1..60),
        crashes_at in 0.0..1.0_f64,
    ) {
        let told = stories(&visits);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss,
            reason = "some place in a short list")]
        let crashes_at = (told.len() as f64 * crashes_at) as usize;
        let folder = tempfile::tempdir().expect("a folder");
        let (taken, opened) = open(folder.path()).expect("open");
        for fact in &told[..crashes_at] {
            tell(&opened.store, &visits, fact);
        }
        let (_taken, opened) = crash(taken, opened, &folder);
        for fact in &told[crashes_at..] {
            let begun = told[..crashes_at].iter().any(|(_, nth, _)| *nth == fact.1);
            if !begun {
                tell(&opened.store, &visits, fact);
            }
        }
        opened.store.barrier().wait().expect("written");
        for (nth, queue) in QUEUES.iter().enumerate() {
            let expected = counted(&visits, &told, crashes_at, nth);
            prop_assert_eq!(statistics(&opened.store, queue), expected);
        }
        opened.store.close();
    }
}

/// QU-13: who waits while somebody asks is counted as waiting, and who talks as answered.
#[test]
fn what_is_not_over_is_counted_as_what_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_taken, opened) = open(folder.path()).expect("open");
    let visit = |fate| Visit {
        queue: 0,
        entered_ms: 1_000,
        waited_ms: 5_000,
        rung: vec![(0, false)],
        fate,
    };
    let talks = Fate::Served {
        by: 0,
        talked_ms: 1,
    };
    let visits = [visit(talks), visit(talks), visit(talks)];
    for fact in stories(&visits).iter().filter(|(at, nth, event)| {
        *nth == 2 || !matches!(event, QueueEvent::Done { .. }) && (*nth == 1 || *at < 6_000)
    }) {
        tell(&opened.store, &visits, fact);
    }
    opened.store.barrier().wait().expect("written");
    let today = statistics(&opened.store, QUEUES[0]).days[0];
    assert_eq!((today.offered, today.waiting, today.answered), (3, 1, 2));
    assert_eq!(today.talked, Duration::from_millis(1));
    opened.store.close();
}

const QUEUES: [&str; 2] = ["600", "601"];
const AGENTS: [&str; 3] = ["100", "101", "102"];
const DAYS: i64 = 5;
const DAY_MS: i64 = 86_400_000;
/// Long after this test runs.
const BASE_MS: i64 = 4_102_444_800_000;
const LEVEL: Duration = Duration::from_secs(60);
