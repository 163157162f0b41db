//! What goes wrong, as FHIR says it: issues, and outcomes made of them.
//!
//! Issue codes, texts and message identifiers are those of HL7's terminology
//! ecosystem suite, which validators read. An outcome that is an error repeats
//! nothing but codes and canonical addresses; whatever else was sent may be a
//! patient's words.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use crate::http::errors::{ApiError, ErrorCode};

/// The code system of the finer issue codes.
const TX_ISSUE: &str = "http://hl7.org/fhir/tools/CodeSystem/tx-issue-type";
/// The extension that names the message of an issue.
const MESSAGE_ID: &str = "http://hl7.org/fhir/StructureDefinition/operationoutcome-message-id";
/// The longest code that an error repeats.
const MOST_CODE_BYTES: usize = 32;
/// The longest address that an error repeats.
const MOST_ADDRESS_BYTES: usize = 200;

/// How grave an issue is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Severity {
    /// The answer is no because of it.
    Error,
    /// Worth a look.
    Warning,
    /// Good to know.
    Information,
}

impl Severity {
    const fn id(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Information => "information",
        }
    }
}

/// One issue of an outcome.
#[derive(Clone, Debug)]
pub(super) struct Issue {
    /// How grave it is.
    pub(super) severity: Severity,
    code: &'static str,
    detail: Option<&'static str>,
    message_id: Option<&'static str>,
    /// What it says.
    pub(super) text: String,
    path: Option<String>,
}

impl Issue {
    /// An issue of FHIR's type `code`.
    pub(super) fn new(severity: Severity, code: &'static str, text: impl Into<String>) -> Issue {
        Issue {
            severity,
            code,
            detail: None,
            message_id: None,
            text: text.into(),
            path: None,
        }
    }

    /// Adds the finer code of the terminology ecosystem.
    #[must_use]
    pub(super) fn detail(mut self, detail: &'static str) -> Issue {
        self.detail = Some(detail);
        self
    }

    /// Adds the identifier of the message.
    #[must_use]
    pub(super) fn message(mut self, id: &'static str) -> Issue {
        self.message_id = Some(id);
        self
    }

    /// Says what part of the question it is about.
    #[must_use]
    pub(super) fn at(mut self, path: impl Into<String>) -> Issue {
        self.path = Some(path.into());
        self
    }

    /// Whether the `message` of an answer tells it: comments on a code that is right are no message.
    pub(super) fn is_told(&self) -> bool {
        match self.severity {
            Severity::Error => true,
            Severity::Warning => matches!(
                self.detail,
                Some("invalid-display" | "vs-invalid" | "invalid-data")
            ),
            Severity::Information => false,
        }
    }

    fn to_json(&self) -> Value {
        let mut issue = Map::new();
        if let Some(id) = self.message_id {
            issue.insert(
                "extension".to_owned(),
                json!([{ "url": MESSAGE_ID, "valueString": id }]),
            );
        }
        issue.insert("severity".to_owned(), json!(self.severity.id()));
        issue.insert("code".to_owned(), json!(self.code));
        let mut details = Map::new();
        if let Some(detail) = self.detail {
            let coding = json!([{ "system": TX_ISSUE, "code": detail }]);
            details.insert("coding".to_owned(), coding);
        }
        details.insert("text".to_owned(), json!(self.text));
        issue.insert("details".to_owned(), Value::Object(details));
        if let Some(path) = &self.path {
            issue.insert("location".to_owned(), json!([path]));
            issue.insert("expression".to_owned(), json!([path]));
        }
        Value::Object(issue)
    }
}

/// The OperationOutcome of `issues`.
pub(super) fn outcome(issues: &[Issue]) -> Value {
    let issues: Vec<Value> = issues.iter().map(Issue::to_json).collect();
    json!({ "resourceType": "OperationOutcome", "issue": issues })
}

/// A question that is not answered: the status, and the issues of its outcome.
#[derive(Clone, Debug)]
pub(super) struct FhirError {
    /// The HTTP status.
    pub(super) status: StatusCode,
    /// Why.
    pub(super) issues: Vec<Issue>,
}

