//! What a registration costs: CPU time of everything in the edge for one REGISTER that is challenged and
//! one that carries credentials, and memory of a registered phone.
//!
//! `cargo run --release -p bellwire-edge --example register`
#![expect(clippy::print_stdout, reason = "it is there to print a table")]

#[path = "../tests/common/mod.rs"]
mod common;

use common::{Algorithm, Phone, World, number, secret, udp};
use model::{Directory, Duration, Extension};
use std::fs;
use std::sync::Arc;
use std::time::Instant;

const PHONES: usize = 10_000;

fn main() {
    let mut site = Directory::default();
    for n in 0..PHONES {
        let user = (10_000 + n).to_string();
        let secret = secret(&user, &format!("secret-{user}"));
        let extension = Extension::new(number(&user), "", secret);
        site.extensions.insert(number(&user), Arc::new(extension));
    }
    let mut world = World::with(site, Vec::new());
    let mut phones: Vec<_> = (0..PHONES)
        .map(|n| {
            let address = format!("10.{}.{}.7:5060", n / 250, n % 250);
            let mut phone = Phone::new(&(10_000 + n).to_string(), udp(&address));
            phone.algorithm = Algorithm::Sha256;
            phone
        })
        .collect();
    let before = resident_bytes();
    let (challenged, registered) = round(&mut world, &mut phones);
    let fresh = resident_bytes();
    println!("REGISTER without credentials {challenged:>8.2} µs");
    println!("REGISTER with digest         {registered:>8.2} µs");
    let each = |bytes: usize| bytes.saturating_sub(before) / PHONES;
    println!("memory a phone, just registered {:>6} bytes", each(fresh));
    for _ in 0..40 {
        world.pass(Duration::from_secs(1));
        world.sent.clear();
    }
    println!(
        "memory a phone, 40 s later      {:>6} bytes",
        each(resident_bytes())
    );
    assert_eq!(world.edge.registered(), PHONES);
}

/// Every phone registers once; median microseconds of the server for both requests.
fn round(world: &mut World, phones: &mut [Phone]) -> (f64, f64) {
    let (mut challenged, mut registered) = (Vec::new(), Vec::new());
    for phone in phones.iter_mut() {
        let to = format!("<sip:{}@pbx>", phone.user);
        let contact = format!(
            "Contact: {}\r\nUser-Agent: Desk phone 7/1.2.3\r\n",
            phone.contact
        );
        let first = phone.request("REGISTER", "sip:pbx", &to, &contact);
        challenged.push(receive(world, phone, &first));
        let challenge = world.next();
        phone.take_challenge(&challenge);
        let headers = phone.authorization("REGISTER", "sip:pbx") + &contact;
        let second = phone.request("REGISTER", "sip:pbx", &to, &headers);
        registered.push(receive(world, phone, &second));
        assert_eq!(world.next().status(), 200);
        world.told();
        world.stored.clear();
    }
    (median(challenged), median(registered))
}

/// In microseconds. Neighbours on the machine disturb the mean.
fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1e6
}

/// The edge alone: what the world around it does is not counted.
fn receive(world: &mut World, phone: &Phone, message: &str) -> Duration {
    let begin = clock();
    world
        .edge
        .receive(world.now, phone.flow, message.as_bytes());
    let took = begin.elapsed();
    world.drain();
    took
}

#[allow(clippy::disallowed_methods, reason = "this measures real time")]
fn clock() -> Instant {
    Instant::now()
}

fn resident_bytes() -> usize {
    let pages = fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let resident = pages
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse::<usize>().ok());
    resident.unwrap_or_default() * 4096
}
