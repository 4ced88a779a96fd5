//! Call records (manual §1.4).

use super::csv::csv;
use crate::account::Owner;
use crate::extract::{Asked, Id};
use crate::page::{List, Paging};
use crate::problem::{FieldError, Problem, Refused};
use crate::state::{Api, zone};
use crate::time::Zone;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use model::{CallStatus, CallType, Duration, FinalCallee, Number, Site};
use serde::{Deserialize, Serialize};
use store::{CallQuery, StoredCall};
use utoipa::{IntoParams, ToSchema};

/// A call as its record shows it (CDR-01).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Call {
    /// Names the record.
    pub(super) id: i64,
    /// When it came in, RFC 3339 in the site's zone.
    pub(super) start: String,
    /// The caller's number; empty when he does not show it.
    pub(super) caller: String,
    /// The caller's name; empty when it is not known.
    pub(super) caller_name: String,
    /// What was dialled.
    #[schema(value_type = String)]
    pub(super) callee: Number,
    /// Who took it at last: a number, or `voicemail:NUMBER` (CDR-06).
    pub(super) final_callee: String,
    /// Talk time in whole seconds; 0 when nobody answered (CDR-03).
    pub(super) duration_seconds: u64,
    /// `inbound`, `outbound` or `internal`.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "internal")]
    pub(super) call_type: CallType,
    /// `answered`, `no-answer`, `busy`, `failed` or `cancelled`.
    #[schema(value_type = String, example = "answered")]
    pub(super) status: CallStatus,
    /// Where the recording is, if the call was recorded and its recording is still there.
    pub(super) recording: Option<String>,
}

impl Call {
    pub(crate) fn of(stored: &StoredCall, zone: &Zone, (api, under): (&Api, &str)) -> Self {
        let record = &stored.record;
        let recorded = super::recording::is_there(api, record);
        Self {
            id: stored.id,
            start: zone.written(record.start),
            caller: record.caller.clone(),
            caller_name: record.caller_name.clone(),
            callee: record.callee,
            final_callee: match &record.final_callee {
                FinalCallee::Number(number) => number.to_string(),
                FinalCallee::Voicemail(number) => format!("voicemail:{number}"),
            },
            duration_seconds: rounded_seconds(record.talked),
            call_type: record.call_type,
            status: record.status,
            recording: recorded.then(|| format!("/api/v1/{under}/{}/recording", stored.id)),
        }
    }
}

/// Half a second and more count as one (CDR-03).
pub(crate) const fn rounded_seconds(time: Duration) -> u64 {
    time.as_secs() + (time.subsec_millis() >= 500) as u64
}

/// Which records.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CallsQuery {
    /// From this day or moment on: `YYYY-MM-DD` or RFC 3339.
    from: Option<String>,
    /// Up to and including this day or moment.
    to: Option<String>,
    /// `all`, `inbound`, `outbound` or `internal`.
    #[serde(rename = "type")]
    #[param(example = "all")]
    call_type: Option<String>,
    /// Calls with this number, whoever called: caller, callee, or who took it at last. Exactly this number (CDR-10).
    number: Option<String>,
    /// `all`, `answered`, `no-answer`, `busy`, `failed` or `cancelled`.
    #[param(example = "all")]
    status: Option<String>,
    /// `1`: only calls that were recorded.
    recorded: Option<u8>,
    /// From 1.
    #[param(minimum = 1)]
    page: Option<u32>,
    /// Up to 200; 50 unless it is said.
    #[param(minimum = 1, maximum = 200)]
    per_page: Option<u32>,
}

