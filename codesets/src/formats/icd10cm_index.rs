//! The Alphabetic Index of ICD-10-CM and its External Cause Index, from the
//! XML that NCHS publishes (*icd10cm_index.xsd*).
//!
//! An entry is read as it is printed; [`super::icd10cm_index_see`] follows the
//! entries that send the reader elsewhere.

use super::xml::{Element, XmlReader, XmlText};
use crate::{RowError, RowProblem};

/// Which of the two indexes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IndexName {
    /// The Index to Diseases and Injuries.
    Diseases,
    /// The External Cause of Injuries Index.
    ExternalCauses,
}

impl IndexName {
    /// The index that has this title.
    pub(crate) fn of_title(title: &str) -> IndexName {
        if title.to_ascii_lowercase().contains("external cause") {
            IndexName::ExternalCauses
        } else {
            IndexName::Diseases
        }
    }
}

/// One index of one release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// The publisher's name of the release: `2022`.
    pub version: Option<String>,
    /// Which index it is.
    pub name: IndexName,
    /// Main terms and subterms, each before its subterms, in the file's order.
    pub entries: Vec<IndexEntry>,
}

/// A main term or a subterm.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IndexEntry {
    /// The line of its start tag.
    pub line: u64,
    /// The entry it stands under, as an index into [`Index::entries`].
    pub parent: Option<usize>,
    /// 0 for a main term, 1 to 9 for subterms.
    pub level: u8,
    /// Its words as printed, nonessential modifiers in place: `vein (peripheral) NEC`.
    pub title: String,
    /// The code as printed: `H93.29-`.
    pub code: Option<String>,
    /// The manifestation code that goes with the code: `[I43]` is `I43`.
    pub manifestation: Option<String>,
    /// The entry to look at instead: `Recruitment, auditory`.
    pub see: Option<String>,
    /// The entry to look at as well.
    pub see_also: Option<String>,
    /// The category to look at: `M01`.
    pub see_category: Option<String>,
    /// The subcategory of its codes: `H93.3`.
    pub subcategory: Option<String>,
}

/// An index, and what of its file could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedIndex {
    /// What could be read.
    pub index: Index,
    /// What could not, in the file's order.
    pub errors: Vec<RowError>,
}

impl Index {
    /// The titles from the main term down to the entry: `Fever, yellow, jungle`.
    pub fn path(&self, entry: usize) -> String {
        super::path(entry, |index| {
            let row = self.entries.get(index)?;
            Some((row.title.as_str(), row.parent))
        })
    }
}

/// Reads the Alphabetic Index or the External Cause Index; the file's title says which.
pub fn parse(bytes: &[u8]) -> ParsedIndex {
    let text = XmlText::new(bytes);
    let mut reader = IndexReader {
        xml: XmlReader::new(&text),
        entries: Vec::new(),
    };
    let (mut version, mut title) = (None, None);
    if reader.xml.root("ICD10CM.index").is_some() {
        while let Some(element) = reader.xml.next_child() {
            match element.name.as_str() {
                "version" => reader.xml.text_once(&element, "version", &mut version),
                "title" => reader.xml.text_once(&element, "title", &mut title),
                "letter" => reader.letter(),
                _ => reader.xml.unknown(&element),
            }
        }
        reader.xml.finish();
    }
    ParsedIndex {
        index: Index {
            version,
            name: IndexName::of_title(title.as_deref().unwrap_or_default()),
            entries: reader.entries,
        },
        errors: reader.xml.into_errors(),
    }
}

struct IndexReader<'a> {
    xml: XmlReader<'a>,
    entries: Vec<IndexEntry>,
}

impl IndexReader<'_> {
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
        let mut row = IndexEntry {
            line: start.line,
            parent,
            level,
            ..IndexEntry::default()
        };
        check_level(&mut self.xml, start, level);
        // Subterms come behind their parent, so the row takes its place before they are read.
        self.entries.push(row.clone());
        while let Some(element) = self.xml.next_child() {
            let (field, slot) = match element.name.as_str() {
                "title" => ("title", &mut title),
                "code" => ("code", &mut row.code),
                "manif" => ("manifestation", &mut row.manifestation),
                "see" => ("see", &mut row.see),
                "seeAlso" => ("see also", &mut row.see_also),
                "seecat" => ("see category", &mut row.see_category),
                "subcat" => ("subcategory", &mut row.subcategory),
                "term" => {
                    self.entry(&element, Some(index), level.saturating_add(1));
                    continue;
                }
                _ => {
                    self.xml.unknown(&element);
                    continue;
                }
            };
            self.xml.text_once(&element, field, slot);
        }
        row.title = title.unwrap_or_default();
        if row.title.is_empty() {
            let problem = RowProblem::field("title", "", "the entry's words");
            self.xml.report(start.line, problem);
        }
        if let Some(slot) = self.entries.get_mut(index) {
            *slot = row;
        }
    }
}

