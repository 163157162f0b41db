//! A pull reader over the publishers' XML: one element after another, with its
//! line, and a list of everything that could not be read.
//!
//! It is total: whatever the bytes, every call returns, nesting is bounded,
//! and the first fault that makes the rest unreadable is reported once.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::lines::{collapse, utf8_lossy};
use crate::{RowError, RowProblem};

/// How deeply elements may nest; the publishers' files stay below 20.
pub(crate) const DEEPEST: usize = 64;

/// The most attributes of an element that are read; the publishers' have up to six.
const MOST_ATTRIBUTES: usize = 64;

/// The text of an XML file and the lines of it that are not UTF-8.
pub(crate) struct XmlText<'a> {
    text: Cow<'a, str>,
    errors: Vec<RowError>,
}

impl<'a> XmlText<'a> {
    /// Takes `bytes` as UTF-8; a line that is not is reported and read with replacements.
    pub(crate) fn new(bytes: &'a [u8]) -> XmlText<'a> {
        let (text, bad_lines) = utf8_lossy(bytes);
        let errors = bad_lines
            .into_iter()
            .map(|line| RowError {
                line,
                problem: RowProblem::Encoding { expected: "UTF-8" },
            })
            .collect();
        XmlText { text, errors }
    }
}

/// An element whose start tag was read.
#[derive(Debug)]
pub(crate) struct Element {
    /// The element's name.
    pub(crate) name: String,
    /// The line of its start tag.
    pub(crate) line: u64,
    attributes: Vec<(String, String)>,
}

impl Element {
    /// The value of the attribute `name`.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

enum Token<'a> {
    Open(Element),
    Close,
    Text(Cow<'a, str>),
    End,
}

/// Reads elements in document order.
///
/// The innermost open element is the one that [`XmlReader::next_child`] last
/// returned and whose end has not been reached. Each element returned must be
/// read to its end with `next_child` until it says `None`, with `text` or with
/// `skip`.
pub(crate) struct XmlReader<'a> {
    reader: Reader<&'a [u8]>,
    bytes: &'a [u8],
    counted: usize,
    line: u64,
    open: Vec<String>,
    ended: bool,
    errors: Vec<RowError>,
}

impl<'a> XmlReader<'a> {
    /// A reader at the start of `text`.
    pub(crate) fn new(text: &'a XmlText<'_>) -> XmlReader<'a> {
        let body = text.text.strip_prefix('\u{feff}').unwrap_or(&text.text);
        let mut reader = Reader::from_str(body);
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        config.allow_dangling_amp = true;
        XmlReader {
            reader,
            bytes: body.as_bytes(),
            counted: 0,
            line: 1,
            open: Vec::new(),
            ended: false,
            errors: text.errors.clone(),
        }
    }

    /// What could not be read, in the file's order.
    pub(crate) fn into_errors(mut self) -> Vec<RowError> {
        self.errors.sort_by_key(|error| error.line);
        self.errors
    }

    /// Records a problem at `line`.
    pub(crate) fn report(&mut self, line: u64, problem: RowProblem) {
        self.errors.push(RowError { line, problem });
    }

    /// Reports `element` as no part of the format, and skips it.
    pub(crate) fn unknown(&mut self, element: &Element) {
        let parent = match self.open.len().checked_sub(2) {
            Some(index) => self.open.get(index).cloned().unwrap_or_default(),
            None => String::new(),
        };
        let found: String = element.name.chars().take(60).collect();
        self.report(element.line, RowProblem::Element { found, parent });
        self.skip();
    }

    /// Opens the root element; reports its absence or a name other than `expected`.
    pub(crate) fn root(&mut self, expected: &'static str) -> Option<Element> {
        match self.next_child() {
            Some(root) if root.name == expected => Some(root),
            Some(root) => {
                self.report(
                    root.line,
                    RowProblem::field("root element", &root.name, expected),
                );
                None
            }
            None => {
                if self.errors.is_empty() {
                    self.report(self.line, RowProblem::field("root element", "", expected));
                }
                None
            }
        }
    }

    /// The next child of the innermost open element; `None` at that element's end.
    ///
    /// Text between the children is reported; elements nested too deeply are
    /// reported and skipped.
    pub(crate) fn next_child(&mut self) -> Option<Element> {
        loop {
            match self.token() {
                Token::Open(element) if self.open.len() > DEEPEST => {
                    let reason = format!(
                        "`{}` is nested deeper than {DEEPEST} elements",
                        element.name
                    );
                    self.report(element.line, RowProblem::Xml { reason });
                    self.skip();
                }
                Token::Open(element) => return Some(element),
                Token::Close | Token::End => return None,
                Token::Text(text) if text.trim().is_empty() => {}
                Token::Text(text) => {
                    let problem = RowProblem::field("text between elements", text.trim(), "none");
                    self.report(self.line, problem);
                }
            }
        }
    }

