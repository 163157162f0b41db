//! The texts of the file: each once, pointed into by number.

use std::collections::HashMap;

use zerocopy::little_endian::U32;

use super::records::{TextRecord, index};
use super::sections::{Section, SectionWriter, Sections};

/// Collects texts, each once, in the order of their first use.
#[derive(Default)]
pub(super) struct TextWriter {
    bytes: Vec<u8>,
    refs: Vec<TextRecord>,
    known: HashMap<Box<str>, u32>,
}

impl TextWriter {
    /// The number of `text`.
    pub(super) fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.known.get(text) {
            return *number;
        }
        let number = count(self.refs.len());
        self.refs.push(TextRecord {
            offset: U32::new(count(self.bytes.len())),
            bytes: U32::new(count(text.len())),
        });
        self.bytes.extend_from_slice(text.as_bytes());
        self.known.insert(text.into(), number);
        number
    }

    /// Takes in the texts of `other`, and returns their numbers here.
    pub(super) fn merge(&mut self, other: &TextWriter) -> Vec<u32> {
        let texts = other.refs.iter().map(|record| {
            let start = index(record.offset);
            let bytes = other.bytes.get(start..start + index(record.bytes));
            str::from_utf8(bytes.unwrap_or_default()).unwrap_or_default()
        });
        texts.map(|text| self.number(text)).collect()
    }

    pub(super) fn write(&self, sections: &mut SectionWriter) {
        sections.put(Section::Texts, &self.bytes);
        sections.put(Section::TextRefs, &self.refs);
    }
}

/// The text of `number`; empty if there is none.
pub(super) fn text(sections: &Sections, number: U32) -> &str {
    let refs: &[TextRecord] = sections.records(Section::TextRefs);
    let read = || {
        let record = refs.get(index(number))?;
        let start = index(record.offset);
        let end = start.checked_add(index(record.bytes))?;
        let bytes = sections.bytes(Section::Texts).get(start..end)?;
        str::from_utf8(bytes).ok()
    };
    read().unwrap_or_default()
}

/// A length as the four bytes it is stored in; the tables stay far below.
pub(super) fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
