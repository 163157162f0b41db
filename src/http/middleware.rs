//! What happens around every request: its id, its log line, its time limit and the headers of its answer.
//!
//! The log line holds method, route template, status, microseconds and request
//! id, and nothing else: the address itself may hold a patient's words.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;

use super::errors::{ApiError, ErrorCode};
use super::metrics::UNMATCHED;
use super::state::App;

/// The header with a request's id, asked and answered.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest request id that is taken over from a client.
const MOST_ID_BYTES: usize = 64;

/// Scripts and styles come from files of ours; nothing may frame the page or be sent elsewhere.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

/// The headers that every answer has.
const HEADERS: [(&str, &str); 6] = [
    ("content-security-policy", CONTENT_SECURITY_POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// A request's id: the client's, or one of ours.
#[derive(Clone, Debug)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// The client's id if it is short and plain, else a new one.
    fn of(headers: &HeaderMap) -> RequestId {
        let given = headers.get(&REQUEST_ID).filter(|id| is_plain(id));
        RequestId(given.cloned().unwrap_or_else(new_id))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or("")
    }
}

fn is_plain(id: &HeaderValue) -> bool {
    (1..=MOST_ID_BYTES).contains(&id.len())
        && id
            .as_bytes()
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
}

/// An id that no other request of this process has: the process' start and a count.
fn new_id() -> HeaderValue {
    static START: std::sync::OnceLock<i64> = std::sync::OnceLock::new();
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let start = START.get_or_init(|| Timestamp::now().as_millisecond());
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    HeaderValue::from_str(&format!("{start:x}-{count:x}"))
        .unwrap_or_else(|_| HeaderValue::from_static("0"))
}

/// Middleware: gives the request an id, then logs and counts its answer.
pub(super) async fn observe(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Response {
    let start = Instant::now();
    let id = RequestId::of(request.headers());
    let method = method_name(request.method());
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| UNMATCHED.to_owned(), |path| path.as_str().to_owned());
    request.extensions_mut().insert(id.clone());
    let mut response = next.run(request).await;
    let duration = start.elapsed();
    let status = response.status().as_u16();
    app.metrics.answered(&route, status, duration);
    tracing::info!(
        method,
        route,
        status,
        duration_us = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX),
        request_id = id.as_str(),
        "answered"
    );
    response.headers_mut().insert(REQUEST_ID, id.0);
    response
}

/// The method's name if it is one of HTTP's own; a client may send any word as a method.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        Method::PATCH => "PATCH",
        Method::TRACE => "TRACE",
        Method::CONNECT => "CONNECT",
        _ => "other",
    }
}

/// Middleware: adds the headers that every answer has.
pub(super) async fn secure(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in HEADERS {
        response.headers_mut().insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    response
}

/// Middleware: gives up on a request after its time, reading its body included.
pub(super) async fn limit_time(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Response {
    let limit = app.limits.request_timeout;
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::new(
            ErrorCode::Timeout,
            format!("the limit is {} milliseconds", limit.as_millis()),
        )
        .into_response(),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue};

    use super::{REQUEST_ID, RequestId};

    #[test]
    fn only_plain_ids_are_taken_over() {
        let id_of = |given: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(REQUEST_ID, HeaderValue::from_str(given).unwrap());
            RequestId::of(&headers).as_str().to_owned()
        };
        assert_eq!(id_of("abc-1.2_3"), "abc-1.2_3");
        assert_ne!(id_of("chest pain"), "chest pain");
        assert_ne!(id_of(&"a".repeat(65)), "a".repeat(65));
        assert_ne!(id_of(""), id_of(""));
    }
}
