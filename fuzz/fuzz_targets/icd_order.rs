//! Any bytes, read as `icd_order`: rows and errors, never a panic.
#![no_main]

use codesets::CodeSystem;
use codesets::formats::icd_order;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = icd_order::parse(CodeSystem::Icd10Cm, bytes);
});
