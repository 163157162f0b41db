//! Opens a bundle and answers from it; serving never writes.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use codesets::vocab::Vocabulary;
use codesets::{CodeSystem, NoteKind, ReleaseDays, TermKind};
use jiff::civil::Date;
use memmap2::Mmap;
use tantivy::postings::BlockSegmentPostings;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{Index, InvertedIndexReader, Term};
use zerocopy::little_endian::U32;
use zerocopy::{FromBytes, Immutable, KnownLayout, Unaligned};

use super::manifest::Manifest;
use super::pcs::{PcsReader, PcsTablesView};
use super::records::{
    ConceptRecord, CrosswalkRecord, DeletionRecord, ExactRecord, FormerTitleRecord, NONE,
    NoteRecord, PropertyRecord, RangeRecord, RecallRecord, Run, SenseRecord, SeventhRecord,
    SkeletonRecord, SpellingRecord, TermRecord, TextRef, TokenRecord,
};
use super::table::Table;
use super::terms::{OPTIONAL_FIELD, REQUIRED_FIELD};
use super::{EDITS_FILE, FORMAT_VERSION, lexicon, map, writer};
use crate::edits::{Bytes, EditTables, EditTablesError};
use crate::property::Property;
use crate::text::Analyzer;

/// A concept's number: its position in tabular order over all systems.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConceptId(pub u32);

/// A token of a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TermToken {
    /// The token's number.
    pub id: u32,
    /// Whether a query may leave it out.
    pub optional: bool,
    /// Whether the term says that it is absent.
    pub denied: bool,
}

/// A term's number, and its document's in the full-text index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TermId(pub u32);

/// Why a bundle does not open.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// There is no manifest: no bundle, or one that was never finished.
    #[error(
        "`{}` holds no manifest.json, so it is no bundle or was never finished; \
         build one with `codebook build PATH… --out {}`", root.display(), root.display()
    )]
    NoManifest {
        /// The folder.
        root: PathBuf,
    },
    /// The bundle was written in another format.
    #[error(
        "{}: bundle format {found}, but this build reads format {expected}; \
         rebuild it with `codebook build` of this version", root.display()
    )]
    Format {
        /// The folder.
        root: PathBuf,
        /// The format it has.
        found: u64,
        /// The format this program reads.
        expected: u32,
    },
    /// A file is missing or cannot be read.
    #[error("cannot read `{}` of the bundle; rebuild it or copy it again", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file is not what its format says.
    #[error("`{}` is damaged: {problem}; rebuild the bundle or copy it again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The full-text index does not open.
    #[error("the full-text index in `{}` does not open; rebuild the bundle or copy it again", root.display())]
    FullText {
        /// The bundle.
        root: PathBuf,
        /// What the index says.
        source: tantivy::TantivyError,
    },
}

/// What `verify` found wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The bundle does not even open.
    #[error(transparent)]
    Open(#[from] BundleError),
    /// A file's bytes are not those that were written.
    #[error("`{file}` has sha256 {found}, but the manifest says {expected}")]
    Digest {
        /// The file, relative to the bundle.
        file: String,
        /// The digest it has.
        found: String,
        /// The digest it should have.
        expected: String,
    },
    /// A file cannot be read.
    #[error("`{file}` cannot be read")]
    Io {
        /// The file, relative to the bundle.
        file: String,
        /// What the system says.
        source: io::Error,
    },
}

/// A release of a bundle, its days read.
#[derive(Clone, Debug)]
pub struct LoadedRelease {
    /// The system.
    pub system: CodeSystem,
    /// The publisher's name of it.
    pub version: String,
    /// The days in force.
    pub days: ReleaseDays,
    /// Its bit in the records' release sets.
    pub bit: u64,
}

/// An open bundle, or what one system sees of it ([`Bundle::view`]).
#[derive(Clone)]
pub struct Bundle {
    shared: Arc<Shared>,
    /// The system whose view this is, and the column of its counts and weights.
    view: Option<CodeSystem>,
    column: usize,
}

