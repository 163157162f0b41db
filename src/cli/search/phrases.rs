//! `codebook search --file`: a phrase a line, answered in parallel and in order.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use codebook::search::{SearchRequest, Searcher};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use serde::Serialize;

use super::{SearchAnswer, answer};
use crate::cli::CliError;

/// The lines that are answered at once; memory holds no more of them.
const LINES: usize = 512;

/// How answers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// A JSON object a line of the file.
    Lines,
    /// A row a hit.
    Csv,
}

/// The answer to a line.
#[derive(Serialize)]
struct LineAnswer {
    line: u64,
    answer: SearchAnswer,
}

/// A hit as a row.
#[derive(Clone, Copy, Serialize)]
struct Row<'a> {
    line: u64,
    text: &'a str,
    rank: usize,
    system: &'a str,
    code: &'a str,
    display: &'a str,
    billable: bool,
    score: f64,
    kind: &'a str,
    matched: &'a str,
}

/// Answers every line of the file at `path` that is not blank, as `asked` asks; `-` is the
/// standard input.
pub(super) fn run(
    searcher: &Searcher,
    path: &Path,
    asked: &SearchRequest,
    explain: bool,
    format: Format,
    out: &mut dyn Write,
) -> Result<(), CliError> {
    let ask = |text: &str| {
        let request = SearchRequest {
            text: text.to_owned(),
            ..asked.clone()
        };
        answer(searcher, &request, explain)
    };
    match format {
        Format::Lines => each(path, ask, |line, _, answer| {
            serde_json::to_writer(&mut *out, &LineAnswer { line, answer })?;
            Ok(out.write_all(b"\n")?)
        }),
        Format::Csv => {
            let mut rows = csv::Writer::from_writer(out);
            each(path, ask, |line, text, answer| {
                write_rows(&mut rows, line, text, &answer)
            })?;
            Ok(rows.flush()?)
        }
    }
}

/// Asks for each line of a file, many at once, and writes the answers in order.
fn each(
    path: &Path,
    ask: impl Fn(&str) -> Result<SearchAnswer, CliError> + Sync,
    mut write: impl FnMut(u64, &str, SearchAnswer) -> Result<(), CliError>,
) -> Result<(), CliError> {
    let failed = |source| CliError::Questions {
        path: PathBuf::from(path),
        source,
    };
    let mut lines: Box<dyn BufRead> = if path == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(BufReader::new(File::open(path).map_err(failed)?))
    };
    let mut number = 0;
    loop {
        let block = block(&mut lines, &mut number).map_err(failed)?;
        if block.is_empty() {
            return Ok(());
        }
        let answers: Vec<(u64, String, Result<SearchAnswer, CliError>)> = block
            .into_par_iter()
            .map(|(line, text)| {
                let answer = ask(&text);
                (line, text, answer)
            })
            .collect();
        for (line, text, answer) in answers {
            write(line, &text, answer?)?;
        }
    }
}

/// A row for each hit; one without a code where nothing was found.
fn write_rows(
    rows: &mut csv::Writer<&mut dyn Write>,
    line: u64,
    text: &str,
    answer: &SearchAnswer,
) -> Result<(), CliError> {
    let none = Row {
        line,
        text,
        rank: 0,
        system: "",
        code: "",
        display: "",
        billable: false,
        score: 0.0,
        kind: "",
        matched: "",
    };
    if answer.results.is_empty() {
        rows.serialize(none)?;
    }
    for (rank, hit) in (1..).zip(&answer.results) {
        rows.serialize(Row {
            rank,
            system: hit.system,
            code: &hit.code,
            display: &hit.display,
            billable: hit.billable,
            score: hit.score,
            kind: hit.matched.kind,
            matched: &hit.matched.text,
            ..none
        })?;
    }
    Ok(())
}

/// The next lines with their numbers, blank ones left out.
fn block(lines: &mut dyn BufRead, number: &mut u64) -> io::Result<Vec<(u64, String)>> {
    let mut block = Vec::new();
    let mut bytes = Vec::new();
    while block.len() < LINES {
        bytes.clear();
        if lines.read_until(b'\n', &mut bytes)? == 0 {
            break;
        }
        *number += 1;
        let text = String::from_utf8_lossy(&bytes);
        let text = text.trim_start_matches('\u{feff}').trim();
        if !text.is_empty() {
            block.push((*number, text.to_owned()));
        }
    }
    Ok(block)
}
