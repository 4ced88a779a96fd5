//! The table that is printed.

/// Rows as they are measured.
#[derive(Default)]
pub(crate) struct Table {
    rows: Vec<[String; 6]>,
}

/// One figure.
pub(crate) struct Figure<'f> {
    /// What was measured.
    pub(crate) what: &'f str,
    /// How much it is.
    pub(crate) is: f64,
    /// What the least possible is, and of what; `None` where there is none to measure.
    pub(crate) limit: Option<(f64, &'f str)>,
    /// What must be reached.
    pub(crate) reach: f64,
    /// Of what all three are.
    pub(crate) unit: &'f str,
}

impl Table {
    /// Adds a row, and says at once what it is: a whole run takes minutes.
    pub(crate) fn row(&mut self, figure: &Figure<'_>) {
        let Figure {
            what,
            is,
            limit,
            reach,
            unit,
        } = figure;
        let (limit_text, ratio) = match limit {
            Some((limit, of)) => (
                format!("{limit:.2} {unit} ({of})"),
                format!("{:.1}", is / limit),
            ),
            None => (String::new(), String::new()),
        };
        let reached = if is <= reach { "yes" } else { "NO" };
        let row = [
            (*what).to_owned(),
            format!("{is:.2} {unit}"),
            limit_text,
            ratio,
            format!("<= {reach} {unit}"),
            reached.to_owned(),
        ];
        eprintln!("{}", row.join("  "));
        self.rows.push(row);
    }

    /// Prints all rows.
    pub(crate) fn print(&self) {
        let head = ["what", "figure", "limit", "ratio", "reach", "reached"].map(str::to_owned);
        let all: Vec<_> = std::iter::once(&head).chain(&self.rows).collect();
        let width = |column: usize| {
            let cells = all.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<_> = (0..head.len()).map(width).collect();
        let mut text = String::from("\n");
        for row in &all {
            for (cell, width) in row.iter().zip(&widths) {
                text.push_str(&format!("{cell:width$}  "));
            }
            text.truncate(text.trim_end().len());
            text.push('\n');
        }
        use std::io::Write;
        // A closed pipe is nobody's error.
        let _ = std::io::stdout().write_all(text.as_bytes());
    }
}
