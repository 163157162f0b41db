//! NCCI add-on code edits (AOC), the workbook's sheet as rows of text.
//!
//! Row 1 is a notice, row 2 the header: `AOC_Edit_Type`, `Add-On_Code`,
//! `AOC_DelDT`, `Primary_Code`, `Primary_Code_DelDT`, `AOC_Edit_EffDT`,
//! `AOC_Edit_DelDT`, `Special_Instruction_Notes`. All cells are text; days are
//! year and day of the year (`2013091`); the primary `CCCCC` is
//! contractor-defined. Opening the workbook is the caller's work.

use jiff::civil::Date;

use crate::edit::{AddOnEdit, AddOnType, AtLine, ProcedureCode};
use crate::{Parsed, RowError, RowProblem};

/// What stands for a primary code that the contractor defines.
const CONTRACTOR_DEFINED: &str = "CCCCC";

/// Whether the first rows of a sheet are those of an add-on table.
pub fn looks_like(rows: &[Vec<String>]) -> bool {
    rows.iter().take(4).any(|row| is_header(row))
}

/// Reads an add-on table: every row after the header that is not blank is a row or an error.
///
/// A sheet without the header gives one error and no rows.
pub fn parse(rows: &[Vec<String>]) -> Parsed<AtLine<AddOnEdit<'_>>> {
    let mut parsed = Parsed::default();
    let mut lines = (1..).zip(rows);
    if !lines.by_ref().any(|(_, row)| is_header(row)) {
        parsed.errors.push(RowError {
            line: 1,
            problem: RowProblem::field(
                "the header",
                "missing",
                "columns `AOC_Edit_Type`, `Add-On_Code`, …",
            ),
        });
        return parsed;
    }
    for (line, row) in lines {
        if row.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        match parse_row(row) {
            Ok(row) => parsed.rows.push(AtLine { line, row }),
            Err(problem) => parsed.errors.push(RowError { line, problem }),
        }
    }
    parsed
}

fn is_header(row: &[String]) -> bool {
    matches!(row, [kind, add_on, ..] if kind.trim() == "AOC_Edit_Type" && add_on.trim() == "Add-On_Code")
}

fn parse_row(row: &[String]) -> Result<AddOnEdit<'_>, RowProblem> {
    let cell = |at: usize| row.get(at).map_or("", |cell| cell.trim());
    let kind = match cell(0).as_bytes() {
        [digit] => AddOnType::from_digit(*digit),
        _ => None,
    };
    Ok(AddOnEdit {
        kind: kind.ok_or_else(|| RowProblem::field("AOC_Edit_Type", cell(0), "1, 2 or 3"))?,
        add_on: code("Add-On_Code", cell(1))?,
        add_on_deletion: optional_day("AOC_DelDT", cell(2))?,
        primary: match cell(3) {
            CONTRACTOR_DEFINED => None,
            text => Some(code("Primary_Code", text)?),
        },
        primary_deletion: optional_day("Primary_Code_DelDT", cell(4))?,
        effective: day("AOC_Edit_EffDT", cell(5))?,
        deletion: optional_day("AOC_Edit_DelDT", cell(6))?,
        note: cell(7),
    })
}

fn code(field: &'static str, text: &str) -> Result<ProcedureCode, RowProblem> {
    ProcedureCode::from_bytes(text.as_bytes())
        .map_err(|_| RowProblem::field(field, text, "a code of five letters and digits"))
}

fn optional_day(field: &'static str, text: &str) -> Result<Option<Date>, RowProblem> {
    if text.is_empty() {
        return Ok(None);
    }
    day(field, text).map(Some)
}

/// Reads `2016366`, the 366th day of 2016.
fn day(field: &'static str, text: &str) -> Result<Date, RowProblem> {
    let read = || {
        if text.len() != 7 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let year: i16 = text.get(..4)?.parse().ok()?;
        let day_of_year: i16 = text.get(4..)?.parse().ok()?;
        let first = Date::new(year, 1, 1).ok()?;
        first.with().day_of_year(day_of_year).build().ok()
    };
    read().ok_or_else(|| RowProblem::field(field, text, "a year and its day, YYYYDDD"))
}

#[cfg(test)]
mod tests {
    use super::{looks_like, parse};

    #[track_caller]
    fn check(row: &[&str], expected: &str) {
        let texts = |row: &[&str]| row.iter().map(|cell| (*cell).to_owned()).collect();
        let sheet: Vec<Vec<String>> = vec![
            texts(&["A notice", "", ""]),
            texts(&["AOC_Edit_Type", "Add-On_Code", "AOC_DelDT", "Primary_Code"]),
            texts(row),
        ];
        assert!(looks_like(&sheet));
        let parsed = parse(&sheet);
        let rows = parsed.rows.iter().map(|located| {
            let row = located.row;
            format!(
                "{}: {} {} gone {:?} with {:?} gone {:?}, {} to {:?} {}",
                located.line,
                char::from(row.kind.digit()),
                row.add_on,
                row.add_on_deletion,
                row.primary,
                row.primary_deletion,
                row.effective,
                row.deletion,
                row.note
            )
        });
        let errors = parsed.errors.iter().map(ToString::to_string);
        let printed: Vec<String> = rows.chain(errors).collect();
        assert_eq!(printed, [expected]);
    }

    #[test]
    fn days_are_days_of_the_year() {
        check(
            &[
                "1", "0002U", "2016366", "0001U", "", "2013091", "2018365", "Why",
            ],
            "3: 1 0002U gone Some(2016-12-31) with Some(ProcedureCode(0001U)) gone None, \
             2013-04-01 to Some(2018-12-31) Why",
        );
    }

    #[test]
    fn contractor_defined_primaries_name_no_code() {
        check(
            &["2", "0002T", "", "CCCCC", "", "2013091"],
            "3: 2 0002T gone None with None gone None, 2013-04-01 to None ",
        );
    }

    #[test]
    fn what_cannot_be_read_names_its_row() {
        check(
            &["1", "0002U", "", "0001U", "", "2013366", ""],
            "line 3: AOC_Edit_EffDT is `2013366`, expected a year and its day, YYYYDDD",
        );
        check(
            &["4", "0002U", "", "0001U", "", "2013001", ""],
            "line 3: AOC_Edit_Type is `4`, expected 1, 2 or 3",
        );
        assert_eq!(parse(&[]).errors.len(), 1);
    }
}
