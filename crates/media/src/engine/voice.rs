//! What a leg's party says, as long as somebody wants it decoded.

use super::slot::{Converter, Slot};
use crate::Rate;
use crate::codec::Decoder;
use crate::dtmf::{Detector, Heard};
use crate::playout::{Figures, Playout};
use rtp::{Codec, InBand, Packet, Time};

/// From a party's packets to slots at the rate that its room is mixed at.
#[derive(Debug)]
pub(super) struct Voice {
    codec: Codec,
    rate: Rate,
    decoder: Decoder,
    playout: Playout,
    converter: Converter,
    /// Only where keys may come in the sound itself.
    detector: Option<Detector>,
    heard: Heard,
    said: Slot,
    /// The mean magnitude of the samples, and how it was of late.
    level: u32,
    loudness: u32,
}

impl Voice {
    /// For packets of a codec; `None` when nobody here can decode it.
    pub(super) fn new(codec: Codec, rate: Rate, keys: InBand) -> Option<Self> {
        let decoder = Decoder::of(&codec, rate)?;
        Some(Self {
            detector: detector(decoder.rate(), keys),
            heard: Heard::Nothing,
            codec,
            rate,
            playout: Playout::new(decoder.rate()),
            decoder,
            converter: Converter::default(),
            said: Slot::silence(rate),
            level: 0,
            loudness: 0,
        })
    }

    /// Goes on for a codec and a rate, if it can: without a gap.
    pub(super) fn suits(&mut self, codec: &Codec, rate: Rate) -> bool {
        // Only Opus is decoded at the rate that is wanted.
        let is_bound = matches!(self.decoder, Decoder::Opus(_));
        if self.codec != *codec || (is_bound && self.rate != rate) {
            return false;
        }
        if self.rate != rate {
            self.rate = rate;
            self.said = Slot::silence(rate);
        }
        true
    }

    /// Whether keys are listened for from here on.
    pub(super) fn listen_for_keys(&mut self, keys: InBand) {
        if self.detector.is_some() != (keys == InBand::Heard) {
            self.detector = detector(self.decoder.rate(), keys);
            self.heard = Heard::Nothing;
        }
    }

    /// Keeps what a packet brought until it is its turn.
    pub(super) fn hear(&mut self, now: Time, packet: &Packet<'_>) {
        self.playout.push(now, packet, &self.codec);
    }

    /// Silence begins that is not sent, but described by a packet.
    pub(super) fn fall_silent(&mut self, now: Time, packet: &Packet<'_>) {
        self.playout.fall_silent(now, packet);
    }

    /// A packet was not sound: it is not missing.
    pub(super) fn skip(&mut self, now: Time, packet: &Packet<'_>) {
        self.playout.skip(now, packet);
    }

    /// Forgets what was heard: another begins to speak.
    pub(super) fn clear(&mut self) {
        self.playout.clear();
    }

    /// The next slot begins.
    pub(super) fn pull(&mut self, now: Time) {
        let native = self.decoder.rate();
        if native == self.rate {
            self.playout
                .pull(now, &mut self.decoder, self.said.samples_mut());
            self.heard = hear(&mut self.detector, &mut self.said).unwrap_or(self.heard);
        } else {
            let mut slot = Slot::silence(native);
            self.playout
                .pull(now, &mut self.decoder, slot.samples_mut());
            self.heard = hear(&mut self.detector, &mut slot).unwrap_or(self.heard);
            let said = self.converter.convert(&slot, self.rate);
            self.said.clone_from(said);
        }
        // No slot is so long that the sum wraps.
        let magnitudes = self.said.samples().iter().fold(0_u32, |sum, sample| {
            sum.wrapping_add(u32::from(sample.unsigned_abs()))
        });
        self.level = magnitudes * LEVEL_UNIT / self.rate.slot() as u32;
        let faded = self.loudness - self.loudness / LOUDNESS_SLOTS;
        self.loudness = faded.max(self.level);
    }

    /// How its sound waited, and what was made up.
    pub(super) fn figures(&self) -> Figures {
        self.playout.figures()
    }

    /// What it says in this slot.
    pub(super) const fn said(&self) -> &Slot {
        &self.said
    }

    /// What is to be said of keys in this slot.
    pub(super) const fn heard(&self) -> Heard {
        self.heard
    }

    /// Whether it says anything in this slot.
    pub(super) const fn is_heard(&self) -> bool {
        self.level > NOTHING
    }

    /// How loud it was of late, in units of 1/[`LEVEL_UNIT`] of a step of the samples.
    pub(super) const fn loudness(&self) -> u32 {
        self.loudness
    }
}

/// What is to be said of keys in a slot, if they are listened for. A key is for the server: whoever is to get it gets
/// it anew, in the form that he understands.
fn hear(detector: &mut Option<Detector>, slot: &mut Slot) -> Option<Heard> {
    let heard = detector.as_mut()?.hear(slot.samples());
    if heard.is_key() {
        slot.samples_mut().fill(0);
    }
    Some(heard)
}

fn detector(rate: Rate, keys: InBand) -> Option<Detector> {
    match keys {
        InBand::Heard => Some(Detector::new(rate)),
        InBand::Ignored => None,
    }
}

/// What levels are counted in: a fraction of the smallest step, so that they fade evenly.
pub(super) const LEVEL_UNIT: u32 = 16;
/// The mean magnitude of what G.711 sends for silence; nothing is heard below it.
const NOTHING: u32 = 8 * LEVEL_UNIT;
/// Loudness falls to a third in so many slots: 400 ms, so that the pauses between words are none.
const LOUDNESS_SLOTS: u32 = 40;
