//! Code systems that come with a request, indexed once and kept for the next one.

use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::concepts::{Codes, Concept, Designation, Found, Place, Property};
use super::outcome::{FhirError, FhirResult};

/// How many code systems are kept, and how many bytes of them.
const MOST_KEPT: usize = 64;
const MOST_KEPT_BYTES: usize = 16 * 1024 * 1024;

/// A code system that came with a request.
#[derive(Debug)]
pub(super) struct SentCodes {
    url: String,
    version: Option<String>,
    name: String,
    language: Option<String>,
    is_case_sensitive: bool,
    is_fragment: bool,
    /// Why its use should be looked at: `draft`, `experimental`, `deprecated` ….
    pub(super) caution: Option<&'static str>,
    concepts: Vec<SentConcept>,
    places: HashMap<String, Place>,
    folded: HashMap<String, Place>,
    declared: Vec<String>,
}

#[derive(Debug)]
struct SentConcept {
    concept: Concept,
    designations: Vec<Designation>,
    properties: Vec<Property>,
    parent: Option<Place>,
    subtree_end: Place,
}

/// The names under which a code system says what FHIR itself asks.
#[derive(Debug)]
struct Names {
    not_selectable: String,
    inactive: String,
    status: String,
}

impl SentCodes {
    /// Reads a CodeSystem resource.
    ///
    /// # Errors
    /// When it has no address, or is not one.
    pub(super) fn read(resource: &Value) -> FhirResult<SentCodes> {
        let text = |name: &str| {
            resource
                .get(name)
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        if text("resourceType").as_deref() != Some("CodeSystem") {
            return Err(FhirError::invalid("the resource is not a CodeSystem"));
        }
        let url = text("url").ok_or_else(|| FhirError::required("a CodeSystem has no url"))?;
        let declared = resource.get("property").and_then(Value::as_array);
        let names = Names::of(declared);
        let mut codes = SentCodes {
            name: text("name").unwrap_or_else(|| url.clone()),
            version: text("version"),
            language: text("language"),
            is_case_sensitive: resource.get("caseSensitive") != Some(&Value::Bool(false)),
            is_fragment: text("content").as_deref() == Some("fragment"),
            caution: caution(resource),
            concepts: Vec::new(),
            places: HashMap::new(),
            folded: HashMap::new(),
            declared: declared
                .into_iter()
                .flatten()
                .filter_map(|property| property.get("code")?.as_str().map(str::to_owned))
                .collect(),
            url,
        };
        let concepts = resource.get("concept").and_then(Value::as_array);
        for concept in concepts.into_iter().flatten() {
            codes.take(concept, None, &names);
        }
        Ok(codes)
    }

    /// Takes a concept and what is nested in it; a resource nests no deeper than JSON is read.
    fn take(&mut self, concept: &Value, parent: Option<Place>, names: &Names) {
        let text = |name: &str| concept.get(name).and_then(Value::as_str).map(str::to_owned);
        let Some(code) = text("code") else { return };
        let Ok(place) = Place::try_from(self.concepts.len()) else {
            return;
        };
        let properties = properties_of(concept);
        let said = |name: &str| properties.iter().find(|property| property.code == name);
        let is_true = |name: &str| said(name).is_some_and(|property| property.text() == "true");
        let status = said(&names.status).map(Property::text);
        let inactive = status
            .filter(|status| matches!(status.as_str(), "retired" | "inactive" | "withdrawn"))
            .or_else(|| is_true(&names.inactive).then(|| "inactive".to_owned()));
        self.places.entry(code.clone()).or_insert(place);
        self.folded.entry(code.to_lowercase()).or_insert(place);
        let taken = Concept {
            is_abstract: is_true(&names.not_selectable),
            display: text("display"),
            definition: text("definition"),
            inactive,
            code,
        };
        self.concepts.push(SentConcept {
            concept: taken,
            designations: designations_of(concept),
            properties,
            parent,
            subtree_end: place + 1,
        });
        let below = concept.get("concept").and_then(Value::as_array);
        for child in below.into_iter().flatten() {
            self.take(child, Some(place), names);
        }
        let end = Place::try_from(self.concepts.len()).unwrap_or(Place::MAX);
        if let Some(own) = self.concepts.get_mut(place as usize) {
            own.subtree_end = end;
        }
    }

    fn at(&self, place: Place) -> Option<&SentConcept> {
        self.concepts.get(place as usize)
    }
}

impl Names {
    /// A code system may call the properties otherwise and say so by their address.
    fn of(declared: Option<&Vec<Value>>) -> Names {
        let called = |name: &str| {
            let address = format!("http://hl7.org/fhir/concept-properties#{name}");
            let property = declared.into_iter().flatten().find(|property| {
                property.get("uri").and_then(Value::as_str) == Some(address.as_str())
            });
            let code = property.and_then(|property| property.get("code")?.as_str());
            code.unwrap_or(name).to_owned()
        };
        Names {
            not_selectable: called("notSelectable"),
            inactive: called("inactive"),
            status: called("status"),
        }
    }
}

/// Why a resource's use should be looked at.
pub(super) fn caution(resource: &Value) -> Option<&'static str> {
    const STANDARDS_STATUS: &str =
        "http://hl7.org/fhir/StructureDefinition/structuredefinition-standards-status";
    let extensions = resource.get("extension").and_then(Value::as_array);
    let standards_status = extensions.into_iter().flatten().find_map(|extension| {
        let is_status = extension.get("url")?.as_str()? == STANDARDS_STATUS;
        is_status
            .then(|| extension.get("valueCode")?.as_str())
            .flatten()
    });
    match (
        standards_status,
        resource.get("status").and_then(Value::as_str),
    ) {
        (Some("deprecated"), _) => Some("deprecated"),
        (Some("withdrawn"), _) => Some("withdrawn"),
        (_, Some("retired")) => Some("retired"),
        (_, Some("draft")) => Some("draft"),
        _ if resource.get("experimental") == Some(&Value::Bool(true)) => Some("experimental"),
        _ => None,
    }
}

