//! `/icd/…`: ICD-11 as WHO's ICD-API answers it, for clients such as WHO's
//! Embedded Coding Tool.
//!
//! Published as OpenAPI at <https://id.who.int/swagger/index.html> (2.6). Of the
//! linearizations there is MMS; of languages English. What WHO's tabulation does
//! not hold (definitions, exclusions, postcoordination axes) is not answered.
//! Names of codes that are not WHO's are marked as such.

mod codes;
mod entity;
mod releases;
mod search;
mod texts;
mod wire;

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::options;
use codesets::CodeSystem;
use indexer::bundle::{Bundle, LoadedRelease};

use super::errors::{ApiError, ApiResult, ErrorCode, not_found};
use super::state::App;

/// The addresses of the door.
pub(super) const ROUTES: [&str; 11] = [
    "/icd/release/11/{release}",
    "/icd/release/11/{release}/{linearization}",
    "/icd/release/11/{release}/{linearization}/search",
    "/icd/release/11/{release}/{linearization}/autocode",
    "/icd/release/11/{release}/{linearization}/lookup",
    "/icd/release/11/{release}/{linearization}/codeinfo/{code}",
    "/icd/release/11/{release}/{linearization}/{id}",
    "/icd/release/11/{release}/{linearization}/{id}/{residual}",
    "/icd/entity",
    "/icd/entity/{id}",
    "/analytics/clientanalytics",
];

/// The linearization that is loaded.
const LINEARIZATION: &str = "mms";
/// The version of WHO's API that is answered; its clients choose POST for searches by it.
const API_VERSION: HeaderValue = HeaderValue::from_static("v2.6.0");
const API_VERSION_NAME: HeaderName = HeaderName::from_static("api-version");

/// The routes of the door.
pub(super) fn routes() -> Router<Arc<App>> {
    let [
        release,
        root,
        search,
        autocode,
        lookup,
        codeinfo,
        entity,
        residual,
        foundation_root,
        foundation,
        analytics,
    ] = ROUTES;
    let preflight = || options(nothing);
    Router::new()
        .route(release, preflight().get(releases::all))
        .route(root, preflight().get(releases::root_or_entity))
        .route(search, preflight().get(search::answer).post(search::answer))
        .route(
            autocode,
            preflight().get(search::autocode).post(search::autocode),
        )
        .route(lookup, preflight().get(entity::lookup))
        .route(codeinfo, preflight().get(codes::codeinfo))
        .route(entity, preflight().get(entity::entity))
        .route(residual, preflight().get(entity::residual))
        .route(foundation_root, preflight().get(releases::foundation))
        .route(foundation, preflight().get(entity::foundation))
        .route(analytics, preflight().post(nothing))
        .layer(from_fn(open_to_pages))
}

/// Middleware: lets pages of any origin ask, as WHO's own service does, and names the version.
///
/// Everything here is published, read only and without credentials.
async fn open_to_pages(request: Request, next: Next) -> Response {
    let is_preflight = request.method() == Method::OPTIONS;
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let any = HeaderValue::from_static("*");
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, any);
    let version = HeaderValue::from_static("API-Version");
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, version);
    headers.insert(API_VERSION_NAME, API_VERSION);
    if is_preflight {
        for (name, value) in [
            (ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, OPTIONS"),
            (
                ACCESS_CONTROL_ALLOW_HEADERS,
                "API-Version, Accept-Language, Authorization, Content-Type",
            ),
            (ACCESS_CONTROL_MAX_AGE, "86400"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    response
}

/// Answers preflights, and WHO's tool when it reports what was chosen for which words: nothing
/// of that is kept.
async fn nothing() -> StatusCode {
    StatusCode::NO_CONTENT
}

const SYSTEM: CodeSystem = CodeSystem::Icd11Mms;

/// The loaded releases of ICD-11, the newest first.
///
/// # Errors
/// When there is none.
fn loaded(bundle: &Bundle) -> ApiResult<Vec<&LoadedRelease>> {
    let of_system = |release: &&LoadedRelease| release.system == SYSTEM;
    let mut loaded: Vec<&LoadedRelease> = bundle.releases().iter().filter(of_system).collect();
    loaded.reverse();
    if loaded.is_empty() {
        let detail = format!("no release of {SYSTEM} is loaded");
        return Err(ApiError::new(ErrorCode::SystemNotLoaded, detail).at("release"));
    }
    Ok(loaded)
}

/// The release `version` of the linearization, both as an address names them.
///
/// # Errors
/// When that release is not loaded, or there is no such linearization.
fn release<'b>(
    bundle: &'b Bundle,
    version: &str,
    linearization: &str,
) -> ApiResult<&'b LoadedRelease> {
    if linearization != LINEARIZATION {
        return Err(not_found());
    }
    let loaded = loaded(bundle)?;
    let named = loaded.iter().find(|release| release.version == version);
    named.copied().ok_or_else(|| {
        let versions: Vec<&str> = loaded.iter().map(|release| &*release.version).collect();
        let detail = format!("loaded releases of {SYSTEM} are {}", versions.join(", "));
        ApiError::new(ErrorCode::NotFound, detail).at("release")
    })
}