/// What every view of a bundle shares.
struct Shared {
    root: PathBuf,
    manifest: Manifest,
    releases: Vec<LoadedRelease>,
    analyzer: Analyzer,
    concepts: Table<ConceptRecord>,
    terms: Table<TermRecord>,
    notes: Table<NoteRecord>,
    seventh: Table<SeventhRecord>,
    titles: Table<FormerTitleRecord>,
    /// A column for all systems together, then one for each system.
    tokens: Table<TokenRecord>,
    forward: Table<U32>,
    exact: Table<ExactRecord>,
    skeletons: Table<SkeletonRecord>,
    ranges: Table<RangeRecord>,
    recall: Table<RecallRecord>,
    senses: Table<SenseRecord>,
    lexicon: fst::Map<Mmap>,
    /// Columns as of the tokens.
    spellings: Table<SpellingRecord>,
    deletions: Table<DeletionRecord>,
    /// How many columns there are.
    columns: usize,
    properties: Table<PropertyRecord>,
    crosswalks: Table<CrosswalkRecord>,
    pcs: PcsReader,
    edits: EditTables,
    strings: Mmap,
    codes: fst::Map<Mmap>,
    token_ids: fst::Map<Mmap>,
    words: fst::Map<Mmap>,
    completions: fst::Map<Mmap>,
    required: (Field, Arc<InvertedIndexReader>),
    optional: (Field, Arc<InvertedIndexReader>),
}

impl std::fmt::Debug for Bundle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bundle")
            .field("root", &self.root())
            .finish_non_exhaustive()
    }
}

impl Bundle {
    /// Opens the bundle in `root`: manifest, version, sizes of all files, shapes of all tables.
    ///
    /// The bytes are not read whole; [`Bundle::verify`] does that.
    ///
    /// # Errors
    /// When the folder is no bundle, is of another format, or is damaged.
    pub fn open(root: &Path) -> Result<Bundle, BundleError> {
        let manifest = read_manifest(root)?;
        check_sizes(root, &manifest)?;
        let analyzer = read_analyzer(root, &manifest)?;
        let (required, optional) = open_full_text(root, &manifest)?;
        let shared = Shared {
            concepts: table(root, "concepts.bin")?,
            terms: table(root, "terms.bin")?,
            notes: table(root, "notes.bin")?,
            seventh: table(root, "seventh.bin")?,
            titles: table(root, "titles.bin")?,
            tokens: table(root, "tokens.bin")?,
            forward: table(root, "forward.bin")?,
            exact: table(root, "exact.bin")?,
            skeletons: table(root, "skeletons.bin")?,
            ranges: table(root, "ranges.bin")?,
            recall: table(root, "recall.bin")?,
            senses: table(root, "senses.bin")?,
            lexicon: open_map(root, "lexicon.fst")?,
            spellings: table(root, "spellings.bin")?,
            deletions: table(root, "deletions.bin")?,
            properties: table(root, "properties.bin")?,
            crosswalks: table(root, "crosswalks.bin")?,
            pcs: PcsReader::open(root)?,
            edits: open_edits(root, &manifest)?,
            columns: columns(&manifest),
            strings: mapped(root, "strings.bin")?,
            codes: open_map(root, "codes.fst")?,
            token_ids: open_map(root, "tokens.fst")?,
            words: open_map(root, "words.fst")?,
            completions: open_map(root, "completions.fst")?,
            releases: read_releases(root, &manifest)?,
            root: root.to_owned(),
            manifest,
            analyzer,
            required,
            optional,
        };
        check_columns(root, &shared)?;
        Ok(Bundle {
            shared: Arc::new(shared),
            view: None,
            column: 0,
        })
    }

    /// The bundle as `system` sees it: no other system is listed, and words, tokens and
    /// their weights are counted over its terms alone. So a question asked of one system
    /// is answered alike whatever else is loaded. Numbers of concepts and terms stay.
    pub fn view(&self, system: CodeSystem) -> Bundle {
        let place = Bundle {
            view: None,
            ..self.clone()
        }
        .systems()
        .position(|other| other == system);
        Bundle {
            shared: Arc::clone(&self.shared),
            view: Some(system),
            column: place.map_or(0, |place| place + 1),
        }
    }

