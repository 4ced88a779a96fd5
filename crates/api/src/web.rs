//! What every request and answer has in common.

use crate::limits::STAY_MS;
use crate::problem::Problem;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Where a request came from; whoever serves puts it among the extensions of each request.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

impl Peer {
    /// Of a request that says nothing of it.
    pub(crate) const UNKNOWN: Self = Self(SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0));

    /// What failures are counted for: an IPv6 customer has a whole /64.
    pub(crate) fn network(&self) -> IpAddr {
        match self.0.ip().to_canonical() {
            IpAddr::V4(address) => IpAddr::V4(address),
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        }
    }
}

/// The name of the cookie. The prefix keeps it from being set by another host, or without TLS (RFC 6265bis §4.1.3.2).
pub(crate) const COOKIE: &str = "__Host-bellwire";

/// A cookie that only this host gets, only over TLS, and never in a request that another site began.
pub(crate) fn set_cookie(token: &str) -> String {
    format!("{COOKIE}={token}; Path=/; Secure; HttpOnly; SameSite=Strict")
}

/// As [`set_cookie`], kept when the browser ends.
pub(crate) fn set_lasting_cookie(token: &str) -> String {
    format!("{}; Max-Age={}", set_cookie(token), STAY_MS / 1_000)
}

/// Takes the cookie back.
pub(crate) fn unset_cookie() -> String {
    format!("{}; Max-Age=0", set_cookie(""))
}

/// A cookie of a request.
pub(crate) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let lines = headers.get_all(header::COOKIE).iter();
    let mut pairs = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'));
    pairs.find_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        (key == name && !value.is_empty()).then_some(value)
    })
}

/// The token of `Authorization: Bearer` (RFC 6750 §2.1).
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Nothing of an answer may be kept, guessed at, framed or run by a browser.
pub(crate) async fn protect(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if !is_told(&response) {
        response = untold(response.status()).into_response();
    }
    for (name, value) in HEADERS {
        response
            .headers_mut()
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Whether an answer says what it must; what the framework refuses by itself has no words.
fn is_told(response: &Response) -> bool {
    let refused = response.status().is_client_error() || response.status().is_server_error();
    !refused
        || response
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| kind == "application/problem+json")
}

fn untold(status: StatusCode) -> Problem {
    match status {
        StatusCode::NOT_FOUND => Problem::not_found(),
        StatusCode::METHOD_NOT_ALLOWED => {
            Problem::new(status, "method-not-allowed", "this cannot be done here")
        }
        _ => Problem::new(status, "refused", "the request is not understood"),
    }
}

const HEADERS: [(HeaderName, &str); 6] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_and_tokens_are_found() {
        let mut headers = HeaderMap::new();
        headers.append(
            header::COOKIE,
            HeaderValue::from_static("a=1; __Host-bellwire=t; b"),
        );
        assert_eq!(cookie(&headers, COOKIE), Some("t"));
        assert_eq!(cookie(&headers, "b"), None);
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static("bearer x"));
        assert_eq!(bearer(&headers), Some("x"));
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Basic x"));
        assert_eq!(bearer(&headers), None);
    }

    #[test]
    fn an_ipv6_customer_is_one_network() {
        let network =
            |text: &str| Peer(SocketAddr::new(text.parse().expect("an address"), 1)).network();
        assert_eq!(network("2001:db8::1"), network("2001:db8::2:3"));
        assert_ne!(network("2001:db8:0:1::1"), network("2001:db8::1"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
        assert_ne!(network("192.0.2.2"), network("192.0.2.1"));
    }
}
