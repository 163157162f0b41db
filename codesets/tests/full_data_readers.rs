//! Every count that is known of the publishers' files, checked on the files
//! themselves. They are not part of the project: `CODEBOOK_DATA` names the
//! folder that holds them, and without it nothing is checked.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says aloud that it did not run"
)]

use std::collections::HashSet;
use std::io::Read;
use std::path::{Path, PathBuf};

use calamine::{Data, Reader, Xlsx};
use codesets::formats::{
    gem, icd_addenda, icd10_who, icd10pcs_definitions, icd10pcs_index, icd10pcs_table_builder,
    icd10pcs_tables, icd11_cluster, icd11_maps, icd11_mms, poa,
};
use codesets::{Code, CodeSystem, Parsed, RowError};

#[path = "../src/formats/damage.rs"]
mod damage;
#[path = "full_data_readers/damaged.rs"]
mod damaged;
#[path = "full_data_readers/hcpcs_files.rs"]
mod hcpcs_files;
#[path = "full_data_readers/recognition.rs"]
mod recognition;

/// The folder of the publishers' files, if there is one.
fn data() -> Option<PathBuf> {
    let folder = std::env::var_os("CODEBOOK_DATA").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("CODEBOOK_DATA is not set: full-data tests did not run");
    }
    folder
}

