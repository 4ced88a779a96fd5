//! Codecs as SDP names them.

use core::fmt;

/// How sound is encoded: the encoding name of an `a=rtpmap` (RFC 3551, RFC 7587).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Encoding {
    /// G.711 µ-law.
    Pcmu,
    /// G.711 A-law.
    Pcma,
    /// G.722. Its RTP clock says 8000 although it samples at 16 kHz (RFC 3551 §4.5.2).
    G722,
    /// Opus, always written `opus/48000/2`.
    Opus,
    /// Linear 16-bit samples in network byte order.
    L16,
    /// Comfort noise (RFC 3389): how silence sounds where nothing is sent. It goes beside another codec.
    ComfortNoise,
    /// Anything else, which two parties may share without our understanding it.
    Other(EncodingName),
}

impl Encoding {
    const KNOWN: [Self; 6] = [
        Self::Pcmu,
        Self::Pcma,
        Self::G722,
        Self::Opus,
        Self::L16,
        Self::ComfortNoise,
    ];

    /// Reads an encoding name, in any case; `None` when it is empty, too long or no token.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::KNOWN
            .into_iter()
            .find(|known| known.name().eq_ignore_ascii_case(name))
            .or_else(|| EncodingName::parse(name).map(Self::Other))
    }

    /// Whether it is no sound by itself: noise for pauses, copies and repairs of other packets, which name those by
    /// numbers that differ from leg to leg.
    #[must_use]
    pub fn is_beside_others(&self) -> bool {
        match self {
            Self::ComfortNoise => true,
            Self::Other(name) => BESIDE_OTHERS.contains(&name.as_str()),
            Self::Pcmu | Self::Pcma | Self::G722 | Self::Opus | Self::L16 => false,
        }
    }

    /// The name as it is written in SDP.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Pcmu => "PCMU",
            Self::Pcma => "PCMA",
            Self::G722 => "G722",
            Self::Opus => "opus",
            Self::L16 => "L16",
            Self::ComfortNoise => "CN",
            Self::Other(name) => name.as_str(),
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The name of an encoding that has no variant of its own, kept in upper case and in place, so that a
/// codec can be copied without allocation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EncodingName {
    // Unused bytes are zero, so that the derived order is that of the text.
    text: [u8; Self::LENGTH_MAX],
    length: u8,
}

impl EncodingName {
    /// The most characters a name may have; the longest registered audio name has 19.
    pub const LENGTH_MAX: usize = 23;

    fn parse(name: &str) -> Option<Self> {
        let token = !name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic() && b != b'/');
        let mut text = [0; Self::LENGTH_MAX];
        let room = text.get_mut(..name.len()).filter(|_| token)?;
        room.copy_from_slice(name.as_bytes());
        room.make_ascii_uppercase();
        let length = u8::try_from(name.len()).ok()?;
        Some(Self { text, length })
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.text
            .get(..usize::from(self.length))
            .and_then(|bytes| core::str::from_utf8(bytes).ok())
            .unwrap_or_default()
    }
}

impl fmt::Debug for EncodingName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An encoding with its parameters and the payload type number it has in one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Codec {
    /// How sound is encoded.
    pub encoding: Encoding,
    /// The number in the packets, 0 to 127.
    pub payload_type: u8,
    /// Ticks per second of the RTP timestamp.
    pub clock_rate: u32,
    /// Channels; 1 unless said otherwise.
    pub channels: u8,
    /// Milliseconds of sound in a packet.
    pub ptime_ms: u8,
    /// What whoever receives it wishes of Opus; the default with any other encoding.
    pub opus: Opus,
}

/// What the receiver of Opus wishes (`a=fmtp`, RFC 7587 §6.1), as far as it matters for who sends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Opus {
    /// `maxaveragebitrate`: at most so many bits per second, 6,000 to 510,000.
    pub bitrate_max: Option<u32>,
    /// `maxplaybackrate`: nothing is heard beyond half of this rate in Hz, 8,000 to 48,000.
    pub playback_rate_max: Option<u32>,
    /// `minptime`: packets of at least so many milliseconds.
    pub ptime_ms_min: Option<u8>,
    /// `useinbandfec`: a packet may tell of the one before it.
    pub inband_fec: bool,
    /// `usedtx`: nothing is to be sent in silence.
    pub dtx: bool,
    /// `stereo`: two channels are welcome.
    pub stereo: bool,
    /// `cbr`: all packets are to have one size.
    pub constant_bitrate: bool,
}

impl Opus {
    const NO_WISHES: Self = Self {
        bitrate_max: None,
        playback_rate_max: None,
        ptime_ms_min: None,
        inband_fec: false,
        dtx: false,
        stereo: false,
        constant_bitrate: false,
    };

