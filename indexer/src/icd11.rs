//! What a release of ICD-11 for Mortality and Morbidity Statistics says.

use codesets::CodeSystem;
use codesets::formats::icd11_cluster::is_extension;
use codesets::formats::icd11_mms::{MmsKind, MmsRow};

use crate::book::{IndexPhrase, Level, Property};
use crate::facts::{Fact, ReleaseFacts};
use crate::known::Known;
use crate::report::{Skipped, skip};

/// The facts of the release `version`.
///
/// Statistics count the codes with nothing below them, residuals among them
/// (ICD-11 Reference Guide, on stem codes), so these are the ones to code with.
/// Extension codes never stand alone.
pub(crate) fn facts(
    version: &str,
    rows: Vec<MmsRow>,
    known: &Known,
    findings: &mut Vec<Skipped>,
) -> Option<ReleaseFacts> {
    let system = CodeSystem::Icd11Mms;
    let Some(release) = known.release(system, version) else {
        skip(
            findings,
            "release whose days are unknown",
            format!("ICD-11 `{version}`"),
        );
        return None;
    };
    let publisher = known.publisher(system);
    let names: Vec<(Level, String)> = rows.iter().map(name).collect();
    let mut facts = Vec::with_capacity(rows.len());
    for (place, row) in rows.into_iter().enumerate() {
        let (level, key) = &names[place];
        facts.push(Fact {
            parent: row.parent.and_then(|parent| names.get(parent).cloned()),
            billable: row.is_leaf && row.code.as_ref().is_some_and(|code| !is_extension(code)),
            properties: properties(&row),
            ..Fact::new(*level, key, &row.title)
        });
    }
    Some(ReleaseFacts {
        release,
        publisher: publisher.name,
        licence: publisher.licence,
        lists_headers: true,
        has_notes: true,
        facts,
    })
}

/// Words that ICD-11 has its own for.
const PHRASES: [(&str, &str); 8] = [
    // Chromosomes: a loss or gain of an arm is a deletion or duplication there.
    ("monosomy", "deletions"),
    ("partial monosomy", "deletions"),
    ("partial deletion", "deletions"),
    ("trisomy", "duplications"),
    ("partial trisomy", "duplications"),
    ("partial duplication", "duplications"),
    // Cancers of a kind of tissue are carcinomas by title.
    ("cancer", "carcinoma"),
    ("malignant tumor", "malignant neoplasms"),
];

/// The phrases that hold for ICD-11 alone.
pub(crate) fn phrases() -> impl Iterator<Item = IndexPhrase> {
    PHRASES.into_iter().map(|(phrase, means)| IndexPhrase {
        system: CodeSystem::Icd11Mms,
        phrase: phrase.to_owned(),
        means: means.to_owned(),
    })
}

/// The level and key of a row. A block of extension codes has no id, so its identifier
/// in the linearization stands for it.
fn name(row: &MmsRow) -> (Level, String) {
    match (row.kind, &row.code, &row.block_id) {
        (_, Some(code), _) => (Level::Code, code.as_str().to_owned()),
        (MmsKind::Chapter, ..) => (Level::Chapter, row.chapter.clone()),
        (_, None, Some(block)) => (Level::Section, block.clone()),
        (_, None, None) => {
            let last = row.linearization_uri.rsplit('/').next().unwrap_or("");
            (Level::Section, format!("Block-{last}"))
        }
    }
}

fn properties(row: &MmsRow) -> Vec<(Property, String)> {
    let kind = match &row.code {
        Some(code) if is_extension(code) => Some("extension"),
        Some(_) if row.is_residual => Some("residual"),
        Some(_) => Some("stem"),
        None => None,
    };
    let mut found = Vec::with_capacity(4);
    let mut add = |property: Property, value: Option<&str>| {
        found.extend(value.map(|value| (property, value.to_owned())));
    };
    add(Property::Kind, kind);
    add(Property::FoundationUri, row.foundation_uri.as_deref());
    // It says more than the foundation's only for residuals, which have no other.
    let own = row.foundation_uri.is_none() && !row.linearization_uri.is_empty();
    add(
        Property::LinearizationUri,
        own.then_some(row.linearization_uri.as_str()),
    );
    add(Property::CodingNote, row.coding_note.as_deref());
    found
}
