//! Packets that wait, in the order of their sequence numbers.

/// Packets from the one that is due on. Their payloads lie one behind the other in one ring of bytes, so that many
/// small ones take little memory and a few large ones fit as well.
#[derive(Debug)]
pub(super) struct Queue {
    /// Where a packet is, by the lowest bits of its sequence number.
    places: Box<[Option<Kept>; PACKETS_MAX]>,
    bytes: Box<[u8]>,
    /// Where the next payload goes.
    free: usize,
    count: usize,
    /// The sequence number that is due; `None` before the first packet.
    due: Option<u16>,
    /// Whether packets before that one may still come.
    begin: Begin,
}

/// A packet that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) sequence: u16,
    /// When it begins, on the timeline of its sender.
    pub(super) at: i64,
    pub(super) carries: Carries,
    start: usize,
    length: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Begin {
    /// No packet was taken out: the first may have been overtaken.
    Open,
    /// What is due was decided.
    Past,
}

/// What a packet is for the ear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Carries {
    /// Sound of the codec.
    Sound,
    /// How silence sounds.
    Noise,
    /// Nothing: a key or another thing that takes a sequence number.
    Nothing,
}

/// What became of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It waits. So many before it had to go for it.
    Kept {
        /// How many.
        displaced: usize,
    },
    /// It was there.
    Twice,
    /// Its turn is over.
    Late,
    /// No packet is so large.
    Large,
}

impl Queue {
    pub(super) fn new(bytes: usize) -> Self {
        Self {
            places: Box::new([None; PACKETS_MAX]),
            bytes: vec![0; bytes.max(PAYLOAD_MAX)].into(),
            free: 0,
            count: 0,
            due: None,
            begin: Begin::Open,
        }
    }

    /// Keeps a packet. One that is far ahead pushes out those that are far behind it.
    pub(super) fn push(
        &mut self,
        sequence: u16,
        at: i64,
        payload: &[u8],
        carries: Carries,
    ) -> Outcome {
        if payload.len() > PAYLOAD_MAX {
            return Outcome::Large;
        }
        let mut due = *self.due.get_or_insert(sequence);
        if self.begin == Begin::Open && due.wrapping_sub(sequence) < OVERTAKEN_MAX {
            due = sequence;
            self.due = Some(due);
        }
        let ahead = sequence.wrapping_sub(due);
        if ahead >= BEHIND_MIN {
            return Outcome::Late;
        }
        let before = self.count;
        if usize::from(ahead) >= PACKETS_MAX {
            due = sequence.wrapping_sub(PACKETS_MAX as u16 - 1);
            self.due = Some(due);
            self.forget_if(|kept| kept.sequence.wrapping_sub(due) >= BEHIND_MIN);
        }
        if self.place(sequence).is_some() {
            return Outcome::Twice;
        }
        let (start, end) = self.make_room(payload.len());
        if let Some(room) = self.bytes.get_mut(start..end) {
            room.copy_from_slice(payload);
        }
        let displaced = before - self.count;
        *self.place(sequence) = Some(Kept {
            sequence,
            at,
            carries,
            start,
            length: payload.len(),
        });
        self.count += 1;
        Outcome::Kept { displaced }
    }

    /// The first packet that waits, with the count of those missing before it.
    pub(super) fn first(&self) -> Option<(Kept, u16)> {
        if self.count == 0 {
            return None;
        }
        let due = self.due?;
        (0..PACKETS_MAX as u16).find_map(|missing| {
            let sequence = due.wrapping_add(missing);
            let kept = self.places[usize::from(sequence) % PACKETS_MAX]?;
            Some((kept, missing))
        })
    }

    /// The first packet, when others wait behind it.
    pub(super) fn first_of_many(&self) -> Option<Kept> {
        let (kept, _) = self.first().filter(|_| self.count > 1)?;
        Some(kept)
    }

    /// What a packet carries.
    pub(super) fn payload(&self, kept: &Kept) -> &[u8] {
        let end = kept.start + kept.length;
        self.bytes.get(kept.start..end).unwrap_or_default()
    }

    /// Takes a packet out; the one after it is due.
    pub(super) fn remove(&mut self, kept: &Kept) {
        if self.place(kept.sequence).take().is_some() {
            self.count -= 1;
        }
        self.due = Some(kept.sequence.wrapping_add(1));
        self.begin = Begin::Past;
    }

    /// Those missing before a packet are given up.
    pub(super) fn give_up_until(&mut self, kept: &Kept) {
        self.due = Some(kept.sequence);
        self.begin = Begin::Past;
    }

