//! Any bytes, read as `x12`: rows and errors, never a panic.
#![no_main]

use codesets::formats::x12;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = x12::parse(bytes);
});
