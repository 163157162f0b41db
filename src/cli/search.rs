//! `codebook search`.

use std::io::{self, Read, Write};
use std::time::Instant;

use clap::Args;
use codebook::answers::{
    self, ContributionAnswer, CorrectedAnswer, ExpandedAnswer, MatchAnswer, QueryAnswer, Releases,
    ResultAnswer,
};
use codebook::search::{Mode, SearchRequest};
use serde::Serialize;

use super::options::{BundleOption, DateOption, FilterOptions};
use super::{CliError, Outcome, bundles, output};

/// The most bytes that are read from the standard input; search reads fewer still.
const MOST_INPUT_BYTES: u64 = 64 << 10;

/// The arguments of `search`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  codebook search type 2 diabetes with foot ulcer
  codebook search E11 foot ulcer
  codebook search 'htn w/ ckd stage 3' --billable --json
  echo 'sprain right ankle' | codebook search -")]
pub(crate) struct SearchArgs {
    /// The phrase, code or beginning of a code; `-` reads it from the standard input.
    #[arg(value_name = "TEXT", required = true)]
    text: Vec<String>,
    /// How many hits are wanted.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u8).range(1..=100))]
    limit: u8,
    /// How many hits are skipped.
    #[arg(long, value_name = "N", default_value_t = 0)]
    offset: u8,
    /// Take the last word for the beginning of one.
    #[arg(long)]
    unfinished: bool,
    /// Say what each feature added to a hit's score.
    #[arg(long)]
    explain: bool,
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

/// The answer as in the JSON API, but with an offset for a cursor.
#[derive(Serialize)]
struct SearchAnswer {
    query: QueryAnswer,
    total: usize,
    total_exact: bool,
    took_us: u64,
    offset: usize,
    results: Vec<ResultAnswer>,
    release: Releases,
}

pub(super) fn run(args: SearchArgs) -> Result<Outcome, CliError> {
    let text = match args.text.as_slice() {
        [dash] if dash == "-" => read_input()?,
        words => words.join(" "),
    };
    let searcher = bundles::searcher(&args.bundle)?;
    let request = SearchRequest {
        text,
        filters: args.filters.filters(),
        date: args.date.day(),
        mode: if args.unfinished {
            Mode::Complete
        } else {
            Mode::Final
        },
        offset: usize::from(args.offset),
        limit: usize::from(args.limit),
    };
    let start = Instant::now();
    let answer = searcher.search(&request)?;
    let took_us = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
    let bundle = searcher.bundle();
    let answer = SearchAnswer {
        query: answers::query(&answer.plan, &answer.hits),
        total: answer.total,
        total_exact: answer.total_exact,
        took_us,
        offset: request.offset,
        results: answers::results(bundle, &answer, request.date, args.explain),
        release: answers::releases(bundle, &request.filters.systems, request.date),
    };
    let mut out = io::stdout().lock();
    if args.json {
        output::json(&mut out, &answer)?;
    } else {
        write_answer(&mut out, &answer)?;
    }
    Ok(Outcome::Done)
}

fn read_input() -> Result<String, CliError> {
    let mut bytes = Vec::new();
    io::stdin()
        .lock()
        .take(MOST_INPUT_BYTES)
        .read_to_end(&mut bytes)
        .map_err(CliError::Input)?;
    Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
}

fn write_answer(out: &mut dyn Write, answer: &SearchAnswer) -> Result<(), CliError> {
    let query = &answer.query;
    for ExpandedAnswer { from, to, source } in &query.expanded {
        writeln!(out, "read `{from}` as `{to}` ({source})")?;
    }
    for CorrectedAnswer { from, to } in &query.corrected {
        writeln!(out, "read `{from}` as `{to}` (spelling)")?;
    }
    if !query.negated.is_empty() {
        writeln!(out, "not searched, as denied: {}", query.negated.join(", "))?;
    }
    if !query.statements.is_empty() {
        writeln!(
            out,
            "taken for {} statements: {}",
            query.statements.len(),
            query.statements.join(" | ")
        )?;
    }
    for hit in &answer.results {
        let mark = match hit.needs {
            None if hit.billable => "billable".to_owned(),
            None => hit.status.id().to_owned(),
            Some(needs) => format!("needs {}", output::more_characters(needs)),
        };
        writeln!(out, "{:<9} {mark:<28} {}", hit.code, hit.display)?;
        if hit.matched.kind != "code" && hit.matched.text != hit.display {
            let MatchAnswer { kind, text, .. } = &hit.matched;
            writeln!(out, "{:<38} {kind}: {text}", "")?;
        }
        if let Some(header) = &hit.default_of {
            writeln!(out, "{:<38} the default code of {header}", "")?;
        }
        for ContributionAnswer { feature, adds } in hit.explain.iter().flatten() {
            writeln!(out, "{:<38} {adds:+.3} {feature}", "")?;
        }
    }
    if answer.results.is_empty() {
        writeln!(out, "nothing found")?;
    }
    let least = if answer.total_exact { "" } else { "at least " };
    let releases: Vec<String> = answer
        .release
        .iter()
        .map(|(system, stamp)| {
            output::release(system, &stamp.version, &stamp.effective, stamp.in_force)
        })
        .collect();
    writeln!(
        out,
        "\n{} of {least}{} from {}",
        answer.results.len(),
        answer.total,
        releases.join("; ")
    )?;
    Ok(())
}
