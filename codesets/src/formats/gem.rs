//! The General Equivalence Mappings between ICD-9-CM and ICD-10-CM (CMS and
//! NCHS; `2018_I9gem.txt`, `2018_I10gem.txt`), and files of the same layout.
//!
//! Three fields divided by blanks: source, target, five flags ("Diagnosis Code
//! Set General Equivalence Mappings, Documentation and User's Guide"). In one
//! direction the source is seven columns wide, in the other five, so fields are
//! read by their blanks and not by columns.

use super::source_text::{TextEncoding, head_lines, is_blank, lines};
use crate::{Code, CodeSystem, Parsed, RowError, RowProblem};

/// One alternative, or one part of an alternative, for a source code.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct GemRow {
    /// The 1-based line of the file.
    pub line: u64,
    /// The code that is translated.
    pub source: Code,
    /// What it is translated to; `None` when there is no plausible translation (`NoDx`).
    pub target: Option<Code>,
    /// Whether source and target are not identical in meaning.
    pub approximate: bool,
    /// Whether the source is one of those that take several targets together.
    pub combination: bool,
    /// Which of the combinations the row belongs to; 0 when it is in none.
    pub scenario: u8,
    /// Which part of its combination the row is; rows of the same number are alternatives.
    pub choice_list: u8,
}

/// Whether a file's beginning is that of a GEM.
pub fn looks_like(head: &[u8]) -> bool {
    systems(head).is_some()
}

/// The source's and the target's system, read off a file's beginning.
///
/// Only ICD-9-CM codes begin with a digit, and every GEM opens with some.
pub fn systems(head: &[u8]) -> Option<(CodeSystem, CodeSystem)> {
    let lines = head_lines(head, 50);
    let fields: Vec<Vec<&str>> = lines
        .iter()
        .map(|line| line.split_whitespace().collect())
        .collect();
    let whole = |fields: &Vec<&str>| {
        matches!(fields.as_slice(), [source, _, flags]
            if (3..=7).contains(&source.len()) && flags.len() == 5
                && flags.bytes().all(|byte| byte.is_ascii_digit()))
    };
    if fields.is_empty() || !fields.iter().all(whole) {
        return None;
    }
    let numeric = |place: usize| {
        fields.iter().any(|fields| {
            let field = fields.get(place);
            field.is_some_and(|code| code.starts_with(|c: char| c.is_ascii_digit()))
        })
    };
    match (numeric(0), numeric(1)) {
        (true, false) => Some((CodeSystem::Icd9Cm, CodeSystem::Icd10Cm)),
        (false, true) => Some((CodeSystem::Icd10Cm, CodeSystem::Icd9Cm)),
        _ => None,
    }
}

/// Reads a GEM from `source` to `target`; [`systems`] tells which they are.
pub fn parse(bytes: &[u8], source: CodeSystem, target: CodeSystem) -> Parsed<GemRow> {
    let mut parsed = Parsed::default();
    for (line, raw) in lines(bytes) {
        let row = TextEncoding::Utf8.decode(raw).and_then(|text| {
            if is_blank(&text) {
                return Ok(None);
            }
            read_row(line, &text, source, target).map(Some)
        });
        match row {
            Ok(row) => parsed.rows.extend(row),
            Err(problem) => parsed.errors.push(RowError { line, problem }),
        }
    }
    parsed
}

