//! Reads the FLAC files that the prompts are kept in (RFC 9639): one channel of 16-bit samples.
//!
//! Damaged bytes give an error, never a panic. Checksums are not verified: the files are part of the program, and a
//! test compares what comes out with what was put in.

/// A sound as it was before packing.
#[derive(Debug, PartialEq)]
pub(crate) struct Sound {
    pub(crate) rate_hz: u32,
    pub(crate) samples: Vec<i16>,
}

/// Why the bytes are no sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Damaged {
    #[error("the stream ends too early")]
    Short,
    #[error("a {0} is not one that is read")]
    Foreign(&'static str),
    #[error("{0} samples are too many")]
    Long(u64),
}

/// Unpacks a whole file.
pub(crate) fn read(bytes: &[u8]) -> Result<Sound, Damaged> {
    let mut bits = Bits::new(bytes);
    let info = StreamInfo::read(&mut bits)?;
    let mut samples = Vec::with_capacity(info.samples);
    let mut block = Vec::new();
    while samples.len() < info.samples {
        read_frame(&mut bits, &mut block)?;
        samples.extend(block.iter().map(|&sample| sample as i16));
    }
    samples.truncate(info.samples);
    Ok(Sound {
        rate_hz: info.rate_hz,
        samples,
    })
}

struct StreamInfo {
    rate_hz: u32,
    samples: usize,
}

impl StreamInfo {
    /// RFC 9639 §§6, 8.1 and 8.2. Other metadata is stepped over.
    fn read(bits: &mut Bits<'_>) -> Result<Self, Damaged> {
        if bits.take(32)? != u32::from_be_bytes(*b"fLaC") {
            return Err(Damaged::Foreign("file"));
        }
        let mut last = bits.take(1)?;
        if bits.take(7)? != 0 || bits.take(24)? != STREAM_INFO_BYTES {
            return Err(Damaged::Foreign("first metadata block"));
        }
        // Block and frame sizes.
        bits.skip(16 + 16 + 24 + 24)?;
        let rate_hz = bits.take(20)?;
        let channels = bits.take(3)? + 1;
        let depth = bits.take(5)? + 1;
        let samples = u64::from(bits.take(4)?) << 32 | u64::from(bits.take(32)?);
        // MD5 of the samples.
        bits.skip(128)?;
        while last == 0 {
            last = bits.take(1)?;
            bits.skip(7)?;
            let length = bits.take(24)?;
            bits.skip(8 * length as usize)?;
        }
        if channels != 1 || depth != DEPTH || rate_hz == 0 {
            return Err(Damaged::Foreign("sample format"));
        }
        if samples == 0 {
            return Err(Damaged::Foreign("length"));
        }
        if samples > SAMPLES_MAX {
            return Err(Damaged::Long(samples));
        }
        Ok(Self {
            rate_hz,
            samples: samples as usize,
        })
    }
}

/// RFC 9639 §9: a header, one subframe for the one channel, padding and a checksum.
fn read_frame(bits: &mut Bits<'_>, block: &mut Vec<i32>) -> Result<(), Damaged> {
    if bits.take(15)? != FRAME_SYNC {
        return Err(Damaged::Foreign("frame"));
    }
    bits.skip(1)?;
    let (size, rate) = (bits.take(4)?, bits.take(4)?);
    let (channels, depth) = (bits.take(4)?, bits.take(3)?);
    if channels != 0 || !matches!(depth, 0 | 4) {
        return Err(Damaged::Foreign("sample format"));
    }
    bits.skip(1)?;
    // The frame's number is coded as UTF-8 codes characters: the leading ones of the first byte count the bytes.
    let leading = (bits.take(8)? as u8).leading_ones();
    bits.skip(8 * leading.saturating_sub(1) as usize)?;
    let length = match size {
        1 => 192,
        2..=5 => 144 << size,
        6 => bits.take(8)? + 1,
        7 => bits.take(16)? + 1,
        8..=15 => 1 << size,
        _ => return Err(Damaged::Foreign("block size")),
    };
    bits.skip(match rate {
        12 => 8,
        13 | 14 => 16,
        _ => 0,
    })?;
    bits.skip(8)?;
    read_subframe(bits, length as usize, block)?;
    bits.align();
    bits.skip(16)
}

