//! What was found over all claims, by edit.

use std::io::Write;

use codebook::edits::{ClaimReport, EditKind, Severity, Tally};

use crate::cli::{CliError, output};

/// What is counted over all claims.
#[derive(Clone, Debug, Default)]
pub(super) struct Totals {
    /// Claims met, those that could not be read too.
    pub(super) claims: u64,
    /// Claims that could not be read.
    pub(super) unread: u64,
    /// Claims with a finding that denies.
    denied: u64,
    /// Other claims with a finding that somebody has to review.
    review: u64,
    /// Claims on which an edit could not be checked.
    in_part: u64,
    edits: [Tally; EditKind::ALL.len()],
}

impl Totals {
    /// Counts the report on a claim.
    pub(super) fn count(&mut self, report: &ClaimReport<'_>) {
        if report.count(Severity::Deny) > 0 {
            self.denied += 1;
        } else if report.count(Severity::Review) > 0 {
            self.review += 1;
        }
        self.in_part += u64::from(!report.not_checked.is_empty());
        self.sum(&report.tallies);
    }

    /// Adds what was counted elsewhere.
    pub(super) fn add(&mut self, other: &Totals) {
        self.claims += other.claims;
        self.unread += other.unread;
        self.denied += other.denied;
        self.review += other.review;
        self.in_part += other.in_part;
        self.sum(&other.edits);
    }

    fn sum(&mut self, tallies: &[Tally]) {
        for (sum, tally) in self.edits.iter_mut().zip(tallies) {
            sum.applies += tally.applies;
            sum.does_not_apply += tally.does_not_apply;
            sum.no_data += tally.no_data;
        }
    }
}

/// Writes the summary.
pub(super) fn write(out: &mut dyn Write, totals: &Totals) -> Result<(), CliError> {
    let titles = ["edit", "applies", "does not apply", "no data"];
    let mut table = output::table(&titles, &[1, 2, 3]);
    for (edit, tally) in EditKind::ALL.iter().zip(&totals.edits) {
        if *tally != Tally::default() {
            table.add_row([
                edit.id().to_owned(),
                tally.applies.to_string(),
                tally.does_not_apply.to_string(),
                tally.no_data.to_string(),
            ]);
        }
    }
    output::write_table(out, &table)?;
    writeln!(
        out,
        "\n{} claims: {} with a denial, {} to review, {} checked in part, {} not readable",
        totals.claims, totals.denied, totals.review, totals.in_part, totals.unread
    )?;
    Ok(())
}
