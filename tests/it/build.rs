//! `codebook build`: reports, what is refused, and what a kill leaves behind.

use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::Child;

use insta::assert_snapshot;
use zip::write::SimpleFileOptions;

use crate::support::{Run, Workshop, newer, older};

/// Builds what is in `data`, which must fail and leave nothing.
#[track_caller]
fn refused(workshop: &Workshop) -> Run {
    let run = workshop.run(&["build", "data", "--out", "bundle"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(!workshop.path("bundle").exists());
    assert_eq!(staged(workshop), Vec::<PathBuf>::new());
    run
}

/// Folders in which a build has been writing.
fn staged(workshop: &Workshop) -> Vec<PathBuf> {
    let entries = fs::read_dir(workshop.path("")).unwrap();
    entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().contains(".building-"))
        .collect()
}

#[test]
fn a_build_reports_files_findings_and_releases() {
    let workshop = Workshop::new();
    workshop.release("data", &older());
    workshop.release("data", &newer());
    workshop.write("data/readme.txt", "Files as downloaded.\n");
    let run = workshop.run(&["build", "data", "--out", "bundle"]);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    assert_snapshot!(run.out);
}

#[test]
fn a_report_in_json() {
    let workshop = Workshop::new();
    workshop.release("data", &newer());
    workshop.write("data/readme.txt", "Files as downloaded.\n");
    let run = workshop.run(&["build", "data", "--out", "bundle", "--json"]);
    let answer: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    insta::assert_json_snapshot!(answer, {".releases[].sha256" => "[sha256]"});
}

#[test]
fn truncated_xml_is_refused_with_its_line() {
    let workshop = Workshop::new();
    let tabular = newer().tabular();
    workshop.write("data/icd10cm_order_2099.txt", newer().order_file());
    workshop.write(
        "data/icd10cm_tabular_2099.xml",
        &tabular[..tabular.len() / 2],
    );
    let run = refused(&workshop);
    assert!(
        run.out.contains("XML cannot be read further"),
        "{}",
        run.out
    );
    assert!(run.out.contains("line "), "{}", run.out);
    assert_snapshot!(run.err, @"codebook: `data/icd10cm_tabular_2099.xml`: 2 of 8 rows cannot be read, more than 1 in 100; the file is probably damaged or cut off. Get it again, or build with --keep-going");
}

#[test]
fn a_line_in_latin_1_is_refused_with_its_number() {
    let workshop = Workshop::new();
    let mut bytes = newer().order_file().into_bytes();
    let place = bytes.windows(5).position(|w| w == b"ulcer").unwrap();
    bytes[place] = 0xfc;
    workshop.write("data/icd10cm_order_2099.txt", bytes);
    let run = refused(&workshop);
    assert!(run.out.contains("line 4"), "{}", run.out);
    assert_snapshot!(run.err, @"codebook: `data/icd10cm_order_2099.txt`: 1 of 20 rows cannot be read, more than 1 in 100; the file is probably damaged or cut off. Get it again, or build with --keep-going");
}

#[test]
fn a_broken_line_is_refused_unless_told_to_go_on() {
    let workshop = Workshop::new();
    let order = newer().order_file();
    workshop.write("data/icd10cm_order_2099.txt", format!("{order}00099 E\n"));
    let run = refused(&workshop);
    assert!(run.out.contains("row too short"), "{}", run.out);
    let run = workshop.run(&["build", "data", "--out", "bundle", "--keep-going"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert!(run.out.contains("row too short"), "{}", run.out);
    assert!(workshop.ask(&["lookup", "E11.9"]).code == Some(0));
}

#[test]
fn an_empty_file_is_no_code_set() {
    let workshop = Workshop::new();
    workshop.write("data/icd10cm_order_2099.txt", "");
    let run = refused(&workshop);
    assert!(run.out.contains("the file is empty"), "{}", run.out);
    assert_snapshot!(run.err, @"codebook: none of the 1 files is a code set that can be read; see the list above for what each looks like, and README for what can be read");
}

#[test]
fn an_empty_folder_is_refused() {
    let workshop = Workshop::new();
    fs::create_dir(workshop.path("data")).unwrap();
    assert_snapshot!(refused(&workshop).err, @"codebook: there is no file in `data`; give files, archives or folders that hold some");
}

#[test]
fn a_folder_that_is_not_there_is_refused() {
    assert_snapshot!(refused(&Workshop::new()).err, @"codebook: cannot read `data`: No such file or directory (os error 2)");
}

#[test]
fn a_folder_of_other_things_is_refused() {
    let workshop = Workshop::new();
    workshop.write("data/letter.txt", "Dear all,\n");
    workshop.write("data/scan.pdf", "%PDF-1.7");
    workshop.write("data/page.xml", "<html></html>");
    let run = refused(&workshop);
    assert_snapshot!(run.out, @r#"
    file             recognised as   release  rows  skipped  note
    data/letter.txt  not recognised              0        0  a text that no reader knows: a notice, a description or a list of changes, but no table of codes
    data/page.xml    not recognised              0        0  XML with root element `html`, which no reader knows
    data/scan.pdf    not recognised              0        0  a PDF; nothing is read from PDF files
    "#);
    assert_snapshot!(run.err, @"codebook: none of the 3 files is a code set that can be read; see the list above for what each looks like, and README for what can be read");
}

#[test]
fn a_bad_member_of_a_zip_is_named() {
    let workshop = Workshop::new();
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    archive
        .start_file("icd10cm_order_2099.txt", stored)
        .unwrap();
    archive.write_all(newer().order_file().as_bytes()).unwrap();
    archive
        .start_file("icd10cm_tabular_2099.xml", stored)
        .unwrap();
    archive.write_all(newer().tabular().as_bytes()).unwrap();
    let mut bytes = archive.finish().unwrap().into_inner();
    let place = bytes.windows(10).position(|w| w == b"Sugar foot").unwrap();
    bytes[place] = b'X';
    workshop.write("data/release.zip", bytes);
    let run = refused(&workshop);
    assert!(run.out.contains("icd10cm_tabular_2099.xml"), "{}", run.out);
    assert_snapshot!(run.err, @"codebook: `data/release.zip/icd10cm_tabular_2099.xml` cannot be read; get it again, or build without it with --keep-going");
    let run = workshop.run(&["build", "data", "--out", "bundle", "--keep-going"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
}

#[test]
fn what_is_at_the_output_is_only_replaced_when_told_to() {
    let workshop = Workshop::with_bundle();
    let run = workshop.run(&["build", "data", "--out", "bundle"]);
    assert_eq!(run.code, Some(1));
    assert_snapshot!(run.err, @"codebook: `bundle` exists already; name another folder, or replace a bundle with --replace");
    let run = workshop.run(&["build", "data", "--out", "bundle", "--replace"]);
    assert_eq!(run.code, Some(0));
    // A folder that is no bundle is never replaced.
    let run = workshop.run(&["build", "data", "--out", "data", "--replace"]);
    assert_eq!(run.code, Some(1));
}

#[test]
fn a_build_that_fails_leaves_the_old_bundle() {
    let workshop = Workshop::with_bundle();
    workshop.write("broken/icd10cm_order_2099.txt", "");
    let run = workshop.run(&["build", "broken", "--out", "bundle", "--replace"]);
    assert_eq!(run.code, Some(1));
    assert_eq!(
        workshop.run(&["verify", "--bundle", "bundle"]).code,
        Some(0)
    );
}

/// Waits until `path` is there or the build has ended.
fn wait_for(path: &Path, child: &mut Child) {
    while !path.exists() && child.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
}

#[test]
fn a_build_killed_at_any_moment_leaves_the_old_bundle_or_the_new() {
    let workshop = Workshop::with_bundle();
    let moments = [
        "",
        "vocab",
        "tokens.bin",
        "terms.bin",
        "completions.fst",
        "fulltext",
        "concepts.bin",
        "strings.bin",
        "manifest.json",
    ];
    // A build of the same files would have nothing to do.
    workshop.write("data/more.txt", "something else");
    for moment in moments {
        let arguments = ["build", "data", "--out", "bundle", "--replace"];
        let mut child = workshop.command(&arguments).spawn().unwrap();
        let staging = workshop.path(&format!(".bundle.building-{}", child.id()));
        wait_for(&staging.join(moment), &mut child);
        child.kill().unwrap();
        child.wait().unwrap();

        let run = workshop.run(&["verify", "--bundle", "bundle"]);
        assert_eq!(run.code, Some(0), "killed at `{moment}`: {}", run.err);
        // What is left of the new one either does not open or is whole.
        if staging.exists() {
            let name = staging.file_name().unwrap().to_string_lossy().into_owned();
            let opens = workshop.run(&["inspect", "--bundle", &name]).code == Some(0);
            let whole = workshop.run(&["verify", "--bundle", &name]).code == Some(0);
            assert_eq!(opens, whole, "killed at `{moment}`");
        }
    }
    // The next build sweeps up.
    workshop.write("data/more.txt", "something else again");
    let run = workshop.run(&["build", "data", "--out", "bundle", "--replace"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert_eq!(staged(&workshop), Vec::<PathBuf>::new());
}

#[test]
fn a_build_of_the_same_files_leaves_the_bundle_as_it_is() {
    let workshop = Workshop::with_bundle();
    let manifest = || fs::read(workshop.path("bundle/manifest.json")).unwrap();
    let before = manifest();
    let build = || workshop.run(&["build", "data", "--out", "bundle", "--replace"]);
    let again = build();
    assert_eq!(again.code, Some(0), "{again:?}");
    assert!(again.out.contains("was made of the same"), "{again:?}");
    assert_eq!(manifest(), before);
    // A damaged bundle is built anew, and so is one of other files.
    let strings = workshop.path("bundle/strings.bin");
    let whole = fs::read(&strings).unwrap();
    fs::write(&strings, vec![b' '; whole.len()]).unwrap();
    assert!(build().out.contains("The bundle is at"));
    assert_eq!(fs::read(&strings).unwrap(), whole);
    workshop.write("data/unknown.txt", "something else");
    assert!(build().out.contains("The bundle is at"));
}
