//! Codes as questions give them: as a code with its system, a Coding or a CodeableConcept.

use serde_json::{Value, json};

use super::outcome::{FhirError, FhirResult};
use super::parameters::Input;

/// A code that is asked about.
#[derive(Clone, Debug, Default)]
pub(super) struct Coding {
    /// Its code system.
    pub(super) system: Option<String>,
    /// The version of that.
    pub(super) version: Option<String>,
    /// The code.
    pub(super) code: String,
    /// The words that stand with it.
    pub(super) display: Option<String>,
    /// Where it stands in the question, for `code`, `system` and `display` of it.
    pub(super) path: String,
}

/// How a code was given.
#[derive(Clone, Debug)]
pub(super) enum Asked {
    /// As `code` and `system`.
    Code(Coding),
    /// As a Coding.
    Coding(Coding),
    /// As a CodeableConcept, which is kept for the answer.
    Concept(Vec<Coding>, Value),
}

impl Coding {
    /// Reads a Coding that stands at `path`.
    pub(super) fn read(value: &Value, path: &str) -> Coding {
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        Coding {
            system: text("system"),
            version: text("version"),
            code: text("code").unwrap_or_default(),
            display: text("display"),
            path: path.to_owned(),
        }
    }

    /// Where a part of it stands.
    pub(super) fn at(&self, part: &str) -> String {
        if self.path.is_empty() {
            part.to_owned()
        } else {
            format!("{}.{part}", self.path)
        }
    }

    /// `system|version#code`, as messages name it.
    pub(super) fn named(&self) -> String {
        let system = self.system.as_deref().unwrap_or("");
        let version = self.version.as_ref().map(|version| format!("|{version}"));
        format!("{system}{}#{}", version.unwrap_or_default(), self.code)
    }
}

impl Asked {
    /// Reads the code of a question; `system` is the parameter that names its system.
    ///
    /// # Errors
    /// When there is none.
    pub(super) fn read(input: &Input, system: &str) -> FhirResult<Asked> {
        if let Some(concept) = input.wholes("codeableConcept").next() {
            let codings = concept.get("coding").and_then(Value::as_array);
            let codings = codings.into_iter().flatten().enumerate();
            let codings = codings.map(|(number, coding)| {
                Coding::read(coding, &format!("CodeableConcept.coding[{number}]"))
            });
            return Ok(Asked::Concept(codings.collect(), concept.clone()));
        }
        if let Some(coding) = input.wholes("coding").next() {
            return Ok(Asked::Coding(Coding::read(coding, "Coding")));
        }
        let Some(code) = input.text("code")? else {
            return Err(FhirError::required(
                "there is no code: looked for codeableConcept, coding and code",
            ));
        };
        let owned =
            |name: &str| -> FhirResult<Option<String>> { Ok(input.text(name)?.map(str::to_owned)) };
        let version = match owned("systemVersion")? {
            None if system == "url" => owned("version")?,
            version => version,
        };
        Ok(Asked::Code(Coding {
            system: owned(system)?,
            version,
            code: code.to_owned(),
            display: owned("display")?,
            path: String::new(),
        }))
    }
}

/// A Coding of a concept.
pub(super) fn coding(
    system: &str,
    version: Option<&str>,
    code: &str,
    display: Option<&str>,
) -> Value {
    let mut coding = json!({ "system": system, "code": code });
    if let Some(coding) = coding.as_object_mut() {
        for (name, value) in [("version", version), ("display", display)] {
            if let Some(value) = value {
                coding.insert(name.to_owned(), json!(value));
            }
        }
    }
    coding
}
