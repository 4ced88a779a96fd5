//! The web client, from within the binary.
//!
//! A page's address is the client's own affair: whatever is no file is answered with the page that begins it. While the
//! portal is off, only the console (`/admin`) is there.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};

/// Whether extensions may use the portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PortalIs {
    /// They may.
    On,
    /// They may not.
    Off,
}

/// Answers a request for a page or a file of the client.
pub(super) fn answer(
    portal: PortalIs,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
) -> Response {
    let mut response = find(CLIENT, portal, method, uri.path(), headers);
    for (name, value) in HEADERS {
        let value = HeaderValue::from_static(value);
        response.headers_mut().entry(name).or_insert(value);
    }
    if let Some(policy) = policy(headers) {
        response
            .headers_mut()
            .insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// A page that only says something, in both languages.
pub(super) fn saying(status: StatusCode, chinese: &str, english: &str) -> Response {
    let page = format!("{PAGE}<p lang=zh-CN>{chinese}</p><p lang=en>{english}</p>\n");
    (status, [(header::CACHE_CONTROL, "no-store")], Html(page)).into_response()
}

/// A file of the client.
struct File {
    /// Its path, without the first `/`.
    name: &'static str,
    /// Changes with what it says.
    hash: &'static str,
    plain: &'static [u8],
    /// Compressed, where that is shorter.
    brotli: Option<&'static [u8]>,
}

fn find(
    files: &'static [File],
    portal: PortalIs,
    method: &Method,
    path: &str,
    headers: &HeaderMap,
) -> Response {
    if ![Method::GET, Method::HEAD].contains(method) {
        return (
            StatusCode::METHOD_NOT_ALLOWED,
            [(header::ALLOW, "GET, HEAD")],
        )
            .into_response();
    }
    let path = path.trim_start_matches('/');
    let first = path.split('/').next().unwrap_or_default();
    let named = |name: &str| files.iter().find(|file| file.name == name);
    if let Some(file) = named(path).filter(|file| file.name != INDEX) {
        return file.answer(headers);
    }
    // What a page of an earlier version still asks for is not there any more, and is no page.
    if first == ASSETS || NO_PAGES.contains(&first) {
        return saying(
            StatusCode::NOT_FOUND,
            "没有此页面。",
            "There is no such page.",
        );
    }
    if portal == PortalIs::Off && first != CONSOLE {
        return saying(
            StatusCode::FORBIDDEN,
            "分机用户界面未开启，请联系管理员。",
            "The extension portal is switched off. Please contact your administrator.",
        );
    }
    match named(INDEX) {
        Some(index) => index.answer(headers),
        None => saying(
            StatusCode::OK,
            "此程序不含网页客户端。请安装 Node 20，运行 <code>make web</code>，然后重新编译。程序接口位于 <code>/api/v1</code>。",
            "This binary was built without the web client. Install Node 20, run <code>make web</code> and build again. \
             Programs find the server at <code>/api/v1</code>.",
        ),
    }
}

impl File {
    fn answer(&self, headers: &HeaderMap) -> Response {
        let (body, tag, encoding) = match self.brotli {
            Some(brotli) if takes_brotli(headers) => {
                (brotli, format!("\"{}-br\"", self.hash), Some("br"))
            }
            Some(_) | None => (self.plain, format!("\"{}\"", self.hash), None),
        };
        // Names of assets change with what they say.
        let keep = match self.name.split_once('/') {
            Some((ASSETS, _)) => "public, max-age=31536000, immutable",
            Some(_) | None => "no-cache",
        };
        let mut response = Response::builder()
            .header(header::CACHE_CONTROL, keep)
            .header(header::ETAG, &tag)
            .header(header::VARY, "accept-encoding");
        let known = headers
            .get(header::IF_NONE_MATCH)
            .and_then(|tags| tags.to_str().ok());
        if known.is_some_and(|known| known == "*" || known.split(',').any(|one| one.trim() == tag))
        {
            response = response.status(StatusCode::NOT_MODIFIED);
            return response.body(Body::empty()).unwrap_or_default();
        }
        if let Some(encoding) = encoding {
            response = response.header(header::CONTENT_ENCODING, encoding);
        }
        response
            .header(header::CONTENT_TYPE, kind(self.name))
            .body(Body::from(body))
            .unwrap_or_default()
    }
}

/// Whether a browser wishes for brotli (RFC 9110 §12.5.3).
fn takes_brotli(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::ACCEPT_ENCODING).iter();
    let mut wished = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','));
    wished.any(|wish| {
        let (coding, weight) = wish.split_once(';').unwrap_or((wish, ""));
        let refused = weight.trim().strip_prefix("q=");
        let refused = refused.is_some_and(|q| q.trim_matches(['0', '.']).is_empty());
        coding.trim().eq_ignore_ascii_case("br") && !refused
    })
}

