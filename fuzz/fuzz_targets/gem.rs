//! Any bytes, read as `gem`: rows and errors, never a panic.
#![no_main]

use codesets::CodeSystem;
use codesets::formats::gem;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = gem::parse(bytes, CodeSystem::Icd9Cm, CodeSystem::Icd10Cm);
});
