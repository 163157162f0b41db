//! What happens around every request: its id, its log line, its time limit and the headers of its answer.
//!
//! The log line holds method, route template, status, microseconds and request
//! id, and nothing else: the address itself may hold a patient's words.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD,
    CACHE_CONTROL, ETAG, HOST, IF_NONE_MATCH, ORIGIN, VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::errors::{ApiError, ErrorCode};
use super::metrics::UNMATCHED;
use super::state::App;
use crate::catalog::hex;

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

/// Middleware: answers `OPTIONS` with the methods that the address takes.
pub(super) async fn tell_methods(request: Request, next: Next) -> Response {
    let asked = request.method() == Method::OPTIONS;
    let response = next.run(request).await;
    // The method router refuses OPTIONS as it refuses any other, and then adds the header
    // that names those it takes.
    if asked && response.status() == StatusCode::METHOD_NOT_ALLOWED {
        return StatusCode::NO_CONTENT.into_response();
    }
    response
}

/// The doors whose interface is another publisher's, and with it who may read their answers.
const OTHER_DOORS: [&str; 5] = ["/fhir/", "/api/", "/icd/", "/mcp", "/analytics/"];

/// Middleware: lets scripts of the listed origins read answers; none unless some are listed.
pub(super) async fn cross_origin(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    let listed = &app.access.origins;
    let origin = request.headers().get(ORIGIN).cloned();
    let origin = origin.filter(|origin| listed.iter().any(|one| one == origin || one == "*"));
    let other = OTHER_DOORS.iter().any(|door| path.starts_with(door));
    let Some(origin) = origin.filter(|_| !other) else {
        let mut response = next.run(request).await;
        if !listed.is_empty() && !other {
            response
                .headers_mut()
                .append(VARY, HeaderValue::from_static("origin"));
        }
        return response;
    };
    let preflight = request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if preflight {
        StatusCode::NO_CONTENT.into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("origin"));
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    let told: &[(HeaderName, &str)] = if preflight {
        &[
            (ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, POST"),
            (
                ACCESS_CONTROL_ALLOW_HEADERS,
                "content-type, if-none-match, x-request-id",
            ),
            (ACCESS_CONTROL_MAX_AGE, "86400"),
        ]
    } else {
        &[(
            ACCESS_CONTROL_EXPOSE_HEADERS,
            "etag, retry-after, x-request-id",
        )]
    };
    for (name, value) in told {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Middleware: on loopback, refuses requests for another machine's name.
pub(super) async fn check_host(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Response {
    if app.access.local_names_only && !names_this_service(&request, &app.access.names) {
        let detail = "the service listens on this machine alone: ask it as localhost or 127.0.0.1, \
                      or name the host with --host";
        return ApiError::new(ErrorCode::HostUnknown, detail).into_response();
    }
    next.run(request).await
}

/// Whether the host asked for is a name of this machine or one of `names`, with or without its
/// port; a request without one is no browser's.
fn names_this_service(request: &Request, names: &[String]) -> bool {
    let header = request.headers().get(HOST).map(HeaderValue::as_bytes);
    let written = request.uri().authority().map(|it| it.as_str().as_bytes());
    let is_named = |authority: &[u8]| {
        names.iter().map(String::as_bytes).any(|name| {
            let rest = authority
                .split_at_checked(name.len())
                .filter(|(first, _)| first.eq_ignore_ascii_case(name));
            rest.is_some_and(|(_, rest)| rest.is_empty() || rest.starts_with(b":"))
        })
    };
    let mut asked = header.into_iter().chain(written);
    asked.all(|authority| is_local(authority) || is_named(authority))
}

fn is_local(authority: &[u8]) -> bool {
    let Ok(authority) = std::str::from_utf8(authority) else {
        return false;
    };
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    host == "localhost"
        || host.ends_with(".localhost")
        || host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// The addresses of the API whose answers hold what was asked, and which nobody may keep.
const UNKEPT: [&str; 3] = ["/v1/search", "/v1/complete", "/v1/index"];

/// Middleware: an answer that follows from bundle, day and address alone has a tag of these,
/// and who has it already gets 304 without anything being worked out.
pub(super) async fn tag_by_release(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if !reads || !path.starts_with("/v1/") || UNKEPT.contains(&path) {
        return next.run(request).await;
    }
    let tag = release_tag(&app, request.uri());
    let known = request
        .headers()
        .get_all(IF_NONE_MATCH)
        .iter()
        .any(|given| {
            let given = given.to_str().unwrap_or("");
            given.split(',').any(|one| one.trim() == tag)
        });
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        next.run(request).await
    };
    if matches!(response.status(), StatusCode::OK | StatusCode::NOT_MODIFIED) {
        let headers = response.headers_mut();
        // Another bundle may take over at any time: caches ask each time and get 304.
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            headers.insert(ETAG, tag);
        }
    }
    response
}

/// The tag is weak: packed and plain answers share it.
fn release_tag(app: &App, uri: &Uri) -> String {
    let mut digest = Sha256::new();
    let today = (app.today)().to_string();
    let snapshot = app.catalog.snapshot();
    for part in [
        snapshot.digest(),
        env!("CARGO_PKG_VERSION"),
        &today,
        uri.path(),
        uri.query().unwrap_or(""),
    ] {
        digest.update(part.len().to_be_bytes());
        digest.update(part);
    }
    format!("W/\"{}\"", &hex(&digest.finalize()[..12]))
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue};

    use super::{REQUEST_ID, RequestId, is_local};

    #[test]
    fn names_of_this_machine_are_local() {
        for host in [
            "localhost",
            "LOCALHOST:8080",
            "localhost.:80",
            "app.localhost",
            "127.0.0.1:8080",
            "127.9.9.9",
            "[::1]:8080",
            "[::1]",
        ] {
            assert!(is_local(host.as_bytes()), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example:8080",
            "10.0.0.1",
            "[::2]:80",
            "notlocalhost",
        ] {
            assert!(!is_local(host.as_bytes()), "{host}");
        }
    }

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
