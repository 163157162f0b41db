//! Splits an interchange into segments, with the delimiters that its `ISA` names.

/// A segment: its elements, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment<'a> {
    /// The 1-based number of the segment in the file.
    pub number: u64,
    /// The element that names the segment: `CLM`.
    pub id: &'a str,
    /// The text after the name, and the separators within.
    elements: &'a str,
    element_separator: char,
    component_separator: char,
    /// Whether the segment's terminator was found.
    pub is_complete: bool,
}

impl<'a> Segment<'a> {
    /// Element `position`, 1 for the first after the name; empty if there is none.
    pub fn element(&self, position: usize) -> &'a str {
        let Some(index) = position.checked_sub(1) else {
            return self.id;
        };
        let mut elements = self.elements.split(self.element_separator);
        elements.nth(index).unwrap_or("").trim()
    }

    /// All elements after the name.
    pub fn elements(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.elements.split(self.element_separator).map(str::trim)
    }

    /// The components of an element's text.
    pub fn components(&self, element: &'a str) -> impl Iterator<Item = &'a str> + use<'a> {
        element.split(self.component_separator).map(str::trim)
    }
}

#[derive(Clone, Copy)]
struct Delimiters {
    element: u8,
    component: u8,
    segment: u8,
}

/// The segments of a file of one or more interchanges.
///
/// What stands before the first `ISA`, and any segment that is not text, comes
/// out as a segment without a name.
pub struct Segments<'a> {
    rest: &'a [u8],
    delimiters: Option<Delimiters>,
    number: u64,
}

impl<'a> Segments<'a> {
    /// The segments of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Segments<'a> {
        Segments {
            rest: without_byte_order_mark(bytes),
            delimiters: None,
            number: 0,
        }
    }
}

impl<'a> Iterator for Segments<'a> {
    type Item = Segment<'a>;

    fn next(&mut self) -> Option<Segment<'a>> {
        self.rest = self.rest.trim_ascii_start();
        if self.rest.is_empty() {
            return None;
        }
        self.number += 1;
        if self.rest.starts_with(b"ISA") {
            // A file may hold several interchanges, each with delimiters of its own.
            self.delimiters = delimiters(self.rest).or(self.delimiters);
        }
        let Some(delimiters) = self.delimiters else {
            self.rest = &[];
            return Some(nameless(self.number));
        };
        let end = self
            .rest
            .iter()
            .position(|byte| *byte == delimiters.segment);
        let text = self.rest.get(..end.unwrap_or(self.rest.len()));
        self.rest = end.map_or(&[][..], |end| self.rest.get(end + 1..).unwrap_or_default());
        let Ok(text) = str::from_utf8(text.unwrap_or_default()) else {
            return Some(nameless(self.number));
        };
        let separator = char::from(delimiters.element);
        let (id, elements) = text.split_once(separator).unwrap_or((text, ""));
        Some(Segment {
            number: self.number,
            id: id.trim(),
            elements,
            element_separator: separator,
            component_separator: char::from(delimiters.component),
            is_complete: end.is_some(),
        })
    }
}

fn nameless<'a>(number: u64) -> Segment<'a> {
    Segment {
        number,
        id: "",
        elements: "",
        element_separator: '*',
        component_separator: ':',
        is_complete: true,
    }
}

/// The delimiters of an `ISA`: its fourth byte, its sixteenth element, and the byte after that.
fn delimiters(isa: &[u8]) -> Option<Delimiters> {
    let element = *isa.get(3)?;
    let mut separators = isa
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == element)
        .map(|(at, _)| at);
    let last = separators.nth(15)?;
    let found = Delimiters {
        element,
        component: *isa.get(last + 1)?,
        segment: *isa.get(last + 2)?,
    };
    let all = [found.element, found.component, found.segment];
    let are_plain = all
        .iter()
        .all(|byte| byte.is_ascii() && !byte.is_ascii_alphanumeric());
    (are_plain && last < 200).then_some(found)
}

/// The bytes without a UTF-8 byte order mark before them.
pub(super) fn without_byte_order_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)
}
