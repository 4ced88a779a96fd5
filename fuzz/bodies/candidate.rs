//! Candidates and fingerprints as a browser writes them.

use rtp::dtls::{Candidate, Credentials, Fingerprint, HostCandidate};

/// What is read is written so that it reads the same.
pub(crate) fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Some(candidate) = Candidate::parse(text) {
        let ours = HostCandidate(candidate.address).to_string();
        let read = Candidate::parse(&ours).expect("ours can be read");
        assert_eq!(read.address, candidate.address);
    }
    if let Some(fingerprint) = Fingerprint::parse(text) {
        let written = fingerprint.to_string();
        assert_eq!(Fingerprint::parse(&written), Some(fingerprint));
    }
    if let Some((ufrag, password)) = text.split_once('\n') {
        let _ = Credentials::new(ufrag, password);
    }
}
