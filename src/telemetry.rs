//! Logging: events go to the error output, as text or as JSON.
//!
//! What may stand in an event is the business of those who write it; query
//! text never does at `info` or above.

use std::io::{self, IsTerminal};

use clap::ValueEnum;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::util::TryInitError;

/// How an event is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// A line for people.
    #[default]
    Text,
    /// A JSON object a line, for collectors.
    Json,
}

/// Starts logging: what `RUST_LOG` asks for, else events of `level` and above.
///
/// # Errors
/// When logging was started before.
pub(crate) fn start(format: LogFormat, level: LevelFilter) -> Result<(), TryInitError> {
    use tracing_subscriber::layer::SubscriberExt;
    use tracing_subscriber::util::SubscriberInitExt;
    let filter = EnvFilter::builder()
        .with_default_directive(level.into())
        .from_env_lossy();
    let events = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal());
    // rmcp writes whole messages into its events, and those hold queries.
    let quiet = filter_fn(|event| !event.target().starts_with("rmcp"));
    match format {
        LogFormat::Text => events.finish().with(quiet).try_init(),
        LogFormat::Json => events
            .json()
            .flatten_event(true)
            .finish()
            .with(quiet)
            .try_init(),
    }
}
