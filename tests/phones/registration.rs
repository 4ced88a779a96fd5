//! Who may register, and how many can.

use crate::{baresip, linphone, office, text};
use peers::{Lease, PATIENCE, Server, Sipp, Site, Transport, until};
use std::time::{Duration, Instant};

/// SI-01, SI-11: a wrong password and an unknown extension are told the same.
#[test]
fn a_wrong_password_is_refused_like_an_extension_that_does_not_exist() {
    let server = Server::start(&office(["100"]));
    let mut ports = Lease::of(4);
    let told = ["100", "999"].map(|number| {
        let credentials = format!("[authentication username={number} password=wrong]");
        let outcome = Sipp::scenario("refused.xml", ports.address())
            .to(server.address(Transport::Udp))
            .calls(1, 1)
            .users([format!("{number};{credentials};5060")])
            .run(PATIENCE);
        outcome.all_went_well(1);
        outcome.count("forbidden")
    });
    assert_eq!(told[0], told[1]);
    assert!(server.registrations().is_empty());
    // Neither shuts the right one out.
    let _phone = baresip(&server, "100").start().registered();
}

/// SI-01, SI-02
#[test]
fn a_phone_is_listed_while_it_is_registered() {
    let server = Server::start(&office(["100"]));
    let phone = linphone(&server, "100").start().registered();
    let list = server.registrations();
    assert_eq!(list.len(), 1, "{list:?}");
    assert_eq!(
        (text(&list[0], "extension"), text(&list[0], "transport")),
        ("100", "udp")
    );
    assert!(
        text(&list[0], "user_agent").contains("Linphone"),
        "{list:?}"
    );
    let _ = phone.switched_off();
    until("the phone has unregistered", PATIENCE, || {
        server.registrations().is_empty()
    });
}

/// SI-01
#[test]
fn five_hundred_phones_register_within_seconds() {
    let numbers: Vec<String> = (1_000..1_500)
        .map(|number: u32| number.to_string())
        .collect();
    let server = Server::start(&Site::with(numbers.iter().map(String::as_str)));
    let mut ports = Lease::of(2);
    let address = ports.address();
    let users = numbers.iter().map(|number| {
        let password = Site::password(number);
        format!(
            "{number};[authentication username={number} password={password}];{}",
            address.port()
        )
    });
    let begin = Instant::now();
    Sipp::scenario("register.xml", address)
        .to(server.login("1000").server)
        .calls(500, 100)
        .users(users)
        .run(Duration::from_secs(40))
        .all_went_well(500);
    let took = begin.elapsed();
    assert_eq!(server.registrations().len(), 500);
    // They begin within 5 s; a server that falls behind makes them repeat themselves.
    assert!(took < Duration::from_secs(15), "{took:?}");
}
