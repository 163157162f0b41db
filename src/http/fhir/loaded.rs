//! A release of a loaded code system, as FHIR asks it.

use std::ops::Range;

use codesets::{Code, CodeSystem, TermKind};
use indexer::book::{Level, Property as BookProperty};
use indexer::bundle::records::ConceptRecord;
use indexer::bundle::{Bundle, ConceptId, LoadedRelease};
use jiff::civil::Date;
use serde_json::{Value, json};

use super::canonical;
use super::concepts::{Codes, Concept, Designation, Found, Place, Property};
use crate::lookup::{self, title};

/// The properties that FHIR itself names.
pub(super) const STANDARD: [(&str, &str); 6] = [
    ("parent", "code"),
    ("child", "code"),
    ("inactive", "boolean"),
    ("notSelectable", "boolean"),
    ("status", "code"),
    ("effectiveDate", "dateTime"),
];

/// The properties of ours.
pub(super) const OWN: [(&str, &str, &str); 17] = [
    ("billable", "boolean", "Whether the code can be billed"),
    ("chapter", "string", "The number of its chapter"),
    ("block", "string", "The range of its section"),
    ("shortDescription", "string", "The publisher's short title"),
    (
        "inclusionTerm",
        "string",
        "An inclusion term of the Tabular List",
    ),
    (
        "includes",
        "string",
        "An Includes note that holds for the code",
    ),
    (
        "excludes1",
        "string",
        "An Excludes1 note that holds for the code",
    ),
    (
        "excludes2",
        "string",
        "An Excludes2 note that holds for the code",
    ),
    (
        "codeFirst",
        "string",
        "A Code First note that holds for the code",
    ),
    (
        "useAdditionalCode",
        "string",
        "A Use Additional Code note that holds for the code",
    ),
    (
        "codeAlso",
        "string",
        "A Code Also note that holds for the code",
    ),
    (
        "seventhCharacter",
        "string",
        "A seventh character and its meaning: A=initial encounter",
    ),
    (
        "placeholderX",
        "boolean",
        "Whether X fills places before the seventh character",
    ),
    ("coverage", "string", "How Medicare covers it"),
    ("betos", "string", "The Berenson-Eggers Type of Service"),
    ("pricing", "string", "How Medicare prices it"),
    ("action", "string", "What the release did to it"),
];

/// The properties of ours that are a publisher's field, and the field.
const FIELDS: [(&str, BookProperty); 7] = [
    ("coverage", BookProperty::Coverage),
    ("betos", BookProperty::Betos),
    ("pricing", BookProperty::Pricing),
    ("action", BookProperty::Action),
    ("addDate", BookProperty::Added),
    ("terminationDate", BookProperty::LastDay),
    ("kind", BookProperty::Kind),
];

/// What a short title is for.
const USAGE_DISPLAY: (&str, &str) = (
    "http://terminology.hl7.org/CodeSystem/designation-usage",
    "display",
);
/// What an inclusion term is for, in the words that all of FHIR borrows.
const USAGE_SYNONYM: (&str, &str) = ("http://snomed.info/sct", "900000000000013009");

/// A release of a loaded code system, on a day.
pub(super) struct LoadedCodes<'a> {
    bundle: &'a Bundle,
    release: &'a LoadedRelease,
    canonical: &'static canonical::Canonical,
    version: String,
    /// A day on which the release answers: the one asked for, if it is one.
    day: Date,
}

