//! The description of the API.
//!
//! 1. Every route of the router is in the document, and every operation of the document answers.
//! 2. Its references lead somewhere, its operations have names of their own and say what they do.
//! 3. The parameters of an operation are those that its handler reads.
//! 4. Its examples are what the embedded release answers.
//! 5. The page shows every operation, problem and type, and nothing from elsewhere.

use std::collections::BTreeSet;
use std::path::PathBuf;

use axum::body::Body;
use axum::http::Request;
use codebook::http::ROUTES;
use codebook::http::errors::ErrorCode;
use codebook::http::openapi::{EXAMPLES, Example};
use codebook::http::state::Limits;
use serde_json::Value;

use super::http_service::{Service, embedded};

/// Routes that are no operations: the pages and their files.
const PAGES: [&str; 6] = [
    "/",
    "/assets/{file}",
    "/favicon.ico",
    "/problems/{code}",
    "/openapi.json",
    "/docs",
];

/// Routes whose interface is another publisher's and described there.
const OTHERS: [&str; 5] = ["/fhir", "/api/", "/icd/", "/mcp", "/analytics/"];

async fn document() -> Value {
    let reply = Service::new().get("/openapi.json").await;
    assert_eq!(reply.header("content-type"), "application/json");
    reply.json()
}

fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            operations.push((path.clone(), method.clone(), operation.clone()));
        }
    }
    operations
}

/// An address of a route.
fn uri_of(path: &str) -> String {
    let code = if path.contains("/edits/") {
        "99213"
    } else {
        "A00"
    };
    let path = path.replace("{system}", "icd10cm").replace("{stub}", "0DT");
    path.replace("{code}", code)
}

#[tokio::test]
async fn routes_and_operations_are_the_same() {
    let document = document().await;
    assert_eq!(document["openapi"], "3.1.0");
    let described: BTreeSet<String> = operations(&document).into_iter().map(|it| it.0).collect();
    let routes: BTreeSet<String> = ROUTES
        .iter()
        .filter(|route| !PAGES.contains(route))
        .filter(|route| !OTHERS.iter().any(|other| route.starts_with(other)))
        .map(|route| (*route).to_owned())
        .collect();
    assert_eq!(described, routes);
}

#[tokio::test]
async fn every_operation_is_answered_by_its_handler() {
    let service = Service::new();
    for (path, method, _) in operations(&document().await) {
        let uri = uri_of(&path);
        let request = Request::builder().method(method.to_uppercase().as_str());
        let request = request.uri(&uri).body(Body::empty()).unwrap();
        let status = service.send(request).await.status.as_u16();
        // What the bundle does not hold is not found, but by its handler.
        let absent = ["/v1/pcs", "/v1/modifiers"]
            .iter()
            .any(|it| path.starts_with(it));
        assert!(
            !matches!(status, 405) && (status != 404 || absent),
            "{method} {path}: {status}"
        );
    }
}

#[tokio::test]
async fn operations_have_names_and_references_lead_somewhere() {
    let document = document().await;
    let mut ids = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        let id = operation["operationId"].as_str().unwrap().to_owned();
        assert!(ids.insert(id), "{method} {path}");
        let words = ["summary", "tags"].map(|name| operation[name].to_string());
        assert!(words.iter().all(|it| it.len() > 4), "{method} {path}");
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(parameter["description"].is_string(), "{path} {parameter}");
        }
        assert!(operation["responses"]["default"].is_object());
    }
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1) {
        let pointer = reference.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
}

#[tokio::test]
async fn parameters_of_the_document_are_those_that_are_read() {
    let service = Service::new();
    for (path, method, operation) in operations(&document().await) {
        if method != "get" || !path.starts_with("/v1/") {
            continue;
        }
        let uri = uri_of(&path);
        // The problem of a parameter that is not known lists those that are.
        let problem = service.get(&format!("{uri}?plum=1")).await.json();
        let detail = problem["detail"].as_str().unwrap();
        let read: BTreeSet<&str> = detail
            .split_once("not one of ")
            .unwrap()
            .1
            .split(", ")
            .collect();
        let described: BTreeSet<&str> = operation["parameters"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|parameter| parameter["in"] == "query")
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect();
        assert_eq!(described, read, "{path}");
    }
}

