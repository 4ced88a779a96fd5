//! Digest authentication: what the RFCs computed, what is granted, and what is not.
#![allow(clippy::unwrap_used, reason = "what does not hold here fails the test")]

use sip::Time;
use sip::digest::{
    Algorithm, Client, Credentials, Freshness, Secret, Server, Unanswerable, Verdict,
};
use sip::message::{Message, Method, Name, Request, Response};
use std::net::IpAddr;
use std::time::Duration;

/// SI-01
#[test]
fn a_phone_that_knows_the_password_is_let_in_by_either_algorithm() {
    for algorithm in ["SHA-256", "MD5"] {
        let mut server = Server::new(&KEY);
        let mut phone = Phone::challenged(&mut server, algorithm);
        assert_eq!(
            phone.call(&mut server, Some(&secret())),
            Verdict::Granted,
            "{algorithm}"
        );
        assert_eq!(
            phone.call(&mut server, Some(&secret())),
            Verdict::Granted,
            "the next count"
        );
    }
}

#[test]
fn md5_is_offered_first_and_sha_256_next() {
    let [first, second] = Server::new(&KEY).challenges(T0, phone(), Freshness::First);
    assert!(first.starts_with("Digest realm=\"bellwire\", nonce=\""));
    assert!(first.contains("algorithm=MD5, qop=\"auth\"") && !first.contains("stale"));
    assert!(second.contains("algorithm=SHA-256, qop=\"auth\""));
    let [stale, _] = Server::new(&KEY).challenges(T0, phone(), Freshness::Stale);
    assert!(stale.ends_with(", stale=true"));
}

/// SI-01 SI-11
#[test]
fn a_count_is_used_once() {
    let mut server = Server::new(&KEY);
    let mut phone = Phone::challenged(&mut server, "SHA-256");
    let first = phone.authorization();
    let second = phone.authorization();
    assert_eq!(phone.send(&mut server, &second), Verdict::Granted);
    assert_eq!(
        phone.send(&mut server, &first),
        Verdict::Granted,
        "they may overtake each other"
    );
    assert_eq!(phone.send(&mut server, &first), Verdict::Stale);
    assert_eq!(phone.send(&mut server, &second), Verdict::Stale);
    for _ in 0..100 {
        assert_eq!(phone.call(&mut server, Some(&secret())), Verdict::Granted);
    }
    assert_eq!(
        phone.send(&mut server, &first),
        Verdict::Stale,
        "far behind"
    );
}

/// SI-01
#[test]
fn a_nonce_is_good_for_five_minutes() {
    let mut server = Server::new(&KEY);
    let mut phone = Phone::challenged(&mut server, "SHA-256");
    phone.now = T0 + Duration::from_secs(300);
    assert_eq!(phone.call(&mut server, Some(&secret())), Verdict::Granted);
    phone.now = T0 + Duration::from_secs(301);
    assert_eq!(phone.call(&mut server, Some(&secret())), Verdict::Stale);
    phone.now = Time(T0.0 - 1);
    assert_eq!(
        phone.call(&mut server, Some(&secret())),
        Verdict::Stale,
        "made in the future"
    );
}

/// SI-11
#[test]
fn a_wrong_password_and_an_unknown_user_are_the_same() {
    let mut server = Server::new(&KEY);
    let mut phone = Phone::challenged(&mut server, "MD5");
    assert_eq!(
        phone.call(&mut server, Some(&Secret::new("100", "bellwire", "other"))),
        Verdict::Wrong
    );
    assert_eq!(phone.call(&mut server, None), Verdict::Wrong);
    assert_eq!(
        phone.call(&mut server, Some(&secret())),
        Verdict::Granted,
        "nothing was held against it"
    );
}

/// SI-11
#[test]
fn nobody_can_fail_in_the_name_of_another_address() {
    let mut server = Server::new(&KEY);
    let mut phone = Phone::challenged(&mut server, "SHA-256");
    phone.address = "192.0.2.66".parse().unwrap();
    assert_eq!(
        phone.call(&mut server, Some(&secret())),
        Verdict::Foreign,
        "a right password from elsewhere"
    );
    assert_eq!(phone.call(&mut server, None), Verdict::Foreign);
    let mut other = Server::new(&[8; 32]);
    let mut phone = Phone::challenged(&mut other, "SHA-256");
    assert_eq!(
        phone.call(&mut server, Some(&secret())),
        Verdict::Foreign,
        "another key"
    );
}

