//! Edits: may these codes stand together on one claim?
//!
//! [`check`] holds a claim against every loaded table and says, for each edit,
//! whether it applies, with the row that says so. Plain functions over plain
//! data: no HTTP, no files. What the code sets say of the claim's codes comes in
//! as [`ClaimRules`], which the catalog fills.
//!
//! Three values, on purpose: an edit that applies, one that does not, and one
//! that could not be decided. [`ClaimReport::not_checked`] names every table or
//! fact that was missing; nothing passes silently.

mod addon;
mod claim;
mod finding;
mod lines;
mod mce;
mod mue;
mod notes;
mod ptp;
mod rules;
mod tables;
mod validity;
mod x12;

use indexer::edits::EditTables;

pub use claim::{
    Age, Claim, ClaimLine, MAX_DIAGNOSES, MAX_LINES, MAX_MODIFIERS, Patient, Sex, Units, UnitsError,
};
pub use finding::{ClaimReport, Detail, EditKind, Finding, NotChecked, Outcome, Severity, Tally};
pub use ptp::{PairAnswer, pair};
pub use rules::{ClaimRules, CodeStatus, DiagnosisRules, LineRules, RuleNote};
pub use x12::FromX12Error;

/// Checks a claim against the edit tables and against what the code sets say of its codes.
///
/// The findings stand in the order of [`EditKind::ALL`].
pub fn check<'t>(tables: &'t EditTables, claim: &Claim, rules: &ClaimRules<'_>) -> ClaimReport<'t> {
    let mut report = ClaimReport::default();
    let Some(readable) = lines::read(claim, &mut report) else {
        return report;
    };
    validity::check(claim, rules, &mut report);
    ptp::check(tables, claim, &readable.lines, &mut report);
    mue::check(tables, claim, &readable.lines, &mut report);
    addon::check(tables, claim, &readable.lines, &mut report);
    match &rules.diagnoses {
        Some(known) => {
            let diagnoses: Vec<notes::Diagnosis<'_>> = readable
                .diagnoses
                .iter()
                .filter_map(|(index, code)| {
                    Some(notes::Diagnosis {
                        index: *index,
                        code,
                        rules: known.get(*index)?,
                    })
                })
                .collect();
            notes::check(&diagnoses, &mut report);
        }
        None if claim.diagnoses.is_empty() => {}
        None => {
            for edit in [
                EditKind::Excludes1,
                EditKind::Excludes2,
                EditKind::CodeFirst,
                EditKind::UseAdditional,
                EditKind::CodeAlso,
            ] {
                report.counted(edit, Outcome::NoData, readable.diagnoses.len());
                let why = format!("no ICD-10-CM release for {} is loaded", claim.date);
                report.missing(edit, why);
            }
        }
    }
    mce::check(tables, claim, &readable.diagnoses, &mut report);
    report.findings.sort_by_key(|finding| finding.edit);
    report
}
