//! What HTTP itself promises: tags, methods, origins, hosts, batches and streams.
//!
//! 1. An answer that follows from bundle, day and address has a tag, and is not sent twice.
//! 2. What a search answers is kept by nobody.
//! 3. HEAD has the head of GET; OPTIONS names the methods.
//! 4. Scripts of listed origins may read answers, and no others.
//! 5. On loopback, the service answers to names of this machine alone.
//! 6. A batch answers each of its searches; a stream answers any number, in order.
//! 7. A problem is described for people and for programs.

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Method, Request};
use codebook::catalog::Catalog;
use codebook::http::state::{Access, App, Limits};
use http_body_util::BodyExt;
use http_body_util::channel::Channel;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::http_service::{Reply, Service, build, bundle, today};

fn with_access(access: Access) -> Service {
    let bundle = bundle();
    let catalog = Catalog::open(&bundle.path()).unwrap();
    let app = App::at(catalog, Limits::default(), today).with_access(access);
    Service::of(app).holding(bundle)
}

async fn send(service: &Service, method: Method, path: &str, headers: &[(&str, &str)]) -> Reply {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    service.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn an_answer_is_not_sent_twice_until_another_bundle_answers() {
    let service = Service::new();
    for path in ["/v1/codes/icd10cm/A00", "/v1/releases?date=2026-01-05"] {
        let first = service.get(path).await;
        assert_eq!(first.header("cache-control"), "no-cache", "{path}");
        let tag = first.header("etag").to_owned();
        assert!(tag.starts_with("W/\""), "{tag}");
        let known = format!("\"other\", {tag}");
        let again = send(&service, Method::GET, path, &[("if-none-match", &known)]).await;
        assert_eq!((again.status.as_u16(), &*again.text), (304, ""), "{path}");
        assert_eq!(again.header("etag"), tag);
        let other = send(&service, Method::GET, path, &[("if-none-match", "\"x\"")]).await;
        assert_eq!(other.status, 200);
    }
    let tag = |reply: &Reply| reply.header("etag").to_owned();
    let before = tag(&service.get("/v1/codes/icd10cm/A00").await);
    assert_ne!(before, tag(&service.get("/v1/codes/icd10cm/B01").await));
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("bundle");
    build(&other, &[2027]);
    service.app.catalog.reload(&other).unwrap();
    assert_ne!(before, tag(&service.get("/v1/codes/icd10cm/A00").await));
}

#[tokio::test]
async fn searches_and_problems_are_kept_by_nobody() {
    let service = Service::new();
    for path in [
        "/v1/search?q=plum",
        "/v1/complete?q=plum",
        "/v1/codes/icd10cm/Z99",
        "/v1/codes/icd10cm/A00?plum",
    ] {
        let reply = service.get(path).await;
        assert_eq!(reply.header("cache-control"), "no-store", "{path}");
        assert_eq!(reply.header("etag"), "", "{path}");
    }
}

#[tokio::test]
async fn head_is_the_head_of_get_and_options_names_the_methods() {
    let service = Service::new();
    for path in ["/v1/codes/icd10cm/A00", "/v1/releases", "/openapi.json"] {
        let got = service.get(path).await;
        let head = send(&service, Method::HEAD, path, &[]).await;
        assert_eq!((head.status, &*head.text), (got.status, ""), "{path}");
        for name in ["content-type", "etag", "cache-control"] {
            assert_eq!(head.header(name), got.header(name), "{path} {name}");
        }
    }
    for (path, methods) in [
        ("/v1/search", "GET,HEAD,POST"),
        ("/v1/search:batch", "POST"),
        ("/v1/releases", "GET,HEAD"),
    ] {
        let reply = send(&service, Method::OPTIONS, path, &[]).await;
        assert_eq!(
            (reply.status.as_u16(), reply.header("allow")),
            (204, methods)
        );
    }
    let nowhere = send(&service, Method::OPTIONS, "/nowhere", &[]).await;
    assert_eq!(nowhere.problem(), "404 not-found");
}

#[tokio::test]
async fn scripts_of_listed_origins_may_read_answers_and_no_others() {
    let listed = with_access(Access {
        origins: vec![HeaderValue::from_static("https://app.example")],
        ..Access::default()
    });
    let path = "/v1/search?q=plum";
    let allowed = async |service: &Service, origin: &str| {
        let reply = send(service, Method::GET, path, &[("origin", origin)]).await;
        assert_eq!(reply.status, 200);
        reply.header("access-control-allow-origin").to_owned()
    };
    assert_eq!(
        allowed(&listed, "https://app.example").await,
        "https://app.example"
    );
    assert_eq!(allowed(&listed, "https://evil.example").await, "");
    assert_eq!(allowed(&Service::new(), "https://app.example").await, "");
    let asking = [
        ("origin", "https://app.example"),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "content-type"),
    ];
    let preflight = send(&listed, Method::OPTIONS, path, &asking).await;
    assert!(preflight.status.is_success());
    assert!(
        preflight
            .header("access-control-allow-methods")
            .contains("POST")
    );
    assert!(
        preflight
            .header("access-control-allow-headers")
            .contains("content-type")
    );
    assert_eq!(preflight.header("access-control-allow-credentials"), "");
}

