//! Value sets: composed over loaded code systems, and over resources sent with the question.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::fhir_service::{CM, Fhir, codes, parameters, said, value};

const PLUMS: &str = "http://example.org/plums";

/// A code system that nobody has loaded.
fn plums() -> Value {
    let coloured = |code: &str, display: &str, colour: &str| json!({ "code": code, "display": display, "property": [{ "code": "colour", "valueCode": colour }] });
    json!({
        "resourceType": "CodeSystem", "url": PLUMS, "version": "1", "name": "Plums", "status": "active",
        "content": "complete", "caseSensitive": false,
        "property": [{ "code": "colour", "type": "code" }, { "code": "not-for-use", "type": "boolean", "uri": "http://hl7.org/fhir/concept-properties#notSelectable" }],
        "concept": [
            { "code": "plum", "display": "Plum", "definition": "A stone fruit",
              "property": [{ "code": "not-for-use", "valueBoolean": true }],
              "concept": [
                coloured("damson", "Damson", "blue"),
                coloured("mirabelle", "Mirabelle", "yellow"),
                { "code": "gage", "display": "Greengage", "designation": [{ "language": "fr", "value": "Reine-claude" }],
                  "concept": [coloured("old-gage", "Old greengage", "green")] },
            ] },
            { "code": "sloe", "display": "Sloe", "property": [{ "code": "status", "valueCode": "retired" }, { "code": "colour", "valueCode": "blue" }] },
        ],
    })
}

fn composed(compose: Value) -> Value {
    json!({ "resourceType": "ValueSet", "url": "http://example.org/set", "version": "2", "status": "active", "compose": compose })
}

fn with_plums(set: Value) -> Value {
    parameters(&[
        ("tx-resource", "resource", plums()),
        ("valueSet", "resource", set),
    ])
}

async fn members(fhir: &Fhir, compose: Value) -> String {
    let (status, resource) = fhir
        .post("ValueSet/$expand", &with_plums(composed(compose)))
        .await;
    if status != 200 {
        return format!(
            "{status} {}",
            resource["issue"][0]["details"]["text"].as_str().unwrap()
        );
    }
    codes(&resource).join(" ")
}

fn filtered(system: &str, property: &str, op: &str, value: &str) -> Value {
    json!({ "include": [{ "system": system, "filter": [{ "property": property, "op": op, "value": value }] }] })
}

#[tokio::test]
async fn filters_mean_the_same_whatever_they_are_asked_of() {
    let fhir = Fhir::new();
    let mut answers = String::new();
    for (system, property, op, value) in [
        (PLUMS, "concept", "is-a", "gage"),
        (PLUMS, "concept", "descendent-of", "plum"),
        (PLUMS, "concept", "is-not-a", "plum"),
        (PLUMS, "concept", "child-of", "plum"),
        (PLUMS, "concept", "descendent-leaf", "plum"),
        (PLUMS, "concept", "generalizes", "old-gage"),
        (PLUMS, "concept", "=", "SLOE"),
        (PLUMS, "concept", "in", "sloe, damson"),
        (PLUMS, "code", "regex", ".*gage"),
        (PLUMS, "code", "regex", "gage"),
        (PLUMS, "colour", "=", "blue"),
        (PLUMS, "colour", "in", "green,yellow"),
        (PLUMS, "colour", "not-in", "green,yellow"),
        (PLUMS, "colour", "exists", "false"),
        (PLUMS, "colour", "regex", "(a+)+$"),
        (PLUMS, "taste", "=", "sweet"),
        (PLUMS, "concept", "is-a", ""),
        (PLUMS, "concept", "resembles", "plum"),
        (PLUMS, "colour", "is-a", "blue"),
        (PLUMS, "code", "regex", "("),
        (CM, "concept", "is-a", "A00"),
        (CM, "concept", "descendent-of", "S01.1"),
        (CM, "concept", "is-a", "A00-A09"),
        (CM, "concept", "is-a", "Z99"),
        (CM, "code", "regex", "[AB]0.*"),
        (CM, "billable", "=", "false"),
        (CM, "chapter", "=", "1"),
        (CM, "block", "in", "B00-B09,S00-S09"),
    ] {
        let answer = members(&fhir, filtered(system, property, op, value)).await;
        answers.push_str(&format!("{property} {op} {value}: {answer}\n"));
    }
    assert_snapshot!(answers);
}

