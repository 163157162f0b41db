//! `codebook diff`.

use std::io::{self, Write};

use clap::{Args, ValueEnum};
use codebook::diff::{ReleaseDiff, Wanted, diff};
use codesets::CodeSystem;

use super::options::BundleOption;
use super::{CliError, Outcome, bundles, output};

/// The arguments of `diff`.
#[derive(Debug, Args)]
#[command(
    after_help = "The counts are those of the publishers' addenda: a code that became a header is a code
deleted and a header added.

Examples:
  codebook diff icd10cm 2025 2026
  codebook diff icd10cm 2026 2027 --kind revised,became_header
  codebook diff hcpcs 2018 2019 --format csv > changes.csv"
)]
pub(crate) struct DiffArgs {
    /// The system: icd10cm, icd10pcs, hcpcs, cpt, icd11, icd10who.
    #[arg(value_name = "SYSTEM")]
    system: CodeSystem,
    /// The release to compare with.
    #[arg(value_name = "FROM")]
    from: String,
    /// The release that is compared.
    #[arg(value_name = "TO")]
    to: String,
    /// Only these changes: added, deleted, revised, became_header, became_billable,
    /// terminated, moved.
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    kind: Vec<Wanted>,
    #[command(flatten)]
    bundle: BundleOption,
    /// How the changes are written.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// How the changes are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    #[default]
    Table,
    /// For programs.
    Json,
    /// For spreadsheets.
    Csv,
}

pub(super) fn run(args: DiffArgs) -> Result<Outcome, CliError> {
    let bundle = bundles::open(&args.bundle)?;
    let mut found = diff(&bundle, args.system, &args.from, &args.to)?;
    if !args.kind.is_empty() {
        found
            .rows
            .retain(|row| args.kind.iter().any(|kind| kind.holds(row)));
    }
    let mut out = io::stdout().lock();
    match args.format {
        Format::Json => output::json(&mut out, &found)?,
        Format::Csv => out.write_all(found.to_csv().as_bytes())?,
        Format::Table => write_table(&mut out, args.system, &found)?,
    }
    Ok(Outcome::Done)
}

fn write_table(
    out: &mut dyn Write,
    system: CodeSystem,
    found: &ReleaseDiff,
) -> Result<(), CliError> {
    for row in &found.rows {
        write!(out, "{:<9} {:<15} ", row.code, row.change.id())?;
        match (&row.from, &row.to) {
            (Some(from), Some(to)) if from != to => {
                writeln!(out, "from {from}\n{:<25} to   {to}", "")?;
            }
            (_, Some(title)) | (Some(title), None) => writeln!(out, "{title}")?,
            (None, None) => writeln!(out)?,
        }
        for (what, codes) in [
            ("replaced by", &row.replaced_by),
            ("replaces", &row.replaces),
        ] {
            if !codes.is_empty() {
                writeln!(out, "{:<25} {what} {}", "", codes.join(", "))?;
            }
        }
        if let Some(code) = &row.moved_to {
            writeln!(out, "{:<25} moved to {code}", "")?;
        }
        if let Some(code) = &row.moved_from {
            writeln!(out, "{:<25} moved from {code}", "")?;
        }
    }
    let mut counts = output::table(&["", "added", "deleted", "revised"], &[1, 2, 3]);
    for (what, count) in [("billable codes", found.codes), ("headers", found.headers)] {
        let numbers = [count.added, count.deleted, count.revised].map(|number| number.to_string());
        let [added, deleted, revised] = numbers;
        counts.add_row([what.to_owned(), added, deleted, revised]);
    }
    writeln!(out, "\n{system} {} against {}:", found.to, found.from)?;
    output::write_table(out, &counts)
}
