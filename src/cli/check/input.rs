//! Files of claims, cut into batches that threads can take away.
//!
//! Cutting is cheap and done by one thread at a time; what is in a batch is read
//! by the thread that takes it.

use std::io::{self, BufRead, Read};
use std::path::Path;
use std::sync::Arc;

use codesets::formats::x12::{ClaimReader, SegmentSplitter, X12Claim, X12ClaimError, looks_like};
use csv::StringRecord;

use super::ClaimFormat;
use super::columns::Columns;
use crate::cli::CliError;

/// About how many bytes a batch has: enough that taking one costs nothing beside reading it.
const BATCH_BYTES: usize = 256 << 10;
/// The longest line, and the longest segment.
const LONGEST_LINE_BYTES: u64 = 16 << 20;
/// The longest JSON document; NDJSON has no limit.
const LONGEST_DOCUMENT_BYTES: u64 = 256 << 20;

/// Some claims of a file, in order.
pub(super) enum Batch {
    /// Lines of NDJSON.
    Lines {
        /// The number of the first one.
        first: u64,
        /// The lines.
        text: Vec<u8>,
    },
    /// JSON values, counted from 1.
    Values {
        /// The number of the first one.
        first: u64,
        /// A value each, on a line of its own.
        text: Vec<u8>,
    },
    /// Claims of interchanges, and those that could not be read.
    X12(Vec<Result<X12Claim, Vec<X12ClaimError>>>),
    /// Rows of a table, those of a claim together.
    Rows {
        /// What the columns are.
        columns: Arc<Columns>,
        /// The rows, with their lines.
        rows: Vec<(u64, Result<StringRecord, String>)>,
    },
}

type Reader = io::BufReader<Box<dyn Read + Send>>;

/// A file of claims.
pub(super) enum Input {
    Lines { reader: Reader, next: u64 },
    Values(Option<Vec<u8>>),
    X12(Box<X12Input>),
    Csv(Box<CsvInput>),
}

impl Input {
    /// The claims of `reader`, in the format given or the one that its beginning shows.
    pub(super) fn open(
        mut reader: Reader,
        format: Option<ClaimFormat>,
        path: &Path,
    ) -> Result<Input, CliError> {
        let unreadable = |source| CliError::Claims {
            path: path.to_owned(),
            source,
        };
        let format = match format {
            Some(format) => format,
            None => detect(reader.fill_buf().map_err(unreadable)?)
                .ok_or_else(|| CliError::NoClaims(format!(
                    "`{}` does not begin as claims do in JSON, NDJSON, X12 or CSV; name its format with --format",
                    path.display()
                )))?,
        };
        Ok(match format {
            ClaimFormat::Ndjson => Input::Lines { reader, next: 1 },
            ClaimFormat::Json => {
                let mut text = Vec::new();
                let mut limited = reader.take(LONGEST_DOCUMENT_BYTES + 1);
                limited.read_to_end(&mut text).map_err(unreadable)?;
                if text.len() as u64 > LONGEST_DOCUMENT_BYTES {
                    return Err(CliError::NoClaims(format!(
                        "`{}` is longer than {} MiB, and JSON is read whole; write a claim a line (NDJSON)",
                        path.display(),
                        LONGEST_DOCUMENT_BYTES >> 20
                    )));
                }
                Input::Values(Some(text))
            }
            ClaimFormat::X12 => Input::X12(Box::new(X12Input {
                reader,
                splitter: SegmentSplitter::new(),
                claims: Some(ClaimReader::new()),
                pending: Vec::new(),
                is_end: false,
            })),
            ClaimFormat::Csv => Input::Csv(Box::new(CsvInput::open(reader)?)),
        })
    }

    /// The next batch and how many bytes it took; `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<(Batch, u64)>> {
        match self {
            Input::Lines { reader, next } => lines(reader, next),
            Input::Values(text) => text.take().map(|text| values(&text)).transpose(),
            Input::X12(input) => input.next(),
            Input::Csv(input) => Ok(input.next()),
        }
    }
}

/// The format that the beginning of a file shows.
fn detect(head: &[u8]) -> Option<ClaimFormat> {
    if looks_like(head) {
        return Some(ClaimFormat::X12);
    }
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let head = head.trim_ascii_start();
    let line = head.split(|byte| *byte == b'\n').next()?.trim_ascii();
    match line {
        [b'[', ..] => Some(ClaimFormat::Json),
        // An object that goes on behind its first line is a document.
        [b'{', ..] if line.len() < head.len() && goes_on(line) => Some(ClaimFormat::Json),
        [b'{', ..] => Some(ClaimFormat::Ndjson),
        _ => Columns::looks_like(line).then_some(ClaimFormat::Csv),
    }
}

/// Whether a text is the beginning of a JSON value that does not end in it.
fn goes_on(text: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(text).is_err_and(|error| error.is_eof())
}

