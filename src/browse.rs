//! Browsing: what stands above, below and beside a heading or a code, and the
//! ICD-10-PCS table builder.

use codesets::{Code, CodeSystem};
use indexer::book::Level;
use indexer::bundle::records::ConceptRecord;
use indexer::bundle::{Bundle, ConceptId, LoadedRelease, PcsCharacter, PcsNext};
use jiff::civil::Date;
use serde::Serialize;

use crate::lookup::title;
use crate::search::children;

/// A chapter, section or code in the tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Node {
    /// What it is: `chapter`, `section`, `code`.
    pub level: &'static str,
    /// The code with its dot, the chapter's number or the section's name.
    pub code: String,
    /// Its title in the release that answers.
    pub display: String,
    /// Whether it can be billed.
    pub billable: bool,
    /// How many stand directly below it.
    pub children: usize,
}

/// A place in the tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The release that answers.
    pub version: String,
    /// What stands here; `None` above the chapters.
    pub node: Option<Node>,
    /// What stands above it, the chapter first.
    pub ancestors: Vec<Node>,
    /// What stands beside it, itself included, in tabular order.
    pub siblings: Vec<Node>,
    /// What stands directly below it.
    pub children: Vec<Node>,
}

/// Why there is no such place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BrowseError {
    /// The bundle holds nothing of the system.
    #[error("no release of {0} is loaded")]
    SystemNotLoaded(CodeSystem),
    /// The release that answers has no such heading or code.
    #[error("{system} {version} has no such chapter, section or code")]
    Unknown {
        /// The system.
        system: CodeSystem,
        /// The release that answers.
        version: String,
    },
}

/// The place of the chapter, section or code `key`; without one, the chapters.
///
/// # Errors
/// When the system is not loaded, or the release for `date` lacks the place.
pub fn browse(
    bundle: &Bundle,
    system: CodeSystem,
    key: Option<&str>,
    date: Date,
) -> Result<Place, BrowseError> {
    let release = bundle
        .release_for(system, date)
        .ok_or(BrowseError::SystemNotLoaded(system))?;
    let tree = Tree { bundle, release };
    let Some(key) = key else {
        return Ok(Place {
            version: release.version.clone(),
            node: None,
            ancestors: Vec::new(),
            siblings: Vec::new(),
            children: tree.nodes(tree.roots()),
        });
    };
    let id = tree.find(key).ok_or_else(|| BrowseError::Unknown {
        system,
        version: release.version.clone(),
    })?;
    let mut ancestors = Vec::new();
    let mut above = bundle.parent(&bundle.concept(id));
    // A parent stands before its children, so the way up ends.
    while let Some(parent) = above {
        ancestors.push(tree.node(parent));
        above = bundle
            .parent(&bundle.concept(parent))
            .filter(|next| *next < parent);
    }
    ancestors.reverse();
    let siblings = match bundle.parent(&bundle.concept(id)) {
        Some(parent) => tree.nodes(children(bundle, parent)),
        None => tree.nodes(tree.roots()),
    };
    Ok(Place {
        version: release.version.clone(),
        node: Some(tree.node(id)),
        ancestors,
        siblings,
        children: tree.nodes(children(bundle, id)),
    })
}

struct Tree<'a> {
    bundle: &'a Bundle,
    release: &'a LoadedRelease,
}

impl Tree<'_> {
    fn record(&self, id: ConceptId) -> ConceptRecord {
        self.bundle.concept(id)
    }

    fn is_present(&self, id: ConceptId) -> bool {
        let record = self.record(id);
        record.level != Level::Code.number() && self.holds_something(id)
            || record.present.get() & self.release.bit != 0
    }

    /// A heading is there when something below it is: lists of codes name no headings.
    fn holds_something(&self, id: ConceptId) -> bool {
        let end = self.record(id).subtree_end.get() as usize;
        let below = self
            .bundle
            .concepts()
            .get(id.0 as usize..end)
            .unwrap_or(&[]);
        below
            .iter()
            .any(|record| record.present.get() & self.release.bit != 0)
    }

    /// The place of a key: as a code in any spelling, else as it stands.
    fn find(&self, key: &str) -> Option<ConceptId> {
        let system = self.release.system;
        let code = Code::parse_stub(system, key).ok();
        let found = code
            .and_then(|code| self.bundle.find(system, code.as_str()))
            .or_else(|| self.bundle.find(system, key.trim()))?;
        self.is_present(found).then_some(found)
    }

    /// The concepts of the system that nothing stands above.
    fn roots(&self) -> impl Iterator<Item = ConceptId> {
        let system = self.release.system.number();
        (0u32..)
            .zip(self.bundle.concepts())
            .filter(move |(_, record)| {
                record.system == system && self.bundle.parent(record).is_none()
            })
            .map(|(id, _)| ConceptId(id))
    }

    fn nodes(&self, ids: impl Iterator<Item = ConceptId>) -> Vec<Node> {
        ids.filter(|id| self.is_present(*id))
            .map(|id| self.node(id))
            .collect()
    }

    fn node(&self, id: ConceptId) -> Node {
        let record = self.record(id);
        let level = Level::from_number(record.level);
        let key = self.bundle.text(record.key);
        Node {
            level: level.id(),
            code: match level {
                Level::Code => Code::dotted(self.release.system, key),
                Level::Chapter | Level::Section => key.to_owned(),
            },
            display: title(self.bundle, &record, self.release).to_owned(),
            billable: record.billable.get() & self.release.bit != 0,
            children: children(self.bundle, id)
                .filter(|child| self.is_present(*child))
                .count(),
        }
    }
}

/// What may follow the first characters of an ICD-10-PCS code on `date`.
///
/// # Errors
/// When no release of ICD-10-PCS is loaded.
pub fn pcs_next<'a>(
    bundle: &'a Bundle,
    stub: &str,
    date: Date,
) -> Result<PcsNext<'a>, BrowseError> {
    let system = CodeSystem::Icd10Pcs;
    let release = bundle
        .release_for(system, date)
        .ok_or(BrowseError::SystemNotLoaded(system))?;
    Ok(bundle.pcs().next(&upper(stub), release.bit))
}

/// The seven characters of an ICD-10-PCS code, explained; `None` where no table makes it.
///
/// # Errors
/// When no release of ICD-10-PCS is loaded.
pub fn pcs_characters<'a>(
    bundle: &'a Bundle,
    code: &str,
    date: Date,
) -> Result<Option<Vec<PcsCharacter<'a>>>, BrowseError> {
    let system = CodeSystem::Icd10Pcs;
    let release = bundle
        .release_for(system, date)
        .ok_or(BrowseError::SystemNotLoaded(system))?;
    Ok(bundle.pcs().characters(&upper(code), release.bit))
}

fn upper(text: &str) -> String {
    text.trim().to_ascii_uppercase()
}
