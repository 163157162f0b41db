//! The program: reads what was typed, runs it, and says with its exit code how it went.

mod cli;
mod telemetry;

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;

/// The exit code for a problem; wrong usage is 2, which the reader of arguments gives itself.
const PROBLEM: u8 = 1;

fn main() -> ExitCode {
    let args = cli::Args::parse();
    match run(args) {
        Ok(cli::Outcome::Done) => ExitCode::SUCCESS,
        Ok(cli::Outcome::Problem) => ExitCode::from(PROBLEM),
        // Whoever reads the output, `head` for one, may stop when it has enough.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            // If the error output is closed too, nobody is there to be told.
            let _ = writeln!(io::stderr(), "codebook: {error:#}");
            ExitCode::from(PROBLEM)
        }
    }
}

fn run(args: cli::Args) -> anyhow::Result<cli::Outcome> {
    telemetry::start(args.log_format, args.command.logs_by_default())
        .context("cannot start logging")?;
    Ok(args.command.run()?)
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}
