//! What two sides agree on about SRTP whose keys are in the descriptions (RFC 4568, RFC 8643).
#![allow(
    clippy::unwrap_used,
    clippy::unwrap_in_result,
    reason = "what does not hold here fails the test"
)]

use rtp::sdp::{
    Agreed, Capabilities, Change, Crypto, Local, Negotiation, NotAcceptable, Session, Srtp,
};
use rtp::srtp::{KeySource, MasterKey, Suite};
use rtp::{Security, Source};

/// SI-06
#[test]
fn the_best_line_of_an_offer_is_answered_under_its_tag() {
    let mut leg = leg(Srtp::Answered);
    let lines = [
        crypto(1, Suite::AesCm128HmacSha1_80, 1),
        crypto(2, Suite::AesCm128HmacSha1_32, 2),
        crypto(7, Suite::AeadAes128Gcm, 3),
    ];
    let (answer, agreed) = answer(&mut leg, &audio("RTP/SAVP", &lines)).unwrap();
    assert!(answer.contains("m=audio 10002 RTP/SAVP 8\r\n"), "{answer}");
    let [ours] = &cryptos(&answer)[..] else {
        panic!("one line: {answer}")
    };
    assert_eq!((ours.tag, ours.key.suite()), (7, Suite::AeadAes128Gcm));
    let Security::Sdes { sends, receives } = agreed.stream.security else {
        panic!("it is protected")
    };
    assert_eq!(sends, ours.key);
    assert_eq!(receives, key(Suite::AeadAes128Gcm, 3));
}

/// SI-06
#[test]
fn lines_of_no_use_are_passed_over() {
    let mut leg = leg(Srtp::Answered);
    let good = crypto(4, Suite::AesCm128HmacSha1_80, 1);
    let lines = [
        format!("{} UNENCRYPTED_SRTP", crypto(1, Suite::AeadAes128Gcm, 2)),
        format!("{}|2^20|1:4", crypto(2, Suite::AeadAes128Gcm, 3)),
        String::from("3 F8_128_HMAC_SHA1_80 inline:abc"),
        good,
    ];
    let (answer, _) = answer(&mut leg, &audio("RTP/SAVPF", &lines)).unwrap();
    assert_eq!(cryptos(&answer)[0].tag, 4);
    assert!(answer.contains("RTP/SAVPF"), "{answer}");

    let refused = judged(&audio("RTP/SAVP", &lines[..3]), Srtp::Answered);
    assert_eq!(refused, Err(NotAcceptable::NoCommonSuite));
    assert_eq!(refused.unwrap_err().status(), 488);
}

/// SI-06, RFC 8643
#[test]
fn keys_beside_plain_rtp_are_answered_in_the_same_way() {
    let offer = audio("RTP/AVP", &[crypto(1, Suite::AesCm128HmacSha1_80, 1)]);
    let (answer, agreed) = answer(&mut leg(Srtp::Answered), &offer).unwrap();
    assert!(answer.contains("RTP/AVP"), "{answer}");
    assert_eq!(cryptos(&answer).len(), 1);
    assert_ne!(agreed.stream.security, Security::Plain);

    let mut off = leg(Srtp::Off);
    let (answer, agreed) = self::answer(&mut off, &offer).unwrap();
    assert_eq!(cryptos(&answer), []);
    assert_eq!(agreed.stream.security, Security::Plain);
}

/// SI-06
#[test]
fn the_policy_decides_what_is_taken() {
    let line = [crypto(1, Suite::AesCm128HmacSha1_80, 1)];
    let (plain, secure) = (audio("RTP/AVP", &[]), audio("RTP/SAVP", &line));
    for (srtp, of_plain, of_secure) in [
        (Srtp::Off, Ok(()), Err(NotAcceptable::Secure)),
        (Srtp::Answered, Ok(()), Ok(())),
        (Srtp::Offered, Ok(()), Ok(())),
        (Srtp::Required, Err(NotAcceptable::Insecure), Ok(())),
    ] {
        assert_eq!(judged(&plain, srtp), of_plain, "{srtp:?}");
        assert_eq!(judged(&secure, srtp), of_secure, "{srtp:?}");
    }
    let without_keys = Negotiation::new(LOCAL, Capabilities::g711());
    let session = Session::parse(secure.as_bytes()).unwrap();
    let judged = without_keys.judge(&session, Source::Signalled);
    assert_eq!(judged, Err(NotAcceptable::Secure));
}

/// A phone that offers both ways in two lines gets the one that the policy allows.
#[test]
fn of_two_lines_the_one_that_may_be_is_taken() {
    let secure = audio("RTP/SAVP", &[crypto(1, Suite::AesCm128HmacSha1_80, 1)]);
    let both = format!("{secure}m=audio 5000 RTP/AVP 8\r\n");
    for (srtp, ports) in [(Srtp::Off, [0, 10_002]), (Srtp::Required, [10_002, 0])] {
        let (answer, _) = answer(&mut leg(srtp), &both).unwrap();
        let answer = Session::parse(answer.as_bytes()).unwrap();
        assert_eq!([answer.media[0].port, answer.media[1].port], ports);
    }
}

