//! Every route of the service on one page, and what happens around it.

use std::sync::Arc;

use axum::Extension;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{any, get};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::predicate::{NotForContentType, SizeAbove};
use tower_http::compression::{CompressionLayer, CompressionLevel, Predicate};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt};
use utoipa_axum::routes;

use super::openapi::{self, Description};
use super::state::App;
use super::{errors, fhir, health, middleware, nlm, v1, web, who};
use crate::mcp;

/// Answers smaller than this are sent as they are: packing them takes longer than sending them.
const LEAST_PACKED_BYTES: u64 = 16 * 1024;

/// The routes, as metrics and logs name them.
pub const ROUTES: [&str; 43] = [
    "/",
    "/assets/{file}",
    "/v1/search",
    "/v1/search:batch",
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
    "/openapi.json",
    "/docs",
    "/health/live",
    "/health/ready",
    "/version",
    "/metrics",
    "/favicon.ico",
];

/// The whole service: what `serve` listens with and what tests call.
///
/// `routes!` takes address and method from the annotation above a handler, and
/// puts the operation into the document at `/openapi.json`.
pub fn router(app: Arc<App>) -> Router {
    let batch = DefaultBodyLimit::max(app.limits.batch_bytes);
    let claims = DefaultBodyLimit::max(v1::edits::MOST_BODY_BYTES.max(app.limits.body_bytes));
    let (routes, document) = OpenApiRouter::with_openapi(openapi::head())
        .routes(routes!(v1::search::get, v1::search::post))
        .routes(routes!(v1::batch::post).layer(batch))
        .routes(routes!(v1::complete::get, v1::complete::post))
        .routes(routes!(v1::codes::get))
        .routes(routes!(v1::releases::get))
        .routes(routes!(v1::validate::get, v1::validate::post))
        .routes(routes!(v1::diff::get))
        .routes(routes!(v1::translate::get))
        .routes(routes!(v1::tree::roots))
        .routes(routes!(v1::tree::get))
        .routes(routes!(v1::index::get))
        .routes(routes!(v1::pcs::empty))
        .routes(routes!(v1::pcs::get))
        .routes(routes!(v1::modifiers::get))
        .routes(routes!(v1::edits::check).layer(claims))
        .routes(routes!(v1::edit_tables::pair))
        .routes(routes!(v1::edit_tables::ptp))
        .routes(routes!(v1::edit_tables::mue))
        .routes(routes!(v1::edit_tables::add_on))
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .routes(routes!(health::version))
        .routes(routes!(health::metrics))
        .split_for_parts();
    let routes = routes
        .route("/", get(web::page))
        .route("/favicon.ico", get(web::icon))
        .route("/assets/{file}", get(web::asset))
        .route(
            "/fhir/{*path}",
            any(fhir::serve).layer(DefaultBodyLimit::max(app.limits.resource_bytes)),
        )
        .route("/problems/{code}", get(errors::describe))
        .route("/openapi.json", get(openapi::document))
        .route("/docs", get(openapi::docs))
        .layer(Extension(Arc::new(Description::new(&document))))
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
                .layer(from_fn_with_state(
                    Arc::clone(&app),
                    middleware::cross_origin,
                ))
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
