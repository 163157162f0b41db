//! What a file of OMOP concepts says of the systems it holds.

use std::collections::BTreeMap;

use codesets::formats::omop::{OmopConcept, OmopStandard};
use codesets::{Code, CodeSystem, Release, ReleaseDays};
use jiff::civil::{Date, date};

use crate::book::{Level, Property};
use crate::facts::{Fact, ReleaseFacts};
use crate::report::{Skipped, skip};

/// The day that OMOP writes for "no end".
const NO_END: Date = date(2099, 12, 31);

/// The facts of each system in `concepts`: one release, whose codes have days of their own.
pub(crate) fn facts(
    version: &str,
    concepts: Vec<OmopConcept>,
    findings: &mut Vec<Skipped>,
) -> BTreeMap<CodeSystem, ReleaseFacts> {
    let mut releases: BTreeMap<CodeSystem, ReleaseFacts> = BTreeMap::new();
    for concept in concepts {
        let Some(system) = concept.system() else {
            continue;
        };
        let Ok(code) = Code::parse(system, &concept.code) else {
            skip(
                findings,
                "OMOP concept whose code the system cannot have",
                format!(
                    "line {}: {} `{}`",
                    concept.line, concept.vocabulary, concept.code
                ),
            );
            continue;
        };
        let release = releases.entry(system).or_insert_with(|| ReleaseFacts {
            release: Release {
                system,
                version: format!("omop-{version}"),
                days: ReleaseDays {
                    first: concept.first_day,
                    last: None,
                },
            },
            publisher: "OHDSI Athena".to_owned(),
            licence: "as the vocabulary's publisher grants it to the user".to_owned(),
            lists_headers: true,
            has_notes: true,
            facts: Vec::new(),
        });
        release.release.days.first = release.release.days.first.min(concept.first_day);
        release.facts.push(fact(&concept, code.as_str()));
    }
    for release in releases.values_mut() {
        release.facts.sort_by(|a, b| a.key.cmp(&b.key));
        release.facts.dedup_by(|a, b| a.key == b.key);
    }
    releases
}

fn fact(concept: &OmopConcept, key: &str) -> Fact {
    let mut fact = Fact {
        billable: concept.invalid.is_none()
            && concept.standard != Some(OmopStandard::Classification),
        ..Fact::new(Level::Code, key, &concept.name)
    };
    fact.properties
        .push((Property::ConceptId, concept.concept_id.to_string()));
    fact.properties.push((
        Property::Class,
        format!("{}, {}", concept.domain, concept.class),
    ));
    fact.properties
        .push((Property::Added, concept.first_day.to_string()));
    if concept.last_day != NO_END {
        fact.properties
            .push((Property::LastDay, concept.last_day.to_string()));
    }
    fact
}
