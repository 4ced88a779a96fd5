//! What we prove to a carrier that asks who we are, and for how long we go along with its asking.

use sip::digest::Client;
use sip::message::{Header, Name, Request, Response};

/// Our account with one carrier, in one call or one registration.
///
/// A server and a proxy before it may each ask (401 and 407); what one was told is told again with the
/// other's answer, because the request is new to both.
#[derive(Clone, Debug)]
pub(crate) struct Credentials {
    server: Client,
    proxy: Client,
    /// Challenges since a request went out without credentials.
    rounds: u8,
}

impl Credentials {
    pub(crate) fn new(user: &str, password: &str) -> Self {
        Self {
            server: Client::new(user, password),
            proxy: Client::new(user, password),
            rounds: 0,
        }
    }

    /// The headers that answer a challenge; `None` when there is no use in going on: the password is wrong,
    /// the challenge cannot be read, or there is no end to it. `asked` is the request that was challenged,
    /// `cnonce` a fresh random token.
    pub(crate) fn answer(
        &mut self,
        response: &Response,
        asked: &Request,
        cnonce: &str,
    ) -> Option<Vec<Header>> {
        let by_proxy = response.status() == 407;
        let carried = if by_proxy {
            Name::ProxyAuthorization
        } else {
            Name::Authorization
        };
        let bare = |name: Name| asked.header(name).is_none();
        if bare(Name::Authorization) && bare(Name::ProxyAuthorization) {
            self.rounds = 0;
        }
        self.rounds = self.rounds.saturating_add(1);
        if self.rounds > ROUNDS_MAX {
            return None;
        }
        let client = if by_proxy {
            &mut self.proxy
        } else {
            &mut self.server
        };
        if bare(carried) {
            // What was answered before belongs to another request, and says nothing about the password.
            client.forget();
        }
        client.challenged(response).ok()?;
        Some(self.headers(asked, cnonce))
    }

    /// The headers for a request that was not asked for them yet: none until there was a challenge.
    pub(crate) fn headers(&mut self, request: &Request, cnonce: &str) -> Vec<Header> {
        let both = [&mut self.server, &mut self.proxy].into_iter();
        both.filter_map(|client| client.answer(request, cnonce))
            .collect()
    }
}

/// Challenges of one request that are answered: one of a proxy, one of the server, and each once more
/// because its nonce had become too old.
const ROUNDS_MAX: u8 = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use sip::message::Method;

    fn invite(headers: &[Header]) -> Request {
        Request::build(Method::Invite, "sip:5551000@carrier.example")
            .headers(headers)
            .finish()
    }

    fn challenge(status: u16, nonce: &str, more: &str) -> Response {
        let name = match status {
            407 => Name::ProxyAuthenticate,
            _ => Name::WwwAuthenticate,
        };
        let value = format!(r#"Digest realm="carrier", nonce="{nonce}", qop="auth"{more}"#);
        Response::to(&invite(&[]), status)
            .header(name, value)
            .finish()
    }

    fn names(headers: &[Header]) -> Vec<&str> {
        headers.iter().map(|header| header.name.as_str()).collect()
    }

    #[test]
    fn a_proxy_and_the_server_behind_it_may_both_ask() {
        let mut account = Credentials::new("me", "secret");
        let first = account.answer(&challenge(407, "p", ""), &invite(&[]), "c");
        let first = first.expect("an answer to the proxy");
        assert_eq!(names(&first), ["Proxy-Authorization"]);
        let second = account.answer(&challenge(401, "s", ""), &invite(&first), "c");
        let second = second.expect("an answer to both");
        assert_eq!(names(&second), ["Authorization", "Proxy-Authorization"]);
        assert!(
            second
                .iter()
                .any(|header| header.value.contains("nc=00000002"))
        );
    }

    #[test]
    fn a_wrong_password_is_tried_once() {
        let mut account = Credentials::new("me", "secret");
        let first = account.answer(&challenge(401, "a", ""), &invite(&[]), "c");
        let first = first.expect("an answer");
        assert_eq!(
            account.answer(&challenge(401, "b", ""), &invite(&first), "c"),
            None
        );
    }

    #[test]
    fn a_nonce_too_old_is_taken_for_what_it_is_but_not_for_ever() {
        let mut account = Credentials::new("me", "secret");
        let mut carried = Vec::new();
        for round in 0..ROUNDS_MAX {
            let stale = challenge(401, &format!("n{round}"), ", stale=true");
            let answer = account.answer(&stale, &invite(&carried), "c");
            carried = answer.expect("an answer");
        }
        let stale = challenge(401, "last", ", stale=true");
        assert_eq!(account.answer(&stale, &invite(&carried), "c"), None);
        // A new request begins anew.
        assert!(account.answer(&stale, &invite(&[]), "c").is_some());
    }

    #[test]
    fn the_next_request_may_be_challenged_anew() {
        let mut account = Credentials::new("me", "secret");
        for nonce in ["a", "b", "c"] {
            let answer = account.answer(&challenge(401, nonce, ""), &invite(&[]), "c");
            assert!(answer.is_some_and(|headers| headers[0].value.contains("nc=00000001")));
        }
    }

    #[test]
    fn what_is_no_challenge_is_not_answered() {
        let mut account = Credentials::new("me", "secret");
        let empty = Response::to(&invite(&[]), 401).finish();
        assert_eq!(account.answer(&empty, &invite(&[]), "c"), None);
        let unknown = challenge(401, "a", ", algorithm=WHIRL");
        assert_eq!(account.answer(&unknown, &invite(&[]), "c"), None);
    }
}
