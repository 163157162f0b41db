//! From paths to files: folders walked, archives opened, gzip decoded.

use std::fs;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::bundle::hex;

/// The most bytes that one file may have once unpacked; published files stay below 100 MB.
const MOST_FILE_BYTES: u64 = 1 << 30;

/// One file, unpacked.
#[derive(Debug)]
pub(crate) struct UnpackedFile {
    /// Where it is from: the path as given, then the member's name for an archive.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// SHA-256 of the bytes, hexadecimal.
    pub sha256: String,
}

impl UnpackedFile {
    /// The file's own name, without folders and archives.
    pub(crate) fn base_name(&self) -> &str {
        self.name.rsplit(['/', '\\']).next().unwrap_or(&self.name)
    }
}

/// Why something could not be unpacked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UnpackError {
    /// A file or folder cannot be read.
    #[error("cannot read `{}`", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A member of an archive is damaged; the other members are unaffected.
    #[error("`{name}` cannot be unpacked: {reason}")]
    Member {
        /// The archive and the member.
        name: String,
        /// What is wrong.
        reason: String,
    },
}

/// Every file below `path`, sorted by name, archives not yet opened.
///
/// # Errors
/// When `path` or a folder below it cannot be read.
pub(crate) fn files_below(path: &Path) -> Result<Vec<PathBuf>, UnpackError> {
    let io_error = |source| UnpackError::Io {
        path: path.to_owned(),
        source,
    };
    if !fs::metadata(path).map_err(io_error)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut children = Vec::new();
    for entry in fs::read_dir(path).map_err(io_error)? {
        children.push(entry.map_err(io_error)?.path());
    }
    children.sort();
    let mut files = Vec::new();
    for child in children {
        let hidden = child
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if !hidden {
            files.extend(files_below(&child)?);
        }
    }
    Ok(files)
}

/// Opens the file at `path`: itself, the decoded gzip, or the members of a zip.
///
/// A workbook is a zip too, but stays whole.
pub(crate) fn unpack(path: &Path) -> Vec<Result<UnpackedFile, UnpackError>> {
    let name = path.to_string_lossy().into_owned();
    match fs::read(path) {
        Ok(bytes) => unpack_bytes(&name, bytes, 0),
        Err(source) => vec![Err(UnpackError::Io {
            path: path.to_owned(),
            source,
        })],
    }
}

fn unpack_bytes(name: &str, bytes: Vec<u8>, depth: u8) -> Vec<Result<UnpackedFile, UnpackError>> {
    // An archive in an archive in an archive is nothing a publisher sends.
    if depth < 3 {
        if bytes.starts_with(&[0x1f, 0x8b]) {
            let inner = name.strip_suffix(".gz").unwrap_or(name);
            return match read_bounded(flate2::read::MultiGzDecoder::new(bytes.as_slice())) {
                Ok(decoded) => unpack_bytes(inner, decoded, depth + 1),
                Err(error) => vec![member_error(name, &error)],
            };
        }
        if bytes.starts_with(b"PK\x03\x04") {
            return unpack_zip(name, bytes, depth);
        }
    }
    vec![Ok(plain(name, bytes))]
}

fn unpack_zip(name: &str, bytes: Vec<u8>, depth: u8) -> Vec<Result<UnpackedFile, UnpackError>> {
    let mut archive = match zip::ZipArchive::new(Cursor::new(bytes.as_slice())) {
        Ok(archive) => archive,
        Err(error) => return vec![member_error(name, &error)],
    };
    let is_workbook = |member: Result<std::borrow::Cow<'_, str>, zip::result::ZipError>| {
        member.is_ok_and(|name| name == "xl/workbook.xml")
    };
    if archive.file_names().any(is_workbook) {
        drop(archive);
        return vec![Ok(plain(name, bytes))];
    }
    let mut files = Vec::new();
    for index in 0..archive.len() {
        let member = match archive.name_for_index(index) {
            Some(Ok(name)) => name.into_owned(),
            Some(Err(_)) | None => format!("member {}", index + 1),
        };
        let full = format!("{name}/{member}");
        match archive.by_index(index) {
            Ok(entry) if entry.is_dir() => {}
            Ok(entry) => match read_bounded(entry) {
                Ok(content) => files.extend(unpack_bytes(&full, content, depth + 1)),
                Err(error) => files.push(member_error(&full, &error)),
            },
            Err(error) => files.push(member_error(&full, &error)),
        }
    }
    files
}

fn read_bounded(reader: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(MOST_FILE_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST_FILE_BYTES {
        return Err(io::Error::other(format!(
            "it unpacks to more than {MOST_FILE_BYTES} bytes"
        )));
    }
    Ok(bytes)
}

fn member_error(name: &str, error: &dyn std::error::Error) -> Result<UnpackedFile, UnpackError> {
    Err(UnpackError::Member {
        name: name.to_owned(),
        reason: error.to_string(),
    })
}

fn plain(name: &str, bytes: Vec<u8>) -> UnpackedFile {
    UnpackedFile {
        name: name.to_owned(),
        sha256: hex(&Sha256::digest(&bytes)),
        bytes,
    }
}
