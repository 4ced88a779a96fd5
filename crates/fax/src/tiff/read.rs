//! Pages out of a file: what [`Writer`](super::Writer) and the fax modem write.

use super::{Directory, Error, Tiff, tag};
use crate::page::{Page, Resolution, WIDTH};
use hayro_ccitt::{DecodeSettings, Decoder, DecoderContext, EncodingMode};

/// Reads the pages of a file of fax pages.
///
/// # Errors
/// When it is no such file: another width than [`WIDTH`], or another code than T.4 and T.6.
pub fn read(bytes: &[u8]) -> Result<Vec<Page>, Error> {
    let tiff = Tiff::new(bytes)?;
    tiff.directories()?.iter().map(page).collect()
}

fn page(directory: &Directory<'_>) -> Result<Page, Error> {
    if directory.number(tag::WIDTH) != Some(WIDTH) {
        return Err(Error::Damaged("a page is not 1,728 pixels wide"));
    }
    let resolution = directory
        .dpi()
        .map_or(Resolution::Standard, |(_, down)| Resolution::from_dpi(down));
    let mut sink = Sink {
        page: Page::white(resolution, 0),
    };
    ccitt(directory, WIDTH, &mut sink)?;
    Ok(sink.page)
}

/// Decodes the strips of an image coded by T.4 or T.6 row by row, as far as they can be read.
pub(crate) fn ccitt(
    directory: &Directory<'_>,
    columns: u32,
    sink: &mut impl Decoder,
) -> Result<(), Error> {
    let options = directory.number(tag::T4_OPTIONS).unwrap_or(0);
    let encoding = match directory.number(tag::COMPRESSION) {
        Some(4) => EncodingMode::Group4,
        Some(3) if options & 1 != 0 => EncodingMode::Group3_2D,
        Some(2 | 3) => EncodingMode::Group3_1D,
        _ => return Err(Error::Damaged("a page is not coded by T.4 or T.6")),
    };
    let mut left = directory.number(tag::LENGTH).unwrap_or(u32::MAX);
    let per_strip = directory
        .number(tag::ROWS_PER_STRIP)
        .filter(|rows| *rows != 0)
        .unwrap_or(u32::MAX);
    let reversed = directory.number(tag::FILL_ORDER) == Some(2);
    for strip in directory.strips() {
        let rows = per_strip.min(left);
        let mut context = DecoderContext::new(DecodeSettings {
            columns,
            rows: if rows == u32::MAX { 0 } else { rows },
            end_of_block: true,
            end_of_line: encoding != EncodingMode::Group4,
            rows_are_byte_aligned: directory.number(tag::COMPRESSION) == Some(2),
            encoding,
            strict: false,
        });
        let turned: Vec<u8>;
        let strip = if reversed {
            turned = strip.iter().map(|byte| byte.reverse_bits()).collect();
            &turned
        } else {
            strip
        };
        // A strip that breaks off has given the rows before the damage, which are worth having.
        let _damaged = hayro_ccitt::decode(strip, sink, &mut context);
        left = left.saturating_sub(rows);
        if left == 0 {
            break;
        }
    }
    Ok(())
}

struct Sink {
    page: Page,
}

impl Decoder for Sink {
    fn push_row(&mut self, changes: &[u32]) {
        self.page.push_changes(changes);
    }
}
