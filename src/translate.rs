//! A code in another system, by the maps that are loaded.
//!
//! A map says what its publisher says, flags and all: nothing is chosen here,
//! and a chain of maps is never followed.

use codesets::{Code, CodeError, CodeSystem};
use indexer::bundle::Bundle;
use indexer::bundle::records::CrosswalkRecord;
use serde::Serialize;
use utoipa::ToSchema;

/// One alternative, or one part of an alternative.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Translation {
    /// The map's identifier: `gem-icd9cm-icd10cm`.
    pub map: String,
    /// The publisher's name of the map's release.
    pub version: String,
    /// The identifier of the target's system.
    pub system: &'static str,
    /// The code, with its dot, or codes joined by `&` and `/`; `None` where the publisher
    /// states that there is no counterpart.
    pub code: Option<String>,
    /// The target's title.
    pub display: Option<String>,
    /// Whether source and target are not identical in meaning.
    pub approximate: bool,
    /// Whether the source takes several targets together: one of each choice list of a scenario.
    pub combination: bool,
    /// Whether the target is several codes that stand together.
    pub cluster: bool,
    /// Which of the combinations the row belongs to; 0 when it is in none.
    pub scenario: u8,
    /// Which part of its combination the row is.
    pub choice_list: u8,
}

/// Why a code cannot be translated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TranslateError {
    /// The text cannot be a code of the system.
    #[error(transparent)]
    Shape(#[from] CodeError),
    /// No map leads from the system to the target asked for.
    #[error("no loaded map leads from {from} to {}", target_name(*to))]
    NoMap {
        /// The system that is translated.
        from: CodeSystem,
        /// The system asked for; `None` for any.
        to: Option<CodeSystem>,
    },
}

fn target_name(to: Option<CodeSystem>) -> &'static str {
    to.map_or("any system", CodeSystem::name)
}

/// What the loaded maps say of the code `text` of `system`, in `target` or in any system.
///
/// An empty list means that the maps do not have the code.
///
/// # Errors
/// When the text is no code, or no map leads there.
pub fn translate(
    bundle: &Bundle,
    system: CodeSystem,
    text: &str,
    target: Option<CodeSystem>,
) -> Result<Vec<Translation>, TranslateError> {
    let code = Code::parse_stub(system, text)?;
    let leads_there = bundle.manifest().maps.iter().any(|map| {
        map.source == system.id() && target.is_none_or(|target| map.target == target.id())
    });
    if !leads_there {
        return Err(TranslateError::NoMap {
            from: system,
            to: target,
        });
    }
    Ok(translations(bundle, system, code.as_str())
        .filter(|row| target.is_none_or(|target| row.system == target.id()))
        .collect())
}

/// Every row of every loaded map for the canonical code `key` of `system`.
pub(crate) fn translations<'a>(
    bundle: &'a Bundle,
    system: CodeSystem,
    key: &str,
) -> impl Iterator<Item = Translation> + use<'a> {
    bundle
        .crosswalks_of(system, key)
        .iter()
        .filter_map(|record| translation(bundle, record))
}

fn translation(bundle: &Bundle, record: &CrosswalkRecord) -> Option<Translation> {
    let map = bundle.manifest().maps.get(usize::from(record.map))?;
    let system = CodeSystem::from_number(record.target_system)?;
    let target = bundle.text(record.target);
    let cluster = record.has(CrosswalkRecord::CLUSTER);
    let known = bundle.find(system, target).map(|id| bundle.concept(id));
    let code = if cluster {
        target.to_owned()
    } else {
        Code::dotted(system, target)
    };
    let display = match (bundle.text(record.title), known) {
        ("", known) => known.map(|record| bundle.text(record.title).to_owned()),
        (title, _) => Some(title.to_owned()),
    };
    // What is no code, as a block's name, is printed as the map has it.
    let is_code = cluster || Code::parse_stub(system, target).is_ok();
    Some(Translation {
        map: map.name.clone(),
        version: map.version.clone(),
        system: system.id(),
        code: (!target.is_empty()).then(|| if is_code { code } else { target.to_owned() }),
        display: display.filter(|_| !target.is_empty()),
        approximate: record.has(CrosswalkRecord::APPROXIMATE),
        combination: record.has(CrosswalkRecord::COMBINATION),
        cluster,
        scenario: record.scenario,
        choice_list: record.choice_list,
    })
}
