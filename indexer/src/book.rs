//! A book: everything known of one code system, over all the releases loaded.

use codesets::formats::icd10pcs_definitions::PcsDefinition;
use codesets::formats::icd10pcs_tables::PcsTable;
use codesets::{CodeSystem, Note, Release, SeventhCharacter, Term};

use crate::edits::EditsBuild;

pub use crate::property::Property;

/// A set of releases of one system: bit n is its n-th release, oldest first.
pub type ReleaseSet = u64;

/// How many releases of one system a bundle can hold: the bits of a [`ReleaseSet`].
pub const MOST_RELEASES: usize = 64;

/// What kind of heading an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// A chapter.
    Chapter,
    /// A section (block) of a chapter.
    Section,
    /// A code, billable or header.
    Code,
}

impl Level {
    /// The number a bundle stores.
    pub const fn number(self) -> u8 {
        match self {
            Level::Chapter => 0,
            Level::Section => 1,
            Level::Code => 2,
        }
    }

    /// The identifier in answers.
    pub const fn id(self) -> &'static str {
        match self {
            Level::Chapter => "chapter",
            Level::Section => "section",
            Level::Code => "code",
        }
    }

    /// The level stored under `number`; unknown numbers are codes.
    pub const fn from_number(number: u8) -> Level {
        match number {
            0 => Level::Chapter,
            1 => Level::Section,
            _ => Level::Code,
        }
    }
}

/// A chapter, section or code with all that is known of it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What it is.
    pub level: Level,
    /// Canonical code, chapter number or section range.
    pub key: String,
    /// Position of the parent in [`Book::entries`]; always a smaller one.
    pub parent: Option<usize>,
    /// Title in the newest release that holds it.
    pub title: String,
    /// Short title, or empty.
    pub short_title: String,
    /// The releases it is part of.
    pub present: ReleaseSet,
    /// The releases in which it is billable.
    pub billable: ReleaseSet,
    /// Titles it had before, with their releases.
    pub former_titles: Vec<(ReleaseSet, String)>,
    /// Its own notes, with the releases they stand in.
    pub notes: Vec<(ReleaseSet, Note)>,
    /// Its own seventh characters, of the newest release that defines them.
    pub seventh: Vec<SeventhCharacter>,
    /// Its terms but for the titles, with the releases they stand in.
    pub terms: Vec<(ReleaseSet, Term)>,
    /// What else its publisher says of it.
    pub properties: Vec<EntryProperty>,
}

/// Something that a publisher says of a code beside its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryProperty {
    /// The releases in which it is said.
    pub releases: ReleaseSet,
    /// What it is about.
    pub property: Property,
    /// What is said.
    pub value: String,
}

/// A release in a book.
#[derive(Clone, Debug)]
pub struct BookRelease {
    /// What was published, and its days.
    pub release: Release,
    /// Who published it.
    pub publisher: String,
    /// The terms of its licence, in a line.
    pub licence: String,
}

/// One code system over its releases.
#[derive(Clone, Debug)]
pub struct Book {
    /// The system.
    pub system: CodeSystem,
    /// Its releases, oldest first.
    pub releases: Vec<BookRelease>,
    /// Its entries in tabular order, parents before children.
    pub entries: Vec<Entry>,
}

/// A map from codes of one system to codes of another, or of an older release.
#[derive(Clone, Debug)]
pub struct Crosswalk {
    /// The map's identifier: `gem`, `icd10-to-icd11-one`.
    pub name: String,
    /// The publisher's name of its release.
    pub version: String,
    /// The system that is translated.
    pub source: CodeSystem,
    /// The system that it is translated to.
    pub target: CodeSystem,
    /// The rows.
    pub rows: Vec<CrosswalkRow>,
}

/// A row of a map: one alternative, or a part of one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CrosswalkRow {
    /// The canonical code that is translated.
    pub source: String,
    /// The canonical code it is translated to, a cluster of codes, or empty where there is none.
    pub target: String,
    /// The source's title, where the map gives it; not kept in a bundle.
    pub source_title: String,
    /// The target's title, where the map gives it.
    pub title: String,
    /// Source and target are not identical in meaning.
    pub approximate: bool,
    /// The source takes several targets together.
    pub combination: bool,
    /// The publisher states that there is no counterpart.
    pub no_map: bool,
    /// The target is several codes joined by `&` or `/`.
    pub cluster: bool,
    /// Which of the combinations the row belongs to; 0 when it is in none.
    pub scenario: u8,
    /// Which part of its combination the row is.
    pub choice_list: u8,
}

/// The ICD-10-PCS tables of one release.
#[derive(Clone, Debug)]
pub struct PcsTables {
    /// The release's bit.
    pub release: ReleaseSet,
    /// The tables.
    pub tables: Vec<PcsTable>,
}

/// What a bundle holds beside its books.
#[derive(Clone, Debug, Default)]
pub struct Extras {
    /// Maps between systems and releases.
    pub crosswalks: Vec<Crosswalk>,
    /// The ICD-10-PCS tables.
    pub pcs_tables: Vec<PcsTables>,
    /// The newest ICD-10-PCS definitions.
    pub pcs_definitions: Vec<PcsDefinition>,
    /// Phrases that a publisher's index leads to other words.
    pub phrases: Vec<IndexPhrase>,
    /// The tables of claim edits, if any were given.
    pub edits: Option<EditsBuild>,
}

/// A phrase of a publisher's index that names nothing itself but leads to the words that do:
/// `Thrombectomy`, see `Extirpation`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct IndexPhrase {
    /// The system for which it holds.
    pub system: CodeSystem,
    /// The phrase.
    pub phrase: String,
    /// The words it leads to.
    pub means: String,
}
