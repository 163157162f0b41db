//! The ICD-10-PCS index (`icd10pcs_index_YYYY.xml`, CMS): words and devices,
//! and the code, the table or the other entry that each leads to.
//!
//! The index is a way into the tables, not a rule: a procedure may be coded
//! from the tables alone (ICD-10-PCS Official Guidelines A6, A7).

use super::icd10pcs_tables::{is_pcs_character, version_of};
use super::xml_elements::{Element, Outline, has_root, read_units, unknown};
use crate::{Code, CodeSystem, Parsed, RowError, RowProblem};

/// How deep terms may nest; the publisher's files need five.
const DEEPEST_LEVEL: u8 = 20;

/// A main term or a term below one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PcsIndexEntry {
    /// The 1-based line of the entry in the file.
    pub line: u64,
    /// 0 for a main term, then one more a level.
    pub level: u8,
    /// Where in the rows the entry above stands; `None` for a main term.
    pub parent: Option<usize>,
    /// The words; an entry that only points elsewhere has none.
    pub title: Option<String>,
    /// What the entry leads to, in order.
    pub leads_to: Vec<PcsReference>,
}

/// What an index entry leads to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PcsReference {
    /// A whole code (`code`).
    Code(Code),
    /// The first three to six characters of the codes (`codes` and `tab`): `0UT9`, `0QB`.
    Stub(String),
    /// "See": another main term, often with the table or stub it means.
    See {
        /// The publisher's words: `Resection, Uterus`.
        text: String,
        /// The first characters of the codes, where the entry gives them.
        stub: Option<String>,
    },
    /// "Use": the value of the tables that stands for the words.
    Use {
        /// The value's label: `Peritoneal Cavity`.
        text: String,
        /// The table it is meant for, where the entry names one.
        stub: Option<String>,
    },
}

/// Whether a file's beginning is that of an ICD-10-PCS index.
pub fn looks_like(head: &[u8]) -> bool {
    has_root(head, "ICD10PCS.index")
}

/// The fiscal year that the file's `version` element names: `2025`.
pub fn version(head: &[u8]) -> Option<String> {
    version_of(head)
}

/// Reads the index, in the file's order: every entry comes after the one above it.
pub fn parse(bytes: &[u8]) -> Parsed<PcsIndexEntry> {
    let outline = Outline {
        units: &["mainTerm"],
        containers: &["ICD10PCS.index", "letter"],
        passed_over: &["version", "title"],
    };
    let mut rows = Vec::new();
    let errors = read_units(bytes, &outline, |unit, errors| {
        entry(&unit, 0, None, &mut rows, errors);
    });
    Parsed { rows, errors }
}

/// The titles from the main term down to the entry at `index`, those without words left out.
pub fn path(rows: &[PcsIndexEntry], index: usize) -> Vec<&str> {
    let mut titles = Vec::new();
    let mut next = rows.get(index);
    // A parent stands before its entry, so this ends; the bound guards rows made by hand.
    for _ in 0..=DEEPEST_LEVEL {
        let Some(entry) = next else { break };
        titles.extend(entry.title.as_deref());
        next = entry.parent.and_then(|parent| rows.get(parent));
    }
    titles.reverse();
    titles
}

/// Adds an element's entry and those below it; `level` bounds the recursion.
fn entry(
    element: &Element,
    level: u8,
    parent: Option<usize>,
    rows: &mut Vec<PcsIndexEntry>,
    errors: &mut Vec<RowError>,
) {
    let said = element.attribute("level").unwrap_or("0");
    if said.parse() != Ok(level) {
        errors.push(element.wrong("level", said, "one more than the term above"));
    }
    let mut own = PcsIndexEntry {
        line: element.line,
        level,
        parent,
        title: None,
        leads_to: Vec::new(),
    };
    for child in element.children() {
        match child.name.as_str() {
            "title" if own.title.is_none() => own.title = Some(child.text()),
            "term" => {}
            _ => own.leads_to.extend(reference(child, element, errors)),
        }
    }
    let index = rows.len();
    rows.push(own);
    for term in element.children().filter(|child| child.name == "term") {
        if level < DEEPEST_LEVEL {
            entry(term, level + 1, Some(index), rows, errors);
        } else {
            errors.push(unknown(term, element));
        }
    }
}

