//! From files to what they say: recognise, parse, sort by system and release.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use codesets::edit::{self, EditTableKind};
use codesets::formats::icd_order::OrderRow;
use codesets::formats::icd10cm_code_list::ListRow;
use codesets::formats::icd10cm_codes::CodesRow;
use codesets::formats::icd10cm_conversion::ConversionRow;
use codesets::formats::icd10cm_index::{Index, IndexName};
use codesets::formats::icd10cm_tables::{Table, TableName};
use codesets::formats::icd10cm_tabular::Tabular;
use codesets::formats::{
    icd_order, icd10cm_code_list, icd10cm_codes, icd10cm_conversion, icd10cm_index, icd10cm_tables,
    icd10cm_tabular,
};
use codesets::{CodeSystem, RowError, RowProblem};
use rayon::prelude::*;

use crate::bundle::SourceFile;
use crate::declared::{Declaration, DeclaredFiles, DeclaredTable, is_declaration};
use crate::edits::{ParsedFile, content_fits};
use crate::known::{Known, year_in};
use crate::recognise::{
    Format, edits_label, edits_name, recognise, recognise_edits, workbook_rows,
};
use crate::report::{FileReport, skip};
use crate::systems::{self, SystemContent, SystemFiles};
use crate::unpack::{UnpackError, UnpackedFile, unpack};

/// The files of one ICD-10-CM or ICD-10-PCS release.
#[derive(Default)]
pub(crate) struct IcdRelease {
    /// Codes with titles, headers too.
    pub order: Option<Vec<OrderRow>>,
    /// Billable codes with titles.
    pub codes: Option<Vec<CodesRow>>,
    /// Codes without titles.
    pub list: Option<Vec<ListRow>>,
    /// Hierarchy and notes.
    pub tabular: Option<Tabular>,
}

/// Everything the files say, sorted.
#[derive(Default)]
pub(crate) struct Intake {
    /// Releases of ICD-10-CM by version.
    pub icd10cm: BTreeMap<String, IcdRelease>,
    /// Releases of ICD-10-PCS by version.
    pub icd10pcs: BTreeMap<String, IcdRelease>,
    /// The newest of each ICD-10-CM index, with its version.
    pub indexes: Vec<(String, Index)>,
    /// The newest of each ICD-10-CM table, with its version.
    pub tables: Vec<(String, Table)>,
    /// Rows of all conversion tables.
    pub conversions: Vec<ConversionRow>,
    /// What the files of the other systems say.
    pub systems: SystemFiles,
    /// The files of tables of claim edits.
    pub edits: Vec<ParsedFile>,
    /// What became of each file.
    pub reports: Vec<FileReport>,
    /// The files for the manifest.
    pub sources: Vec<SourceFile>,
}

/// What one file holds, parsed.
enum Content {
    Order(CodeSystem, Vec<OrderRow>),
    Codes(Vec<CodesRow>),
    List(Vec<ListRow>),
    Tabular(Tabular),
    Index(Index),
    Table(Table),
    Conversion(Vec<ConversionRow>),
    System(Box<SystemContent>),
    Edits(Box<ParsedFile>),
}

struct ReadFile {
    content: Option<Content>,
    version: Option<String>,
    report: FileReport,
    source: Option<SourceFile>,
}

/// Something to read: what stands at a path, or a file already unpacked.
pub(crate) enum Given {
    /// A file or an archive.
    Path(PathBuf),
    /// A file.
    File(UnpackedFile),
}

