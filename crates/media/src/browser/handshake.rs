//! The handshake that gives both sides the keys of SRTP (RFC 5763, RFC 5764).

use super::identity::{Identity, hash};
use dimpl::{Dtls, Output, SrtpProfile};
use rtp::Time;
use rtp::dtls::{Fingerprint, Role};
use rtp::srtp::{MasterKey, Suite};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A DTLS association, as far as a browser's leg needs one.
pub(super) trait Handshake: std::fmt::Debug + Send {
    /// Takes a datagram of the peer's.
    fn receive(&mut self, now: Time, datagram: &[u8]) -> Result<(), Broken>;
    /// Does what is due.
    fn timeout(&mut self, now: Time) -> Result<(), Broken>;
    /// The next thing that comes of it, `None` when there is nothing more for now.
    fn poll<'b>(&mut self, buffer: &'b mut [u8]) -> Result<Option<Step<'b>>, Broken>;
    /// When [`Self::timeout`] has something to do; as of the last [`Self::poll`].
    fn next_deadline(&self) -> Option<Time>;
}

/// What comes of a handshake.
#[derive(Debug)]
pub(super) enum Step<'b> {
    /// A datagram for the peer.
    Send(&'b [u8]),
    /// Both sides have keys, and the peer is who the session description says.
    Keys(Keys),
    /// The peer closed the association, as browsers do at the end of a call.
    Closed,
}

/// Why a handshake is over without keys.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// The peer's certificate is not the one that was announced.
    #[error("the certificate is not the one that was announced")]
    WrongCertificate,
    /// There is no SRTP profile that both sides know.
    #[error("no protection is known to both sides")]
    NoProfile,
    /// It took too long, or the peer did something that cannot be.
    #[error("the handshake failed: {0}")]
    Failed(String),
}

/// The keys of both directions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// What we protect with.
    pub sends: MasterKey,
    /// What the peer protects with.
    pub receives: MasterKey,
}

impl Keys {
    /// Cuts what was exported: the client's key, the server's, the client's salt, the server's (RFC 5764 §4.2).
    fn cut(suite: Suite, exported: &[u8], role: Role) -> Option<Self> {
        let (key, salt) = (suite.key_bytes(), suite.salt_bytes());
        let (client_key, rest) = exported.split_at_checked(key)?;
        let (server_key, rest) = rest.split_at_checked(key)?;
        let (client_salt, rest) = rest.split_at_checked(salt)?;
        let (server_salt, _) = rest.split_at_checked(salt)?;
        let client = MasterKey::of_parts(suite, client_key, client_salt)?;
        let server = MasterKey::of_parts(suite, server_key, server_salt)?;
        let (sends, receives) = match role {
            Role::Client => (client, server),
            Role::Server => (server, client),
        };
        Some(Self { sends, receives })
    }
}

/// What a profile protects with (RFC 5764 §4.1.2, RFC 7714 §14.2).
const fn suite(profile: SrtpProfile) -> Option<Suite> {
    match profile {
        SrtpProfile::AEAD_AES_128_GCM => Some(Suite::AeadAes128Gcm),
        SrtpProfile::AEAD_AES_256_GCM => Some(Suite::AeadAes256Gcm),
        SrtpProfile::AES128_CM_SHA1_80 => Some(Suite::AesCm128HmacSha1_80),
        _ => None,
    }
}

/// A handshake by the `dimpl` crate. DTLS 1.2 only: its 1.3 server would take whichever profile the client names
/// first.
#[derive(Debug)]
pub(super) struct Dimpl {
    dtls: Dtls,
    began: Instant,
    role: Role,
    announced: Fingerprint,
    peer: Peer,
    due: Option<Time>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Peer {
    Unknown,
    Verified,
}

impl Dimpl {
    /// A handshake that has not begun, with a peer whose certificate was announced.
    pub(super) fn new(now: Time, identity: &Identity, role: Role, announced: Fingerprint) -> Self {
        let config = Arc::clone(&identity.config);
        let began = identity.began;
        let mut dtls = Dtls::new_12(config, identity.certificate.clone(), instant(began, now));
        dtls.set_active(role == Role::Client);
        Self {
            dtls,
            began,
            role,
            announced,
            peer: Peer::Unknown,
            due: None,
        }
    }
}

impl Handshake for Dimpl {
    fn receive(&mut self, now: Time, datagram: &[u8]) -> Result<(), Broken> {
        self.timeout(now)?;
        self.dtls.handle_packet(datagram).map_err(failed)
    }

    fn timeout(&mut self, now: Time) -> Result<(), Broken> {
        let now = instant(self.began, now);
        self.dtls.handle_timeout(now).map_err(failed)
    }

    fn poll<'b>(&mut self, buffer: &'b mut [u8]) -> Result<Option<Step<'b>>, Broken> {
        // Each round consumes one output; most are of no interest.
        for _ in 0..OUTPUTS_MAX {
            let length = match self.dtls.poll_output(buffer) {
                Output::Packet(packet) => packet.len(),
                Output::PeerCert(certificate) => {
                    let shown = hash(self.announced.hash(), certificate);
                    if shown != self.announced {
                        return Err(Broken::WrongCertificate);
                    }
                    self.peer = Peer::Verified;
                    continue;
                }
                Output::KeyingMaterial(material, profile) => {
                    if self.peer != Peer::Verified {
                        return Err(Broken::WrongCertificate);
                    }
                    let suite = suite(profile).ok_or(Broken::NoProfile)?;
                    let keys = Keys::cut(suite, &material, self.role);
                    return Ok(Some(Step::Keys(keys.ok_or(Broken::NoProfile)?)));
                }
                Output::Timeout(at) => {
                    let after = at.saturating_duration_since(self.began);
                    self.due = (after < NEVER).then(|| Time(0) + after);
                    return Ok(None);
                }
                Output::CloseNotify => return Ok(Some(Step::Closed)),
                Output::BufferTooSmall { .. } => {
                    return Err(Broken::Failed("a record is too large".to_owned()));
                }
                // That it is connected shows by the keys, and nobody sends us data.
                _ => continue,
            };
            return Ok(buffer.get(..length).map(Step::Send));
        }
        Ok(None)
    }

    fn next_deadline(&self) -> Option<Time> {
        self.due
    }
}

fn instant(began: Instant, now: Time) -> Instant {
    began + Duration::from_micros(now.0)
}

fn failed(error: dimpl::Error) -> Broken {
    Broken::Failed(error.to_string())
}

/// Outputs between two things that matter: a certificate, a connection, data of a few records.
const OUTPUTS_MAX: usize = 64;
/// A timer this far off is none.
const NEVER: Duration = Duration::from_secs(10 * 365 * 24 * 3_600);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exported_keys_are_cut_in_the_order_of_rfc_5764() {
        let exported: Vec<u8> = (0..56).collect();
        let keys = |role| Keys::cut(Suite::AeadAes128Gcm, &exported, role).unwrap();
        let key =
            |from: u8, salt: u8| -> Vec<u8> { (from..from + 16).chain(salt..salt + 12).collect() };
        let server = keys(Role::Server);
        assert_eq!(server.receives.key_and_salt(), key(0, 32));
        assert_eq!(server.sends.key_and_salt(), key(16, 44));
        let client = keys(Role::Client);
        assert_eq!(client.sends, server.receives);
        assert_eq!(client.receives, server.sends);
        assert!(Keys::cut(Suite::AeadAes256Gcm, &exported, Role::Client).is_none());
    }
}
