//! The service asked in FHIR.

use axum::body::Body;
use axum::http::Request;
use codebook::http::state::Limits;
use serde_json::{Value, json};

use super::http_service::Service;
use crate::support::{Menagerie, newer, older};

/// The address of ICD-10-CM.
pub(crate) const CM: &str = "http://hl7.org/fhir/sid/icd-10-cm";

/// A service, and what keeps its bundle.
pub(crate) struct Fhir {
    pub(crate) service: Service,
    _held: Option<Menagerie>,
}

impl Fhir {
    /// Over the invented ICD-10-CM of 2026 and 2027, on a day of 2027.
    pub(crate) fn new() -> Fhir {
        Fhir {
            service: Service::new(),
            _held: None,
        }
    }

    /// Over every invented code set.
    pub(crate) fn of_everything() -> Fhir {
        let mut menagerie = Menagerie::full();
        for release in [older(), newer()] {
            menagerie = menagerie
                .with(&release.order_file_name(), release.order_file())
                .with(&release.tabular_name(), release.tabular());
        }
        let (bundle, _) = menagerie.build();
        Fhir {
            service: Service::over(bundle.root(), Limits::default()),
            _held: Some(menagerie),
        }
    }

    /// What `path` below the base of R4 answers: the status, and a resource.
    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        let reply = self.service.get(&format!("/fhir/R4/{path}")).await;
        assert_eq!(
            reply.header("content-type"),
            "application/fhir+json",
            "{path}"
        );
        (reply.status.as_u16(), reply.json())
    }

    /// As [`Fhir::get`], for a body that is posted.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let request = Request::post(format!("/fhir/R4/{path}"))
            .header("content-type", "application/fhir+json")
            .body(Body::from(body.to_string()));
        let reply = self.service.send(request.unwrap()).await;
        (reply.status.as_u16(), reply.json())
    }

    /// The codes of an expansion.
    pub(crate) async fn expanded(&self, path: &str) -> Vec<String> {
        let (status, resource) = self.get(&format!("ValueSet/$expand?{path}")).await;
        assert_eq!(status, 200, "{path}: {resource}");
        codes(&resource)
    }
}

/// The codes of an expansion.
pub(crate) fn codes(resource: &Value) -> Vec<String> {
    let contains = resource["expansion"]["contains"].as_array();
    let codes = contains.into_iter().flatten();
    codes
        .map(|one| one["code"].as_str().unwrap().to_owned())
        .collect()
}

/// The value of a parameter of an answer.
pub(crate) fn value<'a>(parameters: &'a Value, name: &str) -> &'a Value {
    let all = parameters["parameter"].as_array().unwrap().iter();
    let found = all
        .filter(|one| one["name"] == name)
        .flat_map(|one| one.as_object().unwrap());
    let mut values = found.filter(|(key, _)| key.starts_with("value") || *key == "resource");
    values.next().map_or(&Value::Null, |(_, value)| value)
}

/// An answer of `$validate-code` in lines: the result and what leads to it, then the issues.
pub(crate) fn said(parameters: &Value) -> String {
    let mut text = format!("{}", value(parameters, "result"));
    for name in [
        "system",
        "code",
        "normalized-code",
        "version",
        "display",
        "status",
    ] {
        let value = value(parameters, name);
        if let Some(value) = value.as_str() {
            text.push_str(&format!(" {name}={value}"));
        }
    }
    let issues = value(parameters, "issues")["issue"].as_array();
    for issue in issues.into_iter().flatten() {
        let detail = &issue["details"]["coding"][0]["code"];
        let line = format!(
            "\n{} {} {} at {}: {}",
            issue["severity"].as_str().unwrap(),
            issue["code"].as_str().unwrap(),
            detail.as_str().unwrap_or("-"),
            issue["expression"][0].as_str().unwrap_or("-"),
            issue["details"]["text"].as_str().unwrap(),
        );
        text.push_str(&line);
    }
    text
}

/// A `Parameters` resource of parts that are name, kind and value.
pub(crate) fn parameters(parts: &[(&str, &str, Value)]) -> Value {
    let parts: Vec<Value> = parts
        .iter()
        .map(|(name, kind, value)| json!({ "name": name, *kind: value }))
        .collect();
    json!({ "resourceType": "Parameters", "parameter": parts })
}
