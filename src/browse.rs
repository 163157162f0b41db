//! Browsing: what stands above, below and beside a heading or a code, and the modifiers.

use codesets::{Code, CodeSystem};
use indexer::book::{Level, Property};
use indexer::bundle::records::ConceptRecord;
use indexer::bundle::{Bundle, ConceptId, LoadedRelease};
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use crate::lookup::{Days, title};
use crate::search::children;

/// A chapter, section or code in the tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
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

/// A HCPCS modifier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Modifier {
    /// The two characters.
    pub code: String,
    /// What it says.
    pub display: String,
    /// The day it was added or became valid, and its last day, where the publisher says.
    #[schema(value_type = Vec<Option<String>>, min_items = 2, max_items = 2)]
    pub effective: Days,
}

/// The modifiers of HCPCS Level II that may be used on `date`, in the publisher's order.
///
/// # Errors
/// When no release of HCPCS is loaded.
pub fn modifiers(bundle: &Bundle, date: Date) -> Result<Vec<Modifier>, BrowseError> {
    let system = CodeSystem::Hcpcs;
    let release = bundle
        .release_for(system, date)
        .ok_or(BrowseError::SystemNotLoaded(system))?;
    let day = |text: Option<&str>| text.and_then(|text| text.parse::<Date>().ok());
    let mut found = Vec::new();
    for (id, record) in (0u32..).zip(bundle.concepts()) {
        let id = ConceptId(id);
        let property = |property| bundle.property(id, property, release.bit);
        if record.system != system.number()
            || record.present.get() & release.bit == 0
            || property(Property::Kind) != Some("modifier")
        {
            continue;
        }
        let (first, last) = (property(Property::Added), property(Property::LastDay));
        if day(first).is_some_and(|first| date < first) || day(last).is_some_and(|last| last < date)
        {
            continue;
        }
        found.push(Modifier {
            code: bundle.text(record.key).to_owned(),
            display: title(bundle, record, release).to_owned(),
            effective: (first.map(str::to_owned), last.map(str::to_owned)),
        });
    }
    Ok(found)
}
