//! The conversion table of ICD-10-CM: for each code added since 2016, the day
//! it took effect and the codes used before.
//!
//! NCHS publishes it as a workbook. Whoever opens the workbook passes the cells
//! as text. The sheet says of its dates: "Unless otherwise specified the code
//! effective date is October 1 of the year listed."

use jiff::civil::{Date, date};

use crate::{Code, CodeRange, CodeSystem, Parsed, RowError, RowProblem, codes_in_note};

/// One code and what was used before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConversionRow {
    /// The 1-based row of the sheet.
    pub line: u64,
    /// The code that took effect.
    pub code: Code,
    /// The first day of its use.
    pub effective: Date,
    /// The codes used before that are named one by one; empty for `None`.
    pub previous: Vec<Code>,
    /// The spans of codes used before: `H02.101-H02.106`, `Codes in Categories T15-T19`.
    pub previous_ranges: Vec<CodeRange>,
    /// The publisher's words about the codes used before: `I63.011 AND I63.012`.
    pub previous_text: String,
}

/// Reads the rows of the sheet, each a list of cell texts.
///
/// The notice and the column heads above the rows are skipped. A row whose
/// previous codes cannot be read is both a row without them and an error.
pub fn parse(rows: &[Vec<String>]) -> Parsed<ConversionRow> {
    let mut parsed = Parsed::default();
    let head = rows.iter().position(|row| {
        row.get(1)
            .is_some_and(|cell| cell.trim().eq_ignore_ascii_case("effective"))
    });
    let first = head.map_or(0, |head| head + 1);
    for (line, row) in (1u64..).zip(rows).skip(first) {
        if row.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        match read_row(line, row) {
            Ok(row) => {
                let named = row.previous.len() + row.previous_ranges.len() > 0;
                let none = ["", "none"].contains(&row.previous_text.to_lowercase().as_str());
                if !named && !none {
                    let expected = "codes or `None`";
                    parsed.errors.push(RowError {
                        line,
                        problem: RowProblem::field("previous codes", &row.previous_text, expected),
                    });
                }
                parsed.rows.push(row);
            }
            Err(problem) => parsed.errors.push(RowError { line, problem }),
        }
    }
    parsed
}

fn read_row(line: u64, row: &[String]) -> Result<ConversionRow, RowProblem> {
    let cell = |index: usize| row.get(index).map(|text| text.trim()).unwrap_or_default();
    let code = Code::parse(CodeSystem::Icd10Cm, cell(0))
        .map_err(|source| RowProblem::code(cell(0), source))?;
    let effective = effective_day(cell(1))
        .ok_or_else(|| RowProblem::field("effective", cell(1), "a year or a date"))?;
    let previous_text = super::lines::collapse(cell(2));
    let (mut previous, mut previous_ranges) = (Vec::new(), Vec::new());
    for range in codes_in_note(&previous_text) {
        match Code::parse(CodeSystem::Icd10Cm, &range.first) {
            Ok(code) if range.first == range.last => previous.push(code),
            _ => previous_ranges.push(range),
        }
    }
    Ok(ConversionRow {
        line,
        code,
        effective,
        previous,
        previous_ranges,
        previous_text,
    })
}

/// Reads `2017` (October 1), `2020-04-01`, with or without a time behind it,
/// `4/1/2020`, `April 1, 2020` and the serial number of a day in a workbook.
fn effective_day(text: &str) -> Option<Date> {
    let plain = text.split_once('.').map_or(text, |(whole, fraction)| {
        if fraction.bytes().all(|byte| byte == b'0') {
            whole
        } else {
            text
        }
    });
    if let Ok(number) = plain.parse::<i32>() {
        return match number {
            1990..=2100 => Date::new(i16::try_from(number).ok()?, 10, 1).ok(),
            // Workbooks count days from the last one of 1899.
            36_526..=73_415 => date(1899, 12, 30)
                .checked_add(jiff::Span::new().try_days(number).ok()?)
                .ok(),
            _ => None,
        };
    }
    let first_word = text.split([' ', 'T']).next().unwrap_or_default();
    if let Ok(day) = first_word.parse::<Date>() {
        return Some(day);
    }
    let parts: Vec<&str> = text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|part| !part.is_empty())
        .collect();
    let [month, day, year] = parts.as_slice() else {
        return None;
    };
    let month = month.parse().ok().or_else(|| month_number(month))?;
    Date::new(year.parse().ok()?, month, day.parse().ok()?).ok()
}

