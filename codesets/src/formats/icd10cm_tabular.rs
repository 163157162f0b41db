//! The ICD-10-CM Tabular List: chapters, sections, categories and codes with
//! their notes, from the XML that NCHS publishes (*icd10cm_tabular.xsd*).
//!
//! The XML does not list the codes with a seventh character. It holds the
//! characters once, at the category they apply to, and
//! [`Tabular::complete_codes`] puts the codes together (Guidelines I.A.4 and
//! I.A.5). A few dozen of those products are no valid codes: the order file or
//! the code list of the same release has the last word.

mod complete;
mod read;
#[cfg(test)]
mod tests;

pub use complete::CompleteCode;
pub use read::parse;

use crate::{Code, Note, NoteKind, RowError, SeventhCharacter, codes_in_note};

/// The Tabular List of one release.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tabular {
    /// The publisher's name of the release: `2026`.
    pub version: Option<String>,
    /// The chapters, in order.
    pub chapters: Vec<Chapter>,
    /// Categories, subcategories and codes, each before its children, in the file's order.
    pub diags: Vec<Diag>,
}

/// A chapter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chapter {
    /// The line of its start tag.
    pub line: u64,
    /// Its number: `1`.
    pub number: String,
    /// Its title, without the range of categories behind it.
    pub title: String,
    /// The first category of that range: `A00`.
    pub first: Option<String>,
    /// The last category of that range: `B99`.
    pub last: Option<String>,
    /// Its inclusion terms; published chapters have none.
    pub inclusion_terms: Vec<String>,
    /// Its notes, which hold for all its codes.
    pub notes: Vec<Note>,
    /// Its seventh characters; published chapters have none.
    pub seventh_characters: Vec<SeventhCharacter>,
    /// Its sections, in order.
    pub sections: Vec<Section>,
}

/// A section (the books also say block) of a chapter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// The line of its start tag.
    pub line: u64,
    /// Its categories: `A00-A09`, or one: `B10`.
    pub id: String,
    /// Its title, without the range behind it.
    pub title: String,
    /// Its inclusion terms.
    pub inclusion_terms: Vec<String>,
    /// Its notes, which hold for all its codes.
    pub notes: Vec<Note>,
    /// Its seventh characters; published sections have none.
    pub seventh_characters: Vec<SeventhCharacter>,
}

/// A category, a subcategory or a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diag {
    /// The line of its start tag.
    pub line: u64,
    /// The code; without a seventh character that [`Diag::seventh_characters`] adds.
    pub code: Code,
    /// Its title.
    pub title: String,
    /// The diag it stands in, as an index into [`Tabular::diags`].
    pub parent: Option<usize>,
    /// Its chapter, as an index into [`Tabular::chapters`].
    pub chapter: usize,
    /// Its section, as an index into the chapter's sections.
    pub section: Option<usize>,
    /// How many diags it stands in: 0 for a category.
    pub depth: u8,
    /// Whether the publisher marks it as holding a placeholder X.
    pub placeholder: bool,
    /// Whether other diags stand in it.
    pub has_children: bool,
    /// Conditions for which it is the code (Guidelines I.A.11).
    pub inclusion_terms: Vec<String>,
    /// Its own notes.
    pub notes: Vec<Note>,
    /// The seventh characters defined at this diag, for it and all below it.
    pub seventh_characters: Vec<SeventhCharacter>,
}

/// A Tabular List, and what of its file could not be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParsedTabular {
    /// What could be read.
    pub tabular: Tabular,
    /// What could not, in the file's order.
    pub errors: Vec<RowError>,
}

/// Where a note stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotePlace {
    /// At a chapter, an index into [`Tabular::chapters`].
    Chapter(usize),
    /// At a section of a chapter.
    Section {
        /// An index into [`Tabular::chapters`].
        chapter: usize,
        /// An index into the chapter's sections.
        section: usize,
    },
    /// At a diag, an index into [`Tabular::diags`].
    Diag(usize),
}

/// A note and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlacedNote<'a> {
    /// Where it stands.
    pub place: NotePlace,
    /// The line of the start tag of what it stands at.
    pub line: u64,
    /// The note.
    pub note: &'a Note,
}

impl Tabular {
    /// Every note: those of the chapters and sections, then those of the diags.
    pub fn notes(&self) -> impl Iterator<Item = PlacedNote<'_>> {
        let chapters = self
            .chapters
            .iter()
            .enumerate()
            .flat_map(|(index, chapter)| {
                let own = placed(NotePlace::Chapter(index), chapter.line, &chapter.notes);
                let sections = chapter.sections.iter().enumerate();
                own.chain(sections.flat_map(move |(section, row)| {
                    let place = NotePlace::Section {
                        chapter: index,
                        section,
                    };
                    placed(place, row.line, &row.notes)
                }))
            });
        let diags = self.diags.iter().enumerate();
        chapters.chain(
            diags.flat_map(|(index, row)| placed(NotePlace::Diag(index), row.line, &row.notes)),
        )
    }
}

fn placed(place: NotePlace, line: u64, notes: &[Note]) -> impl Iterator<Item = PlacedNote<'_>> {
    notes
        .iter()
        .map(move |note| PlacedNote { place, line, note })
}

/// The lines of Excludes1 and Excludes2 notes that name no code.
///
/// Such a line can be shown but not checked; it is reported, never guessed.
pub fn excludes_without_codes(tabular: &Tabular) -> Vec<PlacedNote<'_>> {
    tabular
        .notes()
        .filter(|placed| matches!(placed.note.kind, NoteKind::Excludes1 | NoteKind::Excludes2))
        .filter(|placed| codes_in_note(&placed.note.text).is_empty())
        .collect()
}
