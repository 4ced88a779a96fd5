//! Every error with its place and its remedy.

use super::*;

/// What is wrong with a text by itself.
fn errors(text: &str) -> Vec<String> {
    match Draft::check("s.toml", text) {
        Ok(_) => Vec::new(),
        Err(report) => report.lines(),
    }
}

#[test]
fn all_errors_of_a_file_are_named_at_once() {
    let text = r#"[system]
lanugage = "en"
timezone = "Asia/Shangai"
country = "CN"
ring_seconds = "30"

[[department]]
name = "sales"

[[extension]]
number = "100"
departments = ["sale", "sales"]
max_contacts = 500

[[extension]]
number = "100"
name = "二号"

[[extension]]
number = 101

[[extension]]
name = "nobody"

[[extention]]
number = "102"

[[ring_group]]
number = "630"
members = ["100", "109", "100"]
then = "6x0"
"#;
    let expected = [
        "s.toml:2:1: there is no key `system.lanugage`; did you mean `system.language`?",
        "s.toml:3:12: `system.timezone` is \"Asia/Shangai\"; did you mean \"Asia/Shanghai\"?",
        "s.toml:4:11: `system.country` is \"CN\"; it must be two small letters such as \"cn\" or \"us\"",
        "s.toml:5:16: `system.ring_seconds` must be a whole number, without quotation marks; it is text",
        "s.toml:12:16: there is no department \"sale\"; did you mean \"sales\"? Otherwise add it",
        "s.toml:13:16: `extension.max_contacts` must be from 1 to 20",
        "s.toml:16:10: extension \"100\" stands twice, first in line 11; remove one",
        "s.toml:20:10: `extension.number` is text, because leading zeros count: write \"101\"",
        "s.toml:22:1: `extension.number` is missing; add it",
        "s.toml:25:3: there is no key `extention`; did you mean `extension`?",
        "s.toml:30:19: there is no extension \"109\"; did you mean \"100\"? Otherwise add it",
        "s.toml:30:26: 100 stands twice in `members`; remove one",
        "s.toml:31:8: `ring_group.then` is \"6x0\": a number has only the characters 0-9 * # and a leading +, not 'x'",
    ];
    assert_eq!(errors(text), expected);
}

#[test]
fn a_codec_that_there_is_not_and_one_that_stands_twice_are_named() {
    let text = "[system]\ncodecs = [\"pcma\", \"speex-wb\"]\n\n[[extension]]\nnumber = \"100\"\n\
                codecs = [\"opsu\", \"g722\", \"pcma\", \"g722\"]\n";
    let expected = [
        "s.toml:2:19: `system.codecs` is \"speex-wb\"; it must be one of opus, g722, pcma, pcmu, l16, other",
        "s.toml:6:11: `extension.codecs` is \"opsu\"; did you mean \"opus\"?",
        "s.toml:6:35: \"g722\" stands twice in `codecs`; remove one",
    ];
    assert_eq!(errors(text), expected);
}

#[test]
fn broken_toml_is_named_line_by_line() {
    let found = errors("[system\nname = \"x\n[[extension]]\nnumber = \"100\"\nname = = \"x\"\n");
    assert!(
        found
            .iter()
            .any(|line| line.starts_with("s.toml:1:8: unclosed table")),
        "{found:#?}"
    );
    assert!(
        found.iter().any(|line| line.starts_with("s.toml:5:8: ")),
        "{found:#?}"
    );
}

#[test]
fn columns_count_characters() {
    let found = errors("[[contact]]\nname = \"张三\" ; nmae = \"x\"\n");
    assert!(found[0].starts_with("s.toml:2:13: "), "{found:#?}");
}

