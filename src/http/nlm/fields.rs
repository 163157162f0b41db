//! The fields of a row, by the names that NLM's tables give them.

use codesets::{Code, CodeSystem};
use indexer::book::Property;
use indexer::bundle::{Bundle, ConceptId, LoadedRelease};

use crate::answers::ResultAnswer;
use crate::lookup::title;

/// The longest name of a field that is read, in bytes.
const MOST_NAME_BYTES: usize = 64;
/// The most fields that are read of a list.
const MOST_FIELDS: usize = 32;

/// A row: a hit with what is needed to say more of it.
pub(super) struct Row<'a> {
    pub(super) bundle: &'a Bundle,
    pub(super) release: &'a LoadedRelease,
    pub(super) concept: ConceptId,
    pub(super) result: ResultAnswer,
}

impl Row<'_> {
    /// The value of a field; `None` where there is no such field, or the row has nothing in it.
    ///
    /// Beside NLM's names, every table has `billable`, `parent`, `chapter`, `system`,
    /// `match` (the term that met the words) and `release`.
    pub(super) fn value(&self, field: &str) -> Option<String> {
        let result = &self.result;
        let property = |property| {
            let value = self
                .bundle
                .property(self.concept, property, self.release.bit);
            value.map(str::to_owned)
        };
        match field {
            "code" | "code_dotted" | "HCPC" => Some(result.code.clone()),
            "name" | "display" | "title" | "long_name" | "long_desc" | "primary_name" => {
                Some(result.display.clone())
            }
            "short_desc" | "short_name" => Some(self.short().to_owned()),
            "billable" => Some(result.billable.to_string()),
            "parent" => result.parents.last().cloned(),
            "chapter" => result.chapter.clone(),
            "system" => Some(result.system.to_owned()),
            "match" => Some(result.matched.text.clone()),
            "release" => Some(self.release.version.clone()),
            "add_dt" => property(Property::Added),
            "term_dt" => property(Property::LastDay),
            "act_eff_dt" => property(Property::ActionEffective),
            "obsolete" => Some(property(Property::LastDay).is_some().to_string()),
            "type" => property(Property::Kind),
            "entityId" => property(Property::FoundationUri)
                .or_else(|| property(Property::LinearizationUri))
                .map(|uri| uri.replacen("http://id.who.int/icd/entity/", "", 1)),
            _ => None,
        }
    }

    /// The publisher's short title, or the title where there is no other.
    fn short(&self) -> &str {
        let record = self.bundle.concept(self.concept);
        self.bundle
            .terms_of(&record)
            .iter()
            .find(|term| self.bundle.kind_of(term).id() == "short_title")
            .map_or_else(
                || title(self.bundle, &record, self.release),
                |term| self.bundle.text(term.text),
            )
    }
}

/// A field asked for, with the name it goes by in the answer: `field:alias`.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) field: String,
    pub(super) alias: String,
}

/// The fields that a list names.
pub(super) fn asked(list: &str) -> Vec<Asked> {
    list.split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty() && name.len() <= MOST_NAME_BYTES)
        .take(MOST_FIELDS)
        .map(|name| {
            let (field, alias) = name.split_once(':').unwrap_or((name, name));
            Asked {
                field: field.to_owned(),
                alias: alias.to_owned(),
            }
        })
        .collect()
}

/// The URI under which HL7 knows a code system (its Terminology, "external code systems").
pub(super) fn system_uri(system: CodeSystem) -> &'static str {
    match system {
        CodeSystem::Icd10Cm => "http://hl7.org/fhir/sid/icd-10-cm",
        CodeSystem::Icd10Pcs => "http://www.cms.gov/Medicare/Coding/ICD10",
        CodeSystem::Hcpcs => "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
        CodeSystem::Cpt => "http://www.ama-assn.org/go/cpt",
        CodeSystem::Icd11Mms => "http://id.who.int/icd/release/11/mms",
        CodeSystem::Icd10Who => "http://hl7.org/fhir/sid/icd-10",
        CodeSystem::Icd9Cm => "http://hl7.org/fhir/sid/icd-9-cm",
    }
}

/// A code without its dot and in capitals, as far as `text` can be the beginning of one.
pub(super) fn code_beginning(system: CodeSystem, text: &str) -> Option<String> {
    let plain = Code::parse_stub(system, text)
        .map(|code| code.as_str().to_owned())
        .unwrap_or_else(|_| text.replace('.', "").to_ascii_uppercase());
    let is_code = !plain.is_empty() && plain.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_code.then_some(plain)
}
