//! What a registration costs.

use crate::bare;
use crate::phone::{Phones, Registered};
use crate::server::{EXTENSIONS, Server};
use crate::table::{Figure, Table};
use anyhow::Result;
use std::time::Duration;

/// REGISTER with digest, each answered with 200 after it is on disk; start-up beside it.
pub(crate) fn measure(table: &mut Table) -> Result<()> {
    let server = Server::start()?;
    let process = server.process();
    let bare = bare::datagram_cost(600)?.as_secs_f64();
    table.row(&Figure {
        what: "start to ready, 1,000 extensions",
        is: server.ready_after.as_secs_f64() * 1e3,
        limit: None,
        reach: 300.0,
        unit: "ms",
    });
    // What the start needed is given back when the threads that it needed have ended.
    std::thread::sleep(SETTLED_AFTER);
    table.row(&Figure {
        what: "idle resident memory",
        is: process.resident()? as f64 / f64::from(1 << 20),
        limit: None,
        reach: 40.0,
        unit: "MiB",
    });
    let mut phones = Phones::new(server.sip, EXTENSIONS)?;
    register_all(&mut phones, 0)?;
    let before = process.cpu()?;
    for _ in 0..ROUNDS {
        register_all(&mut phones, 0)?;
    }
    let spent = (process.cpu()? - before).as_secs_f64();
    table.row(&Figure {
        what: "REGISTER with digest, server CPU",
        is: spent / (ROUNDS * EXTENSIONS) as f64 * 1e6,
        limit: Some((bare * 1e6, "bare UDP echo")),
        reach: 25.0,
        unit: "us",
    });
    let before = process.resident()?;
    for nth in 1..PHONES {
        register_all(&mut phones, nth)?;
    }
    let grown = process.resident()?.saturating_sub(before) as f64;
    table.row(&Figure {
        what: "memory per registered phone",
        is: grown / ((PHONES - 1) * EXTENSIONS) as f64 / 1024.0,
        limit: None,
        reach: 4.0,
        unit: "KiB",
    });
    Ok(())
}

/// Registers a phone of every extension, many at a time.
pub(crate) fn register_all(phones: &mut Phones, nth: usize) -> Result<()> {
    let (mut sent, mut done) = (0, 0);
    while done < EXTENSIONS {
        while sent < EXTENSIONS && sent - done < WINDOW {
            phones.register(sent, nth)?;
            sent += 1;
        }
        match phones.registered()? {
            Registered::Yes => done += 1,
            Registered::Challenged(n) => phones.register(n, nth)?,
        }
    }
    Ok(())
}

const ROUNDS: usize = 20;
const SETTLED_AFTER: Duration = Duration::from_secs(12);
/// An extension's phones.
const PHONES: usize = 5;
/// Answers to more would not fit into a socket's buffer.
const WINDOW: usize = 64;
