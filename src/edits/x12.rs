//! Claims of X12 837 files as claims to check.

use codesets::edit::{Payer, Setting};
use codesets::formats::x12::{ClaimForm, X12Claim, X12DiagnosisKind};
use jiff::civil::Date;

use super::claim::{Age, Claim, ClaimLine, Patient, Sex, Units, UnitsError};

/// Why a claim that could be read cannot be checked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FromX12Error {
    /// Neither the claim nor any of its lines has a day.
    #[error("claim `{id}`, segment {segment}: neither the claim nor any line has a day of service")]
    NoDay {
        /// The claim.
        id: Box<str>,
        /// The segment of its `CLM`.
        segment: u64,
    },
    /// A line's quantity is no number of units.
    #[error("claim `{id}`, segment {segment}: the quantity cannot be read")]
    Units {
        /// The claim.
        id: Box<str>,
        /// The segment of the line.
        segment: u64,
        /// Why.
        #[source]
        source: UnitsError,
    },
}

impl Claim {
    /// The claim of an 837 file.
    ///
    /// A professional claim is a practitioner's, an institutional one an
    /// outpatient hospital's; `setting` says otherwise, for suppliers' claims.
    /// `payer` answers where the claim names neither Medicare nor Medicaid.
    /// The day of a line without one is that of the first line, or of the
    /// statement. Lines with a revenue code alone have no procedure to check and
    /// are left out; diagnosis pointers count principal and other diagnoses.
    ///
    /// # Errors
    /// When the claim has no day, or a quantity is no number of units.
    pub fn from_x12(
        claim: &X12Claim,
        setting: Option<Setting>,
        payer: Payer,
    ) -> Result<Claim, FromX12Error> {
        let first_day: Option<Date> = claim.lines.iter().find_map(|line| line.date);
        let date = first_day
            .or(claim.date)
            .ok_or_else(|| FromX12Error::NoDay {
                id: claim.id.clone(),
                segment: claim.segment,
            })?;
        let mut lines = Vec::with_capacity(claim.lines.len());
        for line in claim.lines.iter().filter(|line| !line.code.is_empty()) {
            let units: Units = line.units.parse().map_err(|source| FromX12Error::Units {
                id: claim.id.clone(),
                segment: line.segment,
                source,
            })?;
            lines.push(ClaimLine {
                id: line.number.to_string(),
                code: line.code.to_string(),
                modifiers: line.modifiers.iter().map(ToString::to_string).collect(),
                units,
                date: line.date,
                provider: line.provider.as_ref().map(ToString::to_string),
                diagnosis_pointers: line.diagnosis_pointers.clone(),
            });
        }
        let by_form = match claim.form {
            ClaimForm::Professional => Setting::Practitioner,
            ClaimForm::Institutional => Setting::OutpatientHospital,
        };
        Ok(Claim {
            date,
            setting: setting.unwrap_or(by_form),
            payer: claim.payer.unwrap_or(payer),
            provider: claim.provider.as_ref().map(ToString::to_string),
            patient: Patient {
                age: claim.birth.and_then(|birth| Age::on(date, birth)),
                sex: match claim.sex {
                    Some('F') => Some(Sex::Female),
                    Some('M') => Some(Sex::Male),
                    _ => None,
                },
            },
            diagnoses: diagnoses(claim),
            lines,
        })
    }
}

/// The diagnoses that pointers count, then external causes; what only says why
/// the patient came is not on the claim as a diagnosis.
fn diagnoses(claim: &X12Claim) -> Vec<String> {
    let of = |wanted: fn(X12DiagnosisKind) -> bool| {
        let kept = claim.diagnoses.iter().filter(move |each| wanted(each.kind));
        kept.map(|each| each.code.to_string())
    };
    let counted = of(|kind| matches!(kind, X12DiagnosisKind::Principal | X12DiagnosisKind::Other));
    let causes = of(|kind| kind == X12DiagnosisKind::ExternalCause);
    counted.chain(causes).collect()
}
