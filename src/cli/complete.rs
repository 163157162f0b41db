//! `codebook complete`.

use std::io::{self, Write};

use clap::Args;
use codebook::answers::{self, Releases};
use codebook::complete::{CompleteRequest, Completion, complete};
use serde::Serialize;

use super::options::{BundleOption, DateOption, FilterOptions};
use super::{CliError, Outcome, bundles, output};

/// The arguments of `complete`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  codebook complete diab
  codebook complete S52.5 --billable
  codebook complete 'type 2 diabetes with f' --limit 5 --json")]
pub(crate) struct CompleteArgs {
    /// What was typed so far; a blank at its end says that the last word is whole.
    #[arg(value_name = "TEXT", required = true)]
    text: Vec<String>,
    /// How many completions are wanted, at most 100.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u8).range(1..=100))]
    limit: u8,
    #[command(flatten)]
    filters: FilterOptions,
    #[command(flatten)]
    date: DateOption,
    #[command(flatten)]
    bundle: BundleOption,
    /// Write the answer as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct CompleteAnswer {
    completions: Vec<Completion>,
    release: Releases,
}

pub(super) fn run(args: CompleteArgs) -> Result<Outcome, CliError> {
    let searcher = bundles::searcher(&args.bundle)?;
    let request = CompleteRequest {
        text: args.text.join(" "),
        filters: args.filters.filters(),
        date: args.date.day(),
        limit: usize::from(args.limit),
    };
    let completions = complete(&searcher, &request)?;
    let mut out = io::stdout().lock();
    if args.json {
        let systems = &request.filters.systems;
        let release = answers::releases(searcher.bundle(), systems, request.date);
        let answer = CompleteAnswer {
            completions,
            release,
        };
        output::json(&mut out, &answer)?;
        return Ok(Outcome::Done);
    }
    let mut table = output::table(&["code", "", "phrase", "title"], &[]);
    for completion in &completions {
        let title = if completion.text == completion.display {
            ""
        } else {
            &completion.display
        };
        let billable = if completion.billable {
            "billable"
        } else {
            "header"
        };
        table.add_row([&completion.code, billable, &completion.text, title]);
    }
    if completions.is_empty() {
        writeln!(out, "nothing begins so")?;
    } else {
        output::write_table(&mut out, &table)?;
    }
    Ok(Outcome::Done)
}
