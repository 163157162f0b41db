//! The ICD-10-PCS tables (`icd10pcs_tables_YYYY.xml`, CMS): which characters
//! may stand together, and what each means.
//!
//! A table fixes the first three characters; each of its rows lists the values
//! that the fourth to seventh may take, and every combination within a row is
//! a code (ICD-10-PCS Official Guidelines A9). The titles that the order
//! file gives to the codes are not here.

use super::source_text::head_lines;
use super::xml_elements::{Element, Outline, has_root, read_units, unknown};
use crate::{Parsed, RowError, RowProblem};

/// A value of an axis: the character and what it says.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PcsValue {
    /// The character: a digit or a letter other than I and O.
    pub character: char,
    /// What it says: `Percutaneous Endoscopic`.
    pub label: String,
}

/// One of the seven characters, in one table or row: its title and its values.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PcsAxis {
    /// The 1-based position of the character in the code.
    pub position: u8,
    /// What the character is about: `Body Part`, `Approach`; it differs between sections.
    pub title: String,
    /// The values, in the file's order, no character twice.
    pub values: Vec<PcsValue>,
    /// What the value means, at the third axis of most tables.
    pub definition: Option<String>,
}

/// A row of a table: the fourth to seventh axes, every combination of whose values is a code.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PcsRow {
    /// The axes at positions 4, 5, 6 and 7.
    pub axes: [PcsAxis; 4],
}

/// A table: three fixed characters and the rows below them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PcsTable {
    /// The 1-based line of the table in the file.
    pub line: u64,
    /// The axes at positions 1, 2 and 3, each with one value.
    pub axes: [PcsAxis; 3],
    /// The rows.
    pub rows: Vec<PcsRow>,
}

/// Whether a file's beginning is that of an ICD-10-PCS tables file.
pub fn looks_like(head: &[u8]) -> bool {
    has_root(head, "ICD10PCS.tabular")
}

/// The fiscal year that the file's `version` element names: `2026`.
pub fn version(head: &[u8]) -> Option<String> {
    version_of(head)
}

/// The text of the `version` element that all three ICD-10-PCS XML files begin with.
pub(crate) fn version_of(head: &[u8]) -> Option<String> {
    head_lines(head, 20).iter().find_map(|line| {
        let (_, after) = line.split_once("<version>")?;
        let (version, _) = after.split_once("</version>")?;
        Some(version.trim().chars().take(20).collect())
    })
}

/// Reads the tables, in the file's order.
///
/// A table or row that lacks an axis, or whose `codes` or `values` attribute
/// disagrees with what it lists, is reported; the rows that are whole are kept.
pub fn parse(bytes: &[u8]) -> Parsed<PcsTable> {
    let outline = Outline {
        units: &["pcsTable"],
        containers: &["ICD10PCS.tabular"],
        passed_over: &["version", "title"],
    };
    let mut tables = Vec::new();
    let errors = read_units(bytes, &outline, |unit, errors| {
        if let Some(table) = table(&unit, errors) {
            tables.push(table);
        }
    });
    Parsed {
        rows: tables,
        errors,
    }
}

fn table(unit: &Element, errors: &mut Vec<RowError>) -> Option<PcsTable> {
    let mut axes = Vec::new();
    let mut rows = Vec::new();
    for child in unit.children() {
        match child.name.as_str() {
            "axis" => axes.extend(axis(child, errors)),
            "pcsRow" => rows.extend(row(child, errors)),
            _ => errors.push(unknown(child, unit)),
        }
    }
    let axes: [PcsAxis; 3] = placed(axes, 1, unit.line, errors)?;
    if let Some(axis) = axes.iter().find(|axis| axis.values.len() != 1) {
        let found = axis.values.len().to_string();
        let problem = RowProblem::field("label", &found, "one value for each of a table's axes");
        errors.push(RowError {
            line: unit.line,
            problem,
        });
        return None;
    }
    Some(PcsTable {
        line: unit.line,
        axes,
        rows,
    })
}

