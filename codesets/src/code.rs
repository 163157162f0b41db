//! A code in its one canonical form.

use std::fmt;

use crate::CodeSystem;

/// A code of a code system.
///
/// The text is kept in upper case and without dots, so that `e11.621`,
/// `E11621` and `E11.621` are one code. [`fmt::Display`] writes the form that
/// the system's publisher prints: `E11.621`, `1A00.0`, `J1100`, `0DTJ4ZZ`.
///
/// A code has the *shape* of its system; whether a release holds it is another
/// question, which only a bundle can answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code {
    system: CodeSystem,
    text: Box<str>,
}

/// Why a text is not a code of the system it was said to be of.
///
/// The offending text is not part of the message: it may have come from a
/// query, and query text stays out of errors.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CodeError {
    /// The text holds a character that no code of the system has.
    #[error(
        "{system} codes hold letters A-Z, digits and a dot, but character {position} is neither"
    )]
    Character {
        /// The system the text was read as a code of.
        system: CodeSystem,
        /// The 1-based position of the first such character.
        position: usize,
    },
    /// The text has too few or too many characters.
    #[error("the code has {found} characters, but {system} codes have {least} to {most}")]
    Length {
        /// The system the text was read as a code of.
        system: CodeSystem,
        /// How many letters and digits the text has.
        found: usize,
        /// The fewest that a code of the system has.
        least: usize,
        /// The most that a code of the system has.
        most: usize,
    },
    /// The letters and digits do not stand where the system's codes have them.
    #[error("the code does not have the shape of {system} codes: {expected}")]
    Shape {
        /// The system the text was read as a code of.
        system: CodeSystem,
        /// What the system's codes look like.
        expected: &'static str,
    },
}

impl Code {
    /// Reads `text` as a code of `system`: any case, dots optional, blanks around it ignored.
    ///
    /// # Errors
    /// When the text cannot be a code of `system` in any release.
    pub fn parse(system: CodeSystem, text: &str) -> Result<Code, CodeError> {
        let canonical = canonical(system, text)?;
        check_shape(system, &canonical)?;
        Ok(Code {
            system,
            text: canonical.into_boxed_str(),
        })
    }

    /// Reads `text` as [`Code::parse`] does, or as a header of `system` that is shorter than its codes.
    ///
    /// Such headers are the three characters of an ICD-10-PCS table: `0DT`.
    ///
    /// # Errors
    /// When the text can be neither a code nor a header of `system` in any release.
    pub fn parse_stub(system: CodeSystem, text: &str) -> Result<Code, CodeError> {
        let canonical = canonical(system, text)?;
        if system == CodeSystem::Icd10Pcs && canonical.len() == 3 {
            check_letters(system, &canonical)?;
        } else {
            check_shape(system, &canonical)?;
        }
        Ok(Code {
            system,
            text: canonical.into_boxed_str(),
        })
    }

    /// The code's system.
    pub fn system(&self) -> CodeSystem {
        self.system
    }

    /// The canonical text: upper case, no dots.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Writes canonical `text` of `system` the way its publisher prints it.
    pub fn dotted(system: CodeSystem, text: &str) -> String {
        match dot_position(system, text) {
            Some(position) if text.len() > position && text.is_char_boundary(position) => {
                format!("{}.{}", &text[..position], &text[position..])
            }
            _ => text.to_owned(),
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Code::dotted(self.system, &self.text))
    }
}

/// The letters and digits of `text` in upper case; more than any code has are cut.
fn canonical(system: CodeSystem, text: &str) -> Result<String, CodeError> {
    let mut canonical = String::with_capacity(8);
    for (index, c) in text.trim().chars().enumerate() {
        match c {
            '.' => {}
            c if c.is_ascii_alphanumeric() => canonical.push(c.to_ascii_uppercase()),
            _ => {
                return Err(CodeError::Character {
                    system,
                    position: index + 1,
                });
            }
        }
        if canonical.len() > 16 {
            break;
        }
    }
    Ok(canonical)
}

fn dot_position(system: CodeSystem, text: &str) -> Option<usize> {
    match system {
        CodeSystem::Icd10Cm | CodeSystem::Icd10Who => Some(3),
        CodeSystem::Icd9Cm => Some(if text.starts_with('E') { 4 } else { 3 }),
        // Extension codes (chapter X) have no categories, hence no dot: XA71D7.
        CodeSystem::Icd11Mms => (!text.starts_with('X')).then_some(4),
        CodeSystem::Icd10Pcs | CodeSystem::Hcpcs | CodeSystem::Cpt => None,
    }
}

fn check_letters(system: CodeSystem, text: &str) -> Result<(), CodeError> {
    if text.bytes().all(|byte| !matches!(byte, b'I' | b'O')) {
        return Ok(());
    }
    Err(CodeError::Shape {
        system,
        expected: "seven characters, never the letters I and O (0DTJ4ZZ)",
    })
}

