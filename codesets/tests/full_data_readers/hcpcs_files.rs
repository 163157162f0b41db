//! HCPCS of every vintage: its counts, what changed from one year to the next,
//! and that the workbook says what the text says.

use codesets::Parsed;
use codesets::formats::{hcpcs, hcpcs_columns, hcpcs_record};

use super::{data, gz, no_errors, sheet, zipped};

fn hcpcs_counts(parsed: &Parsed<hcpcs_record::HcpcsRecord>) -> (usize, usize) {
    no_errors(&parsed.errors);
    let modifiers = parsed.rows.iter();
    let modifiers = modifiers.filter(|row| row.kind == hcpcs_record::HcpcsKind::Modifier);
    let modifiers = modifiers.count();
    (parsed.rows.len() - modifiers, modifiers)
}

#[test]
fn hcpcs_of_every_vintage() {
    let Some(data) = data() else { return };
    let mut last_two = Vec::new();
    for (folder, archive, text, book, expected) in [
        (
            "hcpcs-2018",
            "2018-Alpha-Numeric-HCPCS-File.zip",
            "HCPC2018_CONTR_ANWEB_disc.txt",
            "HCPC2018_CONTR_ANWEB_disc.xlsx",
            (6_205, 354),
        ),
        (
            "hcpcs-2019",
            "2019-Alpha-Numeric-HCPCS-File.zip",
            "HCPC2019_CONTR_ANWEB.txt",
            "HCPC2019_CONTR_ANWEB.xlsx",
            (6_440, 360),
        ),
    ] {
        let archive = data.join(folder).join(archive);
        let bytes = zipped(&archive, text);
        assert!(hcpcs::looks_like(&bytes[..8_000]));
        let fixed = hcpcs::parse(&bytes);
        assert_eq!(hcpcs_counts(&fixed), expected);
        let columns = hcpcs_columns::parse_rows(&sheet(zipped(&archive, book)));
        assert_eq!(hcpcs_counts(&columns), expected);
        // The workbook of 2019 leaves out the action's day where it is the day of adding.
        let expected = if folder == "hcpcs-2019" { 117 } else { 0 };
        assert_eq!(differing(&fixed.rows, &columns.rows), expected);
        last_two.push(fixed);
    }
    changes(&last_two[0].rows, &last_two[1].rows);

    for (file, expected) in [
        ("hcpcs-2024-jan/HCPC2024_JAN_ANWEB.txt.gz", (7_902, 383)),
        ("hcpcs-2024-jul/HCPC2024_JUL_ANWEB.txt.gz", (8_033, 0)),
        ("hcpcs-2025-oct/HCPC2025_OCT_ANWEB.txt.gz", (8_463, 383)),
    ] {
        let bytes = gz(&data.join(file));
        assert!(hcpcs::looks_like(&bytes[..4_000]), "{file}");
        let parsed = hcpcs::parse(&bytes);
        assert_eq!(hcpcs_counts(&parsed), expected, "{file}");
        let unnamed = parsed
            .rows
            .iter()
            .filter(|row| row.short_description.is_none());
        assert_eq!(unnamed.count(), if file.contains("JUL") { 57 } else { 0 });
        assert!(
            parsed
                .rows
                .iter()
                .all(|row| !row.long_description.is_empty())
        );
    }

    let path = data.join("hcpcs-2026-oct-excerpt/HCPC2026_OCT_ANWEB.excerpt.csv");
    let bytes = std::fs::read(path).unwrap();
    assert!(hcpcs_columns::looks_like(&bytes));
    assert!(!hcpcs::looks_like(&bytes));
    assert_eq!(hcpcs_counts(&hcpcs_columns::parse(&bytes)), (0, 9));
}

/// In how many records the workbook says other things than the fixed-width file, spacing aside.
fn differing(fixed: &[hcpcs_record::HcpcsRecord], columns: &[hcpcs_record::HcpcsRecord]) -> usize {
    let plain = |row: &hcpcs_record::HcpcsRecord| {
        let mut row = hcpcs_record::HcpcsRecord {
            line: 0,
            ..row.clone()
        };
        row.long_description.retain(|c| !c.is_whitespace());
        row
    };
    let pairs = fixed.iter().zip(columns);
    pairs
        .filter(|(fixed, columns)| plain(fixed) != plain(columns))
        .count()
}

fn changes(before: &[hcpcs_record::HcpcsRecord], after: &[hcpcs_record::HcpcsRecord]) {
    let index = |rows: &[hcpcs_record::HcpcsRecord]| {
        let rows = rows.iter().cloned();
        rows.map(|row| (row.code.clone(), row))
            .collect::<std::collections::HashMap<_, _>>()
    };
    let (before, after) = (index(before), index(after));
    let added = after.keys().filter(|code| !before.contains_key(*code));
    assert_eq!(added.count(), 244);
    let removed = before.keys().filter(|code| !after.contains_key(*code));
    assert_eq!(removed.count(), 3);
    let both = || {
        before
            .iter()
            .filter_map(|(code, old)| Some((old, after.get(code)?)))
    };
    let long = both().filter(|(old, new)| old.long_description != new.long_description);
    assert_eq!(long.count(), 114);
    let short = both().filter(|(old, new)| old.short_description != new.short_description);
    assert_eq!(short.count(), 101);
    let ended = both().filter(|(old, new)| old.last_day.is_none() && new.last_day.is_some());
    assert_eq!(ended.count(), 33);
}
