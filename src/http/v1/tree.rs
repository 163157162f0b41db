//! `/v1/tree/{system}` and `/v1/tree/{system}/{code}`: what stands above, below and beside.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;

use super::parameters::{self, DateParameter, Pairs, SystemId};
use super::respond;
use crate::answers::{self, Released};
use crate::browse::{BrowseError, Place, browse};
use crate::http::errors::{ApiError, ApiResult, ErrorCode, not_found};
use crate::http::state::App;

/// Chapters
///
/// The top of a code system.
#[utoipa::path(get, path = "/v1/tree/{system}", operation_id = "treeRoots", tag = "codes",
    params(("system" = inline(SystemId), Path, description = "The code system"), DateParameter),
    responses((status = 200, body = Released<Place>, description = "The chapters")))]
pub async fn roots(
    State(app): State<Arc<App>>,
    path: Result<Path<String>, PathRejection>,
    uri: Uri,
) -> ApiResult<Response> {
    let Path(system) = path.map_err(|_| not_found())?;
    ask(&app, &system, None, &uri).await
}

/// Browse
///
/// A chapter, a section or a code, and what stands above, beside and below it.
#[utoipa::path(get, path = "/v1/tree/{system}/{code}", operation_id = "tree", tag = "codes",
    params(
        ("system" = inline(SystemId), Path, description = "The code system"),
        ("code" = String, Path, description = "A code, the number of a chapter, or the range of a section"),
        DateParameter,
    ),
    responses((status = 200, body = Released<Place>, description = "The place")))]
pub async fn get(
    State(app): State<Arc<App>>,
    path: Result<Path<(String, String)>, PathRejection>,
    uri: Uri,
) -> ApiResult<Response> {
    let Path((system, code)) = path.map_err(|_| not_found())?;
    ask(&app, &system, Some(code), &uri).await
}

async fn ask(app: &App, system: &str, key: Option<String>, uri: &Uri) -> ApiResult<Response> {
    let pairs = Pairs::read(uri)?;
    pairs.only(&["date"], &[])?;
    let system = parameters::system(system)?;
    let date = pairs.get("date").map(parameters::date).transpose()?;
    let date = date.unwrap_or_else(app.today);
    respond::from_bundle(app, move |snapshot| {
        let bundle = snapshot.bundle();
        Ok(Released {
            answer: browse(bundle, system, key.as_deref(), date).map_err(refused)?,
            release: answers::releases(bundle, &[system], date),
        })
    })
    .await
}

/// The problem of a place that is not there.
pub(super) fn refused(error: BrowseError) -> ApiError {
    let detail = error.to_string();
    match error {
        BrowseError::SystemNotLoaded(_) => {
            ApiError::new(ErrorCode::SystemNotLoaded, detail).at("system")
        }
        BrowseError::Unknown { .. } => ApiError::new(ErrorCode::CodeUnknown, detail).at("code"),
    }
}
