//! `ConceptMap/$translate`, and the maps of the bundle as resources.

use codesets::CodeSystem;
use indexer::bundle::{Bundle, ManifestMap};
use serde_json::{Value, json};

use super::Base;
use super::canonical;
use super::codings::{self, Coding};
use super::implicit_sets;
use super::outcome::{FhirError, FhirResult};
use super::parameters::{Input, Output, entry};
use super::terminology::Terminology;
use crate::translate::{self, TranslateError, Translation};

/// The address of a map.
pub(super) fn map_url(map: &str) -> String {
    format!("urn:codebook:map:{map}")
}

/// `ConceptMap/$translate`.
///
/// # Errors
/// When the question cannot be read, or a system is not known.
pub(super) fn translate(term: &Terminology<'_>, input: &Input, base: Base) -> FhirResult<Value> {
    if input.flag("reverse")? == Some(true) {
        return Err(FhirError::not_supported(
            "maps are read from source to target only",
        ));
    }
    let asked = asked(input)?;
    let target = target(input)?;
    let map = match input.text("url")? {
        None => None,
        Some(url) => Some(known_map(term.bundle(), url)?),
    };
    let mut matches: Vec<(Translation, Vec<Value>)> = Vec::new();
    for coding in &asked {
        let system = coding.system.as_deref().unwrap_or("");
        let Some(source) = canonical::by_url(system) else {
            let text = "the code system of the code is not one that maps lead from";
            return Err(FhirError::not_found(text));
        };
        match translate::translate(term.bundle(), source.system, &coding.code, target) {
            Ok(rows) => {
                let of_map = rows
                    .into_iter()
                    .filter(|row| map.is_none_or(|map| map.name == row.map));
                matches.extend(of_map.map(|row| {
                    let parts = parts(term.bundle(), &row, base);
                    (row, parts)
                }));
            }
            // Neither is an error: the maps simply do not have it.
            Err(TranslateError::Shape(_) | TranslateError::NoMap { .. }) => {}
        }
    }
    let is_translated = matches.iter().any(|(row, _)| row.code.is_some());
    let mut output = Output::default();
    output.add("result", "valueBoolean", is_translated);
    if !is_translated {
        let message = if matches.is_empty() {
            "No loaded map translates the code"
        } else {
            "The publisher of the map states that there is no counterpart"
        };
        output.add("message", "valueString", message);
    }
    for (_, parts) in matches {
        output.parts("match", parts);
    }
    Ok(output.into_json())
}

/// The codes of a question, as R4 and as R5 name them.
fn asked(input: &Input) -> FhirResult<Vec<Coding>> {
    for name in ["codeableConcept", "sourceCodeableConcept"] {
        if let Some(concept) = input.wholes(name).next() {
            let codings = concept.get("coding").and_then(Value::as_array);
            return Ok(codings
                .into_iter()
                .flatten()
                .map(|coding| Coding::read(coding, name))
                .collect());
        }
    }
    for name in ["coding", "sourceCoding"] {
        if let Some(coding) = input.wholes(name).next() {
            return Ok(vec![Coding::read(coding, name)]);
        }
    }
    let code = input.text("code")?.or(input.text("sourceCode")?);
    let system = input.text("system")?.or(input.text("sourceSystem")?);
    match (code, system) {
        (Some(code), Some(system)) => {
            let coding = codings::coding(system, None, code, None);
            Ok(vec![Coding::read(&coding, "code")])
        }
        _ => Err(FhirError::required("there is no code with its system")),
    }
}

/// The system that is asked for; `None` for any.
fn target(input: &Input) -> FhirResult<Option<CodeSystem>> {
    let system = input.text("targetsystem")?.or(input.text("targetSystem")?);
    let scope = input.text("target")?.or(input.text("targetScope")?);
    let url = system.or(scope.map(|scope| scope.split('?').next().unwrap_or(scope)));
    let Some(url) = url else { return Ok(None) };
    let known = canonical::by_url(url);
    let missing = || FhirError::not_found("the target is not a code system that maps lead to");
    known.map(|known| Some(known.system)).ok_or_else(missing)
}

fn known_map<'a>(bundle: &'a Bundle, url: &str) -> FhirResult<&'a ManifestMap> {
    let (url, version) = canonical::split(url);
    let mut maps = bundle.manifest().maps.iter();
    let is = |map: &&ManifestMap| {
        map_url(&map.name) == url && version.is_none_or(|version| version == map.version)
    };
    maps.find(is)
        .ok_or_else(|| FhirError::not_found("no such map is loaded"))
}

/// A row of a map. A map that says `approximate` says no more of the meaning than that.
fn parts(bundle: &Bundle, row: &Translation, base: Base) -> Vec<Value> {
    // Only the GEMs say of each row whether the two mean the same.
    let tells = row.map.starts_with("gem-");
    let (r4, r5) = match (&row.code, row.approximate || row.combination) {
        (None, _) => ("unmatched", "not-related-to"),
        (Some(_), _) if !tells => ("relatedto", "related-to"),
        (Some(_), true) => ("inexact", "related-to"),
        (Some(_), false) => ("equivalent", "equivalent"),
    };
    let mut parts = vec![match base {
        Base::R4 => entry("equivalence", "valueCode", r4),
        Base::R5 => entry("relationship", "valueCode", r5),
    }];
    let target = bundle
        .manifest()
        .maps
        .iter()
        .find(|map| map.name == row.map)
        .and_then(|map| map.target.parse::<CodeSystem>().ok());
    if let (Some(code), Some(system)) = (&row.code, target) {
        let coding = codings::coding(
            canonical::of(system).url,
            None,
            code,
            row.display.as_deref(),
        );
        parts.push(entry("concept", "valueCoding", coding));
    }
    parts.push(match base {
        Base::R4 => entry("source", "valueUri", map_url(&row.map)),
        Base::R5 => entry("originMap", "valueUri", map_url(&row.map)),
    });
    parts
}

/// A map as a resource: what leads where, without its rows, which `$translate` answers.
pub(super) fn concept_map(map: &ManifestMap, base: Base) -> Value {
    let title = format!("Map {} of {}", map.name, map.version);
    let mut resource = json!({
        "resourceType": "ConceptMap",
        "id": map.name,
        "url": map_url(&map.name),
        "version": map.version,
        "name": implicit_sets::name(&title),
        "title": title,
        "status": "active",
        "experimental": false,
    });
    let scope = |id: &str| {
        let system = id.parse::<CodeSystem>().ok()?;
        Some(format!("{}?fhir_vs", canonical::of(system).url))
    };
    let names = match base {
        Base::R4 => ["sourceUri", "targetUri"],
        Base::R5 => ["sourceScopeUri", "targetScopeUri"],
    };
    if let Some(resource) = resource.as_object_mut() {
        for (name, id) in names.into_iter().zip([&map.source, &map.target]) {
            if let Some(scope) = scope(id) {
                resource.insert(name.to_owned(), json!(scope));
            }
        }
    }
    resource
}
