//! Invented records with named columns, as CSV and as rows of a sheet.

use super::{looks_like, parse, parse_rows};
use crate::formats::damage;
use crate::formats::hcpcs_record::FIELDS;

/// A row with the named cells filled in.
fn row(cells: &[(&str, &str)]) -> Vec<String> {
    FIELDS
        .iter()
        .map(|field| {
            let cell = cells.iter().find(|(name, _)| *name == field.column);
            cell.map_or(String::new(), |(_, text)| (*text).to_owned())
        })
        .collect()
}

fn rows() -> Vec<Vec<String>> {
    let header = FIELDS.iter().map(|field| field.column.to_owned()).collect();
    let mut disclaimer = vec![String::new(); FIELDS.len()];
    disclaimer[0] = "***Disclaimers".to_owned();
    vec![
        disclaimer,
        header,
        row(&[
            ("HCPC", "   Q1"),
            ("SEQNUM", "0010"),
            ("RECID", "7"),
            ("LONG DESCRIPTION", "Left wing"),
            ("COV", "D"),
            ("ADD DT", "20310101"),
            ("ACTION CD", "N"),
        ]),
        row(&[
            ("HCPC", "W0001"),
            ("SEQNUM", "0010"),
            ("RECID", "3"),
            ("LONG DESCRIPTION", "Splint, \"bent\" wing"),
            ("TERM DT", "20321231"),
            ("ACTION CD", "D"),
        ]),
    ]
}

fn csv_text(rows: &[Vec<String>]) -> String {
    let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
    let line = |row: &Vec<String>| row.iter().map(quoted).collect::<Vec<_>>().join(",");
    rows.iter().map(|row| line(row) + "\r\n").collect()
}

#[test]
fn csv_and_sheet_give_the_same_records() {
    let rows = rows();
    let sheet = parse_rows(&rows);
    assert_eq!(sheet.errors, []);
    let said: Vec<String> = sheet
        .rows
        .iter()
        .map(|row| {
            let last = row.last_day.map_or(String::new(), |day| day.to_string());
            format!(
                "{} {:?}: {} {last}",
                row.code, row.kind, row.long_description
            )
        })
        .collect();
    assert_eq!(
        said,
        [
            "Q1 Modifier: Left wing ",
            "W0001 Procedure: Splint, \"bent\" wing 2032-12-31",
        ]
    );
    assert_eq!(parse(csv_text(&rows).as_bytes()), sheet);
    let header: Vec<&str> = FIELDS.iter().map(|field| field.column).collect();
    assert!(looks_like((header.join(",") + "\r\n").as_bytes()));
    assert!(!looks_like(b"HCPC,SEQNUM\n"));
}

#[test]
fn a_sheet_without_its_header_is_reported() {
    let rows = [row(&[
        ("HCPC", "W0001"),
        ("SEQNUM", "0010"),
        ("RECID", "3"),
    ])];
    let said: Vec<String> = parse_rows(&rows)
        .errors
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        said,
        [
            "line 1: header is ``, expected HCPC, SEQNUM, RECID, LONG DESCRIPTION and the other columns"
        ]
    );
}

#[test]
fn damage_never_panics() {
    damage::check(csv_text(&rows()).as_bytes(), |bytes| {
        let parsed = parse(bytes);
        parsed.rows.len() + parsed.errors.len()
    });
}
