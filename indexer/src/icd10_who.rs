//! What a release of WHO's ICD-10, or of a modification in ClaML, says.

use std::collections::{HashMap, HashSet};

use codesets::formats::claml::{ClamlKind, ClamlRow, ClamlRubricKind};
use codesets::formats::icd10_who::{Icd10Kind, Icd10Row};
use codesets::{Code, CodeSystem, Note, NoteKind, Term, TermKind};

use crate::book::{Level, Property};
use crate::facts::{Fact, ReleaseFacts};
use crate::known::Known;
use crate::report::{Skipped, skip};

/// The facts of the release `version`, from the XML of titles or the flat text.
pub(crate) fn facts(
    version: &str,
    rows: &[Icd10Row],
    known: &Known,
    findings: &mut Vec<Skipped>,
) -> Option<ReleaseFacts> {
    let names: Vec<(Level, String)> = rows
        .iter()
        .map(|row| match (row.kind, &row.code) {
            (_, Some(code)) => (Level::Code, code.as_str().to_owned()),
            (Icd10Kind::Chapter, None) => (Level::Chapter, row.name.clone()),
            (_, None) => (Level::Section, row.name.clone()),
        })
        .collect();
    let parents: HashSet<usize> = rows.iter().filter_map(|row| row.parent).collect();
    let facts = rows
        .iter()
        .zip(&names)
        .enumerate()
        .map(|(place, (row, (level, key)))| Fact {
            parent: row.parent.and_then(|parent| names.get(parent).cloned()),
            billable: row.code.is_some() && !parents.contains(&place),
            ..Fact::new(*level, key, &row.title)
        })
        .collect();
    release(version, facts, false, known, findings)
}

/// The facts of the release `version`, from ClaML: with notes and inclusion terms.
pub(crate) fn claml_facts(
    version: &str,
    rows: Vec<ClamlRow>,
    known: &Known,
    findings: &mut Vec<Skipped>,
) -> Option<ReleaseFacts> {
    let levels: HashMap<String, (Level, String)> = rows
        .iter()
        .filter_map(|row| Some((row.code.clone(), level_of(row)?)))
        .collect();
    let parents: HashSet<String> = rows.iter().filter_map(|row| row.parent.clone()).collect();
    let mut facts = Vec::with_capacity(rows.len());
    for row in rows {
        let Some((level, key)) = levels
            .get(&row.code)
            .filter(|_| matches!(row.kind, ClamlKind::Class(_)))
        else {
            // The codes that modifiers make are for the class's own rules to say.
            skip(
                findings,
                "ClaML modifier or value, kept out of the tree",
                row.code,
            );
            continue;
        };
        let Some(title) = row.title() else {
            skip(findings, "ClaML class without a title", row.code);
            continue;
        };
        let mut fact = Fact::new(*level, key, title);
        fact.parent = row
            .parent
            .as_ref()
            .and_then(|parent| levels.get(parent).cloned());
        fact.billable = *level == Level::Code && !parents.contains(&row.code);
        fact.properties
            .extend(row.usage.clone().map(|usage| (Property::Kind, usage)));
        for rubric in &row.rubrics {
            let mut text = rubric.text.clone();
            if !rubric.references.is_empty() {
                text.push_str(&format!(" ({})", rubric.references.join(", ")));
            }
            let note = |kind| Note {
                kind,
                text: text.clone(),
            };
            match rubric.kind {
                ClamlRubricKind::Preferred => {}
                ClamlRubricKind::PreferredLong => {
                    fact.terms.push(term(TermKind::Synonym, &rubric.text));
                }
                ClamlRubricKind::Inclusion => {
                    fact.terms.push(term(TermKind::InclusionTerm, &rubric.text));
                }
                ClamlRubricKind::Exclusion => fact.notes.push(note(NoteKind::Excludes1)),
                ClamlRubricKind::CodingHint => fact.notes.push(note(NoteKind::UseAdditional)),
                ClamlRubricKind::Definition
                | ClamlRubricKind::Text
                | ClamlRubricKind::Note
                | ClamlRubricKind::Introduction
                | ClamlRubricKind::Footnote
                | ClamlRubricKind::Other(_) => fact.notes.push(note(NoteKind::Note)),
            }
        }
        facts.push(fact);
    }
    release(version, facts, true, known, findings)
}

fn term(kind: TermKind, text: &str) -> Term {
    Term {
        kind,
        text: text.to_owned(),
    }
}

fn level_of(row: &ClamlRow) -> Option<(Level, String)> {
    let ClamlKind::Class(kind) = &row.kind else {
        return None;
    };
    let level = match kind.as_str() {
        "chapter" => (Level::Chapter, row.code.clone()),
        "block" => (Level::Section, row.code.clone()),
        _ => (
            Level::Code,
            Code::parse(CodeSystem::Icd10Who, &row.code)
                .ok()?
                .as_str()
                .to_owned(),
        ),
    };
    Some(level)
}

fn release(
    version: &str,
    facts: Vec<Fact>,
    has_notes: bool,
    known: &Known,
    findings: &mut Vec<Skipped>,
) -> Option<ReleaseFacts> {
    let system = CodeSystem::Icd10Who;
    let Some(release) = known.release(system, version) else {
        skip(
            findings,
            "release whose days are unknown",
            format!("ICD-10 `{version}`"),
        );
        return None;
    };
    let publisher = known.publisher(system);
    Some(ReleaseFacts {
        release,
        publisher: publisher.name,
        licence: publisher.licence,
        lists_headers: true,
        has_notes,
        facts,
    })
}
