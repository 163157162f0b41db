//! One file: fetched, taken up again where it broke off, checked, put in its place.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::catalog::hex;

/// How many times in a row a connection may break without a byte gained.
const MOST_ATTEMPTS: u32 = 5;
/// The most bytes of a file; the largest of the publishers' have a tenth of it.
const MOST_BYTES: u64 = 4 << 30;
/// How much is read at once.
const BLOCK_BYTES: usize = 64 * 1024;

/// Told how far a file is.
pub trait FetchProgress {
    /// `done` of `total` bytes are there; the server says `total`, where it does.
    fn bytes(&self, done: u64, total: Option<u64>);
    /// A connection broke after `done` bytes, and is made again.
    fn again(&self, done: u64);
}

/// What is to be fetched, and where it goes.
#[derive(Clone, Debug)]
pub struct Download {
    /// Its address.
    pub url: String,
    /// Where it goes.
    pub to: PathBuf,
    /// SHA-256, hexadecimal, where it is known.
    pub sha256: Option<String>,
}

/// How a file came to be in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// It was fetched.
    New {
        /// Its length in bytes.
        bytes: u64,
        /// SHA-256, hexadecimal.
        sha256: String,
    },
    /// It was there already, and was left as it was.
    Kept,
}

/// Why a file was not fetched. What came so far stays beside its place unless it is wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// Another file is in its place.
    #[error("`{}` is there, but has SHA-256 {found} instead of {expected}; move it away to fetch it again", path.display())]
    Exists {
        /// The place.
        path: PathBuf,
        /// Its digest.
        found: String,
        /// The digest that was expected.
        expected: String,
    },
    /// Another process fetches it.
    #[error("another process is fetching `{}`", path.display())]
    Locked {
        /// The place.
        path: PathBuf,
    },
    /// The server does not have it or does not give it.
    #[error(
        "{url}: the server answers {status}; the publisher may have moved the file: look for it at the publisher's and drop it into the folder"
    )]
    Status {
        /// The address.
        url: String,
        /// The HTTP status.
        status: u16,
    },
    /// The connection broke again and again.
    #[error(
        "{url}: the connection broke {attempts} times in a row after {bytes} bytes; run the command again to go on from there"
    )]
    Broken {
        /// The address.
        url: String,
        /// How many bytes came.
        bytes: u64,
        /// How many times nothing came.
        attempts: u32,
        /// What broke it the last time.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The file has another digest than its manifest says.
    #[error(
        "{url}: SHA-256 is {found}, but {expected} is expected; the publisher has replaced the file, or something on the way has. It was not kept"
    )]
    Digest {
        /// The address.
        url: String,
        /// The digest of what came.
        found: String,
        /// The digest of the manifest.
        expected: String,
    },
    /// What came is no archive though its name says so.
    #[error(
        "{url}: what came is no whole zip archive, perhaps a page that says why; it was not kept"
    )]
    NoArchive {
        /// The address.
        url: String,
    },
    /// The file does not end.
    #[error("{url}: more than {most} bytes came; it was not kept")]
    Endless {
        /// The address.
        url: String,
        /// The most that are read.
        most: u64,
    },
    /// The disk cannot be written.
    #[error("cannot write `{}`", path.display())]
    Disk {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// Fetches files over HTTP.
#[derive(Debug)]
pub struct Fetcher {
    agent: ureq::Agent,
    pause: Duration,
    most_bytes: u64,
}

impl Fetcher {
    /// A fetcher that speaks TLS only, or, for a mirror of one's own, plain HTTP too.
    pub fn new(plain_too: bool) -> Fetcher {
        let config = ureq::Agent::config_builder()
            .https_only(!plain_too)
            .http_status_as_error(false)
            .user_agent(concat!("codebook/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(Duration::from_secs(30)))
            .timeout_recv_response(Some(Duration::from_secs(60)))
            // A body that stands still is taken up again.
            .timeout_recv_body(Some(Duration::from_secs(900)))
            .build();
        Fetcher {
            agent: config.into(),
            pause: Duration::from_secs(1),
            most_bytes: MOST_BYTES,
        }
    }

    /// With another pause between attempts.
    #[must_use]
    pub fn pausing(mut self, pause: Duration) -> Fetcher {
        self.pause = pause;
        self
    }

    /// With another bound on the length of a file.
    #[must_use]
    pub fn at_most(mut self, bytes: u64) -> Fetcher {
        self.most_bytes = bytes;
        self
    }

    /// Fetches a file into its place.
    ///
    /// # Errors
    /// When it does not come whole and as expected, or cannot be written.
    pub fn fetch(
        &self,
        wanted: &Download,
        progress: &dyn FetchProgress,
    ) -> Result<Fetched, FetchError> {
        if wanted.to.exists() {
            return kept(wanted);
        }
        let folder = wanted.to.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(disk(folder))?;
        let mut part = Part::open(&wanted.to)?;
        let mut idle = 0;
        loop {
            let before = part.bytes;
            let broken = match self.receive(wanted, &mut part, progress)? {
                Received::Whole => break,
                Received::Broken(source) => source,
            };
            idle = if part.bytes > before { 1 } else { idle + 1 };
            if idle >= MOST_ATTEMPTS {
                return Err(FetchError::Broken {
                    url: wanted.url.clone(),
                    bytes: part.bytes,
                    attempts: idle,
                    source: broken,
                });
            }
            progress.again(part.bytes);
            #[expect(
                clippy::disallowed_methods,
                reason = "a server that stumbles is left alone for a moment; nothing else tells when it is well"
            )]
            std::thread::sleep(self.pause * idle);
        }
        part.finish(wanted)
    }

    /// Asks once, from where the part ends, and writes what comes.
    fn receive(
        &self,
        wanted: &Download,
        part: &mut Part,
        progress: &dyn FetchProgress,
    ) -> Result<Received, FetchError> {
        if part.bytes > 0 && part.validator.is_empty() {
            // Nothing says which state of the file the bytes are of.
            part.restart(None)?;
        }
        let mut request = self
            .agent
            .get(&wanted.url)
            .header("accept-encoding", "identity");
        if part.bytes > 0 {
            // With If-Range a file that was replaced since comes whole.
            request = request
                .header("range", format!("bytes={}-", part.bytes))
                .header("if-range", &part.validator);
        }
        let response = match request.call() {
            Ok(response) => response,
            Err(error) => return Ok(Received::Broken(error.into())),
        };
        let header = |name: &str| {
            let value = response.headers().get(name)?;
            value.to_str().ok().map(str::to_owned)
        };
        let total = match response.status().as_u16() {
            200 => {
                part.restart(header("etag").or(header("last-modified")))?;
                header("content-length").and_then(|text| text.parse().ok())
            }
            206 => match header("content-range").as_deref().and_then(content_range) {
                Some((first, total)) if first == part.bytes => total,
                _ => {
                    part.restart(None)?;
                    return Ok(Received::Broken("the server sent another range".into()));
                }
            },
            416 if part.bytes > 0 => {
                // `bytes */12` says that the file has 12 bytes, which may be what is there.
                let all = header("content-range")
                    .and_then(|text| text.rsplit('/').next()?.parse::<u64>().ok());
                if all == Some(part.bytes) {
                    return Ok(Received::Whole);
                }
                part.restart(None)?;
                return Ok(Received::Broken(
                    "the server has no more of the file".into(),
                ));
            }
            status @ (408 | 429 | 500..=599) => {
                return Ok(Received::Broken(
                    format!("the server answers {status}").into(),
                ));
            }
            status => {
                let url = wanted.url.clone();
                return Err(FetchError::Status { url, status });
            }
        };
        self.write(
            wanted,
            part,
            &mut response.into_body().into_reader(),
            total,
            progress,
        )
    }

    fn write(
        &self,
        wanted: &Download,
        part: &mut Part,
        body: &mut dyn Read,
        total: Option<u64>,
        progress: &dyn FetchProgress,
    ) -> Result<Received, FetchError> {
        let mut block = vec![0; BLOCK_BYTES];
        loop {
            progress.bytes(part.bytes, total);
            let read = match body.read(&mut block) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Ok(Received::Broken(error.into())),
            };
            part.write(block.get(..read).unwrap_or(&[]))?;
            if part.bytes > self.most_bytes {
                part.discard();
                let url = wanted.url.clone();
                return Err(FetchError::Endless {
                    url,
                    most: self.most_bytes,
                });
            }
        }
        Ok(match total {
            Some(total) if part.bytes < total => {
                Received::Broken(format!("{} of {total} bytes came", part.bytes).into())
            }
            _ => Received::Whole,
        })
    }
}

