//! HCPCS Level II with named columns: the CSV file and the workbook that CMS
//! publishes beside the fixed-width one. The 48 columns are its fields; `SEQNUM`
//! has four digits instead of five, and a long description is in one cell.

use super::csv_records;
use super::hcpcs_record::{FIELDS, HcpcsRecord, Records};
use super::source_text::{TextEncoding, head_lines, is_blank};
use crate::{Parsed, RowProblem};

/// How many rows of disclaimers may stand above the header.
const MOST_DISCLAIMERS: usize = 60;

/// Whether a file's beginning is that of the CSV file.
pub fn looks_like(head: &[u8]) -> bool {
    head_lines(head, MOST_DISCLAIMERS).iter().any(|line| {
        let cells: Vec<String> = line.split(',').map(str::to_owned).collect();
        Layout::of(&cells).is_some()
    })
}

/// Reads the CSV file, in its order.
pub fn parse(bytes: &[u8]) -> Parsed<HcpcsRecord> {
    let encoding = TextEncoding::of(bytes);
    let mut sheet = Sheet::default();
    csv_records::read(bytes, b',', true, encoding, |line, cells| match cells {
        Ok(cells) => sheet.take(line, &cells),
        Err(problem) => sheet.records.report(line, problem),
    });
    sheet.finish()
}

/// Reads the rows of the workbook's sheet: disclaimers if any, the header, the records.
pub fn parse_rows(rows: &[Vec<String>]) -> Parsed<HcpcsRecord> {
    let mut sheet = Sheet::default();
    for (line, row) in (1..).zip(rows) {
        sheet.take(line, row);
    }
    sheet.finish()
}

/// Which cell holds which field.
struct Layout([Option<usize>; 48]);

impl Layout {
    fn of(header: &[String]) -> Option<Layout> {
        let plain = |name: &str| -> String {
            name.chars()
                .filter(char::is_ascii_alphanumeric)
                .map(|c| c.to_ascii_uppercase())
                .collect()
        };
        let names: Vec<String> = header.iter().map(|name| plain(name)).collect();
        let places = FIELDS.map(|field| {
            let wanted = plain(field.column);
            names.iter().position(|name| *name == wanted)
        });
        // Without these four no record can be read; a column less elsewhere is a blank field.
        let [code, sequence, kind, long, ..] = &places;
        (code.is_some() && sequence.is_some() && kind.is_some() && long.is_some())
            .then_some(Layout(places))
    }
}

#[derive(Default)]
struct Sheet {
    layout: Option<Layout>,
    rows_above: usize,
    records: Records,
}

impl Sheet {
    fn take(&mut self, line: u64, cells: &[String]) {
        if cells.iter().all(|cell| is_blank(cell)) {
            return;
        }
        let Some(Layout(places)) = &self.layout else {
            if self.rows_above < MOST_DISCLAIMERS {
                self.layout = Layout::of(cells);
                self.rows_above += 1;
            }
            return;
        };
        let fields = places.map(|place| {
            place
                .and_then(|place| cells.get(place))
                .map_or("", String::as_str)
        });
        let width = places.iter().flatten().max().map_or(0, |last| last + 1);
        if cells.len() < width {
            let found = cells.len().to_string();
            let problem = RowProblem::field("cells", &found, "as many as the header has");
            return self.records.report(line, problem);
        }
        self.records.take(line, &fields);
    }

    fn finish(mut self) -> Parsed<HcpcsRecord> {
        if self.layout.is_none() && self.rows_above > 0 {
            let expected = "HCPC, SEQNUM, RECID, LONG DESCRIPTION and the other columns";
            self.records
                .report(1, RowProblem::field("header", "", expected));
        }
        self.records.parsed
    }
}

#[cfg(test)]
#[path = "hcpcs_columns_tests.rs"]
mod tests;
