//! Concepts of the OMOP Standardized Vocabularies (`CONCEPT.csv`, as Athena
//! delivers it; OMOP Common Data Model 5.4, table CONCEPT): tab-separated, with
//! a header, quotes without meaning.

use jiff::civil::Date;

use super::source_text::{TextEncoding, compact_day, day_of, filled, head_lines, is_blank, lines};
use crate::{CodeSystem, Parsed, RowError, RowProblem};

/// Whether a concept may stand in standardised data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OmopStandard {
    /// `S`: a standard concept.
    Standard,
    /// `C`: a classification, above standard concepts.
    Classification,
}

/// Why a concept is no longer valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OmopInvalid {
    /// `D`: deleted.
    Deleted,
    /// `U`: replaced by another.
    Updated,
}

/// A concept.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OmopConcept {
    /// The 1-based line of the file.
    pub line: u64,
    /// The concept's number.
    pub concept_id: u64,
    /// Its name.
    pub name: String,
    /// Its domain: `Condition`, `Procedure`, `Drug`.
    pub domain: String,
    /// Its vocabulary: `ICD10CM`, `HCPCS`, `SNOMED`.
    pub vocabulary: String,
    /// Its class within the vocabulary.
    pub class: String,
    /// Whether it is a standard concept or a classification.
    pub standard: Option<OmopStandard>,
    /// Its code in the vocabulary, as the publisher prints it.
    pub code: String,
    /// The first day it is valid.
    pub first_day: Date,
    /// The last day it is valid; 2099-12-31 stands for no end.
    pub last_day: Date,
    /// Why it is no longer valid.
    pub invalid: Option<OmopInvalid>,
}

impl OmopConcept {
    /// The code system of the concept's vocabulary, if it is one that we read.
    pub fn system(&self) -> Option<CodeSystem> {
        match self.vocabulary.as_str() {
            "ICD10CM" => Some(CodeSystem::Icd10Cm),
            "ICD10PCS" => Some(CodeSystem::Icd10Pcs),
            "HCPCS" => Some(CodeSystem::Hcpcs),
            "CPT4" => Some(CodeSystem::Cpt),
            "ICD10" => Some(CodeSystem::Icd10Who),
            "ICD9CM" => Some(CodeSystem::Icd9Cm),
            _ => None,
        }
    }
}

const COLUMNS: [&str; 10] = [
    "concept_id",
    "concept_name",
    "domain_id",
    "vocabulary_id",
    "concept_class_id",
    "standard_concept",
    "concept_code",
    "valid_start_date",
    "valid_end_date",
    "invalid_reason",
];

/// Whether a file's beginning is the header of the table.
pub fn looks_like(head: &[u8]) -> bool {
    head_lines(head, 1)
        .first()
        .is_some_and(|line| places(line).is_some())
}

fn places(header: &str) -> Option<[usize; 10]> {
    let names: Vec<String> = header
        .split('\t')
        .map(|name| name.trim().to_ascii_lowercase())
        .collect();
    let mut places = [0; 10];
    for (place, column) in places.iter_mut().zip(COLUMNS) {
        *place = names.iter().position(|name| name == column)?;
    }
    Some(places)
}

/// Reads every concept, in the file's order.
pub fn parse(bytes: &[u8]) -> Parsed<OmopConcept> {
    parse_vocabularies(bytes, |_| true)
}

/// Reads the concepts of the vocabularies that `wanted` says yes to: a whole download has millions.
pub fn parse_vocabularies(bytes: &[u8], wanted: impl Fn(&str) -> bool) -> Parsed<OmopConcept> {
    let mut parsed = Parsed::default();
    let mut layout = None;
    for (line, raw) in lines(bytes) {
        let text = match TextEncoding::Utf8.decode(raw) {
            Ok(text) => text,
            Err(problem) => {
                parsed.errors.push(RowError { line, problem });
                continue;
            }
        };
        if is_blank(&text) {
            continue;
        }
        let Some(layout) = &layout else {
            layout = places(&text);
            if layout.is_none() {
                let expected = "the header of OMOP's table CONCEPT";
                let problem = RowProblem::field("header", &text, expected);
                parsed.errors.push(RowError { line, problem });
                return parsed;
            }
            continue;
        };
        match read_row(layout, line, &text, &wanted) {
            Ok(row) => parsed.rows.extend(row),
            Err(problem) => parsed.errors.push(RowError { line, problem }),
        }
    }
    parsed
}

