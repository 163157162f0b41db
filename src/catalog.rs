//! The catalog: an open bundle as one immutable snapshot, and its replacement while it serves.
//!
//! A request takes the [`Snapshot`] once and answers from it to the end, so no
//! answer mixes two bundles. A reload opens the new bundle beside the old one
//! and asks it canary questions; only a bundle that answers them takes over,
//! and the old one is dropped after its last request.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use arc_swap::ArcSwap;
use codesets::CodeSystem;
use indexer::book::Level;
use indexer::bundle::{Bundle, BundleError, ConceptId};
use jiff::Timestamp;
use jiff::civil::Date;
use sha2::{Digest, Sha256};

use crate::edits::ClaimBook;
use crate::icd11::Entities;
use crate::index_walk::IndexWalk;
use crate::search::{Filters, Mode, SearchRequest, Searcher};

/// How deep a canary's own concept may stand in the answer to its title.
const CANARY_DEPTH: usize = 50;

/// Why a bundle does not serve.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CatalogError {
    /// The bundle does not open.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The manifest cannot be read for its digest.
    #[error("cannot read `{}` for its digest", path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The bundle opens, but does not answer what it must know.
    #[error("`{}` opens, but does not answer as it should: {}", root.display(), join(missing))]
    Canary {
        /// The bundle.
        root: PathBuf,
        /// What is missing.
        missing: Vec<Missing>,
    },
}

fn join(missing: &[Missing]) -> String {
    let texts: Vec<String> = missing.iter().map(Missing::to_string).collect();
    texts.join("; ")
}

/// A thing that a bundle should answer and does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// The bundle holds no release of any system.
    Releases,
    /// No code of the system is billable in its newest release.
    Codes(CodeSystem),
    /// A code that the system holds is not found as typed.
    Lookup(CodeSystem),
    /// A title that the system holds does not lead to its code.
    Search(CodeSystem),
}

impl Missing {
    /// The identifier in answers: `releases`, `codes`, `lookup`, `search`.
    pub const fn id(&self) -> &'static str {
        match self {
            Missing::Releases => "releases",
            Missing::Codes(_) => "codes",
            Missing::Lookup(_) => "lookup",
            Missing::Search(_) => "search",
        }
    }

    /// The system it is missing from, unless everything is.
    pub const fn system(&self) -> Option<CodeSystem> {
        match self {
            Missing::Releases => None,
            Missing::Codes(system) | Missing::Lookup(system) | Missing::Search(system) => {
                Some(*system)
            }
        }
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Missing::Releases => f.write_str("it holds no release"),
            Missing::Codes(system) => write!(f, "no {system} code is billable"),
            Missing::Lookup(system) => write!(f, "a typed {system} code is not found"),
            Missing::Search(system) => write!(f, "a {system} title does not find its code"),
        }
    }
}

/// A concept that a bundle must find by its code and by its title.
#[derive(Clone, Copy, Debug)]
struct Canary {
    system: CodeSystem,
    concept: Option<ConceptId>,
    day: Date,
}

/// An open bundle that is ready for questions; it never changes.
#[derive(Debug)]
pub struct Snapshot {
    searcher: Searcher,
    digest: String,
    loaded_at: Timestamp,
    /// Read when the first claim is checked.
    claim_book: OnceLock<ClaimBook>,
    canaries: Vec<Canary>,
    index: OnceLock<IndexWalk>,
    /// Made when first asked for: few services are asked by WHO's URIs.
    entities: OnceLock<Entities>,
}