enum Received {
    Whole,
    Broken(Box<dyn std::error::Error + Send + Sync>),
}

/// What a file that is there is worth.
fn kept(wanted: &Download) -> Result<Fetched, FetchError> {
    let Some(expected) = &wanted.sha256 else {
        return Ok(Fetched::Kept);
    };
    let path = wanted.to.clone();
    let found = File::open(&path).and_then(digest).map_err(disk(&path))?;
    if found == *expected {
        return Ok(Fetched::Kept);
    }
    let expected = expected.clone();
    Err(FetchError::Exists {
        path,
        found,
        expected,
    })
}

/// The first byte of `bytes 5-9/12` and, where it is told, the length of the whole.
fn content_range(text: &str) -> Option<(u64, Option<u64>)> {
    let (range, total) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (first, _) = range.split_once('-')?;
    Some((first.parse().ok()?, total.parse().ok()))
}

fn digest(mut file: File) -> io::Result<String> {
    let mut hasher = Sha256::new();
    let mut block = vec![0; BLOCK_BYTES];
    loop {
        let read = file.read(&mut block)?;
        if read == 0 {
            return Ok(hex(&hasher.finalize()));
        }
        hasher.update(block.get(..read).unwrap_or(&[]));
    }
}

fn disk(path: &Path) -> impl FnOnce(io::Error) -> FetchError {
    let path = path.to_owned();
    move |source| FetchError::Disk { path, source }
}

