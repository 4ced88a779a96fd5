//! One connection: its limits, its two tasks.

use crate::serve::inbox::{Event, Inbox};
use sip::stream::{Frame, Framer, PONG};
use sip::{ConnectionId, Flow};
use std::collections::BTreeMap;
use std::io;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Counts connections, so that no address can take them all. Copies count together.
#[derive(Clone, Debug, Default)]
pub(in crate::serve) struct Connections(Arc<Counted>);

#[derive(Debug, Default)]
struct Counted {
    last: AtomicU64,
    of: Mutex<BTreeMap<IpAddr, usize>>,
}

impl Connections {
    /// A number that no other connection has.
    pub(super) fn next(&self) -> ConnectionId {
        ConnectionId(self.0.last.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// Lets a connection of this address in, for as long as the permit lives; `None` when the address, or
    /// everybody together, has too many.
    pub(in crate::serve) fn admit(&self, from: IpAddr) -> Option<Permit> {
        let mut of = self.0.of.lock().unwrap_or_else(PoisonError::into_inner);
        let total: usize = of.values().sum();
        let has = of.get(&from).copied().unwrap_or_default();
        let most = if from.is_loopback() {
            CONNECTIONS_MAX
        } else {
            CONNECTIONS_OF_ADDRESS_MAX
        };
        if has >= most || total >= CONNECTIONS_MAX {
            return None;
        }
        of.insert(from, has + 1);
        Some(Permit {
            counted: self.clone(),
            from,
        })
    }
}

/// One connection that is counted.
pub(in crate::serve) struct Permit {
    counted: Connections,
    from: IpAddr,
}

impl Drop for Permit {
    fn drop(&mut self) {
        let counted = &self.counted.0;
        let mut of = counted.of.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = of.get_mut(&self.from) {
            *count -= 1;
            if *count == 0 {
                of.remove(&self.from);
            }
        }
    }
}

/// Reads messages until the connection ends, and writes what is to be sent meanwhile.
pub(super) async fn run(
    flow: Flow,
    stream: impl AsyncRead + AsyncWrite + Unpin,
    mut messages: mpsc::Receiver<Vec<u8>>,
    to_writer: mpsc::WeakSender<Vec<u8>>,
    inbox: &Inbox,
) {
    let (mut reader, mut writer) = tokio::io::split(stream);
    let read = read(flow, &mut reader, &to_writer, inbox);
    let write = async {
        while let Some(bytes) = messages.recv().await {
            match timeout(WRITE_WITHIN, writer.write_all(&bytes)).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) | Err(_) => break,
            }
        }
        // The peer may have closed it already.
        let _ = writer.shutdown().await;
    };
    let ended = tokio::select! {
        ended = read => ended,
        () = write => Ok(()),
    };
    if let Err(error) = ended {
        tracing::debug!(%error, remote = %flow.remote, "a connection ended");
    }
}

async fn read(
    flow: Flow,
    reader: &mut (impl AsyncRead + Unpin),
    to_writer: &mpsc::WeakSender<Vec<u8>>,
    inbox: &Inbox,
) -> io::Result<()> {
    let mut framer = Framer::new();
    let mut buffer = vec![0; READ_BUFFER];
    loop {
        // Half a message must be completed soon; between messages a phone may be silent for long.
        let patience = if framer.pending() == 0 {
            IDLE_MAX
        } else {
            MESSAGE_WITHIN
        };
        let length = match timeout(patience, reader.read(&mut buffer)).await {
            Ok(Ok(0)) => return Ok(()),
            Ok(length) => length?,
            Err(_) => return Err(io::ErrorKind::TimedOut.into()),
        };
        framer.push(buffer.get(..length).unwrap_or_default());
        loop {
            match framer.next_frame() {
                Ok(Some(Frame::Message(message))) => {
                    if !inbox.put(Event::Message(flow, message)).await {
                        return Ok(());
                    }
                }
                Ok(Some(Frame::Ping)) => {
                    if let Some(to_writer) = to_writer.upgrade() {
                        // A peer that does not read its pongs misses one.
                        let _ = to_writer.try_send(PONG.to_vec());
                    }
                }
                Ok(Some(Frame::Pong)) => {}
                Ok(None) => break,
                Err(broken) => return Err(io::Error::new(io::ErrorKind::InvalidData, broken)),
            }
        }
    }
}

/// Messages that wait to be written to one connection; a peer for which more wait is gone.
pub(super) const WRITES_MAX: usize = 256;
/// All connections together.
const CONNECTIONS_MAX: usize = 20_000;
/// Connections of one address; an office may sit behind one.
const CONNECTIONS_OF_ADDRESS_MAX: usize = 1_000;
const READ_BUFFER: usize = 4 << 10;
/// How long a message may take from its first byte to its last.
const MESSAGE_WITHIN: Duration = Duration::from_secs(30);
/// How long a connection may be silent: longer than the longest registration.
const IDLE_MAX: Duration = Duration::from_secs(7_500);
/// How long a peer may take to read.
const WRITE_WITHIN: Duration = Duration::from_secs(30);
