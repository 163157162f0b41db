//! ICD-10-CM notes: may these diagnoses stand together, and in this order?

use std::collections::BTreeSet;

use codesets::{Code, CodeSystem, NoteKind};

use super::finding::{ClaimReport, Detail, EditKind, Finding, Outcome, Severity};
use super::rules::{DiagnosisRules, RuleNote};

/// A diagnosis of the claim with what ICD-10-CM says of it.
pub(super) struct Diagnosis<'a> {
    pub(super) index: usize,
    pub(super) code: &'a Code,
    pub(super) rules: &'a DiagnosisRules<'a>,
}

/// Checks every diagnosis's notes against the others. `diagnoses` is in the claim's order.
pub(super) fn check(diagnoses: &[Diagnosis<'_>], report: &mut ClaimReport<'_>) {
    check_excludes(diagnoses, report);
    for (place, diagnosis) in diagnoses.iter().enumerate() {
        if diagnosis.rules.is_manifestation && diagnosis.index == 0 {
            report.found(manifestation_first(diagnosis));
        }
        for (edit, kind) in [
            (EditKind::CodeFirst, NoteKind::CodeFirst),
            (EditKind::UseAdditional, NoteKind::UseAdditional),
            (EditKind::CodeAlso, NoteKind::CodeAlso),
        ] {
            // The lines of one note belong together: any of their codes satisfies it.
            let mut from: BTreeSet<&str> = BTreeSet::new();
            for note in &diagnosis.rules.notes {
                if note.kind == kind && from.insert(&note.from) {
                    let note = Sequence {
                        edit,
                        place,
                        lines: diagnosis
                            .rules
                            .notes
                            .iter()
                            .copied()
                            .filter(|other| other.kind == kind && other.from == note.from)
                            .collect(),
                    };
                    note.check(diagnoses, report);
                }
            }
        }
    }
}

/// Excludes notes, which may be written on either side and are said once a pair.
fn check_excludes(diagnoses: &[Diagnosis<'_>], report: &mut ClaimReport<'_>) {
    for (place, a) in diagnoses.iter().enumerate() {
        for b in diagnoses.iter().skip(place + 1) {
            for (edit, kind) in [
                (EditKind::Excludes1, NoteKind::Excludes1),
                (EditKind::Excludes2, NoteKind::Excludes2),
            ] {
                match excluding(a, b, kind).or_else(|| excluding(b, a, kind)) {
                    Some((at, other, note)) => {
                        report.found(excludes_finding(edit, at, other, note));
                    }
                    None => report.counted(edit, Outcome::DoesNotApply, 1),
                }
            }
        }
    }
    if diagnoses.len() < 2 {
        return;
    }
    let mut told = BTreeSet::new();
    for diagnosis in diagnoses {
        for note in &diagnosis.rules.notes {
            let is_unread = note.kind == NoteKind::Excludes1 && note.codes.is_empty();
            if is_unread && told.insert((&note.from, &note.text)) {
                report.found(unread_finding(diagnosis, note));
            }
        }
    }
}

/// The note of `kind` at or above `at` that names `other`.
///
/// A note that names `at` as well says where among its own codes `at` belongs,
/// and excludes nothing for it.
fn excluding<'a, 'b>(
    at: &'b Diagnosis<'a>,
    other: &'b Diagnosis<'a>,
    kind: NoteKind,
) -> Option<(&'b Diagnosis<'a>, &'b Diagnosis<'a>, &'a RuleNote)> {
    let note = at.rules.notes.iter().copied().find(|note| {
        note.kind == kind && note.names(other.code.as_str()) && !note.names(at.code.as_str())
    })?;
    Some((at, other, note))
}

fn excludes_finding(
    edit: EditKind,
    at: &Diagnosis<'_>,
    other: &Diagnosis<'_>,
    note: &RuleNote,
) -> Finding<'static> {
    let (one, two, from) = (at.code, other.code, dotted(&note.from));
    let (outcome, severity, text) = if edit == EditKind::Excludes1 {
        (
            Outcome::Applies,
            Severity::Review,
            format!(
                "{one} and {two} are not reported together: the Excludes1 note at {from} says \"{}\". \
                 The exception is two conditions unrelated to each other (Guidelines I.A.12.a).",
                note.text
            ),
        )
    } else {
        (
            Outcome::DoesNotApply,
            Severity::Info,
            format!(
                "{two} is not part of {one} (Excludes2 note at {from}: \"{}\"); both may be reported.",
                note.text
            ),
        )
    };
    Finding {
        diagnoses: vec![at.index, other.index],
        text,
        detail: detail(note),
        ..Finding::new(edit, outcome, severity)
    }
}

fn unread_finding(diagnosis: &Diagnosis<'_>, note: &RuleNote) -> Finding<'static> {
    Finding {
        diagnoses: vec![diagnosis.index],
        text: format!(
            "The Excludes1 note at {} names no code and was not checked: \"{}\".",
            dotted(&note.from),
            note.text
        ),
        detail: detail(note),
        ..Finding::new(EditKind::Excludes1, Outcome::NoData, Severity::Info)
    }
}

fn manifestation_first(diagnosis: &Diagnosis<'_>) -> Finding<'static> {
    Finding {
        diagnoses: vec![diagnosis.index],
        text: format!(
            "{} is a manifestation and may not be listed first; its underlying disease is (Guidelines I.A.13).",
            diagnosis.code
        ),
        ..Finding::new(EditKind::CodeFirst, Outcome::Applies, Severity::Deny)
    }
}

/// A note about order, of one or several lines, at or above the diagnosis at `place`.
struct Sequence<'a> {
    edit: EditKind,
    place: usize,
    lines: Vec<&'a RuleNote>,
}

impl Sequence<'_> {
    fn check(&self, diagnoses: &[Diagnosis<'_>], report: &mut ClaimReport<'_>) {
        let Some(diagnosis) = diagnoses.get(self.place) else {
            return;
        };
        let named = |other: &Diagnosis<'_>| {
            self.lines
                .iter()
                .any(|line| line.names(other.code.as_str()))
        };
        let before = diagnoses.iter().take(self.place).find(|other| named(other));
        let after = diagnoses
            .iter()
            .skip(self.place + 1)
            .find(|other| named(other));
        let (code, from) = (
            diagnosis.code,
            self.lines.first().map_or("", |line| &*line.from),
        );
        let from = dotted(from);
        let said = match self.edit {
            EditKind::CodeFirst => match (before, after) {
                (Some(_), _) => None,
                (None, Some(other)) => Some((
                    Outcome::Applies,
                    Severity::Review,
                    format!(
                        "{} goes before {code}: the note at {from} says to code it first.",
                        other.code
                    ),
                    Some(other.index),
                )),
                (None, None) if self.place == 0 => Some((
                    Outcome::Applies,
                    Severity::Review,
                    format!(
                        "{code} is listed first, but the note at {from} says to code another condition first."
                    ),
                    None,
                )),
                (None, None) => Some((
                    Outcome::NoData,
                    Severity::Info,
                    format!(
                        "The note at {from} says to code another condition before {code}; whether one of those \
                         before it is meant, the note's codes do not tell."
                    ),
                    None,
                )),
            },
            EditKind::UseAdditional => match (before, after) {
                (_, Some(_)) => None,
                (Some(other), None) => Some((
                    Outcome::Applies,
                    Severity::Review,
                    format!(
                        "{} goes after {code}: the note at {from} says to add it.",
                        other.code
                    ),
                    Some(other.index),
                )),
                (None, None) => Some(self.advice(format!(
                    "The note at {from} says to add another code to {code} where it is known."
                ))),
            },
            _ if before.or(after).is_none() => Some(self.advice(format!(
                "The note at {from} says to code also, in either order, what comes with {code}."
            ))),
            _ => None,
        };
        let Some((outcome, severity, mut text, other)) = said else {
            report.counted(self.edit, Outcome::DoesNotApply, 1);
            return;
        };
        text.push_str(" It reads: ");
        let words: Vec<&str> = self.lines.iter().map(|line| &*line.text).collect();
        text.push_str(&words.join("; "));
        let mut concerned = vec![diagnosis.index];
        concerned.extend(other);
        report.found(Finding {
            diagnoses: concerned,
            text,
            detail: self.lines.first().map_or(Detail::None, |line| detail(line)),
            ..Finding::new(self.edit, outcome, severity)
        });
    }

    /// Whether the other code is needed, the record says and the claim does not.
    fn advice(&self, text: String) -> (Outcome, Severity, String, Option<usize>) {
        (Outcome::NoData, Severity::Info, text, None)
    }
}

fn detail(note: &RuleNote) -> Detail<'static> {
    Detail::Note {
        kind: note.kind,
        note: note.text.to_string(),
        from: note.from.to_string(),
    }
}

/// A code as it is printed; the name of a chapter or section as it is.
fn dotted(from: &str) -> String {
    Code::parse(CodeSystem::Icd10Cm, from).map_or_else(|_| from.to_owned(), |code| code.to_string())
}
