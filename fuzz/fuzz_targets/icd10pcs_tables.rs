//! Any bytes, read as `icd10pcs_tables`: rows and errors, never a panic.
#![no_main]

use codesets::formats::icd10pcs_tables;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = icd10pcs_tables::parse(bytes);
});
