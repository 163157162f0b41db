//! How long answers take: search, lookup and completion over five releases of ICD-10-CM.
#![expect(
    clippy::print_stderr,
    reason = "a bench is a program, and says what it did not measure"
)]

use std::hint::black_box;
use std::sync::Arc;

use codebook::complete::{CompleteRequest, complete};
use codebook::eval::QuestionSet;
use codebook::lookup::lookup;
use codebook::search::{Filters, Mode, SearchRequest, Searcher};
use codesets::CodeSystem;
use criterion::Criterion;
use indexer::bundle::Bundle;
use jiff::civil::{Date, date};

mod support;

const DAY: Date = date(2026, 4, 1);

/// Phrases as coders type them, of our own suite.
const PHRASES: [(&str, &str); 5] = [
    ("plain", include_str!("../tests/relevance/plain.tsv")),
    ("lay", include_str!("../tests/relevance/lay.tsv")),
    (
        "abbreviations",
        include_str!("../tests/relevance/abbreviations.tsv"),
    ),
    ("typos", include_str!("../tests/relevance/typos.tsv")),
    ("side", include_str!("../tests/relevance/side.tsv")),
];

fn main() {
    let Some(paths) = support::data() else {
        return;
    };
    let mut criterion = support::settings();
    let bundle = match Bundle::open(&support::built("bench-questions", paths)) {
        Ok(bundle) => Arc::new(bundle),
        Err(error) => {
            eprintln!("the bundle does not open: {error}");
            std::process::exit(1);
        }
    };
    let searcher = Searcher::new(Arc::clone(&bundle));
    search(&mut criterion, &searcher);
    lookups(&mut criterion, &bundle);
    completions(&mut criterion, &searcher);
    criterion.final_summary();
}

fn request(text: &str) -> SearchRequest {
    SearchRequest {
        text: text.to_owned(),
        filters: Filters::default(),
        date: DAY,
        mode: Mode::Final,
        senses: Vec::new(),
        offset: 0,
        limit: 10,
    }
}

fn search(criterion: &mut Criterion, searcher: &Searcher) {
    let mut group = criterion.benchmark_group("search");
    for (name, text) in PHRASES {
        let set = QuestionSet::read(name, text).map(|set| set.questions);
        let requests: Vec<SearchRequest> = set
            .unwrap_or_default()
            .iter()
            .map(|question| request(&question.query))
            .collect();
        let mut next = requests.iter().cycle();
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                next.next()
                    .map(|request| black_box(searcher.search(request)))
            });
        });
    }
    let phrase = request("type 2 diabetes with foot ulcer");
    group.bench_function("one phrase", |bencher| {
        bencher.iter(|| black_box(searcher.search(&phrase)));
    });
}

fn lookups(criterion: &mut Criterion, bundle: &Bundle) {
    let mut group = criterion.benchmark_group("lookup");
    for code in ["E11.621", "S52.501A", "S52", "E11.6Z1"] {
        group.bench_function(code, |bencher| {
            bencher.iter(|| black_box(lookup(bundle, CodeSystem::Icd10Cm, black_box(code), DAY)));
        });
    }
}

fn completions(criterion: &mut Criterion, searcher: &Searcher) {
    let mut group = criterion.benchmark_group("complete");
    for text in ["d", "di", "diab", "type 2 d", "foot ulc", "E11", "S52.5"] {
        let request = CompleteRequest {
            text: text.to_owned(),
            filters: Filters::default(),
            date: DAY,
            limit: 10,
        };
        group.bench_function(text, |bencher| {
            bencher.iter(|| black_box(complete(searcher, &request)));
        });
    }
}
