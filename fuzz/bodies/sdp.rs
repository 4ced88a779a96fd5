//! A session description, as an offer and as an answer, of a phone and of a browser.

use rtp::Source;
use rtp::dtls::{CertificateHash, Fingerprint};
use rtp::sdp::{BrowserSide, Capabilities, Local, Negotiation, Session, Srtp};
use rtp::srtp::KeySource;
use std::net::{IpAddr, Ipv4Addr};

/// Takes any bytes; panics when something does not hold that must.
pub(crate) fn run(bytes: &[u8]) {
    let Ok(session) = Session::parse(bytes) else {
        return;
    };
    let written = session.to_string();
    assert!(
        Session::parse(written.as_bytes()).is_ok(),
        "what was written can be read"
    );
    both_ways(&session, leg, Source::Signalled);
    both_ways(&session, browser, Source::Ice);
}

fn both_ways(session: &Session<'_>, leg: fn() -> Negotiation, source: Source) {
    let mut answering = leg();
    if let Ok((answer, _)) = answering.answer(session, source) {
        let text = answer.to_string();
        assert_eq!(
            answer.media.len(),
            session.media.len(),
            "every line is answered in its place"
        );
        assert!(
            Session::parse(text.as_bytes()).is_ok(),
            "our answer can be read"
        );
        let _ = answering.answer(session, source);
    }
    let mut offering = leg();
    let _ = offering.offer();
    let _ = (
        offering.accept(session, source),
        offering.stream().is_some(),
        offering.refresh(),
    );
}

fn leg() -> Negotiation {
    Negotiation::new(LOCAL, Capabilities::g711()).secured(Srtp::Offered, KeySource::new([7; 32]))
}

fn browser() -> Negotiation {
    let hash = Fingerprint::new(CertificateHash::Sha256, vec![7; 32]);
    let side = BrowserSide {
        fingerprint: hash.expect("it has its length"),
        address: (LOCAL.address, 10_000).into(),
    };
    leg().with_browser(side)
}

const LOCAL: Local = Local {
    session_id: 7,
    address: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
    port: 10_002,
};
