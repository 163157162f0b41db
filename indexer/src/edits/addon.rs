//! Add-on tables: rows sorted by add-on code, and an order by primary code beside them.

use codesets::edit::{AddOnEdit, AddOnType, ProcedureCode};
use zerocopy::little_endian::U32;

use super::records::{AddOnRecord, NONE, day_number, day_of, index};
use super::sections::Sections;
use super::texts::{TextWriter, count, text};

/// The record of a row.
pub(super) fn record(edit: &AddOnEdit<'_>, texts: &mut TextWriter) -> AddOnRecord {
    AddOnRecord {
        add_on: U32::new(edit.add_on.number()),
        primary: U32::new(edit.primary.map_or(NONE, ProcedureCode::number)),
        add_on_deletion: day_number(edit.add_on_deletion),
        primary_deletion: day_number(edit.primary_deletion),
        effective: day_number(Some(edit.effective)),
        deletion: day_number(edit.deletion),
        note: U32::new(texts.number(edit.note)),
        kind: edit.kind.digit(),
        reserved: [0; 3],
    }
}

/// The places of `rows` in the order of their primary codes.
pub(super) fn by_primary(rows: &[AddOnRecord]) -> Vec<U32> {
    let mut places: Vec<U32> = (0..count(rows.len())).map(U32::new).collect();
    places.sort_by_key(|at| rows.get(index(*at)).map(|row| row.primary.get()));
    places
}

/// A row of an add-on table and its number there, from 0.
#[derive(Clone, Copy, Debug)]
pub struct AddOnFound<'a> {
    /// What the row says.
    pub edit: AddOnEdit<'a>,
    /// Its number among the table's rows.
    pub row: u32,
}

/// An add-on table, ready to answer.
#[derive(Clone, Copy)]
pub struct AddOn<'a> {
    pub(super) sections: &'a Sections,
    /// Sorted by add-on code.
    pub(super) rows: &'a [AddOnRecord],
    /// Places in `rows`, sorted by primary code.
    pub(super) by_primary: &'a [U32],
}

impl<'a> AddOn<'a> {
    /// The rows in which `code` is the add-on.
    pub fn of_add_on(&self, code: ProcedureCode) -> impl Iterator<Item = AddOnFound<'a>> + use<'a> {
        let number = code.number();
        let first = self.rows.partition_point(|row| row.add_on.get() < number);
        let table = *self;
        let rows = self.rows.get(first..).unwrap_or_default();
        (first..)
            .zip(rows)
            .take_while(move |(_, row)| row.add_on.get() == number)
            .filter_map(move |(at, row)| table.found(at, row))
    }

    /// The rows in which `code` is a primary.
    pub fn of_primary(
        &self,
        code: ProcedureCode,
    ) -> impl Iterator<Item = AddOnFound<'a>> + use<'a> {
        let table = *self;
        let primary = move |at: &U32| {
            table
                .rows
                .get(index(*at))
                .map_or(NONE, |row| row.primary.get())
        };
        let first = self
            .by_primary
            .partition_point(|at| primary(at) < code.number());
        let places = self.by_primary.get(first..).unwrap_or_default();
        places
            .iter()
            .take_while(move |at| primary(at) == code.number())
            .filter_map(move |at| table.found(index(*at), table.rows.get(index(*at))?))
    }

    /// Every row, in the order of the add-on codes.
    pub fn all(&self) -> impl Iterator<Item = AddOnFound<'a>> + use<'a> {
        let table = *self;
        (0..)
            .zip(self.rows)
            .filter_map(move |(at, row)| table.found(at, row))
    }

    fn found(&self, at: usize, row: &AddOnRecord) -> Option<AddOnFound<'a>> {
        Some(AddOnFound {
            edit: AddOnEdit {
                kind: AddOnType::from_digit(row.kind)?,
                add_on: ProcedureCode::from_number(row.add_on.get())?,
                add_on_deletion: day_of(row.add_on_deletion),
                primary: ProcedureCode::from_number(row.primary.get()),
                primary_deletion: day_of(row.primary_deletion),
                effective: day_of(row.effective)?,
                deletion: day_of(row.deletion),
                note: text(self.sections, row.note),
            },
            row: u32::try_from(at).ok()?,
        })
    }
}
