//! A publisher's file as rows in the form in which they will be stored.

use codesets::edit::{AgeRange, AtLine, EditTableKind, MceList, TableName, Vintage};
use codesets::formats::{mce, ncci_aoc, ncci_mue, ncci_ptp};
use codesets::{Parsed, RowError, RowProblem};
use sha2::{Digest, Sha256};

use super::file::{EditFile, content_fits, sheet_rows};
use super::ptp_writer::{FactWriter, PtpRow};
use super::records::{AddOnRecord, MceRecord, MueRecord};
use super::texts::TextWriter;
use super::{addon, mce as mce_rows, mce_json, mue};

/// A publisher's file, parsed, with texts and facts numbered within the file.
pub struct ParsedFile {
    pub(super) table: TableName,
    pub(super) name: String,
    pub(super) sha256: [u8; 32],
    pub(super) errors: Vec<RowError>,
    /// The line of each row.
    pub(super) lines: Vec<u32>,
    pub(super) rows: Rows,
    pub(super) texts: TextWriter,
}

/// The rows of a file, by what their table edits.
pub(super) enum Rows {
    Ptp {
        rows: Vec<PtpRow>,
        facts: FactWriter,
    },
    Mue(Vec<MueRecord>),
    AddOn(Vec<AddOnRecord>),
    Mce {
        rows: Vec<MceRecord>,
        ages: Vec<(MceList, AgeRange)>,
    },
}

impl ParsedFile {
    /// Parses `file`: every line is a row or an error.
    pub fn parse(file: &EditFile) -> ParsedFile {
        ParsedFile::of(file.table, &file.name, &file.bytes)
    }

    /// Parses the file called `name` with these bytes, which is of `table`.
    pub(crate) fn of(table: TableName, name: &str, bytes: &[u8]) -> ParsedFile {
        let mut parsed = ParsedFile {
            table,
            name: name.to_owned(),
            sha256: Sha256::digest(bytes).into(),
            errors: Vec::new(),
            lines: Vec::new(),
            rows: Rows::Mue(Vec::new()),
            texts: TextWriter::default(),
        };
        if !content_fits(table, bytes) {
            parsed.errors.push(RowError {
                line: 1,
                problem: RowProblem::field(
                    "the file",
                    name,
                    "the content that its name says; is it renamed or of an unknown layout?",
                ),
            });
        }
        parsed.rows = match table.kind {
            EditTableKind::Ptp => parsed.ptp(ncci_ptp::parse(bytes)),
            EditTableKind::Mue => {
                let rows = parsed.take(ncci_mue::parse(bytes));
                let texts = &mut parsed.texts;
                Rows::Mue(rows.iter().map(|row| mue::record(row, texts)).collect())
            }
            EditTableKind::AddOn => parsed.add_on(sheet_rows(bytes)),
            EditTableKind::Mce => parsed.mce(bytes),
        };
        parsed
    }

    /// The table that the file is part of.
    pub fn table(&self) -> TableName {
        self.table
    }

    /// The file's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// SHA-256 of the file's bytes.
    pub fn sha256(&self) -> &[u8; 32] {
        &self.sha256
    }

    /// Rows read.
    pub fn row_count(&self) -> usize {
        self.lines.len()
    }

    /// Rows that could not be read.
    pub fn errors(&self) -> &[RowError] {
        &self.errors
    }

    fn ptp(&mut self, read: Parsed<AtLine<codesets::edit::PtpEdit<'_>>>) -> Rows {
        let mut facts = FactWriter::default();
        let mut rows = Vec::with_capacity(read.rows.len());
        self.lines.reserve(read.rows.len());
        for located in &read.rows {
            let edit = &located.row;
            rows.push(PtpRow {
                pair: (edit.column1.number(), edit.column2.number()),
                fact: facts.number(edit, &mut self.texts),
            });
            self.lines.push(line(located.line));
        }
        self.errors.extend(read.errors);
        Rows::Ptp { rows, facts }
    }

    fn add_on(&mut self, sheet: Result<Vec<Vec<String>>, RowError>) -> Rows {
        let sheet = match sheet {
            Ok(sheet) => sheet,
            Err(error) => {
                self.errors.push(error);
                return Rows::AddOn(Vec::new());
            }
        };
        let rows = self.take(ncci_aoc::parse(&sheet));
        let texts = &mut self.texts;
        Rows::AddOn(rows.iter().map(|row| addon::record(row, texts)).collect())
    }

    fn mce(&mut self, bytes: &[u8]) -> Rows {
        let (read, mut ages) = if mce_json::looks_like(bytes) {
            let json = mce_json::parse(bytes);
            (json.rows, json.ages)
        } else {
            (mce::parse(bytes), Vec::new())
        };
        if let Vintage::FiscalYear(year) = self.table.vintage {
            for list in MceList::ALL {
                let is_known = ages.iter().any(|(known, _)| *known == list);
                if let Some(range) = list.default_ages(year).filter(|_| !is_known) {
                    ages.push((list, range));
                }
            }
        }
        let mut rows = Vec::with_capacity(read.rows.len());
        for located in &read.rows {
            // Every ICD-10-CM and ICD-10-PCS code has at most seven characters.
            if let Some(record) = mce_rows::record(&located.row) {
                rows.push(record);
                self.lines.push(line(located.line));
            }
        }
        self.errors.extend(read.errors);
        Rows::Mce { rows, ages }
    }

    /// Keeps the lines and errors of what was read, and returns the rows.
    fn take<T>(&mut self, read: Parsed<AtLine<T>>) -> Vec<T> {
        self.errors.extend(read.errors);
        self.lines
            .extend(read.rows.iter().map(|row| line(row.line)));
        read.rows.into_iter().map(|row| row.row).collect()
    }
}

/// A line as the four bytes it is stored in.
fn line(line: u64) -> u32 {
    u32::try_from(line).unwrap_or(u32::MAX)
}
