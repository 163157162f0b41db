//! Which table answers for a day of service, and why none does.

use codesets::edit::{EditTableKind, Payer, Setting, TableName};
use indexer::edits::{EditTable, EditTables};
use jiff::civil::Date;

use super::claim::Claim;

/// The table of a kind for the days of a claim; remembers the last day asked for.
pub(super) struct TableOfDay<'t> {
    tables: &'t EditTables,
    kind: EditTableKind,
    setting: Setting,
    payer: Payer,
    last: Option<(Date, Option<&'t EditTable>)>,
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
        }
    }

    pub(super) fn table(&mut self, day: Date) -> Option<&'t EditTable> {
        match self.last {
            Some((known, table)) if known == day => table,
            _ => {
                let table = self
                    .tables
                    .answering(self.kind, self.setting, self.payer, day);
                self.last = Some((day, table));
                table
            }
        }
    }
}

/// A sentence that says why no table answers for `day`, and which are loaded.
pub(super) fn why_missing(
    tables: &EditTables,
    claim: &Claim,
    kind: EditTableKind,
    day: Date,
) -> String {
    let name = match kind {
        EditTableKind::Ptp => "NCCI PTP",
        EditTableKind::Mue => "MUE",
        EditTableKind::AddOn => "add-on",
        EditTableKind::Mce => "Medicare Code Editor",
    };
    let (payer, setting) = (claim.payer.id(), claim.setting.id().replace('_', " "));
    if (kind, claim.setting) == (EditTableKind::Ptp, Setting::Dme) {
        return format!("{payer} publishes no {name} table for {setting} claims that is loaded");
    }
    let loaded: Vec<TableName> = tables
        .tables()
        .iter()
        .map(|table| table.name)
        .filter(|table| {
            table.kind == kind
                && table.payer == claim.payer
                && table.setting.is_none_or(|of| of == claim.setting)
        })
        .collect();
    match loaded.as_slice() {
        [] => format!("no {name} table for {payer} {setting} claims is loaded"),
        [.., newest] => format!(
            "no loaded {name} table for {payer} {setting} claims covers {day}; the newest is {newest}"
        ),
    }
}
