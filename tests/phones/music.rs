//! Music and prompts that an administrator puts in while the server runs.

use crate::{CONVERSATION, baresip, linphone};
use model::Language;
use peers::tones::{ALICE, BOB, CAROL, DAVE};
use peers::{ApiUser, Linphone, Server, Site, talk, write_tone};
use std::path::Path;
use tempfile::TempDir;

/// AD-10: each class is heard where it belongs, from the next listener on; a bad file is refused in words.
#[test]
fn music_is_put_in_and_heard_by_the_next_who_is_put_on_hold() {
    let site = office().extension("101", "music = \"jazz\"").also(
        "[[queue]]\nnumber = \"600\"\nmusic = \"choir\"\nstatic_agents = [\"101\"]\nannounce_position = false\nannounce_wait = false\n",
    );
    let server = Server::start(&site);
    let admin = administrator(&server);
    let folder = tempfile::tempdir().expect("a folder");
    let mut bob = linphone(&server, "101").tone(BOB).start().registered();
    let mut alice = linphone(&server, "100").tone(ALICE).start().registered();
    talk_on_hold(&mut alice, &mut bob);
    put(&admin, &folder, "music/jazz", CAROL);
    put(&admin, &folder, "music/choir", DAVE);
    let before = alice.switched_off();
    before.does_not_hear(CAROL);
    assert!(before.loud_s() > 1.0, "the built-in music");

    let mut alice = linphone(&server, "100").tone(ALICE).start().registered();
    talk_on_hold(&mut alice, &mut bob);
    alice.switched_off().hears(CAROL, 1.5);
    let mut carol = linphone(&server, "102").start().registered();
    carol.call("600");
    carol.up();
    bob.rings();
    talk(CONVERSATION * 2);
    carol.hang_up();
    bob.call_ends();
    let heard = carol.switched_off();
    heard.hears(DAVE, 1.5);
    heard.does_not_hear(CAROL);

    let file = folder.path().join("song.mp3");
    std::fs::write(&file, b"ID3\x04 no such sound").expect("a file");
    let (status, said) = admin.upload("admin/prompts/music/jazz/audio", &file);
    assert_eq!(status, 422, "{said}");
    assert_eq!(said["errors"][0]["detail"], "it is not a WAV file");
    let listed = admin.get("admin/prompts?kind=music");
    assert_eq!(listed["total"], 3, "{listed}");
    assert_eq!(listed["items"][2]["made_by"], "admin", "{listed}");
}

/// AD-10: a prompt is replaced, and what was built in comes back.
#[test]
fn a_prompt_is_replaced_and_restored_while_the_server_runs() {
    let server = Server::start(&office());
    let admin = administrator(&server);
    let folder = tempfile::tempdir().expect("a folder");
    let path = "admin/prompts/en/MI-03/audio";
    put(&admin, &folder, "en/MI-03", DAVE);
    let mut alice = baresip(&server, "100").start().registered();
    alice.call("**13");
    alice.up();
    alice.call_ends();
    let heard = alice.switched_off();
    heard.hears(DAVE, 1.5);
    heard.does_not_say("MI-03");
    assert_eq!(admin.ask("DELETE", path, None).0, 204);
    let mut alice = baresip(&server, "100").start().registered();
    alice.call("**13");
    alice.up();
    alice.call_ends();
    let heard = alice.switched_off();
    heard.does_not_hear(DAVE);
    heard.says_in(Language::English, &["MI-03"]);
}

fn office() -> Site {
    let extensions = ["100", "101", "102"];
    let site = crate::office(extensions).system("portal = true");
    site.also("[[user]]\nname = \"admin\"\nrole = \"admin\"\npassword = \"Long-enough-1\"\n")
}

fn administrator(server: &Server) -> ApiUser {
    let admin = ApiUser::of(server);
    assert_eq!(admin.login("admin", "Long-enough-1"), 200);
    admin
}

/// Puts a tone in.
fn put(admin: &ApiUser, folder: &TempDir, place: &str, hz: f64) {
    let file = folder.path().join("tone.wav");
    write_tone(Path::new(&file), hz, 5).expect("a tone");
    let (status, said) = admin.upload(&format!("admin/prompts/{place}/audio"), &file);
    assert_eq!(status, 204, "{said}");
}

/// Alice calls Bob, who puts her on hold for a while.
fn talk_on_hold(alice: &mut Linphone, bob: &mut Linphone) {
    alice.call("101");
    bob.rings();
    bob.answer();
    alice.up();
    bob.up();
    bob.hold();
    talk(CONVERSATION + CONVERSATION / 2);
    alice.hang_up();
    bob.call_ends();
}
