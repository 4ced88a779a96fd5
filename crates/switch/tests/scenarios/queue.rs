//! Queues and their agents (manual §2.7).

use crate::office::{Office, number, seconds, set};
use model::{
    Agent, CallStatus, Cause, Directory, Effect, Fact, FinalCallee, LeftBecause, Number, Queue,
    QueueEvent, QueueStrategy, Reply,
};
use std::num::NonZeroU32;
use std::sync::Arc;

/// QU-07, QU-12, QU-13
#[test]
fn a_caller_waits_with_music_until_the_first_agent_takes_the_call() {
    let mut office = office(&["100", "101"], |queue| {
        queue.name = String::from("support")
    });
    office.dials("102", "600");
    assert_eq!(office.last("102").answered, 1, "he is taken in at once");
    assert_eq!(office.heard("102"), "QU-12 Music");
    for agent in ["100", "101"] {
        assert!(office.is_in_a_call(agent));
        assert_eq!(office.last(agent).shown.name, "support: 王五");
        assert_eq!(office.last(agent).shown.number, Some(number("102")));
    }
    assert_eq!(office.last("102").shown.name, "support");
    office.rings("100").rings("101").passes(seconds(7));
    office.answers("101");
    assert!(office.talk("102", "101"));
    assert!(!office.is_in_a_call("100"));
    assert_eq!(office.last("100").ended, Some(Cause::AnsweredElsewhere));
    office.passes(seconds(20)).hangs_up("102");
    assert!(office.is_quiet());
    let record = office.record();
    assert_eq!(record.callee, number("600"));
    assert_eq!(record.final_callee, FinalCallee::Number(number("101")));
    assert_eq!(record.talked, seconds(20), "waiting is no talking");
    assert_eq!(record.status, CallStatus::Answered);
    assert_eq!(
        told(&office),
        "joined, offered 100, offered 101, answered by 101 after 7, talked 20"
    );
}

/// QU-02, QU-07, QU-11: of several callers each gets an agent in the order in which they came.
#[test]
fn callers_are_served_in_order_and_agents_at_the_same_time() {
    let mut office = office(&["100", "101"], |queue| {
        queue.strategy = QueueStrategy::Linear
    });
    office.dials("102", "600").passes(seconds(1));
    office.dials("103", "600").passes(seconds(1));
    office
        .calls_from_outside("5550001", "600")
        .passes(seconds(1));
    assert!(office.is_in_a_call("100") && office.is_in_a_call("101"));
    assert_eq!(office.heard("5550001"), "QU-11 QU-13 D-liang QU-14 Music");
    office.answers("101");
    assert!(office.talk("101", "103"), "each rings for his own caller");
    office.answers("100");
    assert!(office.talk("100", "102"));
    office.hangs_up("103");
    assert!(
        office.is_in_a_call("101"),
        "who has done is rung for the next"
    );
    office.answers("101");
    assert!(office.talk("101", "5550001"));
}

