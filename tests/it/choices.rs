//! The choices that finish a code, and the senses of an abbreviation, on the embedded release.
//!
//! 1. Each option differs from the hit on its axis alone and can be billed.
//! 2. A header offers what stands below it; a code that says everything offers nothing.
//! 3. An abbreviation names its other senses; a chosen one is read, and pages keep to it.

use codebook::http::state::Limits;
use serde_json::{Value, json};

use super::http_service::{Service, embedded};

async fn search(service: &Service, body: Value) -> Value {
    let mut body = body;
    body["date"] = "2026-04-01".into();
    let reply = service.post("/v1/search", body.to_string()).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()
}

/// The options of a group as `value code`.
fn options<'a>(answer: &'a Value, axis: &str) -> Vec<String> {
    let groups = answer["groups"].as_array().unwrap();
    let group = groups.iter().find(|group| group["axis"] == axis);
    let options = group.map_or(&Value::Null, |group: &'a Value| &group["options"]);
    let text = |option: &Value, member: &str| option[member].as_str().unwrap().to_owned();
    options
        .as_array()
        .into_iter()
        .flatten()
        .map(|option| text(option, "value") + " " + &text(option, "code"))
        .collect()
}

#[tokio::test]
async fn a_code_is_finished_by_one_more_word() {
    let bundle = embedded();
    let service = Service::over(&bundle.path(), Limits::default());
    let ask = async |q: &str| search(&service, json!({ "q": q })).await;

    let fracture = ask("S52.501").await;
    assert_eq!(
        options(&fracture, "laterality"),
        ["right S52.501A", "left S52.502A", "unspecified S52.509A"]
    );
    assert_eq!(
        options(&fracture, "encounter"),
        [
            "initial S52.501A",
            "subsequent S52.501D",
            "sequela S52.501S"
        ]
    );
    assert_eq!(
        options(&fracture, "wound"),
        ["closed S52.501A", "open S52.501B"]
    );
    assert_eq!(
        options(&fracture, "healing"),
        [
            "routine S52.501D",
            "delayed S52.501G",
            "nonunion S52.501K",
            "malunion S52.501P"
        ]
    );
    assert_eq!(fracture["groups"][0]["of"], "S52.501");
    let seventh = &fracture["results"][0]["needs"]["seventh"];
    assert_eq!(seventh[0]["char"], "A");
    assert_eq!(seventh.as_array().unwrap().len(), 16);

    let pregnancy = ask("O09.90").await;
    assert_eq!(
        options(&pregnancy, "trimester"),
        [
            "first O09.91",
            "second O09.92",
            "third O09.93",
            "unspecified O09.90"
        ]
    );

    let kidney = ask("N18").await;
    let stages = options(&kidney, "stage");
    assert!(stages.contains(&"stage 1 N18.1".to_owned()), "{stages:?}");
    assert!(stages.contains(&"End stage renal disease N18.6".to_owned()));

    let whole = ask("E11.621").await;
    assert_eq!(whole["groups"], json!([]));

    let page = search(&service, json!({ "q": "S52.501", "limit": 1 })).await;
    assert_eq!(page["groups"], fracture["groups"]);
}

#[tokio::test]
async fn another_sense_of_an_abbreviation_can_be_chosen() {
    let bundle = embedded();
    let service = Service::over(&bundle.path(), Limits::default());
    let usual = search(&service, json!({ "q": "MS" })).await;
    let expanded = &usual["query"]["expanded"][0];
    assert_eq!(expanded["to"], "multiple sclerosis");
    let others = expanded["others"].as_array().unwrap();
    assert!(others.contains(&json!("mitral stenosis")), "{others:?}");

    let read = json!([{ "from": "ms", "to": "Mitral Stenosis" }]);
    let chosen = search(&service, json!({ "q": "MS", "read": read, "limit": 1 })).await;
    assert_eq!(chosen["query"]["expanded"][0]["to"], "mitral stenosis");
    let title = chosen["results"][0]["display"].as_str().unwrap();
    assert!(title.contains("mitral stenosis"), "{title}");

    let from_address = service
        .get("/v1/search?q=MS&read=MS:mitral+stenosis&limit=1&date=2026-04-01")
        .await
        .json();
    assert_eq!(from_address["results"], chosen["results"]);

    // The next page is of the same reading, and of no other.
    let next = chosen["next"].as_str().unwrap();
    let body = json!({ "q": "MS", "read": read, "limit": 1, "cursor": next });
    let second = search(&service, body).await;
    assert_ne!(second["results"][0]["code"], chosen["results"][0]["code"]);
    let body = json!({ "q": "MS", "cursor": next }).to_string();
    let reply = service.post("/v1/search", body).await;
    assert_eq!(reply.problem(), "400 bad-cursor");

    // A sense that is in no table is read in its own words.
    let own = json!([{ "from": "zqx", "to": "gout of the left ankle" }]);
    let answer = search(&service, json!({ "q": "zqx", "read": own })).await;
    assert_eq!(answer["query"]["expanded"][0]["source"], "asked");
    let title = answer["results"][0]["display"].as_str().unwrap();
    assert!(title.to_lowercase().contains("gout"), "{title}");

    for read in [
        json!([{ "from": "", "to": "x" }]),
        json!([{ "from": "x", "to": "-" }]),
    ] {
        let body = json!({ "q": "MS", "read": read }).to_string();
        let reply = service.post("/v1/search", body).await;
        assert_eq!(reply.problem(), "400 bad-parameter");
    }
}
