//! Opus in Ogg (RFC 7845).

use super::ogg::{Last, Pages};
use crate::Rate;
use crate::codec::OpusEncoder;
use crate::wav::Channels;
use std::io::{self, Write};

/// Writes Opus in Ogg. A channel is a stream of its own, so that nothing of one side of a call is ever heard on the
/// other: a stereo file has two streams that are not coupled (channel mapping family 1, RFC 7845 §5.1.1.2).
///
/// Whatever has been flushed is a file that plays; only its end is not marked.
#[derive(Debug)]
pub struct OpusWriter<W> {
    pages: Pages<W>,
    rate: Rate,
    /// One for each channel.
    sides: Vec<Side>,
    /// What a decoder gives before the sound begins, in samples at 48 kHz.
    pre_skip: u16,
    /// Samples of each channel that were taken.
    taken: u64,
    /// Frames of each channel that were encoded.
    frames: u64,
    packet: Vec<u8>,
}

/// One channel.
#[derive(Debug)]
struct Side {
    encoder: OpusEncoder,
    /// Sound of the next frame.
    frame: Vec<i16>,
}

impl<W: Write> OpusWriter<W> {
    /// Writes the headers. `serial` is the stream's number.
    ///
    /// # Errors
    /// Those of the writer; `OutOfMemory` when there is none for an encoder.
    pub fn new(file: W, channels: Channels, rate: Rate, serial: u32) -> io::Result<Self> {
        let side = |_| {
            Some(Side {
                encoder: OpusEncoder::for_keeping(rate)?,
                frame: Vec::with_capacity(rate.samples(FRAME_MS)),
            })
        };
        let sides: Option<Vec<_>> = (0..channels.count()).map(side).collect();
        let mut sides = sides.ok_or(io::ErrorKind::OutOfMemory)?;
        let delays = sides.iter_mut().filter_map(|side| side.encoder.delay());
        let pre_skip = delays.max().ok_or(io::ErrorKind::OutOfMemory)?;
        let mut pages = Pages::new(file, serial);
        pages.packet(&head(channels, rate, pre_skip), 0)?;
        pages.flush(Last::No)?;
        pages.packet(&tags(), 0)?;
        pages.flush(Last::No)?;
        Ok(Self {
            pages,
            rate,
            sides,
            pre_skip,
            taken: 0,
            frames: 0,
            packet: Vec::with_capacity(PACKET_MAX * 2),
        })
    }

    /// Appends samples, left and right alternating in a stereo file.
    ///
    /// # Errors
    /// Those of the writer. What was flushed before remains.
    pub fn write(&mut self, samples: &[i16]) -> io::Result<()> {
        for moment in samples.chunks_exact(self.sides.len()) {
            self.taken += 1;
            self.put(moment.iter().copied())?;
        }
        Ok(())
    }

    /// Writes a page of all whole frames.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn flush(&mut self) -> io::Result<()> {
        self.pages.flush(Last::No)
    }

    /// Writes the rest and marks the end, and gives the file back.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn finish(mut self) -> io::Result<W> {
        // RFC 7845 §4.4: the last page says how much of its last packet is sound.
        let end = u64::from(self.pre_skip) + self.taken * self.ticks_per_sample();
        while self.position() < end {
            self.put(std::iter::repeat(0))?;
        }
        self.pages.end_at(end);
        self.pages.flush(Last::Yes)?;
        Ok(self.pages.into_file())
    }

    /// One sample for each channel.
    fn put(&mut self, moment: impl Iterator<Item = i16>) -> io::Result<()> {
        for (side, sample) in self.sides.iter_mut().zip(moment) {
            side.frame.push(sample);
        }
        let whole = self.rate.samples(FRAME_MS);
        if self.sides.iter().all(|side| side.frame.len() < whole) {
            return Ok(());
        }
        self.packet.clear();
        let last = self.sides.len().saturating_sub(1);
        for (place, side) in self.sides.iter_mut().enumerate() {
            let mut room = [0; PACKET_MAX];
            let length = side.encoder.encode(&side.frame, &mut room);
            side.frame.clear();
            let encoded = room.get(..length).unwrap_or_default();
            let encoded = if is_one_frame(encoded) {
                encoded
            } else {
                &LOST
            };
            if place == last {
                self.packet.extend_from_slice(encoded);
            } else {
                delimit(encoded, &mut self.packet);
            }
        }
        self.frames += 1;
        let position = self.position();
        self.pages.packet(&self.packet, position)
    }

    /// What a decoder has given after all frames, in samples at 48 kHz.
    fn position(&self) -> u64 {
        self.frames * Rate::Full.samples(FRAME_MS) as u64
    }

    fn ticks_per_sample(&self) -> u64 {
        (Rate::Full.hz() / self.rate.hz()).into()
    }
}

/// RFC 7845 §5.1.
fn head(channels: Channels, rate: Rate, pre_skip: u16) -> Vec<u8> {
    let mut head = b"OpusHead\x01".to_vec();
    head.push(channels.count() as u8);
    head.extend_from_slice(&pre_skip.to_le_bytes());
    head.extend_from_slice(&rate.hz().to_le_bytes());
    // No gain.
    head.extend_from_slice(&[0, 0]);
    match channels {
        Channels::Mono => head.push(0),
        // Family 1 with two streams, none of them coupled: the first is left, the second right.
        Channels::Stereo => head.extend_from_slice(&[1, 2, 0, 0, 1]),
    }
    head
}

