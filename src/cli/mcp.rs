//! `codebook mcp`.

use clap::Args;
use codebook::http::state::Limits;
use codebook::mcp::serve_stdio;

use super::options::BundleOption;
use super::{CliError, Outcome, bundles};

/// The arguments of `mcp`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  codebook mcp --bundle bundle
  in the settings of an assistant:
  { \"mcpServers\": { \"codebook\": { \"command\": \"codebook\", \"args\": [\"mcp\"] } } }")]
pub(crate) struct McpArgs {
    #[command(flatten)]
    bundle: BundleOption,
}

pub(super) fn run(args: &McpArgs) -> Result<Outcome, CliError> {
    let root = bundles::folder(&args.bundle)?;
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(CliError::Threads)?
        .block_on(serve_stdio(&root, Limits::default()))?;
    Ok(Outcome::Done)
}
