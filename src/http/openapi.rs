//! The description of the API: OpenAPI 3.1, made from the handlers, and the page that shows it.
//!
//! A handler's annotation stands above the handler and says what is its own:
//! address, parameters, body, answer. What all operations share is added here:
//! the problems, the request's id, and the examples, which are real answers.

mod examples;
mod page;

use std::sync::Arc;

use axum::Extension;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use utoipa::OpenApi;

use super::errors::{PROBLEM_JSON, Problem};
use super::v1::lines::NDJSON;

pub use examples::{EXAMPLES, Example};
pub(super) use page::problem_page;

/// What the document says before its operations.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "codebook",
        description = "Medical coding from clinical phrases: ranked search over code sets, code \
                       lookup, and the releases that answer on a day of service.\n\nEvery \
                       question has a `date`, the day of service, which decides the release; \
                       every answer names the releases that answered. Errors are RFC 9457 \
                       problems with stable codes, described at `/problems/{code}`. Every answer \
                       has the header `X-Request-Id`: the request's own, or a new one.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    tags(
        (name = "search", description = "From a phrase to ranked codes"),
        (name = "codes", description = "The code book, release by release"),
        (name = "edits", description = "May the codes of a claim stand together?"),
        (name = "service", description = "Health, version and metrics"),
    ),
    components(schemas(Problem)),
)]
struct Head;

/// The document before any operation is in it.
pub(super) fn head() -> utoipa::openapi::OpenApi {
    Head::openapi()
}

/// The document and its page, ready to be sent.
#[derive(Debug)]
pub struct Description {
    json: Vec<u8>,
    html: String,
    tag: String,
}

impl Description {
    /// The description of the operations in `document`.
    pub(super) fn new(document: &utoipa::openapi::OpenApi) -> Description {
        let document = completed(serde_json::to_value(document).unwrap_or_default());
        let json = serde_json::to_vec_pretty(&document).unwrap_or_default();
        Description {
            html: page::html(&document),
            tag: format!("\"{:016x}\"", indexer::text::digest(&json)),
            json,
        }
    }

    fn answer(&self, headers: &HeaderMap, media_type: &'static str, body: Vec<u8>) -> Response {
        let known = headers
            .get(IF_NONE_MATCH)
            .is_some_and(|given| given == self.tag.as_str());
        let mut response = if known {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            body.into_response()
        };
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        if let Ok(tag) = HeaderValue::from_str(&self.tag) {
            headers.insert(ETAG, tag);
        }
        response
    }
}

/// `GET /openapi.json`.
pub(super) async fn document(
    Extension(description): Extension<Arc<Description>>,
    headers: HeaderMap,
) -> Response {
    description.answer(&headers, "application/json", description.json.clone())
}

/// `GET /docs`.
pub(super) async fn docs(
    Extension(description): Extension<Arc<Description>>,
    headers: HeaderMap,
) -> Response {
    let html = description.html.clone().into_bytes();
    description.answer(&headers, "text/html; charset=utf-8", html)
}

/// Adds to every operation what all of them share, and its examples.
fn completed(mut document: Value) -> Value {
    for (path, method, operation) in operations_mut(&mut document) {
        let takes_body = operation.contains_key("requestBody");
        let has_input = takes_body || operation.contains_key("parameters");
        let Some(responses) = operation
            .get_mut("responses")
            .and_then(Value::as_object_mut)
        else {
            continue;
        };
        for (_, response) in responses.iter_mut() {
            response["headers"]["X-Request-Id"] = json!({
                "description": "The id of the request",
                "schema": { "type": "string" },
            });
        }
        let mut problems = vec![("default", "Another problem")];
        if has_input {
            problems.push(("400", "The question cannot be read"));
            problems.push(("404", "There is no such system, chapter or code"));
            problems.push(("503", "Too much work is waiting"));
        }
        if takes_body {
            problems.push(("413", "The body is too large"));
            problems.push(("415", "The body is of another type"));
        }
        for (status, description) in problems {
            responses
                .entry(status)
                .or_insert_with(|| problem(description));
        }
        for example in EXAMPLES
            .iter()
            .filter(|example| example.route == path && example.method == method)
        {
            add_example(operation, example);
        }
    }
    add_lines(&mut document);
    document
}

/// The operations of a document with path and method.
fn operations_mut(
    document: &mut Value,
) -> impl Iterator<Item = (String, String, &mut Map<String, Value>)> {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    paths.into_iter().flatten().flat_map(|(path, methods)| {
        let path = path.clone();
        methods
            .as_object_mut()
            .into_iter()
            .flatten()
            .filter_map(move |(method, operation)| {
                let operation = operation.as_object_mut()?;
                Some((path.clone(), method.clone(), operation))
            })
    })
}

fn problem(description: &str) -> Value {
    json!({
        "description": description,
        "content": { PROBLEM_JSON: { "schema": { "$ref": "#/components/schemas/Problem" } } },
    })
}

/// Shows a question and its real answer in `operation`.
fn add_example(operation: &mut Map<String, Value>, example: &Example) {
    let answer: Value = serde_json::from_str(example.answer).unwrap_or_default();
    let shown = |value: Value| json!({ "summary": example.summary, "value": value });
    let status = example.status.to_string();
    let content = match operation
        .get_mut("responses")
        .and_then(|it| it.get_mut(&status))
    {
        Some(response) => &mut response["content"],
        None => return,
    };
    let media_type = if example.status == 200 {
        "application/json"
    } else {
        PROBLEM_JSON
    };
    content[media_type]["examples"][example.name] = shown(answer);
    if let Some(body) = example.body {
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        let content = operation
            .get_mut("requestBody")
            .map(|it| &mut it["content"]);
        if let Some(content) = content {
            content["application/json"]["examples"][example.name] = shown(body);
        }
    }
    // Shown by the page; the query of a GET is in no schema as a whole.
    operation.entry("x-requests").or_insert_with(|| json!({}))[example.name] = json!({
        "summary": example.summary, "uri": example.uri,
    });
}

/// Says in words which operations take and give JSON lines: OpenAPI 3.1 has no schema of a stream.
fn add_lines(document: &mut Value) {
    for (_, _, operation) in operations_mut(document) {
        let is_batch = operation
            .get("operationId")
            .and_then(Value::as_str)
            .is_some_and(|id| id.ends_with("Batch"));
        if is_batch {
            operation.insert("x-also-as".to_owned(), json!(NDJSON));
        }
    }
}
