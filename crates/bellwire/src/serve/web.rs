//! HTTPS with SIP over WebSocket on one origin, and HTTP that leads there.

use super::certificate::Certificate;
use super::inbox::Inbox;
use super::pages::{self, PortalIs};
use super::streams::{Connections, Permit, upgrade};
use anyhow::{Context as _, Result};
use api::{Api, Peer};
use axum::Router;
use axum::extract::connect_info::Connected;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::middleware::map_request;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::serve::{IncomingStream, Listener};
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// What the pages work with.
#[derive(Clone)]
pub(super) struct Web {
    /// Where SIP over WebSocket goes.
    pub(super) inbox: Inbox,
    /// Who may connect.
    pub(super) connections: Connections,
    /// Everything below `/api`.
    pub(super) api: Api,
}

/// Listens for HTTPS; answers until `end` resolves once [`serve`] is given the listener.
pub(super) async fn listen(
    address: SocketAddr,
    certificate: &Certificate,
) -> Result<(TcpListener, TlsAcceptor)> {
    let listener = TcpListener::bind(address).await.with_context(|| {
        format!(
            "cannot listen on {address} (web.https); stop whatever uses the port, or choose another"
        )
    })?;
    Ok((listener, certificate.server(&["http/1.1"])?.into()))
}

/// Listens for HTTP.
pub(super) async fn listen_plain(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!(
            "cannot listen on {address} (web.http); stop whatever uses the port, or choose another"
        )
    })
}

/// Answers HTTPS until `end` resolves.
pub(super) async fn serve(
    (listener, acceptor): (TcpListener, TlsAcceptor),
    web: Web,
    end: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let router = Router::new()
        .route("/sip", get(sip))
        .fallback(page)
        .with_state(web.clone())
        .merge(web.api.router())
        .layer(map_request(peer));
    let listener = Secured::new(listener, acceptor, web.connections);
    axum::serve(
        listener,
        router.into_make_service_with_connect_info::<Ends>(),
    )
    .with_graceful_shutdown(end)
    .await
}

/// Leads HTTP to HTTPS until `end` resolves.
pub(super) async fn serve_plain(
    listener: TcpListener,
    https: Option<SocketAddr>,
    end: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let router = Router::new().fallback(async move |headers: HeaderMap, uri: Uri| {
        match https.and_then(|https| secure(&headers, &uri, https.port())) {
            Some(secure) => Redirect::permanent(&secure).into_response(),
            None => pages::saying(
                StatusCode::NOT_FOUND,
                "此服务器未开启 HTTPS，请联系管理员。",
                "This server serves pages by HTTPS only, which is switched off. Please contact your administrator.",
            ),
        }
    });
    axum::serve(listener, router)
        .with_graceful_shutdown(end)
        .await
}

/// The same page by HTTPS.
fn secure(headers: &HeaderMap, uri: &Uri, port: u16) -> Option<String> {
    let host = headers.get(header::HOST)?.to_str().ok()?;
    let authority: axum::http::uri::Authority = host.parse().ok()?;
    let path = uri.path_and_query().map_or("/", PathAndQuery::as_str);
    let host = authority.host();
    Some(match port {
        443 => format!("https://{host}{path}"),
        port => format!("https://{host}:{port}{path}"),
    })
}

async fn sip(
    State(web): State<Web>,
    ConnectInfo(ends): ConnectInfo<Ends>,
    request: WebSocketUpgrade,
) -> Response {
    // A page is a phone of the portal (GEN-01).
    if !web.api.portal_is_on() {
        return StatusCode::FORBIDDEN.into_response();
    }
    upgrade(
        request,
        (ends.local, ends.remote),
        web.inbox,
        &web.connections,
    )
}

/// Tells the interface where a request comes from.
async fn peer(ConnectInfo(ends): ConnectInfo<Ends>, mut request: Request) -> Request {
    request.extensions_mut().insert(Peer(ends.remote));
    request
}

/// Everything else is a page.
async fn page(State(web): State<Web>, method: Method, headers: HeaderMap, uri: Uri) -> Response {
    let portal = match web.api.portal_is_on() {
        true => PortalIs::On,
        false => PortalIs::Off,
    };
    pages::answer(portal, &method, &uri, &headers)
}

/// The two ends of a connection.
#[derive(Clone, Copy, Debug)]
struct Ends {
    local: SocketAddr,
    remote: SocketAddr,
}

impl Connected<IncomingStream<'_, Secured>> for Ends {
    fn connect_info(stream: IncomingStream<'_, Secured>) -> Self {
        *stream.remote_addr()
    }
}

/// Connections on which TLS has come about.
struct Secured {
    ready: mpsc::Receiver<(Admitted, Ends)>,
    address: SocketAddr,
}

impl Secured {
    /// Shakes hands with many at a time, so that a slow one keeps nobody waiting.
    fn new(listener: TcpListener, acceptor: TlsAcceptor, connections: Connections) -> Self {
        let address = listener
            .local_addr()
            .unwrap_or_else(|_| SocketAddr::from(([0, 0, 0, 0], 0)));
        let (shaken, ready) = mpsc::channel(READY_MAX);
        tokio::spawn(async move {
            while !shaken.is_closed() {
                let accepted = tokio::select! {
                    accepted = listener.accept() => accepted,
                    () = shaken.closed() => break,
                };
                let Ok((stream, remote)) = accepted else {
                    sleep(ACCEPT_AFTER).await;
                    continue;
                };
                let Some(permit) = connections.admit(remote.ip()) else {
                    continue;
                };
                let (acceptor, shaken) = (acceptor.clone(), shaken.clone());
                tokio::spawn(async move {
                    let Ok(local) = stream.local_addr() else {
                        return;
                    };
                    let shaking = timeout(HANDSHAKE_WITHIN, acceptor.accept(stream));
                    if let Ok(Ok(stream)) = shaking.await {
                        let admitted = Admitted {
                            stream,
                            _permit: permit,
                        };
                        // Nobody takes it while the server ends.
                        let _ = shaken.send((admitted, Ends { local, remote })).await;
                    }
                });
            }
        });
        Self { ready, address }
    }
}

/// A connection that counts among those of its address for as long as it lives, whatever becomes of it.
struct Admitted {
    stream: TlsStream<TcpStream>,
    _permit: Permit,
}

impl AsyncRead for Admitted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, into)
    }
}

impl AsyncWrite for Admitted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl Listener for Secured {
    type Io = Admitted;
    type Addr = Ends;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(ready) => ready,
            // The other task only ends with this one.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        Ok(Ends {
            local: self.address,
            remote: self.address,
        })
    }
}

/// Connections that wait to be served.
const READY_MAX: usize = 64;
/// How long nothing is accepted after a failure.
const ACCEPT_AFTER: Duration = Duration::from_millis(100);
/// How long TLS may take to come about.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    /// GEN-09
    #[test]
    fn http_leads_to_https_on_the_same_host() {
        let at = |host: &'static str, uri: &'static str, port| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().expect("a header"));
            secure(&headers, &Uri::from_static(uri), port)
        };
        let to = at("pbx.example:8080", "/login?a=b", 8443);
        assert_eq!(to.as_deref(), Some("https://pbx.example:8443/login?a=b"));
        let to = at("[2001:db8::1]:8080", "/", 443);
        assert_eq!(to.as_deref(), Some("https://[2001:db8::1]/"));
        assert_eq!(at("a b", "/", 443), None);
    }
}
