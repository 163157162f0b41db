//! Tables of every layout that can be declared, invented, and their damage.

use super::{
    DayFormat, DescriptionError, TableColumn, TableColumns, TableDescription, TableLayout,
    TextEncoding, parse, parse_rows,
};
use crate::CodeSystem;
use crate::formats::damage;
use proptest::prelude::*;

fn name(name: &str) -> TableColumn {
    TableColumn::Name(name.to_owned())
}

fn columns(code: TableColumn, title: TableColumn) -> TableColumns {
    TableColumns {
        code,
        title,
        short_title: None,
        first_day: None,
        last_day: None,
        parent: None,
        billable: None,
    }
}

/// A charge master: semicolons, a line above the header, quotes.
fn charge_master() -> TableDescription {
    TableDescription {
        system: None,
        encoding: TextEncoding::Windows1252,
        lines_above: 1,
        layout: TableLayout::Delimited {
            delimiter: b';',
            quoted: true,
            header: true,
        },
        columns: TableColumns {
            short_title: Some(name("short")),
            first_day: Some(name("from")),
            last_day: Some(name("to")),
            parent: Some(name("group")),
            billable: Some(name("bill")),
            ..columns(name("item"), name("description"))
        },
        day_format: DayFormat::DayMonthYear,
        billable_values: vec!["y".to_owned()],
    }
}

const CHARGES: &[u8] = b"Charges of the invented hospital\r\n\
    Item;Description;Short;Bill;From;To;Group\r\n\
    W-1;\"Wing splint; caf\xe9\";Splint;Y;01.01.2031;31.12.2031;W\r\n\
    W-1;Wing splint, new;;n;01.01.2032;;W\r\n";

fn said(parsed: &crate::Parsed<super::DeclaredRow>) -> Vec<String> {
    let day = |day: Option<jiff::civil::Date>| day.map_or("-".to_owned(), |day| day.to_string());
    parsed
        .rows
        .iter()
        .map(|row| {
            format!(
                "{}: {} {} {} {:?} {:?} {:?} {:?}",
                row.line,
                row.code,
                day(row.first_day),
                day(row.last_day),
                row.title,
                row.short_title,
                row.parent,
                row.billable
            )
        })
        .collect()
}

#[test]
fn a_delimited_table_is_read_by_its_header() {
    let parsed = parse(&charge_master(), CHARGES);
    assert_eq!(parsed.errors, []);
    assert_eq!(
        said(&parsed),
        [
            "3: W-1 2031-01-01 2031-12-31 \"Wing splint; café\" Some(\"Splint\") Some(\"W\") Some(true)",
            "4: W-1 2032-01-01 - \"Wing splint, new\" None Some(\"W\") Some(false)",
        ]
    );
}

#[test]
fn a_sheet_is_read_like_a_delimited_table() {
    let sheet: Vec<Vec<String>> = [
        "Charges",
        "Item|Description|Short|Bill|From|To|Group",
        "W-2|Feather|||||",
    ]
    .iter()
    .map(|row| row.split('|').map(str::to_owned).collect())
    .collect();
    let parsed = parse_rows(&charge_master(), &sheet);
    assert_eq!(parsed.errors, []);
    assert_eq!(said(&parsed), ["3: W-2 - - \"Feather\" None None None"]);
}

/// A national modification in fixed columns.
fn fixed() -> TableDescription {
    TableDescription {
        system: Some(CodeSystem::Icd10Who),
        encoding: TextEncoding::Utf8,
        lines_above: 0,
        layout: TableLayout::Fixed,
        columns: columns(
            TableColumn::Span { first: 1, last: 6 },
            TableColumn::Span { first: 8, last: 40 },
        ),
        day_format: DayFormat::Compact,
        billable_values: Vec::new(),
    }
}

const FIXED: &str = "Q99.1  Bent wing, è\nQ99.11 Bent wing, left\n";

#[test]
fn a_fixed_table_is_read_by_characters() {
    let parsed = parse(&fixed(), FIXED.as_bytes());
    assert_eq!(parsed.errors, []);
    assert_eq!(
        said(&parsed),
        [
            "1: Q99.1 - - \"Bent wing, è\" None None None",
            "2: Q99.11 - - \"Bent wing, left\" None None None",
        ]
    );
}

#[track_caller]
fn check_error(description: &TableDescription, bytes: &[u8], expected: &[&str]) {
    let said: Vec<String> = parse(description, bytes)
        .errors
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(said, expected);
}

#[test]
fn what_does_not_fit_is_reported() {
    check_error(
        &fixed(),
        b"Q991   A\nQQ     B\nQ991   C\nQ992",
        &[
            "line 2: `QQ` is not a code: the code has 2 characters, but ICD-10 codes have 3 to 6",
            "line 3: code `Q991` stands twice; the first row is kept",
            "line 4: title is ``, expected something",
        ],
    );
    check_error(
        &charge_master(),
        b"\nItem;Text;Short;Bill;From;To;Group\nW;x;;;;;\n",
        &["line 2: column is `description`, expected a column that the header has"],
    );
    check_error(
        &charge_master(),
        b"\nItem;Description;Short;Bill;From;To;Group\nW;x;;;2031-01-01;;\nV;x;;;02.01.2031;01.01.2031;\n",
        &[
            "line 3: first day is `2031-01-01`, expected a day like 31.01.2031",
            "line 4: last day is `2031-01-01`, expected a day no earlier than the first day",
        ],
    );
}

#[test]
fn a_description_must_fit_its_layout() {
    let mut description = fixed();
    description.columns.title = name("title");
    let field = "title";
    assert_eq!(
        description.check(),
        Err(DescriptionError::NeedsSpan { field })
    );
    assert_eq!(parse(&description, FIXED.as_bytes()).errors.len(), 1);
    let mut description = charge_master();
    description.columns.title = TableColumn::Number(0);
    assert_eq!(
        description.check(),
        Err(DescriptionError::Nowhere { field })
    );
    description.layout = TableLayout::Delimited {
        delimiter: b'"',
        quoted: true,
        header: false,
    };
    assert_eq!(description.check(), Err(DescriptionError::Delimiter));
}

#[test]
fn damage_never_panics() {
    damage::check(CHARGES, |bytes| {
        let parsed = parse(&charge_master(), bytes);
        parsed.rows.len() + parsed.errors.len()
    });
    damage::check(FIXED.as_bytes(), |bytes| {
        let parsed = parse(&fixed(), bytes);
        parsed.rows.len() + parsed.errors.len()
    });
}

proptest! {
    #[test]
    fn a_written_table_reads_back(
        titles in proptest::collection::vec("[a-zA-Zé\",;\n]{0,12}[a-z]", 1..20)
    ) {
        let mut text = "above\nItem;Description;Short;Bill;From;To;Group\n".to_owned();
        for (number, title) in titles.iter().enumerate() {
            text += &format!("{number};\"{}\";;;;;\n", title.replace('"', "\"\""));
        }
        let description = TableDescription { encoding: TextEncoding::Utf8, ..charge_master() };
        let parsed = parse(&description, text.as_bytes());
        prop_assert_eq!(parsed.errors, []);
        let read: Vec<String> = parsed.rows.into_iter().map(|row| row.title).collect();
        let written: Vec<&str> = titles.iter().map(|title| title.trim()).collect();
        prop_assert_eq!(read, written);
    }
}
