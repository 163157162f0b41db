//! Writes a bundle: every file first, the manifest last.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use codesets::vocab;
use sha2::{Digest, Sha256};
use zerocopy::little_endian::{U32, U64};
use zerocopy::{Immutable, IntoBytes};

use super::manifest::{FileDigest, Manifest, ManifestEdits, ManifestRelease, SourceFile};
use super::records::{
    ConceptRecord, FormerTitleRecord, NONE, NoteRecord, Run, SeventhRecord, TextRef,
};
use super::table::table_bytes;
use super::{EDITS_FILE, FORMAT_VERSION, extras, lexicon, pcs, terms};
use crate::book::{Book, Extras, Level};
use crate::edits::EditsBuild;
use crate::text::Analyzer;

/// Why a bundle could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// A file or folder could not be written.
    #[error("cannot write `{}`; check that the disk has room and the folder can be written", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The full-text index could not be built.
    #[error("cannot build the full-text index")]
    FullText(#[from] tantivy::TantivyError),
    /// A map of codes, tokens or phrases could not be built.
    #[error("cannot build the map `{file}`")]
    Map {
        /// The map's file.
        file: &'static str,
        /// What the map builder says.
        source: fst::Error,
    },
    /// More was given than the format's numbers hold.
    #[error("the bundle would hold {found} {what}, but its format counts to {most}")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there may be.
        most: usize,
    },
}

/// A bundle's file system seat and what has been written to it.
pub(super) struct Folder<'a> {
    root: &'a Path,
}

impl Folder<'_> {
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> Result<(), WriteError> {
        let path = self.path(name);
        fs::write(&path, bytes).map_err(|source| WriteError::Io { path, source })
    }

    pub(super) fn table<T: IntoBytes + Immutable>(
        &self,
        name: &str,
        records: &[T],
    ) -> Result<(), WriteError> {
        let most = u32::MAX as usize;
        if records.len() > most {
            return Err(WriteError::TooMany {
                what: "records in one table",
                found: records.len(),
                most,
            });
        }
        self.write(name, &table_bytes(records))
    }

    pub(super) fn map(
        &self,
        file: &'static str,
        entries: &BTreeMap<Vec<u8>, u64>,
    ) -> Result<(), WriteError> {
        let map_error = |source| WriteError::Map { file, source };
        let mut builder = fst::MapBuilder::memory();
        for (key, value) in entries {
            builder.insert(key, *value).map_err(map_error)?;
        }
        self.write(file, &builder.into_inner().map_err(map_error)?)
    }
}

/// The texts of a bundle, each kept once.
#[derive(Default)]
pub(super) struct Strings {
    bytes: Vec<u8>,
    known: HashMap<String, TextRef>,
}

impl Strings {
    /// The text at `reference`, as it was added.
    pub(super) fn text(&self, reference: TextRef) -> &str {
        let start = reference.start.get() as usize;
        self.bytes
            .get(start..start + reference.len.get() as usize)
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .unwrap_or("")
    }

    pub(super) fn add(&mut self, text: &str) -> Result<TextRef, WriteError> {
        if text.is_empty() {
            return Ok(TextRef::default());
        }
        if let Some(known) = self.known.get(text) {
            return Ok(*known);
        }
        let number = |found: usize| {
            u32::try_from(found).map_err(|_| WriteError::TooMany {
                what: "bytes of text",
                found,
                most: u32::MAX as usize,
            })
        };
        let reference = TextRef {
            start: U32::new(number(self.bytes.len())?),
            len: U32::new(number(text.len())?),
        };
        self.bytes.extend_from_slice(text.as_bytes());
        self.known.insert(text.to_owned(), reference);
        Ok(reference)
    }
}

/// When a bundle was made, and of what.
#[derive(Clone, Debug)]
pub struct Made {
    /// RFC 3339, UTC.
    pub at: String,
    /// [`Manifest::inputs`].
    pub of: String,
}

