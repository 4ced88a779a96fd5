//! Music of somebody's choice (AD-10): of who holds, of a queue, of a room, of the system.

use crate::conference::with_rooms;
use crate::office::{Office, number, set};
use model::{MusicName, Queue, Sound};
use std::sync::Arc;

/// AD-10: who is on hold hears the music of whoever put him there, however that was done.
#[test]
fn who_waits_hears_the_music_of_whoever_made_him_wait() {
    let ways: [fn(&mut Office); 4] = [
        |office| {
            office.holds("101");
        },
        |office| {
            office.types("101", "*4");
        },
        |office| {
            office.types("101", "*2");
        },
        |office| {
            office.types("101", "#");
        },
    ];
    for (nth, waits) in ways.into_iter().enumerate() {
        for (own, heard) in [(Some("jazz"), jazz()), (None, choir())] {
            let mut office = Office::talking();
            office.reconfigures(|directory| {
                directory.system.music = MusicName::parse("choir");
                set(directory, "101", |it| {
                    it.music = own.and_then(MusicName::parse)
                });
            });
            waits(&mut office);
            assert_eq!(last(&office, "100"), Some(heard), "way {nth}");
        }
    }
}

/// AD-10: nobody chose any, as before there was a choice.
#[test]
fn without_a_choice_the_built_in_music_is_heard() {
    let mut office = Office::talking();
    office.holds("101");
    assert_eq!(last(&office, "100"), Some(Sound::Music));
}

/// AD-10
#[test]
fn queues_and_rooms_have_music_of_their_own() {
    let mut office = Office::new();
    with_rooms(&mut office).reconfigures(|directory| {
        directory.system.music = MusicName::parse("choir");
        let queue = Queue {
            music: MusicName::parse("jazz"),
            static_agents: vec![number("101")],
            ..Queue::new(number("600"))
        };
        directory.queues.insert(queue.number, Arc::new(queue));
        let room = directory.rooms.get_mut(&number("700")).expect("a room");
        Arc::make_mut(room).music = MusicName::parse("jazz");
    });
    office.dials("100", "600");
    assert_eq!(last(&office, "100"), Some(jazz()));
    for (room, pin, music) in [("700", "1111#", jazz()), ("701", "2222#", choir())] {
        office
            .dials("102", room)
            .types("102", pin)
            .hears_it_out("102");
        assert_eq!(last(&office, "102"), Some(music), "{room}");
        office.hangs_up("102");
    }
}

fn jazz() -> Sound {
    Sound::MusicOf(MusicName::parse("jazz").expect("a name"))
}

fn choir() -> Sound {
    Sound::MusicOf(MusicName::parse("choir").expect("a name"))
}

/// The end of what somebody hears.
fn last(office: &Office, party: &str) -> Option<Sound> {
    let playing = office.last(party).playing.as_ref();
    playing.and_then(|(_, sounds, _)| sounds.last().cloned())
}