fn check_shape(system: CodeSystem, text: &str) -> Result<(), CodeError> {
    let (least, most) = match system {
        CodeSystem::Icd10Cm => (3, 7),
        CodeSystem::Icd10Pcs => (7, 7),
        CodeSystem::Hcpcs => (2, 5),
        CodeSystem::Cpt => (5, 5),
        CodeSystem::Icd11Mms => (4, 6),
        CodeSystem::Icd10Who => (3, 6),
        CodeSystem::Icd9Cm => (2, 5),
    };
    if !(least..=most).contains(&text.len()) {
        return Err(CodeError::Length {
            system,
            found: text.len(),
            least,
            most,
        });
    }
    let bytes = text.as_bytes();
    let letter = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_alphabetic);
    let digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
    let (fits, expected) = match system {
        // Category QA0 came with FY2026: the second character is no longer always a digit.
        CodeSystem::Icd10Cm => (
            letter(0) && (digit(1) || (letter(1) && digit(2))),
            "a letter, a digit, then letters or digits (E11.621)",
        ),
        CodeSystem::Icd10Who => (
            letter(0) && digit(1) && digit(2),
            "a letter and two digits, then up to three more (E11.6)",
        ),
        CodeSystem::Icd10Pcs => return check_letters(system, text),
        CodeSystem::Hcpcs => (
            text.len() == 2 || (text.len() == 5 && letter(0) && (1..5).all(digit)),
            "a letter and four digits (J1100), or a two-character modifier (LT)",
        ),
        CodeSystem::Cpt => (
            (0..4).all(digit),
            "four digits, then a digit or a letter (five characters)",
        ),
        // ICD-11 Reference Guide, code structure: ED1E.EE, D a letter, 1 a digit, E either.
        CodeSystem::Icd11Mms => (
            letter(1) && digit(2) && bytes.iter().all(|b| !matches!(b, b'I' | b'O')),
            "a character, a letter, a digit and a character, then up to two more, \
             never the letters I and O (1A00.0)",
        ),
        CodeSystem::Icd9Cm => (true, "two to five characters (250.00)"),
    };
    if fits {
        Ok(())
    } else {
        Err(CodeError::Shape { system, expected })
    }
}

#[cfg(test)]
mod tests {
    use super::Code;
    use crate::CodeSystem;

    #[track_caller]
    fn check(system: CodeSystem, text: &str, expected: &str) {
        let printed = match Code::parse(system, text) {
            Ok(code) => code.to_string(),
            Err(error) => format!("error: {error}"),
        };
        assert_eq!(printed, expected);
    }

    #[test]
    fn icd10cm_takes_any_case_and_an_optional_dot() {
        check(CodeSystem::Icd10Cm, "e11621", "E11.621");
        check(CodeSystem::Icd10Cm, " E11.621 ", "E11.621");
        check(CodeSystem::Icd10Cm, "c7a.00", "C7A.00");
        check(CodeSystem::Icd10Cm, "A00", "A00");
        check(CodeSystem::Icd10Cm, "qa00101", "QA0.0101");
    }

    #[test]
    fn other_systems_print_as_their_publishers_do() {
        check(CodeSystem::Icd10Pcs, "0dtj4zz", "0DTJ4ZZ");
        check(CodeSystem::Icd11Mms, "1a000", "1A00.0");
        check(CodeSystem::Icd11Mms, "1B21.20", "1B21.20");
        check(CodeSystem::Icd11Mms, "xs8h", "XS8H");
        check(CodeSystem::Icd11Mms, "XA71D7", "XA71D7");
        check(CodeSystem::Hcpcs, "j1100", "J1100");
        check(CodeSystem::Hcpcs, "lt", "LT");
        check(CodeSystem::Icd9Cm, "25000", "250.00");
    }

    #[test]
    fn pcs_tables_are_headers_and_not_codes() {
        let stub = |text| match Code::parse_stub(CodeSystem::Icd10Pcs, text) {
            Ok(code) => code.to_string(),
            Err(error) => format!("error: {error}"),
        };
        assert_eq!(stub("0dt"), "0DT");
        assert_eq!(stub("0DTJ4ZZ"), "0DTJ4ZZ");
        assert_eq!(
            stub("0DTJ"),
            "error: the code has 4 characters, but ICD-10-PCS codes have 7 to 7"
        );
        assert_eq!(
            stub("0OT"),
            "error: the code does not have the shape of ICD-10-PCS codes: \
             seven characters, never the letters I and O (0DTJ4ZZ)"
        );
        check(
            CodeSystem::Icd10Pcs,
            "0DT",
            "error: the code has 3 characters, but ICD-10-PCS codes have 7 to 7",
        );
    }

    #[test]
    fn what_cannot_be_a_code_says_why() {
        check(
            CodeSystem::Icd10Cm,
            "E11😀",
            "error: ICD-10-CM codes hold letters A-Z, digits and a dot, but character 4 is neither",
        );
        check(
            CodeSystem::Icd10Cm,
            "E1",
            "error: the code has 2 characters, but ICD-10-CM codes have 3 to 7",
        );
        check(
            CodeSystem::Icd10Cm,
            "1234",
            "error: the code does not have the shape of ICD-10-CM codes: \
             a letter, a digit, then letters or digits (E11.621)",
        );
        check(
            CodeSystem::Icd11Mms,
            "J1100",
            "error: the code does not have the shape of ICD-11 codes: a character, a letter, \
             a digit and a character, then up to two more, never the letters I and O (1A00.0)",
        );
    }
}
