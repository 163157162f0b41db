//! Read and search of the resources that the bundle holds.

use codesets::CodeSystem;
use indexer::bundle::LoadedRelease;
use serde_json::{Value, json};

use super::Base;
use super::canonical;
use super::implicit_sets;
use super::loaded::{OWN, STANDARD};
use super::outcome::{FhirError, FhirResult};
use super::parameters::Input;
use super::terminology::Terminology;
use super::translate::concept_map;

/// A type of resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `CodeSystem`.
    CodeSystem,
    /// `ValueSet`.
    ValueSet,
    /// `ConceptMap`.
    ConceptMap,
}

impl Kind {
    /// The type of that name.
    pub(super) fn named(name: &str) -> Option<Kind> {
        match name {
            "CodeSystem" => Some(Kind::CodeSystem),
            "ValueSet" => Some(Kind::ValueSet),
            "ConceptMap" => Some(Kind::ConceptMap),
            _ => None,
        }
    }

    /// Its name.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Kind::CodeSystem => "CodeSystem",
            Kind::ValueSet => "ValueSet",
            Kind::ConceptMap => "ConceptMap",
        }
    }
}

/// Every resource of a type.
fn all(term: &Terminology<'_>, kind: Kind, base: Base) -> Vec<Value> {
    let bundle = term.bundle();
    match kind {
        Kind::CodeSystem => {
            let releases = bundle.releases().iter();
            releases.map(|release| code_system(term, release)).collect()
        }
        Kind::ValueSet => {
            let readable = implicit_sets::readable(bundle.systems()).into_iter();
            readable
                .filter_map(|(_, url)| implicit_sets::implicit(term, &url, None))
                .collect()
        }
        Kind::ConceptMap => {
            let maps = bundle.manifest().maps.iter();
            maps.map(|map| concept_map(map, base)).collect()
        }
    }
}

/// The resource of that type and id. `icd10cm` is the release that answers for the day,
/// `icd10cm-2027` one of its releases.
///
/// # Errors
/// 404 when there is none.
pub(super) fn read(term: &Terminology<'_>, kind: Kind, id: &str, base: Base) -> FhirResult<Value> {
    let missing = || {
        let text = format!(
            "no {} has this id; a search lists those there are",
            kind.name()
        );
        FhirError::not_found(text)
    };
    if kind == Kind::CodeSystem
        && let Some(known) = canonical::ALL.iter().find(|known| known.id == id)
    {
        let release = term.bundle().release_for(known.system, term.date);
        let mut resource = code_system(term, release.ok_or_else(missing)?);
        if let Some(resource) = resource.as_object_mut() {
            resource.insert("id".to_owned(), json!(id));
        }
        return Ok(resource);
    }
    let mut resources = all(term, kind, base).into_iter();
    let found = resources.find(|resource| resource.get("id").and_then(Value::as_str) == Some(id));
    found.ok_or_else(missing)
}

/// A release of a code system; its codes are asked for, not listed.
fn code_system(term: &Terminology<'_>, release: &LoadedRelease) -> Value {
    let known = canonical::of(release.system);
    let version = canonical::version(release);
    let manifest = term.bundle().manifest();
    let entry = manifest
        .releases
        .iter()
        .find(|entry| entry.system == release.system.id() && entry.version == release.version);
    let standard = STANDARD.iter().map(|(code, kind)| {
        let uri = format!("http://hl7.org/fhir/concept-properties#{code}");
        json!({ "code": code, "uri": uri, "type": kind })
    });
    let own = OWN.iter().map(|(code, kind, description)| {
        json!({ "code": code, "description": description, "type": kind })
    });
    let mut resource = json!({
        "resourceType": "CodeSystem",
        "id": format!("{}-{version}", known.id),
        "url": known.url,
        "version": version,
        "name": implicit_sets::name(known.title),
        "title": known.title,
        "status": "active",
        "experimental": false,
        "date": release.days.first.to_string(),
        "publisher": known.publisher,
        "caseSensitive": false,
        "valueSet": format!("{}?fhir_vs", known.url),
        "hierarchyMeaning": "is-a",
        "compositional": release.system == CodeSystem::Icd11Mms,
        "versionNeeded": false,
        "content": "not-present",
        "filter": [
            { "code": "concept", "operator": ["is-a", "descendent-of", "is-not-a", "regex", "=", "in"], "value": "a code" },
            { "code": "billable", "operator": ["=", "in", "exists"], "value": "true or false" },
        ],
        "property": standard.chain(own).collect::<Vec<_>>(),
    });
    if let Some(resource) = resource.as_object_mut() {
        if let Some(oid) = known.oid {
            let identifier =
                json!([{ "system": "urn:ietf:rfc:3986", "value": format!("urn:oid:{oid}") }]);
            resource.insert("identifier".to_owned(), identifier);
        }
        if let Some(entry) = entry {
            resource.insert("count".to_owned(), json!(entry.codes));
            if !entry.licence.is_empty() {
                resource.insert("copyright".to_owned(), json!(entry.licence));
            }
        }
    }
    resource
}

