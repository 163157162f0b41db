//! Any bytes, read as `poa`: rows and errors, never a panic.
#![no_main]

use codesets::formats::poa;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = poa::parse(bytes);
});
