//! `bellwire doctor audio`: whether sound goes to a phone and comes from it.

use crate::{baresip, linphone, office};
use peers::Server;
use peers::tones::{ALICE, BOB};

#[test]
fn a_phone_that_hears_and_is_heard_is_said_to_be_in_order() {
    let server = Server::start(&office(["100", "101"]));
    let alice = linphone(&server, "100")
        .tone(ALICE)
        .answering()
        .start()
        .registered();
    let bob = baresip(&server, "101")
        .tone(BOB)
        .answering()
        .start()
        .registered();
    for extension in ["100", "101"] {
        let found = server.command(&["doctor", "audio", extension]);
        let lines: Vec<_> = found.lines().collect();
        let [from, to] = lines[..] else {
            panic!("{found}");
        };
        assert!(
            from.starts_with(&format!("ok    sound from {extension}")),
            "{found}"
        );
        assert!(
            to.starts_with(&format!("ok    sound to {extension}")),
            "{found}"
        );
        server.is_quiet();
    }
    drop((alice, bob));
}
