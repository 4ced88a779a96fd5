//! Wake-up calls, heard.

mod support;

use model::Duration;
use sim::{Office, Stage};
use support::{SECOND, dials, press};

/// WU-01 WU-03 WU-05 WU-06: booked by code, read back, heard at its minute, put off, heard again, and no more.
#[test]
fn a_wake_up_call_is_booked_heard_and_put_off() {
    let mut office = Office::new(3);
    let [anna, bob] = office.phones(["100", "101"]);
    office.configure_extension("100", |extension| extension.do_not_disturb = true);
    // It is 09:00.
    dials(&mut office, anna, "*55*03020902");
    office.run_for(4 * SECOND);
    assert!(office.hears_prompt(anna, "WU-03"));
    assert!(office.run_until_idle(20 * SECOND));
    office.restart();
    let rings = |office: &Office| office[anna].stage() == Some(Stage::Ringing);
    assert!(
        office.run_until(130 * SECOND, rings),
        "{}",
        office.story(40)
    );
    assert_eq!(office[bob].calls(), 0);
    office[anna].answer();
    office.run_for(6 * SECOND);
    assert!(office.hears_prompt(anna, "WU-12"));
    assert!(office.hears_prompt(anna, "WU-13"));
    press(&mut office, anna, "1");
    office.run_for(2 * SECOND);
    assert!(office.hears_prompt(anna, "WU-15"));
    assert!(office.run_until_idle(10 * SECOND));
    assert!(!office.run_until(Duration::from_secs(280), rings));
    assert!(office.run_until(30 * SECOND, rings));
    office[anna].answer();
    office.run_for(SECOND);
    press(&mut office, anna, "0");
    assert!(office.run_until_idle(20 * SECOND));
    assert!(!office.run_until(Duration::from_secs(1_000), rings));
    assert_eq!(office.calls(), 0);
}
