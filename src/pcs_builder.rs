//! The ICD-10-PCS table builder: what the first characters of a code say, and which may follow.

use codesets::{Code, CodeSystem};
use indexer::bundle::{Bundle, LoadedRelease, PcsCharacter, PcsNext, PcsTablesView};
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use crate::lookup::title;

/// The first characters of a code, and what may follow them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PcsStub {
    /// The characters, in upper case.
    pub stub: String,
    /// Whether they are a whole code.
    pub complete: bool,
    /// The code's title, when it is whole.
    pub display: Option<String>,
    /// What each of them says.
    pub characters: Vec<PcsMeaning>,
    /// What the next one is about; `None` when there is none.
    pub next: Option<PcsAxis>,
}

/// What a character says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PcsMeaning {
    /// The position in the code, from 1.
    pub position: u8,
    /// What the axis is about: `Approach`.
    pub axis: String,
    /// The character.
    pub character: char,
    /// What it says: `Percutaneous Endoscopic`.
    pub label: String,
    /// What that means, where the publisher defines it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub definition: String,
    /// What it includes, where the publisher says.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub includes: String,
}

/// The next character.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PcsAxis {
    /// Its position in the code, from 1.
    pub position: u8,
    /// What it is about.
    pub axis: String,
    /// The characters that may stand there, sorted.
    pub values: Vec<PcsValue>,
}

/// A character that may come next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PcsValue {
    /// The stub with the character.
    pub code: String,
    /// What it says.
    #[serde(flatten)]
    pub meaning: PcsMeaning,
}

/// Why a stub cannot be built on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PcsError {
    /// No release of ICD-10-PCS is loaded, or none of its tables for the day.
    #[error(
        "no tables of ICD-10-PCS are loaded for that day; give the tables XML of its release to `codebook build`"
    )]
    NotLoaded,
    /// No code begins this way.
    #[error("no ICD-10-PCS code of {version} begins so; only the first {possible} characters do")]
    Impossible {
        /// The release that answers.
        version: String,
        /// How many of the first characters do begin a code.
        possible: usize,
    },
}

/// What the characters of `text` say and which may follow, in the release for `date`.
///
/// # Errors
/// When no tables are loaded, or no code begins so.
pub fn build_on(bundle: &Bundle, text: &str, date: Date) -> Result<PcsStub, PcsError> {
    let system = CodeSystem::Icd10Pcs;
    let release = bundle
        .release_for(system, date)
        .ok_or(PcsError::NotLoaded)?;
    let stub: String = text.trim().to_ascii_uppercase();
    let tables = bundle.pcs();
    if !matches!(tables.next("", release.bit), PcsNext::Values(_)) {
        return Err(PcsError::NotLoaded);
    }
    let next = match tables.next(&stub, release.bit) {
        PcsNext::Impossible { possible } => {
            return Err(PcsError::Impossible {
                version: release.version.clone(),
                possible,
            });
        }
        PcsNext::Complete => None,
        PcsNext::Values(choice) => Some(PcsAxis {
            position: choice.position,
            axis: choice.axis.to_owned(),
            values: choice
                .values
                .iter()
                .map(|value| PcsValue {
                    code: format!("{stub}{}", value.character),
                    meaning: meaning(value),
                })
                .collect(),
        }),
    };
    let code = Code::parse(system, &stub).ok();
    let concept = code.and_then(|code| bundle.find(system, code.as_str()));
    Ok(PcsStub {
        complete: next.is_none(),
        display: concept
            .filter(|_| next.is_none())
            .map(|id| title(bundle, &bundle.concept(id), release).to_owned()),
        characters: explained(tables, &stub, release),
        next,
        stub,
    })
}

/// What each character of a stub that begins a code says.
fn explained(tables: PcsTablesView<'_>, stub: &str, release: &LoadedRelease) -> Vec<PcsMeaning> {
    if let Some(characters) = tables.characters(stub, release.bit) {
        return characters.iter().map(meaning).collect();
    }
    let mut found = Vec::new();
    for (place, wanted) in stub.char_indices() {
        let Some(PcsNext::Values(choice)) = stub.get(..place).map(|s| tables.next(s, release.bit))
        else {
            break;
        };
        let value = choice.values.iter().find(|value| value.character == wanted);
        found.extend(value.map(meaning));
    }
    found
}

fn meaning(character: &PcsCharacter<'_>) -> PcsMeaning {
    PcsMeaning {
        position: character.position,
        axis: character.axis.to_owned(),
        character: character.character,
        label: character.label.to_owned(),
        definition: character.definition.to_owned(),
        includes: character.includes.to_owned(),
    }
}