/// What the client may do: its own scripts alone, and talk with this server alone. Not every browser takes `'self'` for a
/// WebSocket, so that is named by the host under which the page was asked for.
fn policy(headers: &HeaderMap) -> Option<HeaderValue> {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let host = host.and_then(|host| host.parse::<axum::http::uri::Authority>().ok());
    let plain = |c: char| c.is_ascii_alphanumeric() || "-.:[]".contains(c);
    let host = host.filter(|host| host.as_str().chars().all(plain));
    let socket = host
        .map(|host| format!(" wss://{host}"))
        .unwrap_or_default();
    HeaderValue::try_from(format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
         font-src 'self'; connect-src 'self'{socket}; media-src 'self' blob:; worker-src 'self'; manifest-src 'self'; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ))
    .ok()
}

fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, kind)| kind) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "wav" => "audio/wav",
        "mp3" => "audio/mpeg",
        "ogg" | "opus" => "audio/ogg",
        "txt" => "text/plain; charset=utf-8",
        "wasm" => "application/wasm",
        _ => "application/octet-stream",
    }
}

/// Every file of the client; none when it was not built before the server.
const CLIENT: &[File] = &include!(concat!(env!("OUT_DIR"), "/client.rs"));
/// The page that begins the client.
const INDEX: &str = "index.html";
/// The folder of files whose names change with what they say.
const ASSETS: &str = "assets";
/// Where those who administer are at home.
const CONSOLE: &str = "admin";
/// What is no page though nothing answers there.
const NO_PAGES: [&str; 6] = ["api", "sip", "health", "healthz", "readyz", "metrics"];
/// No HSTS: with a certificate of one's own making it would lock people out of the warning's way on.
const HEADERS: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "microphone=(self), autoplay=(self), camera=(), geolocation=(), display-capture=(), payment=(), usb=()",
    ),
];
const PAGE: &str = "<!doctype html><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
<title>Bellwire</title><body style=\"font:16px system-ui;margin:4rem auto;max-width:36rem;padding:0 1rem\">\
<h1>Bellwire</h1>";

#[cfg(test)]
mod tests {
    use super::*;

    static FILES: [File; 3] = [
        file("index.html", b"<!doctype html>", Some(b"br")),
        file("assets/a-1.js", b"alert", None),
        file("favicon.svg", b"<svg>", None),
    ];

    const fn file(name: &'static str, plain: &'static [u8], brotli: Option<&'static [u8]>) -> File {
        let hash = "f00";
        File {
            name,
            hash,
            plain,
            brotli,
        }
    }

