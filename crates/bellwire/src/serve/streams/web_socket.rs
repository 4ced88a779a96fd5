//! SIP over WebSocket (RFC 7118): one message a frame.

use super::connection::{Connections, WRITES_MAX};
use crate::serve::inbox::{Event, Inbox};
use axum::body::Bytes;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use sip::limits::MESSAGE_BYTES_MAX;
use sip::{Flow, Transport};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Answers a request for `/sip`. The subprotocol must be `sip` (RFC 7118 §4.1).
pub(in crate::serve) fn upgrade(
    upgrade: WebSocketUpgrade,
    (local, remote): (SocketAddr, SocketAddr),
    inbox: Inbox,
    connections: &Connections,
) -> Response {
    let upgrade = upgrade.protocols(["sip"]);
    if upgrade.selected_protocol().is_none() {
        let text = "SIP over WebSocket needs the subprotocol `sip`\n";
        return (StatusCode::BAD_REQUEST, text).into_response();
    }
    let flow = Flow {
        transport: Transport::Wss,
        local,
        remote,
        connection: Some(connections.next()),
    };
    upgrade
        .max_message_size(MESSAGE_BYTES_MAX)
        .max_frame_size(MESSAGE_BYTES_MAX)
        .on_upgrade(async move |socket| {
            let (to_writer, messages) = mpsc::channel(WRITES_MAX);
            inbox.put(Event::Connected(flow, to_writer)).await;
            run(flow, socket, messages, &inbox).await;
            inbox.put(Event::Disconnected(flow)).await;
        })
}

async fn run(
    flow: Flow,
    mut socket: WebSocket,
    mut messages: mpsc::Receiver<Vec<u8>>,
    inbox: &Inbox,
) {
    loop {
        let out = tokio::select! {
            message = messages.recv() => match message {
                Some(bytes) => text(bytes),
                None => break,
            },
            frame = socket.recv() => match frame {
                Some(Ok(frame)) => match received(flow, frame, inbox).await {
                    Some(answer) => answer,
                    None => continue,
                },
                Some(Err(_)) | None => break,
            },
        };
        match timeout(WRITE_WITHIN, socket.send(out)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => break,
        }
    }
}

/// Hands a message on; a keep-alive is answered (RFC 5626 §4.4.1). Pings are answered by the library.
async fn received(flow: Flow, frame: Message, inbox: &Inbox) -> Option<Message> {
    let bytes: Bytes = match frame {
        Message::Text(text) => text.into(),
        Message::Binary(bytes) => bytes,
        Message::Ping(_) | Message::Pong(_) | Message::Close(_) => return None,
    };
    if bytes.iter().all(|byte| matches!(byte, b'\r' | b'\n')) {
        return (bytes.len() >= 4).then(|| Message::text("\r\n"));
    }
    inbox.put(Event::Message(flow, bytes.to_vec())).await;
    None
}

/// Browsers want text; bytes that are none go as what they are.
fn text(bytes: Vec<u8>) -> Message {
    match String::from_utf8(bytes) {
        Ok(text) => Message::text(text),
        Err(bytes) => Message::binary(bytes.into_bytes()),
    }
}

/// How long a browser may take to read.
const WRITE_WITHIN: Duration = Duration::from_secs(30);
