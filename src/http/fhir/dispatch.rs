//! Which address asks for what; batches ask through it too.

use axum::http::{StatusCode, Uri};
use serde_json::{Value, json};

use super::Base;
use super::capability;
use super::concept_operations as concepts;
use super::expand::expand;
use super::implicit_sets;
use super::outcome::{FhirError, FhirResult, Issue, Severity};
use super::parameters::Input;
use super::resources::{self, Kind};
use super::terminology::{Server, Terminology};
use super::translate::{map_url, translate};
use super::validate;

/// The most entries of a batch.
const MOST_ENTRIES: usize = 256;

/// A question, wherever it came from.
#[derive(Debug)]
pub(super) struct Question {
    /// The base it was asked at.
    pub(super) base: Base,
    /// The address below the base, in parts.
    pub(super) path: Vec<String>,
    /// Whether it was asked by POST.
    pub(super) is_post: bool,
    /// The parameters of the address, and of a form.
    pub(super) pairs: Vec<(String, String)>,
    /// The body, if there is one.
    pub(super) body: Option<Value>,
    /// The base's own address, for links.
    pub(super) root: Option<String>,
    /// Whether plain JSON is asked for, rather than FHIR's.
    pub(super) is_plain: bool,
}

/// Answers a question with a resource.
///
/// # Errors
/// When it cannot be read or answered.
pub(super) fn answer(server: Server<'_>, question: Question) -> FhirResult<Value> {
    let path: Vec<&str> = question.path.iter().map(String::as_str).collect();
    match (&*path, question.is_post) {
        ([], true) => return batch(server, &question),
        ([], false) | (["metadata"], _) => {
            let input = Input::from_pairs(&question.pairs);
            return metadata(server, &input, question.base);
        }
        (["$versions"], _) => return Ok(capability::versions(question.base, question.is_plain)),
        _ => {}
    }
    let base = question.base;
    let [kind, rest @ ..] = &*path else {
        return Err(nothing());
    };
    let kind = Kind::named(kind).ok_or_else(nothing)?;
    let mut input = Input::from_pairs(&question.pairs);
    match (rest, question.is_post) {
        ([], false) | (["_search"], _) => {
            let term = Terminology::new(server, &input)?;
            resources::search(&term, kind, &input, base, question.root.as_deref())
        }
        ([operation], _) if operation.starts_with('$') => {
            input.take(question.body)?;
            operate(server, kind, operation, input, base)
        }
        ([id], false) => resources::read(&Terminology::new(server, &input)?, kind, id, base),
        ([id, operation], _) if operation.starts_with('$') => {
            input.take(question.body)?;
            let term = Terminology::new(server, &Input::default())?;
            name_instance(&term, kind, id, &mut input)?;
            operate(server, kind, operation, input, base)
        }
        ([] | [_], true) => Err(method_not_allowed()),
        _ => Err(nothing()),
    }
}

/// Says by parameters what the address of an instance says.
fn name_instance(
    term: &Terminology<'_>,
    kind: Kind,
    id: &str,
    input: &mut Input,
) -> FhirResult<()> {
    let missing =
        || FhirError::not_found("no resource has this id; a search lists those there are");
    match kind {
        Kind::CodeSystem => {
            let (url, version) = capability::instance_version(term, id).ok_or_else(missing)?;
            input.default_to("system", &url);
            input.default_to("url", &url);
            if let Some(version) = version {
                input.default_to("version", &version);
            }
        }
        Kind::ValueSet => {
            let readable = implicit_sets::readable(term.bundle().systems());
            let (_, url) = readable
                .into_iter()
                .find(|(known, _)| known == id)
                .ok_or_else(missing)?;
            input.default_to("url", &url);
        }
        Kind::ConceptMap => {
            let mut maps = term.bundle().manifest().maps.iter();
            let map = maps.find(|map| map.name == id).ok_or_else(missing)?;
            input.default_to("url", &map_url(&map.name));
        }
    }
    Ok(())
}

fn operate(
    server: Server<'_>,
    kind: Kind,
    operation: &str,
    input: Input,
    base: Base,
) -> FhirResult<Value> {
    if operation == "$batch-validate-code" {
        let one = |part: &Input| {
            let term = Terminology::new(server, part)?;
            match kind {
                Kind::CodeSystem => validate::in_code_system(&term, part),
                Kind::ValueSet => in_either(&term, part),
                Kind::ConceptMap => Err(nothing()),
            }
        };
        return validate::batch(&input, one);
    }
    let term = Terminology::new(server, &input)?;
    match (kind, operation) {
        (Kind::CodeSystem, "$lookup") => concepts::lookup(&term, &input),
        (Kind::CodeSystem, "$subsumes") => concepts::subsumes(&term, &input),
        (Kind::CodeSystem, "$validate-code") => validate::in_code_system(&term, &input),
        (Kind::ValueSet, "$validate-code") => validate::in_value_set(&term, &input),
        (Kind::ValueSet, "$expand") => expand(&term, &input),
        (Kind::ConceptMap, "$translate") => translate(&term, &input, base),
        _ => Err(nothing()),
    }
}