fn row(element: &Element, errors: &mut Vec<RowError>) -> Option<PcsRow> {
    let mut axes = Vec::new();
    for child in element.children() {
        match child.name.as_str() {
            "axis" => axes.extend(axis(child, errors)),
            _ => errors.push(unknown(child, element)),
        }
    }
    let row = PcsRow {
        axes: placed(axes, 4, element.line, errors)?,
    };
    check_count(
        element,
        "codes",
        row.code_count(),
        "the product of the axes",
        errors,
    );
    Some(row)
}

/// The axes in an array, if exactly those from position `first` on are there, in order.
fn placed<const COUNT: usize>(
    axes: Vec<PcsAxis>,
    first: u8,
    line: u64,
    errors: &mut Vec<RowError>,
) -> Option<[PcsAxis; COUNT]> {
    let positions: String = axes
        .iter()
        .map(|axis| char::from(b'0' + axis.position % 10))
        .collect();
    let in_order = (first..)
        .zip(&axes)
        .all(|(position, axis)| axis.position == position);
    let array = <[PcsAxis; COUNT]>::try_from(axes).ok().filter(|_| in_order);
    if array.is_none() {
        let expected = if first == 1 {
            "axes 1, 2 and 3"
        } else {
            "axes 4, 5, 6 and 7"
        };
        let problem = RowProblem::field("axis", &positions, expected);
        errors.push(RowError { line, problem });
    }
    array
}

fn axis(element: &Element, errors: &mut Vec<RowError>) -> Option<PcsAxis> {
    let position = element.attribute("pos").unwrap_or("");
    let Some(number) = position
        .parse::<u8>()
        .ok()
        .filter(|number| (1..=7).contains(number))
    else {
        let problem = RowProblem::field("pos", position, "a number from 1 to 7");
        errors.push(RowError {
            line: element.line,
            problem,
        });
        return None;
    };
    let mut axis = PcsAxis {
        position: number,
        title: String::new(),
        values: Vec::new(),
        definition: None,
    };
    for child in element.children() {
        match child.name.as_str() {
            "title" => axis.title = child.text(),
            "definition" => axis.definition = Some(child.text()),
            "label" => axis.add(child, errors),
            _ => errors.push(unknown(child, element)),
        }
    }
    check_count(
        element,
        "values",
        axis.values.len(),
        "the number of labels",
        errors,
    );
    Some(axis)
}

impl PcsAxis {
    fn add(&mut self, label: &Element, errors: &mut Vec<RowError>) {
        let code = label.attribute("code").unwrap_or("");
        let mut characters = code.chars();
        let problem = match (characters.next(), characters.next()) {
            (Some(character), None) if is_pcs_character(character) => {
                if self.values.iter().all(|value| value.character != character) {
                    let label = label.text();
                    self.values.push(PcsValue { character, label });
                    return;
                }
                RowProblem::Duplicate {
                    field: "label",
                    found: code.to_owned(),
                }
            }
            _ => RowProblem::field("label code", code, "one digit or letter, never I or O"),
        };
        errors.push(RowError {
            line: label.line,
            problem,
        });
    }

    /// The value that `character` has here.
    pub fn value(&self, character: char) -> Option<&PcsValue> {
        self.values
            .iter()
            .find(|value| value.character == character)
    }
}

/// Whether a character may stand in an ICD-10-PCS code (Guidelines A2).
pub(crate) fn is_pcs_character(character: char) -> bool {
    character.is_ascii_digit()
        || (character.is_ascii_uppercase() && !matches!(character, 'I' | 'O'))
}

fn check_count(
    element: &Element,
    attribute: &'static str,
    counted: usize,
    expected: &'static str,
    errors: &mut Vec<RowError>,
) {
    let said = element.attribute(attribute).unwrap_or("");
    if said.parse() != Ok(counted) {
        let problem = RowProblem::field(attribute, said, expected);
        errors.push(RowError {
            line: element.line,
            problem,
        });
    }
}

impl PcsRow {
    /// How many codes the row makes.
    pub fn code_count(&self) -> usize {
        self.axes
            .iter()
            .fold(1, |count, axis| count.saturating_mul(axis.values.len()))
    }
}

