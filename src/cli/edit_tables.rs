//! `codebook pair` and `codebook edits`: what the tables of claim edits say.

use std::io::{self, Write};

use clap::{Args, Subcommand, ValueEnum};
use codebook::edits::{
    self, Change, Column, EditScope, PairReport, PartnerFilter, TableChanges, UnitsAnswer,
};
use codesets::edit::{Payer, ProcedureCode, Setting, Vintage};
use indexer::bundle::Bundle;
use serde::Serialize;

use super::check::{payer, setting};
use super::options::{BundleOption, DateOption};
use super::{CliError, Outcome, bundles, output};

/// For which claims a question is asked.
#[derive(Debug, Args)]
struct ScopeOptions {
    /// The kind of claim: practitioner, outpatient_hospital, dme.
    #[arg(long, value_name = "SETTING", value_parser = setting, default_value = "practitioner")]
    setting: Setting,
    /// Whose edits: medicare, medicaid.
    #[arg(long, value_name = "PAYER", value_parser = payer, default_value = "medicare")]
    payer: Payer,
    #[command(flatten)]
    date: DateOption,
}

impl ScopeOptions {
    fn scope(&self) -> EditScope {
        EditScope {
            setting: self.setting,
            payer: self.payer,
            date: self.date.day(),
        }
    }
}

/// The arguments of `pair`.
#[derive(Debug, Args)]
#[command(
    after_help = "The order of the two codes does not matter; the answer keeps the columns.

Examples:
  codebook pair 0001A 0002A --date 2024-08-01 --bundle bundle
  codebook pair 0001A 0002A --setting outpatient_hospital --json --bundle bundle"
)]
pub(crate) struct PairArgs {
    /// A procedure code.
    #[arg(value_parser = code)]
    a: ProcedureCode,
    /// Another one.
    #[arg(value_parser = code)]
    b: ProcedureCode,
    #[command(flatten)]
    scope: ScopeOptions,
    #[command(flatten)]
    bundle: BundleOption,
    /// Write the answer as JSON.
    #[arg(long)]
    json: bool,
}

/// The arguments of `edits`.
#[derive(Debug, Args)]
pub(crate) struct EditsArgs {
    #[command(subcommand)]
    question: EditsQuestion,
}

#[derive(Debug, Subcommand)]
enum EditsQuestion {
    /// Show which tables are loaded.
    Tables(TablesArgs),
    /// Show every code that a PTP edit pairs with a code, as JSON.
    Ptp(PtpArgs),
    /// Show the most units of a code in every setting, as JSON.
    Mue(CodeArgs),
    /// Show the primaries of an add-on code and the add-ons of a primary, as JSON.
    Addon(CodeArgs),
    /// Show what changed between two vintages of a table.
    Diff(DiffArgs),
}

#[derive(Debug, Args)]
struct TablesArgs {
    #[command(flatten)]
    bundle: BundleOption,
    /// Write the answer as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct PtpArgs {
    /// The procedure code.
    #[arg(value_parser = code)]
    code: ProcedureCode,
    /// The column the code itself stands in: major (column 1, paid) or minor (column 2, denied).
    #[arg(long, value_name = "COLUMN", value_parser = column)]
    direction: Option<Column>,
    /// Tell rows that are not in force on the day, too.
    #[arg(long)]
    history: bool,
    #[command(flatten)]
    scope: ScopeOptions,
    #[command(flatten)]
    bundle: BundleOption,
}

