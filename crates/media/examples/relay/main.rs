//! What calls and rooms cost: `cargo run --release -p bellwire-media --example relay [CALLS [SECONDS [PART]]]`, where the part
//! is `relay`, `tapped`, `translate` or `rooms`; all of them without one.
#![allow(
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a measurement, not the product"
)]

mod bare;
mod measure;
mod phones;
mod process;
mod tapped;
mod voice;

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
    let part = arguments.next();
    let is_wanted = |name| part.as_deref().is_none_or(|part| part == name);
    let (calls, lasting) = (calls as usize, Duration::from_secs(seconds));
    let mut rows = Vec::new();
    if is_wanted("relay") {
        rows.extend(measure::relay(calls, lasting)?);
    }
    if is_wanted("tapped") {
        rows.extend(tapped::tapped(calls / 2, lasting / 2)?);
    }
    if is_wanted("translate") {
        rows.extend(measure::translate(calls / 4, lasting / 2)?);
    }
    if is_wanted("rooms") {
        rows.extend(measure::rooms(lasting / 2)?);
    }
    println!("{calls} calls, {seconds} s");
    println!("{:<84}{:>10}{:>10}{:>8}", "", "figure", "limit", "ratio");
    for row in rows {
        let what = format!("{} [{}]", row.what, row.unit);
        println!(
            "{what:<84}{:>10.2}{:>10.2}{:>8.2}",
            row.figure,
            row.limit,
            row.ratio()
        );
    }
    Ok(())
}
