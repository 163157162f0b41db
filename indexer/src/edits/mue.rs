//! MUE tables: sorted arrays, one row a code.

use std::borrow::Cow;

use codesets::edit::{MueAdjudication, MueEdit, ProcedureCode};
use zerocopy::little_endian::U32;

use super::records::{MueRecord, NONE8};
use super::sections::Sections;
use super::texts::{TextWriter, text};

/// The record of a row.
pub(super) fn record(edit: &MueEdit<'_>, texts: &mut TextWriter) -> MueRecord {
    MueRecord {
        code: U32::new(edit.code.number()),
        value: U32::new(edit.value),
        rationale: U32::new(texts.number(&edit.rationale)),
        adjudication: edit.adjudication.map_or(NONE8, MueAdjudication::digit),
        reserved: [0; 3],
    }
}

/// A row of an MUE table and its number there, from 0.
#[derive(Clone, Debug)]
pub struct MueFound<'a> {
    /// What the row says.
    pub edit: MueEdit<'a>,
    /// Its number among the table's rows.
    pub row: u32,
}

/// An MUE table, ready to answer.
#[derive(Clone, Copy)]
pub struct Mue<'a> {
    pub(super) sections: &'a Sections,
    /// Sorted by code.
    pub(super) rows: &'a [MueRecord],
}

impl<'a> Mue<'a> {
    /// The rows of `code`: one in a sound table, none if no value is published.
    pub fn of(&self, code: ProcedureCode) -> impl Iterator<Item = MueFound<'a>> + use<'a> {
        let number = code.number();
        let first = self.rows.partition_point(|row| row.code.get() < number);
        let table = *self;
        let rows = self.rows.get(first..).unwrap_or_default();
        (first..)
            .zip(rows)
            .take_while(move |(_, row)| row.code.get() == number)
            .filter_map(move |(at, row)| table.found(at, row))
    }

    /// Every row, in the order of the codes.
    pub fn all(&self) -> impl Iterator<Item = MueFound<'a>> + use<'a> {
        let table = *self;
        (0..)
            .zip(self.rows)
            .filter_map(move |(at, row)| table.found(at, row))
    }

    fn found(&self, at: usize, row: &MueRecord) -> Option<MueFound<'a>> {
        Some(MueFound {
            edit: MueEdit {
                code: ProcedureCode::from_number(row.code.get())?,
                value: row.value.get(),
                adjudication: MueAdjudication::from_digit(row.adjudication),
                rationale: Cow::Borrowed(text(self.sections, row.rationale)),
            },
            row: u32::try_from(at).ok()?,
        })
    }
}
