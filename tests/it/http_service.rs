//! The service over a small bundle of invented diseases, driven in-process.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Weak};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use codebook::catalog::Catalog;
use codebook::http::state::{App, Limits};
use codebook::http::{router, surrounded};
use http_body_util::BodyExt;
use jiff::civil::{Date, date};
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt;

/// A row of an order file: code without dot, whether it is billable, title.
type Row = (&'static str, bool, &'static str);

const ROWS_2026: &[Row] = &[
    ("A00", false, "Plum disease"),
    ("A000", true, "Plum disease with blue spots"),
    ("A001", true, "Plum disease with red spots"),
    ("B01", true, "Hostile <img src=x onerror=alert(1)> fever"),
    ("S01", false, "Fall from a kite"),
    ("S011", false, "Fall from a right-handed kite"),
    (
        "S011XXA",
        true,
        "Fall from a right-handed kite, initial encounter",
    ),
    (
        "S011XXD",
        true,
        "Fall from a right-handed kite, subsequent encounter",
    ),
    ("S012", false, "Fall from a left-handed kite"),
    (
        "S012XXA",
        true,
        "Fall from a left-handed kite, initial encounter",
    ),
    (
        "S012XXD",
        true,
        "Fall from a left-handed kite, subsequent encounter",
    ),
];

/// What the release of 2027 changes: `A00.1` goes, `A00.2` comes.
const ROW_2027: Row = ("A002", true, "Plum disease with green spots, unspecified");

const TABULAR: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<ICD10CM.tabular>
  <version>YEAR</version>
  <chapter>
    <name>1</name><desc>Invented infections (A00-B99)</desc>
    <excludes1><note>kite injuries (S01.-)</note></excludes1>
    <section id="A00-A09">
      <desc>Invented infections of the garden (A00-A09)</desc>
      <diag><name>A00</name><desc>Plum disease</desc>
        <includes><note>orchard fever</note></includes>
        <useAdditionalCode><note>code to identify the kite (S01.1-)</note></useAdditionalCode>
        <diag><name>A00.0</name><desc>Plum disease with blue spots</desc>
          <inclusionTerm><note>Damson distemper</note></inclusionTerm>
        </diag>
        LAST
      </diag>
    </section>
    <section id="B00-B09">
      <desc>Hostile infections (B00-B09)</desc>
      <diag><name>B01</name><desc>Hostile &lt;img src=x onerror=alert(1)&gt; fever</desc></diag>
    </section>
  </chapter>
  <chapter>
    <name>19</name><desc>Invented injuries (S00-T88)</desc>
    <section id="S00-S09">
      <desc>Falls (S00-S09)</desc>
      <diag><name>S01</name><desc>Fall from a kite</desc>
        <sevenChrNote><note>The appropriate 7th character is to be added</note></sevenChrNote>
        <sevenChrDef>
          <extension char="A">initial encounter</extension>
          <extension char="D">subsequent encounter</extension>
        </sevenChrDef>
        <diag><name>S01.1</name><desc>Fall from a right-handed kite</desc></diag>
        <diag><name>S01.2</name><desc>Fall from a left-handed kite</desc></diag>
      </diag>
    </section>
  </chapter>
</ICD10CM.tabular>
"#;

struct Silent;

impl indexer::Progress for Silent {
    fn stage(&self, _text: &str) {}
    fn file(&self, _done: usize, _total: usize, _name: &str) {}
}

/// Builds the bundle of the invented releases of `years` into `out`.
pub(crate) fn build(out: &Path, years: &[u16]) {
    let sources = tempfile::tempdir().unwrap();
    for year in years {
        let mut rows = ROWS_2026.to_vec();
        let mut last = r#"<diag><name>A00.1</name><desc>Plum disease with red spots</desc></diag>"#;
        if *year > 2026 {
            rows[2] = ROW_2027;
            last = r#"<diag><name>A00.2</name><desc>Plum disease with green spots, unspecified</desc></diag>"#;
        }
        let mut order = String::new();
        for (number, (code, billable, title)) in (1..).zip(&rows) {
            let short: String = title.chars().take(60).collect();
            let flag = u8::from(*billable);
            writeln!(order, "{number:05} {code:<7} {flag} {short:<60} {title}").unwrap();
        }
        let order_path = sources.path().join(format!("icd10cm_order_{year}.txt"));
        fs::write(order_path, order).unwrap();
        let tabular = TABULAR
            .replace("YEAR", &year.to_string())
            .replace("LAST", last);
        let tabular_path = sources.path().join(format!("icd10cm_tabular_{year}.xml"));
        fs::write(tabular_path, tabular).unwrap();
    }
    let plan = indexer::BuildPlan {
        paths: vec![sources.path().to_owned()],
        embedded: false,
        out: out.to_owned(),
        replace: false,
        keep_going: true,
    };
    indexer::build(&plan, &Silent).unwrap();
}

