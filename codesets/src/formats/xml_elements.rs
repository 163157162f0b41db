//! What the XML formats share: elements of bounded depth, with their lines.
//!
//! A format names the elements that make its rows ("units"); each is handed
//! over whole once it has ended. Nothing recurses, a file that stops being XML
//! is reported where it does, and what was whole before that is kept.

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;
use quick_xml::{XmlVersion, escape};

use super::lines::{collapse, utf8_lossy};
use super::source_text::without_bom;
use crate::{RowError, RowProblem};

/// How deep elements may nest within a unit; publishers' files need nine.
const DEEPEST: usize = 64;

/// More attributes than this on one element are not looked at.
const MOST_ATTRIBUTES: usize = 32;

/// An element with its content.
#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) name: String,
    /// The 1-based line of its start tag.
    pub(crate) line: u64,
    attributes: Vec<(String, String)>,
    content: Vec<Content>,
}

#[derive(Debug)]
enum Content {
    Text(String),
    Child(Element),
}

impl Element {
    /// The value of an attribute.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The error that a field of this element holds `found` where `expected` should stand.
    pub(crate) fn wrong(
        &self,
        field: &'static str,
        found: &str,
        expected: &'static str,
    ) -> RowError {
        RowError {
            line: self.line,
            problem: RowProblem::field(field, found, expected),
        }
    }

    /// The child elements, in order.
    pub(crate) fn children(&self) -> impl Iterator<Item = &Element> {
        self.content.iter().filter_map(|content| match content {
            Content::Child(element) => Some(element),
            Content::Text(_) => None,
        })
    }

    /// The element's own text, without that of its children, white space folded.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for content in &self.content {
            if let Content::Text(own) = content {
                text.push_str(own);
            }
        }
        collapse(&text)
    }

    /// The text of the first child called `name`.
    pub(crate) fn child_text(&self, name: &str) -> Option<String> {
        self.children()
            .find(|child| child.name == name)
            .map(Element::text)
    }

    /// All text in the element, that of `skipped` elements left out; `break_after` elements end a line.
    pub(crate) fn all_text(&self, skipped: &[&str], break_after: &[&str]) -> String {
        fn gather(element: &Element, skipped: &[&str], break_after: &[&str], text: &mut String) {
            for content in &element.content {
                match content {
                    Content::Text(own) => text.push_str(own),
                    Content::Child(child) if skipped.contains(&child.name.as_str()) => {}
                    // Depth is at most DEEPEST, so this recursion is bounded.
                    Content::Child(child) => {
                        gather(child, skipped, break_after, text);
                        if break_after.contains(&child.name.as_str()) {
                            text.push(' ');
                        }
                    }
                }
            }
        }
        let mut text = String::new();
        gather(self, skipped, break_after, &mut text);
        collapse(&text)
    }
}

/// What may stand in a format outside its units.
pub(crate) struct Outline {
    /// Elements that make rows; handed over whole.
    pub(crate) units: &'static [&'static str],
    /// Elements that hold units; those without text of their own.
    pub(crate) containers: &'static [&'static str],
    /// Elements that the format has but that make no row.
    pub(crate) passed_over: &'static [&'static str],
}

/// Reads `bytes` and hands every unit to `take`; returns what could not be read.
pub(crate) fn read_units(
    bytes: &[u8],
    outline: &Outline,
    mut take: impl FnMut(Element, &mut Vec<RowError>),
) -> Vec<RowError> {
    let (text, bad_lines) = utf8_lossy(without_bom(bytes));
    let encoding = |line| RowError {
        line,
        problem: RowProblem::Encoding { expected: "UTF-8" },
    };
    let errors = bad_lines.into_iter().map(encoding).collect();
    let mut walk = Walk {
        reader: Reader::from_str(&text),
        lines: LineCounter::new(text.as_bytes()),
        outline,
        open: Vec::new(),
        outer: Vec::new(),
        skipping: 0,
        saw_element: false,
        errors,
    };
    walk.reader.config_mut().expand_empty_elements = true;
    loop {
        let start = walk.reader.buffer_position();
        let line = walk.lines.line_at(start);
        match walk.reader.read_event() {
            Ok(Event::Eof) => break,
            Ok(event) => {
                if let Some(unit) = walk.step(event, line) {
                    take(unit, &mut walk.errors);
                }
            }
            Err(error) => {
                let position = walk.reader.error_position().max(start);
                let line = walk.lines.line_at(position);
                walk.report(line, xml(&error.to_string()));
                return walk.errors;
            }
        }
    }
    if let Some(name) = walk.innermost().map(str::to_owned) {
        let line = walk.lines.line_at(u64::MAX);
        walk.report(line, xml(&format!("the file ends within `{name}`")));
    } else if bytes.iter().any(|byte| !byte.is_ascii_whitespace()) && !walk.saw_element {
        walk.report(1, xml("the file has no element"));
    }
    walk.errors
}

fn xml(reason: &str) -> RowProblem {
    RowProblem::Xml {
        reason: reason.chars().take(200).collect(),
    }
}

struct Walk<'a, 'o> {
    reader: Reader<&'a [u8]>,
    lines: LineCounter<'a>,
    outline: &'o Outline,
    /// The open elements of the unit being read, outermost first.
    open: Vec<Element>,
    /// The open containers around it.
    outer: Vec<String>,
    /// How many open elements are being skipped.
    skipping: u64,
    saw_element: bool,
    errors: Vec<RowError>,
}

impl Walk<'_, '_> {
    fn report(&mut self, line: u64, problem: RowProblem) {
        self.errors.push(RowError { line, problem });
    }

