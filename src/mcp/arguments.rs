//! What the tools take.

use rmcp::schemars;
use rmcp::schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The arguments of `search_codes`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SearchArguments {
    /// A clinical phrase, a code, the beginning of a code, or a mix of them; abbreviations and
    /// misspellings are read as what they mean. Leave out names, dates of birth and the like.
    #[schemars(length(min = 1, max = 4096))]
    pub(super) query: String,
    /// Only these code systems: icd10cm, icd10pcs, hcpcs, cpt, icd11, icd10who. All loaded ones
    /// when absent; list_releases says which are.
    #[serde(default)]
    pub(super) systems: Vec<String>,
    /// The day of service, YYYY-MM-DD, which decides the release that answers; today when absent.
    pub(super) date: Option<String>,
    /// Only codes that can be reported as they stand, no headers.
    #[serde(default)]
    pub(super) billable_only: bool,
    /// How many codes to answer with, 10 unless said otherwise.
    #[schemars(range(min = 1, max = 50))]
    pub(super) limit: Option<i64>,
    /// `next_cursor` of the answer before, with the other arguments unchanged.
    pub(super) cursor: Option<String>,
}

/// The arguments of `get_code`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GetArguments {
    /// The codes, in any case, with or without dots.
    #[schemars(length(min = 1, max = 50))]
    pub(super) codes: Vec<String>,
    /// The code system of all of them; when absent it is told from each code.
    pub(super) system: Option<String>,
    /// The day of service, YYYY-MM-DD; today when absent.
    pub(super) date: Option<String>,
    /// What to add: notes (own and inherited Excludes1, code first …), children, history.
    #[serde(default)]
    pub(super) include: Vec<Include>,
}

/// What `get_code` may add.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Include {
    /// Own and inherited notes.
    Notes,
    /// The codes directly below.
    Children,
    /// Changes over the loaded releases.
    History,
}

/// The arguments of `validate_codes`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ValidateArguments {
    /// The codes as they are to be reported; for ICD-11 also clusters with & and /.
    #[schemars(length(min = 1, max = 100))]
    pub(super) codes: Vec<String>,
    /// The day of service, YYYY-MM-DD.
    pub(super) date: String,
    /// The code system of all of them; when absent it is told from each code.
    pub(super) system: Option<String>,
}

/// The arguments of `check_edits`: a claim.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckArguments {
    /// The day of service, YYYY-MM-DD, of every line that names none.
    date: String,
    /// practitioner, outpatient_hospital or dme; practitioner when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    setting: Option<String>,
    /// medicare or medicaid; medicare when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    payer: Option<String>,
    /// The patient, where age or sex matter.
    #[serde(skip_serializing_if = "Option::is_none")]
    patient: Option<PatientArguments>,
    /// The ICD-10-CM codes, the first first.
    #[serde(default)]
    diagnoses: Vec<String>,
    /// The services.
    #[serde(default)]
    #[schemars(length(max = 1000))]
    lines: Vec<LineArguments>,
}

/// The patient of a claim: an age, no date of birth.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PatientArguments {
    /// The age in whole years.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 150))]
    age_years: Option<i64>,
    /// The age in days, for the youngest.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 60000))]
    age_days: Option<i64>,
    /// F, M or U for unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    sex: Option<String>,
}

/// A service of a claim.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct LineArguments {
    /// The HCPCS or CPT code.
    code: String,
    /// Its modifiers.
    #[serde(default)]
    modifiers: Vec<String>,
    /// How many units; 1 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    units: Option<f64>,
    /// Its day of service, where it is not the claim's.
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    /// Its diagnoses by their place in the claim, counted from 1.
    #[serde(default)]
    diagnosis_pointers: Vec<i64>,
}

/// The arguments of `browse`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BrowseArguments {
    /// The code system: icd10cm, icd10pcs, hcpcs, cpt, icd11, icd10who.
    pub(super) system: String,
    /// A code, a chapter's number or a section's range; the chapters when absent.
    pub(super) code: Option<String>,
    /// Which way to look; children when absent.
    #[serde(default)]
    pub(super) direction: Direction,
    /// The day of service, YYYY-MM-DD; today when absent.
    pub(super) date: Option<String>,
}

/// A way through the hierarchy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Direction {
    /// What stands directly below.
    #[default]
    Children,
    /// What stands above, the chapter first.
    Ancestors,
    /// What stands beside, itself included.
    Siblings,
}

/// The arguments of `list_releases`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReleasesArguments {
    /// A day, YYYY-MM-DD, for which to say which release answers; today when absent.
    pub(super) date: Option<String>,
}

/// The arguments of the prompt `code-this-note`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct NoteArguments {
    /// The note, without names, dates of birth and the like.
    pub(super) note: String,
    /// The day of service, YYYY-MM-DD.
    pub(super) date: Option<String>,
}
