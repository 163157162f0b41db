//! `/v1/edits/pair`, `ptp`, `mue`, `addon`: what the tables of claim edits say of a code or two.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;
use codesets::edit::{Payer, ProcedureCode, Setting};
use jiff::civil::Date;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::cursor::{self, Asked, Cursor};
use super::edits::{PayerName, SettingName, payer, setting};
use super::parameters::{self, AnyObject, Day, Pairs};
use super::respond;
use crate::catalog::Snapshot;
use crate::edits::{self, Column, EditScope, PartnerFilter};
use crate::http::errors::{ApiError, ApiResult, ErrorCode, not_found};
use crate::http::state::App;
use crate::search::{Filters, Mode};

/// Which tables are asked, and for which day, for the document; [`Pairs`] reads them.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document takes names and types from it")]
struct ScopeParameters {
    /// The day of service; today when absent.
    #[param(value_type = Day, inline, required = false)]
    date: (),
    /// The kind of claim; `practitioner` when absent.
    #[param(value_type = SettingName, inline, required = false)]
    setting: (),
    /// Whose edits apply; `medicare` when absent.
    #[param(value_type = PayerName, inline, required = false)]
    payer: (),
}

/// Which partners are wanted, for the document; [`Pairs`] reads them.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document takes names and types from it")]
struct PartnerParameters {
    /// Only edits in which the code is `major` (column 1, paid) or `minor` (column 2, denied).
    #[param(value_type = Direction, inline, required = false)]
    direction: (),
    /// Whether edits that have ended are told too.
    #[param(required = false, default = false)]
    history: bool,
    /// How many partners a page has.
    #[param(required = false, minimum = 1, maximum = 100, default = 20)]
    limit: u32,
    /// The `next` of the page before.
    #[param(required = false, pattern = "^01[0-9a-f]{56}$")]
    cursor: String,
}

/// Which add-on edits are asked, for the document; [`Pairs`] reads them.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document takes names and types from it")]
struct AddOnParameters {
    /// The day of service; today when absent.
    #[param(value_type = Day, inline, required = false)]
    date: (),
    /// Whose edits apply; `medicare` when absent.
    #[param(value_type = PayerName, inline, required = false)]
    payer: (),
    /// Whether edits that have ended are told too.
    #[param(required = false, default = false)]
    history: bool,
}

/// In which column the code stands.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "the document takes the names from it")]
enum Direction {
    /// Column 1, which is paid.
    Major,
    /// Column 2, which is denied.
    Minor,
}

/// May two codes stand together?
///
/// The procedure-to-procedure edit of two codes, in either order, on the day.
#[utoipa::path(get, path = "/v1/edits/pair", operation_id = "editPair", tag = "edits",
    params(
        ("a" = String, Query, description = "A procedure code", pattern = "^[0-9A-Za-z]{5}$"),
        ("b" = String, Query, description = "The other", pattern = "^[0-9A-Za-z]{5}$"),
        ScopeParameters,
    ),
    responses((status = 200, body = inline(AnyObject), description = "The edit")))]
pub async fn pair(State(app): State<Arc<App>>, uri: Uri) -> ApiResult<Response> {
    let pairs = Pairs::read(&uri)?;
    pairs.only(&["a", "b", "date", "setting", "payer"], &[])?;
    let (a, b) = (code_of(&pairs, "a")?, code_of(&pairs, "b")?);
    let scope = scope(&pairs, app.today)?;
    let snapshot = app.catalog.snapshot();
    // A pair is a few reads of memory: cheaper than waiting for a core.
    answer(&edits::pair_report(snapshot.bundle(), scope, a, b))
}

/// Partners of a code
///
/// Every code that a procedure-to-procedure edit pairs with this one.
#[utoipa::path(get, path = "/v1/edits/ptp/{code}", operation_id = "editPartners", tag = "edits",
    params(("code" = String, Path, description = "The procedure code", pattern = "^[0-9A-Za-z]{5}$"), ScopeParameters, PartnerParameters),
    responses((status = 200, body = inline(AnyObject), description = "The partners")))]
pub async fn ptp(
    State(app): State<Arc<App>>,
    path: Result<Path<String>, PathRejection>,
    uri: Uri,
) -> ApiResult<Response> {
    let code = code_in(path)?;
    let pairs = Pairs::read(&uri)?;
    let known = [
        "date",
        "setting",
        "payer",
        "direction",
        "history",
        "limit",
        "cursor",
    ];
    pairs.only(&known, &[])?;
    let cursor = pairs.get("cursor").map(Cursor::read).transpose()?;
    let mut scope = scope(&pairs, app.today)?;
    if let (Some(date), None) = (cursor.as_ref().and_then(Cursor::date), pairs.get("date")) {
        scope.date = date;
    }
    let column = pairs.get("direction").map(column).transpose()?;
    let history = history(&pairs)?;
    let limit = pairs
        .get("limit")
        .map_or(Ok(parameters::DEFAULT_LIMIT), parameters::limit)?;
    let snapshot = app.catalog.snapshot();
    let body = app.pool.run(move || {
        let question = Question {
            code,
            scope,
            column,
            history,
        };
        let offset = match &cursor {
            Some(cursor) => question.with(|asked| cursor.offset(&snapshot, asked))?,
            None => 0,
        };
        question.answer(&snapshot, offset, limit)
    });
    Ok(respond::with_body(body.await??))
}