/// Reads everything `given`, in parallel, and sorts what it says; of two files that
/// say the same thing the earlier one is kept.
pub(crate) fn ingest(given: Vec<Given>, known: &Known, progress: &(dyn Fn(&str) + Sync)) -> Intake {
    let paths: Vec<PathBuf> = given
        .iter()
        .filter_map(|given| match given {
            Given::Path(path) => Some(path.clone()),
            Given::File(_) => None,
        })
        .collect();
    let declared = DeclaredFiles::find(&paths);
    let read: Vec<Vec<ReadFile>> = given
        .into_par_iter()
        .map(|given| match given {
            Given::Path(path) if is_declaration(&path) => {
                vec![ReadFile::of_declaration(&path, &declared)]
            }
            Given::Path(path) => {
                let name = path.to_string_lossy();
                let files = unpack(&path)
                    .into_iter()
                    .map(|file| match file {
                        Ok(file) => match declared.of(&path) {
                            Some(declaration) => read_declared(&file, declaration),
                            None => read_file(&file, known),
                        },
                        Err(UnpackError::Member { name, reason }) => unreadable(&name, reason),
                        Err(error @ UnpackError::Io { .. }) => unreadable(&name, chain(&error)),
                    })
                    .collect();
                progress(&name);
                files
            }
            Given::File(file) => {
                let read = read_file(&file, known);
                progress(&file.name);
                vec![read]
            }
        })
        .collect();
    let mut intake = Intake::default();
    let mut read: Vec<ReadFile> = read.into_iter().flatten().collect();
    // Where a publisher gives the same in two forms, the fuller form goes first.
    let fuller = |file: &ReadFile| matches!(&file.content, Some(Content::System(content)) if content.goes_first());
    for file in read.iter_mut().filter(|file| fuller(file)) {
        intake.take_file(file);
    }
    for mut file in read {
        intake.take_file(&mut file);
        intake.reports.push(file.report);
        intake.sources.extend(file.source);
    }
    intake
}

impl Intake {
    /// Takes in what a file holds, once.
    fn take_file(&mut self, file: &mut ReadFile) {
        if let Some(content) = file.content.take()
            && let Err(problem) = self.take(content, file.version.as_deref())
        {
            file.report.problem = Some(problem);
            file.source = None;
        }
    }
}

fn unreadable(name: &str, problem: String) -> ReadFile {
    ReadFile {
        content: None,
        version: None,
        report: FileReport {
            file: name.to_owned(),
            unreadable: true,
            problem: Some(problem),
            ..FileReport::default()
        },
        source: None,
    }
}

/// An error and its causes in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

fn read_file(file: &UnpackedFile, known: &Known) -> ReadFile {
    let mut report = FileReport {
        file: file.name.clone(),
        ..FileReport::default()
    };
    if let Some(kind) = recognise_edits(file) {
        return read_edits(file, kind, report);
    }
    let format = match recognise(&file.bytes) {
        Ok(format) => format,
        Err(problem) => {
            report.problem = Some(problem);
            return ReadFile {
                content: None,
                version: None,
                report,
                source: None,
            };
        }
    };
    report.recognised = Some(format.label().to_owned());
    let (content, said, rows, errors) = parse(format, &file.bytes);
    report.rows = rows;
    for error in errors {
        skip(
            &mut report.skipped,
            reason(&error.problem),
            error.to_string(),
        );
    }
    let version = said
        .or_else(|| known.version_of(&file.sha256).map(str::to_owned))
        .or_else(|| match format {
            Format::System(format) => format.version_in(&file.name),
            _ => year_in(&file.name),
        });
    report.release.clone_from(&version);
    let source = SourceFile {
        name: file.name.clone(),
        format: format.label().to_owned(),
        system: format.system().id().to_owned(),
        version: version.clone(),
        sha256: file.sha256.clone(),
        rows,
        skipped: report.skipped_rows(),
    };
    ReadFile {
        content: Some(content),
        version,
        report,
        source: Some(source),
    }
}

/// Reads a file of a table of claim edits.
fn read_edits(file: &UnpackedFile, kind: EditTableKind, mut report: FileReport) -> ReadFile {
    let label = edits_label(kind);
    report.recognised = Some(label.to_owned());
    let name = file.base_name();
    let table = edit::TableName::from_file_name(name)
        .filter(|table| table.kind == kind && content_fits(*table, &file.bytes));
    let Some(table) = table else {
        report.problem = Some(format!(
            "not used: its name does not say, or says otherwise than its content, which table it is of; \
             keep the publisher's name, such as {}",
            edits_name(kind)
        ));
        return ReadFile {
            content: None,
            version: None,
            report,
            source: None,
        };
    };
    let parsed = ParsedFile::of(table, name, &file.bytes);
    report.release = Some(table.to_string());
    report.rows = parsed.row_count() as u64;
    for error in parsed.errors() {
        let problem = reason(&error.problem);
        skip(&mut report.skipped, problem, error.to_string());
    }
    let source = SourceFile {
        name: file.name.clone(),
        format: label.to_owned(),
        system: "edits".to_owned(),
        version: Some(table.to_string()),
        sha256: file.sha256.clone(),
        rows: report.rows,
        skipped: report.skipped_rows(),
    };
    ReadFile {
        content: Some(Content::Edits(Box::new(parsed))),
        version: Some(table.to_string()),
        report,
        source: Some(source),
    }
}

