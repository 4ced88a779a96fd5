//! Our own descriptions and their versions.

use super::attribute::Attribute;
use super::negotiation::Local;
use super::session::{Address, Kind, Line, Media, Origin, Protocol, Session};
use std::borrow::Cow;

/// The media lines of a session, whose number and order never change (RFC 3264 §8): all refused, one of
/// them ours to use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lines {
    refused: Vec<Media<'static>>,
    /// Which of them is our audio.
    pub(super) audio: usize,
}

impl Lines {
    /// One line, our audio.
    pub(super) fn audio_only() -> Self {
        let audio = Media {
            kind: Kind::Audio,
            port: 0,
            ports: 1,
            protocol: Protocol::Avp,
            formats: vec![Cow::Borrowed("0")],
            lines: Vec::new(),
            connection: None,
            attributes: Vec::new(),
        };
        Self {
            refused: vec![audio],
            audio: 0,
        }
    }

    /// The lines of an offer, of which we use the one at `audio`.
    pub(super) fn of(media: &[Media<'_>], audio: usize) -> Self {
        Self {
            refused: media.iter().map(Media::refused).collect(),
            audio,
        }
    }
}

/// What we said last. The next version counts from it, even when it was refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Described {
    last: Option<(u64, Session<'static>)>,
}

impl Described {
    /// The description with `audio` in its place, or with audio refused, and `attributes` of the session. Its version is one more than the
    /// last one's if anything differs from that (RFC 3264 §8), else the same.
    pub(super) fn say(
        &mut self,
        local: &Local,
        lines: &Lines,
        audio: Option<Media<'static>>,
        attributes: &[Attribute<'static>],
    ) -> Session<'static> {
        let mut media = lines.refused.clone();
        if let (Some(place), Some(audio)) = (media.get_mut(lines.audio), audio) {
            *place = audio;
        }
        let describe = |version: u64| session(local, version, attributes, media);
        let (version, session) = match &self.last {
            None => (FIRST, describe(FIRST)),
            Some((version, last)) => {
                let next = describe(*version);
                if next == *last {
                    return next;
                }
                let version = version.wrapping_add(1);
                (version, renumbered(next, version))
            }
        };
        self.last = Some((version, session.clone()));
        session
    }
}

const FIRST: u64 = 1;

fn session(
    local: &Local,
    version: u64,
    attributes: &[Attribute<'static>],
    media: Vec<Media<'static>>,
) -> Session<'static> {
    Session {
        origin: Origin {
            user: Cow::Borrowed("-"),
            session_id: Cow::Owned(local.session_id.to_string()),
            version: Cow::Owned(version.to_string()),
            address: Address::Ip(local.address),
        },
        name: Cow::Borrowed("-"),
        informative: Vec::new(),
        connection: Some(Address::Ip(local.address)),
        timing: vec![Line {
            letter: 't',
            value: Cow::Borrowed("0 0"),
        }],
        attributes: attributes.to_vec(),
        media,
    }
}

fn renumbered(mut session: Session<'static>, version: u64) -> Session<'static> {
    session.origin.version = Cow::Owned(version.to_string());
    session
}