impl<'a> LoadedCodes<'a> {
    /// `release` as seen on `day`, or on its first day if another release answers for `day`.
    pub(super) fn new(
        bundle: &'a Bundle,
        release: &'a LoadedRelease,
        day: Date,
    ) -> LoadedCodes<'a> {
        let answers = bundle
            .release_for(release.system, day)
            .is_some_and(|answering| answering.bit == release.bit);
        LoadedCodes {
            bundle,
            release,
            canonical: canonical::of(release.system),
            version: canonical::version(release),
            day: if answers { day } else { release.days.first },
        }
    }

    /// The system.
    pub(super) fn system(&self) -> CodeSystem {
        self.release.system
    }

    /// The day on which the release is asked.
    pub(super) fn day(&self) -> Date {
        self.day
    }

    fn record(&self, place: Place) -> ConceptRecord {
        self.bundle.concept(ConceptId(place))
    }

    fn is_of_release(&self, record: &ConceptRecord) -> bool {
        record.system == self.release.system.number()
            && record.level == Level::Code.number()
            && record.present.get() & self.release.bit != 0
    }

    fn is_billable(&self, record: &ConceptRecord) -> bool {
        record.billable.get() & self.release.bit != 0
    }

    fn field(&self, place: Place, property: BookProperty) -> Option<&'a str> {
        self.bundle
            .property(ConceptId(place), property, self.release.bit)
    }

    /// Modifiers, extension codes and codes that have ended cannot be billed, but they are
    /// no headings.
    fn is_heading(&self, place: Place, record: &ConceptRecord) -> bool {
        !self.is_billable(record)
            && record.subtree_end.get() > place.saturating_add(1)
            && !matches!(
                self.field(place, BookProperty::Kind),
                Some("modifier" | "extension")
            )
    }

    /// A code of a quarter may end, or begin, within it.
    fn inactive(&self, place: Place) -> Option<&'static str> {
        let day = |property| -> Option<Date> { self.field(place, property)?.parse().ok() };
        if day(BookProperty::LastDay).is_some_and(|last| self.day > last) {
            return Some("retired");
        }
        if self.release.system == CodeSystem::Hcpcs
            && day(BookProperty::Added).is_some_and(|first| self.day < first)
        {
            return Some("draft");
        }
        None
    }

    /// The heading of `level` above a concept.
    fn heading(&self, place: Place, level: Level) -> Option<&'a str> {
        let mut below = place;
        let mut next = self.bundle.parent(&self.record(place));
        // Parents stand before their children, so a damaged record cannot make a circle.
        while let Some(id) = next.filter(|id| id.0 < below) {
            let record = self.bundle.concept(id);
            if record.level == level.number() {
                return Some(self.bundle.text(record.key));
            }
            below = id.0;
            next = self.bundle.parent(&record);
        }
        None
    }

    /// Whether `X` stands, or will stand, before the seventh character of a code that takes one.
    fn takes_placeholders(&self, place: Place) -> bool {
        let record = self.record(place);
        let key = self.bundle.text(record.key).as_bytes();
        key.len() < 6 || (key.len() == 7 && key.get(5) == Some(&b'X'))
    }

    /// The notes, terms and seventh characters, which `lookup` reads.
    fn told(&self, place: Place) -> Vec<Property> {
        let code = self.code(place);
        let told = lookup::lookup(self.bundle, self.release.system, &code, self.day);
        let Ok(detail) = told else {
            return Vec::new();
        };
        let mut told: Vec<Property> = Vec::new();
        let text = |name: &str, value: String| Property::new(name, "valueString", value);
        told.extend(detail.short.map(|short| text("shortDescription", short)));
        for term in detail.inclusion_terms {
            told.push(text("inclusionTerm", term.text));
        }
        for note in detail.notes {
            if let Some(name) = note_property(note.kind) {
                told.push(text(name, note.text));
            }
        }
        if let Some(seventh) = detail.seventh {
            for value in &seventh.values {
                told.push(text(
                    "seventhCharacter",
                    format!("{}={}", value.char, value.text),
                ));
            }
            told.push(Property::new(
                "placeholderX",
                "valueBoolean",
                self.takes_placeholders(place),
            ));
        }
        told
    }
}

/// The property of a note of that kind.
fn note_property(kind: &str) -> Option<&'static str> {
    match kind {
        "includes" => Some("includes"),
        "excludes1" => Some("excludes1"),
        "excludes2" => Some("excludes2"),
        "code_first" => Some("codeFirst"),
        "use_additional" => Some("useAdditionalCode"),
        "code_also" => Some("codeAlso"),
        _ => None,
    }
}

