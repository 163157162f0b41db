//! Value sets: the implicit ones of the bundle, those that come with a request, and their
//! definitions made ready to be asked.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use axum::http::StatusCode;
use codesets::CodeSystem;
use serde_json::{Value, json};

use super::canonical;
use super::concepts::{Codes, Designation, Place, Shared, same};
use super::filters::Filter;
use super::outcome::{FhirError, FhirResult, Issue, Severity, address_or_none};
use super::sent::designations_of;
use super::terminology::{Terminology, UnknownSystem};

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

/// A value set, ready.
#[derive(Clone)]
pub(super) struct ValueSet<'a> {
    /// The resource.
    pub(super) resource: Value,
    include: Vec<Include<'a>>,
    exclude: Vec<Include<'a>>,
}

/// A part of a definition.
#[derive(Clone)]
struct Include<'a> {
    codes: Option<Shared<'a>>,
    listed: Option<Rc<Vec<Listed>>>,
    filters: Rc<Vec<Filter>>,
    sets: Vec<Rc<ValueSet<'a>>>,
    engine: Option<Engine>,
}

/// An include that search answers as it is: a whole loaded system, or its billable codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Engine {
    /// The system.
    pub(super) system: CodeSystem,
    /// Whether only codes that can be billed are in it.
    pub(super) billable: bool,
}

/// A concept that a definition names.
#[derive(Debug)]
struct Listed {
    place: Option<Place>,
    display: Option<String>,
    designations: Vec<Designation>,
}

/// A code of a value set.
#[derive(Clone)]
pub(super) struct Member<'a> {
    /// Its code system.
    pub(super) codes: Shared<'a>,
    /// Where it is in it.
    pub(super) place: Place,
    /// The words that the definition gives it in place of the code system's.
    pub(super) display: Option<String>,
    /// The other names that the definition gives it.
    pub(super) designations: Vec<Designation>,
}

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

impl<'a> ValueSet<'a> {
    /// `url|version`, as messages name it.
    pub(super) fn canonical(&self) -> String {
        let text = |name: &str| self.resource.get(name).and_then(Value::as_str);
        match (text("url"), text("version")) {
            (Some(url), Some(version)) => format!("{url}|{version}"),
            (Some(url), None) => url.to_owned(),
            (None, _) => "urn:codebook:sent".to_owned(),
        }
    }

    /// Whether inactive codes are in it; `None` when the definition does not say.
    pub(super) fn takes_inactive(&self) -> Option<bool> {
        self.resource.get("compose")?.get("inactive")?.as_bool()
    }

    /// The whole value set as search answers it, if it does.
    pub(super) fn engines(&self) -> Option<Vec<Engine>> {
        if !self.exclude.is_empty() || self.include.is_empty() {
            return None;
        }
        self.include.iter().map(|include| include.engine).collect()
    }

