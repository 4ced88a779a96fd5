//! Phones over UDP, TCP and TLS call each other.

use crate::{CONVERSATION, linphone, office, text};
use peers::tones::{ALICE, BOB};
use peers::{Baresip, Linphone, Server, Transport, talk};

/// SI-02
#[test]
fn phones_over_every_transport_call_and_are_called() {
    let server = Server::start(&office(["100", "101", "102", "103"]));
    let mut alice = linphone(&server, "100")
        .tone(ALICE)
        .answering()
        .start()
        .registered();
    let others = [
        ("101", Transport::Udp),
        ("102", Transport::Tcp),
        ("103", Transport::Tls),
    ];
    for (number, transport) in others {
        let login = server.login_by(number, transport);
        let mut bob = Baresip::with(login)
            .tone(BOB)
            .answering()
            .start()
            .registered();
        let list = server.registrations();
        let here = list.iter().find(|phone| text(phone, "extension") == number);
        assert_eq!(
            here.map(|phone| text(phone, "transport")),
            Some(transport.name())
        );
        bob.call("100");
        bob.up();
        alice.up();
        talk(CONVERSATION);
        bob.hang_up();
        bob.call_ends();
        alice.call_ends();
        server.is_quiet();
        alice.call(number);
        alice.up();
        bob.up();
        talk(CONVERSATION);
        alice.hang_up();
        bob.call_ends();
        alice.call_ends();
        let bob = bob.switched_off();
        bob.hears(ALICE, 3.0);
        bob.does_not_hear(BOB);
    }
    let alice = alice.switched_off();
    alice.hears(BOB, 9.0);
    alice.does_not_hear(ALICE);
}

/// SI-02
#[test]
fn a_linphone_over_tls_talks_to_one_over_tcp() {
    let server = Server::start(&office(["100", "101"]));
    let bob = Linphone::with(server.login_by("101", Transport::Tcp))
        .tone(BOB)
        .answering();
    let mut bob = bob.start().registered();
    let alice = Linphone::with(server.login_by("100", Transport::Tls)).tone(ALICE);
    let mut alice = alice.start().registered();
    alice.call("101");
    alice.up();
    bob.up();
    talk(CONVERSATION);
    bob.hang_up();
    alice.call_ends();
    alice.switched_off().hears(BOB, 1.5);
    bob.switched_off().hears(ALICE, 1.5);
}
