//! The ICD-10-PCS tables and definitions in a bundle, writer beside reader.
//!
//! Every combination of the values of a row is a code (ICD-10-PCS Official
//! Guidelines A9), so the tables say what a code's characters mean and what may
//! follow the first of them.

use std::collections::BTreeMap;
use std::path::Path;

use codesets::formats::icd10pcs_tables::{PcsAxis, PcsRow, PcsTable};
use zerocopy::little_endian::{U32, U64};

use super::reader::{Bundle, BundleError, table};
use super::records::{
    PcsDefinitionRecord, PcsRowRecord, PcsTableRecord, PcsValueRecord, Run, TextRef,
};
use super::table::Table;
use super::writer::{Folder, Strings, WriteError, run};
use crate::book::{Extras, ReleaseSet};

/// A table with its rows and the releases of each.
type TableRows<'a> = (&'a PcsTable, Vec<(ReleaseSet, &'a PcsRow)>);

/// Writes the tables and the definitions.
pub(super) fn write(
    folder: &Folder<'_>,
    extras: &Extras,
    strings: &mut Strings,
) -> Result<(), WriteError> {
    // Newest first, so that its labels win; rows alike in several releases are one.
    let mut tables: BTreeMap<String, TableRows<'_>> = BTreeMap::new();
    for release in extras.pcs_tables.iter().rev() {
        for table in &release.tables {
            let (_, rows) = tables
                .entry(table.stub())
                .or_insert_with(|| (table, Vec::new()));
            for row in &table.rows {
                match rows.iter_mut().find(|(_, known)| *known == row) {
                    Some((releases, _)) => *releases |= release.release,
                    None => rows.push((release.release, row)),
                }
            }
        }
    }
    let mut records = Vec::with_capacity(tables.len());
    let mut rows: Vec<PcsRowRecord> = Vec::new();
    let mut values: Vec<PcsValueRecord> = Vec::new();
    for (stub, (table, table_rows)) in tables {
        let start = rows.len();
        for (releases, row) in table_rows {
            let mut record = PcsRowRecord {
                releases: U64::new(releases),
                ..PcsRowRecord::default()
            };
            for (place, axis) in row.axes.iter().enumerate() {
                record.titles[place] = strings.add(&axis.title)?;
                record.values[place] = add_values(axis, &mut values, strings)?;
            }
            rows.push(record);
        }
        let [first, second, third] = &table.axes;
        let label = |axis: &PcsAxis| {
            axis.values
                .first()
                .map_or("", |value| value.label.as_str())
                .to_owned()
        };
        let bytes = stub.as_bytes();
        records.push(PcsTableRecord {
            stub: <[u8; 3]>::try_from(bytes).unwrap_or_default(),
            titles: [
                strings.add(&first.title)?,
                strings.add(&second.title)?,
                strings.add(&third.title)?,
            ],
            labels: [
                strings.add(&label(first))?,
                strings.add(&label(second))?,
                strings.add(&label(third))?,
            ],
            definition: strings.add(third.definition.as_deref().unwrap_or(""))?,
            rows: run(start, rows.len()),
        });
    }
    folder.table("pcs_tables.bin", &records)?;
    folder.table("pcs_rows.bin", &rows)?;
    folder.table("pcs_values.bin", &values)?;
    let mut definitions: Vec<(u8, u8, &str, PcsDefinitionRecord)> = Vec::new();
    for definition in &extras.pcs_definitions {
        let section = u8::try_from(definition.section).unwrap_or(b'?');
        for title in &definition.titles {
            let record = PcsDefinitionRecord {
                section,
                position: definition.position,
                label: strings.add(title)?,
                definition: strings.add(definition.definition.as_deref().unwrap_or(""))?,
                explanation: strings.add(definition.explanation.as_deref().unwrap_or(""))?,
                includes: strings.add(&definition.includes.join("; "))?,
            };
            definitions.push((section, definition.position, title, record));
        }
    }
    definitions.sort_by_key(|(section, position, label, _)| (*section, *position, *label));
    let definitions: Vec<PcsDefinitionRecord> =
        definitions.into_iter().map(|(.., record)| record).collect();
    folder.table("pcs_definitions.bin", &definitions)
}

/// The values of an axis; rows share the runs that are alike.
fn add_values(
    axis: &PcsAxis,
    values: &mut Vec<PcsValueRecord>,
    strings: &mut Strings,
) -> Result<Run, WriteError> {
    let start = values.len();
    for value in &axis.values {
        values.push(PcsValueRecord {
            character: u8::try_from(value.character).unwrap_or(b'?'),
            label: strings.add(&value.label)?,
        });
    }
    Ok(run(start, values.len()))
}

/// The files of the tables, open.
pub(super) struct PcsReader {
    tables: Table<PcsTableRecord>,
    rows: Table<PcsRowRecord>,
    values: Table<PcsValueRecord>,
    definitions: Table<PcsDefinitionRecord>,
}

impl PcsReader {
    pub(super) fn open(root: &Path) -> Result<PcsReader, BundleError> {
        Ok(PcsReader {
            tables: table(root, "pcs_tables.bin")?,
            rows: table(root, "pcs_rows.bin")?,
            values: table(root, "pcs_values.bin")?,
            definitions: table(root, "pcs_definitions.bin")?,
        })
    }
}

/// A character of a code or a value that may stand in one, explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PcsCharacter<'a> {
    /// What the axis is about: `Approach`.
    pub axis: &'a str,
    /// The position in the code, from 1.
    pub position: u8,
    /// The character.
    pub character: char,
    /// What it says: `Percutaneous Endoscopic`.
    pub label: &'a str,
    /// What that means, where the publisher defines it.
    pub definition: &'a str,
    /// What it includes, where the publisher says.
    pub includes: &'a str,
}

