//! Any bytes, read as `hcpcs`: rows and errors, never a panic.
#![no_main]

use codesets::formats::hcpcs;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = hcpcs::parse(bytes);
});
