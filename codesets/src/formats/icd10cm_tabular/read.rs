//! Reads the Tabular List's XML.

use super::{Chapter, Diag, ParsedTabular, Section, Tabular};
use crate::formats::xml::{Element, XmlReader, XmlText};
use crate::{Code, CodeSystem, Note, NoteKind, RowProblem, SeventhCharacter};

/// Reads a Tabular List.
///
/// A file that breaks off gives what stands before the break. The introduction,
/// which explains the book's conventions, and the index of sections are skipped.
pub fn parse(bytes: &[u8]) -> ParsedTabular {
    let text = XmlText::new(bytes);
    let mut reader = TabularReader {
        xml: XmlReader::new(&text),
        tabular: Tabular::default(),
    };
    if reader.xml.root("ICD10CM.tabular").is_some() {
        reader.root();
        reader.xml.finish();
    }
    ParsedTabular {
        tabular: reader.tabular,
        errors: reader.xml.into_errors(),
    }
}

struct TabularReader<'a> {
    xml: XmlReader<'a>,
    tabular: Tabular,
}

/// Where a diag stands.
#[derive(Clone, Copy)]
struct Place {
    chapter: usize,
    section: Option<usize>,
    parent: Option<usize>,
    depth: u8,
}

/// What chapters, sections and diags have in common.
struct Annotations<'a> {
    inclusion_terms: &'a mut Vec<String>,
    notes: &'a mut Vec<Note>,
    seventh_characters: &'a mut Vec<SeventhCharacter>,
}