#[test]
fn what_each_key_must_be_is_said() {
    let extension = "[[extension]]\nnumber = \"100\"\n";
    let trunk = "[[trunk]]\nname = \"t\"\nhost = \"h\"\n";
    let table: &[(&str, &str, &str)] = &[
        (
            "[system]\n",
            "name = \"\"",
            "3:8: `system.name` is empty; write something",
        ),
        (
            "[system]\n",
            "language = \"zh\"",
            "3:12: `system.language` is \"zh\"; it must be one of zh-CN, en",
        ),
        (
            "[system]\n",
            "recording_format = \"mp3\"",
            "3:20: `system.recording_format` is \"mp3\"; it must be one of wav, opus",
        ),
        (
            "[system]\n",
            "language = \"zh-cn\"",
            "3:12: `system.language` is \"zh-cn\"; did you mean \"zh-CN\"?",
        ),
        (
            "[system]\n",
            "portal = \"yes\"",
            "3:10: `system.portal` must be true or false, without quotation marks; it is text",
        ),
        (
            "[system]\n",
            "ring_seconds = 0",
            "3:16: `system.ring_seconds` must be from 1 to 600",
        ),
        (
            "[smtp]\n",
            "port = 70000",
            "3:8: `smtp.port` must be from 1 to 65535",
        ),
        (
            "[smtp]\n",
            "host = \"mail\"",
            "2:1: `smtp.from` is missing; add the address that mail is sent from",
        ),
        (
            "[smtp]\n",
            "security = \"ssl\"",
            "3:12: `smtp.security` is \"ssl\"; it must be one of none, starttls, tls",
        ),
        (
            "[parking]\n",
            "slots = \"49-41\"",
            "3:9: `parking.slots` is \"49-41\"; its end must not be below its begin, and it may hold 100 slots",
        ),
        (
            "[parking]\n",
            "slots = \"041-049\"",
            "3:9: `parking.slots` is \"041-049\"; it must be a range such as \"41-49\"",
        ),
        (
            "[feature_codes]\n",
            "parc = \"*4\"",
            "3:1: there is no feature `parc`; did you mean `park`?",
        ),
        (
            "[feature_codes]\n",
            "park = \"4a\"",
            "3:8: `feature_codes.park` is \"4a\"; it must be up to 8 of the keys 0-9 * #, or empty to switch it off",
        ),
        (
            "[[user]]\n",
            "name = \"admin\"",
            "2:1: `user.password` is missing; add it",
        ),
        (
            "[[user]]\n",
            "name = \"a\"\nrole = \"root\"\npassword = \"x\"",
            "4:8: `user.role` is \"root\"; it must be one of admin, operator",
        ),
        (
            extension,
            "password = \"\"",
            "4:12: `extension.password` is empty; write one, or remove the key",
        ),
        (
            extension,
            "password = { env = \"NO_SUCH_VARIABLE\" }",
            "4:12: `extension.password`: the environment variable NO_SUCH_VARIABLE is not set; set it",
        ),
        (
            extension,
            "password = {}",
            "4:12: `extension.password`: must be text, { env = \"NAME\" } or { file = \"PATH\" }",
        ),
        (
            extension,
            "email = \"a b\"",
            "4:9: `extension.email` is \"a b\"; it must be an address such as \"name@example.org\"",
        ),
        (
            extension,
            "voicemail_pin = \"12a4\"",
            "4:17: `extension.voicemail_pin` must be up to 16 digits",
        ),
        (
            extension,
            "voicemail_pin = 1234",
            "4:17: `extension.voicemail_pin` is text, because leading zeros count: write \"1234\"",
        ),
        (
            extension,
            "outbound_routes = [\"city\"]",
            "4:20: there is no outbound route \"city\"; add it, or remove the reference",
        ),
        (
            extension,
            "record = \"on\"",
            "4:10: `extension.record` is \"on\"; it must be one of off, all, internal, outside",
        ),
        (
            extension,
            "srtp = \"on\"",
            "4:8: `extension.srtp` is \"on\"; it must be one of off, allowed, required",
        ),
        (
            extension,
            "caller_id = \"12 34\"",
            "4:13: `extension.caller_id` is \"12 34\": a number has only the characters 0-9 * # and a leading +, not ' '",
        ),
        (
            extension,
            "name = \"a\\u0007\"",
            "4:8: `extension.name` has control characters in it; remove them",
        ),
        (
            trunk,
            "host2 = 1",
            "5:1: there is no key `trunk.host2`; did you mean `trunk.host`?",
        ),
        (
            trunk,
            "kind = \"register\"",
            "2:1: a trunk that registers needs `trunk.username`; add it",
        ),
        (
            trunk,
            "authenticate_inbound = true",
            "2:1: who calls in can only prove `trunk.username`; add it",
        ),
        (
            trunk,
            "tls_trust = \"carrier.pem\"",
            "5:13: `trunk.tls_trust` is \"carrier.pem\"; it must be \"system\", \"anyone\" or the path of a PEM file, such as \"/etc/bellwire/carrier.pem\"",
        ),
        (
            trunk,
            "health = \"ping\"",
            "5:10: `trunk.health` is \"ping\"; it must be one of options, none",
        ),
        (
            trunk,
            "media = \"sdes\"",
            "5:9: `trunk.media` is \"sdes\"; it must be one of rtp, srtp",
        ),
        (
            "[[trunk]]\n",
            "name = \"t\"\nhost = \"h:5060\"",
            "4:8: `trunk.host` is \"h:5060\"; it must be a name or an address without port, such as \"192.0.2.10\"",
        ),
        (
            "[[outbound_route]]\n",
            "name = \"o\"\ntrunks = []",
            "2:1: `outbound_route.trunks` is empty; name at least one trunk",
        ),
        (
            "[[outbound_route]]\n",
            "name = \"o\"\npattern = \"A\"\ntrunks = [\"t\"]",
            "4:11: `outbound_route.pattern` is \"A\"; it has digits, X (any digit), Z (1-9), N (2-9), and at its end . (anything more)",
        ),
        (
            "[[menu]]\n",
            "number = \"610\"\nkeys = { \"11\" = \"100\" }",
            "4:10: \"11\" is no key of a telephone; use 0-9 * #",
        ),
        (
            "[[schedule]]\n",
            "number = \"620\"\nopen = [\"mon-fri 9-18\"]",
            "4:9: `schedule.open` is \"mon-fri 9-18\"; it must be such as \"mon-fri 09:00-18:00\"",
        ),
        (
            "[[schedule]]\n",
            "number = \"620\"\nclosed_dates = [\"2026-02-30\"]",
            "4:17: `schedule.closed_dates` is \"2026-02-30\"; it must be a day of the calendar such as \"2026-10-01\"",
        ),
        (
            "[[queue]]\n",
            "number = \"600\"\nstrategy = \"ringall\"",
            "4:12: `queue.strategy` is \"ringall\"; did you mean \"ring-all\"?",
        ),
        (
            "[[room]]\n",
            "number = \"700\"\nadmin_pin = \"x\"",
            "4:13: `room.admin_pin` must be up to 16 digits",
        ),
        (
            "[[room]]\n",
            "number = \"700\"\nadmin_pin = \"1111\"\nuser_pin = \"1111\"",
            "5:12: `room.user_pin` is the administrator's; give members another one",
        ),
        (
            "[[room]]\n",
            "number = \"700\"\nannounce = \"names\"",
            "4:12: `room.announce` is \"names\"; it must be one of tones, none",
        ),
        (
            "extension = 1",
            "",
            "2:13: `extension` must be a list of tables: write [[extension]] before each; it is a number",
        ),
        (
            "[extension]",
            "",
            "2:1: `extension` must be a list of tables: write [[extension]] before each; it is a table",
        ),
    ];
    for (before, line, expected) in table {
        let text = format!("\n{before}{line}\n");
        let found = errors(&text);
        assert_eq!(found, [format!("s.toml:{expected}")], "{text}");
    }
}

