//! What the benches share: the published files, the bundle made of them, and the settings.

use std::path::PathBuf;
use std::time::Duration;

use criterion::Criterion;
use indexer::{BuildPlan, Progress, build};

/// The releases that the targets of speed and size are set for.
const RELEASES: [&str; 5] = [
    "icd10cm-2017",
    "icd10cm-2022",
    "icd10cm-2025",
    "icd10cm-2026",
    "icd10cm-2027",
];

/// Says nothing.
#[derive(Debug)]
pub(crate) struct Silence;

impl Progress for Silence {
    fn stage(&self, _text: &str) {}
    fn file(&self, _done: usize, _total: usize, _name: &str) {}
}

/// Enough to see a change of a tenth, in seconds rather than minutes.
pub(crate) fn settings() -> Criterion {
    Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(4))
        .configure_from_args()
}

/// The folders of published files, or `None`, said plainly, when they are not on this machine.
pub(crate) fn data() -> Option<Vec<PathBuf>> {
    let Some(root) = std::env::var_os("CODEBOOK_DATA").map(PathBuf::from) else {
        eprintln!(
            "skipped: CODEBOOK_DATA is not set; it names the folder that holds {}",
            RELEASES.join(", ")
        );
        return None;
    };
    Some(RELEASES.iter().map(|release| root.join(release)).collect())
}

/// Builds the bundle of `paths` anew in the folder `name` of the target's own temporary files.
pub(crate) fn built(name: &str, paths: Vec<PathBuf>) -> PathBuf {
    let out = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let plan = BuildPlan {
        paths,
        embedded: false,
        out: out.clone(),
        replace: true,
        keep_going: false,
    };
    if let Err(error) = build(&plan, &Silence) {
        // A bench without its data measures nothing; better none than a wrong number.
        eprintln!("cannot build the bundle to measure: {error}");
        std::process::exit(1);
    }
    out
}
