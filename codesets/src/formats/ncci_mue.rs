//! NCCI medically unlikely edits (MUE), the CSV files.
//!
//! Latin-1. The first record is a quoted notice of several lines; then a header
//! (`HCPCS/CPT Code` over two lines, `<setting> Services MUE Values`, `MUE
//! Adjudication Indicator`, `MUE Rationale`); then a row a code. Medicaid's
//! files have no adjudication indicator. No row carries a date: the quarter
//! stands in the file's name only.

use std::borrow::Cow;

use csv::ByteRecord;

use crate::edit::{AtLine, MueAdjudication, MueEdit, ProcedureCode, Setting};
use crate::{Parsed, RowError, RowProblem};

/// Whether `head`, the beginning of a file, is that of an MUE table.
pub fn looks_like(head: &[u8]) -> bool {
    setting(head).is_some()
}

/// The setting that the header names; `None` if `head` holds no header of an MUE table.
pub fn setting(head: &[u8]) -> Option<Setting> {
    let header = records(head).take(3).find_map(|(_, record)| {
        let columns = Columns::find(&record.ok()?)?;
        Some(columns.setting)
    });
    header.flatten()
}

/// Reads an MUE table: every record after the header is a row or an error.
///
/// A file without the header gives one error and no rows.
pub fn parse(bytes: &[u8]) -> Parsed<AtLine<MueEdit<'static>>> {
    let mut parsed = Parsed::default();
    let mut columns = None;
    for (line, record) in records(bytes) {
        let record = match record {
            Ok(record) => record,
            Err(problem) => {
                parsed.errors.push(RowError { line, problem });
                continue;
            }
        };
        let Some(columns) = &columns else {
            columns = Columns::find(&record);
            continue;
        };
        if record.iter().all(|field| field.trim_ascii().is_empty()) {
            continue;
        }
        match columns.parse_row(&record) {
            Ok(row) => parsed.rows.push(AtLine { line, row }),
            Err(problem) => parsed.errors.push(RowError { line, problem }),
        }
    }
    if columns.is_none() {
        parsed.errors.push(RowError {
            line: 1,
            problem: RowProblem::field(
                "the header",
                "missing",
                "a column `… Services MUE Values` beside the code",
            ),
        });
    }
    parsed
}

fn records(bytes: &[u8]) -> impl Iterator<Item = (u64, Result<ByteRecord, RowProblem>)> + '_ {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(bytes)
        .into_byte_records()
        .map(|record| match record {
            Ok(record) => {
                let line = record.position().map_or(0, csv::Position::line);
                (line, Ok(record))
            }
            Err(error) => (
                error.position().map_or(0, csv::Position::line),
                Err(RowProblem::Encoding { expected: "CSV" }),
            ),
        })
}

/// Where the columns stand, and what the header says of the setting.
struct Columns {
    setting: Option<Setting>,
    value: usize,
    adjudication: Option<usize>,
    rationale: Option<usize>,
}

impl Columns {
    /// The columns of a header; `None` if the record is not one.
    fn find(record: &ByteRecord) -> Option<Columns> {
        let names: Vec<String> = record
            .iter()
            .map(|field| latin1(field).to_ascii_lowercase())
            .collect();
        let position = |part: &str| names.iter().position(|name| name.contains(part));
        let value = position("mue value")?;
        if value == 0 || names.len() < 2 {
            return None;
        }
        let name = &names[value];
        let setting = if name.contains("practitioner") {
            Some(Setting::Practitioner)
        } else if name.contains("hospital") {
            Some(Setting::OutpatientHospital)
        } else if name.contains("dme") {
            Some(Setting::Dme)
        } else {
            None
        };
        Some(Columns {
            setting,
            value,
            adjudication: position("adjudication"),
            rationale: position("rationale"),
        })
    }

    fn parse_row(&self, record: &ByteRecord) -> Result<MueEdit<'static>, RowProblem> {
        let field = |at: usize| latin1(record.get(at).unwrap_or_default());
        let code = field(0);
        let value = field(self.value);
        let adjudication = match self.adjudication {
            None => None,
            Some(at) => {
                let text = field(at);
                // `1 Line Edit`, `2 Date of Service Edit: Policy`: the digit is the indicator.
                let read = match text.as_bytes() {
                    [digit] | [digit, b' ', ..] => MueAdjudication::from_digit(*digit),
                    _ => None,
                };
                Some(read.ok_or_else(|| {
                    RowProblem::field("MUE adjudication indicator", &text, "1, 2 or 3")
                })?)
            }
        };
        Ok(MueEdit {
            code: ProcedureCode::from_bytes(code.as_bytes()).map_err(|_| {
                RowProblem::field("HCPCS/CPT code", &code, "a code of five letters and digits")
            })?,
            value: value
                .parse()
                .map_err(|_| RowProblem::field("MUE value", &value, "a whole number"))?,
            adjudication,
            rationale: Cow::Owned(self.rationale.map(field).unwrap_or_default()),
        })
    }
}

/// The text of latin-1 bytes, trimmed.
fn latin1(bytes: &[u8]) -> String {
    bytes.trim_ascii().iter().copied().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::{looks_like, parse, setting};
    use crate::edit::Setting;
    use proptest::prelude::*;

    const HEAD: &str = "\"A notice.\n\nOf several, lines\",,,\n\"HCPCS/\nCPT Code\",\
        DME Supplier Services MUE Values,MUE Adjudication Indicator,MUE Rationale\n";

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let parsed = parse(text.as_bytes());
        let rows = parsed.rows.iter().map(|located| {
            let row = &located.row;
            let digit = row
                .adjudication
                .map_or('-', |kind| char::from(kind.digit()));
            format!(
                "{}: {} {} {digit} {}",
                located.line, row.code, row.value, row.rationale
            )
        });
        let errors = parsed.errors.iter().map(ToString::to_string);
        let printed: Vec<String> = rows.chain(errors).collect();
        assert_eq!(printed, expected);
    }

    #[test]
    fn rows_follow_the_notice_and_the_header() {
        assert_eq!(setting(HEAD.as_bytes()), Some(Setting::Dme));
        check(
            &format!(
                "{HEAD}A0001,0,3 Date of Service Edit: Clinical,CMS Policy\nA0002,12,1 Line Edit,\"Clinical: Data\"\n"
            ),
            &["6: A0001 0 3 CMS Policy", "7: A0002 12 1 Clinical: Data"],
        );
    }

    #[test]
    fn medicaid_has_no_indicator() {
        check(
            "HCPCS/CPT Code,Practitioner Services MUE Values,MUE Rationale\nA0001,4,CMS Policy\n",
            &["2: A0001 4 - CMS Policy"],
        );
    }

    #[test]
    fn what_cannot_be_read_names_its_line() {
        check(
            &format!("{HEAD}A0001,-1,1 Line Edit,x\nA000,1,1 Line Edit,x\nA0001,1,4 Other,x\n"),
            &[
                "line 6: MUE value is `-1`, expected a whole number",
                "line 7: HCPCS/CPT code is `A000`, expected a code of five letters and digits",
                "line 8: MUE adjudication indicator is `4 Other`, expected 1, 2 or 3",
            ],
        );
        check(
            "no header\n",
            &[
                "line 1: the header is `missing`, expected a column `… Services MUE Values` beside the code",
            ],
        );
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = looks_like(&bytes);
            let mut whole = HEAD.as_bytes().to_vec();
            whole.extend(&bytes);
            let _ = parse(&whole);
        }
    }
}
