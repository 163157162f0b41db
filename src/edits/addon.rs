//! Add-on code edits: is the primary procedure on the claim?

use codesets::edit::{AddOnType, EditTableKind, ProcedureCode};
use indexer::edits::{AddOnFound, EditTable, EditTables};

use super::claim::Claim;
use super::finding::{ClaimReport, Detail, EditKind, Finding, Outcome, Severity};
use super::lines::Line;
use super::tables::TableOfDay;

/// Checks every line whose code is an add-on against the other lines of its provider and day.
pub(super) fn check<'t>(
    tables: &'t EditTables,
    claim: &Claim,
    lines: &[Line<'_>],
    report: &mut ClaimReport<'t>,
) {
    let mut of_day = TableOfDay::new(tables, claim, EditTableKind::AddOn);
    for line in lines {
        let Some(table) = of_day.table(line.day, EditKind::AddOn, report) else {
            report.counted(EditKind::AddOn, Outcome::NoData, 1);
            continue;
        };
        let rows: Vec<AddOnFound<'t>> = tables
            .add_on(table)
            .of_add_on(line.code)
            .filter(|found| found.edit.in_force(line.day))
            .collect();
        match rows.as_slice() {
            [] => report.counted(EditKind::AddOn, Outcome::DoesNotApply, 1),
            [first, ..] => report.found(finding(tables, table, line, lines, (first, &rows))),
        }
    }
}

fn finding<'t>(
    tables: &'t EditTables,
    table: &EditTable,
    line: &Line<'_>,
    lines: &[Line<'_>],
    (first, rows): (&AddOnFound<'t>, &[AddOnFound<'t>]),
) -> Finding<'t> {
    let partner = rows.iter().find_map(|row| {
        let primary = row.edit.primary?;
        let other = lines.iter().find(|other| {
            other.code == primary && other.index != line.index && other.is_with(line)
        })?;
        Some((row, other))
    });
    let kind = widest(rows);
    let primaries: Vec<ProcedureCode> = rows.iter().filter_map(|row| row.edit.primary).collect();
    let (outcome, severity) = match (&partner, kind) {
        (Some(_), _) => (Outcome::DoesNotApply, Severity::Info),
        (None, AddOnType::Listed) => (Outcome::Applies, Severity::Deny),
        (None, AddOnType::ContractorDefined | AddOnType::PartlyListed) => {
            (Outcome::NoData, Severity::Review)
        }
    };
    let mut text = match &partner {
        Some((_, other)) => format!(
            "{} (line {}) is an add-on to {} (line {}) of the same day.",
            line.code, line.id, other.code, other.id
        ),
        None => missing_sentence(line, kind, &primaries),
    };
    let told = partner.as_ref().map_or(first, |(row, _)| row);
    if !told.edit.note.is_empty() {
        text.push_str(" CMS notes: ");
        text.push_str(told.edit.note.trim_matches('"'));
        text.push('.');
    }
    let mut concerned = vec![line.index];
    concerned.extend(partner.as_ref().map(|(_, other)| other.index));
    Finding {
        lines: concerned,
        table: Some(table.name),
        row: tables.source(table, told.row),
        detail: Detail::AddOn {
            add_on: line.code,
            kind,
            primaries,
            found: partner.and_then(|(row, _)| row.edit.primary),
        },
        text,
        ..Finding::new(EditKind::AddOn, outcome, severity)
    }
}

/// The type that leaves the most open: one row that leaves primaries to the
/// contractor means that the listed ones are not all.
fn widest(rows: &[AddOnFound<'_>]) -> AddOnType {
    let is = |kind| rows.iter().any(|row| row.edit.kind == kind);
    let has_undefined = rows.iter().any(|row| row.edit.primary.is_none());
    if is(AddOnType::PartlyListed) || (has_undefined && is(AddOnType::Listed)) {
        AddOnType::PartlyListed
    } else if has_undefined || is(AddOnType::ContractorDefined) {
        AddOnType::ContractorDefined
    } else {
        AddOnType::Listed
    }
}

fn missing_sentence(line: &Line<'_>, kind: AddOnType, primaries: &[ProcedureCode]) -> String {
    let (code, id) = (line.code, line.id);
    match kind {
        AddOnType::Listed => format!(
            "{code} (line {id}) is an add-on and is denied without one of its primary codes on the same day: {}.",
            listed(primaries)
        ),
        AddOnType::ContractorDefined => format!(
            "{code} (line {id}) is an add-on whose primary codes the contractor defines; ask the contractor."
        ),
        AddOnType::PartlyListed => format!(
            "{code} (line {id}) is an add-on; none of its listed primary codes is on the same day ({}), \
             but the contractor may allow others.",
            listed(primaries)
        ),
    }
}

/// The first eight codes, and how many more there are.
fn listed(codes: &[ProcedureCode]) -> String {
    const SHOWN: usize = 8;
    if codes.is_empty() {
        return "none is listed".to_owned();
    }
    let mut text: Vec<String> = codes.iter().take(SHOWN).map(ToString::to_string).collect();
    if codes.len() > SHOWN {
        text.push(format!("and {} more", codes.len() - SHOWN));
    }
    text.join(", ")
}
