//! What a page asks for in a conversation of its owner: as by keys, without a prompt.

use crate::office::{Office, number, set};
use model::{CallId, Cause, Command, Effect, Fact, Input, TalkCommand};

fn asks(office: &mut Office, by: &str, what: TalkCommand) {
    let call = office.call_of(by);
    office.give(Input::Command(Command::Talk {
        by: number(by),
        call,
        what,
    }));
}

/// XF-01 DIAL-06
#[test]
fn a_page_transfers_the_other_party() {
    for (by, kept) in [("101", "100"), ("100", "101")] {
        let mut office = Office::talking();
        asks(&mut office, by, TalkCommand::Transfer(number("102")));
        assert_eq!(office.last(by).ended, Some(Cause::Normal), "{by} is free");
        office.rings("102").answers("102");
        assert!(office.talk(kept, "102"));
        assert!(!office.hears_music(kept));
        office.hangs_up("102");
        assert!(office.is_quiet());
    }
}

/// XF-05 DIAL-06: who asks hears the third party, comes back by `*`, and connects by hanging up.
#[test]
fn a_page_asks_before_it_transfers() {
    let mut office = Office::talking();
    asks(&mut office, "101", TalkCommand::Consult(number("102")));
    assert!(office.hears_music("100"));
    office.rings("102").answers("102");
    assert!(office.talk("101", "102"));
    office.types("101", "*");
    assert!(office.talk("100", "101"));
    asks(&mut office, "101", TalkCommand::Consult(number("102")));
    office.rings("102").answers("102").hangs_up("101");
    assert!(office.talk("100", "102"));
    office.hangs_up("102");
    assert!(office.is_quiet());
}

/// DIAL-06: a page's buttons work on calls that go out on a trunk, whatever its keys may do there.
#[test]
fn a_page_parks_and_transfers_calls_on_a_trunk() {
    let mut office = Office::with_an_outside_line();
    office
        .calls_from_outside("02885337106", "5551000")
        .answers("101");
    asks(&mut office, "101", TalkCommand::Park);
    assert_eq!(office.heard("101"), "PK-01 D-4 D-1 PK-01 D-4 D-1");
    assert!(office.lamp("41").is_some());
}

/// MI-04 MI-06: the page shows what is so.
#[test]
fn a_page_begins_and_ends_a_recording_and_hears_of_both() {
    let mut office = Office::talking();
    let told = |office: &Office| {
        let facts = office.log.iter().filter_map(|effect| match effect {
            Effect::Fact(Fact::Recording { .. }) => Some("begun"),
            Effect::Fact(Fact::RecordingEnded { .. }) => Some("ended"),
            _ => None,
        });
        facts.collect::<Vec<_>>()
    };
    asks(&mut office, "101", TalkCommand::Record);
    assert_eq!(told(&office), ["begun"]);
    asks(&mut office, "101", TalkCommand::Record);
    assert_eq!(told(&office), ["begun", "ended"]);
    office.types("100", "*1").hangs_up("100");
    assert_eq!(told(&office), ["begun", "ended", "begun", "ended"]);
}

/// GEN-15 XF-08: neither in others' calls, nor where one may not go; the call goes on.
#[test]
fn what_may_not_be_asked_changes_nothing() {
    let mut office = Office::talking();
    office.reconfigures(|directory| {
        set(directory, "101", |extension| extension.may_record = false);
    });
    let call = office.call_of("100");
    for (by, call, what) in [
        ("102", call, TalkCommand::Park),
        ("101", CallId(999), TalkCommand::Park),
        ("101", call, TalkCommand::Record),
        ("101", call, TalkCommand::Transfer(number("999"))),
        ("101", call, TalkCommand::Transfer(number("100"))),
        ("101", call, TalkCommand::Consult(number("999"))),
        ("101", call, TalkCommand::Confer),
    ] {
        let by = number(by);
        office.give(Input::Command(Command::Talk { by, call, what }));
        assert!(office.talk("100", "101"), "{what:?}");
    }
    assert!(office.recorded().is_empty());
    office.types("101", "#");
    asks(&mut office, "101", TalkCommand::Park);
    assert_eq!(office.lamp("41"), None, "he is about to transfer");
}

/// AD-16
#[test]
fn whoever_administers_ends_a_call() {
    let mut office = Office::talking();
    let call = office.call_of("100");
    office.give(Input::Command(Command::End(call)));
    assert!(office.is_quiet());
    assert_eq!(office.last("101").ended, Some(Cause::Normal));
    office.give(Input::Command(Command::End(call)));
}
