//! WHO's identifiers of ICD-11 entities, and the concepts they stand for.
//!
//! An entity has a number that does not change between releases: its foundation
//! URI is `http://id.who.int/icd/entity/{number}`, its URI in a release of the
//! linearization `http://id.who.int/icd/release/11/{release}/mms/{number}`.
//! "Other specified" and "unspecified" have no entity of their own: they add
//! `/other` or `/unspecified` to the number of the entity above them.

use std::fmt;
use std::str::FromStr;

use codesets::CodeSystem;
use indexer::book::Property;
use indexer::bundle::{Bundle, ConceptId, LoadedRelease};

/// The beginning of every foundation URI.
pub const FOUNDATION: &str = "http://id.who.int/icd/entity/";
/// The beginning of every URI of a release.
pub const RELEASE: &str = "http://id.who.int/icd/release/11/";

/// How WHO asks to be cited (ICD-11 licence, CC BY-ND 3.0 IGO).
pub const CITATION: &str = "International Classification of Diseases, Eleventh Revision (ICD-11), \
    World Health Organization (WHO) https://icd.who.int/browse11. \
    Licensed under Creative Commons Attribution-NoDerivatives 3.0 IGO licence (CC BY-ND 3.0 IGO).";

/// Which category of what is left over below an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Residual {
    /// "Other specified".
    Other,
    /// "Unspecified".
    Unspecified,
}

/// An entity of the linearization: its number, and which residual of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntityId {
    number: u64,
    residual: Option<Residual>,
}

/// A text that is no entity's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an entity is named by a number, or by a number with /other or /unspecified")]
pub struct EntityIdError;

impl FromStr for EntityId {
    type Err = EntityIdError;

    /// Reads the end of a URI: `257068234` or `257068234/unspecified`.
    fn from_str(text: &str) -> Result<EntityId, EntityIdError> {
        let (number, residual) = match text.split_once('/') {
            None => (text, None),
            Some((number, "other")) => (number, Some(Residual::Other)),
            Some((number, "unspecified")) => (number, Some(Residual::Unspecified)),
            Some(_) => return Err(EntityIdError),
        };
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        let number = number.parse().ok().filter(|_| is_number);
        let number = number.ok_or(EntityIdError)?;
        Ok(EntityId { number, residual })
    }
}

impl fmt::Display for EntityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.number)?;
        match self.residual {
            None => Ok(()),
            Some(Residual::Other) => f.write_str("/other"),
            Some(Residual::Unspecified) => f.write_str("/unspecified"),
        }
    }
}

impl EntityId {
    /// The entity that a URI names, be it of the foundation or of any release.
    pub fn of_uri(uri: &str) -> Option<EntityId> {
        let uri = uri.trim().trim_end_matches('/');
        let uri = uri
            .strip_prefix("https:")
            .or_else(|| uri.strip_prefix("http:"))?;
        let path = uri.strip_prefix("//id.who.int/icd/")?;
        let last = match path.strip_prefix("entity/") {
            Some(last) => last,
            None => path
                .strip_prefix("release/11/")?
                .split_once("mms/")
                .map(|(_, last)| last)?,
        };
        last.parse().ok()
    }

    /// The entity of a concept as `release` has it.
    pub fn of(bundle: &Bundle, concept: ConceptId, release: &LoadedRelease) -> Option<EntityId> {
        let property = |property| bundle.property(concept, property, release.bit);
        property(Property::FoundationUri)
            .or_else(|| property(Property::LinearizationUri))
            .and_then(EntityId::of_uri)
    }

    /// Which residual it is, if it is one.
    pub fn residual(self) -> Option<Residual> {
        self.residual
    }

    /// The foundation URI; residuals have none.
    pub fn foundation_uri(self) -> Option<String> {
        self.residual
            .is_none()
            .then(|| format!("{FOUNDATION}{}", self.number))
    }

    /// The URI in the release `version`.
    pub fn uri(self, version: &str) -> String {
        format!("{RELEASE}{version}/mms/{self}")
    }
}

/// Every entity of a bundle, for finding its concept.
#[derive(Debug)]
pub struct Entities {
    /// Sorted; an entity that was given another code has several concepts.
    concepts: Vec<(EntityId, ConceptId)>,
}

impl Entities {
    /// The entities of `bundle`; none when no ICD-11 is loaded.
    pub fn of(bundle: &Bundle) -> Entities {
        let system = CodeSystem::Icd11Mms.number();
        let mut concepts = Vec::new();
        for (number, record) in (0u32..).zip(bundle.concepts()) {
            if record.system != system {
                continue;
            }
            let id = ConceptId(number);
            for property in bundle.properties_of(id) {
                let kind = bundle.property_of(property);
                if matches!(kind, Property::FoundationUri | Property::LinearizationUri) {
                    let entity = EntityId::of_uri(bundle.text(property.value));
                    concepts.extend(entity.map(|entity| (entity, id)));
                }
            }
        }
        concepts.sort_unstable();
        concepts.dedup();
        Entities { concepts }
    }

    /// The concept of an entity in `release`.
    pub fn concept(
        &self,
        bundle: &Bundle,
        entity: EntityId,
        release: &LoadedRelease,
    ) -> Option<ConceptId> {
        let first = self.concepts.partition_point(|(other, _)| *other < entity);
        self.concepts
            .get(first..)?
            .iter()
            .take_while(|(other, _)| *other == entity)
            .map(|(_, concept)| *concept)
            .find(|concept| EntityId::of(bundle, *concept, release) == Some(entity))
    }
}

#[cfg(test)]
mod tests {
    use super::EntityId;

    #[track_caller]
    fn check(uri: &str, expected: Option<&str>) {
        let entity = EntityId::of_uri(uri).map(|entity| entity.to_string());
        assert_eq!(entity.as_deref(), expected, "{uri}");
    }

    #[test]
    fn entities_are_read_from_every_kind_of_uri() {
        check("http://id.who.int/icd/entity/257068234", Some("257068234"));
        check(
            "https://id.who.int/icd/entity/257068234/",
            Some("257068234"),
        );
        check(
            "http://id.who.int/icd/release/11/mms/25/other",
            Some("25/other"),
        );
        check(
            "http://id.who.int/icd/release/11/2025-01/mms/25/unspecified",
            Some("25/unspecified"),
        );
        check("http://id.who.int/icd/release/11/2025-01/icf/25", None);
        check("http://id.who.int/icd/entity/25/third", None);
        check("http://id.who.int/icd/entity/+25", None);
        check("http://example.org/icd/entity/25", None);
        check("", None);
    }
}
