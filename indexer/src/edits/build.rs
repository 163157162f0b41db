//! Builds the table file from publishers' files.
//!
//! Parsing a file is independent of all others and may run in parallel;
//! [`EditsBuilder::finish`] sorts by table and name, so the order in which
//! files arrive does not show in the bytes.

use std::path::PathBuf;

use codesets::RowError;
use codesets::edit::{EditTableKind, TableName, Vintage};
use rayon::prelude::*;
use zerocopy::little_endian::{I16, U16, U32};

use super::file::{EditFile, EditFileError};
use super::parsed::{ParsedFile, Rows};
use super::ptp_writer::{self, FactWriter, PtpRow};
use super::records::{
    AddOnRecord, AgeRecord, FileRecord, MceRecord, MueRecord, RunRecord, TableRecord, kind_number,
    payer_number, setting_number,
};
use super::sections::{Section, SectionWriter};
use super::texts::{TextWriter, count};
use super::{addon, mce};

/// Why the tables cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A file could not be read.
    #[error(transparent)]
    File(#[from] EditFileError),
    /// Two files of a table have one name: the same rows would count twice.
    #[error("{table} has two files named `{name}`; give each file once")]
    TwoFiles {
        /// The table.
        table: TableName,
        /// The files' name.
        name: String,
    },
    /// The PTP tables name more codes than the format can number.
    #[error("the PTP tables name more than 48,960 codes in a column")]
    TooManyCodes,
}

/// What was read from a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileReport {
    /// The table the file is part of.
    pub table: TableName,
    /// The file's name.
    pub name: String,
    /// Rows read.
    pub rows: usize,
    /// SHA-256 of the file's unpacked bytes.
    pub sha256: [u8; 32],
    /// Rows that could not be read.
    pub errors: Vec<RowError>,
}

/// The table file, and what went into it.
#[derive(Clone, Debug)]
pub struct EditsBuild {
    /// The file's bytes; the same publisher's files give the same bytes.
    pub bytes: Vec<u8>,
    /// A report a file, in the order of tables and names.
    pub files: Vec<FileReport>,
}

/// Collects parsed files, then writes all tables.
#[derive(Default)]
pub struct EditsBuilder {
    files: Vec<ParsedFile>,
}

impl EditsBuild {
    /// Reads and parses the edit files among `paths`, in parallel, and writes
    /// their tables. Files whose names are not an edit file's are left alone.
    ///
    /// # Errors
    /// When a file cannot be read, two of a table have one name, or the PTP
    /// tables name more codes than the format can number.
    pub fn from_paths(paths: &[PathBuf]) -> Result<EditsBuild, BuildError> {
        let parsed = paths.par_iter().map(|path| {
            let file = EditFile::read(path)?;
            Ok(file.map(|file| ParsedFile::parse(&file)))
        });
        let parsed: Result<Vec<Option<ParsedFile>>, EditFileError> = parsed.collect();
        let mut builder = EditsBuilder::new();
        for file in parsed?.into_iter().flatten() {
            builder.add(file);
        }
        builder.finish()
    }
}

impl EditsBuilder {
    /// A builder without files.
    pub fn new() -> EditsBuilder {
        EditsBuilder::default()
    }

    /// Takes in a file.
    pub fn add(&mut self, file: ParsedFile) {
        self.files.push(file);
    }

    /// Writes the tables of all files.
    ///
    /// # Errors
    /// When a file was given twice, or the PTP tables name more codes than the format can number.
    pub fn finish(mut self) -> Result<EditsBuild, BuildError> {
        self.files
            .sort_by(|a, b| (a.table, &a.name).cmp(&(b.table, &b.name)));
        for (a, b) in self.files.iter().zip(self.files.iter().skip(1)) {
            if (a.table, &a.name) == (b.table, &b.name) {
                return Err(BuildError::TwoFiles {
                    table: a.table,
                    name: a.name.clone(),
                });
            }
        }
        let mut writer = Writer::default();
        let mut files = std::mem::take(&mut self.files).into_iter().peekable();
        let mut reports = Vec::new();
        while let Some(file) = files.next() {
            let table = file.table;
            let mut parts = vec![file];
            while let Some(file) = files.next_if(|file| file.table == table) {
                parts.push(file);
            }
            reports.extend(parts.iter().map(|part| FileReport {
                table,
                name: part.name.clone(),
                rows: part.lines.len(),
                sha256: part.sha256,
                errors: part.errors.clone(),
            }));
            writer.table(table, parts);
        }
        Ok(EditsBuild {
            bytes: writer.finish()?,
            files: reports,
        })
    }
}

#[derive(Default)]
struct Writer {
    texts: TextWriter,
    tables: Vec<TableRecord>,
    files: Vec<FileRecord>,
    runs: Vec<RunRecord>,
    facts: FactWriter,
    ptp: Vec<Vec<PtpRow>>,
    mue: Vec<MueRecord>,
    add_on: Vec<AddOnRecord>,
    add_on_by_primary: Vec<U32>,
    mce: Vec<MceRecord>,
    ages: Vec<AgeRecord>,
}

