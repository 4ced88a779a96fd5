//! WAV files: a writer whose file is valid at every moment, and a reader that trusts nothing.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Duration;

use crate::g711::{self, Law};
use crate::resample::resample;

/// One channel or two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channels {
    /// One sample a moment.
    Mono,
    /// Left and right alternate.
    Stereo,
}

impl Channels {
    /// 1 or 2.
    #[must_use]
    pub const fn count(self) -> u16 {
        match self {
            Self::Mono => 1,
            Self::Stereo => 2,
        }
    }
}

/// Writes 16-bit PCM. The header is brought up to date with every second of sound, and always after the sound it
/// counts: whenever the process dies, the file plays and lacks at most the last second.
#[derive(Debug)]
pub struct Writer<W: Write + Seek> {
    file: W,
    channels: Channels,
    rate_hz: u32,
    /// Sound not yet handed to the file.
    pending: Vec<u8>,
    /// Bytes of sound in the file.
    data_bytes: u32,
}

impl Writer<std::fs::File> {
    /// Creates a file and writes the header of an empty one.
    ///
    /// # Errors
    /// Those of the file system; `AlreadyExists` if there is such a file.
    pub fn create(path: &Path, channels: Channels, rate_hz: u32) -> io::Result<Self> {
        Self::new(std::fs::File::create_new(path)?, channels, rate_hz)
    }
}

impl<W: Write + Seek> Writer<W> {
    /// Writes the header of an empty file.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn new(mut file: W, channels: Channels, rate_hz: u32) -> io::Result<Self> {
        file.write_all(&header(channels, rate_hz, 0))?;
        Ok(Self {
            file,
            channels,
            rate_hz,
            pending: Vec::new(),
            data_bytes: 0,
        })
    }

    /// Appends samples, left and right alternating in a stereo file.
    ///
    /// # Errors
    /// Those of the writer; `FileTooLarge` beyond [`DATA_BYTES_MAX`]. What was written before remains valid.
    pub fn write(&mut self, samples: &[i16]) -> io::Result<()> {
        self.pending
            .extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
        if self.pending.len() >= self.second_bytes() {
            self.flush()?;
        }
        Ok(())
    }

    /// Hands all pending sound to the file, then makes the header count it.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn flush(&mut self) -> io::Result<()> {
        let frame = usize::from(self.channels.count()) * 2;
        let whole = self.pending.len() / frame * frame;
        if whole == 0 {
            return Ok(());
        }
        let grown = u32::try_from(whole)
            .ok()
            .and_then(|bytes| self.data_bytes.checked_add(bytes))
            .filter(|&bytes| bytes <= DATA_BYTES_MAX)
            .ok_or(io::ErrorKind::FileTooLarge)?;
        self.file
            .seek(SeekFrom::Start(HEADER_BYTES + u64::from(self.data_bytes)))?;
        self.file.write_all(&self.pending[..whole])?;
        self.file.seek(SeekFrom::Start(0))?;
        self.file
            .write_all(&header(self.channels, self.rate_hz, grown))?;
        self.file.flush()?;
        self.pending.drain(..whole);
        self.data_bytes = grown;
        Ok(())
    }

    /// Flushes and gives the file back, for its owner to sync and rename.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn finish(mut self) -> io::Result<W> {
        self.flush()?;
        Ok(self.file)
    }

    /// Goes on in another file, as if the disk had changed.
    #[cfg(test)]
    pub(crate) fn replace_file(&mut self, file: W) {
        self.file = file;
    }

    fn second_bytes(&self) -> usize {
        self.rate_hz as usize * usize::from(self.channels.count()) * 2
    }
}

