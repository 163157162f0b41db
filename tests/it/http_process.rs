//! The program itself: it listens, reloads on SIGHUP, refuses what is too large and stops on SIGTERM.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};

use super::http_service::{build, bundle};

/// A running `codebook serve`.
struct Process {
    child: Child,
    log: BufReader<ChildStderr>,
    address: String,
}

impl Process {
    fn start(bundle: &Path) -> Process {
        let mut child = Command::new(env!("CARGO_BIN_EXE_codebook"))
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--log-format",
                "json",
                "--bundle",
            ])
            .arg(bundle)
            .env_remove("RUST_LOG")
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut process = Process {
            log: BufReader::new(child.stderr.take().unwrap()),
            child,
            address: String::new(),
        };
        let line = process.logged("serving on");
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        process.address = line["address"].as_str().unwrap().to_owned();
        process
    }

    /// The next line of the log that holds `text`.
    fn logged(&mut self, text: &str) -> String {
        loop {
            let mut line = String::new();
            assert_ne!(
                self.log.read_line(&mut line).unwrap(),
                0,
                "the log ended before `{text}`"
            );
            if line.contains(text) {
                return line;
            }
        }
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let status = Command::new("kill")
            .args([&format!("-{name}"), &id])
            .status()
            .unwrap();
        assert!(status.success());
    }

    /// Sends `request` on a connection of its own and reads until the server closes it.
    fn ask(&self, request: &[u8]) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        // A server that refuses may close while the rest is still being sent.
        let _ = stream.write_all(request);
        let mut reply = Vec::new();
        let _ = stream.read_to_end(&mut reply);
        String::from_utf8_lossy(&reply).into_owned()
    }

    fn get(&self, path: &str) -> String {
        self.ask(
            format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
                .as_bytes(),
        )
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn it_serves_reloads_and_stops() {
    let folder = tempfile::tempdir().unwrap();
    let served = folder.path().join("bundle");
    build(&served, &[2026]);
    let mut process = Process::start(&served);
    assert!(process.get("/v1/releases").contains("\"2026\""));

    // A bundle is replaced by moving another into its place.
    let next = folder.path().join("next");
    build(&next, &[2026, 2027]);
    fs::rename(&served, folder.path().join("old")).unwrap();
    fs::rename(&next, &served).unwrap();
    process.signal("HUP");
    process.logged("took over a bundle");
    assert!(process.get("/v1/releases").contains("\"2027\""));

    fs::remove_file(served.join("manifest.json")).unwrap();
    process.signal("HUP");
    let refused = process.logged("refused a bundle");
    assert!(refused.contains("holds no manifest.json"), "{refused}");
    assert!(process.get("/v1/search?q=plum").starts_with("HTTP/1.1 200"));

    process.signal("TERM");
    process.logged("stopped");
    assert!(process.child.wait().unwrap().success());
}

#[test]
fn heads_beyond_the_limits_are_refused() {
    let bundle = bundle();
    let process = Process::start(&bundle.path());
    let large = format!(
        "GET / HTTP/1.1\r\nhost: localhost\r\nx-large: {}\r\n\r\n",
        "a".repeat(100_000)
    );
    assert!(process.ask(large.as_bytes()).starts_with("HTTP/1.1 431"));
    let many = format!(
        "GET / HTTP/1.1\r\nhost: localhost\r\n{}\r\n",
        "x-many: a\r\n".repeat(200)
    );
    assert!(process.ask(many.as_bytes()).starts_with("HTTP/1.1 431"));
    let garbage = process.ask(b"\x16\x03\x01\x00plum\r\n\r\n");
    assert!(garbage.starts_with("HTTP/1.1 400"), "{garbage}");
    assert!(process.get("/health/live").starts_with("HTTP/1.1 200"));
}

#[test]
fn a_bundle_that_does_not_open_is_told_on_start() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_codebook"))
        .args(["serve", "--listen", "127.0.0.1:0", "--bundle"])
        .arg(folder.path())
        .output()
        .unwrap();
    assert!(!output.status.success());
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("holds no manifest.json"), "{told}");
}
