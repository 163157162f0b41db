//! `codebook search`.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::time::Instant;

use clap::Args;
use codebook::lookup::{Needs, ReleaseAnswer, answering, needs, status, title};
use codebook::search::plan::{Plan, ReadingKind};
use codebook::search::{Answer, Hit, Mode, SearchRequest};
use codesets::Code;
use indexer::bundle::Bundle;
use jiff::civil::Date;
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

#[derive(Serialize)]
struct SearchAnswer {
    query: QueryAnswer,
    total: usize,
    total_exact: bool,
    took_us: u64,
    results: Vec<HitAnswer>,
    release: BTreeMap<&'static str, ReleaseAnswer>,
}

#[derive(Serialize)]
struct QueryAnswer {
    normalized: String,
    expanded: Vec<WordsAnswer>,
    corrected: Vec<WordsAnswer>,
    negated: Vec<String>,
}

#[derive(PartialEq, Serialize)]
struct WordsAnswer {
    from: String,
    to: String,
    source: &'static str,
}

#[derive(Serialize)]
struct HitAnswer {
    system: &'static str,
    code: String,
    display: String,
    billable: bool,
    score: f32,
    #[serde(rename = "match")]
    matched: MatchAnswer,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_of: Option<String>,
    needs: Option<Needs>,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    features: Option<BTreeMap<&'static str, f32>>,
}

#[derive(Serialize)]
struct MatchAnswer {
    kind: &'static str,
    text: String,
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
        query: query_answer(&answer),
        total: answer.total,
        total_exact: answer.total_exact,
        took_us,
        results: answer
            .hits
            .iter()
            .map(|hit| hit_answer(bundle, &answer.plan, hit, request.date, args.explain))
            .collect(),
        release: answering(bundle, &request.filters.systems, request.date),
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

/// How the query was read, in the readings that found something.
fn query_answer(answer: &Answer) -> QueryAnswer {
    let plan = &answer.plan;
    let mut expanded: Vec<WordsAnswer> = Vec::new();
    let mut corrected: Vec<WordsAnswer> = Vec::new();
    let used = plan.variants.iter().enumerate().filter(|(index, _)| {
        let is_used = |hit: &Hit| hit.term.is_some() && hit.variant == *index;
        answer.hits.iter().any(is_used)
    });
    for (_, variant) in used {
        for reading in &variant.readings {
            let (list, source) = match reading.kind {
                ReadingKind::Expanded(origin) => (&mut expanded, origin.id()),
                ReadingKind::Clipped => (&mut expanded, "clipped"),
                ReadingKind::Corrected => (&mut corrected, "spelling"),
            };
            let words = WordsAnswer {
                from: reading.from.clone(),
                to: reading.to.clone(),
                source,
            };
            if !list.contains(&words) {
                list.push(words);
            }
        }
    }
    QueryAnswer {
        normalized: plan.normalized.clone(),
        expanded,
        corrected,
        negated: plan.negated.clone(),
    }
}

fn hit_answer(bundle: &Bundle, plan: &Plan, hit: &Hit, date: Date, explain: bool) -> HitAnswer {
    let record = bundle.concept(hit.concept);
    let system = bundle.system_of(&record);
    let code = Code::dotted(system, bundle.text(record.key));
    let release = bundle.release_for(system, date);
    let matched = match hit.term.map(|term| bundle.term(term)) {
        Some(term) => MatchAnswer {
            kind: bundle.kind_of(&term).id(),
            text: bundle.text(term.text).to_owned(),
        },
        None => MatchAnswer {
            kind: "code",
            text: plan.codes.first().cloned().unwrap_or_else(|| code.clone()),
        },
    };
    HitAnswer {
        system: system.id(),
        code,
        display: release
            .map_or("", |release| title(bundle, &record, release))
            .to_owned(),
        billable: release.is_some_and(|release| record.billable.get() & release.bit != 0),
        score: hit.score,
        matched,
        default_of: hit
            .default_of
            .map(|header| Code::dotted(system, bundle.text(bundle.concept(header).key))),
        needs: release.and_then(|release| needs(bundle, hit.concept, release)),
        status: release.map_or("retired", |release| status(&record, release).id()),
        features: explain.then(|| {
            hit.features
                .contributions()
                .into_iter()
                .map(|(feature, added)| (feature.id(), added))
                .collect()
        }),
    }
}

fn write_answer(out: &mut dyn Write, answer: &SearchAnswer) -> Result<(), CliError> {
    let query = &answer.query;
    for words in query.expanded.iter().chain(&query.corrected) {
        let WordsAnswer { from, to, source } = words;
        writeln!(out, "read `{from}` as `{to}` ({source})")?;
    }
    if !query.negated.is_empty() {
        writeln!(out, "not searched, as denied: {}", query.negated.join(", "))?;
    }
    for hit in &answer.results {
        let mark = match hit.needs {
            None if hit.billable => "billable".to_owned(),
            None => hit.status.to_owned(),
            Some(needs) => format!("needs {}", output::more_characters(needs)),
        };
        writeln!(out, "{:<9} {mark:<28} {}", hit.code, hit.display)?;
        if hit.matched.kind != "code" && hit.matched.text != hit.display {
            let MatchAnswer { kind, text } = &hit.matched;
            writeln!(out, "{:<38} {kind}: {text}", "")?;
        }
        if let Some(header) = &hit.default_of {
            writeln!(out, "{:<38} the default code of {header}", "")?;
        }
        for (feature, added) in hit.features.iter().flatten() {
            writeln!(out, "{:<38} {added:+.3} {feature}", "")?;
        }
    }
    if answer.results.is_empty() {
        writeln!(out, "nothing found")?;
    }
    let least = if answer.total_exact { "" } else { "at least " };
    let releases: Vec<String> = answer.release.values().map(output::release).collect();
    writeln!(
        out,
        "\n{} of {least}{} from {}",
        answer.results.len(),
        answer.total,
        releases.join("; ")
    )?;
    Ok(())
}
