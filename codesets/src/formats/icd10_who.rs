//! ICD-10 of WHO as two plain publications of the 2019 version: the XML of
//! titles and hierarchy (`icd_10_v2019.xml`: nested `item`s) and the flat text
//! (code, blanks, title). Neither has notes; ClaML has, see [`claml`](super::claml).

use std::collections::HashSet;

use super::source_text::{Columns, TextEncoding, head_lines, is_blank, lines};
use super::xml_elements::{Element, Outline, has_root, read_units, unknown};
use crate::{Code, CodeSystem, Parsed, RowError, RowProblem};

/// How deep items may nest; the publisher's file needs seven.
const DEEPEST: u32 = 30;

/// The root element carries the version; these are those that WHO's browser has had.
const ROOTS: [&str; 6] = [
    "icd_10_v2008",
    "icd_10_v2010",
    "icd_10_v2014",
    "icd_10_v2015",
    "icd_10_v2016",
    "icd_10_v2019",
];

/// What kind of entity a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Icd10Kind {
    /// A chapter: `I`.
    Chapter,
    /// A block of categories, possibly of blocks: `A00-A09`.
    Block,
    /// A three-character category: `A00`.
    Category,
    /// A subcategory of four or five characters: `A00.0`.
    Subcategory,
}

/// A chapter, block, category or subcategory.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Icd10Row {
    /// The 1-based line of the file.
    pub line: u64,
    /// What the row is.
    pub kind: Icd10Kind,
    /// The name as published: `I`, `A00-A09`, `A00.0`.
    pub name: String,
    /// The code, of a category or subcategory.
    pub code: Option<Code>,
    /// The title.
    pub title: String,
    /// Where in the rows the entity above stands; `None` for a chapter.
    pub parent: Option<usize>,
}

/// Whether a file's beginning is that of the XML.
pub fn looks_like_xml(head: &[u8]) -> bool {
    ROOTS.iter().any(|root| has_root(head, root))
}

/// Whether a file's beginning is that of the flat text.
pub fn looks_like_text(head: &[u8]) -> bool {
    let lines = head_lines(head, 3);
    lines.iter().any(|line| line.starts_with("ICD-10 Version"))
        && lines.iter().any(|line| read_line(line).is_ok())
}

/// Whether a file's beginning is that of either.
pub fn looks_like(head: &[u8]) -> bool {
    looks_like_xml(head) || looks_like_text(head)
}

/// Reads either, told apart by content.
pub fn parse(bytes: &[u8]) -> Parsed<Icd10Row> {
    if looks_like_xml(bytes) {
        parse_xml(bytes)
    } else {
        parse_text(bytes)
    }
}

/// Reads the XML, in the file's order: every row comes after the one above it.
pub fn parse_xml(bytes: &[u8]) -> Parsed<Icd10Row> {
    let outline = Outline {
        units: &["item"],
        containers: &ROOTS,
        passed_over: &[],
    };
    let mut names = Names::default();
    let mut rows = Vec::new();
    let errors = read_units(bytes, &outline, |unit, errors| {
        item(&unit, 0, None, &mut rows, &mut names, errors);
    });
    Parsed { rows, errors }
}

/// Adds an item and those in it; `depth` bounds the recursion.
fn item(
    element: &Element,
    depth: u32,
    parent: Option<usize>,
    rows: &mut Vec<Icd10Row>,
    names: &mut Names,
    errors: &mut Vec<RowError>,
) {
    let name = element.child_text("name").unwrap_or_default();
    let title = element.child_text("description").unwrap_or_default();
    let row = row_of(element.line, &name, &title).and_then(|row| {
        let said = match row.kind {
            Icd10Kind::Chapter => "chapter",
            Icd10Kind::Block => "block",
            Icd10Kind::Category => "category",
            Icd10Kind::Subcategory => "subcategory",
        };
        let found = element.attribute("type").unwrap_or("");
        if found == said {
            Ok(row)
        } else {
            Err(RowProblem::field(
                "type",
                found,
                "the kind that the name has",
            ))
        }
    });
    // What stands below a row that cannot be read still stands below the one above it.
    let mut here = parent;
    match row.and_then(|row| names.add(row)) {
        Ok(mut row) => {
            here = Some(rows.len());
            row.parent = parent;
            rows.push(row);
        }
        Err(problem) => errors.push(RowError {
            line: element.line,
            problem,
        }),
    }
    for child in element.children() {
        match child.name.as_str() {
            "name" | "description" => {}
            "item" if depth < DEEPEST => item(child, depth + 1, here, rows, names, errors),
            _ => errors.push(unknown(child, element)),
        }
    }
}

