//! `inspect` and `verify`, and bundles that must not open.

use std::fs;

use insta::assert_snapshot;

use crate::support::Workshop;

#[test]
fn a_bundle_says_what_it_was_made_from() {
    let workshop = Workshop::with_bundle();
    let run = workshop.run(&["inspect", "--bundle", "bundle"]);
    // Size and counts of tokens move with every change of the format or the vocabulary.
    let steady: Vec<&str> = run
        .out
        .lines()
        .filter(|line| !line.starts_with("size") && !line.starts_with("holds"))
        .collect();
    assert_snapshot!(steady.join("\n"));
}

#[test]
fn an_untouched_bundle_is_as_it_was_written() {
    let workshop = Workshop::with_bundle();
    let run = workshop.run(&["verify", "--bundle", "bundle", "--json"]);
    assert_eq!(run.code, Some(0));
    assert!(run.out.contains("\"ok\": true"), "{}", run.out);
}

#[test]
fn one_wrong_byte_is_found() {
    let workshop = Workshop::with_bundle();
    let path = workshop.path("bundle/strings.bin");
    let mut bytes = fs::read(&path).unwrap();
    bytes[7] ^= 1;
    fs::write(&path, bytes).unwrap();
    let run = workshop.run(&["verify", "--bundle", "bundle"]);
    assert_eq!(run.code, Some(1));
    assert_snapshot!(run.err, @"codebook: `strings.bin` has sha256 [sha256], but the manifest says [sha256]");
}

#[test]
fn a_file_cut_short_does_not_open() {
    let workshop = Workshop::with_bundle();
    let path = workshop.path("bundle/terms.bin");
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..20]).unwrap();
    let run = workshop.ask(&["search", "foot"]);
    assert_eq!(run.code, Some(1));
    let problem = run.err.split(": it has").next().unwrap();
    assert_snapshot!(problem, @"codebook: `bundle/terms.bin` is damaged");
}

#[test]
fn another_format_does_not_open_and_says_what_to_run() {
    let workshop = Workshop::with_bundle();
    let path = workshop.path("bundle/manifest.json");
    let manifest = fs::read_to_string(&path).unwrap();
    let from = manifest
        .lines()
        .find(|line| line.contains("format_version"))
        .unwrap();
    fs::write(&path, manifest.replace(from, "  \"format_version\": 77,")).unwrap();
    let run = workshop.ask(&["search", "foot"]);
    assert_eq!(run.code, Some(1));
    assert!(run.err.contains("bundle format 77"), "{}", run.err);
    assert!(
        run.err.contains("rebuild it with `codebook build`"),
        "{}",
        run.err
    );
}

#[test]
fn a_folder_without_a_manifest_is_no_bundle() {
    let workshop = Workshop::with_bundle();
    fs::remove_file(workshop.path("bundle/manifest.json")).unwrap();
    let run = workshop.ask(&["search", "foot"]);
    assert_eq!(run.code, Some(1));
    assert_snapshot!(run.err, @"codebook: `bundle` holds no manifest.json, so it is no bundle or was never finished; build one with `codebook build PATH… --out bundle`");
}
