//! The program in a folder of its own.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use super::{Invented, newer, older};

/// A folder for one test, with its own cache; it goes when the test ends.
#[derive(Debug)]
pub(crate) struct Workshop {
    dir: TempDir,
}

/// What the program did.
#[derive(Debug)]
pub(crate) struct Run {
    /// The exit code.
    pub(crate) code: Option<i32>,
    /// What it wrote to the standard output, without what differs from run to run.
    pub(crate) out: String,
    /// What it wrote to the error output, likewise.
    pub(crate) err: String,
}

impl Workshop {
    /// An empty folder.
    pub(crate) fn new() -> Workshop {
        Workshop {
            dir: tempfile::tempdir().unwrap(),
        }
    }

    /// A folder with a bundle of both invented releases at `bundle`.
    pub(crate) fn with_bundle() -> Workshop {
        let workshop = Workshop::new();
        workshop.release("data", &older());
        workshop.release("data", &newer());
        let run = workshop.run(&["build", "data", "--out", "bundle"]);
        assert_eq!(run.code, Some(0), "{run:?}");
        workshop
    }

    /// Where `name` is.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a file, with the folders above it.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Writes the files of a release into `folder`.
    pub(crate) fn release(&self, folder: &str, release: &Invented) {
        let (order, tabular) = (release.order_file_name(), release.tabular_name());
        self.write(&format!("{folder}/{order}"), release.order_file());
        self.write(&format!("{folder}/{tabular}"), release.tabular());
    }

    /// The program with `arguments`, in the folder, with nothing from the user's environment.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_codebook"));
        command
            .args(arguments)
            .current_dir(self.dir.path())
            .env_clear()
            .env("XDG_CACHE_HOME", self.path("cache"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.shown(self.command(arguments).output().unwrap())
    }

    /// Asks the bundle at `bundle` on a day of the newer release.
    pub(crate) fn ask(&self, arguments: &[&str]) -> Run {
        let rest = ["--bundle", "bundle", "--date", "2099-01-15"];
        self.run(&[arguments, &rest].concat())
    }

    /// As [`Workshop::ask`], with JSON for an answer.
    pub(crate) fn ask_json(&self, arguments: &[&str]) -> serde_json::Value {
        let run = self.ask(&[arguments, &["--json"]].concat());
        serde_json::from_str(&run.out).unwrap()
    }

    /// As [`Workshop::ask`], with something to read.
    pub(crate) fn ask_with_input(&self, arguments: &[&str], input: &[u8]) -> Run {
        let rest = ["--bundle", "bundle", "--date", "2099-01-15"];
        let mut child = self
            .command(&[arguments, &rest].concat())
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        // The program reads no more than it needs, so that the rest meets a closed pipe.
        let _ = child.stdin.take().unwrap().write_all(input);
        self.shown(child.wait_with_output().unwrap())
    }

    fn shown(&self, output: Output) -> Run {
        let text = |bytes: Vec<u8>| {
            let text = String::from_utf8(bytes).unwrap();
            steady(&text.replace(&*self.dir.path().to_string_lossy(), "[dir]"))
        };
        Run {
            code: output.status.code(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }
}

/// The text with digests and times of day replaced.
fn steady(text: &str) -> String {
    text.split_inclusive(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, ':' | '-')))
        .map(|piece| {
            let end = piece
                .trim_end_matches(|c: char| !c.is_ascii_alphanumeric())
                .len();
            let (word, rest) = piece.split_at(end);
            let is_digest = matches!(word.len(), 16 | 64)
                && word.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
            let is_time = word.len() == 20 && word.ends_with('Z') && word.contains("T");
            match (is_digest, is_time) {
                (true, _) => format!("[sha256]{rest}"),
                (_, true) => format!("[time]{rest}"),
                _ => piece.to_owned(),
            }
        })
        .collect()
}
