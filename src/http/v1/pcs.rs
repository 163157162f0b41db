//! `/v1/pcs/{stub}`: the ICD-10-PCS table builder.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;
use codesets::CodeSystem;
use serde_json::json;

use super::parameters::{self, DateParameter, Pairs};
use super::respond;
use crate::answers::{self, Released};
use crate::http::errors::{ApiError, ApiResult, ErrorCode, not_found};
use crate::http::state::App;
use crate::pcs_builder::{PcsError, PcsStub, build_on};

/// Begin an ICD-10-PCS code
///
/// The values of the first character.
#[utoipa::path(get, path = "/v1/pcs", operation_id = "pcs", tag = "codes",
    params(DateParameter),
    responses((status = 200, body = Released<PcsStub>, description = "The first character")))]
pub async fn empty(State(app): State<Arc<App>>, uri: Uri) -> ApiResult<Response> {
    ask(&app, String::new(), &uri).await
}

/// Build on an ICD-10-PCS code
///
/// What the characters so far say, and which may follow; only what a table allows is offered.
#[utoipa::path(get, path = "/v1/pcs/{stub}", operation_id = "pcsStub", tag = "codes",
    params(("stub" = String, Path, description = "The characters so far, up to seven"), DateParameter),
    responses((status = 200, body = Released<PcsStub>, description = "The characters")))]
pub async fn get(
    State(app): State<Arc<App>>,
    path: Result<Path<String>, PathRejection>,
    uri: Uri,
) -> ApiResult<Response> {
    let Path(stub) = path.map_err(|_| not_found())?;
    ask(&app, stub, &uri).await
}

async fn ask(app: &App, stub: String, uri: &Uri) -> ApiResult<Response> {
    let pairs = Pairs::read(uri)?;
    pairs.only(&["date"], &[])?;
    let date = pairs.get("date").map(parameters::date).transpose()?;
    let date = date.unwrap_or_else(app.today);
    respond::from_bundle(app, move |snapshot| {
        let bundle = snapshot.bundle();
        Ok(Released {
            answer: build_on(bundle, &stub, date).map_err(refused)?,
            release: answers::releases(bundle, &[CodeSystem::Icd10Pcs], date),
        })
    })
    .await
}

fn refused(error: PcsError) -> ApiError {
    let detail = error.to_string();
    match error {
        PcsError::NotLoaded => ApiError::new(ErrorCode::SystemNotLoaded, detail).at("system"),
        PcsError::Impossible { version, possible } => ApiError::new(ErrorCode::CodeUnknown, detail)
            .at("stub")
            .with("release", json!(version))
            .with("possible", json!(possible)),
    }
}
