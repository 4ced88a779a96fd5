//! The least that a datagram costs: a process that answers each with itself.

use crate::server::Process;
use anyhow::{Context, Result};
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, UdpSocket};
use std::process::{Command, Stdio};
use std::time::Duration;

/// The argument that makes this program the echo.
pub(crate) const ECHO: &str = "echo";

/// Answers every datagram with itself, until it is killed.
pub(crate) fn echo() -> Result<()> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    use std::io::Write;
    writeln!(std::io::stdout(), "{}", socket.local_addr()?)?;
    let mut buffer = [0; 2_048];
    loop {
        let (length, from) = socket.recv_from(&mut buffer)?;
        socket.send_to(buffer.get(..length).unwrap_or_default(), from)?;
    }
}

/// The CPU time of receiving one datagram and sending one, of that size.
pub(crate) fn datagram_cost(bytes: usize) -> Result<Duration> {
    let mut child = Command::new(std::env::current_exe()?)
        .arg(ECHO)
        .stdout(Stdio::piped())
        .spawn()?;
    let mut line = String::new();
    let out = child.stdout.take().context("it was piped")?;
    BufReader::new(out).read_line(&mut line)?;
    let echo: SocketAddr = line.trim().parse()?;
    let process = Process(child.id());
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.connect(echo)?;
    socket.set_read_timeout(Some(Duration::from_secs(1)))?;
    let message = vec![b'x'; bytes];
    let mut buffer = [0; 2_048];
    let before = process.cpu()?;
    for _ in 0..ROUNDS {
        for _ in 0..WINDOW {
            socket.send(&message)?;
        }
        for _ in 0..WINDOW {
            socket.recv(&mut buffer)?;
        }
    }
    let spent = process.cpu()? - before;
    child.kill()?;
    child.wait()?;
    Ok(spent / (ROUNDS * WINDOW))
}

const ROUNDS: u32 = 4_000;
/// As many as the measured server gets at once.
const WINDOW: u32 = 16;
