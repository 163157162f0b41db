//! What the loaded releases did with a code, one after another.

use codesets::CodeSystem;
use indexer::bundle::records::ConceptRecord;
use indexer::bundle::{Bundle, LoadedRelease};
use serde::Serialize;
use utoipa::ToSchema;

use super::{releases_of, title};
use crate::diff::Replacements;

/// What a release did with a code, compared with the loaded release before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// Nothing.
    None,
    /// The code is new.
    Added,
    /// Its title is another.
    Revised,
    /// It was billable and needs more characters now.
    BecameHeader,
    /// It needed more characters and is billable now.
    BecameBillable,
    /// The code is gone.
    Deleted,
}

/// A change between two loaded releases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Change {
    /// The release that made it.
    pub version: String,
    /// The loaded release it is compared with.
    pub since: String,
    /// What changed.
    pub change: ChangeKind,
    /// The title before, when it was revised.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The title after, when it was revised.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The codes that took its place, when it was deleted or became a header and the
    /// publisher's conversion table says.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub replaced_by: Vec<String>,
    /// The codes that were used before it, when it was added and the publisher's
    /// conversion table says.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub replaces: Vec<String>,
}

/// The changes of a concept of `system`, oldest first.
pub(super) fn history(bundle: &Bundle, system: CodeSystem, record: &ConceptRecord) -> Vec<Change> {
    let releases: Vec<&LoadedRelease> = releases_of(bundle, system).collect();
    let key = bundle.text(record.key);
    let mut history = Vec::new();
    for pair in releases.windows(2) {
        let &[before, after] = pair else { continue };
        let in_both = |set: u64| (set & before.bit != 0, set & after.bit != 0);
        let change = |change| Change {
            version: after.version.clone(),
            since: before.version.clone(),
            change,
            from: None,
            to: None,
            replaced_by: Vec::new(),
            replaces: Vec::new(),
        };
        let gone = |kind| Change {
            replaced_by: Replacements::of(bundle).after(bundle, system, key, after),
            ..change(kind)
        };
        let come = |kind| Change {
            replaces: Replacements::of(bundle).before(system, key),
            ..change(kind)
        };
        match in_both(record.present.get()) {
            (false, false) => {}
            (false, true) => history.push(come(ChangeKind::Added)),
            (true, false) => history.push(gone(ChangeKind::Deleted)),
            (true, true) => {
                let known = history.len();
                let (from, to) = (title(bundle, record, before), title(bundle, record, after));
                if from != to {
                    history.push(Change {
                        from: Some(from.to_owned()),
                        to: Some(to.to_owned()),
                        ..change(ChangeKind::Revised)
                    });
                }
                match in_both(record.billable.get()) {
                    (true, false) => history.push(gone(ChangeKind::BecameHeader)),
                    (false, true) => history.push(come(ChangeKind::BecameBillable)),
                    (true, true) | (false, false) => {}
                }
                if history.len() == known {
                    history.push(change(ChangeKind::None));
                }
            }
        }
    }
    history
}