impl TabularReader<'_> {
    fn root(&mut self) {
        while let Some(element) = self.xml.next_child() {
            match element.name.as_str() {
                "version" => {
                    let version = &mut self.tabular.version;
                    self.xml.text_once(&element, "version", version);
                }
                "title" | "introduction" => self.xml.skip(),
                "chapter" => self.chapter(&element),
                _ => self.xml.unknown(&element),
            }
        }
    }

    fn chapter(&mut self, start: &Element) {
        let index = self.tabular.chapters.len();
        self.tabular.chapters.push(Chapter::default());
        let (mut number, mut title) = (None, None);
        let mut chapter = Chapter {
            line: start.line,
            ..Chapter::default()
        };
        while let Some(element) = self.xml.next_child() {
            match element.name.as_str() {
                "name" => self.xml.text_once(&element, "chapter number", &mut number),
                "desc" => self.xml.text_once(&element, "chapter title", &mut title),
                "sectionIndex" => self.xml.skip(),
                "section" => self.section(&element, index, &mut chapter.sections),
                // The schema has diags in sections only.
                "diag" => self.diag(
                    &element,
                    Place {
                        chapter: index,
                        section: None,
                        parent: None,
                        depth: 0,
                    },
                ),
                _ => self.annotation(
                    &element,
                    &mut Annotations {
                        inclusion_terms: &mut chapter.inclusion_terms,
                        notes: &mut chapter.notes,
                        seventh_characters: &mut chapter.seventh_characters,
                    },
                ),
            }
        }
        chapter.number = self.required(start, "chapter number", number);
        let title = self.required(start, "chapter title", title);
        let (title, range) = split_range(&title);
        chapter.title = title.to_owned();
        if let Some((first, last)) = range {
            chapter.first = Some(first.to_owned());
            chapter.last = Some(last.to_owned());
        }
        if let Some(slot) = self.tabular.chapters.get_mut(index) {
            *slot = chapter;
        }
    }

    fn section(&mut self, start: &Element, chapter: usize, sections: &mut Vec<Section>) {
        let index = sections.len();
        let mut title = None;
        let mut section = Section {
            line: start.line,
            ..Section::default()
        };
        let place = Place {
            chapter,
            section: Some(index),
            parent: None,
            depth: 0,
        };
        while let Some(element) = self.xml.next_child() {
            match element.name.as_str() {
                "desc" => self.xml.text_once(&element, "section title", &mut title),
                // Kept for codes that a section no longer holds; it names no code in force.
                "name" | "deactivated" => self.xml.skip(),
                "diag" => self.diag(&element, place),
                _ => self.annotation(
                    &element,
                    &mut Annotations {
                        inclusion_terms: &mut section.inclusion_terms,
                        notes: &mut section.notes,
                        seventh_characters: &mut section.seventh_characters,
                    },
                ),
            }
        }
        let title = self.required(start, "section title", title);
        let (bare, range) = split_range(&title);
        let id = match (start.attribute("id"), range) {
            (Some(id), _) => Some(id.to_owned()),
            (None, Some((first, last))) if first == last => Some(first.to_owned()),
            (None, Some((first, last))) => Some(format!("{first}-{last}")),
            (None, None) => None,
        };
        section.id = self.required(start, "section id", id);
        section.title = bare.to_owned();
        sections.push(section);
    }

    /// Reads a diag and, before its end, the diags in it.
    ///
    /// Nesting is bounded by the XML reader, and so is this recursion.
    fn diag(&mut self, start: &Element, place: Place) {
        let Some(code) = self.diag_code(start) else {
            return self.diag_without_code(place);
        };
        let index = self.tabular.diags.len();
        if let Some(parent) = place.parent.and_then(|at| self.tabular.diags.get_mut(at)) {
            parent.has_children = true;
        }
        let mut title = None;
        let mut row = Diag {
            line: start.line,
            code,
            title: String::new(),
            parent: place.parent,
            chapter: place.chapter,
            section: place.section,
            depth: place.depth,
            placeholder: start.attribute("placeholder") == Some("true"),
            has_children: false,
            inclusion_terms: Vec::new(),
            notes: Vec::new(),
            seventh_characters: Vec::new(),
        };
        // Children come behind their parent, so the row takes its place before they are read.
        self.tabular.diags.push(row.clone());
        while let Some(element) = self.xml.next_child() {
            match element.name.as_str() {
                "desc" => self.xml.text_once(&element, "title", &mut title),
                "diag" => self.diag(
                    &element,
                    Place {
                        parent: Some(index),
                        depth: place.depth.saturating_add(1),
                        ..place
                    },
                ),
                "visualImpairment" => self.visual_impairment(&mut row.notes),
                _ => self.annotation(
                    &element,
                    &mut Annotations {
                        inclusion_terms: &mut row.inclusion_terms,
                        notes: &mut row.notes,
                        seventh_characters: &mut row.seventh_characters,
                    },
                ),
            }
        }
        row.title = self.required(start, "title", title);
        if let Some(slot) = self.tabular.diags.get_mut(index) {
            row.has_children = slot.has_children;
            *slot = row;
        }
    }

    /// The code of a diag, which is its first element.
    fn diag_code(&mut self, start: &Element) -> Option<Code> {
        let first = self.xml.next_child();
        let Some(name) = first else {
            self.required(start, "code", None);
            return None;
        };
        if name.name != "name" {
            self.xml.unknown(&name);
            self.required(start, "code", None);
            return None;
        }
        let text = self.xml.text();
        match Code::parse(CodeSystem::Icd10Cm, &text) {
            Ok(code) => Some(code),
            Err(source) => {
                self.xml.report(name.line, RowProblem::code(&text, source));
                None
            }
        }
    }

    /// Reads on in a diag whose code was reported: its children hang on its parent.
    fn diag_without_code(&mut self, place: Place) {
        while let Some(element) = self.xml.next_child() {
            match element.name.as_str() {
                "diag" => self.diag(&element, place),
                _ => self.xml.skip(),
            }
        }
    }

    fn annotation(&mut self, element: &Element, to: &mut Annotations<'_>) {
        let kind = match element.name.as_str() {
            "inclusionTerm" => {
                while let Some(text) = self.next_note() {
                    to.inclusion_terms.push(text);
                }
                return;
            }
            "sevenChrDef" => return self.seventh_characters(to),
            "includes" => NoteKind::Includes,
            "excludes1" => NoteKind::Excludes1,
            "excludes2" => NoteKind::Excludes2,
            "codeFirst" => NoteKind::CodeFirst,
            "useAdditionalCode" => NoteKind::UseAdditional,
            "codeAlso" => NoteKind::CodeAlso,
            "notes" => NoteKind::Note,
            "sevenChrNote" => NoteKind::SeventhCharacterNote,
            _ => return self.xml.unknown(element),
        };
        while let Some(text) = self.next_note() {
            to.notes.push(Note { kind, text });
        }
    }

    fn next_note(&mut self) -> Option<String> {
        loop {
            let element = self.xml.next_child()?;
            if element.name != "note" {
                self.xml.unknown(&element);
                continue;
            }
            let text = self.xml.text();
            if !text.is_empty() {
                return Some(text);
            }
        }
    }

    /// Reads a `sevenChrDef`. A note in it says more about the character before
    /// it, so it is kept with that character in front: `3: advanced dry stage`.
    fn seventh_characters(&mut self, to: &mut Annotations<'_>) {
        let mut last = None;
        while let Some(element) = self.xml.next_child() {
            match element.name.as_str() {
                "extension" => {
                    let meaning = self.xml.text();
                    let text = element.attribute("char").unwrap_or_default().trim();
                    let mut characters = text.chars();
                    match (characters.next(), characters.next()) {
                        (Some(character), None) if character.is_ascii_alphanumeric() => {
                            let character = character.to_ascii_uppercase();
                            last = Some(character);
                            to.seventh_characters
                                .push(SeventhCharacter { character, meaning });
                        }
                        _ => {
                            last = None;
                            let expected = "one letter or digit";
                            let problem = RowProblem::field("seventh character", text, expected);
                            self.xml.report(element.line, problem);
                        }
                    }
                }
                "note" => {
                    let text = self.xml.text();
                    to.notes.push(Note {
                        kind: NoteKind::SeventhCharacterNote,
                        text: match last {
                            Some(character) => format!("{character}: {text}"),
                            None => text,
                        },
                    });
                }
                _ => self.xml.unknown(&element),
            }
        }
    }

    /// Reads the table of visual acuity under H54, one note a row: `1; 6/18 - 6/60; …`.
    fn visual_impairment(&mut self, notes: &mut Vec<Note>) {
        while let Some(element) = self.xml.next_child() {
            if element.name != "visCategory" {
                self.xml.unknown(&element);
                continue;
            }
            let mut cells = Vec::new();
            while let Some(cell) = self.xml.next_child() {
                match cell.name.as_str() {
                    "heading" | "value" => cells.push(self.xml.text()),
                    "visRange" => cells.push(self.visual_range()),
                    _ => self.xml.unknown(&cell),
                }
            }
            notes.push(Note {
                kind: NoteKind::Note,
                text: cells.join("; "),
            });
        }
    }

    fn visual_range(&mut self) -> String {
        let mut bounds = Vec::new();
        while let Some(bound) = self.xml.next_child() {
            match bound.name.as_str() {
                "heading" => bounds.push(self.xml.text()),
                "visMax" | "visMin" => {
                    while let Some(value) = self.xml.next_child() {
                        match value.name.as_str() {
                            "heading" | "value" => bounds.push(self.xml.text()),
                            _ => self.xml.unknown(&value),
                        }
                    }
                }
                _ => self.xml.unknown(&bound),
            }
        }
        bounds.join(" - ")
    }

    fn required(&mut self, start: &Element, field: &'static str, value: Option<String>) -> String {
        if value.as_deref().is_none_or(str::is_empty) {
            let problem = RowProblem::field(field, "", "some text");
            self.xml.report(start.line, problem);
        }
        value.unwrap_or_default()
    }
}

/// Splits `Cholera and more (A00-A09)` or `… (B10)` in its title and its range.
fn split_range(title: &str) -> (&str, Option<(&str, &str)>) {
    let split = || {
        let (bare, range) = title.strip_suffix(')')?.rsplit_once('(')?;
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let category =
            |text: &str| text.len() == 3 && Code::parse(CodeSystem::Icd10Cm, text).is_ok();
        (category(first) && category(last)).then_some((bare.trim_end(), Some((first, last))))
    };
    split().unwrap_or((title, None))
}
