//! Speech, and the packets it is sent in.

use media::Rate;
use media::codec::{Decoder, Encoder};
use media::prompts::Library;
use model::{Language, Phrase};
use rtp::Codec;
use std::borrow::Cow;
use std::path::Path;

/// What is said in a codec.
pub(crate) struct Talk {
    pub(crate) codec: Codec,
    pub(crate) rate: Rate,
    pub(crate) speech: Vec<i16>,
    /// 20 ms each.
    pub(crate) packets: Vec<Vec<u8>>,
}

impl Talk {
    /// Prompts of both languages with pauses between them; `None` when the codec is not there.
    pub(crate) fn new(codec: Codec, rate: Rate) -> Option<Self> {
        let mut encoder = Encoder::of(&codec, rate)?;
        assert_eq!(encoder.rate(), rate);
        let library = Library::open(Path::new("/nonexistent"));
        let mut speech = Vec::new();
        for phrase in PHRASES {
            for language in [Language::English, Language::Chinese] {
                let phrase = Phrase(Cow::Borrowed(phrase));
                let sound = library.get(language, &phrase, rate.hz()).unwrap();
                speech.extend_from_slice(&sound);
                speech.resize(speech.len() + rate.samples(200), 0);
            }
        }
        let packets = speech.chunks_exact(rate.samples(20)).map(|samples| {
            let mut payload = [0; 1_500];
            let bytes = encoder.encode(samples, &mut payload);
            payload[..bytes].to_vec()
        });
        let packets = packets.collect();
        Some(Self {
            codec,
            rate,
            speech,
            packets,
        })
    }

    /// What a listener hears whom nothing is lost to.
    pub(crate) fn clean(&self) -> Vec<i16> {
        let mut decoder = self.decoder();
        let mut sound = Vec::new();
        for packet in &self.packets {
            decode(&mut decoder, packet, &mut sound);
        }
        sound
    }

    pub(crate) fn decoder(&self) -> Decoder {
        Decoder::of(&self.codec, self.rate).unwrap()
    }
}

/// Decodes a packet behind what is there.
pub(crate) fn decode(decoder: &mut Decoder, packet: &[u8], sound: &mut Vec<i16>) {
    let mut samples = [0; 5_760];
    let count = decoder.decode(packet, &mut samples);
    sound.extend_from_slice(&samples[..count]);
}

const PHRASES: [&str; 10] = [
    "N-01", "N-18", "VM-23", "VM-33", "QU-23", "CO-28", "WU-01", "WU-14", "IV-01", "N-09",
];
