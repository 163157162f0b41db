//! What changed between two vintages of a table.

use codesets::edit::{ModifierIndicator, MueEdit, ProcedureCode};

use super::tables::{EditTable, EditTables};

/// A PTP edit that one vintage has active and the other has not, or has otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PtpChange {
    /// Active in the newer table only.
    Added(ModifierIndicator),
    /// Active in the older table only.
    Deleted(ModifierIndicator),
    /// Active in both, with another modifier indicator.
    Indicator {
        /// In the older table.
        before: ModifierIndicator,
        /// In the newer table.
        after: ModifierIndicator,
    },
}

/// A pair and what became of it, column 1 first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PtpDifference {
    /// The column 1 code.
    pub column1: ProcedureCode,
    /// The column 2 code.
    pub column2: ProcedureCode,
    /// What became of the edit.
    pub change: PtpChange,
}

/// The pairs whose active edit differs between two PTP tables, in the order of the pairs.
///
/// An edit is active while it has no deletion date.
pub fn ptp_differences<'a>(
    tables: &'a EditTables,
    older: &EditTable,
    newer: &EditTable,
) -> impl Iterator<Item = PtpDifference> + use<'a> {
    let ptp = tables.ptp();
    let places = (older.ptp_place(), newer.ptp_place());
    ptp.all().filter_map(move |(column1, column2, pair)| {
        let active = |table| {
            ptp.rows(table, (column1, column2), pair)
                .find(|found| found.edit.deletion.is_none())
                .map(|found| found.edit.indicator)
        };
        let change = match (active(places.0), active(places.1)) {
            (None, Some(after)) => PtpChange::Added(after),
            (Some(before), None) => PtpChange::Deleted(before),
            (Some(before), Some(after)) if before != after => {
                PtpChange::Indicator { before, after }
            }
            _ => return None,
        };
        Some(PtpDifference {
            column1,
            column2,
            change,
        })
    })
}

/// What became of a code's MUE row from one vintage to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MueDifference<'a> {
    /// The newer table alone has the code.
    Added(MueEdit<'a>),
    /// The older table alone has the code.
    Deleted(MueEdit<'a>),
    /// The value, the adjudication indicator or the rationale differs.
    Revised {
        /// In the older table.
        before: MueEdit<'a>,
        /// In the newer table.
        after: MueEdit<'a>,
    },
}

/// The codes whose MUE row differs between two tables, in the order of the codes.
pub fn mue_differences<'a>(
    tables: &'a EditTables,
    older: &EditTable,
    newer: &EditTable,
) -> Vec<MueDifference<'a>> {
    let mut differences = Vec::new();
    let mut before = tables.mue(older).all().map(|found| found.edit).peekable();
    let mut after = tables.mue(newer).all().map(|found| found.edit).peekable();
    loop {
        match (before.peek(), after.peek()) {
            (Some(old), Some(new)) if old.code == new.code => {
                let (Some(old), Some(new)) = (before.next(), after.next()) else {
                    break;
                };
                if old != new {
                    differences.push(MueDifference::Revised {
                        before: old,
                        after: new,
                    });
                }
            }
            (Some(old), new) if new.is_none_or(|new| old.code < new.code) => {
                differences.extend(before.next().map(MueDifference::Deleted));
            }
            (_, Some(_)) => differences.extend(after.next().map(MueDifference::Added)),
            (Some(_), None) | (None, None) => break,
        }
    }
    differences
}