/// Writes `books` into the empty folder `root` and returns the manifest.
///
/// The caller moves the folder to its place afterwards; until the manifest is
/// written, as the last file, the folder is no bundle.
///
/// # Errors
/// When a file cannot be written or something is larger than the format holds.
pub fn write(
    root: &Path,
    books: &[Book],
    extras: &Extras,
    sources: Vec<SourceFile>,
    made: Made,
    progress: &dyn Fn(&str),
) -> Result<Manifest, WriteError> {
    let folder = Folder { root };
    let io_error = |path: PathBuf| move |source| WriteError::Io { path, source };
    fs::create_dir_all(root.join("vocab")).map_err(io_error(root.join("vocab")))?;
    for (name, text) in vocab::FILES {
        folder.write(&format!("vocab/{name}"), text.as_bytes())?;
    }
    let mut strings = Strings::default();
    let mut counts = BTreeMap::new();

    progress("writing concepts");
    let mut concepts = write_concepts(&folder, books, &mut strings, &mut counts)?;
    let vocabulary = vocab::Vocabulary::shipped();
    let analyzer = Analyzer::new(&vocabulary);
    extras::write_properties(&folder, books, &mut strings, &mut counts)?;
    let maps = extras::write_crosswalks(&folder, &extras.crosswalks, &mut strings, &mut counts)?;
    pcs::write(&folder, extras, &mut strings)?;
    lexicon::write(
        &folder,
        &vocabulary,
        &analyzer,
        books,
        &extras.phrases,
        &mut strings,
    )?;
    terms::write(
        &folder,
        books,
        &analyzer,
        &mut concepts,
        &mut strings,
        &mut counts,
        progress,
    )?;
    folder.table("concepts.bin", &concepts)?;
    folder.write("strings.bin", &strings.bytes)?;
    drop(strings);
    if let Some(edits) = &extras.edits {
        folder.write(EDITS_FILE, &edits.bytes)?;
    }

    progress("taking digests");
    let manifest = Manifest {
        format_version: FORMAT_VERSION,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        built_at: made.at,
        inputs: made.of,
        releases: releases(books, &sources),
        sources,
        maps,
        edits: extras.edits.as_ref().map_or_else(Vec::new, edit_tables),
        counts,
        files: digests(root)?,
    };
    let json = serde_json::to_vec_pretty(&manifest)
        .map_err(|error| io_error(root.join("manifest.json"))(io::Error::other(error)))?;
    folder.write("manifest.json", &json)?;
    Ok(manifest)
}

fn write_concepts(
    folder: &Folder<'_>,
    books: &[Book],
    strings: &mut Strings,
    counts: &mut BTreeMap<String, u64>,
) -> Result<Vec<ConceptRecord>, WriteError> {
    let mut concepts = Vec::new();
    let mut notes: Vec<NoteRecord> = Vec::new();
    let mut seventh: Vec<SeventhRecord> = Vec::new();
    let mut titles: Vec<FormerTitleRecord> = Vec::new();
    let mut codes = BTreeMap::new();
    for book in books {
        let base = concepts.len();
        let ends = subtree_ends(book);
        for (entry, end) in book.entries.iter().zip(ends) {
            let id = concepts.len();
            let mut key = vec![book.system.number()];
            key.extend_from_slice(entry.key.as_bytes());
            codes.entry(key).or_insert(id as u64);
            let notes_start = notes.len();
            for (releases, note) in &entry.notes {
                notes.push(NoteRecord {
                    kind: position(&codesets::NoteKind::ALL, &note.kind),
                    reserved: [0; 3],
                    text: strings.add(&note.text)?,
                    releases: U64::new(*releases),
                });
            }
            let seventh_start = seventh.len();
            for value in &entry.seventh {
                seventh.push(SeventhRecord {
                    character: u8::try_from(value.character).unwrap_or(b'?'),
                    reserved: [0; 3],
                    meaning: strings.add(&value.meaning)?,
                });
            }
            let titles_start = titles.len();
            for (releases, title) in &entry.former_titles {
                titles.push(FormerTitleRecord {
                    releases: U64::new(*releases),
                    title: strings.add(title)?,
                });
            }
            let is_code = entry.level == Level::Code;
            concepts.push(ConceptRecord {
                system: book.system.number(),
                level: entry.level.number(),
                code_len: if is_code { small(entry.key.len()) } else { 0 },
                reserved: 0,
                key: strings.add(&entry.key)?,
                title: strings.add(&entry.title)?,
                short_title: strings.add(&entry.short_title)?,
                parent: entry
                    .parent
                    .map_or(U32::new(NONE), |parent| number(base + parent)),
                subtree_end: number(base + end),
                present: U64::new(entry.present),
                billable: U64::new(entry.billable),
                terms: Run::default(),
                notes: run(notes_start, notes.len()),
                seventh: run(seventh_start, seventh.len()),
                former_titles: run(titles_start, titles.len()),
            });
        }
    }
    folder.table("notes.bin", &notes)?;
    folder.table("seventh.bin", &seventh)?;
    folder.table("titles.bin", &titles)?;
    folder.map("codes.fst", &codes)?;
    counts.insert("concepts".to_owned(), concepts.len() as u64);
    counts.insert("notes".to_owned(), notes.len() as u64);
    Ok(concepts)
}

