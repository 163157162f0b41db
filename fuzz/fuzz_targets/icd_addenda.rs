//! Any bytes, read as `icd_addenda`: rows and errors, never a panic.
#![no_main]

use codesets::formats::icd_addenda;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = icd_addenda::parse(bytes);
});