    fn get(portal: PortalIs, path: &str, asked: &[(HeaderName, &'static str)]) -> Response {
        let headers = asked
            .iter()
            .map(|(name, value)| (name.clone(), HeaderValue::from_static(value)));
        find(&FILES, portal, &Method::GET, path, &headers.collect())
    }

    fn header(response: &Response, name: HeaderName) -> &str {
        let value = response.headers().get(name);
        value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// GEN-07: deep links and reloads open the client.
    #[test]
    fn every_address_that_is_no_file_opens_the_client() {
        for path in [
            "/",
            "/calls",
            "/voicemail/17",
            "/index.html",
            "/a.b/c",
            "/admin",
        ] {
            let response = get(PortalIs::On, path, &[]);
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            assert!(
                header(&response, header::CONTENT_TYPE).starts_with("text/html"),
                "{path}"
            );
            assert_eq!(
                header(&response, header::CACHE_CONTROL),
                "no-cache",
                "{path}"
            );
        }
        for path in ["/assets/old-0.js", "/api", "/metrics", "/healthz", "/sip/x"] {
            let response = get(PortalIs::On, path, &[]);
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }

    #[test]
    fn assets_are_kept_for_ever_and_asked_for_once() {
        let response = get(PortalIs::On, "/assets/a-1.js", &[]);
        assert!(header(&response, header::CACHE_CONTROL).contains("immutable"));
        assert_eq!(header(&response, header::ETAG), "\"f00\"");
        for tag in ["\"f00\"", "\"x\", \"f00\"", "*"] {
            let response = get(
                PortalIs::On,
                "/assets/a-1.js",
                &[(header::IF_NONE_MATCH, tag)],
            );
            assert_eq!(response.status(), StatusCode::NOT_MODIFIED, "{tag}");
        }
        let other = [(header::IF_NONE_MATCH, "\"f00-br\"")];
        assert_eq!(
            get(PortalIs::On, "/assets/a-1.js", &other).status(),
            StatusCode::OK
        );
    }

    #[test]
    fn who_wishes_for_brotli_gets_it_under_a_tag_of_its_own() {
        for (wish, tag) in [
            ("gzip, deflate, br", "\"f00-br\""),
            ("br;q=0.5", "\"f00-br\""),
            ("br;q=0", "\"f00\""),
            ("gzip", "\"f00\""),
        ] {
            let response = get(PortalIs::On, "/", &[(header::ACCEPT_ENCODING, wish)]);
            assert_eq!(header(&response, header::ETAG), tag, "{wish}");
            let br = tag.ends_with("br\"");
            assert_eq!(
                header(&response, header::CONTENT_ENCODING) == "br",
                br,
                "{wish}"
            );
        }
    }

    /// GEN-01: whoever administers comes in all the same.
    #[test]
    fn while_the_portal_is_off_only_the_console_is_there() {
        for path in ["/", "/calls", "/administer"] {
            assert_eq!(
                get(PortalIs::Off, path, &[]).status(),
                StatusCode::FORBIDDEN,
                "{path}"
            );
        }
        for path in [
            "/admin",
            "/admin/extensions",
            "/assets/a-1.js",
            "/favicon.svg",
        ] {
            assert_eq!(
                get(PortalIs::Off, path, &[]).status(),
                StatusCode::OK,
                "{path}"
            );
        }
    }

    #[test]
    fn a_server_without_the_client_says_how_it_is_built() {
        let response = find(&[], PortalIs::On, &Method::GET, "/", &HeaderMap::new());
        assert_eq!(response.status(), StatusCode::OK);
        assert!(header(&response, header::CONTENT_TYPE).starts_with("text/html"));
    }

    #[test]
    fn a_page_runs_its_own_scripts_and_talks_with_its_own_server() {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("pbx.example:8443"));
        let response = answer(PortalIs::On, &Method::GET, &Uri::from_static("/"), &headers);
        let policy = header(&response, header::CONTENT_SECURITY_POLICY);
        assert!(policy.contains("script-src 'self';"), "{policy}");
        assert!(
            policy.contains("connect-src 'self' wss://pbx.example:8443;"),
            "{policy}"
        );
        let allowed = header(&response, HeaderName::from_static("permissions-policy"));
        assert!(allowed.contains("microphone=(self)"), "{allowed}");
        headers.insert(header::HOST, HeaderValue::from_static("a;script-src"));
        let response = answer(PortalIs::On, &Method::GET, &Uri::from_static("/"), &headers);
        let policy = header(&response, header::CONTENT_SECURITY_POLICY);
        assert!(policy.contains("connect-src 'self';"), "{policy}");
    }
}
