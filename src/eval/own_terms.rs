//! A bundle asked for each of its own terms.

use codesets::{Code, CodeSystem, TermKind};
use indexer::bundle::Bundle;
use indexer::text::phrase_digest;
use jiff::civil::Date;

use super::{Question, QuestionSet};

/// Every title, inclusion term and Index entry of the release of `system` that answers for
/// `date`, as questions for the code it stands at; a set for each kind.
///
/// Left out is what stands at several codes, for there no answer is the only right one.
pub fn own_terms(bundle: &Bundle, system: CodeSystem, date: Date) -> Vec<QuestionSet> {
    let Some(release) = bundle.release_for(system, date) else {
        return Vec::new();
    };
    let active = |concept: u32| {
        bundle
            .concepts()
            .get(concept as usize)
            .is_some_and(|record| {
                record.system == system.number() && record.present.get() & release.bit != 0
            })
    };
    let kinds = [
        (TermKind::Title, "titles"),
        (TermKind::InclusionTerm, "inclusion terms"),
        (TermKind::IndexEntry, "Index entries"),
    ];
    let mut sets: Vec<QuestionSet> = kinds
        .iter()
        .map(|(_, name)| QuestionSet {
            name: format!("own {name}"),
            questions: Vec::new(),
        })
        .collect();
    for (line, term) in (1..).zip(bundle.terms()) {
        let concept = term.concept.get();
        let kind = bundle.kind_of(term);
        let Some(place) = kinds.iter().position(|(known, _)| *known == kind) else {
            continue;
        };
        if !active(concept) {
            continue;
        }
        let text = bundle.text(term.text);
        let elsewhere = bundle.exact(phrase_digest(text)).iter().any(|same| {
            let other = bundle
                .terms()
                .get(same.term.get() as usize)
                .map_or(concept, |term| term.concept.get());
            other != concept && active(other)
        });
        if elsewhere {
            continue;
        }
        let key = bundle.concepts().get(concept as usize).map(|r| r.key);
        let code = key.map_or("", |key| bundle.text(key));
        sets[place].questions.push(Question {
            line,
            query: text.to_owned(),
            gold: vec![Code::dotted(system, code)],
            system,
        });
    }
    sets.retain(|set| !set.questions.is_empty());
    sets
}
