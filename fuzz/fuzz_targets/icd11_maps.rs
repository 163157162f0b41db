//! Any bytes, read as `icd11_maps`: rows and errors, never a panic.
#![no_main]

use codesets::formats::icd11_maps;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = icd11_maps::parse(bytes);
});
