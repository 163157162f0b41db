//! Definitions of value sets, made ready to be asked: references followed, filters read.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::canonical;
use super::concepts::Shared;
use super::filters::Filter;
use super::implicit_sets::implicit;
use super::outcome::{FhirError, Issue, Severity, address_or_none};
use super::sent::designations_of;
use super::terminology::{Terminology, UnknownSystem};
use super::value_sets::{Engine, Include, Listed, ValueSet};

/// How deep value sets may refer to others.
const MOST_DEPTH: usize = 16;

/// Why a value set cannot be used.
#[derive(Debug)]
pub(super) enum ValueSetError {
    /// A code system that it includes is not here.
    UnknownSystem(UnknownSystem),
    /// A value set is not here: itself, or one it refers to.
    UnknownSet(String),
    /// Its definition cannot be used.
    Unusable(Box<FhirError>),
}

impl From<Box<FhirError>> for ValueSetError {
    fn from(error: Box<FhirError>) -> ValueSetError {
        ValueSetError::Unusable(error)
    }
}

impl ValueSetError {
    /// The error of an expansion that the value set prevents.
    pub(super) fn into_error(self) -> Box<FhirError> {
        match self {
            ValueSetError::Unusable(error) => error,
            ValueSetError::UnknownSystem(unknown) => unknown.error(
                StatusCode::UNPROCESSABLE_ENTITY,
                "the value set cannot be expanded",
            ),
            ValueSetError::UnknownSet(canonical) => {
                let issue = unknown_set(&address_or_none(&canonical));
                FhirError::new(StatusCode::NOT_FOUND, issue)
            }
        }
    }
}

/// The issue of a value set that is not here; `quoted` is its address, or nothing.
pub(super) fn unknown_set(quoted: &str) -> Issue {
    let text = format!("A definition for the value Set{quoted} could not be found");
    Issue::new(Severity::Error, "not-found", text)
        .detail("not-found")
        .message("Unable_to_resolve_value_Set_")
}

/// Makes definitions ready, each once.
pub(super) struct Reader<'t, 'a> {
    term: &'t Terminology<'a>,
    ready: RefCell<HashMap<String, Rc<ValueSet<'a>>>>,
    open: RefCell<Vec<String>>,
}

impl<'t, 'a> Reader<'t, 'a> {
    /// A reader of the value sets that a question sees.
    pub(super) fn new(term: &'t Terminology<'a>) -> Reader<'t, 'a> {
        Reader {
            term,
            ready: RefCell::default(),
            open: RefCell::default(),
        }
    }

