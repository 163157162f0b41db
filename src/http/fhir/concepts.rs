//! What a code system can be asked here, whether it is loaded or came with the request.
//!
//! Both kinds number their concepts so that what is below a concept follows it
//! as one run; filters and hierarchies are questions about such runs.

use std::ops::Range;
use std::sync::Arc;

use serde_json::Value;

/// A concept's number within its code system.
pub(super) type Place = u32;

/// A code that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// Where it is.
    pub(super) place: Place,
    /// Whether it was written as its publisher prints it.
    pub(super) exact: bool,
}

/// A concept as answers show it.
#[derive(Clone, Debug)]
pub(super) struct Concept {
    /// The code.
    pub(super) code: String,
    /// Its display.
    pub(super) display: Option<String>,
    /// What it means, where the publisher says so.
    pub(super) definition: Option<String>,
    /// Whether it is a heading of codes rather than one to be used.
    pub(super) is_abstract: bool,
    /// Why it is not active: `retired`, `deprecated` …; `None` for an active concept.
    pub(super) inactive: Option<String>,
}

/// Another way of saying a concept.
#[derive(Clone, Debug)]
pub(super) struct Designation {
    /// The language, where it is known.
    pub(super) language: Option<String>,
    /// What it is for, as a Coding.
    pub(super) usage: Option<Value>,
    /// The words.
    pub(super) value: String,
}

/// Something else that is said of a concept.
#[derive(Clone, Debug)]
pub(super) struct Property {
    /// Its name.
    pub(super) code: String,
    /// The type of its value: `valueCode`, `valueBoolean` ….
    pub(super) kind: String,
    /// Its value.
    pub(super) value: Value,
}

impl Property {
    /// A property of type `kind`.
    pub(super) fn new(code: &str, kind: &str, value: impl Into<Value>) -> Property {
        Property {
            code: code.to_owned(),
            kind: kind.to_owned(),
            value: value.into(),
        }
    }

    /// The value as filters compare it.
    pub(super) fn text(&self) -> String {
        match &self.value {
            Value::String(text) => text.clone(),
            Value::Object(coding) => coding
                .get("code")
                .and_then(Value::as_str)
                .unwrap_or("")
                .to_owned(),
            value => value.to_string(),
        }
    }
}

/// One release of a code system.
pub(super) trait Codes {
    /// Its address.
    fn url(&self) -> &str;
    /// Its version.
    fn version(&self) -> Option<&str>;
    /// Its name, as `$lookup` answers it.
    fn name(&self) -> &str;
    /// Whether it holds only some of the codes of its system.
    fn is_fragment(&self) -> bool;
    /// The language of its displays.
    fn language(&self) -> Option<&str>;
    /// Where its concepts are; not every place in it is a code of the release.
    fn span(&self) -> Range<Place>;
    /// Whether a code of the release is at `place`.
    fn holds(&self, place: Place) -> bool;
    /// The code, as its publisher prints it or in another case.
    fn find(&self, code: &str) -> Option<Found>;
    /// The code or heading that a hierarchy filter names.
    fn anchor(&self, key: &str) -> Option<Place>;
    /// The concept and everything below it.
    fn subtree(&self, place: Place) -> Range<Place>;
    /// The code directly above.
    fn parent(&self, place: Place) -> Option<Place>;
    /// The code alone.
    fn code(&self, place: Place) -> String;
    /// The concept.
    fn concept(&self, place: Place) -> Concept;
    /// Its other names.
    fn designations(&self, place: Place) -> Vec<Designation>;
    /// What is said of it under `name`.
    fn properties(&self, place: Place, name: &str) -> Vec<Property>;
    /// Everything that is said of it, for `$lookup`.
    fn all_properties(&self, place: Place) -> Vec<Property>;
    /// Whether filters may ask for `name`.
    fn has_property(&self, name: &str) -> bool;

    /// `url|version`.
    fn canonical(&self) -> String {
        match self.version() {
            Some(version) => format!("{}|{version}", self.url()),
            None => self.url().to_owned(),
        }
    }

    /// The codes directly below.
    fn children(&self, place: Place) -> Vec<Place> {
        let below = self.subtree(place);
        let mut next = below.start.saturating_add(1);
        let mut children = Vec::new();
        while next < below.end {
            if self.holds(next) && self.parent(next) == Some(place) {
                children.push(next);
            }
            next = self.subtree(next).end.max(next + 1);
        }
        children
    }
}

/// A code system that several parts of an answer share.
pub(super) type Shared<'a> = Arc<dyn Codes + 'a>;

/// Whether two are the same release.
pub(super) fn same(one: &Shared<'_>, other: &Shared<'_>) -> bool {
    std::ptr::addr_eq(Arc::as_ptr(one), Arc::as_ptr(other))
}
