//! Any bytes, read as `icd10_who`: rows and errors, never a panic.
#![no_main]

use codesets::formats::icd10_who;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = icd10_who::parse(bytes);
});
