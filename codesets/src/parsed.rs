//! What a parser returns: every row it could read, every row it could not.

use crate::CodeError;

/// The rows of a publisher's file, and the rows that could not be read.
///
/// Nothing is dropped: each line that holds data is in `rows` or in `errors`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed<T> {
    /// What could be read, in the file's order.
    pub rows: Vec<T>,
    /// What could not, in the file's order.
    pub errors: Vec<RowError>,
}

impl<T> Default for Parsed<T> {
    fn default() -> Parsed<T> {
        Parsed {
            rows: Vec::new(),
            errors: Vec::new(),
        }
    }
}

/// A row that could not be read, or was read only in part.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct RowError {
    /// The 1-based line of the file (of the sheet, for a workbook).
    pub line: u64,
    /// What was found there.
    pub problem: RowProblem,
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RowProblem {
    /// The row ends before a field that it must have.
    #[error("the row has {found} characters, but {field} ends at column {expected}")]
    TooShort {
        /// The field that is missing or cut.
        field: &'static str,
        /// How many characters the row has.
        found: usize,
        /// The 1-based column at which the field ends.
        expected: usize,
    },
    /// A field holds something other than its format allows.
    #[error("{field} is `{found}`, expected {expected}")]
    Field {
        /// The field.
        field: &'static str,
        /// What it holds, cut to 60 characters.
        found: String,
        /// What it should hold.
        expected: &'static str,
    },
    /// The code field is not a code of the file's system.
    #[error("`{found}` is not a code: {source}")]
    Code {
        /// What stands in the field, cut to 60 characters.
        found: String,
        /// Why it is not a code.
        source: CodeError,
    },
    /// Two rows say the same key.
    #[error("{field} `{found}` stands twice; the first row is kept")]
    Duplicate {
        /// The key's name.
        field: &'static str,
        /// The key.
        found: String,
    },
    /// The row has bytes that are not text in the file's encoding.
    #[error("the row is not {expected} text")]
    Encoding {
        /// The encoding the format prescribes.
        expected: &'static str,
    },
    /// The XML is not well formed, or ends too early.
    #[error("the XML cannot be read further: {reason}")]
    Xml {
        /// What the XML reader says.
        reason: String,
    },
    /// An element the format does not have, or not here.
    #[error("element `{found}` in `{parent}` is not part of the format; its text was skipped")]
    Element {
        /// The element's name.
        found: String,
        /// The element it stands in.
        parent: String,
    },
}

impl RowProblem {
    /// The problem that `field` holds `found` where `expected` should stand.
    pub fn field(field: &'static str, found: &str, expected: &'static str) -> RowProblem {
        RowProblem::Field {
            field,
            found: clip(found),
            expected,
        }
    }

    /// The problem that `found` is not a code.
    pub fn code(found: &str, source: CodeError) -> RowProblem {
        RowProblem::Code {
            found: clip(found),
            source,
        }
    }
}

/// The first 60 characters: enough to recognise a row, too few to flood a report.
fn clip(text: &str) -> String {
    text.chars().take(60).collect()
}
