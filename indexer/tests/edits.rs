//! The edit tables: a small hand-made set in every run, and the publishers'
//! files when `CODEBOOK_DATA` names the folder that holds them.
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test may fail loudly, and says when it did not run"
)]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use codesets::edit::{EditTableKind, Payer, ProcedureCode, Setting, TableName};
use indexer::edits::{
    Bytes, EditFile, EditTables, EditTablesError, EditsBuild, EditsBuilder, MueDifference,
    ParsedFile, PtpChange, mue_differences, ptp_differences,
};
use jiff::civil::date;

fn file(name: &str, text: &str) -> ParsedFile {
    let file = EditFile {
        table: TableName::from_file_name(name).unwrap(),
        name: name.to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    ParsedFile::parse(&file)
}

fn build(files: impl IntoIterator<Item = ParsedFile>) -> EditsBuild {
    let mut builder = EditsBuilder::new();
    for file in files {
        builder.add(file);
    }
    builder.finish().unwrap()
}

fn small() -> Vec<ParsedFile> {
    let head = "Column 1\tColumn 2\t*\tEffective\tDeletion\tModifier\tRationale\r\n";
    let row = |columns: &str, days: &str| {
        let (one, two) = columns.split_once(' ').unwrap();
        let (effective, rest) = days.split_once(' ').unwrap();
        let (deletion, indicator) = rest.split_once(' ').unwrap();
        format!("{one}\t{two}\t\t{effective}\t{deletion}\t{indicator}\tWhy {indicator}\r\n")
    };
    let older = [
        row("0001A 0002T", "20130101 20231231 1"),
        row("0001A 0002T", "20240101 * 0"),
        row("0001A A0001", "20130101 * 1"),
    ];
    let newer_1 = [
        row("0001A 0002T", "20130101 20231231 1"),
        row("0001A 0002T", "20240101 * 1"),
    ];
    let newer_2 = [
        row("B0001 0001A", "20240701 * 1"),
        "broken\t\r\n".to_owned(),
    ];
    vec![
        file(
            "ccipra-v302r0-f2.txt",
            &(head.to_owned() + &newer_2.concat()),
        ),
        file("ccipra-v301r0-f1.txt", &(head.to_owned() + &older.concat())),
        file(
            "ccipra-v302r0-f1.txt",
            &(head.to_owned() + &newer_1.concat()),
        ),
        file(
            "MCR_MUE_PractitionerServices_Eff_07-01-2024.csv",
            "HCPCS/CPT Code,Practitioner Services MUE Values,MUE Adjudication Indicator,MUE Rationale\n\
             B0001,2,1 Line Edit,x\nA0001,0,2 Date of Service Edit: Policy,y\n",
        ),
    ]
}

fn open(build: &EditsBuild) -> EditTables {
    let tables = EditTables::open(Bytes::copied_from(&build.bytes)).unwrap();
    tables.verify().unwrap();
    tables
}

/// Every row of every PTP table, read back pair by pair, with its file and line.
fn print_ptp(tables: &EditTables) -> String {
    let ptp = tables.ptp();
    let mut printed = String::new();
    for (column1, column2, pair) in ptp.all() {
        for table in tables.tables() {
            if table.name.kind != EditTableKind::Ptp {
                continue;
            }
            for found in ptp.rows(table.ptp_place(), (column1, column2), pair) {
                let source = tables.source(table, found.row).unwrap();
                writeln!(
                    printed,
                    "{column1} {column2} {} {} {} {}:{}",
                    found.edit.effective,
                    char::from(found.edit.indicator.digit()),
                    found.edit.rationale,
                    source.file,
                    source.line
                )
                .unwrap();
            }
        }
    }
    printed
}

#[test]
fn rows_are_read_back_with_file_and_line() {
    let built = build(small());
    let expected = "\
0001A 0002T 2013-01-01 1 Why 1 ccipra-v301r0-f1.txt:2
0001A 0002T 2024-01-01 0 Why 0 ccipra-v301r0-f1.txt:3
0001A 0002T 2013-01-01 1 Why 1 ccipra-v302r0-f1.txt:2
0001A 0002T 2024-01-01 1 Why 1 ccipra-v302r0-f1.txt:3
0001A A0001 2013-01-01 1 Why 1 ccipra-v301r0-f1.txt:4
B0001 0001A 2024-07-01 1 Why 1 ccipra-v302r0-f2.txt:2
";
    let tables = open(&built);
    assert_eq!(print_ptp(&tables), expected);
    let errors: Vec<String> = built
        .files
        .iter()
        .flat_map(|file| {
            file.errors
                .iter()
                .map(|error| format!("{} {error}", file.name))
        })
        .collect();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].starts_with("ccipra-v302r0-f2.txt line 3"));
    let code = |text| ProcedureCode::parse(text).unwrap();
    let ptp = tables.ptp();
    let one = ptp.locate(code("0001A"));
    assert!(ptp.pair(one, ptp.locate(code("A0001"))).is_some());
    assert!(ptp.pair(ptp.locate(code("A0001")), one).is_none());
    assert!(ptp.pair(one, ptp.locate(code("Z9999"))).is_none());
    assert!(ptp.pair(one, one).is_none());
    assert_eq!(ptp.of_column2(code("0001A")).count(), 1);
}

