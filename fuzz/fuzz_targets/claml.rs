//! Any bytes, read as `claml`: rows and errors, never a panic.
#![no_main]

use codesets::formats::claml;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = claml::parse(bytes);
});
