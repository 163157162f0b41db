//! What one release of a code system says, gathered from its publisher's files.

use codesets::{Note, Release, SeventhCharacter, Term};

use crate::book::{Level, Property};

/// A row of a release: a chapter, a section, a header or a billable code.
#[derive(Clone, Debug)]
pub(crate) struct Fact {
    /// What it is.
    pub level: Level,
    /// Canonical code, chapter number or section range.
    pub key: String,
    /// The parent's key, when the file says it.
    pub parent: Option<(Level, String)>,
    /// The title.
    pub title: String,
    /// The short title, or empty.
    pub short_title: String,
    /// Whether the release says it is billable.
    pub billable: bool,
    /// Its own notes.
    pub notes: Vec<Note>,
    /// Its own seventh characters.
    pub seventh: Vec<SeventhCharacter>,
    /// Its inclusion terms and other names.
    pub terms: Vec<Term>,
    /// What else the release says of it.
    pub properties: Vec<(Property, String)>,
}

impl Fact {
    /// A row with nothing but its name.
    pub(crate) fn new(level: Level, key: &str, title: &str) -> Fact {
        Fact {
            level,
            key: key.to_owned(),
            parent: None,
            title: title.to_owned(),
            short_title: String::new(),
            billable: false,
            notes: Vec::new(),
            seventh: Vec::new(),
            terms: Vec::new(),
            properties: Vec::new(),
        }
    }
}

/// A release with its rows in tabular order.
#[derive(Clone, Debug)]
pub(crate) struct ReleaseFacts {
    /// What was published, and its days.
    pub release: Release,
    /// Who published it.
    pub publisher: String,
    /// The terms of its licence, in a line.
    pub licence: String,
    /// Whether the rows list headers too; a codes file lists billable codes only.
    pub lists_headers: bool,
    /// Whether the rows carry the notes of the release.
    pub has_notes: bool,
    /// Every row, parents before children where both are listed.
    pub facts: Vec<Fact>,
}
