//! `codebook translate`.

use std::io::{self, Write};

use clap::Args;
use codebook::answers::{self, Released};
use codebook::translate::{Translation, translate};
use codebook::validate::guess_system;
use codesets::CodeSystem;
use serde::Serialize;

use super::options::{BundleOption, DateOption};
use super::{CliError, Outcome, bundles, output};

/// The arguments of `translate`.
#[derive(Debug, Args)]
#[command(
    after_help = "A map says what its publisher says: nothing is chosen, and a chain of maps is never followed.
Rows of one scenario stand together: one of each choice list.

Examples:
  codebook translate 250.00 --system icd9cm --to icd10cm
  codebook translate A00 --system icd10who"
)]
pub(crate) struct TranslateArgs {
    /// The code.
    #[arg(value_name = "CODE")]
    code: String,
    /// The system of the code; without it, the likeliest.
    #[arg(long, value_name = "SYSTEM")]
    system: Option<CodeSystem>,
    /// The system to translate to; without it, any.
    #[arg(long, value_name = "SYSTEM")]
    to: Option<CodeSystem>,
    #[command(flatten)]
    date: DateOption,
    #[command(flatten)]
    bundle: BundleOption,
    /// Write the answer as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct TranslateAnswer {
    results: Vec<Translation>,
}

pub(super) fn run(args: TranslateArgs) -> Result<Outcome, CliError> {
    let bundle = bundles::open(&args.bundle)?;
    let date = args.date.day();
    let system = args
        .system
        .or_else(|| guess_system(&bundle, &args.code, date))
        .unwrap_or(CodeSystem::Icd10Cm);
    let results = translate(&bundle, system, &args.code, args.to)?;
    let mut out = io::stdout().lock();
    let found = !results.is_empty();
    if args.json {
        let release = answers::releases(&bundle, &[system], date);
        let answer = TranslateAnswer { results };
        output::json(&mut out, &Released { answer, release })?;
    } else {
        for row in &results {
            write_row(&mut out, row)?;
        }
        if !found {
            writeln!(out, "the maps from {system} do not have it")?;
        }
    }
    Ok(if found {
        Outcome::Done
    } else {
        Outcome::Problem
    })
}

fn write_row(out: &mut dyn Write, row: &Translation) -> Result<(), CliError> {
    let code = row.code.as_deref().unwrap_or("no counterpart");
    write!(
        out,
        "{:<9} {code:<9} {}",
        row.system,
        row.display.as_deref().unwrap_or("")
    )?;
    let mut flags = Vec::new();
    if row.approximate {
        flags.push("approximate".to_owned());
    }
    if row.combination {
        let (scenario, choice) = (row.scenario, row.choice_list);
        flags.push(format!(
            "combination, scenario {scenario}, choice list {choice}"
        ));
    }
    if row.cluster {
        flags.push("codes that stand together".to_owned());
    }
    flags.push(format!("{} {}", row.map, row.version));
    writeln!(out, "\n          ({})", flags.join("; "))?;
    Ok(())
}
