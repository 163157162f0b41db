//! NCCI procedure-to-procedure edits: may two services of a day stand together?

use std::fmt::Write;

use codesets::edit::{
    EditTableKind, Modifier, ModifierIndicator, Payer, ProcedureCode, PtpEdit, Setting,
};
use indexer::edits::{EditTable, EditTables, PairCode, PairRank, Ptp, PtpFound};
use jiff::civil::Date;

use super::claim::Claim;
use super::finding::{ClaimReport, Detail, EditKind, Finding, Outcome, Severity};
use super::lines::Line;
use super::tables::TableOfDay;

/// Checks every pair of lines of one provider and one day, in both orders.
pub(super) fn check<'t>(
    tables: &'t EditTables,
    claim: &Claim,
    lines: &[Line<'_>],
    report: &mut ClaimReport<'t>,
) {
    let ptp = tables.ptp();
    let places: Vec<PairCode> = lines.iter().map(|line| ptp.locate(line.code)).collect();
    let mut of_day = TableOfDay::new(tables, claim, EditTableKind::Ptp);
    let (mut looked_at, mut undecided) = (0, 0);
    for (place, line) in lines.iter().enumerate() {
        let later = lines
            .iter()
            .skip(place + 1)
            .filter(|other| line.is_with(other));
        let met = later.count();
        looked_at += met;
        if of_day.table(line.day, EditKind::NcciPtp, report).is_none() {
            undecided += met;
        }
    }
    // Found column by column; said pair by pair of lines, in the claim's order.
    let mut found: Vec<(usize, usize, PairRank)> = ptp
        .among(&places)
        .filter(|(one, two, _)| one != two)
        .collect();
    found.sort_by_key(|(one, two, _)| (*one.min(two), *one.max(two), *one));
    let mut denied = 0;
    for of_lines in
        found.chunk_by(|a, b| (a.0.min(a.1), a.0.max(a.1)) == (b.0.min(b.1), b.0.max(b.1)))
    {
        let before = report.findings.len();
        for (one, two, pair) in of_lines {
            let (Some(one), Some(two)) = (lines.get(*one), lines.get(*two)) else {
                continue;
            };
            let Some(table) = of_day.table(one.day, EditKind::NcciPtp, report) else {
                continue;
            };
            if one.is_with(two) {
                let rows = ptp.rows(table.ptp_place(), (one.code, two.code), *pair);
                say(tables, table, (one, two), rows, report);
            }
        }
        // A pair of lines counts once, however many rows speak of it.
        let said = report.findings.get(before..).unwrap_or_default();
        denied += usize::from(
            said.iter()
                .any(|finding| finding.outcome == Outcome::Applies),
        );
    }
    let clean = looked_at - undecided - denied;
    report.counted(EditKind::NcciPtp, Outcome::Applies, denied);
    report.counted(EditKind::NcciPtp, Outcome::DoesNotApply, clean);
    report.counted(EditKind::NcciPtp, Outcome::NoData, undecided);
}

/// Turns the rows of a pair into findings: each row in force, or else the newest that is not.
fn say<'t>(
    tables: &'t EditTables,
    table: &EditTable,
    lines: (&Line<'_>, &Line<'_>),
    rows: impl Iterator<Item = PtpFound<'t>>,
    report: &mut ClaimReport<'t>,
) {
    let day = lines.0.day;
    let mut newest: Option<PtpFound<'t>> = None;
    let mut is_in_force = false;
    for found in rows {
        if found.edit.in_force(day) {
            is_in_force = true;
            report.findings.push(finding(tables, table, lines, found));
        } else if newest.is_none_or(|known| known.edit.effective <= found.edit.effective) {
            newest = Some(found);
        }
    }
    if let Some(found) = newest.filter(|_| !is_in_force) {
        report.findings.push(finding(tables, table, lines, found));
    }
}

