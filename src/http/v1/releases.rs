//! `/v1/releases`: which releases are loaded, and which answer on a day.

use std::sync::Arc;

use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::parameters::{self, DateParameter, Pairs};
use super::respond;
use crate::http::errors::ApiResult;
use crate::http::state::App;
use crate::lookup::{self, ReleaseAnswer};

/// What is loaded, and what answers on a day.
#[derive(Debug, Serialize, ToSchema)]
struct ReleasesAnswer<'a> {
    /// The day asked for.
    date: String,
    /// The bundle that answers.
    bundle: BundleAnswer<'a>,
    /// Every loaded release, oldest first within its system.
    releases: Vec<ReleaseAnswer>,
}

/// The bundle that answers.
#[derive(Debug, Serialize, ToSchema)]
struct BundleAnswer<'a> {
    /// The digest of its manifest, which names every file with its own.
    sha256: &'a str,
    /// When it was built, RFC 3339, UTC.
    built_at: &'a str,
    /// The version of the program that built it.
    built_by: &'a str,
    /// The form of its files.
    format: u32,
}

/// Loaded releases
///
/// Which releases are loaded, where they are from, and which of them answers on a day.
#[utoipa::path(get, path = "/v1/releases", operation_id = "releases", tag = "codes",
    params(DateParameter),
    responses((status = 200, body = ReleasesAnswer<'_>, description = "The releases")))]
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
