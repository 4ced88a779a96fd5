//! The codes that work (manual §1.8).

use crate::account::Owner;
use crate::backend::FeatureCode;
use crate::extract::Asked;
use crate::page::{List, Paging};
use crate::problem::{Problem, Refused};
use crate::state::Api;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct FeatureCodesQuery {
    /// From 1.
    #[param(minimum = 1)]
    page: Option<u32>,
    /// Up to 200; 200 unless it is said, which is all.
    #[param(minimum = 1, maximum = 200)]
    per_page: Option<u32>,
}

/// Lists the codes that this extension can use, in the order of the manual; those switched off are left out (FCP-01).
#[utoipa::path(get, path = "/feature-codes", tag = "settings", params(FeatureCodesQuery),
    responses((status = 200, body = List<FeatureCode>), Refused))]
pub(crate) async fn feature_codes(
    owner: Owner,
    State(api): State<Api>,
    Asked(query): Asked<FeatureCodesQuery>,
) -> Result<Json<List<FeatureCode>>, Problem> {
    let paging = Paging::read(query.page, query.per_page.or(Some(store::PER_PAGE_MAX)))?;
    let mut codes = api.backend().codes(&owner.site.directory);
    codes.retain(|code| !code.monitors || owner.extension.may_monitor);
    Ok(Json(paging.cut(codes)))
}
