//! Every address. A handler that is not in this table is not reachable, and one that is stands in the OpenAPI document.

use crate::problem::Problem;
use crate::state::Api;
use crate::{admin, events, own, rooms, session, web};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router, middleware};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Everything below `/api`.
pub(crate) fn router(api: Api) -> Router {
    let (router, document) = documented();
    let document = Json(document);
    router
        .with_state(api)
        .route("/api/openapi.json", get(async move || document))
        .route("/api/{*rest}", axum::routing::any(nothing))
        .layer(middleware::from_fn(web::protect))
}

/// The routes, and the document that is made from them.
pub(crate) fn documented() -> (Router<Api>, utoipa::openapi::OpenApi) {
    let v1 = OpenApiRouter::new()
        .routes(routes!(session::login, session::logout))
        .routes(routes!(session::me, session::wish))
        .routes(routes!(session::set_password))
        .routes(routes!(session::sessions))
        .routes(routes!(session::revoke))
        .routes(routes!(events::events))
        .routes(routes!(own::directory))
        .routes(routes!(own::contacts, own::add_contact))
        .routes(routes!(own::edit_contact, own::remove_contact))
        .routes(routes!(own::calls))
        .routes(routes!(own::calls_csv))
        .routes(routes!(own::call))
        .routes(routes!(own::call_recording))
        .routes(routes!(own::settings, own::set_settings))
        .routes(routes!(own::forwarding, own::set_forwarding))
        .routes(routes!(own::follow_me, own::set_follow_me))
        .routes(routes!(own::feature_codes))
        .routes(routes!(own::softphone))
        .routes(routes!(own::own_live))
        .routes(routes!(own::ask_live))
        .routes(routes!(own::voicemail))
        .routes(routes!(own::mark_voicemail, own::remove_voicemail))
        .routes(routes!(own::voicemail_audio))
        .routes(routes!(own::voicemail_peaks))
        .routes(routes!(own::agent, own::set_agent))
        .routes(routes!(own::wake_ups, own::book_wake_up))
        .routes(routes!(own::cancel_wake_up))
        .routes(routes!(admin::admin_contacts, admin::admin_add_contact))
        .routes(routes!(
            admin::admin_edit_contact,
            admin::admin_remove_contact
        ))
        .routes(routes!(admin::blacklist, admin::block))
        .routes(routes!(admin::edit_blocked, admin::unblock))
        .routes(routes!(admin::admin_wake_ups, admin::admin_book_wake_ups))
        .routes(routes!(
            admin::admin_move_wake_up,
            admin::admin_cancel_wake_up
        ))
        .routes(routes!(admin::admin_calls))
        .routes(routes!(admin::admin_calls_csv))
        .routes(routes!(admin::admin_call))
        .routes(routes!(admin::admin_recording))
        .routes(routes!(admin::admin_trace))
        .routes(routes!(admin::live))
        .routes(routes!(admin::end_live))
        .routes(routes!(admin::queues))
        .routes(routes!(admin::queue))
        .routes(routes!(rooms::rooms))
        .routes(routes!(rooms::room, rooms::ask_room))
        .routes(routes!(rooms::ask_own_room))
        .routes(routes!(admin::site_file, admin::apply_site))
        .routes(routes!(admin::prompts))
        .routes(routes!(
            admin::prompt_audio,
            admin::put_prompt_audio,
            admin::remove_prompt_audio
        ))
        .routes(routes!(admin::tokens, admin::add_token))
        .routes(routes!(admin::remove_token));
    OpenApiRouter::with_openapi(crate::document::head())
        .nest("/api/v1", v1)
        .split_for_parts()
}

async fn nothing() -> impl IntoResponse {
    Problem::not_found()
}
