//! SIP over streams: TCP, TLS and WebSocket. One task a connection cuts what comes into messages; another
//! writes what is sent.

mod connection;
mod tcp;
mod web_socket;

pub(super) use connection::{Connections, Permit};
pub(super) use tcp::{Listener, accept};
pub(super) use web_socket::upgrade;

use super::inbox::{Event, Inbox};
use super::trust::Peer;
use sip::{ConnectionId, Flow, Transport};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

/// The connections as the signalling thread sees them.
pub(super) struct Streams {
    open: BTreeMap<ConnectionId, Open>,
    /// Connections that we began, by where they lead.
    ours: BTreeMap<(Transport, SocketAddr), ConnectionId>,
    /// Who is expected where we begin a TLS connection.
    peers: BTreeMap<SocketAddr, Peer>,
    runtime: Handle,
    inbox: Inbox,
    connections: Connections,
}

struct Open {
    flow: Flow,
    to_writer: mpsc::Sender<Vec<u8>>,
}

impl Streams {
    /// No connections yet. Those that we begin run on `runtime`.
    pub(super) fn new(runtime: Handle, inbox: Inbox, connections: Connections) -> Self {
        Self {
            open: BTreeMap::new(),
            ours: BTreeMap::new(),
            peers: BTreeMap::new(),
            runtime,
            inbox,
            connections,
        }
    }

    /// Where what must not be waited for is waited for.
    pub(super) const fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// A connection is there.
    pub(super) fn connected(&mut self, flow: Flow, to_writer: mpsc::Sender<Vec<u8>>) {
        if let Some(id) = flow.connection {
            self.open.insert(id, Open { flow, to_writer });
        }
    }

    /// A connection is gone. If we had begun it: the way for which it was.
    pub(super) fn disconnected(&mut self, flow: &Flow) -> Option<Flow> {
        let id = flow.connection?;
        self.open.remove(&id);
        let was = self.ours.len();
        self.ours.retain(|_, ours| *ours != id);
        (self.ours.len() < was).then_some(Flow {
            connection: None,
            ..*flow
        })
    }

    /// Says who is at the other end of a TLS connection that is not there yet.
    pub(super) fn expect(&mut self, flow: &Flow, peer: Peer) {
        if flow.transport == Transport::Tls {
            self.peers.insert(flow.remote, peer);
        }
    }

    /// Does something at once that needs to know where connections are served.
    pub(super) fn within<T>(&self, what: impl FnOnce() -> T) -> T {
        let _within = self.runtime.enter();
        what()
    }

    /// Lets something be done where connections are served.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.runtime.spawn(task);
    }

    /// Sends a message, on a connection that is begun for it when the flow names none. Returns whether it
    /// is on its way.
    pub(super) fn send(&mut self, flow: &Flow, bytes: Vec<u8>) -> bool {
        let id = flow.connection.unwrap_or_else(|| self.begun(flow));
        let Some(open) = self.open.get(&id) else {
            return false;
        };
        // A peer that reads so slowly has gone away, or wants our memory: its connection is closed.
        let sent = open.to_writer.try_send(bytes).is_ok();
        if !sent {
            self.close(id);
        }
        sent
    }

    /// Closes a connection; its end is told as any other.
    pub(super) fn close(&mut self, id: ConnectionId) {
        if let Some(open) = self.open.remove(&id) {
            self.inbox.tell(Event::Disconnected(open.flow));
        }
    }

    /// Closes the connections of all browsers.
    pub(super) fn close_browsers(&mut self) {
        let browsers = self
            .open
            .iter()
            .filter(|(_, open)| matches!(open.flow.transport, Transport::Ws | Transport::Wss));
        for id in browsers.map(|(id, _)| *id).collect::<Vec<_>>() {
            self.close(id);
        }
    }

    /// The connection that was begun to there, or a new one.
    fn begun(&mut self, flow: &Flow) -> ConnectionId {
        let to = (flow.transport, flow.remote);
        if let Some(id) = self.ours.get(&to) {
            return *id;
        }
        let id = self.connections.next();
        let flow = Flow {
            connection: Some(id),
            ..*flow
        };
        let (to_writer, messages) = mpsc::channel(connection::WRITES_MAX);
        self.connected(flow, to_writer);
        self.ours.insert(to, id);
        let peer = self.peers.get(&flow.remote).cloned();
        let dial = tcp::dial(flow, peer, messages, self.inbox.clone());
        self.runtime.spawn(dial);
        id
    }
}