#[tokio::test]
async fn on_loopback_only_names_of_this_machine_are_answered() {
    let local = with_access(Access {
        local_names_only: true,
        ..Access::default()
    });
    for (host, expected) in [
        ("localhost:8080", 200),
        ("127.0.0.1", 200),
        ("[::1]:8080", 200),
        ("evil.example:8080", 421),
        ("127.0.0.1.evil.example", 421),
    ] {
        let reply = send(&local, Method::GET, "/health/live", &[("host", host)]).await;
        assert_eq!(reply.status.as_u16(), expected, "{host}");
        let anywhere = [("host", host)];
        let reply = send(&Service::new(), Method::GET, "/health/live", &anywhere).await;
        assert_eq!(reply.status, 200);
    }
    let named = with_access(Access {
        local_names_only: true,
        names: vec!["codes.example".to_owned()],
        ..Access::default()
    });
    for (host, expected) in [
        ("codes.example", 200),
        ("CODES.example:443", 200),
        ("codes.example.evil.example", 421),
    ] {
        let reply = send(&named, Method::GET, "/health/live", &[("host", host)]).await;
        assert_eq!(reply.status.as_u16(), expected, "{host}");
    }
    let reply = send(&local, Method::GET, "/", &[("host", "evil.example")]).await;
    assert_eq!(reply.problem(), "421 host-unknown");
}

#[tokio::test]
async fn a_batch_answers_each_of_its_searches() {
    let service = Service::new();
    let body = json!({ "queries": [
        { "id": "plum", "q": "damson distemper", "limit": 1 },
        { "q": "kite", "limit": 0 },
        { "id": "none" },
        { "id": 5, "q": "kite" },
        { "id": "kite", "q": "kite", "system": "icd10cm" },
    ]});
    let answer = service
        .post("/v1/search:batch", body.to_string())
        .await
        .json();
    let answers: Vec<(&str, &str)> = answer["answers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let code = one["answer"]["results"][0]["code"].as_str();
            let became = code.or(one["problem"]["code"].as_str());
            (one["id"].as_str().unwrap(), became.unwrap())
        })
        .collect();
    let expected = [
        ("plum", "A00.0"),
        ("2", "bad-parameter"),
        ("none", "query-missing"),
        ("4", "bad-json"),
        ("kite", "S01"),
    ];
    assert_eq!(answers, expected);

    let alone = service.get("/v1/search?q=kite&system=icd10cm").await.json();
    assert_eq!(answer["answers"][4]["answer"]["results"], alone["results"]);

    for size in [0, 101] {
        let queries = vec![json!({ "q": "kite" }); size];
        let body = json!({ "queries": queries }).to_string();
        let reply = service.post("/v1/search:batch", body).await;
        assert_eq!(reply.problem(), "400 batch-size", "{size}");
    }
    let queries = vec![json!({ "q": "kite ".repeat(800) }); 100];
    let body = json!({ "queries": queries }).to_string();
    assert_eq!(service.post("/v1/search:batch", body).await.status, 200);
    let large = vec![b' '; 1024 * 1024 + 1];
    let reply = service.post("/v1/search:batch", large).await;
    assert_eq!(reply.problem(), "413 body-too-large");
}