/// SI-06
#[test]
fn what_is_offered_follows_the_policy() {
    for (srtp, protocol, lines) in [
        (Srtp::Off, "RTP/AVP", 0),
        (Srtp::Answered, "RTP/AVP", 0),
        (Srtp::Offered, "RTP/AVP", 4),
        (Srtp::Required, "RTP/SAVP", 4),
    ] {
        let offer = leg(srtp).offer().to_string();
        assert!(offer.contains(&format!("{protocol} ")), "{offer}");
        assert_eq!(cryptos(&offer).len(), lines, "{srtp:?}");
    }
}

/// SI-06
#[test]
fn the_answer_chooses_by_tag_and_suite() {
    for (tag, suite, taken) in [
        (2, Suite::AesCm128HmacSha1_80, true),
        (1, Suite::AeadAes128Gcm, true),
        (1, Suite::AesCm128HmacSha1_80, false),
        (9, Suite::AesCm128HmacSha1_80, false),
    ] {
        let mut leg = leg(Srtp::Required);
        let offered = cryptos(&leg.offer().to_string());
        let accepted = accept(&mut leg, &audio("RTP/SAVP", &[crypto(tag, suite, 5)]));
        if taken {
            let ours = offered.iter().find(|line| line.tag == tag).unwrap();
            let security = Security::Sdes {
                sends: ours.key.clone(),
                receives: key(suite, 5),
            };
            assert_eq!(accepted.unwrap().stream.security, security);
        } else {
            assert_eq!(
                accepted,
                Err(NotAcceptable::NoCommonSuite),
                "{tag} {suite:?}"
            );
        }
    }
}

#[test]
fn a_peer_that_passes_over_our_keys_is_taken_unless_protection_is_required() {
    for (srtp, security) in [
        (Srtp::Offered, Ok(Security::Plain)),
        (Srtp::Required, Err(NotAcceptable::Insecure)),
    ] {
        let mut leg = leg(srtp);
        leg.offer();
        let accepted = accept(&mut leg, &audio("RTP/AVP", &[]));
        assert_eq!(accepted.map(|agreed| agreed.stream.security), security);
    }
    let mut leg = leg(Srtp::Offered);
    leg.offer();
    let chosen = [crypto(2, Suite::AesCm128HmacSha1_80, 5)];
    let accepted = accept(&mut leg, &audio("RTP/AVP", &chosen)).unwrap();
    assert_ne!(accepted.stream.security, Security::Plain);
}

#[test]
fn a_key_that_was_not_asked_for_is_not_used() {
    let mut leg = leg(Srtp::Answered);
    leg.offer();
    let unasked = [crypto(1, Suite::AesCm128HmacSha1_80, 5)];
    let accepted = accept(&mut leg, &audio("RTP/AVP", &unasked)).unwrap();
    assert_eq!(accepted.stream.security, Security::Plain);
}

/// SI-06
#[test]
fn an_offer_that_repeats_its_key_gets_the_same_key_again() {
    let mut leg = leg(Srtp::Answered);
    let lines = [
        crypto(1, Suite::AesCm128HmacSha1_80, 1),
        crypto(2, Suite::AesCm128HmacSha1_32, 2),
    ];
    let (first, _) = answer(&mut leg, &audio("RTP/SAVP", &lines)).unwrap();
    let (second, agreed) = answer(&mut leg, &audio("RTP/SAVP", &lines)).unwrap();
    assert_eq!(first, second);
    assert_eq!(agreed.change, Change::Same);
    // A better suite beside it is no reason to change.
    let more = [
        crypto(3, Suite::AeadAes128Gcm, 3),
        crypto(4, Suite::AesCm128HmacSha1_80, 1),
    ];
    let (third, agreed) = answer(&mut leg, &audio("RTP/SAVP", &more)).unwrap();
    assert_eq!(cryptos(&third)[0].tag, 4);
    assert_eq!(cryptos(&third)[0].key, cryptos(&first)[0].key);
    assert_eq!(agreed.change, Change::Same);
}

/// SI-06
#[test]
fn an_offer_with_another_key_gets_another_key() {
    let mut leg = leg(Srtp::Answered);
    let offer = |byte| audio("RTP/SAVP", &[crypto(1, Suite::AesCm128HmacSha1_80, byte)]);
    let (first, _) = answer(&mut leg, &offer(1)).unwrap();
    let (second, agreed) = answer(&mut leg, &offer(2)).unwrap();
    assert_ne!(cryptos(&first)[0].key, cryptos(&second)[0].key);
    assert_eq!(agreed.change, Change::Changed);
}

