//! Parameters: read from an address or a `Parameters` resource, and written as one.

use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::outcome::{FhirError, FhirResult};

/// The longest text of a parameter that is read, in bytes.
const MOST_TEXT_BYTES: usize = 4096;

/// A parameter's value.
#[derive(Clone, Debug)]
enum Given {
    /// A primitive, as text.
    Text(String),
    /// A data type or a resource.
    Whole(Value),
}

/// The parameters of a question, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Input(Vec<(String, Given)>);

impl Input {
    /// The parameters of an address.
    pub(super) fn from_pairs(pairs: &[(String, String)]) -> Input {
        let given = pairs
            .iter()
            .map(|(name, value)| (name.clone(), Given::Text(value.clone())));
        Input(given.collect())
    }

    /// Adds what a body gives: the parts of a `Parameters` resource, or another resource
    /// as the one parameter that takes it.
    ///
    /// # Errors
    /// When the body is not a resource that an operation reads.
    pub(super) fn read(&mut self, body: Value) -> FhirResult<()> {
        let Value::Object(mut body) = body else {
            return Err(FhirError::invalid("the body is not a resource"));
        };
        match body.get("resourceType").and_then(Value::as_str) {
            Some("Parameters") => {}
            Some("ValueSet") => {
                self.give("valueSet", Given::Whole(Value::Object(body)));
                return Ok(());
            }
            Some("CodeSystem") => {
                self.give("codeSystem", Given::Whole(Value::Object(body)));
                return Ok(());
            }
            _ => {
                let text = "the body's resourceType is not Parameters, ValueSet or CodeSystem";
                return Err(FhirError::invalid(text));
            }
        }
        let parts = match body.remove("parameter") {
            None => return Ok(()),
            Some(Value::Array(parts)) => parts,
            Some(_) => return Err(FhirError::invalid("Parameters.parameter is not a list")),
        };
        for part in parts {
            let Value::Object(part) = part else {
                return Err(FhirError::invalid("a parameter is not an object"));
            };
            let Some(name) = part.get("name").and_then(Value::as_str).map(str::to_owned) else {
                return Err(FhirError::invalid("a parameter has no name"));
            };
            if let Some(given) = value_of(part) {
                self.0.push((name, given));
            }
        }
        Ok(())
    }

    /// Adds what a body gives, if there is one.
    ///
    /// # Errors
    /// As [`Input::read`].
    pub(super) fn take(&mut self, body: Option<Value>) -> FhirResult<()> {
        body.map_or(Ok(()), |body| self.read(body))
    }

    /// The values of another question for whatever this one does not say.
    pub(super) fn or_from(mut self, defaults: &Input) -> Input {
        for (name, given) in &defaults.0 {
            if name != "validation" && !self.0.iter().any(|(own, _)| own == name) {
                self.0.push((name.clone(), given.clone()));
            }
        }
        // Resources that come with a question add to one another.
        for (name, given) in &defaults.0 {
            let is_resource = name == "tx-resource";
            if is_resource && self.0.iter().any(|(own, _)| own == name) {
                self.0.push((name.clone(), given.clone()));
            }
        }
        self
    }

    /// Sets a parameter unless it is given.
    pub(super) fn default_to(&mut self, name: &str, value: &str) {
        if !self.0.iter().any(|(own, _)| own == name) {
            self.give(name, Given::Text(value.to_owned()));
        }
    }

    fn give(&mut self, name: &str, given: Given) {
        self.0.push((name.to_owned(), given));
    }

