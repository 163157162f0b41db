//! Reads a claim's lines and diagnoses; what cannot be read is a finding.

use codesets::edit::{Modifier, ProcedureCode};
use codesets::{Code, CodeSystem};
use jiff::civil::Date;

use super::claim::{Claim, ClaimLine, MAX_DIAGNOSES, MAX_LINES, MAX_MODIFIERS, Units};
use super::finding::{ClaimReport, EditKind, Finding, NotChecked, Outcome, Severity};

/// A line whose code could be read.
pub(super) struct Line<'c> {
    /// Its place on the claim.
    pub(super) index: usize,
    pub(super) id: &'c str,
    pub(super) code: ProcedureCode,
    pub(super) modifiers: Vec<Modifier>,
    /// `None` when the units are zero or negative.
    pub(super) units: Option<Units>,
    pub(super) day: Date,
    /// A number a provider; 0 when the claim does not say.
    provider: u32,
}

impl Line<'_> {
    /// Whether both services were, or may have been, given by one provider on one day.
    ///
    /// A line without a provider may be any provider's: silence is no reason to pass.
    pub(super) fn is_with(&self, other: &Line<'_>) -> bool {
        self.day == other.day && self.may_share_provider(other)
    }

    /// Whether the claim says who gave the service.
    pub(super) fn names_provider(&self) -> bool {
        self.provider != 0
    }

    fn may_share_provider(&self, other: &Line<'_>) -> bool {
        self.provider == 0 || other.provider == 0 || self.provider == other.provider
    }
}

/// What of a claim could be read.
pub(super) struct Readable<'c> {
    pub(super) lines: Vec<Line<'c>>,
    /// The diagnoses that are ICD-10-CM codes, with their places on the claim.
    pub(super) diagnoses: Vec<(usize, Code)>,
}

/// Reads the claim; what cannot be read becomes a finding of `report`. `None`
/// if the claim is too long to be checked at all.
pub(super) fn read<'c>(claim: &'c Claim, report: &mut ClaimReport<'_>) -> Option<Readable<'c>> {
    if claim.lines.len() > MAX_LINES || claim.diagnoses.len() > MAX_DIAGNOSES {
        let text = format!(
            "The claim has {} lines and {} diagnoses; at most {MAX_LINES} and {MAX_DIAGNOSES} \
             are checked, so nothing was. Split the claim.",
            claim.lines.len(),
            claim.diagnoses.len()
        );
        report.not_checked = EditKind::ALL[1..]
            .iter()
            .map(|edit| NotChecked {
                edit: *edit,
                reason: "the claim is too long".to_owned(),
            })
            .collect();
        report.found(problem(Severity::Deny, text));
        return None;
    }
    if claim.lines.is_empty() && claim.diagnoses.is_empty() {
        let text = "The claim has neither lines nor diagnoses; there is nothing to check.";
        report.found(problem(Severity::Review, text.to_owned()));
    }
    let diagnoses = read_diagnoses(claim, report);
    find_repeated_ids(claim, report);
    let mut providers: Vec<&str> = Vec::new();
    let mut lines = Vec::with_capacity(claim.lines.len());
    for (index, line) in claim.lines.iter().enumerate() {
        let provider = match line.provider.as_deref().or(claim.provider.as_deref()) {
            None | Some("") => 0,
            Some(name) => number_of(name, &mut providers),
        };
        lines.extend(read_line(claim, index, line, provider, report));
    }
    Some(Readable { lines, diagnoses })
}

fn number_of<'c>(name: &'c str, known: &mut Vec<&'c str>) -> u32 {
    let place = known
        .iter()
        .position(|each| *each == name)
        .unwrap_or_else(|| {
            known.push(name);
            known.len() - 1
        });
    u32::try_from(place + 1).unwrap_or(u32::MAX)
}

