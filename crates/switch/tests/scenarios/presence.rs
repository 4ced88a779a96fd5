//! What each extension is seen to be doing.

use crate::office::{Office, number, set};
use model::{Effect, ExtensionState, Fact};

/// EXT-01
#[test]
fn everybody_sees_what_an_extension_is_doing() {
    use ExtensionState::{Idle, InUse, Ringing, Unavailable};
    let mut office = Office::new();
    let states = |office: &Office| (office.state("100"), office.state("101"));
    assert_eq!(states(&office), (Idle, Idle));
    office.dials("100", "101");
    assert_eq!(states(&office), (InUse, Ringing));
    office.answers("101");
    assert_eq!(states(&office), (InUse, InUse));
    office.holds("101");
    assert_eq!(states(&office), (InUse, InUse), "on hold is in use");
    office.unregisters("101");
    assert_eq!(states(&office), (InUse, InUse), "a call is a call");
    office.hangs_up("100");
    assert_eq!(states(&office), (Idle, Unavailable));
    office.registers("101");
    assert_eq!(states(&office), (Idle, Idle));
}

/// DN-06
#[test]
fn do_not_disturb_is_seen() {
    use ExtensionState::{Dnd, Idle, InUse, Unavailable};
    let mut office = Office::new();
    office.reconfigures(|directory| {
        set(directory, "101", |extension| {
            extension.do_not_disturb = true
        });
    });
    assert_eq!(office.state("101"), Dnd);
    office.dials("101", "100");
    assert_eq!(office.state("101"), InUse);
    office.hangs_up("101").unregisters("101");
    assert_eq!(office.state("101"), Unavailable);
    office.registers("101").reconfigures(|directory| {
        set(directory, "101", |extension| {
            extension.do_not_disturb = false
        });
    });
    assert_eq!(office.state("101"), Idle);
}

/// A state is told when it changes, and only then.
#[test]
fn nothing_is_told_twice() {
    let mut office = Office::new();
    let log = office.log.len();
    office
        .registers("101")
        .unregisters("999")
        .reconfigures(|directory| {
            set(directory, "101", |extension| extension.call_waiting = true);
        });
    assert_eq!(office.log.len(), log);
}

/// EXT-01, IX-25
#[test]
fn extensions_come_and_go() {
    let mut office = Office::talking();
    let deleted = office.directory.extensions[&number("101")].clone();
    office.reconfigures(|directory| {
        directory.extensions.remove(&number("101"));
    });
    office.hangs_up("100");
    let told = |effect: &Effect| matches!(effect, Effect::Fact(Fact::Extension(who, _)) if *who == number("101"));
    let before = office.log.iter().filter(|effect| told(effect)).count();
    office.registers("101");
    let after = office.log.iter().filter(|effect| told(effect)).count();
    assert_eq!(
        before, after,
        "nobody is told of an extension that is not there"
    );
    office.reconfigures(|directory| {
        directory.extensions.insert(number("101"), deleted);
    });
    office.dials("100", "101");
    assert_eq!(office.heard("100"), "N-02", "its phones register anew");
}
