//! `/metrics`, `/healthz` and `/readyz`.

use crate::metrics::Metrics;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use store::Health;
use tokio::net::TcpListener;

/// Whether new calls are taken. A copy shows the same server.
#[derive(Clone, Debug, Default)]
pub(crate) struct Readiness(Arc<AtomicU8>);

/// What a server is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Doing {
    /// It is not ready yet.
    Starting = 0,
    /// Phones can register.
    Serving = 1,
    /// It waits for its last calls.
    Draining = 2,
}

impl Readiness {
    /// From here on the server does this.
    pub(crate) fn set(&self, doing: Doing) {
        self.0.store(doing as u8, Ordering::Release);
    }

    fn doing(&self) -> Doing {
        match self.0.load(Ordering::Acquire) {
            1 => Doing::Serving,
            2 => Doing::Draining,
            _ => Doing::Starting,
        }
    }
}

/// What the pages are made from.
#[derive(Clone)]
pub(crate) struct Pages {
    /// The figures.
    pub(crate) metrics: Arc<Metrics>,
    /// Whether calls are taken.
    pub(crate) readiness: Readiness,
    /// Whether they are recorded.
    pub(crate) store: Health,
}

/// Listens on the address.
pub(crate) async fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await
}

/// Answers until `end` resolves.
pub(crate) async fn serve(
    listener: TcpListener,
    pages: Pages,
    end: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    axum::serve(listener, router(pages))
        .with_graceful_shutdown(end)
        .await
}

fn router(pages: Pages) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/healthz", get(async || "alive\n"))
        .route("/readyz", get(ready))
        .with_state(pages)
}

async fn metrics(State(pages): State<Pages>) -> impl IntoResponse {
    let form = "text/plain; version=0.0.4; charset=utf-8";
    ([(header::CONTENT_TYPE, form)], pages.metrics.text())
}

async fn ready(State(pages): State<Pages>) -> (StatusCode, String) {
    let trouble = match pages.readiness.doing() {
        Doing::Starting => Some(String::from("starting")),
        Doing::Draining => Some(String::from("draining: no new calls are taken")),
        Doing::Serving => pages.store.alarm(),
    };
    match trouble {
        None => (StatusCode::OK, String::from("ready\n")),
        Some(trouble) => (StatusCode::SERVICE_UNAVAILABLE, format!("{trouble}\n")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    async fn get(at: SocketAddr, path: &str) -> String {
        let mut stream = TcpStream::connect(at).await.expect("connected");
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("answered");
        answer
    }

    #[tokio::test]
    async fn a_server_is_ready_while_it_takes_calls() {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = listen(any).await.expect("a port");
        let at = listener.local_addr().expect("an address");
        let pages = Pages {
            metrics: Arc::default(),
            readiness: Readiness::default(),
            store: Health::default(),
        };
        let readiness = pages.readiness.clone();
        tokio::spawn(serve(listener, pages, std::future::pending()));
        assert!(get(at, "/healthz").await.starts_with("HTTP/1.1 200"));
        assert!(get(at, "/readyz").await.starts_with("HTTP/1.1 503"));
        readiness.set(Doing::Serving);
        assert!(get(at, "/readyz").await.starts_with("HTTP/1.1 200"));
        readiness.set(Doing::Draining);
        assert!(get(at, "/readyz").await.contains("no new calls are taken"));
        let metrics = get(at, "/metrics").await;
        assert!(metrics.contains("content-type: text/plain; version=0.0.4"));
        assert!(metrics.contains("\nbellwire_registrations 0\n"));
        assert!(get(at, "/").await.starts_with("HTTP/1.1 404"));
    }
}