    /// Reads every file of the bundle in `root` and compares it with its digest.
    ///
    /// # Errors
    /// The first file that differs, in order of names.
    pub fn verify(root: &Path) -> Result<Manifest, VerifyError> {
        let manifest = read_manifest(root)?;
        for (file, expected) in &manifest.files {
            let found =
                writer::file_digest(&root.join(file)).map_err(|source| VerifyError::Io {
                    file: file.clone(),
                    source,
                })?;
            if found != *expected {
                return Err(VerifyError::Digest {
                    file: file.clone(),
                    found: found.sha256,
                    expected: expected.sha256.clone(),
                });
            }
        }
        let bundle = Bundle::open(root)?;
        bundle
            .edits()
            .verify()
            .map_err(|error| damaged_edits(root, &error))?;
        Ok(manifest)
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.shared.root
    }

    /// What the bundle was made from and what it holds.
    pub fn manifest(&self) -> &Manifest {
        &self.shared.manifest
    }

    /// The releases, oldest first within a system.
    pub fn releases(&self) -> &[LoadedRelease] {
        &self.shared.releases
    }

    /// The systems that have a release here, in the order of [`CodeSystem::ALL`].
    pub fn systems(&self) -> impl Iterator<Item = CodeSystem> + '_ {
        CodeSystem::ALL.into_iter().filter(|system| {
            if self.view.is_some_and(|view| view != *system) {
                return false;
            }
            self.shared
                .releases
                .iter()
                .any(|release| release.system == *system)
        })
    }

    /// The release of `system` that answers for `day`: the newest that has begun by
    /// then, else the oldest. Its days say whether it is in force.
    pub fn release_for(&self, system: CodeSystem, day: Date) -> Option<&LoadedRelease> {
        let mut of_system = self
            .shared
            .releases
            .iter()
            .filter(|release| release.system == system);
        let oldest = of_system.clone().next();
        of_system
            .rfind(|release| release.days.first <= day)
            .or(oldest)
    }

    /// The analyzer with the bundle's own vocabulary.
    pub fn analyzer(&self) -> &Analyzer {
        &self.shared.analyzer
    }

    /// What words as typed, joined by blanks, may also mean: abbreviations.
    pub fn senses_of_words(&self, words: &str) -> impl Iterator<Item = &SenseRecord> {
        self.senses_of(lexicon::BY_WORDS, words)
    }

    /// What canonical stems, joined by blanks, may also mean: synonyms and drug names.
    pub fn senses_of_stems(&self, stems: &str) -> impl Iterator<Item = &SenseRecord> {
        self.senses_of(lexicon::BY_STEMS, stems)
    }

    /// Terms whose words begin with `letters`.
    pub fn senses_of_initials(&self, letters: &str) -> impl Iterator<Item = &SenseRecord> {
        self.senses_of(lexicon::BY_INITIALS, letters)
    }

    /// Words that hold what `stem` names: `head` for `scalp`.
    pub fn broader(&self, stem: &str) -> impl Iterator<Item = &SenseRecord> {
        self.senses_of(lexicon::BROADER, stem)
    }

    /// The senses of a key that hold in the view.
    fn senses_of(&self, kind: u8, key: &str) -> impl Iterator<Item = &SenseRecord> {
        let system = self.view.map(CodeSystem::number);
        self.senses_of_key(kind, key).iter().filter(move |sense| {
            sense.system == 0 || system.is_none_or(|system| system == sense.system)
        })
    }

    fn senses_of_key(&self, kind: u8, key: &str) -> &[SenseRecord] {
        let mut bytes = Vec::with_capacity(key.len() + 1);
        bytes.push(kind);
        bytes.extend_from_slice(key.as_bytes());
        let Some(value) = self.shared.lexicon.get(bytes) else {
            return &[];
        };
        let half = |value: u64| u32::try_from(value & 0xffff_ffff).unwrap_or(0);
        let run = Run {
            start: U32::new(half(value >> 32)),
            len: U32::new(half(value)),
        };
        slice(self.shared.senses.records(), run)
    }

    /// What recall asks of every term, by term number.
    pub fn recall(&self) -> &[RecallRecord] {
        self.shared.recall.records()
    }

    /// Every concept, in tabular order.
    pub fn concepts(&self) -> &[ConceptRecord] {
        self.shared.concepts.records()
    }

    /// The record of `id`; that of an unknown id is empty.
    pub fn concept(&self, id: ConceptId) -> ConceptRecord {
        self.concepts()
            .get(id.0 as usize)
            .copied()
            .unwrap_or_default()
    }

    /// Every term, by concept.
    pub fn terms(&self) -> &[TermRecord] {
        self.shared.terms.records()
    }

    /// The record of `id`; that of an unknown id is empty.
    pub fn term(&self, id: TermId) -> TermRecord {
        self.terms().get(id.0 as usize).copied().unwrap_or_default()
    }

    /// The terms of a concept.
    pub fn terms_of(&self, concept: &ConceptRecord) -> &[TermRecord] {
        slice(self.terms(), concept.terms)
    }

    /// The tokens of a term, in order.
    pub fn tokens_of(
        &self,
        term: &TermRecord,
    ) -> impl ExactSizeIterator<Item = TermToken> + Clone + '_ {
        let run = Run {
            start: term.tokens_start,
            len: U32::new(u32::from(term.tokens_len.get())),
        };
        slice(self.shared.forward.records(), run)
            .iter()
            .map(|value| TermToken {
                id: value.get() >> 2,
                optional: value.get() & 1 != 0,
                denied: value.get() & 2 != 0,
            })
    }

    /// The notes that stand at a concept.
    pub fn notes_of(&self, concept: &ConceptRecord) -> &[NoteRecord] {
        slice(self.shared.notes.records(), concept.notes)
    }

    /// The seventh characters that a concept defines.
    pub fn seventh_of(&self, concept: &ConceptRecord) -> &[SeventhRecord] {
        slice(self.shared.seventh.records(), concept.seventh)
    }

    /// The titles that a concept had before.
    pub fn former_titles_of(&self, concept: &ConceptRecord) -> &[FormerTitleRecord] {
        slice(self.shared.titles.records(), concept.former_titles)
    }

    /// The text at `reference`; empty when it points outside.
    pub fn text(&self, reference: TextRef) -> &str {
        let start = reference.start.get() as usize;
        start
            .checked_add(reference.len.get() as usize)
            .and_then(|end| self.shared.strings.get(start..end))
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .unwrap_or("")
    }

    /// The system of a concept.
    pub fn system_of(&self, concept: &ConceptRecord) -> CodeSystem {
        CodeSystem::from_number(concept.system).unwrap_or(CodeSystem::Icd10Cm)
    }

    /// The kind of a term.
    pub fn kind_of(&self, term: &TermRecord) -> TermKind {
        TermKind::ALL
            .get(usize::from(term.kind))
            .copied()
            .unwrap_or(TermKind::Synonym)
    }

    /// The kind of a note.
    pub fn note_kind_of(&self, note: &NoteRecord) -> NoteKind {
        NoteKind::ALL
            .get(usize::from(note.kind))
            .copied()
            .unwrap_or(NoteKind::Note)
    }

    /// What the publisher says of a concept beside its words, in the order of [`Property`].
    pub fn properties_of(&self, concept: ConceptId) -> &[PropertyRecord] {
        let records = self.shared.properties.records();
        let start = records.partition_point(|record| record.concept.get() < concept.0);
        let len = records[start..].partition_point(|record| record.concept.get() == concept.0);
        &records[start..start + len]
    }

    /// What a property is about.
    pub fn property_of(&self, record: &PropertyRecord) -> Property {
        let place = usize::from(record.property);
        Property::ALL.get(place).copied().unwrap_or(Property::Class)
    }

    /// What the release `bit` says of a concept about `property`.
    pub fn property(&self, concept: ConceptId, property: Property, bit: u64) -> Option<&str> {
        self.properties_of(concept)
            .iter()
            .find(|record| record.releases.get() & bit != 0 && self.property_of(record) == property)
            .map(|record| self.text(record.value))
    }

    /// The rows of all maps for the canonical code `source` of `system`, by map and alternative.
    pub fn crosswalks_of(&self, system: CodeSystem, source: &str) -> &[CrosswalkRecord] {
        let records = self.shared.crosswalks.records();
        let key = |record: &CrosswalkRecord| (record.source_system, self.text(record.source));
        let wanted = (system.number(), source);
        let start = records.partition_point(|record| key(record) < wanted);
        let len = records[start..].partition_point(|record| key(record) == wanted);
        &records[start..start + len]
    }

    /// Every row of every map.
    pub fn crosswalks(&self) -> &[CrosswalkRecord] {
        self.shared.crosswalks.records()
    }

    /// The ICD-10-PCS tables and definitions.
    pub fn pcs(&self) -> PcsTablesView<'_> {
        PcsTablesView::new(self, &self.shared.pcs)
    }

    /// The tables of claim edits; none of them if none were given.
    pub fn edits(&self) -> &EditTables {
        &self.shared.edits
    }

    /// The parent of a concept.
    pub fn parent(&self, concept: &ConceptRecord) -> Option<ConceptId> {
        let parent = concept.parent.get();
        (parent != NONE).then_some(ConceptId(parent))
    }

    /// The concept with canonical text `key` (a code, a chapter number, a section range).
    pub fn find(&self, system: CodeSystem, key: &str) -> Option<ConceptId> {
        let mut bytes = Vec::with_capacity(key.len() + 1);
        bytes.push(system.number());
        bytes.extend_from_slice(key.as_bytes());
        let id = self.shared.codes.get(bytes)?;
        u32::try_from(id).ok().map(ConceptId)
    }

    /// The map from system number and canonical key to concept.
    pub fn codes(&self) -> &fst::Map<Mmap> {
        &self.shared.codes
    }

    /// The map from phrase, NUL and system number to rank (high half) and term (low half).
    pub fn completions(&self) -> &fst::Map<Mmap> {
        &self.shared.completions
    }

    /// The map from a word as written to its number in [`Bundle::spellings`].
    pub fn words(&self) -> &fst::Map<Mmap> {
        &self.shared.words
    }

    /// The words as written, sorted, with the counts of the view.
    pub fn spellings(&self) -> &[SpellingRecord] {
        self.in_column(self.shared.spellings.records())
    }

    /// The records of the view's column.
    fn in_column<'a, T>(&self, records: &'a [T]) -> &'a [T] {
        let len = records.len() / self.shared.columns;
        records
            .get(self.column * len..(self.column + 1) * len)
            .unwrap_or(&[])
    }

    /// Shortened forms of the words, by digest.
    pub fn deletions(&self) -> &[DeletionRecord] {
        self.shared.deletions.records()
    }

    /// The map from canonical stem to token.
    pub fn token_ids(&self) -> &fst::Map<Mmap> {
        &self.shared.token_ids
    }

    /// Every token, sorted by stem, with the counts and weights of the view.
    pub fn tokens(&self) -> &[TokenRecord] {
        self.in_column(self.shared.tokens.records())
    }

    /// The terms whose whole text has `digest` (see [`crate::text::phrase_digest`]).
    pub fn exact(&self, digest: u64) -> &[ExactRecord] {
        let records = self.shared.exact.records();
        let start = records.partition_point(|record| record.digest.get() < digest);
        let len = records[start..].partition_point(|record| record.digest.get() == digest);
        &records[start..start + len]
    }

    /// The concepts whose titles say the same apart from the axes (see [`crate::text::skeleton`]).
    pub fn with_skeleton(&self, digest: u64) -> &[SkeletonRecord] {
        let records = self.shared.skeletons.records();
        let start = records.partition_point(|record| record.digest.get() < digest);
        let len = records[start..].partition_point(|record| record.digest.get() == digest);
        &records[start..start + len]
    }

    /// The ranges of numbers that titles name.
    pub fn ranges(&self) -> &[RangeRecord] {
        let records = self.shared.ranges.records();
        let Some(system) = self.view.map(CodeSystem::number) else {
            return records;
        };
        let start = records.partition_point(|record| record.system < system);
        let len = records[start..].partition_point(|record| record.system == system);
        &records[start..start + len]
    }

    /// The terms that hold `stem`, as blocks of documents: where it is required, and where optional.
    pub fn postings(&self, stem: &str) -> [Option<BlockSegmentPostings>; 2] {
        [&self.shared.required, &self.shared.optional].map(|(field, reader)| {
            let term = Term::from_field_text(*field, stem);
            // A failed read of a mapped file is a damaged bundle; the term then has no documents.
            let info = reader.get_term_info(&term).ok()??;
            reader
                .read_block_postings_from_terminfo(&info, IndexRecordOption::Basic)
                .ok()
        })
    }
}

