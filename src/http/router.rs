//! Every route of the service on one page, and what happens around it.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{any, get, post};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::predicate::{And, NotForContentType, SizeAbove};
use tower_http::compression::{CompressionLayer, CompressionLevel, Predicate};

use super::state::App;
use super::{errors, fhir, health, middleware, nlm, v1, web, who};
use crate::mcp;

/// Answers smaller than this are sent as they are: packing them takes longer than sending them.
const LEAST_PACKED_BYTES: u64 = 16 * 1024;

/// The routes, as metrics and logs name them.
pub const ROUTES: [&str; 40] = [
    "/",
    "/assets/{file}",
    "/v1/search",
    "/v1/complete",
    "/v1/codes/{system}/{code}",
    "/v1/releases",
    "/v1/edits/check",
    "/v1/edits/pair",
    "/v1/edits/ptp/{code}",
    "/v1/edits/mue/{code}",
    "/v1/edits/addon/{code}",
    "/v1/validate",
    "/v1/diff/{system}",
    "/v1/translate",
    "/v1/tree/{system}",
    "/v1/tree/{system}/{code}",
    "/v1/index",
    "/v1/pcs",
    "/v1/pcs/{stub}",
    "/v1/modifiers",
    nlm::ROUTE,
    mcp::ROUTE,
    who::ROUTES[0],
    who::ROUTES[1],
    who::ROUTES[2],
    who::ROUTES[3],
    who::ROUTES[4],
    who::ROUTES[5],
    who::ROUTES[6],
    who::ROUTES[7],
    who::ROUTES[8],
    who::ROUTES[9],
    who::ROUTES[10],
    "/fhir/{*path}",
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
            "/v1/complete",
            get(v1::complete::get).post(v1::complete::post),
        )
        .route("/v1/codes/{system}/{code}", get(v1::codes::get))
        .route("/v1/releases", get(v1::releases::get))
        .route(
            "/v1/validate",
            get(v1::validate::get).post(v1::validate::post),
        )
        .route("/v1/diff/{system}", get(v1::diff::get))
        .route("/v1/translate", get(v1::translate::get))
        .route("/v1/tree/{system}", get(v1::tree::roots))
        .route("/v1/tree/{system}/{code}", get(v1::tree::get))
        .route("/v1/index", get(v1::index::get))
        .route("/v1/pcs", get(v1::pcs::empty))
        .route("/v1/pcs/{stub}", get(v1::pcs::get))
        .route("/v1/modifiers", get(v1::modifiers::get))
        .route(
            "/fhir/{*path}",
            any(fhir::serve).layer(DefaultBodyLimit::max(app.limits.resource_bytes)),
        )
        .route(
            "/v1/edits/check",
            post(v1::edits::check).layer(DefaultBodyLimit::max(
                v1::edits::MOST_BODY_BYTES.max(app.limits.body_bytes),
            )),
        )
        .route("/v1/edits/pair", get(v1::edit_tables::pair))
        .route("/v1/edits/ptp/{code}", get(v1::edit_tables::ptp))
        .route("/v1/edits/mue/{code}", get(v1::edit_tables::mue))
        .route("/v1/edits/addon/{code}", get(v1::edit_tables::add_on))
        .route("/problems/{code}", get(errors::describe))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/version", get(health::version))
        .route("/metrics", get(health::metrics))
        .merge(nlm::routes())
        .merge(mcp::service(&app))
        .merge(who::routes())
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
                .layer(from_fn(errors::render))
                .layer(CatchPanicLayer::custom(errors::panicked))
                .layer(packing())
                .layer(from_fn_with_state(app, middleware::limit_time))
                .layer(DefaultBodyLimit::max(body_bytes)),
        )
}

/// Packs large answers for clients that can unpack them, with the least effort.
fn packing() -> CompressionLayer<And<SizeAbove, NotForContentType>> {
    CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(SizeAbove::new(LEAST_PACKED_BYTES).and(NotForContentType::IMAGES))
}
