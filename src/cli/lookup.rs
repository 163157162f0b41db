//! `codebook lookup`.

use std::io::{self, Write};

use clap::Args;
use codebook::lookup::{
    Change, ChangeKind, CodeDetail, Heading, LookupError, NameAnswer, NoteAnswer, ReleaseAnswer,
    lookup,
};
use codebook::validate::guess_system;
use codesets::CodeSystem;
use indexer::bundle::Bundle;
use jiff::civil::Date;
use serde_json::json;

use super::options::{BundleOption, DateOption};
use super::{CliError, Outcome, bundles, output};

/// The arguments of `lookup`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  codebook lookup E11.621
  codebook lookup s52501a --date 2025-06-30
  codebook lookup E11 --json")]
pub(crate) struct LookupArgs {
    /// The code, in any case, with or without its dot.
    #[arg(value_name = "CODE")]
    code: String,
    /// The system of the code; without it, every loaded system is asked in turn.
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

pub(super) fn run(args: LookupArgs) -> Result<Outcome, CliError> {
    let bundle = bundles::open(&args.bundle)?;
    let result = find(&bundle, args.system, &args.code, args.date.day());
    let mut out = io::stdout().lock();
    match result {
        Ok(detail) if args.json => output::json(&mut out, &detail)?,
        Ok(detail) => write_detail(&mut out, &detail)?,
        Err(error) if args.json => {
            output::json(&mut out, &error_answer(&error))?;
            return Ok(Outcome::Problem);
        }
        Err(error) => {
            writeln!(io::stderr(), "codebook: {error}")?;
            write_nearest(&mut out, &error)?;
            return Ok(Outcome::Problem);
        }
    }
    Ok(Outcome::Done)
}

/// Looks in `system`, or in every loaded one; of several errors the most telling is kept.
fn find(
    bundle: &Bundle,
    system: Option<CodeSystem>,
    code: &str,
    date: Date,
) -> Result<CodeDetail, LookupError> {
    if let Some(system) = system {
        return lookup(bundle, system, code, date);
    }
    let telling = |error: &LookupError| match error {
        LookupError::NotInRelease { .. } => 2,
        LookupError::Unknown { .. } => 1,
        _ => 0,
    };
    let mut kept: Option<LookupError> = None;
    // The likeliest system goes first: J1100 is a drug, and J11.00 without its dot.
    let likeliest = guess_system(bundle, code, date);
    let others = bundle.systems().filter(|system| Some(*system) != likeliest);
    for system in likeliest.into_iter().chain(others) {
        match lookup(bundle, system, code, date) {
            Ok(detail) => return Ok(detail),
            Err(error) => {
                if kept
                    .as_ref()
                    .is_none_or(|kept| telling(&error) > telling(kept))
                {
                    kept = Some(error);
                }
            }
        }
    }
    Err(kept.unwrap_or(LookupError::SystemNotLoaded(CodeSystem::Icd10Cm)))
}

fn error_answer(error: &LookupError) -> serde_json::Value {
    let message = error.to_string();
    match error {
        LookupError::Unknown { nearest, .. } => json!({"error": message, "nearest": nearest}),
        LookupError::NotInRelease {
            version,
            status,
            valid_in,
            display,
            history,
            ..
        } => json!({
            "error": message, "version": version, "status": status, "valid_in": valid_in,
            "display": display, "history": history,
        }),
        _ => json!({"error": message}),
    }
}

fn write_nearest(out: &mut dyn Write, error: &LookupError) -> Result<(), CliError> {
    match error {
        LookupError::Unknown { nearest, .. } if !nearest.is_empty() => {
            writeln!(out, "Codes that look like it:")?;
            for child in nearest {
                write_code(out, &child.code, &child.display, child.billable)?;
            }
        }
        LookupError::NotInRelease {
            valid_in,
            display,
            history,
            ..
        } => {
            writeln!(out, "{display}\nIt is valid on other days:")?;
            for release in valid_in {
                let days = output::days(&release.effective);
                writeln!(out, "  {:<9} {days}", release.version)?;
            }
            write_history(out, history)?;
        }
        _ => {}
    }
    Ok(())
}

fn write_code(
    out: &mut dyn Write,
    code: &str,
    display: &str,
    billable: bool,
) -> Result<(), CliError> {
    let mark = if billable { "billable" } else { "header" };
    writeln!(out, "  {code:<9} {mark:<9} {display}")?;
    Ok(())
}

fn write_detail(out: &mut dyn Write, detail: &CodeDetail) -> Result<(), CliError> {
    writeln!(out, "{}  {}", detail.code, detail.display)?;
    if let Some(short) = &detail.short {
        writeln!(out, "short title: {short}")?;
    }
    for release in detail.release.values() {
        let what = match detail.needs {
            Some(needs) => format!("a header: needs {}", output::more_characters(needs)),
            None if detail.billable => "billable".to_owned(),
            None => "a header".to_owned(),
        };
        let ReleaseAnswer {
            system,
            version,
            effective,
            in_force,
            ..
        } = release;
        let release = output::release(system, version, effective, *in_force);
        writeln!(out, "{what} in {release}")?;
    }
    write_above(out, detail)?;
    if !detail.children.is_empty() {
        writeln!(out, "\nBelow it:")?;
        for child in &detail.children {
            write_code(out, &child.code, &child.display, child.billable)?;
        }
    }
    if let Some(seventh) = &detail.seventh {
        writeln!(
            out,
            "\nSeventh character (placeholder {}):",
            seventh.placeholder
        )?;
        for value in &seventh.values {
            writeln!(out, "  {}  {}", value.char, value.text)?;
        }
    }
    write_notes(out, &detail.notes)?;
    write_names(out, "Inclusion terms", &detail.inclusion_terms)?;
    write_names(out, "Other names", &detail.index_terms)?;
    write_properties(out, detail)?;
    write_history(out, &detail.history)
}

fn write_properties(out: &mut dyn Write, detail: &CodeDetail) -> Result<(), CliError> {
    if !detail.properties.is_empty() {
        writeln!(out, "\nProperties:")?;
    }
    for property in &detail.properties {
        writeln!(out, "  {:<16} {}", property.name, property.value)?;
    }
    if !detail.maps.is_empty() {
        writeln!(out, "\nIn other systems:")?;
    }
    for row in &detail.maps {
        let code = row.code.as_deref().unwrap_or("no counterpart");
        let approximate = if row.approximate { ", approximate" } else { "" };
        let (system, map) = (row.system, &row.map);
        let display = row.display.as_deref().unwrap_or("");
        writeln!(
            out,
            "  {system:<9} {code:<9} {display} ({map}{approximate})"
        )?;
    }
    Ok(())
}

fn write_above(out: &mut dyn Write, detail: &CodeDetail) -> Result<(), CliError> {
    let mut write = |what: &str, heading: &Heading| -> Result<(), CliError> {
        writeln!(out, "  {what:<8} {:<9} {}", heading.code, heading.display)?;
        Ok(())
    };
    if let Some(chapter) = &detail.chapter {
        write("chapter", chapter)?;
    }
    if let Some(section) = &detail.section {
        write("section", section)?;
    }
    for parent in &detail.parents {
        write("below", parent)?;
    }
    Ok(())
}

fn write_notes(out: &mut dyn Write, notes: &[NoteAnswer]) -> Result<(), CliError> {
    for group in notes.chunk_by(|a, b| a.kind == b.kind && a.from == b.from) {
        for (index, note) in group.iter().enumerate() {
            if index == 0 {
                let from = if note.inherited {
                    format!(", from {}", note.from)
                } else {
                    String::new()
                };
                writeln!(out, "\n{}{from}:", note_title(note.kind))?;
            }
            writeln!(out, "  {}", note.text)?;
        }
    }
    Ok(())
}

/// A note's kind as the code book prints it.
fn note_title(kind: &str) -> &str {
    match kind {
        "includes" => "Includes",
        "excludes1" => "Excludes1",
        "excludes2" => "Excludes2",
        "code_first" => "Code first",
        "use_additional" => "Use additional",
        "code_also" => "Code also",
        "note" => "Note",
        "seventh" => "Seventh characters",
        other => other,
    }
}

fn write_names(out: &mut dyn Write, what: &str, names: &[NameAnswer]) -> Result<(), CliError> {
    if names.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{what}:")?;
    for name in names {
        writeln!(out, "  {}", name.text)?;
    }
    Ok(())
}

fn write_history(out: &mut dyn Write, history: &[Change]) -> Result<(), CliError> {
    if history.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nHistory:")?;
    for change in history {
        let what = match change.change {
            ChangeKind::None => "no change",
            ChangeKind::Added => "added",
            ChangeKind::Revised => "title revised",
            ChangeKind::BecameHeader => "became a header",
            ChangeKind::BecameBillable => "became billable",
            ChangeKind::Deleted => "deleted",
        };
        writeln!(out, "  {} (since {}): {what}", change.version, change.since)?;
        if let Some((from, to)) = change.from.as_ref().zip(change.to.as_ref()) {
            writeln!(out, "    from {from}\n    to   {to}")?;
        }
        if !change.replaced_by.is_empty() {
            writeln!(out, "    replaced by {}", change.replaced_by.join(", "))?;
        }
        if !change.replaces.is_empty() {
            writeln!(out, "    replaces {}", change.replaces.join(", "))?;
        }
    }
    Ok(())
}
