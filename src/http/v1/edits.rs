//! `/v1/edits/check`: may the codes of a claim stand together?

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use codesets::edit::{Payer, Setting};
use codesets::formats::x12::{self, X12ClaimError};
use jiff::civil::Date;
use serde::Serialize;
use utoipa::openapi::schema::{Schema, SchemaType, Type};
use utoipa::openapi::{ObjectBuilder, RefOr};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use super::parameters::{self, AnyObject, Pairs};
use super::respond;
use crate::catalog::Snapshot;
use crate::edits::{
    CLAIM_MEMBERS, CheckAnswer, Claim, ClaimBody, ClaimDefaults, ClaimError, check as check_claim,
};
use crate::http::errors::{ApiError, ApiResult, ErrorCode};
use crate::http::state::App;

/// The largest claim that is read: a thousand lines fit well.
pub const MOST_BODY_BYTES: usize = 1 << 20;

/// The most claims of an interchange; longer ones are for the command line.
const MOST_CLAIMS: usize = 200;

/// The settings of claims, for the document.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "the document takes the names from it")]
pub(super) enum SettingName {
    /// Practitioners and ambulatory surgical centres.
    Practitioner,
    /// Outpatient hospitals.
    OutpatientHospital,
    /// Durable medical equipment.
    Dme,
}

/// The payers of claims, for the document.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "the document takes the names from it")]
pub(super) enum PayerName {
    /// Medicare.
    Medicare,
    /// Medicaid.
    Medicaid,
}

/// A text, or a whole number taken for one.
struct TextOrNumber;

impl PartialSchema for TextOrNumber {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::from_iter([Type::String, Type::Integer]))
            .minimum(Some(0))
            .into()
    }
}

impl ToSchema for TextOrNumber {}

/// A claim, for the document; [`ClaimBody`] reads it.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Claim)]
#[expect(dead_code, reason = "the document takes names and types from it")]
struct ClaimShape {
    /// What its answer is told by.
    #[schema(value_type = TextOrNumber, inline, required = false)]
    id: (),
    /// The day of service of lines that name none; today when absent.
    #[schema(value_type = String, format = Date, required = false)]
    date: (),
    /// The kind of claim; `practitioner` when absent.
    #[schema(value_type = SettingName, inline, required = false)]
    setting: (),
    /// Whose edits apply; `medicare` when absent.
    #[schema(value_type = PayerName, inline, required = false)]
    payer: (),
    /// Who rendered the services of lines that name nobody.
    #[schema(value_type = TextOrNumber, inline, required = false)]
    provider: (),
    /// The patient.
    #[schema(value_type = PatientShape, required = false)]
    patient: (),
    /// The diagnoses, the first first.
    #[schema(value_type = Vec<TextOrNumber>, inline, required = false)]
    diagnoses: (),
    /// The services.
    #[schema(value_type = Vec<LineShape>, required = false)]
    lines: (),
}

/// The patient of a claim: an age or a day of birth.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ClaimPatient)]
#[expect(dead_code, reason = "the document takes names and types from it")]
struct PatientShape {
    /// The age in days.
    age_days: Option<u32>,
    /// The age in whole years.
    age_years: Option<u16>,
    /// The day of birth.
    #[schema(value_type = String, format = Date, required = false)]
    birth_date: (),
    /// `F`, `M` or `U` for unknown.
    #[schema(value_type = String, required = false)]
    sex: (),
}

/// A service of a claim.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ClaimLine)]
#[expect(dead_code, reason = "the document takes names and types from it")]
struct LineShape {
    /// What findings name it by; its place, counted from 1, when absent.
    #[schema(value_type = TextOrNumber, inline, required = false)]
    id: (),
    /// The code of the service.
    #[schema(value_type = TextOrNumber, inline)]
    code: (),
    /// Its modifiers.
    #[schema(value_type = Vec<TextOrNumber>, inline, required = false)]
    modifiers: (),
    /// How many units; 1 when absent.
    #[schema(required = false, minimum = 0)]
    units: f64,
    /// The day of service, where it is not the claim's.
    #[schema(value_type = String, format = Date, required = false)]
    date: (),
    /// Who rendered it, where it is not the claim's.
    #[schema(value_type = TextOrNumber, inline, required = false)]
    provider: (),
    /// Its diagnoses by their place in the claim, counted from 1.
    #[schema(required = false)]
    diagnosis_pointers: Vec<u16>,
}

/// The parameters of an X12 interchange, for the document; [`Pairs`] reads them.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document takes names and types from it")]
struct InterchangeParameters {
    /// For an interchange alone: the kind of its claims, where they do not say.
    #[param(value_type = SettingName, inline, required = false)]
    setting: (),
    /// For an interchange alone: whose edits apply.
    #[param(value_type = PayerName, inline, required = false)]
    payer: (),
}

/// Check a claim
///
/// Whether its codes may stand together: NCCI procedure-to-procedure edits, medically unlikely
/// edits, add-on codes, Excludes notes, age and sex edits, validity. Each edit `applies`,
/// `does_not_apply`, or has `no_data`, so that nothing found never looks like a table that is not
/// loaded. An X12 837 interchange (`application/edi-x12`) is answered claim by claim.
#[utoipa::path(post, path = "/v1/edits/check", operation_id = "checkClaim", tag = "edits",
    params(InterchangeParameters),
    request_body(content((ClaimShape = "application/json"), (String = "application/edi-x12"))),
    responses((status = 200, body = inline(AnyObject), description = "The findings")))]
