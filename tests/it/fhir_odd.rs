//! FHIR questions that nobody should ask: always an OperationOutcome, never a failure.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request};
use codebook::http::state::Limits;
use serde_json::{Value, json};

use super::fhir_service::{CM, Fhir, parameters};
use super::http_problems::occupy;
use super::http_service::{Reply, Service};

/// Words that no error may repeat.
const MARKED: &str = "quixotezebra";

fn outcome(reply: &Reply) -> String {
    assert_eq!(
        reply.header("content-type"),
        "application/fhir+json",
        "{}",
        reply.text
    );
    let body = reply.json();
    assert_eq!(body["resourceType"], "OperationOutcome", "{body}");
    format!(
        "{} {}",
        reply.status.as_u16(),
        body["issue"][0]["code"].as_str().unwrap()
    )
}

#[tokio::test]
async fn errors_are_outcomes() {
    let service = Service::new();
    for (path, expected) in [
        ("/fhir/R3/metadata", "404 not-found"),
        ("/fhir/R4/Patient", "404 not-found"),
        ("/fhir/R4/CodeSystem/none", "404 not-found"),
        ("/fhir/R4/CodeSystem/icd10cm/history/1", "404 not-found"),
        ("/fhir/R4/ValueSet/none/$expand", "404 not-found"),
        ("/fhir/R4/ValueSet/$lookup", "404 not-found"),
        ("/fhir/R4/metadata?_format=xml", "406 not-supported"),
        ("/fhir/R4/metadata?mode=fast", "400 invalid"),
        ("/fhir/R4/CodeSystem/$lookup", "400 required"),
        ("/fhir/R4/CodeSystem/$lookup?code=A00", "400 required"),
        (
            "/fhir/R4/CodeSystem/$lookup?system=quixotezebra&code=A00",
            "404 not-found",
        ),
        (
            "/fhir/R4/CodeSystem/$lookup?system=http://hl7.org/fhir/sid/icd-10-cm&code=quixotezebra",
            "404 not-found",
        ),
        (
            "/fhir/R4/CodeSystem/$lookup?system=http://hl7.org/fhir/sid/icd-10-cm&code=A00&date=quixotezebra",
            "400 invalid",
        ),
        (
            "/fhir/R4/CodeSystem/$lookup?system=http://hl7.org/fhir/sid/icd-10-cm&code=A00&version=quixotezebra",
            "404 not-found",
        ),
        ("/fhir/R4/CodeSystem/$validate-code?url=x", "400 required"),
        (
            "/fhir/R4/CodeSystem/$validate-code?code=A00&code=quixotezebra",
            "400 invalid",
        ),
        (
            "/fhir/R4/CodeSystem/$subsumes?system=http://hl7.org/fhir/sid/icd-10-cm&codeA=A00",
            "400 required",
        ),
        ("/fhir/R4/ValueSet/$expand", "400 required"),
        (
            "/fhir/R4/ValueSet/$expand?url=quixotezebra",
            "404 not-found",
        ),
        (
            "/fhir/R4/ValueSet/$expand?url=http://hl7.org/fhir/sid/icd-10-pcs?fhir_vs",
            "404 not-found",
        ),
        (
            "/fhir/R4/ValueSet/icd10cm/$expand?count=quixotezebra",
            "400 invalid",
        ),
        ("/fhir/R4/ValueSet/icd10cm/$expand?offset=-1", "400 invalid"),
        (
            "/fhir/R4/ValueSet/icd10cm/$expand?activeOnly=quixotezebra",
            "400 invalid",
        ),
        (
            "/fhir/R4/ValueSet/icd10cm/$expand?system-version=quixotezebra",
            "400 invalid",
        ),
        ("/fhir/R4/ConceptMap/$translate?code=A00", "400 required"),
        (
            "/fhir/R4/ConceptMap/$translate?code=A00&system=quixotezebra",
            "404 not-found",
        ),
        (
            "/fhir/R4/ConceptMap/$translate?code=A00&system=http://hl7.org/fhir/sid/icd-10-cm&reverse=true",
            "422 not-supported",
        ),
        ("/fhir/%ff/metadata", "404 not-found"),
    ] {
        let reply = service.get(path).await;
        assert_eq!(outcome(&reply), expected, "{path}: {}", reply.text);
        assert!(!reply.text.contains(MARKED), "{}", reply.text);
    }
    for (body, expected) in [
        (json!([]), "400 invalid"),
        (json!({}), "400 invalid"),
        (json!({ "resourceType": "Patient" }), "400 invalid"),
        (
            json!({ "resourceType": "Parameters", "parameter": {} }),
            "400 invalid",
        ),
        (
            json!({ "resourceType": "Parameters", "parameter": [5] }),
            "400 invalid",
        ),
        (
            json!({ "resourceType": "Parameters", "parameter": [{}] }),
            "400 invalid",
        ),
        (json!({ "resourceType": "Parameters" }), "400 required"),
        (
            json!({ "resourceType": "ValueSet", "compose": { "include": 5 }, "expansion": [] }),
            "200",
        ),
        (
            parameters(&[(
                "valueSet",
                "resource",
                json!({ "resourceType": "CodeSystem" }),
            )]),
            "400 invalid",
        ),
        (
            parameters(&[(
                "tx-resource",
                "resource",
                json!({ "resourceType": "CodeSystem" }),
            )]),
            "400 required",
        ),
    ] {
        let reply = service
            .post("/fhir/R4/ValueSet/$expand", body.to_string())
            .await;
        if expected == "200" {
            assert_eq!(reply.status, 200, "{body}");
        } else {
            assert_eq!(outcome(&reply), expected, "{body}");
        }
    }
    for (body, expected) in [
        (json!({ "resourceType": "Parameters" }), "400 invalid"),
        (
            json!({ "resourceType": "Bundle", "type": "transaction" }),
            "422 not-supported",
        ),
        (
            json!({ "resourceType": "Bundle", "type": "batch", "entry": vec![json!({}); 257] }),
            "422 too-costly",
        ),
    ] {
        let reply = service.post("/fhir/R4", body.to_string()).await;
        assert_eq!(outcome(&reply), expected, "{body}");
    }
}

