//! What the check needs to know of the claim's codes from the code sets.
//!
//! The catalog looks the codes up, for the day of service, and hands over plain
//! data: the check knows nothing of bundles and releases.

use codesets::{CodeRange, CodeSystem, NoteKind, codes_in_note};
use jiff::civil::Date;

/// What the code sets say of a claim's codes.
#[derive(Clone, Debug, Default)]
pub struct ClaimRules<'a> {
    /// For each diagnosis of the claim, in its order; `None` if no ICD-10-CM
    /// release answers for the day.
    pub diagnoses: Option<Vec<DiagnosisRules<'a>>>,
    /// The ICD-10-CM release that answers, if the day is not one of its days: its
    /// notes are used, and the report says so.
    pub past_release: Option<&'a str>,
    /// For each line of the claim, in its order; `None` if no procedure codes are loaded.
    pub lines: Option<Vec<LineRules>>,
}

/// What ICD-10-CM says of a diagnosis.
#[derive(Clone, Debug)]
pub struct DiagnosisRules<'a> {
    /// Whether the code may be used on the day.
    pub status: CodeStatus,
    /// Whether the title says "in diseases classified elsewhere": a
    /// manifestation, never listed first (Guidelines I.A.13).
    pub is_manifestation: bool,
    /// The notes that stand at the code and at everything above it.
    pub notes: Vec<&'a RuleNote>,
}

/// What the code sets say of a line.
#[derive(Clone, Debug)]
pub struct LineRules {
    /// Whether the procedure code may be used on the day.
    pub code: CodeStatus,
    /// The same for each modifier of the line, in its order.
    pub modifiers: Vec<CodeStatus>,
}

/// Whether a code may be used on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeStatus {
    /// It may.
    Valid,
    /// It is a header: more characters are needed.
    Header,
    /// It is known, but not on that day.
    NotInForce {
        /// The first day it may be used, if known.
        first: Option<Date>,
        /// The last day it may be used, if known.
        last: Option<Date>,
    },
    /// No loaded release of its system has it.
    Unknown,
    /// It is a code of another system, which does not belong there.
    OfOtherSystem(CodeSystem),
    /// No loaded release of its system is in force on that day.
    NotLoaded(CodeSystem),
    /// It cannot be a code; the check of the claim itself says so.
    Malformed,
}

/// A note of the Tabular List, with the codes it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleNote {
    /// The kind of note.
    pub kind: NoteKind,
    /// The publisher's words.
    pub text: Box<str>,
    /// The code, section or chapter that the note stands at, as answers name it.
    pub from: Box<str>,
    /// The codes that the words name; none if they name none that can be read.
    pub codes: Vec<CodeRange>,
}

impl RuleNote {
    /// The note `text` at `from`, with the codes it names.
    pub fn new(kind: NoteKind, from: &str, text: &str) -> RuleNote {
        RuleNote {
            kind,
            text: text.into(),
            from: from.into(),
            codes: codes_in_note(text),
        }
    }

    /// Whether the note names `code` (canonical text) or something above it.
    pub fn names(&self, code: &str) -> bool {
        self.codes.iter().any(|range| range.contains(code))
    }
}
