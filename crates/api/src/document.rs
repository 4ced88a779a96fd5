//! The OpenAPI document.

use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, InfoBuilder, OpenApi, OpenApiBuilder, SecurityRequirement,
};

/// The document that `/api/openapi.json` shows.
#[must_use]
pub fn openapi() -> OpenApi {
    crate::route::documented().1
}

/// What stands in front of the routes.
pub(crate) fn head() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Bellwire")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT))
        .build();
    let cookie = ApiKeyValue::with_description(
        crate::web::COOKIE,
        "From POST /api/v1/session; requests that change something also need the header `X-Bellwire: 1`",
    );
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("A token made by an administrator"))
        .build();
    let components = ComponentsBuilder::new()
        .security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)))
        .security_scheme("token", SecurityScheme::Http(bearer))
        .build();
    let none: [&str; 0] = [];
    OpenApiBuilder::new()
        .info(info)
        .components(Some(components))
        .security(Some([
            SecurityRequirement::new("session", none),
            SecurityRequirement::new("token", none),
        ]))
        .build()
}

const ABOUT: &str = "The telephone system as programs see it. Errors are problems as of RFC 9457 with a stable `code`; an \
    unknown field is an error that names it; lists come page by page; times are RFC 3339 with the site's offset; what is not \
    yours does not exist. PUT takes the whole object that GET gave.";