    fn innermost(&self) -> Option<&str> {
        self.open
            .last()
            .map(|element| element.name.as_str())
            .or(self.outer.last().map(String::as_str))
    }

    /// Takes in one event; returns a unit when it has ended.
    fn step(&mut self, event: Event<'_>, line: u64) -> Option<Element> {
        match event {
            Event::Start(tag) => self.start(&tag, line),
            Event::End(_) => return self.end(),
            Event::Text(text) => self.text(&text.xml10_content(), line),
            Event::CData(text) => self.text(&text.xml10_content(), line),
            Event::GeneralRef(reference) => {
                let text = self.resolve(&reference, line);
                self.text(&text, line);
            }
            // Comments, declarations and instructions hold no data.
            _ => {}
        }
        None
    }

    fn start(&mut self, tag: &BytesStart<'_>, line: u64) {
        self.saw_element = true;
        let name = tag.name().into_inner();
        if self.skipping > 0 {
            self.skipping += 1;
        } else if !self.open.is_empty() || self.outline.units.contains(&name) {
            if self.open.len() < DEEPEST {
                let element = self.element(tag, line);
                self.open.push(element);
            } else {
                self.skip(name, line);
            }
        } else if self.outline.containers.contains(&name) && self.outer.len() < DEEPEST {
            self.outer.push(name.to_owned());
        } else if self.outline.passed_over.contains(&name) {
            self.skipping = 1;
        } else {
            self.skip(name, line);
        }
    }

    fn skip(&mut self, name: &str, line: u64) {
        let clip = |name: &str| name.chars().take(60).collect();
        let problem = RowProblem::Element {
            found: clip(name),
            parent: clip(self.innermost().unwrap_or("the file")),
        };
        self.report(line, problem);
        self.skipping = 1;
    }

    fn element(&mut self, tag: &BytesStart<'_>, line: u64) -> Element {
        let mut attributes = Vec::new();
        // Checking for duplicates is quadratic in the number of attributes.
        for attribute in tag
            .attributes()
            .with_checks(false)
            .take(MOST_ATTRIBUTES)
            .flatten()
        {
            match attribute.normalized_value(XmlVersion::Implicit1_0) {
                Ok(value) => {
                    attributes.push((attribute.key.into_inner().to_owned(), value.into_owned()));
                }
                Err(error) => self.report(line, xml(&error.to_string())),
            }
        }
        Element {
            name: tag.name().into_inner().to_owned(),
            line,
            attributes,
            content: Vec::new(),
        }
    }

    fn end(&mut self) -> Option<Element> {
        if self.skipping > 0 {
            self.skipping -= 1;
            return None;
        }
        let Some(element) = self.open.pop() else {
            self.outer.pop();
            return None;
        };
        match self.open.last_mut() {
            Some(parent) => {
                parent.content.push(Content::Child(element));
                None
            }
            None => Some(element),
        }
    }

    fn text(&mut self, text: &str, line: u64) {
        if self.skipping > 0 {
            return;
        }
        match self.open.last_mut() {
            Some(element) => match element.content.last_mut() {
                Some(Content::Text(before)) => before.push_str(text),
                None if is_indentation(text) => {}
                _ => element.content.push(Content::Text(text.to_owned())),
            },
            None if text.trim().is_empty() => {}
            None => {
                let expected = "an element";
                self.report(line, RowProblem::field("text", text.trim(), expected));
            }
        }
    }

    fn resolve(&mut self, reference: &BytesRef<'_>, line: u64) -> String {
        if let Ok(Some(character)) = reference.resolve_char_ref() {
            return character.to_string();
        }
        if let Some(text) = escape::resolve_xml_entity(reference) {
            return text.to_owned();
        }
        let found: &str = reference;
        let expected = "a character or one of XML's own entities";
        self.report(line, RowProblem::field("entity", found, expected));
        format!("&{found};")
    }
}

fn is_indentation(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_whitespace())
}

/// Counts lines up to positions that only grow.
struct LineCounter<'a> {
    bytes: &'a [u8],
    position: usize,
    line: u64,
}

impl<'a> LineCounter<'a> {
    fn new(bytes: &'a [u8]) -> LineCounter<'a> {
        LineCounter {
            bytes,
            position: 0,
            line: 1,
        }
    }

    fn line_at(&mut self, position: u64) -> u64 {
        let position = usize::try_from(position)
            .unwrap_or(usize::MAX)
            .min(self.bytes.len());
        for &byte in self.bytes.get(self.position..position).unwrap_or(&[]) {
            self.line += u64::from(byte == b'\n');
        }
        self.position = self.position.max(position);
        self.line
    }
}

/// The error that `child` has no place in `parent`.
pub(crate) fn unknown(child: &Element, parent: &Element) -> RowError {
    let clip = |name: &str| name.chars().take(60).collect();
    RowError {
        line: child.line,
        problem: RowProblem::Element {
            found: clip(&child.name),
            parent: clip(&parent.name),
        },
    }
}

/// Whether a file's beginning is XML with root element `root`.
pub(crate) fn has_root(head: &[u8], root: &str) -> bool {
    root_name(head).is_some_and(|name| name == root)
}

/// The name of the root element, read off a file's beginning.
fn root_name(head: &[u8]) -> Option<String> {
    let head = without_bom(head);
    let head = head.get(..64 * 1024).unwrap_or(head);
    let text = String::from_utf8_lossy(head);
    let mut reader = Reader::from_str(&text);
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag) | Event::Empty(tag)) => {
                return Some(tag.name().into_inner().to_owned());
            }
            Ok(Event::Text(text)) if !is_indentation(&text) => return None,
            Ok(Event::Eof) | Err(_) => return None,
            Ok(_) => {}
        }
    }
}
