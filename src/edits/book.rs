//! What a bundle's code sets say of a claim's codes: validity on the day, and the notes that hold.

use std::collections::HashMap;
use std::ops::Range;

use codesets::edit::{Modifier, ProcedureCode};
use codesets::{Code, CodeSystem, NoteKind};
use indexer::book::{Level, Property};
use indexer::bundle::records::ConceptRecord;
use indexer::bundle::{Bundle, ConceptId, LoadedRelease};
use jiff::civil::Date;

use super::claim::{Claim, ClaimLine};
use super::rules::{ClaimRules, CodeStatus, DiagnosisRules, LineRules, RuleNote};
use crate::lookup::{self, Status};

/// What a title says of a code that may not be listed first.
const MANIFESTATION: &str = "in diseases classified elsewhere";

/// The code sets of a bundle as the check of claims asks them.
///
/// The notes of ICD-10-CM are read for their codes once, when the book is made,
/// and shared by every code below the heading they stand at.
#[derive(Debug)]
pub struct ClaimBook {
    bundle: Bundle,
    /// The notes of all headings, each with the releases that have it.
    notes: Vec<(u64, RuleNote)>,
    /// Which of them stand at a concept.
    at: HashMap<u32, Range<usize>>,
}

impl ClaimBook {
    /// Reads the notes of the bundle's ICD-10-CM releases.
    pub fn read(bundle: &Bundle) -> ClaimBook {
        let mut notes = Vec::new();
        let mut at = HashMap::new();
        let icd = CodeSystem::Icd10Cm.number();
        for (id, record) in (0..).zip(bundle.concepts()) {
            if record.system != icd {
                continue;
            }
            let first = notes.len();
            for note in bundle.notes_of(record) {
                let kind = bundle.note_kind_of(note);
                if is_rule(kind) {
                    let text = bundle.text(note.text);
                    let note_at = RuleNote::new(kind, &name(bundle, record), text);
                    notes.push((note.releases.get(), note_at));
                }
            }
            if notes.len() > first {
                at.insert(id, first..notes.len());
            }
        }
        ClaimBook {
            bundle: bundle.clone(),
            notes,
            at,
        }
    }

    /// The bundle.
    pub fn bundle(&self) -> &Bundle {
        &self.bundle
    }

