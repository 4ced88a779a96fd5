//! Pages register with a login of their own in place of the extension's password.

mod common;

use common::{Algorithm, Phone, World, directory, number, secret, udp};
use edge::{Output, Pass};
use model::{Duration, Input, Reachability};
use sip::{ConnectionId, Flow, Transport};
use std::sync::Arc;

/// A page of extension 100 with a pass of a session.
fn page(world: &mut World, session: u64, connection: u64) -> Phone {
    let user = Pass::user(session, &connection.to_string());
    let pass = Pass {
        session,
        extension: number("100"),
        secret: secret(&user, "fleeting"),
        user: user.clone(),
        lasts: LASTS,
    };
    world.edge.admit(world.now, pass);
    let mut phone = Phone::new("100", browser(connection));
    phone.contact = format!("<sip:100@{connection}.invalid;transport=ws>");
    phone.login = user;
    phone.password = String::from("fleeting");
    phone.algorithm = Algorithm::Md5;
    phone
}

fn browser(connection: u64) -> Flow {
    Flow {
        transport: Transport::Wss,
        connection: Some(ConnectionId(connection)),
        ..udp("192.0.2.100:50000")
    }
}

/// DIAL-08 SET-06
#[test]
fn a_page_is_a_phone_of_the_extension_beside_its_others() {
    let mut world = World::new();
    let mut desk = Phone::new("100", udp("192.0.2.101:5060"));
    assert_eq!(desk.register(&mut world, "").status(), 200);
    for algorithm in [Algorithm::Md5, Algorithm::Sha256] {
        let mut page = page(&mut world, 7, 1);
        page.algorithm = algorithm;
        page.call_id = format!("{algorithm:?}");
        assert_eq!(page.register(&mut world, "").status(), 200);
    }
    assert_eq!(world.edge.registered(), 2);
}

#[test]
fn a_pass_speaks_for_its_own_extension_over_a_web_socket_alone() {
    let mut world = World::new();
    let good = page(&mut world, 7, 1);
    let mut other = good.clone();
    other.user = String::from("101");
    assert_eq!(other.register(&mut world, "").status(), 403);
    let mut desk = good.clone();
    desk.flow = udp("192.0.2.100:5060");
    assert_eq!(desk.register(&mut world, "").status(), 401);
    let mut thief = good;
    thief.password = String::from("guessed");
    assert_eq!(thief.register(&mut world, "").status(), 401);
    assert_eq!(world.edge.registered(), 0);
}

/// GEN-06: a page that slept has guessed nobody's password, however often it comes.
#[test]
fn a_pass_ends_and_whoever_comes_too_late_is_not_banned() {
    let mut world = World::new();
    let mut page = page(&mut world, 7, 1);
    world.pass(LASTS - Duration::from_secs(1));
    assert_eq!(page.register(&mut world, "").status(), 200);
    world.pass(Duration::from_secs(1));
    for _ in 0..20 {
        page.nonce = None;
        assert_eq!(page.register(&mut world, "").status(), 401);
    }
    assert_eq!(world.edge.bans(world.now), 0);
    assert!(world.others.is_empty(), "{:?}", world.others);
}

/// GEN-01 GEN-06
#[test]
fn what_was_opened_in_a_session_is_closed_with_it() {
    let mut world = World::new();
    let mut pages = [(7, 1), (7, 2), (8, 3)].map(|(session, connection)| {
        let mut page = page(&mut world, session, connection);
        assert_eq!(page.register(&mut world, "").status(), 200);
        page
    });
    world.edge.revoke(world.now, 7);
    world.drain();
    let closed: Vec<_> = std::mem::take(&mut world.others);
    assert_eq!(closed, [1, 2].map(|id| Output::Close(browser(id))));
    world.told();
    for id in [1, 2] {
        world.disconnect(browser(id));
    }
    assert_eq!(world.edge.registered(), 1);
    assert_eq!(pages[0].register(&mut world, "").status(), 401);
    assert_eq!(pages[2].register(&mut world, "").status(), 200);
    world.edge.revoke(world.now, 8);
    world.drain();
    world.disconnect(browser(3));
    let gone = Input::Reachable(number("100"), Reachability::Unavailable);
    assert_eq!(world.told().last(), Some(&gone));
}

/// A change of the password cuts phones off; whether a page may stay, its session says.
#[test]
fn a_page_outlasts_a_change_of_the_password_and_not_the_end_of_its_extension() {
    let mut world = World::new();
    let mut page = page(&mut world, 7, 1);
    assert_eq!(page.register(&mut world, "").status(), 200);
    let mut changed = directory();
    let extension = changed
        .extensions
        .get_mut(&number("100"))
        .expect("it is there");
    Arc::make_mut(extension).secret = secret("100", "another");
    world.configure(changed.clone());
    assert_eq!(world.edge.registered(), 1);
    changed.extensions.remove(&number("100"));
    world.configure(changed);
    assert_eq!(world.edge.registered(), 0);
    assert_eq!(page.register(&mut world, "").status(), 401);
}

#[test]
fn the_oldest_passes_of_a_session_give_way() {
    let mut world = World::new();
    let mut pages: Vec<_> = (1..=17).map(|id| page(&mut world, 7, id)).collect();
    assert_eq!(pages[0].register(&mut world, "").status(), 401);
    assert_eq!(pages[1].register(&mut world, "").status(), 200);
    assert_eq!(pages[16].register(&mut world, "").status(), 200);
}

const LASTS: Duration = Duration::from_secs(900);