/// A file on its way, beside its place; the lock on it is held until it is there.
struct Part {
    path: PathBuf,
    file: File,
    bytes: u64,
    /// What the server calls the state of the file that these bytes are of.
    validator: String,
    validator_path: PathBuf,
}

impl Part {
    /// Opens what an earlier run left, or begins anew.
    fn open(place: &Path) -> Result<Part, FetchError> {
        let name = place.file_name().unwrap_or_default().to_string_lossy();
        let path = place.with_file_name(format!(".{name}.part"));
        let validator_path = place.with_file_name(format!(".{name}.part-of"));
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .map_err(disk(&path))?;
        if let Err(fs::TryLockError::WouldBlock) = file.try_lock() {
            return Err(FetchError::Locked {
                path: place.to_owned(),
            });
        }
        let mut part = Part {
            bytes: file.metadata().map_err(disk(&path))?.len(),
            validator: fs::read_to_string(&validator_path).unwrap_or_default(),
            path,
            file,
            validator_path,
        };
        if part.validator.is_empty() {
            // Bytes of nobody knows which state of the file are worth nothing.
            part.restart(None)?;
        }
        part.file.seek(SeekFrom::End(0)).map_err(disk(&part.path))?;
        Ok(part)
    }

    /// Forgets what is there; `validator` names the state of the file that comes.
    fn restart(&mut self, validator: Option<String>) -> Result<(), FetchError> {
        self.file.set_len(0).map_err(disk(&self.path))?;
        self.file.rewind().map_err(disk(&self.path))?;
        self.bytes = 0;
        // A weak tag does not promise the same bytes (RFC 9110, 13.1.5).
        self.validator = validator
            .filter(|tag| !tag.starts_with("W/"))
            .unwrap_or_default();
        fs::write(&self.validator_path, &self.validator).map_err(disk(&self.validator_path))
    }

    fn write(&mut self, block: &[u8]) -> Result<(), FetchError> {
        self.file.write_all(block).map_err(disk(&self.path))?;
        self.bytes += block.len() as u64;
        Ok(())
    }

    fn discard(&self) {
        // What cannot be removed is begun anew, because nothing says what it is of.
        let _ = fs::remove_file(&self.validator_path);
        let _ = fs::remove_file(&self.path);
    }

    /// Checks the file and puts it in its place.
    fn finish(mut self, wanted: &Download) -> Result<Fetched, FetchError> {
        self.file.sync_all().map_err(disk(&self.path))?;
        let sha256 = File::open(&self.path)
            .and_then(digest)
            .map_err(disk(&self.path))?;
        if let Some(expected) = wanted
            .sha256
            .as_ref()
            .filter(|expected| **expected != sha256)
        {
            self.discard();
            return Err(FetchError::Digest {
                url: wanted.url.clone(),
                found: sha256,
                expected: expected.clone(),
            });
        }
        let says_zip = wanted.to.extension().is_some_and(|ending| {
            ending.eq_ignore_ascii_case("zip") || ending.eq_ignore_ascii_case("xlsx")
        });
        if says_zip && !self.ends_as_archive().map_err(disk(&self.path))? {
            self.discard();
            return Err(FetchError::NoArchive {
                url: wanted.url.clone(),
            });
        }
        // A link fails where something has come in the meantime; a rename would replace it.
        match fs::hard_link(&self.path, &wanted.to) {
            Ok(()) => self.discard(),
            Err(_) if !wanted.to.exists() => {
                fs::rename(&self.path, &wanted.to).map_err(disk(&wanted.to))?;
                self.discard();
            }
            Err(_) => {
                self.discard();
                return kept(wanted);
            }
        }
        Ok(Fetched::New {
            bytes: self.bytes,
            sha256,
        })
    }

    /// Whether the end of a zip archive's directory is among the last bytes, where the
    /// format has it (APPNOTE 4.3.16): an archive that was cut off lacks it.
    fn ends_as_archive(&mut self) -> io::Result<bool> {
        const LONGEST_END: u64 = 22 + 65_535;
        let start = self.bytes.saturating_sub(LONGEST_END);
        self.file.seek(SeekFrom::Start(start))?;
        let mut end = Vec::new();
        self.file.read_to_end(&mut end)?;
        Ok(end.windows(4).any(|four| four == b"PK\x05\x06"))
    }
}
