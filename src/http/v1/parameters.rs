//! Parameters: read strictly, from an address or from a JSON body.
//!
//! Every value has one meaning or is refused. A problem names the parameter
//! and what it may be, never what it was.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode, Uri};
use codesets::CodeSystem;
use jiff::civil::Date;
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use utoipa::openapi::schema::{
    ArrayBuilder, KnownFormat, OneOfBuilder, Schema, SchemaFormat, Type,
};
use utoipa::openapi::{ObjectBuilder, RefOr};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use crate::http::errors::{ApiError, ApiResult, ErrorCode};
use crate::search::Mode;

/// The longest query that is read, in characters.
pub const MOST_QUERY_CHARACTERS: usize = 4096;
/// The longest text that is read as a code, in bytes: clusters of ICD-11 are the longest.
pub const MOST_CODE_BYTES: usize = 200;
/// The most hits of a page.
pub const MOST_LIMIT: usize = 100;
/// The hits of a page unless asked otherwise.
pub const DEFAULT_LIMIT: usize = 20;

/// The parameters of an address, in order, decoded.
pub struct Pairs(Vec<(String, String)>);

impl Pairs {
    /// Reads the part of an address behind the question mark.
    pub fn read(uri: &Uri) -> ApiResult<Pairs> {
        axum::extract::Query::try_from_uri(uri)
            .map(|axum::extract::Query(pairs)| Pairs(pairs))
            .map_err(|_| not_read())
    }

    /// Refuses parameters that are not `known`, and those given twice that may be given once.
    pub fn only(&self, known: &[&'static str], repeatable: &[&str]) -> ApiResult<()> {
        for (place, (name, _)) in self.0.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                let known = known.join(", ");
                let detail = format!("parameter {} is not one of {known}", place + 1);
                return Err(ApiError::new(ErrorCode::BadParameter, detail));
            }
            let known = known.iter().find(|known| *known == name);
            let again = self.0[..place].iter().any(|(other, _)| other == name);
            if let Some(name) = known.filter(|name| again && !repeatable.contains(name)) {
                let error = ApiError::new(ErrorCode::BadParameter, "it is given more than once");
                return Err(error.at(name));
            }
        }
        Ok(())
    }

    /// The value of `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// Every value of `name`.
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(other, _)| other == name)
            .map(|(_, value)| value.as_str())
    }
}

fn not_read() -> ApiError {
    ApiError::new(ErrorCode::BadParameter, "the address cannot be read")
}

/// One name or a list of them: `"icd10cm"`, `"icd10cm,hcpcs"` or `["icd10cm", "hcpcs"]`.
#[derive(Debug, Default, Deserialize)]
#[serde(untagged)]
pub enum Names {
    /// No name.
    #[default]
    None,
    /// One name, or several with commas between.
    One(String),
    /// A list.
    Many(Vec<String>),
}

impl PartialSchema for Names {
    fn schema() -> RefOr<Schema> {
        let ids: Vec<&str> = CodeSystem::ALL.iter().map(|system| system.id()).collect();
        let id = ids.join("|");
        let listed = ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some(format!("^(({id})(,({id}))*)?$")))
            .description(Some("Identifiers with commas between."));
        let list = ArrayBuilder::new().items(SystemId::schema());
        let null = ObjectBuilder::new().schema_type(Type::Null);
        OneOfBuilder::new()
            .item(listed)
            .item(list)
            .item(null)
            .description(Some("The code systems; all of them when absent or empty."))
            .into()
    }
}

impl ToSchema for Names {}

/// The identifier of a code system, for the document.
#[derive(Debug)]
pub struct SystemId;

impl PartialSchema for SystemId {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(CodeSystem::ALL.map(CodeSystem::id)))
            .description(Some("A code system."))
            .into()
    }
}

impl ToSchema for SystemId {}

/// An object whose members the document does not list.
#[derive(Debug)]
pub struct AnyObject;

impl PartialSchema for AnyObject {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::Object).into()
    }
}

impl ToSchema for AnyObject {}

/// A day, for the document.
#[derive(Debug)]
pub struct Day;

impl PartialSchema for Day {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
            .description(Some("A day of the calendar, YYYY-MM-DD."))
            .into()
    }
}

impl ToSchema for Day {}

/// The day of service as the one parameter of an address, for the document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document takes names and types from it")]
pub(super) struct DateParameter {
    /// The day of service, which decides the release; today when absent.
    #[param(value_type = Day, inline, required = false)]
    date: (),
}

