//! The list of what a release of ICD-10-CM holds: chapters, sections and every
//! complete code, one a line, without titles.
//!
//! It is the list in the release that ships with the program. The Tabular List
//! does not say which products of a code and a seventh character exist; this
//! does. A section of one category has the category's name, so that `B10` may
//! stand twice: once as the section and once as the category.

use super::lines::{ascii, numbered};
use crate::{Code, CodeSystem, Parsed, RowError, RowProblem};

/// What a line names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListEntry {
    /// A chapter: `1`.
    Chapter(u8),
    /// A section: `A00-A09`.
    Section(String),
    /// A category, a subcategory or a code; or a section of one category.
    Code(Code),
}

/// One line of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListRow {
    /// The 1-based line of the file.
    pub line: u64,
    /// What it names.
    pub entry: ListEntry,
}

/// Reads the list, in the file's order.
pub fn parse(bytes: &[u8]) -> Parsed<ListRow> {
    let mut parsed = Parsed::default();
    for (line, row) in numbered(bytes) {
        match read_entry(row) {
            Ok(entry) => parsed.rows.push(ListRow { line, entry }),
            Err(problem) => parsed.errors.push(RowError { line, problem }),
        }
    }
    parsed
}

/// Whether a file that begins with `head` is such a list: chapter, section, code.
pub fn looks_like(head: &[u8]) -> bool {
    let mut entries = numbered(head).take(3).map(|(_, row)| read_entry(row));
    let chapter = matches!(entries.next(), Some(Ok(ListEntry::Chapter(_))));
    let section = matches!(entries.next(), Some(Ok(ListEntry::Section(_))));
    let code = matches!(entries.next(), Some(Ok(ListEntry::Code(_))));
    chapter && section && code
}

fn read_entry(row: &[u8]) -> Result<ListEntry, RowProblem> {
    let text = ascii(row)
        .ok_or(RowProblem::Encoding { expected: "ASCII" })?
        .trim();
    if let Ok(chapter) = text.parse() {
        return Ok(ListEntry::Chapter(chapter));
    }
    let code = |text: &str| {
        Code::parse(CodeSystem::Icd10Cm, text).map_err(|source| RowProblem::code(text, source))
    };
    match text.split_once('-') {
        Some((first, last)) => {
            let (first, last) = (code(first)?, code(last)?);
            Ok(ListEntry::Section(format!(
                "{}-{}",
                first.as_str(),
                last.as_str()
            )))
        }
        None => Ok(ListEntry::Code(code(text)?)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{ListEntry, looks_like, parse};

    #[test]
    fn chapters_sections_and_codes() {
        let parsed = parse(b"1\r\nA00-A09\r\nA00\r\nS52501A\r\nnot a code\r\n");
        let rows: Vec<String> = parsed
            .rows
            .iter()
            .map(|row| match &row.entry {
                ListEntry::Chapter(number) => format!("chapter {number}"),
                ListEntry::Section(id) => format!("section {id}"),
                ListEntry::Code(code) => code.to_string(),
            })
            .collect();
        assert_eq!(rows, ["chapter 1", "section A00-A09", "A00", "S52.501A"]);
        let lines: Vec<u64> = parsed.errors.iter().map(|error| error.line).collect();
        assert_eq!(lines, [5]);
    }

    #[test]
    fn it_knows_its_own_files() {
        assert!(looks_like(b"1\r\nA00-A09\r\nA00\r\nA000"));
        assert!(!looks_like(b"1\r\n2\r\nA00\r\n"));
        assert!(!looks_like(b"A000    Cholera\r\n"));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            parse(&bytes);
            looks_like(&bytes);
        }

        #[test]
        fn every_line_is_a_row_or_an_error(text in "([A-Z0-9-]{1,9}\r\n){0,9}") {
            let parsed = parse(text.as_bytes());
            prop_assert_eq!(parsed.rows.len() + parsed.errors.len(), text.lines().count());
        }
    }
}