/// SI-06
#[test]
fn what_we_offer_again_is_the_key_in_use_and_no_other() {
    let mut leg = leg(Srtp::Required);
    let offered = cryptos(&leg.offer().to_string());
    let chosen = audio("RTP/SAVP", &[crypto(2, Suite::AesCm128HmacSha1_80, 5)]);
    accept(&mut leg, &chosen).unwrap();
    for again in [leg.clone().offer(), leg.clone().refresh()] {
        assert_eq!(cryptos(&again.to_string()), offered[1..2], "{again}");
    }
    leg.refresh();
    let agreed = accept(&mut leg, &chosen).unwrap();
    assert_eq!(agreed.change, Change::Same);
    // Held by port 0 and taken off hold by us.
    let gone = chosen.replace("m=audio 49170", "m=audio 0");
    answer(&mut leg, &gone).unwrap();
    let again = leg.offer().to_string();
    assert!(again.contains("RTP/SAVP"), "{again}");
    assert_eq!(cryptos(&again)[0].key, offered[1].key);
}

#[test]
fn plain_sound_stays_plain_when_we_offer_again() {
    let mut leg = leg(Srtp::Offered);
    leg.offer();
    accept(&mut leg, &audio("RTP/AVP", &[])).unwrap();
    assert_eq!(cryptos(&leg.offer().to_string()), []);
}

#[test]
fn a_further_answer_may_choose_differently() {
    let mut leg = leg(Srtp::Required);
    let offered = cryptos(&leg.offer().to_string());
    for (tag, suite) in [(1, Suite::AeadAes128Gcm), (2, Suite::AesCm128HmacSha1_80)] {
        let agreed = accept(&mut leg, &audio("RTP/SAVP", &[crypto(tag, suite, 5)])).unwrap();
        let ours = offered.iter().find(|line| line.tag == tag).unwrap();
        let Security::Sdes { sends, .. } = agreed.stream.security else {
            panic!("it is protected")
        };
        assert_eq!(sends, ours.key);
    }
}

#[test]
fn keys_are_in_no_debug_output() {
    let mut leg = leg(Srtp::Answered);
    let offer = audio("RTP/SAVP", &[crypto(1, Suite::AesCm128HmacSha1_80, 1)]);
    let (text, agreed) = answer(&mut leg, &offer).unwrap();
    let session = Session::parse(offer.as_bytes()).unwrap();
    let shown = format!("{leg:?} {agreed:?} {session:?}");
    for line in cryptos(&text).into_iter().chain(cryptos(&offer)) {
        let line = line.to_string();
        let (_, key) = line.split_once("inline:").unwrap();
        assert!(!shown.contains(key));
    }
}

const LOCAL: Local = Local {
    session_id: 7,
    address: std::net::IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1)),
    port: 10_002,
};

fn leg(srtp: Srtp) -> Negotiation {
    Negotiation::new(LOCAL, Capabilities::g711()).secured(srtp, KeySource::new([9; 32]))
}

fn judged(offer: &str, srtp: Srtp) -> Result<(), NotAcceptable> {
    let session = Session::parse(offer.as_bytes()).unwrap();
    leg(srtp).judge(&session, Source::Signalled).map(|_| ())
}

fn answer(leg: &mut Negotiation, offer: &str) -> Result<(String, Agreed), NotAcceptable> {
    let session = Session::parse(offer.as_bytes()).unwrap();
    let (answer, agreed) = leg.answer(&session, Source::Signalled)?;
    Ok((answer.to_string(), agreed))
}

fn accept(leg: &mut Negotiation, answer: &str) -> Result<Agreed, NotAcceptable> {
    let session = Session::parse(answer.as_bytes()).unwrap();
    leg.accept(&session, Source::Signalled)
}

fn audio(protocol: &str, crypto: &[String]) -> String {
    let lines: String = crypto
        .iter()
        .map(|line| format!("a=crypto:{line}\r\n"))
        .collect();
    format!(
        "v=0\r\no=- 1 1 IN IP4 198.51.100.7\r\ns=-\r\nc=IN IP4 198.51.100.7\r\nt=0 0\r\n\
         m=audio 49170 {protocol} 8\r\n{lines}"
    )
}

fn crypto(tag: u32, suite: Suite, byte: u8) -> String {
    let key = key(suite, byte);
    Crypto { tag, key }.to_string()
}

fn key(suite: Suite, byte: u8) -> MasterKey {
    MasterKey::new(suite, &vec![byte; suite.key_and_salt_bytes()]).unwrap()
}

fn cryptos(description: &str) -> Vec<Crypto> {
    let session = Session::parse(description.as_bytes()).unwrap();
    let values = session.media[0].values("crypto");
    values.map(|value| Crypto::parse(value).unwrap()).collect()
}