fn slice<T>(records: &[T], run: Run) -> &[T] {
    let start = run.start.get() as usize;
    start
        .checked_add(run.len.get() as usize)
        .and_then(|end| records.get(start..end))
        .unwrap_or(&[])
}

/// One column for all systems, and one for each.
fn columns(manifest: &Manifest) -> usize {
    let mut systems: Vec<&str> = manifest
        .releases
        .iter()
        .map(|release| release.system.as_str())
        .collect();
    systems.dedup();
    1 + systems.len()
}

fn check_columns(root: &Path, shared: &Shared) -> Result<(), BundleError> {
    let lengths = [
        ("tokens.bin", shared.tokens.records().len()),
        ("spellings.bin", shared.spellings.records().len()),
    ];
    for (file, len) in lengths {
        if len % shared.columns != 0 {
            return Err(BundleError::Damaged {
                path: root.join(file),
                problem: format!("{len} records do not make {} columns", shared.columns),
            });
        }
    }
    Ok(())
}

fn read_manifest(root: &Path) -> Result<Manifest, BundleError> {
    let path = root.join("manifest.json");
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(BundleError::NoManifest {
                root: root.to_owned(),
            });
        }
        Err(source) => return Err(BundleError::Io { path, source }),
    };
    let damaged = |problem: String| BundleError::Damaged {
        path: path.clone(),
        problem,
    };
    let value: serde_json::Value =
        serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
    let found = value
        .get("format_version")
        .and_then(serde_json::Value::as_u64)
        .ok_or_else(|| damaged("it names no format_version".to_owned()))?;
    if found != u64::from(FORMAT_VERSION) {
        return Err(BundleError::Format {
            root: root.to_owned(),
            found,
            expected: FORMAT_VERSION,
        });
    }
    serde_json::from_value(value).map_err(|error| damaged(error.to_string()))
}

