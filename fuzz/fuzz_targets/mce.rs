//! Any bytes, read as `mce`: rows and errors, never a panic.
#![no_main]

use codesets::formats::mce;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = mce::parse(bytes);
});