#[test]
fn every_changed_character_of_a_nonce_makes_it_foreign() {
    let mut server = Server::new(&KEY);
    let value = Phone::challenged(&mut server, "MD5").authorization();
    let start = value.find("nonce=\"").unwrap() + "nonce=\"".len();
    let length = value[start..].find('"').unwrap();
    assert!(length > 40);
    for at in start..start + length {
        let mut changed = value.clone().into_bytes();
        changed[at] = if changed[at] == b'0' { b'1' } else { b'0' };
        let changed = String::from_utf8(changed).unwrap();
        let credentials = Credentials::parse(&changed).unwrap();
        let verdict = server.check(
            T0,
            phone(),
            (&Method::Register, URI),
            &credentials,
            Some(&secret()),
        );
        assert_eq!(verdict, Verdict::Foreign);
    }
}

#[test]
fn the_method_and_the_target_are_bound() {
    let mut server = Server::new(&KEY);
    let mut phone = Phone::challenged(&mut server, "SHA-256");
    let value = phone.authorization();
    let credentials = Credentials::parse(&value).unwrap();
    let mut check = |method: &Method, uri: &str| {
        server.check(
            T0,
            phone.address,
            (method, uri),
            &credentials,
            Some(&secret()),
        )
    };
    assert_eq!(check(&Method::Invite, URI), Verdict::Wrong);
    for other in [
        "sips:bellwire",
        "sip:bellwire:5070",
        "sip:101@bellwire:5070",
        "sip:other",
        "tel:100",
        "",
    ] {
        let verdict = check(&Method::Register, other);
        assert_eq!(
            verdict,
            Verdict::Foreign,
            "{other}: no guess, and not let in"
        );
    }
    assert_eq!(
        check(&Method::Register, "sip:BELLWIRE;transport=tcp"),
        Verdict::Granted
    );
}

/// SIPp names the server, whomever it calls.
#[test]
fn credentials_for_the_server_itself_are_good_for_a_number_there() {
    let mut server = Server::new(&KEY);
    let mut phone = Phone::challenged(&mut server, "MD5");
    let value = phone.authorization();
    let credentials = Credentials::parse(&value).unwrap();
    let mut check = || {
        let request = (&Method::Register, "sip:101@bellwire");
        server.check(T0, phone.address, request, &credentials, Some(&secret()))
    };
    assert_eq!(check(), Verdict::Granted);
    assert_eq!(check(), Verdict::Stale, "once");
}

#[test]
fn a_phone_of_rfc_2069_is_let_in_once_for_each_nonce() {
    let mut server = Server::new(&KEY);
    let [_, challenge] = server.challenges(T0, phone(), Freshness::First);
    let mut client = Client::new("100", "secret");
    client
        .challenged(&unauthorized(&[&challenge.replace(", qop=\"auth\"", "")]))
        .unwrap();
    let old = Phone {
        client,
        now: T0,
        address: phone(),
    }
    .authorization();
    assert!(!old.contains("cnonce") && !old.contains("qop"));
    let credentials = Credentials::parse(&old).unwrap();
    let mut check = || {
        server.check(
            T0,
            phone(),
            (&Method::Register, URI),
            &credentials,
            Some(&secret()),
        )
    };
    assert_eq!(check(), Verdict::Granted);
    assert_eq!(check(), Verdict::Stale);
}

#[test]
fn what_was_not_offered_is_foreign() {
    let mut server = Server::new(&KEY);
    let value = Phone::challenged(&mut server, "SHA-256").authorization();
    let changes = [
        ("qop=auth", "qop=auth-int"),
        ("nc=00000001", "nc=00000000"),
        ("nc=00000001", "nc=1"),
        ("nc=00000001", "nc=+0000001"),
        ("algorithm=SHA-256", "algorithm=SHA-512-256"),
        ("realm=\"bellwire\"", "realm=\"other\""),
    ];
    for (from, to) in changes {
        let changed = value.replace(from, to);
        assert_ne!(changed, value, "{from}");
        let credentials = Credentials::parse(&changed).unwrap();
        let verdict = server.check(
            T0,
            phone(),
            (&Method::Register, URI),
            &credentials,
            Some(&secret()),
        );
        assert_eq!(verdict, Verdict::Foreign, "{to}");
    }
    for lacking in [
        "nc=00000001",
        "cnonce=",
        "username=",
        "nonce=",
        "uri=",
        "response=",
        "realm=",
    ] {
        assert!(
            Credentials::parse(&value.replace(&format!(" {lacking}"), " x=")).is_none(),
            "{lacking}"
        );
    }
    assert!(Credentials::parse(&value.replace("SHA-256", "MD5-sess")).is_none());
    assert!(Credentials::parse(&value.replace("Digest", "Basic")).is_none());
}

