//! How long a bundle takes to build, and from opening it to its first answer.
//!
//! Five releases of ICD-10-CM with indexes and tables, as published. Targets:
//! build below 15 s, bundle below 120 MB, first answer below 50 ms.
#![expect(
    clippy::print_stderr,
    reason = "a bench is a program, and says what it did not measure"
)]

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use codebook::search::{Filters, Mode, SearchRequest, Searcher};
use criterion::Criterion;
use indexer::bundle::Bundle;
use jiff::civil::date;

mod support;

fn main() {
    let Some(paths) = support::data() else {
        return;
    };
    let mut criterion = support::settings();
    let bundle = support::built("bench-bundle", paths.clone());
    let bytes: u64 = Bundle::open(&bundle)
        .map(|bundle| {
            bundle
                .manifest()
                .files
                .values()
                .map(|file| file.bytes)
                .sum()
        })
        .unwrap_or_default();
    eprintln!("the bundle has {} bytes", bytes);
    build(&mut criterion, &paths);
    open(&mut criterion, &bundle);
    criterion.final_summary();
}

fn build(criterion: &mut Criterion, paths: &[std::path::PathBuf]) {
    let mut group = criterion.benchmark_group("bundle");
    // Ten builds take minutes already.
    group.sample_size(10).warm_up_time(Duration::from_millis(1));
    group.bench_function("build", |bencher| {
        bencher.iter_custom(|times| {
            let start = Instant::now();
            for _ in 0..times {
                support::built("bench-build", paths.to_vec());
            }
            start.elapsed()
        });
    });
}

fn open(criterion: &mut Criterion, path: &Path) {
    let request = SearchRequest {
        text: "type 2 diabetes with foot ulcer".to_owned(),
        filters: Filters::default(),
        date: date(2026, 4, 1),
        mode: Mode::Final,
        senses: Vec::new(),
        offset: 0,
        limit: 10,
    };
    criterion.bench_function("bundle/open to first answer", |bencher| {
        bencher.iter(|| {
            let bundle = Bundle::open(path).ok()?;
            let searcher = Searcher::new(Arc::new(bundle));
            black_box(searcher.search(&request).ok())
        });
    });
}
