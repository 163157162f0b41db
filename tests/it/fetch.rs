//! `codebook fetch` against a server on loopback that serves, cuts, ignores and lies.
//!
//! 1. A file comes whole, and is held against its digest where that is known.
//! 2. A connection that breaks is taken up where it broke, in the same run and in the next.
//! 3. A server that ignores ranges, or sends others, gets asked for the whole.
//! 4. A file whose state changed in between is begun anew, never put together of two.
//! 5. Sizes are not believed: what is short, endless or no archive is not kept.
//! 6. What is there is never overwritten; what fails leaves nothing in its place.
//! 7. A licence is shown and must be accepted.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use codebook::fetch::{Download, FetchError, FetchProgress, Fetched, Fetcher};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::support::Workshop;

/// What a server does with one request.
#[derive(Clone, Copy)]
enum Act {
    /// Answers as HTTP has it, ranges too.
    Serve,
    /// As `Serve`, but breaks the connection after so many bytes of the body.
    Cut(usize),
    /// Sends the whole, whatever range was asked.
    IgnoreRange,
    /// Sends the whole under a length that is larger or smaller by so much.
    LieBy(i64),
    /// Sends a range that was not asked.
    WrongRange,
    /// Answers with this status and nothing.
    Status(u16),
    /// Sends bytes without end and without a length.
    Endless,
}

/// A server on loopback; it serves `body` and does as `acts` say, then as the last of them.
struct Server {
    address: String,
    requests: Arc<Mutex<Vec<String>>>,
}

fn server(body: &[u8], tag: &'static str, acts: &[Act]) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let requests = Arc::new(Mutex::new(Vec::new()));
    let (log, body, acts) = (Arc::clone(&requests), body.to_vec(), acts.to_vec());
    // The thread ends with the process of the tests.
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let act = acts.get(number).or(acts.last()).copied().unwrap();
            // A client that has gone away is no failure of the server.
            let _ = answer(stream.unwrap(), &body, tag, act, &log);
        }
    });
    Server { address, requests }
}

fn answer(
    mut stream: TcpStream,
    body: &[u8],
    tag: &str,
    act: Act,
    log: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut head = Vec::new();
    for line in BufReader::new(stream.try_clone()?).lines() {
        let line = line?;
        if line.is_empty() {
            break;
        }
        head.push(line.to_ascii_lowercase());
    }
    let header = |name: &str| {
        let prefix = format!("{name}: ");
        head.iter().find_map(|line| line.strip_prefix(&prefix))
    };
    let asked = header("range").and_then(|text| {
        text.strip_prefix("bytes=")?
            .strip_suffix('-')?
            .parse::<usize>()
            .ok()
    });
    let same = header("if-range").is_none_or(|known| known == tag.to_ascii_lowercase());
    log.lock().unwrap().push(format!(
        "{} {}",
        head[0],
        asked.map_or("whole".to_owned(), |at| format!("from {at}"))
    ));
    let range = asked.filter(|_| same);
    let start = match act {
        Act::Serve | Act::Cut(_) => range.unwrap_or(0),
        Act::WrongRange => 0,
        _ => 0,
    };
    let etag = if tag.is_empty() {
        String::new()
    } else {
        format!("etag: {tag}\r\n")
    };
    let total = body.len();
    match act {
        Act::Status(status) => {
            return write!(
                stream,
                "HTTP/1.1 {status} No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            );
        }
        Act::Endless => {
            write!(stream, "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")?;
            loop {
                stream.write_all(&[7; 4096])?;
            }
        }
        Act::Serve | Act::Cut(_) if range.is_some_and(|at| at >= total) => {
            return write!(
                stream,
                "HTTP/1.1 416 No\r\ncontent-range: bytes */{total}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            );
        }
        Act::WrongRange if asked.is_some() => {
            write!(
                stream,
                "HTTP/1.1 206 Partial\r\n{etag}content-range: bytes 0-{}/{total}\r\ncontent-length: {total}\r\nconnection: close\r\n\r\n",
                total - 1
            )?;
        }
        Act::Serve | Act::Cut(_) if range.is_some() => {
            write!(
                stream,
                "HTTP/1.1 206 Partial\r\n{etag}content-range: bytes {start}-{}/{total}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                total - 1,
                total - start
            )?;
        }
        Act::LieBy(by) => {
            let said = i64::try_from(total).unwrap() + by;
            write!(
                stream,
                "HTTP/1.1 200 OK\r\n{etag}content-length: {said}\r\nconnection: close\r\n\r\n"
            )?;
        }
        _ => write!(
            stream,
            "HTTP/1.1 200 OK\r\n{etag}content-length: {total}\r\nconnection: close\r\n\r\n"
        )?,
    }
    let end = match act {
        Act::Cut(bytes) => (start + bytes).min(total),
        _ => total,
    };
    stream.write_all(&body[start..end])
}

/// An invented archive: only its end is looked at.
fn archive() -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..200_000u32)
        .flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes())
        .collect();
    bytes.extend_from_slice(b"PK\x05\x06");
    bytes.extend_from_slice(&[0; 18]);
    bytes
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

