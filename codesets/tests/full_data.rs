//! The parsers against the publishers' full files, which are not part of the
//! project: set `CODEBOOK_DATA` to the folder that holds them. The counts are
//! those of the files, taken with other tools.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "tests over files stop at the first that cannot be read, and print what they saw"
)]

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Read;
use std::path::PathBuf;
use std::time::Instant;

use codesets::CodeSystem;
use codesets::formats::icd_order::OrderRow;
use codesets::formats::icd10cm_index::{Index, IndexEntry, IndexName};
use codesets::formats::icd10cm_tables::TableName;
use codesets::formats::icd10cm_tabular::{Tabular, excludes_without_codes};
use codesets::formats::sniff::{XmlFormat, xml_format};
use codesets::formats::{
    icd_order, icd10cm_codes, icd10cm_conversion, icd10cm_index, icd10cm_index_see, icd10cm_tables,
    icd10cm_tabular,
};

/// The folder of the full files; `None`, said plainly, when it is not set.
fn data() -> Option<PathBuf> {
    let folder = std::env::var_os("CODEBOOK_DATA").map(PathBuf::from);
    if folder.is_none() {
        println!("CODEBOOK_DATA is not set: full-data tests did not run");
    }
    folder
}

/// The bytes of a file: `x.gz` unpacked, `x.zip!name` the member that ends in `name`.
fn read(path: &str) -> Vec<u8> {
    let folder = data().unwrap();
    let (file, member) = path.split_once('!').unwrap_or((path, ""));
    let bytes = std::fs::read(folder.join(file)).unwrap();
    let mut unpacked = Vec::new();
    if file.ends_with(".gz") {
        let mut reader = flate2::read::GzDecoder::new(bytes.as_slice());
        reader.read_to_end(&mut unpacked).unwrap();
    } else if member.is_empty() {
        return bytes;
    } else {
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
        let name = archive
            .file_names()
            .filter_map(|name| Some(name.ok()?.into_owned()))
            .find(|name| name.ends_with(member))
            .unwrap();
        let mut reader = archive.by_name(&name).unwrap();
        reader.read_to_end(&mut unpacked).unwrap();
    }
    unpacked
}

fn timed<T>(what: &str, bytes: &[u8], parse: impl FnOnce(&[u8]) -> T) -> T {
    let start = Instant::now();
    let parsed = parse(bytes);
    let elapsed = start.elapsed().as_millis();
    println!("{what}: {} bytes in {elapsed} ms", bytes.len());
    parsed
}

#[track_caller]
fn check_order(path: &str, system: CodeSystem, rows: usize, billable: usize) -> Vec<OrderRow> {
    let bytes = read(path);
    assert_eq!(icd_order::looks_like(&bytes), Some(system));
    let parsed = timed(path, &bytes, |bytes| icd_order::parse(system, bytes));
    assert_eq!(parsed.errors, []);
    assert_eq!(parsed.rows.len(), rows);
    let found = parsed.rows.iter().filter(|row| row.billable).count();
    assert_eq!(found, billable);
    parsed.rows
}

const ORDER_2025: &str =
    "icd10cm-2025/2025-code-descriptions-tabular-order.zip!icd10cm_order_2025.txt";
const ORDER_2026: &str =
    "icd10cm-2026/2026-code-descriptions-tabular-order.zip!icd10cm_order_2026.txt";
const TABULAR_2025: &str = "icd10cm-2025/icd10cm-tabular-April-2025.xml.gz";
const TABULAR_2026: &str = "icd10cm-2026/icd10c-tabular-April-1-2026.xml.gz";

