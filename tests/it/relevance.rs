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
    ("abbreviations", 89.7, 100.0),
    ("british", 78.7, 90.2),
    ("clipped", 87.1, 100.0),
    ("combinations", 81.5, 100.0),
    ("encounter", 79.6, 94.4),
    ("external", 65.1, 84.1),
    ("lay", 81.2, 89.9),
    ("multiple", 83.3, 98.1),
    ("negation", 82.3, 93.5),
    ("neoplasms", 85.9, 95.8),
    ("numbers", 86.2, 95.4),
    ("obstetric_neonatal", 76.8, 93.9),
    ("plain", 90.0, 100.0),
    ("poisonings", 48.5, 69.1),
    ("side", 83.1, 91.5),
    ("status", 85.3, 94.1),
    ("trimester", 66.7, 83.3),
    ("typos", 91.9, 98.4),
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
