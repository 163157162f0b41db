//! Lookup: everything the bundle knows of one code on one day.
//!
//! The answers are plain data with the field names of the JSON contract. Which
//! door asks, and how it prints or wraps the answer, is no business of this
//! module.

use std::collections::BTreeMap;

use codesets::{Code, CodeError, CodeRange, CodeSystem, NoteKind, TermKind, codes_in_note};
use indexer::book::Level;
use indexer::bundle::records::ConceptRecord;
use indexer::bundle::{Bundle, ConceptId, LoadedRelease};
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use crate::search::children;
use crate::translate::{Translation, translations};

mod history;
mod nearest;

use history::history;
pub use history::{Change, ChangeKind};
pub(crate) use nearest::nearest;

/// The first and the last day of something, `YYYY-MM-DD`; `None` where the loaded
/// releases do not say.
pub type Days = (Option<String>, Option<String>);

/// A loaded release, and how it stands to a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReleaseAnswer {
    /// The system's identifier: `icd10cm`.
    pub system: &'static str,
    /// The publisher's name of the release: `2026`.
    pub version: String,
    /// The first and the last day in force.
    #[schema(value_type = Vec<Option<String>>, min_items = 2, max_items = 2)]
    pub effective: Days,
    /// Whether the release is in force on the day asked for.
    pub in_force: bool,
    /// Whether answers for the day come from this release: the newest of its system that has begun.
    pub answers: bool,
    /// Digest over the release's files.
    pub sha256: String,
    /// The publisher's files it was read from.
    pub source: Vec<String>,
    /// Who published it.
    pub publisher: String,
    /// The terms of its licence, in a line.
    pub licence: String,
    /// When the bundle was built, RFC 3339, UTC.
    pub loaded: String,
}

/// How a concept stands to the release that answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Part of the release that answers.
    Active,
    /// Part of an earlier loaded release only.
    Retired,
    /// Part of a later loaded release only.
    Future,
}

impl Status {
    /// The identifier in answers: `active`, `retired`, `future`.
    pub const fn id(self) -> &'static str {
        match self {
            Status::Active => "active",
            Status::Retired => "retired",
            Status::Future => "future",
        }
    }
}

/// A chapter, section or code by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Heading {
    /// The code with its dot, the chapter's number or the section's range.
    pub code: String,
    /// Its title.
    pub display: String,
}

/// A code directly below another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Child {
    /// The code, with its dot.
    pub code: String,
    /// Its title.
    pub display: String,
    /// Whether it can be billed.
    pub billable: bool,
}

/// A span of codes that a note names; `first` and `last` are equal for a single code or stub.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct NoteCodes {
    /// The first code or stub, with its dot.
    pub first: String,
    /// The last code or stub, with its dot.
    pub last: String,
}

/// A note that holds for the code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct NoteAnswer {
    /// What it asks: `includes`, `excludes1`, `code_first` ….
    pub kind: &'static str,
    /// The publisher's words.
    pub text: String,
    /// Where it stands: a code, a chapter's number or a section's range.
    pub from: String,
    /// What `from` is: `code`, `section` or `chapter`.
    pub from_level: &'static str,
    /// The codes that its text names.
    pub codes: Vec<NoteCodes>,
    /// Whether it stands above the code rather than at it.
    pub inherited: bool,
}

/// Another name of the code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct NameAnswer {
    /// Where the name is from: `inclusion`, `index`, `table`, `synonym`.
    pub kind: &'static str,
    /// The name.
    pub text: String,
    /// The code it stands at; for a code with a seventh character also the one before that character.
    pub from: String,
}

/// A seventh character.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SeventhValue {
    /// The character.
    pub char: char,
    /// What it says.
    pub text: String,
}

/// The seventh characters of a code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Seventh {
    /// Whether the code is incomplete without one.
    pub required: bool,
    /// What fills the places between a shorter code and its seventh character.
    pub placeholder: char,
    /// Where they are defined.
    pub from: String,
    /// The characters that the release lists for the code.
    pub values: Vec<SeventhValue>,
}

/// What a header lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Needs {
    /// How many more characters the shortest billable code below it has.
    pub characters: u8,
    /// How many more the longest has.
    pub most: u8,
}

