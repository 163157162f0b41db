//! The ICD-10-PCS definitions (`icd10pcs_definitions_YYYY.xml`, CMS): what the
//! values of an axis mean, what they include, and which precise devices are
//! coded as a broader one.

use std::sync::Arc;

use super::icd10pcs_tables::{is_pcs_character, version_of};
use super::xml_elements::{Element, Outline, has_root, read_units, unknown};
use crate::{Parsed, RowError};

/// What one or several values of an axis mean.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PcsDefinition {
    /// The 1-based line of the entry in the file.
    pub line: u64,
    /// The section's character: `0`.
    pub section: char,
    /// The section's title: `Medical and Surgical`.
    pub section_title: Arc<str>,
    /// The axis's 1-based position in the code: 3 for the operation.
    pub position: u8,
    /// The axis's title: `Operation`, `Body Part`, `Device`.
    pub axis: Arc<str>,
    /// The labels that the entry is about: `Bypass`; some entries stand for several.
    pub titles: Vec<String>,
    /// The definition.
    pub definition: Option<String>,
    /// More about how the value is used.
    pub explanation: Option<String>,
    /// What the value includes: examples, body parts, brand names of devices.
    pub includes: Vec<String>,
}

/// A precise device that is coded as a broader one where no value of its own exists.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PcsDeviceAggregate {
    /// The 1-based line of the entry in the file.
    pub line: u64,
    /// The precise device: `Cardiac Lead, Pacemaker`.
    pub device: String,
    /// The operation for which it has a value of its own; `All applicable` stands for any.
    pub operation: String,
    /// The body systems for which it has one.
    pub body_systems: Vec<String>,
    /// The character of the broader device.
    pub parent: char,
    /// The broader device: `Cardiac Lead`.
    pub parent_label: String,
}

/// Whether a file's beginning is that of an ICD-10-PCS definitions file.
pub fn looks_like(head: &[u8]) -> bool {
    has_root(head, "ICD10PCS.definitions")
}

/// The fiscal year that the file's `version` element names: `2026`.
pub fn version(head: &[u8]) -> Option<String> {
    version_of(head)
}

/// Reads the definitions, in the file's order; the device aggregates are passed over.
pub fn parse(bytes: &[u8]) -> Parsed<PcsDefinition> {
    let outline = Outline {
        units: &["section"],
        containers: &["ICD10PCS.definitions"],
        passed_over: &["version", "title", "deviceAggregation"],
    };
    let mut rows = Vec::new();
    let errors = read_units(bytes, &outline, |unit, errors| {
        section(&unit, &mut rows, errors);
    });
    Parsed { rows, errors }
}

/// Reads the device aggregates, in the file's order.
pub fn parse_device_aggregates(bytes: &[u8]) -> Parsed<PcsDeviceAggregate> {
    let outline = Outline {
        units: &["aggregate"],
        containers: &["ICD10PCS.definitions", "deviceAggregation"],
        passed_over: &["version", "title", "section"],
    };
    let mut rows = Vec::new();
    let errors = read_units(bytes, &outline, |unit, errors| {
        rows.extend(aggregate(&unit, errors));
    });
    Parsed { rows, errors }
}

fn section(unit: &Element, rows: &mut Vec<PcsDefinition>, errors: &mut Vec<RowError>) {
    let Some(character) = one_character(unit, "code", errors) else {
        return;
    };
    let section_title: Arc<str> = unit.child_text("title").unwrap_or_default().into();
    for axis in unit.children() {
        match axis.name.as_str() {
            "title" => {}
            "axis" => {
                let position = axis.attribute("pos").unwrap_or("");
                match position.parse::<u8>() {
                    Ok(position @ 1..=7) => {
                        let axis_title: Arc<str> =
                            axis.child_text("title").unwrap_or_default().into();
                        for terms in axis.children().filter(|child| child.name != "title") {
                            if terms.name == "terms" {
                                let mut row = PcsDefinition {
                                    line: terms.line,
                                    section: character,
                                    section_title: Arc::clone(&section_title),
                                    position,
                                    axis: Arc::clone(&axis_title),
                                    titles: Vec::new(),
                                    definition: None,
                                    explanation: None,
                                    includes: Vec::new(),
                                };
                                fill(&mut row, terms, errors);
                                rows.push(row);
                            } else {
                                errors.push(unknown(terms, axis));
                            }
                        }
                    }
                    _ => errors.push(axis.wrong("pos", position, "a number from 1 to 7")),
                }
            }
            _ => errors.push(unknown(axis, unit)),
        }
    }
}

