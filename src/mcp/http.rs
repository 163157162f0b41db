//! `/mcp`: the protocol over streamable HTTP.

use std::sync::Arc;

use axum::Router;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};

use super::CodebookServer;
use crate::http::state::App;

/// The address.
pub const ROUTE: &str = "/mcp";

/// Who may ask over HTTP, beside programs on this machine.
///
/// Without these checks a page from elsewhere could point its own name at a service on
/// loopback and ask it through a visitor's browser (DNS rebinding).
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// Names under which the service is reached, as `codes.example.org` or with a port; those of
    /// this machine always are.
    pub hosts: Vec<String>,
    /// Origins of pages that may ask, as `https://app.example.org:443`; none by default.
    pub origins: Vec<String>,
}

/// The route. Requests stand alone, so nothing is kept of a client between them.
pub fn service(app: &Arc<App>) -> Router<Arc<App>> {
    let usual = StreamableHttpServerConfig::default();
    let hosts = usual.allowed_hosts.iter().chain(&app.mcp.hosts).cloned();
    let hosts: Vec<String> = hosts.collect();
    let config = usual
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_max_request_body_bytes(app.limits.body_bytes)
        .with_allowed_hosts(hosts)
        .with_allowed_origins(app.mcp.origins.clone())
        .enforce_origin_validation();
    let app = Arc::clone(app);
    let server = move || Ok(CodebookServer::new(Arc::clone(&app)));
    let sessions = Arc::new(LocalSessionManager::default());
    Router::new().route_service(ROUTE, StreamableHttpService::new(server, sessions, config))
}
