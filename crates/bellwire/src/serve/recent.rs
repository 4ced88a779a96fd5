//! The newest messages of calls, as they were on the wire, for `bellwire trace`.

use crate::metrics::Way;
use edge::Shown;
use memchr::memmem;
use model::Wall;
use sip::Flow;
use std::collections::VecDeque;
use std::ops::Range;

/// A ring of bytes: a message is copied into it and otherwise left alone, and the oldest give way. What must not be
/// shown is left out when somebody looks.
#[derive(Debug, Default)]
pub(super) struct Recent {
    bytes: Vec<u8>,
    /// Where the next message goes.
    next: usize,
    /// The oldest first.
    messages: VecDeque<Message>,
}

/// A message that came or went.
#[derive(Clone, Debug)]
pub(super) struct Message {
    /// When.
    pub(super) at: Wall,
    /// Tells those of one millisecond apart.
    pub(super) order: u64,
    /// Which way it went.
    pub(super) way: Way,
    /// Between which addresses.
    pub(super) flow: Flow,
    place: Range<usize>,
}

impl Recent {
    /// Keeps a message.
    pub(super) fn put(&mut self, at: Wall, order: u64, way: Way, flow: Flow, bytes: &[u8]) {
        let bytes = bytes.get(..MESSAGE_BYTES_MAX).unwrap_or(bytes);
        if self.next + bytes.len() > BYTES_MAX {
            // What stands behind this place is older than what stands at the beginning.
            let next = self.next;
            self.give_way(|oldest| oldest.place.start >= next);
            self.next = 0;
        }
        let place = self.next..self.next + bytes.len();
        self.give_way(|oldest| oldest.place.start < place.end && place.start < oldest.place.end);
        if self.messages.len() >= MESSAGES_MAX {
            self.messages.pop_front();
        }
        self.next = place.end;
        match self.bytes.get_mut(place.clone()) {
            Some(old) => old.copy_from_slice(bytes),
            None => {
                self.bytes.truncate(place.start);
                self.bytes.extend_from_slice(bytes);
            }
        }
        self.messages.push_back(Message {
            at,
            order,
            way,
            flow,
            place,
        });
    }

    fn give_way(&mut self, is_in_the_way: impl Fn(&Message) -> bool) {
        while self.messages.front().is_some_and(&is_in_the_way) {
            self.messages.pop_front();
        }
    }

    /// The messages with this Call-ID, the oldest first, without credentials.
    pub(super) fn of<'r>(&'r self, call_id: &'r str) -> impl Iterator<Item = (&'r Message, Shown)> {
        let finder = memmem::Finder::new(call_id.as_bytes());
        self.messages.iter().filter_map(move |message| {
            let bytes = self.bytes.get(message.place.clone())?;
            finder.find(bytes)?;
            let shown = Shown::of(bytes);
            (shown.call_id == call_id).then_some((message, shown))
        })
    }
}

/// About 700 calls of two phones.
const BYTES_MAX: usize = 8 << 20;
const MESSAGES_MAX: usize = 16 << 10;
/// Of a longer message the beginning is kept.
const MESSAGE_BYTES_MAX: usize = edge::TRACED_BYTES_MAX;

#[cfg(test)]
mod tests {
    use super::*;

    fn flow() -> Flow {
        let address = ([192, 0, 2, 1], 5060).into();
        Flow {
            transport: sip::Transport::Udp,
            local: address,
            remote: address,
            connection: None,
        }
    }

    fn message(call: usize, padding: usize) -> Vec<u8> {
        let head =
            format!("BYE sip:a@b SIP/2.0\r\nCall-ID: {call}-x\r\nAuthorization: secret\r\n\r\n");
        (head + &"p".repeat(padding)).into_bytes()
    }

    #[test]
    fn the_messages_of_a_call_are_found_without_their_secrets() {
        let mut recent = Recent::default();
        for (order, call) in [1, 2, 1].into_iter().enumerate() {
            recent.put(Wall(7), order as u64, Way::In, flow(), &message(call, 3));
        }
        let found: Vec<_> = recent.of("1-x").collect();
        let orders: Vec<_> = found.iter().map(|(message, _)| message.order).collect();
        assert_eq!(orders, [0, 2]);
        assert!(
            found
                .iter()
                .all(|(_, shown)| !shown.text.contains("secret"))
        );
        assert_eq!(recent.of("-x").count(), 0, "a part of an id is none");
    }

    #[test]
    fn the_oldest_give_way_and_the_newest_are_whole() {
        let mut recent = Recent::default();
        let lengths = [10, 7_000, 500, 3_333, 100_000];
        for call in 0..20_000_usize {
            let bytes = message(call, lengths[call % lengths.len()]);
            recent.put(Wall(0), call as u64, Way::Out, flow(), &bytes);
            assert!(recent.bytes.len() <= BYTES_MAX);
            let kept = bytes.len().min(MESSAGE_BYTES_MAX);
            let newest = recent.messages.back().unwrap().place.clone();
            assert_eq!(recent.bytes[newest], bytes[..kept]);
        }
        let mut places: Vec<_> = recent.messages.iter().map(|m| m.place.clone()).collect();
        places.sort_by_key(|place| place.start);
        assert!(places.windows(2).all(|two| two[0].end <= two[1].start));
        let kept: usize = places.iter().map(ExactSizeIterator::len).sum();
        assert!(kept > BYTES_MAX - 2 * MESSAGE_BYTES_MAX, "{kept}");
        assert_eq!(recent.of("19999-x").count(), 1);
        assert_eq!(recent.of("0-x").count(), 0);
    }
}