impl Names {
    /// The code systems named, each once; empty stands for all.
    pub fn systems(&self) -> ApiResult<Vec<CodeSystem>> {
        match self {
            Names::None => Ok(Vec::new()),
            Names::One(names) => systems(std::iter::once(names.as_str())),
            Names::Many(names) => systems(names.iter().map(String::as_str)),
        }
    }
}

/// The code systems in lists with commas between, each once, in the order of [`CodeSystem::ALL`].
pub fn systems<'a>(lists: impl Iterator<Item = &'a str>) -> ApiResult<Vec<CodeSystem>> {
    let mut named = Vec::new();
    for name in lists.flat_map(|list| list.split(',')) {
        if !name.trim().is_empty() {
            named.push(system(name)?);
        }
    }
    Ok(CodeSystem::ALL
        .into_iter()
        .filter(|system| named.contains(system))
        .collect())
}

/// The code system of that name.
pub fn system(name: &str) -> ApiResult<CodeSystem> {
    name.parse().map_err(|_| {
        let known: Vec<&str> = CodeSystem::ALL.iter().map(|system| system.id()).collect();
        let detail = format!("known systems are {}", known.join(", "));
        ApiError::new(ErrorCode::SystemUnknown, detail).at("system")
    })
}

/// A day written `YYYY-MM-DD`, and nothing else.
pub fn date(text: &str) -> ApiResult<Date> {
    let has_shape = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    let date = has_shape.then(|| text.parse::<Date>().ok()).flatten();
    date.ok_or_else(|| {
        let detail = "a day of the calendar is expected, such as 2026-10-01";
        ApiError::new(ErrorCode::BadDate, detail).at("date")
    })
}

/// `true` or `false`.
pub fn flag(text: &str, name: &'static str) -> ApiResult<bool> {
    match text {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(ApiError::new(ErrorCode::BadParameter, "it is true or false").at(name)),
    }
}

/// Reads a whole number however JSON writes it: `14` and `14.0` are one number.
pub(super) fn whole<'de, D: Deserializer<'de>>(source: D) -> Result<Option<u32>, D::Error> {
    let Some(number) = Option::<serde_json::Number>::deserialize(source)? else {
        return Ok(None);
    };
    let text = number.to_string();
    let digits = text.strip_suffix(".0").unwrap_or(&text);
    let whole = digits
        .parse()
        .map_err(|_| D::Error::custom("no whole number"))?;
    Ok(Some(whole))
}

/// A number from 1 to [`MOST_LIMIT`].
pub fn limit(text: &str) -> ApiResult<usize> {
    number(text, "limit", 1, MOST_LIMIT)
}

/// `number`, if it is a number of hits that a page may have.
pub fn checked_limit(number: usize) -> ApiResult<usize> {
    if (1..=MOST_LIMIT).contains(&number) {
        return Ok(number);
    }
    let detail = format!("it is a number from 1 to {MOST_LIMIT}");
    Err(ApiError::new(ErrorCode::BadParameter, detail).at("limit"))
}

/// A code or a place, unless it is longer than any is.
pub fn code(text: &str) -> ApiResult<String> {
    if text.len() <= MOST_CODE_BYTES {
        return Ok(text.to_owned());
    }
    let detail = format!(
        "it has {} bytes, but at most {MOST_CODE_BYTES} are read",
        text.len()
    );
    Err(ApiError::new(ErrorCode::BadParameter, detail).at("code"))
}

/// A whole number from `least` to `most`.
pub fn number(text: &str, name: &'static str, least: usize, most: usize) -> ApiResult<usize> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = if digits { text.parse().ok() } else { None };
    number
        .filter(|number| (least..=most).contains(number))
        .ok_or_else(|| {
            let detail = format!("it is a number from {least} to {most}");
            ApiError::new(ErrorCode::BadParameter, detail).at(name)
        })
}

/// A parameter that must be given.
pub fn needed<'a>(pairs: &'a Pairs, name: &'static str, what: &str) -> ApiResult<&'a str> {
    pairs.get(name).ok_or_else(|| {
        let detail = format!("{name} is missing: {what}");
        ApiError::new(ErrorCode::BadParameter, detail).at(name)
    })
}