#[test]
fn ours_are_found_among_the_credentials_for_others() {
    let values = [
        r#"Basic dXNlcjpwYXNz"#,
        r#"Digest username="a", realm="other", nonce="n", uri="u", response="r""#,
        r#"digest  username = "10\"0\\" ,realm="bellwire",nonce="n",uri="sip:a,b",response="r" , algorithm="md5""#,
    ];
    let credentials = Server::credentials(values.into_iter()).unwrap();
    assert_eq!(credentials.username(), r#"10"0\"#);
    assert_eq!(credentials.algorithm(), Algorithm::Md5);
    assert!(Server::credentials(values[..2].iter().copied()).is_none());
}

/// Memory is bounded: the oldest nonce is forgotten, and is stale from then on, not open for a replay.
#[test]
fn a_nonce_that_was_forgotten_is_not_taken_again() {
    let mut server = Server::new(&KEY);
    let mut first = Phone::challenged(&mut server, "MD5");
    let value = first.authorization();
    assert_eq!(first.send(&mut server, &value), Verdict::Granted);
    for _ in 0..NONCES_MAX {
        let mut other = Phone::challenged(&mut server, "MD5");
        assert_eq!(other.call(&mut server, Some(&secret())), Verdict::Granted);
    }
    assert_eq!(first.send(&mut server, &value), Verdict::Stale);
    assert_eq!(
        first.call(&mut server, Some(&secret())),
        Verdict::Stale,
        "nor its next count"
    );
}

/// RFC 7616 §3.9.1.
#[test]
fn the_client_computes_what_rfc_7616_computed() {
    let rest = "qop=\"auth, auth-int\", nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";
    let realm = "http-auth@example.org";
    let expected = [
        (
            "SHA-256",
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
        ),
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
    ];
    for (algorithm, response) in expected {
        let mut client = Client::new("Mufasa", "Circle of Life");
        let challenge = format!("Digest realm=\"{realm}\", {rest}, algorithm={algorithm}");
        client.challenged(&unauthorized(&[&challenge])).unwrap();
        let request = Request::build(Method::Other("GET".into()), "/dir/index.html").finish();
        let header = client
            .answer(&request, "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ")
            .unwrap();
        assert_eq!(header.name, Name::Authorization);
        assert!(
            header.value.contains(&format!("response=\"{response}\"")),
            "{header:?}"
        );
        assert!(
            header.value.contains("nc=00000001, opaque=\"FQhe/"),
            "{header:?}"
        );
    }
}

/// With the words of RFC 7616 §3.9.2; the response was computed by another implementation of the hash.
#[test]
fn the_client_knows_sha_512_256() {
    let mut client = Client::new("J\u{e4}s\u{f8}n Doe", "Secret, or not?");
    let challenge = "Digest realm=\"api@example.org\", qop=\"auth\", algorithm=SHA-512-256, nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\"";
    client.challenged(&unauthorized(&[challenge])).unwrap();
    let request = Request::build(Method::Other("GET".into()), "/doe.json").finish();
    let header = client
        .answer(&request, "NTg6RKcb9boFIAS3KrFK9BGeh+niz/sm")
        .unwrap();
    assert!(
        header.value.contains(
            "response=\"7a4e1192babbba02e91182d2895bfdbf7adafc6e48d4e517ca301974843d840c\""
        ),
        "{header:?}"
    );
}

#[test]
fn the_client_takes_the_strongest_challenge_and_counts() {
    let challenge = |algorithm: &str| {
        format!(
            "Digest realm=\"carrier\", nonce=\"n-{algorithm}\", qop=\"auth\", algorithm={algorithm}"
        )
    };
    let (md5, sha, unknown) = (
        challenge("MD5"),
        challenge("SHA-256"),
        challenge("SHA3-512"),
    );
    let mut client = Client::new("user", "password");
    client
        .challenged(&unauthorized(&[&unknown, &md5, &sha]))
        .unwrap();
    let request = register();
    let first = client.answer(&request, "c").unwrap().value;
    let second = client.answer(&request, "c").unwrap().value;
    assert!(first.contains("nonce=\"n-SHA-256\"") && first.contains("nc=00000001"));
    assert!(second.contains("nc=00000002") && first != second);
    assert_eq!(
        client.challenged(&unauthorized(&[&unknown])),
        Err(Unanswerable::Unsupported)
    );
    assert_eq!(
        client.challenged(&unauthorized(&["Basic realm=\"x\""])),
        Err(Unanswerable::None)
    );
}

#[test]
fn the_client_does_not_try_a_wrong_password_for_ever() {
    let challenge =
        |rest: &str| format!("Digest realm=\"carrier\", nonce=\"{rest}\", qop=\"auth\"");
    let mut client = Client::new("user", "password");
    client
        .challenged(&unauthorized(&[&challenge("1")]))
        .unwrap();
    client.answer(&register(), "c").unwrap();
    assert_eq!(
        client.challenged(&unauthorized(&[&challenge("2")])),
        Err(Unanswerable::Refused)
    );
    client.answer(&register(), "c").unwrap();
    let stale = challenge("3") + ", stale=TRUE";
    assert_eq!(
        client.challenged(&unauthorized(&[&stale])),
        Ok(()),
        "the nonce was too old, not the password wrong"
    );
    client.answer(&register(), "c").unwrap();
    client.answer(&register(), "c").unwrap();
    assert_eq!(
        client.challenged(&unauthorized(&[&challenge("4")])),
        Ok(()),
        "the nonce was good once"
    );
}

#[test]
fn a_proxy_is_answered_in_its_own_header() {
    let mut client = Client::new("user", "password");
    let request = register();
    let response = Response::to(&request, 407)
        .header(Name::ProxyAuthenticate, "Digest realm=\"p\", nonce=\"n\"")
        .finish();
    client.challenged(&response).unwrap();
    assert_eq!(
        client.answer(&request, "c").unwrap().name,
        Name::ProxyAuthorization
    );
}

/// A phone as 100 with the password `secret`.
struct Phone {
    client: Client,
    now: Time,
    address: IpAddr,
}

impl Phone {
    fn challenged(server: &mut Server, algorithm: &str) -> Self {
        let challenges = server.challenges(T0, phone(), Freshness::First);
        let challenge = challenges
            .iter()
            .find(|challenge| challenge.contains(algorithm))
            .unwrap();
        let mut client = Client::new("100", "secret");
        client.challenged(&unauthorized(&[challenge])).unwrap();
        Self {
            client,
            now: T0,
            address: phone(),
        }
    }

    fn authorization(&mut self) -> String {
        self.client.answer(&register(), "cnonce").unwrap().value
    }

    fn send(&self, server: &mut Server, authorization: &str) -> Verdict {
        let credentials = Server::credentials([authorization].into_iter()).unwrap();
        server.check(
            self.now,
            self.address,
            (&Method::Register, URI),
            &credentials,
            Some(&secret()),
        )
    }

    fn call(&mut self, server: &mut Server, secret: Option<&Secret>) -> Verdict {
        let value = self.authorization();
        let credentials = Server::credentials([value.as_str()].into_iter()).unwrap();
        assert_eq!(credentials.username(), "100");
        server.check(
            self.now,
            self.address,
            (&Method::Register, URI),
            &credentials,
            secret,
        )
    }
}

fn secret() -> Secret {
    Secret::new("100", "bellwire", "secret")
}

fn register() -> Request {
    Request::build(Method::Register, URI).finish()
}

fn unauthorized(challenges: &[&str]) -> Response {
    let request = register();
    let mut response = Response::to(&request, 401)
        .header(Name::Via, "SIP/2.0/UDP h;branch=z9hG4bK1")
        .header(Name::From, "<sip:a@b>;tag=1")
        .header(Name::To, "<sip:a@b>;tag=2")
        .header(Name::CallId, "1")
        .header(Name::CSeq, "1 REGISTER");
    for challenge in challenges {
        response = response.header(Name::WwwAuthenticate, challenge);
    }
    match Message::parse(response.finish().bytes()) {
        Ok(Message::Response(response)) => response,
        other => panic!("{other:?}"),
    }
}

fn phone() -> IpAddr {
    [192, 0, 2, 7].into()
}

const KEY: [u8; 32] = [7; 32];
const URI: &str = "sip:bellwire";
const T0: Time = Time(1_000_000_000);
/// As many as the server remembers.
const NONCES_MAX: usize = 32_768;
