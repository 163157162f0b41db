//! ClaML, the XML in which WHO and national publishers give out ICD-10 and its
//! modifications (Classification Markup Language, EN 14463; `ClaML.dtd` 2.0.0
//! and 3.0.0).
//!
//! A `Class` is a chapter, block or category; its place comes from `SuperClass`,
//! its words from `Rubric`s of a kind, each with `Label`s. A `Modifier` is a set
//! of characters that several classes take (`ModifiedBy`); its values are
//! `ModifierClass`es. The codes that modifiers make are not made here: which
//! are valid is for the class's own rules to say.

use std::collections::HashSet;

use super::source_text::head_lines;
use super::xml_elements::{Element, Outline, has_root, read_units, unknown};
use crate::{Parsed, RowError, RowProblem};

/// A `Class`, `Modifier` or `ModifierClass`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClamlRow {
    /// The 1-based line of the element in the file.
    pub line: u64,
    /// Which element it is, and for a class its kind.
    pub kind: ClamlKind,
    /// The code as published: `I`, `A00-A09`, `A00.0`; `.0` for a modifier's value.
    pub code: String,
    /// The mark of a class: `dagger`, `aster`, `optional`; national editions have others.
    pub usage: Option<String>,
    /// The code above; `None` at the top.
    pub parent: Option<String>,
    /// The modifiers whose characters the class takes.
    pub modified_by: Vec<ClamlModifiedBy>,
    /// The modifiers that hold for the class above but not here.
    pub excluded_modifiers: Vec<String>,
    /// The words, in the file's order.
    pub rubrics: Vec<ClamlRubric>,
}

/// What a row is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ClamlKind {
    /// A class of the kind its file declares: `chapter`, `block`, `category`.
    Class(String),
    /// A set of characters that classes take.
    Modifier,
    /// One of the values of the modifier named.
    ModifierClass(String),
}

/// A modifier that a class takes, and the values valid there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClamlModifiedBy {
    /// The modifier's code.
    pub modifier: String,
    /// The values that are valid here; empty when all are.
    pub valid: Vec<String>,
}

/// Words of a class, and what they are for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClamlRubric {
    /// What the words are.
    pub kind: ClamlRubricKind,
    /// The language, where the label says: `en`.
    pub language: Option<String>,
    /// The words, without the references in them.
    pub text: String,
    /// The codes that the words refer to, as printed: `B15-B19`, `A41.-`.
    pub references: Vec<String>,
}

/// What the words of a rubric are; the file declares its kinds, these are WHO's.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ClamlRubricKind {
    /// `preferred`: the title.
    Preferred,
    /// `preferredLong`: the title that stands without those above it.
    PreferredLong,
    /// `inclusion`: a condition that the code holds.
    Inclusion,
    /// `exclusion`: a condition that is coded elsewhere.
    Exclusion,
    /// `definition`.
    Definition,
    /// `text`: an explanation printed with the code.
    Text,
    /// `note`.
    Note,
    /// `coding-hint`: which other code to use or to add.
    CodingHint,
    /// `introduction` of a chapter or block.
    Introduction,
    /// `footnote`.
    Footnote,
    /// A kind that only this publisher has.
    Other(String),
}

impl ClamlRubricKind {
    fn of(kind: &str) -> ClamlRubricKind {
        match kind {
            "preferred" => ClamlRubricKind::Preferred,
            "preferredLong" => ClamlRubricKind::PreferredLong,
            "inclusion" => ClamlRubricKind::Inclusion,
            "exclusion" => ClamlRubricKind::Exclusion,
            "definition" => ClamlRubricKind::Definition,
            "text" => ClamlRubricKind::Text,
            "note" => ClamlRubricKind::Note,
            "coding-hint" => ClamlRubricKind::CodingHint,
            "introduction" => ClamlRubricKind::Introduction,
            "footnote" => ClamlRubricKind::Footnote,
            other => ClamlRubricKind::Other(other.chars().take(60).collect()),
        }
    }
}

impl ClamlRow {
    /// The title: the first preferred rubric.
    pub fn title(&self) -> Option<&str> {
        self.rubrics
            .iter()
            .find(|rubric| rubric.kind == ClamlRubricKind::Preferred)
            .map(|rubric| rubric.text.as_str())
    }
}

/// Whether a file's beginning is that of ClaML.
pub fn looks_like(head: &[u8]) -> bool {
    has_root(head, "ClaML")
}

