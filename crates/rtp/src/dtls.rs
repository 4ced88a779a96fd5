//! What offer and answer say of a browser's way to us: ICE (RFC 8445) and DTLS-SRTP (RFC 5763).

use core::fmt::{self, Display, Formatter};
use std::net::SocketAddr;

/// How a stream is reached and keyed that has its keys from DTLS: what media needs to know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dtls {
    /// Who begins the handshake.
    pub role: Role,
    /// What the peer's certificate must hash to.
    pub fingerprint: Fingerprint,
    /// What the peer's checks must carry.
    pub local: Credentials,
    /// What ours must carry.
    pub remote: Credentials,
    /// What we do of ICE.
    pub ice: Ice,
    /// Where we said that we are.
    pub address: SocketAddr,
    /// Where the peer may be; at most [`crate::limits::CANDIDATES_MAX`]. Names (mDNS) are left out: whoever
    /// has them finds us.
    pub candidates: Vec<Candidate>,
}

/// Our side of the DTLS handshake (`a=setup`, RFC 4145, RFC 5763 §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// We begin (`active`).
    Client,
    /// The peer begins (`passive`).
    Server,
}

/// What we do of ICE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ice {
    /// We answer checks and let the peer choose (RFC 8445 §2.5).
    Lite,
    /// We check and choose, because the peer only answers.
    Full,
}

/// One side's ICE user name fragment and password (RFC 8839 §5.4).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Credentials {
    ufrag: String,
    password: String,
}

impl Credentials {
    /// Takes a fragment of 4 to 256 and a password of 22 to 256 ice-chars; `None` for anything else.
    #[must_use]
    pub fn new(ufrag: &str, password: &str) -> Option<Self> {
        let fits = |text: &str, min: usize| {
            (min..=256).contains(&text.len()) && text.bytes().all(is_ice_char)
        };
        (fits(ufrag, 4) && fits(password, 22)).then(|| Self {
            ufrag: ufrag.to_owned(),
            password: password.to_owned(),
        })
    }

    /// The user name fragment, which is sent in the clear.
    #[must_use]
    pub fn ufrag(&self) -> &str {
        &self.ufrag
    }

    /// The password, which only keys the checks.
    #[must_use]
    pub fn password(&self) -> &str {
        &self.password
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("ufrag", &self.ufrag)
            .finish_non_exhaustive()
    }
}

/// `ALPHA / DIGIT / "+" / "/"`.
const fn is_ice_char(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

/// A place where the peer may be (RFC 8839 §5.1).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Candidate {
    /// Where.
    pub address: SocketAddr,
    /// How much the peer would like it.
    pub priority: u32,
    /// What the address is to the peer.
    pub kind: CandidateKind,
}

/// What an address is to the peer that names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CandidateKind {
    /// Its own.
    Host,
    /// Its own, as seen from outside.
    Reflexive,
    /// That of a relay.
    Relayed,
}

impl Candidate {
    /// Reads the value of `a=candidate`; `None` when it is of no use to us: another component than RTP, another
    /// transport than UDP, a name, or not readable.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        let mut words = value.split_ascii_whitespace();
        let _foundation = words.next()?;
        let component = words.next()?;
        let transport = words.next()?;
        let priority = words
            .next()?
            .parse()
            .ok()
            .filter(|&priority| priority > 0)?;
        let ip = words.next()?.parse().ok()?;
        let port = words.next()?.parse().ok().filter(|&port| port != 0)?;
        let kind = match (words.next()?, words.next()?) {
            ("typ", "host") => CandidateKind::Host,
            ("typ", "srflx" | "prflx") => CandidateKind::Reflexive,
            ("typ", "relay") => CandidateKind::Relayed,
            _ => return None,
        };
        let usable = component == "1" && transport.eq_ignore_ascii_case("udp");
        usable.then(|| Self {
            address: SocketAddr::new(ip, port),
            priority,
            kind,
        })
    }
}

/// A host candidate of ours: the only one we have, and for RTP, with which RTCP is multiplexed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostCandidate(pub SocketAddr);

impl Display for HostCandidate {
    /// The value of `a=candidate`; its priority is that of the first host candidate (RFC 8445 §5.1.2.1).
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (ip, port) = (self.0.ip(), self.0.port());
        write!(f, "1 1 udp {HOST_PRIORITY} {ip} {port} typ host")
    }
}

/// Type preference 126, local preference 65,535, component 1.
const HOST_PRIORITY: u32 = (126 << 24) + (65_535 << 8) + 255;

/// The hash of a certificate (`a=fingerprint`, RFC 8122 §5).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint {
    hash: CertificateHash,
    bytes: Vec<u8>,
}

