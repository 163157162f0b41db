//! Any bytes, read as `icd11_cluster`: rows and errors, never a panic.
#![no_main]

use codesets::formats::icd11_cluster::Cluster;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = Cluster::parse(&String::from_utf8_lossy(bytes));
});