struct Quiet;

impl FetchProgress for Quiet {
    fn bytes(&self, _: u64, _: Option<u64>) {}
    fn again(&self, _: u64) {}
}

/// A folder, and a file that is to go there.
struct Place {
    dir: TempDir,
}

impl Place {
    fn new() -> Place {
        Place {
            dir: tempfile::tempdir().unwrap(),
        }
    }

    fn file(&self) -> PathBuf {
        self.dir.path().join("icd10cm-2099").join("codes.zip")
    }

    fn fetch(&self, server: &Server, sha256: Option<String>) -> Result<Fetched, FetchError> {
        let wanted = Download {
            url: format!("{}/files/codes.zip", server.address),
            to: self.file(),
            sha256,
        };
        let fetcher = Fetcher::new(true).pausing(Duration::ZERO).at_most(4 << 20);
        fetcher.fetch(&wanted, &Quiet)
    }

    /// The names beside the file, sorted.
    fn names(&self) -> Vec<String> {
        let folder = self.file().parent().map(Path::to_owned).unwrap();
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }
}

/// Fetches from a server that does `acts`; the file must come whole.
#[track_caller]
fn comes_whole(tag: &'static str, acts: &[Act]) -> Vec<String> {
    let body = archive();
    let server = server(&body, tag, acts);
    let place = Place::new();
    let fetched = place.fetch(&server, Some(digest(&body))).unwrap();
    assert_eq!(
        fetched,
        Fetched::New {
            bytes: body.len() as u64,
            sha256: digest(&body)
        }
    );
    assert_eq!(fs::read(place.file()).unwrap(), body);
    assert_eq!(place.names(), ["codes.zip"]);
    let requests = server.requests.lock().unwrap();
    requests
        .iter()
        .map(|line| line.split_once("http/1.1 ").unwrap().1.to_owned())
        .collect()
}

/// Fetches from a server that does `acts`; nothing may be in the file's place afterwards.
#[track_caller]
fn does_not_come(body: &[u8], sha256: Option<String>, acts: &[Act]) -> (FetchError, Vec<String>) {
    let server = server(body, "\"a\"", acts);
    let place = Place::new();
    let error = place.fetch(&server, sha256).unwrap_err();
    assert!(!place.file().exists());
    (error, place.names())
}

#[test]
fn a_file_comes_whole() {
    assert_eq!(comes_whole("\"a\"", &[Act::Serve]), ["whole"]);
    assert_eq!(comes_whole("", &[Act::Serve]), ["whole"]);
}

#[test]
fn a_broken_connection_is_taken_up() {
    let requests = comes_whole(
        "\"a\"",
        &[Act::Cut(100_000), Act::Cut(0), Act::Cut(50_000), Act::Serve],
    );
    assert_eq!(
        requests,
        ["whole", "from 100000", "from 100000", "from 150000"]
    );
}

#[test]
fn a_server_that_stumbles_is_asked_again() {
    assert_eq!(
        comes_whole("\"a\"", &[Act::Status(503), Act::Status(429), Act::Serve]),
        ["whole"; 3]
    );
}

#[test]
fn a_server_that_ignores_ranges_sends_the_whole() {
    let requests = comes_whole("\"a\"", &[Act::Cut(100_000), Act::IgnoreRange]);
    assert_eq!(requests, ["whole", "from 100000"]);
}

#[test]
fn a_range_that_was_not_asked_is_not_taken() {
    let requests = comes_whole("\"a\"", &[Act::Cut(100_000), Act::WrongRange, Act::Serve]);
    assert_eq!(requests, ["whole", "from 100000", "whole"]);
}

#[test]
fn without_a_tag_a_file_is_begun_anew() {
    assert_eq!(
        comes_whole("", &[Act::Cut(100_000), Act::Serve]),
        ["whole", "whole"]
    );
    assert_eq!(
        comes_whole("W/\"weak\"", &[Act::Cut(100_000), Act::Serve]),
        ["whole", "whole"]
    );
}

#[test]
fn a_length_that_is_too_large_is_asked_about() {
    // The server then says by its range how long the file is.
    let requests = comes_whole("\"a\"", &[Act::LieBy(1_000), Act::Serve]);
    assert_eq!(requests.len(), 2);
}

#[test]
fn a_later_run_goes_on() {
    let body = archive();
    let place = Place::new();
    let failing = server(&body, "\"a\"", &[Act::Cut(100_000), Act::Cut(0)]);
    let error = place.fetch(&failing, None).unwrap_err();
    assert!(
        matches!(
            error,
            FetchError::Broken {
                bytes: 100_000,
                attempts: 5,
                ..
            }
        ),
        "{error:?}"
    );
    assert!(!place.file().exists());
    let serving = server(&body, "\"a\"", &[Act::Serve]);
    place.fetch(&serving, Some(digest(&body))).unwrap();
    assert_eq!(serving.requests.lock().unwrap().len(), 1);
    assert!(serving.requests.lock().unwrap()[0].ends_with("from 100000"));
}