fn check_sizes(root: &Path, manifest: &Manifest) -> Result<(), BundleError> {
    for (name, digest) in &manifest.files {
        let path = root.join(name);
        let found = match fs::metadata(&path) {
            Ok(metadata) => metadata.len(),
            Err(source) => return Err(BundleError::Io { path, source }),
        };
        if found != digest.bytes {
            return Err(BundleError::Damaged {
                path,
                problem: format!(
                    "it has {found} bytes, but the manifest says {}",
                    digest.bytes
                ),
            });
        }
    }
    Ok(())
}

/// The analyzer by the bundle's own spelling and word tables; the rest of the vocabulary
/// is in the lexicon.
fn read_analyzer(root: &Path, manifest: &Manifest) -> Result<Analyzer, BundleError> {
    let mut files = Vec::new();
    for name in manifest.files.keys() {
        let Some(file) = name.strip_prefix("vocab/") else {
            continue;
        };
        if !matches!(file, "spelling.tsv" | "words.tsv") {
            continue;
        }
        let path = root.join(name);
        match fs::read_to_string(&path) {
            Ok(text) => files.push((file.to_owned(), text)),
            Err(source) => return Err(BundleError::Io { path, source }),
        }
    }
    let pairs = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()));
    let vocabulary = Vocabulary::read(pairs).0;
    Ok(Analyzer::new(&vocabulary))
}