#[test]
fn the_order_of_files_does_not_show() {
    let mut files = small();
    files.reverse();
    assert_eq!(build(small()).bytes, build(files).bytes);
}

#[test]
fn vintages_differ_by_their_active_edits() {
    let tables = open(&build(small()));
    let [older, newer, _] = tables.tables() else {
        unreachable!("three tables")
    };
    let changes: Vec<String> = ptp_differences(&tables, older, newer)
        .map(|d| format!("{} {} {:?}", d.column1, d.column2, d.change))
        .collect();
    assert_eq!(
        changes,
        [
            "0001A 0002T Indicator { before: NotAllowed, after: Allowed }",
            "0001A A0001 Deleted(Allowed)",
            "B0001 0001A Added(Allowed)",
        ]
    );
}

#[test]
fn the_table_that_answers_is_the_days_own_or_the_next() {
    let tables = open(&build(small()));
    let answering = |kind, day| {
        let table = tables.answering(kind, Setting::Practitioner, Payer::Medicare, day);
        table.map_or("none".to_owned(), |table| table.name.to_string())
    };
    let ptp = EditTableKind::Ptp;
    assert_eq!(
        answering(ptp, date(2024, 9, 30)),
        "ncci-ptp-practitioner 2024q3"
    );
    assert_eq!(
        answering(ptp, date(2024, 6, 30)),
        "ncci-ptp-practitioner 2024q2"
    );
    assert_eq!(
        answering(ptp, date(2015, 1, 1)),
        "ncci-ptp-practitioner 2024q2"
    );
    assert_eq!(answering(ptp, date(2024, 10, 1)), "none");
    let mue = EditTableKind::Mue;
    assert_eq!(answering(mue, date(2024, 7, 1)), "mue-practitioner 2024q3");
    assert_eq!(answering(mue, date(2024, 6, 30)), "none");
}

#[test]
fn damaged_files_do_not_open_or_do_not_panic() {
    let bytes = build(small()).bytes;
    assert_eq!(
        EditTables::open(Bytes::copied_from(
            b"something else, but long enough for a header"
        ))
        .unwrap_err(),
        EditTablesError::NotEditTables
    );
    for cut in 0..bytes.len() {
        assert!(EditTables::open(Bytes::copied_from(&bytes[..cut])).is_err());
    }
    for at in 8..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0xff;
        let Ok(tables) = EditTables::open(Bytes::copied_from(&damaged)) else {
            continue;
        };
        let _ = tables.verify();
        let ptp = tables.ptp();
        for (column1, column2, pair) in ptp.all().take(100) {
            for table in tables.tables() {
                for found in ptp
                    .rows(table.ptp_place(), (column1, column2), pair)
                    .take(10)
                {
                    let _ = tables.source(table, found.row);
                }
                let _ = tables.mue(table).all().count();
            }
        }
    }
}

#[test]
fn a_file_given_twice_is_refused() {
    let mut builder = EditsBuilder::new();
    for file in small().into_iter().chain(small()) {
        builder.add(file);
    }
    assert!(builder.finish().is_err());
}

