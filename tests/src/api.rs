//! A program that uses the HTTP API: `curl`, over TLS, with cookies.

use crate::Server;
use serde_json::Value;
use std::path::Path;
use std::process::Command;
use tempfile::NamedTempFile;

/// Somebody with a login of his own.
#[derive(Debug)]
pub struct ApiUser {
    cookies: NamedTempFile,
    /// Empty: the cookie says who it is.
    token: String,
    url: String,
    address: String,
}

impl ApiUser {
    /// Somebody without a login.
    ///
    /// # Panics
    /// When there is no room for his cookies.
    #[must_use]
    pub fn of(server: &Server) -> Self {
        let https = server.https();
        Self {
            cookies: NamedTempFile::new().expect("a file for cookies"),
            token: String::new(),
            // A cookie of ours is only given to names that begin with https.
            url: format!("https://localhost:{}/api/v1/", https.port()),
            address: format!("localhost:{}:{}", https.port(), https.ip()),
        }
    }

    /// A script with a token.
    ///
    /// # Panics
    /// When there is no room for its cookies.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self {
            cookies: NamedTempFile::new().expect("a file for cookies"),
            token: format!("Authorization: Bearer {token}"),
            url: self.url.clone(),
            address: self.address.clone(),
        }
    }

    /// Applies a site file; the status and what changed.
    #[must_use]
    pub fn apply(&self, file: &str) -> (u16, Value) {
        self.send("PUT", "admin/site", "application/toml", Some(file))
    }

    /// Sends a file of sound; the status and the body of the answer.
    #[must_use]
    pub fn upload(&self, path: &str, file: &Path) -> (u16, Value) {
        let body = format!("@{}", file.display());
        self.send("PUT", path, "audio/wav", Some(&body))
    }

    /// Logs in; the status of the answer.
    pub fn login(&self, account: &str, password: &str) -> u16 {
        let body = serde_json::json!({ "account": account, "password": password });
        self.ask("POST", "session", Some(&body)).0
    }

    /// What an address gives.
    ///
    /// # Panics
    /// When that is an error.
    #[must_use]
    pub fn get(&self, path: &str) -> Value {
        let (status, body) = self.ask("GET", path, None);
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// Puts something somewhere.
    ///
    /// # Panics
    /// When that is an error.
    pub fn put(&self, path: &str, body: &Value) -> Value {
        let (status, body) = self.ask("PUT", path, Some(body));
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// Makes a request; the status and the body of the answer, null when that is no JSON.
    ///
    /// # Panics
    /// When nobody answers.
    #[must_use]
    pub fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let body = body.map(ToString::to_string);
        self.send(method, path, "application/json", body.as_deref())
    }

    fn send(&self, method: &str, path: &str, kind: &str, body: Option<&str>) -> (u16, Value) {
        let cookies = self.cookies.path().display().to_string();
        let url = format!("{}{path}", self.url);
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--show-error", "--insecure", "--max-time", "20"])
            .args(["--resolve", &self.address])
            .args(["--cookie", &cookies, "--cookie-jar", &cookies])
            .args(["--header", "X-Bellwire: 1", "--request", method])
            .args(["--write-out", "\n%{http_code}", &url]);
        if let Some(body) = body {
            curl.args(["--header", &format!("Content-Type: {kind}")])
                .args(["--data-binary", body]);
        }
        if !self.token.is_empty() {
            curl.args(["--header", &self.token]);
        }
        let output = curl.output().expect("curl starts");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{method} {path}: {error}");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let (body, status) = said.rsplit_once('\n').expect("a status");
        let status = status.parse().expect("a status is a number");
        (status, serde_json::from_str(body).unwrap_or_default())
    }
}
