//! Any bytes, read as `cpt`: rows and errors, never a panic.
#![no_main]

use codesets::formats::cpt::{self, CptLayout};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for layout in [
        CptLayout::LongTabbed,
        CptLayout::LongLines,
        CptLayout::Medium,
        CptLayout::Short,
        CptLayout::Consumer,
        CptLayout::Clinician,
    ] {
        let _ = cpt::parse(bytes, layout);
    }
});
