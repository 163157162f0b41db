//! `/api/{table}/v3/search`: the arrays of NLM's Clinical Table Search Service.
//!
//! Published at <https://clinicaltables.nlm.nih.gov/>, one page a table. Answers
//! are arrays and never problems, except where this service holds nothing that
//! could answer. Rows cannot say that their code is retired, so only codes of
//! the release that answers are given.

mod constraint;
mod fields;
mod search;

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use axum::routing::get;
use codesets::CodeSystem;

use super::errors::{ApiResult, not_found};
use super::fields::Fields;
use super::state::App;
use super::v1::respond;

/// The address of every table.
pub(super) const ROUTE: &str = "/api/{table}/v3/search";

/// The most rows of an answer.
const MOST_ROWS: usize = 500;
/// The rows of an answer unless asked otherwise.
const DEFAULT_ROWS: usize = 7;

/// A table, as its address names it.
#[derive(Debug)]
struct Table {
    name: &'static str,
    /// The systems it holds; empty for all that are loaded.
    systems: &'static [CodeSystem],
    /// The fields shown unless asked otherwise.
    display: &'static [&'static str],
}

const TABLES: [Table; 6] = [
    Table {
        name: "icd10cm",
        systems: &[CodeSystem::Icd10Cm],
        display: &["code", "name"],
    },
    Table {
        name: "hcpcs",
        systems: &[CodeSystem::Hcpcs],
        display: &["code", "display"],
    },
    Table {
        name: "icd11_codes",
        systems: &[CodeSystem::Icd11Mms],
        display: &["code", "title"],
    },
    Table {
        name: "icd10pcs",
        systems: &[CodeSystem::Icd10Pcs],
        display: &["code", "name"],
    },
    Table {
        name: "icd9cm_dx",
        systems: &[CodeSystem::Icd9Cm],
        display: &["code_dotted", "long_name"],
    },
    Table {
        name: "codes",
        systems: &[],
        display: &["code", "name"],
    },
];

/// The route, for GET and, so that words need not stand in an address, POST.
pub(super) fn routes() -> Router<Arc<App>> {
    Router::new().route(ROUTE, get(answer).post(answer))
}

async fn answer(
    State(app): State<Arc<App>>,
    path: Result<Path<String>, PathRejection>,
    request: Request,
) -> ApiResult<Response> {
    let table = path
        .ok()
        .and_then(|Path(name)| TABLES.iter().find(|table| table.name == name))
        .ok_or_else(not_found)?;
    let fields = Fields::read(request).await?;
    let snapshot = app.catalog.snapshot();
    let question = search::Question::read(table, &fields, snapshot.bundle(), app.today)?;
    app.metrics.searched(table.systems);
    let body = app
        .pool
        .run(move || {
            let rows = question.rows(&snapshot)?;
            respond::json(&rows)
        })
        .await??;
    Ok(respond::with_body(body))
}