/// RFC 9639 §9.2: what kind of prediction the residual corrects.
fn read_subframe(bits: &mut Bits<'_>, length: usize, block: &mut Vec<i32>) -> Result<(), Damaged> {
    block.clear();
    bits.skip(1)?;
    let kind = bits.take(6)?;
    let wasted = match bits.take(1)? {
        0 => 0,
        _ => bits.zeros()? + 1,
    };
    let depth = DEPTH
        .checked_sub(wasted)
        .filter(|&depth| depth > 0)
        .ok_or(Damaged::Foreign("number of wasted bits"))?;
    match kind {
        0 => {
            let value = bits.take_signed(depth)?;
            block.resize(length, value);
        }
        1 => {
            for _ in 0..length {
                block.push(bits.take_signed(depth)?);
            }
        }
        8..=12 => {
            let coefficients = FIXED[kind as usize - 8];
            read_predicted(bits, length, block, coefficients.len(), depth, |_| {
                Ok((coefficients.to_vec(), 0))
            })?;
        }
        32..=63 => {
            let order = kind as usize - 31;
            read_predicted(bits, length, block, order, depth, |bits| {
                let precision = bits.take(4)? + 1;
                let shift = u32::try_from(bits.take_signed(5)?)
                    .map_err(|_| Damaged::Foreign("predictor shift"))?;
                let mut coefficients = Vec::with_capacity(order);
                for _ in 0..order {
                    coefficients.push(bits.take_signed(precision)?);
                }
                Ok((coefficients, shift))
            })?;
        }
        _ => return Err(Damaged::Foreign("subframe")),
    }
    for sample in block {
        *sample <<= wasted;
    }
    Ok(())
}

/// RFC 9639 §§9.2.5 and 9.2.6: first samples as they are, then a residual for each further one, to be added to the
/// weighted sum of those before it.
fn read_predicted<'a>(
    bits: &mut Bits<'a>,
    length: usize,
    block: &mut Vec<i32>,
    order: usize,
    depth: u32,
    predictor: impl FnOnce(&mut Bits<'a>) -> Result<(Vec<i32>, u32), Damaged>,
) -> Result<(), Damaged> {
    if order > length {
        return Err(Damaged::Foreign("predictor order"));
    }
    for _ in 0..order {
        block.push(bits.take_signed(depth)?);
    }
    // The nearest sample's weight comes first.
    let (coefficients, shift) = predictor(bits)?;
    read_residual(bits, length, order, block)?;
    for at in order..block.len() {
        let (past, rest) = block.split_at_mut(at);
        let sum: i64 = coefficients
            .iter()
            .zip(past.iter().rev())
            .map(|(&weight, &sample)| i64::from(weight) * i64::from(sample))
            .sum();
        if let Some(sample) = rest.first_mut() {
            // Samples of a sound file fit; of a damaged one any value will do.
            *sample = sample.wrapping_add((sum >> shift) as i32) << 16 >> 16;
        }
    }
    Ok(())
}

/// RFC 9639 §9.2.7: partitions of Rice-coded numbers.
fn read_residual(
    bits: &mut Bits<'_>,
    length: usize,
    order: usize,
    block: &mut Vec<i32>,
) -> Result<(), Damaged> {
    let width = match bits.take(2)? {
        0 => 4,
        1 => 5,
        _ => return Err(Damaged::Foreign("residual coding")),
    };
    let partitions = 1_usize << bits.take(4)?;
    for partition in 0..partitions {
        let whole = length / partitions;
        let count = match partition {
            0 => whole.checked_sub(order),
            _ => Some(whole),
        }
        .ok_or(Damaged::Foreign("partition"))?;
        let parameter = bits.take(width)?;
        if parameter == (1 << width) - 1 {
            let plain = bits.take(5)?;
            for _ in 0..count {
                block.push(bits.take_signed(plain)?);
            }
        } else {
            for _ in 0..count {
                let folded = (bits.zeros()? << parameter) | bits.take(parameter)?;
                // Even numbers are positive, odd ones negative.
                block.push((folded >> 1) as i32 ^ -((folded & 1) as i32));
            }
        }
    }
    Ok(())
}

/// Bits of a byte slice, highest first.
struct Bits<'a> {
    bytes: &'a [u8],
    /// Bits read ahead, in the low `ready` bits.
    ahead: u64,
    ready: u32,
}

impl<'a> Bits<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            ahead: 0,
            ready: 0,
        }
    }

    /// Up to 32 bits as a number.
    fn take(&mut self, count: u32) -> Result<u32, Damaged> {
        if count == 0 {
            return Ok(0);
        }
        self.fill();
        self.ready = self.ready.checked_sub(count).ok_or(Damaged::Short)?;
        let mask = (1_u64 << count) - 1;
        Ok((self.ahead >> self.ready & mask) as u32)
    }

    /// Up to 32 bits as a number in two's complement.
    fn take_signed(&mut self, count: u32) -> Result<i32, Damaged> {
        let value = self.take(count)?;
        let unused = 32_u32.saturating_sub(count);
        Ok(value.checked_shl(unused).unwrap_or(0).cast_signed() >> unused.min(31))
    }

    /// Counts zeros up to a one, and takes the one too.
    fn zeros(&mut self) -> Result<u32, Damaged> {
        let mut count = 0;
        loop {
            self.fill();
            if self.ready == 0 {
                return Err(Damaged::Short);
            }
            let left = self.ahead << (64 - self.ready);
            let zeros = left.leading_zeros().min(self.ready);
            count += zeros;
            self.ready -= zeros;
            if self.ready > 0 {
                self.ready -= 1;
                return Ok(count);
            }
        }
    }

    fn skip(&mut self, mut count: usize) -> Result<(), Damaged> {
        while count > 0 {
            let step = count.min(32);
            self.take(step as u32)?;
            count -= step;
        }
        Ok(())
    }

    /// Moves on to the next whole byte.
    fn align(&mut self) {
        self.ready -= self.ready % 8;
    }

    fn fill(&mut self) {
        while self.ready <= 56
            && let Some((&byte, rest)) = self.bytes.split_first()
        {
            self.ahead = self.ahead << 8 | u64::from(byte);
            self.ready += 8;
            self.bytes = rest;
        }
    }
}