#[tokio::test]
async fn bodies_and_methods_that_are_not_read_are_refused() {
    let service = Service::new();
    let path = "/fhir/R4/ValueSet/$expand";
    for (body, expected) in [
        ("{".to_owned(), "400 structure"),
        ("quixotezebra".to_owned(), "400 structure"),
        ("[".repeat(60_000), "400 structure"),
        (" ".repeat(2 * 1024 * 1024 + 1), "413 too-long"),
    ] {
        let reply = service.post(path, body).await;
        assert_eq!(outcome(&reply), expected);
        assert!(!reply.text.contains(MARKED));
    }
    let typed = |kind: &str, body: &str| {
        let request = Request::post(path).header("content-type", kind);
        request.body(Body::from(body.to_owned())).unwrap()
    };
    assert_eq!(
        outcome(&service.send(typed("text/xml", "<x/>")).await),
        "415 not-supported"
    );
    let form = typed(
        "application/x-www-form-urlencoded",
        "url=http%3A%2F%2Fhl7.org%2Ffhir%2Fsid%2Ficd-10-cm%3Ffhir_vs&filter=plum&count=1",
    );
    assert_eq!(
        service.send(form).await.json()["expansion"]["contains"][0]["code"],
        "A00"
    );
    for method in [Method::PUT, Method::DELETE, Method::PATCH] {
        let request = Request::builder()
            .method(&method)
            .uri("/fhir/R4/ValueSet/icd10cm");
        let reply = service.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(outcome(&reply), "405 not-supported", "{method}");
    }
    let plain = Request::get("/fhir/R4/metadata").header("accept", "application/json");
    let reply = service.send(plain.body(Body::empty()).unwrap()).await;
    assert_eq!(reply.header("content-type"), "application/json");
}

#[tokio::test]
async fn what_arises_around_an_operation_is_an_outcome_too() {
    let limits = Limits {
        cores: 1,
        queued: 0,
        ..Limits::default()
    };
    let service = Service::within(limits);
    let held = occupy(&service).await;
    assert_eq!(
        outcome(&service.get("/fhir/R4/metadata").await),
        "503 throttled"
    );
    drop(held);
    let limits = Limits {
        cores: 1,
        queued: 8,
        request_timeout: Duration::from_millis(20),
        ..Limits::default()
    };
    let service = Service::within(limits);
    let _held = occupy(&service).await;
    assert_eq!(
        outcome(&service.get("/fhir/R4/metadata").await),
        "504 timeout"
    );
}

/// A code system of `count` codes, one below the other where `nested` says so.
fn large(count: usize) -> Value {
    let concepts: Vec<Value> = (0..count)
        .map(|number| json!({ "code": format!("c{number}"), "display": "Plum" }))
        .collect();
    json!({ "resourceType": "CodeSystem", "url": "urn:x:large", "status": "active", "content": "complete", "concept": concepts })
}