/// A hash function that is good enough for a fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CertificateHash {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl CertificateHash {
    const ALL: [Self; 3] = [Self::Sha256, Self::Sha384, Self::Sha512];

    /// Its name in `a=fingerprint`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha-256",
            Self::Sha384 => "sha-384",
            Self::Sha512 => "sha-512",
        }
    }

    /// The length of what it makes.
    #[must_use]
    pub const fn size(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

impl Fingerprint {
    /// A hash that was made; `None` when it has not the hash function's length.
    #[must_use]
    pub fn new(hash: CertificateHash, bytes: Vec<u8>) -> Option<Self> {
        (bytes.len() == hash.size()).then_some(Self { hash, bytes })
    }

    /// Reads the value of `a=fingerprint`; `None` when it cannot be read or the function is not known (SHA-1 and
    /// MD5 are not trusted).
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        let (name, digits) = value.trim().split_once(' ')?;
        let hash = CertificateHash::ALL
            .into_iter()
            .find(|hash| hash.name().eq_ignore_ascii_case(name))?;
        let bytes: Option<Vec<u8>> = digits
            .trim()
            .split(':')
            .take(hash.size().saturating_add(1))
            .map(|pair| {
                let hex = pair.len() == 2 && pair.bytes().all(|digit| digit.is_ascii_hexdigit());
                u8::from_str_radix(pair, 16).ok().filter(|_| hex)
            })
            .collect();
        Self::new(hash, bytes?)
    }

    /// The function.
    #[must_use]
    pub const fn hash(&self) -> CertificateHash {
        self.hash
    }

    /// What it made.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl Display for Fingerprint {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.hash.name())?;
        for (place, byte) in self.bytes.iter().enumerate() {
            let before = if place == 0 { ' ' } else { ':' };
            write!(f, "{before}{byte:02X}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_reads_as_it_is_written() {
        for hash in CertificateHash::ALL {
            let bytes = (0..hash.size()).map(|byte| byte as u8 * 3).collect();
            let fingerprint = Fingerprint::new(hash, bytes).unwrap();
            let written = fingerprint.to_string();
            assert_eq!(Fingerprint::parse(&written).as_ref(), Some(&fingerprint));
            let lower = written.to_ascii_lowercase();
            assert_eq!(Fingerprint::parse(&lower).as_ref(), Some(&fingerprint));
        }
    }

    #[test]
    fn a_fingerprint_that_proves_nothing_is_none() {
        let short = format!("sha-256 {}", ["AB"; 31].join(":"));
        let long = format!("sha-256 {}", ["AB"; 33].join(":"));
        let odd = format!("sha-256 {}", ["+B"; 32].join(":"));
        let sha1 = format!("sha-1 {}", ["AB"; 20].join(":"));
        for value in ["", "sha-256", "sha-256 ", &short, &long, &odd, &sha1] {
            assert_eq!(Fingerprint::parse(value), None, "{value}");
        }
    }

    #[test]
    fn a_candidate_is_read_when_we_could_send_there() {
        let value = "842163049 1 udp 1677729535 203.0.113.9 61764 typ srflx raddr 0.0.0.0 rport 0 \
                     generation 0 ufrag ab12 network-cost 999";
        let read = Candidate::parse(value).unwrap();
        assert_eq!(read.address, "203.0.113.9:61764".parse().unwrap());
        assert_eq!(read.kind, CandidateKind::Reflexive);
        assert_eq!(read.priority, 1_677_729_535);
        let ours = HostCandidate("[2001:db8::1]:10000".parse().unwrap()).to_string();
        assert_eq!(Candidate::parse(&ours).unwrap().address.port(), 10_000);
    }

    #[test]
    fn candidates_of_no_use_are_none() {
        for value in [
            "",
            "1 1 udp 1 10.0.0.1",
            "1 2 udp 1 10.0.0.1 9 typ host",
            "1 1 tcp 1 10.0.0.1 9 typ host tcptype active",
            "1 1 udp 1 10.0.0.1 0 typ host",
            "1 1 udp 0 10.0.0.1 9 typ host",
            "1 1 udp 4294967296 10.0.0.1 9 typ host",
            "1 1 udp 1 6f1fd1ae-7a4e-4d1c-a0e8-8c4c7aa4ea05.local 9 typ host",
            "1 1 udp 1 10.0.0.1 9 typ magic",
        ] {
            assert_eq!(Candidate::parse(value), None, "{value}");
        }
    }

    #[test]
    fn credentials_are_long_enough_and_of_ice_chars() {
        let password = "abcdefghijklmnopqrstuv";
        assert!(Credentials::new("ab+/", password).is_some());
        assert!(Credentials::new("abc", password).is_none());
        assert!(Credentials::new("ab-c", password).is_none());
        assert!(Credentials::new("abcd", "short").is_none());
        assert!(Credentials::new("abcd", &"a".repeat(257)).is_none());
        let shown = format!("{:?}", Credentials::new("abcd", password));
        assert!(!shown.contains(password), "{shown}");
    }
}