    /// Forgets all, also what is due; returns how many waited.
    pub(super) fn clear(&mut self) -> usize {
        *self.places = [None; PACKETS_MAX];
        self.due = None;
        self.begin = Begin::Open;
        std::mem::take(&mut self.count)
    }

    fn place(&mut self, sequence: u16) -> &mut Option<Kept> {
        &mut self.places[usize::from(sequence) % PACKETS_MAX]
    }

    /// Room for a payload. What lies there has waited longest and goes.
    fn make_room(&mut self, length: usize) -> (usize, usize) {
        if self.count == 0 || self.free + length > self.bytes.len() {
            self.free = 0;
        }
        let (start, end) = (self.free, self.free + length);
        self.free = end;
        if self.count > 0 {
            self.forget_if(|kept| kept.start < end && start < kept.start + kept.length);
        }
        (start, end)
    }

    fn forget_if(&mut self, goes: impl Fn(&Kept) -> bool) {
        for place in self.places.iter_mut() {
            if place.as_ref().is_some_and(&goes) {
                *place = None;
                self.count -= 1;
            }
        }
    }
}

/// Packets that wait at most: 640 ms of the shortest ones.
pub(super) const PACKETS_MAX: usize = 64;
/// The longest payload: what an Ethernet frame holds.
pub(super) const PAYLOAD_MAX: usize = 1_500;
/// So many packets may overtake the first.
const OVERTAKEN_MAX: u16 = 16;
/// Sequence numbers that lie in the past wrap to these.
const BEHIND_MIN: u16 = 0x8000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_come_out_in_order_over_the_wrap() {
        let mut queue = Queue::new(4_000);
        push(&mut queue, 65_534);
        for sequence in [1, 65_535, 2, 0, 65_533] {
            assert_eq!(push(&mut queue, sequence), Outcome::Kept { displaced: 0 });
        }
        assert_eq!(
            drain(&mut queue),
            [
                (65_533, 0),
                (65_534, 0),
                (65_535, 0),
                (0, 0),
                (1, 0),
                (2, 0)
            ]
        );
    }

    #[test]
    fn missing_ones_are_counted_and_doubles_and_late_ones_refused() {
        let mut queue = Queue::new(4_000);
        push(&mut queue, 10);
        push(&mut queue, 13);
        assert_eq!(push(&mut queue, 13), Outcome::Twice);
        assert_eq!(drain(&mut queue), [(10, 0), (13, 2)]);
        assert_eq!(push(&mut queue, 12), Outcome::Late);
        assert_eq!(push(&mut queue, 13), Outcome::Late);
        let large = queue.push(14, 0, &[0; PAYLOAD_MAX + 1], Carries::Sound);
        assert_eq!(large, Outcome::Large);
    }

    #[test]
    fn one_far_ahead_pushes_out_those_far_behind() {
        let mut queue = Queue::new(4_000);
        for sequence in 0..10 {
            push(&mut queue, sequence);
        }
        assert_eq!(push(&mut queue, 70), Outcome::Kept { displaced: 7 });
        assert_eq!(push(&mut queue, 1_000), Outcome::Kept { displaced: 4 });
        assert_eq!(drain(&mut queue), [(1_000, 63)]);
    }

    #[test]
    fn when_the_bytes_run_out_the_oldest_goes() {
        let mut queue = Queue::new(4_000);
        for sequence in 0..3 {
            let payload = [sequence as u8; 1_200];
            queue.push(sequence, 0, &payload, Carries::Sound);
        }
        let outcome = queue.push(3, 0, &[3; 1_300], Carries::Sound);
        assert_eq!(outcome, Outcome::Kept { displaced: 2 });
        let (first, missing) = queue.first().unwrap();
        assert_eq!((first.sequence, missing), (2, 2));
        assert_eq!(queue.payload(&first), [2; 1_200]);
        queue.remove(&first);
        let (second, _) = queue.first().unwrap();
        assert_eq!(queue.payload(&second), [3; 1_300]);
    }

    fn push(queue: &mut Queue, sequence: u16) -> Outcome {
        queue.push(sequence, 0, &sequence.to_be_bytes(), Carries::Sound)
    }

    fn drain(queue: &mut Queue) -> Vec<(u16, u16)> {
        let mut all = Vec::new();
        while let Some((kept, missing)) = queue.first() {
            assert_eq!(queue.payload(&kept), kept.sequence.to_be_bytes());
            queue.remove(&kept);
            all.push((kept.sequence, missing));
        }
        all
    }
}