#[test]
fn order_and_codes_files() {
    if data().is_none() {
        return;
    }
    check_order(ORDER_2025, CodeSystem::Icd10Cm, 97_584, 74_260);
    let rows = check_order(ORDER_2026, CodeSystem::Icd10Cm, 98_186, 74_719);
    let pcs = "icd10pcs-2025/icd10pcs_order_2025.zip!icd10pcs_order_2025.txt";
    let headers = check_order(pcs, CodeSystem::Icd10Pcs, 79_856, 78_948);
    assert!(
        headers
            .iter()
            .all(|row| row.billable == (row.code.as_str().len() == 7))
    );
    let pcs = "icd10pcs-2026/icd10pcs_order_2026.zip!icd10pcs_order_2026.txt";
    check_order(pcs, CodeSystem::Icd10Pcs, 80_029, 79_115);

    let billable = rows.iter().filter(|row| row.billable);
    let billable: Vec<(&str, &str)> = billable
        .map(|row| (row.code.as_str(), row.title.as_str()))
        .collect();
    let codes = "icd10cm-2026/2026-code-descriptions-tabular-order.zip!icd10cm_codes_2026.txt";
    let bytes = read(codes);
    assert!(icd10cm_codes::looks_like(&bytes));
    let parsed = timed(codes, &bytes, icd10cm_codes::parse);
    assert_eq!(parsed.errors, []);
    let codes: Vec<(&str, &str)> = parsed
        .rows
        .iter()
        .map(|row| (row.code.as_str(), row.title.as_str()))
        .collect();
    assert!(codes == billable);

    let bytes = read("icd10cm-2027/icd10cm_codes_2027.txt.gz");
    assert!(icd10cm_codes::looks_like(&bytes));
    let parsed = icd10cm_codes::parse(&bytes);
    assert_eq!((parsed.rows.len(), parsed.errors.len()), (74_879, 0));
}

fn tabular(path: &str) -> Tabular {
    let bytes = read(path);
    assert_eq!(xml_format(&bytes), Some(XmlFormat::Icd10CmTabular));
    let parsed = timed(path, &bytes, icd10cm_tabular::parse);
    assert_eq!(parsed.errors, []);
    parsed.tabular
}

#[test]
fn the_tabular_list_holds_every_element() {
    if data().is_none() {
        return;
    }
    assert_eq!(tabular(TABULAR_2025).diags.len(), 46_498);
    let tabular = tabular(TABULAR_2026);
    assert_eq!(tabular.version.as_deref(), Some("2026"));
    assert_eq!(tabular.chapters.len(), 22);
    assert!(
        tabular
            .chapters
            .iter()
            .all(|chapter| chapter.first.is_some() && !chapter.title.ends_with(')'))
    );
    let sections = tabular
        .chapters
        .iter()
        .flat_map(|chapter| &chapter.sections);
    assert_eq!(sections.clone().count(), 297);
    assert_eq!(tabular.diags.len(), 46_881);
    let placeholders = tabular.diags.iter().filter(|diag| diag.placeholder).count();
    assert_eq!(placeholders, 246);
    let inclusion = tabular.diags.iter().map(|diag| diag.inclusion_terms.len());
    let inclusion: usize = inclusion.sum::<usize>()
        + sections
            .map(|section| section.inclusion_terms.len())
            .sum::<usize>();
    assert_eq!(inclusion, 12_574);
    let defining = tabular
        .diags
        .iter()
        .filter(|diag| !diag.seventh_characters.is_empty());
    assert_eq!(defining.clone().count(), 508);
    let characters: usize = defining.map(|diag| diag.seventh_characters.len()).sum();
    assert_eq!(characters, 1_790);
    let mut notes: BTreeMap<&str, usize> = BTreeMap::new();
    for placed in tabular.notes() {
        *notes.entry(placed.note.kind.id()).or_default() += 1;
    }
    let expected = [
        ("code_also", 655),
        ("code_first", 809),
        ("excludes1", 5_407),
        ("excludes2", 2_520),
        ("includes", 1_024),
        ("note", 180 + 7),
        ("seventh", 508 + 8),
        ("use_additional", 1_485),
    ];
    assert_eq!(notes, BTreeMap::from(expected));
}