fn read_line<'c>(
    claim: &Claim,
    index: usize,
    line: &'c ClaimLine,
    provider: u32,
    report: &mut ClaimReport<'_>,
) -> Option<Line<'c>> {
    let mut say = |severity, text| {
        let mut finding = problem(severity, text);
        finding.lines.push(index);
        report.found(finding);
    };
    let id = &line.id;
    let day = line.date.unwrap_or(claim.date);
    if !(1966..2100).contains(&day.year()) {
        say(
            Severity::Deny,
            format!("Line {id}: {day} is no plausible day of service; the line was not checked."),
        );
        return None;
    }
    let mut modifiers = Vec::with_capacity(line.modifiers.len());
    for text in &line.modifiers {
        match Modifier::parse(text) {
            Some(modifier) => modifiers.push(modifier),
            None => say(
                Severity::Deny,
                format!(
                    "Line {id}: modifier `{}` is not two letters or digits; it was ignored.",
                    clip(text)
                ),
            ),
        }
    }
    if line.modifiers.len() > MAX_MODIFIERS {
        say(
            Severity::Review,
            format!(
                "Line {id} has {} modifiers; a claim line has room for {MAX_MODIFIERS}.",
                line.modifiers.len()
            ),
        );
    }
    if !line.units.is_positive() {
        say(
            Severity::Deny,
            format!(
                "Line {id} has {} units; a service has more than 0. Its units were not checked.",
                line.units
            ),
        );
    }
    for pointer in &line.diagnosis_pointers {
        if *pointer == 0 || *pointer > claim.diagnoses.len() {
            say(
                Severity::Deny,
                format!(
                    "Line {id} points at diagnosis {pointer}, but the claim has {}.",
                    claim.diagnoses.len()
                ),
            );
        }
    }
    let code = match ProcedureCode::parse(&line.code) {
        Ok(code) => code,
        Err(error) => {
            let hint = match Code::parse(CodeSystem::Icd10Cm, &line.code) {
                Ok(_) => "; it has the shape of a diagnosis, which belongs among the diagnoses",
                Err(_) => "",
            };
            say(
                Severity::Deny,
                format!(
                    "Line {id}: `{}` is no procedure code: {error}{hint}. The line was not checked.",
                    clip(&line.code)
                ),
            );
            return None;
        }
    };
    Some(Line {
        index,
        id,
        code,
        modifiers,
        units: line.units.is_positive().then_some(line.units),
        day,
        provider,
    })
}

fn read_diagnoses(claim: &Claim, report: &mut ClaimReport<'_>) -> Vec<(usize, Code)> {
    let mut read: Vec<(usize, Code)> = Vec::with_capacity(claim.diagnoses.len());
    for (index, text) in claim.diagnoses.iter().enumerate() {
        let (severity, text) = match Code::parse(CodeSystem::Icd10Cm, text) {
            Ok(code) => {
                let earlier = read.iter().find(|(_, known)| *known == code);
                let Some((earlier, _)) = earlier else {
                    read.push((index, code));
                    continue;
                };
                let text = format!(
                    "Diagnosis {} repeats diagnosis {}, {code}; a code is reported once.",
                    index + 1,
                    earlier + 1
                );
                (Severity::Review, text)
            }
            Err(error) => {
                let text = format!(
                    "Diagnosis {}: `{}` is no ICD-10-CM code: {error}. It was not checked.",
                    index + 1,
                    clip(text)
                );
                (Severity::Deny, text)
            }
        };
        let mut finding = problem(severity, text);
        finding.diagnoses.push(index);
        report.found(finding);
    }
    read
}

fn find_repeated_ids(claim: &Claim, report: &mut ClaimReport<'_>) {
    let mut order: Vec<usize> = (0..claim.lines.len()).collect();
    let id = |index: &usize| claim.lines.get(*index).map(|line| line.id.as_str());
    order.sort_by_key(id);
    for same in order.chunk_by(|a, b| id(a) == id(b)) {
        let [first, _, ..] = same else { continue };
        let name = id(first).unwrap_or_default();
        let mut finding = problem(
            Severity::Review,
            format!(
                "{} lines are called `{}`; findings name lines, so give each an id of its own.",
                same.len(),
                clip(name)
            ),
        );
        finding.lines = same.to_vec();
        report.found(finding);
    }
}

fn problem(severity: Severity, text: String) -> Finding<'static> {
    Finding {
        text,
        ..Finding::new(EditKind::Claim, Outcome::Applies, severity)
    }
}

/// The first characters of what was typed: enough to find it.
fn clip(text: &str) -> String {
    text.chars().take(20).collect()
}
