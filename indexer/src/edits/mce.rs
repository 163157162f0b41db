//! The lists of the Medicare Code Editor: one array sorted by code.

use codesets::edit::{AgeRange, MceList, MceRow};
use codesets::{Code, CodeSystem};

use super::records::{AgeRecord, MceRecord};

/// The record of a row; `None` for a code longer than seven characters, which
/// neither ICD-10-CM nor ICD-10-PCS has.
pub(super) fn record(row: &MceRow) -> Option<MceRecord> {
    Some(MceRecord {
        system: row.code.system().number(),
        code: filled(row.code.as_str())?,
        list: list_number(row.list),
        reserved: [0; 3],
    })
}

/// The place of `list` in [`MceList::ALL`].
pub(super) fn list_number(list: MceList) -> u8 {
    let place = MceList::ALL.iter().position(|each| *each == list);
    place
        .and_then(|at| u8::try_from(at).ok())
        .unwrap_or(u8::MAX)
}

fn filled(text: &str) -> Option<[u8; 7]> {
    let mut code = [0; 7];
    code.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
    Some(code)
}

/// The MCE's lists of one fiscal year, ready to answer.
#[derive(Clone, Copy)]
pub struct Mce<'a> {
    /// Sorted by system, code and list.
    pub(super) rows: &'a [MceRecord],
    /// Those of all tables.
    pub(super) ages: &'a [AgeRecord],
    /// The table's place among all tables.
    pub(super) table: u32,
}

impl<'a> Mce<'a> {
    /// The lists that `code` (ICD-10-CM or ICD-10-PCS) is on, with the numbers of their rows.
    pub fn of(&self, code: &Code) -> impl Iterator<Item = (MceList, u32)> + use<'a> {
        let key = (
            code.system().number(),
            filled(code.as_str()).unwrap_or([u8::MAX; 7]),
        );
        let first = self
            .rows
            .partition_point(|row| (row.system, row.code) < key);
        let rows = self.rows.get(first..).unwrap_or_default();
        (0_u32..)
            .skip(first)
            .zip(rows)
            .take_while(move |(_, row)| (row.system, row.code) == key)
            .filter_map(|(at, row)| Some((*MceList::ALL.get(usize::from(row.list))?, at)))
    }

    /// Whether the table has any code on `list`: a list that was not published answers nothing.
    pub fn has(&self, list: MceList) -> bool {
        let number = list_number(list);
        self.rows.iter().any(|row| row.list == number)
    }

    /// The ages that patients with a code of `list` have, for the age lists.
    pub fn ages(&self, list: MceList) -> Option<AgeRange> {
        let number = list_number(list);
        self.ages
            .iter()
            .find(|record| record.table.get() == self.table && record.list == number)
            .map(|record| AgeRange {
                least: record.least.get(),
                most: record.most.get(),
            })
    }

    /// Every row, in the order of the codes.
    pub fn all(&self) -> impl Iterator<Item = MceRow> + use<'a> {
        self.rows.iter().filter_map(|row| {
            let text = str::from_utf8(&row.code).ok()?.trim_end_matches('\0');
            Some(MceRow {
                list: *MceList::ALL.get(usize::from(row.list))?,
                code: Code::parse(CodeSystem::from_number(row.system)?, text).ok()?,
            })
        })
    }
}
