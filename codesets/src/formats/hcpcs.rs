//! HCPCS Level II in CMS's fixed-width file (`HCPCyyyy_..._ANWEB.txt`), of every
//! vintage: 320 characters a line, or 293 since 2026; some years with lines of
//! disclaimers above, in latin-1; some with continuation lines of 91 characters.
//!
//! `HCPCS2019_recordlayout.txt` gives the columns. A record is one line, and
//! further ones that only carry more of the long description.

use super::hcpcs_record::{FIELDS, HcpcsRecord, Records};
use super::source_text::{Columns, TextEncoding, head_lines, is_blank, lines};
use crate::{Parsed, RowProblem};

/// How long a first line is at least: its last field is the action.
const FIRST_LINE: usize = 293;

/// Whether a file's beginning is that of the fixed-width file: within its first
/// lines, past any disclaimers, stands a record of full length.
pub fn looks_like(head: &[u8]) -> bool {
    head_lines(head, 40).iter().any(|line| {
        let columns = Columns::new(line);
        record_kind(&columns).is_some_and(|kind| matches!(kind, "3" | "7"))
            && columns.len() >= FIRST_LINE
    })
}

/// Reads the file, in its order; disclaimers above the first record are passed over.
pub fn parse(bytes: &[u8]) -> Parsed<HcpcsRecord> {
    let encoding = TextEncoding::of(bytes);
    let mut records = Records::default();
    for (line, raw) in lines(bytes) {
        match encoding.decode(raw) {
            Ok(text) if is_blank(&text) => {}
            Ok(text) => take(&mut records, line, &text),
            Err(problem) => records.report(line, problem),
        }
    }
    records.parsed
}

fn take(records: &mut Records, line: u64, text: &str) {
    let columns = Columns::new(text);
    let Some(kind) = record_kind(&columns) else {
        let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
        // A damaged record still has most of its numbers; a disclaimer has none there.
        if records.begun() || digits(columns.field(6, 11)) >= 3 {
            let expected = "a code, a sequence number and the kind of record in columns 1 to 11";
            records.report(
                line,
                RowProblem::field("line", columns.field(1, 11), expected),
            );
        }
        return;
    };
    if matches!(kind, "3" | "7") && columns.len() < FIRST_LINE {
        let problem = RowProblem::TooShort {
            field: "the action code",
            found: columns.len(),
            expected: FIRST_LINE,
        };
        return records.report(line, problem);
    }
    let fields = FIELDS.map(|field| columns.field(field.first, field.last));
    records.take(line, &fields);
}

/// The kind of record, of a line that has a sequence number and a kind where they belong.
fn record_kind<'a>(columns: &Columns<'a>) -> Option<&'a str> {
    let sequence = columns.field(6, 10);
    let numbered = sequence.len() == 5 && sequence.bytes().all(|byte| byte.is_ascii_digit());
    Some(columns.field(11, 11)).filter(|kind| numbered && matches!(*kind, "3" | "4" | "7" | "8"))
}

#[cfg(test)]
#[path = "hcpcs_tests.rs"]
mod tests;
