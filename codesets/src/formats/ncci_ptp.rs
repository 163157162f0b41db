//! NCCI procedure-to-procedure (PTP) edits, the tab-separated text files.
//!
//! `ccipra-vNNNr0-fN.txt` (practitioner) and `ccioph-vNNNr0-fN.txt` (outpatient
//! hospital) have a heading of six lines and seven fields: column 1, column 2,
//! `*` if before 1996, effective, deletion (`*` = active), modifier indicator,
//! rationale. Medicaid's files have a heading of three lines, may leave out the
//! third field, and leave the deletion date blank while a row is active.
//! Lines end in CR LF.

use jiff::civil::Date;

use crate::edit::{AtLine, ModifierIndicator, ProcedureCode, PtpEdit};
use crate::{Parsed, RowError, RowProblem};

/// A heading has at most this many lines.
const HEADING_LINES: u64 = 6;

/// Whether `head`, the beginning of a file, is that of a PTP table.
pub fn looks_like(head: &[u8]) -> bool {
    head.split(|&byte| byte == b'\n').take(8).any(|line| {
        let mut fields = line.split(|&byte| byte == b'\t').map(<[u8]>::trim_ascii);
        let (first, second) = (fields.next(), fields.next());
        first.is_some_and(is_column_1) && second.is_some_and(is_column_2)
    })
}

/// Reads a PTP table. The rows borrow their rationale from `bytes`.
///
/// A line of the heading is one of the first six, before any row, whose first
/// field is no code; every other line that is not blank is a row or an error.
pub fn parse(bytes: &[u8]) -> Parsed<AtLine<PtpEdit<'_>>> {
    let mut parsed = Parsed::default();
    for (line, row) in (1..).zip(bytes.split(|&byte| byte == b'\n')) {
        if row.trim_ascii().is_empty() {
            continue;
        }
        match parse_row(row) {
            Ok(row) => parsed.rows.push(AtLine { line, row }),
            Err(_) if line <= HEADING_LINES && parsed.rows.is_empty() && is_heading(row) => {}
            Err(problem) => parsed.errors.push(RowError { line, problem }),
        }
    }
    parsed
}

fn is_column_1(field: &[u8]) -> bool {
    field.eq_ignore_ascii_case(b"Column 1") || field.eq_ignore_ascii_case(b"Column1")
}

fn is_column_2(field: &[u8]) -> bool {
    field.eq_ignore_ascii_case(b"Column 2") || field.eq_ignore_ascii_case(b"Column2")
}

/// Whether a line can belong to a heading: its first field is not a code.
fn is_heading(row: &[u8]) -> bool {
    let first = row.split(|&byte| byte == b'\t').next().unwrap_or_default();
    ProcedureCode::from_bytes(first.trim_ascii()).is_err()
}

fn parse_row(row: &[u8]) -> Result<PtpEdit<'_>, RowProblem> {
    let row = str::from_utf8(row).map_err(|_| RowProblem::Encoding { expected: "UTF-8" })?;
    let mut fields = [""; 8];
    let mut count = 0;
    for field in row.split('\t') {
        if let Some(slot) = fields.get_mut(count) {
            *slot = field.trim();
        }
        count += 1;
    }
    let [column1, column2, rest @ ..] = fields;
    // Medicaid's six fields lack the third; shifted, both layouts are one.
    let [prior, effective, deletion, indicator, rationale] = match count {
        7 => [rest[0], rest[1], rest[2], rest[3], rest[4]],
        6 => ["", rest[0], rest[1], rest[2], rest[3]],
        _ => {
            return Err(RowProblem::field(
                "the row",
                row,
                "6 or 7 fields separated by tabs",
            ));
        }
    };
    Ok(PtpEdit {
        column1: code("column 1", column1)?,
        column2: code("column 2", column2)?,
        prior_to_1996: match prior {
            "" => false,
            "*" => true,
            _ => {
                return Err(RowProblem::field(
                    "in existence prior to 1996",
                    prior,
                    "`*` or nothing",
                ));
            }
        },
        effective: date("effective date", effective)?,
        deletion: match deletion {
            "" | "*" => None,
            _ => Some(date("deletion date", deletion)?),
        },
        indicator: match indicator.as_bytes() {
            [digit] => ModifierIndicator::from_digit(*digit),
            _ => None,
        }
        .ok_or_else(|| RowProblem::field("modifier indicator", indicator, "0, 1 or 9"))?,
        rationale,
    })
}

