//! Outside lines: another server at the other end, and SIPp as a carrier.

use crate::{CONVERSATION, baresip, office, text};
use model::{CallStatus, CallType};
use peers::tones::{ALICE, BOB};
use peers::{Lease, PATIENCE, Server, Sipp, Site, Transport, talk, until};
use std::net::SocketAddr;
use std::time::Duration;

/// A trunk to an address, with further lines.
fn trunk(name: &str, at: SocketAddr, lines: &str) -> String {
    let (host, port) = (at.ip(), at.port());
    format!("[[trunk]]\nname = \"{name}\"\nhost = \"{host}\"\nport = {port}\n{lines}\n")
}

/// Dialling 9 leads out on these trunks; what comes in on them rings at an extension.
fn routes(trunks: &[&str], inside: &str) -> String {
    let list = trunks.join("\", \"");
    let out = format!(
        "[[outbound_route]]\nname = \"out\"\nprefix = \"9\"\nstrip = 1\ntrunks = [\"{list}\"]\n"
    );
    let ways_in = trunks
        .iter()
        .map(|name| format!("[[inbound_route]]\ntrunk = \"{name}\"\nto = \"{inside}\"\n"));
    out + &ways_in.collect::<String>()
}

/// The office in which 100 sits, and the one in which 200 sits.
fn offices() -> (Server, Server) {
    (
        Server::start(&office(["100"])),
        Server::start(&office(["200"])),
    )
}

fn here(lines: &str) -> Site {
    office(["100"]).also(lines)
}

fn there(lines: &str) -> Site {
    office(["200"]).also(lines)
}

/// Waits until the first trunk is in a state.
fn stands(server: &Server, state: &str) {
    until(
        &format!("the trunk is {state}"),
        Duration::from_secs(60),
        || {
            let trunks = server.trunks();
            trunks
                .first()
                .is_some_and(|trunk| text(trunk, "state") == state)
        },
    );
}

/// The phone of 100 in one office and that of 200 in the other call each other, whom they reach by these numbers,
/// and hear each other.
fn talk_both_ways(here: &Server, there: &Server, (to_there, to_here): (&str, &str)) {
    let mut alice = baresip(here, "100")
        .tone(ALICE)
        .answering()
        .start()
        .registered();
    let mut bob = baresip(there, "200")
        .tone(BOB)
        .answering()
        .start()
        .registered();
    alice.call(to_there);
    alice.up();
    bob.up();
    talk(CONVERSATION);
    alice.hang_up();
    bob.call_ends();
    alice.call_ends();
    here.is_quiet();
    there.is_quiet();
    bob.call(to_here);
    bob.up();
    alice.up();
    talk(CONVERSATION);
    alice.hang_up();
    bob.call_ends();
    alice.call_ends();
    alice.switched_off().hears(BOB, 3.0);
    bob.switched_off().hears(ALICE, 3.0);
}

/// AD-07, AD-08
#[test]
fn phones_of_two_offices_talk_over_a_trunk_by_address() {
    let (a, b) = offices();
    let udp = Transport::Udp;
    let to_b = trunk("b", b.address(udp), "numbers = [\"02885337100\"]");
    a.apply(&here(&(to_b + &routes(&["b"], "100"))));
    let to_a = trunk("a", a.address(udp), "");
    b.apply(&there(&(to_a + &routes(&["a"], "200"))));
    talk_both_ways(&a, &b, ("9200", "9100"));
    let records = a.has_records(2);
    let types: Vec<_> = records.iter().map(|record| record.call_type).collect();
    assert_eq!(types, [CallType::Outbound, CallType::Inbound]);
    let records = b.has_records(2);
    assert_eq!(records[0].call_type, CallType::Inbound);
    assert_eq!(records[0].caller.as_str(), "02885337100");
    assert!(
        records
            .iter()
            .all(|record| record.status == CallStatus::Answered)
    );
}

/// AD-07, SI-06
#[test]
fn phones_of_two_offices_talk_over_an_encrypted_trunk() {
    let (a, b) = offices();
    let tls = Transport::Tls;
    let lines = |peer: &Server| {
        let trusted = peer.certificate().display().to_string();
        format!("transport = \"tls\"\nmedia = \"srtp\"\ntls_trust = \"{trusted}\"")
    };
    let to_b = trunk("b", b.address(tls), &lines(&b));
    a.apply(&here(&(to_b + &routes(&["b"], "100"))));
    let to_a = trunk("a", a.address(tls), &lines(&a));
    b.apply(&there(&(to_a + &routes(&["a"], "200"))));
    talk_both_ways(&a, &b, ("9200", "9100"));
    assert_eq!(a.figure("bellwire_srtp_refused_total"), Some(0.0));
}

/// AD-07: a certificate that nobody vouches for opens no connection.
#[test]
fn a_peer_with_a_certificate_of_its_own_making_is_not_believed() {
    let (a, b) = offices();
    let to_b = trunk("b", b.address(Transport::Tls), "transport = \"tls\"");
    a.apply(&here(&(to_b + &routes(&["b"], "100"))));
    stands(&a, "no-answer");
    let mut alice = baresip(&a, "100").start().registered();
    alice.call("9200");
    alice.call_ends();
    assert!(b.calls().is_empty());
}

