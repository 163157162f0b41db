//! The Neoplasm Table and the Table of Drugs and Chemicals of ICD-10-CM, from
//! the XML that NCHS publishes (*icd10cm_drug_neoplasm.xsd*).

use super::icd10cm_index::check_level;
use super::xml::{Element, XmlReader, XmlText};
use crate::{RowError, RowProblem};

/// Which of the two tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TableName {
    /// The Neoplasm Table: malignant primary and secondary, in situ, benign, uncertain, unspecified.
    Neoplasm,
    /// The Table of Drugs and Chemicals: poisoning by intent, adverse effect, underdosing.
    Drug,
}

impl TableName {
    /// The table whose first column has this head.
    pub(crate) fn of_head(head: &str) -> Option<TableName> {
        match head.to_ascii_lowercase().as_str() {
            "neoplasm" => Some(TableName::Neoplasm),
            "substance" => Some(TableName::Drug),
            _ => None,
        }
    }
}

/// One table of one release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The publisher's name of the release: `2022`.
    pub version: Option<String>,
    /// Which table it is.
    pub name: TableName,
    /// The heads of columns 2 to 7, in the order of [`TableEntry::cells`].
    pub columns: Vec<String>,
    /// Main terms and subterms, each before its subterms, in the file's order.
    pub entries: Vec<TableEntry>,
}

/// A main term or a subterm, with its codes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableEntry {
    /// The line of its start tag.
    pub line: u64,
    /// The entry it stands under, as an index into [`Table::entries`].
    pub parent: Option<usize>,
    /// 0 for a main term, more for subterms.
    pub level: u8,
    /// Its words as printed, nonessential modifiers in place, without marks such as `*`.
    pub title: String,
    /// The entry to look at instead.
    pub see: Option<String>,
    /// The entry to look at as well.
    pub see_also: Option<String>,
    /// The codes of columns 2 to 7 as printed (`C79.8-`); a dash alone is `None`.
    pub cells: [Option<String>; 6],
}

/// A table, and what of its file could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedTable {
    /// What could be read.
    pub table: Table,
    /// What could not, in the file's order.
    pub errors: Vec<RowError>,
}

impl Table {
    /// The titles from the main term down to the entry: `Neoplasm, abdomen, cavity`.
    pub fn path(&self, entry: usize) -> String {
        super::path(entry, |index| {
            let row = self.entries.get(index)?;
            Some((row.title.as_str(), row.parent))
        })
    }
}

/// Reads the Neoplasm Table or the Table of Drugs and Chemicals; the head of column 1 says which.
pub fn parse(bytes: &[u8]) -> ParsedTable {
    let text = XmlText::new(bytes);
    let mut reader = TableReader {
        xml: XmlReader::new(&text),
        entries: Vec::new(),
    };
    let (mut version, mut name, mut columns) = (None, None, Vec::new());
    if let Some(root) = reader.xml.root("ICD10CM.index") {
        while let Some(element) = reader.xml.next_child() {
            match element.name.as_str() {
                "version" => reader.xml.text_once(&element, "version", &mut version),
                "title" => reader.xml.skip(),
                "indexHeading" => (name, columns) = reader.heading(),
                "letter" => reader.letter(),
                _ => reader.xml.unknown(&element),
            }
        }
        reader.xml.finish();
        if name.is_none() {
            let problem = RowProblem::field("head of column 1", "", "`Neoplasm` or `Substance`");
            reader.xml.report(root.line, problem);
        }
    }
    ParsedTable {
        table: Table {
            version,
            name: name.unwrap_or(TableName::Drug),
            columns,
            entries: reader.entries,
        },
        errors: reader.xml.into_errors(),
    }
}

struct TableReader<'a> {
    xml: XmlReader<'a>,
    entries: Vec<TableEntry>,
}