/// Makes the header of a file that a [`Writer`] did not finish count all the sound that is there.
///
/// # Errors
/// `InvalidData` when it has no such header; those of the file system.
pub(crate) fn repair(file: &mut std::fs::File) -> io::Result<()> {
    let mut found = [0; HEADER_BYTES as usize];
    file.rewind()?;
    file.read_exact(&mut found)?;
    let channels = match u16_at(&found, 22) {
        Some(1) => Channels::Mono,
        Some(2) => Channels::Stereo,
        _ => return Err(io::ErrorKind::InvalidData.into()),
    };
    let rate_hz = u32_at(&found, 24).filter(|rate| (RATE_MIN_HZ..=RATE_MAX_HZ).contains(rate));
    let rate_hz = rate_hz.ok_or(io::ErrorKind::InvalidData)?;
    let claimed = u32_at(&found, 40).unwrap_or(0);
    if found != header(channels, rate_hz, claimed.min(DATA_BYTES_MAX)) {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let frame = u64::from(channels.count()) * 2;
    let there = file.metadata()?.len().saturating_sub(HEADER_BYTES);
    let whole = there.min(DATA_BYTES_MAX.into()) / frame * frame;
    file.set_len(HEADER_BYTES + whole)?;
    file.rewind()?;
    file.write_all(&header(channels, rate_hz, whole as u32))
}

/// How long a file is that a [`Writer`] wrote; `None` when there is none.
#[must_use]
pub fn length(path: &Path) -> Option<Duration> {
    let mut found = [0; HEADER_BYTES as usize];
    std::fs::File::open(path)
        .ok()?
        .read_exact(&mut found)
        .ok()?;
    let bytes_per_second = u32_at(&found, 28).filter(|rate| *rate > 0)?;
    let data_bytes = u32_at(&found, 40)?;
    let millis = u64::from(data_bytes) * 1_000 / u64::from(bytes_per_second);
    Some(Duration::from_millis(millis))
}

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The file system refused.
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
    /// Longer than [`FILE_BYTES_MAX`].
    #[error("it is larger than {} MB", FILE_BYTES_MAX / 1_000_000)]
    TooLarge,
    /// No RIFF header of type WAVE.
    #[error("it is not a WAV file")]
    NotWav,
    /// No readable `fmt ` chunk before the sound, or no `data` chunk.
    #[error("its {0} chunk is missing or damaged")]
    Damaged(&'static str),
    /// A coding other than 8-bit or 16-bit PCM, A-law or µ-law.
    #[error("coding {coding} with {bits} bits is not read: save it as 16-bit PCM")]
    Coding {
        /// The format tag.
        coding: u16,
        /// Bits of each sample.
        bits: u16,
    },
    /// More than two channels, or none.
    #[error("{0} channels are not read: save it as mono or stereo")]
    Channels(u16),
    /// A rate outside 4 to 48 kHz.
    #[error("a rate of {0} Hz is not read: save it with 8000 to 48000 Hz")]
    Rate(u32),
    /// Longer than [`LENGTH_S_MAX`].
    #[error("it is longer than {LENGTH_S_MAX} s")]
    TooLong,
    /// No sound at all.
    #[error("it holds no sound")]
    Empty,
}

/// Reads a file as mono sound at a rate.
///
/// # Errors
/// Says why the file is not read.
///
/// # Panics
/// If `rate_hz` is 0 or above [`crate::resample::RATE_MAX_HZ`].
pub fn read_file(path: &Path, rate_hz: u32) -> Result<Vec<i16>, Unreadable> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?
        .take(FILE_BYTES_MAX + 1)
        .read_to_end(&mut bytes)?;
    read(&bytes, rate_hz)
}

/// Reads the bytes of a file as mono sound at a rate: 8-bit or 16-bit PCM, A-law or µ-law, mono or stereo (mixed
/// down), 4 to 48 kHz. A `data` chunk that promises more than there is, as that of an interrupted recording, gives what there is.
///
/// # Errors
/// Says why the file is not read.
///
/// # Panics
/// If `rate_hz` is 0 or above [`crate::resample::RATE_MAX_HZ`].
pub fn read(bytes: &[u8], rate_hz: u32) -> Result<Vec<i16>, Unreadable> {
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(Unreadable::TooLarge);
    }
    let (format, data) = chunks(bytes)?;
    let samples = format.samples(data);
    let channels = usize::from(format.channels.count());
    let frames = samples.len() / channels;
    if frames == 0 {
        return Err(Unreadable::Empty);
    }
    if frames as u64 > u64::from(LENGTH_S_MAX) * u64::from(format.rate_hz) {
        return Err(Unreadable::TooLong);
    }
    let mono = match format.channels {
        Channels::Mono => samples,
        Channels::Stereo => samples
            .as_chunks::<2>()
            .0
            .iter()
            .map(|&[left, right]| i16::midpoint(left, right))
            .collect(),
    };
    Ok(if format.rate_hz == rate_hz {
        mono
    } else {
        resample(&mono, format.rate_hz, rate_hz)
    })
}

