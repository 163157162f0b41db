//! The codes that an unknown code may have meant.

use codesets::CodeSystem;
use indexer::book::Level;
use indexer::bundle::records::ConceptRecord;
use indexer::bundle::{Bundle, ConceptId, LoadedRelease};

use super::{Child, title};
use crate::search::children;

/// How many codes are offered.
const MOST_NEAREST: usize = 10;

/// What a code may be made of.
const CHARACTERS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// Codes of `release` that look like `code`, best first: characters that are
/// misread, a missing placeholder, what stands where the code leaves the book,
/// then any one wrong, missing, doubled or swapped character.
pub(crate) fn nearest(bundle: &Bundle, release: &LoadedRelease, code: &str) -> Vec<Child> {
    let mut found: Vec<(ConceptId, ConceptRecord)> = Vec::new();
    let mut add = |id: Option<ConceptId>| {
        let Some(id) = id else { return };
        let record = bundle.concept(id);
        let is_code = record.level == Level::Code.number();
        let is_present = record.present.get() & release.bit != 0;
        let is_new = found.iter().all(|(known, _)| *known != id);
        if is_code && is_present && is_new && found.len() < MOST_NEAREST {
            found.push((id, record));
        }
    };
    let find = |text: &str| bundle.find(release.system, text);
    for text in misreadings(code)
        .iter()
        .chain(&padded(release.system, code))
    {
        add(find(text));
    }
    for text in transpositions(code) {
        add(find(&text));
    }
    // One wrong character within the category comes before its neighbours by place.
    let edits = one_edit(code);
    let category = code.get(..3).unwrap_or(code);
    for text in edits.iter().filter(|text| text.starts_with(category)) {
        add(find(text));
    }
    for id in at_longest_prefix(bundle, release, code) {
        add(Some(id));
    }
    for text in &edits {
        add(find(text));
    }
    found
        .into_iter()
        .map(|(_, record)| Child {
            code: codesets::Code::dotted(release.system, bundle.text(record.key)),
            display: title(bundle, &record, release).to_owned(),
            billable: record.billable.get() & release.bit != 0,
        })
        .collect()
}

/// The code with letters and digits exchanged that look alike, at every place and at all.
fn misreadings(code: &str) -> Vec<String> {
    let alike = |c: char| match c {
        'O' => Some('0'),
        '0' => Some('O'),
        'I' | 'L' => Some('1'),
        '1' => Some('I'),
        'S' => Some('5'),
        '5' => Some('S'),
        'Z' => Some('2'),
        'B' => Some('8'),
        _ => None,
    };
    let digits: String = code
        .chars()
        .enumerate()
        .map(|(at, c)| match alike(c) {
            // The first character of most systems is a letter and stays one.
            Some(digit) if at > 0 && digit.is_ascii_digit() => digit,
            _ => c,
        })
        .collect();
    let mut texts = vec![digits];
    for (at, c) in code.char_indices() {
        if let Some(other) = alike(c) {
            let mut text = code.to_owned();
            text.replace_range(at..at + c.len_utf8(), other.encode_utf8(&mut [0; 4]));
            texts.push(text);
        }
    }
    texts
}

/// The code with placeholders before its last character: `W2189A` is `W2189XA`.
fn padded(system: CodeSystem, code: &str) -> Option<String> {
    if system != CodeSystem::Icd10Cm || !(4..7).contains(&code.len()) {
        return None;
    }
    let (stem, last) = code.split_at_checked(code.len() - 1)?;
    Some(format!("{stem}{}{last}", "X".repeat(7 - code.len())))
}

fn transpositions(code: &str) -> Vec<String> {
    let bytes = code.as_bytes();
    (1..bytes.len())
        .filter_map(|at| {
            let mut swapped = bytes.to_vec();
            swapped.swap(at - 1, at);
            String::from_utf8(swapped).ok()
        })
        .collect()
}

/// Every text that differs from `code` by one character: left out, exchanged or put in.
fn one_edit(code: &str) -> Vec<String> {
    let bytes = code.as_bytes();
    let mut texts = Vec::new();
    let mut push = |text: Vec<u8>| texts.extend(String::from_utf8(text).ok());
    for at in (0..bytes.len()).rev() {
        push([&bytes[..at], &bytes[at + 1..]].concat());
        for c in CHARACTERS {
            push([&bytes[..at], &[*c], &bytes[at + 1..]].concat());
        }
    }
    for at in (0..=bytes.len()).rev() {
        for c in CHARACTERS {
            push([&bytes[..at], &[*c], &bytes[at..]].concat());
        }
    }
    texts
}

/// The longest code of the release that begins `code`, then the codes directly below it.
fn at_longest_prefix(bundle: &Bundle, release: &LoadedRelease, code: &str) -> Vec<ConceptId> {
    let is_present = |record: &ConceptRecord| record.present.get() & release.bit != 0;
    let prefix = (1..code.len()).rev().find_map(|len| {
        let id = bundle.find(release.system, code.get(..len)?)?;
        is_present(&bundle.concept(id)).then_some(id)
    });
    let Some(id) = prefix else {
        return Vec::new();
    };
    std::iter::once(id).chain(children(bundle, id)).collect()
}
