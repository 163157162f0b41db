//! One module a published format. Each takes the bytes or the text of a file
//! and returns rows and errors; none knows where the file came from.

pub mod claml;
#[cfg(test)]
mod damage;
pub mod gem;
pub mod icd10_who;
pub mod icd10pcs_definitions;
pub mod icd10pcs_index;
pub mod icd10pcs_table_builder;
pub mod icd10pcs_tables;
pub mod icd11_cluster;
pub mod icd11_maps;
pub mod icd11_mms;
pub mod icd_addenda;
pub mod poa;
mod source_text;
mod xml_elements;
