//! The filters of a value set's definition, made ready to be asked of every concept.

use std::ops::Range;

use regex::{Regex, RegexBuilder};
use serde_json::Value;

use super::concepts::{Place, Shared};
use super::outcome::{FhirError, FhirResult, Issue, Severity};

/// The longest pattern that is read, and the most memory that it may take, in bytes.
const MOST_PATTERN_BYTES: usize = 1000;
const MOST_REGEX_BYTES: usize = 1 << 20;

/// The operators that are read.
const OPERATORS: [&str; 11] = [
    "is-a",
    "descendent-of",
    "is-not-a",
    "child-of",
    "descendent-leaf",
    "generalizes",
    "regex",
    "=",
    "in",
    "not-in",
    "exists",
];

/// One filter of an include, ready.
#[derive(Debug)]
pub(super) enum Filter {
    /// The concepts of a run: a concept with or without what is below it.
    Within(Range<Place>),
    /// Every concept outside of a run.
    Outside(Range<Place>),
    /// The named concepts.
    Listed(Vec<Place>),
    /// Concepts whose property matches a pattern whole.
    Matching(String, Box<Regex>),
    /// Concepts with one of these values of a property.
    Valued(String, Vec<String>),
    /// Concepts without any of these values of a property.
    NotValued(String, Vec<String>),
    /// Concepts that have, or lack, a property.
    Having(String, bool),
}

impl Filter {
    /// Reads a filter of an include of `codes`; `path` is where it stands.
    ///
    /// # Errors
    /// When it has no value, an operator that is not known, or a property that the system
    /// does not have.
    pub(super) fn read(filter: &Value, codes: &Shared<'_>, path: &str) -> FhirResult<Filter> {
        let text = |name: &str| filter.get(name).and_then(Value::as_str).unwrap_or("");
        let (property, op, value) = (text("property"), text("op"), text("value"));
        if property.is_empty() || op.is_empty() {
            return Err(FhirError::bad_value_set(
                "a filter has no property or no op",
            ));
        }
        if value.is_empty() {
            return Err(no_value(codes, op, path));
        }
        let is_concept = matches!(property, "concept" | "code");
        match op {
            "is-a" | "descendent-of" | "is-not-a" | "child-of" | "generalizes"
            | "descendent-leaf" => {
                if !is_concept {
                    return Err(FhirError::not_supported(format!(
                        "the operator {op} is for the property concept"
                    )));
                }
                hierarchy(op, value, codes)
            }
            "regex" => Ok(Filter::Matching(
                known(property, is_concept, codes)?,
                Box::new(pattern(value)?),
            )),
            "=" if is_concept => listed(std::iter::once(value), codes),
            "in" if is_concept => listed(value.split(','), codes),
            "=" => Ok(Filter::Valued(
                known(property, false, codes)?,
                vec![value.to_owned()],
            )),
            "in" => Ok(Filter::Valued(known(property, false, codes)?, list(value))),
            "not-in" => Ok(Filter::NotValued(
                known(property, is_concept, codes)?,
                list(value),
            )),
            "exists" => match value {
                "true" | "false" => {
                    let property = known(property, is_concept, codes)?;
                    Ok(Filter::Having(property, value == "true"))
                }
                _ => Err(FhirError::bad_value_set(
                    "the value of exists is true or false",
                )),
            },
            _ => {
                let known = OPERATORS.join(", ");
                let text = format!("the operator of a filter is not one of {known}");
                Err(FhirError::not_supported(text))
            }
        }
    }

    /// Whether the concept at `place` passes.
    pub(super) fn passes(&self, codes: &Shared<'_>, place: Place) -> bool {
        match self {
            Filter::Within(range) => range.contains(&place),
            Filter::Outside(range) => !range.contains(&place),
            Filter::Listed(places) => places.contains(&place),
            Filter::Matching(property, regex) => values(codes, place, property)
                .iter()
                .any(|value| regex.is_match(value)),
            Filter::Valued(property, wanted) => values(codes, place, property)
                .iter()
                .any(|value| wanted.contains(value)),
            Filter::NotValued(property, unwanted) => !values(codes, place, property)
                .iter()
                .any(|value| unwanted.contains(value)),
            Filter::Having(property, wanted) => {
                values(codes, place, property).is_empty() != *wanted
            }
        }
    }
}

