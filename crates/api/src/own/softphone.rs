//! What a page needs to be a phone of its own (DESIGN §7). The extension's password never leaves the server (SET-06).

use crate::account::{Caller, Owner};
use crate::backend::Pass;
use crate::limits::PASS_LASTS_S;
use crate::problem::{Problem, Refused};
use crate::session::random;
use crate::state::{Api, zone};
use axum::Json;
use axum::extract::State;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Uri, header};
use model::Wall;
use serde::Serialize;
use utoipa::ToSchema;

/// How a page registers as a phone.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Softphone {
    /// Where SIP over WebSocket is (RFC 7118), under the name that the page was asked by (GEN-10).
    #[schema(example = "wss://pbx.example:8443/sip")]
    websocket: String,
    /// The address of record.
    #[schema(example = "sip:100@pbx.example")]
    uri: String,
    /// The name to show.
    name: String,
    /// The user of the digest: not the number.
    user: String,
    /// The password of the digest.
    password: String,
    /// The realm of the digest.
    #[schema(value_type = String, example = "bellwire")]
    realm: &'static str,
    /// Until when user and password are good, RFC 3339. Fetch the next before that; both are good then.
    expires: String,
    /// How long they are good, in seconds.
    expires_in_seconds: u32,
    /// Servers for ICE, as `RTCConfiguration` takes them. The PBX itself is reached directly and needs none.
    ice_servers: Vec<IceServer>,
}

/// A server for ICE.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct IceServer {
    /// `stun:` and `turn:` addresses.
    urls: Vec<String>,
    /// The user of a TURN server.
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    /// Its password.
    #[serde(skip_serializing_if = "Option::is_none")]
    credential: Option<String>,
}

/// Tells how a page registers as a phone, with a login of its own for the next minutes.
///
/// The login works over the WebSocket alone. It ends with the session, with the portal, and when the password is
/// changed; whatever was opened with it is closed then. A page that stays open fetches another now and then, which keeps
/// the session alive.
#[utoipa::path(get, path = "/softphone", tag = "calls",
    responses((status = 200, body = Softphone), Refused))]
pub(crate) async fn softphone(
    caller: Caller,
    owner: Owner,
    State(api): State<Api>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Json<Softphone>, Problem> {
    let session = caller.session.and_then(|hash| api.sessions().id(&hash));
    let session = session.ok_or_else(Problem::not_authenticated)?;
    let authority = authority(&uri, &headers);
    let host = authority.as_ref().map_or(NO_HOST, Authority::host);
    let port = authority.as_ref().and_then(Authority::port);
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    let password = random()?;
    let user = api.backend().admit(Pass {
        session,
        extension: owner.number,
        random: random()?,
        password: password.clone(),
        lasts_s: PASS_LASTS_S,
    });
    let expires = Wall(api.now().0 + i64::from(PASS_LASTS_S) * 1_000);
    Ok(Json(Softphone {
        websocket: format!("wss://{host}{port}/sip"),
        uri: format!("sip:{}@{host}", owner.number),
        name: owner.extension.name.clone(),
        user,
        password,
        realm: crate::password::REALM,
        expires: zone(&owner.site).written(expires),
        expires_in_seconds: PASS_LASTS_S,
        ice_servers: Vec::new(),
    }))
}

/// What the page was asked by: in HTTP/2 it is part of the address.
fn authority(uri: &Uri, headers: &HeaderMap) -> Option<Authority> {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let host = || host.and_then(|host| host.parse().ok());
    uri.authority().cloned().or_else(host)
}

/// Nobody asks without a host but tests and tools.
const NO_HOST: &str = "localhost";