#[tokio::test]
async fn definitions_are_composed() {
    let fhir = Fhir::new();
    let all = json!({ "system": PLUMS });
    let listed = |codes: &[&str]| {
        let concepts: Vec<Value> = codes.iter().map(|code| json!({ "code": code })).collect();
        json!({ "system": PLUMS, "concept": concepts })
    };
    let mut answers = String::new();
    for (what, compose) in [
        ("everything", json!({ "include": [all] })),
        (
            "a list in its own order",
            json!({ "include": [listed(&["sloe", "damson", "none", "sloe"])] }),
        ),
        (
            "a union",
            json!({ "include": [listed(&["sloe"]), { "system": CM, "concept": [{ "code": "A00.0" }] }, listed(&["sloe", "gage"])] }),
        ),
        (
            "less a list",
            json!({ "include": [all], "exclude": [listed(&["plum", "gage"])] }),
        ),
        (
            "without inactive ones",
            json!({ "inactive": false, "include": [all] }),
        ),
        (
            "another value set",
            json!({ "include": [{ "valueSet": [format!("{CM}?fhir_vs=isa/S01.2")] }] }),
        ),
        (
            "an intersection",
            json!({ "include": [{ "valueSet": [format!("{CM}?fhir_vs=isa/S01.2"), format!("{CM}?fhir_vs=billable")] }] }),
        ),
        (
            "of a system and a value set",
            json!({ "include": [{ "system": CM, "filter": [{ "property": "code", "op": "regex", "value": ".*A" }], "valueSet": [format!("{CM}?fhir_vs")] }] }),
        ),
        (
            "another version",
            json!({ "include": [{ "system": CM, "version": "2026", "filter": [{ "property": "concept", "op": "is-a", "value": "A00" }] }] }),
        ),
        (
            "an unknown system",
            json!({ "include": [{ "system": "http://example.org/none" }] }),
        ),
        (
            "an unknown version",
            json!({ "include": [{ "system": CM, "version": "1999" }] }),
        ),
        (
            "an unknown value set",
            json!({ "include": [{ "valueSet": ["http://example.org/none"] }] }),
        ),
        ("nothing", json!({ "include": [{}] })),
        ("no include", json!({})),
    ] {
        let answer = members(&fhir, compose).await;
        answers.push_str(&format!("{what}: {answer}\n"));
    }
    assert_snapshot!(answers);
}

#[tokio::test]
async fn value_sets_that_refer_to_one_another_in_a_circle_are_refused() {
    let fhir = Fhir::new();
    let set = |url: &str, other: &str| json!({ "resourceType": "ValueSet", "url": url, "status": "active", "compose": { "include": [{ "valueSet": [other] }] } });
    let body = parameters(&[
        ("tx-resource", "resource", set("urn:x:a", "urn:x:b")),
        ("tx-resource", "resource", set("urn:x:b", "urn:x:a")),
        ("url", "valueUri", json!("urn:x:a")),
    ]);
    let (status, outcome) = fhir.post("ValueSet/$expand", &body).await;
    assert_eq!(
        (status, &outcome["issue"][0]["code"]),
        (400, &json!("processing"))
    );
    assert_eq!(
        outcome["issue"][0]["details"]["text"],
        "Found a circularity pointing to 'urn:x:a'"
    );
}

#[tokio::test]
async fn codes_of_sent_resources_are_validated() {
    let fhir = Fhir::new();
    let set = composed(
        json!({ "inactive": false, "include": [{ "system": PLUMS }], "exclude": [{ "system": PLUMS, "concept": [{ "code": "gage" }] }] }),
    );
    let mut answers = String::new();
    for coding in [
        json!({ "system": PLUMS, "code": "damson" }),
        json!({ "system": PLUMS, "code": "Damson", "display": "damson" }),
        json!({ "system": PLUMS, "code": "gage", "display": "Reine-claude" }),
        json!({ "system": PLUMS, "code": "sloe" }),
        json!({ "system": PLUMS, "code": "plum", "display": "Prune" }),
        json!({ "system": PLUMS, "code": "peach" }),
        json!({ "system": PLUMS, "version": "7", "code": "damson" }),
        json!({ "system": "http://example.org/none", "code": "damson" }),
        json!({ "system": "plums", "code": "damson" }),
    ] {
        let mut body = with_plums(set.clone());
        body["parameter"]
            .as_array_mut()
            .unwrap()
            .push(json!({ "name": "coding", "valueCoding": coding }));
        let (status, answer) = fhir.post("ValueSet/$validate-code", &body).await;
        assert_eq!(status, 200, "{answer}");
        answers.push_str(&format!("? {coding}\n{}\n\n", said(&answer)));
    }
    assert_snapshot!(answers);
    let body = parameters(&[
        ("codeSystem", "resource", plums()),
        ("code", "valueCode", json!("mirabelle")),
    ]);
    let answer = fhir.post("CodeSystem/$validate-code", &body).await.1;
    assert_eq!(value(&answer, "display"), "Mirabelle");
}

#[tokio::test]
async fn a_filter_finds_members_by_the_beginnings_of_words() {
    let fhir = Fhir::new();
    let ask = async |filter: &str, compose: Value, language: &str| {
        let mut body = with_plums(composed(compose));
        body["parameter"].as_array_mut().unwrap().extend([
            json!({ "name": "filter", "valueString": filter }),
            json!({ "name": "displayLanguage", "valueCode": language }),
        ]);
        let resource = fhir.post("ValueSet/$expand", &body).await.1;
        let contains = resource["expansion"]["contains"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        contains
            .iter()
            .map(|one| one["display"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let all = json!({ "include": [{ "system": PLUMS }] });
    assert_eq!(
        ask("green", all.clone(), "en").await,
        "Greengage, Old greengage"
    );
    assert_eq!(ask("gre old", all.clone(), "en").await, "Old greengage");
    assert_eq!(ask("reine", all, "fr").await, "Reine-claude");
    let mixed = json!({ "include": [{ "system": PLUMS }, { "system": CM, "filter": [{ "property": "concept", "op": "is-a", "value": "A00" }] }] });
    let found = ask("plum", mixed, "en").await;
    assert!(
        found.starts_with("Plum disease") && found.ends_with("Plum"),
        "{found}"
    );
}