fn read_releases(root: &Path, manifest: &Manifest) -> Result<Vec<LoadedRelease>, BundleError> {
    let damaged = |problem: String| BundleError::Damaged {
        path: root.join("manifest.json"),
        problem,
    };
    let mut releases: Vec<LoadedRelease> = Vec::new();
    for release in &manifest.releases {
        let system: CodeSystem = release
            .system
            .parse()
            .map_err(|error: codesets::UnknownCodeSystem| damaged(error.to_string()))?;
        let day = |text: &str| {
            text.parse::<Date>()
                .map_err(|_| damaged(format!("`{text}` is not a day")))
        };
        let number = releases
            .iter()
            .filter(|other| other.system == system)
            .count();
        releases.push(LoadedRelease {
            system,
            version: release.version.clone(),
            days: ReleaseDays {
                first: day(&release.first_day)?,
                last: release.last_day.as_deref().map(day).transpose()?,
            },
            bit: 1u64
                .checked_shl(u32::try_from(number).unwrap_or(u32::MAX))
                .unwrap_or(0),
        });
    }
    Ok(releases)
}

pub(super) fn mapped(root: &Path, name: &str) -> Result<Mmap, BundleError> {
    let path = root.join(name);
    map::map(&path).map_err(|source| BundleError::Io { path, source })
}

