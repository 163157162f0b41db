//! The value sets that follow from the loaded code systems: all codes, those that can be
//! billed, and a code with those below it.

use codesets::CodeSystem;
use serde_json::{Value, json};

use super::canonical;
use super::concepts::Codes;
use super::terminology::Terminology;

/// The value set at `url`, if it is an implicit one: `…?fhir_vs`, `…?fhir_vs=billable`,
/// `…?fhir_vs=isa/E11`, or everything.
pub(super) fn implicit(term: &Terminology<'_>, url: &str, version: Option<&str>) -> Option<Value> {
    if url == ALL_URL {
        let systems = term.bundle().systems();
        let include: Vec<Value> = systems
            .map(|system| json!({ "system": canonical::of(system).url }))
            .collect();
        return Some(resource(
            "all",
            url,
            None,
            "Every code that is loaded",
            json!(include),
        ));
    }
    let (system, query) = url.split_once('?')?;
    let known = canonical::by_url(system)?;
    let codes = term.loaded(known.system, version)?;
    let version = codes.version();
    let mut include = json!({ "system": known.url });
    if let (Some(wanted), Some(include)) = (version, include.as_object_mut()) {
        include.insert("version".to_owned(), json!(wanted));
    }
    let (id, title, filter) = match query.strip_prefix("fhir_vs")? {
        "" => (
            known.id.to_owned(),
            format!("All codes of {}", known.title),
            None,
        ),
        "=billable" => {
            let filter = json!([{ "property": "billable", "op": "=", "value": "true" }]);
            let title = format!("Codes of {} that can be billed", known.title);
            (format!("{}-billable", known.id), title, Some(filter))
        }
        rest => {
            let code = rest.strip_prefix("=isa/")?;
            let filter = json!([{ "property": "concept", "op": "is-a", "value": code }]);
            let title = format!("A code of {} and those below it", known.title);
            (String::new(), title, Some(filter))
        }
    };
    if let (Some(filter), Some(include)) = (filter, include.as_object_mut()) {
        include.insert("filter".to_owned(), filter);
    }
    Some(resource(&id, url, version, &title, json!([include])))
}

/// The address of the value set of everything.
pub(super) const ALL_URL: &str = "urn:codebook:all";

/// The addresses of the value sets that can be read, by their ids.
pub(super) fn readable(systems: impl Iterator<Item = CodeSystem>) -> Vec<(String, String)> {
    let mut readable = vec![("all".to_owned(), ALL_URL.to_owned())];
    for system in systems {
        let known = canonical::of(system);
        readable.push((known.id.to_owned(), format!("{}?fhir_vs", known.url)));
        let billable = format!("{}?fhir_vs=billable", known.url);
        readable.push((format!("{}-billable", known.id), billable));
    }
    readable
}

fn resource(id: &str, url: &str, version: Option<&str>, title: &str, include: Value) -> Value {
    let mut resource = json!({
        "resourceType": "ValueSet",
        "url": url,
        "name": name(title),
        "title": title,
        "status": "active",
        "experimental": false,
        "compose": { "include": include },
    });
    if let Some(resource) = resource.as_object_mut() {
        if !id.is_empty() {
            resource.insert("id".to_owned(), json!(id));
        }
        if let Some(version) = version {
            resource.insert("version".to_owned(), json!(version));
        }
    }
    resource
}

/// A name that programs may use: `AllCodesOfIcd10Cm`.
pub(super) fn name(title: &str) -> String {
    let words = title.split(|c: char| !c.is_ascii_alphanumeric());
    words
        .map(|word| {
            let mut letters = word.chars();
            let first = letters.next().map(|c| c.to_ascii_uppercase());
            first.into_iter().chain(letters).collect::<String>()
        })
        .collect()
}
