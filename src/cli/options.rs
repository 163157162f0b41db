//! The options that several commands share.

use std::path::PathBuf;

use clap::Args;
use codebook::search::Filters;
use codesets::CodeSystem;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Which bundle answers.
#[derive(Debug, Args)]
pub(super) struct BundleOption {
    /// The bundle that answers; without it, the embedded release from the cache folder.
    #[arg(long, value_name = "DIR", env = "CODEBOOK_BUNDLE", global = true)]
    pub(super) bundle: Option<PathBuf>,
}

/// The day of service.
#[derive(Debug, Args)]
pub(super) struct DateOption {
    /// The day of service, YYYY-MM-DD, which decides the release; without it, today.
    #[arg(long, value_name = "DAY", value_parser = day, global = true)]
    pub(super) date: Option<Date>,
}

impl DateOption {
    /// The day that was given, or the day it is in universal time.
    pub(super) fn day(&self) -> Date {
        self.date
            .unwrap_or_else(|| Timestamp::now().to_zoned(TimeZone::UTC).date())
    }
}

/// Which codes may answer.
#[derive(Debug, Args)]
pub(super) struct FilterOptions {
    /// Only codes of these systems: icd10cm, icd10pcs, hcpcs, cpt, icd11, icd10who.
    #[arg(long, value_name = "SYSTEM", value_delimiter = ',')]
    system: Vec<CodeSystem>,
    /// Only codes that can be billed; with `=false`, only headers.
    #[arg(
        long,
        value_name = "YES",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    billable: Option<bool>,
    /// Only codes of the chapter with this number, as the publisher writes it.
    #[arg(long, value_name = "NUMBER")]
    chapter: Option<String>,
}

impl FilterOptions {
    /// The filters as search takes them.
    pub(super) fn filters(self) -> Filters {
        Filters {
            systems: self.system,
            billable: self.billable,
            chapter: self.chapter.map(|chapter| chapter.trim().to_owned()),
        }
    }
}

fn day(text: &str) -> Result<Date, String> {
    text.parse()
        .map_err(|_| "a day is written YYYY-MM-DD, as 2026-04-01".to_owned())
}