/// The classification's name and version, from the `Title` element: (`ICD-10`, `2019`).
pub fn classification(head: &[u8]) -> Option<(String, String)> {
    head_lines(head, 200).iter().find_map(|line| {
        let (_, title) = line.split_once("<Title ")?;
        let attribute = |name: &str| {
            let (_, after) = title.split_once(&format!("{name}=\""))?;
            let (value, _) = after.split_once('"')?;
            Some(value.chars().take(60).collect::<String>())
        };
        Some((attribute("name")?, attribute("version")?))
    })
}

/// Reads the classes, modifiers and their values, in the file's order.
pub fn parse(bytes: &[u8]) -> Parsed<ClamlRow> {
    let outline = Outline {
        units: &["Class", "Modifier", "ModifierClass"],
        containers: &["ClaML"],
        passed_over: &[
            "Meta",
            "Identifier",
            "Title",
            "Authors",
            "Variants",
            "ClassKinds",
            "UsageKinds",
            "RubricKinds",
        ],
    };
    let mut codes: HashSet<(ClamlKind, String)> = HashSet::new();
    let mut rows = Vec::new();
    let errors = read_units(bytes, &outline, |unit, errors| {
        let Some(row) = row(&unit, errors) else {
            return;
        };
        // Two classes may not share a code, whatever their kinds.
        let namespace = match &row.kind {
            ClamlKind::Class(_) => ClamlKind::Class(String::new()),
            other => other.clone(),
        };
        if codes.insert((namespace, row.code.clone())) {
            rows.push(row);
        } else {
            let problem = RowProblem::Duplicate {
                field: "code",
                found: row.code,
            };
            errors.push(RowError {
                line: row.line,
                problem,
            });
        }
    });
    Parsed { rows, errors }
}

fn row(unit: &Element, errors: &mut Vec<RowError>) -> Option<ClamlRow> {
    let code = unit.attribute("code").unwrap_or("");
    if code.is_empty() || code.len() > 60 {
        errors.push(unit.wrong("code", code, "a code"));
        return None;
    }
    let kind = match unit.name.as_str() {
        "Modifier" => ClamlKind::Modifier,
        "ModifierClass" => {
            ClamlKind::ModifierClass(unit.attribute("modifier").unwrap_or("").to_owned())
        }
        _ => ClamlKind::Class(unit.attribute("kind").unwrap_or("").to_owned()),
    };
    let mut row = ClamlRow {
        line: unit.line,
        kind,
        code: code.to_owned(),
        usage: unit.attribute("usage").map(str::to_owned),
        parent: None,
        modified_by: Vec::new(),
        excluded_modifiers: Vec::new(),
        rubrics: Vec::new(),
    };
    for child in unit.children() {
        let code = || child.attribute("code").unwrap_or("").to_owned();
        match child.name.as_str() {
            // A class has one place in the tree; further ones would make it a graph.
            "SuperClass" if row.parent.is_none() => row.parent = Some(code()),
            "ModifiedBy" => row.modified_by.push(ClamlModifiedBy {
                modifier: code(),
                valid: child
                    .children()
                    .filter(|valid| valid.name == "ValidModifierClass")
                    .filter_map(|valid| valid.attribute("code").map(str::to_owned))
                    .collect(),
            }),
            "ExcludeModifier" => row.excluded_modifiers.push(code()),
            "Rubric" => rubric(child, &mut row.rubrics, errors),
            // What SubClass says, SuperClass says too; Meta and History hold no words.
            "SubClass" | "Meta" | "History" => {}
            _ => errors.push(unknown(child, unit)),
        }
    }
    Some(row)
}

fn rubric(element: &Element, rubrics: &mut Vec<ClamlRubric>, errors: &mut Vec<RowError>) {
    let kind = ClamlRubricKind::of(element.attribute("kind").unwrap_or(""));
    for label in element.children() {
        match label.name.as_str() {
            "Label" => {
                let mut references = Vec::new();
                gather_references(label, 0, &mut references);
                rubrics.push(ClamlRubric {
                    kind: kind.clone(),
                    language: label.attribute("xml:lang").map(str::to_owned),
                    text: label.all_text(&["Reference"], &["Para", "Fragment", "ListItem", "Cell"]),
                    references,
                });
            }
            "History" => {}
            _ => errors.push(unknown(label, element)),
        }
    }
}

/// Adds the text of every `Reference` within; `depth` bounds the recursion.
fn gather_references(element: &Element, depth: u32, references: &mut Vec<String>) {
    for child in element.children() {
        if child.name == "Reference" {
            let text = child.text();
            references.push(if text.is_empty() {
                child.attribute("code").unwrap_or("").to_owned()
            } else {
                text
            });
        } else if depth < 64 {
            gather_references(child, depth + 1, references);
        }
    }
}

#[cfg(test)]
#[path = "claml_tests.rs"]
mod tests;
