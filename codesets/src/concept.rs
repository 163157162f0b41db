//! What a release says of a code: its terms, its notes, its seventh characters.

/// How a term came to name its code.
///
/// The order is the order of trust: a title names its code by definition, a
/// synonym of ours only by common usage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TermKind {
    /// The publisher's full title of the code.
    Title,
    /// The publisher's abbreviated title.
    ShortTitle,
    /// An inclusion term of the Tabular List.
    InclusionTerm,
    /// An entry of the Alphabetic Index or of the External Cause Index.
    IndexEntry,
    /// A cell of the Neoplasm or of the Drug table.
    TableEntry,
    /// A name in use that the publisher does not print.
    Synonym,
}

impl TermKind {
    /// Every kind, in the order of trust.
    pub const ALL: [TermKind; 6] = [
        TermKind::Title,
        TermKind::ShortTitle,
        TermKind::InclusionTerm,
        TermKind::IndexEntry,
        TermKind::TableEntry,
        TermKind::Synonym,
    ];

    /// The identifier in answers: `title`, `index`, `inclusion` ….
    pub const fn id(self) -> &'static str {
        match self {
            TermKind::Title => "title",
            TermKind::ShortTitle => "short_title",
            TermKind::InclusionTerm => "inclusion",
            TermKind::IndexEntry => "index",
            TermKind::TableEntry => "table",
            TermKind::Synonym => "synonym",
        }
    }
}

/// A name of a code.
///
/// Words in parentheses are nonessential modifiers: they may be present or
/// absent in a statement of disease without affecting the code (ICD-10-CM
/// Official Guidelines I.A.7).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Term {
    /// What sort of name this is.
    pub kind: TermKind,
    /// The name, as a reader should see it; Index entries are joined by commas, main term first.
    pub text: String,
}

/// The kinds of notes of the Tabular List.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoteKind {
    /// What the category holds, by definition or example.
    Includes,
    /// "Not coded here": never together with the code it stands at (Guidelines I.A.12.a).
    Excludes1,
    /// "Not included here": may be coded together (Guidelines I.A.12.b).
    Excludes2,
    /// The underlying condition is sequenced first (Guidelines I.A.13).
    CodeFirst,
    /// A secondary code is to be added.
    UseAdditional,
    /// Another code may be needed; the order depends on the encounter (Guidelines I.A.17).
    CodeAlso,
    /// A free note.
    Note,
    /// Which codes take the seventh characters that follow.
    SeventhCharacterNote,
}

impl NoteKind {
    /// Every kind, in the order in which the code book prints them.
    pub const ALL: [NoteKind; 8] = [
        NoteKind::Includes,
        NoteKind::Note,
        NoteKind::CodeFirst,
        NoteKind::UseAdditional,
        NoteKind::CodeAlso,
        NoteKind::Excludes1,
        NoteKind::Excludes2,
        NoteKind::SeventhCharacterNote,
    ];

    /// The identifier in answers: `includes`, `excludes1`, `code_first` ….
    pub const fn id(self) -> &'static str {
        match self {
            NoteKind::Includes => "includes",
            NoteKind::Excludes1 => "excludes1",
            NoteKind::Excludes2 => "excludes2",
            NoteKind::CodeFirst => "code_first",
            NoteKind::UseAdditional => "use_additional",
            NoteKind::CodeAlso => "code_also",
            NoteKind::Note => "note",
            NoteKind::SeventhCharacterNote => "seventh",
        }
    }
}

/// One line of a note, at the chapter, section or code it stands at.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Note {
    /// What the note asks.
    pub kind: NoteKind,
    /// The publisher's words.
    pub text: String,
}

/// A seventh character and its meaning (ICD-10-CM Guidelines I.A.5).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SeventhCharacter {
    /// The character: `A`.
    pub character: char,
    /// What it says: `initial encounter for closed fracture`.
    pub meaning: String,
}