/// Reports a `level` that is not how deep the entry stands; the nesting is what counts.
pub(super) fn check_level(xml: &mut XmlReader<'_>, start: &Element, level: u8) {
    if let Some(printed) = start.attribute("level")
        && printed.trim().parse() != Ok(level)
    {
        let problem = RowProblem::field("level", printed, "how deep the entry is nested");
        xml.report(start.line, problem);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{IndexName, ParsedIndex, parse};

    const SAMPLE: &str = r#"<ICD10CM.index>
  <version>2099</version><title>ICD-10-CM INDEX TO DISEASES and INJURIES</title>
  <letter><title>G</title>
    <mainTerm>
      <title>Grumps<nemod>(daily) (of the morning)</nemod> NEC</title>
      <code>A00.-</code>
      <seeAlso>Sulks, deep</seeAlso>
      <term level="1">
        <title>in gout</title><code>M10.9</code><manif>G99.8</manif>
        <term level="2"><title>old</title><see>Gout,  old</see></term>
      </term>
      <term level="1"><title>young</title><subcat>A00.1</subcat><seecat>A00</seecat></term>
    </mainTerm>
  </letter>
</ICD10CM.index>"#;

    fn print(parsed: &ParsedIndex) -> String {
        let mut text = String::new();
        for (at, entry) in parsed.index.entries.iter().enumerate() {
            text += &format!("{} {} {}", entry.line, entry.level, parsed.index.path(at));
            let fields = [
                ("code", &entry.code),
                ("manif", &entry.manifestation),
                ("see", &entry.see),
                ("also", &entry.see_also),
                ("seecat", &entry.see_category),
                ("subcat", &entry.subcategory),
            ];
            for (name, value) in fields {
                if let Some(value) = value {
                    text += &format!(" | {name} {value}");
                }
            }
            text.push('\n');
        }
        for error in &parsed.errors {
            text += &format!("{error}\n");
        }
        text
    }

    #[test]
    fn entries_keep_their_words_codes_and_pointers() {
        let parsed = parse(SAMPLE.as_bytes());
        assert_eq!(parsed.index.name, IndexName::Diseases);
        assert_eq!(parsed.index.version.as_deref(), Some("2099"));
        insta::assert_snapshot!(print(&parsed), @r"
        4 0 Grumps (daily) (of the morning) NEC | code A00.- | also Sulks, deep
        8 1 Grumps (daily) (of the morning) NEC, in gout | code M10.9 | manif G99.8
        10 2 Grumps (daily) (of the morning) NEC, in gout, old | see Gout, old
        12 1 Grumps (daily) (of the morning) NEC, young | seecat A00 | subcat A00.1
        ");
    }

    #[test]
    fn what_does_not_fit_is_reported() {
        let text = SAMPLE
            .replace(
                "<title>old</title>",
                "<title>old</title><title>older</title>",
            )
            .replace("<title>young</title>", "<warning>mind</warning>")
            .replace("level=\"2\"", "level=\"3\"");
        let errors: Vec<String> = parse(text.as_bytes())
            .errors
            .iter()
            .map(ToString::to_string)
            .collect();
        insta::assert_snapshot!(errors.join("\n"), @r"
        line 10: level is `3`, expected how deep the entry is nested
        line 10: title `older` stands twice; the first row is kept
        line 12: element `warning` in `term` is not part of the format; its text was skipped
        line 12: title is ``, expected the entry's words
        ");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            parse(&bytes);
        }

        #[test]
        fn a_damaged_index_still_gives_rows_or_errors(at in 0..SAMPLE.len(), byte: u8, cut in 0..SAMPLE.trim_end().len()) {
            let mut bytes = SAMPLE.as_bytes().to_vec();
            if let Some(slot) = bytes.get_mut(at) {
                *slot = byte;
            }
            let parsed = parse(&bytes);
            prop_assert!(!parsed.errors.is_empty() || parsed.index.entries.len() >= 3);
            bytes.truncate(cut);
            prop_assert!(!parse(&bytes).errors.is_empty());
        }
    }
}
