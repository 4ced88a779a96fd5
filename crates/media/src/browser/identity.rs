//! What we show browsers.

use dimpl::{Config, ConfigBuilder, DtlsCertificate};
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, SerialNumber};
use rtp::dtls::{CertificateHash, Fingerprint};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The certificate of this start of the server, and how handshakes are made with it.
///
/// Nobody vouches for it: its fingerprint goes with the session description, over a connection that is trusted
/// (RFC 5763 §5).
pub struct Identity {
    pub(super) certificate: DtlsCertificate,
    pub(super) config: Arc<Config>,
    /// When time began. The libraries want an [`Instant`]; only differences count.
    pub(super) began: Instant,
    fingerprint: Fingerprint,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Identity").field(&self.fingerprint).finish()
    }
}

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum NoIdentity {
    /// None could be made.
    #[error("no certificate for browsers can be made")]
    Certificate(#[from] rcgen::Error),
    /// The random generator or the ciphers are not to be had.
    #[error("no handshake with browsers is possible: {0}")]
    Handshake(dimpl::Error),
}

impl Identity {
    /// Makes a certificate with an ECDSA key on P-256, which all browsers take (RFC 8827 §6.5).
    ///
    /// # Errors
    /// When the cryptographic library fails.
    pub fn generate() -> Result<Self, NoIdentity> {
        let key = KeyPair::generate()?;
        let mut parameters = CertificateParams::new(Vec::<String>::new())?;
        parameters.distinguished_name = DistinguishedName::new();
        parameters.distinguished_name.push(DnType::CommonName, NAME);
        // Firefox refuses a second certificate with the same issuer and serial number; the key is new each time.
        let id = digest(&aws_lc_rs::digest::SHA256, key.public_key_raw());
        parameters.serial_number = id.get(..SERIAL_BYTES).map(SerialNumber::from_slice);
        let certificate = parameters.self_signed(&key)?.der().to_vec();
        let fingerprint = hash(CertificateHash::Sha256, &certificate);
        let config = timed(Config::builder())
            .build()
            .map_err(NoIdentity::Handshake)?;
        Ok(Self {
            certificate: DtlsCertificate {
                certificate,
                private_key: key.serialize_der(),
            },
            config: Arc::new(config),
            began: Instant::now(),
            fingerprint,
        })
    }

    /// What our certificate hashes to, for session descriptions.
    #[must_use]
    pub const fn fingerprint(&self) -> &Fingerprint {
        &self.fingerprint
    }
}

/// How long a handshake may take, and how often it is tried.
pub(super) fn timed(config: ConfigBuilder) -> ConfigBuilder {
    config
        .mtu(super::DATAGRAM_MAX)
        .flight_start_rto(FLIGHT_RTO)
        .flight_retries(FLIGHT_RETRIES)
        .handshake_timeout(HANDSHAKE_WITHIN)
}

/// What a certificate hashes to.
pub(super) fn hash(with: CertificateHash, certificate: &[u8]) -> Fingerprint {
    let algorithm = match with {
        CertificateHash::Sha256 => &aws_lc_rs::digest::SHA256,
        CertificateHash::Sha384 => &aws_lc_rs::digest::SHA384,
        CertificateHash::Sha512 => &aws_lc_rs::digest::SHA512,
    };
    Fingerprint::new(with, digest(algorithm, certificate)).expect("a hash has its own length")
}

fn digest(algorithm: &'static aws_lc_rs::digest::Algorithm, bytes: &[u8]) -> Vec<u8> {
    aws_lc_rs::digest::digest(algorithm, bytes)
        .as_ref()
        .to_vec()
}

/// What the certificate calls us.
const NAME: &str = "bellwire";
const SERIAL_BYTES: usize = 16;
/// When a flight is sent again for the first time. Below the second of RFC 6347 §4.2.4.1, which was meant for peers
/// of whom nothing is known; that the way is open is proven here, and a caller waits.
const FLIGHT_RTO: Duration = Duration::from_millis(250);
const FLIGHT_RETRIES: usize = 6;
/// A handshake that takes longer fails.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(20);
