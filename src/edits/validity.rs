//! Whether the claim's codes may be used on their day, as the code sets say.

use codesets::CodeSystem;
use jiff::civil::Date;

use super::claim::Claim;
use super::finding::{ClaimReport, EditKind, Finding, Outcome, Severity};
use super::rules::{ClaimRules, CodeStatus};

/// Turns the statuses that the catalog found into findings.
pub(super) fn check(claim: &Claim, rules: &ClaimRules<'_>, report: &mut ClaimReport<'_>) {
    match &rules.lines {
        None if claim.lines.is_empty() => {}
        None => {
            report.counted(EditKind::CodeValidity, Outcome::NoData, claim.lines.len());
            report.missing(
                EditKind::CodeValidity,
                "no procedure codes are loaded".to_owned(),
            );
        }
        Some(lines) => {
            for (index, (line, rules)) in claim.lines.iter().zip(lines).enumerate() {
                let day = line.date.unwrap_or(claim.date);
                let place = format!("line {}", line.id);
                say(
                    ("Code", &line.code, &place, day),
                    rules.code,
                    report,
                    |finding| {
                        finding.lines.push(index);
                    },
                );
                for (modifier, status) in line.modifiers.iter().zip(&rules.modifiers) {
                    let what = ("Modifier", modifier.as_str(), place.as_str(), day);
                    say(what, *status, report, |finding| {
                        finding.lines.push(index);
                    });
                }
            }
        }
    }
    match &rules.diagnoses {
        None if claim.diagnoses.is_empty() => {}
        None => {
            report.counted(
                EditKind::CodeValidity,
                Outcome::NoData,
                claim.diagnoses.len(),
            );
            report.missing(
                EditKind::CodeValidity,
                format!("no ICD-10-CM release for {} is loaded", claim.date),
            );
        }
        Some(diagnoses) => {
            for (index, (code, rules)) in claim.diagnoses.iter().zip(diagnoses).enumerate() {
                let place = format!("diagnosis {}", index + 1);
                let what = ("Code", code.as_str(), place.as_str(), claim.date);
                say(what, rules.status, report, |finding| {
                    finding.diagnoses.push(index);
                });
            }
        }
    }
}

fn say(
    (what, text, place, day): (&str, &str, &str, Date),
    status: CodeStatus,
    report: &mut ClaimReport<'_>,
    concern: impl FnOnce(&mut Finding<'static>),
) {
    let edit = EditKind::CodeValidity;
    let why = match status {
        CodeStatus::Valid => {
            report.counted(edit, Outcome::DoesNotApply, 1);
            return;
        }
        CodeStatus::Malformed => {
            report.counted(edit, Outcome::NoData, 1);
            return;
        }
        CodeStatus::NotLoaded(system) => {
            report.counted(edit, Outcome::NoData, 1);
            report.missing(edit, not_loaded(system, day));
            return;
        }
        CodeStatus::OfOtherSystem(system) => {
            format!("does not belong there: it is a code of {system}")
        }
        CodeStatus::Header => "is a header; more characters are needed".to_owned(),
        CodeStatus::Unknown => "is in no loaded release of its system".to_owned(),
        CodeStatus::NotInForce {
            last: Some(last), ..
        } => format!("was valid through {last} only"),
        CodeStatus::NotInForce {
            first: Some(first), ..
        } => format!("is valid from {first} only"),
        CodeStatus::NotInForce {
            first: None,
            last: None,
        } => "is not valid on the day of service".to_owned(),
    };
    let mut finding = Finding {
        text: format!("{what} {text} ({place}) {why}."),
        ..Finding::new(edit, Outcome::Applies, Severity::Deny)
    };
    concern(&mut finding);
    report.found(finding);
}

fn not_loaded(system: CodeSystem, day: Date) -> String {
    match system {
        CodeSystem::Cpt => {
            format!("no loaded file lists all CPT codes and modifiers of {day}")
        }
        other => format!("no loaded release of {other} lists all codes of {day}"),
    }
}
