//! `/v1/search`: a phrase, a code, or a mix of them, to ranked codes.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use codesets::CodeSystem;
use jiff::civil::Date;
use serde::Deserialize;
use utoipa::openapi::schema::{Schema, Type};
use utoipa::openapi::{ObjectBuilder, RefOr};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use super::cursor::{self, Asked, Cursor};
use super::parameters::{self, Day, Names, Pairs, SystemId};
use super::respond;
use crate::answers::{self, SearchAnswer};
use crate::catalog::Snapshot;
use crate::http::errors::{ApiError, ApiResult, ErrorCode};
use crate::http::state::App;
use crate::search::{ChosenSense, Filters, Mode, SearchError, SearchRequest};

const PARAMETERS: [&str; 10] = [
    "q", "system", "date", "billable", "chapter", "limit", "cursor", "explain", "mode", "read",
];

/// The most phrases of a question whose sense is chosen.
const MOST_READINGS: usize = 16;

/// The parameters of `GET /v1/search`, for the document; [`Pairs`] reads them.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document takes names and types from it")]
struct SearchParameters {
    /// The phrase, a code, the beginning of a code, or a mix. Where it may hold a patient's
    /// words, send it by POST.
    #[param(max_length = 4096)]
    q: String,
    /// The code systems, with commas between; all when absent.
    #[param(value_type = Vec<SystemId>, inline, required = false, style = Form, explode = false)]
    system: (),
    /// The day of service, which decides the release; today when absent.
    #[param(value_type = Day, inline, required = false)]
    date: (),
    /// Only codes that can be billed; with `false`, only headers.
    #[param(required = false)]
    billable: bool,
    /// Only codes of the chapter with this number, as the publisher writes it.
    #[param(required = false)]
    chapter: String,
    /// How many hits a page has.
    #[param(required = false, minimum = 1, maximum = 100, default = 20)]
    limit: u32,
    /// The `next` of the page before. It holds nothing of the phrase.
    #[param(required = false, pattern = "^01[0-9a-f]{56}$")]
    cursor: String,
    /// Whether to say what each feature added to a score.
    #[param(required = false, default = false)]
    explain: bool,
    /// `complete` while somebody types: the last word may be unfinished.
    #[param(value_type = ModeName, inline, required = false)]
    mode: (),
    /// A phrase of `q`, a colon, and what it shall be read as: `MS:mitral stenosis`. The
    /// answer's `query.expanded` names the senses of what it expanded.
    #[param(value_type = Vec<PhraseAndSense>, inline, required = false, max_items = 16, style = Form, explode = true)]
    read: (),
}

/// A phrase and its sense in an address, for the document.
struct PhraseAndSense;

impl PartialSchema for PhraseAndSense {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^[^:]*[A-Za-z0-9][^:]*:.*[A-Za-z0-9]"))
            .into()
    }
}

impl ToSchema for PhraseAndSense {}

/// How the end of a query is taken.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "the document takes the names from it")]
enum ModeName {
    /// The words are whole.
    Final,
    /// The last word may be the beginning of one.
    Complete,
}

/// A search as JSON says it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SearchBody {
    /// The phrase, a code, the beginning of a code, or a mix.
    #[schema(value_type = String, required = true, max_length = 4096)]
    q: Option<String>,
    /// The code systems; all when absent.
    #[serde(default)]
    #[schema(inline)]
    system: Names,
    /// The day of service; today when absent.
    #[schema(value_type = Option<String>, format = Date)]
    date: Option<String>,
    /// Only codes that can be billed, or only those that cannot.
    billable: Option<bool>,
    /// Only codes of the chapter with this number.
    chapter: Option<String>,
    /// How many hits are wanted.
    #[serde(default, deserialize_with = "parameters::whole")]
    #[schema(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// The `next` of the page before.
    #[schema(pattern = "^01[0-9a-f]{56}$")]
    cursor: Option<String>,
    /// Whether to say what each feature added to a score.
    #[serde(default)]
    explain: bool,
    /// `complete` while somebody types, else `final`.
    #[schema(value_type = Option<ModeName>)]
    mode: Option<String>,
    /// Phrases of `q` with the sense they shall be read in.
    #[serde(default)]
    #[schema(max_items = 16)]
    read: Vec<ReadBody>,
}

/// A phrase, and what it shall be read as.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadBody {
    /// The phrase as typed: `MS`.
    #[schema(pattern = "[A-Za-z0-9]")]
    from: String,
    /// Its sense: `mitral stenosis`.
    #[schema(pattern = "[A-Za-z0-9]")]
    to: String,
}

/// A search, read and checked.
#[derive(Debug)]
pub(super) struct Question {
    text: String,
    filters: Filters,
    mode: Mode,
    senses: Vec<ChosenSense>,
    date: Option<Date>,
    limit: usize,
    cursor: Option<Cursor>,
    explain: bool,
}

impl SearchBody {
    /// Checks every member.
    pub(super) fn question(self) -> ApiResult<Question> {
        Ok(Question {
            text: text(self.q)?,
            filters: Filters {
                systems: self.system.systems()?,
                billable: self.billable,
                chapter: parameters::chapter(self.chapter.as_deref()),
            },
            mode: mode(self.mode.as_deref())?,
            senses: senses(self.read.iter().map(|read| (&*read.from, &*read.to)))?,
            date: self.date.as_deref().map(parameters::date).transpose()?,
            limit: self.limit.map_or(Ok(parameters::DEFAULT_LIMIT), |limit| {
                parameters::checked_limit(usize::try_from(limit).unwrap_or(usize::MAX))
            })?,
            cursor: self.cursor.as_deref().map(Cursor::read).transpose()?,
            explain: self.explain,
        })
    }
}

