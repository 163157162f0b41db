//! The Medicare Code Editor: principal diagnosis, age and sex.
//!
//! The editor is written for inpatient claims; on other claims its findings are
//! good advice, and say so by asking for review.

use codesets::Code;
use codesets::edit::{EditTableKind, MceList, SEX_EDITS_LAST_DAY};
use indexer::edits::{EditTable, EditTables, Mce};

use super::claim::{Claim, Sex};
use super::finding::{ClaimReport, Detail, EditKind, Finding, Outcome, Severity};
use super::tables::TableOfDay;

/// Checks the diagnoses (with their places on the claim) against the lists of the day.
pub(super) fn check<'t>(
    tables: &'t EditTables,
    claim: &Claim,
    diagnoses: &[(usize, Code)],
    report: &mut ClaimReport<'t>,
) {
    if diagnoses.is_empty() {
        return;
    }
    let day = claim.date;
    let mut of_day = TableOfDay::new(tables, claim, EditTableKind::Mce);
    let Some(table) = of_day.table(day, EditKind::McePrincipal, report) else {
        report.counted(EditKind::McePrincipal, Outcome::NoData, 1);
        report.counted(EditKind::MceAge, Outcome::NoData, diagnoses.len());
        report.missing(EditKind::MceAge, of_day.why_missing(day));
        if day > SEX_EDITS_LAST_DAY {
            report.counted(EditKind::MceSex, Outcome::DoesNotApply, diagnoses.len());
        } else {
            report.counted(EditKind::MceSex, Outcome::NoData, diagnoses.len());
            report.missing(EditKind::MceSex, of_day.why_missing(day));
        }
        return;
    };
    let lists = Lists {
        tables,
        table,
        mce: tables.mce(table),
    };
    for (index, code) in diagnoses {
        if *index == 0 {
            lists.check_principal(code, diagnoses.len(), report);
        }
        lists.check_age(claim, (*index, code), report);
        lists.check_sex(claim, (*index, code), report);
    }
}

struct Lists<'t, 'a> {
    tables: &'t EditTables,
    table: &'a EditTable,
    mce: Mce<'t>,
}

impl<'t> Lists<'t, '_> {
    fn check_principal(&self, code: &Code, diagnoses: usize, report: &mut ClaimReport<'t>) {
        let before = report.findings.len();
        for (list, row) in self.mce.of(code) {
            let (severity, why) = match list {
                MceList::ManifestationPrincipal => (
                    Severity::Deny,
                    "is a manifestation and may not be the principal diagnosis; its underlying disease is",
                ),
                MceList::UnacceptablePrincipal => (
                    Severity::Review,
                    "describes a circumstance, not an illness, and may not be the principal diagnosis of an inpatient claim",
                ),
                MceList::UnacceptableWithoutSecondary if diagnoses == 1 => (
                    Severity::Review,
                    "may not be the principal diagnosis of an inpatient claim without a secondary one",
                ),
                MceList::QuestionableAdmission => {
                    (Severity::Info, "hardly ever needs admission by itself")
                }
                _ => continue,
            };
            let text = format!("{code} {why}.");
            report.found(self.finding(EditKind::McePrincipal, severity, (0, list, row), text));
        }
        if report.findings.len() == before {
            report.counted(EditKind::McePrincipal, Outcome::DoesNotApply, 1);
        }
    }

    fn check_age(
        &self,
        claim: &Claim,
        (index, code): (usize, &Code),
        report: &mut ClaimReport<'t>,
    ) {
        let mut is_listed = false;
        for (list, row) in self.mce.of(code) {
            let Some(ages) = self.mce.ages(list) else {
                continue;
            };
            is_listed = true;
            let span = format!("ages {} to {}", ages.least, ages.most);
            let Some(age) = claim.patient.age else {
                let text =
                    format!("{code} is for {span}; the claim does not say the patient's age.");
                let mut finding =
                    self.finding(EditKind::MceAge, Severity::Info, (index, list, row), text);
                finding.outcome = Outcome::NoData;
                report.found(finding);
                continue;
            };
            if ages.contains(age.years) {
                report.counted(EditKind::MceAge, Outcome::DoesNotApply, 1);
                continue;
            }
            let text = format!("{code} is for {span}; the patient is {}.", age.years);
            report.found(self.finding(
                EditKind::MceAge,
                Severity::Review,
                (index, list, row),
                text,
            ));
        }
        if !is_listed {
            report.counted(EditKind::MceAge, Outcome::DoesNotApply, 1);
        }
    }

    fn check_sex(
        &self,
        claim: &Claim,
        (index, code): (usize, &Code),
        report: &mut ClaimReport<'t>,
    ) {
        let edit = EditKind::MceSex;
        if claim.date > SEX_EDITS_LAST_DAY {
            report.counted(edit, Outcome::DoesNotApply, 1);
            return;
        }
        if !self.mce.has(MceList::FemaleOnly) {
            report.counted(edit, Outcome::NoData, 1);
            report.missing(edit, format!("{} has no sex lists", self.table.name));
            return;
        }
        let mut is_listed = false;
        for (list, row) in self.mce.of(code) {
            let (of, word) = match list {
                MceList::FemaleOnly => (Sex::Female, "female"),
                MceList::MaleOnly => (Sex::Male, "male"),
                _ => continue,
            };
            is_listed = true;
            if claim.patient.sex == Some(of) {
                report.counted(edit, Outcome::DoesNotApply, 1);
                continue;
            }
            let (outcome, severity, given) = match claim.patient.sex {
                None => (
                    Outcome::NoData,
                    Severity::Info,
                    "the claim does not say the patient's sex",
                ),
                Some(_) => (
                    Outcome::Applies,
                    Severity::Review,
                    "the claim says otherwise",
                ),
            };
            let text = format!("{code} is for {word} patients; {given}.");
            let mut finding = self.finding(edit, severity, (index, list, row), text);
            finding.outcome = outcome;
            report.found(finding);
        }
        if !is_listed {
            report.counted(edit, Outcome::DoesNotApply, 1);
        }
    }

    fn finding(
        &self,
        edit: EditKind,
        severity: Severity,
        (index, list, row): (usize, MceList, u32),
        text: String,
    ) -> Finding<'t> {
        Finding {
            diagnoses: vec![index],
            table: Some(self.table.name),
            row: self.tables.source(self.table, row),
            detail: Detail::Mce { list },
            text,
            ..Finding::new(edit, Outcome::Applies, severity)
        }
    }
}