#[test]
fn a_file_that_was_replaced_is_begun_anew() {
    let (old, new) = (archive(), [b"new ".as_slice(), &archive()].concat());
    let place = Place::new();
    let failing = server(&old, "\"a\"", &[Act::Cut(100_000), Act::Cut(0)]);
    place.fetch(&failing, None).unwrap_err();
    let replaced = server(&new, "\"b\"", &[Act::Serve]);
    place.fetch(&replaced, None).unwrap();
    assert_eq!(fs::read(place.file()).unwrap(), new);
}

#[test]
fn a_wrong_digest_is_not_kept() {
    let (error, names) = does_not_come(&archive(), Some("0".repeat(64)), &[Act::Serve]);
    assert!(matches!(error, FetchError::Digest { .. }), "{error:?}");
    assert_eq!(names, [""; 0]);
}

#[test]
fn a_length_that_is_too_small_cuts_the_file_and_is_noticed() {
    let (error, names) = does_not_come(&archive(), None, &[Act::LieBy(-1_000)]);
    assert!(matches!(error, FetchError::NoArchive { .. }), "{error:?}");
    assert_eq!(names, [""; 0]);
}

#[test]
fn a_page_in_place_of_an_archive_is_noticed() {
    let (error, _) = does_not_come(b"<html>Please sign in</html>", None, &[Act::Serve]);
    assert!(matches!(error, FetchError::NoArchive { .. }), "{error:?}");
}

#[test]
fn an_endless_file_is_given_up() {
    let (error, names) = does_not_come(b"", None, &[Act::Endless]);
    assert!(matches!(error, FetchError::Endless { .. }), "{error:?}");
    assert_eq!(names, [""; 0]);
}

#[test]
fn a_file_that_is_not_there_is_said_at_once() {
    let (error, _) = does_not_come(b"", None, &[Act::Status(404)]);
    assert!(
        matches!(error, FetchError::Status { status: 404, .. }),
        "{error:?}"
    );
}

#[test]
fn what_is_there_is_never_overwritten() {
    let body = archive();
    let server = server(&body, "\"a\"", &[Act::Serve]);
    let place = Place::new();
    fs::create_dir_all(place.file().parent().unwrap()).unwrap();
    fs::write(place.file(), b"mine").unwrap();
    assert_eq!(place.fetch(&server, None).unwrap(), Fetched::Kept);
    let error = place.fetch(&server, Some(digest(&body))).unwrap_err();
    assert!(matches!(error, FetchError::Exists { .. }), "{error:?}");
    assert_eq!(
        place.fetch(&server, Some(digest(b"mine"))).unwrap(),
        Fetched::Kept
    );
    assert_eq!(fs::read(place.file()).unwrap(), b"mine");
    assert!(server.requests.lock().unwrap().is_empty());
}

#[test]
fn plain_http_is_for_mirrors_only() {
    let server = server(&archive(), "\"a\"", &[Act::Serve]);
    let wanted = Download {
        url: format!("{}/files/codes.zip", server.address),
        to: Place::new().file(),
        sha256: None,
    };
    assert!(
        Fetcher::new(false)
            .pausing(Duration::ZERO)
            .fetch(&wanted, &Quiet)
            .is_err()
    );
    assert!(server.requests.lock().unwrap().is_empty());
}

#[test]
fn a_licence_must_be_accepted() {
    let server = server(&archive(), "\"a\"", &[Act::Serve]);
    let workshop = Workshop::new();
    let fetch = |rest: &[&str]| {
        workshop.run(
            &[
                &[
                    "fetch",
                    "hcpcs@2025-10",
                    "ncci",
                    "--to",
                    "files",
                    "--mirror",
                    &server.address,
                ],
                rest,
            ]
            .concat(),
        )
    };
    let asked = fetch(&[]);
    assert_eq!(asked.code, Some(1));
    assert!(asked.out.contains("Licence: "), "{asked:?}");
    assert!(asked.err.contains("--accept-license"), "{asked:?}");
    assert!(!workshop.path("files").exists());
    assert!(server.requests.lock().unwrap().is_empty());

    let accepted = fetch(&["--accept-license"]);
    assert_eq!(accepted.code, Some(0), "{accepted:?}");
    assert!(
        accepted.out.contains("American Medical Association"),
        "{accepted:?}"
    );
    let file = "files/hcpcs-2025-10/october-2025-alpha-numeric-hcpcs-file.zip";
    assert_eq!(fs::read(workshop.path(file)).unwrap(), archive());
    let requests = server.requests.lock().unwrap().len();
    let again = fetch(&["--accept-license"]);
    assert!(again.out.contains("is there already"), "{again:?}");
    assert_eq!(server.requests.lock().unwrap().len(), requests);
}

#[test]
fn what_is_known_is_listed() {
    let run = Workshop::new().run(&["fetch", "--list"]);
    assert!(run.out.contains("icd10cm@2026"), "{run:?}");
    let run = Workshop::new().run(&["fetch", "icd10cm@1999"]);
    assert_eq!(run.code, Some(1));
    assert!(run.err.contains("known are: 2025, 2026, 2027"), "{run:?}");
}