/// QU-05, QU-07: ring-in-use is off, and who cannot be reached or wants no calls is passed over.
#[test]
fn only_agents_who_are_free_are_rung() {
    let deeds: [(&str, crate::office::Deed<'_>); 5] = [
        ("busy", &|office| {
            office.dials("100", "*43");
        }),
        ("disturbed", &|office| {
            office.reconfigures(|directory| set(directory, "100", |own| own.do_not_disturb = true));
        }),
        ("unregistered", &|office| {
            office.unregisters("100");
        }),
        ("paused", &|office| {
            office.dials("100", "*95").saves();
            office.hangs_up("100");
        }),
        ("rung by somebody", &|office| {
            office.dials("103", "100").rings("100");
        }),
    ];
    for (why, deed) in deeds {
        let mut office = office(&["100", "101"], |queue| {
            queue.strategy = QueueStrategy::Linear
        });
        office.reconfigures(|directory| set(directory, "100", |own| own.call_waiting = true));
        deed(&mut office);
        office.log.clear();
        office.dials("102", "600");
        assert!(!office.log_has_ring("100"), "{why}");
        assert!(office.is_in_a_call("101"), "{why}");
    }
}

/// QU-02, QU-03, QU-04, QU-05, QU-06, QU-01, FC-11: what each says, and that it lasts.
#[test]
fn agents_log_in_and_out_and_take_breaks() {
    let mut office = Office::with(|directory| {
        queue_of(directory, "600", &["100"], &["101"], |_| {});
        queue_of(directory, "601", &["101"], &["103"], |_| {});
        queue_of(directory, "602", &[], &["101"], |_| {});
    });
    for (who, code, saved, hears) in [
        // Who is no agent, and who is a static one.
        ("102", "*62", false, "QU-09"),
        ("102", "*062", false, "QU-09"),
        ("102", "*95#", false, "QU-09"),
        ("102", "*095", false, "QU-09"),
        ("100", "*62#", false, "QU-10"),
        ("100", "*062", false, "QU-10"),
        ("100", "*95", true, "QU-05"),
        ("100", "*95", false, "QU-07"),
        ("100", "*095", true, "QU-06"),
        ("100", "*095", false, "QU-08"),
        // Who is static in one queue and dynamic in two.
        ("101", "*062", false, "QU-04"),
        ("101", "*62", true, "QU-01"),
        ("101", "*62", false, "QU-03"),
        ("101", "*062600#", true, "QU-02"),
        ("101", "*062600", false, "QU-04"),
        ("101", "*62601", false, "QU-10"),
        ("101", "*62699", false, "N-08"),
        ("101", "*62600", true, "QU-01"),
        ("101", "*062", true, "QU-02"),
        // In English.
        ("103", "*62", true, "en:QU-01"),
        ("103", "*62", false, "en:QU-03"),
        ("103", "*95", true, "en:QU-05"),
        ("103", "*095", true, "en:QU-06"),
        ("103", "*062", true, "en:QU-02"),
        ("103", "*062", false, "en:QU-04"),
    ] {
        let before = office.directory.clone();
        office.dials(who, code);
        assert_eq!(office.questions.len(), usize::from(saved), "{who} {code}");
        if saved {
            office.saves();
        } else {
            assert_eq!(office.directory, before);
        }
        assert_eq!(office.heard(who), hears, "{who} {code}");
        office.hears_it_out(who);
        assert!(office.is_quiet(), "{who} {code}");
    }
    office.dials("101", "*62").replies(Reply::NotSaved);
    assert_eq!(
        office.heard("101"),
        "N-25",
        "what is not on disk is not said"
    );
}

/// QU-03, QU-05: a pause is kept while an agent logs out and in.
#[test]
fn a_pause_outlasts_logging_out_and_in() {
    let mut office = dynamic_office();
    for code in ["*62", "*95", "*062", "*62"] {
        office.dials("100", code).saves().hears_it_out("100");
    }
    let agent = &office.directory.agents[&number("100")];
    assert!(agent.paused && agent.logged_in.contains(&number("600")));
    office.dials("102", "600");
    assert!(!office.is_in_a_call("100"));
    office.dials("100", "*095").saves();
    assert!(!office.log_has_ring("100"), "he still hears what he set");
    office.hears_it_out("100");
    assert!(
        office.is_in_a_call("100"),
        "whoever waits rings him at once"
    );
}

/// QU-04, IX-18: log-out stops the ringing, but not the call he has; direct calls ring as before.
#[test]
fn who_logs_out_while_he_rings_rings_no_longer() {
    let mut office = dynamic_office();
    log_in(&mut office, "100");
    office.dials("102", "600").rings("100");
    assert!(office.is_in_a_call("100"));
    office.reconfigures(|directory| {
        directory.agents.clear();
    });
    assert!(!office.is_in_a_call("100"));
    assert!(office.is_in_a_call("102"), "the caller waits on");
    log_in(&mut office, "100");
    office.answers("100");
    office.reconfigures(|directory| {
        directory.agents.clear();
    });
    assert!(office.talk("100", "102"));
    office.hangs_up("102").dials("103", "100").rings("100");
    assert!(office.is_in_a_call("100"));
    office.hangs_up("103");
    assert!(office.is_quiet());
}

/// QU-08
#[test]
fn an_agent_rings_for_15_s_and_again_5_s_later() {
    let mut office = office(&["100"], |_| {});
    office.dials("102", "600").rings("100").passes(seconds(14));
    assert!(office.is_in_a_call("100"));
    office.passes(seconds(1));
    assert_eq!(office.last("100").ended, Some(Cause::NoAnswer));
    office.passes(seconds(4));
    assert!(!office.is_in_a_call("100"));
    office.passes(seconds(1));
    office.answers("100");
    assert!(office.talk("100", "102"));
}

/// QU-08: who does not answer does not keep a caller from those who do.
#[test]
fn another_agent_rings_when_the_first_does_not_answer() {
    let mut office = office(&["100", "101"], |queue| {
        queue.strategy = QueueStrategy::Linear
    });
    office.dials("102", "600").rings("100").passes(seconds(15));
    assert!(!office.is_in_a_call("100") && office.is_in_a_call("101"));
    office.fails("101", Cause::Busy).passes(seconds(4));
    assert!(!office.is_in_a_call("100"));
    office.passes(seconds(1));
    assert!(office.is_in_a_call("100") && !office.is_in_a_call("101"));
    office.fails("100", Cause::Declined);
    assert!(office.is_in_a_call("101"), "refused less often");
}

/// QU-08
#[test]
fn an_agent_rests_after_a_call() {
    let mut office = office(&["100"], |queue| queue.wrap_up = seconds(30));
    office.dials("102", "600").answers("100");
    office.dials("103", "600").hangs_up("102");
    office.passes(seconds(29));
    assert!(!office.is_in_a_call("100"));
    office.restarts().passes(seconds(1));
    assert!(office.is_in_a_call("100"));
    office.answers("100").hangs_up("103");
    assert!(office.is_quiet(), "nobody waits until he has rested");
}

/// QU-14
#[test]
fn forwarding_and_follow_me_of_agents_are_not_for_callers_of_the_queue() {
    let mut office = office(&["100", "101"], |_| {});
    office.reconfigures(|directory| {
        for when in [model::ForwardWhen::Always, model::ForwardWhen::NoAnswer] {
            set(directory, "100", |own| {
                own.forwarding.set(when, Some(number("103")))
            });
        }
        set(directory, "101", |own| {
            own.follow_me.enabled = true;
            own.follow_me.steps.push(model::FollowStep {
                number: number("103"),
                time: seconds(10),
            });
        });
    });
    office.dials("102", "600").rings("100").rings("101");
    assert!(!office.is_in_a_call("103"));
    office.passes(seconds(60));
    assert!(!office.log_has_ring("103"));
}

/// QU-10
#[test]
fn callers_leave_a_queue_that_does_not_serve_them() {
    for (then, goes) in [
        (None, "QU-12 Music QU-20"),
        (Some("103"), "QU-12 Music Tone(Ring)"),
    ] {
        let mut office = office(&["100"], |queue| {
            queue.max_wait = Some(seconds(10));
            queue.then = then.map(number);
        });
        office.dials("102", "600").rings("100").passes(seconds(10));
        assert_eq!(office.last("100").ended, Some(Cause::NoAnswer));
        if then.is_some() {
            office.rings("103");
            assert_eq!(office.heard("102"), goes);
            office.answers("103");
            assert!(office.talk("102", "103"));
        } else {
            assert_eq!(office.heard("102"), goes);
            office.hears_it_out("102");
            assert_eq!(office.record().status, CallStatus::NoAnswer);
        }
        assert_eq!(
            told(&office),
            "joined, offered 100, left after 10: WaitedTooLong"
        );
    }
}

/// QU-10
#[test]
fn a_full_queue_takes_nobody() {
    let mut office = office(&[], |queue| queue.max_callers = NonZeroU32::new(1));
    office.dials("102", "600").dials("103", "600");
    assert_eq!(office.heard("103"), "en:QU-21");
    assert_eq!(office.last("103").answered, 0);
    office.hears_it_out("103");
    assert_eq!(office.last("103").ended, Some(Cause::Busy));
    office.hangs_up("102").calls_from_outside("5550001", "600");
    assert_eq!(
        office.heard("5550001"),
        "QU-11 QU-12 Music",
        "there is room again"
    );
}

/// QU-10: whoever waits when the last agent logs out.
#[test]
fn the_last_agent_leaves_those_who_wait() {
    let leaves = |queue: &mut Queue| {
        queue.leave_empty = true;
        queue.join_empty = false;
        queue.then = Some(number("103"));
    };
    let mut office = dynamic_office_with(leaves);
    office.dials("102", "600");
    assert!(office.is_in_a_call("103"), "nobody is there");
    office.hangs_up("102");
    log_in(&mut office, "100");
    office.dials("100", "*43");
    for caller in ["101", "102"] {
        office.dials(caller, "600");
    }
    office.calls_from_outside("5550001", "600");
    assert!(!office.is_in_a_call("103"));
    office.reconfigures(|directory| directory.agents.clear());
    let left = office.log.iter().filter(|effect| {
        matches!(effect, Effect::Fact(Fact::Queue(fact)) if matches!(
            fact.event,
            QueueEvent::TurnedAway { because: LeftBecause::NobodyThere, .. }
                | QueueEvent::Left { because: LeftBecause::NobodyThere, .. }
        ))
    });
    assert_eq!(left.count(), 4, "and the one at first");
    assert!(office.is_in_a_call("103"));

    let mut office = dynamic_office();
    log_in(&mut office, "100");
    office.dials("100", "*43").dials("102", "600");
    office.reconfigures(|directory| directory.agents.clear());
    assert!(
        office.is_in_a_call("102") && office.hears_waiting("102"),
        "as it is set up otherwise"
    );
}

/// IX-05
#[test]
fn a_call_that_is_picked_up_was_answered_by_who_picked_it_up() {
    let mut office = office(&["100"], |_| {});
    office.dials("102", "600").rings("100").passes(seconds(3));
    office.dials("101", "**100");
    assert!(office.talk("101", "102"));
    assert!(!office.is_in_a_call("100"));
    office.hangs_up("102");
    let record = &office.records[0];
    assert_eq!(record.final_callee, FinalCallee::Number(number("101")));
    assert_eq!(
        told(&office),
        "joined, offered 100, answered by 101 after 3, talked 0"
    );
}

/// QU-09
#[test]
fn a_caller_hears_where_he_stands_and_how_long_he_will_wait() {
    let mut office = office(&["100"], |_| {});
    office
        .dials("102", "600")
        .answers("100")
        .passes(seconds(150));
    office.hangs_up("102");
    office
        .dials("100", "*43")
        .dials("102", "600")
        .dials("103", "600");
    assert_eq!(
        office.heard("103"),
        "en:QU-11 en:QU-13 en:D-1 en:QU-14 en:QU-15 en:D-5 en:QU-18 Music"
    );
    office.passes(seconds(29));
    let before = office.heard("103");
    office
        .passes(seconds(1))
        .hangs_up("102")
        .passes(seconds(30));
    let heard = office.heard("103");
    let again = heard.strip_prefix(&before).unwrap();
    let first = "en:QU-13 en:D-1 en:QU-14 en:QU-15 en:D-5 en:QU-18 en:QU-19 Music";
    let then = "en:QU-12 en:QU-15 en:D-2 en:QU-18 en:QU-19 Music";
    assert_eq!(again.trim(), format!("{first} {then}"));
    office.hangs_up("100").answers("100");
    assert!(
        office.talk("100", "103"),
        "what is being said does not delay it"
    );
    assert_eq!(office.last("103").playing(), None);
}

/// QU-09, QU-10
#[test]
fn a_key_ends_the_waiting() {
    let mut office = office(&["100"], |queue| {
        queue.exit_key = model::Digit::parse('0');
        queue.exit_to = Some(number("103"));
        queue.mailbox = Some(number("101"));
        queue.announcement = String::from("offers");
    });
    office.reconfigures(|directory| set(directory, "101", |own| own.voicemail = true));
    office.dials("102", "600").rings("100");
    let offered = "QU-12 QU-23 File(\"prompts/offers.wav\") Music";
    assert_eq!(office.heard("102"), offered);
    office.types("102", "7*");
    assert!(office.is_in_a_call("100"), "other keys mean nothing");
    office.types("102", "0");
    assert!(!office.is_in_a_call("100") && office.is_in_a_call("103"));
    assert!(told(&office).ends_with("left after 0: PressedKey"));
    office.hangs_up("102").dials("102", "600").types("102", "1");
    assert!(!office.is_in_a_call("100"));
    assert!(told(&office).ends_with("left after 0: LeavesMessage"));
    assert!(office.phases().ends_with(&["leave_message"]));
}

/// QU-11: two queues with one agent.
#[test]
fn an_agent_of_two_queues_is_rung_for_one_caller_at_a_time() {
    let mut office = Office::with(|directory| {
        queue_of(directory, "600", &["100"], &[], |_| {});
        queue_of(directory, "601", &["100"], &[], |queue| queue.weight = 5);
    });
    office.dials("100", "*43");
    office.dials("101", "600").passes(seconds(5));
    office.dials("102", "601").passes(seconds(5));
    office.dials("103", "600").passes(seconds(5));
    office.hangs_up("100").answers("100");
    assert!(office.talk("100", "102"), "the weightier queue comes first");
    office.hangs_up("102").answers("100");
    assert!(office.talk("100", "101"), "then who has waited longest");
    office.hangs_up("101").answers("100");
    assert!(office.talk("100", "103"));
}

/// Both at once: whoever is too late is let go, and nobody is left alone.
#[test]
fn what_happens_at_the_same_moment_leaves_nobody_alone() {
    let mut office = office(&["100", "101"], |_| {});
    office.dials("102", "600").answers("100");
    let late = office.last("101").ended;
    assert_eq!(late, Some(Cause::AnsweredElsewhere), "two answer at once");
    assert!(office.talk("100", "102"));
    office.hangs_up("100");

    office.dials("102", "600").hangs_up("102");
    assert!(office.is_quiet(), "the caller gives up while agents ring");
    assert_eq!(office.records[1].status, CallStatus::Cancelled);
    assert!(told(&office).ends_with("left after 0: Abandoned"));
}

/// IX-09, XF-06
#[test]
fn a_call_is_transferred_into_a_queue() {
    let mut office = Office::with(|directory| {
        queue_of(directory, "600", &["103"], &[], |_| {});
    });
    office.dials("103", "*43");
    office
        .dials("100", "101")
        .answers("101")
        .types("101", "#600#");
    assert!(!office.is_in_a_call("101"));
    assert!(office.hears_waiting("100"));
    office.hangs_up("103").answers("103");
    assert!(office.talk("100", "103"));
}

/// QU-03: places, rings and rests survive a restart.
#[test]
fn whoever_waits_waits_on_after_a_restart() {
    let mut office = office(&["100"], |_| {});
    office.dials("102", "600").rings("100").passes(seconds(10));
    office.dials("103", "600").restarts().passes(seconds(5));
    assert_eq!(office.last("100").ended, Some(Cause::NoAnswer));
    office
        .restarts()
        .passes(seconds(5))
        .restarts()
        .answers("100");
    assert!(office.talk("100", "102"));
    office.restarts().hangs_up("100").answers("100");
    assert!(office.talk("100", "103"));
}

/// QU-10: a queue is removed while somebody waits, and an extension that is rung.
#[test]
fn whoever_waits_where_everything_is_removed_is_let_go() {
    let mut office = office(&["100", "101"], |_| {});
    office.dials("102", "600").rings("100");
    office.reconfigures(|directory| {
        directory.extensions.remove(&number("100"));
    });
    assert!(!office.is_in_a_call("100") && office.is_in_a_call("101"));
    office.reconfigures(|directory| directory.queues.clear());
    assert!(!office.is_in_a_call("101"));
    office.hears_it_out("102");
    assert!(office.is_quiet());
}

/// QU-07: each strategy over 100 calls.
#[test]
fn each_strategy_shares_a_hundred_calls_in_its_own_way() {
    for (strategy, shares) in [
        (QueueStrategy::Linear, [100, 0, 0]),
        (QueueStrategy::RoundRobin, [34, 33, 33]),
        (QueueStrategy::LeastRecent, [34, 33, 33]),
        (QueueStrategy::FewestCalls, [34, 33, 33]),
    ] {
        assert_eq!(shared(strategy), shares, "{strategy:?}");
    }
    let by_chance = shared(QueueStrategy::Random);
    assert_eq!(by_chance.iter().sum::<usize>(), 100);
    assert!(
        by_chance.iter().all(|calls| (20..=50).contains(calls)),
        "{by_chance:?}"
    );
}

/// How three agents share a hundred calls.
fn shared(strategy: QueueStrategy) -> [usize; 3] {
    let mut office = office(&["100", "101", "103"], |queue| queue.strategy = strategy);
    let agents = ["100", "101", "103"];
    let mut shares = [0; 3];
    for _ in 0..100 {
        office.dials("102", "600").passes(seconds(2));
        let rung = agents.map(|agent| office.is_in_a_call(agent));
        assert_eq!(rung.iter().filter(|rung| **rung).count(), 1, "{strategy:?}");
        let nth = rung.iter().position(|rung| *rung).unwrap();
        shares[nth] += 1;
        office
            .answers(agents[nth])
            .passes(seconds(10))
            .hangs_up("102");
        assert!(office.is_quiet());
    }
    shares
}

/// 600 is a queue with these agents, who need not log in.
pub(crate) fn office(agents: &[&str], change: impl FnOnce(&mut Queue)) -> Office {
    let mut office = Office::with(|directory| {
        queue_of(directory, "600", agents, &[], change);
        directory.inbound_routes.push(Arc::new(model::InboundRoute {
            trunk: String::from("carrier"),
            number: Some(number("600")),
            caller: String::new(),
            to: model::Destination::Number(number("600")),
        }));
    });
    office.passes(seconds(1));
    office
}

/// 600 is a queue in which 100 may log in.
fn dynamic_office() -> Office {
    dynamic_office_with(|_| {})
}

fn dynamic_office_with(change: impl FnOnce(&mut Queue)) -> Office {
    let mut office = office(&[], change);
    office.reconfigures(|directory| {
        let queue = directory.queues.get_mut(&number("600")).unwrap();
        Arc::make_mut(queue).dynamic_agents.push(number("100"));
    });
    office
}

pub(crate) fn log_in(office: &mut Office, agent: &str) {
    office.reconfigures(|directory| {
        let agent_is = Agent {
            logged_in: [number("600")].into(),
            paused: false,
        };
        directory.agents.insert(number(agent), Arc::new(agent_is));
    });
}

fn queue_of(
    directory: &mut Directory,
    queue: &str,
    fixed: &[&str],
    dynamic: &[&str],
    change: impl FnOnce(&mut Queue),
) {
    let numbers = |list: &[&str]| -> Vec<Number> { list.iter().map(|text| number(text)).collect() };
    let mut queue = Queue {
        static_agents: numbers(fixed),
        dynamic_agents: numbers(dynamic),
        ..Queue::new(number(queue))
    };
    change(&mut queue);
    directory.queues.insert(queue.number, Arc::new(queue));
}

/// What was told of the last caller of a queue.
pub(crate) fn told(office: &Office) -> String {
    let facts = office.log.iter().filter_map(|effect| match effect {
        Effect::Fact(Fact::Queue(fact)) => Some(fact),
        _ => None,
    });
    let facts: Vec<_> = facts.collect();
    let last = facts.last().unwrap().ticket;
    let told = facts.iter().filter(|fact| fact.ticket == last);
    let told = told.map(|fact| match &fact.event {
        QueueEvent::Joined(_) => String::from("joined"),
        QueueEvent::TurnedAway { because, .. } => format!("turned away: {because:?}"),
        QueueEvent::Offered(agent) => format!("offered {agent}"),
        QueueEvent::Missed(agent) => format!("missed by {agent}"),
        QueueEvent::Answered { by, waited } => {
            format!("answered by {by} after {}", waited.as_secs())
        }
        QueueEvent::Done { talked } => format!("talked {}", talked.as_secs()),
        QueueEvent::Left { because, waited } => {
            format!("left after {}: {because:?}", waited.as_secs())
        }
    });
    told.collect::<Vec<_>>().join(", ")
}
