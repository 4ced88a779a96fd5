use super::*;

#[test]
fn what_we_encode_is_bit_for_bit_what_another_implementation_encodes() {
    let mut payload = [0; 1_600];
    let signal = noise_then_square();
    assert_eq!(G722Encoder::new().encode(&signal, &mut payload), 1_600);
    assert_eq!(payload, *PAYLOAD);
}

#[test]
fn what_we_decode_is_bit_for_bit_what_another_implementation_decodes() {
    let mut samples = [0; 3_200];
    assert_eq!(G722Decoder::new().decode(PAYLOAD, &mut samples), 3_200);
    let (theirs, _) = DECODED.as_chunks();
    for (at, (ours, theirs)) in samples.iter().zip(theirs).enumerate() {
        // Where the filter overshoots, the other one wraps around and ours stays at the limit.
        if !matches!(*ours, i16::MIN | i16::MAX) {
            assert_eq!(*ours, i16::from_le_bytes(*theirs), "sample {at}");
        }
    }
    let limited = samples
        .iter()
        .filter(|sample| matches!(**sample, i16::MIN | i16::MAX));
    assert!(
        (1..400).contains(&limited.count()),
        "of the square wave only"
    );
}

#[test]
fn packets_of_any_length_make_one_stream() {
    let signal = noise_then_square();
    let (mut encoder, mut decoder) = (G722Encoder::new(), G722Decoder::new());
    let (mut payload, mut samples) = (Vec::new(), Vec::new());
    for part in signal.chunks(246) {
        let mut room = [0; 123];
        let bytes = encoder.encode(part, &mut room);
        payload.extend_from_slice(&room[..bytes]);
        let mut room = [0; 246];
        let count = decoder.decode(&payload[payload.len() - bytes..], &mut room);
        samples.extend_from_slice(&room[..count]);
    }
    assert_eq!(payload, PAYLOAD);
    let mut whole = [0; 3_200];
    G722Decoder::new().decode(PAYLOAD, &mut whole);
    assert_eq!(samples, whole);
}

#[test]
fn both_bands_come_back_at_their_level() {
    for (hz, snr_least) in [
        (300.0, 30.0),
        (1_000.0, 30.0),
        (3_000.0, 25.0),
        (5_000.0, 8.0),
        (6_500.0, 8.0),
    ] {
        for amplitude in [1_000.0, 10_000.0] {
            let sound = tone(hz, amplitude);
            let heard = through(&sound);
            // The two filters delay by 22 samples.
            let (sound, heard) = (&sound[4_000..16_000 - 22], &heard[4_022..16_000]);
            let level = db(power(heard) / power(sound));
            let noise: Vec<_> = heard.iter().zip(sound).map(|(a, b)| a - b).collect();
            let snr = db(power(sound) / power(&noise));
            println!("{hz} Hz, amplitude {amplitude}: level {level:+.2} dB, SNR {snr:.1} dB");
            assert!(
                level.abs() < 0.5 && snr > snr_least,
                "{hz} Hz: {level} dB, SNR {snr} dB"
            );
        }
    }
}

#[test]
fn what_there_is_no_room_for_is_left_out() {
    let mut encoder = G722Encoder::new();
    assert_eq!(encoder.encode(&[0; 7], &mut [0; 9]), 3);
    assert_eq!(encoder.encode(&[0; 700], &mut [0; 9]), 9);
    let mut decoder = G722Decoder::new();
    assert_eq!(decoder.decode(&[0; 9], &mut [0; 7]), 6);
    assert_eq!(decoder.decode(&[0; 3], &mut [0; 700]), 6);
}

#[test]
fn any_bytes_are_decoded() {
    let mut decoder = G722Decoder::new();
    for byte in 0..=u8::MAX {
        assert_eq!(decoder.decode(&[byte; 960], &mut [0; 1_920]), 1_920);
    }
}

const PAYLOAD: &[u8; 1_600] = include_bytes!("../../../tests/vectors/g722-payload.bin");
const DECODED: &[u8; 6_400] = include_bytes!("../../../tests/vectors/g722-decoded.bin");

/// Noise that swells, and a square wave that drives every limit.
fn noise_then_square() -> Vec<i16> {
    let mut state = 1_u32;
    let mut sample = |at: i32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let noise = (state >> 16) as i32 - 32_768;
        match at {
            0..2_400 => (noise * (at * 41 % 3_200)).div_euclid(3_200) as i16,
            _ if at / 16 % 2 == 1 => i16::MAX,
            _ => i16::MIN,
        }
    };
    (0..3_200).map(&mut sample).collect()
}

fn tone(hz: f64, amplitude: f64) -> Vec<f64> {
    let turn = std::f64::consts::TAU * hz / 16_000.0;
    (0..16_000)
        .map(|at| (f64::from(at) * turn).sin() * amplitude)
        .collect()
}

fn through(sound: &[f64]) -> Vec<f64> {
    let samples: Vec<_> = sound.iter().map(|sample| *sample as i16).collect();
    let (mut payload, mut heard) = (vec![0; 8_000], vec![0; 16_000]);
    G722Encoder::new().encode(&samples, &mut payload);
    G722Decoder::new().decode(&payload, &mut heard);
    heard.into_iter().map(f64::from).collect()
}

fn power(samples: &[f64]) -> f64 {
    samples.iter().map(|sample| sample * sample).sum::<f64>() / samples.len() as f64
}

fn db(ratio: f64) -> f64 {
    10.0 * ratio.log10()
}
