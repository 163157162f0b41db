//! The records of a CSV file with the lines they begin at; a quoted cell may
//! span lines. It knows no format.

use super::source_text::{TextEncoding, without_bom};
use crate::RowProblem;

/// Hands each record's line and cells to `take`, or why its text cannot be read.
pub(crate) fn read(
    bytes: &[u8],
    delimiter: u8,
    quoting: bool,
    encoding: TextEncoding,
    mut take: impl FnMut(u64, Result<Vec<String>, RowProblem>),
) {
    let bytes = without_bom(bytes);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .quoting(quoting)
        .from_reader(bytes);
    let mut lines = LineCounter {
        bytes,
        position: 0,
        line: 1,
    };
    let mut record = csv::ByteRecord::new();
    // Reading from memory, only the end stops the reader.
    while let Ok(true) = reader.read_byte_record(&mut record) {
        let line = lines.line_at(record.position().map_or(0, csv::Position::byte));
        let cells = record
            .iter()
            .map(|cell| encoding.decode(cell).map(std::borrow::Cow::into_owned))
            .collect();
        take(line, cells);
    }
}

/// Counts lines itself: the reader takes the LF of a CRLF for part of the next record.
struct LineCounter<'a> {
    bytes: &'a [u8],
    position: usize,
    line: u64,
}

impl LineCounter<'_> {
    fn line_at(&mut self, start: u64) -> u64 {
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        while let Some(byte) = self.bytes.get(self.position) {
            let before = self.position < start;
            if !before && !matches!(byte, b'\r' | b'\n') {
                break;
            }
            self.line += u64::from(*byte == b'\n');
            self.position += 1;
        }
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::formats::source_text::TextEncoding;

    #[track_caller]
    fn check(text: &str, expected: &[(u64, &[&str])]) {
        let mut found = Vec::new();
        read(
            text.as_bytes(),
            b',',
            true,
            TextEncoding::Utf8,
            |line, cells| {
                found.push((line, cells.unwrap_or_default()));
            },
        );
        let found: Vec<(u64, Vec<&str>)> = found
            .iter()
            .map(|(line, cells)| (*line, cells.iter().map(String::as_str).collect()))
            .collect();
        let expected: Vec<(u64, Vec<&str>)> = expected
            .iter()
            .map(|(line, cells)| (*line, cells.to_vec()))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn records_have_the_line_they_begin_at() {
        for end in ["\n", "\r\n"] {
            let text = ["a,b", "", "\"c", "d\",e", "f"].join(end);
            let cell = format!("c{end}d");
            check(&text, &[(1, &["a", "b"]), (3, &[&cell, "e"]), (5, &["f"])]);
        }
    }
}
