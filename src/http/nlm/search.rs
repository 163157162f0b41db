//! A search of a table, and its answer as an array.

use std::collections::BTreeMap;

use codesets::CodeSystem;
use indexer::bundle::Bundle;
use jiff::civil::Date;
use serde::Serialize;

use super::constraint::Constraint;
use super::fields::{Asked, Row, asked, code_beginning, system_uri};
use super::{DEFAULT_ROWS, MOST_ROWS, Table};
use crate::answers;
use crate::catalog::Snapshot;
use crate::http::errors::{ApiError, ApiResult, ErrorCode};
use crate::http::fields::Fields;
use crate::http::v1::{parameters, search::refused};
use crate::lookup::{Status, status};
use crate::search::{Answer, Filters, Hit, Mode, SearchRequest};

/// What may be searched: `sf`.
#[derive(Clone, Copy, Debug)]
struct Searched {
    codes: bool,
    titles: bool,
    /// Everything else that a code is called.
    other_names: bool,
}

/// A request, read.
#[derive(Debug)]
pub(super) struct Question {
    text: String,
    /// Whether `text` is a whole value that a person left in a field, rather than words being typed.
    suggests: bool,
    systems: Vec<CodeSystem>,
    /// Whether rows say of which system they are.
    names_systems: bool,
    searched: Searched,
    billable: Option<bool>,
    date: Date,
    constraint: Option<Constraint>,
    display: Vec<Asked>,
    code_field: String,
    extra: Option<Vec<Asked>>,
    offset: usize,
    count: usize,
}

impl Question {
    /// Reads the values of a request to `table`.
    pub(super) fn read(
        table: &Table,
        fields: &Fields,
        bundle: &Bundle,
        today: fn() -> Date,
    ) -> ApiResult<Question> {
        let loaded: Vec<CodeSystem> = bundle.systems().collect();
        if let Some(missing) = table.systems.iter().find(|system| !loaded.contains(system)) {
            let detail = format!("no release of {missing} is loaded");
            return Err(ApiError::new(ErrorCode::SystemNotLoaded, detail).at("table"));
        }
        let suggested = fields
            .get("terms")
            .is_none()
            .then(|| fields.get("field_val"));
        let suggested = suggested.flatten();
        let strict = fields
            .filled("compat")
            .is_some_and(|compat| compat == "strict");
        let billable = fields
            .filled("billable")
            .map(|text| parameters::flag(text, "billable"))
            .transpose()?;
        let names = |name: &str| fields.filled(name).map(asked);
        let usual_display = || {
            let asked = |name: &&str| Asked {
                field: (*name).to_owned(),
                alias: (*name).to_owned(),
            };
            table.display.iter().map(asked).collect()
        };
        let (offset, count) = page(fields);
        Ok(Question {
            text: parameters::query(suggested.or(fields.get("terms")).unwrap_or("").to_owned())?,
            suggests: suggested.is_some(),
            systems: table.systems.to_vec(),
            names_systems: table.systems.is_empty(),
            searched: searched(fields, strict && table.name == "icd10cm"),
            billable: billable.or(strict.then_some(true)),
            date: date(table, fields, bundle, today)?,
            constraint: fields.get("q").and_then(Constraint::read),
            display: names("df").unwrap_or_else(usual_display),
            code_field: fields.filled("cf").unwrap_or("code").to_owned(),
            extra: names("ef"),
            offset,
            count,
        })
    }

    /// The answer, its rows in the order of every other door.
    pub(super) fn rows(&self, snapshot: &Snapshot) -> ApiResult<Rows> {
        let bundle = snapshot.bundle();
        let found = self.found(snapshot)?;
        let results = answers::results(bundle, &found, self.date, false);
        let rows = found.hits.iter().zip(results).filter_map(|(hit, result)| {
            let record = bundle.concept(hit.concept);
            let release = bundle.release_for(bundle.system_of(&record), self.date)?;
            Some(Row {
                bundle,
                release,
                concept: hit.concept,
                result,
            })
        });
        let Some(constraint) = &self.constraint else {
            let page: Vec<Row<'_>> = rows.collect();
            return Ok(self.shaped(found.total, &page));
        };
        let usual: Vec<&str> = self.display.iter().map(|asked| &*asked.field).collect();
        let kept: Vec<Row<'_>> = rows
            .filter(|row| constraint.holds(&usual, &|field| row.value(field)))
            .collect();
        let page = kept.get(self.offset.min(kept.len())..).unwrap_or(&[]);
        let page = page.get(..self.count.min(page.len())).unwrap_or(&[]);
        Ok(self.shaped(kept.len(), page))
    }