#[tokio::test]
async fn answers_are_bounded() {
    let fhir = Fhir::new();
    let set = |filters: Value| json!({ "resourceType": "ValueSet", "status": "active", "compose": { "include": [{ "system": "urn:x:large", "filter": filters }] } });
    let ask = async |filters: Value, more: &[(&str, &str, Value)]| {
        let mut parts = vec![
            ("tx-resource", "resource", large(4000)),
            ("valueSet", "resource", set(filters)),
        ];
        parts.extend(more.iter().cloned());
        fhir.post("ValueSet/$expand", &parameters(&parts)).await
    };
    let (status, outcome) = ask(json!([]), &[]).await;
    assert_eq!(
        (status, &outcome["issue"][0]["code"]),
        (422, &json!("too-costly"))
    );
    let (status, page) = ask(
        json!([]),
        &[("count", "valueInteger", json!(2_000_000_000))],
    )
    .await;
    assert_eq!(
        (
            status,
            page["expansion"]["contains"].as_array().unwrap().len()
        ),
        (200, 3500)
    );
    assert_eq!(page["expansion"]["total"], 4000);
    let (_, page) = ask(
        json!([]),
        &[
            ("count", "valueInteger", json!(5)),
            ("offset", "valueInteger", json!(3998)),
        ],
    )
    .await;
    assert_eq!(page["expansion"]["contains"][1]["code"], "c3999");
    let regex = |value: &str| json!([{ "property": "code", "op": "regex", "value": value }]);
    for pattern in ["a".repeat(2000), "(((a{100}){100}){100})".to_owned()] {
        let (status, outcome) = ask(regex(&pattern), &[]).await;
        assert_eq!(
            (status, &outcome["issue"][0]["details"]["coding"][0]["code"]),
            (422, &json!("vs-invalid"))
        );
    }
    let many = vec![json!({ "property": "code", "op": "regex", "value": "c.*" }); 6000];
    let (status, outcome) = ask(json!(many), &[]).await;
    assert_eq!(
        (status, &outcome["issue"][0]["code"]),
        (422, &json!("too-costly"))
    );
    let deep: Vec<Value> = (0..40)
        .map(|number| {
            let below = format!("urn:x:{}", number + 1);
            json!({ "name": "tx-resource", "resource": { "resourceType": "ValueSet", "url": format!("urn:x:{number}"), "status": "active",
                "compose": { "include": [{ "valueSet": [below] }, { "valueSet": [below] }] } } })
        })
        .collect();
    let mut body = parameters(&[("url", "valueUri", json!("urn:x:0"))]);
    body["parameter"].as_array_mut().unwrap().extend(deep);
    let (status, _) = fhir.post("ValueSet/$expand", &body).await;
    assert_eq!(status, 422);
}

#[tokio::test]
async fn no_value_of_any_parameter_is_a_failure() {
    let fhir = Fhir::new();
    let odd = [
        ("valueString", json!("")),
        ("valueString", json!("\u{0}😀 %00 ../..")),
        ("valueString", json!("x".repeat(5000))),
        ("valueBoolean", json!(true)),
        ("valueInteger", json!(-1)),
        ("valueInteger", json!(1e300)),
        ("valueCoding", json!({ "system": 5, "code": [] })),
        (
            "valueCodeableConcept",
            json!({ "coding": { "code": "A00" } }),
        ),
        ("resource", json!(null)),
        (
            "resource",
            json!({ "resourceType": "CodeSystem", "url": "urn:x", "concept": [5, { "code": {} }, { "code": "a", "concept": "b", "property": [{}] }] }),
        ),
        (
            "resource",
            json!({ "resourceType": "ValueSet", "compose": { "include": [{ "system": CM, "filter": [5], "concept": [5] }], "exclude": [{}] } }),
        ),
    ];
    let names = [
        "url",
        "system",
        "version",
        "code",
        "coding",
        "codeA",
        "codeableConcept",
        "display",
        "date",
        "valueSet",
        "codeSystem",
        "tx-resource",
        "filter",
        "count",
        "offset",
        "property",
        "displayLanguage",
        "abstract",
        "system-version",
        "validation",
        "targetsystem",
    ];
    let operations = [
        "CodeSystem/$lookup",
        "CodeSystem/$validate-code",
        "CodeSystem/$subsumes",
        "CodeSystem/$batch-validate-code",
        "ValueSet/$expand",
        "ValueSet/$validate-code",
        "ValueSet/$batch-validate-code",
        "ConceptMap/$translate",
    ];
    for operation in operations {
        for name in names {
            for (kind, value) in &odd {
                let usual = [
                    ("url", "valueUri", json!(format!("{CM}?fhir_vs=isa/A00"))),
                    ("system", "valueUri", json!(CM)),
                    ("code", "valueCode", json!("A00.0")),
                ];
                let mut parts: Vec<(&str, &str, Value)> = usual
                    .into_iter()
                    .filter(|(usual, _, _)| usual != &name)
                    .collect();
                parts.push((name, kind, value.clone()));
                let (status, answer) = fhir.post(operation, &parameters(&parts)).await;
                assert!(
                    status < 500 && answer["resourceType"].is_string(),
                    "{operation} {name} {value}: {status} {answer}"
                );
            }
        }
    }
}
