//! `codebook check`: files of claims, in constant memory and on every core.

mod claims;
mod columns;
mod input;
mod run;
mod summary;
mod written;

use std::fs::File;
use std::io::{self, BufReader, IsTerminal, Read, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use codebook::edits::{ClaimBook, ClaimDefaults};
use codesets::edit::{Payer, Setting};

use self::input::Input;
use super::options::{BundleOption, DateOption};
use super::progress::bytes_bar;
use super::{CliError, Outcome, bundles};

/// The arguments of `check`.
#[derive(Debug, Args)]
#[command(
    after_help = "Claims are read as JSON (one object, an array, or one object after another), NDJSON
(an object a line), X12 837 professional and institutional, or CSV (a row a service
line; rows that follow each other with one `claim` are one claim; columns: claim, date,
setting, payer, provider, age_days, age_years, birth_date, sex, diagnoses, line, code,
modifiers, units, line_date, line_provider, pointers; lists are separated by blanks).

Answers come in the order of the claims: NDJSON (an object a claim), CSV (a row a
finding) or text. A claim that cannot be read is reported with its position, and the
rest go on. What could not be checked
is named in each answer's summary. The summary of all goes to the error output.

Exit codes: 0 when every claim was read and checked, whatever was found; 1 when one
could not be read, or a file or the bundle could not; 2 when the arguments are wrong.

Examples:
  codebook check claim.837 --bundle bundle
  codebook check claims.ndjson --bundle bundle > findings.ndjson
  zcat claims.csv.gz | codebook check - --format csv --output csv --bundle bundle"
)]
pub(crate) struct CheckArgs {
    /// The file of claims; `-` reads the standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// How the claims are written; told by their beginning unless given.
    #[arg(long, value_enum)]
    format: Option<ClaimFormat>,
    /// How the answers are written; text on a terminal and NDJSON elsewhere unless given.
    #[arg(long, value_enum)]
    output: Option<OutputFormat>,
    /// Tell findings that do not apply, too, and why edits could not be checked.
    #[arg(long)]
    all: bool,
    /// The kind of claim where a claim does not say: practitioner, outpatient_hospital, dme.
    #[arg(long, value_name = "SETTING", value_parser = setting)]
    setting: Option<Setting>,
    /// Whose edits apply where a claim does not say: medicare, medicaid.
    #[arg(long, value_name = "PAYER", value_parser = payer, default_value = "medicare")]
    payer: Payer,
    /// How many threads work; as many as there are cores unless given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
    /// Leave the summary out.
    #[arg(long)]
    quiet: bool,
    #[command(flatten)]
    date: DateOption,
    #[command(flatten)]
    bundle: BundleOption,
}

/// How claims are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ClaimFormat {
    /// One JSON object, several, or an array of them.
    Json,
    /// A JSON object a line.
    Ndjson,
    /// X12 837, professional or institutional.
    X12,
    /// A row a service line.
    Csv,
}

/// How answers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum OutputFormat {
    /// A JSON object a claim.
    Ndjson,
    /// A row a finding.
    Csv,
    /// Sentences.
    Text,
}

/// What is the same for every claim.
pub(super) struct Job {
    /// What the code sets and tables say.
    pub(super) book: ClaimBook,
    /// What a claim says where it says nothing.
    pub(super) defaults: ClaimDefaults,
    /// The setting of X12 claims, if not that of their form.
    pub(super) x12_setting: Option<Setting>,
    /// How answers are written.
    pub(super) output: OutputFormat,
    /// Whether findings that do not apply are told.
    pub(super) with_all: bool,
}

/// Reads a setting.
pub(super) fn setting(id: &str) -> Result<Setting, String> {
    Setting::from_id(id)
        .ok_or_else(|| "a setting is practitioner, outpatient_hospital or dme".to_owned())
}

/// Reads a payer.
pub(super) fn payer(id: &str) -> Result<Payer, String> {
    Payer::from_id(id).ok_or_else(|| "a payer is medicare or medicaid".to_owned())
}

pub(super) fn run(args: CheckArgs) -> Result<Outcome, CliError> {
    let unreadable = |source| CliError::Claims {
        path: args.file.clone(),
        source,
    };
    let is_stdin = args.file.as_os_str() == "-";
    let (reader, length): (Box<dyn Read + Send>, Option<u64>) = if is_stdin {
        (Box::new(io::stdin()), None)
    } else {
        let file = File::open(&args.file).map_err(unreadable)?;
        let metadata = file.metadata().map_err(unreadable)?;
        let length = metadata.is_file().then_some(metadata.len());
        (Box::new(file), length)
    };
    let reader = BufReader::with_capacity(1 << 16, reader);
    let input = Input::open(reader, args.format, &args.file)?;
    let bundle = bundles::open(&args.bundle)?;
    let job = Job {
        book: ClaimBook::read(&bundle),
        defaults: ClaimDefaults {
            date: args.date.day(),
            setting: args.setting.unwrap_or(Setting::Practitioner),
            payer: args.payer,
        },
        x12_setting: args.setting,
        output: args.output.unwrap_or(if io::stdout().is_terminal() {
            OutputFormat::Text
        } else {
            OutputFormat::Ndjson
        }),
        with_all: args.all,
    };
    let threads = match args.threads {
        Some(threads) => usize::from(threads),
        None => std::thread::available_parallelism().map_or(1, usize::from),
    };
    let bar = bytes_bar(length);
    let mut out = io::stdout();
    if job.output == OutputFormat::Csv {
        out.write_all(written::CSV_HEADER)?;
    }
    let totals = run::run(&job, input, Box::new(out), threads, &bar)?;
    bar.finish_and_clear();
    if !args.quiet {
        summary::write(&mut io::stderr().lock(), &totals)?;
    }
    Ok(if totals.unread == 0 {
        Outcome::Done
    } else {
        Outcome::Problem
    })
}
