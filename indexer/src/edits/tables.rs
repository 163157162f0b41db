//! The opened table file: which tables are loaded, which one answers for a day,
//! and where a row was published.

use codesets::edit::{EditTableKind, Payer, Setting, TableName, Vintage};
use jiff::civil::Date;

use super::EditTablesError;
use super::addon::AddOn;
use super::bytes::Bytes;
use super::mce::Mce;
use super::mue::Mue;
use super::ptp::Ptp;
use super::records::{
    AddOnRecord, AgeRecord, FileRecord, MceRecord, MueRecord, RunRecord, TableRecord, TextRecord,
    index, kind_of, payer_of, setting_of,
};
use super::sections::{Section, Sections};
use super::texts::text;

use zerocopy::little_endian::U32;

/// A loaded table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EditTable {
    /// What it is.
    pub name: TableName,
    /// How many rows it has.
    pub rows: u32,
    /// Its place among all tables.
    place: u32,
    first_row: u32,
    first_run: u32,
    runs: u32,
}

impl EditTable {
    /// Whether the table answers for `day`.
    ///
    /// Rows of PTP and add-on tables carry their days and a table keeps its
    /// past, so a table answers for every day until its vintage ends. MUE and
    /// MCE rows have no days: such a table answers for the days of its vintage
    /// alone. No table answers for a day after it: newer rows may exist.
    pub fn answers_for(&self, day: Date) -> bool {
        let Some(days) = self.name.vintage.days() else {
            return false;
        };
        let has_ended = days.last.is_some_and(|last| day > last);
        match self.name.kind {
            EditTableKind::Ptp | EditTableKind::AddOn => !has_ended,
            EditTableKind::Mue | EditTableKind::Mce => !has_ended && days.first <= day,
        }
    }

    /// The place of a PTP table among the PTP tables, as [`Ptp::rows`] takes it.
    pub fn ptp_place(&self) -> usize {
        self.first_row as usize
    }
}

/// Where a row was published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowSource<'a> {
    /// The name of the publisher's file.
    pub file: &'a str,
    /// SHA-256 of the file's unpacked bytes.
    pub sha256: &'a [u8; 32],
    /// The 1-based line (row of the sheet, for a workbook).
    pub line: u32,
}

/// All loaded edit tables: immutable, shared, cheap to clone.
#[derive(Clone, Debug)]
pub struct EditTables {
    sections: Sections,
    tables: Vec<EditTable>,
    ptp_tables: usize,
}

impl EditTables {
    /// No table at all: every question is answered with that.
    pub fn none() -> EditTables {
        EditTables {
            sections: Sections::empty(),
            tables: Vec::new(),
            ptp_tables: 0,
        }
    }

    /// Opens a table file, checking its version, its directory and the shape of its sections.
    ///
    /// # Errors
    /// When the bytes are not a table file of this version, or are damaged.
    pub fn open(bytes: Bytes) -> Result<EditTables, EditTablesError> {
        let sections = Sections::open(bytes)?;
        let runs = sections.check_lengths::<RunRecord>(Section::Runs)?;
        sections.check_lengths::<FileRecord>(Section::Files)?;
        sections.check_lengths::<TextRecord>(Section::TextRefs)?;
        sections.check_lengths::<AgeRecord>(Section::MceAges)?;
        sections.check_lengths::<TableRecord>(Section::Tables)?;
        let mue = sections.check_lengths::<MueRecord>(Section::Mue)?;
        let add_on = sections.check_lengths::<AddOnRecord>(Section::AddOn)?;
        let mce = sections.check_lengths::<MceRecord>(Section::Mce)?;
        if sections.check_lengths::<U32>(Section::AddOnByPrimary)? != add_on {
            return Err(EditTablesError::damaged("the add-on rows lack their order"));
        }
        let mut tables = Vec::new();
        let mut ptp_tables = 0;
        for (place, record) in (0..).zip(sections.records::<TableRecord>(Section::Tables)) {
            let table = read_table(place, record)
                .ok_or_else(|| EditTablesError::damaged("a table has no known name"))?;
            let rows_fit = match table.name.kind {
                EditTableKind::Ptp => {
                    ptp_tables += 1;
                    table.ptp_place() + 1 == ptp_tables
                }
                EditTableKind::Mue => ends_within(table.first_row, table.rows, mue),
                EditTableKind::AddOn => ends_within(table.first_row, table.rows, add_on),
                EditTableKind::Mce => ends_within(table.first_row, table.rows, mce),
            };
            if !rows_fit || !ends_within(table.first_run, table.runs, runs) {
                return Err(EditTablesError::damaged(
                    "a table's rows end after its section",
                ));
            }
            tables.push(table);
        }
        Ptp::check(&sections, ptp_tables)?;
        let opened = EditTables {
            sections,
            tables,
            ptp_tables,
        };
        opened.check_order()?;
        Ok(opened)
    }

