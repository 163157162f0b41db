//! Whether the process lives, whether it answers, what it is and what it counts.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use indexer::bundle::FORMAT_VERSION;
use serde_json::json;

use super::cpu_pool::off_the_workers;
use super::errors::{ApiError, ApiResult, ErrorCode};
use super::state::App;

/// `GET /health/live`: the process answers.
pub async fn live() -> Response {
    unkept(Json(json!({ "status": "live" })))
}

/// `GET /health/ready`: the bundle answers its canary questions; otherwise what is missing.
///
/// The questions pass by the CPU pool: a busy server is ready.
pub async fn ready(State(app): State<Arc<App>>) -> ApiResult<Response> {
    let snapshot = app.catalog.snapshot();
    let asked = Arc::clone(&snapshot);
    let missing = off_the_workers(move || asked.missing()).await?;
    if !missing.is_empty() {
        let missing: Vec<_> = missing
            .iter()
            .map(|missing| {
                let system = missing.system().map(codesets::CodeSystem::id);
                json!({ "what": missing.id(), "system": system })
            })
            .collect();
        let error = ApiError::new(
            ErrorCode::NotReady,
            "the bundle does not answer as it should",
        );
        return Err(error.with("missing", json!(missing)).retry_after(5));
    }
    let releases: Vec<_> = snapshot
        .bundle()
        .releases()
        .iter()
        .map(|release| json!({ "system": release.system.id(), "version": release.version }))
        .collect();
    Ok(unkept(Json(
        json!({ "status": "ready", "releases": releases }),
    )))
}

/// `GET /version`: the program and the data it serves.
pub async fn version(State(app): State<Arc<App>>) -> Response {
    let snapshot = app.catalog.snapshot();
    let manifest = snapshot.bundle().manifest();
    unkept(Json(json!({
        "name": "codebook",
        "version": env!("CARGO_PKG_VERSION"),
        "bundle_format": FORMAT_VERSION,
        "bundle": {
            "sha256": snapshot.digest(),
            "built_at": manifest.built_at,
            "built_by": manifest.tool_version,
            "opened_at": snapshot.loaded_at().to_string(),
        },
    })))
}

/// `GET /metrics`: what is counted, in Prometheus' text format.
pub async fn metrics(State(app): State<Arc<App>>) -> Response {
    let snapshot = app.catalog.snapshot();
    let mut response = unkept(app.metrics.render(&app.pool, &snapshot));
    response.headers_mut().insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"),
    );
    response
}

fn unkept(body: impl IntoResponse) -> Response {
    let mut response = body.into_response();
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
