//! The page: static files inside the program, plain modules, nothing fetched from elsewhere.

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use super::errors::{ApiResult, not_found};

/// A file of the page.
struct Asset {
    name: &'static str,
    media_type: &'static str,
    bytes: &'static [u8],
}

macro_rules! assets {
    ($($name:literal: $media_type:literal,)*) => {
        &[$(Asset {
            name: $name,
            media_type: $media_type,
            bytes: include_bytes!($name),
        }),*]
    };
}

const ASSETS: &[Asset] = assets! {
    "index.html": "text/html; charset=utf-8",
    "icon.svg": "image/svg+xml",
    "style.css": "text/css; charset=utf-8",
    "docs.css": "text/css; charset=utf-8",
    "main.js": "text/javascript; charset=utf-8",
    "api.js": "text/javascript; charset=utf-8",
    "book.js": "text/javascript; charset=utf-8",
    "dom.js": "text/javascript; charset=utf-8",
    "results.js": "text/javascript; charset=utf-8",
};

/// `GET /`.
pub(super) async fn page(headers: HeaderMap) -> ApiResult<Response> {
    file("index.html", &headers)
}

/// `GET /favicon.ico`: browsers ask for it unasked.
pub(super) async fn icon(headers: HeaderMap) -> ApiResult<Response> {
    file("icon.svg", &headers)
}

/// `GET /assets/{file}`.
pub(super) async fn asset(
    name: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let Path(name) = name.map_err(|_| not_found())?;
    file(&name, &headers)
}

/// A file by its name in the table; nothing is ever read from the disk.
fn file(name: &str, headers: &HeaderMap) -> ApiResult<Response> {
    let asset = ASSETS.iter().find(|asset| asset.name == name);
    let asset = asset.ok_or_else(not_found)?;
    let tag = format!("\"{:016x}\"", indexer::text::digest(asset.bytes));
    let known = headers
        .get(IF_NONE_MATCH)
        .is_some_and(|given| given == tag.as_str());
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        asset.bytes.into_response()
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(asset.media_type));
    // A new program may come any day: browsers ask each time and get 304.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(ETAG, tag);
    }
    Ok(response)
}