/// For each entry the position behind its last descendant.
fn subtree_ends(book: &Book) -> Vec<usize> {
    let mut ends: Vec<usize> = (1..=book.entries.len()).collect();
    for (index, entry) in book.entries.iter().enumerate().rev() {
        if let Some(parent) = entry.parent {
            ends[parent] = ends[parent].max(ends[index]);
        }
    }
    ends
}

fn releases(books: &[Book], sources: &[SourceFile]) -> Vec<ManifestRelease> {
    let mut releases = Vec::new();
    for book in books {
        for (index, release) in book.releases.iter().enumerate() {
            let bit = 1u64 << index;
            let codes = book.entries.iter().filter(|e| e.level == Level::Code);
            releases.push(ManifestRelease {
                system: book.system.id().to_owned(),
                version: release.release.version.clone(),
                first_day: release.release.days.first.to_string(),
                last_day: release.release.days.last.map(|day| day.to_string()),
                billable: codes.clone().filter(|e| e.billable & bit != 0).count() as u64,
                codes: codes.filter(|e| e.present & bit != 0).count() as u64,
                publisher: release.publisher.clone(),
                licence: release.licence.clone(),
                sha256: release_digest(sources, book.system.id(), &release.release.version),
            });
        }
    }
    releases
}

/// SHA-256 over the digests of a release's files, in order of the files' names.
fn release_digest(sources: &[SourceFile], system: &str, version: &str) -> String {
    let mut files: Vec<&SourceFile> = sources
        .iter()
        .filter(|source| source.system == system && source.version.as_deref() == Some(version))
        .collect();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    let mut digest = Sha256::new();
    for file in files {
        digest.update(file.sha256.as_bytes());
    }
    hex(&digest.finalize())
}

/// The tables of claim edits, each with all of its files.
fn edit_tables(built: &EditsBuild) -> Vec<ManifestEdits> {
    let tables = built.files.chunk_by(|a, b| a.table == b.table);
    let entries = tables.filter_map(|files| {
        let name = files.first()?.table;
        let days = name.vintage.days()?;
        let mut digest = Sha256::new();
        for file in files {
            digest.update(hex(&file.sha256));
        }
        Some(ManifestEdits {
            table: name.series().to_owned(),
            version: name.vintage.to_string(),
            first_day: days.first.to_string(),
            last_day: days.last.map(|day| day.to_string()),
            rows: files.iter().map(|file| file.rows as u64).sum(),
            sha256: hex(&digest.finalize()),
        })
    });
    entries.collect()
}

/// The digests of every file below `root`, by path with forward slashes.
pub(super) fn digests(root: &Path) -> Result<BTreeMap<String, FileDigest>, WriteError> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let io_error = |source| WriteError::Io {
            path: folder.clone(),
            source,
        };
        for entry in fs::read_dir(&folder).map_err(io_error)? {
            let path = entry.map_err(io_error)?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path
                .strip_prefix(root)
                .unwrap_or(&path)
                .to_string_lossy()
                .replace('\\', "/");
            // A lock says that somebody writes; it is no part of what is read.
            if name == "manifest.json" || name.ends_with(".lock") {
                continue;
            }
            let digest = file_digest(&path).map_err(|source| WriteError::Io { path, source })?;
            files.insert(name, digest);
        }
    }
    Ok(files)
}

/// The SHA-256 and the length of the file at `path`.
pub(super) fn file_digest(path: &Path) -> io::Result<FileDigest> {
    let mut reader = BufReader::with_capacity(1 << 16, fs::File::open(path)?);
    let mut digest = Sha256::new();
    let mut bytes = 0;
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = reader.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        digest.update(&buffer[..read]);
        bytes += read as u64;
    }
    Ok(FileDigest {
        sha256: hex(&digest.finalize()),
        bytes,
    })
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

pub(super) fn number(value: usize) -> U32 {
    U32::new(u32::try_from(value).unwrap_or(NONE))
}

pub(super) fn small(value: usize) -> u8 {
    u8::try_from(value).unwrap_or(u8::MAX)
}

pub(super) fn run(start: usize, end: usize) -> Run {
    Run {
        start: number(start),
        len: number(end - start),
    }
}

pub(super) fn position<T: PartialEq>(all: &[T], one: &T) -> u8 {
    small(all.iter().position(|other| other == one).unwrap_or(0))
}
