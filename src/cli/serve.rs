//! `codebook serve`.

use std::net::SocketAddr;
use std::time::Duration;

use axum::http::HeaderValue;
use clap::Args;
use clap::builder::RangedU64ValueParser;
use codebook::http::state::Limits;
use codebook::http::{ServeConfig, serve};
use codebook::mcp::Access;

use super::options::BundleOption;
use super::{CliError, Outcome, bundles};

/// The arguments of `serve`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  codebook serve
  codebook serve --bundle bundle --listen 0.0.0.0:8080 --log-format json
  kill -HUP PID     opens the bundle anew; a bad one is refused and the old one serves on")]
pub(crate) struct ServeArgs {
    /// The address to listen on.
    #[arg(
        long,
        value_name = "ADDRESS",
        default_value = "127.0.0.1:8080",
        env = "CODEBOOK_LISTEN"
    )]
    listen: SocketAddr,
    #[command(flatten)]
    bundle: BundleOption,
    /// How many searches run at once; without it, one a core.
    #[arg(long, value_name = "NUMBER", env = "CODEBOOK_CORES", value_parser = count(1, 1024))]
    cores: Option<usize>,
    /// How many searches may wait for a core before more are refused; without it, 64 a core.
    #[arg(long, value_name = "NUMBER", env = "CODEBOOK_QUEUE", value_parser = count(0, 1_000_000))]
    queue: Option<usize>,
    /// How many connections are held at once.
    #[arg(
        long,
        value_name = "NUMBER",
        default_value_t = Limits::default().connections,
        env = "CODEBOOK_CONNECTIONS",
        value_parser = count(1, 1_000_000)
    )]
    connections: usize,
    /// How long a request may take, in milliseconds.
    #[arg(
        long,
        value_name = "MS",
        default_value_t = 10_000,
        env = "CODEBOOK_TIMEOUT_MS",
        value_parser = clap::value_parser!(u64).range(1..=600_000)
    )]
    timeout_ms: u64,
    /// An origin whose scripts may read answers, as https://app.example; `*` for any; may be repeated.
    #[arg(
        long,
        value_name = "ORIGIN",
        env = "CODEBOOK_CORS_ORIGIN",
        value_delimiter = ',',
        value_parser = origin
    )]
    cors_origin: Vec<HeaderValue>,
    /// A name under which the service is reached, beside those of this machine; may be repeated.
    #[arg(
        long,
        value_name = "HOST",
        env = "CODEBOOK_HOST",
        value_delimiter = ',',
        alias = "mcp-host"
    )]
    host: Vec<String>,
    /// The origin of a page that may ask /mcp, as https://app.example:443; may be repeated.
    #[arg(
        long,
        value_name = "ORIGIN",
        env = "CODEBOOK_MCP_ORIGIN",
        value_delimiter = ','
    )]
    mcp_origin: Vec<String>,
}

/// An origin as browsers send it: a scheme and a host, nothing behind them.
fn origin(text: &str) -> Result<HeaderValue, String> {
    let host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let is_origin = host.is_some_and(|host| {
        !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']) && host.is_ascii()
    });
    if text != "*" && !is_origin {
        return Err("an origin is written https://app.example, without a path".to_owned());
    }
    HeaderValue::from_str(&text.to_ascii_lowercase()).map_err(|error| error.to_string())
}

fn count(least: u64, most: u64) -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(least..=most)
}

pub(super) fn run(args: ServeArgs) -> Result<Outcome, CliError> {
    let config = ServeConfig {
        listen: args.listen,
        bundle: bundles::folder(&args.bundle)?,
        limits: limits(&args),
        origins: args.cors_origin,
        mcp: Access {
            hosts: args.host,
            origins: args.mcp_origin,
        },
    };
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(CliError::Threads)?
        .block_on(serve(config))?;
    Ok(Outcome::Done)
}

fn limits(args: &ServeArgs) -> Limits {
    let usual = Limits::default();
    let cores = args.cores.unwrap_or(usual.cores);
    Limits {
        cores,
        queued: args.queue.unwrap_or(64 * cores),
        connections: args.connections,
        request_timeout: Duration::from_millis(args.timeout_ms),
        ..usual
    }
}
