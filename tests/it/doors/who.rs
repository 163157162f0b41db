//! WHO's ICD-API over an invented ICD-11.
//!
//! 1. Releases, the top of the tree and every entity are found by their URIs.
//! 2. A search answers in WHO's shape, by GET, form and multipart, names in any case.
//! 3. Chapters and subtrees bound a search.
//! 4. Codes and clusters lead to their entities.
//! 5. Pages of any origin may ask, and every answer names the version.
//! 6. Names that are not WHO's are marked.

use axum::http::Method;
use insta::assert_json_snapshot;

use super::support::{Everything, strings};

const MMS: &str = "/icd/release/11/2098-01/mms";

#[tokio::test]
async fn releases_lead_to_the_tree() {
    let all = Everything::new();
    assert_json_snapshot!("who_releases", all.json("/icd/release/11/mms").await);
    assert_json_snapshot!("who_root", all.json(MMS).await);
    assert_json_snapshot!(
        "who_entity",
        all.json(&format!("{MMS}/3?include=ancestor,descendant"))
            .await
    );
    let residual = all.json(&format!("{MMS}/3/unspecified")).await;
    assert_eq!(residual["code"], "1A00.Z");
    assert_eq!(residual["source"], serde_json::Value::Null);
    let versions = all.json("/icd/release/11/mms/5").await;
    let uri = "http://id.who.int/icd/release/11/2098-01/mms/5";
    assert_eq!(strings(&versions["release"], None), [uri]);
    let foundation = all.json("/icd/entity/3").await;
    assert_eq!(
        strings(&foundation["parent"], None),
        ["http://id.who.int/icd/entity/2"]
    );
    assert_eq!(
        strings(&foundation["child"], None),
        ["http://id.who.int/icd/entity/4"]
    );
    for (path, problem) in [
        (format!("{MMS}/999"), "404 not-found"),
        (format!("{MMS}/3/third"), "404 not-found"),
        ("/icd/release/11/1999-01/mms".to_owned(), "404 not-found"),
        ("/icd/release/11/2098-01/icf".to_owned(), "404 not-found"),
        ("/icd/release/11/2097-01/mms/5".to_owned(), "404 not-found"),
    ] {
        assert_eq!(all.get(&path).await.problem(), problem, "{path}");
    }
}

#[tokio::test]
async fn a_search_answers_in_whos_shape() {
    let all = Everything::new();
    let path = format!("{MMS}/search?q=feather%20ro%25&includeKeywordResult=true");
    let answer = all.json(&path).await;
    assert_json_snapshot!("who_search", answer, {
        ".uniqueSearchId" => "[id]",
        ".destinationEntities[].score" => "[score]",
        ".destinationEntities[].matchingPVs[].score" => "[score]",
    });
    let codes = strings(&answer["destinationEntities"], Some("theCode"));
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let posted = all
        .send(
            Method::POST,
            &format!("{MMS}/search"),
            &form,
            "Q=feather+ro%25",
        )
        .await;
    let found = strings(&posted.json()["destinationEntities"], Some("theCode"));
    assert_eq!(found, codes);
    let part = |name: &str, value: &str| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let body = format!(
        "{}{}{}--b--\r\n",
        part("q", "feather ro%"),
        part("USEFLEXISEARCH", "false"),
        part("highlightingenabled", "FALSE")
    );
    let multipart = [("content-type", "multipart/form-data; boundary=b")];
    let posted = all
        .send(Method::POST, &format!("{MMS}/search"), &multipart, body)
        .await
        .json();
    assert_eq!(
        strings(&posted["destinationEntities"], Some("theCode")),
        codes
    );
    assert!(!posted.to_string().contains("<em"), "{posted}");
    let broken = all
        .send(
            Method::POST,
            &format!("{MMS}/search"),
            &multipart,
            "--b\r\nnothing",
        )
        .await;
    assert_eq!(broken.problem(), "400 bad-parameter");
}

#[tokio::test]
async fn results_can_stand_below_one_another() {
    let all = Everything::new();
    let answer = all
        .json(&format!("{MMS}/search?q=rot&flatResults=false"))
        .await;
    let top = answer["destinationEntities"].as_array().unwrap();
    let rot = top.iter().find(|it| it["theCode"] == "1A00").unwrap();
    let below = strings(&rot["descendants"], Some("theCode"));
    assert!(below.contains(&"1A00.0".to_owned()), "{below:?}");
    assert!(top.iter().all(|it| it["theCode"] != "1A00.0"), "{answer}");
}

