//! A table whose layout is declared beside it: a charge master, a national
//! modification or any list of codes and titles, as CSV, TSV, fixed columns or
//! the rows of a workbook, without a line of Rust.
//!
//! The description is plain data; whoever reads the declaration (a `table.toml`)
//! fills it in. It decides what a column is, so nothing is guessed here.

use std::collections::HashSet;

use jiff::civil::Date;

use super::csv_records;
pub use super::source_text::TextEncoding;
use super::source_text::{Columns, filled, is_blank, lines};
pub use super::table_description::{
    DayFormat, DescriptionError, TableColumn, TableColumns, TableDescription, TableLayout,
};
use crate::{Code, Parsed, RowError, RowProblem};

/// A row of a declared table. What is blank in the table is absent here.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DeclaredRow {
    /// The 1-based line of the file, or row of the sheet.
    pub line: u64,
    /// The code, as the table prints it.
    pub code: String,
    /// The title.
    pub title: String,
    /// The short title.
    pub short_title: Option<String>,
    /// The first day in force.
    pub first_day: Option<Date>,
    /// The last day in force.
    pub last_day: Option<Date>,
    /// The code above, as the table prints it.
    pub parent: Option<String>,
    /// Whether the code may be reported, where the table says.
    pub billable: Option<bool>,
}

/// Reads a table in the way described; a description that describes none is the one error.
pub fn parse(description: &TableDescription, bytes: &[u8]) -> Parsed<DeclaredRow> {
    let mut table = Table::new(description);
    match description.layout {
        _ if table.unreadable => {}
        TableLayout::Fixed => {
            for (line, raw) in lines(bytes).skip(description.lines_above) {
                match description.encoding.decode(raw) {
                    Ok(text) if is_blank(&text) => {}
                    Ok(text) => {
                        let columns = Columns::new(&text);
                        table.take(line, |column| match column {
                            TableColumn::Span { first, last } => columns.field(*first, *last),
                            TableColumn::Name(_) | TableColumn::Number(_) => "",
                        });
                    }
                    Err(problem) => table.report(line, problem),
                }
            }
        }
        TableLayout::Delimited {
            delimiter, quoted, ..
        } => {
            let (above, body) = split_lines(bytes, description.lines_above);
            let encoding = description.encoding;
            csv_records::read(
                body,
                delimiter,
                quoted,
                encoding,
                |line, cells| match cells {
                    Ok(cells) => table.take_cells(above.saturating_add(line), &cells),
                    Err(problem) => table.report(above.saturating_add(line), problem),
                },
            );
        }
    }
    table.parsed
}

/// Reads the rows of a workbook's sheet in the way described, as a delimited table.
pub fn parse_rows(description: &TableDescription, rows: &[Vec<String>]) -> Parsed<DeclaredRow> {
    let mut table = Table::new(description);
    if !table.unreadable {
        for (line, row) in (1..).zip(rows).skip(description.lines_above) {
            table.take_cells(line, row);
        }
    }
    table.parsed
}

/// How many lines were passed over, at most `count`, and what is below them.
fn split_lines(bytes: &[u8], count: usize) -> (u64, &[u8]) {
    let (mut above, mut body) = (0, bytes);
    for _ in 0..count {
        let Some(end) = body.iter().position(|byte| *byte == b'\n') else {
            return (above, &[]);
        };
        body = body.get(end + 1..).unwrap_or(&[]);
        above += 1;
    }
    (above, body)
}

struct Table<'a> {
    description: &'a TableDescription,
    unreadable: bool,
    /// The names of the description and where the header has them, once it has been read.
    named: Option<Vec<(String, usize)>>,
    /// A code may stand several times, with different first days.
    seen: HashSet<(String, Option<Date>)>,
    parsed: Parsed<DeclaredRow>,
}