impl TableReader<'_> {
    fn heading(&mut self) -> (Option<TableName>, Vec<String>) {
        let (mut name, mut columns) = (None, Vec::new());
        while let Some(element) = self.xml.next_child() {
            if element.name != "head" {
                self.xml.unknown(&element);
                continue;
            }
            let head = self.xml.text();
            match element.attribute("col") {
                Some("1") => name = TableName::of_head(&head),
                _ => columns.push(head),
            }
        }
        (name, columns)
    }

    fn letter(&mut self) {
        while let Some(element) = self.xml.next_child() {
            match element.name.as_str() {
                "title" => self.xml.skip(),
                "mainTerm" => self.entry(&element, None, 0),
                _ => self.xml.unknown(&element),
            }
        }
    }

    /// Reads an entry and its subterms; the XML reader bounds the recursion.
    fn entry(&mut self, start: &Element, parent: Option<usize>, level: u8) {
        let index = self.entries.len();
        let mut title = None;
        let mut row = TableEntry {
            line: start.line,
            parent,
            level,
            ..TableEntry::default()
        };
        check_level(&mut self.xml, start, level);
        // Subterms come behind their parent, so the row takes its place before they are read.
        self.entries.push(row.clone());
        while let Some(element) = self.xml.next_child() {
            match element.name.as_str() {
                "title" => self.xml.text_once(&element, "title", &mut title),
                "see" => self.xml.text_once(&element, "see", &mut row.see),
                "seeAlso" => self.xml.text_once(&element, "see also", &mut row.see_also),
                "cell" => self.cell(&element, &mut row.cells),
                // The one there is repeats words of its entry; it is no code.
                "manif" => self.xml.skip(),
                "term" => self.entry(&element, Some(index), level.saturating_add(1)),
                _ => self.xml.unknown(&element),
            }
        }
        row.title = without_marks(&title.unwrap_or_default());
        if row.title.is_empty() {
            let problem = RowProblem::field("title", "", "the entry's words");
            self.xml.report(start.line, problem);
        }
        if let Some(slot) = self.entries.get_mut(index) {
            *slot = row;
        }
    }

    fn cell(&mut self, element: &Element, cells: &mut [Option<String>; 6]) {
        let text = self.xml.text();
        let column = element.attribute("col").unwrap_or_default();
        let slot = column
            .trim()
            .parse::<usize>()
            .ok()
            .and_then(|column| column.checked_sub(2))
            .and_then(|index| cells.get_mut(index));
        match slot {
            None => {
                let problem = RowProblem::field("column", column, "2 to 7");
                self.xml.report(element.line, problem);
            }
            Some(_)
                if text
                    .chars()
                    .all(|c| matches!(c, '-' | '\u{2013}' | '\u{2014}')) => {}
            Some(Some(_)) => {
                let field = "cell";
                let problem = RowProblem::Duplicate {
                    field,
                    found: text.chars().take(60).collect(),
                };
                self.xml.report(element.line, problem);
            }
            Some(slot @ None) => *slot = Some(text),
        }
    }
}

/// The title without the marks that point to the table's footnotes.
fn without_marks(title: &str) -> String {
    let marks = |c: char| matches!(c, '*' | '#' | '\u{25ca}' | '\u{2666}');
    super::lines::collapse(&title.replace(marks, " "))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{ParsedTable, TableName, parse};

    const SAMPLE: &str = r##"<ICD10CM.index>
  <version>2099</version>
  <indexHeading><head col="1">Neoplasm</head><head col="2">Primary</head><head col="3">Secondary</head></indexHeading>
  <letter><title>N</title>
    <mainTerm>
      <title>Neoplasm, neoplastic</title>
      <cell col="2">C80.1</cell><cell col="3">C79.9</cell><cell col="4">-</cell><cell col="7">D49.9</cell>
      <term level="1">
        <title>tail<nemod>(any)</nemod>*#</title>
        <seeAlso>Neoplasm, skin</seeAlso>
        <cell col="2">C44.-</cell><cell col="3">--</cell>
        <term level="2"><title>tip</title><see>Neoplasm, tail</see></term>
      </term>
    </mainTerm>
  </letter>
</ICD10CM.index>"##;

    fn print(parsed: &ParsedTable) -> String {
        let mut text = format!("{:?} {:?}\n", parsed.table.name, parsed.table.columns);
        for (at, entry) in parsed.table.entries.iter().enumerate() {
            let cells = entry
                .cells
                .each_ref()
                .map(|cell| cell.as_deref().unwrap_or("-"));
            text += &format!("{} {} {}", entry.line, entry.level, parsed.table.path(at));
            text += &format!(
                " | {} {:?} {:?}\n",
                cells.join(" "),
                entry.see,
                entry.see_also
            );
        }
        for error in &parsed.errors {
            text += &format!("{error}\n");
        }
        text
    }

    #[test]
    fn entries_have_their_codes_by_column() {
        insta::assert_snapshot!(print(&parse(SAMPLE.as_bytes())), @r#"
        Neoplasm ["Primary", "Secondary"]
        5 0 Neoplasm, neoplastic | C80.1 C79.9 - - - D49.9 None None
        8 1 Neoplasm, neoplastic, tail (any) | C44.- - - - - - None Some("Neoplasm, skin")
        12 2 Neoplasm, neoplastic, tail (any), tip | - - - - - - Some("Neoplasm, tail") None
        "#);
    }

    #[test]
    fn the_first_head_names_the_table() {
        let drugs = SAMPLE.replace(">Neoplasm</head>", ">Substance</head>");
        assert_eq!(parse(drugs.as_bytes()).table.name, TableName::Drug);
        let other = SAMPLE.replace(">Neoplasm</head>", ">Odd</head>");
        assert_eq!(parse(other.as_bytes()).errors.len(), 1);
    }

    #[test]
    fn cells_that_do_not_fit_are_reported() {
        let text = SAMPLE
            .replace("col=\"7\"", "col=\"2\"")
            .replace("col=\"4\"", "col=\"9\"");
        assert_eq!(parse(text.as_bytes()).errors.len(), 2);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            parse(&bytes);
        }

        #[test]
        fn a_damaged_table_still_gives_rows_or_errors(at in 0..SAMPLE.len(), byte: u8, cut in 0..SAMPLE.trim_end().len()) {
            let mut bytes = SAMPLE.as_bytes().to_vec();
            if let Some(slot) = bytes.get_mut(at) {
                *slot = byte;
            }
            let parsed = parse(&bytes);
            prop_assert!(!parsed.errors.is_empty() || parsed.table.entries.len() >= 2);
            bytes.truncate(cut);
            prop_assert!(!parse(&bytes).errors.is_empty());
        }
    }
}
