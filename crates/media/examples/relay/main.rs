//! What relaying costs: `cargo run --release -p bellwire-media --example relay [CALLS [SECONDS]]`.
#![allow(
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a measurement, not the product"
)]

mod bare;
mod measure;
mod phones;
mod process;

use std::time::Duration;

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default: u64| {
        let argument = arguments.next();
        argument
            .and_then(|argument| argument.parse().ok())
            .unwrap_or(default)
    };
    let (calls, seconds) = (number(200), number(10));
    let rows = measure::relay(calls as usize, Duration::from_secs(seconds))?;
    println!("{calls} calls, {seconds} s");
    println!("{:<76}{:>10}{:>10}{:>8}", "", "figure", "limit", "ratio");
    for row in rows {
        let what = format!("{} [{}]", row.what, row.unit);
        println!(
            "{what:<76}{:>10.2}{:>10.2}{:>8.2}",
            row.figure,
            row.limit,
            row.ratio()
        );
    }
    Ok(())
}
