//! G.711: one byte a sample, µ-law or A-law, from and to 16-bit linear samples.
//!
//! The arithmetic is that of ITU-T G.711 tables 1 and 2. Linear samples are left-justified: 14 bits of µ-law
//! and 13 bits of A-law in 16, negative values in two's complement, so that −1 belongs to the first negative interval.

/// Which of the two laws.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Law {
    /// µ-law: RTP payload type 0, PCMU.
    Mu,
    /// A-law: RTP payload type 8, PCMA.
    A,
}

impl Law {
    /// The byte that means silence.
    #[must_use]
    pub const fn silence(self) -> u8 {
        match self {
            Self::Mu => 0xff,
            Self::A => 0xd5,
        }
    }
}

/// Writes the linear sample of each byte. Stops at the end of the shorter slice.
pub fn decode(law: Law, bytes: &[u8], samples: &mut [i16]) {
    let table = match law {
        Law::Mu => &MU_TO_LINEAR,
        Law::A => &A_TO_LINEAR,
    };
    for (sample, &byte) in samples.iter_mut().zip(bytes) {
        *sample = table[usize::from(byte)];
    }
}

/// Writes the byte of each linear sample. Stops at the end of the shorter slice.
pub fn encode(law: Law, samples: &[i16], bytes: &mut [u8]) {
    let (table, shift) = match law {
        Law::Mu => (&LINEAR_TO_MU[..], MU_SHIFT),
        Law::A => (&LINEAR_TO_A[..], A_SHIFT),
    };
    for (byte, &sample) in bytes.iter_mut().zip(samples) {
        *byte = table[usize::from(sample.cast_unsigned() >> shift)];
    }
}

/// Writes the byte that each byte of the other law becomes, which is that of the same sample as nearly as it can be.
/// Stops at the end of the shorter slice.
pub fn translate(into: Law, bytes: &[u8], translated: &mut [u8]) {
    let table = match into {
        Law::Mu => &A_TO_MU,
        Law::A => &MU_TO_A,
    };
    for (translated, &byte) in translated.iter_mut().zip(bytes) {
        *translated = table[usize::from(byte)];
    }
}

/// A magnitude of µ-law plus the bias of 33 is `1mmmm` shifted left by its segment (G.711 table 2, columns 1 to 6).
const fn mu_of(sample: i16) -> u8 {
    let sample = (sample >> MU_SHIFT) as i32;
    let negative = sample < 0;
    let magnitude = if negative { !sample } else { sample };
    let mut biased = magnitude + MU_BIAS;
    if biased > MU_BIASED_MAX {
        biased = MU_BIASED_MAX;
    }
    let segment = 26 - biased.leading_zeros();
    let step = (biased >> (segment + 1)) & 0x0f;
    let code = ((segment << 4) | step as u32) as u8;
    // Table 2 sends µ-law with all bits inverted but the sign, which is 1 for positive values.
    !(if negative { 0x80 | code } else { code })
}

const fn mu_to(byte: u8) -> i16 {
    let code = !byte;
    let segment = (code >> 4) & 7;
    let step = (code & 0x0f) as i32;
    let magnitude = (((2 * step + 33) << segment) - 33) << MU_SHIFT;
    (if code & 0x80 == 0 {
        magnitude
    } else {
        -magnitude
    }) as i16
}

/// A magnitude of A-law is `1mmmm` shifted left by its segment − 1; segment 0 has no leading one (G.711 table 1).
const fn a_of(sample: i16) -> u8 {
    let sample = (sample >> (A_SHIFT + 1)) as i32;
    let negative = sample < 0;
    let magnitude = if negative { !sample } else { sample };
    let segment = if magnitude < 32 {
        (magnitude >> 4) as u32
    } else {
        28 - magnitude.leading_zeros()
    };
    let step = if segment < 2 {
        magnitude & 0x0f
    } else {
        (magnitude >> (segment - 1)) & 0x0f
    };
    let code = ((segment << 4) | step as u32) as u8;
    // Table 1 note 2: even bits are inverted on the line.
    (if negative { code } else { 0x80 | code }) ^ 0x55
}