/// Reads a file that a `table.toml` beside it declares.
fn read_declared(file: &UnpackedFile, declaration: &Declaration) -> ReadFile {
    let mut report = FileReport {
        file: file.name.clone(),
        recognised: Some("declared table".to_owned()),
        release: Some(declaration.version.clone()),
        ..FileReport::default()
    };
    let parsed = declaration.read(&file.bytes);
    report.rows = parsed.rows.len() as u64;
    for error in parsed.errors {
        skip(
            &mut report.skipped,
            reason(&error.problem),
            error.to_string(),
        );
    }
    let source = SourceFile {
        name: file.name.clone(),
        format: "declared table".to_owned(),
        system: declaration.system.id().to_owned(),
        version: Some(declaration.version.clone()),
        sha256: file.sha256.clone(),
        rows: report.rows,
        skipped: report.skipped_rows(),
    };
    ReadFile {
        content: Some(Content::System(Box::new(SystemContent::Declared(
            Box::new(DeclaredTable {
                declaration: declaration.clone(),
                rows: parsed.rows,
            }),
        )))),
        version: Some(declaration.version.clone()),
        report,
        source: Some(source),
    }
}

impl ReadFile {
    /// What becomes of a `table.toml` itself.
    fn of_declaration(path: &Path, declared: &DeclaredFiles) -> ReadFile {
        ReadFile {
            content: None,
            version: None,
            report: FileReport {
                file: path.to_string_lossy().into_owned(),
                recognised: Some("declaration of a table".to_owned()),
                problem: declared.problem(path).map(str::to_owned),
                ..FileReport::default()
            },
            source: None,
        }
    }
}

/// The sort of problem, for counting.
fn reason(problem: &RowProblem) -> &'static str {
    match problem {
        RowProblem::TooShort { .. } => "row too short",
        RowProblem::Field { .. } => "field holds something else than its format allows",
        RowProblem::Code { .. } => "not a code",
        RowProblem::Duplicate { .. } => "stands twice",
        RowProblem::Encoding { .. } => "not text in the format's encoding",
        RowProblem::Xml { .. } => "XML cannot be read further",
        RowProblem::Element { .. } => "element that is not part of the format",
        _ => "other",
    }
}

type ParsedContent = (Content, Option<String>, u64, Vec<RowError>);

fn parse(format: Format, bytes: &[u8]) -> ParsedContent {
    match format {
        Format::Order(system) => {
            let parsed = icd_order::parse(system, bytes);
            let rows = parsed.rows.len() as u64;
            (
                Content::Order(system, parsed.rows),
                None,
                rows,
                parsed.errors,
            )
        }
        Format::Icd10CmCodes => {
            let parsed = icd10cm_codes::parse(bytes);
            let rows = parsed.rows.len() as u64;
            (Content::Codes(parsed.rows), None, rows, parsed.errors)
        }
        Format::Icd10CmCodeList => {
            let parsed = icd10cm_code_list::parse(bytes);
            let rows = parsed.rows.len() as u64;
            (Content::List(parsed.rows), None, rows, parsed.errors)
        }
        Format::Icd10CmTabular => {
            let parsed = icd10cm_tabular::parse(bytes);
            let rows = parsed.tabular.diags.len() as u64;
            let version = parsed.tabular.version.clone();
            (
                Content::Tabular(parsed.tabular),
                version,
                rows,
                parsed.errors,
            )
        }
        Format::Icd10CmIndex(_) => {
            let parsed = icd10cm_index::parse(bytes);
            let rows = parsed.index.entries.len() as u64;
            let version = parsed.index.version.clone();
            (Content::Index(parsed.index), version, rows, parsed.errors)
        }
        Format::Icd10CmTable(_) => {
            let parsed = icd10cm_tables::parse(bytes);
            let rows = parsed.table.entries.len() as u64;
            let version = parsed.table.version.clone();
            (Content::Table(parsed.table), version, rows, parsed.errors)
        }
        Format::Icd10CmConversion => {
            let cells = workbook_rows(bytes, usize::MAX).unwrap_or_default();
            let parsed = icd10cm_conversion::parse(&cells);
            let rows = parsed.rows.len() as u64;
            (Content::Conversion(parsed.rows), None, rows, parsed.errors)
        }
        Format::System(format) => {
            let read = systems::parse(format, bytes);
            let content = Content::System(Box::new(read.content));
            (content, read.said, read.rows, read.errors)
        }
    }
}

