//! `codebook search`.

use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use codebook::answers::{
    self, ContributionAnswer, CorrectedAnswer, ExpandedAnswer, GroupAnswer, MatchAnswer,
    QueryAnswer, Releases, ResultAnswer,
};
use codebook::search::{ChosenSense, Mode, SearchRequest, Searcher};
use serde::Serialize;

use super::options::{BundleOption, DateOption, FilterOptions};
use super::{CliError, Outcome, bundles, output};

mod phrases;

/// The most bytes that are read from the standard input; search reads fewer still.
const MOST_INPUT_BYTES: u64 = 64 << 10;

/// The arguments of `search`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  codebook search type 2 diabetes with foot ulcer
  codebook search E11 foot ulcer
  codebook search 'htn w/ ckd stage 3' --billable --json
  echo 'sprain right ankle' | codebook search -
  codebook search MS with regurgitation --read 'MS=mitral stenosis'
  codebook search --file notes.txt --limit 3 --csv > codes.csv")]
pub(crate) struct SearchArgs {
    /// The phrase, code or beginning of a code; `-` reads it from the standard input.
    #[arg(
        value_name = "TEXT",
        required_unless_present = "file",
        conflicts_with = "file"
    )]
    text: Vec<String>,
    /// Answer every line of a file, in its order; `-` is the standard input.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// With --file, write a row a hit instead of a JSON object a line.
    #[arg(long, requires = "file")]
    csv: bool,
    /// How many hits are wanted.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u8).range(1..=100))]
    limit: u8,
    /// How many hits are skipped.
    #[arg(long, value_name = "N", default_value_t = 0)]
    offset: u8,
    /// Take the last word for the beginning of one.
    #[arg(long)]
    unfinished: bool,
    /// Read a phrase of the text in a sense of its own: `MS=mitral stenosis`; may be repeated.
    #[arg(long, value_name = "PHRASE=SENSE", value_parser = sense)]
    read: Vec<ChosenSense>,
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
    groups: Vec<GroupAnswer>,
    release: Releases,
}

pub(super) fn run(args: SearchArgs) -> Result<Outcome, CliError> {
    let searcher = bundles::searcher(&args.bundle)?;
    let request = SearchRequest {
        text: match args.text.as_slice() {
            [dash] if dash == "-" => read_input()?,
            words => words.join(" "),
        },
        filters: args.filters.filters(),
        date: args.date.day(),
        mode: if args.unfinished {
            Mode::Complete
        } else {
            Mode::Final
        },
        senses: args.read,
        offset: usize::from(args.offset),
        limit: usize::from(args.limit),
    };
    let mut out = io::stdout().lock();
    if let Some(path) = &args.file {
        let format = if args.csv {
            phrases::Format::Csv
        } else {
            phrases::Format::Lines
        };
        let mut out = io::BufWriter::new(out);
        phrases::run(&searcher, path, &request, args.explain, format, &mut out)?;
        out.flush()?;
        return Ok(Outcome::Done);
    }
    let answer = answer(&searcher, &request, args.explain)?;
    if args.json {
        output::json(&mut out, &answer)?;
    } else {
        write_answer(&mut out, &answer)?;
    }
    Ok(Outcome::Done)
}

fn answer(
    searcher: &Searcher,
    request: &SearchRequest,
    explain: bool,
) -> Result<SearchAnswer, CliError> {
    let start = Instant::now();
    let answer = searcher.search(request)?;
    let took_us = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
    let bundle = searcher.bundle();
    Ok(SearchAnswer {
        query: answers::query(bundle, &answer.plan, &answer.hits),
        total: answer.total,
        total_exact: answer.total_exact,
        took_us,
        offset: request.offset,
        results: answers::results(bundle, &answer, request.date, explain),
        groups: if request.offset == 0 {
            answers::groups(searcher, &answer, request.date)
        } else {
            Vec::new()
        },
        release: answers::releases(bundle, &request.filters.systems, request.date),
    })
}

fn sense(text: &str) -> Result<ChosenSense, String> {
    text.split_once(['=', ':'])
        .and_then(|(from, to)| ChosenSense::new(from, to))
        .ok_or_else(|| "a phrase and its sense are written PHRASE=SENSE".to_owned())
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
    for ExpandedAnswer {
        from,
        to,
        source,
        others,
    } in &query.expanded
    {
        let mut line = format!("read `{from}` as `{to}` ({source})");
        if !others.is_empty() {
            line.push_str("; it may also be ");
            line.push_str(&others.join(", "));
        }
        writeln!(out, "{line}")?;
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
        let mark = match &hit.needs {
            None if hit.billable => "billable".to_owned(),
            None => hit.status.id().to_owned(),
            Some(needs) => format!("needs {}", output::more_characters(needs.extent)),
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
    for group in &answer.groups {
        let options: Vec<String> = group
            .options
            .iter()
            .map(|option| format!("{} {}", option.value, option.code))
            .collect();
        writeln!(
            out,
            "{:<9} {}: {}",
            group.of,
            group.axis,
            options.join("; ")
        )?;
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