fn fill(row: &mut PcsDefinition, terms: &Element, errors: &mut Vec<RowError>) {
    for child in terms.children() {
        let text = child.text();
        match child.name.as_str() {
            "title" => row.titles.push(text),
            "includes" => row.includes.push(text),
            "definition" if row.definition.is_none() => row.definition = Some(text),
            "explanation" if row.explanation.is_none() => row.explanation = Some(text),
            "definition" | "explanation" => {
                errors.push(child.wrong("terms", &text, "one definition and one explanation"));
            }
            _ => errors.push(unknown(child, terms)),
        }
    }
    if row.titles.is_empty() {
        errors.push(terms.wrong("title", "", "the label that is defined"));
    }
}

fn aggregate(unit: &Element, errors: &mut Vec<RowError>) -> Option<PcsDeviceAggregate> {
    let mut body_systems = Vec::new();
    let mut parent = None;
    for child in unit.children() {
        match child.name.as_str() {
            "device" | "operation" => {}
            "bodySys" => body_systems.push(child.text()),
            "parent" => {
                parent = one_character(child, "value", errors).map(|value| (value, child.text()));
            }
            _ => errors.push(unknown(child, unit)),
        }
    }
    let device = unit.child_text("device");
    let (Some(device), Some((parent, parent_label))) = (device, parent) else {
        errors.push(unit.wrong("aggregate", &unit.text(), "a device and its parent"));
        return None;
    };
    Some(PcsDeviceAggregate {
        line: unit.line,
        device,
        operation: unit.child_text("operation").unwrap_or_default(),
        body_systems,
        parent,
        parent_label,
    })
}

fn one_character(
    element: &Element,
    attribute: &'static str,
    errors: &mut Vec<RowError>,
) -> Option<char> {
    let text = element.attribute(attribute).unwrap_or("");
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(character), None) if is_pcs_character(character) => Some(character),
        _ => {
            let expected = "one digit or letter, never I or O";
            errors.push(element.wrong(attribute, text, expected));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{looks_like, parse, parse_device_aggregates};
    use crate::formats::damage;

    const SAMPLE: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<ICD10PCS.definitions>
  <version>2031</version>
  <title>2031 ICD-10-PCS Definitions</title>
  <section code="0">
    <title>Invented</title>
    <axis pos="3">
      <title>Operation</title>
      <terms>
        <title>Folding</title>
        <definition>Laying one part over another</definition>
        <explanation>Unfolding is coded apart</explanation>
        <includes>Pleating</includes>
        <includes>Creasing</includes>
      </terms>
      <terms>
        <title>Wing, Left</title>
        <title>Wing, Right</title>
        <includes>Pinion</includes>
      </terms>
    </axis>
  </section>
  <deviceAggregation>
    <aggregate>
      <device>Feather, Long</device>
      <operation>All applicable</operation>
      <bodySys>Wings</bodySys>
      <bodySys>Tail</bodySys>
      <parent value="7">Feather</parent>
    </aggregate>
  </deviceAggregation>
</ICD10PCS.definitions>
"#;

    #[test]
    fn definitions_keep_every_title_and_inclusion() {
        let parsed = parse(SAMPLE.as_bytes());
        assert_eq!(parsed.errors, []);
        let said: Vec<String> = parsed
            .rows
            .iter()
            .map(|row| {
                format!(
                    "{}{} {}: {:?} {:?} {:?} {:?}",
                    row.section,
                    row.position,
                    row.axis,
                    row.titles,
                    row.definition,
                    row.explanation,
                    row.includes
                )
            })
            .collect();
        assert_eq!(
            said,
            [
                r#"03 Operation: ["Folding"] Some("Laying one part over another") Some("Unfolding is coded apart") ["Pleating", "Creasing"]"#,
                r#"03 Operation: ["Wing, Left", "Wing, Right"] None None ["Pinion"]"#,
            ]
        );
        assert!(looks_like(SAMPLE.as_bytes()));
    }

    #[test]
    fn devices_name_the_broader_device() {
        let parsed = parse_device_aggregates(SAMPLE.as_bytes());
        assert_eq!(parsed.errors, []);
        let said: Vec<String> = parsed
            .rows
            .iter()
            .map(|row| {
                format!(
                    "{} in {} -> {} {}",
                    row.device,
                    row.body_systems.join(", "),
                    row.parent,
                    row.parent_label
                )
            })
            .collect();
        assert_eq!(said, ["Feather, Long in Wings, Tail -> 7 Feather"]);
    }

    #[test]
    fn damage_never_panics() {
        damage::check(SAMPLE.as_bytes(), |bytes| {
            let definitions = parse(bytes);
            let aggregates = parse_device_aggregates(bytes);
            definitions.rows.len()
                + definitions.errors.len()
                + aggregates.rows.len()
                + aggregates.errors.len()
        });
    }
}
