//! Under load: work beyond the limits is refused at once, and a reload fails nobody.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use codebook::catalog::CatalogError;
use codebook::http::state::Limits;

use super::http_problems::occupy;
use super::http_service::{Service, build, bundle};

#[tokio::test]
async fn work_that_waits_is_done_and_work_beyond_the_queue_is_refused() {
    let limits = Limits {
        cores: 1,
        queued: 1,
        ..Limits::default()
    };
    let service = Arc::new(Service::within(limits));
    let held = occupy(&service).await;
    let waits = Arc::clone(&service);
    let waits = tokio::spawn(async move { waits.get("/v1/search?q=plum").await });
    while service.app.pool.waiting() == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(
        service.get("/v1/complete?q=plum").await.problem(),
        "503 busy"
    );
    // What holds no core is answered all the same.
    assert_eq!(service.get("/health/ready").await.status, 200);
    let metrics = service.get("/metrics").await.text;
    assert!(metrics.contains("codebook_pool_waiting 1\n"), "{metrics}");
    assert!(
        metrics.contains("codebook_pool_shed_total 1\n"),
        "{metrics}"
    );
    drop(held);
    assert_eq!(waits.await.unwrap().status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reload_fails_no_request_and_mixes_no_answers() {
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("other");
    build(&other, &[2027]);
    let service = Arc::new(Service::new());
    let shared = bundle().path();
    let done = Arc::new(AtomicBool::new(false));
    let mut askers = Vec::new();
    for _ in 0..4 {
        let (service, done) = (Arc::clone(&service), Arc::clone(&done));
        askers.push(tokio::spawn(async move {
            let mut answers = 0;
            while !done.load(Ordering::Relaxed) {
                let releases = service.get("/v1/releases").await.json();
                let count = releases["releases"].as_array().map_or(0, Vec::len);
                assert!(count == 1 || count == 2);
                let answer = service.get("/v1/search?q=blue+spots&date=2026-11-03").await;
                assert_eq!(answer.status, 200);
                assert_eq!(answer.json()["results"][0]["code"], "A00.0");
                answers += 1;
            }
            answers
        }));
    }
    for round in 0..40 {
        let next = if round % 2 == 0 { &other } else { &shared };
        service.app.catalog.reload(next).unwrap();
        tokio::task::yield_now().await;
    }
    done.store(true, Ordering::Relaxed);
    for asker in askers {
        assert!(asker.await.unwrap() > 0);
    }
}

#[tokio::test]
async fn a_bad_bundle_is_refused_and_the_old_one_serves_on() {
    let service = Service::new();
    let before = service.app.catalog.snapshot().digest().to_owned();
    let folder = tempfile::tempdir().unwrap();
    let empty = service.app.catalog.reload(folder.path());
    assert!(matches!(empty, Err(CatalogError::Bundle(_))));
    let cut = folder.path().join("cut");
    build(&cut, &[2027]);
    let codes = cut.join("codes.fst");
    let bytes = std::fs::read(&codes).unwrap();
    std::fs::write(&codes, &bytes[..bytes.len() / 2]).unwrap();
    assert!(service.app.catalog.reload(&cut).is_err());
    // Blank texts of the right length open, but do not answer.
    let blank = folder.path().join("blank");
    build(&blank, &[2027]);
    let strings = blank.join("strings.bin");
    let len = std::fs::metadata(&strings).unwrap().len();
    std::fs::write(&strings, vec![b' '; usize::try_from(len).unwrap()]).unwrap();
    let refused = service.app.catalog.reload(&blank).map(|_| ()).unwrap_err();
    assert!(
        refused.to_string().contains("does not answer as it should"),
        "{refused}"
    );
    assert_eq!(service.app.catalog.snapshot().digest(), before);
    assert_eq!(service.get("/v1/search?q=plum").await.status, 200);
}
