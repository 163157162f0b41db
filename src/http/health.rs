//! Whether the process lives, whether it answers, what it is and what it counts.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use indexer::bundle::FORMAT_VERSION;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::cpu_pool::off_the_workers;
use super::errors::{ApiError, ApiResult, ErrorCode};
use super::state::App;

/// That the process answers.
#[derive(Debug, Serialize, ToSchema)]
struct LiveAnswer {
    status: &'static str,
}

/// That the bundle answers its canary questions.
#[derive(Debug, Serialize, ToSchema)]
struct ReadyAnswer {
    /// The releases loaded.
    releases: Vec<ReleaseName>,
    status: &'static str,
}

/// A release by name.
#[derive(Debug, Serialize, ToSchema)]
struct ReleaseName {
    system: &'static str,
    version: String,
}

/// The program and the data it serves.
#[derive(Debug, Serialize, ToSchema)]
struct VersionAnswer {
    name: &'static str,
    version: &'static str,
    /// The form of bundles that the program reads.
    bundle_format: u32,
    bundle: ServedBundle,
}

/// The bundle that answers.
#[derive(Debug, Serialize, ToSchema)]
struct ServedBundle {
    /// The digest of its manifest.
    sha256: String,
    /// When it was built, RFC 3339, UTC.
    built_at: String,
    /// The version of the program that built it.
    built_by: String,
    /// When it began to answer, RFC 3339, UTC.
    opened_at: String,
}

/// Whether the process lives
#[utoipa::path(get, path = "/health/live", operation_id = "live", tag = "service",
    responses((status = 200, body = LiveAnswer, description = "It lives")))]
pub async fn live() -> Response {
    unkept(Json(LiveAnswer { status: "live" }))
}

/// Whether the service answers
///
/// The bundle is asked canary questions; where it does not answer them, the problem says what
/// is missing.
#[utoipa::path(get, path = "/health/ready", operation_id = "ready", tag = "service",
    responses((status = 200, body = ReadyAnswer, description = "It is ready")))]
// The questions pass by the CPU pool: a busy server is ready.
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
    let releases = snapshot.bundle().releases().iter();
    let releases = releases.map(|release| ReleaseName {
        system: release.system.id(),
        version: release.version.clone(),
    });
    Ok(unkept(Json(ReadyAnswer {
        releases: releases.collect(),
        status: "ready",
    })))
}

/// The program and the data it serves
#[utoipa::path(get, path = "/version", operation_id = "version", tag = "service",
    responses((status = 200, body = VersionAnswer, description = "The versions")))]
pub async fn version(State(app): State<Arc<App>>) -> Response {
    let snapshot = app.catalog.snapshot();
    let manifest = snapshot.bundle().manifest();
    unkept(Json(VersionAnswer {
        name: "codebook",
        version: env!("CARGO_PKG_VERSION"),
        bundle_format: FORMAT_VERSION,
        bundle: ServedBundle {
            sha256: snapshot.digest().to_owned(),
            built_at: manifest.built_at.clone(),
            built_by: manifest.tool_version.clone(),
            opened_at: snapshot.loaded_at().to_string(),
        },
    }))
}

/// What is counted, in Prometheus' text format
#[utoipa::path(get, path = "/metrics", operation_id = "metrics", tag = "service",
    responses((status = 200, body = String, content_type = "text/plain", description = "The metrics")))]
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
