//! The protocol over the standard streams: one client, which started the program.

use std::path::Path;

use rmcp::ServiceExt;
use rmcp::service::ServerInitializeError;

use super::CodebookServer;
use crate::catalog::{Catalog, CatalogError};
use crate::http::silence_panics;
use crate::http::state::{App, Limits};

/// Why the client was not served to the end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StdioError {
    /// The bundle does not serve.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The client did not begin as the protocol asks.
    #[error("the client on the standard streams does not speak the Model Context Protocol")]
    Initialize(#[source] Box<ServerInitializeError>),
    /// The service ended by a fault of its own.
    #[error("the service on the standard streams ended early")]
    Ended(#[from] tokio::task::JoinError),
}

/// Serves the client on the standard streams from the bundle in `root` until it hangs up.
///
/// Nothing but the protocol is written to the standard output.
///
/// # Errors
/// When the bundle does not serve, or what comes in is another protocol.
pub async fn serve_stdio(root: &Path, limits: Limits) -> Result<(), StdioError> {
    silence_panics();
    let app = App::new(Catalog::open(root)?, limits);
    let serving = CodebookServer::new(app)
        .serve(rmcp::transport::stdio())
        .await;
    let serving = match serving {
        Ok(serving) => serving,
        // A client that hangs up at once has asked for nothing.
        Err(ServerInitializeError::ConnectionClosed(_)) => return Ok(()),
        Err(error) => return Err(StdioError::Initialize(Box::new(error))),
    };
    serving.waiting().await?;
    Ok(())
}