impl Snapshot {
    /// Opens the bundle in `root` and asks it its canary questions.
    ///
    /// # Errors
    /// When the bundle does not open or does not answer them.
    pub fn open(root: &Path) -> Result<Snapshot, CatalogError> {
        let bundle = Bundle::open(root)?;
        let path = root.join("manifest.json");
        let manifest = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(source) => return Err(CatalogError::Manifest { path, source }),
        };
        let canaries = canaries(&bundle);
        let snapshot = Snapshot {
            searcher: Searcher::new(Arc::new(bundle)),
            digest: hex(&Sha256::digest(&manifest)),
            loaded_at: Timestamp::now(),
            claim_book: OnceLock::new(),
            canaries,
            index: OnceLock::new(),
            entities: OnceLock::new(),
        };
        let missing = snapshot.missing();
        if missing.is_empty() {
            return Ok(snapshot);
        }
        Err(CatalogError::Canary {
            root: root.to_owned(),
            missing,
        })
    }

    /// The searcher.
    pub fn searcher(&self) -> &Searcher {
        &self.searcher
    }

    /// The bundle.
    pub fn bundle(&self) -> &Bundle {
        self.searcher.bundle()
    }

    /// What the code sets say of claims' codes.
    pub fn claim_book(&self) -> &ClaimBook {
        self.claim_book
            .get_or_init(|| ClaimBook::read(self.bundle()))
    }

    /// The Alphabetic Index, sorted when it is first asked for.
    pub fn index(&self) -> &IndexWalk {
        self.index.get_or_init(|| IndexWalk::new(self.bundle()))
    }

    /// WHO's identifiers of the ICD-11 entities that are loaded.
    pub fn icd11_entities(&self) -> &Entities {
        self.entities.get_or_init(|| Entities::of(self.bundle()))
    }

    /// SHA-256 of the manifest, hexadecimal; the manifest holds the digests of all other files.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// When the snapshot was opened.
    pub fn loaded_at(&self) -> Timestamp {
        self.loaded_at
    }

    /// What the bundle does not answer of what it must know; empty when it is ready.
    ///
    /// For each system one concept is looked up as typed and searched by its title.
    pub fn missing(&self) -> Vec<Missing> {
        if self.canaries.is_empty() {
            return vec![Missing::Releases];
        }
        self.canaries
            .iter()
            .filter_map(|canary| self.ask(canary))
            .collect()
    }

    fn ask(&self, canary: &Canary) -> Option<Missing> {
        let Some(concept) = canary.concept else {
            return Some(Missing::Codes(canary.system));
        };
        let bundle = self.bundle();
        let record = bundle.concept(concept);
        let code = bundle.text(record.key);
        if code.is_empty() || bundle.find(canary.system, code) != Some(concept) {
            return Some(Missing::Lookup(canary.system));
        }
        let answer = self.searcher.search(&SearchRequest {
            text: bundle.text(record.title).to_owned(),
            filters: Filters {
                systems: vec![canary.system],
                ..Filters::default()
            },
            date: canary.day,
            mode: Mode::Final,
            senses: Vec::new(),
            offset: 0,
            limit: CANARY_DEPTH,
        });
        let found = answer.is_ok_and(|answer| answer.hits.iter().any(|hit| hit.concept == concept));
        (!found).then_some(Missing::Search(canary.system))
    }
}

/// For each system, a billable code from the middle of its newest release.
fn canaries(bundle: &Bundle) -> Vec<Canary> {
    let mut canaries = Vec::new();
    for system in bundle.systems() {
        let newest = bundle
            .releases()
            .iter()
            .rfind(|release| release.system == system);
        let Some(newest) = newest else { continue };
        let holds = |index: &usize| {
            bundle.concepts().get(*index).is_some_and(|record| {
                record.system == system.number()
                    && record.level == Level::Code.number()
                    && record.billable.get() & newest.bit != 0
                    && !bundle.text(record.title).is_empty()
            })
        };
        let count = bundle.concepts().len();
        let first = bundle
            .concepts()
            .partition_point(|record| record.system < system.number());
        let last = bundle
            .concepts()
            .partition_point(|record| record.system <= system.number());
        let middle = usize::midpoint(first, last);
        // A bundle may keep its systems in another order; then every record is looked at.
        let concept = (middle..last)
            .chain(0..count)
            .find(holds)
            .and_then(|index| u32::try_from(index).ok())
            .map(ConceptId);
        canaries.push(Canary {
            system,
            concept,
            day: newest.days.first,
        });
    }
    canaries
}

/// The snapshot that answers now, and the way to replace it.
#[derive(Debug)]
pub struct Catalog {
    current: ArcSwap<Snapshot>,
}

impl Catalog {
    /// Opens the bundle in `root`.
    ///
    /// # Errors
    /// When the bundle does not open or does not answer its canary questions.
    pub fn open(root: &Path) -> Result<Catalog, CatalogError> {
        Ok(Catalog {
            current: ArcSwap::from_pointee(Snapshot::open(root)?),
        })
    }

    /// The snapshot that answers now; a request takes it once.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.current.load_full()
    }

    /// Opens the bundle in `root` beside the present one and lets it take over.
    ///
    /// # Errors
    /// When the new bundle does not open or does not answer; the present one then serves on.
    pub fn reload(&self, root: &Path) -> Result<Arc<Snapshot>, CatalogError> {
        let next = Arc::new(Snapshot::open(root)?);
        self.current.store(Arc::clone(&next));
        Ok(next)
    }
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        use fmt::Write;
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
