//! Opus (RFC 6716) by libopus, one channel at 8, 16 or 48 kHz.

#[cfg(test)]
mod tests;

use crate::Rate;
use core::fmt;
use opusic_c::{Application, Bandwidth, Bitrate, Channels, InbandFec, SampleRate, Signal, utils};
use rtp::{Codec, Opus};

/// From Opus packets to samples; a stereo stream is heard as one channel.
pub struct OpusDecoder {
    decoder: opusic_c::Decoder,
    rate: Rate,
}

/// From samples to Opus packets, tuned for speech.
pub struct OpusEncoder {
    encoder: opusic_c::Encoder,
    rate: Rate,
    dtx: Dtx,
    fec: Fec,
}

/// Whether packets may tell of the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fec {
    Wished,
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dtx {
    On,
    Off,
}

impl OpusDecoder {
    /// A decoder that gives samples at `rate`; `None` when there is no memory for it, or no such Opus.
    pub(super) fn new(codec: &Codec, rate: Rate) -> Option<Self> {
        let decoder = opusic_c::Decoder::new(Channels::Mono, sample_rate(rate)).ok();
        let mut decoder = decoder.filter(|_| is_opus(codec))?;
        // Channels of opposite phase would cancel each other out in their sum.
        decoder.set_phase_inversion_disabled(true).ok()?;
        Some(Self { decoder, rate })
    }

    pub(super) const fn rate(&self) -> Rate {
        self.rate
    }

    /// Decodes a packet of 2.5 to 60 ms; 0 when it is none, is longer, or there is no room for all of it.
    pub(super) fn decode(&mut self, payload: &[u8], out: &mut [i16]) -> usize {
        let length = self.length(payload);
        match length.and_then(|samples| out.get_mut(..samples)) {
            Some(out) => self.run(payload, out, Of::Packet),
            None => 0,
        }
    }

    /// The packet before `next`, when that one tells of it.
    pub(super) fn recover(&mut self, next: &[u8], out: &mut [i16]) -> usize {
        match self.length(next) {
            Some(_) if tells_of_the_one_before(next) => {
                let out = self.whole(out);
                self.run(next, out, Of::TheOneBefore)
            }
            Some(_) | None => 0,
        }
    }

    /// Goes on as the sound before did.
    pub(super) fn conceal(&mut self, out: &mut [i16]) -> usize {
        let out = self.whole(out);
        self.run(&[], out, Of::Packet)
    }

    /// Samples in a packet.
    fn length(&self, payload: &[u8]) -> Option<usize> {
        let packet = Some(payload).filter(|it| (1..=PACKET_MAX).contains(&it.len()))?;
        let samples = utils::get_nb_samples(packet, sample_rate(self.rate)).ok()?;
        (samples <= self.rate.samples(LONGEST_MS)).then_some(samples)
    }

    /// As much of `out` as is whole frames of 2.5 ms, the least that can be made up.
    fn whole<'o>(&self, out: &'o mut [i16]) -> &'o mut [i16] {
        let frame = self.rate.slot() / 4;
        let whole = out.len().min(self.rate.samples(LONGEST_MS)) / frame * frame;
        out.get_mut(..whole).unwrap_or_default()
    }

    fn run(&mut self, payload: &[u8], out: &mut [i16], of: Of) -> usize {
        let mut room = [0; SAMPLES_MAX];
        let Some(room) = room.get_mut(..out.len()).filter(|room| !room.is_empty()) else {
            return 0;
        };
        let before = of == Of::TheOneBefore;
        let decoded = self.decoder.decode_to_slice(payload, room, before);
        let count = decoded.map_or(0, |count| count.min(out.len()));
        for (sample, bits) in out.iter_mut().zip(room).take(count) {
            *sample = bits.cast_signed();
        }
        count
    }
}

/// What of a packet is decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    Packet,
    TheOneBefore,
}

