//! The questions of the tools, put to the library.

use codesets::CodeSystem;
use indexer::bundle::Bundle;
use jiff::civil::Date;

use super::answers::{
    Checked, CodeAnswer, Codes, Extras, Found, Places, Validated, Validations, answering, count,
};
use super::arguments::{
    BrowseArguments, CheckArguments, Direction, GetArguments, Include, SearchArguments,
    ValidateArguments,
};
use crate::answers;
use crate::browse::{BrowseError, browse};
use crate::catalog::Snapshot;
use crate::http::errors::{ApiError, ErrorCode};
use crate::http::v1::cursor::{self, Asked, Cursor};
use crate::http::v1::edits::check_json;
use crate::http::v1::{parameters, search::refused};
use crate::lookup::lookup;
use crate::search::{Filters, Mode, SearchRequest};
use crate::validate::{guess_system, validate};

/// The codes of an answer unless asked otherwise.
const DEFAULT_LIMIT: i64 = 10;
/// The most codes of an answer.
const MOST_LIMIT: i64 = 50;
/// The most codes that are looked up in one call.
const MOST_LOOKED_UP: usize = 50;
/// The most codes that are validated in one call.
const MOST_VALIDATED: usize = 100;
/// The longest text that may be a code, in bytes; clusters are the longest.
const MOST_CODE_BYTES: usize = 200;

/// The day asked for, or today.
pub(super) fn day(date: Option<&str>, today: Date) -> Result<Date, ApiError> {
    date.map_or(Ok(today), parameters::date)
}

pub(super) fn search(
    snapshot: &Snapshot,
    arguments: SearchArguments,
    today: Date,
) -> Result<Found, ApiError> {
    let bundle = snapshot.bundle();
    let cursor = arguments.cursor.as_deref().map(Cursor::read).transpose()?;
    let date = match (&arguments.date, &cursor) {
        (Some(date), _) => parameters::date(date)?,
        (None, Some(cursor)) => cursor.date().unwrap_or(today),
        (None, None) => today,
    };
    let limit = arguments
        .limit
        .unwrap_or(DEFAULT_LIMIT)
        .clamp(1, MOST_LIMIT);
    let limit = usize::try_from(limit).unwrap_or(1);
    let filters = Filters {
        systems: parameters::systems(arguments.systems.iter().map(String::as_str))?,
        billable: arguments.billable_only.then_some(true),
        chapter: None,
    };
    let text = parameters::query(arguments.query)?;
    let asked = Asked {
        text: &text,
        filters: &filters,
        mode: Mode::Final,
        senses: &[],
        date,
    };
    let offset = match &cursor {
        Some(cursor) => cursor.offset(snapshot, asked)?,
        None => 0,
    };
    let request = SearchRequest {
        text: text.clone(),
        filters: filters.clone(),
        date,
        mode: Mode::Final,
        senses: Vec::new(),
        offset,
        limit,
    };
    let found = snapshot.searcher().search(&request).map_err(refused)?;
    let end = offset.saturating_add(found.hits.len());
    let more = !found.hits.is_empty() && end < found.total;
    let results = answers::results(bundle, &found, date, false);
    Ok(Found {
        read_as: answers::query(bundle, &found.plan, &found.hits).into(),
        codes: results.into_iter().map(From::from).collect(),
        total: count(found.total),
        total_exact: found.total_exact,
        next_cursor: more.then(|| cursor::write(snapshot, asked, end)).flatten(),
        releases: answering(bundle, &filters.systems, date),
    })
}

/// A list of codes, if it is neither empty nor longer than `most` nor holds what is no code.
fn codes(codes: Vec<String>, most: usize) -> Result<Vec<String>, ApiError> {
    if codes.is_empty() || codes.len() > most {
        let detail = format!("1 to {most} codes are taken at once");
        return Err(ApiError::new(ErrorCode::BadParameter, detail).at("codes"));
    }
    if codes.iter().any(|code| code.len() > MOST_CODE_BYTES) {
        let detail = format!("a code has at most {MOST_CODE_BYTES} bytes");
        return Err(ApiError::new(ErrorCode::CodeMalformed, detail).at("codes"));
    }
    Ok(codes)
}

/// The system of a code: the one named for all, or the one it is most likely of.
fn system_of(bundle: &Bundle, named: Option<CodeSystem>, code: &str, date: Date) -> CodeSystem {
    named
        .or_else(|| guess_system(bundle, code, date))
        .unwrap_or(CodeSystem::Icd10Cm)
}

pub(super) fn get(
    bundle: &Bundle,
    arguments: GetArguments,
    today: Date,
) -> Result<Codes, ApiError> {
    let date = day(arguments.date.as_deref(), today)?;
    let named = arguments.system.as_deref().map(parameters::system);
    let named = named.transpose()?;
    let includes = |include| arguments.include.contains(&include);
    let extras = Extras {
        notes: includes(Include::Notes),
        children: includes(Include::Children),
        history: includes(Include::History),
    };
    let mut systems = Vec::new();
    let answer = |asked: String| {
        let system = system_of(bundle, named, &asked, date);
        systems.push(system);
        match lookup(bundle, system, &asked, date) {
            Ok(detail) => CodeAnswer::of(asked, detail, extras),
            Err(error) => CodeAnswer::not_found(asked, system, error),
        }
    };
    let codes = codes(arguments.codes, MOST_LOOKED_UP)?;
    let codes = codes.into_iter().map(answer).collect();
    Ok(Codes {
        codes,
        releases: answering(bundle, &systems, date),
    })
}

pub(super) fn validated(
    bundle: &Bundle,
    arguments: ValidateArguments,
) -> Result<Validations, ApiError> {
    let date = parameters::date(&arguments.date)?;
    let named = arguments.system.as_deref().map(parameters::system);
    let named = named.transpose()?;
    let answer = |asked: String| {
        let system = system_of(bundle, named, &asked, date);
        let said = validate(bundle, system, &asked, date);
        Validated::of(asked, said)
    };
    let codes = codes(arguments.codes, MOST_VALIDATED)?;
    Ok(Validations {
        codes: codes.into_iter().map(answer).collect(),
    })
}

pub(super) fn checked(
    snapshot: &Snapshot,
    arguments: &CheckArguments,
    today: Date,
) -> Result<Checked, ApiError> {
    let internal = |_| ApiError::new(ErrorCode::Internal, "");
    let claim = serde_json::to_vec(arguments).map_err(internal)?;
    let answer = check_json(snapshot, &claim, today)?;
    serde_json::from_slice(&answer).map_err(internal)
}

pub(super) fn browsed(
    bundle: &Bundle,
    arguments: &BrowseArguments,
    today: Date,
) -> Result<Places, ApiError> {
    let date = day(arguments.date.as_deref(), today)?;
    let system = parameters::system(&arguments.system)?;
    let place = browse(bundle, system, arguments.code.as_deref(), date).map_err(|error| {
        let code = match error {
            BrowseError::SystemNotLoaded(_) => ErrorCode::SystemNotLoaded,
            BrowseError::Unknown { .. } => ErrorCode::CodeUnknown,
        };
        ApiError::new(code, error.to_string())
    })?;
    let nodes = match arguments.direction {
        Direction::Children => place.children,
        Direction::Ancestors => place.ancestors,
        Direction::Siblings => place.siblings,
    };
    Ok(Places {
        version: place.version,
        at: place.node.map(From::from),
        nodes: nodes.into_iter().map(From::from).collect(),
    })
}
