//! The fixed records of a bundle: little-endian, unaligned, no padding.

use zerocopy::little_endian::{F32, U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// Where a text lies in `strings.bin`.
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct TextRef {
    /// Byte offset of the first byte.
    pub start: U32,
    /// Length in bytes.
    pub len: U32,
}

/// A run of records in another table.
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct Run {
    /// The first record.
    pub start: U32,
    /// How many records.
    pub len: U32,
}

/// No concept, no seventh-character set.
pub const NONE: u32 = u32::MAX;

/// A chapter, a section or a code, over all releases of its system.
///
/// Records stand in tabular order, parents before children, so the descendants
/// of a concept are the records up to `subtree_end`.
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct ConceptRecord {
    /// [`codesets::CodeSystem::number`].
    pub system: u8,
    /// 0 chapter, 1 section, 2 code.
    pub level: u8,
    /// Characters of the code's text, 0 for chapters and sections.
    pub code_len: u8,
    /// Reserved, 0.
    pub reserved: u8,
    /// Canonical code, chapter number or section range.
    pub key: TextRef,
    /// The title in the newest release that holds the concept.
    pub title: TextRef,
    /// The short title, or empty.
    pub short_title: TextRef,
    /// The parent's record, or [`NONE`].
    pub parent: U32,
    /// The record behind the last descendant.
    pub subtree_end: U32,
    /// Bit n: the concept is part of the system's n-th release, oldest first.
    pub present: U64,
    /// Bit n: the concept is billable in that release.
    pub billable: U64,
    /// Its terms in `terms.bin`.
    pub terms: Run,
    /// Its own notes in `notes.bin`.
    pub notes: Run,
    /// Its own seventh characters in `seventh.bin`.
    pub seventh: Run,
    /// Its former titles in `titles.bin`.
    pub former_titles: Run,
}

/// A term: one document of the full-text index, at the same position.
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct TermRecord {
    /// The concept it names.
    pub concept: U32,
    /// Position in [`codesets::TermKind::ALL`].
    pub kind: u8,
    /// How many of its tokens are required.
    pub required: u8,
    /// How many tokens it has in `forward.bin`.
    pub tokens_len: U16,
    /// Its first token in `forward.bin`.
    pub tokens_start: U32,
    /// The sum of the required tokens' weights.
    pub weight: F32,
    /// Its text.
    pub text: TextRef,
    /// Bit n: the term stands in the system's n-th release; all bits for terms no release owns.
    pub releases: U64,
}

/// A note, at the concept it stands at.
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct NoteRecord {
    /// Position in [`codesets::NoteKind::ALL`].
    pub kind: u8,
    /// Reserved, 0.
    pub reserved: [u8; 3],
    /// The publisher's words.
    pub text: TextRef,
    /// Bit n: the note stands in the system's n-th release.
    pub releases: U64,
}

/// A seventh character, at the concept whose descendants take it.
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct SeventhRecord {
    /// The character, ASCII.
    pub character: u8,
    /// Reserved, 0.
    pub reserved: [u8; 3],
    /// What it says.
    pub meaning: TextRef,
}

/// A title that a concept had in releases before its present one.
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct FormerTitleRecord {
    /// Bit n: the title stood in the system's n-th release.
    pub releases: U64,
    /// The title.
    pub title: TextRef,
}

/// A token: a canonical stem.
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct TokenRecord {
    /// How many terms hold it.
    pub terms: U32,
    /// Its weight: the inverse document frequency over terms.
    pub weight: F32,
    /// The share of the terms with it that begin with it: a condition leads its
    /// entry in the Index, a circumstance does not.
    pub leads: F32,
    /// The stem.
    pub text: TextRef,
}

/// A term found by the digest of its whole text.
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct ExactRecord {
    /// [`crate::text::phrase_digest`] of the term's text.
    pub digest: U64,
    /// The term.
    pub term: U32,
}

/// A concept found by what its title says apart from side, encounter and the like.
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct SkeletonRecord {
    /// [`crate::text::skeleton`] of the concept.
    pub digest: U64,
    /// The concept.
    pub concept: U32,
}

/// A range of numbers that a title names: `33.0-33.9`, `1250-1499 grams`.
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct RangeRecord {
    /// The [`codesets::CodeSystem::number`] of the title's system; ranges are sorted by it.
    pub system: u8,
    /// The lowest number of the range.
    pub first: F32,
    /// The highest number of the range.
    pub last: F32,
    /// The token of the lowest number, or [`NONE`].
    pub first_token: U32,
    /// The token of the highest number, or [`NONE`].
    pub last_token: U32,
}

/// A word without one or two of its letters, for finding it from a misspelling.
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct DeletionRecord {
    /// Digest of the shortened word.
    pub digest: U32,
    /// The word, by its position in `spellings.bin`.
    pub word: U32,
}

/// One thing that a phrase of the lexicon may mean.
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct SenseRecord {
    /// The meaning in the words of the code book.
    pub means: TextRef,
    /// The canonical stems of the meaning, joined by blanks.
    pub stems: TextRef,
    /// Stems of words that favour the sense, joined by blanks.
    pub context: TextRef,
    /// How likely the sense is, up to 1.
    pub prior: F32,
    /// [`SenseRecord::ABBREVIATION`], [`SenseRecord::SYNONYM`] or [`SenseRecord::DRUG`].
    pub origin: u8,
    /// [`SenseRecord::INTERCHANGEABLE`] and the others, or-ed.
    pub flags: u8,
    /// The [`codesets::CodeSystem::number`] of the one system for which it holds; 0 for any.
    pub system: u8,
}

impl SenseRecord {
    /// From the table of abbreviations.
    pub const ABBREVIATION: u8 = 0;
    /// From the synonym tables.
    pub const SYNONYM: u8 = 1;
    /// From the drug names.
    pub const DRUG: u8 = 2;
    /// From the initials of a term.
    pub const INITIALS: u8 = 3;
    /// Phrase and meaning are interchangeable.
    pub const INTERCHANGEABLE: u8 = 1;
    /// The phrase must be typed in capitals.
    pub const CAPITALS_ONLY: u8 = 2;
    /// The sense is one of procedures, supplies and devices: it says nothing of diagnoses.
    pub const PROCEDURAL: u8 = 4;

    /// Whether `flag` is set.
    pub const fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

/// What recall asks of a term: a short record of its own, because it is read for every term touched.
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct RecallRecord {
    /// The concept the term names.
    pub concept: U32,
    /// The sum of the required tokens' weights.
    pub weight: F32,
}

/// A word as the terms write it.
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct SpellingRecord {
    /// The folded word.
    pub text: TextRef,
    /// How many terms hold it.
    pub terms: U32,
}

/// Something that a publisher says of a concept beside its words; sorted by concept.
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct PropertyRecord {
    /// The concept.
    pub concept: U32,
    /// Place in [`crate::book::Property::ALL`].
    pub property: u8,
    /// What is said.
    pub value: TextRef,
    /// Bit n: it is said in the system's n-th release.
    pub releases: U64,
}

/// A row of a map; sorted by source system, source code, map, scenario and choice.
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct CrosswalkRecord {
    /// [`codesets::CodeSystem::number`] of the source.
    pub source_system: u8,
    /// [`codesets::CodeSystem::number`] of the target.
    pub target_system: u8,
    /// The map, by its place in the manifest.
    pub map: u8,
    /// [`CrosswalkRecord::APPROXIMATE`] and the others, or-ed.
    pub flags: u8,
    /// Which of the combinations the row belongs to; 0 when it is in none.
    pub scenario: u8,
    /// Which part of its combination the row is.
    pub choice_list: u8,
    /// The canonical code that is translated.
    pub source: TextRef,
    /// The canonical code or cluster that it is translated to, or empty.
    pub target: TextRef,
    /// The target's title, where the map gives it.
    pub title: TextRef,
}

impl CrosswalkRecord {
    /// Source and target are not identical in meaning.
    pub const APPROXIMATE: u8 = 1;
    /// The source takes several targets together.
    pub const COMBINATION: u8 = 2;
    /// The publisher states that there is no counterpart.
    pub const NO_MAP: u8 = 4;
    /// The target is several codes joined by `&` or `/`.
    pub const CLUSTER: u8 = 8;

    /// Whether `flag` is set.
    pub const fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

/// An ICD-10-PCS table; sorted by its characters.
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct PcsTableRecord {
    /// The first three characters of its codes.
    pub stub: [u8; 3],
    /// What the first three axes are about.
    pub titles: [TextRef; 3],
    /// What the three characters say.
    pub labels: [TextRef; 3],
    /// What the third character means.
    pub definition: TextRef,
    /// Its rows in `pcs_rows.bin`.
    pub rows: Run,
}

/// A row of an ICD-10-PCS table: every combination of its values is a code.
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct PcsRowRecord {
    /// Bit n: the row stands in the system's n-th release.
    pub releases: U64,
    /// What the fourth to seventh axes are about.
    pub titles: [TextRef; 4],
    /// Their values in `pcs_values.bin`.
    pub values: [Run; 4],
}

/// A value of an axis of an ICD-10-PCS row.
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct PcsValueRecord {
    /// The character, ASCII.
    pub character: u8,
    /// What it says.
    pub label: TextRef,
}

/// What a value of an ICD-10-PCS axis means; sorted by section, position and label.
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct PcsDefinitionRecord {
    /// The section's character.
    pub section: u8,
    /// The position in the code, from 1.
    pub position: u8,
    /// The label that is defined.
    pub label: TextRef,
    /// The definition, or empty.
    pub definition: TextRef,
    /// More about its use, or empty.
    pub explanation: TextRef,
    /// What it includes, joined by `; `.
    pub includes: TextRef,
}