    /// Reads the parameters of a format. What is unknown or out of its range counts as absent.
    #[must_use]
    pub fn parse(parameters: &str) -> Self {
        let mut opus = Self::default();
        for parameter in parameters.split(';') {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let (name, value) = (name.trim(), value.trim());
            let number = |range: core::ops::RangeInclusive<u32>| {
                value.parse().ok().filter(|number| range.contains(number))
            };
            let is = |wanted: &str| name.eq_ignore_ascii_case(wanted);
            if is("maxaveragebitrate") {
                opus.bitrate_max = number(6_000..=510_000);
            } else if is("maxplaybackrate") {
                opus.playback_rate_max = number(8_000..=48_000);
            } else if is("minptime") {
                let ms = number(1..=120).and_then(|ms| u8::try_from(ms).ok());
                opus.ptime_ms_min = ms;
            } else if is("useinbandfec") {
                opus.inband_fec = value == "1";
            } else if is("usedtx") {
                opus.dtx = value == "1";
            } else if is("stereo") {
                opus.stereo = value == "1";
            } else if is("cbr") {
                opus.constant_bitrate = value == "1";
            }
        }
        opus
    }
}

impl Codec {
    /// Milliseconds of sound in a packet where nobody says otherwise (RFC 3551 §4.2).
    pub const PTIME_MS: u8 = 20;

    /// G.711 µ-law, payload type 0.
    pub const PCMU: Self = Self::new(Encoding::Pcmu, 0, 8_000, 1);
    /// G.711 A-law, payload type 8.
    pub const PCMA: Self = Self::new(Encoding::Pcma, 8, 8_000, 1);
    /// G.722, payload type 9.
    pub const G722: Self = Self::new(Encoding::G722, 9, 8_000, 1);

    /// Opus under the number that browsers give it. It always says two channels (RFC 7587 §7).
    pub const OPUS: Self = Self::new(Encoding::Opus, 111, 48_000, 2);
    /// Comfort noise beside codecs of 8 kHz, payload type 13.
    pub const COMFORT_NOISE: Self = Self::new(Encoding::ComfortNoise, 13, 8_000, 1);

    /// A codec with packets of [`Self::PTIME_MS`].
    #[must_use]
    pub const fn new(encoding: Encoding, payload_type: u8, clock_rate: u32, channels: u8) -> Self {
        Self {
            encoding,
            payload_type,
            clock_rate,
            channels,
            ptime_ms: Self::PTIME_MS,
            opus: Opus::NO_WISHES,
        }
    }

    /// The codec of a payload type number that needs no `a=rtpmap` (RFC 3551 §6, audio).
    #[must_use]
    pub fn of_static(payload_type: u8) -> Option<Self> {
        let (name, clock_rate, channels) = match payload_type {
            0 => ("PCMU", 8_000, 1),
            3 => ("GSM", 8_000, 1),
            4 => ("G723", 8_000, 1),
            5 => ("DVI4", 8_000, 1),
            6 => ("DVI4", 16_000, 1),
            7 => ("LPC", 8_000, 1),
            8 => ("PCMA", 8_000, 1),
            9 => ("G722", 8_000, 1),
            10 => ("L16", 44_100, 2),
            11 => ("L16", 44_100, 1),
            12 => ("QCELP", 8_000, 1),
            13 => ("CN", 8_000, 1),
            14 => ("MPA", 90_000, 1),
            15 => ("G728", 8_000, 1),
            16 => ("DVI4", 11_025, 1),
            17 => ("DVI4", 22_050, 1),
            18 => ("G729", 8_000, 1),
            _ => return None,
        };
        Some(Self::new(
            Encoding::parse(name)?,
            payload_type,
            clock_rate,
            channels,
        ))
    }

