//! Writes what publishers say beside words: properties and maps.

use std::collections::BTreeMap;

use zerocopy::little_endian::U64;

use super::manifest::ManifestMap;
use super::records::{CrosswalkRecord, PropertyRecord};
use super::writer::{Folder, Strings, WriteError, number, position, small};
use crate::book::{Book, Crosswalk};
use crate::property::Property;

/// Writes the properties of every concept.
pub(super) fn write_properties(
    folder: &Folder<'_>,
    books: &[Book],
    strings: &mut Strings,
    counts: &mut BTreeMap<String, u64>,
) -> Result<(), WriteError> {
    let mut records = Vec::new();
    let entries = books.iter().flat_map(|book| &book.entries);
    for (concept, entry) in entries.enumerate() {
        let mut properties: Vec<_> = entry.properties.iter().collect();
        properties
            .sort_by_key(|property| (property.property, std::cmp::Reverse(property.releases)));
        for property in properties {
            records.push(PropertyRecord {
                concept: number(concept),
                property: position(&Property::ALL, &property.property),
                value: strings.add(&property.value)?,
                releases: U64::new(property.releases),
            });
        }
    }
    counts.insert("properties".to_owned(), records.len() as u64);
    folder.table("properties.bin", &records)
}

/// Writes the rows of every map, and returns what the manifest says of the maps.
pub(super) fn write_crosswalks(
    folder: &Folder<'_>,
    crosswalks: &[Crosswalk],
    strings: &mut Strings,
    counts: &mut BTreeMap<String, u64>,
) -> Result<Vec<ManifestMap>, WriteError> {
    if crosswalks.len() > usize::from(u8::MAX) {
        return Err(WriteError::TooMany {
            what: "maps",
            found: crosswalks.len(),
            most: usize::from(u8::MAX),
        });
    }
    let mut rows: Vec<_> = crosswalks
        .iter()
        .enumerate()
        .flat_map(|(map, crosswalk)| crosswalk.rows.iter().map(move |row| (map, crosswalk, row)))
        .collect();
    // Within a source the publisher's order of alternatives stays.
    rows.sort_by(|(a_map, a, a_row), (b_map, b, b_row)| {
        let key = |crosswalk: &Crosswalk| crosswalk.source.number();
        (
            key(a),
            &a_row.source,
            a_map,
            a_row.scenario,
            a_row.choice_list,
        )
            .cmp(&(
                key(b),
                &b_row.source,
                b_map,
                b_row.scenario,
                b_row.choice_list,
            ))
    });
    let mut records = Vec::with_capacity(rows.len());
    for (map, crosswalk, row) in rows {
        let flag = |set: bool, flag: u8| if set { flag } else { 0 };
        records.push(CrosswalkRecord {
            source_system: crosswalk.source.number(),
            target_system: crosswalk.target.number(),
            map: small(map),
            flags: flag(row.approximate, CrosswalkRecord::APPROXIMATE)
                | flag(row.combination, CrosswalkRecord::COMBINATION)
                | flag(row.no_map, CrosswalkRecord::NO_MAP)
                | flag(row.cluster, CrosswalkRecord::CLUSTER),
            scenario: row.scenario,
            choice_list: row.choice_list,
            source: strings.add(&row.source)?,
            target: strings.add(&row.target)?,
            title: strings.add(&row.title)?,
        });
    }
    counts.insert("crosswalks".to_owned(), records.len() as u64);
    folder.table("crosswalks.bin", &records)?;
    Ok(crosswalks
        .iter()
        .map(|crosswalk| ManifestMap {
            name: crosswalk.name.clone(),
            version: crosswalk.version.clone(),
            source: crosswalk.source.id().to_owned(),
            target: crosswalk.target.id().to_owned(),
            rows: crosswalk.rows.len() as u64,
        })
        .collect())
}
