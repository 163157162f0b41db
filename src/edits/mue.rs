//! Medically unlikely edits: how many units of a service are plausible?

use std::borrow::Cow;
use std::fmt::Write;

use codesets::edit::{EditTableKind, MueAdjudication, MueEdit, ProcedureCode};
use indexer::edits::{EditTable, EditTables, Mue, MueFound};

use super::claim::{Claim, Units};
use super::finding::{ClaimReport, Detail, EditKind, Finding, Outcome, Severity};
use super::lines::Line;
use super::tables::TableOfDay;

/// Checks the units of every code, day by day.
///
/// Lines of one code, one day and one provider belong together; where any of
/// them does not say its provider, all lines of that code and day do. Indicator
/// 1, and Medicaid's rows, which have none, hold each line against the value; 2
/// and 3 hold the sum.
pub(super) fn check<'t>(
    tables: &'t EditTables,
    claim: &Claim,
    lines: &[Line<'_>],
    report: &mut ClaimReport<'t>,
) {
    let mut of_day = TableOfDay::new(tables, claim, EditTableKind::Mue);
    let mut is_done = vec![false; lines.len()];
    for (first, line) in lines.iter().enumerate() {
        if is_done.get(first).copied().unwrap_or(true) {
            continue;
        }
        let is_like = |other: &Line<'_>| other.code == line.code && other.day == line.day;
        let is_silent = lines
            .iter()
            .any(|other| is_like(other) && !other.names_provider());
        let mut group = Vec::new();
        for (other, done) in lines.iter().zip(&mut is_done).skip(first) {
            if is_like(other) && (is_silent || line.is_with(other)) {
                *done = true;
                group.extend(other.units.map(|units| (other, units)));
            }
        }
        if group.is_empty() {
            // Units that cannot be read are a finding of the claim already.
            report.counted(EditKind::Mue, Outcome::NoData, 1);
            continue;
        }
        let Some(table) = of_day.table(line.day, EditKind::Mue, report) else {
            report.counted(EditKind::Mue, Outcome::NoData, 1);
            continue;
        };
        check_group(tables, table, &tables.mue(table), &group, report);
    }
}

fn check_group<'t>(
    tables: &'t EditTables,
    table: &EditTable,
    mue: &Mue<'t>,
    group: &[(&Line<'_>, Units)],
    report: &mut ClaimReport<'t>,
) {
    let Some((line, _)) = group.first() else {
        return;
    };
    let Some(found) = mue.of(line.code).next() else {
        report.found(unpublished(table, group));
        return;
    };
    match found.edit.adjudication {
        None | Some(MueAdjudication::Line) => {
            for one in group.chunks(1) {
                report.found(finding(tables, table, &found, one));
            }
        }
        Some(MueAdjudication::DatePolicy | MueAdjudication::DateClinical) => {
            report.found(finding(tables, table, &found, group));
        }
    }
}

/// The finding about lines that are held against a value together.
fn finding<'t>(
    tables: &'t EditTables,
    table: &EditTable,
    found: &MueFound<'t>,
    counted: &[(&Line<'_>, Units)],
) -> Finding<'t> {
    let edit = &found.edit;
    let units = sum(counted);
    let exceeds = units > Units::whole(edit.value);
    let (outcome, severity) = match (exceeds, edit.adjudication) {
        (false, _) => (Outcome::DoesNotApply, Severity::Info),
        (true, Some(MueAdjudication::DateClinical)) if edit.value > 0 => {
            (Outcome::Applies, Severity::Review)
        }
        (true, _) => (Outcome::Applies, Severity::Deny),
    };
    Finding {
        lines: counted.iter().map(|(line, _)| line.index).collect(),
        table: Some(table.name),
        row: tables.source(table, found.row),
        text: sentence(edit, counted, units, exceeds),
        detail: detail(counted, units, Some(edit)),
        ..Finding::new(EditKind::Mue, outcome, severity)
    }
}

fn unpublished<'t>(table: &EditTable, group: &[(&Line<'_>, Units)]) -> Finding<'t> {
    let units = sum(group);
    let code = group.first().map(|(line, _)| line.code.to_string());
    Finding {
        lines: group.iter().map(|(line, _)| line.index).collect(),
        table: Some(table.name),
        text: format!(
            "No value is published for {} in {}; some are confidential, so {units} units are neither passed nor failed.",
            code.unwrap_or_default(),
            table.name
        ),
        detail: detail(group, units, None),
        ..Finding::new(EditKind::Mue, Outcome::NoData, Severity::Info)
    }
}

fn detail<'t>(
    counted: &[(&Line<'_>, Units)],
    units: Units,
    edit: Option<&MueEdit<'t>>,
) -> Detail<'t> {
    let Some((line, _)) = counted.first() else {
        return Detail::None;
    };
    Detail::Mue {
        code: line.code,
        day: line.day,
        value: edit.map(|edit| edit.value),
        adjudication: edit.and_then(|edit| edit.adjudication),
        units,
        // The reader's rows borrow their texts.
        rationale: match edit.map(|edit| &edit.rationale) {
            Some(Cow::Borrowed(text)) => text,
            Some(Cow::Owned(_)) | None => "",
        },
    }
}

fn sum(lines: &[(&Line<'_>, Units)]) -> Units {
    lines
        .iter()
        .fold(Units::whole(0), |sum, (_, units)| sum.plus(*units))
}

fn sentence(
    edit: &MueEdit<'_>,
    counted: &[(&Line<'_>, Units)],
    units: Units,
    exceeds: bool,
) -> String {
    let code: ProcedureCode = edit.code;
    let value = edit.value;
    let day = counted
        .first()
        .map(|(line, _)| line.day)
        .unwrap_or_default();
    if value == 0 {
        return format!("{code} has the value 0: it is not payable in this setting.");
    }
    let by_line = matches!(edit.adjudication, None | Some(MueAdjudication::Line));
    let mut text = String::with_capacity(160);
    let _ = match counted {
        [(line, _)] if by_line => write!(
            text,
            "Of at most {value}, line {} has {units} units of {code}",
            line.id
        ),
        _ => write!(
            text,
            "Of at most {value}, {units} units of {code} are reported for {day}"
        ),
    };
    if exceeds {
        text.push_str(match edit.adjudication {
            None | Some(MueAdjudication::Line) => ": the whole line is denied",
            Some(MueAdjudication::DatePolicy) => {
                ": all units of the day are denied, by policy, without exception"
            }
            Some(MueAdjudication::DateClinical) => {
                ": all units of the day are denied unless the medical record shows that they were necessary"
            }
        });
    }
    text.push('.');
    text
}
