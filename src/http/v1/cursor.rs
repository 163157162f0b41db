//! Cursors: where a page ends, bound to the bundle and the question.
//!
//! A cursor is opaque to clients: a version, the first bytes of the bundle's
//! digest, a digest of the question keyed by the bundle, the day asked for and
//! the offset, in hexadecimal. It holds nothing of the query's text.

use jiff::civil::Date;
use sha2::{Digest, Sha256};

use crate::catalog::{Snapshot, hex};
use crate::http::errors::{ApiError, ApiResult, ErrorCode};
use crate::search::{ChosenSense, Filters, Mode};

/// The form of the cursors that this program makes.
const VERSION: u8 = 1;
/// Version, bundle, question, day (year, month, day) and offset.
const BYTES: usize = 1 + 8 + 12 + 4 + 4;

/// What a question asks, whatever the page.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub text: &'a str,
    pub filters: &'a Filters,
    pub mode: Mode,
    pub senses: &'a [ChosenSense],
    pub date: Date,
}

/// The cursor to the hits of `asked` from `offset` on.
pub(crate) fn write(snapshot: &Snapshot, asked: Asked<'_>, offset: usize) -> Option<String> {
    let mut bytes = Vec::with_capacity(BYTES);
    bytes.push(VERSION);
    bytes.extend_from_slice(&bundle_mark(snapshot));
    bytes.extend_from_slice(&question_mark(snapshot, asked));
    bytes.extend_from_slice(&asked.date.year().to_be_bytes());
    bytes.extend_from_slice(&asked.date.month().to_be_bytes());
    bytes.extend_from_slice(&asked.date.day().to_be_bytes());
    bytes.extend_from_slice(&u32::try_from(offset).ok()?.to_be_bytes());
    Some(hex(&bytes))
}

/// A cursor whose form is right; [`Cursor::offset`] says whether it is of a question.
#[derive(Clone, Debug)]
pub(crate) struct Cursor {
    bundle: [u8; 8],
    question: [u8; 12],
    /// The day; a cursor of ours has one.
    date: Option<Date>,
    offset: usize,
}

impl Cursor {
    /// Reads what [`write()`] wrote.
    pub(crate) fn read(text: &str) -> ApiResult<Cursor> {
        let bytes = unhex(text).ok_or_else(|| bad("it is not one that this service made"))?;
        let malformed = || bad("it is not one that this service made");
        let (version, rest) = bytes.split_first().ok_or_else(malformed)?;
        let (bundle, rest) = rest.split_first_chunk().ok_or_else(malformed)?;
        let (question, rest) = rest.split_first_chunk().ok_or_else(malformed)?;
        let (year, rest) = rest.split_first_chunk().ok_or_else(malformed)?;
        let (&[month, day], rest) = rest.split_first_chunk().ok_or_else(malformed)?;
        let (offset, rest) = rest.split_first_chunk().ok_or_else(malformed)?;
        let signed = |byte: u8| i8::try_from(byte).unwrap_or(-1);
        let date = Date::new(i16::from_be_bytes(*year), signed(month), signed(day));
        if *version != VERSION || !rest.is_empty() {
            return Err(malformed());
        }
        Ok(Cursor {
            bundle: *bundle,
            question: *question,
            date: date.ok(),
            offset: usize::try_from(u32::from_be_bytes(*offset)).unwrap_or(usize::MAX),
        })
    }

    /// The day its question was asked for: pages go on for it after midnight.
    pub(crate) fn date(&self) -> Option<Date> {
        self.date
    }

    /// Where the page of `asked` begins.
    pub(crate) fn offset(&self, snapshot: &Snapshot, asked: Asked<'_>) -> ApiResult<usize> {
        if self.bundle != bundle_mark(snapshot) {
            let detail = "it is of data that no longer answers; ask again from the first page";
            return Err(ApiError::new(ErrorCode::CursorExpired, detail).at("cursor"));
        }
        if self.question != question_mark(snapshot, asked) {
            return Err(bad("it belongs to another query, filter, mode or date"));
        }
        Ok(self.offset)
    }
}

fn bad(detail: &'static str) -> ApiError {
    ApiError::new(ErrorCode::BadCursor, detail).at("cursor")
}

fn bundle_mark(snapshot: &Snapshot) -> [u8; 8] {
    first(&Sha256::digest(snapshot.digest()))
}

fn question_mark(snapshot: &Snapshot, asked: Asked<'_>) -> [u8; 12] {
    let mut digest = Sha256::new();
    // Every part is preceded by its length, so that no two questions are one text.
    let mut part = |text: &str| {
        digest.update(text.len().to_be_bytes());
        digest.update(text);
    };
    part(snapshot.digest());
    part(asked.text);
    part(&asked.date.to_string());
    part(match asked.mode {
        Mode::Complete => "complete",
        Mode::Final => "final",
    });
    part(match asked.filters.billable {
        None => "",
        Some(true) => "true",
        Some(false) => "false",
    });
    part(asked.filters.chapter.as_deref().unwrap_or(""));
    for system in &asked.filters.systems {
        part(system.id());
    }
    for sense in asked.senses {
        part(sense.from());
        part(sense.to());
    }
    first(&digest.finalize())
}

fn first<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut array = [0; N];
    for (to, from) in array.iter_mut().zip(bytes) {
        *to = *from;
    }
    array
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if text.len() != 2 * BYTES {
        return None;
    }
    let digits: Vec<u8> = text
        .chars()
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<_>>()?;
    Some(
        digits
            .chunks(2)
            .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::Cursor;

    #[test]
    fn texts_that_are_no_cursors_are_refused() {
        for text in [
            "",
            "01",
            "zz",
            &"0".repeat(58),
            &"f".repeat(58),
            &"é".repeat(29),
        ] {
            assert!(Cursor::read(text).is_err(), "{text}");
        }
    }
}
