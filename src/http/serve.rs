//! Starts the service, reloads its bundle when told to, and stops it gently.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::http::HeaderValue;
use tokio::net::TcpListener;

use super::cpu_pool::off_the_workers;
use super::listen::listen;
use super::router::router;
use super::state::{Access, App, Limits, today};
use crate::catalog::{Catalog, CatalogError};
use crate::mcp;

/// What to serve, and where.
#[derive(Clone, Debug)]
pub struct ServeConfig {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// The bundle that answers, opened again at every reload.
    pub bundle: PathBuf,
    /// What may be asked for.
    pub limits: Limits,
    /// The origins whose scripts may read answers.
    pub origins: Vec<HeaderValue>,
    /// Who may speak the Model Context Protocol; its names are names of the whole service.
    pub mcp: mcp::Access,
}

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The bundle does not serve.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}; another program may hold it, so name another address")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The system's signals cannot be listened to.
    #[error("cannot listen to the system's signals")]
    Signals(#[from] io::Error),
}

/// Serves until the process is told to stop (ctrl-c, SIGTERM); SIGHUP reloads the bundle.
///
/// # Errors
/// When the bundle does not serve or the address cannot be listened on.
pub async fn serve(config: ServeConfig) -> Result<(), ServeError> {
    silence_panics();
    let root = config.bundle.clone();
    let catalog = Catalog::open(&config.bundle)?;
    let address = config.listen;
    let access = Access {
        origins: config.origins,
        names: config.mcp.hosts.clone(),
        local_names_only: address.ip().is_loopback(),
    };
    let app = App::at(catalog, config.limits, today);
    let app = Arc::new(app.with_access(access).with_mcp(config.mcp));
    let listener = TcpListener::bind(address)
        .await
        .map_err(|source| ServeError::Listen { address, source })?;
    let address = listener.local_addr().unwrap_or(address);
    let stop = stop_signal()?;
    let reloads = tokio::spawn(reload_on_signal(Arc::clone(&app), root)?);
    let bundle = app.catalog.snapshot();
    tracing::info!(
        address = %address,
        bundle.sha256 = bundle.digest(),
        "serving on http://{address}"
    );
    drop(bundle);
    listen(listener, router(app), config.limits, stop).await;
    reloads.abort();
    tracing::info!("stopped");
    Ok(())
}

/// Opens the bundle in `root` and lets it take over; a bad one is refused and the old one serves on.
async fn reload(app: &Arc<App>, root: &Path) {
    let opener = Arc::clone(app);
    let path = root.to_owned();
    let outcome = off_the_workers(move || opener.catalog.reload(&path)).await;
    match outcome {
        Ok(Ok(snapshot)) => {
            app.metrics.reloaded(true);
            tracing::info!(bundle.sha256 = snapshot.digest(), "took over a bundle");
        }
        Ok(Err(error)) => {
            app.metrics.reloaded(false);
            tracing::error!(error = %chain(&error), "refused a bundle; the old one serves on");
        }
        Err(_) => {
            app.metrics.reloaded(false);
            tracing::error!("opening a bundle panicked; the old one serves on");
        }
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text.push_str(": ");
        text.push_str(&source.to_string());
        next = source.source();
    }
    text
}

/// Lets a panic tell where it happened and no more: its message may quote a query.
pub(crate) fn silence_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let (file, line) = panic
            .location()
            .map_or(("unknown", 0), |at| (at.file(), at.line()));
        tracing::error!(file, line, "panicked");
    }));
}

#[cfg(unix)]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping: open requests may end");
    })
}

#[cfg(not(unix))]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
        tracing::info!("stopping: open requests may end");
    })
}

#[cfg(unix)]
fn reload_on_signal(
    app: Arc<App>,
    root: PathBuf,
) -> io::Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut hangup = signal(SignalKind::hangup())?;
    Ok(async move {
        while hangup.recv().await.is_some() {
            reload(&app, &root).await;
        }
    })
}

#[cfg(not(unix))]
fn reload_on_signal(
    _app: Arc<App>,
    _root: PathBuf,
) -> io::Result<impl Future<Output = ()> + Send + 'static> {
    Ok(std::future::pending())
}
