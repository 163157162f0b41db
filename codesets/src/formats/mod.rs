//! One module a published format. Each takes the bytes or the text of a file
//! and returns rows and errors; none knows where the file came from.

pub mod icd10cm_code_list;
pub mod icd10cm_codes;
pub mod icd10cm_conversion;
pub mod icd10cm_index;
pub mod icd10cm_index_see;
pub mod icd10cm_tables;
pub mod icd10cm_tabular;
pub mod icd_order;
mod lines;
pub mod sniff;
mod xml;

#[cfg(test)]
mod arbitrary_bytes;
pub mod claml;
pub mod cpt;
mod csv_records;
#[cfg(test)]
mod damage;
#[cfg(test)]
mod damaged_samples;
pub mod declared_table;
pub mod gem;
pub mod hcpcs;
pub mod hcpcs_columns;
pub mod hcpcs_record;
pub mod icd10_who;
pub mod icd10pcs_definitions;
pub mod icd10pcs_index;
pub mod icd10pcs_table_builder;
pub mod icd10pcs_tables;
pub mod icd11_cluster;
pub mod icd11_maps;
pub mod icd11_mms;
pub mod icd_addenda;
pub mod mce;
pub mod ncci_aoc;
pub mod ncci_mue;
pub mod ncci_ptp;
pub mod omop;
pub mod poa;
mod source_text;
mod table_description;
pub mod x12;
mod xml_elements;

/// The titles from the root down to `entry`, joined by `, `; `row` gives a title and its parent.
fn path<'a>(entry: usize, row: impl Fn(usize) -> Option<(&'a str, Option<usize>)>) -> String {
    let mut titles = Vec::new();
    let mut place = Some(entry);
    while let Some(index) = place {
        let Some((title, parent)) = row(index) else {
            break;
        };
        titles.push(title);
        // A parent stands before its children, so the way up ends whatever the rows say.
        place = parent.filter(|parent| *parent < index);
    }
    titles.reverse();
    titles.join(", ")
}