fn ndjson(body: impl Into<Body>) -> Request<Body> {
    let request = Request::post("/v1/search:batch").header("content-type", "application/x-ndjson");
    request.body(body.into()).unwrap()
}

#[tokio::test]
async fn a_stream_answers_every_line_in_order() {
    let service = Service::new();
    let mut lines = String::new();
    for number in 1..=300 {
        let line = match number % 3 {
            0 => "{\"q\": \"kite\", \"limit\": 1}".to_owned(),
            1 => format!("{{\"id\": \"n{number}\", \"q\": \"plum\", \"limit\": 1}}"),
            _ => "plum".to_owned(),
        };
        lines.push_str(&line);
        lines.push_str("\n\n");
    }
    let reply = service.send(ndjson(lines)).await;
    assert_eq!(reply.header("content-type"), "application/x-ndjson");
    let answers: Vec<Value> = reply
        .text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(answers.len(), 300);
    for (number, answer) in (1..).zip(&answers) {
        match number % 3 {
            1 => {
                assert_eq!(answer["id"], format!("n{number}"));
                assert!(answer["answer"]["total"].as_u64().unwrap() > 0);
            }
            2 => assert_eq!(answer["problem"]["code"], "bad-json"),
            _ => assert_eq!(answer["id"], number.to_string()),
        }
    }
}

#[tokio::test]
async fn a_stream_reads_no_more_than_the_client_takes() {
    let limits = Limits {
        cores: 1,
        ..Limits::default()
    };
    let service = Service::within(limits);
    let (mut sender, channel) = Channel::<Bytes>::new(1);
    let response = service.router.clone().oneshot(ndjson(Body::new(channel)));
    let mut answers = response.await.unwrap().into_body();
    let line = || Bytes::from_static(b"{\"q\": \"kite\", \"limit\": 1}\n");
    // Nobody takes answers, so that after some lines none is read any more.
    let mut sent = 0;
    let soon = std::time::Duration::from_millis(300);
    while let Ok(outcome) = tokio::time::timeout(soon, sender.send_data(line())).await {
        outcome.unwrap();
        sent += 1;
        assert!(sent < 20, "lines are read though no answer is taken");
    }
    // As soon as answers are taken, lines are read again.
    let mut taken = String::new();
    while taken.lines().count() < 3 {
        let frame = answers.frame().await.unwrap().unwrap();
        taken.push_str(std::str::from_utf8(&frame.into_data().unwrap()).unwrap());
    }
    sender.send_data(line()).await.unwrap();
    drop(sender);
    let rest = answers.collect().await.unwrap().to_bytes();
    taken.push_str(std::str::from_utf8(&rest).unwrap());
    assert_eq!(taken.lines().count(), sent + 1);
}

#[tokio::test]
async fn a_line_that_is_too_long_fails_alone() {
    let service = Service::new();
    let long = "x".repeat(70 * 1024);
    let lines = format!("{{\"q\":\"kite\"}}\n{{\"q\":\"{long}\"}}\n{{\"q\":\"plum\"}}");
    let reply = service.send(ndjson(lines)).await;
    let codes: Vec<Value> = reply
        .text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|answer| answer["problem"]["code"].clone())
        .collect();
    assert_eq!(codes, [Value::Null, json!("body-too-large"), Value::Null]);
}

#[tokio::test]
async fn a_problem_is_described_for_people_and_for_programs() {
    let service = Service::new();
    let path = "/problems/bad-date";
    let json = service.get(path).await.json();
    assert_eq!(json["status"], 400);
    assert!(json["advice"].as_str().unwrap().contains("2026-10-01"));
    let accept = [("accept", "text/html,*/*;q=0.8")];
    let page = send(&service, Method::GET, path, &accept).await;
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(page.text.contains("<h1><code>bad-date</code></h1>"));
}