/// Everything known of one code on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CodeDetail {
    /// The system's identifier.
    pub system: &'static str,
    /// The code, with its dot.
    pub code: String,
    /// Its title in the release that answers.
    pub display: String,
    /// The publisher's short title, where it differs.
    pub short: Option<String>,
    /// Whether it can be billed.
    pub billable: bool,
    /// Whether it is a header: more characters are needed.
    pub header: bool,
    /// How it stands to the release that answers.
    pub status: Status,
    /// The first and last day it is known to be part of the system: `None` where the
    /// oldest or the newest loaded release holds it, so that the days lie beyond them.
    #[schema(value_type = Vec<Option<String>>, min_items = 2, max_items = 2)]
    pub effective: Days,
    /// The chapter.
    pub chapter: Option<Heading>,
    /// The section.
    pub section: Option<Heading>,
    /// The codes above it, category first.
    pub parents: Vec<Heading>,
    /// The codes directly below it, in tabular order.
    pub children: Vec<Child>,
    /// What a header lacks.
    pub needs: Option<Needs>,
    /// Its own notes, then those of each heading above it, nearest first.
    pub notes: Vec<NoteAnswer>,
    /// The inclusion terms of the Tabular List.
    pub inclusion_terms: Vec<NameAnswer>,
    /// Its names in the Index and the tables, and synonyms.
    pub index_terms: Vec<NameAnswer>,
    /// Its seventh characters.
    pub seventh: Option<Seventh>,
    /// Its changes over the loaded releases, oldest first.
    pub history: Vec<Change>,
    /// What its publisher says of it beside its words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<PropertyAnswer>,
    /// What the loaded maps lead it to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub maps: Vec<Translation>,
    /// The release that answers, by system.
    pub release: BTreeMap<&'static str, ReleaseAnswer>,
}

/// Something that a publisher says of a code beside its words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PropertyAnswer {
    /// What it is about: `coverage`, `poa_exempt`, `foundation_uri` ….
    pub name: &'static str,
    /// What is said.
    pub value: String,
}

/// A release of which a code is part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ValidIn {
    /// The release.
    pub version: String,
    /// Its first and last day.
    #[schema(value_type = Vec<Option<String>>, min_items = 2, max_items = 2)]
    pub effective: Days,
}

/// Why there is nothing to say of a code.
///
/// The text that was asked for is no part of any message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LookupError {
    /// The text cannot be a code of the system.
    #[error(transparent)]
    Shape(#[from] CodeError),
    /// The bundle holds nothing of the system.
    #[error("no release of {0} is loaded")]
    SystemNotLoaded(CodeSystem),
    /// No loaded release has the code.
    #[error("no loaded release of {system} has this code")]
    Unknown {
        /// The system.
        system: CodeSystem,
        /// Codes of the release that answers which look like it, best first.
        nearest: Vec<Child>,
    },
    /// Other loaded releases have the code, but not the one that answers for the day.
    #[error(
        "{system} {version} does not have this code; loaded releases that do: {}",
        versions(valid_in)
    )]
    NotInRelease {
        /// The system.
        system: CodeSystem,
        /// The release that answers.
        version: String,
        /// Whether the code was or will be valid.
        status: Status,
        /// The releases that have it, oldest first.
        valid_in: Vec<ValidIn>,
        /// Its title in the newest of them.
        display: String,
        /// Its changes over the loaded releases, oldest first.
        history: Vec<Change>,
    },
}

fn versions(valid_in: &[ValidIn]) -> String {
    let names: Vec<&str> = valid_in.iter().map(|release| &*release.version).collect();
    names.join(", ")
}

/// Says everything the bundle knows of the code `text` of `system` on `date`.
///
/// # Errors
/// When the text is no code, the system is not loaded, or the release that
/// answers for the day does not have the code.
pub fn lookup(
    bundle: &Bundle,
    system: CodeSystem,
    text: &str,
    date: Date,
) -> Result<CodeDetail, LookupError> {
    let code = Code::parse_stub(system, text)?;
    let release = bundle
        .release_for(system, date)
        .ok_or(LookupError::SystemNotLoaded(system))?;
    let found = bundle
        .find(system, code.as_str())
        .map(|id| (id, bundle.concept(id)))
        .filter(|(_, record)| record.level == Level::Code.number());
    let Some((id, record)) = found else {
        return Err(LookupError::Unknown {
            system,
            nearest: nearest(bundle, release, code.as_str()),
        });
    };
    if record.present.get() & release.bit == 0 {
        return Err(LookupError::NotInRelease {
            system,
            version: release.version.clone(),
            status: status(&record, release),
            valid_in: releases_of(bundle, system)
                .filter(|other| record.present.get() & other.bit != 0)
                .map(|other| ValidIn {
                    version: other.version.clone(),
                    effective: days(other),
                })
                .collect(),
            display: bundle.text(record.title).to_owned(),
            history: history(bundle, system, &record),
        });
    }
    let view = View {
        bundle,
        release,
        id,
        record,
    };
    Ok(view.detail(date))
}

