//! What the binary carries beside its code: which commit it is, and the web client.
#![allow(clippy::print_stdout, reason = "this is how cargo is told")]

mod client;
mod commit;

fn main() {
    commit::write();
    client::write();
}
