//! `codebook verify`.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use indexer::bundle::Bundle;
use serde::Serialize;

use super::options::BundleOption;
use super::{CliError, Outcome, bundles, output};

/// The arguments of `verify`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  codebook verify --bundle bundle
  codebook verify --bundle bundle --json")]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    bundle: BundleOption,
    /// Write the answer as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct VerifyAnswer {
    path: PathBuf,
    ok: bool,
    files: usize,
    bytes: u64,
    problem: Option<String>,
}

pub(super) fn run(args: VerifyArgs) -> Result<Outcome, CliError> {
    let path = bundles::folder(&args.bundle)?;
    let answer = match Bundle::verify(&path) {
        Ok(manifest) => VerifyAnswer {
            path,
            ok: true,
            files: manifest.files.len(),
            bytes: manifest.files.values().map(|file| file.bytes).sum(),
            problem: None,
        },
        Err(error) => VerifyAnswer {
            path,
            ok: false,
            files: 0,
            bytes: 0,
            problem: Some(error.to_string()),
        },
    };
    let mut out = io::stdout().lock();
    if args.json {
        output::json(&mut out, &answer)?;
    } else if let Some(problem) = &answer.problem {
        writeln!(io::stderr(), "codebook: {problem}")?;
    } else {
        let size = output::megabytes(answer.bytes);
        writeln!(
            out,
            "{}: all {} files ({size}) are as they were written",
            answer.path.display(),
            answer.files
        )?;
    }
    Ok(if answer.ok {
        Outcome::Done
    } else {
        Outcome::Problem
    })
}
