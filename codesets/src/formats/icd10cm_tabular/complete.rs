//! Complete codes: what the Tabular List says in two places put together.

use super::Tabular;
use crate::{Code, CodeSystem, SeventhCharacter};

/// A code with all its characters, as the Tabular List composes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompleteCode {
    /// The code.
    pub code: Code,
    /// The diag it is, or was made from, as an index into [`Tabular::diags`].
    pub diag: usize,
    /// The seventh character that was added.
    pub seventh: Option<char>,
    /// The diag's title; with a seventh character, `, ` and its meaning behind it.
    pub title: String,
}

impl Tabular {
    /// The seventh characters that apply to the diag: its own or the nearest above it.
    pub fn seventh_for(&self, diag: usize) -> Option<&[SeventhCharacter]> {
        let row = self.diags.get(diag)?;
        let mut place = Some(diag);
        // A diag stands behind its parent, so the way up ends; `filter` holds that for any Tabular.
        while let Some(index) = place {
            let above = self.diags.get(index)?;
            if !above.seventh_characters.is_empty() {
                return Some(&above.seventh_characters);
            }
            place = above.parent.filter(|parent| *parent < index);
        }
        let chapter = self.chapters.get(row.chapter)?;
        let section = row
            .section
            .and_then(|section| chapter.sections.get(section));
        [
            section.map(|section| section.seventh_characters.as_slice()),
            Some(chapter.seventh_characters.as_slice()),
        ]
        .into_iter()
        .flatten()
        .find(|characters| !characters.is_empty())
    }

    /// Every complete code, in the order of the diags and of the seventh characters.
    ///
    /// A diag without children is one, or as many as it has seventh characters:
    /// then it is padded with the placeholder `X` to six characters (Guidelines
    /// I.A.5). A diag of seven characters is complete as it is.
    pub fn complete_codes(&self) -> Vec<CompleteCode> {
        let mut codes = Vec::new();
        for (index, diag) in self.diags.iter().enumerate() {
            if diag.has_children {
                continue;
            }
            let seventh = self.seventh_for(index).unwrap_or_default();
            if seventh.is_empty() || diag.code.as_str().len() >= 7 {
                codes.push(CompleteCode {
                    code: diag.code.clone(),
                    diag: index,
                    seventh: None,
                    title: diag.title.clone(),
                });
                continue;
            }
            for SeventhCharacter { character, meaning } in seventh {
                let text = format!("{:X<6}{character}", diag.code.as_str());
                // The parser lets only letters and digits be seventh characters.
                let Ok(code) = Code::parse(CodeSystem::Icd10Cm, &text) else {
                    continue;
                };
                codes.push(CompleteCode {
                    code,
                    diag: index,
                    seventh: Some(*character),
                    title: format!("{}, {meaning}", diag.title),
                });
            }
        }
        codes
    }
}
