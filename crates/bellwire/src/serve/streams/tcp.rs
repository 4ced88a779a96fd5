//! TCP, and TLS over it.

use super::connection::{self, Connections, Permit};
use crate::serve::certificate::Certificate;
use crate::serve::inbox::{Event, Inbox};
use crate::serve::trust::Peer;
use anyhow::{Context, Result};
use sip::{Flow, Transport};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// A listener for SIP.
pub(in crate::serve) struct Listener {
    listener: TcpListener,
    acceptor: Option<TlsAcceptor>,
}

impl Listener {
    /// Listens for TCP.
    pub(in crate::serve) async fn tcp(address: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind(address).await.with_context(|| {
            format!("cannot listen on tcp {address} (sip.tcp); stop whatever uses the port, or choose another")
        })?;
        Ok(Self {
            listener,
            acceptor: None,
        })
    }

    /// Listens for TLS.
    pub(in crate::serve) async fn tls(
        address: SocketAddr,
        certificate: &Certificate,
    ) -> Result<Self> {
        let listener = TcpListener::bind(address).await.with_context(|| {
            format!("cannot listen on tls {address} (sip.tls); stop whatever uses the port, or choose another")
        })?;
        Ok(Self {
            listener,
            acceptor: Some(certificate.server(&[])?.into()),
        })
    }
}

/// Takes connections in, for ever.
pub(in crate::serve) async fn accept(listener: Listener, inbox: Inbox, connections: Connections) {
    loop {
        let (stream, remote) = match listener.listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, usually: connections that end make room.
                tracing::warn!(%error, "a connection could not be taken");
                sleep(ACCEPT_AFTER).await;
                continue;
            }
        };
        let Some(permit) = connections.admit(remote.ip()) else {
            tracing::debug!(%remote, "too many connections");
            continue;
        };
        let incoming = Incoming {
            stream,
            remote,
            acceptor: listener.acceptor.clone(),
            permit,
        };
        tokio::spawn(incoming.serve(inbox.clone(), connections.clone()));
    }
}

/// A connection that somebody else began.
struct Incoming {
    stream: TcpStream,
    remote: SocketAddr,
    acceptor: Option<TlsAcceptor>,
    permit: Permit,
}

impl Incoming {
    async fn serve(self, inbox: Inbox, connections: Connections) {
        let Ok(local) = self.stream.local_addr() else {
            return;
        };
        // Without it small messages wait for acknowledgements.
        let _ = self.stream.set_nodelay(true);
        let transport = match &self.acceptor {
            Some(_) => Transport::Tls,
            None => Transport::Tcp,
        };
        let flow = Flow {
            transport,
            local,
            remote: self.remote,
            connection: Some(connections.next()),
        };
        let (to_writer, messages) = mpsc::channel(connection::WRITES_MAX);
        let weak = to_writer.downgrade();
        let connected = Event::Connected(flow, to_writer);
        match self.acceptor {
            None => {
                inbox.put(connected).await;
                connection::run(flow, self.stream, messages, weak, &inbox).await;
            }
            Some(acceptor) => {
                let shaken = timeout(HANDSHAKE_WITHIN, acceptor.accept(self.stream)).await;
                let stream = match shaken {
                    Ok(Ok(stream)) => stream,
                    Ok(Err(error)) => {
                        tracing::debug!(%error, remote = %self.remote, "no TLS came about");
                        return;
                    }
                    Err(_) => return,
                };
                inbox.put(connected).await;
                connection::run(flow, stream, messages, weak, &inbox).await;
            }
        }
        inbox.put(Event::Disconnected(flow)).await;
        drop(self.permit);
    }
}

/// Begins a connection and carries it to its end. What is to be sent waits until it is there.
pub(super) async fn dial(
    flow: Flow,
    peer: Option<Peer>,
    messages: mpsc::Receiver<Vec<u8>>,
    inbox: Inbox,
) {
    if let Err(error) = connect(flow, peer, messages, &inbox).await {
        tracing::warn!(error = format!("{error:#}"), remote = %flow.remote, "no connection came about");
    }
    inbox.put(Event::Disconnected(flow)).await;
}

async fn connect(
    flow: Flow,
    peer: Option<Peer>,
    messages: mpsc::Receiver<Vec<u8>>,
    inbox: &Inbox,
) -> Result<()> {
    let stream = timeout(CONNECT_WITHIN, TcpStream::connect(flow.remote)).await??;
    stream.set_nodelay(true)?;
    // Pongs go out by way of the signalling thread's own sender, which this task must not keep alive.
    let (unused, _) = mpsc::channel(1);
    match flow.transport {
        Transport::Tcp => connection::run(flow, stream, messages, unused.downgrade(), inbox).await,
        Transport::Tls => {
            // Phones are called over the connections that they began.
            let peer = peer.context("nobody is expected there")?;
            let name = peer.server_name()?;
            let client = tokio::task::spawn_blocking(move || peer.client()).await??;
            let connector = TlsConnector::from(client);
            let stream = timeout(HANDSHAKE_WITHIN, connector.connect(name, stream)).await??;
            connection::run(flow, stream, messages, unused.downgrade(), inbox).await;
        }
        Transport::Udp | Transport::Ws | Transport::Wss => {
            return Err(io::Error::from(io::ErrorKind::Unsupported).into());
        }
    }
    Ok(())
}

/// How long nothing is accepted after a failure.
const ACCEPT_AFTER: Duration = Duration::from_millis(100);
/// How long a connection may take to come about.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);
/// How long TLS may take to come about.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(10);