impl Codes for LoadedCodes<'_> {
    fn url(&self) -> &str {
        self.canonical.url
    }

    fn version(&self) -> Option<&str> {
        Some(&self.version)
    }

    fn name(&self) -> &str {
        self.canonical.title
    }

    fn is_fragment(&self) -> bool {
        false
    }

    fn language(&self) -> Option<&str> {
        Some("en")
    }

    fn span(&self) -> Range<Place> {
        let number = self.release.system.number();
        let concepts = self.bundle.concepts();
        let place = |index: usize| Place::try_from(index).unwrap_or(Place::MAX);
        let first = concepts.partition_point(|record| record.system < number);
        let last = concepts.partition_point(|record| record.system <= number);
        place(first)..place(last)
    }

    fn holds(&self, place: Place) -> bool {
        self.is_of_release(&self.record(place))
    }

    fn find(&self, code: &str) -> Option<Found> {
        let parsed = Code::parse_stub(self.release.system, code).ok()?;
        let id = self.bundle.find(self.release.system, parsed.as_str())?;
        self.holds(id.0).then(|| Found {
            place: id.0,
            exact: self.code(id.0) == code,
        })
    }

    fn anchor(&self, key: &str) -> Option<Place> {
        if let Some(found) = self.find(key) {
            return Some(found.place);
        }
        let id = self.bundle.find(self.release.system, key.trim())?;
        (self.record(id.0).level != Level::Code.number()).then_some(id.0)
    }

    fn subtree(&self, place: Place) -> Range<Place> {
        place..self.record(place).subtree_end.get().max(place + 1)
    }

    fn parent(&self, place: Place) -> Option<Place> {
        let parent = self.bundle.parent(&self.record(place))?;
        self.holds(parent.0).then_some(parent.0)
    }

    fn code(&self, place: Place) -> String {
        let record = self.record(place);
        Code::dotted(self.release.system, self.bundle.text(record.key))
    }

    fn concept(&self, place: Place) -> Concept {
        let record = self.record(place);
        Concept {
            code: self.code(place),
            display: Some(title(self.bundle, &record, self.release).to_owned()),
            definition: None,
            is_abstract: self.is_heading(place, &record),
            inactive: self.inactive(place).map(str::to_owned),
        }
    }

    fn designations(&self, place: Place) -> Vec<Designation> {
        let record = self.record(place);
        let short = self.bundle.text(record.short_title);
        let is_own = !short.is_empty() && short != title(self.bundle, &record, self.release);
        let mut designations: Vec<Designation> = is_own
            .then(|| designation(USAGE_DISPLAY, short))
            .into_iter()
            .collect();
        for term in self.bundle.terms_of(&record) {
            let is_inclusion = self.bundle.kind_of(term) == TermKind::InclusionTerm;
            if is_inclusion && term.releases.get() & self.release.bit != 0 {
                designations.push(designation(USAGE_SYNONYM, self.bundle.text(term.text)));
            }
        }
        designations
    }

    fn properties(&self, place: Place, name: &str) -> Vec<Property> {
        let record = self.record(place);
        let flag = |value: bool| vec![Property::new(name, "valueBoolean", value)];
        let code = |place: Place| Property::new(name, "valueCode", self.code(place));
        let heading = |level| {
            let heading = self.heading(place, level);
            let property = heading.map(|key| Property::new(name, "valueString", key));
            property.into_iter().collect()
        };
        match name {
            "billable" => flag(self.is_billable(&record)),
            "notSelectable" => flag(self.is_heading(place, &record)),
            "inactive" => flag(self.inactive(place).is_some()),
            "status" => {
                let status = self.inactive(place).unwrap_or("active");
                vec![Property::new(name, "valueCode", status)]
            }
            "parent" => self.parent(place).map(code).into_iter().collect(),
            "child" => self.children(place).into_iter().map(code).collect(),
            "chapter" => heading(Level::Chapter),
            "block" => heading(Level::Section),
            "effectiveDate" => {
                let first = lookup::effective(self.bundle, &record, self.release).0;
                let property = first.map(|day| Property::new(name, "valueDateTime", day));
                property.into_iter().collect()
            }
            _ => match FIELDS.iter().find(|(field, _)| *field == name) {
                Some((_, field)) => {
                    let value = self.field(place, *field);
                    let property = value.map(|value| Property::new(name, "valueString", value));
                    property.into_iter().collect()
                }
                None => {
                    let mut told = self.told(place);
                    told.retain(|property| property.code == name);
                    told
                }
            },
        }
    }

    fn all_properties(&self, place: Place) -> Vec<Property> {
        let quick = STANDARD.iter().map(|(name, _)| *name);
        let fields = FIELDS.iter().map(|(name, _)| *name);
        let mut all: Vec<Property> = quick
            .chain(["billable", "chapter", "block"])
            .chain(fields)
            .flat_map(|name| self.properties(place, name))
            .collect();
        all.extend(self.told(place));
        all
    }

    fn has_property(&self, name: &str) -> bool {
        STANDARD.iter().any(|(known, _)| *known == name)
            || OWN.iter().any(|(known, _, _)| *known == name)
            || FIELDS.iter().any(|(known, _)| *known == name)
    }
}

fn designation((system, code): (&str, &str), value: &str) -> Designation {
    let usage: Value = json!({ "system": system, "code": code });
    Designation {
        language: Some("en".to_owned()),
        usage: Some(usage),
        value: value.to_owned(),
    }
}