fn properties_of(concept: &Value) -> Vec<Property> {
    let properties = concept.get("property").and_then(Value::as_array);
    let read = |property: &Value| {
        let code = property.get("code")?.as_str()?;
        let mut members = property.as_object()?.iter();
        let (kind, value) = members.find(|(key, _)| key.starts_with("value"))?;
        Some(Property::new(code, kind, value.clone()))
    };
    properties.into_iter().flatten().filter_map(read).collect()
}

/// The designations of a concept, in a code system or a value set.
pub(super) fn designations_of(concept: &Value) -> Vec<Designation> {
    let designations = concept.get("designation").and_then(Value::as_array);
    let read = |designation: &Value| {
        let language = designation.get("language").and_then(Value::as_str);
        Some(Designation {
            language: language.map(str::to_owned),
            usage: designation.get("use").cloned(),
            value: designation.get("value")?.as_str()?.to_owned(),
        })
    };
    designations
        .into_iter()
        .flatten()
        .filter_map(read)
        .collect()
}

impl Codes for SentCodes {
    fn url(&self) -> &str {
        &self.url
    }

    fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn is_fragment(&self) -> bool {
        self.is_fragment
    }

    fn language(&self) -> Option<&str> {
        self.language.as_deref()
    }

    fn span(&self) -> Range<Place> {
        0..Place::try_from(self.concepts.len()).unwrap_or(Place::MAX)
    }

    fn holds(&self, place: Place) -> bool {
        self.at(place).is_some()
    }

    fn find(&self, code: &str) -> Option<Found> {
        if let Some(place) = self.places.get(code) {
            return Some(Found {
                place: *place,
                exact: true,
            });
        }
        if self.is_case_sensitive {
            return None;
        }
        let place = *self.folded.get(&code.to_lowercase())?;
        Some(Found {
            place,
            exact: false,
        })
    }

    fn anchor(&self, key: &str) -> Option<Place> {
        self.find(key).map(|found| found.place)
    }

    fn subtree(&self, place: Place) -> Range<Place> {
        place..self.at(place).map_or(place + 1, |own| own.subtree_end)
    }

    fn parent(&self, place: Place) -> Option<Place> {
        self.at(place)?.parent
    }

    fn code(&self, place: Place) -> String {
        self.at(place)
            .map_or_else(String::new, |own| own.concept.code.clone())
    }