/// 15 bits: the sync code and the reserved bit.
const FRAME_SYNC: u32 = 0x7ffc;
const STREAM_INFO_BYTES: u32 = 34;
/// Bits of a sample.
const DEPTH: u32 = 16;
/// Ten minutes at 48 kHz.
const SAMPLES_MAX: u64 = 28_800_000;
/// RFC 9639 table 21: predictors that need no coefficients of their own.
const FIXED: [&[i32]; 5] = [&[], &[1], &[2, -1], &[3, -3, 1], &[4, -6, 4, -1]];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prompts::built_in;
    use proptest::prelude::*;

    #[test]
    fn a_frame_as_the_rfc_describes_it_is_read() {
        // 16 samples, verbatim.
        let mut bytes = header(16);
        bytes.extend([0xff, 0xf8, 0x60, 0x08, 0x00, 0x0f, 0x00]);
        bytes.push(0b0000_0010);
        for value in 0..16_i16 {
            bytes.extend((value * -1000).to_be_bytes());
        }
        bytes.extend([0, 0]);
        let sound = read(&bytes).unwrap();
        assert_eq!(sound.rate_hz, 16_000);
        assert_eq!(
            sound.samples,
            (0..16).map(|i| i * -1000).collect::<Vec<i16>>()
        );
    }

    #[test]
    fn a_fixed_predictor_with_wasted_bits_adds_up() {
        // Second order, 3 wasted bits, 4 samples: 8, 24 as they are, then residuals 0 and −1 with Rice parameter 0.
        let mut bits = Writer::default();
        bits.put(0, 1).put(0b00_1010, 6).put(1, 1).put(0b001, 3);
        bits.put(1, 13).put(3, 13);
        bits.put(0, 2).put(0, 4).put(0, 4);
        bits.put(0b1, 1).put(0b01, 2);
        let mut bytes = header(4);
        bytes.extend([0xff, 0xf8, 0x60, 0x08, 0x00, 0x03, 0x00]);
        bytes.extend(bits.finish());
        bytes.extend([0, 0]);
        assert_eq!(read(&bytes).unwrap().samples, [8, 24, 40, 48]);
    }

    #[test]
    fn what_is_cut_short_is_noticed() {
        let (_, flac) = built_in::any();
        for length in (0..flac.len()).step_by(97) {
            assert!(read(&flac[..length]).is_err(), "{length} bytes");
        }
    }

    #[test]
    fn a_promise_of_too_many_samples_is_refused() {
        let mut bytes = header(0);
        bytes[21] = 0xff;
        assert_eq!(read(&bytes), Err(Damaged::Long(0xf_0000_0000)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn damaged_bytes_never_panic(places in proptest::collection::vec((42..2000_usize, any::<u8>()), 1..8)) {
            let (_, flac) = built_in::any();
            let mut bytes = flac.to_vec();
            for (at, value) in places {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = value;
                }
            }
            let _ = read(&bytes);
        }
    }

    fn header(samples: u32) -> Vec<u8> {
        let mut bits = Writer::default();
        bits.put(u32::from_be_bytes(*b"fLaC"), 32)
            .put(0x80, 8)
            .put(34, 24);
        bits.put(4096, 16).put(4096, 16).put(0, 24).put(0, 24);
        bits.put(16_000, 20)
            .put(0, 3)
            .put(15, 5)
            .put(0, 4)
            .put(samples, 32);
        for _ in 0..4 {
            bits.put(0, 32);
        }
        bits.finish()
    }

    #[derive(Default)]
    struct Writer {
        bits: Vec<bool>,
    }

    impl Writer {
        fn put(&mut self, value: u32, count: u32) -> &mut Self {
            self.bits
                .extend((0..count).rev().map(|bit| value >> bit & 1 == 1));
            self
        }

        fn finish(&self) -> Vec<u8> {
            self.bits
                .chunks(8)
                .map(|byte| {
                    byte.iter()
                        .enumerate()
                        .fold(0, |sum, (i, &bit)| sum | u8::from(bit) << (7 - i))
                })
                .collect()
        }
    }
}
