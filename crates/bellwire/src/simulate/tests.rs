//! Scenarios about scenarios.

use super::*;
use crate::site::Draft;

/// The examples of the documentation run as they stand there.
#[test]
fn the_documented_examples_are_as_expected() {
    let documented = include_str!("../../../../docs/simulate.md");
    let blocks: Vec<_> = documented.split("```\n").collect();
    let examples = blocks
        .iter()
        .skip(1)
        .step_by(2)
        .filter(|block| !block.contains('$'));
    let mut count = 0;
    for example in examples {
        let outcome = run("example", example, directory(SITE)).expect("it can be read");
        assert_eq!(outcome.failed, 0, "{:#?}", outcome.lines);
        assert!(outcome.expected > 2);
        count += 1;
    }
    assert_eq!(count, 2);
}

#[test]
fn what_happens_is_told_with_its_time() {
    let text = "100 dials 101\nwait 30s\nwait 2s\n";
    let outcome = run("x", text, directory(SITE)).expect("it can be read");
    assert_eq!(
        outcome.lines,
        [
            "00:00.0  100 dials 101",
            "00:00.0  101 is rung, and sees 100",
            "00:00.0  100 hears ringing",
            "00:30.0  the call of 101 ends: NoAnswer",
            "00:30.0  100 hears N-04",
            "00:31.0  the call of 100 ends: NoAnswer",
        ]
    );
}

#[test]
fn an_expectation_that_is_not_met_fails_the_scenario() {
    for (text, why) in [
        ("expect 100 rings", "100 does not ring"),
        ("100 dials 101\nexpect 101 is free", "101 is in a call"),
        (
            "100 dials 101\nexpect 100 talks with 101",
            "100 does not hear 101",
        ),
        (
            "100 dials 101\n101 answers\nexpect 100 does not hear 101",
            "100 hears 101",
        ),
        (
            "100 dials 101\nexpect 100 hears music",
            "100 does not hear music",
        ),
        (
            "100 dials 101\n101 answers\nexpect 100 hears ringing",
            "100 does not hear ringing",
        ),
        ("100 dials 555\nexpect 100 is told N-02", "100 is told N-01"),
        (
            "100 dials 101\nexpect 100 is told N-02",
            "100 is told nothing",
        ),
        ("100 dials 101\nexpect 101 sees 102", "it is 100"),
        (
            "100 dials 101\nexpect 101 is called on carrier",
            "it is not carrier",
        ),
        (
            "100 dials 101\nexpect 100 ended busy",
            "the call of 100 goes on",
        ),
        (
            "100 dials 101\n100 hangs up\nexpect 100 ended busy",
            "it ended as Normal",
        ),
        ("100 dials 101\nexpect no calls", "there is a call"),
        ("555 dials 101", "there is no extension 555"),
        ("1 calls 2 on other", "there is no trunk other"),
        ("101 answers", "101 does not ring"),
        ("101 hangs up", "101 has no call"),
        ("100 dials 101\n100 presses 1x", "'x' is no key"),
        ("trunk other is down", "there is no trunk other"),
        ("expect 102 sees 100", "102 never had a call"),
    ] {
        let outcome = run("x", text, directory(SITE)).expect("it can be read");
        assert_eq!(outcome.failed, 1, "{text}: {:#?}", outcome.lines);
        let last = outcome.lines.last().expect("a line");
        assert!(last.contains("FAILED x:") && last.ends_with(why), "{last}");
    }
}

#[test]
fn everything_that_cannot_be_read_is_said_at_once() {
    let text = "100 dails 101\n\n# remark\nwait 3\nexpect 100 ring\n100 dials 1 2\nexpect 100 ended so\nclock noon\nexpect\n100 dials (1)\n";
    assert_eq!(
        run("x", text, directory(SITE)).expect_err("errors"),
        [
            "x:1: \"dails 101\" cannot be done; did you mean \"dials NUMBER\"?",
            "x:4: \"3\" is no length of time up to a day; write it as 30s or 2m",
            "x:5: \"ring\" cannot be expected; did you mean \"rings\"?",
            "x:6: \"dials 1 2\" cannot be done; did you mean \"dials NUMBER\"?",
            "x:7: \"so\" is no end of a call; there are: normally, busy, declined, unanswered, unavailable, not-found, forbidden, elsewhere, congested, failed",
            "x:8: \"noon\" is no time of the site's clocks; write it as 2026-03-06T14:56",
            "x:9: nothing is expected; such as: expect no calls",
            "x:10: \"(1)\" cannot be dialled: a number has only the characters 0-9 * # and a leading +, not '('",
        ]
    );
}

#[test]
fn a_last_caller_is_known_and_blocked() {
    let text = "13912345678 calls 02885337100 on carrier\n100 answers\n13912345678 hangs up\n\
        100 dials *76\nexpect 100 is told D-8 BL-03\nwait 20s\n\
        +8613912345678 calls 02885337100 on carrier\nexpect +8613912345678 ended declined\nexpect 100 is free\nexpect no calls";
    let outcome = run("x", text, directory(SITE)).expect("it can be read");
    assert_eq!(outcome.failed, 0, "{:#?}", outcome.lines);
}

fn directory(site: &str) -> Directory {
    let draft = Draft::check("site", site).expect("a site");
    draft.site.directory.as_ref().clone()
}

const SITE: &str = r#"
[[extension]]
number = "100"
voicemail = false
[[extension]]
number = "101"
voicemail = false
[[extension]]
number = "102"
voicemail = false
[[trunk]]
name = "carrier"
host = "192.0.2.10"
numbers = ["02885337100"]
[[trunk]]
name = "spare"
host = "192.0.2.11"
[[outbound_route]]
name = "city"
prefix = "9"
strip = 1
trunks = ["carrier", "spare"]
open = ["mon-fri 09:00-18:00"]
[[inbound_route]]
trunk = "carrier"
number = "02885337100"
to = "100"
"#;
