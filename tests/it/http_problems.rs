//! Every problem of the table, provoked; and input that nobody should send.

use std::io::{Seek, Write};
use std::sync::mpsc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request};
use axum::routing::get;
use codebook::catalog::Catalog;
use codebook::http::errors::ErrorCode;
use codebook::http::state::{Access, App, Limits};
use serde_json::json;

use super::http_service::{Service, build, bundle, today};

/// Occupies one core of the service's pool until the sender is dropped.
pub(crate) async fn occupy(service: &Service) -> mpsc::Sender<()> {
    let (release, held) = mpsc::channel::<()>();
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let pool = service.app.pool.clone();
    tokio::spawn(async move {
        pool.run(move || {
            let _ = begun.send(());
            let _ = held.recv();
        })
        .await
    });
    has_begun.await.unwrap();
    release
}

#[tokio::test]
async fn every_problem_of_the_table_can_be_met() {
    let service = Service::new();
    let mut met: Vec<String> = Vec::new();
    for path in [
        "/v1/search?q=plum&date=2026-02-30",
        "/v1/search?q=plum&limit=0",
        "/v1/search?q=plum&cursor=xyz",
        "/v1/search",
        "/v1/search?q=plum&system=icd12",
        "/v1/search?q=plum&system=hcpcs",
        "/v1/search?q=plum&chapter=77",
        "/v1/codes/icd10cm/%F0%9F%98%80",
        "/v1/codes/icd10cm/Z99.9",
        "/v1/diff/icd10cm?from=2001&to=2027",
        "/v1/translate?system=icd10cm&code=A00.0",
        "/nowhere",
    ] {
        met.push(service.get(path).await.problem());
    }
    let long = "plum ".repeat(1000);
    met.push(
        service
            .post("/v1/search", json!({ "q": long }).to_string())
            .await
            .problem(),
    );
    met.push(service.post("/v1/search", "{").await.problem());
    let claim = json!({ "payer": "nobody" }).to_string();
    met.push(service.post("/v1/edits/check", claim).await.problem());
    let x12 = Request::post("/v1/edits/check").header("content-type", "application/edi-x12");
    let x12 = x12.body(Body::from("hello")).unwrap();
    met.push(service.send(x12).await.problem());
    met.push(
        service
            .post("/v1/search", vec![b' '; 65 * 1024])
            .await
            .problem(),
    );
    let untyped = Request::post("/v1/search").body(Body::from("{}")).unwrap();
    met.push(service.send(untyped).await.problem());
    let put = Request::put("/v1/search").body(Body::empty()).unwrap();
    let put = service.send(put).await;
    assert_eq!(put.header("allow"), "GET,HEAD,POST");
    met.push(put.problem());
    let empty = json!({ "queries": [] }).to_string();
    met.push(service.post("/v1/search:batch", empty).await.problem());
    met.push(wrong_host().await);
    met.push(expired_cursor().await);
    met.push(busy().await);
    met.push(timed_out().await);
    met.push(not_ready().await);
    met.push(panicked().await);

    let mut table: Vec<String> = ErrorCode::ALL
        .iter()
        .map(|code| format!("{} {}", code.status().as_u16(), code.id()))
        .collect();
    met.sort();
    table.sort();
    assert_eq!(met, table);
}

async fn expired_cursor() -> String {
    let service = Service::new();
    let page = service.get("/v1/search?q=kite&limit=1").await.json();
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("bundle");
    build(&other, &[2027]);
    service.app.catalog.reload(&other).unwrap();
    let cursor = page["next"].as_str().unwrap();
    service
        .get(&format!("/v1/search?q=kite&cursor={cursor}"))
        .await
        .problem()
}

async fn wrong_host() -> String {
    let bundle = bundle();
    let catalog = Catalog::open(&bundle.path()).unwrap();
    let access = Access {
        local_names_only: true,
        ..Access::default()
    };
    let app = App::at(catalog, Limits::default(), today).with_access(access);
    let service = Service::of(app).holding(bundle);
    let request = Request::get("/").header("host", "plum.example");
    let reply = service.send(request.body(Body::empty()).unwrap()).await;
    assert!(!reply.text.contains("plum"));
    reply.problem()
}

async fn busy() -> String {
    let limits = Limits {
        cores: 1,
        queued: 0,
        ..Limits::default()
    };
    let service = Service::within(limits);
    let _held = occupy(&service).await;
    let reply = service.get("/v1/search?q=plum").await;
    assert_eq!(reply.header("retry-after"), "1");
    reply.problem()
}

async fn timed_out() -> String {
    let limits = Limits {
        cores: 1,
        queued: 8,
        request_timeout: Duration::from_millis(20),
        ..Limits::default()
    };
    let service = Service::within(limits);
    let _held = occupy(&service).await;
    service.get("/v1/search?q=plum").await.problem()
}