impl PcsTable {
    /// The table's three characters: `0DT`.
    pub fn stub(&self) -> String {
        self.axes.iter().flat_map(first_character).collect()
    }

    /// The table's codes, row by row, the last character running fastest.
    ///
    /// They are made one at a time, since a damaged file could list very many.
    pub fn codes(&self) -> impl Iterator<Item = String> + '_ {
        let stub = self.stub();
        self.rows.iter().flat_map(move |row| {
            let stub = stub.clone();
            let [body, approach, device, qualifier] = &row.axes;
            body.values.iter().flat_map(move |fourth| {
                let stub = stub.clone();
                approach.values.iter().flat_map(move |fifth| {
                    let stub = stub.clone();
                    device.values.iter().flat_map(move |sixth| {
                        let stub = stub.clone();
                        qualifier.values.iter().map(move |seventh| {
                            let mut code = stub.clone();
                            code.extend([fourth, fifth, sixth, seventh].map(|v| v.character));
                            code
                        })
                    })
                })
            })
        })
    }
}

fn first_character(axis: &PcsAxis) -> Option<char> {
    axis.values.first().map(|value| value.character)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{looks_like, parse, version};
    use crate::formats::damage;
    use crate::formats::icd10pcs_table_builder::next_values;

    pub(crate) const SAMPLE: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<ICD10PCS.tabular>
  <version>2031</version>
  <title>2031 ICD-10-PCS Tables</title>
  <pcsTable>
    <axis pos="1" values="1"><title>Section</title><label code="0">Invented &amp; Made Up</label></axis>
    <axis pos="2" values="1"><title>Body System</title><label code="Q">Wings</label></axis>
    <axis pos="3" values="1"><title>Operation</title><label code="1">Folding</label>
      <definition>Laying one part over another</definition></axis>
    <pcsRow codes="4">
      <axis pos="4" values="2"><title>Body Part</title><label code="0">Left</label><label code="1">Right</label></axis>
      <axis pos="5" values="1"><title>Approach</title><label code="X">External</label></axis>
      <axis pos="6" values="2"><title>Device</title><label code="7">Feather</label><label code="Z">No Device</label></axis>
      <axis pos="7" values="1"><title>Qualifier</title><label code="Z">No Qualifier</label></axis>
    </pcsRow>
    <pcsRow codes="1">
      <axis pos="4" values="1"><title>Body Part</title><label code="2">Tail</label></axis>
      <axis pos="5" values="1"><title>Approach</title><label code="X">External</label></axis>
      <axis pos="6" values="1"><title>Device</title><label code="Z">No Device</label></axis>
      <axis pos="7" values="1"><title>Qualifier</title><label code="A">Short</label></axis>
    </pcsRow>
  </pcsTable>
</ICD10PCS.tabular>
"#;

    #[test]
    fn every_combination_within_a_row_is_a_code() {
        let parsed = parse(SAMPLE.as_bytes());
        assert_eq!(parsed.errors, []);
        let codes: Vec<String> = parsed
            .rows
            .iter()
            .flat_map(super::PcsTable::codes)
            .collect();
        assert_eq!(
            codes,
            ["0Q10X7Z", "0Q10XZZ", "0Q11X7Z", "0Q11XZZ", "0Q12XZA"]
        );
        assert!(looks_like(SAMPLE.as_bytes()));
        assert_eq!(version(SAMPLE.as_bytes()).as_deref(), Some("2031"));
    }

    #[test]
    fn a_row_that_disagrees_with_its_own_count_is_reported() {
        let wrong = SAMPLE.replace(r#"codes="4""#, r#"codes="5""#);
        let said: Vec<String> = parse(wrong.as_bytes())
            .errors
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            said,
            ["line 10: codes is `5`, expected the product of the axes"]
        );
    }

    #[test]
    fn damage_never_panics() {
        damage::check(SAMPLE.as_bytes(), |bytes| {
            let parsed = parse(bytes);
            let codes = parsed.rows.iter().flat_map(super::PcsTable::codes).count();
            let _ = next_values(&parsed.rows, "0Q1");
            codes / 50 + parsed.errors.len()
        });
    }
}
