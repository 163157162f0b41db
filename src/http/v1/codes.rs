//! `/v1/codes/{system}/{code}`: everything known of one code on one day.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;
use serde_json::json;

use super::parameters::{self, DateParameter, Pairs, SystemId};
use super::respond;
use crate::http::errors::{ApiError, ApiResult, ErrorCode, not_found};
use crate::http::state::App;
use crate::lookup::{self, CodeDetail, LookupError};

/// Look a code up
///
/// Everything known of one code on one day: its place in the book, its own and inherited notes,
/// its seventh characters, its other names, its history over the loaded releases. A code of
/// another release is not found, and the problem says which releases have it.
#[utoipa::path(get, path = "/v1/codes/{system}/{code}", operation_id = "code", tag = "codes",
    params(
        ("system" = inline(SystemId), Path, description = "The code system"),
        ("code" = String, Path, description = "The code, with or without its dot, in any case"),
        DateParameter,
    ),
    responses((status = 200, body = CodeDetail, description = "The code")))]
pub async fn get(
    State(app): State<Arc<App>>,
    path: Result<Path<(String, String)>, PathRejection>,
    uri: Uri,
) -> ApiResult<Response> {
    let Path((system, code)) = path.map_err(|_| not_found())?;
    let pairs = Pairs::read(&uri)?;
    pairs.only(&["date"], &[])?;
    let system = parameters::system(&system)?;
    let date = pairs.get("date").map(parameters::date).transpose()?;
    let date = date.unwrap_or_else(app.today);
    let snapshot = app.catalog.snapshot();
    let body = app
        .pool
        .run(move || {
            let detail = lookup::lookup(snapshot.bundle(), system, &code, date).map_err(refused)?;
            respond::json(&detail)
        })
        .await??;
    Ok(respond::with_body(body))
}

/// The problem of a code that there is nothing to say of.
fn refused(error: LookupError) -> ApiError {
    let detail = error.to_string();
    match error {
        LookupError::Shape(_) => ApiError::new(ErrorCode::CodeMalformed, detail).at("code"),
        LookupError::SystemNotLoaded(_) => {
            ApiError::new(ErrorCode::SystemNotLoaded, detail).at("system")
        }
        LookupError::Unknown { nearest, .. } => ApiError::new(ErrorCode::CodeUnknown, detail)
            .at("code")
            .with("nearest", json!(nearest)),
        LookupError::NotInRelease {
            version,
            status,
            valid_in,
            display,
            history,
            ..
        } => ApiError::new(ErrorCode::CodeUnknown, detail)
            .at("code")
            .with("release", json!(version))
            .with("code_status", json!(status))
            .with("valid_in", json!(valid_in))
            .with("display", json!(display))
            .with("history", json!(history)),
    }
}
