//! WHO's maps between ICD-10 and ICD-11 (`10To11MapToOneCategory.txt`,
//! `10To11MapToMultipleCategories.txt`, `11To10MapToOneCategory.txt` and
//! `foundation_10To11MapToOneCategory.txt`): tab-separated, with a header.
//!
//! The maps also relate chapters and blocks. A target may be a cluster; where
//! it has no code, its URI says which grouping is meant.

use super::icd11_cluster::{Cluster, is_extension};
use super::source_text::{TextEncoding, cells, filled, head_lines, is_blank, lines};
use crate::{Code, CodeSystem, Parsed, RowError, RowProblem};

/// What stands at one end of a map's row.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum MapCode {
    /// An ICD-10 code.
    Icd10(Code),
    /// An ICD-11 code, or several in a cluster.
    Icd11(Cluster),
    /// A lone ICD-11 extension code, as WHO maps the ICD-10 codes of infectious agents to: `XN2QM`.
    Extension(Code),
    /// A chapter or a block: `I`, `A00-A09`, `01`.
    Grouping(String),
    /// An entity without a code; its URI says which.
    Uncoded,
    /// WHO states that there is no counterpart (`No Mapping`).
    NoMapping,
}

/// One end of a map's row.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MapEnd {
    /// The code, or what stands instead.
    pub code: MapCode,
    /// The title.
    pub title: String,
    /// The chapter, where the map gives it.
    pub chapter: Option<String>,
    /// The kind: `chapter`, `block`, `category`, `modifiedcategory`; in lower case.
    pub kind: Option<String>,
    /// The identifier that does not change between releases, for ICD-11.
    pub foundation_uri: Option<String>,
    /// The identifier in the release, for ICD-11.
    pub linearization_uri: Option<String>,
}

/// How the source relates to the target, in the foundation map only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MapRelation {
    /// The two mean the same.
    Equivalent,
    /// The source is narrower than the target.
    Subclass,
}

/// A row of a map.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MapRow {
    /// The 1-based line of the file.
    pub line: u64,
    /// What is mapped.
    pub source: MapEnd,
    /// What it is mapped to.
    pub target: MapEnd,
    /// How the two relate, where the map says.
    pub relation: Option<MapRelation>,
    /// How many levels the target lies above the source, as a number up to 0, where the map says.
    pub level: Option<i8>,
}

/// Which way a map leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MapDirection {
    /// From ICD-10 to ICD-11.
    From10To11,
    /// From ICD-11 to ICD-10.
    From11To10,
    /// From ICD-10 to the ICD-11 foundation, whose entities have URIs but no codes.
    From10ToFoundation,
}

/// Whether a file's beginning is the header of one of the maps.
pub fn looks_like(head: &[u8]) -> bool {
    direction(head).is_some()
}

/// Which way the map leads, read off its header.
pub fn direction(head: &[u8]) -> Option<MapDirection> {
    let header = head_lines(head, 1).into_iter().next()?;
    Layout::of(&cells(&header, '\t')).map(|layout| layout.direction)
}

/// Reads a map.
pub fn parse(bytes: &[u8]) -> Parsed<MapRow> {
    let mut parsed = Parsed::default();
    let mut layout = None;
    for (line, raw) in lines(bytes) {
        let text = match TextEncoding::Utf8.decode(raw) {
            Ok(text) => text,
            Err(problem) => {
                parsed.errors.push(RowError { line, problem });
                continue;
            }
        };
        if is_blank(&text) {
            continue;
        }
        let cells = cells(&text, '\t');
        let Some(layout) = &layout else {
            layout = Layout::of(&cells);
            if layout.is_none() {
                let expected = "the header of one of WHO's maps between ICD-10 and ICD-11";
                let problem = RowProblem::field("header", &text, expected);
                parsed.errors.push(RowError { line, problem });
                return parsed;
            }
            continue;
        };
        match read_row(layout, line, &cells) {
            Ok(row) => parsed.rows.push(row),
            Err(problem) => parsed.errors.push(RowError { line, problem }),
        }
    }
    parsed
}

/// What WHO writes where there is no counterpart.
const NO_MAPPING: &str = "No Mapping";

/// Where the columns stand. The header names them differently in every file, and `Depth` twice in one.
struct Layout {
    direction: MapDirection,
    icd10: EndColumns,
    icd11: EndColumns,
    relation: Option<usize>,
    /// How many cells a row has.
    width: usize,
}

#[derive(Default)]
struct EndColumns {
    code: Option<usize>,
    title: usize,
    chapter: Option<usize>,
    kind: Option<usize>,
    foundation_uri: Option<usize>,
    linearization_uri: Option<usize>,
}