fn reference(
    child: &Element,
    parent: &Element,
    errors: &mut Vec<RowError>,
) -> Option<PcsReference> {
    let text = child.text();
    match child.name.as_str() {
        "code" => match Code::parse(CodeSystem::Icd10Pcs, &text) {
            Ok(code) => Some(PcsReference::Code(code)),
            Err(source) => {
                errors.push(RowError {
                    line: child.line,
                    problem: RowProblem::code(&text, source),
                });
                None
            }
        },
        "codes" | "tab" => stub(child, errors).map(PcsReference::Stub),
        "see" => {
            let stub = inner_stub(child, errors);
            Some(PcsReference::See { text, stub })
        }
        "use" => {
            let stub = inner_stub(child, errors);
            Some(PcsReference::Use { text, stub })
        }
        _ => {
            errors.push(unknown(child, parent));
            None
        }
    }
}

fn inner_stub(element: &Element, errors: &mut Vec<RowError>) -> Option<String> {
    let mut found = None;
    for child in element.children() {
        if matches!(child.name.as_str(), "codes" | "tab") && found.is_none() {
            found = stub(child, errors);
        } else {
            errors.push(unknown(child, element));
        }
    }
    found
}

fn stub(element: &Element, errors: &mut Vec<RowError>) -> Option<String> {
    let text = element.text();
    if (3..=6).contains(&text.len()) && text.chars().all(is_pcs_character) {
        return Some(text);
    }
    errors.push(element.wrong(
        "codes",
        &text,
        "the first three to six characters of a code",
    ));
    None
}

#[cfg(test)]
mod tests {
    use super::{PcsReference, looks_like, parse, path};
    use crate::formats::damage;

    const SAMPLE: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<ICD10PCS.index>
  <version>2031</version>
  <title>2031 ICD-10-PCS Index</title>
  <letter>
    <title>F</title>
    <mainTerm>
      <title>Featherplasty</title>
      <see>Folding, Wings<codes>0Q10</codes></see>
    </mainTerm>
    <mainTerm>
      <title>Folding</title>
      <term level="1">
        <title>Wing</title>
        <term level="2">
          <title>Left</title>
          <code>0Q10XZZ</code>
        </term>
        <term level="2">
          <use>Wing, Right</use>
        </term>
      </term>
      <term level="1">
        <title>Tail</title>
        <tab>0Q1</tab>
      </term>
    </mainTerm>
  </letter>
</ICD10PCS.index>
"#;

    #[test]
    fn entries_keep_their_place_and_what_they_lead_to() {
        let parsed = parse(SAMPLE.as_bytes());
        assert_eq!(parsed.errors, []);
        let said: Vec<String> = (0..parsed.rows.len())
            .map(|index| {
                let targets: Vec<String> = parsed.rows[index]
                    .leads_to
                    .iter()
                    .map(|target| match target {
                        PcsReference::Code(code) => format!("code {code}"),
                        PcsReference::Stub(stub) => format!("stub {stub}"),
                        PcsReference::See { text, stub } => format!("see {text} {stub:?}"),
                        PcsReference::Use { text, stub } => format!("use {text} {stub:?}"),
                    })
                    .collect();
                format!(
                    "{}: {}",
                    path(&parsed.rows, index).join(", "),
                    targets.join("; ")
                )
            })
            .collect();
        assert_eq!(
            said,
            [
                "Featherplasty: see Folding, Wings Some(\"0Q10\")",
                "Folding: ",
                "Folding, Wing: ",
                "Folding, Wing, Left: code 0Q10XZZ",
                "Folding, Wing: use Wing, Right None",
                "Folding, Tail: stub 0Q1",
            ]
        );
        assert!(looks_like(SAMPLE.as_bytes()));
    }

    #[test]
    fn what_is_not_a_code_is_reported_with_its_line() {
        let wrong = SAMPLE.replace("<tab>0Q1</tab>", "<tab>OQ1</tab>");
        let said: Vec<String> = parse(wrong.as_bytes())
            .errors
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            said,
            ["line 25: codes is `OQ1`, expected the first three to six characters of a code"]
        );
    }

    #[test]
    fn damage_never_panics() {
        damage::check(SAMPLE.as_bytes(), |bytes| {
            let parsed = parse(bytes);
            parsed.rows.len() + parsed.errors.len()
        });
    }
}