#[derive(Debug, Args)]
struct CodeArgs {
    /// The procedure code.
    #[arg(value_parser = code)]
    code: ProcedureCode,
    /// Whose edits: medicare, medicaid.
    #[arg(long, value_name = "PAYER", value_parser = payer, default_value = "medicare")]
    payer: Payer,
    #[command(flatten)]
    date: DateOption,
    #[command(flatten)]
    bundle: BundleOption,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  codebook edits diff ncci-ptp-practitioner --from 2024q2 --to 2024q3 --bundle bundle
  codebook edits diff mue-practitioner --format csv --bundle bundle")]
struct DiffArgs {
    /// The table, whatever its vintage, as `codebook edits tables` lists it.
    #[arg(value_name = "TABLE")]
    table: String,
    /// The older vintage; without it, the one before the newer one.
    #[arg(long, value_name = "VINTAGE")]
    from: Option<Vintage>,
    /// The newer vintage; without it, the newest that is loaded.
    #[arg(long, value_name = "VINTAGE")]
    to: Option<Vintage>,
    /// How the changes are written.
    #[arg(long, value_enum, default_value_t)]
    format: DiffFormat,
    #[command(flatten)]
    bundle: BundleOption,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum DiffFormat {
    /// A table to read.
    #[default]
    Table,
    /// JSON.
    Json,
    /// CSV.
    Csv,
}

fn code(text: &str) -> Result<ProcedureCode, String> {
    ProcedureCode::parse(text).map_err(|error| error.to_string())
}

fn column(id: &str) -> Result<Column, String> {
    Column::from_id(id).ok_or_else(|| "a direction is major or minor".to_owned())
}

/// `codebook pair`.
pub(super) fn pair(args: PairArgs) -> Result<Outcome, CliError> {
    let bundle = bundles::open(&args.bundle)?;
    let report = edits::pair_report(&bundle, args.scope.scope(), args.a, args.b);
    let mut out = io::stdout().lock();
    if args.json {
        output::json(&mut out, &report)?;
    } else {
        write_pair(&mut out, &report)?;
    }
    Ok(Outcome::Done)
}

fn write_pair(out: &mut dyn Write, report: &PairReport) -> Result<(), CliError> {
    writeln!(out, "{}", report.text)?;
    for row in &report.edits {
        writeln!(out, "  {row}")?;
    }
    let tables = report.release.edits.iter();
    let tables: Vec<String> = tables
        .map(|table| format!("{} {}", table.table, table.version))
        .collect();
    if !tables.is_empty() {
        writeln!(out, "\nfrom {}", tables.join(", "))?;
    }
    Ok(())
}

/// `codebook edits`.
pub(super) fn run(args: EditsArgs) -> Result<Outcome, CliError> {
    match args.question {
        EditsQuestion::Tables(args) => tables(&args),
        EditsQuestion::Ptp(args) => {
            let filter = PartnerFilter {
                column: args.direction,
                history: args.history,
                offset: 0,
                limit: usize::MAX,
            };
            let scope = args.scope.scope();
            told(&args.bundle, |bundle| {
                edits::partners(bundle, scope, args.code, filter)
            })
        }
        EditsQuestion::Mue(args) => {
            let day = args.date.day();
            told(&args.bundle, |bundle| {
                edits::mue_report(bundle, None, args.payer, day, args.code)
            })
        }
        EditsQuestion::Addon(args) => {
            let day = args.date.day();
            told(&args.bundle, |bundle| {
                edits::add_on_report(bundle, args.payer, day, args.code, false)
            })
        }
        EditsQuestion::Diff(args) => diff(&args),
    }
}

fn told<T: Serialize>(
    bundle: &BundleOption,
    ask: impl FnOnce(&Bundle) -> T,
) -> Result<Outcome, CliError> {
    let bundle = bundles::open(bundle)?;
    output::json(&mut io::stdout().lock(), &ask(&bundle))?;
    Ok(Outcome::Done)
}

fn tables(args: &TablesArgs) -> Result<Outcome, CliError> {
    let bundle = bundles::open(&args.bundle)?;
    let tables = &bundle.manifest().edits;
    let mut out = io::stdout().lock();
    if args.json {
        output::json(&mut out, tables)?;
    } else if tables.is_empty() {
        writeln!(
            out,
            "no table of claim edits is loaded; give the publishers' files to `codebook build`"
        )?;
    } else {
        output::edit_tables(&mut out, tables)?;
    }
    Ok(Outcome::Done)
}

fn diff(args: &DiffArgs) -> Result<Outcome, CliError> {
    let bundle = bundles::open(&args.bundle)?;
    let changes = edits::table_changes(&bundle, &args.table, args.from, args.to)
        .map_err(|error| CliError::NoTable(error.to_string()))?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    match args.format {
        DiffFormat::Json => output::json(&mut out, &changes)?,
        DiffFormat::Csv => {
            let mut writer = csv::Writer::from_writer(&mut out);
            let wrong = |error: csv::Error| CliError::Output(io::Error::from(error));
            writer.write_record(titles(&changes)).map_err(wrong)?;
            for change in &changes.changes {
                writer.write_record(row(change)).map_err(wrong)?;
            }
            writer.flush()?;
        }
        DiffFormat::Table => {
            let mut table = output::table(&titles(&changes), &[]);
            for change in &changes.changes {
                table.add_row(row(change));
            }
            output::write_table(&mut out, &table)?;
            let (from, to) = (&changes.from, &changes.to);
            let summary = changes.summary;
            writeln!(
                out,
                "\n{} from {} to {}: {} added, {} deleted, {} changed",
                from.table,
                from.version,
                to.version,
                summary.added,
                summary.deleted,
                summary.changed
            )?;
        }
    }
    out.flush()?;
    Ok(Outcome::Done)
}

fn titles(changes: &TableChanges) -> Vec<&'static str> {
    match changes.changes.first() {
        Some(Change::Units { .. }) => vec![
            "change",
            "code",
            "value before",
            "value after",
            "MAI before",
            "MAI after",
            "rationale before",
            "rationale after",
        ],
        Some(Change::Pair { .. }) | None => vec![
            "change",
            "column 1",
            "column 2",
            "indicator before",
            "indicator after",
        ],
    }
}

fn row(change: &Change) -> Vec<String> {
    match change {
        Change::Pair {
            change,
            column1,
            column2,
            indicator_before,
            indicator_after,
        } => {
            let indicators = [indicator_before, indicator_after];
            let indicators = indicators.map(|one| one.unwrap_or("").to_owned());
            let mut row = vec![(*change).to_owned(), column1.clone(), column2.clone()];
            row.extend(indicators);
            row
        }
        Change::Units {
            change,
            code,
            before,
            after,
        } => {
            let both = [before, after].map(Option::as_ref);
            let each =
                |show: fn(&UnitsAnswer) -> String| both.map(|one| one.map_or(String::new(), show));
            let mut row = vec![(*change).to_owned(), code.clone()];
            row.extend(each(|units| units.value.to_string()));
            row.extend(each(|units| units.mai.unwrap_or("").to_owned()));
            row.extend(each(|units| units.rationale.clone()));
            row
        }
    }
}