impl Writer {
    /// Adds a table, in the order of its files.
    fn table(&mut self, name: TableName, files: Vec<ParsedFile>) {
        let first_file = self.files.len();
        let first_run = self.runs.len();
        let mut ptp_rows = Lined::from(first_file);
        let mut mue_rows = Lined::from(first_file);
        let mut add_on_rows = Lined::from(first_file);
        let mut mce_rows = Lined::from(first_file);
        for file in files {
            let texts = self.texts.merge(&file.texts);
            let renumbered =
                |number: U32| U32::new(texts.get(number.get() as usize).copied().unwrap_or(0));
            self.files.push(FileRecord {
                name: U32::new(self.texts.number(&file.name)),
                rows: U32::new(count(file.lines.len())),
                sha256: file.sha256,
            });
            match file.rows {
                Rows::Ptp { mut rows, facts } => {
                    let facts = self.facts.merge(&facts, renumbered);
                    for row in &mut rows {
                        row.fact = facts.get(row.fact as usize).copied().unwrap_or(0);
                    }
                    ptp_rows.add(rows, &file.lines);
                }
                Rows::Mue(mut rows) => {
                    for row in &mut rows {
                        row.rationale = renumbered(row.rationale);
                    }
                    mue_rows.add(rows, &file.lines);
                }
                Rows::AddOn(mut rows) => {
                    for row in &mut rows {
                        row.note = renumbered(row.note);
                    }
                    add_on_rows.add(rows, &file.lines);
                }
                Rows::Mce { rows, ages } => {
                    mce_rows.add(rows, &file.lines);
                    let table = U32::new(count(self.tables.len()));
                    self.ages
                        .extend(ages.into_iter().map(|(list, ages)| AgeRecord {
                            table,
                            list: mce::list_number(list),
                            reserved: [0; 3],
                            least: U16::new(ages.least),
                            most: U16::new(ages.most),
                        }));
                }
            }
        }
        let (first_row, rows) = match name.kind {
            EditTableKind::Ptp => {
                let rows = ptp_rows.sorted_by_key(|row| row.pair, &mut self.runs);
                self.ptp.push(rows);
                (self.ptp.len() - 1, self.ptp.last().map_or(0, Vec::len))
            }
            EditTableKind::Mue => {
                let rows = mue_rows.sorted_by_key(|row| row.code.get(), &mut self.runs);
                append(&mut self.mue, rows)
            }
            EditTableKind::AddOn => {
                let rows = add_on_rows.sorted_by_key(|row| row.add_on.get(), &mut self.runs);
                self.add_on_by_primary.extend(addon::by_primary(&rows));
                append(&mut self.add_on, rows)
            }
            EditTableKind::Mce => {
                let key = |row: &MceRecord| (row.system, row.code, row.list);
                let rows = mce_rows.sorted_by_key(key, &mut self.runs);
                append(&mut self.mce, rows)
            }
        };
        let (year, quarter) = match name.vintage {
            Vintage::Quarter { year, quarter } => (year, u8::try_from(quarter).unwrap_or(0)),
            Vintage::FiscalYear(year) => (year, 0),
        };
        self.tables.push(TableRecord {
            kind: kind_number(name.kind),
            setting: setting_number(name.setting),
            payer: payer_number(name.payer),
            quarter,
            year: I16::new(year),
            reserved: U16::ZERO,
            first_row: U32::new(count(first_row)),
            rows: U32::new(count(rows)),
            first_run: U32::new(count(first_run)),
            runs: U32::new(count(self.runs.len() - first_run)),
        });
    }

    fn finish(self) -> Result<Vec<u8>, BuildError> {
        let mut sections = SectionWriter::default();
        ptp_writer::write(&self.ptp, &self.facts, &mut sections)?;
        self.texts.write(&mut sections);
        sections.put(Section::Tables, &self.tables);
        sections.put(Section::Files, &self.files);
        sections.put(Section::Runs, &self.runs);
        sections.put(Section::Mue, &self.mue);
        sections.put(Section::AddOn, &self.add_on);
        sections.put(Section::AddOnByPrimary, &self.add_on_by_primary);
        sections.put(Section::Mce, &self.mce);
        sections.put(Section::MceAges, &self.ages);
        Ok(sections.finish())
    }
}

/// Appends a table's rows and returns where they begin and how many they are.
fn append<R>(all: &mut Vec<R>, rows: Vec<R>) -> (usize, usize) {
    let first = all.len();
    let length = rows.len();
    all.extend(rows);
    (first, length)
}

/// The rows of a table's files, each with its file and line.
struct Lined<R> {
    rows: Vec<(R, u32, u32)>,
    next_file: usize,
}

impl<R: Copy> Lined<R> {
    fn from(first_file: usize) -> Lined<R> {
        Lined {
            rows: Vec::new(),
            next_file: first_file,
        }
    }

    /// Adds the rows of the next file.
    fn add(&mut self, rows: Vec<R>, lines: &[u32]) {
        let file = count(self.next_file);
        self.next_file += 1;
        let lined = rows.into_iter().zip(lines);
        self.rows
            .extend(lined.map(|(row, line)| (row, file, *line)));
    }

    /// The rows sorted by `key`, rows of one key in the files' order; appends
    /// their runs of consecutive lines to `runs`.
    fn sorted_by_key<K: Ord>(mut self, key: impl Fn(&R) -> K, runs: &mut Vec<RunRecord>) -> Vec<R> {
        self.rows.sort_by_key(|(row, _, _)| key(row));
        let mut expected = None;
        for (at, (_, file, line)) in self.rows.iter().enumerate() {
            if expected != Some((*file, *line)) {
                runs.push(RunRecord {
                    first_row: U32::new(count(at)),
                    file: U32::new(*file),
                    line: U32::new(*line),
                });
            }
            expected = Some((*file, line.saturating_add(1)));
        }
        self.rows.into_iter().map(|(row, _, _)| row).collect()
    }
}
