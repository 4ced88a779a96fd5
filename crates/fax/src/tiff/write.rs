//! Pages into a file, one after another: no more than one of them is in memory.

use super::tag;
use crate::page::{Page, WIDTH};
use fax_codes::{Color, VecWriter, encoder::Encoder};
use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::Path;

/// Writes a file page by page. After each page the file is whole.
#[derive(Debug)]
pub struct Writer {
    file: BufWriter<File>,
    /// Where the place of the next directory is to be written.
    link: u64,
    pages: u16,
}

impl Writer {
    /// Begins a file; one that is there is overwritten.
    ///
    /// # Errors
    /// Those of the file.
    pub fn create(path: &Path) -> io::Result<Self> {
        Self::new(File::create(path)?)
    }

    /// Begins a file that is open.
    ///
    /// # Errors
    /// Those of the file.
    pub fn new(file: File) -> io::Result<Self> {
        let mut file = BufWriter::new(file);
        file.write_all(b"II*\0\0\0\0\0")?;
        Ok(Self {
            file,
            link: 4,
            pages: 0,
        })
    }

    /// Adds a page.
    ///
    /// # Errors
    /// Those of the file; it is then not to be used.
    pub fn page(&mut self, page: &Page) -> io::Result<()> {
        let coded = t6(page);
        let strip = self.file.seek(SeekFrom::End(0))?;
        self.file.write_all(&coded)?;
        if coded.len() % 2 == 1 {
            self.file.write_all(&[0])?; // Directories begin on a word (TIFF 6.0 §2).
        }
        let directory = self.file.stream_position()?;
        self.directory(page, place(strip)?, place(coded.len() as u64)?)?;
        let after = self.file.stream_position()?;
        self.file.seek(SeekFrom::Start(self.link))?;
        self.file.write_all(&place(directory)?.to_le_bytes())?;
        self.link = after - FRACTIONS_BYTES - 4;
        self.pages += 1;
        self.file.flush()
    }

    fn directory(&mut self, page: &Page, strip: u32, bytes: u32) -> io::Result<()> {
        let at = place(self.file.stream_position()?)?;
        let fractions = at + 2 + ENTRIES * 12 + 4;
        let entries: [(u16, u16, u32, u32); ENTRIES as usize] = [
            (254, LONG, 1, 2), // A page of several.
            (tag::WIDTH, LONG, 1, WIDTH),
            (tag::LENGTH, LONG, 1, page.height()),
            (tag::BITS, SHORT, 1, 1),
            (tag::COMPRESSION, SHORT, 1, 4),
            (tag::PHOTOMETRIC, SHORT, 1, 0),
            (tag::FILL_ORDER, SHORT, 1, 1),
            (tag::STRIP_OFFSETS, LONG, 1, strip),
            (tag::ORIENTATION, SHORT, 1, 1),
            (tag::SAMPLES, SHORT, 1, 1),
            (tag::ROWS_PER_STRIP, LONG, 1, page.height()),
            (tag::STRIP_BYTE_COUNTS, LONG, 1, bytes),
            (tag::X_RESOLUTION, FRACTION, 1, fractions),
            (tag::Y_RESOLUTION, FRACTION, 1, fractions + 8),
            (tag::RESOLUTION_UNIT, SHORT, 1, 2),
            (297, SHORT, 2, u32::from(self.pages)), // Which page of how many; 0: not known.
        ];
        self.file.write_all(&(ENTRIES as u16).to_le_bytes())?;
        for (tag, kind, count, value) in entries {
            self.file.write_all(&tag.to_le_bytes())?;
            self.file.write_all(&kind.to_le_bytes())?;
            self.file.write_all(&count.to_le_bytes())?;
            self.file.write_all(&value.to_le_bytes())?;
        }
        self.file.write_all(&0_u32.to_le_bytes())?;
        for number in [204, 1, page.resolution().dpi(), 1] {
            self.file.write_all(&number.to_le_bytes())?;
        }
        Ok(())
    }
}

/// The rows of a page by T.6, with the end of the block.
fn t6(page: &Page) -> Vec<u8> {
    let mut encoder = Encoder::new(VecWriter::with_capacity(65_536 * 8));
    for row in page.rows() {
        let pixels = (0..WIDTH as usize).map(|x| {
            if row[x / 8] & (0x80 >> (x % 8)) == 0 {
                Color::White
            } else {
                Color::Black
            }
        });
        let Ok(()) = encoder.encode_line(pixels, WIDTH);
    }
    let Ok(writer) = encoder.finish();
    writer.finish()
}

/// A place in a file as it is written there.
fn place(bytes: u64) -> io::Result<u32> {
    u32::try_from(bytes).map_err(|_| io::ErrorKind::FileTooLarge.into())
}

/// Entries of each directory.
const ENTRIES: u32 = 16;

/// Two fractions stand behind each directory.
const FRACTIONS_BYTES: u64 = 16;

const SHORT: u16 = 3;
const LONG: u16 = 4;
const FRACTION: u16 = 5;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Resolution;

    #[test]
    fn what_is_written_is_read_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("pages.tif");
        let pages: Vec<Page> = Resolution::ALL
            .into_iter()
            .map(|resolution| pattern(resolution, resolution.rows(1_000)))
            .collect();
        let mut writer = Writer::create(&path).expect("it begins");
        for page in &pages {
            writer.page(page).expect("it is written");
        }
        let again = super::super::read(&std::fs::read(&path).expect("the file")).expect("pages");
        assert_eq!(again, pages);
    }

    /// Diagonals, bars, lone pixels at both edges.
    fn pattern(resolution: Resolution, height: u32) -> Page {
        let mut page = Page::white(resolution, height);
        for y in 0..height {
            for x in 0..WIDTH {
                if (x + y) % 97 < 5 || (x / 16 + y / 40) % 9 == 0 || (x * 7 + y * 13) % 211 == 0 {
                    page.blacken(x, y);
                }
            }
            page.blacken(WIDTH - 1, y);
        }
        page
    }
}
