//! What the line-oriented formats share: lines with their numbers, encodings,
//! fixed columns, delimited cells and days. It knows no format.

use std::borrow::Cow;

use jiff::civil::Date;

use crate::RowProblem;

/// The encodings in which publishers' text files come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TextEncoding {
    /// UTF-8, with or without a byte-order mark; ASCII is a part of it.
    Utf8,
    /// Windows code page 1252. ISO 8859-1 (latin-1) text reads the same, but for its control codes.
    Windows1252,
}

impl TextEncoding {
    /// The encoding of `bytes`: UTF-8 where they are UTF-8, else code page 1252.
    pub(crate) fn of(bytes: &[u8]) -> TextEncoding {
        if std::str::from_utf8(bytes).is_ok() {
            TextEncoding::Utf8
        } else {
            TextEncoding::Windows1252
        }
    }

    /// The text of one line; every byte is a character of code page 1252, so only UTF-8 can fail.
    pub(crate) fn decode(self, line: &[u8]) -> Result<Cow<'_, str>, RowProblem> {
        match self {
            TextEncoding::Utf8 => std::str::from_utf8(line)
                .map(Cow::Borrowed)
                .map_err(|_| RowProblem::Encoding { expected: "UTF-8" }),
            TextEncoding::Windows1252 if line.is_ascii() => Ok(String::from_utf8_lossy(line)),
            TextEncoding::Windows1252 => Ok(line.iter().map(|&byte| windows1252(byte)).collect()),
        }
    }
}

/// The character that `byte` stands for; the five unassigned bytes are control codes (WHATWG).
fn windows1252(byte: u8) -> char {
    const HIGH_CONTROLS: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
        '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}',
        'ž', 'Ÿ',
    ];
    byte.checked_sub(0x80)
        .and_then(|index| HIGH_CONTROLS.get(usize::from(index)).copied())
        .unwrap_or(char::from(byte))
}

/// The bytes without a UTF-8 byte-order mark.
pub(crate) fn without_bom(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// The lines of a file with their 1-based numbers, without their ends (LF or CRLF).
pub(crate) fn lines(bytes: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    let bytes = without_bom(bytes);
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    (1..)
        .zip(bytes.split(|&byte| byte == b'\n'))
        .map(|(number, line)| (number, line.strip_suffix(b"\r").unwrap_or(line)))
}

/// The first whole lines of a file's beginning, for recognising it by content.
pub(crate) fn head_lines(head: &[u8], count: usize) -> Vec<String> {
    const ENOUGH_BYTES: usize = 64 * 1024;
    let head = head.get(..ENOUGH_BYTES).unwrap_or(head);
    // A head usually ends within a line, and half a line misleads.
    let whole = match head.iter().rposition(|&byte| byte == b'\n') {
        Some(end) => head.get(..end).unwrap_or(head),
        None => head,
    };
    lines(whole)
        .take(count)
        .map(|(_, line)| String::from_utf8_lossy(line).into_owned())
        .collect()
}

/// Whether a line holds nothing but white space (publishers pad with tabs and no-break spaces).
pub(crate) fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// A line of fixed columns, counted in characters from 1 as record layouts count them.
pub(crate) struct Columns<'a> {
    text: &'a str,
    /// Where each character begins; empty for ASCII, where a character is a byte.
    starts: Vec<usize>,
}

impl<'a> Columns<'a> {
    pub(crate) fn new(text: &'a str) -> Columns<'a> {
        let starts = if text.is_ascii() {
            Vec::new()
        } else {
            text.char_indices().map(|(start, _)| start).collect()
        };
        Columns { text, starts }
    }

    /// How many characters the line has.
    pub(crate) fn len(&self) -> usize {
        if self.starts.is_empty() {
            self.text.len()
        } else {
            self.starts.len()
        }
    }

    fn offset(&self, column: usize) -> usize {
        let index = column.saturating_sub(1);
        if self.starts.is_empty() {
            index.min(self.text.len())
        } else {
            self.starts.get(index).copied().unwrap_or(self.text.len())
        }
    }

    /// Columns `first` to `last`, both included, cut where the line ends.
    pub(crate) fn field(&self, first: usize, last: usize) -> &'a str {
        self.text
            .get(self.offset(first)..self.offset(last.saturating_add(1)))
            .unwrap_or("")
    }

