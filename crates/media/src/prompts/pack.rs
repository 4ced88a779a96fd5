//! The file that holds all prompts of a language: an index, then a FLAC file for each.

use std::collections::BTreeMap;

use crate::flac;

/// The index of a pack; the sounds stay packed.
#[derive(Debug)]
pub(super) struct Pack {
    entries: BTreeMap<&'static str, Entry>,
}

/// One prompt.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    /// FNV-1a of the row of `PROMPTS.tsv` it was made from.
    #[cfg_attr(not(test), expect(dead_code, reason = "compared by tests"))]
    pub(super) text_hash: u64,
    /// FNV-1a of its samples.
    #[cfg_attr(not(test), expect(dead_code, reason = "compared by tests"))]
    pub(super) sound_hash: u32,
    #[cfg_attr(not(test), expect(dead_code, reason = "compared by tests"))]
    pub(super) samples: u32,
    pub(crate) flac: &'static [u8],
}

impl Pack {
    /// Reads the index. What cannot be read is missing; a test holds that nothing is.
    pub(super) fn read(bytes: &'static [u8]) -> Self {
        let mut entries = BTreeMap::new();
        let mut heads = Vec::new();
        let mut reader = Reader(bytes);
        if reader.take(MAGIC.len()) == Some(MAGIC) {
            let count = reader.number::<2>().unwrap_or(0);
            heads.extend((0..count).map_while(|_| Head::read(&mut reader)));
        }
        for head in heads {
            let Some(flac) = reader.take(head.bytes) else {
                break;
            };
            let entry = Entry {
                text_hash: head.text_hash,
                sound_hash: head.sound_hash,
                samples: head.samples,
                flac,
            };
            entries.insert(head.id, entry);
        }
        Self { entries }
    }

    pub(super) fn entry(&self, id: &str) -> Option<&Entry> {
        self.entries.get(id)
    }

    pub(super) fn has(&self, id: &str) -> bool {
        self.entries.contains_key(id)
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = &'static str> {
        self.entries.keys().copied()
    }

    pub(super) fn unpack(&self, id: &str) -> Option<flac::Sound> {
        flac::read(self.entry(id)?.flac).ok()
    }
}

struct Head {
    id: &'static str,
    text_hash: u64,
    sound_hash: u32,
    samples: u32,
    bytes: usize,
}

impl Head {
    fn read(reader: &mut Reader) -> Option<Self> {
        let length = reader.number::<1>()? as usize;
        Some(Self {
            id: std::str::from_utf8(reader.take(length)?).ok()?,
            text_hash: reader.number::<8>()?,
            sound_hash: reader.number::<4>()? as u32,
            samples: reader.number::<4>()? as u32,
            bytes: reader.number::<4>()? as usize,
        })
    }
}

struct Reader(&'static [u8]);

impl Reader {
    fn take(&mut self, length: usize) -> Option<&'static [u8]> {
        let (head, tail) = self.0.split_at_checked(length)?;
        self.0 = tail;
        Some(head)
    }

    /// A number of `N` bytes, lowest first.
    fn number<const N: usize>(&mut self) -> Option<u64> {
        let bytes = self.take(N)?.iter().rev();
        Some(bytes.fold(0, |sum, &byte| sum << 8 | u64::from(byte)))
    }
}

const MAGIC: &[u8] = b"PROMPTS1";