impl<'a> Table<'a> {
    fn new(description: &'a TableDescription) -> Table<'a> {
        let mut table = Table {
            description,
            unreadable: false,
            named: None,
            seen: HashSet::new(),
            parsed: Parsed::default(),
        };
        if let Err(error) = description.check() {
            table.unreadable = true;
            let expected = "one that fits the table";
            let problem = RowProblem::field("description", &error.to_string(), expected);
            table.report(1, problem);
        }
        table
    }

    fn report(&mut self, line: u64, problem: RowProblem) {
        self.parsed.errors.push(RowError { line, problem });
    }

    fn take_cells(&mut self, line: u64, cells: &[String]) {
        if self.unreadable || cells.iter().all(|cell| is_blank(cell)) {
            return;
        }
        let has_header = matches!(
            self.description.layout,
            TableLayout::Delimited { header: true, .. }
        );
        let Some(named) = self.named.take().or_else(|| (!has_header).then(Vec::new)) else {
            return self.take_header(line, cells);
        };
        self.take(line, |column| {
            let place = match column {
                TableColumn::Number(number) => number.checked_sub(1),
                TableColumn::Name(name) => {
                    let mut places = named.iter();
                    places.find_map(|(named, place)| (named == name).then_some(*place))
                }
                TableColumn::Span { .. } => None,
            };
            place
                .and_then(|place| cells.get(place))
                .map_or("", String::as_str)
        });
        self.named = Some(named);
    }

    fn take_header(&mut self, line: u64, cells: &[String]) {
        let mut named = Vec::new();
        for (_, column) in self.description.fields() {
            let TableColumn::Name(name) = column else {
                continue;
            };
            let plain = |cell: &str| cell.trim().eq_ignore_ascii_case(name.trim());
            match cells.iter().position(|cell| plain(cell)) {
                Some(place) => named.push((name.clone(), place)),
                None => {
                    self.unreadable = true;
                    let expected = "a column that the header has";
                    self.report(line, RowProblem::field("column", name, expected));
                }
            }
        }
        self.named = Some(named);
    }

    fn take<'t>(&mut self, line: u64, cell: impl Fn(&TableColumn) -> &'t str) {
        let row = read_row(self.description, line, cell).and_then(|row| {
            if self.seen.insert((row.code.clone(), row.first_day)) {
                return Ok(row);
            }
            Err(RowProblem::Duplicate {
                field: "code",
                found: row.code.chars().take(60).collect(),
            })
        });
        match row {
            Ok(row) => self.parsed.rows.push(row),
            Err(problem) => self.report(line, problem),
        }
    }
}

fn read_row<'t>(
    description: &TableDescription,
    line: u64,
    cell: impl Fn(&TableColumn) -> &'t str,
) -> Result<DeclaredRow, RowProblem> {
    let columns = &description.columns;
    let optional = |column: &Option<TableColumn>| column.as_ref().and_then(|c| filled(cell(c)));
    let day = |field: &'static str, column: &Option<TableColumn>| match optional(column) {
        None => Ok(None),
        Some(text) => description
            .day_format
            .read(&text)
            .map(Some)
            .ok_or_else(|| RowProblem::field(field, &text, description.day_format.sample())),
    };
    let code = |field: &'static str, text: String| match description.system {
        None if text.len() <= 60 => Ok(text),
        None => Err(RowProblem::field(field, &text, "at most 60 bytes")),
        Some(system) => match Code::parse(system, &text) {
            Ok(_) => Ok(text),
            Err(source) => Err(RowProblem::code(&text, source)),
        },
    };
    let missing = |field: &'static str| RowProblem::field(field, "", "something");
    let first_day = day("first day", &columns.first_day)?;
    let last_day = day("last day", &columns.last_day)?;
    if let (Some(first), Some(last)) = (first_day, last_day)
        && last < first
    {
        let expected = "a day no earlier than the first day";
        return Err(RowProblem::field("last day", &last.to_string(), expected));
    }
    let billable = optional(&columns.billable).map(|text| {
        let values = description.billable_values.iter();
        values
            .into_iter()
            .any(|value| value.eq_ignore_ascii_case(&text))
    });
    Ok(DeclaredRow {
        line,
        code: code(
            "code",
            filled(cell(&columns.code)).ok_or_else(|| missing("code"))?,
        )?,
        title: filled(cell(&columns.title)).ok_or_else(|| missing("title"))?,
        short_title: optional(&columns.short_title),
        first_day,
        last_day,
        parent: optional(&columns.parent)
            .map(|text| code("parent", text))
            .transpose()?,
        billable,
    })
}

#[cfg(test)]
#[path = "declared_table_tests.rs"]
mod tests;
