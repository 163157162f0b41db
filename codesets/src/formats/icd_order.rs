//! The order file of ICD-10-CM and of ICD-10-PCS: every header and every code,
//! in tabular order, with its titles.
//!
//! CMS describes the layout in *icd10OrderFiles.pdf*, which is in the zip with
//! the file: 1-5 order number, 7-13 code without dot, 15 whether the code is
//! billable (`1`) or a header (`0`), 17-76 short title, 78- long title.

use std::collections::HashSet;

use super::lines::{ascii, numbered};
use crate::{Code, CodeSystem, Parsed, RowError, RowProblem};

/// One row of an order file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderRow {
    /// The 1-based line of the file.
    pub line: u64,
    /// The publisher's order number.
    pub row_number: u32,
    /// The code; for ICD-10-PCS headers, the three characters of a table.
    pub code: Code,
    /// Whether the code may stand on a claim; otherwise it is a header.
    pub billable: bool,
    /// The title of at most 60 characters.
    pub short_title: String,
    /// The full title.
    pub title: String,
}

/// Reads an order file of `system`, in the file's order.
///
/// A code that stands twice is reported and its first row kept.
pub fn parse(system: CodeSystem, bytes: &[u8]) -> Parsed<OrderRow> {
    let mut parsed = Parsed::default();
    let mut seen = HashSet::new();
    for (line, row) in numbered(bytes) {
        match read_row(system, line, row) {
            Ok(row) if seen.insert(row.code.clone()) => parsed.rows.push(row),
            Ok(row) => parsed.errors.push(RowError {
                line,
                problem: RowProblem::Duplicate {
                    field: "code",
                    found: row.code.to_string(),
                },
            }),
            Err(problem) => parsed.errors.push(RowError { line, problem }),
        }
    }
    parsed
}

/// The system of the order file that begins with `head`; `None` if it is no order file.
pub fn looks_like(head: &[u8]) -> Option<CodeSystem> {
    let (_, line) = numbered(head).next()?;
    let line = ascii(line)?;
    let number = line.get(..5)?;
    let code = line.get(6..13)?.trim_end();
    let fixed = number.bytes().all(|byte| byte.is_ascii_digit())
        && line.get(5..6)? == " "
        && line.get(13..14)? == " "
        && matches!(line.get(14..15)?, "0" | "1")
        && line.get(15..16).is_none_or(|gap| gap == " ");
    if !fixed {
        return None;
    }
    // Every ICD-10-CM code begins with a letter; the PCS file begins with table `001`.
    [CodeSystem::Icd10Cm, CodeSystem::Icd10Pcs]
        .into_iter()
        .find(|system| Code::parse_stub(*system, code).is_ok())
}

