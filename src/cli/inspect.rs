//! `codebook inspect`.

use std::io::{self, Write};
use std::path::Path;

use clap::Args;
use indexer::bundle::{Bundle, Manifest};
use serde::Serialize;

use super::options::BundleOption;
use super::{CliError, Outcome, bundles, output};

/// The arguments of `inspect`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  codebook inspect
  codebook inspect --bundle bundle --json")]
pub(crate) struct InspectArgs {
    #[command(flatten)]
    bundle: BundleOption,
    /// Write the manifest as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct InspectAnswer<'a> {
    path: &'a Path,
    bytes: u64,
    manifest: &'a Manifest,
}

pub(super) fn run(args: InspectArgs) -> Result<Outcome, CliError> {
    let bundle = Bundle::open(&bundles::folder(&args.bundle)?)?;
    let manifest = bundle.manifest();
    let bytes = manifest.files.values().map(|file| file.bytes).sum();
    let mut out = io::stdout().lock();
    if args.json {
        let answer = InspectAnswer {
            path: bundle.root(),
            bytes,
            manifest,
        };
        output::json(&mut out, &answer)?;
        return Ok(Outcome::Done);
    }
    writeln!(out, "bundle    {}", bundle.root().display())?;
    writeln!(
        out,
        "written   {} by codebook {}, format {}",
        manifest.built_at, manifest.tool_version, manifest.format_version
    )?;
    let files = manifest.files.len();
    writeln!(
        out,
        "size      {} in {files} files",
        output::megabytes(bytes)
    )?;
    let counts: Vec<String> = manifest
        .counts
        .iter()
        .map(|(what, count)| format!("{count} {what}"))
        .collect();
    writeln!(out, "holds     {}\n", counts.join(", "))?;
    let titles = [
        "release",
        "first day",
        "last day",
        "billable",
        "with headers",
    ];
    let mut releases = output::table(&titles, &[3, 4]);
    for release in &manifest.releases {
        releases.add_row([
            &format!("{} {}", release.system, release.version),
            &release.first_day,
            release.last_day.as_deref().unwrap_or(""),
            &release.billable.to_string(),
            &release.codes.to_string(),
        ]);
    }
    output::write_table(&mut out, &releases)?;
    output::edit_tables(&mut out, &manifest.edits)?;
    writeln!(out)?;
    let titles = ["source", "format", "rows", "skipped", "sha256"];
    let mut sources = output::table(&titles, &[2, 3]);
    for source in &manifest.sources {
        let digest = source.sha256.get(..16).unwrap_or(&source.sha256);
        sources.add_row([
            &source.name,
            &source.format,
            &source.rows.to_string(),
            &source.skipped.to_string(),
            &format!("{digest}…"),
        ]);
    }
    output::write_table(&mut out, &sources)?;
    Ok(Outcome::Done)
}
