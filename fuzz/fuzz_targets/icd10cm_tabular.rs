//! Any bytes, read as `icd10cm_tabular`: rows and errors, never a panic.
#![no_main]

use codesets::formats::icd10cm_tabular;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = icd10cm_tabular::parse(bytes);
});