    /// The hits of the page, or all of them where a constraint is yet to be met.
    fn found(&self, snapshot: &Snapshot) -> ApiResult<Answer> {
        let bundle = snapshot.bundle();
        let (offset, count) = match self.constraint {
            Some(_) => (0, usize::MAX),
            None => (self.offset, self.count),
        };
        let filters = Filters {
            systems: self.systems.clone(),
            billable: self.billable,
            chapter: None,
        };
        if self.text.trim().is_empty() {
            return Ok(Answer::default());
        }
        if self.searched.codes && !self.searched.titles && !self.searched.other_names {
            let Some(beginning) = self.beginning() else {
                return Ok(Answer::default());
            };
            let count = count.min(MOST_ROWS);
            let codes = snapshot
                .searcher()
                .codes(&beginning, &filters, self.date, offset, count);
            return codes.map_err(refused);
        }
        let request = SearchRequest {
            text: self.text.clone(),
            filters,
            date: self.date,
            mode: if self.suggests {
                Mode::Final
            } else {
                Mode::Complete
            },
            senses: Vec::new(),
            offset: 0,
            limit: usize::MAX,
        };
        let mut answer = snapshot.searcher().search(&request).map_err(refused)?;
        answer.hits.retain(|hit| self.may_stand(bundle, hit));
        answer.total = answer.hits.len();
        answer.hits = answer.hits.into_iter().skip(offset).take(count).collect();
        Ok(answer)
    }

    /// Whether a hit is of the release that answers, and was found in what may be searched.
    fn may_stand(&self, bundle: &Bundle, hit: &Hit) -> bool {
        let record = bundle.concept(hit.concept);
        let Some(release) = bundle.release_for(bundle.system_of(&record), self.date) else {
            return false;
        };
        if status(&record, release) != Status::Active {
            return false;
        }
        let Searched {
            codes,
            titles,
            other_names,
        } = self.searched;
        if codes && titles && other_names {
            return true;
        }
        let Some(term) = hit.term else { return codes };
        let is_title = bundle.kind_of(&bundle.term(term)).id() == "title";
        if is_title && hit.default_of.is_none() {
            return titles;
        }
        // Found by another name, it still stands if NLM's own rule finds it in the title.
        other_names
            || titles && {
                let title = crate::lookup::title(bundle, &record, release);
                begins_words(title, &self.text)
            }
    }

    /// The beginning of a code that every typed word is a beginning of.
    fn beginning(&self) -> Option<String> {
        let system = self.systems.first().copied();
        let system = system.unwrap_or(CodeSystem::Icd10Cm);
        let words: Option<Vec<String>> = self
            .text
            .split_whitespace()
            .map(|word| code_beginning(system, word))
            .collect();
        let words = words?;
        let longest = words.iter().max_by_key(|word| word.len())?;
        let fits = words.iter().all(|word| longest.starts_with(word.as_str()));
        fits.then(|| longest.clone())
    }

    fn shaped(&self, total: usize, page: &[Row<'_>]) -> Rows {
        let values = |row: &Row<'_>| -> Vec<String> {
            let values = self.display.iter().map(|asked| row.value(&asked.field));
            values.map(Option::unwrap_or_default).collect()
        };
        let code = |row: &Row<'_>| row.value(&self.code_field).unwrap_or_default();
        let system = |row: &Row<'_>| row.result.system.parse().map_or("", system_uri);
        let extra = |asked: &Vec<Asked>| -> BTreeMap<String, Vec<Option<String>>> {
            let column = |asked: &Asked| {
                let values = page.iter().map(|row| row.value(&asked.field));
                (asked.alias.clone(), values.collect())
            };
            asked.iter().map(column).collect()
        };
        Rows {
            total: (!self.suggests).then_some(total),
            codes: page.iter().map(code).collect(),
            extra: self.extra.as_ref().map(extra),
            display: page.iter().map(values).collect(),
            systems: self
                .names_systems
                .then(|| page.iter().map(system).collect()),
        }
    }
}