impl Intake {
    fn take(&mut self, content: Content, version: Option<&str>) -> Result<(), String> {
        let version = version.map(str::to_owned).ok_or_else(|| {
            "its release is unknown: neither the file, nor its digest, nor a year in its name says it; \
             put the year into the file's or the folder's name"
                .to_owned()
        });
        match content {
            Content::Conversion(rows) => self.conversions.extend(rows),
            Content::System(content) => self.systems.take(*content, version?)?,
            Content::Edits(file) => self.take_edits(*file)?,
            Content::Order(system, rows) => {
                put(&mut self.release(system, version?).order, rows)?;
            }
            Content::Codes(rows) => {
                put(&mut self.release(CodeSystem::Icd10Cm, version?).codes, rows)?;
            }
            Content::List(rows) => {
                put(&mut self.release(CodeSystem::Icd10Cm, version?).list, rows)?;
            }
            Content::Tabular(tabular) => {
                put(
                    &mut self.release(CodeSystem::Icd10Cm, version?).tabular,
                    tabular,
                )?;
            }
            Content::Index(index) => {
                let same = |known: &Index| index_key(known.name) == index_key(index.name);
                keep_newest(&mut self.indexes, version?, index.clone(), same)?;
            }
            Content::Table(table) => {
                let same = |known: &Table| table_key(known.name) == table_key(table.name);
                keep_newest(&mut self.tables, version?, table.clone(), same)?;
            }
        }
        Ok(())
    }

    fn take_edits(&mut self, file: ParsedFile) -> Result<(), String> {
        let is_same = |known: &ParsedFile| {
            known.table() == file.table()
                && (known.name() == file.name() || known.sha256() == file.sha256())
        };
        if self.edits.iter().any(is_same) {
            return Err(
                "this file of the table was already read; the first one is kept".to_owned(),
            );
        }
        self.edits.push(file);
        Ok(())
    }

    fn release(&mut self, system: CodeSystem, version: String) -> &mut IcdRelease {
        let releases = if system == CodeSystem::Icd10Pcs {
            &mut self.icd10pcs
        } else {
            &mut self.icd10cm
        };
        releases.entry(version).or_default()
    }
}

fn index_key(name: IndexName) -> u8 {
    match name {
        IndexName::Diseases => 0,
        IndexName::ExternalCauses => 1,
    }
}

fn table_key(name: TableName) -> u8 {
    match name {
        TableName::Neoplasm => 0,
        TableName::Drug => 1,
    }
}

fn put<T>(place: &mut Option<T>, value: T) -> Result<(), String> {
    if place.is_some() {
        return Err(
            "a file of this kind and release was already read; the first one is kept".to_owned(),
        );
    }
    *place = Some(value);
    Ok(())
}

/// Keeps the newest version of what `same` says is the same thing.
fn keep_newest<T>(
    kept: &mut Vec<(String, T)>,
    version: String,
    value: T,
    same: impl Fn(&T) -> bool,
) -> Result<(), String> {
    match kept.iter_mut().find(|(_, known)| same(known)) {
        None => kept.push((version, value)),
        Some((known, _)) if *known >= version => {
            return Err(format!("not used: the one of {known} is as new or newer"));
        }
        Some(place) => *place = (version, value),
    }
    Ok(())
}