/// The publishers' files of the folders, built; `None` when no data is at hand.
fn published(folders: &[&str]) -> Option<EditsBuild> {
    let Ok(root) = std::env::var("CODEBOOK_DATA") else {
        eprintln!("not run: CODEBOOK_DATA does not name the folder of publishers' files");
        return None;
    };
    let mut paths: Vec<PathBuf> = Vec::new();
    for folder in folders {
        let entries = std::fs::read_dir(Path::new(&root).join(folder)).unwrap();
        paths.extend(entries.map(|entry| entry.unwrap().path()));
    }
    Some(EditsBuild::from_paths(&paths).unwrap())
}

#[test]
fn the_published_tables_are_read_whole() {
    let folders = [
        "ncci-ptp-2024q2",
        "ncci-ptp-2024q3",
        "ncci-mue-2024q2",
        "ncci-mue-2024q3",
        "ncci-aoc-2026q2",
        "mce",
    ];
    let Some(built) = published(&folders) else {
        return;
    };
    let mut rows: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for file in &built.files {
        let entry = rows.entry(file.table.to_string()).or_default();
        entry.0 += file.rows;
        entry.1 += file.errors.len();
    }
    let mut printed = String::new();
    for (table, (rows, errors)) in rows {
        writeln!(printed, "{table}: {rows} rows, {errors} errors").unwrap();
    }
    assert_eq!(
        printed,
        "\
addon 2026q2: 9000 rows, 0 errors
mce fy2020: 14153 rows, 0 errors
mce fy2026: 6645 rows, 0 errors
mue-dme 2024q2: 2894 rows, 0 errors
mue-dme 2024q3: 2928 rows, 0 errors
mue-outpatient-hospital 2024q2: 14629 rows, 0 errors
mue-outpatient-hospital 2024q3: 14628 rows, 0 errors
mue-practitioner 2024q2: 14679 rows, 0 errors
mue-practitioner 2024q3: 14677 rows, 0 errors
ncci-ptp-outpatient-hospital 2024q3: 1775818 rows, 0 errors
ncci-ptp-practitioner 2024q2: 2545089 rows, 0 errors
ncci-ptp-practitioner 2024q3: 2546017 rows, 0 errors
"
    );
    let tables = open(&built);
    let named = |name: &str| {
        *tables
            .tables()
            .iter()
            .find(|t| t.name.to_string() == name)
            .unwrap()
    };
    let (older, newer) = (
        named("ncci-ptp-practitioner 2024q2"),
        named("ncci-ptp-practitioner 2024q3"),
    );
    let (mut added, mut deleted, mut indicator) = (0, 0, 0);
    for difference in ptp_differences(&tables, &older, &newer) {
        match difference.change {
            PtpChange::Added(_) => added += 1,
            PtpChange::Deleted(_) => deleted += 1,
            PtpChange::Indicator { .. } => indicator += 1,
        }
    }
    assert_eq!((added, deleted, indicator), (926, 293, 2));
    let (older, newer) = (
        named("mue-practitioner 2024q2"),
        named("mue-practitioner 2024q3"),
    );
    let (mut added, mut deleted, mut revised) = (0, 0, 0);
    for difference in mue_differences(&tables, &older, &newer) {
        match difference {
            MueDifference::Added(_) => added += 1,
            MueDifference::Deleted(_) => deleted += 1,
            MueDifference::Revised { .. } => revised += 1,
        }
    }
    assert_eq!((added, deleted, revised), (28, 30, 19));
    let per_pair = ptp_bytes(&built) / tables.ptp().pair_count() as f64;
    assert!(per_pair <= 9.0, "{per_pair} bytes a pair");
    eprintln!("{} bytes in all, {per_pair:.2} a pair", built.bytes.len());
}

/// The whole file but for the sorted arrays, whose records are 16 to 32 bytes.
fn ptp_bytes(built: &EditsBuild) -> f64 {
    let small: usize = built
        .files
        .iter()
        .map(|file| match file.table.kind {
            EditTableKind::Ptp => 0,
            EditTableKind::Mue => file.rows * 16,
            EditTableKind::AddOn => file.rows * 36,
            EditTableKind::Mce => file.rows * 12,
        })
        .sum();
    (built.bytes.len() - small) as f64
}