/// What an operation answers: a resource, or an outcome.
pub(super) type FhirResult<T> = Result<T, Box<FhirError>>;

impl FhirError {
    /// An error of one issue.
    pub(super) fn new(status: StatusCode, issue: Issue) -> Box<FhirError> {
        Box::new(FhirError {
            status,
            issues: vec![issue],
        })
    }

    /// A question that cannot be read; `text` must repeat nothing that was sent.
    pub(super) fn invalid(text: impl Into<String>) -> Box<FhirError> {
        let issue = Issue::new(Severity::Error, "invalid", text);
        FhirError::new(StatusCode::BAD_REQUEST, issue)
    }

    /// A parameter that is missing.
    pub(super) fn required(text: impl Into<String>) -> Box<FhirError> {
        let issue = Issue::new(Severity::Error, "required", text);
        FhirError::new(StatusCode::BAD_REQUEST, issue)
    }

    /// Something that the service does not do.
    pub(super) fn not_supported(text: impl Into<String>) -> Box<FhirError> {
        let issue = Issue::new(Severity::Error, "not-supported", text);
        FhirError::new(StatusCode::UNPROCESSABLE_ENTITY, issue)
    }

    /// Nothing is at the address, or nothing is known by the name.
    pub(super) fn not_found(text: impl Into<String>) -> Box<FhirError> {
        let issue = Issue::new(Severity::Error, "not-found", text).detail("not-found");
        FhirError::new(StatusCode::NOT_FOUND, issue)
    }

    /// An answer that would be too large or take too long.
    pub(super) fn too_costly(text: impl Into<String>) -> Box<FhirError> {
        let issue = Issue::new(Severity::Error, "too-costly", text).message("VALUESET_TOO_COSTLY");
        FhirError::new(StatusCode::UNPROCESSABLE_ENTITY, issue)
    }

    /// A value set whose definition cannot be used.
    pub(super) fn bad_value_set(text: impl Into<String>) -> Box<FhirError> {
        let issue = Issue::new(Severity::Error, "invalid", text).detail("vs-invalid");
        FhirError::new(StatusCode::UNPROCESSABLE_ENTITY, issue)
    }

    /// The outcome.
    pub(super) fn to_json(&self) -> Value {
        outcome(&self.issues)
    }
}

/// The outcome of a problem that arose around the operation: too much work, too much time.
pub(in crate::http) fn of_problem(error: &ApiError) -> Vec<u8> {
    let code = match error.code() {
        ErrorCode::Busy => "throttled",
        ErrorCode::Timeout => "timeout",
        ErrorCode::BodyTooLarge => "too-long",
        ErrorCode::NotFound => "not-found",
        ErrorCode::MethodNotAllowed | ErrorCode::UnsupportedMediaType => "not-supported",
        _ if error.code().status().is_client_error() => "invalid",
        _ => "exception",
    };
    let issue = Issue::new(Severity::Error, code, error.code().title());
    // Strings always become JSON.
    serde_json::to_vec(&outcome(&[issue])).unwrap_or_default()
}

/// `code` in quotes if it looks like one, so that an error never repeats a phrase.
pub(super) fn code_or_none(code: &str) -> String {
    let is_code = code.len() <= MOST_CODE_BYTES
        && code.bytes().any(|byte| byte.is_ascii_digit())
        && code.bytes().all(|byte| byte.is_ascii_graphic());
    if is_code {
        format!(" '{code}'")
    } else {
        String::new()
    }
}

/// `address` in quotes if it is a canonical address.
pub(super) fn address_or_none(address: &str) -> String {
    let is_address = address.len() <= MOST_ADDRESS_BYTES
        && ["http://", "https://", "urn:"]
            .iter()
            .any(|scheme| address.starts_with(scheme))
        && address
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'%');
    if is_address {
        format!(" '{address}'")
    } else {
        String::new()
    }
}