fn gz(path: &Path) -> Vec<u8> {
    let file = std::fs::File::open(path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(file)
        .read_to_end(&mut bytes)
        .unwrap();
    bytes
}

fn zipped(path: &Path, name: &str) -> Vec<u8> {
    let file = std::fs::File::open(path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    let mut archive = zip::ZipArchive::new(file).unwrap();
    let mut bytes = Vec::new();
    archive
        .by_name(name)
        .unwrap_or_else(|error| panic!("{path:?}: {name}: {error}"))
        .read_to_end(&mut bytes)
        .unwrap();
    bytes
}

fn sheet(bytes: Vec<u8>) -> Vec<Vec<String>> {
    let mut book = Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
    let range = book.worksheet_range_at(0).unwrap().unwrap();
    range
        .rows()
        .map(|row| {
            row.iter()
                .map(|cell| match cell {
                    Data::Empty => String::new(),
                    cell => cell.to_string(),
                })
                .collect()
        })
        .collect()
}

#[track_caller]
fn no_errors(errors: &[RowError]) {
    let first: Vec<String> = errors.iter().take(5).map(ToString::to_string).collect();
    assert!(errors.is_empty(), "{} errors: {first:#?}", errors.len());
}

#[test]
fn icd10pcs_tables_make_every_code_once() {
    let Some(data) = data() else { return };
    for (year, tables, codes) in [("2025", 908, 78_948), ("2026", 914, 79_115)] {
        let bytes = gz(&data.join(format!("icd10pcs-{year}/icd10pcs_tables_{year}.xml.gz")));
        assert!(icd10pcs_tables::looks_like(&bytes[..2_000]));
        assert_eq!(icd10pcs_tables::version(&bytes).as_deref(), Some(year));
        let parsed = icd10pcs_tables::parse(&bytes);
        no_errors(&parsed.errors);
        assert_eq!(parsed.rows.len(), tables);
        let made: HashSet<String> = parsed.rows.iter().flat_map(|table| table.codes()).collect();
        let total: usize = parsed.rows.iter().map(|table| table.codes().count()).sum();
        assert_eq!((made.len(), total), (codes, codes));

        let order = zipped(
            &data.join(format!("icd10pcs-{year}/icd10pcs_order_{year}.zip")),
            &format!("icd10pcs_order_{year}.txt"),
        );
        let order = String::from_utf8(order).unwrap();
        let published: HashSet<String> = order
            .lines()
            .filter(|line| line.get(14..15) == Some("1"))
            .map(|line| line[6..13].to_owned())
            .collect();
        assert_eq!(made, published);
        for code in made.iter().step_by(997) {
            let said = icd10pcs_table_builder::characters(&parsed.rows, code).unwrap();
            assert_eq!(said.len(), 7);
            let next = icd10pcs_table_builder::next_values(&parsed.rows, code);
            assert_eq!(next, icd10pcs_table_builder::PcsNext::Complete);
        }
    }
}

#[test]
fn icd10pcs_definitions_and_index() {
    let Some(data) = data() else { return };
    for (year, terms, titles, includes) in
        [("2025", 930, 1_066, 1_912), ("2026", 954, 1_090, 1_966)]
    {
        let bytes = gz(&data.join(format!(
            "icd10pcs-{year}/icd10pcs_definitions_{year}.xml.gz"
        )));
        assert!(icd10pcs_definitions::looks_like(&bytes[..2_000]));
        let parsed = icd10pcs_definitions::parse(&bytes);
        no_errors(&parsed.errors);
        assert_eq!(parsed.rows.len(), terms);
        let counted = parsed
            .rows
            .iter()
            .map(|row| row.titles.len())
            .sum::<usize>();
        assert_eq!(counted, titles);
        let counted = parsed
            .rows
            .iter()
            .map(|row| row.includes.len())
            .sum::<usize>();
        assert_eq!(counted, includes);
        let defined = parsed.rows.iter().filter(|row| row.definition.is_some());
        assert_eq!(defined.count(), 323);
        let explained = parsed.rows.iter().filter(|row| row.explanation.is_some());
        assert_eq!(explained.count(), 60);
        let aggregates = icd10pcs_definitions::parse_device_aggregates(&bytes);
        no_errors(&aggregates.errors);
        assert_eq!(aggregates.rows.len(), 60);
    }
    let bytes = gz(&data.join("icd10pcs-2025/icd10pcs_index_2025.xml.gz"));
    assert!(icd10pcs_index::looks_like(&bytes[..2_000]));
    let parsed = icd10pcs_index::parse(&bytes);
    no_errors(&parsed.errors);
    let main_terms = parsed.rows.iter().filter(|row| row.level == 0).count();
    assert_eq!(main_terms, 3_215);
    assert_eq!(parsed.rows.len() - main_terms, 21_269);
    use icd10pcs_index::PcsReference::{Code, See, Stub, Use};
    let counted = |wanted: fn(&icd10pcs_index::PcsReference) -> bool| {
        let references = parsed.rows.iter().flat_map(|row| &row.leads_to);
        references.filter(|reference| wanted(reference)).count()
    };
    assert_eq!(counted(|to| matches!(to, Code(_))), 2_794);
    assert_eq!(counted(|to| matches!(to, See { .. })), 1_785);
    assert_eq!(counted(|to| matches!(to, Use { .. })), 2_342);
    // Of 12,152 `codes` and 1,415 `tab`, 448 and 1,202 stand within a `see` or a `use`.
    assert_eq!(
        counted(|to| matches!(to, Stub(_))),
        12_152 + 1_415 - 448 - 1_202
    );
}

#[test]
fn icd11_tabulations_as_text_and_as_workbook() {
    let Some(data) = data() else { return };
    let bytes = gz(&data.join("icd11-2024-01/SimpleTabulation-ICD-11-MMS-en.txt.gz"));
    assert!(icd11_mms::looks_like(&bytes[..4_000]));
    let release = icd11_mms::release(&bytes[..4_000]).unwrap();
    assert_eq!(release.name().as_deref(), Some("2024-01"));
    let text = icd11_mms::parse(&bytes);
    let codes_2024 = check_mms(&text, 34_663, 5_217, 16_841);

    let bytes = std::fs::read(data.join("icd11-2025-01/SimpleTabulation-ICD-11-MMS-en.xlsx"));
    let rows = sheet(bytes.unwrap());
    let release = icd11_mms::release_in_header(&rows[0]).unwrap();
    assert_eq!(release.name().as_deref(), Some("2025-01"));
    let book = icd11_mms::parse_rows(&rows);
    let codes_2025 = check_mms(&book, 35_339, 5_355, 16_858);
    for (row, cells) in book.rows.iter().zip(&rows[1..]) {
        let printed = row.code.as_ref().map(ToString::to_string);
        assert_eq!(printed.unwrap_or_default(), cells[2]);
    }

    let added = codes_2025
        .keys()
        .filter(|code| !codes_2024.contains_key(*code));
    assert_eq!(added.count(), 746);
    let removed = codes_2024
        .keys()
        .filter(|code| !codes_2025.contains_key(*code));
    assert_eq!(removed.count(), 70);
    let retitled = codes_2024
        .iter()
        .filter(|(code, title)| codes_2025.get(*code).is_some_and(|new| new != *title));
    assert_eq!(retitled.count(), 252);
}

fn check_mms(
    parsed: &Parsed<icd11_mms::MmsRow>,
    codes: usize,
    residuals: usize,
    extensions: usize,
) -> std::collections::HashMap<Code, String> {
    no_errors(&parsed.errors);
    let titles: std::collections::HashMap<Code, String> = parsed
        .rows
        .iter()
        .filter_map(|row| Some((row.code.clone()?, row.title.clone())))
        .collect();
    assert_eq!(titles.len(), codes);
    let residual = parsed.rows.iter().filter(|row| row.is_residual);
    assert_eq!(residual.count(), residuals);
    let extension = titles
        .keys()
        .filter(|code| icd11_cluster::is_extension(code));
    assert_eq!(extension.count(), extensions);
    for row in &parsed.rows {
        let parent = row.parent.map(|index| &parsed.rows[index]);
        assert_eq!(parent.map_or(0, |parent| parent.depth + 1), row.depth);
        assert!(parent.is_none_or(|parent| !parent.is_leaf && parent.chapter == row.chapter));
        let extension = row.code.as_ref().is_some_and(icd11_cluster::is_extension);
        assert_eq!(extension, row.chapter == "X" && row.code.is_some());
    }
    titles
}

#[test]
fn icd11_codes_print_as_published() {
    let Some(data) = data() else { return };
    let bytes = gz(&data.join("icd11-2024-01/SimpleTabulation-ICD-11-MMS-en.txt.gz"));
    let text = String::from_utf8(bytes).unwrap();
    let mut count = 0;
    for line in text.lines().skip(1) {
        let published = line.split('\t').nth(2).unwrap();
        if !published.is_empty() {
            let code = Code::parse(CodeSystem::Icd11Mms, published).unwrap();
            assert_eq!(code.to_string(), published);
            count += 1;
        }
    }
    assert_eq!(count, 34_663);
}

#[test]
fn icd10_and_icd11_maps() {
    let Some(data) = data() else { return };
    use icd11_maps::MapCode::{Extension, Grouping, Icd10, Icd11, NoMapping, Uncoded};
    let folder = data.join("icd11-maps-2024-01");
    let read = |name: &str| {
        let bytes = gz(&folder.join(name));
        assert!(icd11_maps::looks_like(&bytes[..2_000]), "{name}");
        let parsed = icd11_maps::parse(&bytes);
        no_errors(&parsed.errors);
        let target = |wanted: fn(&icd11_maps::MapCode) -> bool| {
            let rows = parsed.rows.iter();
            rows.filter(|row| wanted(&row.target.code)).count()
        };
        (
            parsed.rows.len(),
            target(|code| matches!(code, Icd10(_) | Icd11(_) | Extension(_))),
            target(|code| matches!(code, Icd11(cluster) if cluster.single().is_none())),
            target(|code| matches!(code, Extension(_))),
            target(|code| matches!(code, Grouping(_))),
            target(|code| matches!(code, Uncoded)),
            target(|code| matches!(code, NoMapping)),
        )
    };
    let one = read("10To11MapToOneCategory.txt.gz");
    assert_eq!(one, (12_597, 12_230, 826, 58, 71, 291, 5));
    let many = read("10To11MapToMultipleCategories.txt.gz");
    assert_eq!(many, (15_658, 15_285, 957, 94, 8, 364, 1));
    let back = read("11To10MapToOneCategory.txt.gz");
    assert_eq!(back, (17_908, 15_047, 0, 0, 2_825, 0, 36));
    let foundation = read("foundation_10To11MapToOneCategory.txt.gz");
    assert_eq!(foundation, (12_597, 0, 0, 0, 0, 12_593, 4));
}

#[test]
fn icd10_of_who_as_xml_and_as_text() {
    let Some(data) = data() else { return };
    use icd10_who::Icd10Kind::{Block, Category, Chapter, Subcategory};
    let xml = gz(&data.join("icd10who-2019/icd_10_v2019.xml.gz"));
    assert!(icd10_who::looks_like_xml(&xml[..1_000]));
    let xml = icd10_who::parse(&xml);
    no_errors(&xml.errors);
    let text = std::fs::read(data.join("icd10who-2019/icd10_who_2019.txt")).unwrap();
    assert!(icd10_who::looks_like_text(&text[..1_000]));
    let text = icd10_who::parse(&text);
    no_errors(&text.errors);
    let counted = |parsed: &Parsed<icd10_who::Icd10Row>| {
        [Chapter, Block, Category, Subcategory]
            .map(|kind| parsed.rows.iter().filter(|row| row.kind == kind).count())
    };
    assert_eq!(counted(&xml), [22, 274, 2_050, 10_196]);
    assert_eq!(counted(&text), [22, 274, 2_090, 10_204]);
    // Where both have an entity, both have it at the same place.
    let placed = |parsed: &Parsed<icd10_who::Icd10Row>| {
        let name = |index: usize| parsed.rows[index].name.clone();
        let rows = parsed.rows.iter();
        rows.map(|row| (row.name.clone(), row.parent.map(name)))
            .collect::<std::collections::HashMap<_, _>>()
    };
    let (in_xml, in_text) = (placed(&xml), placed(&text));
    let mut shared = 0;
    for (name, parent) in &in_xml {
        if let Some(other) = in_text.get(name) {
            assert_eq!(parent, other, "{name}");
            shared += 1;
        }
    }
    assert_eq!(shared, 12_542 - 32);
}

#[test]
fn addenda_of_every_year_agree_with_their_own_summaries() {
    let Some(data) = data() else { return };
    use icd_addenda::AddendaChange::{Added, Deleted, Revised};
    let check = |archive: &str, name: &str, expected: (usize, usize, usize)| {
        let bytes = zipped(&data.join(archive), name);
        assert!(icd_addenda::looks_like(&bytes[..1_000]), "{name}");
        let parsed = icd_addenda::parse(&bytes);
        no_errors(&parsed.errors);
        let counted = |wanted: fn(&icd_addenda::AddendaChange) -> bool| {
            parsed.rows.iter().filter(|row| wanted(&row.change)).count()
        };
        let found = (
            counted(|change| matches!(change, Added(_))),
            counted(|change| matches!(change, Deleted(_))),
            counted(|change| matches!(change, Revised { .. })),
        );
        assert_eq!(found, expected, "{name}");
    };
    let cm = |year: &str| format!("icd10cm-{year}/{year}-code-descriptions-tabular-order.zip");
    check(&cm("2025"), "icd10cm_codes_addenda_2025.txt", (252, 36, 13));
    check(&cm("2025"), "icd10cm_order_addenda_2025.txt", (324, 36, 14));
    check(&cm("2026"), "icd10cm_codes_addenda_2026.txt", (487, 28, 38));
    check(&cm("2026"), "icd10cm_order_addenda_2026.txt", (630, 28, 45));
    let pcs = |year: &str| format!("icd10pcs-{year}/icd10pcs_order_{year}.zip");
    check(&pcs("2025"), "order_addenda_2025.txt", (374, 61, 0));
    check(&pcs("2026"), "order_addenda_2026.txt", (160, 27, 1));
}

#[test]
fn gems_and_poa_exempt_codes() {
    let Some(data) = data() else { return };
    for (name, rows, without_target) in [
        ("2018_I9gem.txt.gz", 24_860, 422),
        ("2018_I10gem.txt.gz", 81_593, 731),
    ] {
        let bytes = gz(&data.join("gems-2018").join(name));
        let (source, target) = gem::systems(&bytes[..2_000]).unwrap();
        assert_eq!(source == CodeSystem::Icd9Cm, name.contains("I9"));
        let parsed = gem::parse(&bytes, source, target);
        no_errors(&parsed.errors);
        assert_eq!(parsed.rows.len(), rows);
        let without = parsed.rows.iter().filter(|row| row.target.is_none());
        assert_eq!(without.count(), without_target);
    }
    let bytes = gz(&data.join("icd10cm-2026/POAexemptCodesFY26.txt.gz"));
    assert!(poa::looks_like(&bytes[..1_000]));
    let parsed = poa::parse(&bytes);
    no_errors(&parsed.errors);
    assert_eq!(parsed.rows.len(), 38_349);
}
