//! Measures how long a virtual hour of an office takes.
//!
//! `cargo run --release -p bellwire-sim --example hour -- 500`
#![expect(clippy::print_stdout, reason = "it is there to print figures")]

use std::time::Instant;

fn main() {
    let phones = std::env::args().nth(1).and_then(|text| text.parse().ok());
    let phones = phones.unwrap_or(500);
    let begin = Instant::now();
    let hour = sim::virtual_hour(phones, 1);
    let took = begin.elapsed();
    assert_eq!(hour.left_over, None);
    println!(
        "{} calls, {} answered, {} packets heard, {} registrations",
        hour.calls, hour.answered, hour.packets, hour.registrations
    );
    println!(
        "{phones} phones for a virtual hour {:>8.1} s",
        took.as_secs_f64()
    );
}