/// RFC 7845 §5.2: who made it, and no comments.
fn tags() -> Vec<u8> {
    let mut tags = b"OpusTags".to_vec();
    tags.extend_from_slice(&(VENDOR.len() as u32).to_le_bytes());
    tags.extend_from_slice(VENDOR.as_bytes());
    tags.extend_from_slice(&0_u32.to_le_bytes());
    tags
}

/// Frames of 20 ms come one in a packet (code 0 of RFC 6716 §3.2).
fn is_one_frame(packet: &[u8]) -> bool {
    packet.first().is_some_and(|toc| toc & 3 == 0)
}

/// A packet of one frame that tells how long it is (RFC 6716 appendix B): all streams but the last one need that.
fn delimit(packet: &[u8], into: &mut Vec<u8>) {
    let Some((toc, frame)) = packet.split_first() else {
        return;
    };
    into.push(*toc);
    // RFC 6716 §3.2.1.
    if frame.len() < 252 {
        into.push(frame.len() as u8);
    } else {
        let low = 252 + (frame.len() & 3);
        into.push(low as u8);
        into.push(((frame.len() - low) / 4) as u8);
    }
    into.extend_from_slice(frame);
}

const FRAME_MS: u8 = 20;
/// RFC 6716 §3.4.
const PACKET_MAX: usize = 1_275;
/// 20 ms of which nothing came: the decoder makes something up.
const LOST: [u8; 1] = [1 << 3];
const VENDOR: &str = "Bellwire";

#[cfg(test)]
mod tests {
    use super::super::heard::{self, End};
    use super::*;
    use crate::ear;
    use proptest::prelude::*;

    /// MI-06
    #[test]
    fn each_side_is_on_its_own_channel_at_its_own_level() {
        for rate in Rate::ALL {
            let sides = TONES.map(|hz| ear::sine(hz, -20.0, rate.hz(), 1_000));
            let both: Vec<_> = sides[0].iter().zip(&sides[1]).collect();
            let both: Vec<_> = both.iter().flat_map(|(l, r)| [**l, **r]).collect();
            let sound = heard::opus(&written(Channels::Stereo, rate, &both, &[]), End::Marked);
            assert_eq!(sound.channels.len(), 2);
            for (side, [own, other]) in sound.channels.iter().zip([TONES, [TONES[1], TONES[0]]]) {
                assert_eq!(side.len(), 48_000);
                let level = ear::tone_dbfs(&side[9_600..], 48_000, own);
                assert!(
                    (level + 20.0).abs() < 1.0,
                    "{rate:?}: {own} Hz at {level} dBFS"
                );
                let level = ear::tone_dbfs(&side[9_600..], 48_000, other);
                assert!(level < -60.0, "{rate:?}: {other} Hz at {level} dBFS");
            }
        }
    }

    #[test]
    fn a_click_is_where_it_was() {
        for rate in Rate::ALL {
            let mut sound = vec![0; rate.hz() as usize];
            let at = sound.len() / 2;
            sound[at..at + rate.slot() / 10].fill(20_000);
            let sound = heard::opus(&written(Channels::Mono, rate, &sound, &[]), End::Marked);
            let loudest = sound.channels[0].iter().map(|sample| sample.unsigned_abs());
            let loudest = (0..)
                .zip(loudest)
                .max_by_key(|(_, level)| *level)
                .unwrap()
                .0;
            let apart = i32::abs(loudest - 24_000);
            assert!(apart <= 96, "{rate:?}: {apart} samples of 48 kHz away");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn every_length_is_kept_to_the_sample(
            pieces in proptest::collection::vec(0..3_000_usize, 0..8),
            rate in prop_oneof![Just(Rate::Narrow), Just(Rate::Wide), Just(Rate::Full)],
            channels in prop_oneof![Just(Channels::Mono), Just(Channels::Stereo)],
        ) {
            let width = usize::from(channels.count());
            let moments: usize = pieces.iter().sum();
            let noise: Vec<_> = (0..moments * width)
                .map(|at| ((at * 7_919) % 20_011) as i16 - 10_000)
                .collect();
            let flushes: Vec<_> = pieces.iter().map(|piece| piece * width).collect();
            let sound = heard::opus(&written(channels, rate, &noise, &flushes), End::Marked);
            prop_assert_eq!(sound.channels.len(), width);
            let length = moments * 48_000 / rate.hz() as usize;
            prop_assert!(sound.channels.iter().all(|side| side.len() == length));
        }

        #[test]
        fn a_file_cut_off_anywhere_is_repaired_up_to_its_last_page(cut in 0..12_000_usize) {
            let seconds = 3;
            let sound = ear::sine(440.0, -20.0, 8_000, seconds * 1_000);
            let flushes = vec![8_000; seconds as usize];
            let mut bytes = written(Channels::Mono, Rate::Narrow, &sound, &flushes);
            bytes.truncate(cut.max(heard::HEADERS_BYTES));
            let before = heard::opus(&bytes, End::Anyhow);
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(&bytes).unwrap();
            super::super::ogg::repair(&mut file).unwrap();
            let after = heard::opus(&heard::bytes(&mut file), End::Marked);
            prop_assert_eq!(after, before);
        }
    }

    const TONES: [f64; 2] = [440.0, 1_130.0];

    /// A file of samples, flushed after so many each time.
    fn written(channels: Channels, rate: Rate, samples: &[i16], flushes: &[usize]) -> Vec<u8> {
        let mut writer = OpusWriter::new(Vec::new(), channels, rate, 7).unwrap();
        let mut rest = samples;
        for &count in flushes {
            let (now, later) = rest.split_at(count);
            writer.write(now).unwrap();
            writer.flush().unwrap();
            rest = later;
        }
        writer.write(rest).unwrap();
        writer.finish().unwrap()
    }
}