/// What the `fmt ` chunk says.
struct Format {
    coding: Coding,
    channels: Channels,
    rate_hz: u32,
}

enum Coding {
    Pcm8,
    Pcm16,
    Law(Law),
}

impl Format {
    fn read(chunk: &[u8]) -> Result<Self, Unreadable> {
        let field = |at| u16_at(chunk, at).ok_or(Unreadable::Damaged("fmt"));
        let mut tag = field(0)?;
        let (channels, bits) = (field(2)?, field(14)?);
        let rate_hz = u32_at(chunk, 4).ok_or(Unreadable::Damaged("fmt"))?;
        if tag == EXTENSIBLE {
            // The real tag is the beginning of the sub-format's GUID.
            tag = field(24)?;
        }
        let coding = match (tag, bits) {
            (1, 8) => Coding::Pcm8,
            (1, 16) => Coding::Pcm16,
            (6, 8) => Coding::Law(Law::A),
            (7, 8) => Coding::Law(Law::Mu),
            (coding, bits) => return Err(Unreadable::Coding { coding, bits }),
        };
        let channels = match channels {
            1 => Channels::Mono,
            2 => Channels::Stereo,
            other => return Err(Unreadable::Channels(other)),
        };
        if !(RATE_MIN_HZ..=RATE_MAX_HZ).contains(&rate_hz) {
            return Err(Unreadable::Rate(rate_hz));
        }
        Ok(Self {
            coding,
            channels,
            rate_hz,
        })
    }

    fn samples(&self, data: &[u8]) -> Vec<i16> {
        match self.coding {
            Coding::Pcm8 => data.iter().map(|&b| (i16::from(b) - 128) * 256).collect(),
            Coding::Pcm16 => data
                .as_chunks::<2>()
                .0
                .iter()
                .map(|&pair| i16::from_le_bytes(pair))
                .collect(),
            Coding::Law(law) => {
                let mut samples = vec![0; data.len()];
                g711::decode(law, data, &mut samples);
                samples
            }
        }
    }
}

/// Walks over the RIFF chunks to the sound and what describes it.
fn chunks(bytes: &[u8]) -> Result<(Format, &[u8]), Unreadable> {
    if bytes.get(..4) != Some(b"RIFF") || bytes.get(8..12) != Some(b"WAVE") {
        return Err(Unreadable::NotWav);
    }
    let mut format = None;
    let mut rest = bytes.get(12..).unwrap_or_default();
    for _ in 0..CHUNKS_MAX {
        let (Some(name), Some(length)) = (rest.get(..4), u32_at(rest, 4)) else {
            break;
        };
        let body = rest.get(8..).unwrap_or_default();
        let there = body.get(..length as usize).unwrap_or(body);
        match name {
            b"fmt " => format = Some(Format::read(there)?),
            b"data" => {
                let format = format.ok_or(Unreadable::Damaged("fmt"))?;
                return Ok((format, there));
            }
            _ => {}
        }
        // Chunks are padded to even lengths.
        let next = (length as usize).saturating_add(length as usize & 1);
        rest = body.get(next..).unwrap_or_default();
    }
    Err(Unreadable::Damaged(if format.is_some() {
        "data"
    } else {
        "fmt"
    }))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let pair = bytes.get(at..)?.first_chunk::<2>()?;
    Some(u16::from_le_bytes(*pair))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..)?.first_chunk::<4>()?;
    Some(u32::from_le_bytes(*four))
}

fn header(channels: Channels, rate_hz: u32, data_bytes: u32) -> [u8; HEADER_BYTES as usize] {
    let frame_bytes = channels.count() * 2;
    let mut header = [0; HEADER_BYTES as usize];
    let mut rest = &mut header[..];
    let mut put = |field: &[u8]| {
        let (head, tail) = std::mem::take(&mut rest).split_at_mut(field.len());
        head.copy_from_slice(field);
        rest = tail;
    };
    put(b"RIFF");
    put(&(data_bytes + HEADER_BYTES as u32 - 8).to_le_bytes());
    put(b"WAVEfmt ");
    put(&16_u32.to_le_bytes());
    put(&1_u16.to_le_bytes());
    put(&channels.count().to_le_bytes());
    put(&rate_hz.to_le_bytes());
    put(&(rate_hz * u32::from(frame_bytes)).to_le_bytes());
    put(&frame_bytes.to_le_bytes());
    put(&16_u16.to_le_bytes());
    put(b"data");
    put(&data_bytes.to_le_bytes());
    header
}