#[test]
fn complete_codes_are_the_billable_codes_and_76_more() {
    if data().is_none() {
        return;
    }
    let complete = tabular(TABULAR_2026).complete_codes();
    let order = check_order(ORDER_2026, CodeSystem::Icd10Cm, 98_186, 74_719);
    let billable: HashMap<&str, &str> = order
        .iter()
        .filter(|row| row.billable)
        .map(|row| (row.code.as_str(), row.title.as_str()))
        .collect();
    let composed: HashSet<&str> = complete.iter().map(|row| row.code.as_str()).collect();
    assert_eq!(composed.len(), complete.len());
    let missing: Vec<&&str> = billable
        .keys()
        .filter(|code| !composed.contains(**code))
        .collect();
    let extra: Vec<&&str> = composed
        .iter()
        .filter(|code| !billable.contains_key(**code))
        .collect();
    println!("missing {missing:?}\nextra {}: {extra:?}", extra.len());
    let mut other = 0;
    for row in &complete {
        if let Some(title) = billable.get(row.code.as_str())
            && *title != row.title
        {
            other += 1;
            if other % 50 == 1 {
                println!("{}\n  tabular {}\n  order   {title}", row.code, row.title);
            }
        }
    }
    println!("{other} titles differ");
    assert!(missing.is_empty());
    assert_eq!(extra.len(), 76);
}

#[test]
fn excludes_lines_without_codes_are_counted() {
    if data().is_none() {
        return;
    }
    let tabular = tabular(TABULAR_2026);
    let found = excludes_without_codes(&tabular);
    for placed in &found {
        println!("{}: {}", placed.line, placed.note.text);
    }
    let diags = tabular.diags.iter().map(|diag| diag.code.as_str());
    let codes: HashSet<String> = diags
        .flat_map(|code| (3..=code.len()).map(|end| code[..end].to_owned()))
        .collect();
    for placed in tabular.notes() {
        for range in codesets::codes_in_note(&placed.note.text) {
            if !codes.contains(&*range.first) || !codes.contains(&*range.last) {
                println!(
                    "unknown {}..{}: {}",
                    range.first, range.last, placed.note.text
                );
            }
        }
    }
    assert_eq!(found.len(), 163);
}

fn index(path: &str, name: IndexName) -> Index {
    let bytes = read(path);
    assert_eq!(xml_format(&bytes), Some(XmlFormat::Icd10CmIndex(name)));
    let parsed = timed(path, &bytes, icd10cm_index::parse);
    for error in &parsed.errors {
        println!("{path}: {error}");
    }
    assert_eq!(parsed.errors, []);
    assert_eq!(parsed.index.name, name);
    parsed.index
}

fn count(index: &Index, field: impl Fn(&IndexEntry) -> &Option<String>) -> usize {
    index
        .entries
        .iter()
        .filter(|entry| field(entry).is_some())
        .count()
}

#[test]
fn the_indexes_hold_every_element() {
    if data().is_none() {
        return;
    }
    let zip = "icd10cm-2017/ICD10CM_FY2017_Full_XML.zip";
    let diseases = index(
        &format!("{zip}!icd10cm_index_2017.xml"),
        IndexName::Diseases,
    );
    let main_terms = diseases.entries.iter().filter(|entry| entry.level == 0);
    assert_eq!(main_terms.count(), 7_973);
    assert_eq!(diseases.entries.len(), 7_973 + 69_226);
    assert_eq!(count(&diseases, |entry| &entry.code), 59_412);
    assert_eq!(count(&diseases, |entry| &entry.see), 11_979);
    assert_eq!(count(&diseases, |entry| &entry.see_also), 1_704);
    assert_eq!(count(&diseases, |entry| &entry.manifestation), 746);
    assert_eq!(count(&diseases, |entry| &entry.subcategory), 130);
    assert_eq!(count(&diseases, |entry| &entry.see_category), 15);
    let headers = diseases
        .entries
        .iter()
        .filter_map(|entry| entry.code.as_ref());
    assert_eq!(headers.filter(|code| code.ends_with('-')).count(), 6_557);
    resolve(&diseases);
    for path in [
        &format!("{zip}!icd10cm_eindex_2017.xml"),
        "icd10cm-2022/icd10cm_eindex_2022.xml.gz",
    ] {
        let external = index(path, IndexName::ExternalCauses);
        resolve(&external);
    }
}