/// The most units of a code
///
/// Its medically unlikely edits, with how units are counted.
#[utoipa::path(get, path = "/v1/edits/mue/{code}", operation_id = "editUnits", tag = "edits",
    params(("code" = String, Path, description = "The procedure code", pattern = "^[0-9A-Za-z]{5}$"), ScopeParameters),
    responses((status = 200, body = inline(AnyObject), description = "The edits")))]
pub async fn mue(
    State(app): State<Arc<App>>,
    path: Result<Path<String>, PathRejection>,
    uri: Uri,
) -> ApiResult<Response> {
    let code = code_in(path)?;
    let pairs = Pairs::read(&uri)?;
    pairs.only(&["date", "setting", "payer"], &[])?;
    let of = pairs.get("setting").map(setting).transpose()?;
    let scope = scope(&pairs, app.today)?;
    let snapshot = app.catalog.snapshot();
    let bundle = snapshot.bundle();
    answer(&edits::mue_report(
        bundle,
        of,
        scope.payer,
        scope.date,
        code,
    ))
}

/// Add-on codes
///
/// The primaries of an add-on code, the add-ons of a primary.
#[utoipa::path(get, path = "/v1/edits/addon/{code}", operation_id = "editAddOns", tag = "edits",
    params(("code" = String, Path, description = "The procedure code", pattern = "^[0-9A-Za-z]{5}$"), AddOnParameters),
    responses((status = 200, body = inline(AnyObject), description = "The edits")))]
pub async fn add_on(
    State(app): State<Arc<App>>,
    path: Result<Path<String>, PathRejection>,
    uri: Uri,
) -> ApiResult<Response> {
    let code = code_in(path)?;
    let pairs = Pairs::read(&uri)?;
    pairs.only(&["date", "payer", "history"], &[])?;
    let history = history(&pairs)?;
    let scope = scope(&pairs, app.today)?;
    let snapshot = app.catalog.snapshot();
    let body = app.pool.run(move || {
        let bundle = snapshot.bundle();
        let report = edits::add_on_report(bundle, scope.payer, scope.date, code, history);
        respond::json(&report)
    });
    Ok(respond::with_body(body.await??))
}

/// A question about a code's partners, whatever the page.
struct Question {
    code: ProcedureCode,
    scope: EditScope,
    column: Option<Column>,
    history: bool,
}

impl Question {
    /// Gives the question to `ask` as cursors know questions.
    fn with<T>(&self, ask: impl FnOnce(Asked<'_>) -> T) -> T {
        let text = format!(
            "edits of {} {} {} {} {}",
            self.code,
            self.scope.setting.id(),
            self.scope.payer.id(),
            self.column.map_or("both", Column::id),
            self.history
        );
        ask(Asked {
            text: &text,
            filters: &Filters::default(),
            mode: Mode::Final,
            senses: &[],
            date: self.scope.date,
        })
    }

    fn answer(&self, snapshot: &Snapshot, offset: usize, limit: usize) -> ApiResult<Vec<u8>> {
        let filter = PartnerFilter {
            column: self.column,
            history: self.history,
            offset,
            limit,
        };
        let mut report = edits::partners(snapshot.bundle(), self.scope, self.code, filter);
        let end = offset.saturating_add(report.partners.len());
        if !report.partners.is_empty() && end < report.total {
            report.next = self.with(|asked| cursor::write(snapshot, asked, end));
        }
        respond::json(&report)
    }
}

fn answer(report: &impl Serialize) -> ApiResult<Response> {
    respond::json(report).map(respond::with_body)
}

fn scope(pairs: &Pairs, today: fn() -> Date) -> ApiResult<EditScope> {
    let of = pairs.get("setting").map(setting).transpose()?;
    let by = pairs.get("payer").map(payer).transpose()?;
    let date = pairs.get("date").map(parameters::date).transpose()?;
    Ok(EditScope {
        setting: of.unwrap_or(Setting::Practitioner),
        payer: by.unwrap_or(Payer::Medicare),
        date: date.unwrap_or_else(today),
    })
}

fn code_of(pairs: &Pairs, name: &'static str) -> ApiResult<ProcedureCode> {
    let text = pairs.get(name).ok_or_else(|| {
        ApiError::new(
            ErrorCode::BadParameter,
            "two procedure codes are asked for, a and b",
        )
        .at(name)
    })?;
    procedure_code(text).map_err(|error| error.at(name))
}

fn code_in(path: Result<Path<String>, PathRejection>) -> ApiResult<ProcedureCode> {
    let Path(code) = path.map_err(|_| not_found())?;
    procedure_code(&code).map_err(|error| error.at("code"))
}

fn procedure_code(text: &str) -> ApiResult<ProcedureCode> {
    ProcedureCode::parse(text)
        .map_err(|error| ApiError::new(ErrorCode::CodeMalformed, error.to_string()))
}

fn column(text: &str) -> ApiResult<Column> {
    Column::from_id(text).ok_or_else(|| {
        let detail = "it is major (the code is in column 1, paid) or minor (in column 2, denied)";
        ApiError::new(ErrorCode::BadParameter, detail).at("direction")
    })
}

fn history(pairs: &Pairs) -> ApiResult<bool> {
    let flag = pairs.get("history");
    Ok(flag
        .map(|text| parameters::flag(text, "history"))
        .transpose()?
        .unwrap_or(false))
}
