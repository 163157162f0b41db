//! `codebook serve`.

use std::net::SocketAddr;

use clap::Args;

use super::options::BundleOption;
use super::{CliError, Outcome, bundles};

/// The arguments of `serve`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  codebook serve
  codebook serve --bundle bundle --listen 0.0.0.0:8080 --log-format json")]
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
}

pub(super) fn run(args: ServeArgs) -> Result<Outcome, CliError> {
    let _bundle = bundles::folder(&args.bundle)?;
    let _listen = args.listen;
    Ok(Outcome::Problem)
}