impl CallsQuery {
    /// The question to the store. All conditions hold at once (CDR-11).
    pub(crate) fn read(
        &self,
        site: &Site,
        extension: Option<Number>,
    ) -> Result<CallQuery, Problem> {
        let paging = Paging::read(self.page, self.per_page)?;
        let zone = zone(site);
        let mut errors = Vec::new();
        let mut time = |field: &str, text: &Option<String>, read: &dyn Fn(&str) -> _| {
            let text = text
                .as_deref()
                .map(str::trim)
                .filter(|text| !text.is_empty())?;
            let read: Result<_, crate::time::NotATime> = read(text);
            if read.is_err() {
                let detail = "is neither YYYY-MM-DD nor a time such as 2026-01-02T10:00:00+08:00";
                errors.push(FieldError::new(field, "not-a-date", detail));
            }
            read.ok()
        };
        let from = time("from", &self.from, &|text| zone.beginning(text));
        let until = time("to", &self.to, &|text| zone.end(text));
        if from.zip(until).is_some_and(|(from, until)| from >= until) {
            errors.push(FieldError::new(
                "from",
                "from-after-to",
                "is later than `to`",
            ));
        }
        let call_type = match self.call_type.as_deref() {
            None | Some("" | "all") => None,
            Some("inbound") => Some(CallType::Inbound),
            Some("outbound") => Some(CallType::Outbound),
            Some("internal") => Some(CallType::Internal),
            Some(_) => {
                let detail = "must be all, inbound, outbound or internal";
                errors.push(FieldError::new("type", "unknown-type", detail));
                None
            }
        };
        let status = match self.status.as_deref() {
            None | Some("" | "all") => None,
            Some("answered") => Some(CallStatus::Answered),
            Some("no-answer") => Some(CallStatus::NoAnswer),
            Some("busy") => Some(CallStatus::Busy),
            Some("failed") => Some(CallStatus::Failed),
            Some("cancelled") => Some(CallStatus::Cancelled),
            Some(_) => {
                let detail = "must be all, answered, no-answer, busy, failed or cancelled";
                errors.push(FieldError::new("status", "unknown-status", detail));
                None
            }
        };
        let number = self
            .number
            .as_deref()
            .map(str::trim)
            .filter(|text| !text.is_empty());
        let number = number.and_then(|text| match Number::parse_pasted(text) {
            Ok(number) => Some(number),
            Err(error) => {
                let detail = format!("is no number: {error}");
                errors.push(FieldError::new("number", "not-a-number", detail));
                None
            }
        });
        if !errors.is_empty() {
            return Err(Problem::invalid(errors));
        }
        Ok(CallQuery {
            from,
            until,
            call_type,
            // All of one's own calls are with oneself.
            number: number.filter(|number| Some(*number) != extension),
            extension,
            status,
            recorded: self.recorded == Some(1),
            page: paging.page,
            per_page: paging.per_page,
        })
    }
}

/// Lists the calls in which the extension took part, the newest first (CDR-14).
#[utoipa::path(get, path = "/calls", tag = "calls", params(CallsQuery),
    responses((status = 200, body = List<Call>), Refused))]
pub(crate) async fn calls(
    owner: Owner,
    State(api): State<Api>,
    Asked(query): Asked<CallsQuery>,
) -> Result<Json<List<Call>>, Problem> {
    let query = query.read(&owner.site, Some(owner.number))?;
    listed(&api, &owner.site, &query, OWN).await
}

/// A page of records.
pub(crate) async fn listed(
    api: &Api,
    site: &Site,
    query: &CallQuery,
    under: &'static str,
) -> Result<Json<List<Call>>, Problem> {
    let zone = zone(site);
    let page = api.store().calls(query).await?;
    let items = page
        .items
        .iter()
        .map(|stored| Call::of(stored, &zone, (api, under)));
    Ok(Json(List {
        items: items.collect(),
        total: page.total,
    }))
}

/// All calls of the extension that the filters select, as a table for a spreadsheet.
#[utoipa::path(get, path = "/calls.csv", tag = "calls", params(CallsQuery),
    responses((status = 200, content_type = "text/csv", body = String), Refused))]
pub(crate) async fn calls_csv(
    owner: Owner,
    State(api): State<Api>,
    Asked(query): Asked<CallsQuery>,
) -> Result<Response, Problem> {
    let query = query.read(&owner.site, Some(owner.number))?;
    Ok(csv(api, &owner.site, query, OWN))
}

/// Tells one call of the extension.
#[utoipa::path(get, path = "/calls/{id}", tag = "calls", params(("id" = i64, Path)),
    responses((status = 200, body = Call), Refused))]
pub(crate) async fn call(
    owner: Owner,
    State(api): State<Api>,
    Id(id): Id<i64>,
) -> Result<Json<Call>, Problem> {
    let stored = own(&api, &owner, id).await?;
    Ok(Json(Call::of(&stored, &zone(&owner.site), (&api, OWN))))
}

/// The record of that id, if the extension took part.
pub(super) async fn own(api: &Api, owner: &Owner, id: i64) -> Result<StoredCall, Problem> {
    let stored = api.store().call(id).await?;
    stored
        .filter(|stored| stored.record.extensions.contains(&owner.number))
        .ok_or_else(Problem::not_found)
}

/// Where an extension's calls are.
const OWN: &str = "calls";

#[cfg(test)]
mod tests {
    use super::*;

    /// CDR-03
    #[test]
    fn talk_time_is_rounded_to_whole_seconds() {
        for (ms, seconds) in [
            (0, 0),
            (400, 0),
            (499, 0),
            (500, 1),
            (2_000, 2),
            (90_000_499, 90_000),
        ] {
            assert_eq!(
                rounded_seconds(Duration::from_millis(ms)),
                seconds,
                "{ms} ms"
            );
        }
    }
}
