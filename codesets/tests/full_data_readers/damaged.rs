//! A thousand damaged copies of the beginning of each publisher's file.

use codesets::formats::{
    gem, hcpcs, hcpcs_columns, icd_addenda, icd10_who, icd10pcs_definitions, icd10pcs_index,
    icd10pcs_tables, icd11_maps, icd11_mms, poa,
};
use codesets::{CodeSystem, Parsed};

use super::{damage, data, gz, zipped};

/// The beginning of a file: enough of every kind of line, little enough to damage often.
fn beginning(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.len().min(12_000)]
}

fn made<T>(parsed: &Parsed<T>) -> usize {
    parsed.rows.len() + parsed.errors.len()
}

#[test]
fn damaged_files_of_publishers_never_panic() {
    let Some(data) = data() else { return };
    let read = |name: &str| gz(&data.join(name));
    let check = |bytes: Vec<u8>, parse: &dyn Fn(&[u8]) -> usize| {
        damage::check(beginning(&bytes), parse);
    };
    let pcs = "icd10pcs-2025/icd10pcs";
    check(read(&format!("{pcs}_tables_2025.xml.gz")), &|bytes| {
        made(&icd10pcs_tables::parse(bytes))
    });
    check(read(&format!("{pcs}_definitions_2025.xml.gz")), &|bytes| {
        made(&icd10pcs_definitions::parse(bytes))
    });
    check(read(&format!("{pcs}_index_2025.xml.gz")), &|bytes| {
        made(&icd10pcs_index::parse(bytes))
    });
    let mms = "icd11-2024-01/SimpleTabulation-ICD-11-MMS-en.txt.gz";
    check(read(mms), &|bytes| made(&icd11_mms::parse(bytes)));
    for name in [
        "10To11MapToOneCategory",
        "10To11MapToMultipleCategories",
        "11To10MapToOneCategory",
        "foundation_10To11MapToOneCategory",
    ] {
        check(
            read(&format!("icd11-maps-2024-01/{name}.txt.gz")),
            &|bytes| made(&icd11_maps::parse(bytes)),
        );
    }
    check(read("icd10who-2019/icd_10_v2019.xml.gz"), &|bytes| {
        made(&icd10_who::parse(bytes))
    });
    let flat = std::fs::read(data.join("icd10who-2019/icd10_who_2019.txt")).unwrap();
    check(flat, &|bytes| made(&icd10_who::parse(bytes)));
    check(read("hcpcs-2025-oct/HCPC2025_OCT_ANWEB.txt.gz"), &|bytes| {
        made(&hcpcs::parse(bytes))
    });
    let archive = data.join("hcpcs-2019/2019-Alpha-Numeric-HCPCS-File.zip");
    let latin1 = zipped(&archive, "HCPC2019_CONTR_ANWEB.txt");
    check(latin1, &|bytes| made(&hcpcs::parse(bytes)));
    let excerpt = data.join("hcpcs-2026-oct-excerpt/HCPC2026_OCT_ANWEB.excerpt.csv");
    check(std::fs::read(excerpt).unwrap(), &|bytes| {
        made(&hcpcs_columns::parse(bytes))
    });
    check(read("gems-2018/2018_I9gem.txt.gz"), &|bytes| {
        made(&gem::parse(bytes, CodeSystem::Icd9Cm, CodeSystem::Icd10Cm))
    });
    check(read("icd10cm-2026/POAexemptCodesFY26.txt.gz"), &|bytes| {
        made(&poa::parse(bytes))
    });
    let archive = data.join("icd10cm-2026/2026-code-descriptions-tabular-order.zip");
    check(
        zipped(&archive, "icd10cm_order_addenda_2026.txt"),
        &|bytes| made(&icd_addenda::parse(bytes)),
    );
}
