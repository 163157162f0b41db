//! Each publisher's file is recognised by its own format, and by no other.

use std::path::Path;

use codesets::formats::{
    claml, cpt, gem, hcpcs, hcpcs_columns, icd_addenda, icd10_who, icd10pcs_definitions,
    icd10pcs_index, icd10pcs_tables, icd11_maps, icd11_mms, omop, poa,
};

use super::{data, gz, zipped};

/// The formats that recognise a file's first bytes as theirs.
fn recognised(head: &[u8]) -> Vec<&'static str> {
    [
        ("claml", claml::looks_like(head)),
        ("cpt", cpt::looks_like(head)),
        ("gem", gem::looks_like(head)),
        ("hcpcs", hcpcs::looks_like(head)),
        ("hcpcs columns", hcpcs_columns::looks_like(head)),
        ("icd10 who", icd10_who::looks_like(head)),
        ("pcs definitions", icd10pcs_definitions::looks_like(head)),
        ("pcs index", icd10pcs_index::looks_like(head)),
        ("pcs tables", icd10pcs_tables::looks_like(head)),
        ("icd11 map", icd11_maps::looks_like(head)),
        ("icd11 mms", icd11_mms::looks_like(head)),
        ("addenda", icd_addenda::looks_like(head)),
        ("omop", omop::looks_like(head)),
        ("poa", poa::looks_like(head)),
    ]
    .into_iter()
    .filter_map(|(format, yes)| yes.then_some(format))
    .collect()
}

/// The text files below `folder`, unpacked, with their names.
fn every_text(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let extension = path
            .extension()
            .map(|extension| extension.to_string_lossy());
        match extension.as_deref() {
            _ if path.is_dir() => every_text(&path, found),
            Some("gz") => found.push((name, gz(&path))),
            Some("zip") => {
                let file = std::fs::File::open(&path).unwrap();
                let mut archive = zip::ZipArchive::new(file).unwrap();
                let inside: Vec<String> = (0..archive.len())
                    .map(|index| {
                        archive
                            .by_index(index)
                            .unwrap()
                            .name()
                            .unwrap()
                            .into_owned()
                    })
                    .collect();
                for name in inside {
                    let bytes = zipped(&path, &name);
                    found.push((name, bytes));
                }
            }
            _ => found.push((name, std::fs::read(&path).unwrap())),
        }
    }
}

#[test]
fn every_file_is_recognised_by_its_own_format_only() {
    let Some(data) = data() else { return };
    let mut files = Vec::new();
    every_text(&data, &mut files);
    let mut seen = std::collections::BTreeMap::new();
    for (name, bytes) in &files {
        let formats = recognised(&bytes[..bytes.len().min(32_768)]);
        if !formats.is_empty() {
            let joined = formats.join(" and ");
            seen.entry(joined)
                .or_insert_with(Vec::new)
                .push(name.as_str());
        }
    }
    let counted: Vec<(&str, usize)> = seen
        .iter()
        .map(|(format, names)| (format.as_str(), names.len()))
        .collect();
    let expected = [
        ("addenda", 6),
        ("gem", 2),
        ("hcpcs", 5),
        ("hcpcs columns", 1),
        ("icd10 who", 2),
        ("icd11 map", 4),
        ("icd11 mms", 1),
        ("pcs definitions", 2),
        ("pcs index", 1),
        ("pcs tables", 2),
        ("poa", 1),
    ];
    assert_eq!(counted, expected, "{seen:#?}");
}
