//! What the descriptor files of a CPT licensee say of one release.

use std::collections::HashMap;

use codesets::formats::cpt::CptDescriptor;
use codesets::{CodeSystem, Term, TermKind};

use crate::book::{Level, Property};
use crate::facts::{Fact, ReleaseFacts};
use crate::known::Known;
use crate::report::{Skipped, skip};
use crate::systems::CptFiles;

/// The facts of the release `version`: the longest descriptor at hand is the title.
pub(crate) fn facts(
    version: &str,
    files: CptFiles,
    known: &Known,
    findings: &mut Vec<Skipped>,
) -> Option<ReleaseFacts> {
    let system = CodeSystem::Cpt;
    let Some(release) = known.release(system, version) else {
        skip(
            findings,
            "release whose days are unknown",
            format!("CPT `{version}`"),
        );
        return None;
    };
    let mut facts: Vec<Fact> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let named = [files.long, files.medium, files.short];
    for (rank, rows) in named.into_iter().enumerate() {
        for row in rows.into_iter().flatten() {
            let key = row.code.as_str();
            let place = *places.entry(key.to_owned()).or_insert_with(|| {
                facts.push(Fact {
                    billable: true,
                    ..Fact::new(Level::Code, key, &row.text)
                });
                facts.len() - 1
            });
            let fact = &mut facts[place];
            if rank > 0 && fact.title != row.text {
                fact.short_title.clone_from(&row.text);
                fact.terms.push(term(TermKind::ShortTitle, &row.text));
            }
        }
    }
    for row in files.consumer.into_iter().chain(files.clinician).flatten() {
        add_descriptor(&row, &places, &mut facts, findings);
    }
    facts.sort_by(|a, b| a.key.cmp(&b.key));
    Some(ReleaseFacts {
        release,
        publisher: "American Medical Association".to_owned(),
        licence: "CPT copyright American Medical Association; loaded from the licensee's own files"
            .to_owned(),
        lists_headers: true,
        has_notes: true,
        facts,
    })
}

fn add_descriptor(
    row: &CptDescriptor,
    places: &HashMap<String, usize>,
    facts: &mut [Fact],
    findings: &mut Vec<Skipped>,
) {
    let Some(fact) = places
        .get(row.code.as_str())
        .and_then(|place| facts.get_mut(*place))
    else {
        let example = format!("line {}: {}", row.line, row.code);
        return skip(
            findings,
            "CPT descriptor of a code that the release does not list",
            example,
        );
    };
    fact.terms.push(term(TermKind::Synonym, &row.text));
    if let Some(id) = &row.concept_id {
        let property = (Property::ConceptId, id.clone());
        if !fact.properties.contains(&property) {
            fact.properties.push(property);
        }
    }
}

fn term(kind: TermKind, text: &str) -> Term {
    Term {
        kind,
        text: text.to_owned(),
    }
}