pub async fn check(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    uri: Uri,
    body: Result<Bytes, BytesRejection>,
) -> ApiResult<Response> {
    let snapshot = app.catalog.snapshot();
    let today = (app.today)();
    let media_type = parameters::media_type(&headers);
    let pairs = Pairs::read(&uri)?;
    let body = match media_type.as_deref() {
        Some("application/json") => {
            pairs.only(&[], &[])?;
            let bytes = parameters::bytes(body, "1 MiB")?;
            app.pool
                .run(move || check_json(&snapshot, &bytes, today))
                .await??
        }
        Some("application/edi-x12" | "application/x12" | "text/x12") => {
            pairs.only(&["setting", "payer"], &[])?;
            let setting = pairs.get("setting").map(setting).transpose()?;
            let payer = pairs.get("payer").map(payer).transpose()?;
            let bytes = parameters::bytes(body, "1 MiB")?;
            let payer = payer.unwrap_or(Payer::Medicare);
            app.pool
                .run(move || check_x12(&snapshot, &bytes, setting, payer))
                .await??
        }
        _ => {
            let detail = "application/json or application/edi-x12 is read";
            return Err(ApiError::new(ErrorCode::UnsupportedMediaType, detail));
        }
    };
    Ok(respond::with_body(body))
}

/// The setting of that name.
pub(super) fn setting(id: &str) -> ApiResult<Setting> {
    Setting::from_id(id).ok_or_else(|| {
        let detail = "it is practitioner, outpatient_hospital or dme";
        ApiError::new(ErrorCode::BadParameter, detail).at("setting")
    })
}

/// The payer of that name.
pub(super) fn payer(id: &str) -> ApiResult<Payer> {
    Payer::from_id(id).ok_or_else(|| {
        ApiError::new(ErrorCode::BadParameter, "it is medicare or medicaid").at("payer")
    })
}

/// Checks a claim of JSON; the answer is the operation's body.
pub(crate) fn check_json(snapshot: &Snapshot, bytes: &[u8], today: Date) -> ApiResult<Vec<u8>> {
    let body: ClaimBody<'_> = parameters::object(bytes, CLAIM_MEMBERS)?;
    let id = body.id().map(str::to_owned);
    let claim = body.into_claim(ClaimDefaults {
        date: today,
        setting: Setting::Practitioner,
        payer: Payer::Medicare,
    });
    let claim = claim.map_err(refused)?;
    let rules = snapshot.claim_book().rules(&claim);
    let report = check_claim(snapshot.bundle().edits(), &claim, &rules);
    let mut answer = CheckAnswer::full(&claim, &report, snapshot.bundle());
    answer.claim = id.as_deref();
    respond::json(&answer)
}

fn refused(error: ClaimError) -> ApiError {
    let code = match &error {
        ClaimError::Date { .. } => ErrorCode::BadDate,
        ClaimError::Name { .. }
        | ClaimError::NoCode { .. }
        | ClaimError::Units { .. }
        | ClaimError::Birth => ErrorCode::BadClaim,
    };
    ApiError::new(code, error.to_string())
}

/// What became of an interchange.
#[derive(Serialize)]
struct InterchangeAnswer<'a> {
    /// An answer a claim, in the file's order.
    claims: Vec<CheckAnswer<'a>>,
    /// The claims that could not be read, with their segments.
    errors: Vec<UnreadAnswer>,
}

#[derive(Serialize)]
struct UnreadAnswer {
    segment: u64,
    problem: String,
}

fn check_x12(
    snapshot: &Snapshot,
    bytes: &[u8],
    setting: Option<Setting>,
    payer: Payer,
) -> ApiResult<Vec<u8>> {
    if !x12::looks_like(bytes) {
        let detail = "it does not begin with an ISA segment";
        return Err(ApiError::new(ErrorCode::BadX12, detail));
    }
    let read = x12::parse(bytes);
    if read.claims.len() > MOST_CLAIMS {
        let detail = format!(
            "it has {} claims, but at most {MOST_CLAIMS} are checked at once; `codebook check` has no such limit",
            read.claims.len()
        );
        return Err(ApiError::new(ErrorCode::BadX12, detail));
    }
    let mut errors: Vec<UnreadAnswer> = read.errors.iter().map(unread).collect();
    let mut claims: Vec<(&str, u64, Claim)> = Vec::new();
    for of_file in &read.claims {
        match Claim::from_x12(of_file, setting, payer) {
            Ok(claim) => claims.push((&of_file.id, of_file.segment, claim)),
            Err(error) => errors.push(UnreadAnswer {
                segment: of_file.segment,
                problem: error.to_string(),
            }),
        }
    }
    errors.sort_by_key(|error| error.segment);
    if claims.is_empty() && errors.is_empty() {
        let detail = "it holds no claim: no CLM segment was found";
        return Err(ApiError::new(ErrorCode::BadX12, detail));
    }
    let (tables, book) = (snapshot.bundle().edits(), snapshot.claim_book());
    let reports: Vec<_> = claims
        .iter()
        .map(|(_, _, claim)| check_claim(tables, claim, &book.rules(claim)))
        .collect();
    let answers = claims.iter().zip(&reports);
    let claims = answers.map(|((id, segment, claim), report)| CheckAnswer {
        claim: Some(id),
        position: Some(*segment),
        ..CheckAnswer::full(claim, report, snapshot.bundle())
    });
    respond::json(&InterchangeAnswer {
        claims: claims.collect(),
        errors,
    })
}

fn unread(error: &X12ClaimError) -> UnreadAnswer {
    UnreadAnswer {
        segment: error.segment,
        problem: error.to_string(),
    }
}