const fn a_to(byte: u8) -> i16 {
    let code = byte ^ 0x55;
    let segment = (code >> 4) & 7;
    let step = (code & 0x0f) as i32;
    let magnitude = if segment == 0 {
        2 * step + 1
    } else {
        (2 * step + 33) << (segment - 1)
    };
    let magnitude = magnitude << A_SHIFT;
    (if code & 0x80 == 0 {
        -magnitude
    } else {
        magnitude
    }) as i16
}

/// 14-bit samples in 16.
const MU_SHIFT: u32 = 2;
/// 13-bit samples in 16.
const A_SHIFT: u32 = 3;
const MU_BIAS: i32 = 33;
/// The virtual decision value 8159 of table 2, with the bias, less one.
const MU_BIASED_MAX: i32 = 8191;

static MU_TO_LINEAR: [i16; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < table.len() {
        table[i] = mu_to(i as u8);
        i += 1;
    }
    table
};
static A_TO_LINEAR: [i16; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < table.len() {
        table[i] = a_to(i as u8);
        i += 1;
    }
    table
};
static A_TO_MU: [u8; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < table.len() {
        table[i] = mu_of(a_to(i as u8));
        i += 1;
    }
    table
};
static MU_TO_A: [u8; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < table.len() {
        table[i] = a_of(mu_to(i as u8));
        i += 1;
    }
    table
};
static LINEAR_TO_MU: [u8; 1 << 14] = {
    let mut table = [0; 1 << 14];
    let mut i = 0;
    while i < table.len() {
        table[i] = mu_of(((i as u16) << MU_SHIFT) as i16);
        i += 1;
    }
    table
};
static LINEAR_TO_A: [u8; 1 << 13] = {
    let mut table = [0; 1 << 13];
    let mut i = 0;
    while i < table.len() {
        table[i] = a_of(((i as u16) << A_SHIFT) as i16);
        i += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_falls_into_the_mu_law_interval_of_table_2() {
        let decisions = decisions_mu();
        for sample in i16::MIN..=i16::MAX {
            let value = i32::from(sample) >> 2;
            let magnitude = if value < 0 { !value } else { value };
            let interval = decisions
                .iter()
                .skip(1)
                .filter(|&&edge| edge <= magnitude)
                .count();
            let code = u8::try_from(interval.min(127)).unwrap();
            let expected = if value < 0 { 0x7f - code } else { 0xff - code };
            assert_eq!(encoded(Law::Mu, sample), expected, "{sample}");
        }
    }

    #[test]
    fn every_mu_law_byte_is_the_value_of_table_2() {
        let decisions = decisions_mu();
        for code in 0..=127_u8 {
            let (low, high) = (
                decisions[usize::from(code)],
                decisions[usize::from(code) + 1],
            );
            // Output 0 is 0; every other one is the middle of its interval.
            let value = if code == 0 { 0 } else { (low + high) / 2 };
            assert_eq!(i32::from(decoded(Law::Mu, 0xff - code)), value * 4);
            assert_eq!(i32::from(decoded(Law::Mu, 0x7f - code)), -value * 4);
        }
        assert_eq!(decoded(Law::Mu, 0x80), 8031 * 4);
        assert_eq!(decoded(Law::Mu, 0x00), -8031 * 4);
    }

    #[test]
    fn every_sample_falls_into_the_a_law_interval_of_table_1() {
        let decisions = decisions_a();
        for sample in i16::MIN..=i16::MAX {
            let value = i32::from(sample) >> 3;
            let magnitude = if value < 0 { !value } else { value };
            let interval = decisions
                .iter()
                .skip(1)
                .filter(|&&edge| edge <= magnitude)
                .count();
            let code = u8::try_from(interval.min(127)).unwrap();
            let expected = (if value < 0 { code } else { 0x80 | code }) ^ 0x55;
            assert_eq!(encoded(Law::A, sample), expected, "{sample}");
        }
    }

    #[test]
    fn every_a_law_byte_is_the_value_of_table_1() {
        let decisions = decisions_a();
        for code in 0..=127_u8 {
            let (low, high) = (
                decisions[usize::from(code)],
                decisions[usize::from(code) + 1],
            );
            let value = (low + high) / 2 * 8;
            assert_eq!(i32::from(decoded(Law::A, (0x80 | code) ^ 0x55)), value);
            assert_eq!(i32::from(decoded(Law::A, code ^ 0x55)), -value);
        }
        assert_eq!(decoded(Law::A, 0xaa), 4032 * 8);
        assert_eq!(decoded(Law::A, 0xd5), 8);
    }

    #[test]
    fn a_byte_survives_decoding_and_encoding() {
        for law in [Law::Mu, Law::A] {
            for byte in 0..=255 {
                let again = encoded(law, decoded(law, byte));
                // µ-law has two zeros; linear zero is the positive one.
                let expected = if law == Law::Mu && byte == 0x7f {
                    0xff
                } else {
                    byte
                };
                assert_eq!(again, expected, "{law:?} {byte:#04x}");
            }
        }
    }

    #[test]
    fn a_byte_is_translated_as_if_it_were_decoded_and_encoded() {
        for (from, into) in [(Law::A, Law::Mu), (Law::Mu, Law::A)] {
            for byte in 0..=255 {
                let mut translated = [0];
                translate(into, &[byte], &mut translated);
                assert_eq!(translated[0], encoded(into, decoded(from, byte)));
            }
        }
    }

    #[test]
    fn silence_is_the_byte_of_zero() {
        assert_eq!(encoded(Law::Mu, 0), Law::Mu.silence());
        assert_eq!(encoded(Law::A, 0), Law::A.silence());
    }

    #[test]
    fn slices_of_unequal_length_are_cut_to_the_shorter() {
        let mut samples = [7; 3];
        decode(Law::Mu, &[0xff], &mut samples);
        assert_eq!(samples, [0, 7, 7]);
        let mut bytes = [1; 2];
        encode(Law::A, &[0, 0, 0], &mut bytes);
        assert_eq!(bytes, [0xd5, 0xd5]);
    }

    fn encoded(law: Law, sample: i16) -> u8 {
        let mut byte = [0];
        encode(law, &[sample], &mut byte);
        byte[0]
    }

    fn decoded(law: Law, byte: u8) -> i16 {
        let mut sample = [0];
        decode(law, &[byte], &mut sample);
        sample[0]
    }

    /// Decision values x₁…x₁₂₉ of table 2: 1, then 15 intervals of 2, then 16 each of 4, 8 … 256.
    fn decisions_mu() -> Vec<i32> {
        let mut values = vec![0, 1];
        for (width, intervals) in [
            (2, 15),
            (4, 16),
            (8, 16),
            (16, 16),
            (32, 16),
            (64, 16),
            (128, 16),
            (256, 16),
        ] {
            for _ in 0..intervals {
                values.push(values[values.len() - 1] + width);
            }
        }
        assert_eq!(values[128], 8159);
        values
    }

    /// Decision values of table 1 in units of 1/4096 of full scale: 32 intervals of 2, then 16 each of 4 … 128.
    fn decisions_a() -> Vec<i32> {
        let mut values = vec![0];
        for (width, intervals) in [
            (2, 32),
            (4, 16),
            (8, 16),
            (16, 16),
            (32, 16),
            (64, 16),
            (128, 16),
        ] {
            for _ in 0..intervals {
                values.push(values[values.len() - 1] + width);
            }
        }
        assert_eq!(values[128], 4096);
        values
    }
}
