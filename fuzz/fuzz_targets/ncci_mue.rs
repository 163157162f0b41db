//! Any bytes, read as `ncci_mue`: rows and errors, never a panic.
#![no_main]

use codesets::formats::ncci_mue;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = ncci_mue::parse(bytes);
});
