//! Boundary days: the day before, the first day, the last day, the day after.

use codebook::edits::{ClaimRules, EditKind, check};
use codesets::edit::EditTableKind;
use indexer::edits::EditsBuild;
use jiff::civil::Date;

use super::support::{claim, lines, open, ptp_file, published_paths, shifted, tables};

#[track_caller]
fn applies(tables: &indexer::edits::EditTables, codes: [&str; 2], day: Date) -> usize {
    let mut claim = claim();
    claim.date = day;
    claim.lines = lines(&codes);
    let report = check(tables, &claim, &ClaimRules::default());
    report.tally(EditKind::NcciPtp).applies
}

#[test]
fn the_deletion_day_is_the_last_day() {
    let tables = tables(&[ptp_file(
        "ccipra-v302r0-f1.txt",
        &["0001A 0002A 20240401 20240630 1"],
    )]);
    let on = |day| applies(&tables, ["0001A", "0002A"], day);
    let (first, last) = (
        jiff::civil::date(2024, 4, 1),
        jiff::civil::date(2024, 6, 30),
    );
    assert_eq!(on(shifted(first, -1)), 0);
    assert_eq!(on(first), 1);
    assert_eq!(on(last), 1);
    assert_eq!(on(shifted(last, 1)), 0);
}

#[test]
fn the_true_dated_rows_on_their_boundary_days() {
    let Some(paths) = published_paths(&["ncci-ptp-2026q3-excerpt"]) else {
        return;
    };
    let tables = open(&EditsBuild::from_paths(&paths).unwrap());
    let [table] = tables.tables() else {
        unreachable!("one table")
    };
    assert_eq!((table.name.kind, table.rows), (EditTableKind::Ptp, 154));
    let text = std::fs::read_to_string(&paths[0]).unwrap();
    let rows: Vec<Vec<&str>> = text
        .lines()
        .map(|row| row.trim_end().split('\t').collect::<Vec<_>>())
        .filter(|fields| fields.len() == 7 && fields[3].len() == 8)
        .collect();
    assert_eq!(rows.len(), 154);
    let day = |text: &str| Date::strptime("%Y%m%d", text).ok();
    let mut checked = 0;
    for row in &rows {
        let first = day(row[3]).unwrap();
        let last = day(row[4]).unwrap_or(jiff::civil::date(2026, 9, 30));
        for on in [shifted(first, -1), first, last, shifted(last, 1)] {
            if on > jiff::civil::date(2026, 9, 30) {
                continue;
            }
            // In force: a row of the pair, not of indicator 9, that began and has not ended.
            let expected = rows
                .iter()
                .filter(|other| other[..2] == row[..2] && other[5] != "9")
                .filter(|other| day(other[3]).unwrap() <= on)
                .filter(|other| day(other[4]).is_none_or(|deletion| on <= deletion))
                .count();
            let codes = [row[0], row[1]];
            assert_eq!(applies(&tables, codes, on), expected, "{row:?} on {on}");
            assert_eq!(
                applies(&tables, [row[1], row[0]], on),
                expected,
                "{row:?} on {on}"
            );
            checked += 1;
        }
    }
    eprintln!("{checked} boundary days of 154 rows");
}
