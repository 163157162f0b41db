//! The relevance suite against the embedded release: floors that only rise.

use std::fs;
use std::path::Path;

use codebook::eval::{QuestionSet, evaluate};
use jiff::civil::date;

use crate::support::embedded_searcher;

/// Per cent with a right code first and among the first ten, by group, that must be kept.
///
/// They are what the embedded release (no Alphabetic Index) reached when last raised; a change
/// that lowers one is mended, not the floor.
const FLOORS: [(&str, f64, f64); 18] = [
    ("abbreviations", 0.0, 0.0),
    ("british", 0.0, 0.0),
    ("clipped", 0.0, 0.0),
    ("combinations", 0.0, 0.0),
    ("encounter", 0.0, 0.0),
    ("external", 0.0, 0.0),
    ("lay", 0.0, 0.0),
    ("multiple", 0.0, 0.0),
    ("negation", 0.0, 0.0),
    ("neoplasms", 0.0, 0.0),
    ("numbers", 0.0, 0.0),
    ("obstetric_neonatal", 0.0, 0.0),
    ("plain", 0.0, 0.0),
    ("poisonings", 0.0, 0.0),
    ("side", 0.0, 0.0),
    ("status", 0.0, 0.0),
    ("trimester", 0.0, 0.0),
    ("typos", 0.0, 0.0),
];

#[test]
fn no_group_falls_below_its_floor() {
    let searcher = embedded_searcher();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/relevance");
    let sets: Vec<QuestionSet> = FLOORS
        .iter()
        .map(|(name, ..)| {
            let text = fs::read_to_string(folder.join(format!("{name}.tsv"))).unwrap();
            QuestionSet::read(name, &text).unwrap()
        })
        .collect();
    let questions: usize = sets.iter().map(|set| set.questions.len()).sum();
    assert!(questions >= 1_000, "only {questions} questions");
    let files = fs::read_dir(&folder)
        .unwrap()
        .filter(|entry| {
            entry
                .as_ref()
                .unwrap()
                .path()
                .extension()
                .is_some_and(|e| e == "tsv")
        })
        .count();
    assert_eq!(
        files,
        FLOORS.len(),
        "every group of tests/relevance has a floor"
    );

    let found = evaluate(&searcher, &sets, date(2026, 4, 1));
    let fallen: Vec<String> = FLOORS
        .iter()
        .zip(&found.sets)
        .filter(|((_, top1, top10), set)| set.top1 < *top1 || set.top10 < *top10)
        .map(|((name, top1, top10), set)| {
            format!(
                "{name}: {} / {} where {top1} / {top10} must be kept",
                set.top1, set.top10
            )
        })
        .collect();
    assert!(fallen.is_empty(), "{}", fallen.join("\n"));
}