/// Validators put both kinds into one batch: without a value set, the code system is asked.
fn in_either(term: &Terminology<'_>, part: &Input) -> FhirResult<Value> {
    if part.text("url")?.is_none() && part.wholes("valueSet").next().is_none() {
        return validate::in_code_system(term, part);
    }
    validate::in_value_set(term, part)
}

fn metadata(server: Server<'_>, input: &Input, base: Base) -> FhirResult<Value> {
    match input.text("mode")? {
        None | Some("full" | "normative") => Ok(capability::statement(base)),
        Some("terminology") => Ok(capability::terminology(
            &Terminology::new(server, input)?,
            base,
        )),
        Some(_) => Err(FhirError::invalid("mode is full, normative or terminology")),
    }
}

/// Answers each entry of a batch by itself.
fn batch(server: Server<'_>, question: &Question) -> FhirResult<Value> {
    let body = question.body.as_ref().unwrap_or(&Value::Null);
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    if text("resourceType") != Some("Bundle") {
        return Err(FhirError::invalid("the body's resourceType is not Bundle"));
    }
    if text("type") != Some("batch") {
        return Err(FhirError::not_supported("the Bundle's type is not batch"));
    }
    let entries = body.get("entry").and_then(Value::as_array);
    let entries = entries.map_or(&[][..], Vec::as_slice);
    if entries.len() > MOST_ENTRIES {
        let text = format!(
            "the batch has {} entries, at most {MOST_ENTRIES} are read",
            entries.len()
        );
        return Err(FhirError::too_costly(text));
    }
    let answered: Vec<Value> = entries
        .iter()
        .map(|entry| {
            let answer = entry_question(entry, question).and_then(|one| answer(server, one));
            match answer {
                Ok(resource) => json!({ "resource": resource, "response": { "status": "200" } }),
                Err(error) => json!({
                    "response": { "status": error.status.as_str(), "outcome": error.to_json() },
                }),
            }
        })
        .collect();
    let mut bundle = json!({ "resourceType": "Bundle", "type": "batch-response" });
    if let (Some(bundle), false) = (bundle.as_object_mut(), answered.is_empty()) {
        bundle.insert("entry".to_owned(), json!(answered));
    }
    Ok(bundle)
}

/// The question of a batch's entry; a batch within a batch is none.
fn entry_question(entry: &Value, batch: &Question) -> FhirResult<Question> {
    let request = entry.get("request").unwrap_or(&Value::Null);
    let text = |name: &str| request.get(name).and_then(Value::as_str);
    let (Some(method), Some(url)) = (text("method"), text("url")) else {
        return Err(FhirError::required(
            "an entry has no request.method or no request.url",
        ));
    };
    if !matches!(method, "GET" | "POST") {
        return Err(method_not_allowed());
    }
    let base = format!("/fhir/{}/", batch.base.name());
    let below = match url.split_once(&base) {
        Some((_, below)) => below,
        None => url.trim_start_matches('/'),
    };
    let unread = || FhirError::invalid("an entry's request.url cannot be read");
    let uri: Uri = format!("/{below}").parse().map_err(|_| unread())?;
    let pairs = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&uri);
    let axum::extract::Query(pairs) = pairs.map_err(|_| unread())?;
    let path: Vec<String> = parts(&uri.path().replace("%24", "$"));
    if path.is_empty() {
        return Err(FhirError::not_supported("a batch holds no batches"));
    }
    Ok(Question {
        base: batch.base,
        path,
        is_post: method == "POST",
        pairs,
        body: entry.get("resource").cloned(),
        root: batch.root.clone(),
        is_plain: false,
    })
}

/// The parts of an address, without empty ones.
pub(super) fn parts(path: &str) -> Vec<String> {
    let parts = path.split('/').filter(|part| !part.is_empty());
    parts.map(str::to_owned).collect()
}

fn nothing() -> Box<FhirError> {
    FhirError::not_found("nothing is at this address; metadata lists what there is")
}

/// The error of a method that an address does not take.
pub(super) fn method_not_allowed() -> Box<FhirError> {
    let text = "the address does not take this method: nothing can be written here";
    let issue = Issue::new(Severity::Error, "not-supported", text);
    FhirError::new(StatusCode::METHOD_NOT_ALLOWED, issue)
}
