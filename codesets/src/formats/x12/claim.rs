//! A claim as an 837 file holds it.

use jiff::civil::Date;

use crate::edit::Payer;

/// Which form a claim is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimForm {
    /// 837P, the electronic CMS-1500.
    Professional,
    /// 837I, the electronic UB-04.
    Institutional,
}

/// What a diagnosis is on the claim for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum X12DiagnosisKind {
    /// `ABK`: the principal, or first-listed, diagnosis.
    Principal,
    /// `ABF`: another diagnosis.
    Other,
    /// `ABJ`: the admitting diagnosis.
    Admitting,
    /// `APR`: the patient's reason for the visit.
    ReasonForVisit,
    /// `ABN`: an external cause of injury.
    ExternalCause,
}

/// A diagnosis of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct X12Diagnosis {
    /// What it is on the claim for.
    pub kind: X12DiagnosisKind,
    /// The code as it stands, without dot.
    pub code: Box<str>,
}

/// A service line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct X12Line {
    /// The segment of its `SV1` or `SV2`.
    pub segment: u64,
    /// Its number (`LX`), or its place if there is none.
    pub number: Box<str>,
    /// The procedure code; empty on an institutional line with a revenue code alone.
    pub code: Box<str>,
    /// Up to four modifiers.
    pub modifiers: Vec<Box<str>>,
    /// The quantity as it stands, a decimal number.
    pub units: Box<str>,
    /// What is counted: `UN` units, `MJ` minutes, `DA` days.
    pub unit_basis: Box<str>,
    /// The (first) day of service.
    pub date: Option<Date>,
    /// The diagnoses that the service is for, 1 for the first of `HI`.
    pub diagnosis_pointers: Vec<usize>,
    /// The identifier of who rendered the service, if not the claim's.
    pub provider: Option<Box<str>>,
}

/// A claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct X12Claim {
    /// The segment of its `CLM`.
    pub segment: u64,
    /// The submitter's identifier (`CLM01`).
    pub id: Box<str>,
    /// The form.
    pub form: ClaimForm,
    /// Medicare or Medicaid, if the claim says so (`SBR09`).
    pub payer: Option<Payer>,
    /// The identifier of the rendering provider, or else of the billing provider.
    pub provider: Option<Box<str>>,
    /// The patient's day of birth.
    pub birth: Option<Date>,
    /// The patient's sex: `F`, `M` or `U`.
    pub sex: Option<char>,
    /// The first day of the statement (`DTP*434`), or else of the claim's first line with a day.
    pub date: Option<Date>,
    /// The diagnoses, in order.
    pub diagnoses: Vec<X12Diagnosis>,
    /// The service lines, in order.
    pub lines: Vec<X12Line>,
}

/// What of a claim could not be read, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct X12ClaimError {
    /// The claim's identifier; empty outside a claim.
    pub claim: Box<str>,
    /// The 1-based number of the segment in the file.
    pub segment: u64,
    /// What is wrong.
    pub problem: X12Problem,
}

impl std::error::Error for X12ClaimError {}

impl std::fmt::Display for X12ClaimError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.claim.is_empty() {
            write!(f, "claim `{}`, ", self.claim)?;
        }
        write!(f, "segment {}: {}", self.segment, self.problem)
    }
}

/// What is wrong with a claim.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum X12Problem {
    /// The file is no interchange, or its `ISA` names no delimiters.
    #[error("the file does not begin with an ISA segment")]
    NotAnInterchange,
    /// The file ends too early.
    #[error("the file ends within a segment or before the claim's transaction does")]
    Cut,
    /// An element holds something else than it should.
    #[error("the {element} is `{found}`, expected {expected}")]
    Element {
        /// The element.
        element: &'static str,
        /// What it holds, cut to 20 characters.
        found: String,
        /// What it should hold.
        expected: &'static str,
    },
}
