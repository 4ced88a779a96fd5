//! From slots to payloads.

use super::slot::{Converter, SLOT_MAX, Slot};
use crate::Rate;
use crate::codec::{Encoder, PAYLOAD_MAX};
use rtp::{Codec, Encoding};

/// Which packets are made of which slots. Whoever hears the same mix in the same form can be sent the same payloads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Form {
    codec: Codec,
    rate: Rate,
}

impl Form {
    /// Packets of a codec, made of what is mixed at a rate.
    pub(super) const fn new(codec: Codec, rate: Rate) -> Self {
        Self {
            codec: Codec {
                // A number is no difference in what is made.
                payload_type: 0,
                ..codec
            },
            rate,
        }
    }
}

/// Gathers slots and encodes a packet of them at a time.
///
/// All packets of one length end with the same slots, counted from the beginning of time, so that those who hear the
/// same can share them.
#[derive(Debug)]
pub(super) struct Packer {
    form: Form,
    encoder: Encoder,
    converter: Converter,
    slots: Slots,
    samples: Vec<i16>,
    filled: usize,
    payload: Box<[u8; PAYLOAD_MAX]>,
    /// In percent; `None` while the encoder expects what it wants.
    expected_loss: Option<u8>,
}

/// A packet that is due; without a payload where the codec has nothing to say of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Due<'p> {
    pub(super) payload: Option<&'p [u8]>,
}

impl Packer {
    /// For packets of this form; `None` when nobody here can encode them.
    pub(super) fn new(form: Form) -> Option<Self> {
        let encoder = Encoder::of(&form.codec, form.rate)?;
        let slots = Slots::of(&form.codec);
        Some(Self {
            samples: vec![0; encoder.rate().slot() * slots.0],
            filled: 0,
            encoder,
            converter: Converter::default(),
            slots,
            form,
            payload: Box::new([0; PAYLOAD_MAX]),
            expected_loss: None,
        })
    }

    /// What it makes.
    pub(super) const fn form(&self) -> &Form {
        &self.form
    }

    /// The rate that suits it best.
    pub(super) const fn rate(&self) -> Rate {
        self.encoder.rate()
    }

    /// Of a hundred packets so many will be lost.
    pub(super) fn expect_loss(&mut self, percent: u8) {
        if self.expected_loss != Some(percent) {
            self.expected_loss = Some(percent);
            self.encoder.set_expected_loss(percent);
        }
    }

    /// Takes the slot of this number; gives a packet when it is full.
    pub(super) fn put(&mut self, number: u64, slot: &Slot) -> Option<Due<'_>> {
        let rate = self.encoder.rate();
        let slot = self.converter.convert(slot, rate);
        let place = self.slots.place(number) * rate.slot();
        if self.filled != place {
            // It begins amid a packet, or missed some slots.
            self.samples.fill(0);
        }
        let room = self.samples.get_mut(place..place + rate.slot())?;
        room.copy_from_slice(slot.samples());
        self.filled = place + rate.slot();
        if self.filled < self.samples.len() {
            return None;
        }
        self.filled = 0;
        let bytes = self.encoder.encode(&self.samples, &mut self.payload[..]);
        let payload = self
            .payload
            .get(..bytes)
            .filter(|payload| !payload.is_empty());
        Some(Due { payload })
    }

    /// Whether the next slot begins a packet.
    pub(super) const fn is_between_packets(&self) -> bool {
        self.filled == 0
    }

    /// Whether the bytes of a packet depend on those before it.
    pub(super) fn has_memory(&self) -> bool {
        self.encoder.has_memory()
    }

    /// Goes on where another of the same form is.
    pub(super) fn follow(&mut self, other: &Self) {
        if self.form != other.form {
            return;
        }
        self.encoder.follow(&other.encoder);
        self.converter.clone_from(&other.converter);
        self.samples.copy_from_slice(&other.samples);
        self.filled = other.filled;
    }
}

/// How many slots a packet has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slots(usize);

impl Slots {
    /// As agreed, as far as it is possible: 10 to 60 ms, and not more than a network carries.
    pub(super) fn of(codec: &Codec) -> Self {
        let agreed = usize::from(codec.ptime_ms / 10).clamp(1, SLOTS_MAX);
        let most = match codec.encoding {
            // RFC 7587 §3.1 has no 30 and no 50 ms.
            Encoding::Opus => match agreed {
                3 => 2,
                5 => 4,
                agreed => agreed,
            },
            Encoding::L16 => {
                let bytes = codec.clock_rate as usize / 50 * usize::from(codec.channels);
                PAYLOAD_MAX / bytes.max(1)
            }
            _ => SLOTS_MAX,
        };
        Self(agreed.min(most).max(1))
    }

    /// Ticks of a timestamp in a packet.
    pub(super) fn ticks(self, clock_rate: u32) -> u32 {
        clock_rate / 100 * u32::try_from(self.0).unwrap_or(1)
    }

    /// Whether a packet ends with the slot of this number.
    pub(super) fn end_with(self, number: u64) -> bool {
        self.place(number) + 1 == self.0
    }

    fn place(self, number: u64) -> usize {
        (number % self.0 as u64) as usize
    }
}

/// 60 ms: the longest packet.
const SLOTS_MAX: usize = 6;
const _: () = assert!(SLOTS_MAX * SLOT_MAX <= 2_880);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_of_one_length_end_together_whenever_they_began() {
        let form = Form::new(Codec::PCMA, Rate::Narrow);
        let [mut early, mut late] = [(); 2].map(|()| Packer::new(form).unwrap());
        let slot = Slot::silence(Rate::Narrow);
        let mut ends = [Vec::new(), Vec::new()];
        for number in 0..10 {
            ends[0].extend(early.put(number, &slot).map(|_| number));
            if number >= 3 {
                ends[1].extend(late.put(number, &slot).map(|_| number));
            }
        }
        assert_eq!(ends, [vec![1, 3, 5, 7, 9], vec![3, 5, 7, 9]]);
    }

    #[test]
    fn what_follows_another_makes_the_same_from_there_on() {
        let form = Form::new(Codec::PCMA, Rate::Wide);
        let [mut shared, mut own] = [(); 2].map(|()| Packer::new(form).unwrap());
        let slot = |value| {
            let mut slot = Slot::silence(Rate::Wide);
            slot.samples_mut().fill(value);
            slot
        };
        for number in 0..5 {
            shared.put(number, &slot(100 * number as i16));
        }
        own.follow(&shared);
        let [one, other] = [&mut shared, &mut own].map(|packer| {
            let due = packer.put(5, &slot(900)).expect("it is full");
            due.payload.expect("there is sound").to_vec()
        });
        assert_eq!(one, other);
        assert_eq!(one.len(), 160);
    }

    #[test]
    fn what_a_network_does_not_carry_is_made_shorter() {
        let l16 = |clock_rate| Codec {
            ptime_ms: 60,
            ..Codec::new(Encoding::L16, 96, clock_rate, 1)
        };
        assert_eq!(Slots::of(&l16(8_000)), Slots(6));
        assert_eq!(Slots::of(&l16(16_000)), Slots(4));
        assert_eq!(Slots::of(&l16(48_000)), Slots(1));
        let odd = Codec {
            ptime_ms: 5,
            ..Codec::PCMA
        };
        assert_eq!(Slots::of(&odd), Slots(1));
        assert_eq!(Slots::of(&odd).ticks(8_000), 80);
    }
}
