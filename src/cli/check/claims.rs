//! The claims of a batch, read one after the other.

use codebook::edits::{CLAIM_MEMBERS, Claim, ClaimBody};
use codesets::formats::x12::X12ClaimError;
use csv::StringRecord;

use super::Job;
use super::columns::Columns;
use super::input::Batch;

/// A claim and where it stands: a line, a segment, or its place in a document.
pub(super) struct Given<'a> {
    /// Where.
    pub(super) position: u64,
    /// Its own name, if it has one.
    pub(super) id: Option<&'a str>,
    /// The claim, or why it cannot be read.
    pub(super) claim: Result<Claim, String>,
}

/// Gives every claim of `batch` to `take`, in order.
pub(super) fn each(job: &Job, batch: &Batch, take: &mut dyn FnMut(Given<'_>)) {
    match batch {
        Batch::Lines { first, text } | Batch::Values { first, text } => {
            let lines = text.split(|byte| *byte == b'\n');
            for (position, line) in (*first..).zip(lines) {
                if !line.trim_ascii().is_empty() {
                    of_json(job, position, line, take);
                }
            }
        }
        Batch::X12(claims) => {
            for claim in claims {
                match claim {
                    Ok(read) => take(Given {
                        position: read.segment,
                        id: Some(&read.id),
                        claim: Claim::from_x12(read, job.x12_setting, job.defaults.payer)
                            .map_err(|error| chain(&error)),
                    }),
                    Err(errors) => take(unread(errors)),
                }
            }
        }
        Batch::Rows { columns, rows } => of_rows(job, columns, rows, take),
    }
}

fn of_json(job: &Job, position: u64, line: &[u8], take: &mut dyn FnMut(Given<'_>)) {
    let line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
    // The members of an array would be taken in order, which nobody means.
    if !line.trim_ascii_start().starts_with(b"{") {
        take(Given {
            position,
            id: None,
            claim: Err("it is not a JSON object".to_owned()),
        });
        return;
    }
    match serde_json::from_slice::<ClaimBody<'_>>(line) {
        Ok(body) => {
            let id = body.id().map(str::to_owned);
            take(Given {
                position,
                id: id.as_deref(),
                claim: body
                    .into_claim(job.defaults)
                    .map_err(|error| error.to_string()),
            });
        }
        Err(error) => {
            // The message of the error would repeat values, so only its place is told.
            let column = error.column();
            let problem = match error.classify() {
                serde_json::error::Category::Data => format!(
                    "column {column}: a member is unknown or has another type; {CLAIM_MEMBERS}"
                ),
                serde_json::error::Category::Eof
                | serde_json::error::Category::Syntax
                | serde_json::error::Category::Io => format!("column {column}: it is not JSON"),
            };
            take(Given {
                position,
                id: None,
                claim: Err(problem),
            });
        }
    }
}

fn unread(errors: &[X12ClaimError]) -> Given<'_> {
    let problems: Vec<String> = errors.iter().map(ToString::to_string).collect();
    let first = errors.first();
    Given {
        position: first.map_or(0, |error| error.segment),
        id: first
            .map(|error| &*error.claim)
            .filter(|claim| !claim.is_empty()),
        claim: Err(problems.join("; ")),
    }
}

fn of_rows(
    job: &Job,
    columns: &Columns,
    rows: &[(u64, Result<StringRecord, String>)],
    take: &mut dyn FnMut(Given<'_>),
) {
    let claims = rows.chunk_by(|(_, before), (_, row)| match (before, row) {
        (Ok(before), Ok(row)) => columns.are_one_claim(before, row),
        (Ok(_) | Err(_), Ok(_) | Err(_)) => false,
    });
    for rows in claims {
        let position = rows.first().map_or(0, |(line, _)| *line);
        let read: Result<Vec<(u64, &StringRecord)>, String> = rows
            .iter()
            .map(|(line, row)| Ok((*line, row.as_ref().map_err(String::clone)?)))
            .collect();
        match read {
            Err(problem) => take(Given {
                position,
                id: None,
                claim: Err(problem),
            }),
            Ok(rows) => {
                let claim = columns.claim_of(&rows, job.defaults);
                let id = rows.first().and_then(|(_, row)| columns.claim(row));
                take(match claim {
                    Ok(claim) => Given {
                        position,
                        id,
                        claim: Ok(claim),
                    },
                    Err((line, problem)) => Given {
                        position: line,
                        id,
                        claim: Err(problem),
                    },
                });
            }
        }
    }
}

/// An error and its causes in one line.
fn chain(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}
