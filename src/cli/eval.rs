//! `codebook eval`.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use codebook::eval::{
    Evaluation, Failure, QuestionSet, answered_right, evaluate, misspelled, own_terms,
};
use codebook::lookup::{ReleaseAnswer, releases};
use codesets::CodeSystem;
use serde::Serialize;

use super::options::{BundleOption, DateOption};
use super::{CliError, Outcome, bundles, output};

/// The arguments of `eval`.
#[derive(Debug, Args)]
#[command(
    after_help = "A file has a question a line: the phrase, its right codes separated by `|`, the system, and
where the pair is from, with tabs between. An answer is right if it is one of the codes, or
stands below one that is a header.

  query                    gold      system     source
  diabetic foot ulcer      E11.621   icd10cm    our coders

Examples:
  codebook eval ours.tsv
  codebook eval lists/*.tsv --bundle bundle --failures 20
  codebook eval ours.tsv --typos 2000 --seed 1
  codebook eval --terms icd10cm --failures 20
  codebook eval ours.tsv --json > today.json"
)]
pub(crate) struct EvalArgs {
    /// Lists of questions.
    #[arg(value_name = "FILE.tsv", required_unless_present = "terms")]
    files: Vec<PathBuf>,
    /// Ask so many of the questions that are answered right once more, each with one word
    /// misspelled.
    #[arg(long, value_name = "N", requires = "files")]
    typos: Option<usize>,
    /// What the misspellings are drawn by.
    #[arg(long, value_name = "N", default_value_t = 1, requires = "typos")]
    seed: u64,
    /// Ask the bundle for each of its own titles, inclusion terms and Index entries of this
    /// system that stand at one code only.
    #[arg(long, value_name = "SYSTEM")]
    terms: Option<CodeSystem>,
    /// Show up to so many questions of each list that were not answered right first.
    #[arg(long, value_name = "N", default_value_t = 0)]
    failures: usize,
    #[command(flatten)]
    date: DateOption,
    #[command(flatten)]
    bundle: BundleOption,
    /// Write the results as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct EvalAnswer<'a> {
    #[serde(flatten)]
    evaluation: &'a Evaluation,
    bundle: BundleAnswer,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    failures: Vec<&'a Failure>,
}

#[derive(Serialize)]
struct BundleAnswer {
    built_at: String,
    tool_version: String,
    format_version: u32,
    releases: Vec<ReleaseAnswer>,
}

pub(super) fn run(args: EvalArgs) -> Result<Outcome, CliError> {
    let mut sets = args
        .files
        .iter()
        .map(|path| read_set(path))
        .collect::<Result<Vec<QuestionSet>, CliError>>()?;
    let searcher = bundles::searcher(&args.bundle)?;
    let date = args.date.day();
    if let Some(system) = args.terms {
        sets.extend(own_terms(searcher.bundle(), system, date));
    }
    let mut evaluation = evaluate(&searcher, &sets, date);
    if let Some(count) = args.typos {
        let right = answered_right(&sets, &evaluation.failures);
        let again = evaluate(&searcher, &[misspelled(right, count, args.seed)], date);
        evaluation.sets.extend(again.sets);
        evaluation.failures.extend(again.failures);
    }
    let failures = first_failures(&evaluation, args.failures);
    let mut out = io::stdout().lock();
    if args.json {
        let manifest = searcher.bundle().manifest();
        let answer = EvalAnswer {
            evaluation: &evaluation,
            bundle: BundleAnswer {
                built_at: manifest.built_at.clone(),
                tool_version: manifest.tool_version.clone(),
                format_version: manifest.format_version,
                releases: releases(searcher.bundle(), date),
            },
            failures,
        };
        output::json(&mut out, &answer)?;
    } else {
        write_results(&mut out, &evaluation)?;
        write_failures(&mut out, &failures)?;
    }
    Ok(Outcome::Done)
}

fn read_set(path: &Path) -> Result<QuestionSet, CliError> {
    let bytes = fs::read(path).map_err(|source| CliError::Questions {
        path: path.to_owned(),
        source,
    })?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    QuestionSet::read(&name, &String::from_utf8_lossy(&bytes)).map_err(|source| {
        CliError::NoQuestions {
            path: path.to_owned(),
            source,
        }
    })
}

/// The first `most` failures of each set.
fn first_failures(evaluation: &Evaluation, most: usize) -> Vec<&Failure> {
    evaluation
        .failures
        .chunk_by(|a, b| a.set == b.set)
        .flat_map(|of_set| of_set.iter().take(most))
        .collect()
}

fn write_results(out: &mut dyn Write, evaluation: &Evaluation) -> Result<(), CliError> {
    let titles = [
        "set", "queries", "top 1", "top 5", "top 10", "MRR", "p50 µs", "p99 µs",
    ];
    let mut table = output::table(&titles, &[1, 2, 3, 4, 5, 6, 7]);
    for set in evaluation.sets.iter().chain([&evaluation.average]) {
        table.add_row([
            set.set.clone(),
            set.queries.to_string(),
            format!("{:.1}", set.top1),
            format!("{:.1}", set.top5),
            format!("{:.1}", set.top10),
            format!("{:.3}", set.mrr),
            format!("{:.0}", set.p50_us),
            format!("{:.0}", set.p99_us),
        ]);
    }
    output::write_table(out, &table)
}

fn write_failures(out: &mut dyn Write, failures: &[&Failure]) -> Result<(), CliError> {
    for failure in failures {
        let rank = failure
            .rank
            .map_or("not among the first ten".to_owned(), |rank| {
                format!("at place {rank}")
            });
        writeln!(
            out,
            "\n{}:{}  {}\n  right: {}, {rank}",
            failure.set,
            failure.line,
            failure.query,
            failure.gold.join(" or ")
        )?;
        for (code, title, term) in &failure.first {
            if term.is_empty() || term == title {
                writeln!(out, "  {code:<9} {title}")?;
            } else {
                writeln!(out, "  {code:<9} {title}  [{term}]")?;
            }
        }
    }
    Ok(())
}
