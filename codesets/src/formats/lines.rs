//! The lines of a publisher's text file, with their numbers.

use std::borrow::Cow;

/// The lines of `bytes` that are not blank, each with its 1-based number.
///
/// A line ends with LF or CRLF; trailing blanks belong to the line. A lone
/// Ctrl-Z, which old tools append, counts as blank.
pub(crate) fn numbered(bytes: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    (1u64..)
        .zip(bytes.split(|byte| *byte == b'\n'))
        .map(|(number, line)| (number, line.strip_suffix(b"\r").unwrap_or(line)))
        .filter(|(_, line)| {
            line.iter()
                .any(|byte| !byte.is_ascii_whitespace() && *byte != 0x1A)
        })
}

/// The line as text, if it is ASCII.
pub(crate) fn ascii(line: &[u8]) -> Option<&str> {
    str::from_utf8(line).ok().filter(|text| text.is_ascii())
}

/// The text with each run of white space as one blank, and none around it.
pub(crate) fn collapse(text: &str) -> String {
    let mut words = text.split_whitespace();
    let mut collapsed = String::with_capacity(text.len());
    if let Some(first) = words.next() {
        collapsed.push_str(first);
    }
    for word in words {
        collapsed.push(' ');
        collapsed.push_str(word);
    }
    collapsed
}

/// The bytes as text, with U+FFFD for what is not UTF-8, and the lines that hold such bytes.
pub(crate) fn utf8_lossy(bytes: &[u8]) -> (Cow<'_, str>, Vec<u64>) {
    match String::from_utf8_lossy(bytes) {
        Cow::Borrowed(text) => (Cow::Borrowed(text), Vec::new()),
        Cow::Owned(text) => {
            let bad = (1u64..)
                .zip(bytes.split(|byte| *byte == b'\n'))
                .filter(|(_, line)| str::from_utf8(line).is_err())
                .map(|(number, _)| number)
                .collect();
            (Cow::Owned(text), bad)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{collapse, numbered, utf8_lossy};

    #[test]
    fn blank_lines_are_counted_but_not_returned() {
        let lines: Vec<(u64, &[u8])> = numbered(b"a\r\n \r\n\nb \n\x1A").collect();
        assert_eq!(lines, [(1, &b"a"[..]), (4, &b"b "[..])]);
    }

    #[test]
    fn white_space_collapses() {
        assert_eq!(collapse("  a\t b\u{a0}c\r\n"), "a b c");
        assert_eq!(collapse(" \n"), "");
    }

    #[test]
    fn lines_that_are_not_utf8_are_named() {
        assert_eq!(utf8_lossy(b"a\nb\xFF\nc").1, [2]);
        assert_eq!(utf8_lossy(b"a\nb").1, [0u64; 0]);
    }
}
