//! Which table answers for a day of service, and why none does.

use codesets::edit::{EditTableKind, Payer, Setting, TableName};
use indexer::edits::{EditTable, EditTables};
use jiff::civil::Date;

use super::claim::Claim;
use super::finding::{ClaimReport, EditKind};

/// The table of a kind for the days of a claim.
///
/// It remembers the last day asked for, because most claims have one, and the
/// days it has said are missing, so that each is said once.
pub(super) struct TableOfDay<'t> {
    tables: &'t EditTables,
    kind: EditTableKind,
    setting: Setting,
    payer: Payer,
    last: Option<(Date, Option<&'t EditTable>)>,
    said: Vec<Date>,
}

impl<'t> TableOfDay<'t> {
    pub(super) fn new(
        tables: &'t EditTables,
        claim: &Claim,
        kind: EditTableKind,
    ) -> TableOfDay<'t> {
        TableOfDay {
            tables,
            kind,
            setting: claim.setting,
            payer: claim.payer,
            last: None,
            said: Vec::new(),
        }
    }

    /// The table for `day`; where there is none, the report says why under `edit`.
    pub(super) fn table(
        &mut self,
        day: Date,
        edit: EditKind,
        report: &mut ClaimReport<'_>,
    ) -> Option<&'t EditTable> {
        let table = match self.last {
            Some((known, table)) if known == day => table,
            _ => self
                .tables
                .answering(self.kind, self.setting, self.payer, day),
        };
        self.last = Some((day, table));
        if table.is_none() && !self.said.contains(&day) {
            self.said.push(day);
            report.missing(edit, self.why_missing(day));
        }
        table
    }

    /// A sentence that says why no table answers for `day`, and which is the newest.
    pub(super) fn why_missing(&self, day: Date) -> String {
        why_missing(self.tables, self.kind, (self.setting, self.payer, day))
    }
}

/// A sentence that says why no table of a kind answers for a day, and which is the newest.
pub(super) fn why_missing(
    tables: &EditTables,
    kind: EditTableKind,
    (setting, payer, day): (Setting, Payer, Date),
) -> String {
    let name = match kind {
        EditTableKind::Ptp => "NCCI PTP",
        EditTableKind::Mue => "MUE",
        EditTableKind::AddOn => "add-on",
        EditTableKind::Mce => "Medicare Code Editor",
    };
    let loaded = tables.tables().iter().map(|table| table.name);
    let newest: Option<TableName> = loaded
        .filter(|table| {
            table.kind == kind
                && table.payer == payer
                && table.setting.is_none_or(|of| of == setting)
        })
        .max_by_key(|table| table.vintage);
    let (payer, setting) = (payer.id(), setting.id().replace('_', " "));
    match newest {
        None => format!("no {name} table for {payer} {setting} claims is loaded"),
        Some(newest) => format!(
            "no loaded {name} table for {payer} {setting} claims covers {day}; the newest is {newest}"
        ),
    }
}
