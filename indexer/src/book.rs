//! A book: everything known of one code system, over all the releases loaded.

use codesets::{CodeSystem, Note, Release, SeventhCharacter, Term};

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