    /// Every value of `name` that is a text.
    pub(super) fn texts<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter_map(move |(own, given)| match given {
            Given::Text(text) if own == name => Some(text.as_str()),
            Given::Text(_) | Given::Whole(_) => None,
        })
    }

    /// Every value of `name` that is a data type or a resource.
    pub(super) fn wholes<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Value> {
        self.0.iter().filter_map(move |(own, given)| match given {
            Given::Whole(value) if own == name => Some(value),
            Given::Text(_) | Given::Whole(_) => None,
        })
    }

    /// The text of `name`, unless it is empty.
    ///
    /// # Errors
    /// When it is given more than once or is longer than is read.
    pub(super) fn text(&self, name: &str) -> FhirResult<Option<&str>> {
        let mut texts = self.texts(name).filter(|text| !text.is_empty());
        let first = texts.next();
        if texts.next().is_some() {
            let text = format!("parameter {name} is given more than once");
            return Err(FhirError::invalid(text));
        }
        if first.is_some_and(|text| text.len() > MOST_TEXT_BYTES) {
            let text = format!("parameter {name} has more than {MOST_TEXT_BYTES} bytes");
            return Err(FhirError::invalid(text));
        }
        Ok(first)
    }

    /// Whether `name` is true; `None` when it is not given.
    ///
    /// # Errors
    /// When it is neither true nor false.
    pub(super) fn flag(&self, name: &str) -> FhirResult<Option<bool>> {
        match self.text(name)? {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(FhirError::invalid(format!(
                "parameter {name} is neither true nor false"
            ))),
        }
    }

    /// The number `name`; more than can be counted is the most.
    ///
    /// # Errors
    /// When it is not a number, or a negative one.
    pub(super) fn number(&self, name: &str) -> FhirResult<Option<usize>> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            let text = format!("parameter {name} is not a number from 0");
            return Err(FhirError::invalid(text));
        }
        Ok(Some(text.parse().unwrap_or(usize::MAX)))
    }

    /// The day of `name`, which may be a time of that day.
    ///
    /// # Errors
    /// When it does not begin with `YYYY-MM-DD`.
    pub(super) fn day(&self, name: &str) -> FhirResult<Option<Date>> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        let (day, time) = text.split_at_checked(10).unwrap_or((text, ""));
        let has_shape = day.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
        let date = (has_shape && day.len() == 10 && (time.is_empty() || time.starts_with('T')))
            .then(|| day.parse().ok())
            .flatten();
        date.map(Some).ok_or_else(|| {
            FhirError::invalid(format!("parameter {name} is not a day such as 2026-10-01"))
        })
    }
}

/// The value of one part of a `Parameters` resource; `None` when it has none.
fn value_of(part: Map<String, Value>) -> Option<Given> {
    for (key, value) in part {
        if key == "resource" {
            return Some(Given::Whole(value));
        }
        if !key.starts_with("value") {
            continue;
        }
        return Some(match value {
            Value::String(text) => Given::Text(text),
            Value::Bool(flag) => Given::Text(flag.to_string()),
            Value::Number(number) => Given::Text(number.to_string()),
            value => Given::Whole(value),
        });
    }
    None
}

/// A `Parameters` resource that is being written.
#[derive(Debug, Default)]
pub(super) struct Output(Vec<Value>);

impl Output {
    /// Adds a parameter with a value of type `kind`: `valueString`, `valueCode` ….
    pub(super) fn add(&mut self, name: &str, kind: &str, value: impl Into<Value>) {
        self.0.push(entry(name, kind, value));
    }

    /// Adds a parameter unless there is no value.
    pub(super) fn add_some(&mut self, name: &str, kind: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.add(name, kind, value);
        }
    }

    /// Adds a parameter that is a resource.
    pub(super) fn resource(&mut self, name: &str, resource: Value) {
        self.0.push(json!({ "name": name, "resource": resource }));
    }

    /// Adds a parameter of several parts.
    pub(super) fn parts(&mut self, name: &str, parts: Vec<Value>) {
        self.0.push(json!({ "name": name, "part": parts }));
    }

    /// The resource.
    pub(super) fn into_json(self) -> Value {
        json!({ "resourceType": "Parameters", "parameter": self.0 })
    }
}

/// A parameter or a part of one, with a value of type `kind`.
pub(super) fn entry(name: &str, kind: &str, value: impl Into<Value>) -> Value {
    let mut entry = Map::new();
    entry.insert("name".to_owned(), json!(name));
    entry.insert(kind.to_owned(), value.into());
    Value::Object(entry)
}
