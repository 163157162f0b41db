//! `$lookup` and `$subsumes`: one code, and how two stand to one another.

use axum::http::StatusCode;
use codesets::CodeSystem;
use serde_json::{Value, json};

use super::canonical;
use super::codings::Coding;
use super::concepts::{Place, Property, Shared};
use super::outcome::{FhirError, FhirResult, Issue, Severity, code_or_none};
use super::parameters::{Input, Output, entry};
use super::terminology::Terminology;

/// The properties that `$lookup` answers unasked.
const UNASKED: [&str; 6] = [
    "parent",
    "child",
    "inactive",
    "notSelectable",
    "billable",
    "definition",
];

/// `CodeSystem/$lookup`.
///
/// # Errors
/// 404 when the code system is not here or does not have the code.
pub(super) fn lookup(term: &Terminology<'_>, input: &Input) -> FhirResult<Value> {
    let asked = coding(input, "coding", "code", "code")?;
    let codes = resolve(term, &asked)?;
    let place = find(&codes, &asked.code)?;
    let concept = codes.concept(place);
    let mut output = Output::default();
    output.add("name", "valueString", codes.name());
    output.add_some("version", "valueString", codes.version());
    output.add_some("display", "valueString", concept.display.as_deref());
    output.add("code", "valueCode", concept.code.as_str());
    output.add("system", "valueUri", codes.url());
    output.add_some("definition", "valueString", concept.definition.as_deref());
    output.add("abstract", "valueBoolean", concept.is_abstract);
    for property in asked_properties(input, &codes, place) {
        output.parts("property", property_parts(&codes, &property));
    }
    for other in codes.designations(place) {
        let mut parts = Vec::new();
        if let Some(language) = &other.language {
            parts.push(entry("language", "valueCode", language.as_str()));
        }
        if let Some(usage) = &other.usage {
            parts.push(entry("use", "valueCoding", usage.clone()));
        }
        parts.push(entry("value", "valueString", other.value.as_str()));
        output.parts("designation", parts);
    }
    Ok(output.into_json())
}

fn asked_properties(input: &Input, codes: &Shared<'_>, place: Place) -> Vec<Property> {
    let names: Vec<&str> = input.texts("property").collect();
    if names.contains(&"*") {
        return codes.all_properties(place);
    }
    let names = if names.is_empty() {
        &UNASKED[..]
    } else {
        &names
    };
    let mut properties = Vec::new();
    for name in names {
        properties.extend(codes.properties(place, name));
    }
    properties
}

fn property_parts(codes: &Shared<'_>, property: &Property) -> Vec<Value> {
    let mut parts = vec![
        entry("code", "valueCode", property.code.as_str()),
        entry("value", &property.kind, property.value.clone()),
    ];
    if matches!(property.code.as_str(), "parent" | "child")
        && let Some(found) = codes.find(&property.text())
        && let Some(display) = codes.concept(found.place).display
    {
        parts.push(entry("description", "valueString", display));
    }
    parts
}

/// `CodeSystem/$subsumes`.
///
/// # Errors
/// 404 when a code is not here; 422 for CPT, whose codes have no hierarchy.
pub(super) fn subsumes(term: &Terminology<'_>, input: &Input) -> FhirResult<Value> {
    let one = coding(input, "codingA", "codeA", "codeA")?;
    let other = coding(input, "codingB", "codeB", "codeB")?;
    if one.system != other.system {
        return Err(FhirError::invalid("the two codes are of different systems"));
    }
    let codes = resolve(term, &one)?;
    if canonical::by_url(codes.url()).is_some_and(|known| known.system == CodeSystem::Cpt) {
        return Err(FhirError::not_supported("CPT has no hierarchy of codes"));
    }
    let (a, b) = (find(&codes, &one.code)?, find(&codes, &other.code)?);
    let outcome = if a == b {
        "equivalent"
    } else if codes.subtree(a).contains(&b) {
        "subsumes"
    } else if codes.subtree(b).contains(&a) {
        "subsumed-by"
    } else {
        "not-subsumed"
    };
    let mut output = Output::default();
    output.add("outcome", "valueCode", outcome);
    Ok(output.into_json())
}

/// The code of a question: as a Coding, or as a code beside `system` and `version`.
///
/// # Errors
/// When there is none, or no system.
pub(super) fn coding(input: &Input, whole: &str, code: &str, at: &str) -> FhirResult<Coding> {
    let mut coding = match input.wholes(whole).next() {
        Some(value) => Coding::read(value, whole),
        None => Coding::read(&json!({ "code": input.text(code)? }), at),
    };
    if coding.code.is_empty() {
        return Err(FhirError::required(format!(
            "there is no code: looked for {whole} and {code}"
        )));
    }
    if coding.system.is_none() {
        coding.system = input.text("system")?.map(str::to_owned);
    }
    if coding.version.is_none() {
        coding.version = input.text("version")?.map(str::to_owned);
    }
    if coding.system.is_none() {
        return Err(FhirError::required("there is no system"));
    }
    Ok(coding)
}

/// The code system of a coding.
///
/// # Errors
/// 404 when it is not here.
pub(super) fn resolve<'a>(term: &Terminology<'a>, coding: &Coding) -> FhirResult<Shared<'a>> {
    let url = coding.system.as_deref().unwrap_or("");
    term.resolve(url, coding.version.as_deref())
        .map_err(|unknown| unknown.error(StatusCode::NOT_FOUND, "the code cannot be looked up"))
}

fn find(codes: &Shared<'_>, code: &str) -> FhirResult<Place> {
    if let Some(found) = codes.find(code) {
        return Ok(found.place);
    }
    let text = format!(
        "Unknown code{} in the CodeSystem '{}' version '{}'",
        code_or_none(code),
        codes.url(),
        codes.version().unwrap_or("")
    );
    let issue = Issue::new(Severity::Error, "not-found", text)
        .detail("invalid-code")
        .message("Unknown_Code_in_Version");
    Err(FhirError::new(StatusCode::NOT_FOUND, issue))
}
