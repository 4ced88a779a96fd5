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

fn main() -> Result<()> {
    if std::env::args().nth(1).as_deref() == Some(bare::ECHO) {
        return bare::echo();
    }
    let mut table = Table::default();
    messages::measure(&mut table)?;
    register::measure(&mut table)?;
    calls::measure(&mut table)?;
    table.print();
    Ok(())
}