/// Every loaded release, oldest first within its system, and how it stands to `date`.
pub fn releases(bundle: &Bundle, date: Date) -> Vec<ReleaseAnswer> {
    bundle
        .releases()
        .iter()
        .map(|release| release_answer(bundle, release, date))
        .collect()
}

/// The releases that answer for `date`, by system; all loaded systems when `systems` is empty.
pub fn answering(
    bundle: &Bundle,
    systems: &[CodeSystem],
    date: Date,
) -> BTreeMap<&'static str, ReleaseAnswer> {
    bundle
        .systems()
        .filter(|system| systems.is_empty() || systems.contains(system))
        .filter_map(|system| {
            let release = bundle.release_for(system, date)?;
            Some((system.id(), release_answer(bundle, release, date)))
        })
        .collect()
}

/// How a concept stands to `release`, which is one of its system.
pub fn status(record: &ConceptRecord, release: &LoadedRelease) -> Status {
    let present = record.present.get();
    if present & release.bit != 0 {
        Status::Active
    } else if present & (release.bit.wrapping_sub(1)) != 0 {
        Status::Retired
    } else {
        Status::Future
    }
}

/// The title that a concept has in `release`; the newest where that release has none.
pub fn title<'a>(bundle: &'a Bundle, record: &ConceptRecord, release: &LoadedRelease) -> &'a str {
    bundle
        .former_titles_of(record)
        .iter()
        .find(|former| former.releases.get() & release.bit != 0)
        .map_or_else(
            || bundle.text(record.title),
            |former| bundle.text(former.title),
        )
}

/// What a concept that cannot be billed in `release` lacks; `None` when nothing below it can.
pub fn needs(bundle: &Bundle, id: ConceptId, release: &LoadedRelease) -> Option<Needs> {
    let record = bundle.concept(id);
    if record.billable.get() & release.bit != 0 {
        return None;
    }
    let below = bundle
        .concepts()
        .get(id.0 as usize..record.subtree_end.get() as usize)?;
    let lengths = below
        .iter()
        .filter(|other| other.billable.get() & release.bit != 0)
        .map(|other| other.code_len.saturating_sub(record.code_len));
    Some(Needs {
        characters: lengths.clone().min()?,
        most: lengths.max()?,
    })
}

/// The seventh characters of the concept in `release`, as [`lookup`] tells them.
pub fn seventh(bundle: &Bundle, id: ConceptId, release: &LoadedRelease) -> Option<Seventh> {
    let view = View {
        bundle,
        release,
        id,
        record: bundle.concept(id),
    };
    view.seventh(&view.above())
}

/// The first and last day a concept is known to be part of the system of `release`:
/// `None` where the oldest or the newest loaded release holds it.
pub fn effective(bundle: &Bundle, record: &ConceptRecord, release: &LoadedRelease) -> Days {
    let present = record.present.get();
    let mut holding: Vec<(bool, &LoadedRelease)> = releases_of(bundle, release.system)
        .map(|release| (present & release.bit != 0, release))
        .collect();
    let begins_later = holding.first().is_some_and(|(holds, _)| !holds);
    let ends_earlier = holding.last().is_some_and(|(holds, _)| !holds);
    holding.retain(|(holds, _)| *holds);
    let first = holding.first().filter(|_| begins_later);
    let last = holding.last().filter(|_| ends_earlier);
    (
        first.map(|(_, release)| release.days.first.to_string()),
        last.and_then(|(_, release)| release.days.last)
            .map(|day| day.to_string()),
    )
}

fn release_answer(bundle: &Bundle, release: &LoadedRelease, date: Date) -> ReleaseAnswer {
    let manifest = bundle.manifest();
    let entry = manifest
        .releases
        .iter()
        .find(|entry| entry.system == release.system.id() && entry.version == release.version);
    let text = |field: fn(&indexer::bundle::ManifestRelease) -> &String| {
        entry.map(field).cloned().unwrap_or_default()
    };
    ReleaseAnswer {
        system: release.system.id(),
        version: release.version.clone(),
        effective: days(release),
        in_force: release.days.contains(date),
        answers: bundle
            .release_for(release.system, date)
            .is_some_and(|answering| answering.bit == release.bit),
        sha256: text(|entry| &entry.sha256),
        source: manifest
            .sources
            .iter()
            .filter(|source| {
                source.system == release.system.id()
                    && source.version.as_deref() == Some(&release.version)
            })
            // The folders around a file are its owner's business.
            .filter_map(|source| source.name.rsplit(['/', '\\']).next())
            .map(str::to_owned)
            .collect(),
        publisher: text(|entry| &entry.publisher),
        licence: text(|entry| &entry.licence),
        loaded: manifest.built_at.clone(),
    }
}