impl Layout {
    fn of(header: &[String]) -> Option<Layout> {
        let names: Vec<String> = header
            .iter()
            .map(|name| {
                name.chars()
                    .filter(char::is_ascii_alphanumeric)
                    .map(|c| c.to_ascii_lowercase())
                    .collect()
            })
            .collect();
        let find = |wanted: &str| names.iter().position(|name| name == wanted);
        let icd10 = EndColumns {
            code: Some(find("icd10code")?),
            title: find("icd10title")?,
            chapter: find("icd10chapter"),
            kind: find("10classkind"),
            ..EndColumns::default()
        };
        let icd11 = EndColumns {
            code: find("icd11code"),
            title: find("icd11title")?,
            chapter: find("icd11chapter"),
            kind: find("11classkind"),
            foundation_uri: find("icd11foundationuri"),
            linearization_uri: find("linearizationreleaseuri"),
        };
        let direction = match icd11.code {
            None => MapDirection::From10ToFoundation,
            Some(code) if Some(code) < icd10.code => MapDirection::From11To10,
            Some(_) => MapDirection::From10To11,
        };
        let titled = icd10.title.max(icd11.title) + 1;
        // The foundation map has two columns more than its header, whose last cell is the day.
        let relation = (direction == MapDirection::From10ToFoundation).then_some(titled);
        Some(Layout {
            direction,
            icd10,
            icd11,
            relation,
            width: relation.map_or(titled, |relation| relation + 2),
        })
    }
}

fn read_row(layout: &Layout, line: u64, cells: &[String]) -> Result<MapRow, RowProblem> {
    if cells.len() < layout.width {
        let found = cells.len().to_string();
        return Err(RowProblem::field(
            "cells",
            &found,
            "as many as the header has",
        ));
    }
    let icd10 = end(&layout.icd10, cells, icd10_code)?;
    let icd11 = end(&layout.icd11, cells, icd11_code)?;
    let (source, target) = match layout.direction {
        MapDirection::From10To11 | MapDirection::From10ToFoundation => (icd10, icd11),
        MapDirection::From11To10 => (icd11, icd10),
    };
    let cell = |index: usize| cells.get(index).map_or("", |cell| cell.trim());
    let relation = match layout.relation.map(cell) {
        // A row without a counterpart leaves it blank.
        None | Some("") => None,
        Some("Equivalent") => Some(MapRelation::Equivalent),
        Some("Subclass") => Some(MapRelation::Subclass),
        Some(other) => {
            let expected = "Equivalent, Subclass or nothing";
            return Err(RowProblem::field("relation", other, expected));
        }
    };
    let level = match layout.relation.map(|relation| cell(relation + 1)) {
        None => None,
        Some(text) => Some(
            text.parse()
                .map_err(|_| RowProblem::field("level", text, "a small number"))?,
        ),
    };
    Ok(MapRow {
        line,
        source,
        target,
        relation,
        level,
    })
}

fn end(
    columns: &EndColumns,
    cells: &[String],
    read_code: fn(&str) -> Result<MapCode, RowProblem>,
) -> Result<MapEnd, RowProblem> {
    let cell = |index: usize| cells.get(index).map_or("", |cell| cell.trim());
    let optional = |index: Option<usize>| index.and_then(|index| filled(cell(index)));
    let foundation_uri = optional(columns.foundation_uri);
    // Where there is no code column, the words stand in place of the URI.
    let no_mapping = foundation_uri.as_deref() == Some(NO_MAPPING);
    Ok(MapEnd {
        code: match columns.code {
            _ if no_mapping => MapCode::NoMapping,
            Some(index) => read_code(cell(index))?,
            None => MapCode::Uncoded,
        },
        title: cell(columns.title).to_owned(),
        chapter: optional(columns.chapter),
        kind: optional(columns.kind).map(|kind| kind.to_lowercase()),
        foundation_uri: foundation_uri.filter(|_| !no_mapping),
        linearization_uri: optional(columns.linearization_uri),
    })
}

fn icd10_code(text: &str) -> Result<MapCode, RowProblem> {
    let roman = !text.is_empty() && text.bytes().all(|byte| matches!(byte, b'I' | b'V' | b'X'));
    let block = text.split_once('-').is_some_and(|(first, last)| {
        [first, last]
            .iter()
            .all(|bound| Code::parse(CodeSystem::Icd10Who, bound).is_ok())
    });
    if text == NO_MAPPING {
        Ok(MapCode::NoMapping)
    } else if roman || block {
        Ok(MapCode::Grouping(text.to_owned()))
    } else {
        Code::parse(CodeSystem::Icd10Who, text)
            .map(MapCode::Icd10)
            .map_err(|source| RowProblem::code(text, source))
    }
}