pub(super) fn table<T: FromBytes + Immutable + KnownLayout + Unaligned>(
    root: &Path,
    name: &str,
) -> Result<Table<T>, BundleError> {
    Table::new(mapped(root, name)?).map_err(|problem| BundleError::Damaged {
        path: root.join(name),
        problem,
    })
}

/// The tables of claim edits of a bundle that has some, mapped.
fn open_edits(root: &Path, manifest: &Manifest) -> Result<EditTables, BundleError> {
    if !manifest.files.contains_key(EDITS_FILE) {
        return Ok(EditTables::none());
    }
    let bytes = Bytes::from(mapped(root, EDITS_FILE)?);
    EditTables::open(bytes).map_err(|error| damaged_edits(root, &error))
}

fn damaged_edits(root: &Path, error: &EditTablesError) -> BundleError {
    BundleError::Damaged {
        path: root.join(EDITS_FILE),
        problem: error.to_string(),
    }
}

fn open_map(root: &Path, name: &str) -> Result<fst::Map<Mmap>, BundleError> {
    fst::Map::new(mapped(root, name)?).map_err(|error| BundleError::Damaged {
        path: root.join(name),
        problem: error.to_string(),
    })
}

type FieldReader = (Field, Arc<InvertedIndexReader>);

fn open_full_text(
    root: &Path,
    manifest: &Manifest,
) -> Result<(FieldReader, FieldReader), BundleError> {
    let failed = |source| BundleError::FullText {
        root: root.to_owned(),
        source,
    };
    let open = || -> tantivy::Result<(FieldReader, FieldReader)> {
        let index = Index::open_in_dir(root.join("fulltext"))?;
        let searcher = index
            .reader_builder()
            .reload_policy(tantivy::ReloadPolicy::Manual)
            .num_warming_threads(0)
            .try_into()?
            .searcher();
        let documents = manifest.counts.get("terms").copied().unwrap_or(0);
        let [segment] = searcher.segment_readers() else {
            let found = searcher.segment_readers().len();
            return Err(tantivy::TantivyError::InternalError(format!(
                "{found} segments, expected 1"
            )));
        };
        if u64::from(segment.max_doc()) != documents {
            return Err(tantivy::TantivyError::InternalError(format!(
                "{} documents, but the manifest says {documents}",
                segment.max_doc()
            )));
        }
        let field = |name: &str| -> tantivy::Result<FieldReader> {
            let field = index.schema().get_field(name)?;
            Ok((field, segment.inverted_index(field)?))
        };
        Ok((field(REQUIRED_FIELD)?, field(OPTIONAL_FIELD)?))
    };
    open().map_err(failed)
}