    /// The code systems of its includes, those of other value sets too.
    pub(super) fn systems(&self) -> Vec<Shared<'a>> {
        let mut systems: Vec<Shared<'a>> = Vec::new();
        for include in &self.include {
            let below = include.sets.iter().flat_map(|set| set.systems());
            for codes in include.codes.iter().cloned().chain(below) {
                if !systems.iter().any(|known| same(known, &codes)) {
                    systems.push(codes);
                }
            }
        }
        systems
    }

    /// Whether the code at `place` of `codes` is in it.
    ///
    /// # Errors
    /// When the request has looked at as many concepts as it may.
    pub(super) fn holds(
        &self,
        term: &Terminology<'_>,
        codes: &Shared<'_>,
        place: Place,
    ) -> FhirResult<bool> {
        term.server
            .visit(1 + self.include.len() + self.exclude.len())?;
        let any = |parts: &[Include<'_>]| -> FhirResult<bool> {
            for part in parts {
                if part.holds(term, codes, place)? {
                    return Ok(true);
                }
            }
            Ok(false)
        };
        Ok(any(&self.include)? && !any(&self.exclude)?)
    }

    /// Its codes, each once, in the order of the definition and of their code systems.
    ///
    /// # Errors
    /// As [`ValueSet::holds`].
    pub(super) fn members(&self, term: &Terminology<'_>) -> FhirResult<Vec<Member<'a>>> {
        let mut members = Vec::new();
        for include in &self.include {
            members.extend(include.members(term)?);
        }
        if self.include.len() > 1 || self.include.iter().any(|include| include.listed.is_some()) {
            let mut seen = HashSet::new();
            members.retain(|member: &Member<'_>| {
                let address = Arc::as_ptr(&member.codes).cast::<()>().addr();
                seen.insert((address, member.place))
            });
        }
        if self.exclude.is_empty() {
            return Ok(members);
        }
        let mut kept = Vec::new();
        'members: for member in members {
            for exclude in &self.exclude {
                if exclude.holds(term, &member.codes, member.place)? {
                    continue 'members;
                }
            }
            kept.push(member);
        }
        Ok(kept)
    }

    /// The words that the definition gives a code.
    pub(super) fn words_for(&self, codes: &Shared<'_>, place: Place) -> Vec<String> {
        let own = self.include.iter().filter(|include| {
            let system = include.codes.as_ref();
            system.is_some_and(|system| same(system, codes))
        });
        let listed = own
            .filter_map(|include| include.listed.as_deref())
            .flatten();
        listed
            .filter(|listed| listed.place == Some(place))
            .flat_map(|listed| {
                let others = listed.designations.iter().map(|other| other.value.clone());
                listed.display.iter().cloned().chain(others)
            })
            .collect()
    }
}

impl<'a> Include<'a> {
    fn holds(&self, term: &Terminology<'_>, codes: &Shared<'_>, place: Place) -> FhirResult<bool> {
        if let Some(own) = &self.codes {
            let is_listed = self
                .listed
                .as_ref()
                .is_none_or(|listed| listed.iter().any(|listed| listed.place == Some(place)));
            let passes = same(own, codes)
                && is_listed
                && self
                    .filters
                    .iter()
                    .all(|filter| filter.passes(codes, place));
            if !passes {
                return Ok(false);
            }
        }
        for set in &self.sets {
            if !set.holds(term, codes, place)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn members(&self, term: &Terminology<'_>) -> FhirResult<Vec<Member<'a>>> {
        let mut members = match (&self.codes, &self.listed, self.sets.first()) {
            (Some(codes), Some(listed), _) => {
                term.server.visit(listed.len())?;
                listed
                    .iter()
                    .filter_map(|listed| listed.member(codes))
                    .collect()
            }
            (Some(codes), None, _) => {
                let within = self.filters.iter().find_map(|filter| match filter {
                    Filter::Within(range) => Some(range.clone()),
                    _ => None,
                });
                let range = within.unwrap_or_else(|| codes.span());
                term.server.visit(range.len() * (1 + self.filters.len()))?;
                let places = range.filter(|place| codes.holds(*place));
                places.map(|place| Member::new(codes, place)).collect()
            }
            (None, _, Some(set)) => set.members(term)?,
            (None, _, None) => Vec::new(),
        };
        if let Some(codes) = &self.codes {
            members.retain(|member: &Member<'_>| {
                let mut filters = self.filters.iter();
                filters.all(|filter| filter.passes(codes, member.place))
            });
        }
        let mut kept = Vec::with_capacity(members.len());
        'members: for member in members {
            for set in &self.sets {
                if !set.holds(term, &member.codes, member.place)? {
                    continue 'members;
                }
            }
            kept.push(member);
        }
        Ok(kept)
    }
}

impl Listed {
    fn member<'a>(&self, codes: &Shared<'a>) -> Option<Member<'a>> {
        Some(Member {
            display: self.display.clone(),
            designations: self.designations.clone(),
            ..Member::new(codes, self.place?)
        })
    }
}

impl<'a> Member<'a> {
    /// A code in the words of its code system.
    pub(super) fn new(codes: &Shared<'a>, place: Place) -> Member<'a> {
        Member {
            codes: Arc::clone(codes),
            place,
            display: None,
            designations: Vec::new(),
        }
    }
}