fn resolve(index: &Index) {
    let start = Instant::now();
    let resolution = icd10cm_index_see::resolve(index);
    let elapsed = start.elapsed().as_millis();
    let (found, elsewhere) = (resolution.targets.len(), resolution.elsewhere.len());
    let unresolved = resolution.unresolved.len();
    let all = found + elsewhere + unresolved;
    println!(
        "{:?} {:?}: of {all} see and see also, {found} name entries, {elsewhere} lead elsewhere, {unresolved} do not resolve, in {elapsed} ms",
        index.name, index.version
    );
    assert_eq!(
        all,
        count(index, |entry| &entry.see) + count(index, |entry| &entry.see_also)
    );
    // Most of what is left names codes or is misprinted.
    assert!(unresolved * 100 < all * 8);
    if std::env::var_os("SHOW_UNRESOLVED").is_some() {
        for error in &resolution.unresolved {
            println!("{error}");
        }
    }
}

#[test]
fn the_tables_hold_every_cell() {
    if data().is_none() {
        return;
    }
    let zip = "icd10cm-2017/ICD10CM_FY2017_Full_XML.zip";
    let drug_2017 = format!("{zip}!icd10cm_drug_2017.xml");
    let neoplasm_2017 = format!("{zip}!icd10cm_neoplasm_2017.xml");
    for (path, name, entries, codes) in [
        (
            "icd10cm-2022/icd10cm_drug_2022.xml.gz",
            TableName::Drug,
            7_423,
            43_182 - 3_182,
        ),
        (
            "icd10cm-2022/icd10cm_neoplasm_2022.xml.gz",
            TableName::Neoplasm,
            1_939,
            10_916 - 1_898,
        ),
        (&drug_2017, TableName::Drug, 7_416, 43_140 - 3_176),
        (&neoplasm_2017, TableName::Neoplasm, 1_930, 9_009),
    ] {
        let bytes = read(path);
        assert_eq!(xml_format(&bytes), Some(XmlFormat::Icd10CmTable(name)));
        let parsed = timed(path, &bytes, icd10cm_tables::parse);
        assert_eq!(parsed.errors, []);
        assert_eq!(parsed.table.name, name);
        assert_eq!(parsed.table.columns.len(), 6);
        assert_eq!(parsed.table.entries.len(), entries);
        let cells = parsed.table.entries.iter().flat_map(|entry| &entry.cells);
        let found = cells.flatten().count();
        println!("{path}: {found} codes");
        assert_eq!(found, codes);
    }
}

#[test]
fn conversion_tables() {
    use calamine::Reader;

    if data().is_none() {
        return;
    }
    for (path, rows) in [
        ("icd10cm-2025/icd-10-cm-conversion-table-FY2025.xlsx", 5_405),
        ("icd10cm-2026/ICD-10-CM-CONVERSION-TABLE-FY2026.xlsx", 5_892),
    ] {
        let mut workbook = calamine::Xlsx::new(std::io::Cursor::new(read(path))).unwrap();
        let sheet = workbook.worksheet_range_at(0).unwrap().unwrap();
        let cells: Vec<Vec<String>> = sheet
            .rows()
            .map(|row| row.iter().map(ToString::to_string).collect())
            .collect();
        let parsed = icd10cm_conversion::parse(&cells);
        for error in &parsed.errors {
            println!("{path}: {error}");
        }
        assert_eq!((parsed.rows.len(), parsed.errors.len()), (rows, 0));
        let first = parsed.rows.first().unwrap();
        assert_eq!(
            format!("{} {}", first.code, first.effective),
            "A04.71 2017-10-01"
        );
        let apart = parsed.rows.iter().filter(|row| row.effective.month() != 10);
        assert_eq!(apart.count(), 53);
    }
}
