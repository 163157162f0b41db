//! What a release of HCPCS Level II says: codes below their letter, modifiers apart.

use codesets::formats::hcpcs_record::{HcpcsAction, HcpcsKind, HcpcsRecord};
use codesets::{CodeSystem, Term, TermKind};

use crate::book::{Level, Property};
use crate::facts::{Fact, ReleaseFacts};
use crate::known::Known;
use crate::report::{Skipped, skip};

/// The chapter of the modifiers.
const MODIFIERS: &str = "modifiers";

/// What each first letter stands for, in the words of CMS's code sections.
const LETTERS: [(&str, &str); 18] = [
    (
        "A",
        "Transportation services, medical and surgical supplies, administrative and miscellaneous",
    ),
    ("B", "Enteral and parenteral therapy"),
    ("C", "Outpatient prospective payment system"),
    ("D", "Dental procedures"),
    ("E", "Durable medical equipment"),
    ("G", "Procedures and professional services"),
    ("H", "Alcohol and drug abuse treatment services"),
    (
        "J",
        "Drugs administered other than by oral method, chemotherapy drugs",
    ),
    ("K", "Durable medical equipment, temporary codes"),
    ("L", "Orthotic and prosthetic procedures and devices"),
    ("M", "Medical services and quality measures"),
    ("P", "Pathology and laboratory services"),
    ("Q", "Temporary codes"),
    ("R", "Diagnostic radiology services"),
    ("S", "Temporary national codes, not payable by Medicare"),
    ("T", "National codes for state Medicaid agencies"),
    ("U", "Clinical laboratory tests"),
    (
        "V",
        "Vision, hearing and speech-language pathology services",
    ),
];

/// The facts of the release `version`.
pub(crate) fn facts(
    version: &str,
    records: Vec<HcpcsRecord>,
    known: &Known,
    findings: &mut Vec<Skipped>,
) -> Option<ReleaseFacts> {
    let system = CodeSystem::Hcpcs;
    let Some(release) = known.release(system, version) else {
        skip(
            findings,
            "release whose days are unknown",
            format!("HCPCS `{version}`"),
        );
        return None;
    };
    let publisher = known.publisher(system);
    let mut facts = Vec::with_capacity(records.len() + LETTERS.len() + 1);
    facts.push(Fact::new(Level::Chapter, MODIFIERS, "Modifiers"));
    let has = |letter: &str| {
        let of_letter = |record: &HcpcsRecord| {
            record.kind == HcpcsKind::Procedure && record.code.as_str().starts_with(letter)
        };
        records.iter().any(of_letter)
    };
    for (letter, title) in LETTERS.into_iter().filter(|(letter, _)| has(letter)) {
        facts.push(Fact::new(Level::Chapter, letter, title));
    }
    for record in records {
        let terminated = record
            .last_day
            .is_some_and(|last| last < release.days.first);
        facts.push(fact(record, terminated));
    }
    Some(ReleaseFacts {
        release,
        publisher: publisher.name,
        licence: publisher.licence,
        lists_headers: true,
        has_notes: true,
        facts,
    })
}

/// A code or modifier; one that ended before the release began is listed but cannot be billed.
fn fact(record: HcpcsRecord, terminated: bool) -> Fact {
    let is_modifier = record.kind == HcpcsKind::Modifier;
    let key = record.code.as_str();
    let chapter = if is_modifier {
        MODIFIERS
    } else {
        key.get(..1).unwrap_or("")
    };
    let short = record.short_description.clone().unwrap_or_default();
    let terms = if short.is_empty() || short == record.long_description {
        Vec::new()
    } else {
        vec![Term {
            kind: TermKind::ShortTitle,
            text: short.clone(),
        }]
    };
    Fact {
        parent: Some((Level::Chapter, chapter.to_owned())),
        billable: !is_modifier && !terminated,
        short_title: short,
        terms,
        properties: properties(&record),
        ..Fact::new(Level::Code, key, &record.long_description)
    }
}

fn properties(record: &HcpcsRecord) -> Vec<(Property, String)> {
    let mut found: Vec<(Property, String)> = Vec::with_capacity(12);
    let kind = match record.kind {
        HcpcsKind::Procedure => "procedure",
        HcpcsKind::Modifier => "modifier",
    };
    found.push((Property::Kind, kind.to_owned()));
    let mut add = |property: Property, value: Option<String>| {
        found.extend(
            value
                .filter(|value| !value.is_empty())
                .map(|value| (property, value)),
        );
    };
    let day = |day: Option<jiff::civil::Date>| day.map(|day| day.to_string());
    let list = |values: &[String]| Some(values.join(" "));
    let with = |parts: &[Option<String>]| {
        let parts: Vec<&str> = parts.iter().flatten().map(String::as_str).collect();
        Some(parts.join(" "))
    };
    add(Property::Added, day(record.added));
    add(Property::LastDay, day(record.last_day));
    add(
        Property::Action,
        record
            .action
            .map(|action| format!("{} {}", action.letter(), action_words(action))),
    );
    add(Property::ActionEffective, day(record.action_effective));
    add(
        Property::Coverage,
        record
            .coverage
            .map(|coverage| format!("{} {}", coverage.letter(), coverage.meaning())),
    );
    add(Property::Betos, record.betos.clone());
    add(Property::TypeOfService, list(&record.types_of_service));
    add(Property::Pricing, list(&record.pricing));
    add(Property::MultiplePricing, record.multiple_pricing.clone());
    add(Property::CoverageManual, list(&record.coverage_manual));
    add(Property::CarriersManual, list(&record.carriers_manual));
    add(Property::Statute, record.statute.clone());
    add(
        Property::LaboratoryCertification,
        list(&record.laboratory_certifications),
    );
    add(Property::CrossReference, list(&record.cross_references));
    add(
        Property::AscGroup,
        with(&[record.asc_group.clone(), day(record.asc_day)]),
    );
    let opps = [
        record.opps_group.clone(),
        record.opps_indicator.clone(),
        day(record.opps_day),
    ];
    add(Property::OppsGroup, with(&opps));
    add(Property::ProcessingNote, record.processing_note.clone());
    let units = record.anesthesia_units.filter(|units| *units > 0);
    add(
        Property::AnesthesiaUnits,
        units.map(|units| units.to_string()),
    );
    found
}

/// The publisher's words for an action.
const fn action_words(action: HcpcsAction) -> &'static str {
    match action {
        HcpcsAction::Add => "added",
        HcpcsAction::AdministrativeAndLongDescription => {
            "administrative data and long description changed"
        }
        HcpcsAction::LongDescription => "long description changed",
        HcpcsAction::Discontinue => "discontinued",
        HcpcsAction::Administrative => "administrative data changed",
        HcpcsAction::None => "no maintenance",
        HcpcsAction::Payment => "payment changed",
        HcpcsAction::Reactivate => "reactivated",
        HcpcsAction::ShortDescription => "short description changed",
        HcpcsAction::Miscellaneous => "miscellaneous change",
    }
}
