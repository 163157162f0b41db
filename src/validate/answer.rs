//! The shapes of what validation says.

use serde::Serialize;
use utoipa::ToSchema;

use super::slip::{Look, Slip};
use crate::lookup::{Days, ValidIn};

/// How a code stands to a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It may stand on a claim.
    Valid,
    /// It is a heading of codes: one of them must be chosen.
    Header,
    /// Its last characters are missing.
    Incomplete,
    /// It is a code once placeholders fill the places before its last character.
    NeedsPlaceholder,
    /// It is an extension code, which only adds to a stem code.
    NeedsStem,
    /// It begins later.
    NotYetEffective,
    /// It has ended.
    Terminated,
    /// No loaded release is in force on the day, so nothing can be said.
    NoRelease,
    /// No loaded release has it.
    Unknown,
    /// It is no code of the system asked, but of another.
    WrongSystem,
}

impl Verdict {
    /// The identifier in answers.
    pub const fn id(self) -> &'static str {
        match self {
            Verdict::Valid => "valid",
            Verdict::Header => "header",
            Verdict::Incomplete => "incomplete",
            Verdict::NeedsPlaceholder => "needs_placeholder",
            Verdict::NeedsStem => "needs_stem",
            Verdict::NotYetEffective => "not_yet_effective",
            Verdict::Terminated => "terminated",
            Verdict::NoRelease => "no_release",
            Verdict::Unknown => "unknown",
            Verdict::WrongSystem => "wrong_system",
        }
    }
}

/// A code, or a character, that makes a code whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = CompleteWith)]
pub struct Completion {
    /// The code, with its dot; for an ICD-10-PCS stub, the stub with one character more.
    pub code: String,
    /// What is added says: the meaning of the character, or the code's title.
    pub display: String,
    /// Whether it can be billed.
    pub billable: bool,
}

/// A code that an unknown one looks like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LooksLike {
    /// The code, with its dot.
    pub code: String,
    /// Its title.
    pub display: String,
    /// Whether it can be billed.
    pub billable: bool,
    /// The slip of the pen that explains it; `None` when it only stands nearby.
    pub slip: Option<Slip>,
}

/// A code of another system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Elsewhere {
    /// The other system's identifier.
    pub system: &'static str,
    /// The code, as that system prints it.
    pub code: String,
    /// Its title.
    pub display: String,
}

/// What is to be said of one code on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Validation {
    /// The text that was asked.
    pub input: String,
    /// The system's identifier.
    pub system: &'static str,
    /// The code as its publisher prints it; `None` when the text cannot be a code.
    #[serde(rename = "canonical")]
    pub code: Option<String>,
    /// How it stands.
    #[serde(rename = "status")]
    pub verdict: Verdict,
    /// Why, in a sentence.
    pub why: String,
    /// Its title.
    pub display: Option<String>,
    /// The release that answers.
    pub release: Option<String>,
    /// The releases that have it, oldest first.
    pub valid_in: Vec<ValidIn>,
    /// The code's own first and last day within the release, where the publisher gives them.
    #[schema(value_type = Vec<Option<String>>, min_items = 2, max_items = 2)]
    pub effective: Days,
    /// How it was written otherwise than its publisher prints it.
    pub issues: Vec<Look>,
    /// What would make it whole.
    pub complete_with: Vec<Completion>,
    /// Codes that it looks like, the likeliest first.
    pub looks_like: Vec<LooksLike>,
    /// Codes that took its place.
    pub replaced_by: Vec<String>,
    /// Where else it is a code.
    pub elsewhere: Vec<Elsewhere>,
}
