//! Queues, as those see them who watch over them.

use crate::office::{Office, number, seconds, set};
use crate::queue::{log_in, office};
use model::{AgentState, LiveQueue, QueueStrategy};
use std::sync::Arc;

/// QU-13, QU-15: who waits and for how long, in order, and who rings for whom.
#[test]
fn who_waits_is_seen_with_who_rings_for_him() {
    let mut office = office(&["100"], |queue| {
        queue.strategy = QueueStrategy::Linear;
    });
    office.dials("102", "600").passes(seconds(7));
    office.calls_from_outside("5550001", "600");
    let queue = seen(&office);
    let [first, second] = &queue.waiting[..] else {
        panic!("{queue:?}")
    };
    assert_eq!(first.party.number, Some(number("102")));
    assert_eq!(first.rung, [number("100")]);
    assert_eq!(second.party.number, Some(number("5550001")));
    assert_eq!(second.since.0 - first.since.0, 7_000);
    assert!(second.rung.is_empty() && first.ticket < second.ticket);
    office.answers("100");
    let queue = seen(&office);
    assert_eq!(queue.waiting.len(), 1, "who is served does not wait");
    assert_eq!(queue.agents[0].taken, 1);
}

/// QU-15: an agent is seen in each of his states.
#[test]
fn what_an_agent_does_is_seen() {
    use AgentState::{Busy, Dnd, Free, LoggedOut, Paused, Resting, Ringing, Serving, Unavailable};
    let mut office = office(&[], |queue| {
        queue.dynamic_agents = vec![number("100")];
        queue.wrap_up = seconds(20);
    });
    let is = |office: &Office| seen(office).agents[0].state;
    assert_eq!(is(&office), LoggedOut);
    log_in(&mut office, "100");
    assert_eq!(is(&office), Free);
    office.dials("100", "*43");
    assert_eq!(is(&office), Busy);
    office.hangs_up("100").dials("102", "600").rings("100");
    assert_eq!(is(&office), Ringing);
    office.answers("100");
    assert_eq!(is(&office), Serving);
    office.hangs_up("102");
    assert_eq!(is(&office), Resting);
    office.passes(seconds(20));
    assert_eq!(is(&office), Free);
    office.reconfigures(|directory| {
        let agent = directory.agents.get_mut(&number("100")).unwrap();
        Arc::make_mut(agent).paused = true;
    });
    assert_eq!(is(&office), Paused);
    office.reconfigures(|directory| {
        let agent = directory.agents.get_mut(&number("100")).unwrap();
        Arc::make_mut(agent).paused = false;
        set(directory, "100", |own| own.do_not_disturb = true);
    });
    assert_eq!(is(&office), Dnd);
    office.reconfigures(|directory| set(directory, "100", |own| own.do_not_disturb = false));
    office.unregisters("100");
    assert_eq!(is(&office), Unavailable);
}

fn seen(office: &Office) -> LiveQueue {
    office.switch.queues(office.now.mono).next().unwrap()
}
