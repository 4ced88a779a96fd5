//! Two URIs, a line each: they are read and compared.

use sip::Uri;
use sip::message::NameAddr;

/// Takes any bytes; panics when something does not hold that must.
pub(crate) fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let (one, two) = text.split_once('\n').unwrap_or((text, text));
    if let (Ok(one), Ok(two)) = (Uri::parse(one), Uri::parse(two)) {
        assert!(one.matches(&one), "a uri matches itself");
        assert_eq!(one.matches(&two), two.matches(&one), "both ways round");
        let _ = (
            one.decoded_user(),
            one.header("route"),
            one.params().iter().count(),
        );
    }
    if let Ok(address) = NameAddr::parse(one) {
        let written = address.to_string();
        let again = NameAddr::parse(&written).map(|again| (again.display(), again.uri_text()));
        assert_eq!(
            again,
            Ok((address.display(), address.uri_text())),
            "what was written is read again"
        );
    }
}