fn lines(reader: &mut Reader, next: &mut u64) -> io::Result<Option<(Batch, u64)>> {
    let mut text = Vec::with_capacity(BATCH_BYTES + (16 << 10));
    while text.len() < BATCH_BYTES {
        let chunk = reader.fill_buf()?;
        if chunk.is_empty() {
            break;
        }
        let taken = chunk.len().min(BATCH_BYTES - text.len());
        text.extend_from_slice(chunk.get(..taken).unwrap_or_default());
        reader.consume(taken);
    }
    if text.is_empty() {
        return Ok(None);
    }
    if text.last() != Some(&b'\n') {
        let mut rest = reader.by_ref().take(LONGEST_LINE_BYTES);
        let read = rest.read_until(b'\n', &mut text)?;
        if read as u64 == LONGEST_LINE_BYTES && text.last() != Some(&b'\n') {
            return Err(too_long("a line"));
        }
    }
    let first = *next;
    *next += text.iter().filter(|byte| **byte == b'\n').count() as u64;
    let taken = text.len() as u64;
    Ok(Some((Batch::Lines { first, text }, taken)))
}

fn too_long(what: &str) -> io::Error {
    let most = LONGEST_LINE_BYTES >> 20;
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("{what} is longer than {most} MiB; is this a file of claims?"),
    )
}

/// The values of a JSON document: an array's, or those that follow each other.
fn values(text: &[u8]) -> io::Result<(Batch, u64)> {
    let damaged = |error: serde_json::Error| {
        // The message of the error would repeat values, so only its place is told.
        let place = format!("line {}, column {}", error.line(), error.column());
        io::Error::new(
            io::ErrorKind::InvalidData,
            format!("it is not JSON: {place}"),
        )
    };
    let body = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    let mut lines = Vec::with_capacity(text.len());
    let mut add = |value: &serde_json::Value| -> io::Result<()> {
        serde_json::to_writer(&mut lines, value).map_err(damaged)?;
        lines.push(b'\n');
        Ok(())
    };
    for value in serde_json::Deserializer::from_slice(body).into_iter::<serde_json::Value>() {
        match value.map_err(damaged)? {
            serde_json::Value::Array(values) => values.iter().try_for_each(&mut add)?,
            value => add(&value)?,
        }
    }
    let batch = Batch::Values {
        first: 1,
        text: lines,
    };
    Ok((batch, text.len() as u64))
}

/// Interchanges, read segment by segment.
pub(super) struct X12Input {
    reader: Reader,
    splitter: SegmentSplitter,
    claims: Option<ClaimReader>,
    /// Bytes that were read and do not yet make a segment.
    pending: Vec<u8>,
    is_end: bool,
}

impl X12Input {
    fn next(&mut self) -> io::Result<Option<(Batch, u64)>> {
        let Some(claims) = &mut self.claims else {
            return Ok(None);
        };
        let mut batch = Vec::new();
        let mut taken = 0;
        while taken < BATCH_BYTES {
            let mut start = 0;
            while let Some((segment, length)) = self
                .splitter
                .next(self.pending.get(start..).unwrap_or_default(), self.is_end)
            {
                batch.extend(claims.read(&segment));
                start += length;
            }
            self.pending.drain(..start.min(self.pending.len()));
            taken += start;
            if self.is_end {
                if let Some(claims) = self.claims.take() {
                    batch.extend(claims.finish());
                }
                break;
            }
            if self.pending.len() as u64 > LONGEST_LINE_BYTES {
                return Err(too_long("a segment"));
            }
            let chunk = self.reader.fill_buf()?;
            self.is_end = chunk.is_empty();
            let read = chunk.len();
            self.pending.extend_from_slice(chunk);
            self.reader.consume(read);
        }
        Ok(Some((Batch::X12(batch), taken as u64)))
    }
}

/// A table of service lines.
pub(super) struct CsvInput {
    reader: csv::Reader<Reader>,
    columns: Arc<Columns>,
    /// The first row of the next batch.
    held: Option<(u64, Result<StringRecord, String>)>,
    position: u64,
}

impl CsvInput {
    fn open(reader: Reader) -> Result<CsvInput, CliError> {
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(reader);
        let header = reader.headers().map_err(|_| {
            CliError::NoClaims("the first row of the table cannot be read".to_owned())
        })?;
        let columns = Columns::read(header).map_err(CliError::NoClaims)?;
        Ok(CsvInput {
            reader,
            columns: Arc::new(columns),
            held: None,
            position: 0,
        })
    }

    fn next(&mut self) -> Option<(Batch, u64)> {
        let mut rows: Vec<(u64, Result<StringRecord, String>)> = Vec::new();
        let mut bytes = 0;
        while let Some((line, row)) = self.held.take().or_else(|| self.row()) {
            let is_next_claim = match (rows.last(), &row) {
                (Some((_, Ok(before))), Ok(row)) => !self.columns.are_one_claim(before, row),
                _ => true,
            };
            if bytes >= BATCH_BYTES && is_next_claim {
                self.held = Some((line, row));
                break;
            }
            bytes += row.as_ref().map_or(0, |row| row.as_slice().len());
            rows.push((line, row));
        }
        if rows.is_empty() {
            return None;
        }
        let before = std::mem::replace(&mut self.position, self.reader.position().byte());
        let batch = Batch::Rows {
            columns: Arc::clone(&self.columns),
            rows,
        };
        Some((batch, self.position.saturating_sub(before)))
    }

    fn row(&mut self) -> Option<(u64, Result<StringRecord, String>)> {
        let line = self.reader.position().line();
        let mut record = StringRecord::new();
        match self.reader.read_record(&mut record) {
            Ok(false) => None,
            Ok(true) => {
                let line = record.position().map_or(line, csv::Position::line);
                Some((line, Ok(record)))
            }
            Err(_) => Some((line, Err("the row is not text in UTF-8".to_owned()))),
        }
    }
}