impl OpusEncoder {
    /// An encoder that takes samples at `rate` and does what the receiver of `codec` wishes; `None` when there is
    /// no memory for it, or no such Opus.
    pub(super) fn new(codec: &Codec, rate: Rate) -> Option<Self> {
        if !is_opus(codec) {
            return None;
        }
        let application = Application::Voip;
        let encoder =
            opusic_c::Encoder::new(Channels::Mono, sample_rate(rate), application).ok()?;
        let mut made = Self {
            encoder,
            rate,
            dtx: if codec.opus.dtx { Dtx::On } else { Dtx::Off },
            fec: if codec.opus.inband_fec {
                Fec::Wished
            } else {
                Fec::None
            },
        };
        made.fulfil(&codec.opus).ok()?;
        Some(made)
    }

    /// An encoder for sound that is kept in a file: a packet is never lost and there is one for each frame, and as
    /// others may have to understand what was said, it gets more bits than a call.
    pub(crate) fn for_keeping(rate: Rate) -> Option<Self> {
        let mut made = Self::new(&Codec::OPUS, rate)?;
        let bitrate = Bitrate::Value(match rate {
            Rate::Narrow | Rate::Wide => 24_000,
            Rate::Full => 32_000,
        });
        made.encoder.set_bitrate(bitrate).ok()?;
        Some(made)
    }

    /// How long after a sound its decoder gives it, in samples at 48 kHz.
    pub(crate) fn delay(&mut self) -> Option<u16> {
        let delay = self.encoder.get_look_ahead().ok()?;
        u16::try_from(delay * (Rate::Full.hz() / self.rate.hz())).ok()
    }

    pub(super) const fn rate(&self) -> Rate {
        self.rate
    }

    /// Encodes a packet of 2.5, 5, 10, 20, 40 or 60 ms; 0 when it has another length or needs not be sent.
    pub(crate) fn encode(&mut self, samples: &[i16], payload: &mut [u8]) -> usize {
        let mut room = [0; SAMPLES_MAX];
        let Some(bits) = room.get_mut(..samples.len()) else {
            return 0;
        };
        for (bits, sample) in bits.iter_mut().zip(samples) {
            *bits = sample.cast_unsigned();
        }
        let most = payload.len().min(PACKET_MAX);
        let payload = payload.get_mut(..most).unwrap_or_default();
        match self.encoder.encode_to_slice(bits, payload) {
            // In silence only the first byte, or two, is left of a packet (RFC 7587 §3.1.3).
            Ok(0..=2) if self.dtx == Dtx::On => 0,
            Ok(bytes) => bytes,
            Err(_) => 0,
        }
    }

    /// Of a hundred packets so many are expected to be lost: it decides how much each tells of the one before it.
    pub(super) fn set_expected_loss(&mut self, percent: u8) {
        if self.fec == Fec::Wished {
            // It is in range, so that there is no error.
            let _ = self.encoder.set_packet_loss(percent.min(100));
        }
    }

    /// Forgets what it encoded so far.
    pub(super) fn reset(&mut self) {
        // It has no way to fail, and nothing is lost if it did.
        let _ = self.encoder.reset();
    }

    /// How much is computed for a packet, 0 to 10.
    pub(super) fn set_complexity(&mut self, complexity: u8) {
        // It is in range, so that there is no error.
        let _ = self.encoder.set_complexity(complexity.min(10));
    }

    fn fulfil(&mut self, wishes: &Opus) -> Result<(), opusic_c::ErrorCode> {
        let encoder = &mut self.encoder;
        let most = wishes.bitrate_max.unwrap_or(u32::MAX);
        encoder.set_bitrate(Bitrate::Value(bitrate(self.rate, wishes).min(most)))?;
        encoder.set_signal(Signal::Voice)?;
        encoder.set_complexity(COMPLEXITY)?;
        encoder.set_vbr(!wishes.constant_bitrate)?;
        encoder.set_dtx(wishes.dtx)?;
        if let Some(hz) = wishes.playback_rate_max {
            encoder.set_max_bandwidth(bandwidth(hz))?;
        }
        if wishes.inband_fec {
            encoder.set_inband_fec(InbandFec::Mode1)?;
            encoder.set_packet_loss(EXPECTED_LOSS)?;
        }
        Ok(())
    }
}

impl fmt::Debug for OpusDecoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpusDecoder")
            .field("rate", &self.rate)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for OpusEncoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpusEncoder")
            .field("rate", &self.rate)
            .finish_non_exhaustive()
    }
}

