//! `codebook build`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use indexer::{BuildPlan, FileReport, Report, Skipped, build};
use serde::Serialize;

use super::progress::TerminalProgress;
use super::{CliError, Outcome, output};

/// The arguments of `build`.
#[derive(Debug, Args)]
#[command(
    after_help = "Each file is recognised by its content: order and codes files, the Tabular List, the
indexes and tables of ICD-10-CM as CMS and NCHS publish them. Several releases of one system
live side by side in one bundle.

The bundle is written beside its place and moved in whole: whoever serves the old one is not
disturbed, and a build that fails or is killed changes nothing.

Examples:
  codebook build icd10cm-2026.zip --out bundle
  codebook build downloads/ --out bundle --replace
  codebook build --embedded --out bundle"
)]
pub(crate) struct BuildArgs {
    /// Files, zip or gzip archives, and folders of them.
    #[arg(value_name = "PATH", required_unless_present = "embedded")]
    paths: Vec<PathBuf>,
    /// The folder of the bundle.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Add the release that ships with the program.
    #[arg(long)]
    embedded: bool,
    /// Replace the bundle that is there.
    #[arg(long)]
    replace: bool,
    /// Use files all the same of which more than one row in a hundred cannot be read.
    #[arg(long)]
    keep_going: bool,
    /// Write the report as JSON.
    #[arg(long)]
    json: bool,
}

/// What a build did, or why it did nothing.
#[derive(Serialize)]
struct BuildAnswer<'a> {
    /// The bundle, if there is one now.
    bundle: Option<&'a Path>,
    /// Why there is none.
    error: Option<String>,
    #[serde(flatten)]
    report: &'a Report,
}

pub(super) fn run(args: BuildArgs) -> Result<Outcome, CliError> {
    let plan = BuildPlan {
        paths: args.paths,
        embedded: args.embedded,
        out: args.out,
        replace: args.replace,
        keep_going: args.keep_going,
    };
    let progress = TerminalProgress::new();
    let result = build(&plan, &progress);
    drop(progress);
    let nothing = Report::default();
    let (report, error) = match &result {
        Ok((_, report)) => (report, None),
        Err(error) => (error.report().unwrap_or(&nothing), Some(chain(error))),
    };
    let mut out = io::stdout().lock();
    if args.json {
        let answer = BuildAnswer {
            bundle: error.is_none().then_some(&plan.out),
            error,
            report,
        };
        output::json(&mut out, &answer)?;
    } else {
        write_report(&mut out, report)?;
        if let Some(error) = error {
            out.flush()?;
            writeln!(io::stderr(), "codebook: {error}")?;
        } else if report.unchanged {
            let out_path = plan.out.display();
            writeln!(
                out,
                "\nThe bundle at {out_path} was made of the same and stays as it is."
            )?;
        } else {
            writeln!(out, "\nThe bundle is at {}.", plan.out.display())?;
        }
    }
    Ok(match result {
        Ok(_) => Outcome::Done,
        Err(_) => Outcome::Problem,
    })
}

/// An error and its causes in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

fn write_report(out: &mut dyn Write, report: &Report) -> Result<(), CliError> {
    if !report.files.is_empty() {
        let titles = [
            "file",
            "recognised as",
            "release",
            "rows",
            "skipped",
            "note",
        ];
        let mut files = output::table(&titles, &[3, 4]);
        for file in &report.files {
            files.add_row([
                file.file.as_str(),
                file.recognised.as_deref().unwrap_or("not recognised"),
                file.release.as_deref().unwrap_or(""),
                &file.rows.to_string(),
                &file.skipped_rows().to_string(),
                file.problem.as_deref().unwrap_or(""),
            ]);
        }
        output::write_table(out, &files)?;
    }
    for file in &report.files {
        write_skipped(out, file)?;
    }
    if !report.checks.is_empty() {
        writeln!(out, "\nHeld against the publishers' own lists of changes:")?;
        for check in &report.checks {
            writeln!(out, "  {check}")?;
        }
    }
    if !report.findings.is_empty() {
        writeln!(out, "\nFound when the files were put together:")?;
        write_reasons(out, &report.findings)?;
    }
    if !report.releases.is_empty() {
        writeln!(out)?;
        let titles = [
            "release",
            "first day",
            "last day",
            "billable",
            "with headers",
        ];
        let mut releases = output::table(&titles, &[3, 4]);
        for release in &report.releases {
            releases.add_row([
                &format!("{} {}", release.system, release.version),
                &release.first_day,
                release.last_day.as_deref().unwrap_or(""),
                &release.billable.to_string(),
                &release.codes.to_string(),
            ]);
        }
        output::write_table(out, &releases)?;
    }
    output::edit_tables(out, &report.edits)
}

fn write_skipped(out: &mut dyn Write, file: &FileReport) -> Result<(), CliError> {
    if file.skipped.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nSkipped in {}:", file.file)?;
    write_reasons(out, &file.skipped)
}

fn write_reasons(out: &mut dyn Write, reasons: &[Skipped]) -> Result<(), CliError> {
    for reason in reasons {
        writeln!(out, "  {} × {}", reason.count, reason.reason)?;
        for example in &reason.examples {
            writeln!(out, "      {example}")?;
        }
        if reason.count > reason.examples.len() as u64 {
            writeln!(out, "      …")?;
        }
    }
    Ok(())
}