fn finding<'t>(
    tables: &'t EditTables,
    table: &EditTable,
    (one, two): (&Line<'_>, &Line<'_>),
    found: PtpFound<'t>,
) -> Finding<'t> {
    let edit = found.edit;
    let modifiers: Vec<(usize, Modifier)> = [one, two]
        .into_iter()
        .flat_map(|line| {
            line.modifiers
                .iter()
                .map(|modifier| (line.index, *modifier))
        })
        .filter(|(_, modifier)| modifier.is_ptp_associated())
        .collect();
    let is_bypassed = edit.indicator == ModifierIndicator::Allowed && !modifiers.is_empty();
    let (outcome, severity) = match (edit.in_force(one.day), is_bypassed) {
        (false, _) => (Outcome::DoesNotApply, Severity::Info),
        (true, true) => (Outcome::Applies, Severity::Review),
        (true, false) => (Outcome::Applies, Severity::Deny),
    };
    let text = if outcome == Outcome::Applies {
        sentence((one, two), &edit, &modifiers)
    } else {
        past_sentence(one.day, &edit)
    };
    Finding {
        lines: vec![one.index, two.index],
        table: Some(table.name),
        row: tables.source(table, found.row),
        detail: Detail::Ptp {
            edit,
            modifiers,
            is_bypassed,
        },
        text,
        ..Finding::new(EditKind::NcciPtp, outcome, severity)
    }
}

fn sentence(
    (one, two): (&Line<'_>, &Line<'_>),
    edit: &PtpEdit<'_>,
    modifiers: &[(usize, Modifier)],
) -> String {
    let mut text = String::with_capacity(240);
    let _ = write!(
        text,
        "{} (line {}) is paid and {} (line {}) is denied when one provider reports both on {}",
        edit.column1, one.id, edit.column2, two.id, one.day
    );
    let _ = match (edit.indicator, modifiers) {
        (ModifierIndicator::Allowed, []) => write!(
            text,
            ", unless a PTP-associated modifier (such as 59, XE, XS, XP or XU) fits the record; none is on either line."
        ),
        (ModifierIndicator::Allowed, [(line, modifier), ..]) => {
            let id = if *line == one.index { one.id } else { two.id };
            write!(
                text,
                "; modifier {modifier} on line {id} bypasses the edit if the record supports it."
            )
        }
        (ModifierIndicator::NotAllowed, []) => write!(text, "; no modifier bypasses this edit."),
        (ModifierIndicator::NotAllowed, [(_, modifier), ..]) => write!(
            text,
            "; no modifier bypasses this edit, so {modifier} does not either."
        ),
        (ModifierIndicator::NotApplicable, _) => write!(text, "."),
    };
    text
}

fn past_sentence(day: Date, edit: &PtpEdit<'_>) -> String {
    let (one, two) = (edit.column1, edit.column2);
    match (edit.indicator, edit.deletion) {
        (ModifierIndicator::NotApplicable, _) => format!(
            "An edit of {one} with {two} was deleted as of the day it began and was never in force."
        ),
        (_, Some(deletion)) if deletion < day => {
            format!("The edit of {one} with {two} was deleted on {deletion}, before {day}.")
        }
        _ => format!(
            "The edit of {one} with {two} is in force from {}; {day} is not one of its days.",
            edit.effective
        ),
    }
}

/// What the tables say of two codes on a day, whoever reports them.
#[derive(Clone, Debug)]
pub struct PairAnswer<'t> {
    /// The table that answered; `None` if none is loaded for the day.
    pub table: Option<EditTable>,
    /// The rows of the pair in force, and for a pair without any the others:
    /// first with the first code in column 1, then the other way round.
    pub rows: Vec<PtpFound<'t>>,
    /// Whether an edit is in force, or whether that cannot be said.
    pub outcome: Outcome,
}

/// Answers the question about two codes alone.
pub fn pair(
    tables: &EditTables,
    (setting, payer, day): (Setting, Payer, Date),
    a: ProcedureCode,
    b: ProcedureCode,
) -> PairAnswer<'_> {
    let Some(table) = tables.answering(EditTableKind::Ptp, setting, payer, day) else {
        return PairAnswer {
            table: None,
            rows: Vec::new(),
            outcome: Outcome::NoData,
        };
    };
    let ptp = tables.ptp();
    let mut rows = rows_of(&ptp, table, a, b);
    rows.extend(rows_of(&ptp, table, b, a));
    let is_in_force = rows.iter().any(|found| found.edit.in_force(day));
    if is_in_force {
        rows.retain(|found| found.edit.in_force(day));
    }
    PairAnswer {
        table: Some(*table),
        rows,
        outcome: if is_in_force {
            Outcome::Applies
        } else {
            Outcome::DoesNotApply
        },
    }
}

fn rows_of<'t>(
    ptp: &Ptp<'t>,
    table: &EditTable,
    column1: ProcedureCode,
    column2: ProcedureCode,
) -> Vec<PtpFound<'t>> {
    let found = ptp.pair(ptp.locate(column1), ptp.locate(column2));
    let rows = found.map(|pair| ptp.rows(table.ptp_place(), (column1, column2), pair));
    rows.into_iter().flatten().collect()
}
