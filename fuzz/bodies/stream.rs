//! A stream: however it is cut, the same messages come out, and nothing grows without bounds.

use sip::limits::MESSAGE_BYTES_MAX;
use sip::stream::{Broken, Frame, Framer};
use std::iter;

/// Takes any bytes, of which the first four say how the others are cut; panics when something does not hold
/// that must.
pub(crate) fn run(bytes: &[u8]) {
    let Some((cuts, bytes)) = bytes.split_at_checked(4) else {
        return;
    };
    let mut sizes = cuts.iter().cycle().map(|cut| usize::from(*cut) + 1);
    let mut rest = bytes;
    let pieces = iter::from_fn(|| {
        let (piece, after) = rest.split_at_checked(sizes.next()?).unwrap_or((rest, &[]));
        rest = after;
        (!piece.is_empty()).then_some(piece)
    });
    assert_eq!(
        messages(pieces),
        messages(iter::once(bytes)),
        "the cuts make no difference"
    );
}

/// The messages of a stream, and how it broke. Keep-alives do not count: whether two line ends are one
/// depends on whether they came together.
pub(crate) fn messages<'a>(
    pieces: impl Iterator<Item = &'a [u8]>,
) -> (Vec<Vec<u8>>, Option<Broken>) {
    let (mut framer, mut messages) = (Framer::new(), Vec::new());
    for piece in pieces {
        framer.push(piece);
        loop {
            match framer.next_frame() {
                Ok(Some(Frame::Message(message))) => {
                    assert!(message.len() <= MESSAGE_BYTES_MAX);
                    messages.push(message);
                }
                Ok(Some(Frame::Ping | Frame::Pong)) => {}
                Ok(None) => break,
                Err(broken) => return (messages, Some(broken)),
            }
        }
        assert!(framer.pending() <= MESSAGE_BYTES_MAX);
    }
    (messages, None)
}
