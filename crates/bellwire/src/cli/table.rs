//! Tables whose columns stay aligned whatever is written in them.

use unicode_width::UnicodeWidthStr;

/// A table with a headline; a Chinese character is two columns wide.
pub(crate) fn table<const COLUMNS: usize>(
    head: [&str; COLUMNS],
    rows: &[[String; COLUMNS]],
) -> String {
    let mut widths = head.map(UnicodeWidthStr::width);
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(clean(cell).width());
        }
    }
    let mut lines = vec![aligned(&widths, &head.map(str::to_owned))];
    lines.extend(rows.iter().map(|row| aligned(&widths, row)));
    lines.join("\n")
}

fn aligned(widths: &[usize], cells: &[String]) -> String {
    let mut line = String::new();
    for (width, cell) in widths.iter().zip(cells) {
        let cell = clean(cell);
        let gap = width.saturating_sub(cell.width()) + GAP;
        line.push_str(&cell);
        line.push_str(&" ".repeat(gap));
    }
    line.trim_end().to_owned()
}

/// What comes from the network must not move a terminal's cursor.
pub(crate) fn clean(text: &str) -> String {
    text.chars()
        .map(|letter| {
            if letter.is_control() {
                '\u{fffd}'
            } else {
                letter
            }
        })
        .collect()
}

/// Columns between two cells.
const GAP: usize = 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_names_keep_the_columns_aligned() {
        let rows = [
            [String::from("100"), String::from("张三"), String::from("x")],
            [
                String::from("1000"),
                String::from("Li"),
                String::from("y\u{1b}[2J"),
            ],
        ];
        assert_eq!(
            table(["EXT", "NAME", "WHAT"], &rows),
            "EXT   NAME  WHAT\n100   张三  x\n1000  Li    y\u{fffd}[2J"
        );
    }
}
