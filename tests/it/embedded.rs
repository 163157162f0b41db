//! The release that ships with the program, from an empty cache to an answer.

use std::fs;
use std::process::Output;

use serde_json::Value;

use crate::support::Workshop;

const QUESTION: [&str; 5] = [
    "search",
    "--json",
    "--date",
    "2026-04-15",
    "type 2 diabetes with foot ulcer",
];

#[track_caller]
fn first_code(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout);
    let answer: Value = serde_json::from_str(&text).unwrap();
    answer["results"][0]["code"].as_str().unwrap().to_owned()
}

#[test]
fn two_processes_at_once_build_it_and_answer() {
    let workshop = Workshop::new();
    let one = workshop.command(&QUESTION).spawn().unwrap();
    let other = workshop.command(&QUESTION).spawn().unwrap();
    for child in [one, other] {
        let output = child.wait_with_output().unwrap();
        assert_eq!(first_code(&output), "E11.621");
    }
    let cache = workshop.path("cache/codebook");
    let bundles: Vec<String> = fs::read_dir(&cache)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name != "building.lock")
        .collect();
    assert_eq!(bundles.len(), 1, "{bundles:?}");
    assert!(bundles[0].starts_with("embedded-"), "{bundles:?}");

    // A cached bundle that does not open is built anew.
    fs::remove_file(cache.join(&bundles[0]).join("terms.bin")).unwrap();
    let output = workshop.command(&QUESTION).output().unwrap();
    assert_eq!(first_code(&output), "E11.621");

    let run = workshop.run(&["inspect", "--json"]);
    let answer: Value = serde_json::from_str(&run.out).unwrap();
    let releases: Vec<(&str, u64, u64)> = answer["manifest"]["releases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|release| {
            (
                release["version"].as_str().unwrap(),
                release["codes"].as_u64().unwrap(),
                release["billable"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        releases,
        [("2025", 97_584, 74_260), ("2026", 98_186, 74_719)]
    );
}

#[test]
fn without_a_cache_folder_it_says_what_to_do() {
    let workshop = Workshop::new();
    let output = workshop
        .command(&QUESTION)
        .env_remove("XDG_CACHE_HOME")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!(String::from_utf8_lossy(&output.stderr), @"codebook: there is no cache folder: neither XDG_CACHE_HOME nor HOME is set; name a bundle with --bundle, or build one with `codebook build --embedded --out DIR`");
}
