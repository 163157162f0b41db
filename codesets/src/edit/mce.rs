//! The lists of the Medicare Code Editor (MCE).

use jiff::civil::{Date, date};

use crate::Code;

/// The last day on which Medicare's sex edits were in force; CMS deactivated
/// them for all ICD-10 codes as of October 1, 2024.
pub const SEX_EDITS_LAST_DAY: Date = date(2024, 9, 30);

/// A list of the Medicare Code Editor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MceList {
    /// Diagnoses of newborns.
    NewbornOnly,
    /// Diagnoses of children.
    PediatricOnly,
    /// Diagnoses of pregnancy and birth.
    MaternityOnly,
    /// Diagnoses of adults.
    AdultOnly,
    /// Codes of female patients.
    FemaleOnly,
    /// Codes of male patients.
    MaleOnly,
    /// Manifestations, which may not be the principal diagnosis.
    ManifestationPrincipal,
    /// Codes that describe a circumstance, not an illness, and may not be the principal diagnosis.
    UnacceptablePrincipal,
    /// The same, unless a secondary diagnosis is present.
    UnacceptableWithoutSecondary,
    /// Diagnoses that hardly ever need admission by themselves.
    QuestionableAdmission,
    /// Procedures that Medicare does not cover.
    NoncoveredProcedure,
    /// Procedures that Medicare does not cover over the age of 60.
    NoncoveredOver60,
    /// Procedures covered in limited circumstances.
    LimitedCoverage,
    /// Diagnoses of a wrong procedure performed.
    WrongProcedure,
    /// Procedures that need a stay of more than 96 hours.
    LengthOfStay96Hours,
}

impl MceList {
    /// Every list.
    pub const ALL: [MceList; 15] = [
        MceList::NewbornOnly,
        MceList::PediatricOnly,
        MceList::MaternityOnly,
        MceList::AdultOnly,
        MceList::FemaleOnly,
        MceList::MaleOnly,
        MceList::ManifestationPrincipal,
        MceList::UnacceptablePrincipal,
        MceList::UnacceptableWithoutSecondary,
        MceList::QuestionableAdmission,
        MceList::NoncoveredProcedure,
        MceList::NoncoveredOver60,
        MceList::LimitedCoverage,
        MceList::WrongProcedure,
        MceList::LengthOfStay96Hours,
    ];

    /// The list that a file calls `name`: in the text of version 37, or in the
    /// JSON of fiscal year 2026.
    pub fn from_name(name: &str) -> Option<MceList> {
        Some(match name {
            "Newborn_Only" | "age_newborn" => MceList::NewbornOnly,
            "Pediatric_Only" | "age_pediatric" => MceList::PediatricOnly,
            "Maternity_Only" | "age_maternity" => MceList::MaternityOnly,
            "Adult_Only" | "age_adult" => MceList::AdultOnly,
            "Female_Only" => MceList::FemaleOnly,
            "Male_Only" => MceList::MaleOnly,
            "Principal_Manifestation" | "manifestation_not_pdx" => MceList::ManifestationPrincipal,
            "Principal_Unacceptable" | "unacceptable_pdx" => MceList::UnacceptablePrincipal,
            "unacceptable_pdx_unless_secondary" => MceList::UnacceptableWithoutSecondary,
            "Principal_Questionable_Admit" => MceList::QuestionableAdmission,
            "Noncovered_Always" => MceList::NoncoveredProcedure,
            "Noncovered_Over60" => MceList::NoncoveredOver60,
            "Limited_Coverage" => MceList::LimitedCoverage,
            "Wrong_Performed" => MceList::WrongProcedure,
            "Noncovered_LOS_96hr" => MceList::LengthOfStay96Hours,
            _ => return None,
        })
    }

    /// The identifier in answers and on disk: `newborn_only`, `unacceptable_principal` ….
    pub const fn id(self) -> &'static str {
        match self {
            MceList::NewbornOnly => "newborn_only",
            MceList::PediatricOnly => "pediatric_only",
            MceList::MaternityOnly => "maternity_only",
            MceList::AdultOnly => "adult_only",
            MceList::FemaleOnly => "female_only",
            MceList::MaleOnly => "male_only",
            MceList::ManifestationPrincipal => "manifestation_principal",
            MceList::UnacceptablePrincipal => "unacceptable_principal",
            MceList::UnacceptableWithoutSecondary => "unacceptable_without_secondary",
            MceList::QuestionableAdmission => "questionable_admission",
            MceList::NoncoveredProcedure => "noncovered_procedure",
            MceList::NoncoveredOver60 => "noncovered_over_60",
            MceList::LimitedCoverage => "limited_coverage",
            MceList::WrongProcedure => "wrong_procedure",
            MceList::LengthOfStay96Hours => "length_of_stay_96_hours",
        }
    }

    /// The ages of an age list's patients in the edition of fiscal year
    /// `fiscal_year`, where the file does not say; `None` for the other lists.
    ///
    /// CMS widened maternity from 12-55 to 9-64 years with fiscal year 2021.
    pub fn default_ages(self, fiscal_year: i16) -> Option<AgeRange> {
        let (least, most) = match self {
            MceList::NewbornOnly => (0, 0),
            MceList::PediatricOnly => (0, 17),
            MceList::MaternityOnly if fiscal_year < 2021 => (12, 55),
            MceList::MaternityOnly => (9, 64),
            MceList::AdultOnly => (15, 124),
            MceList::FemaleOnly
            | MceList::MaleOnly
            | MceList::ManifestationPrincipal
            | MceList::UnacceptablePrincipal
            | MceList::UnacceptableWithoutSecondary
            | MceList::QuestionableAdmission
            | MceList::NoncoveredProcedure
            | MceList::NoncoveredOver60
            | MceList::LimitedCoverage
            | MceList::WrongProcedure
            | MceList::LengthOfStay96Hours => return None,
        };
        Some(AgeRange { least, most })
    }
}

/// The ages in completed years that a list's patients have, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AgeRange {
    /// The lowest age.
    pub least: u16,
    /// The highest age.
    pub most: u16,
}

impl AgeRange {
    /// Whether a patient of `years` completed years is of these ages.
    pub fn contains(self, years: u16) -> bool {
        (self.least..=self.most).contains(&years)
    }
}

/// A code on a list of the Medicare Code Editor.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MceRow {
    /// The list.
    pub list: MceList,
    /// The diagnosis (ICD-10-CM) or procedure (ICD-10-PCS).
    pub code: Code,
}