#[tokio::test]
async fn chapters_and_subtrees_bound_a_search() {
    let all = Everything::new();
    let codes = async |rest: &str| {
        let answer = all.json(&format!("{MMS}/search?q=feather&{rest}")).await;
        strings(&answer["destinationEntities"], Some("theCode"))
    };
    let extension = "XA12".to_owned();
    assert!(!codes("").await.contains(&extension));
    assert!(codes("medicalCodingMode=false").await.contains(&extension));
    assert_eq!(codes("chapterFilter=X").await, ["XA12"]);
    assert!(!codes("chapterFilter=01;02;").await.is_empty());
    assert_eq!(codes("chapterFilter=77").await, [""; 0]);
    let wing = "subtreesFilter=http://id.who.int/icd/entity/4";
    assert_eq!(codes(wing).await, ["1A00.0"]);
    assert_eq!(codes(&format!("{wing}&chapterFilter=X")).await, [""; 0]);
    assert_eq!(
        codes("subtreesFilter=http://id.who.int/icd/entity/999").await,
        [""; 0]
    );
}

#[tokio::test]
async fn codes_and_clusters_lead_to_entities() {
    let all = Everything::new();
    let info = async |code: &str| all.get(&format!("{MMS}/codeinfo/{code}")).await;
    assert_json_snapshot!("who_cluster", info("1a00.0%26XA12%2F1A01").await.json());
    assert_eq!(
        info("1A00.Z").await.json()["stemId"],
        "http://id.who.int/icd/release/11/2098-01/mms/3/unspecified"
    );
    let terminal = info("1A00?convertToTerminalCodes=true").await.json();
    assert_eq!(terminal["code"], "1A00.Z");
    assert_eq!(info("XA12").await.json()["code"], "XA12");
    assert_eq!(info("1A09").await.problem(), "404 code-unknown");
    assert_eq!(info("1A00.0%261A01").await.problem(), "400 code-malformed");
    let lookup = async |uri: &str| {
        let path = format!("{MMS}/lookup?foundationUri={uri}");
        all.get(&path).await
    };
    let entity = "http%3A%2F%2Fid.who.int%2Ficd%2Fentity%2F";
    assert_eq!(lookup(&format!("{entity}4")).await.json()["code"], "1A00.0");
    assert_eq!(
        lookup(&format!("{entity}2")).await.json()["blockId"],
        "BlockL1-1A0"
    );
    assert_eq!(lookup("x").await.problem(), "400 bad-parameter");
}

#[tokio::test]
async fn a_phrase_has_one_best_code() {
    let all = Everything::new();
    let best = async |rest: &str| all.json(&format!("{MMS}/autocode?searchText={rest}")).await;
    assert_json_snapshot!("who_autocode", best("feather+rot+of+wing").await);
    let by_other_name = best("plume+shedding").await;
    assert_eq!(by_other_name["theCode"], "1A01");
    let marked = "Plume shedding [not WHO's wording]";
    assert_eq!(by_other_name["matchingText"], marked);
    let none = best("feather+toothache&matchThreshold=0.99").await;
    assert_eq!(none["theCode"], serde_json::Value::Null);
    assert_eq!(none["matchLevel"], 0);
}

#[tokio::test]
async fn names_that_are_not_whos_are_marked() {
    let all = Everything::new();
    let path = format!("{MMS}/search?q=plume+shedding&highlightingEnabled=false");
    let answer = all.json(&path).await;
    let first = &answer["destinationEntities"][0];
    assert_eq!(first["title"], "Moult");
    let value = &first["matchingPVs"][0];
    assert_eq!(value["propertyId"], "IndexTerm");
    assert_eq!(value["label"], "Plume shedding [not WHO's wording]");
}

#[tokio::test]
async fn pages_of_any_origin_may_ask() {
    let all = Everything::new();
    let headers = [
        ("origin", "https://ehr.example"),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "api-version"),
    ];
    for path in [
        &format!("{MMS}/search"),
        "/icd/release/11/mms",
        "/analytics/clientanalytics",
    ] {
        let reply = all.send(Method::OPTIONS, path, &headers, "").await;
        assert_eq!(reply.status, 204, "{path}");
        assert_eq!(reply.header("access-control-allow-origin"), "*");
        let allowed = reply.header("access-control-allow-headers").to_lowercase();
        assert!(allowed.contains("api-version"), "{allowed}");
    }
    let reply = all.get("/icd/release/11/mms").await;
    assert_eq!(reply.header("api-version"), "v2.6.0");
    assert_eq!(reply.header("access-control-expose-headers"), "API-Version");
    let reported = all
        .send(
            Method::POST,
            "/analytics/clientanalytics",
            &[],
            "chosen words",
        )
        .await;
    assert_eq!(
        (reported.status.as_u16(), reported.text.as_str()),
        (204, "")
    );
}
