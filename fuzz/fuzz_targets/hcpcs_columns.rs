//! Any bytes, read as `hcpcs_columns`: rows and errors, never a panic.
#![no_main]

use codesets::formats::hcpcs_columns;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = hcpcs_columns::parse(bytes);
});