/// P-11: one number leads to one place, also when the other is not in the file.
#[test]
fn the_numbering_plan_has_each_number_once() {
    let text = "[[extension]]\nnumber = \"41\"\n[[extension]]\nnumber = \"041\"\n[[extension]]\nnumber = \"600\"\n[[extension]]\nnumber = \"*60\"\n[[queue]]\nnumber = \"600\"\n[[room]]\nnumber = \"600\"\n";
    assert_eq!(
        errors(text),
        [
            "s.toml:2:10: 41 is a parking slot and also an extension; give one of them another number",
            "s.toml:8:10: extension *60 must have digits only; * # and + belong to codes and outside numbers",
            "s.toml:10:10: 600 is an extension and also a queue; give one of them another number",
            "s.toml:12:10: 600 is an extension and also a room; give one of them another number",
        ]
    );
    let base = onto(&Site::default(), "[[queue]]\nnumber = \"600\"\n");
    let report = Draft::read(
        "s.toml",
        "[[extension]]\nnumber = \"600\"\n",
        &base,
        SecretsFrom::Text,
    );
    assert_eq!(
        report.expect_err("it is taken").lines(),
        ["s.toml:2:10: 600 is a queue and also an extension; give one of them another number"]
    );
    // Moved in one file.
    let moved = "[[extension]]\nnumber = \"600\"\n[[queue]]\nnumber = \"601\"\n";
    onto(&base, moved);
}