pub(crate) fn days(release: &LoadedRelease) -> Days {
    (
        Some(release.days.first.to_string()),
        release.days.last.map(|day| day.to_string()),
    )
}

fn releases_of(bundle: &Bundle, system: CodeSystem) -> impl Iterator<Item = &LoadedRelease> {
    bundle
        .releases()
        .iter()
        .filter(move |release| release.system == system)
}

/// A code seen from the release that answers.
struct View<'a> {
    bundle: &'a Bundle,
    release: &'a LoadedRelease,
    id: ConceptId,
    record: ConceptRecord,
}

impl View<'_> {
    fn detail(&self, date: Date) -> CodeDetail {
        let above = self.above();
        let heading = |level: Level| {
            above
                .iter()
                .find(|(_, record)| record.level == level.number())
                .map(|(_, record)| self.heading(record))
        };
        let short = self.bundle.text(self.record.short_title);
        let billable = self.is_billable(&self.record);
        let system = self.release.system;
        CodeDetail {
            system: system.id(),
            code: self.name(&self.record),
            display: title(self.bundle, &self.record, self.release).to_owned(),
            short: (!short.is_empty()).then(|| short.to_owned()),
            billable,
            header: !billable,
            status: Status::Active,
            effective: effective(self.bundle, &self.record, self.release),
            chapter: heading(Level::Chapter),
            section: heading(Level::Section),
            parents: above
                .iter()
                .rev()
                .filter(|(_, record)| record.level == Level::Code.number())
                .map(|(_, record)| self.heading(record))
                .collect(),
            children: self.children(),
            needs: needs(self.bundle, self.id, self.release),
            notes: self.notes(&above),
            inclusion_terms: self.names(&above, |kind| kind == TermKind::InclusionTerm),
            index_terms: self.names(&above, |kind| match kind {
                TermKind::IndexEntry | TermKind::TableEntry | TermKind::Synonym => true,
                TermKind::Title | TermKind::ShortTitle | TermKind::InclusionTerm => false,
            }),
            seventh: self.seventh(&above),
            history: history(self.bundle, self.release.system, &self.record),
            properties: self.properties(),
            maps: self.maps(),
            release: [(system.id(), release_answer(self.bundle, self.release, date))].into(),
        }
    }

    /// What stands above the code, nearest first.
    fn above(&self) -> Vec<(ConceptId, ConceptRecord)> {
        let mut above = Vec::new();
        let mut next = self.bundle.parent(&self.record);
        // Parents stand before their children, so a damaged record cannot make a circle.
        let mut last = self.id;
        while let Some(id) = next.filter(|id| *id < last) {
            let record = self.bundle.concept(id);
            above.push((id, record));
            next = self.bundle.parent(&record);
            last = id;
        }
        above
    }

    fn name(&self, record: &ConceptRecord) -> String {
        let key = self.bundle.text(record.key);
        match Level::from_number(record.level) {
            Level::Code => Code::dotted(self.release.system, key),
            Level::Chapter | Level::Section => key.to_owned(),
        }
    }

    fn heading(&self, record: &ConceptRecord) -> Heading {
        Heading {
            code: self.name(record),
            display: title(self.bundle, record, self.release).to_owned(),
        }
    }

    fn is_billable(&self, record: &ConceptRecord) -> bool {
        record.billable.get() & self.release.bit != 0
    }

    fn is_present(&self, record: &ConceptRecord) -> bool {
        record.present.get() & self.release.bit != 0
    }

    fn children(&self) -> Vec<Child> {
        children(self.bundle, self.id)
            .map(|id| self.bundle.concept(id))
            .filter(|record| self.is_present(record))
            .map(|record| self.child(&record))
            .collect()
    }

    fn child(&self, record: &ConceptRecord) -> Child {
        Child {
            code: self.name(record),
            display: title(self.bundle, record, self.release).to_owned(),
            billable: self.is_billable(record),
        }
    }

    fn notes(&self, above: &[(ConceptId, ConceptRecord)]) -> Vec<NoteAnswer> {
        let mut notes = Vec::new();
        let places = std::iter::once((false, &self.record))
            .chain(above.iter().map(|(_, record)| (true, record)));
        for (inherited, record) in places {
            for note in self.bundle.notes_of(record) {
                if note.releases.get() & self.release.bit == 0 {
                    continue;
                }
                let text = self.bundle.text(note.text);
                notes.push(NoteAnswer {
                    kind: self.bundle.note_kind_of(note).id(),
                    text: text.to_owned(),
                    from: self.name(record),
                    from_level: Level::from_number(record.level).id(),
                    codes: self.note_codes(self.bundle.note_kind_of(note), text),
                    inherited,
                });
            }
        }
        notes
    }

    /// The codes that a note of ICD-10-CM names; other systems' notes are not read for codes.
    fn note_codes(&self, kind: NoteKind, text: &str) -> Vec<NoteCodes> {
        let system = self.release.system;
        if system != CodeSystem::Icd10Cm || kind == NoteKind::SeventhCharacterNote {
            return Vec::new();
        }
        codes_in_note(text)
            .iter()
            .map(|CodeRange { first, last }| NoteCodes {
                first: Code::dotted(system, first),
                last: Code::dotted(system, last),
            })
            .collect()
    }

    /// The names of the code, and of the one before its seventh character, which adds none of its own.
    fn names(
        &self,
        above: &[(ConceptId, ConceptRecord)],
        wanted: impl Fn(TermKind) -> bool,
    ) -> Vec<NameAnswer> {
        let stem = above
            .first()
            .map(|(_, record)| record)
            .filter(|_| self.has_seventh_character());
        let mut names = Vec::new();
        for record in std::iter::once(&self.record).chain(stem) {
            for term in self.bundle.terms_of(record) {
                let kind = self.bundle.kind_of(term);
                if wanted(kind) && term.releases.get() & self.release.bit != 0 {
                    names.push(NameAnswer {
                        kind: kind.id(),
                        text: self.bundle.text(term.text).to_owned(),
                        from: self.name(record),
                    });
                }
            }
        }
        names
    }

    fn properties(&self) -> Vec<PropertyAnswer> {
        self.bundle
            .properties_of(self.id)
            .iter()
            .filter(|record| record.releases.get() & self.release.bit != 0)
            .map(|record| PropertyAnswer {
                name: self.bundle.property_of(record).id(),
                value: self.bundle.text(record.value).to_owned(),
            })
            .collect()
    }

    /// What the maps to other systems say; maps to older releases are part of the history.
    fn maps(&self) -> Vec<Translation> {
        let system = self.release.system;
        translations(self.bundle, system, self.bundle.text(self.record.key))
            .filter(|row| row.system != system.id())
            .collect()
    }

    fn has_seventh_character(&self) -> bool {
        self.release.system == CodeSystem::Icd10Cm && self.record.code_len == 7
    }

    /// The seventh characters of the nearest heading that defines any, unless the
    /// code is billable without one or nothing below it takes one.
    fn seventh(&self, above: &[(ConceptId, ConceptRecord)]) -> Option<Seventh> {
        let subtree = self
            .bundle
            .concepts()
            .get(self.id.0 as usize..self.record.subtree_end.get() as usize)?;
        let takes_one = subtree
            .iter()
            .any(|record| record.code_len == 7 && self.is_billable(record));
        if !takes_one {
            return None;
        }
        let from = std::iter::once(&self.record)
            .chain(above.iter().map(|(_, record)| record))
            .find(|record| !self.bundle.seventh_of(record).is_empty())?;
        let all = || {
            self.bundle
                .seventh_of(from)
                .iter()
                .map(|value| SeventhValue {
                    char: char::from(value.character),
                    text: self.bundle.text(value.meaning).to_owned(),
                })
        };
        // The release lists fewer than every product of stem and character; where the
        // stem is whole, only the listed ones are offered.
        let mut stem: String = self.bundle.text(self.record.key).chars().take(6).collect();
        let is_listed = |stem: &str, character: char| {
            self.bundle
                .find(self.release.system, &format!("{stem}{character}"))
                .is_some_and(|id| self.is_present(&self.bundle.concept(id)))
        };
        stem.extend(std::iter::repeat_n('X', 6 - stem.len().min(6)));
        let mut values: Vec<SeventhValue> =
            all().filter(|value| is_listed(&stem, value.char)).collect();
        if values.is_empty() {
            values = all().collect();
        }
        Some(Seventh {
            required: true,
            placeholder: 'X',
            from: self.name(from),
            values,
        })
    }
}