fn read_row(
    line: u64,
    text: &str,
    source_system: CodeSystem,
    target_system: CodeSystem,
) -> Result<GemRow, RowProblem> {
    let mut fields = text.split_whitespace();
    let (Some(source), Some(target), Some(flags), None) =
        (fields.next(), fields.next(), fields.next(), fields.next())
    else {
        let expected = "a source, a target and five flags";
        return Err(RowProblem::field("line", text, expected));
    };
    let read = |system: CodeSystem, code: &str| {
        Code::parse(system, code).map_err(|problem| RowProblem::code(code, problem))
    };
    let [approximate, no_map, combination, scenario, choice_list] = flags_of(flags)?;
    let target = if matches!(target, "NoDx" | "NoDX" | "NoPCS") {
        None
    } else {
        Some(read(target_system, target)?)
    };
    if (no_map == 1) != target.is_none() {
        let expected = "the no-map flag where there is no target, and only there";
        return Err(RowProblem::field("flags", flags, expected));
    }
    Ok(GemRow {
        line,
        source: read(source_system, source)?,
        target,
        approximate: approximate == 1,
        combination: combination == 1,
        scenario,
        choice_list,
    })
}

/// The five flags; the first three are 0 or 1.
fn flags_of(text: &str) -> Result<[u8; 5], RowProblem> {
    let digits: Option<Vec<u8>> = text
        .bytes()
        .map(|byte| byte.is_ascii_digit().then(|| byte - b'0'))
        .collect();
    digits
        .and_then(|digits| <[u8; 5]>::try_from(digits).ok())
        .filter(|flags| flags.iter().take(3).all(|flag| *flag <= 1))
        .ok_or_else(|| RowProblem::field("flags", text, "five digits, the first three 0 or 1"))
}

#[cfg(test)]
mod tests {
    use super::{looks_like, parse, systems};
    use crate::CodeSystem;
    use crate::formats::damage;

    const TO_9: &str = "Q99101  75990 10000\r\nQ99102  NoDx  11000\r\nQ99103  75991 10112\r\n";
    const TO_10: &str = "75990 Q99101  00000\r\nV5001 Q99102  10000\r\n";

    #[track_caller]
    fn check(text: &str, source: CodeSystem, target: CodeSystem, expected: &[&str]) {
        assert_eq!(systems(text.as_bytes()), Some((source, target)));
        let parsed = parse(text.as_bytes(), source, target);
        assert_eq!(parsed.errors, []);
        let said: Vec<String> = parsed
            .rows
            .iter()
            .map(|row| {
                let target = row
                    .target
                    .as_ref()
                    .map_or("none".to_owned(), ToString::to_string);
                format!(
                    "{} -> {target} {} {} {} {}",
                    row.source, row.approximate, row.combination, row.scenario, row.choice_list
                )
            })
            .collect();
        assert_eq!(said, expected);
    }

    #[test]
    fn both_directions_are_read() {
        check(
            TO_9,
            CodeSystem::Icd10Cm,
            CodeSystem::Icd9Cm,
            &[
                "Q99.101 -> 759.90 true false 0 0",
                "Q99.102 -> none true false 0 0",
                "Q99.103 -> 759.91 true true 1 2",
            ],
        );
        check(
            TO_10,
            CodeSystem::Icd9Cm,
            CodeSystem::Icd10Cm,
            &[
                "759.90 -> Q99.101 false false 0 0",
                "V50.01 -> Q99.102 true false 0 0",
            ],
        );
        assert!(!looks_like(b"A000    Cholera\n"));
    }

    #[test]
    fn flags_must_agree_with_the_target() {
        let parsed = parse(
            b"Q99102  NoDx  10000\nQ99102  75990 20000",
            CodeSystem::Icd10Cm,
            CodeSystem::Icd9Cm,
        );
        let said: Vec<String> = parsed.errors.iter().map(ToString::to_string).collect();
        assert_eq!(
            said,
            [
                "line 1: flags is `10000`, expected the no-map flag where there is no target, \
                 and only there",
                "line 2: flags is `20000`, expected five digits, the first three 0 or 1",
            ]
        );
    }

    #[test]
    fn damage_never_panics() {
        damage::check(TO_9.as_bytes(), |bytes| {
            let parsed = parse(bytes, CodeSystem::Icd10Cm, CodeSystem::Icd9Cm);
            let _ = systems(bytes);
            parsed.rows.len() + parsed.errors.len()
        });
    }
}
