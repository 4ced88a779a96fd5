//! WAV files of the phones: the tones they play, the recordings they make.

use std::f64::consts::TAU;
use std::path::Path;

/// Writes a pure tone as 16-bit mono at 8 kHz, 12 dB below full scale.
///
/// # Errors
/// Those of the file system.
pub fn write_tone(path: &Path, hz: f64, seconds: u32) -> std::io::Result<()> {
    let sound: Vec<u8> = (0..seconds * RATE_HZ)
        .map(|place| {
            let turn = TAU * hz * f64::from(place) / f64::from(RATE_HZ);
            (turn.sin() * AMPLITUDE).round() as i16
        })
        .flat_map(i16::to_le_bytes)
        .collect();
    let length = u32::try_from(sound.len()).map_err(std::io::Error::other)?;
    let mut file = Vec::with_capacity(sound.len() + 44);
    file.extend(b"RIFF");
    file.extend((length + 36).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16_u32.to_le_bytes());
    file.extend([1, 0, 1, 0]);
    file.extend(RATE_HZ.to_le_bytes());
    file.extend((RATE_HZ * 2).to_le_bytes());
    file.extend([2, 0, 16, 0]);
    file.extend(b"data");
    file.extend(length.to_le_bytes());
    file.extend(sound);
    std::fs::write(path, file)
}

/// The first channel and the rate of a 16-bit WAV file. A header that was never closed, because the program
/// that wrote it was killed, says too little or too much: then the sound goes to the end of the file.
/// `None` when it is no such file.
#[must_use]
pub fn read_wav(bytes: &[u8]) -> Option<(Vec<i16>, u32)> {
    read_channel(bytes, 0)
}

/// One channel of a 16-bit WAV file, counted from 0, and its rate.
#[must_use]
pub(crate) fn read_channel(bytes: &[u8], channel: usize) -> Option<(Vec<i16>, u32)> {
    if bytes.get(..4)? != b"RIFF" {
        return None;
    }
    let word = |at: usize| Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?));
    let half = |at: usize| Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?));
    let (mut at, mut channels, mut rate_hz) = (12_usize, 1, RATE_HZ);
    loop {
        let length = usize::try_from(word(at + 4)?).ok()?;
        match bytes.get(at..at + 4)? {
            b"fmt " => {
                channels = usize::from(half(at + 10)?).max(1);
                rate_hz = word(at + 12)?;
                if half(at + 22)? != 16 {
                    return None;
                }
            }
            b"data" => {
                let rest = bytes.get(at + 8..)?;
                let sound = rest
                    .get(..length)
                    .filter(|sound| !sound.is_empty())
                    .unwrap_or(rest);
                let samples = sound.as_chunks::<2>().0.iter();
                let samples = samples.skip(channel).step_by(channels);
                return Some((
                    samples.map(|&pair| i16::from_le_bytes(pair)).collect(),
                    rate_hz,
                ));
            }
            _ => {}
        }
        at += 8 + length + length % 2;
    }
}

/// Samples a second of what phones play.
const RATE_HZ: u32 = 8_000;
/// A quarter of full scale.
const AMPLITUDE: f64 = 32_767.0 / 4.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_is_read_also_when_its_header_was_never_closed() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("tone.wav");
        write_tone(&path, 520.0, 1).expect("written");
        let mut bytes = std::fs::read(&path).expect("there");
        let (whole, rate_hz) = read_wav(&bytes).expect("a WAV file");
        assert_eq!((whole.len(), rate_hz), (8_000, 8_000));
        bytes[40..44].fill(0);
        assert_eq!(read_wav(&bytes), Some((whole.clone(), 8_000)));
        bytes[40..44].fill(0xff);
        assert_eq!(read_wav(&bytes), Some((whole, 8_000)));
        assert_eq!(read_wav(b"no sound"), None);
    }
}