/// What a concept says under a property, as text; `code` and `display` are properties here too.
fn values(codes: &Shared<'_>, place: Place, property: &str) -> Vec<String> {
    match property {
        "code" | "concept" => vec![codes.code(place)],
        "display" => codes.concept(place).display.into_iter().collect(),
        _ => {
            let properties = codes.properties(place, property);
            properties.iter().map(|property| property.text()).collect()
        }
    }
}

/// The name of a property that the system has.
fn known(property: &str, is_concept: bool, codes: &Shared<'_>) -> FhirResult<String> {
    if is_concept || matches!(property, "code" | "display") || codes.has_property(property) {
        return Ok(property.to_owned());
    }
    Err(FhirError::bad_value_set(
        "a filter names a property that its code system does not declare",
    ))
}

fn no_value(codes: &Shared<'_>, op: &str, path: &str) -> Box<FhirError> {
    let text = format!(
        "The system {} filter with property = concept, op = {} has no value",
        codes.url(),
        OPERATORS.iter().find(|known| **known == op).unwrap_or(&"…"),
    );
    let issue = Issue::new(Severity::Error, "invalid", text)
        .detail("vs-invalid")
        .message("UNABLE_TO_HANDLE_SYSTEM_FILTER_WITH_NO_VALUE")
        .at(format!("{path}.value"));
    FhirError::new(axum::http::StatusCode::UNPROCESSABLE_ENTITY, issue)
}

/// A filter by hierarchy; nothing is below a code that the system does not have.
fn hierarchy(op: &str, value: &str, codes: &Shared<'_>) -> FhirResult<Filter> {
    let Some(place) = codes.anchor(value) else {
        return Ok(match op {
            "is-not-a" => Filter::Outside(0..0),
            _ => Filter::Within(0..0),
        });
    };
    let below = codes.subtree(place);
    Ok(match op {
        "is-a" => Filter::Within(below),
        "descendent-of" => Filter::Within(below.start + 1..below.end),
        "is-not-a" => Filter::Outside(below),
        "child-of" => Filter::Listed(codes.children(place)),
        "descendent-leaf" => {
            let is_leaf = |place: &Place| codes.holds(*place) && codes.subtree(*place).len() == 1;
            Filter::Listed((below.start + 1..below.end).filter(is_leaf).collect())
        }
        _ => {
            let mut above = vec![place];
            let mut next = codes.parent(place);
            while let Some(parent) = next.filter(|parent| above.last() > Some(parent)) {
                above.push(parent);
                next = codes.parent(parent);
            }
            Filter::Listed(above)
        }
    })
}

fn listed<'a>(names: impl Iterator<Item = &'a str>, codes: &Shared<'_>) -> FhirResult<Filter> {
    let found = names.filter_map(|name| codes.find(name.trim()));
    Ok(Filter::Listed(found.map(|found| found.place).collect()))
}

fn list(value: &str) -> Vec<String> {
    value
        .split(',')
        .map(|part| part.trim().to_owned())
        .collect()
}

/// The pattern, which must match a value whole; matching takes linear time.
fn pattern(text: &str) -> FhirResult<Regex> {
    if text.len() > MOST_PATTERN_BYTES {
        let text = format!("a pattern has more than {MOST_PATTERN_BYTES} bytes");
        return Err(FhirError::bad_value_set(text));
    }
    RegexBuilder::new(&format!("^(?:{text})$"))
        .size_limit(MOST_REGEX_BYTES)
        .dfa_size_limit(MOST_REGEX_BYTES)
        .build()
        .map_err(|_| {
            FhirError::bad_value_set("a pattern is not a regular expression, or is too large")
        })
}