/// The bundle of the invented releases 2026 and 2027; it goes with the last test that holds it.
#[derive(Clone)]
pub(crate) struct TestBundle(Arc<TempDir>);

impl TestBundle {
    pub(crate) fn path(&self) -> PathBuf {
        self.0.path().join("bundle")
    }
}

/// The bundle, built once for all tests that run at the same time.
pub(crate) fn bundle() -> TestBundle {
    static SHARED: Mutex<Weak<TempDir>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap();
    let folder = shared.upgrade().unwrap_or_else(|| {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        build(&folder.path().join("bundle"), &[2026, 2027]);
        *shared = Arc::downgrade(&folder);
        folder
    });
    TestBundle(folder)
}

/// The bundle of the embedded release, built once for all tests that run at the same time.
pub(crate) fn embedded() -> TestBundle {
    static SHARED: Mutex<Weak<TempDir>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap();
    let folder = shared.upgrade().unwrap_or_else(|| {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        indexer::build_embedded(&folder.path().join("bundle"), &Silent).unwrap();
        *shared = Arc::downgrade(&folder);
        folder
    });
    TestBundle(folder)
}

/// The day it is in every test: a day of the release of 2027.
pub(crate) fn today() -> Date {
    date(2026, 11, 3)
}

/// The service, and its state to look into.
pub(crate) struct Service {
    pub(crate) app: Arc<App>,
    pub(crate) router: Router,
    /// Keeps the folder for as long as the service.
    held: Option<TestBundle>,
}

/// What the service answered.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The code of the problem that was answered, with its status.
    pub(crate) fn problem(&self) -> String {
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{}",
            self.text
        );
        let body = self.json();
        assert_eq!(body["status"], self.status.as_u16());
        assert_eq!(body["request_id"], self.header("x-request-id"));
        format!(
            "{} {}",
            self.status.as_u16(),
            body["code"].as_str().unwrap()
        )
    }
}

impl Service {
    pub(crate) fn new() -> Service {
        Service::within(Limits::default())
    }

    /// The service over the shared bundle, within `limits`.
    pub(crate) fn within(limits: Limits) -> Service {
        let bundle = bundle();
        let mut service = Service::over(&bundle.path(), limits);
        service.held = Some(bundle);
        service
    }

    /// The service over a bundle of the test's own.
    pub(crate) fn over(bundle: &Path, limits: Limits) -> Service {
        Service::of(App::at(Catalog::open(bundle).unwrap(), limits, today))
    }

    /// The service of a state of the test's own.
    pub(crate) fn of(app: App) -> Service {
        let app = Arc::new(app);
        Service {
            router: router(Arc::clone(&app)),
            app,
            held: None,
        }
    }

    /// Keeps the bundle's folder for as long as the service.
    pub(crate) fn holding(mut self, bundle: TestBundle) -> Service {
        self.held = Some(bundle);
        self
    }

    /// The service with `routes` in place of its own.
    pub(crate) fn answering(mut self, routes: Router) -> Service {
        self.router = surrounded(Arc::clone(&self.app), routes);
        self
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Reply {
            status: head.status,
            headers: head.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(Request::get(path).body(Body::empty()).unwrap())
            .await
    }

    pub(crate) async fn post(&self, path: &str, body: impl Into<Body>) -> Reply {
        let request = Request::post(path).header("content-type", "application/json");
        self.send(request.body(body.into()).unwrap()).await
    }
}
