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

/// Splits interchanges that arrive piece by piece.
///
/// What stands before the first `ISA`, and any segment that is not text, comes
/// out as a segment without a name.
#[derive(Default)]
pub struct SegmentSplitter {
    delimiters: Option<Delimiters>,
    number: u64,
}

/// An `ISA` has 106 bytes; whoever has so many more has it whole.
const LONGEST_ISA: usize = 256;

impl SegmentSplitter {
    /// A splitter before the first segment.
    pub fn new() -> SegmentSplitter {
        SegmentSplitter::default()
    }

    /// The next segment of `bytes`, and how many bytes it took, blanks before it included.
    ///
    /// `bytes` goes on where the last segment ended. `None` if it holds no whole
    /// segment: then there is nothing left when `is_end` says that no bytes
    /// follow, and more are needed otherwise.
    pub fn next<'a>(&mut self, bytes: &'a [u8], is_end: bool) -> Option<(Segment<'a>, usize)> {
        // A byte order mark may arrive in pieces too.
        if self.number == 0 && !is_end && bytes.len() < 3 && b"\xef\xbb\xbf".starts_with(bytes) {
            return None;
        }
        let mut rest = bytes;
        if self.number == 0 {
            rest = without_byte_order_mark(rest);
        }
        rest = rest.trim_ascii_start();
        if rest.is_empty()
            || (!is_end
                && rest.len() < LONGEST_ISA
                && b"ISA".starts_with(rest.get(..3).unwrap_or(rest)))
        {
            return None;
        }
        let blanks = bytes.len() - rest.len();
        if rest.starts_with(b"ISA") {
            // A file may hold several interchanges, each with delimiters of its own.
            self.delimiters = delimiters(rest).or(self.delimiters);
        }
        let Some(delimiters) = self.delimiters else {
            self.number += 1;
            return Some((nameless(self.number), bytes.len()));
        };
        let end = rest.iter().position(|byte| *byte == delimiters.segment);
        if end.is_none() && !is_end {
            return None;
        }
        self.number += 1;
        let length = end.unwrap_or(rest.len());
        let taken = blanks + end.map_or(rest.len(), |end| end + 1);
        let text = rest.get(..length).unwrap_or_default();
        let Ok(text) = str::from_utf8(text) else {
            return Some((nameless(self.number), taken));
        };
        let separator = char::from(delimiters.element);
        let (id, elements) = text.split_once(separator).unwrap_or((text, ""));
        let segment = Segment {
            number: self.number,
            id: id.trim(),
            elements,
            element_separator: separator,
            component_separator: char::from(delimiters.component),
            is_complete: end.is_some(),
        };
        Some((segment, taken))
    }
}

/// The segments of a file of one or more interchanges; see [`SegmentSplitter`].
pub struct Segments<'a> {
    rest: &'a [u8],
    splitter: SegmentSplitter,
}

impl<'a> Segments<'a> {
    /// The segments of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Segments<'a> {
        Segments {
            rest: bytes,
            splitter: SegmentSplitter::new(),
        }
    }
}

impl<'a> Iterator for Segments<'a> {
    type Item = Segment<'a>;

    fn next(&mut self) -> Option<Segment<'a>> {
        let (segment, taken) = self.splitter.next(self.rest, true)?;
        self.rest = self.rest.get(taken..).unwrap_or_default();
        Some(segment)
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