fn month_number(name: &str) -> Option<i8> {
    const MONTHS: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let start = name.get(..3)?.to_ascii_lowercase();
    (1i8..)
        .zip(MONTHS)
        .find(|(_, month)| *month == start)
        .map(|(number, _)| number)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::parse;

    fn rows(rows: &[[&str; 3]]) -> Vec<Vec<String>> {
        rows.iter()
            .map(|row| row.iter().map(ToString::to_string).collect())
            .collect()
    }

    #[track_caller]
    fn check(row: [&str; 3], expected: &str) {
        let parsed = parse(&rows(&[
            ["A notice over the table", "", ""],
            [
                "Current code assignment",
                "Effective",
                "Previous Code(s) Assignment",
            ],
            row,
            ["", "", ""],
        ]));
        let mut found: Vec<String> = Vec::new();
        for row in &parsed.rows {
            let codes = row.previous.iter().map(ToString::to_string);
            let ranges = row.previous_ranges.iter();
            let ranges = ranges.map(|range| format!("{}..{}", range.first, range.last));
            let previous: Vec<String> = codes.chain(ranges).collect();
            found.push(format!(
                "{} {}: {}",
                row.code,
                row.effective,
                previous.join(" ")
            ));
        }
        found.extend(parsed.errors.iter().map(ToString::to_string));
        assert_eq!(found.join("\n"), expected);
    }

    #[test]
    fn a_year_means_its_first_of_october() {
        check(["A04.71", "2017", "A04.7"], "A04.71 2017-10-01: A04.7");
        check(["A0471 ", "2017.0", "None"], "A04.71 2017-10-01: ");
    }

    #[test]
    fn other_days_are_written_out() {
        for day in [
            "2020-04-01 00:00:00",
            "2020-04-01T00:00:00",
            "4/1/2020",
            "April 1, 2020",
            "43922",
        ] {
            check(["U07.0", day, "J80"], "U07.0 2020-04-01: J80");
        }
        check(
            ["U07.0", "soon", "J80"],
            "line 3: effective is `soon`, expected a year or a date",
        );
    }

    #[test]
    fn previous_codes_come_as_lists_and_ranges() {
        check(
            ["I63.013", "2016", "I63.011 AND I63.012"],
            "I63.013 2016-10-01: I63.011 I63.012",
        );
        check(
            ["H02.151", "2018", "H02.101-H02.106; H02.109"],
            "H02.151 2018-10-01: H02.109 H02101..H02106",
        );
        check(
            ["W44.A0XA", "2023", "Codes in Categories T15-T19"],
            "W44.A0XA 2023-10-01: T15..T19",
        );
        check(
            ["W44.A0XA", "2023", "some others"],
            "W44.A0XA 2023-10-01: \nline 3: previous codes is `some others`, expected codes or `None`",
        );
    }

    proptest! {
        #[test]
        fn no_cells_make_it_panic(cells: Vec<Vec<String>>) {
            parse(&cells);
        }

        #[test]
        fn every_row_is_a_row_or_an_error(code: String, effective: String, previous: String) {
            prop_assume!(!code.trim().is_empty() && effective.trim() != "effective");
            let parsed = parse(&[vec![code, effective, previous]]);
            prop_assert!(parsed.rows.len() + parsed.errors.len() >= 1);
        }
    }
}
