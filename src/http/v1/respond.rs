//! How the operations answer.

use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::Response;
use serde::Serialize;

use crate::catalog::Snapshot;
use crate::http::errors::{ApiError, ApiResult, ErrorCode};
use crate::http::state::App;

/// `answer` as JSON; done where a core is held, because large answers take a while.
pub(in crate::http) fn json(answer: &impl Serialize) -> ApiResult<Vec<u8>> {
    serde_json::to_vec(answer).map_err(|error| {
        tracing::error!(line = error.line(), "an answer cannot be written as JSON");
        ApiError::new(ErrorCode::Internal, "")
    })
}

/// An object with one member, a list of what is JSON already.
pub(super) fn list(member: &str, items: &[Vec<u8>]) -> Vec<u8> {
    let mut body = format!("{{\"{member}\":[").into_bytes();
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            body.push(b',');
        }
        body.extend_from_slice(item);
    }
    body.extend_from_slice(b"]}");
    body
}

/// What `ask` answers from the bundle that serves now, as JSON.
pub(super) async fn from_bundle<T: Serialize>(
    app: &App,
    ask: impl FnOnce(&Snapshot) -> ApiResult<T> + Send + 'static,
) -> ApiResult<Response> {
    let snapshot = app.catalog.snapshot();
    let body = app.pool.run(move || json(&ask(&snapshot)?)).await??;
    Ok(with_body(body))
}

/// An answer with that JSON. It may hold what was asked, so nobody may keep it.
pub(in crate::http) fn with_body(json: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(json));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
