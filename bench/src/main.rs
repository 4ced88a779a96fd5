//! `make bench`: what the product costs, measured, each figure beside a limit measured in the same run.
//!
//! The limit is what the same work costs at least on this machine at this moment: bare system calls, a bare
//! loop over the bytes. The ratio tells more than the figure, which depends on the machine. What must be
//! reached is in the last column.

mod bare;
mod calls;
mod messages;
mod phone;
mod register;
mod server;
mod table;

use anyhow::Result;
use table::Table;

/// Puts its rows into the table.
type Measure = fn(&mut Table) -> Result<()>;

/// The parts of the table; one alone is measured when its name is given.
const TABLES: [(&str, Measure); 3] = [
    ("messages", messages::measure),
    ("register", register::measure),
    ("calls", calls::measure),
];

fn main() -> Result<()> {
    let only = std::env::args().nth(1);
    if only.as_deref() == Some(bare::ECHO) {
        return bare::echo();
    }
    let mut table = Table::default();
    for (name, measure) in TABLES {
        if only.as_deref().is_none_or(|only| only == name) {
            measure(&mut table)?;
        }
    }
    table.print();
    Ok(())
}
