//! URIs and addresses: read, compared, refused.
#![allow(clippy::unwrap_used, reason = "what does not hold here fails the test")]

use sip::message::NameAddr;
use sip::{Host, NotAUri, Scheme, Uri};

/// RFC 3261 §19.1.4, its own examples.
#[test]
fn uris_match_as_rfc_3261_says() {
    let same = [
        (
            "sip:%61lice@atlanta.com;transport=TCP",
            "sip:alice@AtLanTa.CoM;Transport=tcp",
        ),
        ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"),
        ("sip:carol@chicago.com", "sip:carol@chicago.com;security=on"),
        (
            "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
            "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com",
        ),
        (
            "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
            "sip:alice@atlanta.com?priority=urgent&subject=project%20x",
        ),
        ("tel:+1-201-555-0123", "tel:+12015550123"),
        ("sip:a@[2001:db8::1]", "sip:a@[2001:0db8:0::1]"),
    ];
    let different = [
        (
            "SIP:ALICE@AtLanTa.CoM;Transport=udp",
            "sip:alice@AtLanTa.CoM;Transport=UDP",
        ),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"),
        (
            "sip:bob@biloxi.com",
            "sip:bob@biloxi.com:6000;transport=tcp",
        ),
        (
            "sip:carol@chicago.com",
            "sip:carol@chicago.com?Subject=next%20meeting",
        ),
        ("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"),
        (
            "sip:carol@chicago.com;security=on",
            "sip:carol@chicago.com;security=off",
        ),
        ("sip:alice@atlanta.com", "sips:alice@atlanta.com"),
        ("sip:a%3Bb@c", "sip:a;b@c"),
        ("sip:a:x@b", "sip:a@b"),
    ];
    for (one, two) in same {
        assert!(
            uri(one).matches(&uri(two)) && uri(two).matches(&uri(one)),
            "{one} {two}"
        );
    }
    for (one, two) in different {
        assert!(
            !uri(one).matches(&uri(two)) && !uri(two).matches(&uri(one)),
            "{one} {two}"
        );
    }
}

#[test]
fn the_parts_are_where_they_belong() {
    let all = uri("sips:ali%20ce;day=tuesday:pa$$@host.example:5071;lr;x=%41?a=b&subject=c%26d");
    assert_eq!(all.scheme(), Scheme::Sips);
    assert_eq!(all.user(), Some("ali%20ce;day=tuesday"));
    assert_eq!(all.decoded_user().unwrap(), "ali ce;day=tuesday");
    assert_eq!(
        (all.password(), all.host(), all.port()),
        (Some("pa$$"), Host::Name("host.example"), Some(5071))
    );
    assert_eq!(
        (all.param("LR"), all.param("x"), all.param("y")),
        (Some(""), Some("%41"), None)
    );
    assert_eq!(all.header("Subject").unwrap(), "c&d");
    let tel = uri("tel:110;phone-context=+86");
    assert_eq!(
        (tel.scheme(), tel.user(), tel.param("phone-context")),
        (Scheme::Tel, Some("110"), Some("+86"))
    );
}

#[test]
fn what_is_no_uri_is_refused_for_what_is_wrong_with_it() {
    let wrong = [
        ("", NotAUri::Scheme),
        ("alice", NotAUri::Scheme),
        ("1sip:a@b", NotAUri::Scheme),
        (":a@b", NotAUri::Scheme),
        ("sip:", NotAUri::Host),
        ("sip:a@", NotAUri::Host),
        ("sip:a@b c", NotAUri::Character),
        ("sip:a\"@b", NotAUri::Character),
        ("sip:<a@b>", NotAUri::Character),
        ("sip:a\r\n@b", NotAUri::Character),
        ("sip:a\0@b", NotAUri::Character),
        ("sip:a@b@c", NotAUri::Character),
        ("sip:@b", NotAUri::Character),
        ("sip:a@b:", NotAUri::Port),
        ("sip:a@b:0", NotAUri::Port),
        ("sip:a@b:65536", NotAUri::Port),
        ("sip:a@b:+506", NotAUri::Port),
        ("sip:a@[::1", NotAUri::Host),
        ("sip:a@[::g]", NotAUri::Host),
        ("sip:a@[::1]x", NotAUri::Host),
        ("sip:2001:db8::10", NotAUri::Port),
        ("sip:a@b_é", NotAUri::Host),
        ("tel:", NotAUri::Host),
    ];
    for (text, why) in wrong {
        assert_eq!(
            Uri::parse(text).map(|uri| uri.as_str()).unwrap_err(),
            why,
            "{text}"
        );
    }
}

#[test]
fn addresses_in_all_their_spellings() {
    let full = NameAddr::parse(r#" "A \"B\" \\ , ; <x>" <sip:a@b;lr?h=1>;tag=t;q="0.5" "#).unwrap();
    assert_eq!(full.display().unwrap(), r#"A "B" \ , ; <x>"#);
    assert_eq!(full.uri_text(), "sip:a@b;lr?h=1");
    assert_eq!((full.tag(), full.param("q")), (Some("t"), Some("0.5")));
    let short = NameAddr::parse("sip:a@b;tag=t").unwrap();
    assert!(short.display().is_none() && short.uri().params().is_empty());
    assert_eq!(short.tag(), Some("t"));
    let plain = NameAddr::parse("Two Words <sip:a@b>;").unwrap();
    assert_eq!(plain.display().unwrap(), "Two Words");
    assert_eq!(plain.without_params().to_string(), "Two Words <sip:a@b>");
    for wrong in [
        "",
        "<>",
        "<sip:a@b",
        "sip:a@b>",
        "\"A <sip:a@b>",
        "A, B <sip:a@b>",
        "<sip:a@b> x",
        "<sip:a@b>;;tag=1",
        "<sip:a@b>;tag=\"1",
        "sip:a@b?h=v",
        "sip:a@b,c",
        "< sip:a@b>",
        "<sip:a@b>;=x",
        "\"A\" sip:a@b",
    ] {
        assert!(NameAddr::parse(wrong).is_err(), "{wrong}");
    }
}

fn uri(text: &str) -> Uri<'_> {
    Uri::parse(text).unwrap()
}