/// What differs from run to run, made the same.
fn steady(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match name.as_str() {
                    "took_us" => *member = 640.into(),
                    "loaded" | "built_at" | "opened_at" => {
                        *member = "2026-11-03T02:00:00Z".into();
                    }
                    // A cursor is bound to the digest of the bundle.
                    "next" if member.is_string() => {
                        *member = format!("01{}", "0".repeat(56)).into();
                    }
                    "request_id" => *member = "example".into(),
                    // The digest of a bundle covers when it was built.
                    "bundle" => {
                        member["sha256"] = "0".repeat(64).into();
                        steady(member);
                    }
                    _ => steady(member),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(steady),
        _ => {}
    }
}

async fn asked(service: &Service, example: &Example) -> Value {
    let request = Request::builder()
        .method(example.method.to_uppercase().as_str())
        .uri(example.uri)
        .header("content-type", "application/json")
        .body(example.body.map_or_else(Body::empty, Body::from))
        .unwrap();
    let reply = service.send(request).await;
    assert_eq!(reply.status.as_u16(), example.status, "{}", example.name);
    let mut answer = reply.json();
    steady(&mut answer);
    answer
}

/// `UPDATE_EXAMPLES=1` writes what is answered now; read it before it is committed.
#[tokio::test]
async fn examples_are_what_the_embedded_release_answers() {
    let bundle = embedded();
    let service = Service::over(&bundle.path(), Limits::default());
    let update = std::env::var_os("UPDATE_EXAMPLES").is_some();
    for example in EXAMPLES {
        let answer = asked(&service, example).await;
        if update {
            let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
                .join("src/http/openapi/examples")
                .join(format!("{}.json", example.name));
            let text = serde_json::to_string_pretty(&answer).unwrap() + "\n";
            std::fs::write(path, text).unwrap();
            continue;
        }
        let shown: Value = serde_json::from_str(example.answer).unwrap();
        assert_eq!(
            answer, shown,
            "{}: UPDATE_EXAMPLES=1 writes what is answered now",
            example.name
        );
    }
}

#[tokio::test]
async fn every_operation_of_the_api_has_an_example_in_the_document() {
    let document = document().await;
    for (path, method, operation) in operations(&document) {
        if path == "/metrics" {
            continue;
        }
        let answers = operation["responses"].as_object().unwrap().values();
        let contents =
            answers.flat_map(|answer| answer["content"].as_object().into_iter().flatten());
        let shown = contents
            .filter(|(_, content)| content["examples"].is_object())
            .count();
        assert!(shown > 0, "{method} {path}");
    }
}

#[tokio::test]
async fn the_page_shows_everything_and_fetches_nothing() {
    let service = Service::new();
    let reply = service.get("/docs").await;
    assert_eq!(reply.header("content-type"), "text/html; charset=utf-8");
    let document = document().await;
    for (path, _, operation) in operations(&document) {
        let id = operation["operationId"].as_str().unwrap();
        assert!(
            reply.text.contains(&format!("<section id=\"{id}\">")),
            "{path}"
        );
    }
    for code in ErrorCode::ALL {
        assert!(reply.text.contains(&format!("/problems/{}", code.id())));
    }
    for name in document["components"]["schemas"]
        .as_object()
        .unwrap()
        .keys()
    {
        assert!(
            reply.text.contains(&format!("id=\"type-{name}\"")),
            "{name}"
        );
    }
    assert!(!reply.text.contains("<script") && !reply.text.contains("style=\""));
    for link in reply.text.split("href=\"").skip(1) {
        assert!(link.starts_with(['/', '#']), "{link:.40}");
    }
    for anchor in reply.text.split("href=\"#").skip(1) {
        let id = anchor.split('"').next().unwrap();
        assert!(reply.text.contains(&format!("id=\"{id}\"")), "{id}");
    }
    let again = Request::get("/docs").header("if-none-match", reply.header("etag"));
    let again = service.send(again.body(Body::empty()).unwrap()).await;
    assert_eq!(again.status, 304);
}