/// The answer: `[total, codes, extra, display, systems?]`, and for a suggestion
/// `[codes, display, extra, systems?]`.
#[derive(Debug)]
pub(super) struct Rows {
    total: Option<usize>,
    codes: Vec<String>,
    extra: Option<BTreeMap<String, Vec<Option<String>>>>,
    display: Vec<Vec<String>>,
    systems: Option<Vec<&'static str>>,
}

impl Serialize for Rows {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeSeq;
        let mut array = serializer.serialize_seq(None)?;
        match self.total {
            Some(total) => {
                array.serialize_element(&total)?;
                array.serialize_element(&self.codes)?;
                array.serialize_element(&self.extra)?;
                array.serialize_element(&self.display)?;
            }
            None => {
                array.serialize_element(&self.codes)?;
                array.serialize_element(&self.display)?;
                array.serialize_element(&self.extra)?;
            }
        }
        if let Some(systems) = &self.systems {
            array.serialize_element(systems)?;
        }
        array.end()
    }
}

/// Whether every word of `typed` is the beginning of a word of `title`.
fn begins_words(title: &str, typed: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect()
    };
    let title = words(title);
    words(typed)
        .iter()
        .all(|word| title.iter().any(|other| other.starts_with(word.as_str())))
}

/// `sf`; without it everything is searched, or the code alone where NLM's default is asked for.
fn searched(fields: &Fields, code_only: bool) -> Searched {
    let named = fields.list("sf");
    if named.is_empty() {
        return Searched {
            codes: true,
            titles: !code_only,
            other_names: !code_only,
        };
    }
    let any = |names: &[&str]| named.iter().any(|name| names.contains(name));
    Searched {
        codes: any(&["code", "code_dotted"]),
        titles: any(&[
            "name",
            "display",
            "title",
            "long_name",
            "long_desc",
            "short_desc",
            "short_name",
        ]),
        other_names: any(&["synonyms", "synonym", "term_icd9_text", "consumer_name"]),
    }
}

/// The first row and how many: `offset` with `count`, or `maxList`, which is 500 when it is empty.
///
/// What is no number is the default: clients of NLM's meet no refusal there.
fn page(fields: &Fields) -> (usize, usize) {
    let number = |name: &str| fields.filled(name).and_then(|text| text.parse().ok());
    if let Some(list) = fields.get("maxlist") {
        let usual = if list.trim().is_empty() {
            MOST_ROWS
        } else {
            DEFAULT_ROWS
        };
        return (0, number("maxlist").unwrap_or(usual).min(MOST_ROWS));
    }
    let count = number("count").unwrap_or(DEFAULT_ROWS).min(MOST_ROWS);
    (number("offset").unwrap_or(0), count)
}

/// The day of service: `date`, or the first day of the release that `version` names, or today.
fn date(table: &Table, fields: &Fields, bundle: &Bundle, today: fn() -> Date) -> ApiResult<Date> {
    if let Some(text) = fields.filled("date") {
        return parameters::date(text);
    }
    let Some(version) = fields.filled("version") else {
        return Ok(today());
    };
    let of_table = |system: &CodeSystem| table.systems.is_empty() || table.systems.contains(system);
    let releases = || {
        bundle
            .releases()
            .iter()
            .filter(|release| of_table(&release.system))
    };
    let named = releases().find(|release| release.version == version);
    named.map(|release| release.days.first).ok_or_else(|| {
        let loaded: Vec<&str> = releases().map(|release| release.version.as_str()).collect();
        let detail = format!("loaded releases are {}", loaded.join(", "));
        ApiError::new(ErrorCode::BadParameter, detail).at("version")
    })
}
