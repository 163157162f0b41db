//! Any bytes, read as `omop`: rows and errors, never a panic.
#![no_main]

use codesets::formats::omop;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = omop::parse(bytes);
});