/// `complete` or `final`.
pub fn mode(text: &str) -> ApiResult<Mode> {
    match text {
        "complete" => Ok(Mode::Complete),
        "final" => Ok(Mode::Final),
        _ => {
            let error = ApiError::new(ErrorCode::BadParameter, "it is complete or final");
            Err(error.at("mode"))
        }
    }
}

/// The chapter's number; nothing stands for all chapters.
pub fn chapter(text: Option<&str>) -> Option<String> {
    let text = text.map(str::trim).filter(|text| !text.is_empty());
    text.map(str::to_owned)
}

/// `text`, unless it is longer than is read.
pub fn query(text: String) -> ApiResult<String> {
    let characters = text.chars().count();
    if characters <= MOST_QUERY_CHARACTERS {
        return Ok(text);
    }
    let detail =
        format!("it has {characters} characters, but at most {MOST_QUERY_CHARACTERS} are read");
    Err(ApiError::new(ErrorCode::QueryTooLong, detail).at("q"))
}

/// The media type of a body, in lower case, without its parameters.
pub fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let media_type = value.split(';').next().unwrap_or(value);
    Some(media_type.trim().to_ascii_lowercase())
}

/// The bytes of a body; `most` says how many the operation reads.
pub fn bytes(body: Result<Bytes, BytesRejection>, most: &str) -> ApiResult<Bytes> {
    body.map_err(|rejection| {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            let detail = format!("the operation reads {most}");
            ApiError::new(ErrorCode::BodyTooLarge, detail)
        } else {
            ApiError::new(ErrorCode::BadJson, "the body did not arrive whole")
        }
    })
}

/// Reads a JSON body of type `application/json`.
pub fn json<T: DeserializeOwned>(
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> ApiResult<T> {
    if media_type(headers).as_deref() != Some("application/json") {
        return Err(ApiError::new(ErrorCode::UnsupportedMediaType, ""));
    }
    object(&bytes(body, "64 KiB")?, "")
}

/// Reads a JSON object; `members` says what it may hold, for the problem of one that holds something else.
pub fn object<'a, T: Deserialize<'a>>(bytes: &'a [u8], members: &str) -> ApiResult<T> {
    // The members of an array would be taken in order, which nobody means.
    if !bytes.trim_ascii_start().starts_with(b"{") {
        return Err(ApiError::new(ErrorCode::BadJson, "it is not an object"));
    }
    serde_json::from_slice(bytes).map_err(|error| not_json(&error, members))
}

/// The problem of JSON that cannot be read; its message would repeat values, so only its place is told.
pub fn not_json(error: &serde_json::Error, members: &str) -> ApiError {
    let mut detail = match error.classify() {
        serde_json::error::Category::Data => "a member is unknown or has another type",
        serde_json::error::Category::Eof => "it ends early",
        serde_json::error::Category::Syntax | serde_json::error::Category::Io => "it is not JSON",
    }
    .to_owned();
    // A value that was read before it was understood has no lines.
    if error.line() > 0 {
        let place = format!(": line {}, column {}", error.line(), error.column());
        detail.push_str(&place);
    }
    if error.is_data() && !members.is_empty() {
        detail.push_str("; ");
        detail.push_str(members);
    }
    ApiError::new(ErrorCode::BadJson, detail)
}

#[cfg(test)]
mod tests {
    use super::{Names, date, limit, systems};

    #[test]
    fn a_date_has_one_form() {
        assert!(date("2026-10-01").is_ok());
        for text in [
            "2026-13-01",
            "2026-02-30",
            "20261001",
            "2026-10-1",
            "+2026-10-01",
            "",
            "2026-10-01T00",
        ] {
            assert!(date(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_limit_is_a_plain_number() {
        assert_eq!(limit("20").ok(), Some(20));
        for text in ["0", "101", "+5", "5.0", "", "99999999999999999999"] {
            assert!(limit(text).is_err(), "{text}");
        }
    }

    #[test]
    fn systems_come_once_and_in_order() {
        let ids = |names: Names| -> Vec<&str> {
            let systems = names.systems().unwrap_or_default();
            systems.into_iter().map(|system| system.id()).collect()
        };
        assert_eq!(
            ids(Names::One("hcpcs,ICD-10-CM,hcpcs".to_owned())),
            ["icd10cm", "hcpcs"]
        );
        assert_eq!(ids(Names::Many(vec!["hcpcs".to_owned()])), ["hcpcs"]);
        assert!(systems(["icd10cm,x"].into_iter()).is_err());
    }
}