impl Question {
    /// The systems asked, all when empty.
    pub(super) fn systems(&self) -> &[CodeSystem] {
        &self.filters.systems
    }
}

/// Search
///
/// Ranks the codes that a phrase, a code or the beginning of a code means. A code that is typed
/// comes first; words may come in any order; an abbreviation, a synonym and a misspelling are
/// read as what they mean, and the answer says so. The first page does not depend on `limit`.
#[utoipa::path(get, path = "/v1/search", operation_id = "search", tag = "search",
    params(SearchParameters),
    responses((status = 200, body = SearchAnswer, description = "Ranked codes")))]
pub async fn get(State(app): State<Arc<App>>, uri: Uri) -> ApiResult<Response> {
    let pairs = Pairs::read(&uri)?;
    pairs.only(&PARAMETERS, &["system", "read"])?;
    let optional_flag = |name| {
        pairs
            .get(name)
            .map(|text| parameters::flag(text, name))
            .transpose()
    };
    let read = pairs.all("read").filter(|pair| !pair.is_empty());
    let read = read.map(|pair| pair.split_once(':'));
    let question = Question {
        text: text(pairs.get("q").map(str::to_owned))?,
        filters: Filters {
            systems: parameters::systems(pairs.all("system"))?,
            billable: optional_flag("billable")?,
            chapter: parameters::chapter(pairs.get("chapter")),
        },
        mode: mode(pairs.get("mode"))?,
        senses: senses(read.map(|pair| pair.unwrap_or_default()))?,
        date: pairs.get("date").map(parameters::date).transpose()?,
        limit: pairs
            .get("limit")
            .map_or(Ok(parameters::DEFAULT_LIMIT), parameters::limit)?,
        cursor: pairs.get("cursor").map(Cursor::read).transpose()?,
        explain: optional_flag("explain")?.unwrap_or(false),
    };
    ask(&app, question).await
}

/// Search without the phrase in an address
///
/// The same as JSON, for phrases that may hold a patient's words: they are then in no address,
/// no proxy and no log.
#[utoipa::path(post, path = "/v1/search", operation_id = "searchByPost", tag = "search",
    request_body = SearchBody,
    responses((status = 200, body = SearchAnswer, description = "Ranked codes")))]
pub async fn post(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> ApiResult<Response> {
    let body: SearchBody = parameters::json(&headers, body)?;
    ask(&app, body.question()?).await
}

/// The senses chosen; both parts of a pair must hold a word.
fn senses<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> ApiResult<Vec<ChosenSense>> {
    let mut senses = Vec::new();
    for (from, to) in pairs {
        let detail = "it is a phrase of q, a colon, and the words it shall be read as";
        let sense = ChosenSense::new(from, to)
            .filter(|_| senses.len() < MOST_READINGS)
            .ok_or_else(|| ApiError::new(ErrorCode::BadParameter, detail).at("read"))?;
        senses.push(sense);
    }
    Ok(senses)
}

fn text(q: Option<String>) -> ApiResult<String> {
    let missing = || {
        ApiError::new(
            ErrorCode::QueryMissing,
            "q is the phrase or code to look for",
        )
        .at("q")
    };
    parameters::query(q.ok_or_else(missing)?)
}

fn mode(text: Option<&str>) -> ApiResult<Mode> {
    text.map_or(Ok(Mode::Final), parameters::mode)
}

async fn ask(app: &App, question: Question) -> ApiResult<Response> {
    let snapshot = app.catalog.snapshot();
    let today = (app.today)();
    app.metrics.searched(&question.filters.systems);
    let body = app
        .pool
        .run(move || answer(&snapshot, question, today).and_then(|answer| respond::json(&answer)))
        .await??;
    Ok(respond::with_body(body))
}

/// Answers `question` from `snapshot`; a question without a day is asked for `today`.
pub(super) fn answer(
    snapshot: &Snapshot,
    question: Question,
    today: Date,
) -> ApiResult<SearchAnswer> {
    let bundle = snapshot.bundle();
    let date = question
        .date
        .or(question.cursor.as_ref().and_then(Cursor::date))
        .unwrap_or(today);
    let asked = Asked {
        text: &question.text,
        filters: &question.filters,
        mode: question.mode,
        senses: &question.senses,
        date,
    };
    let offset = match &question.cursor {
        Some(cursor) => cursor.offset(snapshot, asked)?,
        None => 0,
    };
    let request = SearchRequest {
        text: question.text.clone(),
        filters: question.filters.clone(),
        date,
        mode: question.mode,
        senses: question.senses.clone(),
        offset,
        limit: question.limit,
    };
    let start = Instant::now();
    let found = snapshot.searcher().search(&request).map_err(refused)?;
    let took_us = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
    let end = offset.saturating_add(found.hits.len());
    let more = !found.hits.is_empty() && end < found.total;
    Ok(SearchAnswer {
        query: answers::query(bundle, &found.plan, &found.hits),
        total: found.total,
        total_exact: found.total_exact,
        took_us,
        results: answers::results(bundle, &found, date, question.explain),
        groups: if offset == 0 {
            answers::groups(snapshot.searcher(), &found, date)
        } else {
            Vec::new()
        },
        next: more.then(|| cursor::write(snapshot, asked, end)).flatten(),
        release: answers::releases(bundle, &question.filters.systems, date),
    })
}

/// The problem of a search that its filters forbid.
pub(crate) fn refused(error: SearchError) -> ApiError {
    let detail = error.to_string();
    match error {
        SearchError::SystemNotLoaded(_) => {
            ApiError::new(ErrorCode::SystemNotLoaded, detail).at("system")
        }
        SearchError::UnknownChapter => {
            ApiError::new(ErrorCode::ChapterUnknown, detail).at("chapter")
        }
    }
}