/// P-11
#[test]
fn a_number_that_begins_like_an_outbound_route_is_warned_of() {
    let text = "[[extension]]\nnumber = \"901\"\n[[trunk]]\nname = \"t\"\nhost = \"h\"\n[[outbound_route]]\nname = \"city\"\nprefix = \"9\"\ntrunks = [\"t\"]\n";
    let draft = Draft::check("s.toml", text).expect("allowed");
    assert_eq!(
        draft.warnings,
        [
            "s.toml:2:10: 901 begins like the outbound route \"city\": whoever dials it calls the extension"
        ]
    );
}

/// CO-08
#[test]
fn a_pin_that_opens_two_rooms_is_warned_of_and_not_told() {
    let room = |number, admin| {
        format!("[[room]]\nnumber = \"{number}\"\nadmin_pin = \"{admin}\"\nuser_pin = \"1111\"\n")
    };
    let text = format!("{}{}", room("700", "9911"), room("701", "9922"));
    let draft = Draft::check("s.toml", &text).expect("allowed");
    assert_eq!(
        draft.warnings,
        ["s.toml:8:12: this PIN also opens room 700: `*0` takes the one with fewer people in it"]
    );
}

#[test]
fn a_part_of_a_site_may_refer_to_what_it_does_not_contain() {
    let part = "[[ring_group]]\nnumber = \"630\"\nmembers = [\"100\"]\n";
    assert_eq!(errors(part), Vec::<String>::new());
    let base = onto(&Site::default(), "[[extension]]\nnumber = \"101\"\n");
    let report =
        Draft::read("s.toml", part, &base, SecretsFrom::Text).expect_err("there is no 100");
    assert_eq!(
        report.lines(),
        ["s.toml:3:12: there is no extension \"100\"; did you mean \"101\"? Otherwise add it"]
    );
}

#[test]
fn whoever_sends_a_file_does_not_read_files_of_this_machine() {
    let text = "[[extension]]\nnumber = \"100\"\npassword = { file = \"/etc/hostname\" }\n";
    let report =
        Draft::read("s.toml", text, &Site::default(), SecretsFrom::Text).expect_err("refused");
    assert_eq!(
        report.lines(),
        ["s.toml:3:12: `extension.password` must be text here"]
    );
}

#[test]
fn a_thousand_errors_are_enough() {
    let text = "[[extension]]\nnumber = 1\n".repeat(3_000);
    assert_eq!(errors(&text).len(), 1_000);
}