fn read_row(system: CodeSystem, line: u64, row: &[u8]) -> Result<OrderRow, RowProblem> {
    let row = ascii(row).ok_or(RowProblem::Encoding { expected: "ASCII" })?;
    let columns = |field: &'static str, first: usize, last: usize| {
        row.get(first - 1..last).ok_or(RowProblem::TooShort {
            field,
            found: row.len(),
            expected: last,
        })
    };
    let number = columns("order number", 1, 5)?;
    let row_number = number
        .trim()
        .parse()
        .map_err(|_| RowProblem::field("order number", number, "five digits"))?;
    let text = columns("code", 7, 13)?;
    let code =
        Code::parse_stub(system, text).map_err(|source| RowProblem::code(text.trim(), source))?;
    let billable = match columns("billable flag", 15, 15)? {
        "0" => false,
        "1" => true,
        other => return Err(RowProblem::field("billable flag", other, "`0` or `1`")),
    };
    let short_title = columns("short title", 17, 76)?.trim().to_owned();
    columns("long title", 78, 78)?;
    let title = row.get(77..).unwrap_or_default().trim().to_owned();
    Ok(OrderRow {
        line,
        row_number,
        code,
        billable,
        short_title,
        title,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{OrderRow, looks_like, parse};
    use crate::CodeSystem;

    fn print(row: &OrderRow) -> String {
        format!(
            "{:05} {:<7} {} {:<60} {}\r\n",
            row.row_number,
            row.code.as_str(),
            u8::from(row.billable),
            row.short_title,
            row.title
        )
    }

    #[track_caller]
    fn check(system: CodeSystem, bytes: &[u8], expected: &str) {
        let parsed = parse(system, bytes);
        let mut lines: Vec<(u64, String)> = Vec::new();
        for row in &parsed.rows {
            let flag = if row.billable { "code" } else { "header" };
            lines.push((row.line, format!("{flag} {} {}", row.code, row.title)));
        }
        for error in &parsed.errors {
            lines.push((error.line, error.to_string()));
        }
        lines.sort();
        let text: Vec<String> = lines.into_iter().map(|(_, text)| text).collect();
        assert_eq!(text.join("\n"), expected);
    }

    fn row(number: &str, code: &str, flag: char, title: &str) -> String {
        format!("{number} {code:<7} {flag} {title:<60} {title}\r\n")
    }

    #[test]
    fn headers_codes_and_pcs_tables() {
        let file = row("00001", "A00", '0', "Cholera") + &row("00002", "A000", '1', "Classical");
        check(
            CodeSystem::Icd10Cm,
            file.as_bytes(),
            "header A00 Cholera\ncode A00.0 Classical",
        );
        let file = row("00001", "001", '0', "Bypass") + &row("00002", "0016070", '1', "Open");
        check(
            CodeSystem::Icd10Pcs,
            file.as_bytes(),
            "header 001 Bypass\ncode 0016070 Open",
        );
    }

    #[test]
    fn a_row_that_cannot_be_read_is_reported_with_its_line() {
        let mut file = row("00001", "A00", '2', "Cholera").into_bytes();
        file.extend(row("00002", "A000", '1', "Classical").bytes());
        file.extend(row("00002", "A000", '1', "Classical").bytes());
        file.extend(b"00003 A00\r\n\r\n\xC3\xA9\r\n");
        check(
            CodeSystem::Icd10Cm,
            &file,
            "line 1: billable flag is `2`, expected `0` or `1`\n\
             code A00.0 Classical\n\
             line 3: code `A00.0` stands twice; the first row is kept\n\
             line 4: the row has 9 characters, but code ends at column 13\n\
             line 6: the row is not ASCII text",
        );
    }

    #[test]
    fn the_system_is_seen_in_the_first_row() {
        let file = row("00001", "A00", '0', "Cholera");
        assert_eq!(looks_like(file.as_bytes()), Some(CodeSystem::Icd10Cm));
        let file = row("00001", "001", '0', "Bypass");
        assert_eq!(looks_like(file.as_bytes()), Some(CodeSystem::Icd10Pcs));
        assert_eq!(looks_like(b"A000    Classical\r\n"), None);
        assert_eq!(looks_like(b""), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            parse(CodeSystem::Icd10Cm, &bytes);
            parse(CodeSystem::Icd10Pcs, &bytes);
            looks_like(&bytes);
        }

        #[test]
        fn rows_survive_print_and_parse(
            number in 1u32..99_999,
            code in "[A-Z][0-9][0-9A-Z]{1,5}",
            billable: bool,
            short in "[A-Za-z]([ -~]{0,58}[A-Za-z])?",
            title in "[A-Za-z]([ -~]{0,90}[A-Za-z])?",
        ) {
            let line = row(&format!("{number:05}"), &code, if billable { '1' } else { '0' }, &short);
            let line = line.get(..77).unwrap_or_default().to_owned() + &title + "\r\n";
            let parsed = parse(CodeSystem::Icd10Cm, line.as_bytes());
            prop_assert_eq!(&parsed.errors, &[]);
            prop_assert_eq!(parsed.rows.iter().map(print).collect::<String>(), line);
        }
    }
}