    /// Whether both name the same encoding with the same parameters, whatever their numbers.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        (self.encoding, self.clock_rate, self.channels)
            == (other.encoding, other.clock_rate, other.channels)
    }

    /// The longest packet that the codec has, not longer than so many whole 10 ms unless it has none so short.
    pub(crate) fn length_ms(&self, wished: u8) -> u8 {
        match self.encoding {
            // RFC 6716 §2.1.4. Several frames may share a packet, but there is no need for it.
            Encoding::Opus => {
                let wished = wished.max(self.opus.ptime_ms_min.unwrap_or(0));
                let lengths = [60, 40, 20];
                let fits = lengths.into_iter().find(|length| *length <= wished);
                fits.unwrap_or(10)
            }
            Encoding::L16 => {
                let per_10_ms = self.clock_rate / 50 * u32::from(self.channels);
                let most = (L16_BYTES_MAX / per_10_ms.max(1)).clamp(1, 6);
                wished.min(u8::try_from(most * 10).unwrap_or(10))
            }
            Encoding::Pcmu
            | Encoding::Pcma
            | Encoding::G722
            | Encoding::ComfortNoise
            | Encoding::Other(_) => wished,
        }
    }

    /// RTP timestamp ticks in one packet.
    #[must_use]
    pub const fn ticks_per_packet(&self) -> u32 {
        // Below 2^40, and 2^32 / 1000 * 255 still fits.
        let ticks = self.clock_rate as u64 * self.ptime_ms as u64 / 1_000;
        if ticks > u32::MAX as u64 {
            u32::MAX
        } else {
            ticks as u32
        }
    }
}

/// RFC 2198, 4588, 5109, 8627.
const BESIDE_OTHERS: [&str; 5] = ["RED", "RTX", "ULPFEC", "FLEXFEC", "PARITYFEC"];
/// More would not fit into one Ethernet frame.
const L16_BYTES_MAX: u32 = 1_440;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoding_is_recognised_in_any_case() {
        assert_eq!(Encoding::parse("pcmu"), Some(Encoding::Pcmu));
        assert_eq!(Encoding::parse("OPUS"), Some(Encoding::Opus));
        assert_eq!(Encoding::parse("g729"), Encoding::parse("G729"));
        assert_ne!(Encoding::parse("G729"), Encoding::parse("G7291"));
        assert_eq!(Encoding::parse("iLBC").unwrap().to_string(), "ILBC");
    }

    #[test]
    fn a_packet_has_a_length_that_its_codec_has() {
        let opus = |ptime_ms_min| Codec {
            opus: Opus {
                ptime_ms_min,
                ..Opus::default()
            },
            ..Codec::OPUS
        };
        let l16 = |rate| Codec::new(Encoding::L16, 97, rate, 1);
        for (codec, wished, length) in [
            (opus(None), 10, 10),
            (opus(None), 30, 20),
            (opus(None), 50, 40),
            (opus(None), 60, 60),
            (opus(Some(20)), 10, 20),
            (l16(8_000), 60, 60),
            (l16(16_000), 60, 40),
            (l16(48_000), 20, 10),
            (l16(u32::MAX), 20, 10),
            (Codec::PCMA, 30, 30),
        ] {
            assert_eq!(codec.length_ms(wished), length, "{codec:?}");
        }
    }

    #[test]
    fn what_the_receiver_of_opus_wishes_is_read() {
        let wishes = Opus::parse(
            "minptime=10;useinbandfec=1; stereo=0;maxaveragebitrate=24000;MaxPlaybackRate=16000;usedtx=1;cbr=1",
        );
        let expected = Opus {
            bitrate_max: Some(24_000),
            playback_rate_max: Some(16_000),
            ptime_ms_min: Some(10),
            inband_fec: true,
            dtx: true,
            stereo: false,
            constant_bitrate: true,
        };
        assert_eq!(wishes, expected);
    }

    #[test]
    fn wishes_that_make_no_sense_count_as_none() {
        for odd in [
            "",
            ";;=;",
            "useinbandfec",
            "usedtx=2",
            "maxaveragebitrate=-1",
            "cbr=1x",
        ] {
            assert_eq!(Opus::parse(odd), Opus::default(), "{odd:?}");
        }
        for (odd, limit) in [
            ("maxaveragebitrate=5999", None),
            ("maxaveragebitrate=6000", Some(6_000)),
        ] {
            assert_eq!(Opus::parse(odd).bitrate_max, limit);
        }
    }

    #[test]
    fn a_name_that_is_no_token_or_too_long_is_no_encoding() {
        for bad in ["", "a b", "a/b", "ö", &"x".repeat(24)] {
            assert_eq!(Encoding::parse(bad), None, "{bad:?}");
        }
        assert!(Encoding::parse(&"x".repeat(23)).is_some());
    }

    #[test]
    fn the_static_numbers_are_those_of_rfc_3551() {
        assert_eq!(Codec::of_static(0), Some(Codec::PCMU));
        assert_eq!(Codec::of_static(8), Some(Codec::PCMA));
        assert_eq!(Codec::of_static(9), Some(Codec::G722));
        assert_eq!(Codec::of_static(18).unwrap().encoding.name(), "G729");
        assert_eq!(Codec::of_static(1), None);
        assert_eq!(Codec::of_static(96), None);
        assert_eq!(Codec::PCMU.ticks_per_packet(), 160);
    }
}
