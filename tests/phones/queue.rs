//! A queue and its agent on real phones.

use crate::{CONVERSATION, baresip, is_in, linphone, office};
use peers::tones::{ALICE, BOB};
use peers::{Server, talk};

/// QU-03 QU-05 QU-06 QU-07 QU-09, FC-11: who logs in is rung for who waits, also after a crash; who is paused is not.
#[test]
fn an_agent_logs_in_takes_a_call_and_pauses() {
    let site = office(["100", "101"]).also(
        "[[queue]]\nnumber = \"600\"\nname = \"support\"\nstatic_agents = []\ndynamic_agents = [\"101\"]\n",
    );
    let mut server = Server::start(&site);
    let mut bob = baresip(&server, "101").tone(BOB).start().registered();
    let mut alice = linphone(&server, "100").tone(ALICE).start().registered();
    // Nobody is logged in: she waits.
    alice.call("600");
    alice.up();
    is_in(&server, "queue");
    bob.call("*62#");
    bob.up();
    bob.call_ends();
    bob.rings();
    bob.answer();
    is_in(&server, "talk");
    talk(CONVERSATION);
    alice.hang_up();
    bob.call_ends();
    server.is_quiet();

    server.kill();
    server.start_again();
    alice.call("600");
    alice.up();
    bob.rings();
    alice.hang_up();
    bob.call_ends();

    bob.call("*95");
    bob.up();
    bob.call_ends();
    alice.call("600");
    alice.up();
    is_in(&server, "queue");
    bob.call("*095");
    bob.up();
    bob.call_ends();
    bob.rings();
    alice.hang_up();
    bob.call_ends();
    server.is_quiet();
    let bob = bob.switched_off();
    bob.says(&["QU-01", "QU-05"]);
    bob.hears(ALICE, 1.5);
    alice.switched_off().hears(BOB, 1.5);
}
