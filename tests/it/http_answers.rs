//! What the operations answer, on the bundle of invented diseases.
//!
//! 1. A search answers ranked codes with the term that met the query, from the release of the day.
//! 2. GET and POST answer alike.
//! 3. Pages follow one another without gap or repetition, whatever their size.
//! 4. A cursor goes on for the day it was made, and ends with its bundle.
//! 5. A code is told with its place, notes and seventh characters.
//! 6. Readiness, version, releases and metrics are told without a query's words.
//! 7. The page and its files are whole, and nothing else is served.

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::routing::get;
use insta::{assert_json_snapshot, assert_snapshot};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::http_service::{Service, build};

fn codes(answer: &Value) -> Vec<&str> {
    let results = answer["results"].as_array().unwrap();
    results
        .iter()
        .map(|result| result["code"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_phrase_is_answered_with_its_codes() {
    let answer = Service::new()
        .get("/v1/search?q=damson+distemper&explain=true")
        .await
        .json();
    assert_json_snapshot!(answer, {
        ".took_us" => "[us]",
        ".release.icd10cm.sha256" => "[sha256]",
        ".release.icd10cm.loaded" => "[time]",
        ".results[].score" => "[score]",
        ".results[].explain" => "[explain]",
    });
    let first = &answer["results"][0];
    let added = first["explain"].as_array().unwrap().iter();
    let sum: f64 = added.map(|one| one["adds"].as_f64().unwrap()).sum();
    assert!((sum - first["score"].as_f64().unwrap()).abs() < 0.01);
}

#[tokio::test]
async fn the_address_and_the_body_ask_alike() {
    let service = Service::new();
    let from_address = service
        .get("/v1/search?q=kite+fall+right&system=icd10cm&billable=true&chapter=19&limit=3&date=2026-01-05&mode=complete")
        .await
        .json();
    let body = json!({
        "q": "kite fall right", "system": ["icd10cm"], "billable": true, "chapter": "19",
        "limit": 3, "date": "2026-01-05", "mode": "complete",
    });
    let from_body = service.post("/v1/search", body.to_string()).await.json();
    assert_eq!(codes(&from_address)[..2], ["S01.1XXA", "S01.1XXD"]);
    assert_eq!(codes(&from_address), codes(&from_body));
    assert_eq!(from_body["release"]["icd10cm"]["version"], "2026");
}

#[tokio::test]
async fn headers_say_what_they_need_and_sides_are_named() {
    let answer = Service::new().get("/v1/search?q=s01.1").await.json();
    let first = &answer["results"][0];
    assert_eq!(first["code"], "S01.1");
    assert_eq!(
        first["match"],
        json!({ "kind": "code", "text": "S01.1", "highlights": [[0, 5]] })
    );
    assert_eq!(first["billable"], false);
    assert_eq!(
        first["needs"],
        json!({ "characters": 3, "most": 3, "seventh": [
            { "char": "A", "text": "initial encounter" },
            { "char": "D", "text": "subsequent encounter" },
        ]})
    );
    assert_eq!(first["laterality"], "right");
    assert_eq!(first["parents"], json!(["S01"]));
    assert_eq!(first["chapter"], "19");
}

#[tokio::test]
async fn the_release_of_the_day_answers() {
    let service = Service::new();
    let status = async |date: &str, code: &str| {
        let answer = service
            .get(&format!("/v1/search?q={code}&date={date}"))
            .await
            .json();
        answer["results"][0]["status"].as_str().map(str::to_owned)
    };
    assert_eq!(
        status("2026-11-03", "A00.1").await.as_deref(),
        Some("retired")
    );
    assert_eq!(
        status("2026-01-05", "A00.1").await.as_deref(),
        Some("active")
    );
    assert_eq!(
        status("2026-01-05", "A00.2").await.as_deref(),
        Some("future")
    );
}

#[tokio::test]
async fn pages_follow_one_another() {
    let service = Service::new();
    let whole = service.get("/v1/search?q=kite&limit=100").await.json();
    assert_eq!(whole["next"], Value::Null);
    for limit in [1, 2, 3] {
        let mut found: Vec<String> = Vec::new();
        let mut cursor = String::new();
        loop {
            let path = format!("/v1/search?q=kite&limit={limit}{cursor}");
            let page = service.get(&path).await.json();
            found.extend(codes(&page).into_iter().map(str::to_owned));
            let Some(next) = page["next"].as_str() else {
                break;
            };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(found, codes(&whole), "pages of {limit}");
    }
}

#[tokio::test]
async fn a_cursor_is_bound_to_question_day_and_bundle() {
    let service = Service::new();
    let page = service
        .get("/v1/search?q=kite&limit=1&date=2026-01-05")
        .await
        .json();
    let cursor = page["next"].as_str().unwrap();
    let ask = async |rest: &str| {
        service
            .get(&format!("/v1/search?cursor={cursor}&{rest}"))
            .await
    };
    // The day of the first page is kept, so that pages go on after midnight.
    let next = ask("q=kite&limit=1").await.json();
    assert_eq!(next["release"]["icd10cm"]["version"], "2026");
    assert_eq!(ask("q=plum").await.problem(), "400 bad-cursor");
    assert_eq!(
        ask("q=kite&date=2026-11-03").await.problem(),
        "400 bad-cursor"
    );

    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("bundle");
    build(&other, &[2027]);
    service.app.catalog.reload(&other).unwrap();
    assert_eq!(ask("q=kite").await.problem(), "409 cursor-expired");
}

#[tokio::test]
async fn a_phrase_is_completed() {
    let answer = Service::new()
        .get("/v1/complete?q=dams&limit=1")
        .await
        .json();
    assert_json_snapshot!(answer["completions"], @r#"
    [
      {
        "billable": true,
        "code": "A00.0",
        "display": "Plum disease with blue spots",
        "kind": "inclusion",
        "matched": [
          0,
          4
        ],
        "system": "icd10cm",
        "text": "Damson distemper"
      }
    ]
    "#);
}

#[tokio::test]
async fn a_code_is_told_whole() {
    let service = Service::new();
    let answer = service.get("/v1/codes/ICD-10-CM/a000").await.json();
    assert_json_snapshot!(answer, {
        ".release.icd10cm.sha256" => "[sha256]",
        ".release.icd10cm.loaded" => "[time]",
    });
    let header = service.get("/v1/codes/icd10cm/S01.1").await.json();
    assert_eq!(header["needs"]["characters"], 3);
    assert_eq!(header["seventh"]["values"][1]["char"], "D");
}

#[tokio::test]
async fn a_code_of_another_release_says_which() {
    let reply = Service::new().get("/v1/codes/icd10cm/A00.1").await;
    assert_eq!(reply.problem(), "404 code-unknown");
    let valid_in = &reply.json()["valid_in"];
    assert_eq!(
        valid_in,
        &json!([{ "version": "2026", "effective": ["2025-10-01", "2026-09-30"] }])
    );
    let reply = Service::new().get("/v1/codes/icd10cm/A00.9").await;
    assert!(
        reply.json()["nearest"]
            .as_array()
            .is_some_and(|nearest| !nearest.is_empty())
    );
}

#[tokio::test]
async fn the_service_tells_of_itself() {
    let service = Service::new();
    assert_snapshot!(service.get("/health/live").await.text, @r#"{"status":"live"}"#);
    assert_snapshot!(
        service.get("/health/ready").await.text,
        @r#"{"releases":[{"system":"icd10cm","version":"2026"},{"system":"icd10cm","version":"2027"}],"status":"ready"}"#
    );
    let version = service.get("/version").await.json();
    assert_eq!(
        version["bundle"]["sha256"],
        service.app.catalog.snapshot().digest()
    );
    let releases = service.get("/v1/releases?date=2026-01-05").await.json();
    let stands: Vec<(&str, bool)> = releases["releases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["version"].as_str().unwrap(), one["answers"] == true))
        .collect();
    assert_eq!(stands, [("2026", true), ("2027", false)]);
}

#[tokio::test]
async fn every_route_is_counted_under_its_template() {
    let service = Service::new();
    for path in [
        "/",
        "/assets/main.js",
        "/v1/search?q=plum",
        "/v1/complete?q=pl",
        "/v1/codes/icd10cm/A00",
        "/v1/releases",
        "/v1/edits/pair?a=0001A&b=0002A",
        "/v1/edits/ptp/0001A",
        "/v1/edits/mue/0001A",
        "/v1/edits/addon/0001A",
        "/v1/validate?code=A00.0",
        "/v1/diff/icd10cm",
        "/v1/tree/icd10cm",
        "/v1/tree/icd10cm/A00",
        "/v1/index?term=plum",
        "/fhir/R4/metadata",
        "/problems/busy",
        "/health/live",
        "/health/ready",
        "/version",
        "/metrics",
        "/favicon.ico",
        "/openapi.json",
        "/docs",
    ] {
        assert_eq!(service.get(path).await.status, 200, "{path}");
    }
    assert_eq!(service.post("/v1/edits/check", "{}").await.status, 200);
    let batch = json!({ "queries": [{ "q": "plum", "system": "icd10cm" }] });
    let reply = service.post("/v1/search:batch", batch.to_string()).await;
    assert_eq!(reply.status, 200);
    // Systems and maps that this bundle does not hold.
    let absent = [
        "/v1/translate",
        "/v1/pcs",
        "/v1/pcs/{stub}",
        "/v1/modifiers",
    ];
    for path in [
        "/v1/translate?system=icd10cm&code=A00",
        "/v1/pcs",
        "/v1/pcs/0",
        "/v1/modifiers",
    ] {
        assert_eq!(service.get(path).await.status, 404, "{path}");
    }
    service.get("/plum").await;
    let metrics = service.get("/metrics").await.text;
    // The other doors' are counted where they are asked.
    let of_other_doors = ["/api/", "/icd/", "/mcp", "/analytics/"];
    let own = |route: &&str| !of_other_doors.iter().any(|door| route.starts_with(door));
    for route in codebook::http::ROUTES.into_iter().filter(own) {
        let status = if absent.contains(&route) { 404 } else { 200 };
        let line =
            format!("codebook_http_requests_total{{route=\"{route}\",status=\"{status}\"}} 1\n");
        assert!(metrics.contains(&line), "{line}{metrics}");
    }
    assert!(metrics.contains("{route=\"unmatched\",status=\"404\"} 1\n"));
    assert!(metrics.contains("codebook_searches_total{system=\"all\"} 1\n"));
}

#[tokio::test]
async fn every_answer_has_the_security_headers_and_an_id() {
    let service = Service::new();
    for path in ["/", "/v1/search?q=plum", "/nowhere", "/health/live"] {
        let reply = service.get(path).await;
        let policy = reply.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && !policy.contains("unsafe"),
            "{path}"
        );
        assert!(policy.contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        assert_eq!(reply.header("referrer-policy"), "no-referrer");
        assert_ne!(reply.header("x-request-id"), "");
        assert_eq!(reply.header("access-control-allow-origin"), "");
    }
}

#[tokio::test]
async fn the_page_is_whole_and_unchanged_files_are_not_sent_again() {
    let service = Service::new();
    let page = service.get("/").await.text;
    let names = page
        .split('"')
        .filter_map(|part| part.strip_prefix("/assets/"));
    for name in names.chain(["api.js", "book.js", "dom.js", "results.js"]) {
        let path = format!("/assets/{name}");
        let reply = service.get(&path).await;
        assert_eq!(reply.status, 200, "{name}");
        let again = Request::get(&path)
            .header("if-none-match", reply.header("etag"))
            .body(Body::empty())
            .unwrap();
        let again = service.send(again).await;
        assert_eq!(
            (again.status.as_u16(), again.text.as_str()),
            (304, ""),
            "{name}"
        );
    }
    for path in [
        "/assets/mod.rs",
        "/assets/..%2fmod.rs",
        "/assets/%2e%2e/mod.rs",
        "/assets/%ff",
    ] {
        assert_eq!(service.get(path).await.problem(), "404 not-found", "{path}");
    }
    for file in [&page, &service.get("/assets/style.css").await.text] {
        assert!(!file.contains("http://") && !file.contains("https://"));
    }
}

#[tokio::test]
async fn large_answers_are_packed_for_those_who_can_unpack_them() {
    let routes = Router::new()
        .route("/large", get(|| async { "plum ".repeat(10_000) }))
        .route("/small", get(|| async { "plum" }));
    let service = Service::new().answering(routes);
    let packed = async |path: &str, accepted: &str| {
        let request = Request::get(path).header("accept-encoding", accepted);
        let request = request.body(Body::empty()).unwrap();
        let response = service.router.clone().oneshot(request).await.unwrap();
        response.headers().contains_key("content-encoding")
    };
    assert!(packed("/large", "gzip, br").await);
    assert!(!packed("/large", "identity").await);
    assert!(!packed("/small", "gzip").await);
}
