//! Every route of the service on one page, and what happens around it.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::Method;
use axum::http::header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH, RETRY_AFTER};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::predicate::{NotForContentType, SizeAbove};
use tower_http::compression::{CompressionLayer, CompressionLevel, Predicate};
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::state::{Access, App};
use super::{errors, health, middleware, v1, web};

/// Answers smaller than this are sent as they are: packing them takes longer than sending them.
const LEAST_PACKED_BYTES: u64 = 16 * 1024;

/// The routes, as metrics and logs name them.
pub const ROUTES: [&str; 13] = [
    "/",
    "/assets/{file}",
    "/v1/search",
    "/v1/search:batch",
    "/v1/complete",
    "/v1/codes/{system}/{code}",
    "/v1/releases",
    "/problems/{code}",
    "/health/live",
    "/health/ready",
    "/version",
    "/metrics",
    "/favicon.ico",
];

/// The whole service: what `serve` listens with and what tests call.
pub fn router(app: Arc<App>) -> Router {
    let routes = Router::new()
        .route("/", get(web::page))
        .route("/favicon.ico", get(web::icon))
        .route("/assets/{file}", get(web::asset))
        .route("/v1/search", get(v1::search::get).post(v1::search::post))
        .route(
            "/v1/search:batch",
            post(v1::batch::post).layer(DefaultBodyLimit::max(app.limits.batch_bytes)),
        )
        .route(
            "/v1/complete",
            get(v1::complete::get).post(v1::complete::post),
        )
        .route("/v1/codes/{system}/{code}", get(v1::codes::get))
        .route("/v1/releases", get(v1::releases::get))
        .route("/problems/{code}", get(errors::describe))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/version", get(health::version))
        .route("/metrics", get(health::metrics))
        .with_state(Arc::clone(&app));
    surrounded(app, routes)
}

/// `routes` with what happens around every request, and answers for those that none takes.
pub fn surrounded(app: Arc<App>, routes: Router) -> Router {
    let body_bytes = app.limits.body_bytes;
    routes
        .fallback(errors::fallback)
        .method_not_allowed_fallback(errors::method_not_allowed)
        .layer(
            // From the outside in.
            ServiceBuilder::new()
                .layer(from_fn_with_state(Arc::clone(&app), middleware::observe))
                .layer(from_fn(middleware::secure))
                .option_layer(cross_origin(&app.access))
                .layer(from_fn(errors::render))
                .layer(from_fn_with_state(Arc::clone(&app), middleware::check_host))
                .layer(from_fn(middleware::tell_methods))
                .layer(CatchPanicLayer::custom(errors::panicked))
                .layer(packing())
                .layer(from_fn_with_state(
                    Arc::clone(&app),
                    middleware::tag_by_release,
                ))
                .layer(from_fn_with_state(app, middleware::limit_time))
                .layer(DefaultBodyLimit::max(body_bytes)),
        )
}

/// Lets scripts of the listed origins read answers; none unless some are listed.
fn cross_origin(access: &Access) -> Option<CorsLayer> {
    let origins = match access.origins.as_slice() {
        [] => return None,
        listed if listed.iter().any(|origin| origin == "*") => AllowOrigin::any(),
        listed => AllowOrigin::list(listed.iter().cloned()),
    };
    Some(
        CorsLayer::new()
            .allow_origin(origins)
            .allow_methods([Method::GET, Method::HEAD, Method::POST])
            .allow_headers([CONTENT_TYPE, IF_NONE_MATCH, middleware::REQUEST_ID])
            .expose_headers([ETAG, RETRY_AFTER, middleware::REQUEST_ID])
            .max_age(Duration::from_secs(24 * 60 * 60)),
    )
}

/// Packs large answers for clients that can unpack them, with the least effort; a stream's
/// lines are sent as they come.
fn packing() -> CompressionLayer<impl Predicate> {
    CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(
            SizeAbove::new(LEAST_PACKED_BYTES)
                .and(NotForContentType::IMAGES)
                .and(NotForContentType::const_new(v1::lines::NDJSON)),
        )
}