    /// Reads everything and checks what [`EditTables::open`] leaves out for speed.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn verify(&self) -> Result<(), EditTablesError> {
        self.ptp().verify()
    }

    /// Every loaded table, in the order of kind, setting, payer and vintage.
    pub fn tables(&self) -> &[EditTable] {
        &self.tables
    }

    /// The table that answers for `day`: of those that can, the oldest, which
    /// is the one published for that day if it is loaded.
    ///
    /// A table without setting (add-on, MCE) answers for every setting.
    pub fn answering(
        &self,
        kind: EditTableKind,
        setting: Setting,
        payer: Payer,
        day: Date,
    ) -> Option<&EditTable> {
        self.tables
            .iter()
            .filter(|table| {
                table.name.kind == kind
                    && table.name.payer == payer
                    && table.name.setting.is_none_or(|of| of == setting)
                    && table.answers_for(day)
            })
            .min_by_key(|table| table.name.vintage)
    }

    /// The pairs of all PTP tables.
    pub fn ptp(&self) -> Ptp<'_> {
        Ptp::read(&self.sections, self.ptp_tables)
    }

    /// The rows of an MUE table; none if `table` is of another kind.
    pub fn mue(&self, table: &EditTable) -> Mue<'_> {
        Mue {
            sections: &self.sections,
            rows: self.rows_of(EditTableKind::Mue, Section::Mue, table),
        }
    }

    /// The rows of an add-on table; none if `table` is of another kind.
    pub fn add_on(&self, table: &EditTable) -> AddOn<'_> {
        AddOn {
            sections: &self.sections,
            rows: self.rows_of(EditTableKind::AddOn, Section::AddOn, table),
            by_primary: self.rows_of(EditTableKind::AddOn, Section::AddOnByPrimary, table),
        }
    }

    /// The lists of an MCE table; none if `table` is of another kind.
    pub fn mce(&self, table: &EditTable) -> Mce<'_> {
        Mce {
            rows: self.rows_of(EditTableKind::Mce, Section::Mce, table),
            ages: self.sections.records(Section::MceAges),
            table: table.place,
        }
    }

    /// Where the row number `row` of `table` was published.
    pub fn source(&self, table: &EditTable, row: u32) -> Option<RowSource<'_>> {
        let runs: &[RunRecord] = self.sections.records(Section::Runs);
        let first = table.first_run as usize;
        let runs = runs.get(first..first.checked_add(table.runs as usize)?)?;
        let after = runs.partition_point(|run| run.first_row.get() <= row);
        let run = runs.get(after.checked_sub(1)?)?;
        let files: &[FileRecord] = self.sections.records(Section::Files);
        let file = files.get(index(run.file))?;
        Some(RowSource {
            file: text(&self.sections, file.name),
            sha256: &file.sha256,
            line: run.line.get().checked_add(row - run.first_row.get())?,
        })
    }

    fn rows_of<T: super::records::Record>(
        &self,
        kind: EditTableKind,
        section: Section,
        table: &EditTable,
    ) -> &[T] {
        let first = table.first_row as usize;
        let end = first + table.rows as usize;
        self.sections
            .records(section)
            .get(first..end)
            .filter(|_| table.name.kind == kind)
            .unwrap_or_default()
    }

    /// Checks that the small tables are sorted: answers come from binary search.
    fn check_order(&self) -> Result<(), EditTablesError> {
        for table in &self.tables {
            let is_sorted = self.mue(table).rows.is_sorted_by_key(|row| row.code.get())
                && self
                    .add_on(table)
                    .rows
                    .is_sorted_by_key(|row| row.add_on.get())
                && self
                    .mce(table)
                    .rows
                    .is_sorted_by_key(|row| (row.system, row.code, row.list));
            if !is_sorted {
                return Err(EditTablesError::damaged(
                    "the rows of a table are not sorted",
                ));
            }
        }
        Ok(())
    }
}

fn read_table(place: u32, record: &TableRecord) -> Option<EditTable> {
    let vintage = match record.quarter {
        0 => Vintage::FiscalYear(record.year.get()),
        quarter => Vintage::Quarter {
            year: record.year.get(),
            quarter: i8::try_from(quarter).ok()?,
        },
    };
    Some(EditTable {
        name: TableName {
            kind: kind_of(record.kind)?,
            setting: setting_of(record.setting),
            payer: payer_of(record.payer)?,
            vintage,
        },
        rows: record.rows.get(),
        place,
        first_row: record.first_row.get(),
        first_run: record.first_run.get(),
        runs: record.runs.get(),
    })
}

fn ends_within(first: u32, length: u32, whole: usize) -> bool {
    first as usize + length as usize <= whole
}