fn icd11_code(text: &str) -> Result<MapCode, RowProblem> {
    let chapter = matches!(text.len(), 1 | 2) && text.bytes().all(|b| b.is_ascii_alphanumeric());
    if text.is_empty() {
        Ok(MapCode::Uncoded)
    } else if text == NO_MAPPING {
        Ok(MapCode::NoMapping)
    } else if chapter {
        Ok(MapCode::Grouping(text.to_owned()))
    } else if let Ok(code) = Code::parse(CodeSystem::Icd11Mms, text)
        && is_extension(&code)
    {
        Ok(MapCode::Extension(code))
    } else {
        Cluster::parse(text)
            .map(MapCode::Icd11)
            .map_err(|_| RowProblem::field("icd11Code", text, "a code, or codes joined by & and /"))
    }
}

#[cfg(test)]
mod tests {
    use super::{MapCode, MapDirection, MapEnd, direction, looks_like, parse};
    use crate::formats::damage;

    const TO_11: &str = "10ClassKind\tDepth\ticd10Code\ticd10Chapter\ticd10Title\t11ClassKind\tDepth\tICD-11 Foundation URI\tLinearization (release) URI\ticd11Code\ticd11Chapter\ticd11Title\t2031-Jan-21\r
block\t1\tA00-A09\tI\tInvented wings\tblock\t1\thttp://x/1\thttp://x/mms/1\t\t01\tWings\r
category\t1\tA00\tI\tBent wing\tcategory\t1\thttp://x/2\thttp://x/mms/2\t1A00&XA71D7/5A74.0\t01\tWing, bent\r
category\t1\tB95\tI\tWing louse\tcategory\t1\thttp://x/3\thttp://x/mms/3\tXN2QM\tX\tLouse\r
";
    const TO_10: &str = "Linearization (release) URI\ticd11Code\ticd11Chapter\ticd11Title\ticd10Code\ticd10Chapter\ticd10Title\t2031-Jan-21\r
http://x/mms/0\t01\t01\tInvented\tI\tI\tInvented\r
http://x/mms/3\t1A01\t01\tLost wing\tNo Mapping\t\t\r
";
    const FOUNDATION: &str = "10ClassKind\t10DepthInKind\ticd10Code\ticd10Chapter\ticd10Title\tICD-11 FoundationURI\ticd11Title\t2031-Jan-21\r
Category\t1\tA00\tI\tBent wing\thttp://x/2\tWing, bent\tSubclass\t-1\r
Category\t1\tA01\tI\tLost wing\tNo Mapping\t\t\t-1\r
";

    fn end(end: &MapEnd) -> String {
        match &end.code {
            MapCode::Icd10(code) => code.to_string(),
            MapCode::Icd11(cluster) => cluster.to_string(),
            MapCode::Extension(code) => format!("+{code}"),
            MapCode::Grouping(name) => format!("[{name}]"),
            MapCode::Uncoded => format!("<{}>", end.foundation_uri.as_deref().unwrap_or("")),
            MapCode::NoMapping => "none".to_owned(),
        }
    }

    #[track_caller]
    fn check(text: &str, way: MapDirection, expected: &[&str]) {
        let parsed = parse(text.as_bytes());
        assert_eq!(parsed.errors, []);
        let said: Vec<String> = parsed
            .rows
            .iter()
            .map(|row| {
                let (source, target) = (end(&row.source), end(&row.target));
                format!("{source} -> {target} {:?} {:?}", row.relation, row.level)
            })
            .collect();
        assert_eq!(said, expected);
        assert_eq!(direction(text.as_bytes()), Some(way));
    }

    #[test]
    fn all_three_layouts_are_read() {
        check(
            TO_11,
            MapDirection::From10To11,
            &[
                "[A00-A09] -> <http://x/1> None None",
                "A00 -> 1A00&XA71D7/5A74.0 None None",
                "B95 -> +XN2QM None None",
            ],
        );
        check(
            TO_10,
            MapDirection::From11To10,
            &["[01] -> [I] None None", "1A01 -> none None None"],
        );
        check(
            FOUNDATION,
            MapDirection::From10ToFoundation,
            &[
                "A00 -> <http://x/2> Some(Subclass) Some(-1)",
                "A01 -> none None Some(-1)",
            ],
        );
        assert!(!looks_like(b"code\ttitle\n"));
    }

    #[test]
    fn a_cluster_that_begins_with_an_extension_is_reported() {
        let wrong = TO_11.replace("1A00&XA71D7", "XA71D7&1A00");
        let said: Vec<String> = parse(wrong.as_bytes())
            .errors
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            said,
            [
                "line 3: icd11Code is `XA71D7&1A00/5A74.0`, expected a code, or codes joined by & and /"
            ]
        );
    }

    #[test]
    fn damage_never_panics() {
        for sample in [TO_11, TO_10, FOUNDATION] {
            damage::check(sample.as_bytes(), |bytes| {
                let parsed = parse(bytes);
                parsed.rows.len() + parsed.errors.len()
            });
        }
    }
}