    /// What the code sets say of the codes of `claim`.
    pub fn rules(&self, claim: &Claim) -> ClaimRules<'_> {
        let release = self.bundle.release_for(CodeSystem::Icd10Cm, claim.date);
        let has_procedures = self
            .bundle
            .systems()
            .any(|system| matches!(system, CodeSystem::Hcpcs | CodeSystem::Cpt));
        ClaimRules {
            diagnoses: release.map(|release| {
                let codes = claim.diagnoses.iter();
                codes
                    .map(|text| self.diagnosis(text, release, claim.date))
                    .collect()
            }),
            past_release: release
                .filter(|release| !release.days.contains(claim.date))
                .map(|release| release.version.as_str()),
            lines: has_procedures.then(|| {
                let lines = claim.lines.iter();
                lines
                    .map(|line| self.line(line, line.date.unwrap_or(claim.date)))
                    .collect()
            }),
        }
    }

    fn diagnosis(&self, text: &str, release: &LoadedRelease, day: Date) -> DiagnosisRules<'_> {
        let mut rules = DiagnosisRules {
            status: CodeStatus::Malformed,
            is_manifestation: false,
            notes: Vec::new(),
        };
        let Ok(code) = Code::parse(CodeSystem::Icd10Cm, text) else {
            return rules;
        };
        let found = self.find(CodeSystem::Icd10Cm, code.as_str());
        let is_in_force = release.days.contains(day);
        let Some((id, record)) = found else {
            rules.status = match is_in_force {
                false => CodeStatus::NotLoaded(CodeSystem::Icd10Cm),
                true if self.is_in(CodeSystem::Hcpcs, code.as_str(), day) => {
                    CodeStatus::OfOtherSystem(CodeSystem::Hcpcs)
                }
                true => CodeStatus::Unknown,
            };
            return rules;
        };
        rules.status = if !is_in_force {
            CodeStatus::NotLoaded(CodeSystem::Icd10Cm)
        } else if record.present.get() & release.bit == 0 {
            self.other_days(&record, release)
        } else if record.billable.get() & release.bit == 0 {
            CodeStatus::Header
        } else {
            CodeStatus::Valid
        };
        let title = lookup::title(&self.bundle, &record, release);
        rules.is_manifestation = title.to_ascii_lowercase().contains(MANIFESTATION);
        let mut place = Some((id, record));
        while let Some((id, record)) = place {
            let own = self
                .at
                .get(&id.0)
                .and_then(|range| self.notes.get(range.clone()));
            let own = own.unwrap_or_default().iter();
            let held = own.filter(|(releases, _)| releases & release.bit != 0);
            rules.notes.extend(held.map(|(_, note)| note));
            place = self
                .bundle
                .parent(&record)
                .filter(|parent| *parent < id)
                .map(|parent| (parent, self.bundle.concept(parent)));
        }
        rules
    }

    fn line(&self, line: &ClaimLine, day: Date) -> LineRules {
        LineRules {
            code: self.procedure(&line.code, day),
            modifiers: line
                .modifiers
                .iter()
                .map(|text| self.modifier(text, day))
                .collect(),
        }
    }

    fn procedure(&self, text: &str, day: Date) -> CodeStatus {
        let Ok(code) = ProcedureCode::parse(text) else {
            return CodeStatus::Malformed;
        };
        let bytes = code.text();
        let key = str::from_utf8(&bytes).unwrap_or_default();
        let status = self.listed(code.system(), key, day);
        if status == CodeStatus::Unknown {
            if self.is_in(CodeSystem::Icd10Cm, key, day) {
                return CodeStatus::OfOtherSystem(CodeSystem::Icd10Cm);
            }
            // Dental codes have the shape, but CMS's file leaves them to their owner.
            if key.starts_with('D') {
                return CodeStatus::NotLoaded(CodeSystem::Hcpcs);
            }
        }
        status
    }

    /// A modifier of CMS's list of those that bypass edits, or of HCPCS Level II. Other
    /// numeric modifiers belong to CPT, whose files do not list them.
    fn modifier(&self, text: &str, day: Date) -> CodeStatus {
        let Some(modifier) = Modifier::parse(text) else {
            return CodeStatus::Malformed;
        };
        if modifier.is_ptp_associated() {
            return CodeStatus::Valid;
        }
        let key = modifier.to_string();
        if key.starts_with(|c: char| c.is_ascii_digit()) {
            return CodeStatus::NotLoaded(CodeSystem::Cpt);
        }
        self.listed(CodeSystem::Hcpcs, &key, day)
    }

    /// Whether a code or modifier is listed for the day.
    fn listed(&self, system: CodeSystem, key: &str, day: Date) -> CodeStatus {
        let release = self.bundle.release_for(system, day);
        let Some(release) = release.filter(|release| release.days.contains(day)) else {
            return CodeStatus::NotLoaded(system);
        };
        let Some((id, record)) = self.find(system, key) else {
            return CodeStatus::Unknown;
        };
        if record.present.get() & release.bit == 0 {
            return self.other_days(&record, release);
        }
        let properties = self.bundle.properties_of(id);
        let day_of = |wanted| -> Option<Date> {
            let mut of_release = properties.iter().filter(|property| {
                property.releases.get() & release.bit != 0
                    && self.bundle.property_of(property) == wanted
            });
            let value = of_release.next()?.value;
            self.bundle.text(value).parse().ok()
        };
        let (first, last) = (day_of(Property::Added), day_of(Property::LastDay));
        if first.is_some_and(|first| day < first) {
            return CodeStatus::NotInForce { first, last: None };
        }
        if last.is_some_and(|last| day > last) {
            return CodeStatus::NotInForce { first: None, last };
        }
        CodeStatus::Valid
    }

    /// When a code that the release of the day lacks may be used, by the other releases.
    fn other_days(&self, record: &ConceptRecord, release: &LoadedRelease) -> CodeStatus {
        let mut holding = self.bundle.releases().iter().filter(|other| {
            other.system == release.system && record.present.get() & other.bit != 0
        });
        match lookup::status(record, release) {
            Status::Future => CodeStatus::NotInForce {
                first: holding
                    .find(|other| other.days.first > release.days.first)
                    .map(|other| other.days.first),
                last: None,
            },
            Status::Active | Status::Retired => CodeStatus::NotInForce {
                first: None,
                last: holding
                    .rfind(|other| other.days.first < release.days.first)
                    .and_then(|other| other.days.last),
            },
        }
    }

    fn is_in(&self, system: CodeSystem, key: &str, day: Date) -> bool {
        let release = self.bundle.release_for(system, day);
        let found = self.find(system, key);
        release
            .zip(found)
            .is_some_and(|(release, (_, record))| record.present.get() & release.bit != 0)
    }

    fn find(&self, system: CodeSystem, key: &str) -> Option<(ConceptId, ConceptRecord)> {
        let id = self.bundle.find(system, key)?;
        let record = self.bundle.concept(id);
        (record.level == Level::Code.number()).then_some((id, record))
    }
}

/// Whether notes of the kind say what may stand together, and in which order.
fn is_rule(kind: NoteKind) -> bool {
    match kind {
        NoteKind::Excludes1
        | NoteKind::Excludes2
        | NoteKind::CodeFirst
        | NoteKind::UseAdditional
        | NoteKind::CodeAlso => true,
        NoteKind::Includes | NoteKind::Note | NoteKind::SeventhCharacterNote => false,
    }
}

/// The place of a note, as answers name it.
fn name(bundle: &Bundle, record: &ConceptRecord) -> String {
    let key = bundle.text(record.key);
    match Level::from_number(record.level) {
        Level::Chapter => format!("chapter {key}"),
        Level::Section => key.to_owned(),
        Level::Code => Code::dotted(CodeSystem::Icd10Cm, key),
    }
}
