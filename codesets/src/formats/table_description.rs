//! What a declaration says of a table: plain data, and whether it fits together.

use jiff::civil::Date;

use super::source_text::{TextEncoding, compact_day, day_of};
use crate::CodeSystem;

/// How a table is laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableDescription {
    /// The system whose codes the table holds; `None` for codes of one's own, of which any text will do.
    pub system: Option<CodeSystem>,
    /// The encoding.
    pub encoding: TextEncoding,
    /// How many lines (rows, of a sheet) stand above the table or its header.
    pub lines_above: usize,
    /// How the columns are divided.
    pub layout: TableLayout,
    /// Where each field stands.
    pub columns: TableColumns,
    /// How days are written.
    pub day_format: DayFormat,
    /// The texts that mean "billable", any case; other texts mean "not".
    pub billable_values: Vec<String>,
}

/// How the columns of a table are divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableLayout {
    /// By a character; a workbook's rows are read as this, too.
    Delimited {
        /// The character: `,`, a tab, `;`, `|`.
        delimiter: u8,
        /// Whether cells may stand in double quotes, which then may hold delimiters and line ends.
        quoted: bool,
        /// Whether the first row names the columns.
        header: bool,
    },
    /// By position, counted in characters.
    Fixed,
}

/// Where a field stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TableColumn {
    /// In the column that the header names so, any case.
    Name(String),
    /// In the column of that number, from 1.
    Number(usize),
    /// From one character to another, both included, from 1.
    Span {
        /// The first character.
        first: usize,
        /// The last character.
        last: usize,
    },
}

/// Where each field of a row stands; `None` where the table has no such field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableColumns {
    /// The code.
    pub code: TableColumn,
    /// The title.
    pub title: TableColumn,
    /// The short title.
    pub short_title: Option<TableColumn>,
    /// The first day in force.
    pub first_day: Option<TableColumn>,
    /// The last day in force.
    pub last_day: Option<TableColumn>,
    /// The code above.
    pub parent: Option<TableColumn>,
    /// Whether the code may be reported.
    pub billable: Option<TableColumn>,
}

/// How days are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DayFormat {
    /// `2031-01-31`.
    Iso,
    /// `20310131`.
    Compact,
    /// `01/31/2031`.
    MonthDayYear,
    /// `31.01.2031`.
    DayMonthYear,
}

/// Why a description describes no table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DescriptionError {
    /// A table of fixed columns has a column by name or number.
    #[error("the table has fixed columns, so the {field} needs its first and last character")]
    NeedsSpan {
        /// The field.
        field: &'static str,
    },
    /// A delimited table has a column by characters.
    #[error("the table is delimited, so the {field} needs a column's name or number")]
    NeedsColumn {
        /// The field.
        field: &'static str,
    },
    /// A column has a name in a table without a header.
    #[error("the table has no header, so the {field} needs a column's number")]
    NeedsNumber {
        /// The field.
        field: &'static str,
    },
    /// Columns and characters are counted from 1, and a span ends where it begins or later.
    #[error("the {field} stands nowhere: count from 1, and end no earlier than you begin")]
    Nowhere {
        /// The field.
        field: &'static str,
    },
    /// The delimiter could not be told from text.
    #[error(
        "the delimiter must be a character of ASCII other than a quote, a letter, a digit or a line's end"
    )]
    Delimiter,
}

impl TableDescription {
    /// Whether the description describes a table.
    ///
    /// # Errors
    /// When a column is given in a way that the layout does not have.
    pub fn check(&self) -> Result<(), DescriptionError> {
        if let TableLayout::Delimited { delimiter, .. } = self.layout
            && (!delimiter.is_ascii()
                || delimiter.is_ascii_alphanumeric()
                || matches!(delimiter, b'"' | b'\r' | b'\n'))
        {
            return Err(DescriptionError::Delimiter);
        }
        for (field, column) in self.fields() {
            match (self.layout, column) {
                (TableLayout::Fixed, TableColumn::Span { first, last }) => {
                    if *first == 0 || last < first {
                        return Err(DescriptionError::Nowhere { field });
                    }
                }
                (TableLayout::Fixed, _) => return Err(DescriptionError::NeedsSpan { field }),
                (_, TableColumn::Span { .. }) => {
                    return Err(DescriptionError::NeedsColumn { field });
                }
                (_, TableColumn::Number(0)) => return Err(DescriptionError::Nowhere { field }),
                (TableLayout::Delimited { header: false, .. }, TableColumn::Name(_)) => {
                    return Err(DescriptionError::NeedsNumber { field });
                }
                (TableLayout::Delimited { .. }, _) => {}
            }
        }
        Ok(())
    }

    /// The fields that the table has, with their names for messages.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&'static str, &TableColumn)> {
        let columns = &self.columns;
        [("code", &columns.code), ("title", &columns.title)]
            .into_iter()
            .chain(
                [
                    ("short title", &columns.short_title),
                    ("first day", &columns.first_day),
                    ("last day", &columns.last_day),
                    ("parent", &columns.parent),
                    ("billable", &columns.billable),
                ]
                .into_iter()
                .filter_map(|(field, column)| Some((field, column.as_ref()?))),
            )
    }
}

impl DayFormat {
    /// Reads a day.
    pub fn read(self, text: &str) -> Option<Date> {
        let parts = |divider: char| {
            let mut parts = text.splitn(3, divider);
            Some((parts.next()?, parts.next()?, parts.next()?))
        };
        match self {
            DayFormat::Compact => compact_day(text),
            DayFormat::Iso => parts('-').and_then(|(year, month, day)| day_of(year, month, day)),
            DayFormat::MonthDayYear => {
                parts('/').and_then(|(month, day, year)| day_of(year, month, day))
            }
            DayFormat::DayMonthYear => {
                parts('.').and_then(|(day, month, year)| day_of(year, month, day))
            }
        }
    }

    /// What a day looks like, for messages.
    pub const fn sample(self) -> &'static str {
        match self {
            DayFormat::Iso => "a day like 2031-01-31",
            DayFormat::Compact => "a day like 20310131",
            DayFormat::MonthDayYear => "a day like 01/31/2031",
            DayFormat::DayMonthYear => "a day like 31.01.2031",
        }
    }
}
