//! Random people on a random network: whatever they do, nothing may be left over.

use crate::support::{ANNA, BEN, Manners, World, header};
use sip::message::Method;
use sip::session::Body;
use sip::{Ids, Transport};
use std::time::Duration;

/// SI-04
#[test]
fn whatever_happens_nothing_is_left_over() {
    for seed in 0..seeds() {
        storm(seed);
    }
}

#[test]
fn the_same_seed_gives_the_same_storm() {
    let eventful = (0..seeds()).find(|seed| storm(*seed).len() > 10);
    let seed = eventful.expect("storms in which something happens");
    assert_eq!(storm(seed), storm(seed));
}

/// `STORM=N` asks for more.
fn seeds() -> u64 {
    std::env::var("STORM")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(1_000)
}

/// One call from its INVITE to its end; gives its ladder.
fn storm(seed: u64) -> Vec<(u64, String)> {
    let mut dice = Ids::new(seed);
    let transport = if dice.below(4) == 0 {
        Transport::Tcp
    } else {
        Transport::Udp
    };
    let mut world = World::seeded(transport, seed);
    if transport == Transport::Udp {
        world.noise.lost_percent = [0, 5, 20, 40][dice.below(4) as usize];
        world.noise.doubled_percent = dice.below(20);
        world.noise.delayed_ms = [0, 30, 700][dice.below(3) as usize];
    }
    let headers = match dice.below(3) {
        0 => vec![header("Require", "100rel")],
        _ => Vec::new(),
    };
    if dice.below(3) == 0 {
        world.manners = Manners::Silent;
    }
    if dice.below(5) == 0 {
        world.replaced.push(("UPDATE, ", ""));
    }
    world.call_with(
        if dice.below(4) == 0 {
            None
        } else {
            Some("offer")
        },
        headers,
    );
    for _ in 0..dice.below(30) {
        let pause = [0, 5, 200, 3_000][dice.below(4) as usize];
        world.run_ms(u64::from(dice.below(pause + 1)));
        let who = if dice.below(2) == 0 { ANNA } else { BEN };
        if world.ends[who].session.is_some() {
            act(&mut world, &mut dice, who);
        }
    }
    world.run_s(u64::from(dice.below(2_000)));
    for who in [ANNA, BEN] {
        if world.ends[who].session.is_some() {
            world.bye(who);
        }
    }
    world.noise.lost_percent = 0;
    world.run_dry(Duration::from_secs(4_000));
    world.assert_nothing_is_left();
    for who in [ANNA, BEN] {
        let ends = |it: &&String| it.starts_with("Ended") || it.starts_with("Failed");
        let heard = &world.ends[who].heard;
        let invited = heard
            .iter()
            .filter(|it| it.starts_with("Invited"))
            .count()
            .max(1);
        let ended = heard.iter().filter(ends).count();
        let spoke = world.ends[who].session.is_some();
        assert!(
            ended <= invited && (!spoke || ended > 0),
            "seed {seed}: {heard:?}"
        );
    }
    world.ladder
}

fn act(world: &mut World, dice: &mut Ids, who: usize) {
    let body = Body::sdp(format!("said {}", dice.below(100)));
    match dice.below(17) {
        0 | 1 => world.at(who, |now, tx, it| it.ring(now, tx)),
        2 | 3 => world.at(who, |now, tx, it| it.progress(now, tx, body)),
        4..=6 => world.at(who, |now, tx, it| it.accept(now, tx, Some(body))),
        7 => world.at(who, |now, tx, it| {
            let _ = it.offer(now, tx, body);
        }),
        8 | 9 => world.renegotiate(who),
        10 => world.at(who, |now, tx, it| it.info(now, tx, body)),
        11 => {
            let identity = vec![header("P-Asserted-Identity", "<sip:carl@192.0.2.3>")];
            world.at(who, |now, tx, it| it.identify(now, tx, identity));
        }
        12 => match dice.below(4) {
            0 => world.at(who, |now, tx, it| it.reject(now, tx, 486, Vec::new())),
            1 => world.at(who, |now, tx, it| it.cancel(now, tx, Vec::new())),
            2 => world.bye(who),
            _ => world.at(who, |now, tx, it| it.reject(now, tx, 401, Vec::new())),
        },
        13 => {
            if let Some(request) = world.ends[who].challenged.pop() {
                let credentials = Some(vec![header("Authorization", "Digest x")]);
                world.at(who, |now, tx, it| {
                    it.authorize(now, tx, request, credentials)
                });
            }
        }
        14 => {
            let offers = dice.below(2) == 0;
            if world.ends[who]
                .session
                .as_ref()
                .is_some_and(|it| it.dialog().is_some())
            {
                world.forge(who, Method::Update, &[], offers.then_some("forged"));
            }
        }
        15 => world.at(who, |now, tx, it| it.answer(now, tx, body)),
        _ => world.at(who, |now, tx, it| it.refuse(now, tx, 488, &[])),
    }
}
