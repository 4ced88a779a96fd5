//! Phones whose sound is encrypted, with each other and with phones in clear.

use crate::{CONVERSATION, baresip, office};
use peers::tones::{ALICE, BOB};
use peers::{Baresip, Linphone, Server, Transport, talk};

/// SI-06
#[test]
fn an_encrypted_linphone_talks_to_another_and_to_a_phone_in_clear() {
    // A phone that demands encryption refuses keys beside plain RTP, so the site says that it does.
    let site = office(["100", "101", "102"])
        .extension("100", ONE_RATE)
        .extension("101", ONE_RATE);
    let server = Server::start(&site);
    let encrypted = |number| {
        Linphone::with(server.login_by(number, Transport::Tls))
            .encrypted()
            .answering()
    };
    let mut alice = encrypted("100").tone(ALICE).start().registered();
    let mut bob = encrypted("101").tone(BOB).start().registered();
    let mut carol = baresip(&server, "102")
        .tone(BOB)
        .answering()
        .start()
        .registered();
    alice.call("101");
    alice.up();
    bob.up();
    talk(CONVERSATION);
    alice.hang_up();
    alice.call_ends();
    bob.call_ends();
    server.is_quiet();
    alice.call("102");
    alice.up();
    carol.up();
    talk(CONVERSATION);
    alice.hang_up();
    alice.call_ends();
    carol.call_ends();
    server.is_quiet();
    carol.call("100");
    carol.up();
    alice.up();
    talk(CONVERSATION);
    carol.hang_up();
    carol.call_ends();
    let (alice, bob, carol) = (
        alice.switched_off(),
        bob.switched_off(),
        carol.switched_off(),
    );
    alice.hears(BOB, 4.5);
    bob.hears(ALICE, 1.5);
    carol.hears(ALICE, 3.0);
    assert_eq!(server.figure("bellwire_srtp_refused_total"), Some(0.0));
}

/// SI-06: it does not see the keys beside plain RTP, and is called once more.
#[test]
fn a_linphone_that_demands_encryption_is_reached_although_nobody_said_so() {
    let codecs = "codecs = [\"pcma\", \"pcmu\"]";
    let server = Server::start(&office(["100", "101"]).extension("100", codecs));
    let login = server.login_by("100", Transport::Tls);
    let mut alice = Linphone::with(login)
        .encrypted()
        .answering()
        .tone(ALICE)
        .start()
        .registered();
    let mut bob = baresip(&server, "101").tone(BOB).start().registered();
    bob.call("100");
    bob.up();
    alice.up();
    talk(CONVERSATION);
    bob.hang_up();
    bob.call_ends();
    alice.call_ends();
    let (alice, bob) = (alice.switched_off(), bob.switched_off());
    alice.hears(BOB, 1.5);
    bob.hears(ALICE, 1.5);
    assert_eq!(server.figure("bellwire_srtp_refused_total"), Some(0.0));
}

/// SI-06, SI-04
#[test]
fn an_encrypted_baresip_is_held_and_taken_again() {
    for offer in [BaresipOffer::Demands, BaresipOffer::Offers] {
        let policy = match offer {
            BaresipOffer::Demands => "srtp = \"required\"",
            BaresipOffer::Offers => "srtp = \"allowed\"",
        };
        let server = Server::start(&office(["100", "101"]).extension("100", policy));
        let login = server.login_by("100", Transport::Tls);
        let alice = match offer {
            BaresipOffer::Demands => Baresip::with(login).encrypted(),
            BaresipOffer::Offers => Baresip::with(login).offering_encryption(),
        };
        let mut alice = alice.tone(ALICE).answering().start().registered();
        let mut bob = baresip(&server, "101")
            .tone(BOB)
            .answering()
            .start()
            .registered();
        alice.call("101");
        alice.up();
        bob.up();
        talk(CONVERSATION);
        alice.hold();
        talk(CONVERSATION / 2);
        alice.resume();
        talk(CONVERSATION);
        bob.hold();
        talk(CONVERSATION / 2);
        bob.resume();
        talk(CONVERSATION);
        alice.hang_up();
        alice.call_ends();
        bob.call_ends();
        server.is_quiet();
        bob.call("100");
        bob.up();
        alice.up();
        talk(CONVERSATION);
        bob.hang_up();
        bob.call_ends();
        alice.call_ends();
        let (alice, bob) = (alice.switched_off(), bob.switched_off());
        // A baresip that has held records nothing more of that call: two stretches of 2 s, and three of which one is
        // music.
        alice.hears(BOB, 3.5);
        bob.hears(ALICE, 5.0);
    }
}

/// SI-06
#[test]
fn who_must_be_encrypted_is_refused_in_clear() {
    let site = office(["100", "101"]).extension("100", "srtp = \"required\"");
    let server = Server::start(&site);
    let mut alice = baresip(&server, "100").start().registered();
    alice.call("101");
    let end = alice.call_ends();
    assert!(end.contains("488"), "{end}");
}

/// Encrypted, and always at 8 kHz: linphonec writes all its calls into one file as if they had one rate.
const ONE_RATE: &str = "srtp = \"required\"\ncodecs = [\"pcma\", \"pcmu\"]";

/// How a phone asks for encryption.
#[derive(Clone, Copy)]
enum BaresipOffer {
    /// `RTP/SAVP`.
    Demands,
    /// `RTP/AVP` with keys beside it.
    Offers,
}