/// Reads the flat text: a line of its version, then name and title from column 9.
///
/// The hierarchy follows from the names: a block stands below the nearest open
/// block that spans it, a category below the nearest block, a subcategory below
/// the nearest code that its own begins with.
pub fn parse_text(bytes: &[u8]) -> Parsed<Icd10Row> {
    let mut parsed: Parsed<Icd10Row> = Parsed::default();
    let mut names = Names::default();
    let mut open: Vec<usize> = Vec::new();
    for (line, raw) in lines(bytes) {
        let text = match TextEncoding::Utf8.decode(raw) {
            Ok(text) => text,
            Err(problem) => {
                parsed.errors.push(RowError { line, problem });
                continue;
            }
        };
        if is_blank(&text) || (parsed.rows.is_empty() && text.starts_with("ICD-10 Version")) {
            continue;
        }
        let row = read_line(&text).and_then(|(name, title)| row_of(line, name, title));
        match row.and_then(|row| names.add(row)) {
            Ok(mut row) => {
                let holds = |index: &usize| {
                    parsed
                        .rows
                        .get(*index)
                        .is_some_and(|above| above.holds(&row))
                };
                while open.last().is_some_and(|index| !holds(index)) {
                    open.pop();
                }
                row.parent = open.last().copied();
                open.push(parsed.rows.len());
                parsed.rows.push(row);
            }
            Err(problem) => parsed.errors.push(RowError { line, problem }),
        }
    }
    parsed
}

fn read_line(text: &str) -> Result<(&str, &str), RowProblem> {
    let columns = Columns::new(text);
    let (name, title) = (columns.field(1, 8).trim(), columns.rest(9).trim());
    if name.is_empty() || name.contains(' ') {
        return Err(RowProblem::field(
            "code",
            name,
            "a code, block or chapter in columns 1 to 8",
        ));
    }
    Ok((name, title))
}

fn row_of(line: u64, name: &str, title: &str) -> Result<Icd10Row, RowProblem> {
    if title.is_empty() {
        return Err(RowProblem::field("title", title, "a title"));
    }
    let (kind, code) = if !name.is_empty() && name.bytes().all(|b| matches!(b, b'I' | b'V' | b'X'))
    {
        (Icd10Kind::Chapter, None)
    } else if block_bounds(name).is_some() {
        (Icd10Kind::Block, None)
    } else {
        let code = Code::parse(CodeSystem::Icd10Who, name)
            .map_err(|source| RowProblem::code(name, source))?;
        if code.as_str().len() == 3 {
            (Icd10Kind::Category, Some(code))
        } else {
            (Icd10Kind::Subcategory, Some(code))
        }
    };
    Ok(Icd10Row {
        line,
        kind,
        name: name.to_owned(),
        code,
        title: title.to_owned(),
        parent: None,
    })
}

/// The categories at the ends of a block's name.
fn block_bounds(name: &str) -> Option<(&str, &str)> {
    let (first, last) = name.split_once('-')?;
    let category = |text: &str| {
        text.len() == 3
            && Code::parse(CodeSystem::Icd10Who, text).is_ok_and(|code| code.as_str() == text)
    };
    (category(first) && category(last) && first <= last).then_some((first, last))
}

