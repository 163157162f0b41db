//! What several commands write: JSON, tables, releases, sizes.

use std::io::{self, Write};

use codebook::answers::Releases;
use codebook::lookup::{Days, Needs};
use codesets::CodeSystem;
use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};
use indexer::bundle::ManifestEdits;
use serde::Serialize;

use super::CliError;

/// Writes `answer` as indented JSON with a line's end.
pub(super) fn json(out: &mut dyn Write, answer: &impl Serialize) -> Result<(), CliError> {
    serde_json::to_writer_pretty(&mut *out, answer).map_err(|error| {
        // A closed pipe is told apart from a value that has no JSON.
        match error.io_error_kind() {
            Some(kind) => CliError::Output(io::Error::from(kind)),
            None => CliError::Json(error),
        }
    })?;
    writeln!(out)?;
    Ok(())
}

/// A table without lines, its columns under `titles`; those numbered in `right` hold numbers.
pub(super) fn table(titles: &[&str], right: &[usize]) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(titles);
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 2));
        if right.contains(&index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// Writes `table` with no blanks at the ends of lines.
pub(super) fn write_table(out: &mut dyn Write, table: &Table) -> Result<(), CliError> {
    for line in table.lines() {
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// Writes which tables of claim edits there are, if any, after a blank line.
pub(super) fn edit_tables(out: &mut dyn Write, tables: &[ManifestEdits]) -> Result<(), CliError> {
    if tables.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    let mut written = table(&["claim edits", "first day", "last day", "rows"], &[3]);
    for edits in tables {
        written.add_row([
            &format!("{} {}", edits.table, edits.version),
            &edits.first_day,
            edits.last_day.as_deref().unwrap_or(""),
            &edits.rows.to_string(),
        ]);
    }
    write_table(out, &written)
}

/// Days in words: `2025-10-01 to 2026-09-30`.
pub(super) fn days(days: &Days) -> String {
    match days {
        (Some(first), Some(last)) => format!("{first} to {last}"),
        (Some(first), None) => format!("from {first}"),
        (None, Some(last)) => format!("until {last}"),
        (None, None) => "in every loaded release".to_owned(),
    }
}

/// A release in words, with a warning when it is not in force.
pub(super) fn release(system: &str, version: &str, effective: &Days, in_force: bool) -> String {
    let name = system
        .parse()
        .map_or(system, |system: CodeSystem| system.name());
    let warning = if in_force {
        ""
    } else {
        ", NOT in force on that day"
    };
    format!("{name} {version} ({}){warning}", days(effective))
}

/// Writes which releases answered.
pub(super) fn answered_by(out: &mut dyn Write, releases: &Releases) -> Result<(), CliError> {
    let names: Vec<String> = releases
        .iter()
        .map(|(system, stamp)| release(system, &stamp.version, &stamp.effective, stamp.in_force))
        .collect();
    if !names.is_empty() {
        writeln!(out, "\nfrom {}", names.join("; "))?;
    }
    Ok(())
}

/// What a header lacks, in words: `1 to 4 more characters`.
pub(super) fn more_characters(needs: Needs) -> String {
    let Needs { characters, most } = needs;
    match (characters, most) {
        (1, 1) => "1 more character".to_owned(),
        (least, most) if least == most => format!("{most} more characters"),
        (least, most) => format!("{least} to {most} more characters"),
    }
}

/// Bytes in words: `52.3 MB`.
pub(super) fn megabytes(bytes: u64) -> String {
    let tenths = (bytes + 50_000) / 100_000;
    format!("{}.{} MB", tenths / 10, tenths % 10)
}
