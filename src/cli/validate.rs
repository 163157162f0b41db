//! `codebook validate`.

use std::io::{self, Read, Write};

use clap::Args;
use codebook::answers::{self, Released};
use codebook::validate::{Validation, Validator, Verdict};
use codesets::CodeSystem;
use serde::Serialize;

use super::options::{BundleOption, DateOption};
use super::{CliError, Outcome, bundles, output};

/// The arguments of `validate`.
#[derive(Debug, Args)]
#[command(
    after_help = "The exit code is 0 when every code is valid, and 1 otherwise.

Examples:
  codebook validate E11.9 S52.501 W21.89A --date 2026-04-01
  codebook validate --system icd10pcs 0DTJ
  cut -f2 claims.tsv | codebook validate - --json"
)]
pub(crate) struct ValidateArgs {
    /// The codes, in any case, with or without dots; `-` reads them from the standard input,
    /// one a line.
    #[arg(value_name = "CODE", required = true)]
    codes: Vec<String>,
    /// The system of the codes; without it, the likeliest system of each.
    #[arg(long, value_name = "SYSTEM")]
    system: Option<CodeSystem>,
    #[command(flatten)]
    date: DateOption,
    #[command(flatten)]
    bundle: BundleOption,
    /// Write the answer as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct ValidateAnswer {
    date: String,
    results: Vec<Validation>,
}

pub(super) fn run(args: ValidateArgs) -> Result<Outcome, CliError> {
    let bundle = bundles::open(&args.bundle)?;
    let date = args.date.day();
    let validator = Validator::new(&bundle, date);
    let results: Vec<Validation> = codes(&args.codes)?
        .iter()
        .map(|code| validator.validate_any(args.system, code))
        .collect();
    let all_valid = results.iter().all(|said| said.verdict == Verdict::Valid);
    let systems: Vec<CodeSystem> = bundle
        .systems()
        .filter(|system| results.iter().any(|said| said.system == system.id()))
        .collect();
    let release = answers::releases(&bundle, &systems, date);
    let mut out = io::stdout().lock();
    if args.json {
        let date = date.to_string();
        let answer = ValidateAnswer { date, results };
        output::json(&mut out, &Released { answer, release })?;
    } else {
        for said in &results {
            write_one(&mut out, said)?;
        }
        output::answered_by(&mut out, &release)?;
    }
    Ok(if all_valid {
        Outcome::Done
    } else {
        Outcome::Problem
    })
}

/// The codes that were typed, with the lines of the standard input in the place of `-`.
fn codes(typed: &[String]) -> Result<Vec<String>, CliError> {
    let mut codes = Vec::new();
    for code in typed {
        if code != "-" {
            codes.push(code.clone());
            continue;
        }
        let mut text = String::new();
        io::stdin()
            .read_to_string(&mut text)
            .map_err(CliError::Input)?;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        codes.extend(lines.map(str::to_owned));
    }
    Ok(codes)
}

fn write_one(out: &mut dyn Write, said: &Validation) -> Result<(), CliError> {
    let code = said.code.as_deref().unwrap_or(&said.input);
    let status = said.verdict.id();
    write!(out, "{code:<9} {:<8} {status:<17}", said.system)?;
    if let Some(display) = &said.display {
        write!(out, " {display}")?;
    }
    writeln!(out)?;
    if said.verdict != Verdict::Valid {
        writeln!(out, "  {}", said.why)?;
    }
    for whole in &said.complete_with {
        writeln!(out, "    {:<9} {}", whole.code, whole.display)?;
    }
    for like in said
        .looks_like
        .iter()
        .filter(|like| like.slip.is_some())
        .take(3)
    {
        writeln!(out, "    looks like {:<9} {}", like.code, like.display)?;
    }
    for other in &said.elsewhere {
        writeln!(
            out,
            "    in {}: {} {}",
            other.system, other.code, other.display
        )?;
    }
    if !said.replaced_by.is_empty() {
        writeln!(out, "    replaced by {}", said.replaced_by.join(", "))?;
    }
    if said.verdict != Verdict::Valid && !said.valid_in.is_empty() {
        let versions: Vec<&str> = said.valid_in.iter().map(|r| r.version.as_str()).collect();
        writeln!(
            out,
            "    loaded releases that have it: {}",
            versions.join(", ")
        )?;
    }
    Ok(())
}
