//! Tables and claims for the tests of edits.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use codebook::edits::{Claim, ClaimLine, ClaimReport, Detail, Patient, Units};
use codesets::edit::{Payer, Setting, TableName};
use indexer::edits::{Bytes, EditFile, EditTables, EditsBuild, EditsBuilder, ParsedFile};
use jiff::civil::{Date, date};

/// A publisher's file made by hand.
pub(crate) struct TestFile {
    pub(crate) name: &'static str,
    pub(crate) text: String,
}

const PTP_HEAD: &str = "Column 1\tColumn 2\t*\tEffective\tDeletion\tModifier\tRationale\r\n";

/// A PTP file: `column1 column2 effective deletion indicator` a row.
pub(crate) fn ptp_file(name: &'static str, rows: &[&str]) -> TestFile {
    let mut text = PTP_HEAD.to_owned();
    for row in rows {
        let [one, two, effective, deletion, indicator] =
            row.split(' ').collect::<Vec<_>>()[..].try_into().unwrap();
        writeln!(
            text,
            "{one}\t{two}\t\t{effective}\t{deletion}\t{indicator}\tWhy\r"
        )
        .unwrap();
    }
    TestFile { name, text }
}

/// An MUE file of the practitioner setting: `code value indicator` a row.
pub(crate) fn mue_file(name: &'static str, rows: &[&str]) -> TestFile {
    let mut text = "HCPCS/CPT Code,Practitioner Services MUE Values,\
                    MUE Adjudication Indicator,MUE Rationale\n"
        .to_owned();
    for row in rows {
        let [code, value, indicator] = row.split(' ').collect::<Vec<_>>()[..].try_into().unwrap();
        writeln!(text, "{code},{value},{indicator} x,Why").unwrap();
    }
    TestFile { name, text }
}

pub(crate) fn tables(files: &[TestFile]) -> EditTables {
    let mut builder = EditsBuilder::new();
    for file in files {
        let parsed = ParsedFile::parse(&EditFile {
            table: TableName::from_file_name(file.name).unwrap(),
            name: file.name.to_owned(),
            bytes: file.text.as_bytes().to_vec(),
        });
        assert!(parsed.errors().is_empty(), "{:?}", parsed.errors());
        builder.add(parsed);
    }
    open(&builder.finish().unwrap())
}

pub(crate) fn open(built: &EditsBuild) -> EditTables {
    let tables = EditTables::open(Bytes::copied_from(&built.bytes)).unwrap();
    tables.verify().unwrap();
    tables
}

/// The publishers' files of the folders, which every run with data has.
pub(crate) fn published_paths(folders: &[&str]) -> Option<Vec<PathBuf>> {
    let Ok(root) = std::env::var("CODEBOOK_DATA") else {
        eprintln!("not run: CODEBOOK_DATA does not name the folder of publishers' files");
        return None;
    };
    let mut paths = Vec::new();
    for folder in folders {
        let entries = std::fs::read_dir(Path::new(&root).join(folder)).unwrap();
        paths.extend(entries.map(|entry| entry.unwrap().path()));
    }
    paths.sort();
    Some(paths)
}

/// A practitioner's Medicare claim of August 1, 2024 without lines or diagnoses.
pub(crate) fn claim() -> Claim {
    Claim {
        date: date(2024, 8, 1),
        setting: Setting::Practitioner,
        payer: Payer::Medicare,
        provider: Some("P".to_owned()),
        patient: Patient::default(),
        diagnoses: Vec::new(),
        lines: Vec::new(),
    }
}

/// A line: a code, its modifiers after hyphens, and `xN` for units other than 1.
pub(crate) fn line(id: usize, text: &str) -> ClaimLine {
    let (coded, units) = text.split_once(" x").unwrap_or((text, "1"));
    let mut parts = coded.split('-');
    ClaimLine {
        id: id.to_string(),
        code: parts.next().unwrap().to_owned(),
        modifiers: parts.map(str::to_owned).collect(),
        units: units.parse::<Units>().unwrap(),
        date: None,
        provider: None,
        diagnosis_pointers: Vec::new(),
    }
}

pub(crate) fn lines(texts: &[&str]) -> Vec<ClaimLine> {
    (1..).zip(texts).map(|(id, text)| line(id, text)).collect()
}

/// `day` before or after.
pub(crate) fn shifted(day: Date, days: i32) -> Date {
    day.checked_add(jiff::Span::new().days(days)).unwrap()
}

/// A report a line: edit, outcome, severity, rows and the sentence.
pub(crate) fn print(report: &ClaimReport<'_>) -> String {
    let mut text = String::new();
    for finding in &report.findings {
        write!(
            text,
            "{} {} {}",
            finding.edit.id(),
            finding.outcome.id(),
            finding.severity.id()
        )
        .unwrap();
        if let Some(row) = finding.row {
            write!(text, " {}:{}", row.file, row.line).unwrap();
        }
        if let Detail::Ptp {
            is_bypassed: true, ..
        } = finding.detail
        {
            text.push_str(" bypassed");
        }
        writeln!(text, ": {}", finding.text).unwrap();
    }
    for missing in &report.not_checked {
        writeln!(
            text,
            "not checked: {}: {}",
            missing.edit.id(),
            missing.reason
        )
        .unwrap();
    }
    text
}
