//! What a file that is in order does.

use super::*;
use crate::document::Report;
use crate::site::{ha1, resolve};
use model::{Destination, Duration, Language, RecordPolicy, SrtpPolicy, TrunkTransport};

const OFFICE: &str = r#"
[system]
name = "Office"
portal = true

[[department]]
name = "sales"

[[extension]]
number = "100"
name = "张三"
password = "p#&<>\"' 空格中文"
departments = ["sales"]
language = "en"
ring_seconds = 20
record = "outside"
srtp = "required"

[[extension]]
number = "005"
password = "x"

[[trunk]]
name = "carrier"
host = "192.0.2.10"
transport = "tls"
password = "secret"

[[outbound_route]]
name = "city"
prefix = "9"
strip = 1
trunks = ["carrier"]

[[inbound_route]]
trunk = "carrier"
to = "fax:005"
"#;

fn office() -> Site {
    onto(&Site::default(), OFFICE)
}

#[test]
fn an_extension_has_what_the_file_says_and_defaults_otherwise() {
    let site = office();
    let directory = &site.directory;
    let first = directory.extension(&number("100")).expect("there");
    assert_eq!(first.name, "张三");
    assert_eq!(first.language, Some(Language::English));
    assert_eq!(first.ring_time, Some(Duration::from_secs(20)));
    assert_eq!(first.record, RecordPolicy::Outside);
    assert_eq!(first.srtp, SrtpPolicy::Required);
    assert_eq!(first.secret, ha1(&number("100"), "p#&<>\"' 空格中文"));
    // Leading zeros count; the name falls back to the number (EXT-02).
    let second = directory.extension(&number("005")).expect("there");
    assert_eq!(second.name, "005");
    assert_eq!(second.srtp, SrtpPolicy::Allowed);
    assert_eq!((second.ring_time, second.max_contacts), (None, 5));
    assert!(directory.extension(&number("5")).is_none());
    assert!(directory.system.portal);
    assert_eq!(
        directory.inbound_routes[0].to,
        Destination::Fax(number("005"))
    );
    let trunk = &directory.trunks["carrier"];
    assert_eq!((trunk.port, trunk.transport), (5061, TrunkTransport::Tls));
}

/// RFC 7616 §3.4.2, checked with `printf '100:bellwire:secret' | md5sum` and `sha256sum`.
#[test]
fn passwords_are_kept_as_digests_of_user_realm_and_password() {
    let secret = ha1(&number("100"), "secret");
    let hex = |bytes: &[u8]| -> String { bytes.iter().map(|byte| format!("{byte:02x}")).collect() };
    assert_eq!(hex(&secret.md5), "007ec4d5e8c59885e77300096b178323");
    assert_eq!(
        hex(&secret.sha256),
        "2e5e8c780f68331fda28484997c3fe9f097882ec4a9aedecf31e721f847aa925"
    );
}

#[test]
fn a_list_that_is_not_mentioned_is_left_alone_and_one_that_is_is_replaced() {
    let base = office();
    let changed = onto(
        &base,
        "[[extension]]\nnumber = \"100\"\n[[department]]\nname = \"new\"\n[[inbound_route]]\ntrunk = \"carrier\"\nto = \"100\"",
    );
    let directory = &changed.directory;
    assert_eq!(directory.extensions.len(), 1);
    assert_eq!(directory.departments.keys().collect::<Vec<_>>(), ["new"]);
    assert_eq!(directory.trunks, base.directory.trunks);
    assert_eq!(directory.outbound_routes, base.directory.outbound_routes);
    // A key of an object that is not mentioned has its default, but for the password.
    let extension = directory.extension(&number("100")).expect("there");
    assert_eq!((extension.name.as_str(), extension.language), ("100", None));
    assert_eq!(
        extension.secret,
        base.directory
            .extension(&number("100"))
            .expect("there")
            .secret
    );
    // A key of a single table that is not mentioned is left alone.
    let renamed = onto(&base, "[system]\nname = \"Other\"");
    assert!(renamed.directory.system.portal);
    assert_eq!(renamed.directory.system.name, "Other");
    assert_eq!(renamed.directory.extensions, base.directory.extensions);
    // An empty list is a list.
    let emptied = onto(&base, "outbound_route = []");
    assert!(emptied.directory.outbound_routes.is_empty());
}

#[test]
fn what_people_set_by_telephone_stays() {
    let mut site = office();
    let mut directory = (*site.directory).clone();
    let mut extension = directory.extension(&number("100")).expect("there").clone();
    extension.do_not_disturb = true;
    extension.voicemail_pin = String::from("9999");
    directory
        .extensions
        .insert(number("100"), std::sync::Arc::new(extension));
    site.directory = std::sync::Arc::new(directory);
    assert_eq!(onto(&site, OFFICE), site);
}

