//! What is told of a call that is not made.

use crate::forwarding::forwards;
use crate::office::{Office, number, set, set_route};
use model::ForwardWhen::{Always, NoAnswer};
use model::{FollowMe, FollowStep, OpenHours, Origin, Wall};
use switch::{Asked, Moment};

/// AD-07
#[test]
fn a_way_out_is_explained_route_by_route() {
    let mut office = Office::with_lines();
    office.reconfigures(|directory| {
        let mut abroad = directory.outbound_routes[0].as_ref().clone();
        abroad.name = String::from("abroad");
        abroad.prefix = String::from("900");
        directory.outbound_routes.insert(0, abroad.into());
    });
    assert_eq!(
        explain(&office, "100", "985337106"),
        [
            "985337106 is no number inside and no code",
            "route abroad: does not fit",
            "route city: fits",
            "trunk carrier: 85337106 is dialled",
            "trunk spare: 85337106 is dialled",
            "the call goes out on carrier, then spare",
        ]
    );
}

/// AD-07: as it would be at another time.
#[test]
fn a_way_is_explained_for_another_time() {
    let mut office = Office::with_lines();
    office.reconfigures(|directory| {
        set_route(directory, 0, |route| {
            route.open = vec![OpenHours::parse("wed 12:00-13:00").unwrap()];
        });
    });
    // 2018-03-14, 04:00 UTC: noon in China.
    let at = |zone| {
        let mut asked = asked("100", "985337106");
        asked.at = Some(Moment {
            wall: Wall(1_521_000_000_000),
            zone,
        });
        office.switch.explain(&asked)
    };
    assert!(at(8 * 3_600).contains(&String::from("route city: fits")));
    let closed = at(0);
    assert!(closed.contains(&String::from(
        "route city: fits, but is closed at this time"
    )));
    assert_eq!(
        closed.last().unwrap(),
        "the call is refused: Forbidden; the caller hears N-07"
    );
}

/// §1.3: every step, and what follows when it comes to nothing.
#[test]
fn forwarding_and_follow_me_are_explained() {
    let mut office = Office::with_lines();
    forwards(&mut office, "101", NoAnswer, "102");
    forwards(&mut office, "102", Always, "103");
    office.reconfigures(|directory| {
        set(directory, "103", |extension| {
            let steps = ["913912345678", "102"].map(|to| FollowStep {
                number: number(to),
                time: model::Duration::from_secs(20),
            });
            extension.follow_me = FollowMe {
                enabled: true,
                ring_time: model::Duration::from_secs(15),
                steps: steps.to_vec(),
            };
            extension.voicemail = true;
        });
    });
    assert_eq!(
        explain(&office, "100", "101"),
        [
            "101 is an extension, 李四",
            "the phones of 101 ring for 30 s",
            "if nobody answers:",
            "  101 forwards calls not answered to 102",
            "  102 is an extension, 王五",
            "  102 forwards all calls to 103",
            "  103 is an extension, Eve",
            "  the phones of 103 ring for 15 s",
            "  if nobody answers:",
            "    the follow-me of 103 begins",
            "      913912345678 is called on carrier for 20 s; who answers must press 1",
            "      102 is passed over",
            "      if nobody takes the call:",
            "        a message is left for 103, after its unavailable greeting",
            "  if it is refused by hand:",
            "    a message is left for 103, after its busy greeting",
            "if it is refused by hand:",
            "  101 has no mailbox",
            "  the call is refused: Declined; the caller hears N-03",
        ]
    );
}

/// BL-01 AD-08
#[test]
fn a_call_from_outside_is_explained() {
    let mut office = Office::with_lines();
    let from = |office: &Office, caller: &str| {
        let mut asked = asked("100", "+862885337100");
        asked.from = Origin::Trunk(String::from("carrier"));
        asked.caller = model::Number::parse(caller).ok();
        office.switch.explain(&asked)
    };
    let lines = from(&office, "13912345678");
    assert_eq!(
        lines[..3],
        [
            "inbound route 1 to 100: fits",
            "100 is an extension, 张三",
            "the phones of 100 ring for 30 s"
        ]
    );
    office.dials("101", "*7513912345678").saves();
    assert_eq!(
        from(&office, "+8613912345678"),
        [
            "13912345678 is on the blacklist",
            "the call is refused without a word (603)"
        ]
    );
    office.reconfigures(|directory| directory.system.block_anonymous = true);
    assert_eq!(from(&office, "")[0], "anonymous callers are refused");
}

/// Nothing happens because of a question.
#[test]
fn an_explanation_changes_nothing() {
    let mut office = Office::with_lines();
    office.dials("100", "101");
    let before = office.switch.snapshot();
    for dialled in ["101", "985337106", "*74", "110", "41", "999", "*99"] {
        assert!(!explain(&office, "102", dialled).is_empty());
    }
    assert_eq!(office.switch.snapshot(), before);
    assert_eq!(
        explain(&office, "102", "101")[1],
        "101 is in a call",
        "as everybody stands"
    );
    assert_eq!(
        explain(&office, "102", "*74"),
        ["*74 is the code dnd_on", "the code is used"]
    );
}

fn explain(office: &Office, from: &str, dialled: &str) -> Vec<String> {
    office.switch.explain(&asked(from, dialled))
}

fn asked(from: &str, dialled: &str) -> Asked {
    Asked {
        from: Origin::Extension(number(from)),
        caller: None,
        dialled: number(dialled),
        at: None,
    }
}