fn read_row(
    places: &[usize; 10],
    line: u64,
    text: &str,
    wanted: &impl Fn(&str) -> bool,
) -> Result<Option<OmopConcept>, RowProblem> {
    let cells: Vec<&str> = text.split('\t').map(str::trim).collect();
    // The last column is blank in most rows, and its tab may be missing.
    if cells.len() < COLUMNS.len() - 1 {
        let found = cells.len().to_string();
        return Err(RowProblem::field("cells", &found, "ten"));
    }
    let [
        id,
        name,
        domain,
        vocabulary,
        class,
        standard,
        code,
        first,
        last,
        reason,
    ] = places.map(|place| cells.get(place).copied().unwrap_or(""));
    if !wanted(vocabulary) {
        return Ok(None);
    }
    let present = |field: &'static str, text: &str| {
        filled(text).ok_or_else(|| RowProblem::field(field, text, "something"))
    };
    Ok(Some(OmopConcept {
        line,
        concept_id: id
            .parse()
            .map_err(|_| RowProblem::field("concept_id", id, "a number"))?,
        name: present("concept_name", name)?,
        domain: present("domain_id", domain)?,
        vocabulary: present("vocabulary_id", vocabulary)?,
        class: class.to_owned(),
        standard: match standard {
            "" => None,
            "S" => Some(OmopStandard::Standard),
            "C" => Some(OmopStandard::Classification),
            _ => {
                let expected = "S, C or nothing";
                return Err(RowProblem::field("standard_concept", standard, expected));
            }
        },
        code: present("concept_code", code)?,
        first_day: day("valid_start_date", first)?,
        last_day: day("valid_end_date", last)?,
        invalid: match reason {
            "" => None,
            "D" => Some(OmopInvalid::Deleted),
            "U" => Some(OmopInvalid::Updated),
            _ => {
                let expected = "D, U or nothing";
                return Err(RowProblem::field("invalid_reason", reason, expected));
            }
        },
    }))
}

/// Athena writes `20310101`; databases export `2031-01-01`.
fn day(field: &'static str, text: &str) -> Result<Date, RowProblem> {
    let mut parts = text.splitn(3, '-');
    compact_day(text)
        .or_else(|| day_of(parts.next()?, parts.next()?, parts.next()?))
        .ok_or_else(|| RowProblem::field(field, text, "a day as YYYYMMDD"))
}

#[cfg(test)]
mod tests {
    use super::{looks_like, parse, parse_vocabularies};
    use crate::CodeSystem;
    use crate::formats::damage;

    const SAMPLE: &str = "concept_id\tconcept_name\tdomain_id\tvocabulary_id\tconcept_class_id\tstandard_concept\tconcept_code\tvalid_start_date\tvalid_end_date\tinvalid_reason
45500001\tBent \"wing\"\tCondition\tICD10CM\t4-char billing code\t\tQ99.1\t20310101\t20991231\t
2700001\tWing splint\tDevice\tHCPCS\tHCPCS\tS\tW0001\t2031-01-01\t2032-12-31\tD
";

    #[test]
    fn concepts_keep_their_quotes_and_their_days() {
        let parsed = parse(SAMPLE.as_bytes());
        assert_eq!(parsed.errors, []);
        let said: Vec<String> = parsed
            .rows
            .iter()
            .map(|row| {
                format!(
                    "{:?} {} {} {:?} {}..{} {:?}",
                    row.system(),
                    row.code,
                    row.name,
                    row.standard,
                    row.first_day,
                    row.last_day,
                    row.invalid
                )
            })
            .collect();
        assert_eq!(
            said,
            [
                "Some(Icd10Cm) Q99.1 Bent \"wing\" None 2031-01-01..2099-12-31 None",
                "Some(Hcpcs) W0001 Wing splint Some(Standard) 2031-01-01..2032-12-31 Some(Deleted)",
            ]
        );
        assert!(looks_like(SAMPLE.as_bytes()));
        assert!(!looks_like(b"concept_id\tname\n"));
    }

    #[test]
    fn other_vocabularies_are_left_out() {
        let parsed = parse_vocabularies(SAMPLE.as_bytes(), |name| name == "HCPCS");
        let systems: Vec<Option<CodeSystem>> = parsed.rows.iter().map(|row| row.system()).collect();
        assert_eq!(systems, [Some(CodeSystem::Hcpcs)]);
    }

    #[test]
    fn damage_never_panics() {
        damage::check(SAMPLE.as_bytes(), |bytes| {
            let parsed = parse(bytes);
            parsed.rows.len() + parsed.errors.len()
        });
    }
}