/// The values that may follow the first characters of a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PcsChoice<'a> {
    /// What the next axis is about.
    pub axis: &'a str,
    /// Its position in the code, from 1.
    pub position: u8,
    /// The values, sorted by character.
    pub values: Vec<PcsCharacter<'a>>,
}

/// What may follow the first characters of a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PcsNext<'a> {
    /// One of these values.
    Values(PcsChoice<'a>),
    /// Nothing: the seven characters are a code.
    Complete,
    /// No code begins this way.
    Impossible {
        /// How many of the first characters do begin a code.
        possible: usize,
    },
}

/// The tables of a bundle, in one release or another.
#[derive(Clone, Copy)]
pub struct PcsTablesView<'a> {
    bundle: &'a Bundle,
    files: &'a PcsReader,
}

impl<'a> PcsTablesView<'a> {
    pub(super) fn new(bundle: &'a Bundle, files: &'a PcsReader) -> PcsTablesView<'a> {
        PcsTablesView { bundle, files }
    }

    /// Whether there are any tables.
    pub fn is_empty(&self) -> bool {
        self.files.tables.records().is_empty()
    }

    /// The characters of `code`, explained by the first row of the release `bit` that makes
    /// it; `None` when none does.
    pub fn characters(&self, code: &str, bit: u64) -> Option<Vec<PcsCharacter<'a>>> {
        let bytes = code.as_bytes();
        if bytes.len() != 7 {
            return None;
        }
        let table = self.table(bytes)?;
        let section = table.stub[0];
        let row = self.rows(table, bit).find(|row| {
            (0..4).all(|axis| {
                bytes
                    .get(axis + 3)
                    .is_some_and(|byte| self.value(row, axis, *byte).is_some())
            })
        })?;
        let mut characters = Vec::with_capacity(7);
        for (place, byte) in bytes.iter().enumerate() {
            let (axis, label) = match place.checked_sub(3) {
                None => (table.titles.get(place)?, table.labels.get(place)?),
                Some(axis) => (row.titles.get(axis)?, &self.value(row, axis, *byte)?.label),
            };
            let mut character = self.explained(section, place, *byte, axis, label);
            if place == 2 && character.definition.is_empty() {
                character.definition = self.bundle.text(table.definition);
            }
            characters.push(character);
        }
        Some(characters)
    }

    /// What may follow `stub`, nought to seven upper-case characters, in the release `bit`.
    pub fn next(&self, stub: &str, bit: u64) -> PcsNext<'a> {
        let wanted = stub.as_bytes();
        let mut possible = 0;
        let mut title = None;
        let mut found: BTreeMap<u8, PcsCharacter<'a>> = BTreeMap::new();
        for table in self.files.tables.records() {
            let rows = self.rows(table, bit);
            let matched = wanted
                .iter()
                .zip(&table.stub)
                .take_while(|(a, b)| a == b)
                .count();
            if matched < wanted.len().min(3) {
                if self.rows(table, bit).next().is_some() {
                    possible = possible.max(matched);
                }
                continue;
            }
            let section = table.stub[0];
            for row in rows {
                let mut matched = wanted.len().min(3);
                while matched < wanted.len() && matched < 7 {
                    let value = wanted
                        .get(matched)
                        .and_then(|byte| self.value(row, matched - 3, *byte));
                    if value.is_none() {
                        break;
                    }
                    matched += 1;
                }
                possible = possible.max(matched);
                if matched < wanted.len() || matched == 7 {
                    continue;
                }
                if let Some(axis) = matched.checked_sub(3) {
                    let (Some(axis_title), Some(run)) =
                        (row.titles.get(axis), row.values.get(axis))
                    else {
                        continue;
                    };
                    title = title.or(Some(self.bundle.text(*axis_title)));
                    for value in slice(self.files.values.records(), *run) {
                        found.entry(value.character).or_insert_with(|| {
                            self.explained(
                                section,
                                matched,
                                value.character,
                                axis_title,
                                &value.label,
                            )
                        });
                    }
                } else if let (Some(axis), Some(byte), Some(label)) = (
                    table.titles.get(matched),
                    table.stub.get(matched),
                    table.labels.get(matched),
                ) {
                    title = title.or(Some(self.bundle.text(*axis)));
                    found
                        .entry(*byte)
                        .or_insert_with(|| self.explained(section, matched, *byte, axis, label));
                }
            }
        }
        match title {
            Some(axis) => PcsNext::Values(PcsChoice {
                axis,
                position: position(wanted.len()),
                values: found.into_values().collect(),
            }),
            None if possible == 7 && wanted.len() == 7 => PcsNext::Complete,
            None => PcsNext::Impossible { possible },
        }
    }

    fn table(&self, code: &[u8]) -> Option<&'a PcsTableRecord> {
        let stub = code.get(..3)?;
        let tables = self.files.tables.records();
        let place = tables
            .binary_search_by(|table| table.stub.as_slice().cmp(stub))
            .ok()?;
        tables.get(place)
    }

    fn rows(
        &self,
        table: &PcsTableRecord,
        bit: u64,
    ) -> impl Iterator<Item = &'a PcsRowRecord> + use<'a> {
        slice(self.files.rows.records(), table.rows)
            .iter()
            .filter(move |row| row.releases.get() & bit != 0)
    }

    fn value(&self, row: &PcsRowRecord, axis: usize, character: u8) -> Option<&'a PcsValueRecord> {
        slice(self.files.values.records(), *row.values.get(axis)?)
            .iter()
            .find(|value| value.character == character)
    }

    fn explained(
        &self,
        section: u8,
        place: usize,
        character: u8,
        axis: &TextRef,
        label: &TextRef,
    ) -> PcsCharacter<'a> {
        let label = self.bundle.text(*label);
        let position = position(place);
        let definition = self.definition(section, position, label);
        PcsCharacter {
            axis: self.bundle.text(*axis),
            position,
            character: char::from(character),
            label,
            definition: definition.map_or("", |record| self.bundle.text(record.definition)),
            includes: definition.map_or("", |record| self.bundle.text(record.includes)),
        }
    }

    /// What the publisher says of a label.
    pub fn definition(
        &self,
        section: u8,
        position: u8,
        label: &str,
    ) -> Option<&'a PcsDefinitionRecord> {
        let records = self.files.definitions.records();
        let key = |record: &PcsDefinitionRecord| {
            (
                record.section,
                record.position,
                self.bundle.text(record.label),
            )
        };
        let place = records
            .binary_search_by(|record| key(record).cmp(&(section, position, label)))
            .ok()?;
        records.get(place)
    }
}

/// The 1-based position of the character at `place`.
fn position(place: usize) -> u8 {
    u8::try_from(place + 1).unwrap_or(u8::MAX)
}

fn slice<T>(records: &[T], run: Run) -> &[T] {
    let (start, len): (U32, U32) = (run.start, run.len);
    let start = start.get() as usize;
    start
        .checked_add(len.get() as usize)
        .and_then(|end| records.get(start..end))
        .unwrap_or(&[])
}
