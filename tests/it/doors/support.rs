//! The service over every code set, and how each door is asked.

use std::path::Path;

use axum::body::Body;
use axum::http::{Method, Request};
use codebook::catalog::Catalog;
use codebook::http::state::{App, Limits};
use codebook::mcp::Access;
use form_urlencoded::byte_serialize;
use jiff::civil::{Date, date};
use serde_json::{Value, json};

use crate::http_service::{Reply, Service};
use crate::support::{Menagerie, newer, older};

/// The day it is: the newest release of every system is in force.
pub(super) const DAY: Date = date(2099, 1, 15);

/// WHO's ICD-10 with one more code than the usual, whose name its ICD-11 code takes over.
const WHO_ICD10: &str = "ICD-10 Version:2098 (invented)\n\
    I       Diseases of the plumage\n\
    A00-A09 Rots\n\
    A00     Feather rot\n\
    A01     Plume shedding\n";

const WHO_MAP: &str = "10ClassKind\t10DepthInKind\ticd10Code\ticd10Chapter\ticd10Title\t\
    11ClassKind\t11DepthInKind\tICD-11 FoundationURI\tLinearization (releaseURI)\ticd11Code\t\
    icd11Chapter\ticd11Title\n\
    category\t1\tA01\tI\tPlume shedding\tcategory\t1\thttp://id.who.int/icd/entity/5\t\
    http://id.who.int/icd/release/11/mms/5\t1A01\t01\tMoult\n";

/// The service over invented releases of every code set.
pub(super) struct Everything {
    pub(super) service: Service,
    _files: Menagerie,
}

/// The service over the bundle in `root`, for the assistants that `access` lets ask.
pub(super) fn service(root: &Path, access: Access) -> Service {
    let catalog = Catalog::open(root).unwrap();
    Service::of(App::at(catalog, Limits::default(), || DAY).with_mcp(access))
}

impl Everything {
    pub(super) fn new() -> Everything {
        let mut files = Menagerie::full()
            .with("who-2098.txt", WHO_ICD10)
            .with("maps-2098-01/10To11MapToOneCategory.txt", WHO_MAP);
        for release in [older(), newer()] {
            files = files
                .with(&release.order_file_name(), release.order_file())
                .with(&release.tabular_name(), release.tabular());
        }
        drop(files.build());
        Everything {
            service: service(&files.bundle_path(), Access::default()),
            _files: files,
        }
    }

    pub(super) async fn get(&self, path: &str) -> Reply {
        self.service.get(path).await
    }

    /// The body of a GET that succeeds.
    pub(super) async fn json(&self, path: &str) -> Value {
        let reply = self.get(path).await;
        assert!(reply.status.is_success(), "{path}: {}", reply.text);
        reply.json()
    }

    pub(super) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Reply {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.service.send(request.body(body.into()).unwrap()).await
    }

    /// What the Model Context Protocol answers over HTTP.
    pub(super) async fn mcp(&self, method: &str, params: Value) -> Value {
        let message = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let headers = [
            ("host", "localhost"),
            ("content-type", "application/json"),
            ("accept", "application/json, text/event-stream"),
        ];
        let reply = self
            .send(Method::POST, "/mcp", &headers, message.to_string())
            .await;
        assert!(
            reply.status.is_success(),
            "{method}: {} {}",
            reply.status,
            reply.text
        );
        reply.json()
    }

    /// The structured answer of a tool.
    pub(super) async fn tool(&self, name: &str, arguments: Value) -> Value {
        let params = json!({ "name": name, "arguments": arguments });
        let answer = self.mcp("tools/call", params).await;
        let content = &answer["result"]["structuredContent"];
        assert!(content.is_object(), "{name}: {answer}");
        content.clone()
    }
}

/// `text` as it stands in a query string, blanks as `+`.
pub(super) fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

/// The strings of `values` at `key`, or the values themselves without one.
pub(super) fn strings(values: &Value, key: Option<&str>) -> Vec<String> {
    let values = values.as_array().unwrap().iter();
    let value = |value: &Value| key.map_or_else(|| value.clone(), |key| value[key].clone());
    values
        .map(|it| value(it).as_str().unwrap().to_owned())
        .collect()
}
