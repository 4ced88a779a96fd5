//! The messages of RFC 4475 and RFC 5118, of which `torture/VERDICTS.tsv` says what becomes of each.

use sip::message::{Message, Method, Name, Request};
use sip::{Host, Scheme};
use std::fs;
use std::path::PathBuf;

/// SI-10
#[test]
fn every_torture_message_is_taken_or_refused_as_the_rfc_says() {
    let table = fs::read_to_string(folder().join("VERDICTS.tsv")).unwrap();
    let rows: Vec<Vec<&str>> = table
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split('\t').collect())
        .collect();
    let wrong: Vec<String> = rows
        .iter()
        .filter(|row| verdict(&read(row[0])) != row[1])
        .map(|row| {
            format!(
                "{}: {} instead of {}",
                row[0],
                verdict(&read(row[0])),
                row[1]
            )
        })
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
    let files = fs::read_dir(folder())
        .unwrap()
        .filter(|file| {
            file.as_ref()
                .is_ok_and(|file| file.path().extension().is_some_and(|kind| kind == "dat"))
        })
        .count();
    assert_eq!((rows.len(), files), (49 + 12, 49 + 12));
}

#[test]
fn wsinv_blanks_folds_and_odd_spellings() {
    let request = request("wsinv.dat");
    assert_eq!(
        request.uri(),
        "sip:vivekg@chair-dnrc.example.com;unknownparam"
    );
    assert_eq!(request.to().unwrap().tag(), Some("1918181833n"));
    let from = request.from().unwrap();
    assert_eq!(from.display().unwrap(), r#"J Rosenberg \""#);
    assert_eq!(from.tag(), Some("98asjd8"));
    assert_eq!(request.max_forwards(), Ok(Some(68)));
    assert_eq!(request.cseq().unwrap().number, 9);
    let vias: Vec<_> = request.vias().map(Result::unwrap).collect();
    let said: Vec<_> = vias
        .iter()
        .map(|via| {
            (
                via.transport(),
                via.sent_by().to_string(),
                via.branch().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        said,
        [
            ("UDP", "192.0.2.2".to_owned(), "390skdjuw"),
            ("TCP", "spindle.example.com".to_owned(), "z9hG4bK9ikj8"),
            ("UDP", "192.168.255.111".to_owned(), "z9hG4bK30239"),
        ]
    );
    assert_eq!(request.header("s"), Some(""));
    assert_eq!(
        request.header("newfangledheader"),
        Some("newfangled value   continued newfangled value")
    );
    let contact = request.contacts().next().unwrap().unwrap();
    assert_eq!(contact.display().unwrap(), r#"Quoted string """#);
    assert_eq!(contact.param("newparam"), Some("newvalue"));
    assert_eq!(contact.param("secondparam"), Some(""));
    assert_eq!(contact.param("q"), Some("0.33"));
    let route = request.routes().next().unwrap().unwrap();
    assert!(route.uri().has_param("lr") && route.uri().has_param("unknown-no-value"));
    assert_eq!(request.body().len(), 150);
}

#[test]
fn intmeth_every_character_that_is_allowed() {
    let request = request("intmeth.dat");
    assert_eq!(
        request.method().as_str(),
        "!interesting-Method0123456789_*+`.%indeed'~"
    );
    let to = request.to().unwrap();
    assert_eq!(to.display().unwrap(), "BEL:\u{7} NUL:\0 DEL:\u{7f}");
    let from = request.from().unwrap();
    assert_eq!(from.display().unwrap(), "token1~` token2'+_ token3*%!.-");
    assert_eq!(from.param("fromParam''~+*_!.-%"), Some("работающий"));
    assert_eq!(from.tag(), Some("_token~1'+`*%!-."));
    assert_eq!(
        request.call_id(),
        Some(r#"intmeth.word%ZK-!.*_+'@word`~)(><:\/"][?}{"#)
    );
    assert_eq!(
        request.header("extensionHeader-!.%*+_`'~"),
        Some("\u{feff}大停電")
    );
    assert!(matches!(
        request.via().unwrap().host(),
        Host::Name("host1.example.com")
    ));
}

#[test]
fn esc01_and_escnull_escapes_mean_what_they_stand_for() {
    let request_1 = request("esc01.dat");
    let uri = sip::Uri::parse(request_1.uri()).unwrap();
    assert_eq!(uri.user(), Some("sips%3Auser%40example.com"));
    assert_eq!(uri.decoded_user().unwrap(), "sips:user@example.com");
    assert_eq!(
        request_1.from().unwrap().uri().decoded_user().unwrap(),
        "I have spaces"
    );
    let contact = request_1.contacts().next().unwrap().unwrap();
    assert_eq!(contact.uri().decoded_user().unwrap(), "caller");
    let request_2 = request("escnull.dat");
    let users: Vec<_> = request_2
        .contacts()
        .map(|contact| contact.unwrap().uri().decoded_user().unwrap().into_owned())
        .collect();
    assert_eq!(users, ["\0", "\0\0"]);
}

#[test]
fn esc02_escapes_make_other_methods_and_headers() {
    let request = request("esc02.dat");
    assert_eq!(request.method(), Method::Other("RE%47IST%45R".into()));
    assert_eq!(request.from().unwrap().display().unwrap(), "%Z%45");
    assert_eq!(request.contacts().count(), 2);
    assert_eq!(
        request.header("C%6Fntact"),
        Some("<sip:alias2@host2.example.com>")
    );
}

#[test]
fn longreq_nothing_is_lost_of_long_values() {
    let request = request("longreq.dat");
    assert_eq!(request.vias().filter_map(Result::ok).count(), 34);
    assert_eq!(request.to().unwrap().uri().port(), Some(6000));
    assert_eq!(request.from().unwrap().tag().unwrap().len(), 155);
    assert_eq!(request.call_id().unwrap().len(), 141);
    assert_eq!(request.contacts().filter_map(Result::ok).count(), 1);
    assert_eq!(request.body().len(), 150);
}

#[test]
fn dblreq_semiuri_lwsdisp_and_transports() {
    let first = request("dblreq.dat");
    assert_eq!((first.method(), first.body()), (Method::Register, &b""[..]));
    let semi = request("semiuri.dat");
    assert_eq!(
        sip::Uri::parse(semi.uri()).unwrap().user(),
        Some("user;par=u%40example.net")
    );
    assert_eq!(semi.values(Name::Accept).count(), 6);
    assert_eq!(
        request("lwsdisp.dat").from().unwrap().display().unwrap(),
        "caller"
    );
    let many = request("transports.dat");
    let names: Vec<_> = many.vias().map(|via| via.unwrap().transport()).collect();
    assert_eq!(names, ["UDP", "SCTP", "TLS", "UNKNOWN", "TCP"]);
}

#[test]
fn mpart01_a_binary_body_is_whole() {
    let request = request("mpart01.dat");
    assert!(request.is_content("Multipart/Mixed") && !request.is_content("multipart"));
    assert_eq!(request.body().len(), 553);
    assert!(request.body().ends_with(b"--7a9cbec02ceef655--\r\n"));
}

#[test]
fn unreason_and_noreason() {
    let Message::Response(unreason) = Message::parse(&read("unreason.dat")).unwrap() else {
        panic!("a request");
    };
    assert_eq!(unreason.status(), 200);
    assert_eq!(
        unreason.reason(),
        "= 2**3 * 5**2 но сто девяносто девять - простое"
    );
    let Message::Response(noreason) = Message::parse(&read("noreason.dat")).unwrap() else {
        panic!("a request");
    };
    assert_eq!((noreason.status(), noreason.reason()), (100, ""));
}

#[test]
fn schemes_and_contacts_that_are_found_wrong_when_they_are_needed() {
    let unknown = request("unkscm.dat");
    assert_eq!(
        sip::Uri::parse(unknown.uri()).unwrap().scheme(),
        Scheme::Other("nobodyKnowsThisScheme")
    );
    let novel = request("novelsc.dat");
    assert_eq!(
        sip::Uri::parse(novel.uri()).unwrap().scheme(),
        Scheme::Other("soap.beep")
    );
    let register = request("unksm2.dat");
    assert_eq!(register.to().unwrap().uri().scheme(), Scheme::Other("isbn"));
    assert!(
        request("regbadct.dat")
            .contacts()
            .all(|contact| contact.is_err())
    );
    let bracketed = request("regescrt.dat");
    let contact = bracketed.contacts().next().unwrap().unwrap();
    assert_eq!(
        contact.uri().header("route").unwrap(),
        "<sip:sip.example.com>"
    );
    let parameter = request("cparam01.dat");
    let contact = parameter.contacts().next().unwrap().unwrap();
    assert!(contact.params().has("unknownparam") && contact.uri().params().is_empty());
    let of_uri = request("cparam02.dat");
    let contact = of_uri.contacts().next().unwrap().unwrap();
    assert!(contact.params().is_empty() && contact.uri().has_param("unknownparam"));
}

#[test]
fn rfc_5118_addresses() {
    let v6 = |text: &str| Host::V6(text.parse().unwrap());
    let uri_host = |file: &str| {
        let request = request(file);
        let uri = sip::Uri::parse(request.uri()).unwrap();
        (uri.host().to_string(), uri.port())
    };
    assert_eq!(
        uri_host("port-ambiguous.dat"),
        ("[2001:db8::10:5070]".to_owned(), None)
    );
    assert_eq!(
        uri_host("port-unambiguous.dat"),
        ("[2001:db8::10]".to_owned(), Some(5070))
    );
    assert_eq!(
        uri_host("ipv6-bug-abnf-3-colons.dat"),
        uri_host("ipv6-correct-abnf-2-colons.dat")
    );
    for file in [
        "via-received-param-no-delim.dat",
        "via-received-param-with-delim.dat",
    ] {
        let request = request(file);
        let via = request.via().unwrap();
        assert_eq!(via.received(), Some("2001:db8::9:255".parse().unwrap()));
        assert_eq!(via.host(), v6("2001:db8::9:1"));
    }
    let many = request("mult-ip-in-header.dat");
    let hosts: Vec<_> = many
        .vias()
        .map(|via| via.unwrap().sent_by().to_string())
        .collect();
    assert_eq!(
        hosts,
        ["[2001:db8::9:1]:6050", "192.0.2.1", "[2001:db8::9:255]"]
    );
    let mapped = request("ipv4-mapped-ipv6.dat");
    assert_eq!(mapped.via().unwrap().host(), v6("::ffff:192.0.2.10"));
}

#[test]
fn a_refusal_can_find_its_way_back_even_when_headers_are_missing() {
    let malformed = Message::parse(&read("insuf.dat")).unwrap_err();
    let refusal = malformed.refusal("ours").unwrap();
    assert_eq!(refusal.status(), 400);
    assert_eq!(refusal.reason(), "Bad Request - From is missing");
    assert_eq!(refusal.via().unwrap().branch(), Some("z9hG4bKkdj.insuf"));
    assert_eq!(refusal.cseq().unwrap().number, 193_942);
}

fn verdict(bytes: &[u8]) -> String {
    match Message::parse(bytes) {
        Ok(_) => "ok".to_owned(),
        Err(malformed) => malformed
            .refusal("tag")
            .map_or_else(|| "drop".to_owned(), |refusal| refusal.status().to_string()),
    }
}

fn request(file: &str) -> Request {
    match Message::parse(&read(file)) {
        Ok(Message::Request(request)) => request,
        other => panic!("{file}: {other:?}"),
    }
}

fn read(file: &str) -> Vec<u8> {
    fs::read(folder().join(file)).expect("the message is there")
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/torture")
}