    /// The value set at `canonical`.
    ///
    /// # Errors
    /// When it, or something that it refers to, is not here or cannot be used.
    pub(super) fn at(&self, canonical: &str) -> Result<Rc<ValueSet<'a>>, ValueSetError> {
        if let Some(ready) = self.ready.borrow().get(canonical) {
            return Ok(Rc::clone(ready));
        }
        let (url, version) = canonical::split(canonical);
        if self.open.borrow().contains(&url) {
            return Err(ValueSetError::Unusable(circular(&url)));
        }
        let sent = self.term.sent_set(&url, version).cloned();
        let resource = sent
            .or_else(|| implicit(self.term, &url, version))
            .ok_or_else(|| ValueSetError::UnknownSet(canonical.to_owned()))?;
        self.open.borrow_mut().push(url);
        let ready = self.read(resource).map(Rc::new);
        self.open.borrow_mut().pop();
        let ready = ready?;
        let known = Rc::clone(&ready);
        self.ready.borrow_mut().insert(canonical.to_owned(), known);
        Ok(ready)
    }

    /// Makes the definition of a resource ready.
    ///
    /// # Errors
    /// As [`Reader::at`].
    pub(super) fn read(&self, resource: Value) -> Result<ValueSet<'a>, ValueSetError> {
        if resource.get("resourceType").and_then(Value::as_str) != Some("ValueSet") {
            return Err(FhirError::invalid("the resource is not a ValueSet").into());
        }
        if self.open.borrow().len() > MOST_DEPTH {
            return Err(FhirError::bad_value_set("value sets refer to others too deep").into());
        }
        let compose = match resource.get("compose") {
            Some(compose) => compose.clone(),
            None => {
                let mut include = Vec::new();
                of_expansion(
                    resource.get("expansion").unwrap_or(&Value::Null),
                    &mut include,
                );
                json!({ "include": include })
            }
        };
        let parts = |name: &str| -> Result<Vec<Include<'a>>, ValueSetError> {
            let parts = compose.get(name).and_then(Value::as_array);
            let parts = parts.into_iter().flatten().enumerate();
            parts
                .map(|(number, part)| {
                    self.include(part, &format!("ValueSet.compose.{name}[{number}]"))
                })
                .collect()
        };
        Ok(ValueSet {
            include: parts("include")?,
            exclude: parts("exclude")?,
            resource,
        })
    }

    fn include(&self, part: &Value, path: &str) -> Result<Include<'a>, ValueSetError> {
        let text = |name: &str| part.get(name).and_then(Value::as_str);
        let array = |name: &str| part.get(name).and_then(Value::as_array);
        let codes = match text("system") {
            None => None,
            Some(url) => {
                let resolved = self.term.resolve(url, text("version"));
                Some(resolved.map_err(ValueSetError::UnknownSystem)?)
            }
        };
        let sets = array("valueSet").into_iter().flatten();
        let sets = sets
            .filter_map(Value::as_str)
            .map(|canonical| self.at(canonical))
            .collect::<Result<Vec<_>, _>>()?;
        let mut filters = Vec::new();
        for (number, filter) in array("filter").into_iter().flatten().enumerate() {
            let Some(codes) = &codes else {
                return Err(
                    FhirError::bad_value_set("an include has a filter and no system").into(),
                );
            };
            filters.push(Filter::read(
                filter,
                codes,
                &format!("{path}.filter[{number}]"),
            )?);
        }
        if codes.is_none() && sets.is_empty() {
            let text = "an include has neither a system nor a valueSet";
            return Err(FhirError::bad_value_set(text).into());
        }
        let listed = array("concept").zip(codes.as_ref());
        Ok(Include {
            engine: engine(part, listed.is_some() || !sets.is_empty()),
            listed: listed.map(|(concepts, codes)| Rc::new(read_listed(concepts, codes))),
            codes,
            filters: Rc::new(filters),
            sets,
        })
    }
}

/// The include as search answers it, if it does.
fn engine(part: &Value, has_more: bool) -> Option<Engine> {
    let system = canonical::by_url(part.get("system")?.as_str()?)?.system;
    let filters = part.get("filter").and_then(Value::as_array);
    let billable = match filters.map(Vec::as_slice) {
        None | Some([]) => false,
        Some([one]) => {
            let is = |name: &str, text: &str| one.get(name).and_then(Value::as_str) == Some(text);
            if !(is("property", "billable") && is("op", "=") && is("value", "true")) {
                return None;
            }
            true
        }
        Some(_) => return None,
    };
    (!has_more).then_some(Engine { system, billable })
}

fn read_listed(concepts: &[Value], codes: &Shared<'_>) -> Vec<Listed> {
    let read = |concept: &Value| {
        let text = |name: &str| concept.get(name).and_then(Value::as_str);
        let code = text("code")?;
        Some(Listed {
            place: codes.find(code).map(|found| found.place),
            display: text("display").map(str::to_owned),
            designations: designations_of(concept),
        })
    };
    concepts.iter().filter_map(read).collect()
}

/// What a resource without a definition includes: the codes of its expansion, nested or not.
fn of_expansion(part: &Value, include: &mut Vec<Value>) {
    let contains = part.get("contains").and_then(Value::as_array);
    for one in contains.into_iter().flatten() {
        let text = |name: &str| one.get(name).and_then(Value::as_str);
        if let (Some(system), Some(code)) = (text("system"), text("code")) {
            include.push(json!({
                "system": system,
                "version": text("version"),
                "concept": [{ "code": code, "display": text("display") }],
            }));
        }
        of_expansion(one, include);
    }
}

fn circular(url: &str) -> Box<FhirError> {
    let text = format!("Found a circularity pointing to{}", address_or_none(url));
    let issue = Issue::new(Severity::Error, "processing", text)
        .detail("vs-invalid")
        .message("VALUESET_CIRCULAR_REFERENCE");
    FhirError::new(StatusCode::BAD_REQUEST, issue)
}
