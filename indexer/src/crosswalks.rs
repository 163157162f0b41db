//! Maps between systems and releases, in one shape whatever file they come from.

use std::collections::HashMap;

use codesets::CodeSystem;
use codesets::formats::gem::GemRow;
use codesets::formats::icd10cm_conversion::ConversionRow;
use codesets::formats::icd11_maps::{MapCode, MapDirection, MapEnd, MapRelation, MapRow};

use crate::book::{Book, Crosswalk, CrosswalkRow, Level, Property};
use crate::report::{Skipped, skip};
use crate::systems::MapFile;

/// The maps of `files`; the books tell which code an ICD-11 foundation entity has.
pub(crate) fn crosswalks(
    files: Vec<(String, MapFile)>,
    books: &[Book],
    findings: &mut Vec<Skipped>,
) -> Vec<Crosswalk> {
    let codes = codes_by_uri(books);
    files
        .into_iter()
        .map(|(version, file)| match file {
            MapFile::Gem(source, target, rows) => Crosswalk {
                name: format!("gem-{}-{}", source.id(), target.id()),
                version,
                source,
                target,
                rows: rows.iter().map(gem_row).collect(),
            },
            MapFile::Icd11(direction, many, rows) => {
                let (source, target) = match direction {
                    MapDirection::From11To10 => (CodeSystem::Icd11Mms, CodeSystem::Icd10Who),
                    MapDirection::From10To11 | MapDirection::From10ToFoundation => {
                        (CodeSystem::Icd10Who, CodeSystem::Icd11Mms)
                    }
                };
                let name = match (direction, many) {
                    (MapDirection::From10To11, true) => "who-10-to-11-multiple",
                    (MapDirection::From10To11, false) => "who-10-to-11",
                    (MapDirection::From11To10, _) => "who-11-to-10",
                    (MapDirection::From10ToFoundation, _) => "who-10-to-11-foundation",
                };
                Crosswalk {
                    name: name.to_owned(),
                    rows: rows
                        .iter()
                        .filter_map(|row| map_row(&version, name, row, &codes, findings))
                        .collect(),
                    version,
                    source,
                    target,
                }
            }
        })
        .collect()
}

/// The map of the conversion tables: each code to those used before it.
pub(crate) fn conversions(rows: &[ConversionRow]) -> Option<Crosswalk> {
    let version = rows.iter().map(|row| row.effective).max()?;
    let mut found: Vec<CrosswalkRow> = Vec::new();
    for row in rows {
        for previous in &row.previous {
            let row = CrosswalkRow {
                source: row.code.as_str().to_owned(),
                target: previous.as_str().to_owned(),
                approximate: true,
                ..CrosswalkRow::default()
            };
            if !found.contains(&row) {
                found.push(row);
            }
        }
    }
    Some(Crosswalk {
        name: "conversion".to_owned(),
        version: version.to_string(),
        source: CodeSystem::Icd10Cm,
        target: CodeSystem::Icd10Cm,
        rows: found,
    })
}

fn gem_row(row: &GemRow) -> CrosswalkRow {
    CrosswalkRow {
        source: row.source.as_str().to_owned(),
        target: row
            .target
            .as_ref()
            .map_or(String::new(), |code| code.as_str().to_owned()),
        approximate: row.approximate,
        combination: row.combination,
        no_map: row.target.is_none(),
        scenario: row.scenario,
        choice_list: row.choice_list,
        ..CrosswalkRow::default()
    }
}

/// A row of WHO's maps; rows that relate chapters and blocks have no code and are counted.
fn map_row(
    version: &str,
    name: &str,
    row: &MapRow,
    codes: &HashMap<String, String>,
    findings: &mut Vec<Skipped>,
) -> Option<CrosswalkRow> {
    let source = match &row.source.code {
        MapCode::Icd10(code) | MapCode::Extension(code) => code.as_str().to_owned(),
        MapCode::Icd11(cluster) => cluster.single()?.as_str().to_owned(),
        MapCode::Grouping(_) | MapCode::Uncoded | MapCode::NoMapping => {
            skip(
                findings,
                "row of a map from a chapter or a block, which has no code",
                format!("{name} {version}, line {}: {}", row.line, row.source.title),
            );
            return None;
        }
    };
    let (target, cluster, no_map) = target_of(&row.target, codes);
    Some(CrosswalkRow {
        source,
        target,
        source_title: row.source.title.clone(),
        title: row.target.title.clone(),
        approximate: row.relation == Some(MapRelation::Subclass),
        no_map,
        cluster,
        ..CrosswalkRow::default()
    })
}

/// The target as text, whether it is a cluster, and whether there is none.
fn target_of(end: &MapEnd, codes: &HashMap<String, String>) -> (String, bool, bool) {
    match &end.code {
        MapCode::Icd10(code) | MapCode::Extension(code) => (code.as_str().to_owned(), false, false),
        MapCode::Icd11(cluster) => match cluster.single() {
            Some(code) => (code.as_str().to_owned(), false, false),
            None => (cluster.to_string(), true, false),
        },
        MapCode::Grouping(name) => (name.clone(), false, false),
        MapCode::Uncoded => {
            let uri = end.foundation_uri.as_deref().unwrap_or("");
            let target = codes.get(uri).map_or(uri, String::as_str);
            (target.to_owned(), false, false)
        }
        MapCode::NoMapping => (String::new(), false, true),
    }
}

/// The newest code of each ICD-11 foundation entity.
fn codes_by_uri(books: &[Book]) -> HashMap<String, String> {
    let mut codes: HashMap<String, (u64, String)> = HashMap::new();
    let books = books
        .iter()
        .filter(|book| book.system == CodeSystem::Icd11Mms);
    for entry in books.flat_map(|book| &book.entries) {
        let uris = entry
            .properties
            .iter()
            .filter(|property| property.property == Property::FoundationUri);
        for property in uris {
            let key = match entry.level {
                Level::Code => entry.key.clone(),
                Level::Chapter | Level::Section => continue,
            };
            let known = codes.entry(property.value.clone()).or_default();
            if entry.present >= known.0 {
                *known = (entry.present, key);
            }
        }
    }
    codes
        .into_iter()
        .map(|(uri, (_, code))| (uri, code))
        .collect()
}