impl Icd10Row {
    /// Whether `other` can stand below this row, by name.
    fn holds(&self, other: &Icd10Row) -> bool {
        if other.kind == Icd10Kind::Chapter {
            return false;
        }
        match (self.kind, &self.code) {
            (Icd10Kind::Chapter, _) => true,
            (Icd10Kind::Block, _) => match (block_bounds(&self.name), other.span()) {
                (Some((first, last)), Some((other_first, other_last))) => {
                    first <= other_first && other_last <= last
                }
                _ => false,
            },
            (Icd10Kind::Category | Icd10Kind::Subcategory, Some(code)) => other
                .code
                .as_ref()
                .is_some_and(|other| other.as_str().starts_with(code.as_str())),
            (Icd10Kind::Category | Icd10Kind::Subcategory, None) => false,
        }
    }

    /// The first and last category that the row is about.
    fn span(&self) -> Option<(&str, &str)> {
        match &self.code {
            Some(code) => code.as_str().get(..3).map(|category| (category, category)),
            None => block_bounds(&self.name),
        }
    }
}

/// The names seen, since every one may stand only once.
#[derive(Default)]
struct Names(HashSet<String>);

impl Names {
    fn add(&mut self, row: Icd10Row) -> Result<Icd10Row, RowProblem> {
        if self.0.insert(row.name.clone()) {
            return Ok(row);
        }
        Err(RowProblem::Duplicate {
            field: "name",
            found: row.name,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Icd10Row, looks_like, looks_like_text, looks_like_xml, parse};
    use crate::Parsed;
    use crate::formats::damage;

    const XML: &str = "\u{feff}<icd_10_v2019>\r
<item type=\"chapter\"><name>II</name><description>Invented growths</description>\r
<item type=\"block\"><name>C00-C97</name><description>Growths</description>\r
<item type=\"block\"><name>C00-C14</name><description>Growths of lip &amp; beak</description>\r
<item type=\"category\"><name>C00</name><description>Growth of beak</description>\r
<item type=\"subcategory\"><name>C00.0</name><description>Growth of upper beak</description></item>\r
</item></item></item></item>\r
</icd_10_v2019>\r
";
    const TEXT: &str = "ICD-10 Version:2019 (invented)
II      Invented growths
C00-C97 Growths
C00-C14 Growths of lip & beak
C00     Growth of beak
C00.0   Growth of upper beak
";

    fn said(parsed: &Parsed<Icd10Row>) -> Vec<String> {
        parsed
            .rows
            .iter()
            .map(|row| {
                let parent = row.parent.map_or("top", |index| &parsed.rows[index].name);
                format!("{:?} {} {} below {parent}", row.kind, row.name, row.title)
            })
            .collect()
    }

    #[test]
    fn both_publications_give_the_same_tree() {
        for sample in [XML, TEXT] {
            let parsed = parse(sample.as_bytes());
            assert_eq!(parsed.errors, []);
            assert_eq!(
                said(&parsed),
                [
                    "Chapter II Invented growths below top",
                    "Block C00-C97 Growths below II",
                    "Block C00-C14 Growths of lip & beak below C00-C97",
                    "Category C00 Growth of beak below C00-C14",
                    "Subcategory C00.0 Growth of upper beak below C00",
                ]
            );
            assert!(looks_like(sample.as_bytes()));
        }
        assert!(looks_like_xml(XML.as_bytes()) && looks_like_text(TEXT.as_bytes()));
        assert!(!looks_like(b"A000    Cholera\n"));
    }

    #[track_caller]
    fn check_error(text: &str, expected: &str) {
        let said: Vec<String> = parse(text.as_bytes())
            .errors
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(said, [expected]);
    }

    #[test]
    fn what_cannot_be_read_is_reported() {
        check_error(
            &TEXT.replace("C00.0 ", "C00   "),
            "line 6: name `C00` stands twice; the first row is kept",
        );
        check_error(
            &XML.replace("\"subcategory\"", "\"category\""),
            "line 6: type is `category`, expected the kind that the name has",
        );
    }

    #[test]
    fn damage_never_panics() {
        for sample in [XML, TEXT] {
            damage::check(sample.as_bytes(), |bytes| {
                let parsed = parse(bytes);
                parsed.rows.len() + parsed.errors.len()
            });
        }
    }
}