fn code(field: &'static str, text: &str) -> Result<ProcedureCode, RowProblem> {
    ProcedureCode::from_bytes(text.as_bytes())
        .map_err(|_| RowProblem::field(field, text, "a code of five letters and digits"))
}

fn date(field: &'static str, text: &str) -> Result<Date, RowProblem> {
    let problem = || RowProblem::field(field, text, "a day, YYYYMMDD");
    if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(problem());
    }
    let part = |from, to| text.get(from..to).unwrap_or_default();
    let year = part(0, 4).parse().map_err(|_| problem())?;
    let month = part(4, 6).parse().map_err(|_| problem())?;
    let day = part(6, 8).parse().map_err(|_| problem())?;
    Date::new(year, month, day).map_err(|_| problem())
}

#[cfg(test)]
mod tests {
    use super::{looks_like, parse};
    use proptest::prelude::*;
    use std::fmt::Write;

    const HEADING: &str = "notice\t\t\t\t\t\t\r\nColumn1/Column2 Edits\t\t\t\t\t\t\r\n\
        Column 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tPTP Edit Rationale\r\n\
        \t\tprior to 1996\tDate\tDate\t0=not allowed\t\r\n\t\t\t\t*=no data\t1=allowed\t\r\n\
        \t\t\t\t\t9=not applicable\t\r\n";

    #[track_caller]
    fn check(rows: &str, expected: &str) {
        let text = format!("{HEADING}{rows}");
        assert!(looks_like(text.as_bytes()));
        assert_eq!(print(text.as_bytes()), expected);
    }

    fn print(bytes: &[u8]) -> String {
        let parsed = parse(bytes);
        let mut printed = String::new();
        for located in &parsed.rows {
            let row = &located.row;
            let deletion = row
                .deletion
                .map_or("active".to_owned(), |day| day.to_string());
            let _ = write!(
                printed,
                "{}: {} {} {} {} {} {} {}|",
                located.line,
                row.column1,
                row.column2,
                row.prior_to_1996,
                row.effective,
                deletion,
                char::from(row.indicator.digit()),
                row.rationale
            );
        }
        for error in &parsed.errors {
            let _ = write!(printed, "{error}|");
        }
        printed
    }

    #[test]
    fn rows_follow_the_heading() {
        check(
            "0001A\t0002T\t\t20130101\t20231231\t1\tWhy\r\n0001A\tA0001\t*\t19960101\t*\t0\tWhy\r\n",
            "7: 0001A 0002T false 2013-01-01 2023-12-31 1 Why|\
             8: 0001A A0001 true 1996-01-01 active 0 Why|",
        );
    }

    #[test]
    fn a_row_that_cannot_be_read_names_its_line() {
        check(
            "0001A\t0002T\t\t20130101\t20230231\t1\tWhy\r\n0001A\t0002T\r\n00 1A\t0002T\t\t20130101\t*\t7\tx\r\n",
            "line 7: deletion date is `20230231`, expected a day, YYYYMMDD|\
             line 8: the row is `0001A\t0002T\r`, expected 6 or 7 fields separated by tabs|\
             line 9: column 1 is `00 1A`, expected a code of five letters and digits|",
        );
    }

    #[test]
    fn medicaid_leaves_the_deletion_blank() {
        let text = "notice\r\nMedicaid Column1/Column2 Edits\r\n\
            Column 1\tColumn 2\tEffective\tDeletion\tModifier\tRationale\r\n\
            0001A\t0002T\t20101001\t\t1\tWhy\r\n0001A\t0003T\t\t20101001\t\t0\tWhy\r\n";
        assert!(looks_like(text.as_bytes()));
        assert_eq!(
            print(text.as_bytes()),
            "4: 0001A 0002T false 2010-10-01 active 1 Why|\
             5: 0001A 0003T false 2010-10-01 active 0 Why|"
        );
    }

    #[test]
    fn a_broken_first_row_is_not_taken_for_the_heading() {
        let text = "Column 1\tColumn 2\r\n0001A\t0002T\tx\r\n";
        assert_eq!(parse(text.as_bytes()).errors.len(), 1);
    }

    proptest! {
        #[test]
        fn every_line_is_a_row_an_error_blank_or_heading(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let parsed = parse(&bytes);
            let told = parsed.rows.len() + parsed.errors.len();
            let filled = bytes.split(|&b| b == b'\n').filter(|line| !line.trim_ascii().is_empty()).count();
            prop_assert!(told <= filled && filled <= told + 6);
        }
    }
}
