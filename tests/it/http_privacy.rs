//! A query may be a patient's words: they are in answers, and nowhere else.

use std::io;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::Request;
use serde_json::json;
use tracing::Level;
use tracing_subscriber::fmt::MakeWriter;

use super::http_service::Service;

/// Words that stand in no file of the project but this.
const MARKED: &str = "quixotezebra";

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl io::Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Captured {
    type Writer = Captured;

    fn make_writer(&'a self) -> Captured {
        self.clone()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_marked_phrase_is_nowhere_but_in_answers() {
    let captured = Captured::default();
    // The pool's threads log too, so the subscriber is the process' own.
    tracing_subscriber::fmt()
        .with_max_level(Level::DEBUG)
        .with_writer(captured.clone())
        .with_ansi(false)
        .init();
    let service = Service::new();
    for request in requests() {
        let line = format!("{} {}", request.method(), request.uri());
        let reply = service.send(request).await;
        if !reply.status.is_success() {
            assert!(!reply.text.contains(MARKED), "{line}: {}", reply.text);
        }
        for (name, value) in &reply.headers {
            let value = String::from_utf8_lossy(value.as_bytes());
            assert!(!value.contains(MARKED), "{line}: {name}: {value}");
        }
    }
    let metrics = service.get("/metrics").await.text;
    assert!(!metrics.contains(MARKED), "{metrics}");
    let logged = String::from_utf8(captured.0.lock().unwrap().clone()).unwrap();
    assert!(
        logged.contains("answered") && logged.contains("/v1/search"),
        "{logged}"
    );
    assert!(!logged.contains(MARKED), "{logged}");
}

/// The phrase wherever a client may put it.
fn requests() -> Vec<Request<Body>> {
    let mut requests = Vec::new();
    let mut get = |path: &str| {
        let path = path.replace("MARKED", MARKED);
        requests.push(Request::get(path).body(Body::empty()).unwrap());
    };
    for path in [
        "/v1/search?q=MARKED",
        "/v1/search?q=plum+MARKED&explain=true",
        "/v1/search?MARKED=1",
        "/v1/search?q=a&read=MARKED",
        "/v1/search?q=a&read=a:MARKED",
        "/v1/search?q=a&date=MARKED",
        "/v1/search?q=a&limit=MARKED",
        "/v1/search?q=a&cursor=MARKED",
        "/v1/search?q=a&system=MARKED",
        "/v1/search?q=a&chapter=MARKED",
        "/v1/search?q=a&mode=MARKED",
        "/v1/search?q=a&billable=MARKED",
        "/v1/search?q=MARKED&q=MARKED",
        "/v1/complete?q=MARKED",
        "/v1/complete?MARKED",
        "/api/icd10cm/v3/search?terms=MARKED",
        "/api/icd10cm/v3/search?terms=plum&q=MARKED&ef=MARKED&df=code",
        "/api/icd10cm/v3/search?suggest=1&field_val=MARKED",
        "/api/icd10cm/v3/search?terms=plum&version=MARKED",
        "/api/MARKED/v3/search?terms=MARKED",
        "/icd/release/11/2025-01/mms/search?q=MARKED",
        "/icd/release/11/MARKED/mms",
        "/icd/release/11/2025-01/mms/codeinfo/MARKED",
        "/v1/codes/icd10cm/MARKED",
        "/v1/codes/MARKED/A00",
        "/v1/codes/icd10cm/A00?MARKED=MARKED",
        "/v1/releases?date=MARKED",
        "/fhir/MARKED",
        "/fhir/R4/MARKED",
        "/fhir/R4/CodeSystem/MARKED",
        "/fhir/R4/CodeSystem/$lookup?system=MARKED&code=MARKED",
        "/fhir/R4/CodeSystem/$lookup?system=http://hl7.org/fhir/sid/icd-10-cm&code=MARKED",
        "/fhir/R4/ValueSet/$expand?url=MARKED&filter=MARKED",
        "/fhir/R4/ValueSet/icd10cm/$expand?filter=MARKED",
        "/fhir/R4/ValueSet/icd10cm/$expand?filter=MARKED&count=MARKED",
        "/MARKED",
        "/assets/MARKED",
        "/problems/MARKED",
        "/?MARKED",
        "/health/ready?MARKED",
        "/metrics?MARKED",
        "/version?MARKED",
    ] {
        get(path);
    }
    let bodies = [
        json!({ "q": MARKED }).to_string(),
        json!({ "q": "plum", MARKED: 1 }).to_string(),
        json!({ "q": "plum", "limit": MARKED }).to_string(),
        json!({ "q": "plum", "system": [MARKED] }).to_string(),
        json!({ "q": "plum", "date": MARKED }).to_string(),
        json!({ "q": "plum", "cursor": MARKED }).to_string(),
        json!({ "q": MARKED.repeat(500) }).to_string(),
        json!({ "q": "plum", "read": [{ "from": MARKED, "to": "" }] }).to_string(),
        json!({ "queries": [{ "q": "a", MARKED: 1 }, { "id": [MARKED] }] }).to_string(),
        format!("{{\"q\": {MARKED}"),
        MARKED.to_owned(),
    ];
    for path in [
        "/v1/search",
        "/v1/search:batch",
        "/v1/complete",
        "/v1/releases",
    ] {
        for body in &bodies {
            for media_type in ["application/json", "application/x-ndjson", MARKED] {
                let request = Request::post(path).header("content-type", media_type);
                requests.push(request.body(Body::from(body.clone())).unwrap());
            }
        }
    }
    let odd = Request::builder().method(MARKED.to_uppercase().as_str());
    requests.push(odd.uri("/v1/search").body(Body::empty()).unwrap());
    let named = Request::get("/health/live").header("x-request-id", format!("{MARKED} coughs"));
    requests.push(named.body(Body::empty()).unwrap());
    requests
}
