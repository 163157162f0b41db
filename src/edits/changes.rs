//! What changed between two vintages of a table of claim edits.

use codesets::edit::{EditTableKind, ModifierIndicator, MueEdit, Vintage};
use indexer::bundle::Bundle;
use indexer::edits::{
    EditTable, EditTables, MueDifference, PtpChange, mue_differences, ptp_differences,
};
use serde::Serialize;

use super::answer::{TableStamp, indicator, mai};

/// Why two tables cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChangesError {
    /// No such table is loaded.
    #[error("no table `{series}` is loaded; those loaded are {loaded}")]
    NoSeries {
        /// The series asked for.
        series: String,
        /// The series there are.
        loaded: String,
    },
    /// The series has no such vintage.
    #[error("{series} is loaded for {loaded}, but not for {vintage}")]
    NoVintage {
        /// The series.
        series: &'static str,
        /// The vintage asked for.
        vintage: Vintage,
        /// The vintages there are.
        loaded: String,
    },
    /// Nothing to compare with.
    #[error("{series} is loaded for {vintage} alone; load another vintage beside it")]
    OneVintage {
        /// The series.
        series: &'static str,
        /// The one there is.
        vintage: Vintage,
    },
    /// Tables of this kind are not compared.
    #[error("tables of pairs (ncci-ptp-…) and of units (mue-…) are compared; {series} is neither")]
    NotCompared {
        /// The series.
        series: &'static str,
    },
}

/// The changes between two vintages.
#[derive(Debug, Serialize)]
pub struct TableChanges {
    /// The older table.
    pub from: TableStamp,
    /// The newer table.
    pub to: TableStamp,
    /// How many changes there are.
    pub summary: ChangeCounts,
    /// The changes, in the order of the codes.
    pub changes: Vec<Change>,
}

/// How many changes of each sort there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ChangeCounts {
    /// Pairs active, or codes listed, in the newer table only.
    pub added: usize,
    /// Pairs active, or codes listed, in the older table only.
    pub deleted: usize,
    /// Pairs whose modifier indicator, or codes whose value, indicator or rationale, is another.
    pub changed: usize,
}

/// A change of a pair or of a code's units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Change {
    /// A pair.
    Pair {
        /// `added`, `deleted` or `changed`.
        change: &'static str,
        /// The code that is paid.
        column1: String,
        /// The code that is denied.
        column2: String,
        /// The modifier indicator in the older table.
        indicator_before: Option<&'static str>,
        /// The modifier indicator in the newer table.
        indicator_after: Option<&'static str>,
    },
    /// The most units of a code.
    Units {
        /// `added`, `deleted` or `changed`.
        change: &'static str,
        /// The code.
        code: String,
        /// What the older table says.
        before: Option<UnitsAnswer>,
        /// What the newer table says.
        after: Option<UnitsAnswer>,
    },
}

impl Change {
    /// The sort of change: `added`, `deleted` or `changed`.
    pub fn id(&self) -> &'static str {
        match self {
            Change::Pair { change, .. } | Change::Units { change, .. } => change,
        }
    }
}

/// What an MUE table says of a code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnitsAnswer {
    /// The most units.
    pub value: u32,
    /// The adjudication indicator.
    pub mai: Option<&'static str>,
    /// Where the value comes from.
    pub rationale: String,
}

impl UnitsAnswer {
    fn of(edit: &MueEdit<'_>) -> UnitsAnswer {
        UnitsAnswer {
            value: edit.value,
            mai: edit.adjudication.map(mai),
            rationale: edit.rationale.clone().into_owned(),
        }
    }
}

/// What changed in the tables of `series` from one vintage to another; without
/// vintages, between the newest and the one before it.
///
/// # Errors
/// When the tables are not loaded or are not of a kind that is compared.
pub fn table_changes(
    bundle: &Bundle,
    series: &str,
    from: Option<Vintage>,
    to: Option<Vintage>,
) -> Result<TableChanges, ChangesError> {
    let tables = bundle.edits();
    let of_series: Vec<&EditTable> = tables
        .tables()
        .iter()
        .filter(|table| table.name.series() == series)
        .collect();
    let Some(newest) = of_series.last() else {
        return Err(ChangesError::NoSeries {
            series: series.to_owned(),
            loaded: loaded_series(tables),
        });
    };
    let find = |vintage: Vintage| {
        let found = of_series.iter().find(|table| table.name.vintage == vintage);
        let vintages = of_series.iter().map(|table| table.name.vintage.to_string());
        found.copied().ok_or_else(|| ChangesError::NoVintage {
            series: newest.name.series(),
            vintage,
            loaded: vintages.collect::<Vec<_>>().join(", "),
        })
    };
    let newer = match to {
        Some(vintage) => find(vintage)?,
        None => newest,
    };
    let older = match from {
        Some(vintage) => find(vintage)?,
        None => of_series
            .iter()
            .rfind(|table| table.name.vintage < newer.name.vintage)
            .ok_or(ChangesError::OneVintage {
                series: newer.name.series(),
                vintage: newer.name.vintage,
            })?,
    };
    let changes: Vec<Change> = match newer.name.kind {
        EditTableKind::Ptp => pairs(tables, older, newer),
        EditTableKind::Mue => units(tables, older, newer),
        EditTableKind::AddOn | EditTableKind::Mce => {
            return Err(ChangesError::NotCompared {
                series: newer.name.series(),
            });
        }
    };
    let mut summary = ChangeCounts::default();
    for change in &changes {
        match change.id() {
            "added" => summary.added += 1,
            "deleted" => summary.deleted += 1,
            _ => summary.changed += 1,
        }
    }
    Ok(TableChanges {
        from: TableStamp::of(bundle, older),
        to: TableStamp::of(bundle, newer),
        summary,
        changes,
    })
}

fn loaded_series(tables: &EditTables) -> String {
    let mut series: Vec<&str> = tables
        .tables()
        .iter()
        .map(|table| table.name.series())
        .collect();
    series.dedup();
    if series.is_empty() {
        return "none".to_owned();
    }
    series.join(", ")
}

fn pairs(tables: &EditTables, older: &EditTable, newer: &EditTable) -> Vec<Change> {
    let differences = ptp_differences(tables, older, newer);
    let changes = differences.map(|difference| {
        let shown = |one: Option<ModifierIndicator>| one.map(indicator);
        let (change, before, after) = match difference.change {
            PtpChange::Added(after) => ("added", None, Some(after)),
            PtpChange::Deleted(before) => ("deleted", Some(before), None),
            PtpChange::Indicator { before, after } => ("changed", Some(before), Some(after)),
        };
        Change::Pair {
            change,
            column1: difference.column1.to_string(),
            column2: difference.column2.to_string(),
            indicator_before: shown(before),
            indicator_after: shown(after),
        }
    });
    changes.collect()
}

fn units(tables: &EditTables, older: &EditTable, newer: &EditTable) -> Vec<Change> {
    let differences = mue_differences(tables, older, newer).into_iter();
    let changes = differences.map(|difference| {
        let (change, before, after) = match &difference {
            MueDifference::Added(after) => ("added", None, Some(after)),
            MueDifference::Deleted(before) => ("deleted", Some(before), None),
            MueDifference::Revised { before, after } => ("changed", Some(before), Some(after)),
        };
        let code = after.or(before).map(|edit| edit.code.to_string());
        Change::Units {
            change,
            code: code.unwrap_or_default(),
            before: before.map(UnitsAnswer::of),
            after: after.map(UnitsAnswer::of),
        }
    });
    changes.collect()
}
