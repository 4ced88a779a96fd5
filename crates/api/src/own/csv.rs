//! Call records as a table for a spreadsheet (RFC 4180).

use super::calls::Call;
use crate::limits::CSV_RECORDS_MAX;
use crate::state::{Api, zone};
use crate::time::Zone;
use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use futures_util::stream;
use model::Site;
use serde::Serialize;
use store::{CallQuery, ReadError, StoredCall};

/// All records that a question selects, written while they are read.
pub(crate) fn csv(api: Api, site: &Site, query: CallQuery, under: &'static str) -> Response {
    let rows = Rows {
        api,
        zone: zone(site),
        query,
        under,
        last: None,
        left: CSV_RECORDS_MAX,
    };
    let head = stream::once(async { Ok(Bytes::from_static(HEAD.as_bytes())) });
    let lines = stream::unfold(Some(rows), async |rows| match rows?.next().await {
        Ok(Some((text, rows))) => Some((Ok(Bytes::from(text)), Some(rows))),
        Ok(None) => None,
        Err(error) => {
            tracing::error!(%error, "a table of call records was cut off");
            Some((Err(error), None))
        }
    });
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"calls.csv\"",
        ),
    ];
    (headers, Body::from_stream(head.chain(lines))).into_response()
}

struct Rows {
    api: Api,
    zone: Zone,
    query: CallQuery,
    under: &'static str,
    /// The last record that was written.
    last: Option<StoredCall>,
    left: usize,
}

impl Rows {
    /// Some lines, and what comes after them.
    async fn next(mut self) -> Result<Option<(String, Self)>, ReadError> {
        let store = self.api.store();
        let mut records = store.calls_before(&self.query, self.last.as_ref()).await?;
        records.truncate(self.left);
        self.left -= records.len();
        let mut text = String::new();
        for stored in &records {
            let call = Call::of(stored, &self.zone, (&self.api, self.under));
            text.push_str(&line(&call));
        }
        self.last = records.pop();
        Ok(self.last.is_some().then_some((text, self)))
    }
}

/// Numbers, times and words of ours have no commas or quotes in them. Only the caller's number is what a line said.
fn line(call: &Call) -> String {
    format!(
        "{},{},{},{},{},{},{},{},{}\r\n",
        call.id,
        call.start,
        cell(&call.caller),
        cell(&call.callee),
        cell(&call.final_callee),
        call.duration_seconds,
        word(&call.call_type),
        word(&call.status),
        call.recording.as_deref().unwrap_or_default(),
    )
}

/// A unit variant as its bare name.
fn word(value: &impl Serialize) -> String {
    let quoted = serde_json::to_string(value).unwrap_or_default();
    quoted.trim_matches('"').to_owned()
}

/// A text as a cell: quoted where it must be, and never a formula.
fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '-', '@', '\t', '\r']);
    let plain = !text.contains(['"', ',', '\r', '\n']);
    match (formula, plain) {
        (false, true) => text.to_owned(),
        (false, false) => format!("\"{}\"", text.replace('"', "\"\"")),
        (true, _) => format!("\"'{}\"", text.replace('"', "\"\"")),
    }
}

const HEAD: &str = "id,start,caller,callee,final_callee,duration_seconds,type,status,recording\r\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        assert_eq!(cell("+862885337106"), "+862885337106");
        assert_eq!(cell("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(cell("=1+1"), "\"'=1+1\"");
        assert_eq!(cell(""), "");
    }
}