/// Whether a packet holds the one before it once more, coarser (RFC 6716 §4.2.4).
pub(super) fn tells_of_the_one_before(packet: &[u8]) -> bool {
    let Some((toc, rest)) = packet.split_first() else {
        return false;
    };
    // How often 20 ms, each with a flag of its own: by the configurations of table 2 that have a SILK layer.
    let frames = match toc >> 3 {
        0 | 1 | 4 | 5 | 8 | 9 | 12..=15 => 1,
        2 | 6 | 10 => 2,
        3 | 7 | 11 => 3,
        _ => return false,
    };
    let Some(first) = first_frame(*toc, rest).and_then(<[u8]>::first) else {
        return false;
    };
    let is_set = |bit: u8| first >> bit & 1 == 1;
    let is_stereo = toc & 0x04 != 0;
    is_set(7 - frames) || is_stereo && is_set(6 - 2 * frames)
}

/// For how long a packet sounds, in ticks of 48 kHz.
pub(super) fn ticks(packet: &[u8]) -> Option<usize> {
    let packet = Some(packet).filter(|it| (1..=PACKET_MAX).contains(&it.len()))?;
    utils::get_nb_samples(packet, SampleRate::Hz48000).ok()
}

/// Where the first frame of a packet begins, empty when it is (RFC 6716 §3.2).
fn first_frame(toc: u8, rest: &[u8]) -> Option<&[u8]> {
    match toc & 3 {
        0 | 1 => Some(rest),
        2 => {
            let (length, rest) = length(rest)?;
            rest.get(..length)
        }
        _ => {
            let (count, mut rest) = rest.split_first()?;
            let mut padded = count & 0x40 != 0;
            while padded {
                let (padding, after) = rest.split_first()?;
                (padded, rest) = (*padding == 255, after);
            }
            let mut first = rest.len();
            if count & 0x80 != 0 {
                for frame in 1..count & 0x3f {
                    let (bytes, after) = length(rest)?;
                    first = if frame == 1 { bytes } else { first };
                    rest = after;
                }
            }
            rest.get(..first.min(rest.len()))
        }
    }
}

/// A length of one byte or two (RFC 6716 §3.2.1).
fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    match bytes {
        [short @ 0..252, rest @ ..] => Some((usize::from(*short), rest)),
        [low, high, rest @ ..] => Some((usize::from(*low) + 4 * usize::from(*high), rest)),
        _ => None,
    }
}

/// RFC 7587 §7: whatever is sent, the name says 48 kHz and two channels.
pub(super) fn is_opus(codec: &Codec) -> bool {
    (codec.clock_rate, codec.channels) == (48_000, 2)
}

const fn sample_rate(rate: Rate) -> SampleRate {
    match rate {
        Rate::Narrow => SampleRate::Hz8000,
        Rate::Wide => SampleRate::Hz16000,
        Rate::Full => SampleRate::Hz48000,
    }
}

/// Bits per second for speech (RFC 7587 §3.1.1), with so much on top that packets can tell of the one before.
fn bitrate(rate: Rate, wishes: &Opus) -> u32 {
    let speech = match rate {
        Rate::Narrow => 16_000,
        Rate::Wide => 24_000,
        Rate::Full => 36_000,
    };
    speech + if wishes.inband_fec { FEC_BITRATE } else { 0 }
}

const fn bandwidth(playback_hz: u32) -> Bandwidth {
    match playback_hz {
        0..12_000 => Bandwidth::Narrow,
        12_000..16_000 => Bandwidth::Medium,
        16_000..24_000 => Bandwidth::Wide,
        24_000..48_000 => Bandwidth::Superwide,
        48_000.. => Bandwidth::Full,
    }
}

/// How much is computed for a packet, 0 to 10.
const COMPLEXITY: u8 = 5;
/// Percent of packets that are expected to be lost before anything is known.
const EXPECTED_LOSS: u8 = 5;
/// With less, libopus would leave out what tells of the packet before while [`EXPECTED_LOSS`] holds.
const FEC_BITRATE: u32 = 4_000;
/// The longest packet that is taken; Opus could have 120 ms.
const LONGEST_MS: u8 = 60;
const SAMPLES_MAX: usize = Rate::Full.samples(LONGEST_MS);
/// No frame has more bytes (RFC 6716 §3.4), and no network carries as many in one packet.
const PACKET_MAX: usize = 1_275;