    /// Everything from column `first` on.
    pub(crate) fn rest(&self, first: usize) -> &'a str {
        self.text.get(self.offset(first)..).unwrap_or("")
    }
}

/// The most cells that a line is divided into; publishers' tables have up to 48.
const MOST_CELLS: usize = 1_024;

/// The cells of one line of a delimited file.
///
/// A cell that begins with a double quote ends at the next lone one, and two
/// stand for one inside it; a quote elsewhere is a character like any other.
/// A quote left open ends with the line, so that damage stays in its line.
/// Whatever follows the 1,024th delimiter is one cell.
pub(crate) fn cells(line: &str, delimiter: char) -> Vec<String> {
    let mut cells = Vec::new();
    let mut rest = line;
    while cells.len() < MOST_CELLS {
        if let Some(quoted) = rest.strip_prefix('"') {
            let (cell, after) = quoted_cell(quoted);
            let (tail, next) = match after.split_once(delimiter) {
                Some((tail, next)) => (tail, Some(next)),
                None => (after, None),
            };
            cells.push(cell + tail);
            match next {
                Some(next) => rest = next,
                None => return cells,
            }
        } else if let Some((cell, next)) = rest.split_once(delimiter) {
            cells.push(cell.to_owned());
            rest = next;
        } else {
            break;
        }
    }
    cells.push(rest.to_owned());
    cells
}

fn quoted_cell(text: &str) -> (String, &str) {
    let mut cell = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('"') {
        cell.push_str(before);
        match after.strip_prefix('"') {
            Some(after) => {
                cell.push('"');
                rest = after;
            }
            None => return (cell, after),
        }
    }
    cell.push_str(rest);
    (cell, "")
}

/// Reads a day written `YYYYMMDD`, as CMS and OMOP write days.
pub(crate) fn compact_day(text: &str) -> Option<Date> {
    if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    day_of(text.get(..4)?, text.get(4..6)?, text.get(6..)?)
}

/// The day of a year, a month and a day written in digits.
pub(crate) fn day_of(year: &str, month: &str, day: &str) -> Option<Date> {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !(digits(year) && digits(month) && digits(day)) {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// The text in trimmed form, or nothing where it is blank.
pub(crate) fn filled(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Columns, TextEncoding, cells, compact_day, lines};

    #[test]
    fn lines_are_numbered_and_lose_their_ends_and_the_byte_order_mark() {
        let found: Vec<_> = lines(b"\xef\xbb\xbfa\r\n\nb\n").collect();
        assert_eq!(
            found,
            [(1, &b"a"[..]), (2, &b""[..]), (3, &b"b"[..])].to_vec()
        );
    }

    #[test]
    fn columns_are_characters_not_bytes() {
        let columns = Columns::new("ab\u{a0}cd");
        assert_eq!(columns.len(), 5);
        assert_eq!(columns.field(3, 4), "\u{a0}c");
        assert_eq!(columns.field(5, 80), "d");
        assert_eq!(columns.field(9, 12), "");
        assert_eq!(columns.rest(4), "cd");
    }

    #[test]
    fn quotes_are_undone_within_their_line() {
        assert_eq!(cells("a\t\"b \"\"c\"\"\"\t", '\t'), ["a", "b \"c\"", ""]);
        assert_eq!(cells("5\" disc\tx", '\t'), ["5\" disc", "x"]);
        assert_eq!(cells("\"open\tx", '\t'), ["open\tx"]);
    }

    #[test]
    fn code_page_1252_is_read_where_utf8_fails() {
        assert_eq!(TextEncoding::of(b"caf\xe9"), TextEncoding::Windows1252);
        let text = TextEncoding::Windows1252.decode(b"\x93caf\xe9\x94");
        assert_eq!(text.as_deref(), Ok("“café”"));
    }

    #[test]
    fn days_are_checked() {
        assert_eq!(
            compact_day("20240229").map(|day| day.to_string()),
            Some("2024-02-29".to_owned())
        );
        assert_eq!(compact_day("20230229"), None);
        assert_eq!(compact_day("2023 229"), None);
    }
}
