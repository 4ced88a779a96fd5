//! What is known of each SSRC under one key.

use super::Refused;
use super::key::MasterKey;
use super::window::Window;
use crate::limits::SRTP_SOURCES_MAX;

/// One SSRC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) ssrc: u32,
    pub(super) rtp: Option<Window>,
    pub(super) rtcp: Option<Window>,
}

/// The sources of a context, the one used last in front. None is ever forgotten while the key lives,
/// because its packets could then be replayed.
#[derive(Debug, Default)]
pub(super) struct Sources(Vec<Source>);

impl Sources {
    /// Finds a source and brings it to the front; `None` when there is none, which may become one.
    #[inline]
    pub(super) fn find(&mut self, ssrc: u32) -> Result<Option<&Source>, Refused> {
        match self.0.first() {
            Some(source) if source.ssrc == ssrc => {}
            _ => match self.0.iter().position(|source| source.ssrc == ssrc) {
                Some(at) => self.0.swap(0, at),
                None if self.0.len() >= SRTP_SOURCES_MAX => return Err(Refused::TooManySources),
                None => return Ok(None),
            },
        }
        Ok(self.0.first())
    }

    /// The source of a packet that belongs to us, made if it is new. It was looked for just before.
    #[inline]
    pub(super) fn know(&mut self, ssrc: u32) -> Option<&mut Source> {
        if self.0.first().is_none_or(|source| source.ssrc != ssrc) {
            let new = Source {
                ssrc,
                rtp: None,
                rtcp: None,
            };
            self.0.insert(0, new);
        }
        self.0.first_mut()
    }

    pub(super) fn snapshot(&self, key: &MasterKey) -> Snapshot {
        let sources = self.0.iter().map(|source| SourceSnapshot {
            ssrc: source.ssrc,
            rtp: source.rtp.as_ref().map(Window::highest),
            rtcp: source.rtcp.as_ref().map(Window::highest),
        });
        Snapshot {
            key: key.clone(),
            sources: sources.collect(),
        }
    }

    pub(super) fn resume(snapshot: &Snapshot) -> Self {
        let sources = snapshot.sources.iter().take(SRTP_SOURCES_MAX);
        let sources = sources.map(|source| Source {
            ssrc: source.ssrc,
            rtp: source.rtp.map(Window::resume),
            rtcp: source.rtcp.map(Window::resume),
        });
        Self(sources.collect())
    }
}

/// A context as plain data, with its roll-over counters, to go on with elsewhere or later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Its key.
    pub key: MasterKey,
    /// Its sources; more than [`SRTP_SOURCES_MAX`] are not taken.
    pub sources: Vec<SourceSnapshot>,
}

/// How far one SSRC has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceSnapshot {
    /// Which.
    pub ssrc: u32,
    /// The highest index of RTP: the roll-over counter in front of the 16-bit sequence number.
    pub rtp: Option<u64>,
    /// The highest index of RTCP.
    pub rtcp: Option<u64>,
}
