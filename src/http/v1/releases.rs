//! `/v1/releases`: which releases are loaded, and which answer on a day.

use std::sync::Arc;

use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use serde::Serialize;

use super::parameters::{self, Pairs};
use super::respond;
use crate::http::errors::ApiResult;
use crate::http::state::App;
use crate::lookup::{self, ReleaseAnswer};

/// The answer.
#[derive(Debug, Serialize)]
struct ReleasesAnswer<'a> {
    date: String,
    bundle: BundleAnswer<'a>,
    releases: Vec<ReleaseAnswer>,
}

#[derive(Debug, Serialize)]
struct BundleAnswer<'a> {
    sha256: &'a str,
    built_at: &'a str,
    built_by: &'a str,
    format: u32,
}

/// `GET /v1/releases`.
pub async fn get(State(app): State<Arc<App>>, uri: Uri) -> ApiResult<Response> {
    let pairs = Pairs::read(&uri)?;
    pairs.only(&["date"], &[])?;
    let date = pairs.get("date").map(parameters::date).transpose()?;
    let date = date.unwrap_or_else(app.today);
    let snapshot = app.catalog.snapshot();
    let manifest = snapshot.bundle().manifest();
    let body = respond::json(&ReleasesAnswer {
        date: date.to_string(),
        bundle: BundleAnswer {
            sha256: snapshot.digest(),
            built_at: &manifest.built_at,
            built_by: &manifest.tool_version,
            format: manifest.format_version,
        },
        releases: lookup::releases(snapshot.bundle(), date),
    })?;
    Ok(respond::with_body(body))
}
