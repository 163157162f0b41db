//! The code systems that codebook reads.

use std::fmt;
use std::str::FromStr;

/// A code system: the book a code is looked up in.
///
/// The system is part of a code's identity. Several thousand ICD-10-CM codes
/// have the shape of a HCPCS code, so a bare code is never enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CodeSystem {
    /// ICD-10-CM: diagnoses in the United States, by NCHS and CMS.
    Icd10Cm,
    /// ICD-10-PCS: inpatient procedures in the United States, by CMS.
    Icd10Pcs,
    /// HCPCS Level II: supplies, drugs and services, by CMS.
    Hcpcs,
    /// CPT: procedures, by the American Medical Association; loaded only from a licensee's files.
    Cpt,
    /// ICD-11 for Mortality and Morbidity Statistics, by WHO.
    Icd11Mms,
    /// ICD-10, by WHO.
    Icd10Who,
    /// ICD-9-CM diagnoses, retired in 2015; only the source and target of maps.
    Icd9Cm,
}

impl CodeSystem {
    /// Every code system, in the order in which answers list them.
    pub const ALL: [CodeSystem; 7] = [
        CodeSystem::Icd10Cm,
        CodeSystem::Icd10Pcs,
        CodeSystem::Hcpcs,
        CodeSystem::Cpt,
        CodeSystem::Icd11Mms,
        CodeSystem::Icd10Who,
        CodeSystem::Icd9Cm,
    ];

    /// The identifier used in URLs, on the command line and in files: `icd10cm`.
    pub const fn id(self) -> &'static str {
        match self {
            CodeSystem::Icd10Cm => "icd10cm",
            CodeSystem::Icd10Pcs => "icd10pcs",
            CodeSystem::Hcpcs => "hcpcs",
            CodeSystem::Cpt => "cpt",
            CodeSystem::Icd11Mms => "icd11",
            CodeSystem::Icd10Who => "icd10who",
            CodeSystem::Icd9Cm => "icd9cm",
        }
    }

    /// The name people use: `ICD-10-CM`.
    pub const fn name(self) -> &'static str {
        match self {
            CodeSystem::Icd10Cm => "ICD-10-CM",
            CodeSystem::Icd10Pcs => "ICD-10-PCS",
            CodeSystem::Hcpcs => "HCPCS",
            CodeSystem::Cpt => "CPT",
            CodeSystem::Icd11Mms => "ICD-11",
            CodeSystem::Icd10Who => "ICD-10",
            CodeSystem::Icd9Cm => "ICD-9-CM",
        }
    }

    /// The number under which a bundle stores the system; never reused.
    pub const fn number(self) -> u8 {
        match self {
            CodeSystem::Icd10Cm => 1,
            CodeSystem::Icd10Pcs => 2,
            CodeSystem::Hcpcs => 3,
            CodeSystem::Cpt => 4,
            CodeSystem::Icd11Mms => 5,
            CodeSystem::Icd10Who => 6,
            CodeSystem::Icd9Cm => 7,
        }
    }

    /// The system stored under `number`, if there is one.
    pub fn from_number(number: u8) -> Option<CodeSystem> {
        CodeSystem::ALL
            .into_iter()
            .find(|system| system.number() == number)
    }
}

impl fmt::Display for CodeSystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is no code system's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a code system; known are icd10cm, icd10pcs, hcpcs, cpt, icd11, icd10who and icd9cm"
)]
pub struct UnknownCodeSystem(pub String);

impl FromStr for CodeSystem {
    type Err = UnknownCodeSystem;

    /// Reads an identifier or a name in any case, with or without hyphens:
    /// `icd10cm`, `ICD-10-CM`, `HCPCS`, `icd11`.
    fn from_str(text: &str) -> Result<CodeSystem, UnknownCodeSystem> {
        let plain: String = text
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        let system = match plain.as_str() {
            "icd10cm" => CodeSystem::Icd10Cm,
            "icd10pcs" => CodeSystem::Icd10Pcs,
            "hcpcs" | "hcpcslevelii" | "hcpcs2" => CodeSystem::Hcpcs,
            "cpt" => CodeSystem::Cpt,
            "icd11" | "icd11mms" | "mms" => CodeSystem::Icd11Mms,
            "icd10" | "icd10who" => CodeSystem::Icd10Who,
            "icd9cm" => CodeSystem::Icd9Cm,
            _ => return Err(UnknownCodeSystem(text.chars().take(40).collect())),
        };
        Ok(system)
    }
}

#[cfg(test)]
mod tests {
    use super::CodeSystem;

    #[test]
    fn every_system_is_read_back_from_its_id_name_and_number() {
        for system in CodeSystem::ALL {
            assert_eq!(system.id().parse(), Ok(system));
            assert_eq!(system.name().parse(), Ok(system));
            assert_eq!(CodeSystem::from_number(system.number()), Some(system));
        }
    }
}
