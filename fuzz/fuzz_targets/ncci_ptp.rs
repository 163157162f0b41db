//! Any bytes, read as `ncci_ptp`: rows and errors, never a panic.
#![no_main]

use codesets::formats::ncci_ptp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = ncci_ptp::parse(bytes);
});
