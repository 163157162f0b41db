//! Answers as they are written: NDJSON, CSV or text.

use std::io::Write;

use codebook::edits::{CheckAnswer, Claim, ClaimReport, Finding, Outcome, Severity};
use serde::Serialize;

use super::claims::Given;
use super::{Job, OutputFormat};

/// The titles of the CSV.
pub(super) const CSV_HEADER: &[u8] =
    b"position,claim,edit,outcome,severity,lines,codes,table,row,text\n";

/// A claim that could not be read.
#[derive(Serialize)]
struct UnreadAnswer<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    claim: Option<&'a str>,
    position: u64,
    error: &'a str,
}

/// Writes why a claim could not be read.
pub(super) fn unread(job: &Job, given: &Given<'_>, problem: &str, out: &mut Vec<u8>) {
    match job.output {
        OutputFormat::Ndjson => json(
            &UnreadAnswer {
                claim: given.id,
                position: given.position,
                error: problem,
            },
            out,
        ),
        OutputFormat::Csv => csv_row(given, &["unreadable", "", "", "", "", "", "", problem], out),
        OutputFormat::Text => {
            heading(given, out);
            line(out, format_args!("  cannot be read: {problem}"));
        }
    }
}

/// Writes the report on a claim.
pub(super) fn report(
    job: &Job,
    given: &Given<'_>,
    claim: &Claim,
    report: &ClaimReport<'_>,
    out: &mut Vec<u8>,
) {
    let answer = CheckAnswer {
        claim: given.id,
        position: Some(given.position),
        ..CheckAnswer::short(claim, report, job.book.bundle(), job.with_all)
    };
    match job.output {
        OutputFormat::Ndjson => json(&answer, out),
        OutputFormat::Csv => csv_report(given, claim, report, &answer, out),
        OutputFormat::Text => text_report(given, report, &answer, out),
    }
}

fn json(answer: &impl Serialize, out: &mut Vec<u8>) {
    // Texts and numbers always become JSON, and memory takes them.
    let _ = serde_json::to_writer(&mut *out, answer);
    out.push(b'\n');
}

fn csv_report(
    given: &Given<'_>,
    claim: &Claim,
    report: &ClaimReport<'_>,
    answer: &CheckAnswer<'_>,
    out: &mut Vec<u8>,
) {
    let mut told = 0;
    for finding in answer.findings.told() {
        told += 1;
        let lines = finding.lines.iter().filter_map(|at| claim.lines.get(*at));
        let lines: Vec<&str> = lines.map(|line| line.id.as_str()).collect();
        let codes = finding.diagnoses.iter();
        let codes: Vec<&str> = codes
            .filter_map(|at| claim.diagnoses.get(*at))
            .map(String::as_str)
            .collect();
        let table = finding.table.map(|table| table.to_string());
        let row = finding.row.map(|row| format!("{}:{}", row.file, row.line));
        let fields = [
            finding.edit.id(),
            finding.outcome.id(),
            finding.severity.id(),
            &lines.join(" "),
            &codes.join(" "),
            table.as_deref().unwrap_or(""),
            row.as_deref().unwrap_or(""),
            &finding.text,
        ];
        csv_row(given, &fields, out);
    }
    for missing in &report.not_checked {
        told += 1;
        let (edit, outcome) = (missing.edit.id(), Outcome::NoData.id());
        let fields = [edit, outcome, "info", "", "", "", "", &missing.reason];
        csv_row(given, &fields, out);
    }
    if told == 0 {
        let outcome = Outcome::DoesNotApply.id();
        csv_row(given, &["", outcome, "", "", "", "", "", ""], out);
    }
}

fn csv_row(given: &Given<'_>, fields: &[&str; 8], out: &mut Vec<u8>) {
    let position = given.position.to_string();
    let mut writer = csv::Writer::from_writer(out);
    let named = [position.as_str(), given.id.unwrap_or("")];
    // Memory takes what is written.
    let _ = writer.write_record(named.iter().chain(fields));
    let _ = writer.flush();
}

fn heading(given: &Given<'_>, out: &mut Vec<u8>) {
    match given.id {
        Some(id) => line(out, format_args!("claim {id} (at {})", given.position)),
        None => line(out, format_args!("claim at {}", given.position)),
    }
}

fn text_report(
    given: &Given<'_>,
    report: &ClaimReport<'_>,
    answer: &CheckAnswer<'_>,
    out: &mut Vec<u8>,
) {
    heading(given, out);
    for finding in answer.findings.told() {
        line(out, format_args!("  {:<6} {}", mark(finding), finding.text));
        if let (Some(table), Some(row)) = (finding.table, finding.row) {
            let (file, at) = (row.file, row.line);
            line(out, format_args!("         {table}, {file} line {at}"));
        }
    }
    for missing in &report.not_checked {
        let (edit, reason) = (missing.edit.id(), &missing.reason);
        line(out, format_args!("  not checked: {edit}: {reason}"));
    }
    if report.not_checked.is_empty() && answer.findings.told().next().is_none() {
        line(out, format_args!("  nothing applies"));
    }
}

/// What a finding asks for, in a word.
fn mark(finding: &Finding<'_>) -> &'static str {
    match (finding.outcome, finding.severity) {
        (Outcome::DoesNotApply, _) => "ok",
        (Outcome::NoData, Severity::Info) => "open",
        (_, severity) => severity.id(),
    }
}

fn line(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    // Memory takes what is written.
    let _ = writeln!(out, "{text}");
}