    fn concept(&self, place: Place) -> Concept {
        self.at(place).map_or_else(
            || Concept {
                code: String::new(),
                display: None,
                definition: None,
                is_abstract: false,
                inactive: None,
            },
            |own| own.concept.clone(),
        )
    }

    fn designations(&self, place: Place) -> Vec<Designation> {
        self.at(place)
            .map_or_else(Vec::new, |own| own.designations.clone())
    }

    fn properties(&self, place: Place, name: &str) -> Vec<Property> {
        let Some(own) = self.at(place) else {
            return Vec::new();
        };
        let code = |place: Place| Property::new(name, "valueCode", self.code(place));
        match name {
            "parent" => self.parent(place).map(code).into_iter().collect(),
            "child" => self.children(place).into_iter().map(code).collect(),
            "inactive" => {
                let value = own.concept.inactive.is_some();
                vec![Property::new(name, "valueBoolean", value)]
            }
            "definition" => {
                let definition = own.concept.definition.as_deref();
                let property = definition.map(|text| Property::new(name, "valueString", text));
                property.into_iter().collect()
            }
            _ => {
                let of_name = own
                    .properties
                    .iter()
                    .filter(|property| property.code == name);
                of_name.cloned().collect()
            }
        }
    }

    fn all_properties(&self, place: Place) -> Vec<Property> {
        let computed = ["parent", "child", "inactive", "definition"];
        let mut all: Vec<Property> = computed
            .iter()
            .flat_map(|name| self.properties(place, name))
            .collect();
        if let Some(own) = self.at(place) {
            let declared = own.properties.iter();
            let rest = declared.filter(|property| !computed.contains(&property.code.as_str()));
            all.extend(rest.cloned());
        }
        all
    }

    fn has_property(&self, name: &str) -> bool {
        matches!(name, "parent" | "child" | "inactive" | "definition")
            || self.declared.iter().any(|declared| declared == name)
    }
}

/// The code systems that came lately, by content; the one unused for longest goes first.
#[derive(Debug, Default)]
pub struct SentCache(Mutex<VecDeque<Kept>>);

#[derive(Debug)]
struct Kept {
    digest: [u8; 32],
    bytes: usize,
    codes: Arc<SentCodes>,
}

impl SentCache {
    /// The code system of `resource`, read unless one of the same content is kept.
    ///
    /// # Errors
    /// When the resource is no code system.
    pub(super) fn read(&self, resource: &Value) -> FhirResult<Arc<SentCodes>> {
        let text = resource.to_string();
        let digest: [u8; 32] = Sha256::digest(text.as_bytes()).into();
        if let Some(codes) = self.take(&digest) {
            return Ok(codes);
        }
        let codes = Arc::new(SentCodes::read(resource)?);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_front(Kept {
            digest,
            bytes: text.len(),
            codes: Arc::clone(&codes),
        });
        let mut bytes = 0;
        let fitting = kept.iter().take(MOST_KEPT).take_while(|one| {
            bytes += one.bytes;
            bytes <= MOST_KEPT_BYTES
        });
        let fitting = fitting.count();
        kept.truncate(fitting);
        Ok(codes)
    }

    /// The kept code system of that digest, which is now the one used last.
    fn take(&self, digest: &[u8; 32]) -> Option<Arc<SentCodes>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = kept.iter().position(|one| one.digest == *digest)?;
        let found = kept.remove(place)?;
        let codes = Arc::clone(&found.codes);
        kept.push_front(found);
        Some(codes)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{MOST_KEPT, SentCache};

    #[test]
    fn the_cache_is_bounded_and_goes_by_content() {
        let cache = SentCache::default();
        let system = |number: usize| json!({ "resourceType": "CodeSystem", "url": format!("urn:plum:{number}") });
        let first = cache.read(&system(0)).unwrap();
        let again = cache.read(&system(0)).unwrap();
        assert!(std::sync::Arc::ptr_eq(&first, &again));
        for number in 1..=MOST_KEPT {
            cache.read(&system(number)).unwrap();
        }
        assert_eq!(cache.0.lock().unwrap().len(), MOST_KEPT);
        let anew = cache.read(&system(0)).unwrap();
        assert!(!std::sync::Arc::ptr_eq(&first, &anew));
    }
}