/// The resources of a type that the parameters ask for, as a Bundle.
///
/// # Errors
/// When a parameter cannot be used.
pub(super) fn search(
    term: &Terminology<'_>,
    kind: Kind,
    input: &Input,
    base: Base,
    root: Option<&str>,
) -> FhirResult<Value> {
    let mut found = all(term, kind, base);
    if let Some(url) = input.text("url")? {
        let (url, version) = canonical::split(url);
        let official = canonical::by_url(&url).map_or(url.as_str(), |known| known.url);
        let implicit = (kind == Kind::ValueSet)
            .then(|| implicit_sets::implicit(term, &url, version))
            .flatten();
        found.retain(|resource| resource.get("url").and_then(Value::as_str) == Some(official));
        // An implicit value set need not be among those that have ids.
        if found.is_empty() {
            found.extend(implicit);
        }
    }
    for (name, member) in [("_id", "id"), ("version", "version"), ("status", "status")] {
        if let Some(wanted) = input.text(name)? {
            found.retain(|resource| resource.get(member).and_then(Value::as_str) == Some(wanted));
        }
    }
    if kind == Kind::CodeSystem
        && let Some(wanted) = input.text("system")?
    {
        let official = canonical::by_url(wanted).map_or(wanted, |known| known.url);
        found.retain(|resource| resource.get("url").and_then(Value::as_str) == Some(official));
    }
    for name in ["name", "title", "publisher"] {
        if let Some(wanted) = input.text(name)? {
            let wanted = wanted.to_lowercase();
            found.retain(|resource| {
                let text = resource.get(name).and_then(Value::as_str).unwrap_or("");
                text.to_lowercase().starts_with(&wanted)
            });
        }
    }
    let total = found.len();
    let offset = input.number("_offset")?.unwrap_or(0);
    let count = match input.text("_summary")? {
        Some("count") => 0,
        _ => input.number("_count")?.unwrap_or(usize::MAX),
    };
    let entries: Vec<Value> = found
        .into_iter()
        .skip(offset)
        .take(count)
        .map(|resource| entry(kind, resource, root))
        .collect();
    let mut bundle = json!({ "resourceType": "Bundle", "type": "searchset", "total": total });
    if let (Some(bundle), false) = (bundle.as_object_mut(), entries.is_empty()) {
        bundle.insert("entry".to_owned(), json!(entries));
    }
    Ok(bundle)
}

fn entry(kind: Kind, resource: Value, root: Option<&str>) -> Value {
    let id = resource.get("id").and_then(Value::as_str);
    let full_url = root
        .zip(id)
        .map(|(root, id)| format!("{root}/{}/{id}", kind.name()));
    let mut entry = json!({ "resource": resource, "search": { "mode": "match" } });
    if let (Some(entry), Some(full_url)) = (entry.as_object_mut(), full_url) {
        entry.insert("fullUrl".to_owned(), json!(full_url));
    }
    entry
}