#[test]
fn a_new_extension_without_a_password_gets_one() {
    let base = office();
    let text = "[[extension]]\nnumber = \"100\"\n[[extension]]\nnumber = \"101\"\n[[inbound_route]]\ntrunk = \"carrier\"\nto = \"100\"";
    let draft = Draft::read("s.toml", text, &base, SecretsFrom::Text).expect("in order");
    let password = &draft.generated[&number("101")];
    assert_eq!((draft.generated.len(), password.len()), (1, 16));
    let made = draft
        .site
        .directory
        .extension(&number("101"))
        .expect("there");
    assert_eq!(made.secret, ha1(&number("101"), password));
    let other = Draft::read("s.toml", text, &base, SecretsFrom::Text).expect("in order");
    assert_ne!(&other.generated[&number("101")], password);
}

#[test]
fn the_password_of_a_user_is_hashed_and_the_same_one_is_no_change() {
    let text = "[[user]]\nname = \"admin\"\nrole = \"admin\"\npassword = \"geheim\"";
    let site = onto(&Site::default(), text);
    let hash = &site.users["admin"].password;
    assert!(hash.starts_with("$argon2id$"), "{hash}");
    assert_eq!(onto(&site, text), site);
    assert_eq!(onto(&site, "[[user]]\nname = \"admin\""), site);
    let other = onto(&site, &text.replace("geheim", "anders"));
    assert_eq!(
        difference(&site, &other),
        ["~ user admin: password changed"]
    );
}

#[test]
fn differences_are_told_object_by_object() {
    let base = office();
    let text = OFFICE
        .replace("name = \"张三\"\n", "name = \"李四\"\n")
        .replace("password = \"x\"", "password = \"y\"")
        .replace("ring_seconds = 20\n", "")
        .replace("name = \"Office\"", "name = \"Büro\"")
        .replace("host = \"192.0.2.10\"", "host = \"192.0.2.11\"")
        + "[[contact]]\nname = \"王\"\nphone = \"+86 (28) 8533-7106\"\n[[blacklist]]\nnumber = \"０２８\"\n";
    let changed = onto(&base, &text);
    let expected = [
        "~ system: name \"Office\" -> \"Büro\"",
        "~ extension 005: password changed",
        "~ extension 100: name \"张三\" -> \"李四\", ring_seconds 20 -> default",
        "~ trunk carrier: host \"192.0.2.10\" -> \"192.0.2.11\"",
        "+ contact 王",
        "+ blacklist 028",
    ];
    assert_eq!(difference(&base, &changed), expected);
    // P-14: numbers are read as people paste them.
    let phone = changed.directory.contacts[0].phone.expect("a number");
    assert_eq!(phone.as_str(), "+862885337106");
    let back = difference(&changed, &base);
    assert!(back.contains(&String::from("- contact 王")), "{back:#?}");
}

#[test]
fn the_order_of_routes_counts() {
    let routes = |names: [&str; 2]| {
        let routes = names
            .map(|name| format!("[[outbound_route]]\nname = \"{name}\"\ntrunks = [\"carrier\"]\n"));
        onto(&office(), &routes.concat())
    };
    let (one, other) = (routes(["a", "b"]), routes(["b", "a"]));
    assert_eq!(difference(&one, &other), ["~ outbound_route: order"]);
}

#[test]
fn secrets_may_stand_elsewhere() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), "se\"cret\n").expect("written");
    let path = file.path().display();
    let text = format!(
        "[[extension]]\nnumber = \"100\"\npassword = {{ file = \"{path}\" }}\nvoicemail_pin = \"7\"\n"
    );
    let draft = Draft::check("s.toml", &text).expect("in order");
    let secret = ha1(&number("100"), "se\"cret");
    let of = |site: &Site| {
        site.directory
            .extension(&number("100"))
            .expect("there")
            .secret
            .clone()
    };
    assert_eq!(of(&draft.site), secret);
    let report = Report::new("s.toml", &text);
    let resolved = resolve(&text, &report);
    assert!(report.is_clean());
    assert_eq!(of(&onto(&Site::default(), &resolved)), secret);
    let missing = text.replace(&path.to_string(), "/no/such/file");
    let resolved = resolve(&missing, &report);
    assert_eq!(
        report.lines(),
        [
            "s.toml:3:12: the file /no/such/file cannot be read: No such file or directory (os error 2)"
        ]
    );
    assert!(!resolved.contains("/no/such/file"));
}