/// The largest file read.
pub const FILE_BYTES_MAX: u64 = 64_000_000;
/// The longest sound read, in seconds.
pub const LENGTH_S_MAX: u32 = 1800;
/// The most sound one file takes: 18 hours of mono at 16 kHz. RIFF counts in 32 bits, and some players in 31.
pub const DATA_BYTES_MAX: u32 = 2_147_000_000;
/// Chunks looked at before the sound must have come.
const CHUNKS_MAX: usize = 64;
const RATE_MIN_HZ: u32 = 4000;
const RATE_MAX_HZ: u32 = 48_000;
/// RIFF, `fmt ` and the head of `data`.
const HEADER_BYTES: u64 = 44;
/// `WAVE_FORMAT_EXTENSIBLE`.
const EXTENSIBLE: u16 = 0xfffe;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ear;
    use proptest::prelude::*;
    use std::io::Cursor;

    #[test]
    fn what_is_written_is_read() {
        let sound = ear::sine(440.0, -20.0, 8000, 500);
        assert_eq!(read(&written(Channels::Mono, &sound), 8000).unwrap(), sound);
    }

    #[test]
    fn stereo_is_mixed_down() {
        let bytes = written(Channels::Stereo, &[100, 300, -200, -400]);
        assert_eq!(read(&bytes, 8000).unwrap(), [200, -300]);
    }

    #[test]
    fn the_file_is_valid_whenever_the_process_dies() {
        let mut file = Cursor::new(Vec::new());
        let mut writer = Writer::new(&mut file, Channels::Stereo, 8000).unwrap();
        for second in 0..3_i16 {
            writer.write(&[second + 1; 16_000]).unwrap();
            let bytes = writer.file.get_ref();
            assert_eq!(
                u32_at(bytes, 4).map(|n| n as usize + 8),
                Some(bytes.len()),
                "RIFF size"
            );
            let sound = read(bytes, 8000).unwrap();
            assert_eq!(sound.len(), 8000 * (usize::try_from(second).unwrap() + 1));
            assert_eq!(sound.last(), Some(&(second + 1)));
        }
    }

    #[test]
    fn the_header_never_counts_what_is_not_there() {
        let mut file = Log::default();
        let mut writer = Writer::new(&mut file, Channels::Mono, 8000).unwrap();
        for _ in 0..5 {
            writer.write(&[1; 8000]).unwrap();
        }
        drop(writer);
        assert!(file.headers >= 6);
    }

    #[test]
    fn a_file_that_is_full_stays_valid() {
        let mut file = Cursor::new(Vec::new());
        let mut writer = Writer::new(&mut file, Channels::Mono, 8000).unwrap();
        writer.write(&[5; 8000]).unwrap();
        writer.data_bytes = DATA_BYTES_MAX - 100;
        let error = writer.write(&[6; 8000]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        assert_eq!(read(file.get_ref(), 8000).unwrap().len(), 8000);
    }

    #[test]
    fn every_coding_and_rate_sounds_the_same() {
        let loud = ear::sine(440.0, -20.0, 16_000, 1000);
        let mut mu = vec![0; loud.len()];
        g711::encode(Law::Mu, &loud, &mut mu);
        let mut a = vec![0; loud.len()];
        g711::encode(Law::A, &loud, &mut a);
        let eight: Vec<u8> = loud.iter().map(|s| ((s >> 8) + 128) as u8).collect();
        let sixteen: Vec<u8> = loud.iter().flat_map(|s| s.to_le_bytes()).collect();
        for (tag, bits, data) in [
            (1, 8, &eight),
            (1, 16, &sixteen),
            (6, 8, &a),
            (7, 8, &mu),
            (EXTENSIBLE, 16, &sixteen),
        ] {
            let sound = read(&file(tag, bits, 1, 16_000, data), 8000).unwrap();
            assert_eq!(sound.len(), 8000);
            let level = ear::tone_dbfs(&sound[800..7200], 8000, 440.0);
            assert!((level + 20.0).abs() < 0.3, "{tag} {bits}: {level}");
        }
    }

    #[test]
    fn a_recording_cut_off_gives_what_is_there() {
        let mut bytes = written(Channels::Mono, &[9; 1000]);
        bytes.truncate(44 + 500 * 2 + 1);
        assert_eq!(read(&bytes, 8000).unwrap(), [9; 500]);
    }

    #[test]
    fn other_chunks_are_stepped_over() {
        let plain = written(Channels::Mono, &[4; 10]);
        let mut bytes = plain[..12].to_vec();
        bytes.extend(b"LIST\x03\0\0\0abc\0");
        bytes.extend(&plain[12..]);
        assert_eq!(read(&bytes, 8000).unwrap(), [4; 10]);
    }

    #[test]
    fn what_is_not_read_says_why() {
        let sound = [0; 32];
        for (bytes, reason) in [
            (b"MP3".to_vec(), "it is not a WAV file"),
            (
                b"RIFF\0\0\0\0WAVE".to_vec(),
                "its fmt chunk is missing or damaged",
            ),
            (
                file(1, 16, 1, 8000, &sound)[..40].to_vec(),
                "its data chunk is missing or damaged",
            ),
            (file(1, 16, 1, 8000, &[]), "it holds no sound"),
            (
                file(1, 24, 1, 8000, &sound),
                "coding 1 with 24 bits is not read: save it as 16-bit PCM",
            ),
            (
                file(1, 16, 6, 8000, &sound),
                "6 channels are not read: save it as mono or stereo",
            ),
            (
                file(1, 16, 1, 96_000, &sound),
                "a rate of 96000 Hz is not read: save it with 8000 to 48000 Hz",
            ),
            (
                file(1, 16, 1, 0, &sound),
                "a rate of 0 Hz is not read: save it with 8000 to 48000 Hz",
            ),
            (
                file(1, 8, 1, 4000, &vec![0; 4000 * 1801]),
                "it is longer than 1800 s",
            ),
        ] {
            assert_eq!(read(&bytes, 8000).unwrap_err().to_string(), reason);
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_fail_badly(
            tag in prop_oneof![Just(1_u16), Just(6), Just(7), Just(EXTENSIBLE), any::<u16>()],
            bits in prop_oneof![Just(8_u16), Just(16), any::<u16>()],
            channels in 0..4_u16,
            rate in prop_oneof![4000..48_001_u32, any::<u32>()],
            noise in proptest::collection::vec(any::<u8>(), 0..300),
            at in 0..400_usize,
            value: u8,
        ) {
            let mut bytes = file(tag, bits, channels, rate, &noise);
            if let Some(byte) = bytes.get_mut(at) {
                *byte = value;
            }
            let _ = read(&bytes, 8000);
            let _ = read(&noise, 8000);
        }
    }

    fn written(channels: Channels, samples: &[i16]) -> Vec<u8> {
        let mut writer = Writer::new(Cursor::new(Vec::new()), channels, 8000).unwrap();
        writer.write(samples).unwrap();
        writer.finish().unwrap().into_inner()
    }

    fn file(tag: u16, bits: u16, channels: u16, rate_hz: u32, data: &[u8]) -> Vec<u8> {
        let mut bytes = b"RIFF\0\0\0\0WAVEfmt ".to_vec();
        let extension: &[u8] = if tag == EXTENSIBLE {
            &[
                22, 0, 16, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 16, 0, 128, 0, 0, 170, 0, 56, 155, 113,
            ]
        } else {
            &[]
        };
        bytes.extend((16 + extension.len() as u32).to_le_bytes());
        bytes.extend(tag.to_le_bytes());
        bytes.extend(channels.to_le_bytes());
        bytes.extend(rate_hz.to_le_bytes());
        bytes.extend([0; 6]);
        bytes.extend(bits.to_le_bytes());
        bytes.extend(extension);
        bytes.extend(b"data");
        bytes.extend((data.len() as u32).to_le_bytes());
        bytes.extend(data);
        bytes
    }

    /// A file that checks, at each header, that the sound it counts came before.
    #[derive(Default)]
    struct Log {
        at: u64,
        length: u64,
        headers: usize,
    }

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.at == 0 {
                let claimed = u64::from(u32_at(bytes, 40).expect("a whole header"));
                assert!(claimed + HEADER_BYTES <= self.length.max(HEADER_BYTES));
                self.headers += 1;
            }
            self.at += bytes.len() as u64;
            self.length = self.length.max(self.at);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Seek for Log {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            let SeekFrom::Start(at) = to else {
                return Err(io::ErrorKind::Unsupported.into());
            };
            self.at = at;
            Ok(at)
        }
    }
}
