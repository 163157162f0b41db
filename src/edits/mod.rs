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
mod answer;
mod body;
mod book;
mod changes;
mod claim;
mod finding;
mod lines;
mod mce;
mod mue;
mod notes;
mod partners;
mod ptp;
mod rules;
mod tables;
mod validity;
mod x12;

use indexer::edits::EditTables;

pub use answer::{
    CLAIM_SYSTEMS, CheckAnswer, CheckRelease, Findings, Names, Stamps, Summary, TableStamp,
};
pub use body::{CLAIM_MEMBERS, ClaimBody, ClaimDefaults, ClaimError, day, sex};
pub use book::ClaimBook;
pub use changes::{Change, ChangeCounts, ChangesError, TableChanges, UnitsAnswer, table_changes};
pub use claim::{
    Age, Claim, ClaimLine, MAX_DIAGNOSES, MAX_LINES, MAX_MODIFIERS, Patient, Sex, Units, UnitsError,
};
pub use finding::{ClaimReport, Detail, EditKind, Finding, NotChecked, Outcome, Severity, Tally};
pub use partners::{
    AddOnReport, AddOnRow, Column, EditScope, MueReport, MueValue, PairReport, PartnerAnswer,
    PartnerFilter, PartnersReport, PtpRowAnswer, RowPlace, TablesRelease, add_on_report,
    mue_report, pair_report, partners,
};
pub use ptp::{PairAnswer, pair};
pub use rules::{ClaimRules, CodeStatus, DiagnosisRules, LineRules, RuleNote};
pub use x12::FromX12Error;

/// The edits that notes of the Tabular List are.
const NOTE_EDITS: [EditKind; 5] = [
    EditKind::Excludes1,
    EditKind::Excludes2,
    EditKind::CodeFirst,
    EditKind::UseAdditional,
    EditKind::CodeAlso,
];

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
            if let Some(version) = rules.past_release.filter(|_| !diagnoses.is_empty()) {
                for edit in NOTE_EDITS {
                    let why = format!(
                        "no ICD-10-CM release in force on {} is loaded; the notes of ICD-10-CM {version} were used",
                        claim.date
                    );
                    report.missing(edit, why);
                }
            }
        }
        None if claim.diagnoses.is_empty() => {}
        None => {
            for edit in NOTE_EDITS {
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
