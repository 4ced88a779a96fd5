//! What goes through the pipes: a byte that says what, two that say how long, and the rest.

use super::SAMPLES_MAX;
use crate::engine::{Job, Progress};
use crate::udptl::DATAGRAM_MAX;
use serde::{Deserialize, Serialize};
use std::io::{self, Read};

/// What carries a fax.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Carrier {
    /// Sound.
    Audio,
    /// T.38 in datagrams.
    T38 {
        /// Packets before that each datagram repeats.
        redundancy: usize,
        /// Bytes of a datagram that the other side takes.
        datagram_max: usize,
    },
}

/// What the owner says.
#[derive(Debug)]
pub(super) enum Order {
    /// The first frame, or the same fax over another carrier.
    Begin(Job, Carrier),
    Samples(Vec<i16>),
    /// So many samples are lost on the way.
    Missed(usize),
    Datagram(Vec<u8>),
    /// So many samples went by, over T.38.
    Elapsed(usize),
    HungUp,
    Cancel,
}

/// What a worker says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    /// Sound to be sent: as many samples as were taken.
    Samples(Vec<i16>),
    /// A datagram to be sent.
    Datagram(Vec<u8>),
    /// All of the time that went by is taken in.
    Elapsed,
    /// How it goes. After [`Progress::Ended`] nothing follows.
    Progress(Progress),
}

impl Order {
    pub(super) fn frame(&self) -> Frame {
        match self {
            Self::Begin(job, carrier) => Frame::json(BEGIN, &(job, carrier)),
            Self::Samples(samples) => Frame::samples(samples),
            Self::Missed(samples) => Frame::count(MISSED, *samples),
            Self::Datagram(bytes) => Frame::new(DATAGRAM, bytes),
            Self::Elapsed(samples) => Frame::count(ELAPSED, *samples),
            Self::HungUp => Frame::new(HUNG_UP, &[]),
            Self::Cancel => Frame::new(CANCEL, &[]),
        }
    }

    /// Reads a frame; nothing of one that is none.
    pub(super) fn read(kind: u8, body: &[u8]) -> Option<Self> {
        Some(match kind {
            BEGIN => {
                let (job, carrier) = serde_json::from_slice(body).ok()?;
                Self::Begin(job, carrier)
            }
            SAMPLES => Self::Samples(samples(body)),
            MISSED => Self::Missed(count(body)?),
            DATAGRAM => Self::Datagram(body.to_vec()),
            ELAPSED => Self::Elapsed(count(body)?),
            HUNG_UP => Self::HungUp,
            CANCEL => Self::Cancel,
            _ => return None,
        })
    }
}

impl Report {
    pub(super) fn frame(&self) -> Frame {
        match self {
            Self::Samples(samples) => Frame::samples(samples),
            Self::Datagram(bytes) => Frame::new(DATAGRAM, bytes),
            Self::Elapsed => Frame::new(ELAPSED, &[]),
            Self::Progress(progress) => Frame::json(PROGRESS, progress),
        }
    }

    /// Reads a frame; nothing of one that is none.
    pub(super) fn read(kind: u8, body: &[u8]) -> Option<Self> {
        Some(match kind {
            SAMPLES => Self::Samples(samples(body)),
            DATAGRAM => Self::Datagram(body.to_vec()),
            ELAPSED => Self::Elapsed,
            PROGRESS => Self::Progress(serde_json::from_slice(body).ok()?),
            _ => return None,
        })
    }
}

/// The bytes of a frame.
#[derive(Debug)]
pub(super) struct Frame(pub(super) Vec<u8>);

impl Frame {
    /// What is too long is cut off; nothing that is sent is.
    fn new(kind: u8, body: &[u8]) -> Self {
        let body = body.get(..BODY_MAX).unwrap_or(body);
        let length = u16::try_from(body.len()).unwrap_or(u16::MAX);
        let mut bytes = Vec::with_capacity(HEAD_BYTES + body.len());
        bytes.push(kind);
        bytes.extend(length.to_be_bytes());
        bytes.extend_from_slice(body);
        Self(bytes)
    }

    fn json(kind: u8, value: &impl Serialize) -> Self {
        // A path that is no text is the only thing that JSON cannot say; the other side refuses the empty body.
        Self::new(kind, &serde_json::to_vec(value).unwrap_or_default())
    }

    fn samples(samples: &[i16]) -> Self {
        let body: Vec<u8> = samples
            .iter()
            .take(SAMPLES_MAX)
            .flat_map(|sample| sample.to_le_bytes())
            .collect();
        Self::new(SAMPLES, &body)
    }

    fn count(kind: u8, samples: usize) -> Self {
        let samples = samples.min(SAMPLES_MAX) as u16;
        Self::new(kind, &samples.to_be_bytes())
    }
}

/// Waits for a frame; nothing at the end.
pub(super) fn next(pipe: &mut impl Read) -> io::Result<Option<(u8, Vec<u8>)>> {
    let mut head = [0; HEAD_BYTES];
    match pipe.read_exact(&mut head) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let mut body = vec![0; body_length(head)?];
    pipe.read_exact(&mut body)?;
    Ok(Some((head[0], body)))
}

/// Cuts the first whole frame off what came so far.
pub(super) fn cut(bytes: &mut Vec<u8>) -> io::Result<Option<(u8, Vec<u8>)>> {
    let Some(head) = bytes.first_chunk::<HEAD_BYTES>() else {
        return Ok(None);
    };
    let (kind, length) = (head[0], body_length(*head)?);
    if bytes.len() < HEAD_BYTES + length {
        return Ok(None);
    }
    let rest = bytes.split_off(HEAD_BYTES + length);
    let body = bytes.split_off(HEAD_BYTES);
    *bytes = rest;
    Ok(Some((kind, body)))
}

fn body_length([_, high, low]: [u8; HEAD_BYTES]) -> io::Result<usize> {
    let length = usize::from(u16::from_be_bytes([high, low]));
    if length > BODY_MAX {
        return Err(io::ErrorKind::InvalidData.into());
    }
    Ok(length)
}

fn samples(body: &[u8]) -> Vec<i16> {
    body.chunks_exact(2)
        .take(SAMPLES_MAX)
        .map(|pair| i16::from_le_bytes([pair[0], pair[1]]))
        .collect()
}

fn count(body: &[u8]) -> Option<usize> {
    let pair: [u8; 2] = body.try_into().ok()?;
    Some(usize::from(u16::from_be_bytes(pair)).min(SAMPLES_MAX))
}

const HEAD_BYTES: usize = 3;

/// Bytes of a frame's body. A whole frame is below PIPE_BUF (4,096): a pipe takes it at once or not at all.
pub(super) const BODY_MAX: usize = 4_000;
const _: () = assert!(DATAGRAM_MAX <= BODY_MAX && SAMPLES_MAX * 2 <= BODY_MAX);

const BEGIN: u8 = 0;
const SAMPLES: u8 = 1;
const MISSED: u8 = 2;
const DATAGRAM: u8 = 3;
const ELAPSED: u8 = 4;
const HUNG_UP: u8 = 5;
const CANCEL: u8 = 6;
const PROGRESS: u8 = 7;