/// Overwrites the texts of an open bundle in place, as a failing disk would.
async fn not_ready() -> String {
    let folder = tempfile::tempdir().unwrap();
    let bundle = folder.path().join("bundle");
    build(&bundle, &[2027]);
    let service = Service::over(&bundle, Limits::default());
    let strings = bundle.join("strings.bin");
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .open(strings)
        .unwrap();
    let len = usize::try_from(file.metadata().unwrap().len()).unwrap();
    file.rewind().unwrap();
    file.write_all(&vec![b' '; len]).unwrap();
    file.sync_all().unwrap();
    let reply = service.get("/health/ready").await;
    assert_eq!(
        reply.json()["missing"],
        json!([{ "what": "lookup", "system": "icd10cm" }])
    );
    assert_eq!(service.get("/health/live").await.status, 200);
    reply.problem()
}

async fn panicked() -> String {
    let routes = axum::Router::new().route(
        "/panic",
        get(|| async {
            if true {
                std::panic::resume_unwind(Box::new("plum"))
            }
        }),
    );
    let service = Service::new().answering(routes);
    let reply = service.get("/panic").await;
    assert!(!reply.text.contains("plum"));
    reply.problem()
}

#[tokio::test]
async fn problems_are_described_where_their_type_leads() {
    let service = Service::new();
    for code in ErrorCode::ALL {
        let reply = service.get(&format!("/problems/{}", code.id())).await;
        assert_eq!(reply.json()["title"], code.title());
    }
    assert_eq!(
        service.get("/problems/plum").await.problem(),
        "404 not-found"
    );
}

#[tokio::test]
async fn parameters_have_one_meaning_or_are_refused() {
    let service = Service::new();
    for (query, expected) in [
        ("q=plum&limit=101", "400 bad-parameter"),
        ("q=plum&limit=-1", "400 bad-parameter"),
        ("q=plum&limit=5.5", "400 bad-parameter"),
        ("q=plum&limit=", "400 bad-parameter"),
        ("q=plum&billable=maybe", "400 bad-parameter"),
        ("q=plum&mode=fast", "400 bad-parameter"),
        ("q=plum&q=kite", "400 bad-parameter"),
        ("q=plum&sytem=icd10cm", "400 bad-parameter"),
        ("q=plum&date=today", "400 bad-date"),
        ("q=plum&date=2026-1-5", "400 bad-date"),
        ("q=plum&date=", "400 bad-date"),
        ("q=plum&date=2026-01-05T00:00:00", "400 bad-date"),
        ("q=plum&date=%2B02026-01-05", "400 bad-date"),
    ] {
        let path = format!("/v1/search?{query}");
        assert_eq!(service.get(&path).await.problem(), expected, "{query}");
    }
    for (body, expected) in [
        (json!({ "q": 5 }), "400 bad-json"),
        (json!({ "q": "plum", "limit": "5" }), "400 bad-json"),
        (json!({ "q": "plum", "limit": 0 }), "400 bad-parameter"),
        (json!({ "q": "plum", "colour": "red" }), "400 bad-json"),
        (json!(["plum"]), "400 bad-json"),
        (json!("plum"), "400 bad-json"),
        (json!(null), "400 bad-json"),
        (json!({}), "400 query-missing"),
    ] {
        let reply = service.post("/v1/search", body.to_string()).await;
        assert_eq!(reply.problem(), expected, "{body}");
    }
    let deep = "[".repeat(60_000);
    assert_eq!(
        service.post("/v1/search", deep).await.problem(),
        "400 bad-json"
    );
}

#[tokio::test]
async fn odd_queries_are_answered() {
    let service = Service::new();
    let words = "plum kite fever ".repeat(250);
    for q in [
        "",
        " ",
        "\u{0}",
        "😀",
        "-",
        "()",
        "\"",
        "a",
        "plum AND OR NOT *:* ~9 ^2",
        "'; DROP TABLE",
        &words,
    ] {
        for path in ["/v1/search", "/v1/complete"] {
            let reply = service.post(path, json!({ "q": q }).to_string()).await;
            assert_eq!(reply.status, 200, "{path} {q:?}");
        }
    }
    let many = "plum ".repeat(10_000);
    let body = json!({ "q": many }).to_string();
    assert_eq!(
        service.post("/v1/search", body).await.problem(),
        "400 query-too-long"
    );
    for system in ["icd10cm", "%F0%9F%98%80"] {
        for code in [
            "%F0%9F%98%80",
            "%00",
            "..",
            "A00%2F..%2FB01",
            "%ff%fe",
            &"A".repeat(5000),
        ] {
            let reply = service.get(&format!("/v1/codes/{system}/{code}")).await;
            assert!(
                reply.status.is_client_error(),
                "{system} {code} {}",
                reply.status
            );
            reply.problem();
        }
    }
}

#[tokio::test]
async fn methods_that_an_address_does_not_take_are_refused() {
    let service = Service::new();
    let odd = Method::from_bytes(b"PLUM").unwrap();
    for method in [Method::DELETE, Method::PATCH, Method::TRACE, odd] {
        for path in ["/", "/v1/search", "/v1/codes/icd10cm/A00", "/metrics"] {
            let request = Request::builder().method(&method).uri(path);
            let reply = service.send(request.body(Body::empty()).unwrap()).await;
            assert_eq!(reply.problem(), "405 method-not-allowed", "{method} {path}");
        }
    }
}