/// AD-07: the connection is opened again when the peer is back.
#[test]
fn a_trunk_over_tcp_survives_the_restart_of_its_peer() {
    let (a, mut b) = offices();
    let tcp = Transport::Tcp;
    let to_b = trunk("b", b.address(tcp), "transport = \"tcp\"");
    a.apply(&here(&(to_b + &routes(&["b"], "100"))));
    let to_a = trunk("a", a.address(tcp), "transport = \"tcp\"");
    b.apply(&there(&(to_a + &routes(&["a"], "200"))));
    stands(&a, "up");
    b.kill();
    stands(&a, "no-answer");
    until("the figure says so", PATIENCE, || {
        a.figure("bellwire_trunk_up{trunk=\"b\"}") == Some(0.0)
    });
    b.start_again();
    stands(&a, "up");
    talk_both_ways(&a, &b, ("9200", "9100"));
}

/// AD-07, AD-08
#[test]
fn an_office_that_registers_with_another_calls_and_is_called() {
    let a = Server::start(&office(["100"]));
    let b = Server::start(&office(["200", "300"]));
    let password = Site::password("300");
    let lines = format!("kind = \"register\"\nusername = \"300\"\npassword = \"{password}\"");
    let to_b = trunk("b", b.address(Transport::Udp), &lines);
    a.apply(&here(&(to_b + &routes(&["b"], "100"))));
    stands(&a, "up");
    assert_eq!(text(&b.registrations()[0], "extension"), "300");
    talk_both_ways(&a, &b, ("9200", "300"));
    // Who goes says so.
    let mut a = a;
    a.drain();
    assert!(a.ended(PATIENCE).is_some_and(|status| status.success()));
    assert!(
        b.registrations()
            .iter()
            .all(|phone| text(phone, "extension") != "300")
    );
}

/// AD-07: the password that the other side wants is given, and nobody gets in without.
#[test]
fn both_sides_of_a_trunk_may_have_to_prove_themselves() {
    let (a, b) = offices();
    let udp = Transport::Udp;
    let account = |password: &str| {
        format!("username = \"joint\"\npassword = \"{password}\"\nauthenticate_inbound = true")
    };
    let to_b = |password: &str| {
        let line = trunk("b", b.address(udp), &account(password));
        here(&(line + &routes(&["b"], "100")))
    };
    let to_a = trunk("a", a.address(udp), &account("Right-1"));
    b.apply(&there(&(to_a + &routes(&["a"], "200"))));
    a.apply(&to_b("Wrong-1"));
    let mut alice = baresip(&a, "100").start().registered();
    alice.call("9200");
    alice.call_ends();
    assert!(b.calls().is_empty());
    drop(alice);
    a.apply(&to_b("Right-1"));
    talk_both_ways(&a, &b, ("9200", "9100"));
}

/// AD-07: a dead trunk costs the first callers a moment, later ones none.
#[test]
fn the_next_trunk_takes_the_call_when_one_is_dead_and_the_first_again_when_it_is_back() {
    let (a, mut b) = offices();
    let c = Server::start(&office(["200"]));
    let udp = Transport::Udp;
    let both = trunk("b", b.address(udp), "") + &trunk("c", c.address(udp), "");
    a.apply(&here(&(both + &routes(&["b", "c"], "100"))));
    for peer in [&b, &c] {
        let to_a = trunk("a", a.address(udp), "");
        peer.apply(&there(&(to_a + &routes(&["a"], "200"))));
    }
    let mut alice = baresip(&a, "100").start().registered();
    let mut at_c = baresip(&c, "200").answering().start().registered();
    b.kill();
    // Not noticed yet: the INVITE is given up after 6 s.
    alice.call("9200");
    alice.up();
    at_c.up();
    alice.hang_up();
    at_c.call_ends();
    alice.call_ends();
    stands(&a, "no-answer");
    alice.call("9200");
    alice.up();
    at_c.up();
    alice.hang_up();
    at_c.call_ends();
    alice.call_ends();
    b.start_again();
    stands(&a, "up");
    let mut at_b = baresip(&b, "200").answering().start().registered();
    alice.call("9200");
    alice.up();
    at_b.up();
    alice.hang_up();
    at_b.call_ends();
}

/// AD-07, AD-08: SIPp is the carrier.
#[test]
fn a_carrier_calls_in_and_is_called_with_a_password() {
    let server = Server::start(&office(["100"]));
    let mut ports = Lease::of(4);
    let at = ports.address();
    let lines = "health = \"none\"\nusername = \"me\"\npassword = \"Secret-1\"";
    server.apply(&here(
        &(trunk("carrier", at, lines) + &routes(&["carrier"], "100")),
    ));
    let mut alice = baresip(&server, "100").answering().start().registered();
    let call = Sipp::scenario("call.xml", at)
        .to(server.address(Transport::Udp))
        .calls(1, 1)
        .option("-d", 1_000)
        .users([String::from("01012345678;+862885337100;")])
        .start();
    alice.up();
    call.ends(PATIENCE).all_went_well(1);
    alice.call_ends();
    let carrier = Sipp::scenario("carrier.xml", at)
        .key("user", "me")
        .key("secret", "Secret-1")
        .option("-m", 1)
        .start();
    alice.call("902885337106");
    alice.up();
    alice.hang_up();
    carrier.ends(PATIENCE).all_went_well(1);
    let records = server.has_records(2);
    let types: Vec<_> = records.iter().map(|record| record.call_type).collect();
    assert_eq!(types, [CallType::Inbound, CallType::Outbound]);
    assert_eq!(records[0].caller.as_str(), "01012345678");
}
