//! Every reader over bytes that are no publisher's: nothing panics, and nothing
//! is recognised that is not there.

use proptest::prelude::*;

use super::{
    claml, cpt, gem, hcpcs, hcpcs_columns, icd_addenda, icd10_who, icd10pcs_definitions,
    icd10pcs_index, icd10pcs_table_builder, icd10pcs_tables, icd11_maps, icd11_mms, omop, poa,
};
use crate::CodeSystem;

fn read_all(bytes: &[u8]) {
    claml::parse(bytes);
    claml::classification(bytes);
    for layout in [
        cpt::CptLayout::LongTabbed,
        cpt::CptLayout::LongLines,
        cpt::CptLayout::Medium,
        cpt::CptLayout::Short,
        cpt::CptLayout::Consumer,
        cpt::CptLayout::Clinician,
    ] {
        cpt::parse(bytes, layout);
    }
    gem::parse(bytes, CodeSystem::Icd9Cm, CodeSystem::Icd10Cm);
    hcpcs::parse(bytes);
    hcpcs_columns::parse(bytes);
    icd10_who::parse_xml(bytes);
    icd10_who::parse_text(bytes);
    icd10pcs_definitions::parse(bytes);
    icd10pcs_definitions::parse_device_aggregates(bytes);
    icd10pcs_index::parse(bytes);
    let tables = icd10pcs_tables::parse(bytes).rows;
    icd10pcs_table_builder::next_values(&tables, &String::from_utf8_lossy(bytes));
    icd11_maps::parse(bytes);
    icd11_mms::parse(bytes);
    icd11_mms::release(bytes);
    icd_addenda::parse(bytes);
    omop::parse(bytes);
    poa::parse(bytes);
}

fn recognised(head: &[u8]) -> Vec<&'static str> {
    [
        ("claml", claml::looks_like(head)),
        ("cpt", cpt::looks_like(head)),
        ("gem", gem::looks_like(head)),
        ("hcpcs", hcpcs::looks_like(head)),
        ("hcpcs_columns", hcpcs_columns::looks_like(head)),
        ("icd10_who", icd10_who::looks_like(head)),
        (
            "icd10pcs_definitions",
            icd10pcs_definitions::looks_like(head),
        ),
        ("icd10pcs_index", icd10pcs_index::looks_like(head)),
        ("icd10pcs_tables", icd10pcs_tables::looks_like(head)),
        ("icd11_maps", icd11_maps::looks_like(head)),
        ("icd11_mms", icd11_mms::looks_like(head)),
        ("icd_addenda", icd_addenda::looks_like(head)),
        ("omop", omop::looks_like(head)),
        ("poa", poa::looks_like(head)),
    ]
    .into_iter()
    .filter_map(|(format, yes)| yes.then_some(format))
    .collect()
}

proptest! {
    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        read_all(&bytes);
        prop_assert_eq!(recognised(&bytes), Vec::<&str>::new());
    }

    #[test]
    fn any_markup_and_any_columns_are_read(
        text in "([a-zA-Z0-9 .<>/&;\"'=,\t\r\n\u{a0}é-]|<Class code=\"|<item>|<pcsTable>|</|Add:         |00100){0,80}"
    ) {
        read_all(text.as_bytes());
    }
}
