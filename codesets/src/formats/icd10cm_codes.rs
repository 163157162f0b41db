//! The codes file of ICD-10-CM: the billable codes with their long titles.
//!
//! CMS describes the layout in *icd10cmCodesFile.pdf*: the code without dot,
//! padded to seven characters, a blank, the title.

use std::collections::HashSet;

use super::lines::{ascii, numbered};
use crate::{Code, CodeSystem, Parsed, RowError, RowProblem};

/// One billable code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodesRow {
    /// The 1-based line of the file.
    pub line: u64,
    /// The code.
    pub code: Code,
    /// Its long title.
    pub title: String,
}

/// Reads a codes file, in the file's order.
///
/// A code that stands twice is reported and its first row kept.
pub fn parse(bytes: &[u8]) -> Parsed<CodesRow> {
    let mut parsed = Parsed::default();
    let mut seen = HashSet::new();
    for (line, row) in numbered(bytes) {
        match read_row(line, row) {
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

/// Whether a file that begins with `head` is a codes file.
///
/// The General Equivalence Mappings begin like it, with numbers where the title is.
pub fn looks_like(head: &[u8]) -> bool {
    let Some((line, row)) = numbered(head).next() else {
        return false;
    };
    read_row(line, row).is_ok_and(|row| row.title.chars().any(|c| c.is_ascii_lowercase()))
}

fn read_row(line: u64, row: &[u8]) -> Result<CodesRow, RowProblem> {
    let row = ascii(row).ok_or(RowProblem::Encoding { expected: "ASCII" })?;
    let (Some(text), Some(gap), Some(title)) = (row.get(..7), row.get(7..8), row.get(8..)) else {
        return Err(RowProblem::TooShort {
            field: "code",
            found: row.len(),
            expected: 8,
        });
    };
    let code = Code::parse(CodeSystem::Icd10Cm, text)
        .map_err(|source| RowProblem::code(text.trim(), source))?;
    if gap != " " {
        return Err(RowProblem::field("column 8", gap, "a blank"));
    }
    let title = title.trim();
    if title.is_empty() {
        return Err(RowProblem::field("title", title, "the code's title"));
    }
    Ok(CodesRow {
        line,
        code,
        title: title.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{looks_like, parse};

    #[test]
    fn codes_and_what_cannot_be_read() {
        let parsed =
            parse(b"A000    Classical cholera\r\nA001\r\n1234567 Title\r\nA000    Again\r\n");
        let rows: Vec<String> = parsed
            .rows
            .iter()
            .map(|row| format!("{} {}", row.code, row.title))
            .collect();
        assert_eq!(rows, ["A00.0 Classical cholera"]);
        let lines: Vec<u64> = parsed.errors.iter().map(|error| error.line).collect();
        assert_eq!(lines, [2, 3, 4]);
    }

    #[test]
    fn it_knows_its_own_files() {
        assert!(looks_like(b"A000    Classical cholera\r\n"));
        assert!(!looks_like(b"A000    0010  00000\r\n"));
        assert!(!looks_like(b"00001 A00     0 Cholera"));
        assert!(!looks_like(b"A000\r\n"));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            parse(&bytes);
            looks_like(&bytes);
        }

        #[test]
        fn every_line_is_a_row_or_an_error(text in "([A-Z0-9 ]{0,9}[ -~]{0,9}[a-z]\r\n){0,9}") {
            let parsed = parse(text.as_bytes());
            prop_assert_eq!(parsed.rows.len() + parsed.errors.len(), text.lines().count());
        }
    }
}
