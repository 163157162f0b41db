//! The Medicare Code Editor's lists, version 37, as a tab-separated text.
//!
//! A header, then eight fields a row: `MCE_Version`, `ICD_Version`,
//! `MCE_Section`, `MCE_Subsection`, `MCE_Edit_Type`, `ICD_Code_Type` (`D`
//! diagnosis, `P` procedure), `ICD_Code`, `ICD_Desc`. Later lists come as JSON,
//! which is decoded elsewhere and given to [`listed`] code by code.

use crate::edit::{AtLine, MceList, MceRow};
use crate::{Code, CodeSystem, Parsed, RowError, RowProblem};

/// Whether `head`, the beginning of a file, is that of the tab-separated lists.
pub fn looks_like(head: &[u8]) -> bool {
    head.starts_with(b"MCE_Version\tICD_Version\t")
}

/// Reads the tab-separated lists: every line after the header that is not blank is a row or an error.
pub fn parse(bytes: &[u8]) -> Parsed<AtLine<MceRow>> {
    let mut parsed = Parsed::default();
    for (line, row) in (1..).zip(bytes.split(|&byte| byte == b'\n')) {
        if row.trim_ascii().is_empty() || (line == 1 && looks_like(row)) {
            continue;
        }
        match parse_row(row) {
            Ok(row) => parsed.rows.push(AtLine { line, row }),
            Err(problem) => parsed.errors.push(RowError { line, problem }),
        }
    }
    parsed
}

/// The row that puts diagnosis `code` on the list called `list`.
///
/// # Errors
/// When there is no such list, or the text is no ICD-10-CM code.
pub fn listed(list: &str, code: &str) -> Result<MceRow, RowProblem> {
    row(list, CodeSystem::Icd10Cm, code)
}

fn parse_row(text: &[u8]) -> Result<MceRow, RowProblem> {
    // Only the description, which is not read, may hold bytes beyond ASCII.
    let mut fields = text.split(|&byte| byte == b'\t').map(|field| {
        str::from_utf8(field)
            .map(str::trim)
            .map_err(|_| RowProblem::Encoding { expected: "ASCII" })
    });
    let list = fields.nth(4).unwrap_or(Ok(""))?;
    let system = match fields.next().unwrap_or(Ok(""))? {
        "D" => CodeSystem::Icd10Cm,
        "P" => CodeSystem::Icd10Pcs,
        found => {
            return Err(RowProblem::field(
                "ICD_Code_Type",
                found,
                "D for a diagnosis or P for a procedure",
            ));
        }
    };
    row(list, system, fields.next().unwrap_or(Ok(""))?)
}

fn row(list: &str, system: CodeSystem, code: &str) -> Result<MceRow, RowProblem> {
    Ok(MceRow {
        list: MceList::from_name(list)
            .ok_or_else(|| RowProblem::field("the list", list, "a list of the MCE"))?,
        code: Code::parse(system, code).map_err(|source| RowProblem::code(code, source))?,
    })
}

#[cfg(test)]
mod tests {
    use super::{looks_like, parse};
    use proptest::prelude::*;

    const HEADER: &str = "MCE_Version\tICD_Version\tMCE_Section\tMCE_Subsection\t\
        MCE_Edit_Type\tICD_Code_Type\tICD_Code\tICD_Desc\n";

    #[track_caller]
    fn check(rows: &str, expected: &[&str]) {
        let text = format!("{HEADER}{rows}");
        assert!(looks_like(text.as_bytes()));
        let parsed = parse(text.as_bytes());
        let rows = parsed.rows.iter().map(|located| {
            let code = &located.row.code;
            format!(
                "{}: {} {} {code}",
                located.line,
                located.row.list.id(),
                code.system()
            )
        });
        let errors = parsed.errors.iter().map(ToString::to_string);
        let printed: Vec<String> = rows.chain(errors).collect();
        assert_eq!(printed, expected);
    }

    #[test]
    fn rows_name_a_list_and_a_code() {
        check(
            "37\t10\t4\tA\tNewborn_Only\tD\tE8411\tText\n37\t10\t5\tD\tMale_Only\tP\t0V508ZZ\tText\n",
            &[
                "2: newborn_only ICD-10-CM E84.11",
                "3: male_only ICD-10-PCS 0V508ZZ",
            ],
        );
    }

    #[test]
    fn what_cannot_be_read_names_its_line() {
        check(
            "37\t10\t4\tA\tOther\tD\tE8411\tText\n37\t10\t4\tA\tMale_Only\tX\tE8411\tText\n37\n",
            &[
                "line 2: the list is `Other`, expected a list of the MCE",
                "line 3: ICD_Code_Type is `X`, expected D for a diagnosis or P for a procedure",
                "line 4: ICD_Code_Type is ``, expected D for a diagnosis or P for a procedure",
            ],
        );
    }

    proptest! {
        #[test]
        fn every_line_is_a_row_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let parsed = parse(&bytes);
            let filled = bytes.split(|&b| b == b'\n').filter(|line| !line.trim_ascii().is_empty()).count();
            prop_assert_eq!(parsed.rows.len() + parsed.errors.len(), filled);
        }
    }
}