    /// The text of the innermost open element up to its end, white space collapsed.
    ///
    /// A `nemod` inside stands in its place with one blank before it. Of the
    /// addenda's markup the old text is left out; other elements are reported.
    pub(crate) fn text(&mut self) -> String {
        let mut text = String::new();
        let mut depth = 0usize;
        let mut just_closed = false;
        loop {
            match self.token() {
                Token::Open(element) => match element.name.as_str() {
                    "nemod" | "diff" | "new" | "unc" => {
                        text.push(' ');
                        depth += 1;
                        just_closed = false;
                    }
                    "old" => self.skip(),
                    _ => self.unknown(&element),
                },
                Token::Close if depth > 0 => {
                    depth -= 1;
                    just_closed = true;
                }
                Token::Close | Token::End => return collapse(&text),
                Token::Text(part) => {
                    if just_closed && part.starts_with(char::is_alphanumeric) {
                        text.push(' ');
                    }
                    just_closed = false;
                    text.push_str(&part);
                }
            }
        }
    }

    /// Puts the text of the innermost open element in `slot`; a second one is
    /// reported, an empty one counts as absent.
    pub(crate) fn text_once(
        &mut self,
        element: &Element,
        field: &'static str,
        slot: &mut Option<String>,
    ) {
        let text = self.text();
        if slot.is_some() {
            let found = text.chars().take(60).collect();
            self.report(element.line, RowProblem::Duplicate { field, found });
        } else if !text.is_empty() {
            *slot = Some(text);
        }
    }

    /// Reads the innermost open element to its end and drops what it holds.
    pub(crate) fn skip(&mut self) {
        let mut depth = 0usize;
        loop {
            match self.token() {
                Token::Open(_) => depth += 1,
                Token::Close if depth > 0 => depth -= 1,
                Token::Close | Token::End => return,
                Token::Text(_) => {}
            }
        }
    }

    /// Reports whatever stands after the root element.
    pub(crate) fn finish(&mut self) {
        while let Some(element) = self.next_child() {
            self.unknown(&element);
        }
    }

    fn token(&mut self) -> Token<'a> {
        while !self.ended {
            self.count_lines();
            match self.reader.read_event() {
                Ok(Event::Start(tag)) => return Token::Open(self.opened(&tag)),
                Ok(Event::End(_)) => {
                    self.open.pop();
                    return Token::Close;
                }
                Ok(Event::Text(text)) => return Token::Text(text.into_inner()),
                Ok(Event::CData(text)) => return Token::Text(text.into_inner()),
                Ok(Event::GeneralRef(entity)) => return self.entity(&entity),
                Ok(Event::Eof) => {
                    self.ended = true;
                    if let Some(name) = self.open.last() {
                        let reason = format!("the file ends inside `{name}`");
                        self.report(self.line, RowProblem::Xml { reason });
                    }
                }
                Ok(
                    Event::Empty(_)
                    | Event::Comment(_)
                    | Event::Decl(_)
                    | Event::PI(_)
                    | Event::DocType(_),
                ) => {}
                Err(error) => {
                    self.ended = true;
                    let reason = error.to_string().chars().take(200).collect();
                    self.report(self.line, RowProblem::Xml { reason });
                }
            }
        }
        Token::End
    }

    /// Brings `line` up to where the reader stands.
    fn count_lines(&mut self) {
        let position = usize::try_from(self.reader.buffer_position()).unwrap_or(self.counted);
        let passed = self.bytes.get(self.counted..position).unwrap_or_default();
        for byte in passed {
            self.line += u64::from(*byte == b'\n');
        }
        self.counted = self.counted.max(position);
    }

    fn opened(&mut self, tag: &BytesStart<'_>) -> Element {
        let mut attributes = Vec::new();
        // Checking for duplicates is quadratic in the number of attributes; of two of one
        // name the first is taken, and past the most there is no format that has them.
        for attribute in tag.attributes().with_checks(false).take(MOST_ATTRIBUTES) {
            match attribute {
                Ok(attribute) => {
                    let value = match quick_xml::escape::unescape(&attribute.value) {
                        Ok(value) => value.into_owned(),
                        Err(_) => attribute.value.clone().into_owned(),
                    };
                    attributes.push((attribute.key.into_inner().to_owned(), value));
                }
                Err(error) => {
                    let reason = error.to_string();
                    self.report(self.line, RowProblem::Xml { reason });
                    break;
                }
            }
        }
        let name = tag.name().into_inner().to_owned();
        self.open.push(name.clone());
        Element {
            name,
            line: self.line,
            attributes,
        }
    }

    /// The text that an entity stands for; an entity the format does not have stays as written.
    fn entity(&mut self, entity: &str) -> Token<'a> {
        if let Some(text) = quick_xml::escape::resolve_predefined_entity(entity) {
            return Token::Text(Cow::Borrowed(text));
        }
        let number = match entity.strip_prefix("#x") {
            Some(digits) => u32::from_str_radix(digits, 16).ok(),
            None => entity
                .strip_prefix('#')
                .and_then(|digits| digits.parse().ok()),
        };
        match number.and_then(char::from_u32) {
            Some(character) => Token::Text(Cow::Owned(character.to_string())),
            None => {
                let problem = RowProblem::field("entity", entity, "one that XML has");
                self.report(self.line, problem);
                Token::Text(Cow::Owned(format!("&{entity};")))
            }
        }
    }
}
