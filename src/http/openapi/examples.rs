//! The examples of the document: questions, and what the embedded release answers to them.
//!
//! A test asks each of them and compares. What differs from run to run (times,
//! digests of the bundle) is not compared.

/// A question with its answer.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// The identifier in the document.
    pub name: &'static str,
    /// What it shows.
    pub summary: &'static str,
    /// The route that it is an example of.
    pub route: &'static str,
    /// `get` or `post`.
    pub method: &'static str,
    /// The address, with its query.
    pub uri: &'static str,
    /// The body, if it is a POST.
    pub body: Option<&'static str>,
    /// The status of the answer.
    pub status: u16,
    /// The answer.
    pub answer: &'static str,
}

/// An example from the file of its name.
macro_rules! example {
    ($name:literal, $summary:literal, get $route:literal, $uri:literal, $status:literal) => {
        Example {
            name: $name,
            summary: $summary,
            route: $route,
            method: "get",
            uri: $uri,
            body: None,
            status: $status,
            answer: include_str!(concat!("examples/", $name, ".json")),
        }
    };
    ($name:literal, $summary:literal, post $route:literal, $body:literal, $status:literal) => {
        Example {
            name: $name,
            summary: $summary,
            route: $route,
            method: "post",
            uri: $route,
            body: Some($body),
            status: $status,
            answer: include_str!(concat!("examples/", $name, ".json")),
        }
    };
}

/// Every example.
pub const EXAMPLES: &[Example] = &[
    example!(
        "search-phrase",
        "A phrase with abbreviations, and the choices that are left",
        get "/v1/search",
        "/v1/search?q=lt+distal+radius+fx&date=2026-04-01&limit=2",
        200
    ),
    example!(
        "search-code",
        "The beginning of a code, with words",
        get "/v1/search",
        "/v1/search?q=E11+foot+ulcer&date=2026-04-01&billable=true&limit=1",
        200
    ),
    example!(
        "search-bad-date",
        "A date that is none",
        get "/v1/search",
        "/v1/search?q=asthma&date=2026-02-30",
        400
    ),
    example!(
        "search-post",
        "A phrase that is in no address, for a day of service",
        post "/v1/search",
        r#"{ "q": "htn with ckd stage 3", "date": "2026-04-01", "billable": true, "limit": 1 }"#,
        200
    ),
    example!(
        "search-read",
        "Another sense of an abbreviation",
        post "/v1/search",
        r#"{ "q": "MS", "read": [{ "from": "MS", "to": "mitral stenosis" }], "date": "2026-04-01", "limit": 1 }"#,
        200
    ),
    example!(
        "search-batch",
        "Two searches, one of which cannot be answered",
        post "/v1/search:batch",
        r#"{ "queries": [{ "id": "a", "q": "asthma", "date": "2026-04-01", "limit": 1 }, { "id": "b", "q": "gout", "limit": 0 }] }"#,
        200
    ),
    example!(
        "complete",
        "What a beginning may become",
        get "/v1/complete",
        "/v1/complete?q=pneumo&date=2026-04-01&limit=2",
        200
    ),
    example!(
        "complete-post",
        "The same in no address",
        post "/v1/complete",
        r#"{ "q": "type 2 diab", "date": "2026-04-01", "limit": 2 }"#,
        200
    ),
    example!(
        "code",
        "A header that takes a seventh character",
        get "/v1/codes/{system}/{code}",
        "/v1/codes/icd10cm/S93.401?date=2026-04-01",
        200
    ),
    example!(
        "code-unknown",
        "A code that no release has",
        get "/v1/codes/{system}/{code}",
        "/v1/codes/icd10cm/E11.66?date=2026-04-01",
        404
    ),
    example!(
        "releases",
        "What is loaded",
        get "/v1/releases",
        "/v1/releases?date=2026-04-01",
        200
    ),
    example!("validate", "A header, and what completes it", get "/v1/validate", "/v1/validate?code=S52.501&system=icd10cm&date=2026-04-01", 200),
    example!("validate-many", "A missing placeholder, and a code that is not billable", post "/v1/validate", r#"{ "system": "icd10cm", "date": "2026-04-01", "codes": ["W21.89A", "E11"] }"#, 200),
    example!("diff", "What a year added", get "/v1/diff/{system}", "/v1/diff/icd10cm?from=2025&to=2026&kind=added&limit=1&date=2026-04-01", 200),
    example!("tree-roots", "The chapters", get "/v1/tree/{system}", "/v1/tree/icd10cm?date=2026-04-01", 200),
    example!("tree", "A category", get "/v1/tree/{system}/{code}", "/v1/tree/icd10cm/J45?date=2026-04-01", 200),
    example!("index", "A main term", get "/v1/index", "/v1/index?term=gout&date=2026-04-01&limit=2", 200),
    example!("check-claim", "A claim whose tables are not loaded is not called clean", post "/v1/edits/check", r#"{ "date": "2026-04-01", "diagnoses": ["E11.9", "E10.9"], "lines": [{ "id": "1", "code": "99213", "units": 1 }] }"#, 200),
    example!("edit-pair", "Two codes", get "/v1/edits/pair", "/v1/edits/pair?a=11042&b=99213&date=2026-04-01", 200),
    example!("edit-partners", "Partners", get "/v1/edits/ptp/{code}", "/v1/edits/ptp/11042?date=2026-04-01", 200),
    example!("edit-units", "Units", get "/v1/edits/mue/{code}", "/v1/edits/mue/11042?date=2026-04-01", 200),
    example!("edit-add-ons", "Add-ons", get "/v1/edits/addon/{code}", "/v1/edits/addon/11045?date=2026-04-01", 200),
    example!("translate-no-map", "A map that is not loaded", get "/v1/translate", "/v1/translate?system=icd10cm&code=E11.9&to=icd9cm&date=2026-04-01", 404),
    example!("pcs-not-loaded", "A system that is not loaded", get "/v1/pcs", "/v1/pcs?date=2026-04-01", 404),
    example!("pcs-stub-not-loaded", "A system that is not loaded", get "/v1/pcs/{stub}", "/v1/pcs/0DT?date=2026-04-01", 404),
    example!("modifiers-not-loaded", "A system that is not loaded", get "/v1/modifiers", "/v1/modifiers?date=2026-04-01", 404),
    example!("live", "It lives", get "/health/live", "/health/live", 200),
    example!("ready", "It is ready", get "/health/ready", "/health/ready", 200),
    example!("version", "What runs", get "/version", "/version", 200),
];
